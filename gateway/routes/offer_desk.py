"""The operator's desk of offers: what may be offered, one offer with its history, the figures of trade."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import LotNotVerified, NotFound, Refused
from gateway.i18n import EXPONENTS
from gateway.pages.building import offer_desk as pages
from gateway.pages.building import trade_figures as figures
from gateway.pages.building.reading import lot_id
from gateway.pages.views.forms import form_of
from gateway.policies import load
from gateway.routes.fields import text_error
from gateway.store import trade
from gateway.store.trade import Listing
from gateway.trade.claims import Overclaim
from gateway.trade.offer_states import PAUSED_FOR, WITHDRAWN_FOR
from gateway.trade.visibility import VISIBILITIES, Visibility
from gateway.wiring import Installation
from gateway.workflows import offer_changes
from gateway.workflows.list_lot import Display
from gateway.workflows.offer_changes import Act, Check
from gateway.workflows.offer_terms import Stated
from gateway.workflows.offer_wording import FIELDS
from ledger.core import canonical
from ledger.errors import InvalidRecord

Typed = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=8_000)]
Version = Annotated[int, Form(ge=0, le=10**9)]
TIER_MAX: Final = 9
WHY_MAX: Final = 200
# What a form may ask for -> the change, and the reasons of which one is needed.
MOVES: Final[dict[str, tuple[Callable[[Installation, str, Act, Check], Listing], tuple[str, ...]]]] = {
    "in_review": (offer_changes.hand_in, ()),
    "draft": (offer_changes.send_back, ()),
    "published": (offer_changes.publish, ()),
    "resumed": (offer_changes.resume, ()),
    "paused": (offer_changes.pause, PAUSED_FOR),
    "withdrawn": (offer_changes.withdraw, WITHDRAWN_FOR),
}
router = APIRouter(prefix="/operator")


@router.get("/offers")
def desk(
    visit: VisitDep,
    tab: Annotated[str, Query(max_length=20, pattern=r"^[a-z]*$")] = "ready",
    after: Annotated[str, Query(max_length=60, pattern=r"^[0-9a-z_.]*$")] = "",
) -> Response:
    return visit.page(
        pages.desk_view(visit.installation, visit.connection, visit.known, tab or "ready", after)
    )


@router.get("/figures")
def trade_figures(visit: VisitDep) -> Response:
    return visit.page(figures.figures_page(visit.installation, visit.connection))


@router.get("/figures.csv")
def trade_figures_sheet(visit: VisitDep) -> Response:
    return Response(
        figures.figures_sheet(visit.installation, visit.connection),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="sales-figures.csv"'},
    )


@router.get("/offers/new")
def new_draft(visit: VisitDep, on: Annotated[str, Query(max_length=30)] = "") -> Response:
    """Of a lot; without one it leads to where lots are chosen."""
    if not on:
        return RedirectResponse(pages.DESK, 303)
    return visit.page(pages.draft_page(visit.connection, lot_id(on.removeprefix("lot:"))))


@router.post("/offers/new")
def keep_draft(
    visit: FormDep,
    on: Annotated[str, Query(max_length=30)] = "",
    market: Typed = "",
    channel: Typed = "",
    price: Typed = "",
    visibility: Typed = "members",
    offered_until: Typed = "",
) -> Response:
    lot, wrong = lot_id(on.removeprefix("lot:")), {}
    typed = {
        "market": market, "channel": channel, "price": price, "visibility": visibility,
        "offered_until": offered_until,
    }  # fmt: skip
    place = load.markets().market(market)
    if place is None or (channel and channel not in load.channels().codes):
        wrong["market"] = "offer-market-unknown"
    amount = _minor(price, place.currency) if place and price.strip() else None
    if price.strip() and amount is None:
        wrong["price"] = "price-not-a-number"
    wrong |= _wrong_day(visit, offered_until)
    if visibility not in VISIBILITIES:
        raise NotFound(visibility)
    if not wrong:
        try:
            made = offer_changes.draft(
                visit.installation,
                lot,
                market,
                Stated(channel=channel or None, price_minor=amount),
                Display(visibility=_visibility(visibility), offered_until=offered_until),
                visit.principal,
            )
            return flash.redirect(f"{pages.DESK}/{made.id}", "offer-drafted", visit.known.csrf)
        except Refused as error:
            wrong["price"] = "price-needed" if error.code == "price-needed" else error.code
    return visit.page(pages.draft_page(visit.connection, lot, form_of(typed, wrong)), 422)


@router.get("/offers/{listing}")
def one(listing: str, visit: VisitDep) -> Response:
    return visit.page(_page(visit, listing))


@router.post("/offers/{listing}/move")
def move(
    listing: str,
    visit: FormDep,
    version: Version = 0,
    to: Typed = "",
    reason: Typed = "",
    note: Typed = "",
) -> Response:
    """Bring an offer into another state. A reason is needed to pause and to withdraw."""
    if to not in MOVES:
        raise NotFound(to)
    change, reasons = MOVES[to]
    if reasons and reason not in reasons:
        wrong = form_of({"to": to, "note": note}, {"reason": "reason-for-change-missing"})
        return visit.page(_page(visit, listing, form=wrong), 422)
    act = Act(visit.principal, reason if reasons else "", _line(note))
    return _changed(
        visit, listing, "offer-moved", lambda check: change(visit.installation, listing, act, check), version
    )


@router.post("/offers/{listing}/words")
def words(
    listing: str,
    visit: FormDep,
    version: Version = 0,
    title_zh: Long = "",
    title_en: Long = "",
    title_vi: Long = "",
    text_zh: Long = "",
    text_en: Long = "",
    text_vi: Long = "",
) -> Response:
    """Say something of the goods in one's own words, never more than the records prove."""
    wording = {
        "zh": {"title": title_zh, "text": text_zh},
        "en": {"title": title_en, "text": text_en},
        "vi": {"title": title_vi, "text": text_vi},
    }
    typed = {f"{field}_{key}": text for key, fields in wording.items() for field, text in fields.items()}
    wrong = {
        f"{field}_{key}": "words-too-long"
        for key, fields in wording.items()
        for field, text in fields.items()
        if len(text) > FIELDS[field] or not _recordable(text)
    }
    if wrong:
        return visit.page(_page(visit, listing, form=form_of(typed, wrong)), 422)
    return _changed(
        visit,
        listing,
        "offer-worded",
        lambda check: offer_changes.word(visit.installation, listing, wording, Act(visit.principal), check),
        version,
        typed,
    )


