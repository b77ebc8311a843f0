"""The cost of an offer at a place, the way there and what customs will ask, as pages show it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import Connection

from exporters.readiness import Finding, Level, Readiness
from gateway.pages.building.offers import Offered
from gateway.pages.views.landed import (
    AskedLine,
    Basis,
    CostLine,
    CostPart,
    CustomsPart,
    LandedBrief,
    LandedPart,
    ManifestLinks,
    Nearer,
    RateUsed,
    Segment,
    StretchLine,
    TimePart,
)
from gateway.pages.views.values import Measurement, Money
from gateway.store.trade import Company, Listing, Reservation
from gateway.trade import landed_cost
from gateway.trade.landed_cost import Landed, Line
from gateway.trade.lead_time import LeadTime
from gateway.trade.quantities import half_up
from gateway.wiring import Installation
from gateway.workflows.customs_questions import Journey, questions
from gateway.workflows.gate import Judged
from gateway.workflows.landed import Answer, Wanted, landed, landed_held, main_mode

GOODS_MAX: Final = 3  # goods that a point names
PER_UNIT: Final = {"kg": "KGM", "m3": "MTQ"}
SHARE_TONES: Final = {"good": "good", "fair": "", "high": "warn", "unknown": "warn"}
TIME_TONES: Final = {"in-time": "good", "late": "warn", "unknown": "warn"}
LEVEL_TONES: Final = {Level.DRAFT: "warn", Level.COMPLETE: "bad", Level.READY: "good"}
# Goods, carriage, insurance, charges of the state: in the picture as in the words below it.
SHADES: Final = (("goods", 1), ("carriage", 2), ("insurance", 3), ("duty", 4), ("import_tax", 4))


def landed_part(
    installation: Installation, connection: Connection, one: Offered, wanted: Wanted | None = None
) -> LandedPart:
    """wanted: the smallest order on the usual terms where nothing is. Raises InsufficientQuantity."""
    now = installation.clock.now()
    asked = wanted or Wanted(one.smallest)
    answer = landed(connection, one.listing, one.judged, one.company, asked, now)
    journey = Journey(
        one.listing.market, answer.wanted.incoterm, answer.wanted.place, answer.mode, now.date()
    )
    api = f"/v1/listings/{one.listing.id}/manifest"
    return LandedPart(
        href=f"/offers/{one.listing.id}/landed",
        cost=cost_part(answer),
        time=time_part(answer.lead_time),
        customs=customs_part(questions(one.listing, one.judged, one.company, journey)),
        manifest=ManifestLinks(csv=f"{api}.csv", xlsx=f"{api}.xlsx", json=f"{api}.json"),
    )


def cost_part(answer: Answer) -> CostPart:
    cost, wanted = answer.landed, answer.wanted
    currency = cost.asked.currency
    each = half_up(Fraction(cost.known_minor, wanted.pieces))
    freight = cost.freight_minor
    return CostPart(
        pieces=wanted.pieces,
        incoterm=wanted.incoterm,
        place=wanted.place,
        known=Money(amount_minor=cost.known_minor, currency=currency),
        each=Money(amount_minor=each, currency=currency),
        unknown=cost.unknown,
        lines=tuple(_line(line, currency) for line in cost.lines),
        segments=_segments(cost, currency),
        freight=None if freight is None else Money(amount_minor=freight, currency=currency),
        share=None if cost.share is None else percent_of(cost.share),
        share_verdict=cost.share_verdict,
        tone=SHARE_TONES[cost.share_verdict],
        good=Measurement(value=str(cost.good_percent), unit="P1"),
        warn=Measurement(value=str(cost.warn_percent), unit="P1"),
        rates=tuple(
            RateUsed(
                currency=rate.currency,
                into=rate.into,
                rate=Measurement(value=str(rate.rate), unit=rate.into),
                basis=Basis(source=rate.source, on=rate.on),
            )
            for rate in cost.exchanges
        ),
        warehouse=cost.warehouse.city if cost.warehouse else "",
        nearer=_nearer(cost, currency),
    )


def brief(
    listing: Listing, judged: Judged, hold: Reservation, now: datetime, buyer: Company | None = None
) -> LandedBrief:
    """Of what is held. judged: of its lot. buyer: whose hold it is, for what customs will ask."""
    cost = landed_held(listing, judged, hold, now)
    asked = cost.asked
    journey = Journey(listing.market, asked.incoterm, asked.place, main_mode(cost), now.date())
    query = urlencode({"pieces": hold.quantity, "incoterm": asked.incoterm, "place": asked.place})
    return LandedBrief(
        known=Money(amount_minor=cost.known_minor, currency=asked.currency),
        unknown=cost.unknown,
        incoterm=asked.incoterm,
        place=asked.place,
        href=f"/offers/{listing.id}/landed?{query}",
        customs=customs_part(questions(listing, judged, buyer, journey)) if buyer else None,
    )


def summed(briefs: Sequence[LandedBrief]) -> LandedBrief | None:
    """Several as one; None of none, and where they are not of one place and currency."""
    if not briefs or len({(one.place, one.incoterm, one.known.currency) for one in briefs}) > 1:
        return None
    first = briefs[0]
    total = sum(one.known.amount_minor for one in briefs)
    unknown = tuple(dict.fromkeys(kind for one in briefs for kind in one.unknown))
    known = Money(amount_minor=total, currency=first.known.currency)
    return replace(first, known=known, unknown=unknown, href="", customs=None)


def time_part(time: LeadTime) -> TimePart:
    return TimePart(
        days_min=time.days_min,
        days_max=time.days_max,
        promise_days=time.promise_days,
        verdict=time.verdict,
        tone=TIME_TONES[time.verdict],
        late_days=time.late_days,
        stretches=tuple(
            StretchLine(
                mode=part.mode,
                origin=part.origin,
                destination=part.destination,
                days_min=part.days_min,
                days_max=part.days_max,
                ends=part.ends,
            )
            for part in time.stretches
        ),
    )


def customs_part(found: Readiness) -> CustomsPart:
    lines = sorted(found.findings, key=_urgency)
    return CustomsPart(
        destination=found.case.destination,
        mode=found.case.mode,
        day=found.case.day,
        level=found.level.slug,
        tone=LEVEL_TONES[found.level],
        open_lines=tuple(_asked(finding) for finding in lines if finding.outcome != "pass"),
        passed=tuple(_asked(finding) for finding in lines if finding.outcome == "pass"),
    )


def _line(line: Line, currency: str) -> CostLine:
    leg = line.leg
    state = "not-told" if line.kind == "brand_fee" else "unknown" if line.amount_minor is None else ""
    charged = leg.charged_milli if leg else None
    return CostLine(
        kind=line.kind,
        payer=line.payer,
        state=state or ("due" if line.is_due else "within"),  # type: ignore[arg-type]
        amount=None
        if line.amount_minor is None
        else Money(amount_minor=line.amount_minor, currency=currency),
        mode=leg.leg.mode if leg else "",
        origin=leg.leg.origin if leg else "",
        destination=leg.leg.destination if leg else "",
        charged=None
        if leg is None or charged is None
        else Measurement(value=str(Decimal(charged).scaleb(-3).normalize()), unit=PER_UNIT[leg.leg.unit]),
        bases=tuple(_basis(one) for one in line.bases),
    )


def _basis(one: landed_cost.Basis) -> Basis:
    return Basis(source=one.source, on=one.on)


def _segments(cost: Landed, currency: str) -> tuple[Segment, ...]:
    """What the buyer pays, side by side; a part too small to be seen has still a thousandth."""
    total, x, found = cost.known_minor, 0, []
    for kind, shade in SHADES:
        amount = sum(line.amount_minor or 0 for line in cost.lines if line.is_due and line.kind == kind)
        if not amount or not total:
            continue
        width = max(1, half_up(Fraction(1000 * amount, total)))
        width = min(width, 1000 - x)
        segment = Segment(
            kind=kind,
            x=x,
            width=width,
            shade=shade,
            amount=Money(amount_minor=amount, currency=currency),
            share=percent_of(Fraction(amount, total)),
        )
        found.append(segment)
        x += width
    return tuple(found)


def _nearer(cost: Landed, currency: str) -> Nearer | None:
    suggested, goods = cost.suggestion, cost.asked.goods_minor
    if suggested is None:
        return None
    return Nearer(
        region=suggested.warehouse.region,
        city=suggested.warehouse.city,
        freight=Money(amount_minor=suggested.freight_minor, currency=currency),
        share=percent_of(Fraction(suggested.freight_minor, goods)) if goods else None,
    )


def percent_of(share: Fraction) -> Measurement:
    """With one decimal, rounded half up."""
    return Measurement(value=str(Decimal(half_up(share * 1000)).scaleb(-1)), unit="P1")


def _urgency(finding: Finding) -> tuple[int, int]:
    """What stops goods first; what is wrong before what nobody knows."""
    return (
        ("block", "warn", "info").index(finding.rule.weighs),
        ("fail", "unknown", "pass").index(finding.outcome),
    )


def _asked(finding: Finding) -> AskedLine:
    rule = finding.rule
    return AskedLine(
        rule=rule.id,
        outcome=finding.outcome,
        severity=rule.weighs,
        tone={"pass": "good", "unknown": "warn"}.get(
            finding.outcome, "bad" if rule.weighs == "block" else "warn"
        ),
        fixes=finding.facts,
        goods=_some(finding.goods),
        more_goods=max(0, len(finding.goods) - GOODS_MAX),
        source=rule.source,
        url=rule.url,
        checked_on=rule.checked_on,
        status=rule.status,
        since=rule.effective_from,
    )


def _some(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(names[:GOODS_MAX])
