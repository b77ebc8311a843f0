"""Roles and limits of companies, purchases, payments."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "company_members", "company_rules", "purchases", "purchase_lines", "purchase_events",
    "purchase_payments",
)  # fmt: skip
# Whoever could buy for a company before could do all of it.
ADMINS = """INSERT INTO company_members (company, user_id, role, limit_minor, currency, period, set_at, set_by)
SELECT organisation, user_id, 'admin', NULL, '', 'month', min(created_at), ''
FROM memberships WHERE role = 'buyer' AND organisation LIKE 'cmp!_%' ESCAPE '!'
GROUP BY organisation, user_id"""


def upgrade() -> None:
    _companies()
    _purchases()
    _holds()
    op.execute(ADMINS)


def _holds() -> None:
    """A hold that stands keeps the price that its buyer saw: that of its offer."""
    op.add_column("reservations", sa.Column("unit_price_minor", BIGINT, nullable=False, server_default="0"))
    for name, length in (("currency", 3), ("price_list", 40), ("head", 64), ("purchase", 40)):
        op.add_column("reservations", sa.Column(name, _words(length), nullable=False, server_default=""))
    op.add_column("reservations", sa.Column("seen", _text(), nullable=False, server_default=""))
    op.add_column(
        "reservations", sa.Column("extended", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    for name in ("unit_price_minor", "currency", "head"):
        op.execute(
            f"UPDATE reservations SET {name} = "  # noqa: S608 - three names of our own
            f"(SELECT {name} FROM listings WHERE listings.id = reservations.listing) "
            "WHERE EXISTS (SELECT 1 FROM listings WHERE listings.id = reservations.listing)"
        )


def _companies() -> None:
    op.create_table(
        "company_members",
        sa.Column("company", _words(40), primary_key=True),
        sa.Column("user_id", _words(40), primary_key=True),
        sa.Column("role", _words(12), nullable=False),
        sa.Column("limit_minor", BIGINT, nullable=True),
        sa.Column("currency", _words(3), nullable=False),
        sa.Column("period", _words(12), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", _words(80), nullable=False),
    )
    op.create_table(
        "company_rules",
        sa.Column("company", _words(40), primary_key=True),
        sa.Column("threshold_minor", BIGINT, nullable=True),
        sa.Column("currency", _words(3), nullable=False),
        sa.Column("consignee", _text(), nullable=False),
        sa.Column("notify_party", _text(), nullable=False),
        sa.Column("port", _words(60), nullable=False),
    )


def _purchases() -> None:
    op.create_table(
        "purchases",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("company", _words(40), nullable=False),
        sa.Column("po_number", _words(60), nullable=False),
        sa.Column("incoterm", _words(3), nullable=False),
        sa.Column("place", _words(60), nullable=False),
        sa.Column("market", _words(2), nullable=False),
        sa.Column("currency", _words(3), nullable=False),
        sa.Column("total_minor", BIGINT, nullable=False),
        sa.Column("deposit_minor", BIGINT, nullable=False),
        sa.Column("balance_days", sa.Integer(), nullable=False),
        sa.Column("state", _words(20), nullable=False),
        sa.Column("before_hold", _words(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("placed_by", _words(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("purchases_of_company", "purchases", ["company", "created_at", "id"])
    op.create_index("purchases_by_number", "purchases", ["company", "po_number"])
    op.create_index("purchases_by_state", "purchases", ["state", "hold_until"])
    op.create_table(
        "purchase_lines",
        sa.Column("purchase", _words(40), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("reservation", _words(40), nullable=False, index=True),
        sa.Column("order_id", _words(40), nullable=False),
    )
    op.create_index("purchase_lines_by_order", "purchase_lines", ["order_id"])
    op.create_table(
        "purchase_events",
        sa.Column("id", BIGINT, primary_key=True),
        sa.Column("purchase", _words(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", _words(80), nullable=False),
        sa.Column("before", _words(20), nullable=False),
        sa.Column("after", _words(20), nullable=False),
        sa.Column("reason", _words(12), nullable=False),
        sa.Column("remark", _text(), nullable=False),
    )
    op.create_index("purchase_events_of", "purchase_events", ["purchase", "id"])
    op.create_table(
        "purchase_payments",
        sa.Column("id", BIGINT, primary_key=True),
        sa.Column("purchase", _words(40), nullable=False, index=True),
        sa.Column("amount_minor", BIGINT, nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", _words(80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", _words(80), nullable=False),
    )


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    for column in ("extended", "seen", "purchase", "head", "price_list", "currency", "unit_price_minor"):
        op.drop_column("reservations", column)


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _text() -> sa.Text:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
