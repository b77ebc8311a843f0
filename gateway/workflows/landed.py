"""What an offer costs at a place and when it gets there, from policies and what is stated of the goods."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from gateway.errors import InsufficientQuantity
from gateway.policies import load
from gateway.store import trade
from gateway.store.goods import Item
from gateway.store.trade import Company, Listing, Reservation
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
        return main_mode(self.landed)


def main_mode(cost: Landed) -> str:
    """How the goods cross the border, "" where no way is stated."""
    legs = [line.leg.leg for line in cost.lines if line.leg is not None]
    return next((leg.mode for leg in legs if leg.stage == "main"), "")


def landed(
    connection: Connection, listing: Listing, judged: Judged, buyer: Company, wanted: Wanted, now: datetime
) -> Answer:
    """The cost and the time of ``wanted`` for this buyer at ``now``.

    To a place that no stated way leads to, carriage is unknown. Raises InsufficientQuantity.
    """
    own = trade.held_by(connection, listing.lot, buyer.id, now)  # what it holds is there for it, too
    wanted = _checked(listing, judged, wanted, own)
    price = price_for(connection, listing, buyer, wanted.pieces, now)
    cost = _cost(listing, judged, wanted, price.unit_price_minor, now)
    freight = load.freight()
    legs: Sequence[Leg] = [line.leg.leg for line in cost.lines if line.leg is not None]
    time = lead_time(
        legs,
        handling=(freight.handling_days_min, freight.handling_days_max),
        promise_days=promise_days(listing.market),
    )
    return Answer(wanted, cost, time, price.unit_price_minor)


def landed_held(listing: Listing, judged: Judged, hold: Reservation, now: datetime) -> Landed:
    """What a hold comes to at the usual place of its market, on the usual terms, at the price that it keeps.

    judged: of the hold's lot, by its records alone: nothing is promised by it.
    """
    wanted = _placed(listing, Wanted(hold.quantity))
    return _cost(listing, judged, wanted, hold.unit_price_minor, now)


def _cost(listing: Listing, judged: Judged, wanted: Wanted, unit_price_minor: int, now: datetime) -> Landed:
    return carried(
        judged.facts.lot,
        judged.items,
        market=listing.market,
        place=wanted.place,
        incoterm=wanted.incoterm,
        currency=listing.currency,
        pieces=wanted.pieces,
        goods_minor=listing.pack.amount_minor(wanted.pieces, unit_price_minor),
        day=now.date(),
    )


def carried(  # the goods, where they go, and what for
    state: LotState,
    items: Sequence[Item],
    *,
    market: str,
    place: str,
    incoterm: str,
    currency: str,
    pieces: int,
    goods_minor: int,
    day: date,
) -> Landed:
    """The cost of ``pieces`` of a lot at a place under the tariffs and rates in force on a day.

    state, items: of the lot, all of it. goods_minor: the price of the pieces.
    """
    warehouse = load.warehouses().of_site(site_of(state))
    asked = Asked(
        market=market,
        place=place,
        incoterm=incoterm,
        currency=currency,
        goods_minor=goods_minor,
        pieces_by_hs=pieces_by_hs(items),
        load=load_of(_parcels(items), pieces, cartons()),
        day=day,
    )
    return landed_cost(
        asked,
        freight=load.freight(),
        duties=load.duties(),
        warehouses=load.warehouses().warehouses,
        warehouse=warehouse,
        rates=exchanges(currency),
    )


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


def _checked(listing: Listing, judged: Judged, wanted: Wanted, own: int) -> Wanted:
    assert wanted.incoterm in INCOTERMS
    available = judged.facts.available + own
    if wanted.pieces > available:
        raise InsufficientQuantity(available)
    return _placed(listing, wanted)


def _placed(listing: Listing, wanted: Wanted) -> Wanted:
    usual = load.markets().market(listing.market)
    return Wanted(wanted.pieces, wanted.incoterm, wanted.place or (usual.place if usual else ""))
