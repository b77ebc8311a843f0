"""Reservations and orders, as the buyer and the operator see them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from gateway.pages.building.article import common, name_of, pack_href
from gateway.pages.building.landed import brief
from gateway.pages.building.offer import terms_of
from gateway.pages.building.offers import plain_offer, unit_price
from gateway.pages.building.reading import SHORT, checking, history_of
from gateway.pages.views import (
    ConfirmForm,
    HeldBeside,
    Money,
    OrderDocument,
    OrderItem,
    OrderLine,
    OrdersView,
    OrderView,
    ReservationView,
    StatusStep,
)
from gateway.policies import load
from gateway.store import goods, shipments, trade
from gateway.store.trade import Order, Reservation
from gateway.trade.shipment_states import LIVE
from gateway.wiring import Installation
from gateway.workflows.gate import judge_lot, rests_on_distrusted, verdict_on
from gateway.workflows.order_parts import Part, parts_of
from ledger.core.envelope import parse_at
from ledger.core.leaf import Leaf
from ledger.store import log

STAFF_ORDERS = "/operator/orders"
BESIDE_MAX = 20  # holds that one order may take along

# What a buyer waits for, and the record that says it has come.
MILESTONES = (
    ("packed", "lot.packed"),
    ("documents_ready", "document.issued"),
    ("shipped", "lot.shipped"),
    ("delivered", "lot.delivered"),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """The confirmation form as it was sent. error: slug of words.FORM_ERRORS."""

    po_number: str = ""
    incoterm: str = ""
    error: str = ""
    error_field: Literal["", "po_number", "incoterm"] = ""
    beside: tuple[str, ...] = ()


def reservation_view(
    installation: Installation, connection: Connection, hold: Reservation, filled: Filled, language: str
) -> ReservationView | None:
    """None where the lot behind the hold cannot be told any more."""
    listing = trade.listing(connection, hold.listing)
    market = load.markets().market(listing.market) if listing else None
    if listing is None or market is None:
        return None
    with checking(hold.lot):
        judged = judge_lot(installation, connection, hold.lot, verdict_on(installation, connection, hold.lot))
    if judged is None:
        return None
    left = hold.expires_at - installation.clock.now()
    state = "expired" if hold.state == "active" and left <= timedelta() else hold.state
    order = trade.order_of_reservation(connection, hold.id) if state == "converted" else None
    terms = terms_of(history_of(installation, connection, hold.lot), market)
    form = ConfirmForm(
        action=f"/reservations/{hold.id}/confirm",
        release_action=f"/reservations/{hold.id}/release",
        idempotency_key="",
        po_number=filled.po_number,
        incoterms=terms,
        incoterm=filled.incoterm or terms[0],
        error=filled.error,
        error_field=filled.error_field,
        beside=_held_beside(installation, connection, hold, filled.beside),
    )
    return ReservationView(
        id_short=hold.id.removeprefix("rsv_")[:SHORT],
        state=_known_state(state),
        offer=replace(
            plain_offer(connection, listing, judged, language),
            price=unit_price(hold.unit_price_minor, listing.currency),  # that was seen stands
        ),
        quantity=hold.quantity,
        total=Money(
            amount_minor=listing.pack.amount_minor(hold.quantity, hold.unit_price_minor),
            currency=listing.currency,
        ),
        expires_at=hold.expires_at,
        minutes_left=max(1, -(-int(left.total_seconds()) // 60)),
        form=form if state == "active" else None,
        order_href=f"/orders/{bare(order.id)}" if order else "",
        landed=brief(listing, judged, hold, installation.clock.now(), trade.company(connection, hold.company))
        if state == "active"
        else None,
    )


def _held_beside(
    installation: Installation, connection: Connection, hold: Reservation, chosen: Sequence[str]
) -> tuple[HeldBeside, ...]:
    """The company's other holds that have not run out, those that end first before the others."""
    now = installation.clock.now()
    others = [
        one
        for one in trade.holds(connection, company=hold.company)
        if one.id != hold.id and one.expires_at > now
    ]
    return tuple(
        HeldBeside(
            id=one.id, name=_goods(connection, one.lot), quantity=one.quantity, chosen=one.id in chosen
        )
        for one in reversed(others[:BESIDE_MAX])
    )


def _goods(connection: Connection, lot: str) -> str:
    items = goods.of_lot(connection, lot)
    return f"{common(items, 'brand') or ''} {common(items, 'model') or ''}".strip() or lot


def orders_view(orders: Sequence[Order], buyers: Mapping[str, str] | None = None) -> OrdersView:
    """Newest first. buyers: company -> name, for the operator, whose console shows everybody's."""
    newest = sorted(orders, key=lambda order: order.placed_at, reverse=True)
    lines = (_line(order, "/orders" if buyers is None else STAFF_ORDERS) for order in newest)
    if buyers is None:
        return OrdersView(orders=tuple(lines))
    named = (
        replace(line, buyer=buyers.get(order.company, "")) for line, order in zip(lines, newest, strict=True)
    )
    return OrdersView(orders=tuple(named), catalogue_href="")


