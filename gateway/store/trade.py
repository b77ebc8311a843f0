"""Stock, listings, reservations, orders, documents, buyers."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, bindparam, func, literal_column, select

from gateway.errors import InsufficientQuantity
from gateway.store import catalogue_copies, shipment_tables, tables
from gateway.store.hot import Added, Found, given
from gateway.trade.quantities import Basis, Pack, Steps
from gateway.trade.visibility import Visibility
from ledger.store.statements import Statement
from ledger.store.tables import table

LISTINGS, STOCK = table(tables.ListingRow), table(tables.StockRow)
RESERVATIONS, ORDERS = table(tables.ReservationRow), table(tables.OrderRow)
DOCUMENTS, COMPANIES = table(tables.DocumentRow), table(tables.CompanyRow)
MOVEMENTS = table(tables.MovementRow)
SHIPMENT_LINES = table(shipment_tables.ShipmentLineRow)


@dataclass(frozen=True, slots=True)
class Company:
    id: str
    name: str
    country: str
    address: str
    registration_number: str
    status: str
    tier: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """An offer of one lot in one market. status: see ``gateway.trade.offer_states``.

    unit_price_minor: of one unit of ``pack``. moq, multiple: pieces. mixed, price_policy,
    reference, override_reason, visibility, tier_min, event, version, offered_until, wording: as of
    ``ListingRow``.
    """

    id: str
    lot: str
    market: str
    channel: str
    currency: str
    unit_price_minor: int
    moq: int
    head: str
    status: str
    basis: Basis = "piece"
    size: int = 1
    multiple: int = 1
    mixed: bool = False
    price_policy: str = ""
    reference: str = ""
    override_reason: str = ""
    visibility: Visibility = "members"
    tier_min: int = 1
    event: str = ""
    published_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)  # of an offer older than such facts
    version: int = 0
    offered_until: str = ""
    wording: str = ""

    @property
    def pack(self) -> Pack:
        return Pack(self.basis, self.size)

    @property
    def steps(self) -> Steps:
        return Steps(self.moq, self.multiple)


@dataclass(frozen=True, slots=True)
class Stock:
    lot: str
    on_hand: int
    reserved: int
    allocated: int
    shipped: int

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved - self.allocated


@dataclass(frozen=True, slots=True)
class Reservation:
    """state: active, converted, released, expired. The rest as of ``ReservationRow``."""

    id: str
    lot: str
    listing: str
    company: str
    quantity: int
    expires_at: datetime
    state: str
    unit_price_minor: int = 0
    currency: str = ""
    price_list: str = ""
    head: str = ""
    seen: str = ""
    extended: bool = False
    purchase: str = ""

    def stands(self, now: datetime) -> bool:
        """Whether the goods are held at ``now``: a hold that ran out is none, swept or not."""
        return self.state == "active" and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Order:
    """state: confirmed, packed, shipped. head: the lot's record that the buyer saw.

    quantity: pieces; unit_price_minor: of one unit of ``pack``.
    """

    id: str
    reservation: str
    company: str
    lot: str
    market: str
    quantity: int
    unit_price_minor: int
    currency: str
    po_number: str
    incoterm: str
    place: str
    head: str
    sold_event: str
    placed_at: datetime
    state: str
    shipment: str | None
    basis: Basis = "piece"
    size: int = 1

    @property
    def pack(self) -> Pack:
        return Pack(self.basis, self.size)

    @property
    def total_minor(self) -> int:
        return self.pack.amount_minor(self.quantity, self.unit_price_minor)


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    code: str
    shipment: str
    order_id: str
    kind: str
    number: str
    filename: str
    media_type: str
    pages: int
    sha256: str
    dossier_sha256: str
    event_id: str
    issued_on: str
    superseded_by: str | None


Value = TypeVar("Value", Company, Listing, Stock, Reservation, Order, IssuedDocument)


_COMPANY = Found(Company, COMPANIES, "id")
_LISTING = Found(Listing, LISTINGS, "id")
_STOCK = Found(Stock, STOCK, "lot")
_TRY_RESERVE = Statement(
    STOCK.update()
    .where(
        STOCK.c.lot == bindparam("of_lot"),
        STOCK.c.on_hand - STOCK.c.reserved - STOCK.c.allocated
        >= bindparam("wanted", type_=STOCK.c.reserved.type),
    )
    .values(reserved=STOCK.c.reserved + bindparam("wanted", type_=STOCK.c.reserved.type))
)
_HELD_BY = Statement(
    select(func.coalesce(func.sum(RESERVATIONS.c.quantity), literal_column("0"))).where(
        RESERVATIONS.c.lot == bindparam("of_lot"),
        RESERVATIONS.c.company == bindparam("of_company"),
        RESERVATIONS.c.state == literal_column("'active'"),
        RESERVATIONS.c.expires_at > bindparam("now", type_=RESERVATIONS.c.expires_at.type),
    )
)
_ADD_RESERVATION = Added(RESERVATIONS, *(one.name for one in fields(Reservation)))
_ADD_MOVEMENT = Added(MOVEMENTS, "lot", "kind", "quantity", "cause", "at")


def _find(
    connection: Connection, of: type[Value], source: Table, *where: Any, order: Any = None
) -> list[Value]:
    statement = select(source).where(*where)
    if order is not None:
        statement = statement.order_by(order)
    return [_value(of, row) for row in connection.execute(statement)]


def _page(  # what is listed, and where the page begins
    connection: Connection,
    of: type[Value],
    source: Table,
    mine: Any,
    moment: Any,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Value]:
    """Rows in the order of (moment, id). after: position of the last one seen."""
    statement = select(source).where(mine).order_by(moment, source.c.id).limit(limit)
    if after is not None:
        statement = statement.where(_later(moment, source.c.id, after))
    return [_value(of, row) for row in connection.execute(statement)]


def _value(of: type[Value], row: Any) -> Value:
    members = {name: _aware(value) for name, value in row._mapping.items()}  # noqa: SLF001 - public API
    return of(**members)


def _aware(value: Any) -> Any:
    """SQLite forgets time zones; what we store is UTC."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def _first(found: Sequence[Value]) -> Value | None:
    return found[0] if found else None


