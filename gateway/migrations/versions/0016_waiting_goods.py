"""Goods of a supplier's file that wait for the supplier's signature."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "import_declarations",
        sa.Column("statement", _words(40), primary_key=True),
        sa.Column("consignment", _words(64), nullable=False, index=True),
        sa.Column("lot", _words(40), nullable=False),
        sa.Column("share", _text(), nullable=False),
    )
    op.create_table(
        "waiting_articles",
        sa.Column("lot", _words(40), primary_key=True),
        sa.Column("source_n", BIGINT, primary_key=True, autoincrement=False),
        sa.Column("consignment", _words(64), nullable=False),
        sa.Column("quantity", BIGINT, nullable=False),
        sa.Column("category", _words(40), nullable=False),
        sa.Column("serialised", sa.Boolean(), nullable=False),
        sa.Column("identifier", _words(60), nullable=False, index=True),
        sa.Column("facts", _text(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("waiting_articles")
    op.drop_table("import_declarations")


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _text() -> sa.Text:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
