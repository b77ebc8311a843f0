"""Plan a shipment, sign for its packages, issue its papers, let it leave, follow it on its way.

Each step is one transaction with the record that says so. Where the goods lie with somebody whose key is
elsewhere, the record waits as a statement for them to sign, and the step is done when they did (G28).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from gateway.errors import LotNotVerified, NotFound, Refused
from gateway.people.identity import Identity
from gateway.policies import load
from gateway.statements import hands
from gateway.store import shipments, trade
from gateway.store.shipments import Line, Part, Shipment
from gateway.store.trade import Order
from gateway.trade import lateness, packing
from gateway.trade.eligibility import Reason
from gateway.trade.lateness import Leg
from gateway.trade.shipment_states import UNDER_WAY, State
from gateway.wiring import Installation
from gateway.workflows import issue_papers, purchase_progress, shipment_gate, shipment_moves
from gateway.workflows.delivery import delivery_of
from gateway.workflows.order_parts import grouped, parts_of
from gateway.workflows.parties import operator_hand
from gateway.workflows.prepare import Wanted
from gateway.workflows.shipment_moves import moved, not_now, standing
from gateway.workflows.shipment_papers import load_of, pieces_of
from gateway.workflows.shipment_waiting import wait
from gateway.workflows.work import Work
from ledger.author import new_id
from ledger.lots.state import LotState
from ledger.record import Ledger
from ledger.store import log

SHIPPABLE: Final = frozenset({"confirmed", "packed", "partially_shipped"})  # states of an order
REASON_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What to ship of an order. quantity: None for all that is left of it."""

    order: str
    quantity: int | None = None


def plan(installation: Installation, wishes: Sequence[Wish], *, by: str, way: Sequence[Leg] = ()) -> Shipment:
    """Choose the pieces of a shipment. way: its legs, the market's usual ones where none are named.

    Raises NotFound, Refused: more-than-allocated (with what is left), orders-differ (company, terms or
    place of the goods), order-not-shippable, way-does-not-fit (with its faults).
    """
    return installation.writer.do(planning(installation, wishes, by=by, way=way))


def planning(
    installation: Installation, wishes: Sequence[Wish], *, by: str, way: Sequence[Leg] = ()
) -> Callable[[Ledger], Shipment]:
    """The unit behind ``plan``."""

    def unit(ledger: Ledger) -> Shipment:
        work = Work(installation, ledger)
        orders = _shippable(work, wishes)
        wanted = _loaded(work, orders, wishes)
        custodian, site = _one_place(work.connection, [order.lot for order in orders])
        now = installation.clock.now()
        first = orders[0]
        to = load.shipping().markets[first.market]
        legs = tuple(way) or to.plan(now)
        _check_way(legs, now)
        shipment = Shipment(
            id=new_id("shipment"),
            number=_number(work.connection, first),
            company=first.company,
            market=first.market,
            incoterm=first.incoterm,
            place=first.place,
            custodian=custodian,
            site=site,
            state="planned",
            leg=0,
            version=1,
            planned_at=now,
            promised_at=now + timedelta(days=to.promise_days),
            waits_for="",
        )
        lines = [Line(order.id, order.lot, wanted[order.id]) for order in orders]
        parts = _parts(work.connection, orders, wanted)
        shipments.add(work.connection, shipment, lines, parts, legs)
        shipments.note(work.connection, shipment, at=now, by=by, what="planned")
        return shipment

    return unit


def cancel(installation: Installation, shipment_id: str, *, by: Identity, reason: str) -> Shipment:
    """Take it apart before it leaves; what was signed as packed is signed as unpacked."""

    def unit(ledger: Ledger) -> Shipment:
        work = Work(installation, ledger)
        shipment = standing(work, shipment_id)
        if shipment.state == "planned":
            if shipment.waits_for:
                raise not_now(shipment)
            return shipment_moves.taken_apart(work, shipment, by.principal, reason[:REASON_MAX])
        if shipment.state not in ("packed", "documents_ready") or shipment.waits_for:
            raise not_now(shipment)
        wanted = _movement(work, shipment, "lot.unpacked", {})
        if shipment.custodian == installation.config.operator:
            _record(work, wanted)
            return shipment_moves.taken_apart(work, shipment, by.principal, reason[:REASON_MAX])
        return wait(work, shipment, wanted, by, then="shipment-unpacked", what="unpack")

    return installation.writer.do(unit)


