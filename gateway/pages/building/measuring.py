"""The pages of a bench: work orders, their articles, the form of one article."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection

from gateway.measuring import repairs
from gateway.measuring.findings import Article, Finding, letter_of
from gateway.measuring.questions import Question, typed
from gateway.pages import words
from gateway.pages.building import files as file_pages
from gateway.pages.building.article import name_of
from gateway.pages.building.grade import part_line
from gateway.pages.building.reading import short
from gateway.pages.building.steps import facts_of
from gateway.pages.views import Fact
from gateway.pages.views.consumer import GradeOverride
from gateway.pages.views.forms import form_of
from gateway.pages.views.measuring import (
    ArticleLine,
    ArticleView,
    BenchView,
    FindingLine,
    GradeNow,
    Head,
    Meanwhile,
    QuestionField,
    WorkLine,
    WorkStage,
    WorksView,
)
from gateway.people.identity import Identity
from gateway.store import drafts, files, goods
from gateway.store.drafts import Draft, Show
from gateway.workflows import measure
from gateway.workflows.measure import Bench
from gateway.workflows.measure_sheet import asked_of
from gateway.workflows.stations import Proposal
from ledger.lots.grading import grade
from ledger.lots.schemes import Scheme

LINES: Final = 50
UNITS: Final = {"MMT": "mm", "CMK": "cm²", "P1": "%"}  # signs, the same in every language
TOKEN_BYTES: Final = 13


@dataclass(frozen=True, slots=True)
class Shown:
    """What an article's form shows beside what is stored: what was typed, and what is wrong with it."""

    values: Mapping[str, str] | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    finding: Finding | None = None
    token: str = ""
    seen: int | None = None
    meanwhile: Meanwhile | None = None
    like: str = ""


def works_view(connection: Connection, party: str, role: str) -> WorksView:
    lines = []
    for name, state in measure.work_of(connection, party):
        if measure.ROLES[state.kind] == role:
            bench = measure.open_bench(connection, name, party, role)
            lines.append(_work_line(connection, bench))
    return WorksView(lines=tuple(lines), has_devices=role == "inspector")


def _work_line(connection: Connection, bench: Bench) -> WorkLine:
    done = drafts.progress(connection, bench.work).units
    return WorkLine(
        href=href(bench.work),
        lot_short=short(bench.lot),
        category=bench.goods.category,
        brand=bench.goods.brand or "",
        kind="inspection" if bench.kind == "inspection" else "refurbishment",
        state=_stage(bench),
        units=bench.units,
        done=bench.units if bench.state.closed else done,
    )


def href(work: str) -> str:
    return f"/measure/{work.partition(':')[2]}"


def article_href(work: str, slot: str) -> str:
    return f"{href(work)}/articles/{slot}"


def head_of(connection: Connection, bench: Bench, identity: Identity) -> Head:
    progress = drafts.progress(connection, bench.work)
    return Head(
        href=href(bench.work),
        lot_short=short(bench.lot),
        category=bench.goods.category,
        brand=bench.goods.brand or "",
        kind="inspection" if bench.kind == "inspection" else "refurbishment",
        state=_stage(bench),
        scheme=bench.scheme.id if bench.scheme else "",
        units=bench.units,
        done=progress.units,
        articles=progress.articles,
        asked=progress.asked,
        ungraded=progress.ungraded,
        sample_size=bench.sample.sample_size if bench.sample else 0,
        statement_href=f"/statements/{bench.waits.id}" if bench.waits else "",
        user=sha256(f"bench {identity.principal}".encode()).hexdigest()[:16],
    )


def _stage(bench: Bench) -> WorkStage:
    if bench.state.closed:
        return "closed"
    return "waits" if bench.waits is not None else "open"


def bench_view(
    connection: Connection, bench: Bench, identity: Identity, *, show: Show, after: int, query: str = ""
) -> BenchView:
    """after: number of the last row or unit shown before, -1 at first. query: what matched no article."""
    if bench.has_rows and bench.sample is None:
        found = drafts.page(connection, bench.work, bench.lot, after=after, limit=LINES + 1, show=show)
        before = [Article(f"r{one.n}", one.n, 0, one.quantity, one.item) for one in found]
        names = {one.n: one.identifier for one in found}
    else:
        before, names = _few(connection, bench, show, after)
    page = before[:LINES]
    standing = drafts.at_slots(connection, bench.work, [one.slot for one in page])
    more = f"{href(bench.work)}?show={show}&after={page[-1].position}" if len(before) > LINES else ""
    return BenchView(
        head=head_of(connection, bench, identity),
        lines=tuple(_line(one, names, standing.get(one.slot)) for one in page),
        show=show,
        query=query,
        next_href=more,
    )


