"""Files that people sent in."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("owner", _words(40), nullable=False),
        sa.Column("lot", _words(40), nullable=False),
        sa.Column("added_by", _words(80), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("media_type", _words(80), nullable=False),
        sa.Column("size", BIGINT, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", _words(64), nullable=False),
        sa.Column("thumbnail", _words(64), nullable=False),
        sa.Column("commitment", _words(64), nullable=False),
        sa.Column("salt", _words(64), nullable=False),
        sa.Column("erased_at", MOMENT, nullable=True),
        sa.Column("erased_for", _words(20), nullable=False),
    )
    for column in ("owner", "lot", "sha256", "thumbnail"):
        op.create_index(f"ix_files_{column}", "files", [column])


def downgrade() -> None:
    op.drop_table("files")


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
