"""Shipments for people: the operator plans, packs and follows them, the buyer sees where the goods are."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from exporters.errors import ExportersError
from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import LotNotVerified, NotFound, Refused
from gateway.pages import papers_words, shipment_words
from gateway.pages.building import papers
from gateway.pages.building import shipments as pages
from gateway.pages.views.forms import form_of
from gateway.pages.views.papers import PapersView
from gateway.pages.views.values import Reason
from gateway.statements.action import FieldRefused
from gateway.store import shipments
from gateway.store.shipments import Container, Shipment
from gateway.tasks.duties.papers import slug_of
from gateway.trade.shipment_states import State
from gateway.workflows import pick_and_pack
from gateway.workflows import shipments as steps
from gateway.workflows.shipments import Wish

ID: Final = r"^[0-9a-z]*$"
_SAID: Final = shipment_words.FORM_ERRORS.keys() | papers_words.FORM_ERRORS.keys()
Group = Annotated[str, Query(max_length=20, pattern=r"^[a-z_]*$")]
After = Annotated[str, Query(max_length=20, pattern=ID)]
Find = Annotated[str, Query(max_length=18)]
Typed = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=2_000)]
Numbers = Annotated[list[str], Form(max_length=100)]

router = APIRouter()


@router.get("/shipments")
def mine(visit: VisitDep, after: After = "") -> Response:
    """The company's own shipments."""
    return visit.page(pages.my_shipments_view(visit.installation, visit.connection, visit.company, after))


@router.get("/shipments/{shipment}")
def my_shipment(shipment: str, visit: VisitDep, find: Find = "") -> Response:
    """Where the goods are, what lies in which carton, and the papers."""
    found = shipments.get(visit.connection, f"shipment:{shipment}", company=visit.company)
    if found is None or found.state == "cancelled":
        raise NotFound(shipment)
    view = pages.my_shipment_view(visit.installation, visit.connection, found, visit.language, find.strip())
    return visit.page(view)


@router.get("/operator/shipments")
def every(visit: VisitDep, group: Group = "here", after: After = "") -> Response:
    return _list(visit, group, {}, "", after)


@router.post("/operator/shipments")
def plan(visit: FormDep, orders: Numbers = [], of: Numbers = [], quantities: Numbers = []) -> Response:  # noqa: B006 - FastAPI copies it
    """orders: those that were ticked; of, quantities: how many of each that stood on the page."""
    counts = dict(zip(of, quantities, strict=False))
    typed = {"orders": " ".join(orders)}
    wishes = []
    for one in orders:
        count = _count(counts.get(one, ""))
        if count is None:
            return _list(visit, "here", typed, "more-than-allocated")
        wishes.append(Wish(f"order:{one}", count))
    try:
        made = steps.plan(visit.installation, wishes, by=visit.principal)
    except Refused as error:
        return _list(visit, "here", typed, error.code)
    return flash.redirect(_path(made), "shipment-planned", visit.known.csrf)


@router.get("/operator/shipments/{shipment}")
def one(shipment: str, visit: VisitDep, find: Find = "") -> Response:
    return _page(visit, _found(visit, shipment), find=find.strip())


@router.get("/operator/shipments/{shipment}/labels")
def labels(shipment: str, visit: VisitDep) -> Response:
    """Labels of its packages, to print."""
    return visit.page(pages.labels_view(visit.installation, visit.connection, _found(visit, shipment)))


@router.get("/operator/shipments/{shipment}/pick")
def bench(
    shipment: str, visit: VisitDep, last: Annotated[str, Query(max_length=6, pattern=r"^[0-9]*$")] = ""
) -> Response:
    """last: the part that was picked just now."""
    return _bench(visit, _found(visit, shipment), last=int(last or 0))


@router.post("/operator/shipments/{shipment}/pick/scan")
def scan(shipment: str, visit: FormDep, code: Annotated[str, Form(max_length=500)] = "") -> Response:
    found = _found(visit, shipment)
    try:
        part = pick_and_pack.pick_by_code(visit.installation, found.id, code, by=visit.principal)
    except Refused as error:
        return _bench(visit, found, error=error.code, form={"code": code})
    return RedirectResponse(f"{_path(found)}/pick?last={part.number}", 303)


@router.post("/operator/shipments/{shipment}/pick/part")
def part(shipment: str, visit: FormDep, part: Typed = "", do: Typed = "pick") -> Response:
    """Tapped instead of scanned; or put back."""
    found, number = _found(visit, shipment), _count(part)
    if number is None:
        raise NotFound(part)
    act = pick_and_pack.put_back if do == "back" else pick_and_pack.pick
    return _bench_step(visit, found, lambda: act(visit.installation, found.id, number, by=visit.principal))


@router.post("/operator/shipments/{shipment}/pick/lot")
def whole_lot(shipment: str, visit: FormDep, lot: Typed = "") -> Response:
    found = _found(visit, shipment)
    return _bench_step(
        visit,
        found,
        lambda: pick_and_pack.pick_all(visit.installation, found.id, by=visit.principal, lot=f"lot:{lot}"),
    )