def pack(installation: Installation, shipment_id: str, *, by: Identity) -> Shipment:
    """Sign for the packages. Raises Refused: not-picked, packing-faults (each names its field)."""

    def unit(ledger: Ledger) -> Shipment:
        work = Work(installation, ledger)
        shipment = standing(work, shipment_id)
        if shipment.state != "planned" or shipment.waits_for:
            raise not_now(shipment)
        _check_packed(work.connection, shipment)
        orders = shipment_moves.orders_in(work, shipment)
        marks = list(dict.fromkeys(order.po_number for order in orders))
        wanted = _movement(work, shipment, "lot.packed", {"marks": marks, "destination": shipment.place})
        if shipment.custodian == installation.config.operator:
            _record(work, wanted)
            return shipment_moves.packed(work, shipment, by.principal)
        return wait(work, shipment, wanted, by, then="shipment-packed", what="pack")

    return installation.writer.do(unit)


def issue(installation: Installation, shipment_id: str, *, by: Identity) -> Shipment:
    """Issue its papers, see ``issue_papers``; with those that the market asks for they are ready."""
    return issue_papers.issue(installation, shipment_id, by=by)


def dispatch(installation: Installation, shipment_id: str, *, by: Identity) -> Shipment:
    """Let it leave, if the gate lets every lot of it and the ledger says that its place holds them.

    Raises LotNotVerified with every reason; the refusal is written down, and the purchases go on hold.
    Refused: site-without-custody, shipment-not-now, papers-not-issued (they were revoked).
    """
    with installation.database.reading() as connection:
        _found(connection, shipment_id)
        verdicts = shipment_gate.verdicts_on(installation, connection, shipment_id)

    def unit(ledger: Ledger) -> Shipment | tuple[str, tuple[Reason, ...]]:
        work = Work(installation, ledger)
        current = standing(work, shipment_id)
        if current.state != "documents_ready" or current.waits_for:
            raise not_now(current)
        shipment_gate.check_papers(work.connection, current)
        check_custody(work.connection, current, sorted(verdicts))
        orders = [line.order_id for line in shipments.lines(work.connection, current.id)]
        purchase_progress.check_may_leave(work, orders)
        stopped = shipment_gate.first_stopped(installation, work.connection, current, verdicts)
        if stopped is not None:
            shipment_gate.stop(work, current, stopped[1], by.principal)
            return stopped
        wanted = _movement(work, current, "lot.shipped", _sealed(work.connection, current))
        if current.custodian == installation.config.operator:
            _record(work, wanted)
            return shipment_moves.dispatched(work, current, by.principal)
        return wait(work, current, wanted, by, then="shipment-dispatched", what="dispatch")

    answer = installation.writer.do(unit)
    if isinstance(answer, tuple):
        raise LotNotVerified(answer[0], answer[1])
    return answer


def check_custody(connection: Connection, shipment: Shipment, lots: Sequence[str]) -> None:
    """Goods leave from whoever holds them, by the ledger and at this moment (G28).

    Raises Refused ``site-without-custody``.
    """
    for lot in lots:
        custodian, site = place_of(connection, lot)
        if (custodian, site) != (shipment.custodian, shipment.site):
            raise Refused(
                "site-without-custody",
                f"{lot} is not held at {shipment.site} by {shipment.custodian}",
                lot=lot,
                site=shipment.site,
            )


def arrive(
    installation: Installation, shipment_id: str, *, by: Identity, at: datetime | None = None
) -> Shipment:
    """It is delivered: said by the operator for the consignee or carrier. at: when, now where None.

    Raises Refused: shipment-not-now, no-key-for-delivery.
    """

    def unit(ledger: Ledger) -> Shipment:
        work = Work(installation, ledger)
        shipment = standing(work, shipment_id)
        if shipment.state not in UNDER_WAY:
            raise not_now(shipment)
        hand = operator_hand(installation, "warehouse", "receiver")
        key = work.view.key(hand.key)
        if key is None or "lot.delivered:receiver" not in key.scopes:
            raise Refused("no-key-for-delivery", "no key here may sign lot.delivered as receiver")
        work.record(
            "lot.delivered",
            [hand],
            _mass(work.connection, shipment.id),
            subjects=[*_lots(work.connection, shipment.id), shipment.id],
            committed={"destination": shipment.place},
        )
        now = installation.clock.now()
        return shipment_moves.delivered(work, shipment, by.principal, min(at or now, now))

    return installation.writer.do(unit)


