"""Price lists, prices that are stated of elsewhere, sale events, pools, and whom lots were matched to."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "price_lists",
    "prices",
    "stated_prices",
    "sale_events",
    "sale_event_lots",
    "pool_moves",
    "audience_moves",
    "match_runs",
)


def upgrade() -> None:
    _lists()
    _events()
    _audiences()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def _lists() -> None:
    op.create_table(
        "price_lists",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("name", _words(120), nullable=False),
        sa.Column("holder_kind", _words(10), nullable=False),
        sa.Column("holder", _words(40), nullable=False),
        sa.Column("market", _words(2), nullable=False),
        sa.Column("currency", _words(3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_by", _words(80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
    )
    op.create_index("price_lists_of_holder", "price_lists", ["holder_kind", "holder"])
    op.create_table(
        "prices",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("list", _words(40), nullable=False),
        sa.Column("listing", _words(40), nullable=False),
        sa.Column("min_qty", COUNT, nullable=False),
        sa.Column("unit_price_minor", COUNT, nullable=False),
        sa.Column("reference", _long(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("price_policy", _words(64), nullable=False),
        sa.Column("override_reason", _long(), nullable=False),
        sa.Column("entered_by", _words(80), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("removed_by", _words(80), nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
    )
    op.create_index("prices_of_listing", "prices", ["listing", "list", "min_qty"])
    op.create_index("prices_of_list", "prices", ["list"])
    op.create_table(
        "stated_prices",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("subject", _words(120), nullable=False),
        sa.Column("market", _words(2), nullable=False),
        sa.Column("kind", _words(20), nullable=False),
        sa.Column("amount_minor", COUNT, nullable=False),
        sa.Column("currency", _words(3), nullable=False),
        sa.Column("source", _words(300), nullable=False),
        sa.Column("stated_on", sa.Date(), nullable=False),
        sa.Column("entered_by", _words(80), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("withdrawn_by", _words(80), nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
    )
    op.create_index("stated_prices_of_subject", "stated_prices", ["subject", "kind"])


def _events() -> None:
    op.create_table(
        "sale_events",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("title_zh", _words(120), nullable=False),
        sa.Column("title_en", _words(120), nullable=False),
        sa.Column("title_vi", _words(120), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("state", _words(12), nullable=False),
        sa.Column("created_by", _words(80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("sale_events_by_end", "sale_events", ["ends_at"])
    op.create_table(
        "sale_event_lots",
        sa.Column("event", _words(40), nullable=False),
        sa.Column("listing", _words(40), nullable=False),
        sa.Column("lot", _words(40), nullable=False),
        sa.Column("offered", COUNT, nullable=False),
        sa.Column("sold_before", COUNT, nullable=False),
        sa.Column("added_by", _words(80), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.Column("left_sold", COUNT, nullable=True),
        sa.PrimaryKeyConstraint("event", "listing"),
    )


def _audiences() -> None:
    op.create_table(
        "pool_moves",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("listing", _words(40), nullable=False),
        sa.Column("from_visibility", _words(12), nullable=False),
        sa.Column("from_tier", sa.Integer(), nullable=False),
        sa.Column("visibility", _words(12), nullable=False),
        sa.Column("tier_min", sa.Integer(), nullable=False),
        sa.Column("reason", _long(), nullable=False),
        sa.Column("by", _words(80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("pool_moves_of_listing", "pool_moves", ["listing", "at"])
    op.create_table(
        "audience_moves",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("listing", _words(40), nullable=False),
        sa.Column("company", _words(40), nullable=False),
        sa.Column("kind", _words(10), nullable=False),
        sa.Column("reason", _long(), nullable=False),
        sa.Column("by", _words(80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("audience_moves_of_listing", "audience_moves", ["listing", "at"])
    op.create_table(
        "match_runs",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("listing", _words(40), nullable=False),
        sa.Column("plan_hash", _words(64), nullable=False),
        sa.Column("policy", _words(64), nullable=False),
        sa.Column("days_open", sa.Integer(), nullable=False),
        sa.Column("wanted", COUNT, nullable=False),
        sa.Column("expected", COUNT, nullable=False),
        sa.Column("plan", _long(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("match_runs_of_listing", "match_runs", ["listing", "at"])


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _long() -> sa.Text:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
