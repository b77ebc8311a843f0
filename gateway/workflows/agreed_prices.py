"""What one buyer pays for a unit of an offer: as the nearest agreement says, else the offer's own price."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import cast

from sqlalchemy import Connection

from gateway.errors import Refused
from gateway.policies import load
from gateway.store import price_lists
from gateway.store.trade import Company, Listing
from gateway.trade.eligibility import Market
from gateway.trade.price_lists import Buyer, Offered, Rung, ladder, resolve
from gateway.trade.pricing import STATED_KINDS, Asked, Quote, ReferenceKind
from gateway.workflows.gate import Judged
from gateway.workflows.offer_terms import check_divisible, out_of_band
from gateway.workflows.references import asked_by

NO_LIMIT = 10**9  # pieces: deeper steps are shown, too


@dataclass(frozen=True, slots=True)
class AgreedPrice:
    """unit_price_minor: of one unit of the offer's pack, in its currency. It is the price, not a discount.

    price_list: id; "" where the offer's own price stands. is_overridden: somebody said why it may lie
    outside its band. against: kind of the reference it was held against, "" for the offer's own.
    reference: the whole of it, as ``references.kept`` wrote it; "" for the offer's own.
    """

    unit_price_minor: int
    price_list: str
    is_overridden: bool = False
    against: str = ""
    reference: str = ""

    def of(self, listing: Listing) -> Listing:
        """The offer as its buyer has it: this price, beside the reference that it was held against."""
        reference = self.reference or listing.reference
        return replace(listing, unit_price_minor=self.unit_price_minor, reference=reference)


def price_for(
    connection: Connection, listing: Listing, buyer: Company, pieces: int, now: datetime
) -> AgreedPrice:
    """The price of one unit when ``pieces`` are taken at ``now``."""
    return prices_for(connection, [(listing, pieces)], buyer, now)[0]


def prices_for(
    connection: Connection, wanted: Sequence[tuple[Listing, int]], buyer: Company, now: datetime
) -> list[AgreedPrice]:
    """As ``price_for`` for many offers, in their order, with one look at the lists."""
    offered = price_lists.offered(connection, [listing.id for listing, _ in wanted])
    return [_price(offered.get(one.id, []), one, buyer, pieces, now) for one, pieces in wanted]


def _price(
    offered: Sequence[Offered], listing: Listing, buyer: Company, pieces: int, now: datetime
) -> AgreedPrice:
    who = _buyer(listing, buyer)
    found = resolve(offered, who, listing.currency, now.date(), pieces)
    if found is None:
        return AgreedPrice(listing.unit_price_minor, "", bool(listing.override_reason))
    list_, step = found
    return AgreedPrice(step.unit_price_minor, list_.id, step.is_overridden, step.against, step.reference)


def steps_for(connection: Connection, listing: Listing, buyer: Company, now: datetime) -> tuple[Rung, ...]:
    """The ladder of an offer for this buyer, from its smallest order on; one rung where nothing is agreed."""
    return ladder(
        price_lists.offered(connection, [listing.id]).get(listing.id, []),
        _buyer(listing, buyer),
        listing.currency,
        now.date(),
        own_minor=listing.unit_price_minor,
        smallest=listing.moq,
        most=NO_LIMIT,
    )


def held_price(
    connection: Connection, listing: Listing, price_list: str, unit_price_minor: int
) -> AgreedPrice:
    """What a hold remembers, as it was entered; it stands although its list may be closed meanwhile."""
    found = price_lists.entered(connection, price_list, listing.id, unit_price_minor) if price_list else None
    if found is None:
        return AgreedPrice(unit_price_minor, price_list)
    return AgreedPrice(unit_price_minor, price_list, found.step.is_overridden, found.step.against)


def check_agreed(judged: Judged, listing: Listing, agreed: AgreedPrice) -> None:
    """Hold a price that is not the offer's own against what holds today, before goods are held or sold.

    The offer's own price is the gate's to judge; a list's, and a sample's that is dearer, are not it. Why an
    offer may lie outside its band says nothing of another price. Raises Refused as ``judge_price``.
    """
    if not agreed.price_list and agreed.unit_price_minor == listing.unit_price_minor:
        return
    market = load.markets().market(listing.market, listing.channel)
    assert market is not None  # the offer stands
    asked = asked_for(listing, agreed) if agreed.price_list else _beside(listing, agreed)
    judge_price(judged, market, asked)


def _beside(listing: Listing, agreed: AgreedPrice) -> Asked:
    """Another price than the offer's, against the reference that the offer is held against."""
    against = asked_by(listing).against
    return Asked(listing.pack, agreed.unit_price_minor, is_overridden=False, against=against)


def asked_for(listing: Listing, agreed: AgreedPrice) -> Asked:
    against = cast("ReferenceKind", agreed.against) if agreed.against in STATED_KINDS else None
    return Asked(listing.pack, agreed.unit_price_minor, agreed.is_overridden, against)


def judge_price(judged: Judged, market: Market, asked: Asked) -> Quote:
    """The price against its reference and band.

    Raises Refused: price-without-reference, below-brand-minimum (nobody overrides that), price-out-of-band
    with the limits, price-not-divisible.
    """
    quote = judged.quote(market, asked)
    if quote is None:
        raise Refused("price-without-reference", "no reference with a band stands for all of the pieces")
    least = judged.minimum_minor(market)
    if least is not None and quote.pack.piece_price_minor(quote.unit_price_minor) < least:
        unit = ceil(least * quote.pack.pieces)
        raise Refused(
            "below-brand-minimum",
            f"the brand's minimum is {unit}",
            least_minor=unit,
            currency=quote.currency,
        )
    if not (quote.in_band or asked.is_overridden):
        raise out_of_band(quote)
    check_divisible(judged, quote)
    return quote


def _buyer(listing: Listing, company: Company) -> Buyer:
    return Buyer(company.id, company.tier, listing.market)
