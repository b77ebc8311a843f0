"""Price lists and prices of elsewhere, as staff enters them."""

from collections.abc import Mapping
from datetime import date
from typing import Final, cast

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import NotFound, Refused
from gateway.files.errors import FileRefused
from gateway.pages.building import prices as pages
from gateway.pages.views.forms import form_of
from gateway.routes.fields import Typed, closed_form, one_line, text_error
from gateway.routes.sent import SentDep
from gateway.store import price_lists, trade
from gateway.store.price_lists import StoredList
from gateway.trade.price_lists import HOLDER_KINDS, HolderKind
from gateway.trade.pricing import REFERENCE_KINDS, Asked
from gateway.workflows import price_lists as workflow
from gateway.workflows import stated_prices
from gateway.workflows.price_lists import PRIORITY_MAX, ListWanted, PriceWanted, minor_units
from gateway.workflows.stated_prices import STATABLE, StatedKind, StatedWanted

NAME_MAX: Final = 120
REASON_MAX: Final = 500
SOURCE_MAX: Final = 300
PIECES_DIGITS: Final = 9
LISTS, REFERENCES = "/operator/prices", "/operator/references"
# Refusal -> the field to correct.
_LIST_FIELDS: Final = {
    "holder-unknown": "holder_kind",
    "other-currency": "currency",
    "dates-reversed": "valid_to",
}
_PRICE_FIELDS: Final = {
    "listing-not-priced": "listing",
    "price-without-reference": "against",
    "dearer-for-more": "price",
    "below-brand-minimum": "price",
    "price-out-of-band": "price",
    "price-not-divisible": "price",
}
_STATED_FIELDS: Final = {
    "lot-unknown": "subject",
    "market-needed": "market",
    "other-currency": "currency",
    "day-ahead": "stated_on",
}

router = APIRouter(prefix="/operator", dependencies=[Depends(closed_form)])


@router.get("/prices")
def lists(visit: VisitDep) -> Response:
    return visit.page(pages.lists_view(visit.installation, visit.connection))


@router.post("/prices")
def make(  # the fields of a form
    visit: FormDep,
    name: Typed = "",
    holder_kind: Typed = "",
    company: Typed = "",
    tier: Typed = "",
    market: Typed = "",
    currency: Typed = "",
    valid_from: Typed = "",
    valid_to: Typed = "",
    priority: Typed = "",
) -> Response:
    typed = {
        "name": name, "holder_kind": holder_kind, "company": company, "tier": tier, "market": market,
        "currency": currency, "valid_from": valid_from, "valid_to": valid_to, "priority": priority,
    }  # fmt: skip
    kind = next((one for one in HOLDER_KINDS if one == holder_kind), None)
    start, end = _day(valid_from), _day(valid_to)
    wrong = {"name": text_error(name.strip(), NAME_MAX)}
    wrong |= {
        "holder_kind": "" if kind else "choice-unknown",
        "valid_from": "" if start else "day-unreadable",
    }
    wrong |= {"valid_to": "" if end or not valid_to else "day-unreadable"}
    wrong |= {"priority": "" if _whole(priority or "0", PRIORITY_MAX) is not None else "priority-unreadable"}
    wrong = {field: slug for field, slug in wrong.items() if slug}
    if wrong or kind is None or start is None:
        return visit.page(pages.lists_view(visit.installation, visit.connection, form_of(typed, wrong)), 422)
    wanted = ListWanted(
        name.strip(), kind, _holder(kind, company, tier, market), "" if kind == "market" else market,
        currency, start, end, int(priority or "0"),
    )  # fmt: skip
    try:
        made = workflow.make(visit.installation, wanted, visit.principal)
    except Refused as error:
        field = _LIST_FIELDS[error.code]
        field = (
            {"company": "company", "tier": "tier", "market": "market"}[kind]
            if field == "holder_kind"
            else field
        )
        form = form_of(typed, {field: error.code})
        return visit.page(pages.lists_view(visit.installation, visit.connection, form), 422)
    return flash.redirect(f"{LISTS}/{made.list.id}", "price-list-made", visit.known.csrf)


@router.get("/prices/{price_list}")
def show(price_list: str, visit: VisitDep) -> Response:
    stored = _stored(visit, price_list)
    return visit.page(pages.list_view(visit.installation, visit.connection, stored, visit.language))


@router.post("/prices/{price_list}")
def enter(  # the fields of a form
    price_list: str,
    visit: FormDep,
    listing: Typed = "",
    min_qty: Typed = "",
    price: Typed = "",
    against: Typed = "",
    reason: Typed = "",
) -> Response:
    """One step. A price outside its band comes back with the band, and a place for the reason."""
    stored = _stored(visit, price_list)
    typed = {"listing": listing, "min_qty": min_qty, "price": price, "against": against, "reason": reason}
    pieces, minor = _whole(min_qty, 10**PIECES_DIGITS), minor_units(price, stored.list.currency)
    kind = next((one for one in REFERENCE_KINDS if one == against), None)
    wrong: dict[str, str] = {}
    if not pieces:
        wrong["min_qty"] = "count-unreadable"
    if minor is None:
        wrong["price"] = "amount-unreadable"
    if reason and (slug := text_error(reason, REASON_MAX)):
        wrong["reason"] = slug
    if wrong or not pieces or minor is None:
        return _again(visit, stored, typed, wrong)
    wanted = PriceWanted(listing, pieces, minor, kind, reason.strip())
    try:
        workflow.enter(visit.installation, price_list, wanted, visit.principal)
    except Refused as error:
        return _refused(visit, stored, typed, wanted, error)
    return flash.redirect(f"{LISTS}/{price_list}", "price-entered", visit.known.csrf)


