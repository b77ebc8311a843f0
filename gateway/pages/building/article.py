"""What a code stands for: an article, a style or a lot, with the answers that people ask for.

Everything about one article is read from rows that are proved against signed roots (``rows``); what
the gateway keeps beside them is compared, and a difference is told as a change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection

from gateway.pages.building.answers import answers_of
from gateway.pages.building.erased import Erased, Erasure, erasures_of, line_of
from gateway.pages.building.grade import Measured, distrusted_events, grade_of, recorded_grade
from gateway.pages.building.reading import SHORT, checking, completeness_of, history_of, short
from gateway.pages.building.rows import RowBook, Traced, contradiction
from gateway.pages.building.steps import People, steps_of, troubles_of
from gateway.pages.views import (
    Article,
    CheckLinks,
    ConsumerView,
    ErasedNote,
    Reason,
)
from gateway.pages.views.consumer import Verdict
from gateway.store import goods
from gateway.store.goods import CodeLink, Item
from gateway.wiring import Installation
from gateway.workflows.gate import standing_recalls
from ledger.errors import MissingEvidence, ProofError
from ledger.lots.state import LotState
from ledger.verify import History
from qrcodes import clear_host
from qrcodes.serial import code_hash, printed

MIXED: Final = "mixed"
NAMES_MAX: Final = 3  # names of goods that a mixed lot is called by


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is about. code: empty where it was opened by GTIN and lot. items: of the page's level."""

    lot: str
    level: str
    code: str
    items: tuple[Item, ...]


def consumer_view(
    installation: Installation, connection: Connection, subject: Subject, language: str
) -> ConsumerView:
    """The page of one code. Raises NotFound, CouldNotCheck, or what a broken log raises."""
    history = history_of(installation, connection, subject.lot)
    people = People(connection)
    with checking(subject.lot):
        erasures = erasures_of(installation, connection, line_of(connection, subject.lot))
        traced, reasons, erased = _traced(connection, history, subject, erasures)
        reasons = (
            *_recalls(connection, subject.lot),
            *troubles_of(history),
            *reasons,
            *_code_trouble(history, subject.code),
        )
        known = replace(subject, items=()) if erased and subject.level != "lot" else subject
        article = _article(history.state, known, traced, language)
        return ConsumerView(
            verdict=_verdict(history, reasons),
            checked_at=datetime.now(UTC),  # wall time: when this reader looked
            code=printed(subject.code) if subject.code else "",
            host=clear_host(installation.public_url),
            article=article,
            grade=recorded_grade(history)
            if erased
            else grade_of(measured_of(traced), distrusted_events(history)),
            answers=replace(
                answers_of(history, traced, article.category, people, of=len(subject.items)),
                erased=bool(erased),
            ),
            steps=steps_of(history, people, erasures),
            completeness=completeness_of(history),
            check=check_links(installation, subject.lot),
            reasons=reasons,
            erased=erased,
        )


def subject_of(connection: Connection, link: CodeLink) -> Subject:
    """An article's own page where the code is an article's, else its lot's."""
    if link.article is None and link.level == "lot":
        return Subject(link.lot, "lot", link.code, tuple(goods.of_lot(connection, link.lot)))
    item = None if link.article is None else goods.one(connection, link.article)
    if item is None:
        return Subject(link.lot, "lot", link.code, ())
    return Subject(item.lot, link.level, link.code, (item,))


def check_links(installation: Installation, lot: str) -> CheckLinks:
    return CheckLinks(
        bundle_href=history_href(lot),
        checkpoint_href="/log/checkpoint",
        policy_href="/log/policy",
        command=audit_command(installation),
    )


def audit_command(installation: Installation) -> str:
    """Replays the whole log from its published tiles, trusting the policy alone."""
    return f"lotproof audit {installation.public_url}/log --policy policy"


def pack_href(lot: str) -> str:
    """Where the lot pack of a lot is; what is opened in it depends on who asks."""
    return f"/lots/{lot.partition(':')[2]}/pack.zip"


def history_href(lot: str) -> str:
    return f"/v1/lots/{lot.partition(':')[2]}/history"


def measured_of(traced: Sequence[Traced]) -> list[Measured]:
    """The measurements that count: those taken after the last repair."""
    return [
        Measured(
            one.inspected["measured"],
            one.inspected_by,
            one.inspected.get("override"),
            one.inspected.get("quantity", 1),
        )
        for one in traced
        if one.inspected is not None and one.inspected_by is not None and one.inspected_after_repair
    ]


