"""Labels: the operator chooses, looks and prints; whoever scratched a hidden code free claims the goods."""

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from exporters.labels import sheet
from exporters.labels.stock import printing, printings
from gateway import flash
from gateway.deps import FormDep, StrangerDep, Visit, VisitDep, address_of
from gateway.errors import NotFound, Refused
from gateway.i18n import LANGUAGES
from gateway.pages import label_words
from gateway.pages.building import labels as pages
from gateway.pages.building.reading import lot_id
from gateway.pages.views.forms import Form as Filled
from gateway.pages.views.forms import form_of
from gateway.pages.views.labels import ClaimView
from gateway.routes.documents import disposition
from gateway.shell.rates import Rates
from gateway.store import claims, goods, labels
from gateway.tasks import causes
from gateway.tasks.duties import exports
from gateway.tasks.duties.labels import shown_name, words_of
from gateway.tasks.outbox import Cause
from gateway.workflows.print_labels import CODES_TYPED_MAX, LEVELS, LOTS_MAX, Wanted, order_run, plan
from gateway.workflows.work import Work
from ledger.errors import MissingEvidence
from ledger.store import log
from qrcodes import symbol
from qrcodes.digital_link import CodeLink
from qrcodes.errors import InvalidCode
from qrcodes.hidden import hidden_digest, read_hidden
from qrcodes.label import label
from qrcodes.serial import is_code, printed
from qrcodes.signed_link import FRAGMENT_LENGTH, PREFIX

Text = Annotated[str, Form(max_length=40)]
Id = Annotated[str, Query(max_length=24, pattern=r"^[0-9a-z]*$")]
Slug = Annotated[str, Query(max_length=30, pattern=r"^[a-zA-Z0-9_-]*$")]
PNG_MODULE_PX: Final = 12  # 300 dpi print of about 1 mm modules, and sharp on any screen
_BETWEEN: Final = re.compile(r"[\s,;]+")
# Which field a refusal stands at.
_FIELDS: Final = {
    "labels-code-unknown": "codes",
    "labels-all-printed": "purpose",
    "labels-none-printed": "purpose",
    "labels-no-room": "format",
    "labels-no-scratch": "format",
    "labels-no-hidden": "hidden",
}

router = APIRouter()


@router.get("/operator/labels")
def form(
    visit: VisitDep,
    lot: Id = "",
    before: Id = "",
) -> Response:
    """lot: whose labels are meant. before: the last run of the page before."""
    named = f"lot:{lot}" if lot else ""
    if named and log.subject(visit.connection, named) is None:
        raise NotFound(lot)
    values = {"lots": named, "language": visit.language, "variant": "plain", "purpose": "first"}
    values |= {"format": next(iter(printings())), "level_article": "yes", "level_style": "yes"}
    last = labels.one(visit.connection, f"run:{before}") if before else None
    lots = [named] if named else []
    return visit.page(pages.labels_view(visit.connection, form_of(values), lots, before=last))


@router.post("/operator/labels")
def ask(
    visit: FormDep,
    format: Text = "",  # noqa: A002  # as the form calls it
    purpose: Text = "",
    variant: Text = "",
    reason: Text = "",
    language: Text = "",
    hidden: Text = "",
    a_piece: Text = "",
    level_lot: Text = "",
    level_article: Text = "",
    level_style: Text = "",
    level_carton: Text = "",
    lots: Annotated[str, Form(max_length=2_000)] = "",
    codes: Annotated[str, Form(max_length=20_000)] = "",
    do: Text = "print",
) -> Response:
    """Print, or look first: ``do`` is which button was pressed."""
    typed = {
        "format": format, "purpose": purpose, "variant": variant, "reason": reason, "language": language,
        "hidden": hidden, "a_piece": a_piece, "level_lot": level_lot, "level_article": level_article,
        "level_style": level_style, "level_carton": level_carton, "lots": lots, "codes": codes,
    }  # fmt: skip
    wanted, errors = _wanted(visit, typed)
    if errors or wanted is None:
        return _again(visit, typed, errors, wanted)
    try:
        if do == "preview":
            found = plan(visit.connection, wanted, visit.installation.public_url)
            planned = pages.planned_of(found, wanted)
            return visit.page(
                pages.labels_view(visit.connection, form_of(typed), wanted.lots, planned=planned)
            )
        job = _print(visit, wanted)
    except Refused as error:
        return _again(visit, typed, {_FIELDS.get(error.code, "lots"): error.code}, wanted)
    return flash.redirect(f"/operator/jobs/{job}", "labels-begun", visit.known.csrf)


