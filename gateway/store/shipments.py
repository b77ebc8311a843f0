"""Shipments as they stand, what each carries, and the one conditional UPDATE by which any of it moves."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text

from gateway.store import shipment_tables as rows
from gateway.store.people import as_utc
from gateway.trade.lateness import Leg
from gateway.trade.packing import Carton, Content, Pallet, Size
from gateway.trade.shipment_states import LEFT, LIVE, State
from ledger.store.tables import table

SHIPMENTS, LINES = table(rows.ShipmentRow), table(rows.ShipmentLineRow)
PARTS, PACKAGES = table(rows.ShipmentPartRow), table(rows.ShipmentPackageRow)
CONTENTS, LEGS = table(rows.ShipmentContentRow), table(rows.ShipmentLegRow)
CONTAINERS, EVENTS = table(rows.ShipmentContainerRow), table(rows.ShipmentEventRow)
LOADS, COUNTERS = table(rows.OrderLoadRow), table(rows.SsccCounterRow)
_MOMENTS = frozenset({"planned_at", "promised_at", "picked_at", "etd", "eta", "atd", "ata", "at"})


@dataclass(frozen=True, slots=True)
class Shipment:
    """As of ``ShipmentRow``."""

    id: str
    number: str
    company: str
    market: str
    incoterm: str
    place: str
    custodian: str
    site: str
    state: State
    leg: int
    version: int
    planned_at: datetime
    promised_at: datetime
    waits_for: str


@dataclass(frozen=True, slots=True)
class Line:
    order_id: str
    lot: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Part:
    """As of ``ShipmentPartRow``."""

    number: int
    order_id: str
    lot: str
    article: int
    quantity: int
    picked: int = 0
    picked_by: str = ""
    picked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Container:
    number: str
    seal: str


@dataclass(frozen=True, slots=True)
class Event:
    """As of ``ShipmentEventRow``."""

    at: datetime
    by: str
    what: str
    state: State
    reason: str


def add(
    connection: Connection,
    shipment: Shipment,
    lines: Sequence[Line],
    parts: Sequence[Part],
    legs: Sequence[Leg],
) -> None:
    connection.execute(SHIPMENTS.insert(), [_members(shipment)])
    connection.execute(LINES.insert(), [{"shipment": shipment.id, **_members(line)} for line in lines])
    connection.execute(PARTS.insert(), [{"shipment": shipment.id, **_members(part)} for part in parts])
    set_legs(connection, shipment.id, legs)


def get(connection: Connection, id_: str, *, company: str | None = None) -> Shipment | None:
    """company: whose it has to be; another's does not exist for it."""
    where = [SHIPMENTS.c.id == id_]
    if company is not None:
        where.append(SHIPMENTS.c.company == company)
    row = connection.execute(select(SHIPMENTS).where(*where)).one_or_none()
    return None if row is None else _read(Shipment, row)


def named(connection: Connection, ids: Collection[str]) -> dict[str, Shipment]:
    statement = select(SHIPMENTS).where(SHIPMENTS.c.id.in_(sorted(ids)))
    return {row.id: _read(Shipment, row) for row in connection.execute(statement)}


def in_states(connection: Connection, states: Collection[State]) -> list[Shipment]:
    """Oldest first."""
    statement = select(SHIPMENTS).where(SHIPMENTS.c.state.in_(sorted(states)))
    rows_ = connection.execute(statement.order_by(SHIPMENTS.c.planned_at, SHIPMENTS.c.id))
    return [_read(Shipment, row) for row in rows_]


def page(
    connection: Connection,
    after: tuple[datetime, str] | None,
    limit: int,
    *,
    company: str | None = None,
    states: Collection[State] = (),
) -> list[Shipment]:
    """Newest first. after: planned_at and id of the last one seen. states: those wanted, none: all."""
    statement = select(SHIPMENTS).order_by(SHIPMENTS.c.planned_at.desc(), SHIPMENTS.c.id.desc()).limit(limit)
    if company is not None:
        statement = statement.where(SHIPMENTS.c.company == company)
    if states:
        statement = statement.where(SHIPMENTS.c.state.in_(sorted(states)))
    if after is not None:
        at, id_ = after
        earlier = (SHIPMENTS.c.planned_at < at) | ((SHIPMENTS.c.planned_at == at) & (SHIPMENTS.c.id < id_))
        statement = statement.where(earlier)
    return [_read(Shipment, row) for row in connection.execute(statement)]


def counts(connection: Connection) -> dict[State, int]:
    statement = select(SHIPMENTS.c.state, func.count()).group_by(SHIPMENTS.c.state)
    return {state: int(count) for state, count in connection.execute(statement)}


def of_order(connection: Connection, order_id: str) -> list[Shipment]:
    """Shipments that carry something of it, oldest first; cancelled ones too."""
    statement = (
        select(SHIPMENTS)
        .join(LINES, LINES.c.shipment == SHIPMENTS.c.id)
        .where(LINES.c.order_id == order_id)
        .order_by(SHIPMENTS.c.planned_at, SHIPMENTS.c.id)
    )
    return [_read(Shipment, row) for row in connection.execute(statement)]


