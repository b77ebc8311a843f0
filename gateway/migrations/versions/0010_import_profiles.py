"""How each supplier writes its sheets, and its stock as it last said."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _profiles()
    _stock()


def downgrade() -> None:
    for name in ("stock_levels", "stock_feeds", "rejected_rows", "import_drafts", "import_profiles"):
        op.drop_table(name)


def _profiles() -> None:
    op.create_table(
        "import_profiles",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("supplier", _words(40), nullable=False, index=True),
        sa.Column("name", _text(), nullable=False),
        sa.Column("document", _text(), nullable=False),
        sa.Column("sha256", _words(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", _words(80), nullable=False),
    )
    op.create_table(
        "import_drafts",
        sa.Column("file", _words(40), primary_key=True),
        sa.Column("owner", _words(40), nullable=False, index=True),
        sa.Column("document", _text(), nullable=False),
        sa.Column("profile", _words(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("amount_minor", BIGINT, nullable=True),
        sa.Column("currency", _words(3), nullable=False),
        sa.Column("mends", _words(64), nullable=False),
        sa.Column("job", _words(40), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    op.create_table(
        "rejected_rows",
        sa.Column("consignment", _words(64), primary_key=True),
        sa.Column("row", BIGINT, primary_key=True, autoincrement=False),
        sa.Column("cells", _text(), nullable=False),
    )


def _stock() -> None:
    op.create_table(
        "stock_feeds",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("supplier", _words(40), nullable=False, index=True),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("added_by", _words(80), nullable=False),
        sa.Column("sha256", _words(64), nullable=False),
        sa.Column("report", _text(), nullable=False),
    )
    op.create_table(
        "stock_levels",
        sa.Column("lot", _words(40), primary_key=True),
        sa.Column("supplier", _words(40), nullable=False, index=True),
        sa.Column("quantity", BIGINT, nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("feed", _words(40), nullable=False),
    )


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _text() -> sa.Text:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