@router.post("/operator/shipments/{shipment}/pick/cartons")
def cartons(shipment: str, visit: FormDep) -> Response:
    found = _found(visit, shipment)
    return _bench_step(
        visit, found, lambda: pick_and_pack.propose(visit.installation, found.id, by=visit.principal)
    )


@router.post("/operator/shipments/{shipment}/pick/pallets")
def pallets(shipment: str, visit: FormDep, do: Typed = "stack") -> Response:
    found = _found(visit, shipment)
    return _bench_step(
        visit,
        found,
        lambda: pick_and_pack.stack(
            visit.installation, found.id, on_pallets=do != "clear", by=visit.principal
        ),
    )


@router.post("/operator/shipments/{shipment}/pick/weigh")
def weigh(shipment: str, visit: FormDep, carton: Typed = "", kg: Typed = "") -> Response:
    """kg: kilograms as the scale shows them, with a point or a comma before the decimals."""
    found, number, mass = _found(visit, shipment), _count(carton), _grams(kg)
    wrong = ("carton", "carton-unknown") if number is None else ("kg", "mass-missing")
    if number is not None and mass is not None:
        try:
            pick_and_pack.weigh(visit.installation, found.id, number, mass, by=visit.principal)
        except Refused as error:
            wrong = ("carton" if error.code == "carton-unknown" else "kg", error.code)
        else:
            return RedirectResponse(f"{_path(found)}/pick#pack", 303)
    return _bench(visit, found, weigh={"carton": carton, "kg": kg}, wrong=dict([wrong]))


@router.post("/operator/shipments/{shipment}/pick/done")
def done(shipment: str, visit: FormDep) -> Response:
    """Sign for the packages."""
    found = _found(visit, shipment)
    try:
        after = steps.pack(visit.installation, found.id, by=visit.known)
    except (Refused, FieldRefused) as error:
        return _bench(visit, found, error=_slug(error))
    slug = "shipment-waits" if after.waits_for else "shipment-packed"
    return flash.redirect(_path(found), slug, visit.known.csrf)


@router.post("/operator/shipments/{shipment}/documents")
def documents(shipment: str, visit: FormDep) -> Response:
    """At once, where nothing is in the way; else the page of the papers says what is (``routes.papers``)."""
    found = _found(visit, shipment)
    try:
        after = steps.issue(visit.installation, found.id, by=visit.known)
    except ExportersError as error:
        return visit.page(_papers(visit, found, slug_of(error)), 422)
    except (Refused, FieldRefused) as error:
        if error.code == "papers-refused":
            return visit.page(_papers(visit, found, error.code), 422)
        return _page(visit, found, error=_slug(error))
    if after.state == "packed" and not after.waits_for:
        return flash.redirect(f"{_path(found)}/papers", "papers-drafted", visit.known.csrf)
    said = "shipment-waits" if after.waits_for else "shipment-documents"
    return flash.redirect(_path(found), said, visit.known.csrf)


@router.post("/operator/shipments/{shipment}/dispatch")
def dispatch(shipment: str, visit: FormDep) -> Response:
    found = _found(visit, shipment)
    return _step(
        visit, found, lambda: steps.dispatch(visit.installation, found.id, by=visit.known), "shipment-left"
    )


@router.post("/operator/shipments/{shipment}/deliver")
def deliver(shipment: str, visit: FormDep) -> Response:
    found = _found(visit, shipment)
    return _step(
        visit, found, lambda: steps.arrive(visit.installation, found.id, by=visit.known), "shipment-delivered"
    )


@router.post("/operator/shipments/{shipment}/cancel")
def cancel(shipment: str, visit: FormDep, reason: Long = "") -> Response:
    """Take it apart: it never leaves."""
    found, why = _found(visit, shipment), " ".join(reason.split())
    if not 1 <= len(why) <= steps.REASON_MAX:
        return _page(visit, found, error="shipment-reason-missing")
    return _step(
        visit,
        found,
        lambda: steps.cancel(visit.installation, found.id, by=visit.known, reason=why),
        "shipment-cancelled",
    )


@router.post("/operator/shipments/{shipment}/turn")
def turn(shipment: str, visit: FormDep, state: Typed = "", reason: Long = "") -> Response:
    """At the border, lost, returned, under way again."""
    found, why = _found(visit, shipment), " ".join(reason.split())
    said: State | None = next((slug for slug in pages.SAID if slug == state), None)
    if said is None or not 1 <= len(why) <= steps.REASON_MAX:
        return _page(visit, found, error="shipment-reason-missing")
    return _step(
        visit,
        found,
        lambda: steps.turn(visit.installation, found.id, said, by=visit.known, reason=why),
        "shipment-saved",
    )


@router.post("/operator/shipments/{shipment}/containers")
def containers(shipment: str, visit: FormDep, container: Typed = "", seal: Typed = "") -> Response:
    found, number = _found(visit, shipment), "".join(container.split()).upper()
    these = [Container(number, seal.strip())] if number else []
    try:
        pick_and_pack.contain(visit.installation, found.id, these, by=visit.principal)
    except Refused as error:
        field = "container" if error.code == "container-number-wrong" else ""
        return _page(visit, found, form={"container": container, "seal": seal}, wrong={field: error.code})
    return flash.redirect(_path(found), "shipment-saved", visit.known.csrf)


