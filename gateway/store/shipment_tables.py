"""Shipments: what each carries, its legs, packages and containers, and everything that was done to it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import BIGINT, table, words


def _moment(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


def _number() -> Column[int]:
    return Column(Integer, primary_key=True, autoincrement=False)


def _shipment() -> Column[str]:
    return Column(words(40), primary_key=True)


class ShipmentRow(SQLModel, table=True):
    """id: also the ledger's subject, once it is packed. number: as it stands on its documents.

    custodian, site: who holds the goods, and where they leave from. leg: on which it is, 0 before.
    version: raised by every change. waits_for: id of a statement that somebody else has to sign, or "".
    """

    __tablename__ = "shipments"
    __table_args__ = (
        Index("shipments_of_company", "company", "planned_at", "id"),
        Index("shipments_by_time", "planned_at", "id"),
    )
    id: str = Field(sa_column=id_column())
    number: str = Field(sa_column=text_column(60, unique=True))
    company: str = Field(sa_column=text_column(40))
    market: str = Field(sa_column=text_column(2))
    incoterm: str = Field(sa_column=text_column(3))
    place: str = Field(sa_column=text_column(60))
    custodian: str = Field(sa_column=text_column(40))
    site: str = Field(sa_column=text_column(60))
    state: str = Field(sa_column=text_column(20))
    leg: int = Field(sa_column=Column(Integer, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    planned_at: datetime = Field(sa_column=_moment())
    promised_at: datetime = Field(sa_column=_moment())
    waits_for: str = Field(sa_column=text_column(40))


class ShipmentLineRow(SQLModel, table=True):
    """Pieces of one order that travel in it."""

    __tablename__ = "shipment_lines"
    __table_args__ = (Index("shipment_lines_of_order", "order_id"),)
    shipment: str = Field(sa_column=_shipment())
    order_id: str = Field(sa_column=Column(words(40), primary_key=True))
    lot: str = Field(sa_column=text_column(40))
    quantity: int = Field(sa_column=Column(BIGINT, nullable=False))


class ShipmentPartRow(SQLModel, table=True):
    """The very article, or pieces of a style, that a line takes. picked: pieces, by whom and when."""

    __tablename__ = "shipment_parts"
    shipment: str = Field(sa_column=_shipment())
    number: int = Field(sa_column=_number())
    order_id: str = Field(sa_column=text_column(40))
    lot: str = Field(sa_column=text_column(40))
    article: int = Field(sa_column=Column(BIGINT, nullable=False))
    quantity: int = Field(sa_column=Column(BIGINT, nullable=False))
    picked: int = Field(sa_column=Column(BIGINT, nullable=False))
    picked_by: str = Field(sa_column=text_column(80))
    picked_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class ShipmentPackageRow(SQLModel, table=True):
    """A carton or a pallet. pallet: on which a carton stands, 0 on none. Sizes: 0 where nobody knows."""

    __tablename__ = "shipment_packages"
    shipment: str = Field(sa_column=_shipment())
    kind: str = Field(sa_column=Column(words(10), primary_key=True))
    number: int = Field(sa_column=_number())
    sscc: str = Field(sa_column=text_column(18, unique=True))
    pallet: int = Field(sa_column=Column(Integer, nullable=False))
    net_mass_g: int = Field(sa_column=Column(BIGINT, nullable=False))
    gross_mass_g: int = Field(sa_column=Column(BIGINT, nullable=False))
    is_weighed: bool
    length_mm: int = Field(sa_column=Column(Integer, nullable=False))
    width_mm: int = Field(sa_column=Column(Integer, nullable=False))
    height_mm: int = Field(sa_column=Column(Integer, nullable=False))


class ShipmentContentRow(SQLModel, table=True):
    """Pieces of a part in a carton."""

    __tablename__ = "shipment_contents"
    shipment: str = Field(sa_column=_shipment())
    carton: int = Field(sa_column=_number())
    part: int = Field(sa_column=_number())
    quantity: int = Field(sa_column=Column(BIGINT, nullable=False))


class ShipmentLegRow(SQLModel, table=True):
    __tablename__ = "shipment_legs"
    shipment: str = Field(sa_column=_shipment())
    number: int = Field(sa_column=_number())
    mode: str = Field(sa_column=text_column(10))
    carrier: str = Field(sa_column=text_column(120))
    origin: str = Field(sa_column=text_column(60))
    destination: str = Field(sa_column=text_column(60))
    etd: datetime = Field(sa_column=_moment())
    eta: datetime = Field(sa_column=_moment())
    atd: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    ata: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class ShipmentContainerRow(SQLModel, table=True):
    """number: ISO 6346, its check digit verified."""

    __tablename__ = "shipment_containers"
    shipment: str = Field(sa_column=_shipment())
    number: str = Field(sa_column=Column(words(11), primary_key=True))
    seal: str = Field(sa_column=text_column(40))


class ShipmentEventRow(SQLModel, table=True):
    """What was done, by whom and why; append-only. what: slug; state: after it; reason: text of others."""

    __tablename__ = "shipment_events"
    __table_args__ = (Index("shipment_events_of", "shipment", "id"),)
    id: int | None = Field(default=None, sa_column=Column(BIGINT, primary_key=True))
    shipment: str = Field(sa_column=text_column(40))
    at: datetime = Field(sa_column=_moment())
    by: str = Field(sa_column=text_column(80))
    what: str = Field(sa_column=text_column(30))
    state: str = Field(sa_column=text_column(20))
    reason: str = Field(sa_column=text_column())


class OrderLoadRow(SQLModel, table=True):
    """How much of an order stands in shipments; the database itself refuses more than was ordered."""

    __tablename__ = "order_loads"
    __table_args__ = (CheckConstraint("loaded >= 0 AND loaded <= quantity"),)
    order_id: str = Field(sa_column=id_column())
    quantity: int = Field(sa_column=Column(BIGINT, nullable=False))
    loaded: int = Field(sa_column=Column(BIGINT, nullable=False))


class SsccCounterRow(SQLModel, table=True):
    """The next serial of a company prefix: no SSCC is given twice."""

    __tablename__ = "sscc_counters"
    prefix: str = Field(sa_column=Column(words(20), primary_key=True))
    next: int = Field(sa_column=Column(BIGINT, nullable=False))


SHIPMENTS: list[Table] = [
    table(row)
    for row in (
        ShipmentRow, ShipmentLineRow, ShipmentPartRow, ShipmentPackageRow, ShipmentContentRow,
        ShipmentLegRow, ShipmentContainerRow, ShipmentEventRow, OrderLoadRow, SsccCounterRow,
    )
]  # fmt: skip