def company(connection: Connection, id_: str) -> Company | None:
    return _COMPANY.first(connection, id=id_)


def companies(connection: Connection) -> list[Company]:
    return _find(connection, Company, COMPANIES, order=COMPANIES.c.id)


def add_company(connection: Connection, value: Company) -> None:
    connection.execute(COMPANIES.insert(), [_members(value)])


def listing(connection: Connection, id_: str) -> Listing | None:
    return _LISTING.first(connection, id=id_)


def listings(connection: Connection, *, lot: str | None = None) -> list[Listing]:
    """Published offers, of one lot or of all."""
    where = [LISTINGS.c.status == "published"]
    if lot is not None:
        where.append(LISTINGS.c.lot == lot)
    return _find(connection, Listing, LISTINGS, *where, order=LISTINGS.c.id)


def listings_with(connection: Connection, ids: Sequence[str]) -> dict[str, Listing]:
    """Offers by their id, whatever their state; those that are not there are left out."""
    return {one.id: one for one in _find(connection, Listing, LISTINGS, LISTINGS.c.id.in_(ids))}


def add_listing(connection: Connection, value: Listing) -> None:
    connection.execute(LISTINGS.insert(), [_members(value)])


def withdraw_listing(connection: Connection, id_: str) -> None:
    connection.execute(LISTINGS.update().where(LISTINGS.c.id == id_).values(status="withdrawn"))
    catalogue_copies.of_listing(connection, id_)


def stock(connection: Connection, lot: str) -> Stock | None:
    return _STOCK.first(connection, lot=lot)


def open_stock(connection: Connection, lot: str, on_hand: int, at: datetime) -> None:
    """Begin to count a sellable lot."""
    connection.execute(STOCK.insert(), [_members(Stock(lot, on_hand, 0, 0, 0))])
    _moved(connection, lot, "receive", on_hand, lot, at)


def try_reserve(connection: Connection, lot: str, quantity: int) -> bool:
    """One conditional UPDATE: the check and the promise are the same statement."""
    return _TRY_RESERVE.changed(connection, of_lot=lot, wanted=quantity) == 1


def add_reservation(connection: Connection, value: Reservation, at: datetime) -> None:
    _ADD_RESERVATION.add(connection, _members(value))
    _moved(connection, value.lot, "reserve", value.quantity, value.id, at)


def reservation(connection: Connection, id_: str, *, company: str | None = None) -> Reservation | None:
    """company: whose it has to be; another's does not exist for it."""
    where = [RESERVATIONS.c.id == id_]
    if company is not None:
        where.append(RESERVATIONS.c.company == company)
    return _first(_find(connection, Reservation, RESERVATIONS, *where))


def reservations_page(
    connection: Connection, company: str, after: tuple[datetime, str] | None, limit: int
) -> list[Reservation]:
    """A company's holds, oldest first. after: expires_at and id of the last one seen."""
    mine = RESERVATIONS.c.company == company
    return _page(connection, Reservation, RESERVATIONS, mine, RESERVATIONS.c.expires_at, after, limit)


def set_reservation(connection: Connection, value: Reservation, **changes: Any) -> Reservation:
    """Change what a hold that is still active says; the caller sees to its quantity and state."""
    connection.execute(RESERVATIONS.update().where(RESERVATIONS.c.id == value.id).values(**changes))
    return replace(value, **changes)


