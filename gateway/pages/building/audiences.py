"""Who may see an offer and why: pools, chosen companies with their scores, and what was done about it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import Connection

from gateway.pages.building.prices import company_names, offer_name, who
from gateway.pages.views.forms import Form, form_of
from gateway.pages.views.prices import (
    AudienceEvent,
    AudienceLine,
    AudiencesView,
    AudienceView,
    ChosenLine,
    ExposureLine,
    ExposuresView,
    MatchFacts,
    OfferName,
    ScorePart,
)
from gateway.pages.views.values import Money, Value
from gateway.policies import load
from gateway.store import audiences, matches, trade
from gateway.store.audiences import Chosen, Seen
from gateway.store.matches import MatchRun
from gateway.store.trade import Listing
from gateway.workflows.pools import BY_MATCHING

EXPOSURES: Final = "/operator/exposures"
EXPOSURES_SHOWN: Final = 100
OFFERS_LISTED: Final = 100  # to choose from; any other is filtered by from its own page


def all_view(connection: Connection, language: str) -> AudiencesView:
    return AudiencesView(
        lines=tuple(
            AudienceLine(
                href=f"/operator/audiences/{one.id}",
                offer=offer_name(connection, one, language),
                visibility=one.visibility,
                tier_min=one.tier_min,
                companies=len(audiences.chosen_of(connection, one.id)) if one.visibility == "private" else 0,
            )
            for one in trade.listings(connection)
        )
    )


def one_view(
    connection: Connection, listing: Listing, language: str, form: Form | None = None
) -> AudienceView:
    names, runs = company_names(connection), matches.runs(connection, listing.id)
    chosen = audiences.chosen_of(connection, listing.id)
    exposures = audiences.exposures_of(connection, listing.id)
    seen = Counter(one.company for one in exposures)
    facts = _facts(runs)
    inside = {one.company for one in chosen}
    others = sorted(
        (company.name, company.id)
        for company in trade.companies(connection)
        if company.country == listing.market and company.status == "approved" and company.id not in inside
    )
    return AudienceView(
        action=f"/operator/audiences/{listing.id}",
        offer=offer_name(connection, listing, language),
        visibility=listing.visibility,
        tier_min=listing.tier_min,
        chosen=tuple(
            _chosen(connection, one, names, facts.get(one.company), seen[one.company], listing.currency)
            for one in chosen
        ),
        others=tuple((id_, name) for name, id_ in others),
        run=_run(runs[-1]) if runs else None,
        runs=len(runs),
        events=_events(connection, listing.id, names),
        exposures=tuple(
            (date.fromisoformat(one.day), names.get(one.company, one.company), one.why) for one in exposures
        ),
        form=form or form_of({"visibility": listing.visibility, "tier_min": str(max(2, listing.tier_min))}),
    )


def exposures_view(
    connection: Connection, language: str, listing: str, company: str, after: Seen | None
) -> ExposuresView:
    """listing, company: ids to filter by, "" for all; what is in no line filters everything away."""
    found = audiences.exposures_page(
        connection, listing=listing, company=company, after=after, limit=EXPOSURES_SHOWN + 1
    )
    shown, names = found[:EXPOSURES_SHOWN], company_names(connection)
    listed = audiences.exposed_offers(connection, OFFERS_LISTED)
    offers = _offer_names(connection, [*(one.listing for one in shown), *listed], language)
    more = {"listing": listing, "company": company}
    last = f"{shown[-1].day}.{shown[-1].listing}.{shown[-1].company}" if shown else ""
    query = urlencode({name: value for name, value in {**more, "after": last}.items() if value})
    return ExposuresView(
        lines=tuple(
            ExposureLine(
                day=date.fromisoformat(one.day),
                company=names.get(one.company, one.company),
                offer=offers[one.listing],
                href=f"/operator/audiences/{one.listing}",
                why=one.why,
            )
            for one in shown
        ),
        offers=tuple(
            (id_, f"{offers[id_].goods} · {offers[id_].market} · {offers[id_].lot_short}") for id_ in listed
        ),
        companies=tuple(
            sorted(
                ((id_, names.get(id_, id_)) for id_ in audiences.exposed_companies(connection)),
                key=lambda one: one[1],
            )
        ),
        form=form_of(more),
        next_href=f"{EXPOSURES}?{query}" if len(found) > EXPOSURES_SHOWN else "",
    )


def _offer_names(connection: Connection, ids: Iterable[str], language: str) -> dict[str, OfferName]:
    found = {}
    for id_ in dict.fromkeys(ids):
        one = trade.listing(connection, id_)
        assert one is not None  # offers are never deleted
        found[id_] = offer_name(connection, one, language)
    return found


def _facts(runs: list[MatchRun]) -> dict[str, dict[str, Any]]:
    """What the latest choice says of each company."""
    return {one["company"]: one for run in runs for one in run.plan}


def _chosen(  # the row, and what is known about it
    connection: Connection,
    one: Chosen,
    names: dict[str, str],
    said: dict[str, Any] | None,
    seen_days: int,
    currency: str,
) -> ChosenLine:
    by_machine = one.added_by == BY_MATCHING
    weights = load.matching().weights.model_dump()
    return ChosenLine(
        company=one.company,
        name=names.get(one.company, one.company),
        score=one.score,
        expected=said["expected"] if by_machine and said else -1,
        parts=tuple(
            ScorePart(
                name=part["name"],
                points=part["points"],
                most=weights[part["name"]],
                detail=_detail(part["name"], part["detail"], currency),
            )
            for part in (said["parts"] if by_machine and said else ())
        ),
        reason="" if by_machine else "; ".join(one.reasons),
        since=one.since,
        added_by="" if by_machine else who(connection, one.added_by),
        seen_days=seen_days,
    )


def _detail(name: str, detail: str, currency: str) -> Value | None:
    if not detail:
        return None
    return Money(amount_minor=int(detail), currency=currency) if name == "price" else int(detail)


def _run(run: MatchRun) -> MatchFacts:
    return MatchFacts(
        at=run.at,
        wanted=run.wanted,
        expected=run.expected,
        companies=len(run.plan),
        days_open=run.days_open,
        policy=run.policy,
        plan_hash=run.plan_hash,
    )


def _events(connection: Connection, listing: str, names: dict[str, str]) -> tuple[AudienceEvent, ...]:
    """Oldest first."""
    moved = [
        AudienceEvent(
            at=one.at,
            slug=f"visible-{one.visibility}",
            who=who(connection, one.by),
            what=str(one.tier_min) if one.visibility == "tier" else "",
            reason=_reason(one.reason),
        )
        for one in matches.pool_moves(connection, listing)
    ]
    people_ = [
        AudienceEvent(
            at=one.at,
            slug=f"company-{one.kind}",
            who=who(connection, one.by),
            what=names.get(one.company, one.company),
            reason=one.reason,
        )
        for one in matches.audience_moves(connection, listing)
    ]
    return tuple(sorted([*moved, *people_], key=lambda event: event.at))


def _reason(reason: str) -> str:
    """What was left of a sale says so by itself."""
    return "" if reason.startswith("unsold:") else reason
