"""Hold goods for a buyer, by one conditional UPDATE each; what he saw stays with the hold.

``reserving`` and the others in -ing prepare a unit of work, for callers that write more in the same
transaction; what they check before it reads tiles and must not be inside.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

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
from gateway.store import stock_levels, trade
from gateway.store.trade import Company, Listing, Reservation
from gateway.trade.offer_states import has_ended, may_order
from gateway.wiring import Installation
from gateway.workflows.agreed_prices import check_agreed, price_for
from gateway.workflows.audience import may_see
from gateway.workflows.gate import Judged, Verdict, free_units, judge_lot, today
from gateway.workflows.links import left_to_hold
from gateway.workflows.order_steps import Amount, check_step, pieces_of
from gateway.workflows.references import asked_by
from gateway.workflows.sale_events import check_sale
from gateway.workflows.shared_verdicts import judged_now, shared_verdict
from ledger.author import new_id
from ledger.lots.state import LotState
from ledger.record import Ledger

Asked = int | Amount


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a buyer asks for of one offer; a bare number counts pieces."""

    listing: str
    asked: Asked


@dataclass(frozen=True, slots=True)
class Seen:
    """What was true of goods when they were held, as far as an order would be another one without it."""

    grade: str
    condition: str
    label_state: str


@dataclass(frozen=True, slots=True)
class Change:
    """fact: member of ``Seen``."""

    fact: str
    before: str
    now: str


def reserve(installation: Installation, listing_id: str, company: str, quantity: Asked) -> Reservation:
    """Hold ``quantity`` as long as the policy says; a bare number counts pieces.

    Raises NotFound, ListingWithdrawn, LotNotVerified, Refused (below-moq, not-a-multiple, wrong-unit,
    share-exceeded, sale-not-open, sale-closed, and as ``judge_price``), InsufficientQuantity.
    """
    return installation.writer.do(reserving(installation, listing_id, company, quantity))


def reserving(
    installation: Installation, listing_id: str, company: str, asked: Asked
) -> Callable[[Ledger], Reservation]:
    """The unit behind ``reserve``."""
    unit = reserving_all(installation, company, [Wanted(listing_id, asked)])
    return lambda ledger: unit(ledger)[0]


def reserving_all(
    installation: Installation, company: str, wanted: Sequence[Wanted]
) -> Callable[[Ledger], list[Reservation]]:
    """Hold several offers, all or none; what is asked twice of one offer is one hold of the sum.

    Lots are taken in ascending order, so that no two requests wait for each other.
    """
    listings = {name: _listing(installation, name) for name in dict.fromkeys(one.listing for one in wanted)}
    verdicts = {name: shared_verdict(installation, listing.lot) for name, listing in listings.items()}
    ordered = sorted(listings, key=lambda name: (listings[name].lot, name))
    asked = {name: [one.asked for one in wanted if one.listing == name] for name in ordered}

    def unit(ledger: Ledger) -> list[Reservation]:
        return [_hold(installation, ledger, name, company, asked[name], verdicts[name]) for name in ordered]

    return unit


