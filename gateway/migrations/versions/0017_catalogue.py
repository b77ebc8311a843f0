"""What buyers search, who may see it, and what they were shown."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEVER = "1970-01-01 00:00:00.000000"
TRAITS = ("category", "grade", "condition", "inspection", "warehouse", "depth", "event")
NARROWED = ("reach", "available", "until", "piece_minor", "listing")
TABLES = ("catalogue", "listing_audience", "listing_access", "listing_exposures", "saved_searches")
FIRST_STOCK = """UPDATE listings SET published_at = (
    SELECT min(at) FROM stock_movements WHERE stock_movements.lot = listings.lot
) WHERE EXISTS (SELECT 1 FROM stock_movements WHERE stock_movements.lot = listings.lot)"""


def upgrade() -> None:
    _columns()
    op.create_table(
        "catalogue",
        sa.Column("listing", _words(40), primary_key=True),
        sa.Column("lot", _words(40), nullable=False),
        sa.Column("market", _words(2), nullable=False),
        sa.Column("head", _words(64), nullable=False),
        sa.Column("judged_on", _words(10), nullable=False),
        sa.Column("judged_size", BIGINT, nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("published_us", BIGINT, nullable=False),
        sa.Column("category", _words(40), nullable=False),
        sa.Column("brand", _text(), nullable=False),
        sa.Column("condition", _words(40), nullable=False),
        sa.Column("grade", _words(10), nullable=False),
        sa.Column("grade_rank", sa.Integer(), nullable=False),
        sa.Column("inspection", _words(20), nullable=False),
        sa.Column("inspection_rank", sa.Integer(), nullable=False),
        sa.Column("hs", _text(), nullable=False),
        sa.Column("piece_minor", BIGINT, nullable=False),
        sa.Column("cap", BIGINT, nullable=False),
        sa.Column("permitted", BIGINT, nullable=False),
        sa.Column("warehouse", _words(60), nullable=False),
        sa.Column("verified_since", _words(10), nullable=False),
        sa.Column("depth", _words(10), nullable=False),
        sa.Column("words", _text(), nullable=False),
        sa.Column("card", _text(), nullable=False),
        sa.Column("reach", sa.Integer(), nullable=False),
        sa.Column("available", BIGINT, nullable=False),
        sa.Column("event", _words(40), nullable=False),
        sa.Column("until", _words(10), nullable=False),
    )
    op.create_index("catalogue_latest", "catalogue", ["market", "published_us", "listing"])
    op.create_index("catalogue_by_price", "catalogue", ["market", "piece_minor", "listing"])
    op.create_index("catalogue_by_available", "catalogue", ["market", "available", "listing"])
    op.create_index("catalogue_by_brand", "catalogue", ["market", "brand", *NARROWED, *TRAITS])
    op.create_index("catalogue_by_traits", "catalogue", ["market", *TRAITS, *NARROWED])
    op.create_index("catalogue_by_lot", "catalogue", ["lot"])
    op.create_table(
        "listing_audience",
        sa.Column("listing", _words(40), primary_key=True),
        sa.Column("company", _words(40), primary_key=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", _text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", _words(60), nullable=False),
        sa.CheckConstraint("score >= 0 AND score <= 1000"),
    )
    op.create_index("audience_of_company", "listing_audience", ["company", "listing"])
    op.create_table(
        "listing_access",
        sa.Column("listing", _words(40), primary_key=True),
        sa.Column("effect", _words(10), primary_key=True),
        sa.Column("kind", _words(10), primary_key=True),
        sa.Column("value", _words(40), primary_key=True),
    )
    op.create_index("access_of_value", "listing_access", ["kind", "value"])
    op.create_table(
        "listing_exposures",
        sa.Column("listing", _words(40), primary_key=True),
        sa.Column("company", _words(40), primary_key=True),
        sa.Column("day", _words(10), primary_key=True),
        sa.Column("why", _words(20), nullable=False),
    )
    op.create_table(
        "saved_searches",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("account", _words(60), nullable=False),
        sa.Column("company", _words(40), nullable=False),
        sa.Column("name", _words(80), nullable=False),
        sa.Column("query", _text(), nullable=False),
        sa.Column("letters", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_us", BIGINT, nullable=False),
        sa.Column("told_on", _words(10), nullable=False),
    )
    op.create_index("searches_of_account", "saved_searches", ["account", "created_at", "id"])


def _columns() -> None:
    """What stood there was shown to every approved company of its market."""
    op.add_column("companies", sa.Column("tier", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("listings", sa.Column("visibility", _words(10), nullable=False, server_default="members"))
    op.add_column("listings", sa.Column("tier_min", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("listings", sa.Column("event", _words(40), nullable=False, server_default=""))
    op.add_column(
        "listings",
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False, server_default=NEVER),
    )
    op.execute(FIRST_STOCK)  # the lot's first offer and its stock row were written together


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    for column in ("published_at", "event", "tier_min", "visibility"):
        op.drop_column("listings", column)
    op.drop_column("companies", "tier")


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _text() -> sa.Text:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
