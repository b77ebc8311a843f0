"""What an offer costs at a place and when it gets there, from policies and what is stated of the goods."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from gateway.errors import InsufficientQuantity
from gateway.policies import load
from gateway.store.goods import Item
from gateway.store.trade import Company, Listing
from gateway.trade.freight import Exchange, Leg
from gateway.trade.landed_cost import SELLER_PAYS, Asked, Landed, landed_cost
from gateway.trade.lead_time import LeadTime, lead_time
from gateway.trade.load_estimate import Carton, Parcel, load_of
from gateway.workflows.agreed_prices import price_for
from gateway.workflows.gate import Judged
from ledger.lots.state import LotState

INCOTERMS: Final = tuple(SELLER_PAYS)
USUAL_TERM: Final = "FCA"


@dataclass(frozen=True, slots=True)
class Wanted:
    """place: "" for the usual one of the market. pieces: at least 1. incoterm: one of INCOTERMS."""

    pieces: int
    incoterm: str = USUAL_TERM
    place: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """unit_price_minor: of one unit of the offer, as agreed for so many pieces."""

    wanted: Wanted
    landed: Landed
    lead_time: LeadTime
    unit_price_minor: int

    @property
    def mode(self) -> str:
        """How the goods cross the border, "" where no way is stated."""
        legs = [line.leg.leg for line in self.landed.lines if line.leg is not None]
        return next((leg.mode for leg in legs if leg.stage == "main"), "")


def landed(
    connection: Connection, listing: Listing, judged: Judged, buyer: Company, wanted: Wanted, now: datetime
) -> Answer:
    """The cost and the time of ``wanted`` for this buyer at ``now``.

    To a place that no stated way leads to, carriage is unknown. Raises InsufficientQuantity.
    """
    wanted = _checked(listing, judged, wanted)
    price = price_for(connection, listing, buyer, wanted.pieces, now)
    freight, warehouse = load.freight(), load.warehouses().of_site(site_of(judged.facts.lot))
    asked = Asked(
        market=listing.market,
        place=wanted.place,
        incoterm=wanted.incoterm,
        currency=listing.currency,
        goods_minor=listing.pack.amount_minor(wanted.pieces, price.unit_price_minor),
        pieces_by_hs=pieces_by_hs(judged.items),
        load=load_of(_parcels(judged.items), wanted.pieces, cartons()),
        day=now.date(),
    )
    cost = landed_cost(
        asked,
        freight=freight,
        duties=load.duties(),
        warehouses=load.warehouses().warehouses,
        warehouse=warehouse,
        rates=exchanges(listing.currency),
    )
    legs: Sequence[Leg] = [line.leg.leg for line in cost.lines if line.leg is not None]
    time = lead_time(
        legs,
        handling=(freight.handling_days_min, freight.handling_days_max),
        promise_days=promise_days(listing.market),
    )
    return Answer(wanted, cost, time, price.unit_price_minor)


def promise_days(market: str) -> int | None:
    """None where nothing is promised."""
    found = load.shipping().markets.get(market)
    return None if found is None else found.promise_days


def site_of(state: LotState) -> str | None:
    """Where the goods lie: where they were moved to last, else where they were received."""
    return state.site or (state.intake.site if state.intake else None)


def pieces_by_hs(items: Sequence[Item]) -> Mapping[str, int] | None:
    """Of the whole lot; None where a piece has no code."""
    counted: Counter[str] = Counter()
    for item in items:
        if not item.facts["hs_code"]:
            return None
        counted[item.facts["hs_code"]] += item.quantity
    return counted


def cartons() -> Mapping[str, Carton]:
    stated = load.packing()["cartons"]
    return {name: Carton(one["pieces"], tuple(one["dimensions_mm"])) for name, one in stated.items()}


def exchanges(into: str) -> tuple[Exchange, ...]:
    """The one rate that is stated, where it leads to the currency of the offer."""
    policy = load.prices()
    rate = policy.rate(into)
    if rate is None or into == policy.reference_currency:
        return ()
    stated = policy.rates
    return (Exchange(policy.reference_currency, into, rate, stated.rate_source, stated.rate_on),)


def _parcels(items: Sequence[Item]) -> list[Parcel]:
    return [
        Parcel(
            item.category,
            item.quantity,
            item.facts["gross_mass_g"],
            tuple(item.facts["dimensions_mm"]) if item.facts["dimensions_mm"] else None,
        )
        for item in items
    ]


def _checked(listing: Listing, judged: Judged, wanted: Wanted) -> Wanted:
    assert wanted.incoterm in INCOTERMS
    usual = load.markets().market(listing.market)
    available = judged.facts.available
    if wanted.pieces > available:
        raise InsufficientQuantity(available)
    return Wanted(wanted.pieces, wanted.incoterm, wanted.place or (usual.place if usual else ""))