def turn(
    installation: Installation, shipment_id: str, state: State, *, by: Identity, reason: str
) -> Shipment:
    """At the border, lost, returned, or under way again: what people say of it, and why."""

    def unit(ledger: Ledger) -> Shipment:
        work = Work(installation, ledger)
        shipment = standing(work, shipment_id)
        said = reason[:REASON_MAX]
        after = moved(work, shipment, state, by=by.principal, what=state.replace("_", "-"), reason=said)
        if state in ("lost", "returned"):
            ids = [line.order_id for line in shipments.lines(work.connection, shipment.id)]
            purchase_progress.after_shipment(work, ids)
        return after

    return installation.writer.do(unit)


def set_leg(
    installation: Installation, shipment_id: str, number: int, *, by: Identity, **changes: Any
) -> Shipment:
    """Change plan or actual times of a leg: carrier, origin, destination, mode, etd, eta, atd, ata.

    Actual times wait until it was dispatched; one that says it left puts the shipment on that leg.
    Raises NotFound, Refused: way-does-not-fit with its faults, shipment-not-now.
    """

    def unit(ledger: Ledger) -> Shipment:
        work = Work(installation, ledger)
        shipment = standing(work, shipment_id)
        legs = shipments.legs(work.connection, shipment.id)
        if not any(leg.number == number for leg in legs):
            raise NotFound(str(number))
        if shipment.state in ("delivered", "returned", "cancelled"):
            raise not_now(shipment)
        if (changes.get("atd") or changes.get("ata")) and shipment.state not in UNDER_WAY:
            raise not_now(shipment)
        changed = [replace(leg, **changes) if leg.number == number else leg for leg in legs]
        _check_way(changed, installation.clock.now())
        shipments.set_legs(work.connection, shipment.id, changed)
        on = max((leg.number for leg in changed if leg.atd is not None), default=0)
        state = shipment.state
        if on > max(shipment.leg, 1) or (on and changes.get("ata") and state == "dispatched"):
            state = "in_transit"
        return moved(work, shipment, state, by=by.principal, what="leg-changed", reason=str(number), leg=on)

    return installation.writer.do(unit)


def way_of(connection: Connection, shipment: Shipment, now: datetime) -> lateness.Way:
    """How far it is and how late."""
    return lateness.way(shipments.legs(connection, shipment.id), promised_at=shipment.promised_at, now=now)


def left_of(connection: Connection, order: Order) -> int:
    """Pieces of an order that stand in no shipment yet."""
    return order.quantity - shipments.loaded_of(connection, order.id)


def faults_of(connection: Connection, shipment_id: str) -> list[packing.Fault]:
    """What does not add up in its packages."""
    return packing.faults(
        pieces_of(load_of(connection, shipment_id)),
        shipments.cartons(connection, shipment_id),
        shipments.pallets(connection, shipment_id),
    )


def _shippable(work: Work, wishes: Sequence[Wish]) -> list[Order]:
    """The orders of the wishes, each once, by their ids."""
    if not wishes:
        raise Refused("nothing-to-ship", "no order was named")
    orders = []
    for id_ in sorted({wish.order for wish in wishes}):
        order = trade.order(work.connection, id_)
        if order is None:
            raise NotFound(id_)
        if order.state not in SHIPPABLE:
            raise Refused("order-not-shippable", f"{id_} is {order.state}", order=id_, state=order.state)
        orders.append(order)
    shared = {(one.company, one.market, one.currency, one.incoterm, one.place) for one in orders}
    to = {delivery_of(work.connection, one.company, [one.id]) for one in orders}
    if len(shared) > 1 or len(to) > 1:
        raise Refused("orders-differ", "one shipment goes to one company, in one place, on the same terms")
    return orders


def _loaded(work: Work, orders: Sequence[Order], wishes: Sequence[Wish]) -> dict[str, int]:
    """Order -> pieces, taken by one conditional UPDATE each; two wishes about one order are summed (I10)."""
    asked: Counter[str] = Counter()
    for wish in wishes:
        if wish.quantity is not None:
            asked[wish.order] += wish.quantity
    found = {}
    for order in orders:
        left = left_of(work.connection, order)
        quantity = asked[order.id] or left
        if quantity < 1 or not shipments.load(work.connection, order.id, order.quantity, quantity):
            said = f"{left} of {order.id} are left to ship"
            raise Refused("more-than-allocated", said, order=order.id, left=max(0, left))
        found[order.id] = quantity
    return found


