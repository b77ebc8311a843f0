"""What a buyer may see of one offer, judged at this moment."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from gateway.i18n import EXPONENTS
from gateway.pages.building.article import common, name_of
from gateway.pages.building.reading import checking, quietly_unreadable, short
from gateway.pages.views import (
    Mass,
    Money,
    Offer,
    ReferencePrice,
    UnitPrice,
)
from gateway.policies import load
from gateway.problems import CouldNotCheck
from gateway.store import audiences, catalogue, stock_levels, trade
from gateway.store.catalogue import Found
from gateway.store.trade import Company, Listing
from gateway.trade import pricing
from gateway.trade.eligibility import Market
from gateway.trade.quantities import Pack, half_up
from gateway.wiring import Installation
from gateway.workflows.audience import may_see, viewer_of
from gateway.workflows.gate import Judged, Verdict, free_units, judge_lot, today, verdict_on
from gateway.workflows.index_offer import index_of, records_of
from gateway.workflows.references import asked_by, told
from ledger.errors import LedgerError
from ledger.lots.state import LotState


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer without a reason against it at this moment."""

    listing: Listing
    market: Market
    judged: Judged
    company: Company

    @property
    def state(self) -> LotState:
        return self.judged.facts.lot

    @property
    def smallest(self) -> int:
        """Pieces that an order begins at while so many are left."""
        return self.listing.steps.smallest(self.judged.facts.available)


def offered(
    installation: Installation, connection: Connection, company: str, listing_id: str
) -> Offered | None:
    """The offer, if it stands for this company at this moment, its history verified now.

    Whoever is not of its audience gets None before anything is verified, as for what does not exist.
    """
    now = installation.clock.now()
    listing = trade.listing(connection, listing_id)
    buyer = trade.company(connection, company)
    if listing is None or buyer is None or not may_see(connection, listing, buyer, now):
        return None
    if not catalogue.is_on_sale(connection, listing, now):
        return None
    return _standing(
        installation, connection, buyer, listing, lambda: verdict_on(installation, connection, listing.lot)
    )


def found_of(installation: Installation, connection: Connection, one: Offered) -> Found:
    """The same as a list would say of it."""
    indexed = index_of(installation, connection, one.listing, one.judged)
    why = audiences.audience_of(connection, one.listing).why(viewer_of(one.company))
    assert why is not None  # it was offered
    available = one.judged.facts.available
    return Found(indexed, one.listing, available, indexed.head, why, (indexed.published_us, one.listing.id))


def plain_offer(connection: Connection, listing: Listing, judged: Judged, language: str) -> Offer:
    """What is said of a lot, whether it is still offered or not."""
    state, items = judged.facts.lot, judged.items
    stock = stock_levels.sellable(connection, listing.lot)
    minimum = load.channels().order_minimum
    least = minimum.amounts.get(listing.currency)
    return Offer(
        href=f"/offers/{listing.id}",
        lot_short=short(listing.lot),
        name=name_of(items, language),
        brand=common(items, "brand") or state.brand or "",
        model=common(items, "model") or "",
        category=state.category,
        condition=state.condition or common(items, "condition") or "mixed",
        grade=state.grade or "ungraded",
        score=None,
        market=listing.market,
        price=unit_price(listing.unit_price_minor, listing.currency),
        moq=listing.moq,
        multiple=listing.multiple,
        available=max(0, free_units(state, stock)),
        records=records_of(connection, listing.lot, state),
        inspection=judged.level,
        basis=listing.basis,
        size=listing.size,
        piece_mass=Mass(mass_g=listing.size) if listing.basis == "kg" else None,
        channel=listing.channel,
        order_pieces=minimum.pieces if listing.mixed else 0,
        order_amount=Money(amount_minor=least, currency=listing.currency)
        if listing.mixed and least
        else None,
        reference=reference_price(listing),
    )


def reference_price(listing: Listing) -> ReferencePrice | None:
    """As it was when the offer was made."""
    reference = told(listing.reference)
    rate = None if reference is None else load.prices().rate(listing.currency, reference.currency)
    if reference is None or rate is None:
        return None
    share = listing.unit_price_minor / pricing.unit_reference(reference, rate, listing.pack)
    percent = half_up(share * 100)
    return ReferencePrice(
        kind=reference.kind,
        price=Money(amount_minor=reference.piece_minor, currency=reference.currency),
        source=reference.source,
        on=reference.on,
        percent=percent,
        off_percent=max(0, 100 - percent),
    )


def typed(pack: Pack, pieces: int) -> str:
    """So many pieces as a buyer types them: in kilograms where the goods are sold by weight."""
    if pack.basis != "kg":
        return str(pieces)
    return str(Decimal(pieces * pack.size).scaleb(-3)).rstrip("0").rstrip(".")


def unit_price(amount_minor: int, currency: str) -> UnitPrice:
    return UnitPrice(amount=Decimal(amount_minor).scaleb(-EXPONENTS.get(currency, 2)), currency=currency)


def _standing(
    installation: Installation,
    connection: Connection,
    buyer: Company,
    listing: Listing,
    verdict: Callable[[], Verdict],
) -> Offered | None:
    """None for whatever may not be shown: an offer that cannot be judged is no offer."""
    market = load.markets().market(listing.market, listing.channel)
    if market is None or buyer.status != "approved":
        return None
    if listing.status != "published":
        return None
    try:
        with checking(listing.lot):
            judged = judge_lot(installation, connection, listing.lot, verdict())
            reasons = judged.reasons(market, today(installation), asked_by(listing)) if judged else []
    except (CouldNotCheck, LedgerError) as error:
        if not quietly_unreadable(error):
            raise
        return None
    if judged is None or any(reason.slug != "no-stock" for reason in reasons):
        return None
    stock = stock_levels.sellable(connection, listing.lot)
    if stock is None or free_units(judged.facts.lot, stock) < 1:
        return None
    return Offered(listing, market, judged, buyer)
