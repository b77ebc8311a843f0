"""What goods cost where they are used, when they get there, and what customs will ask."""

from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from exporters.readiness import Finding, Readiness
from gateway.deps import Visit, VisitDep
from gateway.errors import InsufficientQuantity, NotFound
from gateway.pages.building import offers
from gateway.pages.building.article import common, name_of
from gateway.pages.building.landed import landed_part
from gateway.pages.building.offers import Offered
from gateway.pages.views.forms import form_of
from gateway.pages.views.landed import LandedPart, LandedView
from gateway.policies import load
from gateway.routes.offer_page import tell_shown
from gateway.routes.strict import Closed, StrictRoute
from gateway.shell import etags
from gateway.trade.landed_cost import Basis, Line
from gateway.trade.lead_time import LeadTime
from gateway.workflows.customs_questions import Journey, questions
from gateway.workflows.landed import INCOTERMS, USUAL_TERM, Answer, Wanted, landed

PIECES_MAX: Final = 10**9
UNKNOWN: Final = "unknown"
Incoterm = Literal["EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP"]
Place = Annotated[str, Query(max_length=60, description="Named place; none: the usual one of the market")]
Pieces = Annotated[int | None, Query(ge=1, le=PIECES_MAX, description="None: the smallest order")]
Typed = Annotated[str, Query(max_length=40)]

router = APIRouter(tags=["trade"], route_class=StrictRoute)


class SourceOut(Closed):
    """Who says so, and when that was looked up."""

    source: str
    on: str = Field(examples=["2026-11-20"])

    @classmethod
    def of(cls, basis: Basis) -> Self:
        return cls(source=basis.source, on=basis.on.isoformat())


class CostLineOut(Closed):
    """One line of the cost. amount_minor: whole minor units, or the word ``unknown``; never 0 for unknown.

    kind: goods, carriage, insurance, duty, import_tax, brand_fee. payer seller: within the price of the
    goods. origin to mode: of carriage, else "". charged: thousandths of unit (kg, m3) that are charged. A
    brand's fee has no amount: it is between the seller and the brand.
    """

    kind: str = Field(examples=["carriage"])
    payer: Literal["buyer", "seller"]
    amount_minor: int | Literal["unknown"] | None = Field(examples=[4500])
    origin: str = Field(examples=["Yantian"])
    destination: str = Field(examples=["Hai Phong"])
    mode: str = Field(examples=["sea"])
    unit: str = Field(examples=["m3"])
    charged_milli: int | None = Field(examples=[108])
    sources: list[SourceOut]

    @classmethod
    def of(cls, line: Line) -> Self:
        leg = line.leg
        return cls(
            kind=line.kind,
            payer=line.payer,
            amount_minor=UNKNOWN if line.is_unknown else line.amount_minor,
            origin=leg.leg.origin if leg else "",
            destination=leg.leg.destination if leg else "",
            mode=leg.leg.mode if leg else "",
            unit=leg.leg.unit if leg else "",
            charged_milli=leg.charged_milli if leg else None,
            sources=[SourceOut.of(one) for one in line.bases],
        )


class RateOut(Closed):
    """What one whole unit of currency was taken to buy, frozen with the answer."""

    currency: str = Field(examples=["CNY"])
    into: str = Field(examples=["USD"])
    rate: str = Field(examples=["0.1400"])
    source: str
    on: str


class NearerOut(Closed):
    """A suggestion: goods like these would cost less to carry from there, if they lay there."""

    warehouse: str = Field(examples=["south"])
    city: str
    freight_minor: int


class StretchOut(Closed):
    """mode "": handling before the first leg. ends: latest day after the order; null: unknown."""

    mode: str
    origin: str
    destination: str
    days_min: int | None
    days_max: int | None
    ends: int | None


