"""Sale events: plan one, put offers into it, end it, and let what is left into the long-term pool."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from gateway.errors import NotFound, Refused
from gateway.people.tokens import new_id
from gateway.store import sale_events, stock_levels, trade
from gateway.store.sale_events import UNKNOWN, EventLot
from gateway.store.trade import Listing
from gateway.trade.events import ENDED, LotOfSale, SaleEvent, refusal, sell_through, state_at
from gateway.wiring import Installation
from gateway.workflows import pools
from gateway.workflows.pools import POOL_TIER
from ledger.lots.state import LotState
from ledger.record import Ledger
from ledger.store import log

LONGEST: Final = timedelta(days=31)
OPEN_MAX: Final = 50  # at once; sixteen are usual


@dataclass(frozen=True, slots=True)
class EventWanted:
    """Titles by language; a day and an hour in UTC each."""

    title_zh: str
    title_en: str
    title_vi: str
    starts_at: datetime
    ends_at: datetime


def check_sale(connection: Connection, listing: Listing, now: datetime) -> None:
    """Before goods are held: an offer of an event is open within its hours alone.

    Holds that stand already may become orders until they run out. Raises Refused (sale-not-open,
    sale-closed, with the hours).
    """
    event = sale_events.find(connection, listing.event) if listing.event else None
    closed = refusal(event, now) if event is not None else None
    if closed is not None:
        raise Refused(
            closed.slug,
            f"the sale runs from {closed.starts_at.isoformat()} to {closed.ends_at.isoformat()}",
            starts_at=closed.starts_at.isoformat(timespec="minutes"),
            ends_at=closed.ends_at.isoformat(timespec="minutes"),
        )


def plan(installation: Installation, wanted: EventWanted, by: str) -> SaleEvent:
    """Raises Refused: dates-reversed, sale-too-long, sale-over, too-many-sales."""
    now = installation.clock.now()
    if wanted.ends_at <= wanted.starts_at:
        raise Refused("dates-reversed", "it ends before it begins")
    if wanted.ends_at - wanted.starts_at > LONGEST:
        raise Refused("sale-too-long", "a sale lasts a month at most")
    if wanted.ends_at <= now:
        raise Refused("sale-over", "it would be over already")
    event = SaleEvent(
        new_id("sev"), wanted.title_zh, wanted.title_en, wanted.title_vi, wanted.starts_at, wanted.ends_at,
        "planned" if wanted.starts_at > now else "open",
    )  # fmt: skip

    def unit(ledger: Ledger) -> SaleEvent:
        if len(sale_events.unended(ledger.connection)) >= OPEN_MAX:
            raise Refused("too-many-sales", f"{OPEN_MAX} are planned or open")
        sale_events.add(ledger.connection, event, by, now)
        return event

    return installation.writer.do(unit)


def put(installation: Installation, event_id: str, listing_id: str, by: str) -> None:
    """Put a standing offer into an event that has not ended.

    Raises NotFound, Refused: sale-closed, listing-not-standing, in-another-sale.
    """

    def unit(ledger: Ledger) -> None:
        connection, now = ledger.connection, installation.clock.now()
        event = _event(connection, event_id)
        if state_at(event, now) in ENDED:
            raise Refused("sale-closed", "the sale is over", **_hours(event))
        listing = trade.listing(connection, listing_id)
        if listing is None or listing.status != "published":
            raise Refused("listing-not-standing", "no such offer stands")
        if listing.event == event_id:
            return
        other = sale_events.find(connection, listing.event) if listing.event else None
        if other is not None and state_at(other, now) not in ENDED:
            raise Refused("in-another-sale", f"it is in {other.id}")
        if other is not None:
            sale_events.take_out(connection, other.id, listing_id, sold_of(connection, listing.lot), now)
        stock = stock_levels.sellable(connection, listing.lot)
        sale_events.put(
            connection,
            EventLot(
                event_id, listing_id, listing.lot, 0 if stock is None else stock.available,
                sold_of(connection, listing.lot), by, now, None, None,
            ),
        )  # fmt: skip

    installation.writer.do(unit)


def take_out(installation: Installation, event_id: str, listing_id: str) -> None:
    """It stands on as an offer like others. Raises NotFound."""

    def unit(ledger: Ledger) -> None:
        connection = ledger.connection
        one = next((lot for lot in sale_events.lots(connection, event_id) if lot.listing == listing_id), None)
        now = installation.clock.now()
        if one is None or not sale_events.take_out(
            connection, event_id, listing_id, sold_of(connection, one.lot), now
        ):
            raise NotFound(listing_id)

    installation.writer.do(unit)


def end(installation: Installation, event_id: str, *, cancelled: bool) -> None:
    """End it before its hour. Raises NotFound, Refused (sale-closed)."""

    def unit(ledger: Ledger) -> None:
        connection, now = ledger.connection, installation.clock.now()
        event = _event(connection, event_id)
        if state_at(event, now) in ENDED:
            raise Refused("sale-closed", "the sale is over", **_hours(event))
        sale_events.set_state(
            connection, event_id, ("planned", "open"), "cancelled" if cancelled else "closed"
        )

    installation.writer.do(unit)


def pool_unsold(installation: Installation, event_id: str, by: str) -> int:
    """Move what an ended event left into the long-term pool; how many offers moved.

    What higher tiers or chosen companies alone saw leaves the event and stays theirs: nobody said that
    others may see it. A second time there is nothing left to move.

    Raises NotFound, Refused (sale-still-open).
    """

    def unit(ledger: Ledger) -> int:
        connection, now = ledger.connection, installation.clock.now()
        event = _event(connection, event_id)
        if state_at(event, now) not in ENDED:
            raise Refused("sale-still-open", "goods move when the sale is over")
        moved = 0
        for one in sale_events.lots(connection, event_id):
            listing = trade.listing(connection, one.listing)
            stock = stock_levels.sellable(connection, one.lot)
            left = stock is not None and stock.available > 0
            if one.left_at is not None or listing is None or listing.status != "published" or not left:
                continue
            sale_events.take_out(connection, event_id, one.listing, sold_of(connection, one.lot), now)
            if listing.visibility in ("tier", "private"):
                continue
            out = replace(listing, event="")
            pools.moved(connection, out, "tier", POOL_TIER, f"unsold:{event_id}", by, now)
            moved += 1
        return moved

    return installation.writer.do(unit)


def turn(connection: Connection, now: datetime) -> int:
    """Write down what the clock did, for whoever reads the rows; how many events turned."""
    turned = 0
    for event in sale_events.unended(connection):
        state = state_at(event, now)
        if state != event.state:
            turned += sale_events.set_state(connection, event.id, (event.state,), state)
    return turned


def sales_of(connection: Connection, lots: Sequence[EventLot]) -> list[LotOfSale]:
    """What each offer of an event sold, by the ledger; of one that left, until it left."""
    found = []
    for one in lots:
        sold = sold_of(connection, one.lot) if one.left_sold is None else one.left_sold
        known = UNKNOWN not in (sold, one.sold_before)
        found.append(LotOfSale(one.offered, max(0, one.sold_before), sold if known else None))
    return found


def sold_through(connection: Connection, event_id: str) -> int | None:
    """Per cent; None where the ledger's sales were not all opened here."""
    return sell_through(sales_of(connection, sale_events.lots(connection, event_id)))


def sold_of(connection: Connection, lot: str) -> int:
    """Pieces that the ledger's sales name, ``UNKNOWN`` where some sale was never opened here."""
    subject = log.subject(connection, lot)
    if subject is None or not isinstance(subject.state, LotState) or subject.state.sold is None:
        return UNKNOWN
    return subject.state.sold


def _event(connection: Connection, event_id: str) -> SaleEvent:
    found = sale_events.find(connection, event_id)
    if found is None:
        raise NotFound(event_id)
    return found


def _hours(event: SaleEvent) -> dict[str, str]:
    return {
        "starts_at": event.starts_at.isoformat(timespec="minutes"),
        "ends_at": event.ends_at.isoformat(timespec="minutes"),
    }