def _few(
    connection: Connection, bench: Bench, show: Show, after: int
) -> tuple[list[Article], dict[int, str]]:
    """The drawn units of a sample, or the one line of a lot without rows."""
    articles = [one for one in measure.articles(connection, bench) if one.position > after]
    known = {draft.slot: draft for draft in drafts.of_work(connection, bench.work)}
    chosen = [one for one in articles if _is_shown(known.get(one.slot), one, show)]
    rows = [one.source[1] for one in chosen[: LINES + 1] if one.source]
    names = {line.n: line.identifier for line in drafts.lines(connection, bench.lot, ns=rows)}
    return chosen, {one.position: names.get(one.source[1], "") for one in chosen if one.source}


def _is_shown(draft: Draft | None, article: Article, show: Show) -> bool:
    match show:
        case "missing":
            return draft is None or draft.state != "measured" or draft.units < article.quantity
        case "asked":
            return draft is not None and draft.state != "measured"
        case "ungraded":
            return draft is not None and draft.grade == "ungraded"
    return True


def _line(article: Article, names: Mapping[int, str], draft: Draft | None) -> ArticleLine:
    state: str = "missing" if draft is None else draft.state
    if draft is not None and draft.state == "measured" and draft.units < article.quantity:
        state = "part"
    return ArticleLine(
        slot=article.slot,
        identifier=names.get(article.position, ""),
        unit=article.first if article.is_drawn else None,
        quantity=article.quantity,
        units=draft.units if draft else 0,
        grade=draft.grade if draft else "",
        state=state,
        photos=len(draft.files) if draft else 0,
    )


def article_view(
    connection: Connection,
    bench: Bench,
    identity: Identity,
    article: Article,
    language: str,
    *,
    shown: Shown,
    proposal: Proposal | None = None,
) -> ArticleView:
    """proposal: of a device, for an article that nobody measured yet."""
    draft = drafts.find(connection, bench.work, article.slot)
    item = goods.one(connection, article.item) if article.item is not None else None
    if draft is not None:
        proposal = None
    asked = asked_of(bench)
    values = _values(bench, article, draft, proposal, shown)
    ahead, back = _neighbours(connection, bench, article)
    units = draft.units if draft else 0
    return ArticleView(
        head=head_of(connection, bench, identity),
        slot=article.slot,
        identifier=item.facts["identifier"] if item else "",
        name=name_of([item], language, single=True) if item else "",
        unit=article.first if article.is_drawn else None,
        quantity=article.quantity,
        left=article.quantity - units,
        version=shown.seen if shown.seen is not None else draft.version if draft else 0,
        token=shown.token or secrets.token_hex(TOKEN_BYTES),
        form=form_of(values, shown.errors),
        questions=tuple(question_field(one) for one in asked),
        steps=() if asked else repairs.steps_for(bench.scheme.id if bench.scheme else ""),
        certificates=() if asked else _certificates(connection, bench, identity.organisation),
        findings=_findings(bench, draft) if article.quantity > 1 else (),
        photos=_photos(connection, draft),
        grade=_grade(bench, shown.finding or _only(article, draft, proposal)),
        station=_station(draft, proposal),
        confidence=draft.confidence if draft else proposal.confidence if proposal else "",
        device=proposal.place if proposal else "",
        meanwhile=shown.meanwhile,
        saved_by=draft.worker.partition(":")[2][:6] if draft and draft.by != identity.principal else "",
        saved_at=draft.at if draft and draft.state == "measured" else None,
        previous_href=article_href(bench.work, back) if back else "",
        next_href=article_href(bench.work, ahead) if ahead else "",
        last=shown.like,
    )


def question_field(question: Question) -> QuestionField:
    return QuestionField(
        field=question.field,
        input=question.input,
        unit=UNITS.get(question.unit, question.unit),
        maximum=question.maximum,
        beside=question.beside,
        words=tuple((word, _finding_slug(question.part, word)) for word in question.words),
    )


def _finding_slug(part: str, word: str) -> str:
    """A word says good news of one part and bad news of another: "no" of a lock, and of starting up."""
    exact = f"{part}-{word}"
    return exact if words.message_id("findings", exact) else word


def _values(
    bench: Bench, article: Article, draft: Draft | None, proposal: Proposal | None, shown: Shown
) -> dict[str, str]:
    """What stands in the form: as typed, else as stored, else as a device measured."""
    if shown.values is not None:
        return dict(shown.values)
    finding = _only(article, draft, proposal)
    if finding is None:
        return {}
    return values_of(bench, finding)


def values_of(bench: Bench, finding: Finding, *, with_serials: bool = True) -> dict[str, str]:
    """A finding as it would be typed; the next article has serial numbers and measures of its own."""
    if bench.kind != "inspection":
        texts = repairs.typed(list(finding["steps"]))
        own = ("serial_", "health_", "cycles_")
        return {name: text for name, text in texts.items() if with_serials or not name.startswith(own)}
    override = finding.get("override", {})
    given = {"override": override.get("grade", ""), "reason": override.get("reason", "")}
    return typed(asked_of(bench), finding["measured"]) | given


