"""What is measured at a bench before it is stated."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LONG = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "measurement_drafts",
        sa.Column("work", _words(40), primary_key=True),
        sa.Column("slot", _words(20), primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", _words(10), nullable=False),
        sa.Column("source", _words(10), nullable=False),
        sa.Column("findings", LONG, nullable=False),
        sa.Column("files", LONG, nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("grade", _words(10), nullable=False),
        sa.Column("confidence", _words(10), nullable=False),
        sa.Column("by", _words(80), nullable=False),
        sa.Column("worker", _words(40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("token", _words(40), nullable=False),
    )
    op.create_index("measurement_drafts_in_order", "measurement_drafts", ["work", "position"])
    op.create_table(
        "workers",
        sa.Column("party", _words(40), primary_key=True),
        sa.Column("principal", _words(80), primary_key=True),
        sa.Column("worker", _words(40), nullable=False),
    )
    op.create_index("ix_workers_worker", "workers", ["worker"])
    op.create_table(
        "device_checks",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("device", _words(40), nullable=False),
        sa.Column("party", _words(40), nullable=False),
        sa.Column("batch", _words(64), nullable=False),
        sa.Column("seed", _words(64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.Column("findings", LONG, nullable=False),
        sa.Column("by", _words(80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("stated", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_device_checks_device", "device_checks", ["device"])


def downgrade() -> None:
    for name in ("device_checks", "workers", "measurement_drafts"):
        op.drop_table(name)


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