def operator_order_view(connection: Connection, order: Order, language: str) -> OrderView:
    """As the buyer sees it."""
    company = trade.company(connection, order.company)
    return replace(
        order_view(connection, order, language),
        orders_href=STAFF_ORDERS,
        buyer=company.name if company else "",
        shipments=_shipments(connection, order, "/operator/shipments"),
    )


def order_view(connection: Connection, order: Order, language: str) -> OrderView:
    with checking(order.id):
        reached = _milestones(connection, order)
        state = reached[-1][0] if reached else "confirmed"
        steps = [StatusStep(state="confirmed", at=order.placed_at, current=state == "confirmed")]
        times = dict(reached)
        steps += [StatusStep(state=name, at=times.get(name), current=name == state) for name, _ in MILESTONES]
        return OrderView(
            number=order_number(order),
            po_number=order.po_number,
            state=state,
            incoterm=f"{order.incoterm} {order.place}",
            placed_at=order.placed_at,
            total=Money(amount_minor=order.total_minor, currency=order.currency),
            items=tuple(_items(connection, order, language)),
            steps=tuple(steps),
            documents=tuple(order_documents(connection, order)),
            pack_href=pack_href(order.lot),
            shipments=_shipments(connection, order, "/shipments"),
        )


def _shipments(connection: Connection, order: Order, prefix: str) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (f"{prefix}/{bare(one.id)}", one.number, one.state)
        for one in shipments.of_order(connection, order.id)
        if one.state in LIVE
    )


def order_number(order: Order) -> str:
    """As it stands on the documents."""
    return f"LP-{order.placed_at:%Y%m%d}-{order.id[-6:].upper()}"


def bare(order_id: str) -> str:
    return order_id.partition(":")[2]


def _known_state(state: str) -> Literal["active", "converted", "released", "expired"]:
    match state:
        case "active" | "converted" | "released":
            return state
    return "expired"


def _line(order: Order, prefix: str) -> OrderLine:
    return OrderLine(
        href=f"{prefix}/{bare(order.id)}",
        number=order_number(order),
        po_number=order.po_number,
        placed_on=order.placed_at.date(),
        state=order.state,
        quantity=order.quantity,
        total=Money(amount_minor=order.total_minor, currency=order.currency),
    )


def _milestones(connection: Connection, order: Order) -> list[tuple[str, datetime]]:
    """(state, the log's time) of what the shipment's own records say has happened."""
    if order.shipment is None:
        return []
    reached: dict[str, datetime] = {}
    states = {type_: state for state, type_ in MILESTONES}
    for index, _, _ in log.chain(connection, order.shipment):
        encoded = log.leaf(connection, index)
        if encoded is None:
            continue
        leaf = Leaf.parse(encoded)
        state = states.get(leaf.record.body.type)
        if state is not None:
            reached[state] = parse_at(leaf.recorded_at)
    return [(state, reached[state]) for state, _ in MILESTONES if state in reached]


def _items(connection: Connection, order: Order, language: str) -> list[OrderItem]:
    """One line a product; the lot's own code leads to its history."""
    groups: dict[tuple[str, str, str], list[Part]] = defaultdict(list)
    for part in parts_of(connection, order):
        facts = part.item.facts
        groups[facts["brand"], facts["model"], part.item.grade].append(part)
    code = next((link.code for link in goods.codes_of(connection, order.lot) if link.level == "lot"), "")
    head_entry = log.index_of(connection, order.head)
    distrusted = rests_on_distrusted(connection, order.lot)
    lines = []
    for (brand, model, grade), parts in groups.items():
        quantity = sum(part.quantity for part in parts)
        name = name_of([part.item for part in parts], language)
        lines.append(
            OrderItem(
                lot=bare(order.lot)[:SHORT],
                lot_href=f"/q/{code}" if code else f"/v1/lots/{bare(order.lot)}/history",
                name=f"{brand} {model} {name}" if name not in model else f"{brand} {name}",
                grade=grade,
                quantity=quantity,
                price=unit_price(order.unit_price_minor, order.currency),
                total=Money(
                    amount_minor=order.pack.amount_minor(quantity, order.unit_price_minor),
                    currency=order.currency,
                ),
                basis=order.basis,
                head_entry=head_entry if head_entry is not None else 0,
                distrusted=distrusted,
            )
        )
    return lines


def order_documents(connection: Connection, order: Order) -> list[OrderDocument]:
    return [
        OrderDocument(
            kind=document.kind,
            number=document.number,
            issued_on=date.fromisoformat(document.issued_on),
            sha256=document.sha256,
            download_href=f"/documents/{document.code}",
            check_href=f"/d/{document.code}/1",
            superseded=document.superseded_by is not None,
        )
        for document in trade.documents(connection, order_id=order.id)
    ]
