"""What the gateway keeps beside the ledger: people, goods with their private facts, trade, documents."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import BIGINT, table, words


class PartyRow(SQLModel, table=True):
    """A party of the ledger with the names that stand there as commitments only."""

    __tablename__ = "parties"
    party: str = Field(sa_column=id_column())
    slug: str = Field(sa_column=text_column(60, unique=True))
    kind: str = Field(sa_column=text_column(20))
    name_zh: str = Field(sa_column=text_column())
    name_en: str = Field(sa_column=text_column())
    country: str = Field(sa_column=text_column(2))
    city: str = Field(sa_column=text_column(60))
    address: str = Field(sa_column=text_column())
    registration_number: str = Field(sa_column=text_column(40))


class GrantRow(SQLModel, table=True):
    """The channels of a grant, which the ledger holds as a hash. channels: JSON list, ascending."""

    __tablename__ = "grants"
    authorization: str = Field(sa_column=id_column())
    channels: str = Field(sa_column=text_column())


class ConsignmentRow(SQLModel, table=True):
    """One supplier file. report: what reading it gave, as JSON."""

    __tablename__ = "consignments"
    sha256: str = Field(sa_column=Column(words(64), primary_key=True))
    spec: str = Field(sa_column=text_column(40))
    file: str = Field(sa_column=text_column())
    imported_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    report: str = Field(sa_column=text_column())


class ArticleRow(SQLModel, table=True):
    """One accepted row of a supplier file: an article, or a style of ``quantity`` pieces.

    lot: the leaf lot that holds it now. facts: everything else about it, as JSON.
    """

    __tablename__ = "articles"
    __table_args__ = (Index("articles_of_lot", "lot"), Index("articles_by_identifier", "identifier"))
    id: int | None = Field(default=None, sa_column=Column(BIGINT, primary_key=True))
    consignment: str = Field(sa_column=text_column(64))
    lot: str = Field(sa_column=text_column(40))
    source_event: str = Field(sa_column=text_column(64))
    source_n: int = Field(sa_column=Column(Integer, nullable=False))
    quantity: int = Field(sa_column=Column(BIGINT, nullable=False))
    category: str = Field(sa_column=text_column(40))
    grade: str = Field(sa_column=text_column(10))
    serialised: bool
    identifier: str = Field(sa_column=text_column(60))
    facts: str = Field(sa_column=text_column())


class CodeLinkRow(SQLModel, table=True):
    """What a printed code stands for. article: None for a lot's own code."""

    __tablename__ = "code_links"
    code: str = Field(sa_column=Column(words(20), primary_key=True))
    lot: str = Field(sa_column=text_column(40, index=True))
    level: str = Field(sa_column=text_column(10))
    article: int | None = Field(default=None, sa_column=Column(BIGINT, index=True))


class CompanyRow(SQLModel, table=True):
    """A buyer. Never in the ledger by name or id. tier: from 1; some offers are for the higher ones alone."""

    __tablename__ = "companies"
    id: str = Field(sa_column=id_column())
    name: str = Field(sa_column=text_column())
    country: str = Field(sa_column=text_column(2))
    address: str = Field(sa_column=text_column())
    registration_number: str = Field(sa_column=text_column(40))
    status: str = Field(sa_column=text_column(20))
    tier: int = Field(sa_column=Column(Integer, nullable=False))


class ListingRow(SQLModel, table=True):
    """An offer of one lot in one market. head: event id of the lot's record when it was listed.

    basis, size: of a ``Pack``; unit_price_minor is of one unit of it. moq, multiple: pieces. mixed:
    whether an order reaches its minimum over several lots together. price_policy: SHA-256 of the price
    bands it was held against; reference: what the price was compared with, as JSON.
    Both "" on an offer that is older than they are. override_reason: why it may lie outside its band.
    version: of its last row in ``offer_changes``. offered_until: last day, YYYY-MM-DD, "" for none.
    wording: what the seller says of the goods, language -> title and text, as JSON; "" for nothing.
    visibility: public, members, tier, private; tier_min: from which tier on a ``tier`` one is shown.
    event: id of the sale it belongs to, "" for none.
    """

    __tablename__ = "listings"
    __table_args__ = (Index("listings_of_lot", "lot", "market"),)
    id: str = Field(sa_column=id_column())
    lot: str = Field(sa_column=text_column(40))
    market: str = Field(sa_column=text_column(2))
    channel: str = Field(sa_column=text_column(40))
    currency: str = Field(sa_column=text_column(3))
    unit_price_minor: int = Field(sa_column=Column(BIGINT, nullable=False))
    moq: int = Field(sa_column=Column(BIGINT, nullable=False))
    head: str = Field(sa_column=text_column(64))
    status: str = Field(sa_column=text_column(20))
    basis: str = Field(sa_column=text_column(10))
    size: int = Field(sa_column=Column(BIGINT, nullable=False))
    multiple: int = Field(sa_column=Column(BIGINT, nullable=False))
    mixed: bool
    price_policy: str = Field(sa_column=text_column(64))
    reference: str = Field(sa_column=text_column())
    override_reason: str = Field(sa_column=text_column())
    visibility: str = Field(sa_column=text_column(10))
    tier_min: int = Field(sa_column=Column(Integer, nullable=False))
    event: str = Field(sa_column=text_column(40))
    published_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    version: int = Field(sa_column=Column(BIGINT, nullable=False))
    offered_until: str = Field(sa_column=text_column(10))
    wording: str = Field(sa_column=text_column())


