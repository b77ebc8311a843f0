"""The bench: a work order's articles, what was found on each, samples, and stating the result."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import FileResponse, JSONResponse, Response

from gateway import flash
from gateway.deps import Visit, VisitDep
from gateway.errors import NotFound, Refused
from gateway.files.errors import FileRefused
from gateway.files.media import EVIDENCE, PICTURES
from gateway.measuring.findings import Article
from gateway.pages.building import measuring as pages
from gateway.pages.building import measuring_results as results
from gateway.pages.building.measuring import Shown, article_href, href
from gateway.pages.views.forms import form_of
from gateway.routes.bench_forms import accepted, finding_of, findings_of, seen, typed
from gateway.routes.sent_answers import AnswersDep, SentAnswers
from gateway.statements import answers as reading
from gateway.statements import asking
from gateway.statements.answers import Sent
from gateway.statements.refusals import TOLD, told_of
from gateway.store import drafts
from gateway.store.drafts import Draft, Show
from gateway.workflows import keep_file, measure, measure_sheet, statements, stations
from gateway.workflows.measure import Bench, Change, MeasuredMeanwhile
from gateway.workflows.measure_sheet import SheetRefused
from ledger.core.subjects import is_subject_id

WORKER: Final = Path(__file__).parent.parent / "static" / "bench_worker.js"
PHOTOS: Final = ("photo", "photo_2")
After = Annotated[str, Query(pattern=r"^(-1|[0-9]{1,9})$")]
Scanned = Annotated[str, Query(max_length=120)]
Slot = Annotated[str, Query(max_length=20, pattern=r"^[a-z0-9]*$")]

Again = Callable[[Mapping[str, str]], Response]  # the page as it was sent, with what is wrong

router = APIRouter(prefix="/measure")


@router.get("")
def works(visit: VisitDep) -> Response:
    return visit.page(pages.works_view(visit.connection, visit.party, visit.known.role))


@router.get("/bench-worker.js")
def worker() -> Response:
    """The service worker of the bench: it may answer for what lies under its own address, and no more."""
    headers = {"cache-control": "no-cache"}
    return FileResponse(WORKER, media_type="text/javascript", headers=headers)


@router.get("/{work}")
def bench(work: str, visit: VisitDep, show: Show = "all", after: After = "-1", q: Scanned = "") -> Response:
    """The articles; a code that was scanned leads to its article."""
    one = _bench(visit, work)
    text = q.strip()
    if text:
        found = _scanned(visit, one, text)
        if found:
            return Response(status_code=303, headers={"location": article_href(one.work, found)})
    view = pages.bench_view(visit.connection, one, visit.known, show=show, after=int(after), query=text)
    return visit.page(view)


@router.get("/{work}/index.json")
def index(work: str, visit: VisitDep) -> Response:
    """Every article by what is scanned, so that a bench without network finds it."""
    one = _bench(visit, work)
    names = {line.n: line.identifier for line in drafts.lines(visit.connection, one.lot)}
    versions = {draft.slot: draft.version for draft in drafts.of_work(visit.connection, one.work)}
    found = [
        [each.slot, names.get(each.source[1], "") if each.source else "", versions.get(each.slot, 0)]
        for each in measure.articles(visit.connection, one)
    ]
    return JSONResponse({"articles": found})


@router.get("/{work}/articles/{slot}")
def article(work: str, slot: str, visit: VisitDep, like: Slot = "") -> Response:
    """like: the slot whose answers stand in the form, for articles that are all alike."""
    one = _bench(visit, work)
    return _article_page(visit, one, measure.article(visit.connection, one, slot), _like(visit, one, like))


@router.post("/{work}/articles/{slot}")
def save(work: str, slot: str, sent: AnswersDep) -> Response:
    """Write down what was found. A program, and the page's outbox, are answered in JSON."""
    visit = sent.visit
    one = _bench(visit, work)
    place = measure.article(visit.connection, one, slot)
    try:
        photos = tuple(accepted(sent.files[name], PICTURES) for name in PHOTOS if name in sent.files)
        finding, wrong = finding_of(sent, one)
    except FileRefused as error:
        return _wrong(sent, one, place, {"photo": error.reason})
    findings = findings_of(visit, one, place, sent, finding, wrong)
    if wrong:
        return _wrong(sent, one, place, wrong)
    kept = tuple(sent.values.get("keep_photo", ()))
    change = Change(
        findings=findings, seen=seen(sent), token=sent.one("token")[:40], kept=kept, photos=photos
    )
    try:
        _, draft = measure.save(visit.installation, visit.known, one.work, place.slot, change)
    except MeasuredMeanwhile as error:
        return _meanwhile(sent, one, place, error.standing)
    return _saved(sent, one, place, draft)


