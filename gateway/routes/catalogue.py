"""The catalogue as a page: search, filters, and the searches that a buyer keeps."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import NotFound, Refused
from gateway.i18n import EXPONENTS
from gateway.pages.building.catalogue import (
    Asked,
    catalogue_view,
    currency_of,
    href_of,
    position_of,
    typed_of,
)
from gateway.routes.searching import Depths, Grades, Names, Slugs, Text
from gateway.store import saved_searches
from gateway.trade.search import AMOUNT_MAX, Search, Sort, search_of
from gateway.workflows import keep_search
from ledger.lots.coverage import LEVELS

NAME_MAX: Final = 80
HERE: Final = "/catalogue"
Typed = Annotated[str, Query(max_length=20)]

router = APIRouter()


@router.get("/catalogue")
def catalogue(
    visit: VisitDep,
    q: Text = "",
    category: Slugs = None,
    brand: Names = None,
    grade: Grades = None,
    condition: Slugs = None,
    inspection: Annotated[str, Query(pattern=r"^[a-z_]{0,20}$")] = "",
    warehouse: Names = None,
    depth: Depths = None,
    event: Slugs = None,
    hs: Typed = "",
    price_min: Typed = "",
    price_max: Typed = "",
    qty_min: Typed = "",
    verified_since: Typed = "",
    sort: Annotated[Sort, Query()] = "-published_at",
    after: Annotated[str, Query(max_length=64, pattern=r"^(-?[0-9]{1,18}~[A-Za-z0-9_]{1,40})?$")] = "",
) -> Response:
    """What people type counts where it can be read; the rest is shown as typed, and counts for nothing."""
    currency = currency_of(visit.connection, visit.company)
    search = Search(
        q=q.strip(),
        category=tuple(category or ()),
        brand=tuple(brand or ()),
        grade=tuple(grade or ()),
        condition=tuple(condition or ()),
        inspection=inspection if inspection in LEVELS[1:] else "",
        warehouse=tuple(warehouse or ()),
        depth=tuple(depth or ()),
        event=tuple(event or ()),
        hs=_digits(hs),
        price_min=_amount(price_min, currency),
        price_max=_amount(price_max, currency),
        qty_min=_count(qty_min),
        verified_since=_day(verified_since),
        sort=sort,
    )
    typed = {
        "q": q, "hs": hs, "price_min": price_min, "price_max": price_max, "qty_min": qty_min,
        "verified_since": verified_since,
    }  # fmt: skip
    return _page(visit, Asked(search, typed, position_of(after)))


@router.post("/catalogue/searches")
def save(
    visit: FormDep,
    name: Annotated[str, Form(max_length=200)] = "",
    query: Annotated[str, Form(max_length=2000)] = "",
    letters: Annotated[str, Form(max_length=3)] = "",
) -> Response:
    search = search_of(query)
    error = "" if name.strip() else "search-needs-name"
    if not error:
        try:
            keep_search.keep(
                visit.installation, visit.principal, visit.company, name.strip()[:NAME_MAX], search,
                letters=letters == "yes",
            )  # fmt: skip
        except Refused as refused:
            error = refused.code
    if error:
        typed = typed_of(search, currency_of(visit.connection, visit.company))
        return _page(visit, Asked(search, typed), save_error=error)
    return flash.redirect(f"{HERE}#kept", "search-kept", visit.known.csrf)


@router.get("/catalogue/searches/{search}")
def kept(search: str, visit: VisitDep) -> Response:
    """Leads to what a kept search finds now: letters name this address, which says nothing of it."""
    saved = saved_searches.find(visit.connection, search, visit.principal)
    if saved is None:
        raise NotFound(search)
    currency = currency_of(visit.connection, visit.company)
    return RedirectResponse(href_of(search_of(saved.query), currency), 303)


@router.post("/catalogue/searches/{search}/letters")
def letters(search: str, visit: FormDep, letters: Annotated[str, Form(max_length=3)] = "") -> Response:
    keep_search.tell(visit.installation, visit.principal, search, letters=letters == "yes")
    return flash.redirect(f"{HERE}#kept", "search-letters", visit.known.csrf)


@router.post("/catalogue/searches/{search}/delete")
def forget(search: str, visit: FormDep) -> Response:
    keep_search.forget(visit.installation, visit.principal, search)
    return flash.redirect(f"{HERE}#kept", "search-deleted", visit.known.csrf)


def _page(visit: Visit, asked: Asked, *, save_error: str = "") -> Response:
    view = catalogue_view(
        visit.installation, visit.connection, visit.company, visit.principal, asked, visit.language,
        save_error=save_error,
    )  # fmt: skip
    return visit.page(view, 422 if save_error else 200)


def _digits(text: str) -> str:
    plain = text.strip().replace(".", "").replace(" ", "")
    return plain[:6] if plain.isascii() and plain.isdigit() and len(plain) >= 2 else ""


def _count(text: str) -> int | None:
    plain = text.strip()
    return min(int(plain), AMOUNT_MAX) if plain.isascii() and plain.isdigit() else None


def _amount(text: str, currency: str) -> int | None:
    """A price as typed, in minor units; a point before the decimals."""
    plain = text.strip()
    if not (plain.isascii() and plain.replace(".", "", 1).isdigit()):
        return None
    try:
        minor = Decimal(plain).scaleb(EXPONENTS.get(currency, 2))
    except InvalidOperation:
        return None
    return min(int(minor), AMOUNT_MAX)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat() if text.strip() else ""
    except ValueError:
        return ""
