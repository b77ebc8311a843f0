"""Who may see an offer: pools, and the companies that a private one is shown to."""

from typing import Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import NotFound, Refused
from gateway.pages.building import audiences as pages
from gateway.pages.views.forms import form_of
from gateway.routes.fields import Typed, closed_form, text_error
from gateway.store import trade
from gateway.store.trade import Listing
from gateway.trade.visibility import VISIBILITIES
from gateway.workflows import match_listing, pools

REASON_MAX: Final = 500
AUDIENCES: Final = "/operator/audiences"
_FIELDS: Final = {"why-missing": "reason", "tier-unknown": "tier_min", "company-unfit": "company"}

router = APIRouter(prefix=AUDIENCES, dependencies=[Depends(closed_form)])


@router.get("")
def every(visit: VisitDep) -> Response:
    return visit.page(pages.all_view(visit.connection, visit.language))


@router.get("/{listing}")
def one(listing: str, visit: VisitDep) -> Response:
    return visit.page(pages.one_view(visit.connection, _listing(visit, listing), visit.language))


@router.post("/{listing}")
def move(
    listing: str, visit: FormDep, visibility: Typed = "", tier_min: Typed = "", reason: Typed = ""
) -> Response:
    """Who may see it from now on, and why."""
    found = _listing(visit, listing)
    typed = {"visibility": visibility, "tier_min": tier_min, "reason": reason}
    chosen = next((one for one in VISIBILITIES if one == visibility), None)
    wrong = (
        {"reason": text_error(reason.strip(), REASON_MAX)} if reason.strip() else {"reason": "why-missing"}
    )
    wrong |= {"visibility": "" if chosen else "choice-unknown"}
    wrong |= {"tier_min": "" if tier_min.isascii() and tier_min.isdigit() else "tier-unknown"}
    wrong = {field: slug for field, slug in wrong.items() if slug}
    if wrong or chosen is None:
        return _again(visit, found, typed, wrong)
    try:
        pools.move(visit.installation, listing, chosen, int(tier_min[:3]), reason.strip(), visit.principal)
    except Refused as error:
        return _again(visit, found, typed, {_FIELDS.get(error.code, ""): error.code})
    return flash.redirect(f"{AUDIENCES}/{listing}", "audience-changed", visit.known.csrf)


@router.post("/{listing}/push")
def push(listing: str, visit: FormDep) -> Response:
    try:
        match_listing.push(visit.installation, listing)
    except Refused as error:
        return _again(visit, _listing(visit, listing), {}, {"": error.code})
    return flash.redirect(f"{AUDIENCES}/{listing}", "audience-pushed", visit.known.csrf)


@router.post("/{listing}/companies")
def companies(
    listing: str, visit: FormDep, action: Typed = "", company: Typed = "", reason: Typed = ""
) -> Response:
    """action: add or remove a company, with a reason."""
    found = _listing(visit, listing)
    typed = {"company": company, "company_reason": reason}
    step = {"add": pools.add_company, "remove": pools.remove_company}.get(action)
    if step is None:
        raise NotFound(action)
    if reason.strip() and (slug := text_error(reason.strip(), REASON_MAX)):
        return _again(visit, found, typed, {"company_reason": slug})
    try:
        step(visit.installation, listing, company, reason.strip(), visit.principal)
    except Refused as error:
        field = {"reason": "company_reason"}.get(_FIELDS.get(error.code, ""), "company")
        return _again(visit, found, typed, {field: error.code})
    return flash.redirect(f"{AUDIENCES}/{listing}", "audience-changed", visit.known.csrf)


def _listing(visit: Visit, listing: str) -> Listing:
    found = trade.listing(visit.connection, listing)
    if found is None:
        raise NotFound(listing)
    return found


def _again(visit: Visit, listing: Listing, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    typed = {"visibility": listing.visibility, "tier_min": str(max(2, listing.tier_min)), **typed}
    form = form_of(typed, wrong)
    return visit.page(pages.one_view(visit.connection, listing, visit.language, form), 422)