def extend(connection: Connection, value: Reservation, until: datetime) -> Reservation | None:
    """Prolong a hold; None when it was prolonged or closed before."""
    done = connection.execute(
        RESERVATIONS.update()
        .where(
            RESERVATIONS.c.id == value.id,
            RESERVATIONS.c.state == "active",
            RESERVATIONS.c.extended.is_(False),
        )
        .values(extended=True, expires_at=until)
    )
    return replace(value, extended=True, expires_at=until) if done.rowcount == 1 else None


def hold_again(connection: Connection, value: Reservation, until: datetime, at: datetime) -> None:
    """Hold the units of a closed hold once more. Raises InsufficientQuantity where others have them."""
    left = stock(connection, value.lot)
    if not try_reserve(connection, value.lot, value.quantity):
        raise InsufficientQuantity(0 if left is None else left.available)
    closed = RESERVATIONS.c.state.in_(("released", "expired"))
    connection.execute(
        RESERVATIONS.update()
        .where(RESERVATIONS.c.id == value.id, closed)
        .values(state="active", expires_at=until)
    )
    _moved(connection, value.lot, "reserve", value.quantity, value.id, at)


def held_by(connection: Connection, lot: str, company: str, now: datetime) -> int:
    """Units of a lot that a company holds at ``now``."""
    at = given(connection, RESERVATIONS.c.expires_at, now)
    held = _HELD_BY.row(connection, of_lot=lot, of_company=company, now=at)
    return 0 if held is None else int(held[0])


def expired(connection: Connection, lot: str, now: datetime) -> list[Reservation]:
    return _find(
        connection,
        Reservation,
        RESERVATIONS,
        RESERVATIONS.c.lot == lot,
        RESERVATIONS.c.state == "active",
        RESERVATIONS.c.expires_at <= now,
    )


def holds(connection: Connection, *, lot: str | None = None, company: str | None = None) -> list[Reservation]:
    """Holds that nobody closed yet, expired ones too, the youngest first. lot, company: of these alone."""
    where = [RESERVATIONS.c.state == "active"]
    if lot is not None:
        where.append(RESERVATIONS.c.lot == lot)
    if company is not None:
        where.append(RESERVATIONS.c.company == company)
    return _find(connection, Reservation, RESERVATIONS, *where, order=RESERVATIONS.c.expires_at.desc())


def stocks(connection: Connection) -> list[Stock]:
    return _find(connection, Stock, STOCK, order=STOCK.c.lot)


def held_by_lot(connection: Connection, now: datetime) -> dict[str, int]:
    """Units of every lot that are held at ``now``, where any are."""
    held = select(RESERVATIONS.c.lot, func.sum(RESERVATIONS.c.quantity)).where(
        RESERVATIONS.c.state == "active", RESERVATIONS.c.expires_at > now
    )
    return {lot: int(units) for lot, units in connection.execute(held.group_by(RESERVATIONS.c.lot))}


def release(connection: Connection, value: Reservation, state: str, at: datetime) -> None:
    """Give the units back. state: released or expired. A hold is given back once."""
    if _close(connection, value, state):
        connection.execute(
            STOCK.update().where(STOCK.c.lot == value.lot).values(reserved=STOCK.c.reserved - value.quantity)
        )
        _moved(connection, value.lot, "release", value.quantity, value.id, at)


def convert(connection: Connection, value: Reservation, at: datetime) -> bool:
    """From reserved to allocated; False when the hold was closed meanwhile."""
    if not _close(connection, value, "converted"):
        return False
    connection.execute(
        STOCK.update()
        .where(STOCK.c.lot == value.lot)
        .values(reserved=STOCK.c.reserved - value.quantity, allocated=STOCK.c.allocated + value.quantity)
    )
    _moved(connection, value.lot, "allocate", value.quantity, value.id, at)
    return True


def write_off(connection: Connection, lot: str, quantity: int, cause: str, at: datetime) -> None:
    """Units that are not here any more; fewer than none were found again. cause: event id of who says so."""
    connection.execute(STOCK.update().where(STOCK.c.lot == lot).values(on_hand=STOCK.c.on_hand - quantity))
    _moved(connection, lot, "write_off" if quantity > 0 else "found", abs(quantity), cause, at)


def take_back(connection: Connection, lot: str, child: str, quantity: int, cause: str, at: datetime) -> None:
    """Allocated units that never left are a lot of their own again, which may be sold. cause: event id."""
    connection.execute(
        STOCK.update()
        .where(STOCK.c.lot == lot)
        .values(on_hand=STOCK.c.on_hand - quantity, allocated=STOCK.c.allocated - quantity)
    )
    _moved(connection, lot, "take_back", quantity, cause, at)
    open_stock(connection, child, quantity, at)