@router.post("/offers/{listing}/audience")
def audience(
    listing: str,
    visit: FormDep,
    version: Version = 0,
    visibility: Typed = "",
    tier_min: Typed = "1",
    offered_until: Typed = "",
    why: Typed = "",
    denied: Annotated[list[str], Form(max_length=200)] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """To whom an offer is shown, and until when. why: needed where others see it than before."""
    current = trade.listing(visit.connection, listing)
    if current is None or visibility not in VISIBILITIES:
        raise NotFound(listing)
    typed = {"visibility": visibility, "tier_min": tier_min, "offered_until": offered_until, "why": why}
    wrong = _wrong_day(visit, offered_until)
    tier = int(tier_min) if tier_min.isascii() and tier_min.isdigit() else 0
    if not 1 <= tier <= TIER_MAX:
        wrong["tier_min"] = "count-unreadable"
    if why and (slug := text_error(_line(why), WHY_MAX)):
        wrong["why"] = slug
    if wrong:
        return visit.page(_page(visit, listing, form=form_of(typed, wrong)), 422)
    display = Display(_visibility(visibility), tier, current.event, offered_until)
    known = {company.id for company in trade.companies(visit.connection)}
    act = Act(visit.principal, note=_line(why))
    return _changed(
        visit,
        listing,
        "offer-shown",
        lambda check: offer_changes.show_to(
            visit.installation, listing, display, act, check, denied=known & set(denied)
        ),
        version,
        typed,
    )


def _changed(
    visit: Visit,
    listing: str,
    told: str,
    change: Callable[[Check], Listing],
    version: int,
    typed: dict[str, str] | None = None,
) -> Response:
    """Do it if the offer is still the one that the form was made for, and say what became of it."""

    def check(current: Listing) -> None:
        if current.version != version:
            raise Refused("offer-state", "it changed meanwhile", state=current.status, wanted="")

    try:
        change(check)
    except LotNotVerified:
        form = form_of(typed or {}, {"": "not-eligible"})
        return visit.page(_page(visit, listing, form=form), 422)
    except Refused as error:
        if error.code == "claims-too-much":
            form = form_of(typed or {}, {"": "claims-too-much"})
            claims = [_claim(line) for line in cast("list[dict[str, Any]]", error.facts["claims"])]
            return visit.page(_page(visit, listing, form=form, claims=claims), 422)
        if error.code == "offer-state":
            return visit.page(_page(visit, listing, changed_meanwhile=True), 409)
        field = "why" if error.code == "why-missing" else ""
        return visit.page(_page(visit, listing, form=form_of(typed or {}, {field: error.code})), 422)
    return flash.redirect(f"{pages.DESK}/{listing}", told, visit.known.csrf)


def _page(visit: Visit, listing: str, **more: Any) -> Any:
    return pages.offer_page(visit.installation, visit.connection, visit.known, listing, **more)


def _claim(line: dict[str, Any]) -> Overclaim:
    return Overclaim(line["language"], line["field"], line["words"], line["claim"], tuple(line["lacking"]))


def _wrong_day(visit: Visit, text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return {"offered_until": "last-day-passed"}
    return {"offered_until": "last-day-passed"} if day < visit.installation.clock.now().date() else {}


def _minor(text: str, currency: str) -> int | None:
    """An amount in minor units; None where it is no amount of that currency."""
    try:
        amount = Decimal(text.strip()).scaleb(EXPONENTS.get(currency, 2))
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount != amount.to_integral_value() or not 1 <= amount <= 10**15:
        return None
    return int(amount)


def _visibility(text: str) -> Visibility:
    return next(one for one in VISIBILITIES if one == text)


def _line(text: str) -> str:
    return " ".join(text.split())


def _recordable(text: str) -> bool:
    try:
        canonical.check_text(text)
    except InvalidRecord:
        return False
    return True
