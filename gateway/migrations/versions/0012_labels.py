"""Runs of labels, and hidden codes that were claimed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "label_runs",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("format", _words(40), nullable=False),
        sa.Column("variant", _words(10), nullable=False),
        sa.Column("purpose", _words(10), nullable=False),
        sa.Column("reason", _words(20), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("language", _words(10), nullable=False),
        sa.Column("made_by", _words(80), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("state", _words(10), nullable=False),
        sa.Column("job", _words(40), nullable=False),
        sa.Column("sha256", _words(64), nullable=False),
        sa.Column("size", BIGINT, nullable=False),
        sa.Column("filename", _words(120), nullable=False),
        sa.Column("trouble", _words(200), nullable=False),
    )
    op.create_index("label_runs_by_time", "label_runs", ["made_at", "id"])
    op.create_table(
        "labels",
        sa.Column("run", _words(40), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("code", _words(20), nullable=False),
        sa.Column("lot", _words(40), nullable=False),
        sa.Column("level", _words(10), nullable=False),
        sa.Column("grade", _words(10), nullable=False),
        sa.Column("fragment", _words(400), nullable=False),
        sa.Column("hidden", _words(20), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
    )
    op.create_index("labels_by_code", "labels", ["code"])
    op.create_index("labels_by_lot", "labels", ["lot", "run"])
    op.create_table(
        "hidden_codes",
        sa.Column("code", _words(20), primary_key=True),
        sa.Column("run", _words(40), nullable=False),
        sa.Column("digest", _words(64), nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=True),
    )
    op.create_index("ix_hidden_codes_run", "hidden_codes", ["run"])


def downgrade() -> None:
    for name in ("hidden_codes", "labels", "label_runs"):
        op.drop_table(name)


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