def name_of(items: Sequence[Item], language: str, *, single: bool = False) -> str:
    """What the goods are called, in the page's language; single articles with size and colour."""
    key = language.partition("-")[0]
    names = list(dict.fromkeys(item.facts["goods"].get(key, "") for item in items))
    text = ", ".join(names[:NAMES_MAX]) + (" …" if len(names) > NAMES_MAX else "")
    if not single or not items:
        return text
    attributes = items[0].facts["attributes"]
    return " · ".join(
        [text, *(attributes[name] for name in ("storage", "size", "colour") if name in attributes)]
    )


def common(items: Sequence[Item], name: str) -> Any:
    """The value that all items share; None where they differ."""
    values = {item.facts[name] for item in items}
    return values.pop() if len(values) == 1 else None


def _traced(
    connection: Connection, history: History, subject: Subject, erasures: Sequence[Erasure]
) -> tuple[tuple[Traced, ...], tuple[Reason, ...], tuple[ErasedNote, ...]]:
    """Every item followed through signed rows, what is wrong with that, and what was erased."""
    if not subject.items:
        return (), ((Reason(slug="details-missing"),) if subject.code else ()), ()
    if history.verdict == "part-missing":
        return (), (), ()  # what the missing record said is not known: nothing can be compared with it
    book = RowBook(connection, history, erasures)
    traced: list[Traced] = []
    erased: set[ErasedNote] = set()
    reasons: tuple[Reason, ...] = ()
    try:
        for item in subject.items:
            try:
                one = book.trace(item)
            except Erased as gone:
                erased.add(gone.erasure.note)
                continue
            if contradiction(item, one):
                reasons = (Reason(slug="details-changed", detail=item.facts["identifier"][-SHORT:]),)
                break
            traced.append(one)
    except MissingEvidence:
        reasons = (Reason(slug="details-missing"),)
    except ProofError:
        return (), (Reason(slug="details-changed"),), ()
    return tuple(traced), reasons, tuple(sorted(erased, key=lambda note: note.index))


def _code_trouble(history: History, code: str) -> tuple[Reason, ...]:
    """A code belongs to this lot when a verified record of it names the code's hash."""
    if not code or history.verdict == "part-missing":
        return ()
    hash_ = code_hash(code).hex()
    issued = any(
        record.leaf is not None
        and record.leaf.record.body.type == "codes.issued"
        and hash_ in record.leaf.record.body.data["codes"]
        for record in history.records
    )
    return () if issued else (Reason(slug="code-not-of-lot"),)


def _recalls(connection: Connection, lot: str) -> tuple[Reason, ...]:
    """Each danger once, also of recalls made of an ancestor after this lot was split from it."""
    dangers = dict.fromkeys(recall.reason for _, recall in standing_recalls(connection, lot))
    return tuple(Reason(slug="recall", detail=danger, table="record_reasons") for danger in dangers)


def _verdict(history: History, reasons: Sequence[Reason]) -> Verdict:
    slugs = {reason.slug for reason in reasons}
    if history.verdict == "changed" or slugs & {"details-changed", "code-not-of-lot"}:
        return "changed"
    if "recall" in slugs:  # whoever holds the goods has to know, whatever else is wrong
        return "recalled"
    if "details-missing" in slugs or history.verdict == "part-missing":
        return "part-missing"
    return "distrusted" if "key-distrusted" in slugs else history.verdict


def _article(state: LotState, subject: Subject, traced: Sequence[Traced], language: str) -> Article:
    items = subject.items
    single = subject.level != "lot"
    if not items:
        return Article(
            level="article" if subject.level == "article" else "lot",
            lot_short=short(subject.lot),
            name="",
            brand=state.brand or "",
            model=state.model or "",
            category=state.category,
            condition=state.condition or MIXED,
            label_state=state.label_state or "",
            quantity=1 if subject.level == "article" else state.quantity,
            gtin=state.gtin or "",
        )
    first = traced[0].declared if traced else items[0].facts
    conditions = {one.condition for one in traced}
    condition = (conditions.pop() if len(conditions) == 1 else None) or common(items, "condition")
    return Article(
        level="article" if subject.level == "article" else "style" if single else "lot",
        lot_short=short(subject.lot),
        name=name_of(items, language, single=single),
        brand=first["brand"] if single else common(items, "brand") or "",
        model=first["model"] if single else common(items, "model") or "",
        category=items[0].category,
        condition=condition or MIXED,
        label_state=(first.get("label_state") if single else common(items, "label_state")) or "",
        quantity=sum(item.quantity for item in items),
        gtin=(first.get("gtin") if single else common(items, "gtin")) or "",
    )
