"""What an offer says beside its market: channel, price and band, basis, steps. Judged before it stands."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from gateway.errors import LotNotVerified, Refused
from gateway.policies import load
from gateway.trade.eligibility import Market
from gateway.trade.pricing import Asked, Quote, ReferenceKind
from gateway.trade.quantities import Basis, Pack, Steps, half_up
from gateway.wiring import Installation
from gateway.workflows.gate import Judged, today
from gateway.workflows.order_parts import product_of
from gateway.workflows.references import kept
from ledger.core.canonical import JsonValue

OUT_OF_BAND: Final = "price-out-of-band"
DECIMALS: Final = 1000  # of a minor unit: a price by weight has three digits more than its currency


@dataclass(frozen=True, slots=True)
class Stated:
    """What the seller says; None and "" leave it to the policies.

    price_minor: of one unit of ``basis``. moq, multiple: pieces. mixed: whether an order may reach its
    minimum over several lots. override_reason: why the price may lie outside its band. against: the kind
    of reference it is held against, None for the one that the goods came with.
    """

    channel: str | None = None
    basis: Basis = "piece"
    price_minor: int | None = None
    moq: int | None = None
    multiple: int | None = None
    mixed: bool = False
    override_reason: str = ""
    against: ReferenceKind | None = None


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """As of ``Listing``; texts and whole numbers alone, so that it can be kept as JSON."""

    market: str
    channel: str
    currency: str
    unit_price_minor: int
    basis: Basis
    size: int
    moq: int
    multiple: int
    mixed: bool
    price_policy: str
    reference: str
    override_reason: str

    @property
    def place(self) -> Market:
        """The market, through the channel of the offer."""
        found = load.markets().market(self.market, self.channel)
        assert found is not None  # the policy's own
        return found

    @property
    def committed(self) -> dict[str, JsonValue]:
        """What the ledger's record commits to: its price is that of one piece, rounded half up."""
        each = half_up(Pack(self.basis, self.size).piece_price_minor(self.unit_price_minor))
        price: JsonValue = {"amount_minor": each, "currency": self.currency}
        return {"market": self.market, "channel": self.channel, "price": price}


def agree(installation: Installation, judged: Judged, market: Market, stated: Stated) -> OfferTerms:
    """The terms of an offer that the gate lets through.

    Raises LotNotVerified with every reason but the price, Refused (price-out-of-band with the limits,
    unit-not-stated, price-not-divisible, below-moq, not-a-multiple).
    """
    place = load.markets().market(market.code, stated.channel)
    assert place is not None  # the market is one of the policy's
    pack = judged.pack(stated.basis)
    if pack is None:
        raise Refused(
            "unit-not-stated", f"how many pieces a {stated.basis} has is not known", basis=stated.basis
        )
    asked = Asked(pack, stated.price_minor, bool(stated.override_reason), stated.against)
    reasons = judged.reasons(place, today(installation), asked)
    quote = judged.quote(place, asked)
    others = [reason for reason in reasons if reason.slug != OUT_OF_BAND]
    if others or quote is None:
        raise LotNotVerified(judged.lot, others)
    if reasons:
        raise out_of_band(quote)
    check_divisible(judged, quote)
    steps = _steps(judged.facts.lot.quantity, pack, stated)
    return OfferTerms(
        market=place.code,
        channel=place.channel,
        currency=quote.currency,
        unit_price_minor=quote.unit_price_minor,
        basis=pack.basis,
        size=pack.size,
        moq=steps.moq,
        multiple=steps.multiple,
        mixed=stated.mixed,
        price_policy=load.versions()["prices"],
        reference=kept(quote.reference),
        override_reason="" if quote.in_band else stated.override_reason,
    )


def out_of_band(quote: Quote) -> Refused:
    least, most = quote.limits_minor
    return Refused(
        OUT_OF_BAND,
        f"{quote.unit_price_minor} is not within {least} and {most}",
        least_minor=least,
        most_minor=most,
        currency=quote.currency,
        percent=half_up(quote.ratio * 100),
        min_percent=half_up(Fraction(quote.band.min_ratio) * 100),
        max_percent=half_up(Fraction(quote.band.max_ratio) * 100),
    )


def check_divisible(judged: Judged, quote: Quote) -> None:
    """An invoice counts pieces, so the price of one is written out in decimals that end.

    Several products stand on several lines of it: their sum is the price of the order only where each
    piece has a whole price.
    """
    each = quote.pack.piece_price_minor(quote.unit_price_minor)
    products = len({product_of(item) for item in judged.items})
    if each.denominator == 1 or (products == 1 and DECIMALS % each.denominator == 0):
        return
    below, above = (whole * quote.pack.pieces for whole in (each // 1, each // 1 + 1))
    raise Refused(
        "price-not-divisible",
        "the price of one piece cannot be written out",
        below_minor=half_up(below),
        above_minor=half_up(above),
        currency=quote.currency,
    )


def _steps(pieces: int, pack: Pack, stated: Stated) -> Steps:
    """The channel policy's where nothing is said; never more than the lot has."""
    usual = load.channels().moq
    if pack.basis == "lot":
        return Steps(pieces, pieces)
    whole = pack.size if pack.basis == "carton" else 1
    multiple = stated.multiple or whole
    if multiple % whole:
        near = multiple // whole * whole
        raise Refused(
            "not-a-multiple",
            "a carton is not divided",
            multiple=whole,
            below=near or None,
            above=near + whole,
        )
    if stated.moq is not None and stated.moq < usual and not stated.mixed:
        raise Refused("below-moq", f"the smallest order is {usual} pieces", minimum=min(usual, pieces))
    steps = Steps(stated.moq or usual, multiple)
    return Steps(steps.smallest(pieces), multiple)