def ship(connection: Connection, lot: str, quantity: int, cause: str, at: datetime) -> None:
    """Allocated units leave the house. cause: id of the shipment that they leave in."""
    connection.execute(
        STOCK.update()
        .where(STOCK.c.lot == lot)
        .values(
            on_hand=STOCK.c.on_hand - quantity,
            allocated=STOCK.c.allocated - quantity,
            shipped=STOCK.c.shipped + quantity,
        )
    )
    _moved(connection, lot, "ship", quantity, cause, at)


def add_order(connection: Connection, value: Order) -> None:
    connection.execute(ORDERS.insert(), [_members(value)])


def order(connection: Connection, id_: str, *, company: str | None = None) -> Order | None:
    """company: whose it has to be; another's does not exist for it."""
    where = [ORDERS.c.id == id_]
    if company is not None:
        where.append(ORDERS.c.company == company)
    return _first(_find(connection, Order, ORDERS, *where))


def orders_page(
    connection: Connection, company: str, after: tuple[datetime, str] | None, limit: int
) -> list[Order]:
    """A company's orders, oldest first. after: placed_at and id of the last one seen."""
    mine = ORDERS.c.company == company
    return _page(connection, Order, ORDERS, mine, ORDERS.c.placed_at, after, limit)


def order_of_reservation(connection: Connection, id_: str) -> Order | None:
    return _first(_find(connection, Order, ORDERS, ORDERS.c.reservation == id_))


def order_of_sale(connection: Connection, event_id: str) -> Order | None:
    """event_id: of its ``lot.sold``."""
    return _first(_find(connection, Order, ORDERS, ORDERS.c.sold_event == event_id))


def orders(connection: Connection, *, company: str | None = None, lot: str | None = None) -> list[Order]:
    """Oldest first."""
    where = []
    if company is not None:
        where.append(ORDERS.c.company == company)
    if lot is not None:
        where.append(ORDERS.c.lot == lot)
    return _find(connection, Order, ORDERS, *where, order=ORDERS.c.placed_at)


def set_order(connection: Connection, value: Order, **changes: Any) -> Order:
    connection.execute(ORDERS.update().where(ORDERS.c.id == value.id).values(**changes))
    return replace(value, **changes)


def sold_units(connection: Connection) -> int:
    """Of orders that stand."""
    total = select(func.coalesce(func.sum(ORDERS.c.quantity), 0)).where(ORDERS.c.state != "cancelled")
    return int(connection.execute(total).scalar_one())


def add_document(connection: Connection, value: IssuedDocument) -> None:
    connection.execute(DOCUMENTS.insert(), [_members(value)])


def supersede(connection: Connection, code: str, by: str) -> None:
    """by: the code of the paper that stands in its place."""
    connection.execute(DOCUMENTS.update().where(DOCUMENTS.c.code == code).values(superseded_by=by))


def document(connection: Connection, code: str) -> IssuedDocument | None:
    return _first(_find(connection, IssuedDocument, DOCUMENTS, DOCUMENTS.c.code == code))


def documents(connection: Connection, *, order_id: str | None = None) -> list[IssuedDocument]:
    """order_id: of the shipments that carry something of that order."""
    if order_id is None:
        return _find(connection, IssuedDocument, DOCUMENTS, order=DOCUMENTS.c.number)
    carried = select(SHIPMENT_LINES.c.shipment).where(SHIPMENT_LINES.c.order_id == order_id)
    where = (DOCUMENTS.c.order_id == order_id) | DOCUMENTS.c.shipment.in_(carried)
    return _find(connection, IssuedDocument, DOCUMENTS, where, order=DOCUMENTS.c.number)


def documents_of_shipment(connection: Connection, shipment: str) -> list[IssuedDocument]:
    return _find(
        connection, IssuedDocument, DOCUMENTS, DOCUMENTS.c.shipment == shipment, order=DOCUMENTS.c.number
    )


def _later(moment: Any, id_: Any, after: tuple[datetime, str]) -> Any:
    """A row behind a position in (moment, id). Spelled out: SQLite compares no tuples of bound times."""
    return (moment > after[0]) | ((moment == after[0]) & (id_ > after[1]))


def _close(connection: Connection, value: Reservation, state: str) -> bool:
    result = connection.execute(
        RESERVATIONS.update()
        .where(RESERVATIONS.c.id == value.id, RESERVATIONS.c.state == "active")
        .values(state=state)
    )
    return result.rowcount == 1


def _moved(connection: Connection, lot: str, kind: str, quantity: int, cause: str, at: datetime) -> None:
    row = {"lot": lot, "kind": kind, "quantity": quantity, "cause": cause, "at": at}
    _ADD_MOVEMENT.add(connection, row)
    catalogue_copies.of_lot(connection, lot)


def _members(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