def _hold(
    installation: Installation,
    ledger: Ledger,
    listing_id: str,
    company: str,
    asked: Sequence[Asked],
    verdict: Verdict,
    until: datetime | None = None,
) -> Reservation:
    """until: of a hold that takes another's place; None for as long as the policy says."""
    connection, now = ledger.connection, installation.clock.now()
    listing, buyer, judged = standing(installation, connection, listing_id, company, verdict)
    check_sale(connection, listing, now)
    quantity = sum(one if isinstance(one, int) else pieces_of(listing, one) for one in asked)
    permitted = left_to_hold(connection, judged.facts.chain, now)
    if permitted is not None and quantity > permitted:
        raise InsufficientQuantity(max(0, permitted))
    lot = judged.facts.lot
    left = _left(connection, listing.lot, lot)
    if quantity > left:
        for hold in trade.expired(connection, listing.lot, now):
            trade.release(connection, hold, "expired", now)
        left = _left(connection, listing.lot, lot)  # counted again after the release
    check_step(listing.steps, quantity, left)
    if quantity > left:
        raise InsufficientQuantity(left)
    _check_share(connection, listing, buyer, quantity, now)
    if not trade.try_reserve(connection, listing.lot, quantity):
        raise InsufficientQuantity(left)
    price = price_for(connection, listing, buyer, quantity, now)
    check_agreed(judged, listing, price)
    hold = Reservation(
        id=f"rsv_{new_id('work').partition(':')[2]}",
        lot=listing.lot,
        listing=listing_id,
        company=company,
        quantity=quantity,
        expires_at=until or now + load.purchases().hold,
        state="active",
        unit_price_minor=price.unit_price_minor,
        currency=listing.currency,
        price_list=price.price_list,
        head=judged.head,
        seen=written(seen_now(judged)),
    )
    trade.add_reservation(connection, hold, now)
    return hold


def _check_share(
    connection: Connection, listing: Listing, buyer: Company, quantity: int, now: datetime
) -> None:
    """Raises Refused (share-exceeded): nobody keeps a large lot from all others without buying it."""
    stock = trade.stock(connection, listing.lot)
    if stock is None or listing.basis == "lot":  # it is sold whole or not at all
        return
    most = load.purchases().share_max(buyer.tier, stock.on_hand)
    held = trade.held_by(connection, listing.lot, buyer.id, now)
    if held + quantity > most:
        raise Refused(
            "share-exceeded",
            f"one company holds at most {most} pieces of this lot at a time",
            most=most,
            held=held,
            available=max(0, most - held),
        )


def _left(connection: Connection, name: str, lot: LotState) -> int:
    """Units that may be held now, as this transaction finds both the stock row and the ledger's lot."""
    stock = stock_levels.sellable(connection, name)
    return 0 if stock is None else max(0, free_units(lot, stock))


def changing(
    installation: Installation, reservation_id: str, company: str, asked: Asked
) -> Callable[[Ledger], Reservation]:
    """Hold another quantity instead, at the price of that quantity; it ends when the first one would have.

    The unit raises as ``reserving``, and then the first hold still stands; ReservationExpired.
    """
    with installation.database.reading() as reader:
        held = own_hold(reader, reservation_id, company)
    verdict = shared_verdict(installation, held.lot)

    def unit(ledger: Ledger) -> Reservation:
        now = installation.clock.now()
        hold = own_hold(ledger.connection, reservation_id, company)
        if not hold.stands(now) or hold.purchase:
            raise ReservationExpired(reservation_id)
        trade.release(ledger.connection, hold, "released", now)
        made = _hold(installation, ledger, hold.listing, company, [asked], verdict, hold.expires_at)
        return trade.set_reservation(ledger.connection, made, extended=hold.extended)

    return unit


def extending(
    installation: Installation, reservation_id: str, company: str
) -> Callable[[Ledger], Reservation]:
    """Prolong a hold once, by as much as the company's tier is granted.

    The unit raises NotFound, ReservationExpired, Refused (extended-before).
    """

    def unit(ledger: Ledger) -> Reservation:
        connection, now = ledger.connection, installation.clock.now()
        hold = own_hold(connection, reservation_id, company)
        buyer = trade.company(connection, company)
        assert buyer is not None
        if not hold.stands(now):
            raise ReservationExpired(reservation_id)
        until = hold.expires_at + load.purchases().of_tier(buyer.tier).extension
        longer = None if hold.purchase else trade.extend(connection, hold, until)
        if longer is None:
            raise Refused("extended-before", "a reservation is prolonged once")
        return longer

    return unit


