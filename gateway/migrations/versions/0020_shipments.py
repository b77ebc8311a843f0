"""Shipments with legs, packages and what each carries."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "shipments", "shipment_lines", "shipment_parts", "shipment_packages", "shipment_contents",
    "shipment_legs", "shipment_containers", "shipment_events", "order_loads", "sscc_counters",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "shipments",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("number", _words(60), nullable=False, unique=True),
        sa.Column("company", _words(40), nullable=False),
        sa.Column("market", _words(2), nullable=False),
        sa.Column("incoterm", _words(3), nullable=False),
        sa.Column("place", _words(60), nullable=False),
        sa.Column("custodian", _words(40), nullable=False),
        sa.Column("site", _words(60), nullable=False),
        sa.Column("state", _words(20), nullable=False),
        sa.Column("leg", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("promised_at", MOMENT, nullable=False),
        sa.Column("waits_for", _words(40), nullable=False),
    )
    op.create_index("shipments_of_company", "shipments", ["company", "planned_at", "id"])
    op.create_index("shipments_by_time", "shipments", ["planned_at", "id"])
    op.create_table(
        "shipment_lines",
        sa.Column("shipment", _words(40), primary_key=True),
        sa.Column("order_id", _words(40), primary_key=True),
        sa.Column("lot", _words(40), nullable=False),
        sa.Column("quantity", BIGINT, nullable=False),
    )
    op.create_index("shipment_lines_of_order", "shipment_lines", ["order_id"])
    op.create_table(
        "shipment_parts",
        sa.Column("shipment", _words(40), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("order_id", _words(40), nullable=False),
        sa.Column("lot", _words(40), nullable=False),
        sa.Column("article", BIGINT, nullable=False),
        sa.Column("quantity", BIGINT, nullable=False),
        sa.Column("picked", BIGINT, nullable=False),
        sa.Column("picked_by", _words(80), nullable=False),
        sa.Column("picked_at", MOMENT, nullable=True),
    )
    _packages()
    _way()
    op.create_table(
        "order_loads",
        sa.Column("order_id", _words(40), primary_key=True),
        sa.Column("quantity", BIGINT, nullable=False),
        sa.Column("loaded", BIGINT, nullable=False),
        sa.CheckConstraint("loaded >= 0 AND loaded <= quantity"),
    )
    op.create_table(
        "sscc_counters",
        sa.Column("prefix", _words(20), primary_key=True),
        sa.Column("next", BIGINT, nullable=False),
    )
    _orders_of_before()


def _packages() -> None:
    op.create_table(
        "shipment_packages",
        sa.Column("shipment", _words(40), primary_key=True),
        sa.Column("kind", _words(10), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("sscc", _words(18), nullable=False, unique=True),
        sa.Column("pallet", sa.Integer(), nullable=False),
        sa.Column("net_mass_g", BIGINT, nullable=False),
        sa.Column("gross_mass_g", BIGINT, nullable=False),
        sa.Column("is_weighed", sa.Boolean(), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=False),
        sa.Column("width_mm", sa.Integer(), nullable=False),
        sa.Column("height_mm", sa.Integer(), nullable=False),
    )
    op.create_table(
        "shipment_contents",
        sa.Column("shipment", _words(40), primary_key=True),
        sa.Column("carton", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("part", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("quantity", BIGINT, nullable=False),
    )


def _way() -> None:
    op.create_table(
        "shipment_legs",
        sa.Column("shipment", _words(40), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("mode", _words(10), nullable=False),
        sa.Column("carrier", _words(120), nullable=False),
        sa.Column("origin", _words(60), nullable=False),
        sa.Column("destination", _words(60), nullable=False),
        sa.Column("etd", MOMENT, nullable=False),
        sa.Column("eta", MOMENT, nullable=False),
        sa.Column("atd", MOMENT, nullable=True),
        sa.Column("ata", MOMENT, nullable=True),
    )
    op.create_table(
        "shipment_containers",
        sa.Column("shipment", _words(40), primary_key=True),
        sa.Column("number", _words(11), primary_key=True),
        sa.Column("seal", _words(40), nullable=False),
    )
    op.create_table(
        "shipment_events",
        sa.Column("id", BIGINT, primary_key=True),
        sa.Column("shipment", _words(40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", _words(80), nullable=False),
        sa.Column("what", _words(30), nullable=False),
        sa.Column("state", _words(20), nullable=False),
        sa.Column("reason", _long(), nullable=False),
    )
    op.create_index("shipment_events_of", "shipment_events", ["shipment", "id"])


def _orders_of_before() -> None:
    """Orders that were shipped whole, before shipments were rows: each was one shipment, and has left.

    Their packages stand in their documents, which are not read back: they get no rows of their own.
    """
    shipped = "FROM orders WHERE state = 'shipped' AND shipment IS NOT NULL"
    op.execute(
        f"INSERT INTO order_loads (order_id, quantity, loaded) SELECT id, quantity, quantity {shipped}"
    )
    op.execute(
        "INSERT INTO shipments (id, number, company, market, incoterm, place, custodian, site, state, leg, "
        "version, planned_at, promised_at, waits_for) SELECT shipment, id, company, market, incoterm, place, "
        f"'', '', 'dispatched', 0, 1, placed_at, placed_at, '' {shipped}"
    )
    op.execute(
        "INSERT INTO shipment_lines (shipment, order_id, lot, quantity) "
        f"SELECT shipment, id, lot, quantity {shipped}"
    )


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _long() -> sa.Text:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