class TimeOut(Closed):
    """verdict: in-time, late, unknown; judged by days_max. late_days: beyond the promise."""

    days_min: int | None
    days_max: int | None
    promise_days: int | None = Field(examples=[7])
    verdict: str = Field(examples=["in-time"])
    late_days: int
    stretches: list[StretchOut]

    @classmethod
    def of(cls, time: LeadTime) -> Self:
        return cls(
            days_min=time.days_min,
            days_max=time.days_max,
            promise_days=time.promise_days,
            verdict=time.verdict,
            late_days=time.late_days,
            stretches=[
                StretchOut(
                    mode=part.mode,
                    origin=part.origin,
                    destination=part.destination,
                    days_min=part.days_min,
                    days_max=part.days_max,
                    ends=part.ends,
                )
                for part in time.stretches
            ],
        )


class LandedOut(Closed):
    """What an offer costs at a place. known_minor: what the buyer pays as far as it is known.

    unknown: lines that the buyer pays beside that. freight_share: of all carriage to the price, exact, as
    ``numerator/denominator``; freight_verdict: good, fair, high, unknown. places: to which a way is stated.
    """

    listing: str
    pieces: int = Field(examples=[100])
    incoterm: str = Field(examples=["FCA"])
    place: str = Field(examples=["Hai Phong"])
    places: list[str]
    currency: str = Field(examples=["USD"])
    unit_price_minor: int
    known_minor: int
    unknown: list[str] = Field(examples=[["duty", "import_tax"]])
    lines: list[CostLineOut]
    freight_minor: int | Literal["unknown"]
    freight_share: str = Field(examples=["127/8000"])
    freight_verdict: str
    rates: list[RateOut]
    nearer: NearerOut | None
    lead_time: TimeOut
    as_of: str

    @classmethod
    def of(cls, one: Offered, answer: Answer) -> Self:
        cost, nearer = answer.landed, answer.landed.suggestion
        return cls(
            listing=one.listing.id,
            pieces=answer.wanted.pieces,
            incoterm=answer.wanted.incoterm,
            place=answer.wanted.place,
            places=list(load.freight().places(one.listing.market)),
            currency=cost.asked.currency,
            unit_price_minor=answer.unit_price_minor,
            known_minor=cost.known_minor,
            unknown=list(cost.unknown),
            lines=[CostLineOut.of(line) for line in cost.lines],
            freight_minor=UNKNOWN if cost.freight_minor is None else cost.freight_minor,
            freight_share=UNKNOWN
            if cost.share is None
            else f"{cost.share.numerator}/{cost.share.denominator}",
            freight_verdict=cost.share_verdict,
            rates=[
                RateOut(
                    currency=rate.currency,
                    into=rate.into,
                    rate=str(rate.rate),
                    source=rate.source,
                    on=rate.on.isoformat(),
                )
                for rate in cost.exchanges
            ],
            nearer=None
            if nearer is None
            else NearerOut(
                warehouse=nearer.warehouse.id, city=nearer.warehouse.city, freight_minor=nearer.freight_minor
            ),
            lead_time=TimeOut.of(answer.lead_time),
            as_of=cost.asked.day.isoformat(),
        )


class FindingOut(Closed):
    """One rule and its answer. outcome: pass, fail, unknown. severity: block, warn, info; as it weighs.

    facts: which to state or mend. goods: of which. status: how the rule itself was checked: verified,
    secondary, unverified; own: a rule of the house. effective_from, effective_to: "" where open.
    """

    rule: str = Field(examples=["UN383-SUMMARY"])
    outcome: str = Field(examples=["unknown"])
    severity: str = Field(examples=["block"])
    facts: list[str] = Field(examples=[["un38_3"]])
    goods: list[str]
    source: str
    url: str
    checked_on: str
    status: str
    effective_from: str
    effective_to: str

    @classmethod
    def of(cls, finding: Finding) -> Self:
        rule = finding.rule
        return cls(
            rule=rule.id,
            outcome=finding.outcome,
            severity=rule.weighs,
            facts=list(finding.facts),
            goods=list(finding.goods),
            source=rule.source,
            url=rule.url,
            checked_on=_day(rule.checked_on),
            status=rule.status,
            effective_from=_day(rule.effective_from),
            effective_to=_day(rule.effective_to),
        )


