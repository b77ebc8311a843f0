"""States of offers, what moved them, what is said of their goods, and samples below the smallest order."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Offers that stood before have no history of their own: their first change will be the first row.
    op.add_column("listings", sa.Column("version", COUNT, nullable=False, server_default="0"))
    op.add_column("listings", sa.Column("offered_until", _words(10), nullable=False, server_default=""))
    op.add_column("listings", sa.Column("wording", _long(), nullable=False, server_default=""))
    op.create_table(
        "offer_changes",
        sa.Column("listing", _words(40), primary_key=True),
        sa.Column("version", COUNT, primary_key=True, autoincrement=False),
        sa.Column("before", _words(20), nullable=False),
        sa.Column("after", _words(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", _words(60), nullable=False),
        sa.Column("reason", _words(60), nullable=False),
        sa.Column("note", _long(), nullable=False),
    )
    op.create_table(
        "sample_orders",
        sa.Column("company", _words(40), primary_key=True),
        sa.Column("lot", _words(40), primary_key=True),
        sa.Column("reservation", _words(40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("sample_orders")
    op.drop_table("offer_changes")
    for column in ("wording", "offered_until", "version"):
        op.drop_column("listings", column)


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _long() -> sa.Text:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
