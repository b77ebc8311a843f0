"""Sale events for staff and buyers: when, what is in them, and how much of it was sold."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from gateway.pages.building.offers import unit_price
from gateway.pages.building.prices import names_of, offer_name
from gateway.pages.views.forms import Form, form_of
from gateway.pages.views.prices import OfferName, SaleLine, SaleOffersView, SalesView, SaleView, SoldLine
from gateway.store import sale_events, stock_levels, trade
from gateway.store.trade import Company, Listing
from gateway.trade.events import ENDED, SaleEvent, left_until, state_at
from gateway.wiring import Installation
from gateway.workflows.agreed_prices import price_for
from gateway.workflows.audience import may_see
from gateway.workflows.sale_events import sales_of, sold_through

SHOWN: Final = 100


def sales_view(
    installation: Installation, connection: Connection, language: str, form: Form | None = None
) -> SalesView:
    now = installation.clock.now()
    lines = tuple(_line(connection, one, now, language) for one in sale_events.every(connection, SHOWN))
    minute = now.replace(tzinfo=None).isoformat(timespec="minutes")
    return SalesView(
        events=lines,
        form=form or form_of({"starts_at": minute}),
        open_now=sum(line.state == "open" for line in lines),
    )


def sale_view(
    installation: Installation,
    connection: Connection,
    event: SaleEvent,
    language: str,
    form: Form | None = None,
) -> SaleView:
    now = installation.clock.now()
    lots = sale_events.lots(connection, event.id)
    sales = sales_of(connection, lots)
    known = [sale.sold for sale in sales if sale.sold is not None]
    counted = [
        None if sale.sold is None else min(sale.offered, max(0, sale.sold - sale.sold_before))
        for sale in sales
    ]
    is_over = state_at(event, now) in ENDED
    return SaleView(
        line=_line(connection, event, now, language),
        titles=(("zh-CN", event.title_zh), ("en", event.title_en), ("vi", event.title_vi)),
        action=f"/operator/events/{event.id}",
        lots=tuple(
            SoldLine(
                offer=None
                if (listing := trade.listing(connection, one.listing)) is None
                else offer_name(connection, listing, language),
                listing=one.listing,
                offered=one.offered,
                sold=sold,
                left_at=one.left_at,
            )
            for one, sold in zip(lots, counted, strict=True)
        ),
        candidates=()
        if is_over
        else names_of(connection, (x for x in trade.listings(connection) if x.event != event.id), language),
        offered=sum(one.offered for one in lots),
        sold=sum(one for one in counted if one is not None) if len(known) == len(sales) else None,
        unsold=sum(one.left_at is None and _left(connection, one.lot) > 0 for one in lots) if is_over else 0,
        form=form or form_of({}),
    )


def buyers_view(
    installation: Installation, connection: Connection, buyer: Company, language: str
) -> SalesView:
    """The events that are planned or open and hold something for this company."""
    now = installation.clock.now()
    lines = []
    for event in sale_events.unended(connection):
        offers = list(_seen(connection, event, buyer, now))
        if offers and state_at(event, now) not in ENDED:
            lines.append(_line(connection, event, now, language, offers=len(offers), is_staff=False))
    return SalesView(events=tuple(lines), open_now=sum(line.state == "open" for line in lines))


def buyers_sale(
    installation: Installation, connection: Connection, event: SaleEvent, buyer: Company, language: str
) -> SaleOffersView | None:
    """None where it holds nothing for this company: then there is no such event."""
    now = installation.clock.now()
    offers = list(_seen(connection, event, buyer, now))
    if not offers or state_at(event, now) in ENDED:
        return None
    return SaleOffersView(
        line=_line(connection, event, now, language, offers=len(offers), is_staff=False),
        offers=tuple((f"/offers/{one.id}", _priced(connection, one, buyer, now, language)) for one in offers),
    )


def _priced(
    connection: Connection, listing: Listing, buyer: Company, now: datetime, language: str
) -> OfferName:
    """At the price that this company pays for the smallest order."""
    agreed = price_for(connection, listing, buyer, listing.moq, now)
    price = unit_price(agreed.unit_price_minor, listing.currency)
    return replace(offer_name(connection, listing, language), price=price)


def _seen(connection: Connection, event: SaleEvent, buyer: Company, now: datetime) -> Iterator[Listing]:
    for listing in trade.listings(connection):
        if listing.event == event.id and may_see(connection, listing, buyer, now):
            yield listing


def _left(connection: Connection, lot: str) -> int:
    stock = stock_levels.sellable(connection, lot)
    return 0 if stock is None else stock.available


def _line(  # of whom, and for whom
    connection: Connection,
    event: SaleEvent,
    now: datetime,
    language: str,
    *,
    offers: int | None = None,
    is_staff: bool = True,
) -> SaleLine:
    state = state_at(event, now)
    slug, amount = "", 0
    if state not in ENDED:
        left = left_until(event.ends_at if state == "open" else event.starts_at, now)
        what = "ends" if state == "open" else "begins"
        unit, amount = (
            ("days", left.days) if left.days else ("hours", left.hours) if left.hours else ("soon", 0)
        )
        slug = f"{what}-{unit}"
    if offers is None:
        offers = sum(one.left_at is None for one in sale_events.lots(connection, event.id))
    return SaleLine(
        href=f"{'/operator' if is_staff else ''}/events/{event.id}",
        title=event.title(language),
        state=state,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        left=slug,
        amount=amount,
        offers=offers,
        sold_percent=sold_through(connection, event.id) if is_staff else None,
    )