def _only(article: Article, draft: Draft | None, proposal: Proposal | None) -> Finding | None:
    """The one finding of a single article; pieces of a style are added one finding after the other."""
    if draft is not None:
        return draft.findings[0] if article.quantity == 1 and draft.findings else None
    return {"measured": proposal.measured} if proposal is not None else None


def _station(draft: Draft | None, proposal: Proposal | None) -> str:
    if draft is not None:
        return "" if draft.state == "measured" else draft.state
    return "device" if proposal is not None else ""


def meanwhile_of(standing: Draft | None) -> Meanwhile:
    """What somebody else found while a form was open."""
    if standing is None:
        return Meanwhile(version=0, at=None, worker="", grade="", facts=())
    return Meanwhile(
        version=standing.version,
        at=standing.at,
        worker=standing.worker.partition(":")[2][:6],
        grade=standing.grade,
        facts=tuple(fact for finding in standing.findings for fact in finding_facts(finding)),
    )


def finding_facts(finding: Finding) -> tuple[Fact, ...]:
    """A finding as it is read."""
    told: dict[str, Any] = dict(finding.get("measured", {}))
    for step in finding.get("steps", ()):
        told |= {step["kind"]: "yes"}
    return tuple(fact for name, value in told.items() for fact in facts_of(name, value))


def _findings(bench: Bench, draft: Draft | None) -> tuple[FindingLine, ...]:
    if draft is None:
        return ()
    scheme = bench.scheme if bench.kind == "inspection" else None
    return tuple(
        FindingLine(
            n=n,
            quantity=int(finding.get("quantity", 1)),
            grade=letter_of(scheme, finding)[0] if scheme else "",
            facts=finding_facts(finding),
        )
        for n, finding in enumerate(draft.findings)
    )


def _photos(connection: Connection, draft: Draft | None) -> tuple[Any, ...]:
    found = [files.find(connection, id_, owner=None) for id_, _ in (draft.files if draft else ())]
    return tuple(file_pages.line(file) for file in found if file is not None)


def _certificates(connection: Connection, bench: Bench, party: str) -> tuple[str, ...]:
    """Hashes of the party's own papers about the lot, newest first: one wiping report is of many."""
    kept = [one for one in files.of_lot(connection, bench.lot) if one.owner == party and not one.erased_at]
    papers = [one.sha256 for one in reversed(kept) if not one.thumbnail]
    return tuple(dict.fromkeys(papers))


def _grade(bench: Bench, finding: Finding | None) -> GradeNow | None:
    if finding is None or bench.scheme is None or "measured" not in finding:
        return None
    return grade_now(bench.scheme, finding)


def grade_now(scheme: Scheme, finding: Finding) -> GradeNow:
    """The grade with every part of it: what decided, and against which boundaries."""
    measured: Mapping[str, Any] = finding["measured"]
    grading = grade(scheme, measured)
    override = finding.get("override")
    scored = zip(scheme.parts, grading.parts, strict=True)
    return GradeNow(
        letter=grading.grade,
        score=grading.score,
        parts=tuple(
            part_line(score, measured.get(part.input), is_quantity=part.measured) for part, score in scored
        ),
        decides=tuple(
            one.name for one in grading.parts if one.score == grading.score and grading.score is not None
        ),
        reasons=tuple(grading.reason.split(", ")) if grading.score is None else (),
        boundaries=tuple((one.grade, one.at_least) for one in scheme.grades),
        override=GradeOverride(
            found=grading.grade, given=override["grade"], reason=override["reason"], count=1
        )
        if override
        else None,
    )


def _neighbours(connection: Connection, bench: Bench, article: Article) -> tuple[str, str]:
    """Slots after and before: the next without a result, and the one in front."""
    if bench.has_rows and bench.sample is None:
        n = article.position
        left = drafts.page(connection, bench.work, bench.lot, after=n, limit=1, show="missing")
        left = left or drafts.page(connection, bench.work, bench.lot, after=-1, limit=1, show="missing")
        ahead = f"r{left[0].n}" if left and left[0].n != n else ""
        back = drafts.lines(connection, bench.lot, ns=[n - 1]) if n else []
        return ahead, f"r{back[0].n}" if back else ""
    slots = [one.slot for one in measure.articles(connection, bench)]
    done = {one.slot for one in drafts.of_work(connection, bench.work) if one.state == "measured"}
    place = slots.index(article.slot)
    ring = slots[place + 1 :] + slots[:place]
    return next((slot for slot in ring if slot not in done), ""), slots[place - 1] if place else ""


def next_slot(connection: Connection, bench: Bench, article: Article) -> str:
    return _neighbours(connection, bench, article)[0]