@router.post("/prices/{price_list}/remove")
def remove(price_list: str, visit: FormDep, price: Typed = "") -> Response:
    try:
        workflow.remove(visit.installation, price_list, price, visit.principal)
    except Refused as error:
        return _again(visit, _stored(visit, price_list), {}, {"": error.code})
    return flash.redirect(f"{LISTS}/{price_list}", "price-removed", visit.known.csrf)


@router.post("/prices/{price_list}/close")
def close(price_list: str, visit: FormDep) -> Response:
    try:
        workflow.close(visit.installation, price_list)
    except Refused as error:
        return _again(visit, _stored(visit, price_list), {}, {"": error.code})
    return flash.redirect(f"{LISTS}/{price_list}", "price-list-closed", visit.known.csrf)


@router.post("/prices/{price_list}/sheet")
def sheet(price_list: str, sent: SentDep) -> Response:
    """Rows that can stand are taken, the others come back with their reason."""
    visit = sent.visit
    _stored(visit, price_list)
    if not sent.data:
        return _again(visit, _stored(visit, price_list), {}, {"file": "file-missing"})
    try:
        result = workflow.read(visit.installation, price_list, sent.data, visit.principal)
    except FileRefused as error:
        return _again(visit, _stored(visit, price_list), {}, {"file": error.reason})
    except Refused as error:
        return _again(visit, _stored(visit, price_list), {}, {"": error.code})
    with visit.installation.database.reading() as connection:  # newer than the visit's own snapshot
        stored = price_lists.find(connection, price_list)
        assert stored is not None  # rows were put into it
        view = pages.list_view(visit.installation, connection, stored, visit.language, result=result)
    return visit.page(view, 422 if result.rejected and not result.taken else 200)


@router.get("/references")
def references(visit: VisitDep) -> Response:
    return visit.page(pages.stated_view(visit.installation, visit.connection))


@router.post("/references")
def state(  # the fields of a form
    visit: FormDep,
    subject: Typed = "",
    market: Typed = "",
    kind: Typed = "",
    amount: Typed = "",
    currency: Typed = "",
    source: Typed = "",
    stated_on: Typed = "",
) -> Response:
    typed = {
        "subject": subject, "market": market, "kind": kind, "amount": amount, "currency": currency,
        "source": source, "stated_on": stated_on,
    }  # fmt: skip
    minor, day = minor_units(amount, currency), _day(stated_on)
    wrong = {
        "subject": text_error(subject.strip(), NAME_MAX),
        "source": text_error(source.strip(), SOURCE_MAX),
    }
    wrong |= {
        "kind": "" if kind in STATABLE else "choice-unknown",
        "stated_on": "" if day else "day-unreadable",
    }
    wrong |= {"amount": "" if minor else "amount-unreadable"}
    wrong = {field: slug for field, slug in wrong.items() if slug}
    if not wrong and minor is not None and day is not None:
        wanted = StatedWanted(
            one_line(subject), market, cast("StatedKind", kind), minor, currency, one_line(source), day
        )
        try:
            stated_prices.state(visit.installation, wanted, visit.principal)
        except Refused as error:
            wrong = {_STATED_FIELDS[error.code]: error.code}
        else:
            return flash.redirect(REFERENCES, "reference-stated", visit.known.csrf)
    return visit.page(pages.stated_view(visit.installation, visit.connection, form_of(typed, wrong)), 422)


@router.post("/references/{reference}/withdraw")
def withdraw(reference: str, visit: FormDep) -> Response:
    stated_prices.withdraw(visit.installation, reference, visit.principal)
    return flash.redirect(REFERENCES, "reference-withdrawn", visit.known.csrf)


def _stored(visit: Visit, price_list: str) -> StoredList:
    found = price_lists.find(visit.connection, price_list)
    if found is None:
        raise NotFound(price_list)
    return found


def _again(visit: Visit, stored: StoredList, typed: Mapping[str, str], wrong: Mapping[str, str]) -> Response:
    view = pages.list_view(
        visit.installation, visit.connection, stored, visit.language, form=form_of(typed, wrong)
    )
    return visit.page(view, 422)


def _refused(
    visit: Visit, stored: StoredList, typed: Mapping[str, str], wanted: PriceWanted, error: Refused
) -> Response:
    listing = trade.listing(visit.connection, wanted.listing)
    asked = (
        Asked() if listing is None else Asked(listing.pack, wanted.unit_price_minor, False, wanted.against)
    )
    view = pages.list_view(
        visit.installation,
        visit.connection,
        stored,
        visit.language,
        form=form_of(typed, {_PRICE_FIELDS.get(error.code, ""): error.code}),
        refused=pages.refused_price(
            visit.installation, visit.connection, listing, asked, error.code, error.facts
        ),
    )
    return visit.page(view, 422)


def _holder(kind: HolderKind, company: str, tier: str, market: str) -> str:
    return {"company": company, "tier": tier, "market": market}[kind]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _whole(text: str, most: int) -> int | None:
    cleaned = text.strip()
    is_number = cleaned.isascii() and cleaned.isdigit() and len(cleaned) <= PIECES_DIGITS + 1
    return int(cleaned) if is_number and int(cleaned) <= most else None