@router.get("/operator/labels/{code}/preview.svg")
def preview(
    visit: VisitDep,
    code: str,
    format: Slug,  # noqa: A002
    language: Slug,
    signed: Slug = "",
    hidden: Slug = "",
) -> Response:
    """One label as it will be, but for signature and hidden code, which it gets when it is printed."""
    link = goods.code(visit.connection, code) if is_code(code) else None
    if link is None or format not in printings() or language not in LANGUAGES:
        raise NotFound(code)
    wanted = Wanted(
        lots=(),
        levels=(),
        format=format,
        codes=(code,),
        variant="signed" if signed else "plain",
        purpose="reprint" if labels.printed(visit.connection, [code]) else "first",
        language=language,
    )
    found = plan(visit.connection, wanted, visit.installation.public_url)[0]
    items = [one] if link.article and (one := goods.one(visit.connection, link.article)) else []
    made = label(
        visit.installation.public_url,
        code,
        level=found.level,  # type: ignore[arg-type]  # as codes.issued names it
        grade=found.grade or None,
        name=shown_name(items or goods.of_lot(visit.connection, link.lot), language),
        hidden="xxxx-xxxx-xxxx-x" if hidden else "",
        fragment=PREFIX + "A" * (FRAGMENT_LENGTH - len(PREFIX)) if signed else "",
    )
    content = sheet.preview(made, printing(format).stock, words_of(language))
    return Response(content, media_type="image/svg+xml")


@router.get("/operator/labels/{run}/file", response_class=Response)
def file_of_run(run: str, visit: VisitDep) -> Response:
    """What was released. It holds hidden codes in clear: whoever has printed it needs it no longer."""
    found = labels.one(visit.connection, f"run:{run}")
    if found is None or found.state != "released":
        raise NotFound(run)
    try:
        content = visit.installation.files.get(exports.object_key(found.sha256))
    except MissingEvidence as error:
        raise NotFound(run) from error
    headers = {"content-disposition": disposition(found.filename)}
    return Response(content, media_type=exports.media_type(found.filename), headers=headers)


@router.get("/operator/codes/{code}.png")
def code_picture(code: str, visit: VisitDep) -> Response:
    """The symbol alone, for whoever lays out a label elsewhere."""
    link = goods.code(visit.connection, code) if is_code(code) else None
    if link is None:
        raise NotFound(code)
    level = symbol.CARTON_LEVEL if link.level in ("lot", "carton") else symbol.ARTICLE_LEVEL
    content = symbol.png(str(CodeLink(visit.installation.public_url, code)), level, PNG_MODULE_PX)
    return Response(content, media_type="image/png")


@router.get("/q/{code}/claim")
def claim_form(code: str, visit: VisitDep) -> Response:
    """The same page whether the code has a hidden one or not: scratching tells, asking does not."""
    _check_guesses(visit, code)
    claim = claims.claim_of(visit.connection, code)
    return visit.page(_claim_view(code, form_of({}), claimed_at=claim.claimed_at if claim else None))


