"""Sell what is held: the order and its ``lot.sold`` are one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from gateway.errors import InsufficientQuantity, Refused, ReservationExpired
from gateway.store import trade
from gateway.store.trade import Listing, Order, Reservation
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.trade.quantities import half_up
from gateway.wiring import Installation
from gateway.workflows.agreed_prices import check_agreed, held_price
from gateway.workflows.gate import Judged, Verdict
from gateway.workflows.holding import changes_in, own_hold, standing
from gateway.workflows.parties import operator_hand
from gateway.workflows.shared_verdicts import shared_verdict
from gateway.workflows.work import Work
from ledger.author import new_id
from ledger.lots.permission import left_under


@dataclass(frozen=True, slots=True)
class Terms:
    """What the buyer states with the order. place: named place of the Incoterm.

    consignee, notify_party: name and address, lines parted by semicolons, "" for the company itself and for
    nobody; None as the company's rules say.
    """

    po_number: str
    incoterm: str
    place: str
    consignee: str | None = None
    notify_party: str | None = None


def verdicts_on(installation: Installation, company: str, reservations: Sequence[str]) -> dict[str, Verdict]:
    """Of the lots behind a company's holds, each once; to be asked before the unit that sells them.

    Raises NotFound for a hold that is not the company's.
    """
    with installation.database.reading() as reader:
        lots = {own_hold(reader, name, company).lot for name in reservations}
    return {lot: shared_verdict(installation, lot) for lot in sorted(lots)}


def sell_hold(
    work: Work, reservation_id: str, terms: Terms, verdicts: Mapping[str, Verdict], by: Cause
) -> Order:
    """Make the order of one hold, with its sale, in the caller's transaction.

    Raises ReservationExpired, ListingWithdrawn, LotNotVerified, InsufficientQuantity, Refused (head-changed).
    """
    installation, connection = work.installation, work.connection
    hold = trade.reservation(connection, reservation_id)
    assert hold is not None  # it was there, and reservations are never deleted
    now = installation.clock.now()
    if not hold.stands(now):
        raise ReservationExpired(reservation_id)
    listing, _, judged = standing(
        installation, connection, hold.listing, hold.company, verdicts[hold.lot], held=True
    )
    check_unchanged(hold, judged)
    agreed = held_price(connection, listing, hold.price_list, hold.unit_price_minor)
    check_agreed(judged, listing, agreed)  # bands may have changed since
    permitted = left_under(judged.facts.chain)
    if permitted is not None and hold.quantity > permitted:  # narrowed since it was held
        raise InsufficientQuantity(permitted)
    lot = judged.facts.lot
    if lot.sold is not None and hold.quantity > lot.quantity - lot.sold:  # lost or destroyed since
        raise InsufficientQuantity(lot.quantity - lot.sold)
    if not trade.convert(connection, hold, now):
        raise ReservationExpired(reservation_id)
    order = _sell(work, hold, listing, terms)
    causes.order_confirmed(connection, order, now, by)
    return order


def check_unchanged(hold: Reservation, judged: Judged) -> None:
    """Raises Refused (head-changed): a buyer is asked again about other goods than he saw."""
    found = changes_in(hold, judged)
    if found:
        raise Refused(
            "head-changed",
            "what the records say of the goods changed since they were held",
            reservation=hold.id,
            changes=[asdict(one) for one in found],
        )


def _sell(work: Work, hold: Reservation, listing: Listing, terms: Terms) -> Order:
    installation, connection = work.installation, work.connection
    buyer = trade.company(connection, hold.company)
    subject = work.view.subject(hold.lot)
    assert buyer is not None
    assert subject is not None
    order_id = new_id("order")
    each = listing.pack.piece_price_minor(hold.unit_price_minor)
    entry = work.record(
        "lot.sold",
        [operator_hand(installation, "sales", "seller")],
        {"grade": subject.state.grade},
        subjects=[hold.lot],
        refs=subject.state.authorizations,
        committed={
            "quantity": hold.quantity,
            "order": order_id,
            "buyer": buyer.name,
            "incoterm": f"{terms.incoterm} {terms.place}",
            "price": {"amount_minor": half_up(each), "currency": listing.currency},
        },
    )
    _pass_title(work, hold.lot, order_id, buyer.name)
    order = Order(
        id=order_id,
        reservation=hold.id,
        company=hold.company,
        lot=hold.lot,
        market=listing.market,
        quantity=hold.quantity,
        unit_price_minor=hold.unit_price_minor,
        currency=listing.currency,
        po_number=terms.po_number,
        incoterm=terms.incoterm,
        place=terms.place,
        head=hold.head or subject.head.event_id,
        sold_event=entry.event_id,
        placed_at=installation.clock.now(),
        state="confirmed",
        shipment=None,
        basis=listing.basis,
        size=listing.size,
    )
    trade.add_order(connection, order)
    return order


def _pass_title(work: Work, lot: str, order: str, buyer: str) -> None:
    """Right after the sale, by a key that may: keys of older installations were registered without it."""
    seller = operator_hand(work.installation, "sales", "seller")
    key, subject = work.view.key(seller.key), work.view.subject(lot)
    assert subject is not None
    if key is None or "title.transferred:seller" not in key.scopes:
        return
    work.record(
        "title.transferred",
        [seller],
        {"supply_mode": subject.state.supply_mode, "transferor": subject.state.title},
        subjects=[lot],
        committed={"transferee": buyer, "order": order},
    )
