"""What goods cost where they are used: each line, who pays it under the Incoterm, and what nobody knows yet.

A line whose amount is not known is unknown, never nothing. Amounts are whole minor units, each rounded half
up once; totals are sums of rounded lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, Literal

from gateway.trade.freight import (
    Exchange,
    FreightPolicy,
    Insurance,
    LegCharge,
    Load,
    Stage,
    Warehouse,
    charges,
)
from gateway.trade.import_charges import Charge, DutyPolicy, Value, charge
from gateway.trade.quantities import half_up

LineKind = Literal["goods", "carriage", "insurance", "duty", "import_tax", "brand_fee"]
Payer = Literal["buyer", "seller"]
ShareVerdict = Literal["good", "fair", "high", "unknown"]

# Incoterms 2020: what the seller pays, all of it within the price. FCA at the seller's own premises:
# whatever carries the goods away is the buyer's.
_BEFORE, _MAIN, _AFTER, _INSURANCE, _CHARGES = "before", "main", "after", "insurance", "charges"
SELLER_PAYS: Final[Mapping[str, frozenset[str]]] = {
    "EXW": frozenset(),
    "FCA": frozenset(),
    "FAS": frozenset({_BEFORE}),
    "FOB": frozenset({_BEFORE}),
    "CFR": frozenset({_BEFORE, _MAIN}),
    "CIF": frozenset({_BEFORE, _MAIN, _INSURANCE}),
    "CPT": frozenset({_BEFORE, _MAIN, _AFTER}),
    "CIP": frozenset({_BEFORE, _MAIN, _AFTER, _INSURANCE}),
    "DAP": frozenset({_BEFORE, _MAIN, _AFTER, _INSURANCE}),
    "DPU": frozenset({_BEFORE, _MAIN, _AFTER, _INSURANCE}),
    "DDP": frozenset({_BEFORE, _MAIN, _AFTER, _INSURANCE, _CHARGES}),
}


@dataclass(frozen=True, slots=True)
class Basis:
    """What an amount rests on: who says so, and when that was looked up."""

    source: str
    on: date


@dataclass(frozen=True, slots=True)
class Line:
    """amount_minor: None where nobody knows it. payer seller: within the price of the goods.

    leg: of carriage. A brand's fee has no amount: what a brand takes is between it and the seller.
    """

    kind: LineKind
    payer: Payer
    amount_minor: int | None
    leg: LegCharge | None = None
    bases: tuple[Basis, ...] = ()

    @property
    def is_due(self) -> bool:
        """Whether the buyer pays it beside the price, or as the price."""
        return self.payer == "buyer"

    @property
    def is_unknown(self) -> bool:
        return self.amount_minor is None and self.kind != "brand_fee"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a cost is asked for. goods_minor: the agreed price of all pieces, in ``currency``.

    pieces_by_hs: None where a piece has no HS code. load: of all pieces.
    """

    market: str
    place: str
    incoterm: str
    currency: str
    goods_minor: int
    pieces_by_hs: Mapping[str, int] | None
    load: Load
    day: date


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another warehouse from which the way to the place costs less. It says nothing of moving goods there."""

    warehouse: Warehouse
    freight_minor: int


@dataclass(frozen=True, slots=True)
class Landed:
    """exchanges: the rates that were used, frozen with the answer."""

    asked: Asked
    warehouse: Warehouse | None
    lines: tuple[Line, ...]
    exchanges: tuple[Exchange, ...]
    suggestion: Suggestion | None
    good_percent: int
    warn_percent: int

    @property
    def known_minor(self) -> int:
        """What the buyer pays as far as it is known."""
        return sum(line.amount_minor or 0 for line in self.lines if line.is_due)

    @property
    def unknown(self) -> tuple[LineKind, ...]:
        """What the buyer pays beside that, in an amount that nobody knows."""
        return tuple(dict.fromkeys(line.kind for line in self.lines if line.is_due and line.is_unknown))

    @property
    def freight_minor(self) -> int | None:
        """All carriage, whoever pays it; None where a part is unknown."""
        return _freight([line.leg for line in self.lines if line.leg is not None])

    @property
    def share(self) -> Fraction | None:
        """Freight to the price of the goods; None where either is not known."""
        freight, goods = self.freight_minor, self.asked.goods_minor
        return None if freight is None or not goods else Fraction(freight, goods)

    @property
    def share_verdict(self) -> ShareVerdict:
        if self.share is None:
            return "unknown"
        if self.share * 100 <= self.good_percent:
            return "good"
        return "high" if self.share * 100 > self.warn_percent else "fair"


def landed_cost(
    asked: Asked,
    *,
    freight: FreightPolicy,
    duties: DutyPolicy,
    warehouses: Sequence[Warehouse],
    warehouse: Warehouse | None,
    rates: Sequence[Exchange],
) -> Landed:
    """Every line of the cost. warehouse: where the goods lie; None: nobody knows, nor what carriage costs."""
    legs = freight.way(warehouse.id, asked.market, asked.place) if warehouse else ()
    carried = charges(legs, asked.load, asked.currency, rates)
    carriage = [_carriage(one, asked.incoterm) for one in carried]
    if not carriage:
        carriage = [Line("carriage", _payer(asked.incoterm, _MAIN), None)]
    freight_minor = _freight(carried)
    insurance = _insurance(asked, freight.insurance, freight_minor, rates)
    values = _customs_values(asked.goods_minor, carriage, insurance)
    duty = _charged(asked, duties, values, None)
    tax = _charged(asked, duties, values, duty) if duty is not None else None
    payer = _payer(asked.incoterm, _CHARGES)
    lines = (
        Line("goods", "buyer", asked.goods_minor),
        *carriage,
        insurance,
        Line("duty", payer, *_told(duty)),
        Line("import_tax", payer, *_told(tax)),
        Line("brand_fee", "seller", None),
    )
    used = tuple(dict.fromkeys(one.exchange for one in carried if one.exchange is not None))
    found = Landed(asked, warehouse, lines, used, None, freight.good_percent, freight.warn_percent)
    if warehouse is None or freight_minor is None or found.share_verdict == "good":
        return found
    return _with_suggestion(found, freight, warehouses, rates, freight_minor)


def _payer(incoterm: str, what: str) -> Payer:
    return "seller" if what in SELLER_PAYS[incoterm] else "buyer"


def _carriage(charge_: LegCharge, incoterm: str) -> Line:
    stage: Stage = charge_.leg.stage
    basis = Basis(charge_.leg.source, charge_.leg.checked_on)
    return Line("carriage", _payer(incoterm, stage), charge_.amount_minor, charge_, (basis,))


def _freight(carried: Sequence[LegCharge]) -> int | None:
    amounts = [one.amount_minor for one in carried]
    if not amounts or None in amounts:
        return None
    return sum(amount for amount in amounts if amount is not None)


def _insurance(asked: Asked, terms: Insurance, freight_minor: int | None, rates: Sequence[Exchange]) -> Line:
    """Of goods and all their carriage, at the cover of the policy."""
    payer, bases = _payer(asked.incoterm, _INSURANCE), (Basis(terms.source, terms.checked_on),)
    least = _exchanged(Fraction(terms.minimum_minor), terms.currency, asked.currency, rates)
    if freight_minor is None or least is None:
        return Line("insurance", payer, None, None, bases)
    covered = Fraction(asked.goods_minor + freight_minor) * terms.cover_percent / 100
    premium = covered * Fraction(terms.rate_percent) / 100
    return Line("insurance", payer, half_up(max(least, premium)), None, bases)


def _exchanged(
    amount_minor: Fraction, currency: str, into: str, rates: Sequence[Exchange]
) -> Fraction | None:
    if currency == into:
        return amount_minor
    rate = next((one for one in rates if (one.currency, one.into) == (currency, into)), None)
    return None if rate is None else rate.minor(amount_minor)


def _customs_values(goods_minor: int, carriage: Sequence[Line], insurance: Line) -> dict[Value, int] | None:
    """The price, and what the buyer pays beside it until the border; None where that is unknown.

    What the seller pays is within the price and stays there: no market's deduction for it is assumed.
    """
    before = [line for line in carriage if line.leg is not None and line.leg.leg.stage == "before"]
    main = [line for line in carriage if line.leg is None or line.leg.leg.stage == "main"]
    added = [line for line in (*before, *main, insurance) if line.is_due]
    if any(line.amount_minor is None for line in added):
        return None
    fob = goods_minor + sum(line.amount_minor or 0 for line in before if line.is_due)
    return {"cif": goods_minor + sum(line.amount_minor or 0 for line in added), "fob": fob}


def _charged(
    asked: Asked, duties: DutyPolicy, values: Mapping[Value, int] | None, duty: Charge | None
) -> Charge | None:
    if values is None or asked.pieces_by_hs is None:
        return None
    return charge(
        duties,
        "duty" if duty is None else "import_tax",
        market=asked.market,
        day=asked.day,
        pieces_by_hs=asked.pieces_by_hs,
        values_minor=values,
        duty=duty,
    )


def _told(found: Charge | None) -> tuple[int | None, None, tuple[Basis, ...]]:
    if found is None:
        return None, None, ()
    bases = dict.fromkeys(Basis(rate.source, rate.checked_on) for rate in found.rates)
    return found.amount_minor, None, tuple(bases)


def _with_suggestion(
    found: Landed,
    freight: FreightPolicy,
    warehouses: Sequence[Warehouse],
    rates: Sequence[Exchange],
    freight_minor: int,
) -> Landed:
    """The warehouse with the least freight, where that is less than from here."""
    asked, cheaper = found.asked, []
    for other in warehouses:
        legs = freight.way(other.id, asked.market, asked.place)
        amount = _freight(charges(legs, asked.load, asked.currency, rates))
        if other != found.warehouse and amount is not None and amount < freight_minor:
            cheaper.append((amount, other.id, other))
    if not cheaper:
        return found
    amount, _, best = min(cheaper, key=lambda one: one[:2])
    return Landed(
        asked, found.warehouse, found.lines, found.exchanges, Suggestion(best, amount), found.good_percent,
        found.warn_percent,
    )  # fmt: skip