class ReadinessOut(Closed):
    """What customs will ask. level: draft (a needed fact is missing), complete, customs-ready."""

    listing: str
    destination: str = Field(examples=["VN"])
    incoterm: str
    mode: str
    day: str
    level: str = Field(examples=["draft"])
    findings: list[FindingOut]

    @classmethod
    def of(cls, listing: str, found: Readiness) -> Self:
        case = found.case
        return cls(
            listing=listing,
            destination=case.destination,
            incoterm=case.incoterm,
            mode=case.mode,
            day=case.day.isoformat(),
            level=found.level.slug,
            findings=[FindingOut.of(finding) for finding in found.findings],
        )


@router.get("/offers/{listing}/landed")
def page(
    listing: str, visit: VisitDep, pieces: Typed = "", incoterm: Typed = USUAL_TERM, place: Place = ""
) -> Response:
    """A plain form: what it asks for stands in the address, so that the answer can be sent on."""
    one = _offered(visit, listing)
    places = load.freight().places(one.listing.market)
    wanted_place = place if place in places else one.market.place
    count = int(pieces) if pieces.isascii() and pieces.isdigit() and len(pieces) <= 9 else 0
    part, error = None, ""
    if pieces.strip() and not count:
        error = "quantity-not-a-number"
    else:
        part, error = _part(visit, one, Wanted(count or one.smallest, _term(incoterm), wanted_place))
    view = LandedView(
        offer_href=f"/offers/{listing}",
        offer_name=name_of(one.judged.items, visit.language),
        brand=common(one.judged.items, "brand") or one.state.brand or "",
        available=one.judged.facts.available,
        form=form_of(
            {
                "pieces": pieces.strip() or str(one.smallest),
                "incoterm": _term(incoterm),
                "place": wanted_place,
            },
            {"pieces": error} if error else None,
        ),
        incoterms=tuple((term, term) for term in INCOTERMS),
        places=places,
        part=part,
    )
    return visit.page(view, 422 if error else 200)


@router.get("/v1/listings/{listing}/landed-cost", response_model=LandedOut)
def landed_cost(
    listing: str,
    visit: VisitDep,
    pieces: Pieces = None,
    incoterm: Incoterm = "FCA",
    place: Place = "",
) -> Response:
    """Every line of what the goods cost at a place, with its source, and how long the way takes.

    409 insufficient-quantity where fewer are left.
    """
    one = _offered(visit, listing)
    wanted = Wanted(pieces or one.smallest, incoterm, place)
    return etags.answer(visit.request, LandedOut.of(one, _answer(visit, one, wanted)))


@router.get("/v1/listings/{listing}/readiness", response_model=ReadinessOut)
def readiness(
    listing: str,
    visit: VisitDep,
    incoterm: Incoterm = "FCA",
    mode: Literal["road", "rail", "sea", "air"] | None = None,
    day: date | None = None,
) -> Response:
    """What customs at the market of the offer will ask, under the rules in force on a day.

    mode: that of the stated way where none is named. day: today where none is named.
    """
    one = _offered(visit, listing)
    answer = _answer(visit, one, Wanted(one.smallest, incoterm))
    journey = Journey(
        one.listing.market,
        incoterm,
        answer.wanted.place,
        mode or answer.mode,
        day or visit.installation.clock.now().date(),
    )
    found = questions(one.listing, one.judged, one.company, journey)
    return etags.answer(visit.request, ReadinessOut.of(listing, found))


def _offered(visit: Visit, listing: str) -> Offered:
    """As the offer's own page: what is not for this company does not exist."""
    one = offers.offered(visit.installation, visit.connection, visit.company, listing)
    if one is None:
        raise NotFound(listing)
    tell_shown(visit, one.company, [one.listing])
    return one


def _answer(visit: Visit, one: Offered, wanted: Wanted) -> Answer:
    now = visit.installation.clock.now()
    return landed(visit.connection, one.listing, one.judged, one.company, wanted, now)


def _part(visit: Visit, one: Offered, wanted: Wanted) -> tuple[LandedPart | None, str]:
    try:
        return landed_part(visit.installation, visit.connection, one, wanted), ""
    except InsufficientQuantity:
        return None, "not-enough-stock"


def _term(text: str) -> Any:
    return text if text in INCOTERMS else USUAL_TERM


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