@router.post("/operator/shipments/{shipment}/legs")
def legs(  # one form, each field on its own
    shipment: str,
    visit: FormDep,
    leg: Typed = "",
    carrier: Typed = "",
    etd: Typed = "",
    eta: Typed = "",
    atd: Typed = "",
    ata: Typed = "",
) -> Response:
    """What is empty stays as it is; times are UTC."""
    found, number = _found(visit, shipment), _count(leg)
    typed = {"leg": leg, "carrier": carrier, "etd": etd, "eta": eta, "atd": atd, "ata": ata}
    if number is None:
        raise NotFound(leg)
    times = {name: _moment(typed[name]) for name in ("etd", "eta", "atd", "ata")}
    wrong = {name: "time-unreadable" for name, at in times.items() if at is None and typed[name]}
    changes: dict[str, Any] = {name: at for name, at in times.items() if at is not None}
    if carrier.strip():
        changes["carrier"] = carrier.strip()
    if not wrong:
        try:
            steps.set_leg(visit.installation, found.id, number, by=visit.known, **changes)
        except Refused as error:
            faults: Any = error.facts.get("faults", [])
            wrong = {one["field"].rpartition(".")[2]: error.code for one in faults} or {"": error.code}
        else:
            return flash.redirect(f"{_path(found)}#legs", "shipment-saved", visit.known.csrf)
    view = pages.shipment_view(
        visit.installation,
        visit.connection,
        found,
        visit.language,
        leg_form=form_of(typed, wrong),
        leg_number=number,
    )
    return visit.page(view, 422)


def _list(visit: Visit, group: str, typed: dict[str, str], wrong: str, after: str = "") -> Response:
    form = form_of(typed, {"": wrong} if wrong else {})
    view = pages.shipments_view(
        visit.installation, visit.connection, group or "here", form, visit.language, after
    )
    return visit.page(view, 422 if wrong else 200)


def _page(  # the shipment's page, and what a form on it came back with
    visit: Visit,
    found: Shipment,
    *,
    find: str = "",
    error: str = "",
    reasons: tuple[Reason, ...] = (),
    form: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    view = pages.shipment_view(
        visit.installation,
        visit.connection,
        found,
        visit.language,
        find=find,
        error=error,
        reasons=reasons,
        form=form_of(form or {}, wrong),
    )
    return visit.page(view, 422 if error or wrong else 200)


def _bench(  # the bench, and what a form on it came back with
    visit: Visit,
    found: Shipment,
    *,
    last: int = 0,
    error: str = "",
    form: dict[str, str] | None = None,
    weigh: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    view = pages.pick_view(
        visit.connection,
        found,
        visit.language,
        last=last,
        error=error,
        form=form_of(form or {}),
        weigh_form=form_of(weigh or {}, wrong),
    )
    return visit.page(view, 422 if error or wrong else 200)


def _bench_step(visit: Visit, found: Shipment, act: Callable[[], object]) -> Response:
    try:
        act()
    except Refused as error:
        return _bench(visit, found, error=error.code)
    return RedirectResponse(f"{_path(found)}/pick", 303)


def _step(visit: Visit, found: Shipment, act: Callable[[], Shipment], said: str) -> Response:
    try:
        after = act()
    except LotNotVerified as error:
        reasons = tuple(Reason(slug=one.slug, detail=one.detail) for one in error.reasons)
        return _page(visit, found, error="gate-stopped", reasons=reasons)
    except (Refused, FieldRefused, ExportersError) as error:
        return _page(visit, found, error=_slug(error))
    slug = "shipment-waits" if after.waits_for and not found.waits_for else said
    return flash.redirect(_path(found), slug, visit.known.csrf)


def _papers(visit: Visit, found: Shipment, error: str) -> PapersView:
    return papers.papers_view(visit.installation, visit.connection, found, error=error)


def _slug(error: Refused | FieldRefused | ExportersError) -> str:
    """Of words.FORM_ERRORS."""
    if isinstance(error, FieldRefused):
        return error.slug
    if isinstance(error, ExportersError):
        return "documents-incomplete"
    return error.code if error.code in _SAID else "shipment-not-now"


def _found(visit: Visit, shipment: str) -> Shipment:
    found = shipments.get(visit.connection, f"shipment:{shipment}")
    if found is None:
        raise NotFound(shipment)
    return found


def _path(shipment: Shipment) -> str:
    return f"{pages.LIST}/{pages.number_of(shipment.id)}"


def _count(text: str) -> int | None:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and 0 < int(digits) < 10**9 else None


def _grams(text: str) -> int | None:
    try:
        mass = Decimal(text.strip().replace(",", ".")) * 1000
    except InvalidOperation:
        return None
    return int(mass) if mass.is_finite() and mass == mass.to_integral_value() and mass < 10**9 else None


def _moment(text: str) -> datetime | None:
    """As a browser sends day and time; we say beside the field that it is UTC."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError:
        return None