class StockRow(SQLModel, table=True):
    """One row a sellable lot; the database itself refuses to promise more than there is."""

    __tablename__ = "lot_stock"
    __table_args__ = (
        CheckConstraint("on_hand >= 0 AND reserved >= 0 AND allocated >= 0 AND shipped >= 0"),
        CheckConstraint("reserved + allocated <= on_hand"),
    )
    lot: str = Field(sa_column=id_column())
    on_hand: int = Field(sa_column=Column(BIGINT, nullable=False))
    reserved: int = Field(sa_column=Column(BIGINT, nullable=False))
    allocated: int = Field(sa_column=Column(BIGINT, nullable=False))
    shipped: int = Field(sa_column=Column(BIGINT, nullable=False))


class MovementRow(SQLModel, table=True):
    """Why a counter is what it is; append-only."""

    __tablename__ = "stock_movements"
    id: int | None = Field(default=None, sa_column=Column(BIGINT, primary_key=True))
    lot: str = Field(sa_column=text_column(40, index=True))
    kind: str = Field(sa_column=text_column(12))
    quantity: int = Field(sa_column=Column(BIGINT, nullable=False))
    cause: str = Field(sa_column=text_column(40))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class ReservationRow(SQLModel, table=True):
    """Goods that are held, with what the buyer saw then: its price stands while the hold does.

    unit_price_minor, currency: of one unit of the offer; price_list: that it is from, "" for the offer's
    own. head: event id of the lot's last record. seen: what was true of the goods, as JSON; "" of a hold
    that is older. extended: whether it was prolonged, once. purchase: that it waits in, "" for none.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        Index("reservations_of_lot", "lot", "state"),
        Index("reservations_of_company", "company", "expires_at", "id"),
    )
    id: str = Field(sa_column=id_column())
    lot: str = Field(sa_column=text_column(40))
    listing: str = Field(sa_column=text_column(40))
    company: str = Field(sa_column=text_column(40))
    quantity: int = Field(sa_column=Column(BIGINT, nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: str = Field(sa_column=text_column(12))
    unit_price_minor: int = Field(sa_column=Column(BIGINT, nullable=False))
    currency: str = Field(sa_column=text_column(3))
    price_list: str = Field(sa_column=text_column(40))
    head: str = Field(sa_column=text_column(64))
    seen: str = Field(sa_column=text_column())
    extended: bool
    purchase: str = Field(sa_column=text_column(40))


class OrderRow(SQLModel, table=True):
    """A confirmed order of one reservation. head: the lot's record that the buyer saw.

    basis, size: as of its listing.
    """

    __tablename__ = "orders"
    __table_args__ = (Index("orders_of_company", "company", "placed_at", "id"),)
    id: str = Field(sa_column=id_column())
    reservation: str = Field(sa_column=text_column(40, unique=True))
    company: str = Field(sa_column=text_column(40, index=True))
    lot: str = Field(sa_column=text_column(40))
    market: str = Field(sa_column=text_column(2))
    quantity: int = Field(sa_column=Column(BIGINT, nullable=False))
    unit_price_minor: int = Field(sa_column=Column(BIGINT, nullable=False))
    currency: str = Field(sa_column=text_column(3))
    po_number: str = Field(sa_column=text_column(60))
    incoterm: str = Field(sa_column=text_column(3))
    place: str = Field(sa_column=text_column(60))
    head: str = Field(sa_column=text_column(64))
    sold_event: str = Field(sa_column=text_column(64))
    placed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: str = Field(sa_column=text_column(20))
    shipment: str | None = Field(default=None, sa_column=Column(words(40)))
    basis: str = Field(sa_column=text_column(10))
    size: int = Field(sa_column=Column(BIGINT, nullable=False))


class DocumentRow(SQLModel, table=True):
    """An issued document; its bytes are an object named by their SHA-256."""

    __tablename__ = "documents"
    code: str = Field(sa_column=Column(words(20), primary_key=True))
    shipment: str = Field(sa_column=text_column(40, index=True))
    order_id: str = Field(sa_column=text_column(40, index=True))
    kind: str = Field(sa_column=text_column(40))
    number: str = Field(sa_column=text_column(60))
    filename: str = Field(sa_column=text_column(120))
    media_type: str = Field(sa_column=text_column(60))
    pages: int = Field(sa_column=Column(Integer, nullable=False))
    sha256: str = Field(sa_column=text_column(64))
    dossier_sha256: str = Field(sa_column=text_column(64))
    event_id: str = Field(sa_column=text_column(64))
    issued_on: str = Field(sa_column=text_column(10))
    superseded_by: str | None = Field(default=None, sa_column=Column(words(20)))


class StoryRow(SQLModel, table=True):
    """A finished step of a long workflow: begun again, it goes on after the last one."""

    __tablename__ = "story_steps"
    step: str = Field(sa_column=Column(words(80), primary_key=True))
    result: str = Field(sa_column=text_column())


GOODS_AND_TRADE = [
    table(row)
    for row in (
        PartyRow, GrantRow, ConsignmentRow, ArticleRow, CodeLinkRow, CompanyRow, ListingRow, StockRow,
        MovementRow, ReservationRow, OrderRow, DocumentRow, StoryRow,
    )
]  # fmt: skip
