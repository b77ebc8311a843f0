"""List what the gate lets through, reserve by one conditional UPDATE, confirm with the sale recorded.

``reserving``, ``confirming`` and ``releasing`` prepare a unit of work, for callers that write more in
the same transaction; what they check before it reads tiles and must not be inside.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection

from gateway.errors import (
    InsufficientQuantity,
    ListingWithdrawn,
    LotNotVerified,
    NotFound,
    Refused,
    ReservationExpired,
)
from gateway.policies import load
from gateway.store import trade
from gateway.store.trade import Listing, Order, Reservation
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.trade.eligibility import Market
from gateway.wiring import Installation
from gateway.workflows.gate import Judged, Verdict, free_units, judge_lot, today, verdict_on
from gateway.workflows.links import left_to_hold
from gateway.workflows.parties import operator_hand
from gateway.workflows.work import Work
from ledger.author import new_id
from ledger.lots.permission import left_under
from ledger.lots.state import LotState
from ledger.record import Ledger

HOLD = timedelta(minutes=30)
MOQ = 5


def list_lot(work: Work, lot: str, market: Market, verdict: Verdict) -> Listing:
    """Record and publish an offer. Raises LotNotVerified with every reason."""
    installation = work.installation
    judged = judge_lot(installation, work.connection, lot, verdict)
    if judged is None:
        raise NotFound(lot)
    reasons = judged.reasons(market, today(installation))
    if reasons or judged.price is None:
        raise LotNotVerified(lot, reasons)
    state = judged.facts.lot
    entry = work.record(
        "lot.listed",
        [operator_hand(installation, "sales", "seller")],
        {"verification": judged.verification(market), "depth_max": load.permission().depth_max},
        subjects=[lot],
        refs=state.authorizations,
        committed={
            "market": market.code,
            "channel": market.channel,
            "price": {"amount_minor": judged.price.unit_price_minor, "currency": judged.price.currency},
        },
    )
    if trade.stock(work.connection, lot) is None:
        trade.open_stock(work.connection, lot, state.quantity, installation.clock.now())
    for standing in trade.listings(work.connection, lot=lot):
        if standing.market == market.code:
            trade.withdraw_listing(work.connection, standing.id)  # one offer a market
    listing = Listing(
        id=f"lst_{new_id('work').partition(':')[2]}",
        lot=lot,
        market=market.code,
        channel=market.channel,
        currency=judged.price.currency,
        unit_price_minor=judged.price.unit_price_minor,
        moq=min(MOQ, state.quantity),
        head=entry.event_id,
        status="published",
    )
    trade.add_listing(work.connection, listing)
    return listing


def reserve(installation: Installation, listing_id: str, company: str, quantity: int) -> Reservation:
    """Hold ``quantity`` units for 30 minutes.

    Raises NotFound, ListingWithdrawn, LotNotVerified, Refused (below-moq), InsufficientQuantity.
    """
    return installation.writer.do(reserving(installation, listing_id, company, quantity))


def reserving(
    installation: Installation, listing_id: str, company: str, quantity: int
) -> Callable[[Ledger], Reservation]:
    """The unit behind ``reserve``."""
    verdict = _verdict(installation, listing_id)

    def unit(ledger: Ledger) -> Reservation:
        connection = ledger.connection
        listing, judged = _standing(installation, ledger, listing_id, company, verdict)
        now = installation.clock.now()
        permitted = left_to_hold(connection, judged.facts.chain, now)
        if permitted is not None and quantity > permitted:
            raise InsufficientQuantity(max(0, permitted))
        lot = judged.facts.lot
        left = _left(connection, listing.lot, lot)
        smallest = min(listing.moq, left) or listing.moq  # a rest below it may be sold whole
        if quantity < smallest:
            raise Refused("below-moq", f"the smallest order is {smallest} pieces", minimum=smallest)
        if quantity > left or not trade.try_reserve(connection, listing.lot, quantity):
            for hold in trade.expired(connection, listing.lot, now):
                trade.release(connection, hold, "expired", now)
            left = _left(connection, listing.lot, lot)  # counted again after the release
            if quantity > left or not trade.try_reserve(connection, listing.lot, quantity):
                raise InsufficientQuantity(left)
        hold = Reservation(
            f"rsv_{new_id('work').partition(':')[2]}", listing.lot, listing_id, company, quantity, now + HOLD,
            "active",
        )  # fmt: skip
        trade.add_reservation(connection, hold, now)
        return hold

    return unit


def _left(connection: Connection, name: str, lot: LotState) -> int:
    """Units that may be held now, as this transaction finds both the stock row and the ledger's lot."""
    stock = trade.stock(connection, name)
    return 0 if stock is None else max(0, free_units(lot, stock))