@router.post("/q/{code}/claim")
def claim(code: str, visit: StrangerDep, hidden: Annotated[str, Form(max_length=60)] = "") -> Response:
    """Claim the goods once. Whoever guesses is counted with those who guess codes."""
    _check_guesses(visit, code)
    try:
        digest = hidden_digest(code, read_hidden(hidden))
    except InvalidCode:
        form = form_of({"hidden": hidden}, {"hidden": "hidden-code-unreadable"})
        return visit.page(_claim_view(code, form), 422)
    now = visit.installation.wall_clock.now()  # of people, as the time of a scan beside it
    done, standing = visit.installation.writer.do(
        lambda ledger: (
            claims.claim(ledger.connection, code, digest, now),
            claims.claim_of(ledger.connection, code),
        )
    )
    if done == "wrong":
        rates: Rates = visit.request.app.state.rates
        rates.missed(address_of(visit.request))
        form = form_of({"hidden": hidden}, {"hidden": "hidden-code-wrong"})
        return visit.page(_claim_view(code, form), 422)
    assert standing is not None
    view = _claim_view(code, form_of({}), claimed_at=standing.claimed_at, is_new=done == "claimed")
    return visit.page(view, 200 if done == "claimed" else 409)


def _check_guesses(visit: Visit, code: str) -> None:
    """Raises NotFound for what is no code at all, TooManyRequests for those who try too many."""
    if not is_code(code):
        raise NotFound(code)
    rates: Rates = visit.request.app.state.rates
    rates.check_guesses(address_of(visit.request))


def _claim_view(code: str, form: Filled, **more: Any) -> ClaimView:
    return ClaimView(code=printed(code), page_href=f"/q/{code}", action=f"/q/{code}/claim", form=form, **more)


def _print(visit: Visit, wanted: Wanted) -> str:
    by, now = Cause.of(visit.principal), visit.installation.clock.now()
    run = visit.installation.writer.do(
        lambda ledger: order_run(
            Work(visit.installation, ledger),
            wanted,
            by=visit.principal,
            now=now,
            start=lambda connection, run: causes.labels_wanted(connection, run, now, by),
        )
    )
    return run.job


def _wanted(visit: Visit, typed: dict[str, str]) -> tuple[Wanted | None, dict[str, str]]:
    """What a form asks for, and what is wrong with it, by field."""
    errors: dict[str, str] = {}
    lots = _lots(visit, typed["lots"], errors)
    codes = tuple(part for part in _BETWEEN.split(typed["codes"].strip()) if part)
    levels = tuple(level for level in LEVELS if typed[f"level_{level}"])
    if not lots and not codes and "lots" not in errors:
        errors["lots"] = "text-missing"
    if not levels and not codes:
        errors["level_article"] = "labels-level-missing"
    if len(codes) > CODES_TYPED_MAX:
        errors["codes"] = "text-too-long"
    for name, known in (
        ("format", printings()), ("purpose", label_words.PURPOSES), ("variant", label_words.VARIANTS),
        ("language", LANGUAGES),
    ):  # fmt: skip
        if typed[name] not in known:
            errors[name] = "choice-unknown"
    if typed["purpose"] == "reprint" and typed["reason"] not in label_words.REASONS:
        errors["reason"] = "labels-reason-missing"
    if errors:
        return None, errors
    wanted = Wanted(
        lots=lots,
        levels=levels,
        format=typed["format"],
        codes=codes,
        variant=typed["variant"],  # type: ignore[arg-type]  # one of VARIANTS
        hidden=bool(typed["hidden"]),
        a_piece=bool(typed["a_piece"]),
        purpose=typed["purpose"],  # type: ignore[arg-type]  # one of PURPOSES
        reason=typed["reason"],
        language=typed["language"],
    )
    return wanted, errors


def _lots(visit: Visit, text: str, errors: dict[str, str]) -> tuple[str, ...]:
    names = dict.fromkeys(part for part in _BETWEEN.split(text.strip()) if part)
    if len(names) > LOTS_MAX:
        errors["lots"] = "labels-lots-too-many"
        return ()
    found = []
    for name in names:
        try:
            lot = lot_id(name.removeprefix("lot:"))
        except NotFound:
            lot = ""
        if not lot or log.subject(visit.connection, lot) is None:
            errors["lots"] = "lot-unknown"
            return ()
        found.append(lot)
    return tuple(found)


def _again(visit: Visit, typed: dict[str, str], errors: dict[str, str], wanted: Wanted | None) -> Response:
    lots = wanted.lots if wanted else _lots(visit, typed["lots"], {})
    return visit.page(pages.labels_view(visit.connection, form_of(typed, errors), lots), 422)