def accepting(
    installation: Installation,
    reservation_id: str,
    company: str,
    check: Callable[[Reservation], None] = lambda _hold: None,
) -> Callable[[Ledger], Reservation]:
    """Agree to what changed about the goods since they were held.

    check: may refuse the hold as the transaction finds it. The unit raises NotFound, ReservationExpired.
    """

    def unit(ledger: Ledger) -> Reservation:
        hold = own_hold(ledger.connection, reservation_id, company)
        check(hold)
        if not hold.stands(installation.clock.now()):
            raise ReservationExpired(reservation_id)
        judged = as_they_are(installation, ledger.connection, hold)
        seen = written(seen_now(judged))
        return trade.set_reservation(ledger.connection, hold, head=judged.head, seen=seen)

    return unit


def changes_in(hold: Reservation, judged: Judged) -> list[Change]:
    """What is not as the buyer saw it, by what was recorded; nothing of a hold that is older than this.

    judged: of the hold's lot.
    """
    now = asdict(seen_now(judged))
    before = json.loads(hold.seen) if hold.seen else {}
    return [Change(fact, was, now[fact]) for fact, was in before.items() if now[fact] != was]


def seen_now(judged: Judged) -> Seen:
    lot = judged.facts.lot
    return Seen(lot.grade or "", lot.condition or "", lot.label_state or "")


def written(seen: Seen) -> str:
    """As a hold keeps it, JSON."""
    return json.dumps(asdict(seen), sort_keys=True)


def as_they_are(installation: Installation, connection: Connection, hold: Reservation) -> Judged:
    """The goods by their records alone, for comparing: nothing is promised by it."""
    judged = judge_lot(installation, connection, hold.lot, Verdict(verified=True, distrusted=False))
    if judged is None:
        raise NotFound(hold.lot)
    return judged


def own_hold(connection: Connection, reservation_id: str, company: str) -> Reservation:
    hold = trade.reservation(connection, reservation_id, company=company)
    if hold is None:
        raise NotFound(reservation_id)
    return hold


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
        hold = own_hold(ledger.connection, reservation_id, company)
        check(hold)
        if hold.state != "active":
            return hold
        if hold.purchase:  # it ends with what waits for it
            raise Refused("reservation-waits", "these goods wait in a purchase; cancel that instead")
        trade.release(ledger.connection, hold, "released", installation.clock.now())
        return replace(hold, state="released")

    return unit


def _listing(installation: Installation, listing_id: str) -> Listing:
    with installation.database.reading() as connection:
        listing = trade.listing(connection, listing_id)
    if listing is None:
        raise NotFound(listing_id)
    return listing


def standing(
    installation: Installation,
    connection: Connection,
    listing_id: str,
    company: str,
    verdict: Verdict,
    *,
    held: bool = False,
) -> tuple[Listing, Company, Judged]:
    """The offer, who asks and the lot, if the offer stands at this moment for this buyer.

    verdict: on the lot's history, asked before this transaction; records since then passed the rules.
    held: goods of it are held already, which a pause and the offer's last day leave as they are.
    Raises NotFound, Refused (buyer-not-approved), ListingWithdrawn, LotNotVerified.
    """
    listing = trade.listing(connection, listing_id)
    buyer = trade.company(connection, company)
    if listing is None or buyer is None or not may_see(connection, listing, buyer, installation.clock.now()):
        raise NotFound(listing_id)  # an offer to others does not exist for this buyer
    if buyer.status != "approved":
        raise Refused("buyer-not-approved", "the company is not approved yet")
    day = today(installation)
    takes_new = listing.status == "published" and not has_ended(listing.offered_until, day.isoformat())
    if not (may_order(listing.status) if held else takes_new):
        raise ListingWithdrawn(listing_id)
    market = load.markets().market(listing.market, listing.channel)
    judged = judged_now(installation, connection, listing.lot, verdict)
    if market is None or judged is None:
        raise NotFound(listing_id)
    found = judged.reasons(market, day, asked_by(listing))
    reasons = [reason for reason in found if reason.slug != "no-stock"]
    if reasons:
        raise LotNotVerified(listing.lot, reasons)
    return listing, buyer, judged