@router.post("/{work}/articles/{slot}/grade")
def look(work: str, slot: str, sent: AnswersDep) -> Response:
    """The same form with the grade of what was typed; nothing is kept."""
    visit = sent.visit
    one = _bench(visit, work)
    place = measure.article(visit.connection, one, slot)
    finding, wrong = finding_of(sent, one)
    return _article_page(
        visit,
        one,
        place,
        Shown(typed(sent), wrong, None if wrong else finding, sent.one("token"), seen(sent)),
    )


@router.post("/{work}/accept")
def accept_all(work: str, sent: AnswersDep) -> Response:
    """Take over what stations and devices were sure of."""
    visit = sent.visit
    one = _bench(visit, work)
    stations.take_over(visit.installation, visit.known, one.work)
    return flash.redirect(href(one.work), "proposals-accepted", visit.known.csrf)


@router.get("/{work}/template.csv")
def template(work: str, visit: VisitDep) -> Response:
    text = measure_sheet.template(visit.connection, _bench(visit, work))
    named = {"content-disposition": f'attachment; filename="measurements-{work}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=named)


@router.get("/{work}/sheet")
def sheet(work: str, visit: VisitDep) -> Response:
    return visit.page(results.sheet_view(visit.connection, _bench(visit, work), visit.known))


@router.post("/{work}/sheet")
def send_sheet(work: str, sent: AnswersDep) -> Response:
    """All its rows, or none: what is refused is listed."""
    visit = sent.visit
    one = _bench(visit, work)
    refusals: Any = ()
    reason = "" if sent.files.get("file") else "file-missing"
    try:
        if not reason:
            measure_sheet.take(visit.installation, visit.known, one.work, sent.files["file"])
            return flash.redirect(href(one.work), "sheet-taken", visit.known.csrf)
    except SheetRefused as error:
        refusals = error.refusals
    except FileRefused as error:
        reason = error.reason
    view = results.sheet_view(visit.connection, one, visit.known, refusals=refusals, reason=reason)
    return visit.page(view, 422)


@router.post("/{work}/papers")
def add_paper(work: str, sent: AnswersDep) -> Response:
    """Keep a wiping report; articles and sheets name it by its hash."""
    visit = sent.visit
    one = _bench(visit, work)
    try:
        paper = accepted(sent.files.get("certificate", b""), EVIDENCE - PICTURES)
    except FileRefused as error:
        return visit.page(results.sheet_view(visit.connection, one, visit.known, reason=error.reason), 422)
    keep_file.keep(visit.installation, paper, owner=visit.party, lot=one.lot, added_by=visit.principal)
    return flash.redirect(f"{href(one.work)}/sheet", "file-added", visit.known.csrf)


@router.get("/{work}/sample")
def sample(
    work: str,
    visit: VisitDep,
    inspection_level: Scanned = "",
    severity: Scanned = "",
    aql: Scanned = "",
    minimum_grade: Scanned = "",
) -> Response:
    """What the tables say of a choice; nothing is drawn before it is stated."""
    chosen = {
        "inspection_level": inspection_level, "severity": severity, "aql": aql, "minimum_grade": minimum_grade
    }  # fmt: skip
    return visit.page(results.sample_view(visit.connection, _inspection(visit, work), visit.known, chosen))


@router.post("/{work}/sample")
def plan_sample(work: str, sent: AnswersDep) -> Response:
    visit = sent.visit
    one = _inspection(visit, work)
    names = ("inspection_level", "severity", "aql", "minimum_grade")

    def again(errors: Mapping[str, str]) -> Response:
        chosen = {name: sent.one(name) for name in names}
        return visit.page(results.sample_view(visit.connection, one, visit.known, chosen, errors), 422)

    return _state(sent, one, "plan-sample", f"{href(one.work)}/sample", again)


@router.get("/{work}/result")
def result(work: str, visit: VisitDep) -> Response:
    """What would be stated, before anybody signs."""
    return visit.page(results.result_view(visit.connection, _bench(visit, work), visit.known, form_of({})))


@router.post("/{work}/result")
def state(work: str, sent: AnswersDep) -> Response:
    visit = sent.visit
    one = _bench(visit, work)

    def again(errors: Mapping[str, str]) -> Response:
        values = {name: sent.one(name) for name in ("unsorted", "partial", "third_party")}
        form = form_of(values, errors)
        return visit.page(results.result_view(visit.connection, one, visit.known, form), 422)

    shown = sent.one("seen")
    if shown and one.is_open and shown != drafts.version_of(visit.connection, one.work):
        return again({"": "subject-moved-on"})  # somebody measured on: nobody states what they did not see
    slug = "state-inspection" if one.kind == "inspection" else "state-repair"
    return _state(sent, one, slug, href(one.work), again)


def _state(sent: SentAnswers, one: Bench, slug: str, done: str, again: Again) -> Response:
    """State an action of a work order: then to its page, or to the statement while that waits."""
    visit = sent.visit
    row = asking.action_named(slug, visit.known)
    ask = asking.asks_of(visit.installation, visit.connection, visit.known, row, [one.work])[0]
    if row.offered(ask) or one.waits is not None:
        raise Refused("work-closed", "the result of this work order was stated already")
    read = reading.read(row, ask, Sent(sent.values, {}))
    if read.errors:
        return again(read.errors)
    try:
        proposal = row.propose(ask, read.answers)
        made = statements.state(visit.installation, proposal, by=visit.known, action=slug)
    except TOLD as error:
        told = told_of(row, error)
        return again({told.field: told.slug})
    if made.state == "waiting":
        return flash.redirect(f"/statements/{made.id}", "statement-waits", visit.known.csrf)
    return flash.redirect(done, "stated", visit.known.csrf)


def _bench(visit: Visit, work: str) -> Bench:
    """Raises NotFound for a work order that is not the caller's party's."""
    name = f"work:{work}"
    if not is_subject_id(name):
        raise NotFound(name)
    return measure.open_bench(visit.connection, name, visit.party, visit.known.role)


def _inspection(visit: Visit, work: str) -> Bench:
    one = _bench(visit, work)
    if one.kind != "inspection":
        raise NotFound(work)
    return one


def _scanned(visit: Visit, one: Bench, text: str) -> str:
    """The slot of what was scanned: an identifier, its last digits, or the number of a unit; "" for none."""
    found = drafts.by_identifier(visit.connection, one.lot, text)
    if found is None:
        ends = drafts.matching(visit.connection, one.lot, text, 2) if len(text) >= 4 else []
        found = ends[0] if len(ends) == 1 else None
    articles = measure.articles(visit.connection, one) if one.sample is not None or found is None else []
    for each in articles:
        is_it = each.source is not None and found is not None and each.source[1] == found.n
        if is_it or (each.is_drawn and str(each.first) == text):
            return each.slot
    return f"r{found.n}" if found is not None and one.sample is None else ""


def _article_page(visit: Visit, one: Bench, place: Article, shown: Shown, status: int = 200) -> Response:
    proposal = stations.proposal_for(visit.connection, one, place.slot)
    view = pages.article_view(
        visit.connection, one, visit.known, place, visit.language, shown=shown, proposal=proposal
    )
    return visit.page(view, status)


def _like(visit: Visit, one: Bench, slot: str) -> Shown:
    """The answers given for another article, to begin with."""
    draft = drafts.find(visit.connection, one.work, slot) if slot else None
    if draft is None or not draft.findings:
        return Shown()
    return Shown(pages.values_of(one, draft.findings[-1], with_serials=False), like=slot)


def _wrong(sent: SentAnswers, one: Bench, place: Article, wrong: Mapping[str, str]) -> Response:
    if _wants_json(sent):
        return JSONResponse({"slug": "invalid-request", "errors": dict(wrong)}, 422)
    shown = Shown(typed(sent), wrong, None, sent.one("token"), seen(sent))
    return _article_page(sent.visit, one, place, shown, 422)


def _meanwhile(sent: SentAnswers, one: Bench, place: Article, standing: Draft | None) -> Response:
    """Nothing is lost: what was typed stands in the form, what the other found beside it."""
    told = pages.meanwhile_of(standing)
    if _wants_json(sent):
        found = {"version": told.version, "grade": told.grade, "worker": told.worker}
        return JSONResponse({"slug": "measured-meanwhile", "standing": found}, 409)
    # The next press of the button is made knowing what stands there.
    shown = Shown(typed(sent), {}, None, "", told.version, told)
    return _article_page(sent.visit, one, place, shown, 409)


def _saved(sent: SentAnswers, one: Bench, place: Article, draft: Draft | None) -> Response:
    visit = sent.visit
    if _wants_json(sent):
        told = {"slot": place.slot, "version": draft.version if draft else 0}
        return JSONResponse({**told, "grade": draft.grade if draft else ""})
    with visit.installation.database.reading() as connection:  # the visit's own snapshot is older
        fresh = measure.open_bench(connection, one.work, visit.party, visit.known.role)
        ahead = pages.next_slot(connection, fresh, place)
    here = draft is None or draft.units < place.quantity or sent.one("stay") == "yes"
    if here or not ahead:
        return flash.redirect(
            article_href(one.work, place.slot) if here else f"{href(one.work)}/result",
            "article-saved",
            visit.known.csrf,
        )
    like = f"?like={place.slot}" if sent.one("same") == "yes" else ""
    return flash.redirect(article_href(one.work, ahead) + like, "article-saved", visit.known.csrf)


def _wants_json(sent: SentAnswers) -> bool:
    return sent.visit.request.headers.get("accept", "").startswith("application/json")