def release(installation: Installation, reservation_id: str, company: str) -> None:
    """Give a hold back; one that is closed already stays as it is. Raises NotFound."""
    installation.writer.do(releasing(installation, reservation_id, company, lambda _hold: None))


def releasing(
    installation: Installation,
    reservation_id: str,
    company: str,
    check: Callable[[Reservation], None],
) -> Callable[[Ledger], Reservation]:
    """The unit behind ``release``. check: may refuse the hold as the transaction finds it."""

    def unit(ledger: Ledger) -> Reservation:
        hold = trade.reservation(ledger.connection, reservation_id, company=company)
        if hold is None:
            raise NotFound(reservation_id)
        check(hold)
        if hold.state != "active":
            return hold
        trade.release(ledger.connection, hold, "released", installation.clock.now())
        return replace(hold, state="released")

    return unit


@dataclass(frozen=True, slots=True)
class Terms:
    """What the buyer states with the order. place: named place of the Incoterm."""

    po_number: str
    incoterm: str
    place: str


def confirm(installation: Installation, reservation_id: str, company: str, terms: Terms) -> Order:
    """Turn a hold into a confirmed order; its ``lot.sold`` is recorded in the same transaction.

    The same reservation confirmed twice is one order. Raises NotFound, ReservationExpired,
    ListingWithdrawn, LotNotVerified.
    """
    return installation.writer.do(confirming(installation, reservation_id, company, terms))


def confirming(
    installation: Installation, reservation_id: str, company: str, terms: Terms
) -> Callable[[Ledger], Order]:
    """The unit behind ``confirm``."""
    with installation.database.reading() as reader:
        held = trade.reservation(reader, reservation_id, company=company)
    if held is None:
        raise NotFound(reservation_id)
    verdict = _verdict(installation, held.listing)
    by = Cause.of(company)

    def unit(ledger: Ledger) -> Order:
        work = Work(installation, ledger)
        connection = work.connection
        hold = trade.reservation(connection, reservation_id)
        assert hold is not None  # it was there, and reservations are never deleted
        standing = trade.order_of_reservation(connection, reservation_id)
        if standing is not None:
            return standing
        now = installation.clock.now()
        if hold.state != "active" or hold.expires_at <= now:
            raise ReservationExpired(reservation_id)
        listing, judged = _standing(installation, ledger, hold.listing, company, verdict)
        permitted = left_under(judged.facts.chain)
        if permitted is not None and hold.quantity > permitted:  # narrowed since it was held
            raise InsufficientQuantity(permitted)
        if not trade.convert(connection, hold, now):
            raise ReservationExpired(reservation_id)
        order = _sell(work, hold, listing, terms)
        causes.order_confirmed(connection, order, now, by)
        return order

    return unit


def _sell(work: Work, hold: Reservation, listing: Listing, terms: Terms) -> Order:
    installation, connection = work.installation, work.connection
    buyer = trade.company(connection, hold.company)
    subject = work.view.subject(hold.lot)
    assert buyer is not None
    assert subject is not None
    order_id = new_id("order")
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
            "price": {"amount_minor": listing.unit_price_minor, "currency": listing.currency},
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
        unit_price_minor=listing.unit_price_minor,
        currency=listing.currency,
        po_number=terms.po_number,
        incoterm=terms.incoterm,
        place=terms.place,
        head=subject.head.event_id,
        sold_event=entry.event_id,
        placed_at=installation.clock.now(),
        state="confirmed",
        shipment=None,
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


def _verdict(installation: Installation, listing_id: str) -> Verdict:
    """Checked before the unit of work, because it reads tiles; records since then passed the rules."""
    with installation.database.reading() as connection:
        listing = trade.listing(connection, listing_id)
        if listing is None:
            raise NotFound(listing_id)
        return verdict_on(installation, connection, listing.lot)


def _standing(
    installation: Installation, ledger: Ledger, listing_id: str, company: str, verdict: Verdict
) -> tuple[Listing, Judged]:
    """The listing and its lot, if it still stands at this moment for this buyer."""
    listing = trade.listing(ledger.connection, listing_id)
    buyer = trade.company(ledger.connection, company)
    if listing is None or buyer is None or buyer.country != listing.market:
        raise NotFound(listing_id)  # another market's offer does not exist for this buyer
    if buyer.status != "approved":
        raise Refused("buyer-not-approved", "the company is not approved yet")
    if listing.status != "published":
        raise ListingWithdrawn(listing_id)
    market = load.markets().market(listing.market)
    judged = judge_lot(installation, ledger.connection, listing.lot, verdict)
    if market is None or judged is None:
        raise NotFound(listing_id)
    reasons = [r for r in judged.reasons(market, today(installation)) if r.slug != "no-stock"]
    if reasons:
        raise LotNotVerified(listing.lot, reasons)
    return listing, judged
