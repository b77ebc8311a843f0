"""What a code stands for: an article, a style or a lot, with the answers that people ask for.

Everything about one article is read from rows that are proved against signed roots (``rows``); what
the gateway keeps beside them is compared, and a difference is told as a change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection

from gateway.pages.building.answers import answers_of
from gateway.pages.building.certificates import certificates_of, key_holders
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
from gateway.pages.views.consumer import Scans, Verdict
from gateway.store import claims, goods, public_photos
from gateway.store.goods import CodeLink, Item
from gateway.wiring import Installation
from gateway.workflows import scan_history
from gateway.workflows.gate import standing_recalls
from ledger.errors import MissingEvidence, ProofError
from ledger.lots.state import LotState
from ledger.verify import History
from qrcodes import clear_host
from qrcodes.serial import code_hash, printed

MIXED: Final = "mixed"
TOO_OFTEN: Final = ("many-places", "too-often")  # notices that stand in the verdict; others are facts below
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
            *_recalls(connection, subject.lot, people),
            *troubles_of(history),
            *reasons,
            *_code_trouble(history, subject.code),
        )
        if is_gone(history.state):
            reasons = (*reasons, Reason(slug="goods-gone"))
        known = replace(subject, items=()) if erased and subject.level != "lot" else subject
        seen = scans_of(connection, subject.code)
        claimed = claims.claim_of(connection, subject.code) if subject.code else None
        steps = steps_of(history, people, erasures)
        article = _article(history.state, known, traced, language)
        return ConsumerView(
            verdict=verdict_of(
                history.verdict, reasons, claimed=claimed is not None, notice=seen.notice if seen else ""
            ),
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
            steps=steps,
            completeness=completeness_of(history),
            check=check_links(installation, subject.lot, subject.code),
            reasons=reasons,
            scans=seen,
            erased=erased,
            certificates=certificates_of(installation, connection, history, people),
            key_holders=key_holders(steps),
            photo_href=photo_href(connection, subject.lot),
            claimed_at=claimed.claimed_at if claimed else None,
            claim_href=_claim_href(connection, subject.code),
            report_href=f"/q/{subject.code}/report" if subject.code else "",
            contact=installation.settings.contact,
            rests_on=_rests_on(history, traced, subject.code),
        )


def subject_of(connection: Connection, link: CodeLink) -> Subject:
    """An article's own page where the code is an article's, else its lot's."""
    if link.article is None and link.level == "lot":
        return Subject(link.lot, "lot", link.code, tuple(goods.of_lot(connection, link.lot)))
    item = None if link.article is None else goods.one(connection, link.article)
    if item is None:
        return Subject(link.lot, "lot", link.code, ())
    return Subject(item.lot, link.level, link.code, (item,))


def check_links(installation: Installation, lot: str, code: str = "") -> CheckLinks:
    return CheckLinks(
        pack_href=pack_href(lot),
        page_href=f"/check?code={code}" if code else "",
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


def _rests_on(history: History, traced: Sequence[Traced], code: str) -> tuple[int, ...]:
    """Entries behind the answers, the grade and the code: a short page shows them first."""
    found = {leaf.index for one in traced for leaf in (one.inspected_by, one.repaired_by) if leaf is not None}
    hash_ = code_hash(code).hex() if code else ""
    for record in history.records:
        if record.leaf is None:
            continue
        body = record.leaf.record.body
        if body.type == "lot.declared" or (body.type == "codes.issued" and hash_ in body.data["codes"]):
            found.add(record.index)
    return tuple(sorted(found))


def _recalls(connection: Connection, lot: str, people: People) -> tuple[Reason, ...]:
    """Each recall once, also those of an ancestor after this lot was split from it, and who states it."""
    found = {recall.event_id: recall for _, recall in standing_recalls(connection, lot)}
    return tuple(
        Reason(
            slug="recall",
            detail=one.reason,
            table="record_reasons",
            entry=one.index,
            party_kind=people.kind_of(one.by),
            party_short=short(one.by),
        )
        for one in found.values()
    )


def scans_of(connection: Connection, code: str) -> Scans | None:
    """How often strangers opened the code before; None for the first of them."""
    if not code:
        return None
    found = scan_history.seen(connection, code, datetime.now(UTC))
    if found.first_on is None:
        return None
    return Scans(
        first_on=found.first_on,
        first_country=found.first_country,
        count=found.count,
        notice=found.notice,
        recent=found.recent,
        countries=found.countries,
    )


def photo_href(connection: Connection, lot: str) -> str:
    """The photo that was shown last, of the lot or of the nearest one that it was split from."""
    for name in line_of(connection, lot):
        for file in public_photos.of_lot(connection, name):
            return f"/photos/{file}"
    return ""


def is_gone(state: LotState) -> bool:
    """Whether nothing of the lot is left that could be in anybody's hand."""
    return state.quantity == 0 and state.exit in ("destroyed", "lost")


def _claim_href(connection: Connection, code: str) -> str:
    return f"/q/{code}/claim" if code and claims.is_claimable(connection, code) else ""


def verdict_of(
    record: Literal["unaltered", "part-missing", "changed"],
    reasons: Sequence[Reason],
    *,
    claimed: bool,
    notice: str,
) -> Verdict:
    """The gravest of what is known. record: of its history alone. notice: as ``Scans`` has it."""
    slugs = {reason.slug for reason in reasons}
    if record == "changed" or slugs & {"details-changed", "code-not-of-lot"}:
        return "changed"
    if "recall" in slugs:  # whoever holds the goods has to know, whatever else is wrong
        return "recalled"
    if "goods-gone" in slugs:
        return "gone"
    if "details-missing" in slugs or record == "part-missing":
        return "part-missing"
    if "key-distrusted" in slugs:
        return "distrusted"
    if claimed:
        return "already-claimed"
    return "seen-too-often" if notice in TOO_OFTEN else "unaltered"


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
        label_state=(_label_state(items, traced) if single else common(items, "label_state")) or "",
        quantity=sum(item.quantity for item in items),
        gtin=(first.get("gtin") if single else common(items, "gtin")) or "",
    )


def _label_state(items: Sequence[Item], traced: Sequence[Traced]) -> str | None:
    return traced[0].label_state if traced else items[0].facts["label_state"]