def _parts(connection: Connection, orders: Sequence[Order], wanted: Mapping[str, int]) -> list[Part]:
    """The pieces that no other shipment of the order takes, in the order of the invoice's lines."""
    found: list[Part] = []
    for order in orders:
        taken, left = shipments.taken_of(connection, order.id), wanted[order.id]
        for part in (part for group in grouped(parts_of(connection, order)) for part in group):
            free = min(part.quantity - taken.get(part.item.id, 0), left)
            if free > 0:
                left -= free
                found.append(Part(len(found) + 1, order.id, order.lot, part.item.id, free))
        assert not left, order.id  # as many were loaded as the order has
    return found


def _one_place(connection: Connection, lots: Sequence[str]) -> tuple[str, str]:
    places = {place_of(connection, lot) for lot in lots}
    if len(places) > 1:
        raise Refused("orders-differ", "goods that lie in different places leave in different shipments")
    return places.pop()


def place_of(connection: Connection, lot: str) -> tuple[str, str]:
    """(custodian, site) by the ledger; the site of goods that were never moved is where they came in."""
    subject = log.subject(connection, lot)
    assert subject is not None  # it was sold
    state: LotState = subject.state
    return state.custody, state.site or (state.intake.site if state.intake else "")


def _number(connection: Connection, order: Order) -> str:
    """Of its documents: the order's, with a count from its second shipment on."""
    count = len(shipments.of_order(connection, order.id)) + 1
    number = f"LP-{order.placed_at:%Y%m%d}-{order.id[-6:].upper()}"
    return number if count == 1 else f"{number}-{count}"


def _check_way(legs: Sequence[Leg], now: datetime) -> None:
    faults = lateness.problems(legs, now)
    if faults:
        told = [{"field": field, "slug": slug} for field, slug in faults]
        raise Refused("way-does-not-fit", "; ".join(f"{f}: {s}" for f, s in faults), faults=told)


def _check_packed(connection: Connection, shipment: Shipment) -> None:
    parts = shipments.parts(connection, shipment.id)
    left = sum(part.quantity - part.picked for part in parts)
    if left:
        raise Refused("not-picked", f"{left} pieces are not picked yet", left=left)
    faults = faults_of(connection, shipment.id)
    if faults:
        told = [
            {"field": one.field, "slug": one.slug, "expected": one.expected, "found": one.found}
            for one in faults
        ]
        said = "; ".join(f"{one.field}: {one.slug} ({one.expected}, {one.found})" for one in faults[:5])
        raise Refused("packing-faults", said, faults=told)


def _movement(work: Work, shipment: Shipment, type_: str, committed: Mapping[str, Any]) -> Wanted:
    """A record of the shipment and its lots, for whoever holds them to sign: its own packages, no others."""
    subjects = [*_lots(work.connection, shipment.id), shipment.id]
    data = _mass(work.connection, shipment.id)
    if shipment.custodian == work.installation.config.operator:
        return Wanted(type_, subjects, [], data, committed=committed)
    place = hands.place(work.connection, shipment.custodian, type_, "custodian")
    return Wanted(type_, subjects, [place], data, committed=committed)


def _record(work: Work, wanted: Wanted) -> None:
    hand = operator_hand(work.installation, "warehouse", "custodian")
    work.record(wanted.type, [hand], wanted.data, subjects=wanted.subjects, committed=wanted.committed)


def _sealed(connection: Connection, shipment: Shipment) -> dict[str, Any]:
    """What ``lot.shipped`` commits to beside its data."""
    legs = shipments.legs(connection, shipment.id)
    route = [f"{leg.mode} {leg.origin} - {leg.destination}" for leg in legs]
    seals = [one.seal for one in shipments.containers(connection, shipment.id) if one.seal]
    found: dict[str, Any] = {"destination": shipment.place, "route": route}
    return found | ({"seal": ", ".join(seals)} if seals else {})


def _mass(connection: Connection, shipment_id: str) -> dict[str, int]:
    cartons = shipments.cartons(connection, shipment_id)
    return {"packages": len(cartons), "mass_g": sum(one.gross_mass_g for one in cartons)}


def _lots(connection: Connection, shipment_id: str) -> list[str]:
    return sorted({line.lot for line in shipments.lines(connection, shipment_id)})


def _found(connection: Connection, shipment_id: str) -> Shipment:
    found = shipments.get(connection, shipment_id)
    if found is None:
        raise NotFound(shipment_id)
    return found
