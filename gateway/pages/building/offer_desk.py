"""The operator's desk of offers: what may be offered, what may not and how to mend it, and what stands."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.i18n import LANGUAGES
from gateway.pages.building.article import common
from gateway.pages.building.bench import ask_of
from gateway.pages.building.console import action_href, lot_href
from gateway.pages.building.lots import reason_of
from gateway.pages.building.offers import unit_price
from gateway.pages.building.orders import bare, order_number
from gateway.pages.building.reading import checking, short
from gateway.pages.views.forms import Form, form_of
from gateway.pages.views.offer_desk import (
    BandPicture,
    Cell,
    ChangeLine,
    ClaimLine,
    DeskLot,
    DeskOffer,
    DeskOfferView,
    DraftOfferView,
    ExposureLine,
    Fix,
    HoldLine,
    Moves,
    OfferDeskView,
    Projected,
    Said,
    SoldLine,
)
from gateway.pages.views.values import Link, Money
from gateway.people.identity import Identity
from gateway.policies import load
from gateway.statements.catalogue import offered
from gateway.store import audiences, offer_states, people, stock_levels, trade
from gateway.store.offer_states import Change
from gateway.store.trade import Listing
from gateway.trade.claims import Overclaim
from gateway.trade.eligibility import Reason as Refusal
from gateway.trade.offer_states import OPEN, State, may_move, state_of
from gateway.trade.pricing import PROPOSED, unit_reference
from gateway.trade.quantities import half_up
from gateway.wiring import Installation
from gateway.workflows.gate import (
    Judged,
    Verdict,
    free_units,
    judge_lot,
    rests_on_distrusted,
    today,
    verdict_on,
)
from gateway.workflows.lot_places import Placed, places
from gateway.workflows.offer_wording import evidence_of, told
from gateway.workflows.references import asked_by
from ledger.errors import LedgerError
from ledger.lots.state import LotState
from ledger.store import log

DESK: Final = "/operator/offers"
PAGE: Final = 25
TABS: Final[Mapping[str, tuple[State, ...]]] = {
    "ready": (),
    "blocked": (),
    "waiting": ("draft", "in_review"),
    "published": ("published",),
    "paused": ("paused",),
    "ended": ("sold_out", "expired", "withdrawn"),
}
# Of a reason of the gate: the action that mends it.
ACTIONS: Final[Mapping[str, str]] = {
    "recalled": "release",
    "consignment-ended": "end-consignment",
    "needs-reinspection": "assign-inspection",
    "not-inspected": "assign-inspection",
    "inspection-stale": "assign-inspection",
    "inspected-by-seller": "assign-inspection",
    "direct-not-inspected": "assign-inspection",
    "full-inspection-required": "assign-inspection",
    "sample-rejected": "assign-inspection",
    "sample-unplanned": "assign-inspection",
    "ungraded": "assign-inspection",
    "safety-unclassified": "classify",
    "unit-codes-missing": "issue-codes",
    "grade-not-sellable": "dispose",
    "over-age": "dispose",
    "not-in-warehouse": "receive",
    "price-out-of-band": "offer",
    "channel-excluded": "offer",
    "channel-without-band": "offer",
}
# The page on which it is mended, or where one sees what is wrong.
PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "customs-data-missing": ("articles", "/console/lots/{lot}/articles"),
    "un38-3-missing": ("articles", "/console/lots/{lot}/articles"),
    "details-erased": ("private", "/operator/private/lots/{lot}"),
    "chain-broken": ("records", "/auditor/subjects/lot:{lot}"),
    "record-distrusted": ("records", "/auditor/subjects/lot:{lot}"),
    "stock-feed-stale": ("stock", "/operator/stock"),
    "reference-missing": ("references", "/operator/references"),
}
HOUSE: Final = frozenset({"gate", "record", "operator"})


def desk_view(
    installation: Installation, connection: Connection, identity: Identity, tab: str, after: str
) -> OfferDeskView:
    """tab: one of TABS. after: where the page before ended. Raises NotFound, CouldNotCheck."""
    if tab not in TABS:
        raise NotFound(tab)
    known = places(installation, connection)
    counts = {"ready": known.counts()["offer"], "blocked": known.counts()["blocked"]}
    by_state = {slug: offer_states.count(connection, states) for slug, states in TABS.items() if states}
    tabs = tuple((f"{DESK}?tab={slug}", slug, slug == tab, (counts | by_state)[slug]) for slug in TABS)
    if TABS[tab]:
        found = offer_states.in_states(connection, TABS[tab], after=after, limit=PAGE + 1)
        return OfferDeskView(
            tabs=tabs,
            tab=tab,
            offers=tuple(_offer(connection, one) for one in found[:PAGE]),
            next_href=_next(tab, found[PAGE - 1].id) if len(found) > PAGE else "",
        )
    index, _, name = after.partition(".")
    position = (int(index), f"lot:{name}") if index.isdigit() and name else (-1, "")
    queue = known.queue("offer" if tab == "ready" else "blocked", position, PAGE + 1)
    shown = queue[:PAGE]
    more = f"{shown[-1].index}.{bare(shown[-1].lot)}" if len(queue) > PAGE else ""
    with checking("lots"):
        lots = tuple(_lot(installation, connection, identity, one) for one in shown)
    return OfferDeskView(tabs=tabs, tab=tab, lots=lots, next_href=_next(tab, more) if more else "")


def offer_page(
    installation: Installation,
    connection: Connection,
    identity: Identity,
    id_: str,
    *,
    form: Form | None = None,
    claims: Sequence[Overclaim] = (),
    changed_meanwhile: bool = False,
) -> DeskOfferView:
    """form: what was typed and refused. Raises NotFound, CouldNotCheck."""
    one = trade.listing(connection, id_)
    if one is None:
        raise NotFound(id_)
    with checking(one.lot):
        verdict = _verdict(installation, connection, one.lot)
        judged = judge_lot(installation, connection, one.lot, verdict)
    if judged is None:
        raise NotFound(id_)
    names = {company.id: company.name for company in trade.companies(connection)}
    cells, shared = _matrix(installation, judged, one)
    return DeskOfferView(
        offer=_offer(connection, one, judged),
        id=one.id,
        version=one.version,
        offered_until=one.offered_until,
        tier_min=one.tier_min,
        denied=", ".join(audiences.access_of(connection, one.id, "deny", "company")),
        companies=tuple(
            (company.id, company.name)
            for company in trade.companies(connection)
            if company.country == one.market
        ),
        moves=_moves(one),
        fixes=tuple(_fixes(installation, connection, identity, judged, shared)),
        channels=load.channels().codes,
        markets=tuple(market.code for market in load.markets().markets),
        cells=cells,
        band=_band(judged, one),
        projected=tuple(_projected(judged)),
        said=_said(one, form),
        holds=tuple(_holds(installation, connection, one, names)),
        sold=tuple(_sold(connection, one, names)),
        exposures=tuple(
            ExposureLine(
                company=names.get(line.company, line.company), day=date.fromisoformat(line.day), why=line.why
            )
            for line in audiences.exposures_of(connection, one.id)[:PAGE]
        ),
        exposed=audiences.exposed(connection, one.id),
        changes=tuple(
            _change(connection, change) for change in reversed(offer_states.changes(connection, id_))
        ),
        override_reason=one.override_reason,
        form=form or Form(),
        claims=tuple(
            ClaimLine(
                language=line.language,
                field=line.field,
                words=line.words,
                claim=line.claim,
                lacking=line.lacking,
            )
            for line in claims
        ),
        changed_meanwhile=changed_meanwhile,
    )


def draft_page(connection: Connection, lot: str, form: Form | None = None) -> DraftOfferView:
    """Raises NotFound."""
    subject = log.subject(connection, lot)
    if subject is None or not isinstance(subject.state, LotState):
        raise NotFound(lot)
    return DraftOfferView(
        lot=Link(text=short(lot), href=lot_href(lot)),
        markets=tuple(market.code for market in load.markets().markets),
        channels=load.channels().codes,
        action=f"{DESK}/new?{urlencode({'on': lot})}",
        form=form or form_of({"visibility": "members"}),
    )


def _verdict(installation: Installation, connection: Connection, lot: str) -> Verdict:
    try:
        return verdict_on(installation, connection, lot)
    except LedgerError:  # said as a reason, on a page that shows everything else all the same
        return Verdict(verified=False, distrusted=False)


def _lot(installation: Installation, connection: Connection, identity: Identity, placed: Placed) -> DeskLot:
    """As the working copy has it: a list verifies no history, the offer itself does."""
    verdict = Verdict(verified=True, distrusted=rests_on_distrusted(connection, placed.lot))
    judged = judge_lot(installation, connection, placed.lot, verdict)
    assert judged is not None  # it was placed
    day = today(installation)
    by_market = {market.code: judged.reasons(market, day) for market in load.markets().markets}
    free = tuple(code for code, reasons in by_market.items() if not reasons)
    least: Sequence[Refusal] = min(by_market.values(), key=len, default=[])
    return DeskLot(
        lot=Link(text=short(placed.lot), href=lot_href(placed.lot)),
        brand=placed.brand,
        category=placed.category,
        condition=placed.condition or common(judged.items, "condition") or "mixed",
        grade=placed.grade or "ungraded",
        quantity=placed.quantity,
        markets=free,
        fixes=tuple(_fixes(installation, connection, identity, judged, least)),
        offer_href=action_href("offer", placed.lot) if free else "",
        draft_href=f"{DESK}/new?{urlencode({'on': placed.lot})}",
    )


def _fixes(
    installation: Installation,
    connection: Connection,
    identity: Identity,
    judged: Judged,
    reasons: Iterable[Refusal],
) -> Iterable[Fix]:
    """Each reason once, with the action that this reader may do about it, or the page to look at."""
    ask = ask_of(installation, connection, identity, judged.lot, judged.facts.lot)
    free = {row.slug for row, why in offered(ask, "lot") if not why} | {"issue-codes"}
    lot = bare(judged.lot)
    for refusal in dict.fromkeys(reasons):
        reason = reason_of(refusal)
        action = ACTIONS.get(refusal.slug, "")
        page, href = PAGES.get(refusal.slug, ("", ""))
        if action in free:
            yield Fix(reason=reason, action=action, href=action_href(action, judged.lot))
        elif page:
            yield Fix(reason=reason, page=page, href=href.format(lot=lot))
        elif refusal.detail.startswith("authorization:"):
            yield Fix(reason=reason, page="permission", href=f"/party/permissions/{bare(refusal.detail)}")
        else:
            yield Fix(reason=reason)


def _matrix(
    installation: Installation, judged: Judged, one: Listing
) -> tuple[tuple[tuple[Cell, ...], ...], list[Refusal]]:
    """Every channel against every market, and what stands against all of them alike."""
    policy, day = load.markets(), today(installation)
    found: dict[tuple[str, str], list[Refusal]] = {}
    for channel in load.channels().codes:
        for market in policy.markets:
            place = policy.market(market.code, channel)
            assert place is not None  # the policy's own
            is_it = (market.code, channel) == (one.market, one.channel)
            found[channel, market.code] = judged.reasons(place, day, asked_by(one) if is_it else PROPOSED)
    shared = [
        reason
        for reason in next(iter(found.values()), [])
        if all(reason in reasons for reasons in found.values())
    ]
    rows = tuple(
        tuple(
            Cell(
                market=market.code,
                channel=channel,
                usual=channel == market.channel,
                passed=not found[channel, market.code],
                reasons=tuple(reason_of(r) for r in found[channel, market.code] if r not in shared),
            )
            for market in policy.markets
        )
        for channel in load.channels().codes
    )
    return rows, shared


def _band(judged: Judged, one: Listing) -> BandPicture | None:
    market = load.markets().market(one.market, one.channel)
    quote = judged.quote(market, asked_by(one)) if market else None
    if quote is None:
        return None
    least, most = quote.limits_minor
    whole = unit_reference(quote.reference, quote.rate, quote.pack)
    top = max(whole, Fraction(quote.unit_price_minor), Fraction(most)) * Fraction(105, 100)

    def at(value: Fraction | int) -> float:
        return round(float(100 * Fraction(value) / top), 1)

    return BandPicture(
        asked=unit_price(quote.unit_price_minor, quote.currency),
        floor=unit_price(least, quote.currency),
        ceiling=unit_price(most, quote.currency),
        reference=unit_price(half_up(whole), quote.currency),
        reference_kind=quote.reference.kind,
        percent=half_up(quote.ratio * 100),
        min_percent=half_up(Fraction(quote.band.min_ratio) * 100),
        max_percent=half_up(Fraction(quote.band.max_ratio) * 100),
        in_band=quote.in_band,
        at_asked=at(quote.unit_price_minor),
        at_floor=at(least),
        at_ceiling=at(most),
        at_reference=at(whole),
    )


def _projected(judged: Judged) -> Iterable[Projected]:
    """G27: what an offer says of the goods and nobody may type, as the records prove it now."""
    lot, evidence = judged.facts.lot, evidence_of(judged)
    scores = {item.facts.get("score") for item in judged.items} - {None}
    yield Projected(name="brand", value=lot.brand or common(judged.items, "brand") or "")
    yield Projected(name="grade", value=evidence.grade or "ungraded", table="grades")
    if len(scores) == 1:
        yield Projected(name="score", value=str(scores.pop()))
    yield Projected(name="inspection", value=judged.level, table="inspection_levels")
    yield Projected(name="condition", value=evidence.condition or "mixed", table="conditions")
    yield Projected(name="repaired", value="yes" if evidence.repaired else "none-recorded", table="recorded")
    battery = {None: "not-looked-at", True: "yes", False: "none-recorded"}[evidence.battery_replaced]
    yield Projected(name="battery", value=battery, table="recorded")
    if lot.label_state:
        yield Projected(name="label", value=lot.label_state, table="label_states")


def _said(one: Listing, form: Form | None) -> tuple[Said, ...]:
    """What stands there, or what was typed and refused."""
    wording = told(one.wording)
    typed = dict(form.values) if form else {}
    found = []
    for language in LANGUAGES.values():
        key = language.catalogue
        said = wording.get(key, {})
        found.append(
            Said(
                tag=language.tag,
                name=language.name,
                key=key,
                title=typed.get(f"title_{key}", said.get("title", "")),
                text=typed.get(f"text_{key}", said.get("text", "")),
            )
        )
    return tuple(found)


def _moves(one: Listing) -> Moves:
    href, state = f"{DESK}/{one.id}/move", state_of(one.status)
    staffs = not one.head  # no record stands behind it: what came as a record, the gate alone decides
    open_ = state in OPEN or state in ("draft", "in_review")
    return Moves(
        hand_in=href if state == "draft" else "",
        publish=href if state == "in_review" and staffs else "",
        send_back=href if state == "in_review" and staffs else "",
        pause=href if may_move(state, "paused") else "",
        resume=href if state == "paused" else "",
        withdraw=href if may_move(state, "withdrawn") else "",
        word=f"{DESK}/{one.id}/words" if open_ else "",
        show=f"{DESK}/{one.id}/audience" if open_ else "",
    )


def _offer(connection: Connection, one: Listing, judged: Judged | None = None) -> DeskOffer:
    subject = log.subject(connection, one.lot)
    assert subject is not None  # it was offered
    state: LotState = subject.state
    stock = stock_levels.sellable(connection, one.lot)
    changes = offer_states.changes(connection, one.id)
    return DeskOffer(
        href=f"{DESK}/{one.id}",
        lot=Link(text=short(one.lot), href=lot_href(one.lot)),
        brand=state.brand or (common(judged.items, "brand") if judged else "") or "",
        category=state.category,
        grade=state.grade or "ungraded",
        market=one.market,
        channel=one.channel,
        state=one.status,
        price=unit_price(one.unit_price_minor, one.currency),
        basis=one.basis,
        available=max(0, free_units(state, stock)),
        held=stock.reserved if stock else 0,
        sold=(stock.allocated + stock.shipped) if stock else 0,
        visibility=one.visibility,
        since=changes[-1].at if changes else None,
    )


def _holds(
    installation: Installation, connection: Connection, one: Listing, names: Mapping[str, str]
) -> Iterable[HoldLine]:
    now = installation.clock.now()
    for hold in trade.holds(connection, lot=one.lot):
        if hold.listing == one.id:
            yield HoldLine(
                company=names.get(hold.company, hold.company),
                quantity=hold.quantity,
                expires_at=hold.expires_at,
                running=hold.expires_at > now,
            )


def _sold(connection: Connection, one: Listing, names: Mapping[str, str]) -> Iterable[SoldLine]:
    for order in trade.orders(connection, lot=one.lot):
        hold = trade.reservation(connection, order.reservation)
        if hold is not None and hold.listing == one.id:
            yield SoldLine(
                number=order_number(order),
                href=f"/operator/orders/{bare(order.id)}",
                company=names.get(order.company, order.company),
                quantity=order.quantity,
                total=Money(amount_minor=order.total_minor, currency=order.currency),
                state=order.state,
                placed_at=order.placed_at,
            )


def _change(connection: Connection, change: Change) -> ChangeLine:
    by_house = change.who in HOUSE
    user = None if by_house else people.user(connection, change.who.removeprefix("user:"))
    return ChangeLine(
        at=change.at,
        before=change.before,
        after=change.after,
        reason=change.reason,
        gate=change.who == "gate",
        who=change.who if by_house else user.name if user else change.who,
        by_house=by_house,
        note=change.note,
    )


def _next(tab: str, after: str) -> str:
    return f"{DESK}?{urlencode({'tab': tab, 'after': after})}"