def of_lot(connection: Connection, lot: str) -> list[Shipment]:
    statement = (
        select(SHIPMENTS)
        .join(LINES, LINES.c.shipment == SHIPMENTS.c.id)
        .where(LINES.c.lot == lot)
        .distinct()
        .order_by(SHIPMENTS.c.planned_at, SHIPMENTS.c.id)
    )
    return [_read(Shipment, row) for row in connection.execute(statement)]


def lines(connection: Connection, id_: str) -> list[Line]:
    statement = select(LINES.c.order_id, LINES.c.lot, LINES.c.quantity).where(LINES.c.shipment == id_)
    return [Line(*row) for row in connection.execute(statement.order_by(LINES.c.order_id))]


def parts(connection: Connection, id_: str) -> list[Part]:
    statement = select(PARTS).where(PARTS.c.shipment == id_).order_by(PARTS.c.number)
    return [_read(Part, row) for row in connection.execute(statement)]


def legs(connection: Connection, id_: str) -> list[Leg]:
    statement = select(LEGS).where(LEGS.c.shipment == id_).order_by(LEGS.c.number)
    return [_read(Leg, row) for row in connection.execute(statement)]


def containers(connection: Connection, id_: str) -> list[Container]:
    statement = select(CONTAINERS.c.number, CONTAINERS.c.seal).where(CONTAINERS.c.shipment == id_)
    return [Container(*row) for row in connection.execute(statement.order_by(CONTAINERS.c.number))]


def events(connection: Connection, id_: str) -> list[Event]:
    """Oldest first."""
    statement = select(EVENTS).where(EVENTS.c.shipment == id_).order_by(EVENTS.c.id)
    return [_read(Event, row) for row in connection.execute(statement)]


def cartons(connection: Connection, id_: str) -> tuple[Carton, ...]:
    contents: dict[int, list[Content]] = {}
    statement = select(CONTENTS).where(CONTENTS.c.shipment == id_)
    for row in connection.execute(statement.order_by(CONTENTS.c.carton, CONTENTS.c.part)):
        contents.setdefault(row.carton, []).append(Content(row.part, row.quantity))
    return tuple(
        Carton(
            row.number,
            tuple(contents.get(row.number, ())),
            row.net_mass_g,
            row.gross_mass_g,
            _size(row),
            row.pallet,
            row.is_weighed,
            row.sscc,
        )
        for row in _packages(connection, id_, "carton")
    )


def pallets(connection: Connection, id_: str) -> tuple[Pallet, ...]:
    return tuple(
        Pallet(row.number, row.gross_mass_g, _size(row), row.sscc)
        for row in _packages(connection, id_, "pallet")
    )


def move(
    connection: Connection,
    shipment: Shipment,
    state: State,
    *,
    at: datetime,
    by: str,
    what: str,
    reason: str = "",
    leg: int | None = None,
    waits_for: str | None = None,
) -> Shipment | None:
    """The one way in which a shipment changes; None where it changed meanwhile, and then nothing is written.

    what: slug of words.SHIPMENT_EVENTS. A change that keeps the state says the same state again.
    """
    moved = replace(
        shipment,
        state=state,
        leg=shipment.leg if leg is None else leg,
        waits_for=shipment.waits_for if waits_for is None else waits_for,
        version=shipment.version + 1,
    )
    result = connection.execute(
        SHIPMENTS.update()
        .where(SHIPMENTS.c.id == shipment.id, SHIPMENTS.c.version == shipment.version)
        .values(state=moved.state, leg=moved.leg, waits_for=moved.waits_for, version=moved.version)
    )
    if result.rowcount != 1:
        return None
    note(connection, moved, at=at, by=by, what=what, reason=reason)
    return moved


def wait_no_more(connection: Connection, id_: str) -> None:
    """Nobody has to sign for it any more."""
    connection.execute(
        SHIPMENTS.update().where(SHIPMENTS.c.id == id_).values(waits_for="", version=SHIPMENTS.c.version + 1)
    )


def note(
    connection: Connection, shipment: Shipment, *, at: datetime, by: str, what: str, reason: str = ""
) -> None:
    row = {"at": at, "by": by, "what": what, "state": shipment.state, "reason": reason}
    connection.execute(EVENTS.insert(), [{"shipment": shipment.id, **row}])


def load(connection: Connection, order_id: str, ordered: int, quantity: int) -> bool:
    """Take pieces of an order into a shipment: one conditional UPDATE, False where fewer are left."""
    connection.execute(
        text(
            "INSERT INTO order_loads (order_id, quantity, loaded) VALUES (:o, :q, 0) ON CONFLICT DO NOTHING"
        ),
        {"o": order_id, "q": ordered},
    )
    result = connection.execute(
        LOADS.update()
        .where(LOADS.c.order_id == order_id, LOADS.c.loaded + quantity <= LOADS.c.quantity)
        .values(loaded=LOADS.c.loaded + quantity)
    )
    return result.rowcount == 1


def unload(connection: Connection, order_id: str, quantity: int) -> None:
    connection.execute(
        LOADS.update().where(LOADS.c.order_id == order_id).values(loaded=LOADS.c.loaded - quantity)
    )


def loaded_of(connection: Connection, order_id: str) -> int:
    """Pieces of an order that stand in shipments, left or not."""
    statement = select(LOADS.c.loaded).where(LOADS.c.order_id == order_id)
    return int(connection.execute(statement).scalar_one_or_none() or 0)


def shipped_of(connection: Connection, order_id: str) -> int:
    """Pieces of an order that have left."""
    return _sum(connection, order_id, LEFT)


def delivered_of(connection: Connection, order_id: str) -> int:
    return _sum(connection, order_id, frozenset[State]({"delivered"}))


def taken_of(connection: Connection, order_id: str) -> dict[int, int]:
    """Article -> pieces of it that stand in the order's shipments."""
    statement = (
        select(PARTS.c.article, func.sum(PARTS.c.quantity))
        .join(SHIPMENTS, SHIPMENTS.c.id == PARTS.c.shipment)
        .where(PARTS.c.order_id == order_id, SHIPMENTS.c.state.in_(sorted(LIVE)))
        .group_by(PARTS.c.article)
    )
    return {article: int(quantity) for article, quantity in connection.execute(statement)}


def set_picked(
    connection: Connection, id_: str, part: int, picked: int, *, by: str, at: datetime | None
) -> None:
    connection.execute(
        PARTS.update()
        .where(PARTS.c.shipment == id_, PARTS.c.number == part)
        .values(picked=picked, picked_by=by, picked_at=at)
    )


def set_packages(connection: Connection, id_: str, boxes: Sequence[Carton], stacks: Sequence[Pallet]) -> None:
    """Replace them all. Each has its SSCC already."""
    connection.execute(CONTENTS.delete().where(CONTENTS.c.shipment == id_))
    connection.execute(PACKAGES.delete().where(PACKAGES.c.shipment == id_))
    packages = [_package(id_, "carton", one, one.pallet, one.net_mass_g, one.is_weighed) for one in boxes]
    packages += [_package(id_, "pallet", one, 0, 0, False) for one in stacks]
    contents = [
        {"shipment": id_, "carton": one.number, "part": content.part, "quantity": content.quantity}
        for one in boxes
        for content in one.contents
    ]
    for target, values in ((PACKAGES, packages), (CONTENTS, contents)):
        if values:
            connection.execute(target.insert(), values)


def set_legs(connection: Connection, id_: str, way: Iterable[Leg]) -> None:
    connection.execute(LEGS.delete().where(LEGS.c.shipment == id_))
    connection.execute(LEGS.insert(), [{"shipment": id_, **_members(leg)} for leg in way])


def set_containers(connection: Connection, id_: str, those: Sequence[Container]) -> None:
    connection.execute(CONTAINERS.delete().where(CONTAINERS.c.shipment == id_))
    if those:
        connection.execute(CONTAINERS.insert(), [{"shipment": id_, **_members(one)} for one in those])


def take_serials(connection: Connection, prefix: str, count: int) -> int:
    """The first of ``count`` SSCC serials that nobody else gets. prefix: with the extension digit."""
    connection.execute(
        text("INSERT INTO sscc_counters (prefix, next) VALUES (:p, 1) ON CONFLICT DO NOTHING"), {"p": prefix}
    )
    statement = COUNTERS.update().where(COUNTERS.c.prefix == prefix).values(next=COUNTERS.c.next + count)
    return int(connection.execute(statement.returning(COUNTERS.c.next)).scalar_one()) - count


def _sum(connection: Connection, order_id: str, states: Collection[State]) -> int:
    statement = (
        select(func.coalesce(func.sum(LINES.c.quantity), 0))
        .join(SHIPMENTS, SHIPMENTS.c.id == LINES.c.shipment)
        .where(LINES.c.order_id == order_id, SHIPMENTS.c.state.in_(sorted(states)))
    )
    return int(connection.execute(statement).scalar_one())


def _packages(connection: Connection, id_: str, kind: str) -> Sequence[Any]:
    where = (PACKAGES.c.shipment == id_, PACKAGES.c.kind == kind)
    return connection.execute(select(PACKAGES).where(*where).order_by(PACKAGES.c.number)).all()


def _package(
    id_: str, kind: str, one: Carton | Pallet, pallet: int, net_mass_g: int, is_weighed: bool
) -> dict[str, Any]:
    length, width, height = one.size or (0, 0, 0)
    return {
        "shipment": id_,
        "kind": kind,
        "number": one.number,
        "sscc": one.sscc,
        "pallet": pallet,
        "net_mass_g": net_mass_g,
        "gross_mass_g": one.gross_mass_g,
        "is_weighed": is_weighed,
        "length_mm": length,
        "width_mm": width,
        "height_mm": height,
    }


def _size(row: Any) -> Size | None:
    return (row.length_mm, row.width_mm, row.height_mm) if row.length_mm else None


def _read(of: type[Any], row: Any) -> Any:
    members = {}
    for name in of.__slots__:
        value = getattr(row, name)
        members[name] = as_utc(value) if name in _MOMENTS and value is not None else value
    return of(**members)


def _members(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
