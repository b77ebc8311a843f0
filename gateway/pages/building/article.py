"""What a code stands for: an article, a style or a lot, with the answers that people ask for.

Everything about one article is read from rows that are proved against signed roots (``rows``); what
the gateway keeps beside them is compared, and a difference is told as a change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from gateway.pages.building.grade import Measured, grade_of
from gateway.pages.building.reading import SHORT, author_time, checking, completeness_of, history_of, short
from gateway.pages.building.rows import RowBook, Traced, contradiction
from gateway.pages.building.steps import People, steps_of, troubles_of
from gateway.pages.views import (
    Answers,
    Article,
    BatteryAnswer,
    CheckLinks,
    ConsumerView,
    OriginAnswer,
    Reason,
    RepairAnswer,
    Signer,
    WipeAnswer,
)
from gateway.pages.views.consumer import Verdict
from gateway.store import goods
from gateway.store.goods import CodeLink, Item
from gateway.wiring import Installation
from ledger.core.leaf import Leaf
from ledger.errors import MissingEvidence, ProofError
from ledger.lots.state import LotState
from ledger.verify import History
from qrcodes import clear_host
from qrcodes.serial import code_hash, printed

WITH_BATTERY: Final = frozenset({"phone"})
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
        traced, reasons = _traced(connection, history, subject)
        reasons = (*troubles_of(history), *reasons, *_code_trouble(history, subject.code))
        article = _article(history.state, subject, traced, language)
        return ConsumerView(
            verdict=_verdict(history, reasons),
            checked_at=installation.clock.now(),
            code=printed(subject.code) if subject.code else "",
            host=clear_host(installation.public_url),
            article=article,
            grade=grade_of(measured_of(traced)),
            answers=_answers(history, traced, article.category, people),
            steps=steps_of(history, people),
            completeness=completeness_of(history),
            check=check_links(installation, subject.lot),
            reasons=reasons,
        )


def subject_of(connection: Connection, link: CodeLink) -> Subject:
    """An article's own page where the code is an article's, else its lot's."""
    if link.article is None:
        return Subject(link.lot, "lot", link.code, tuple(goods.of_lot(connection, link.lot)))
    item = goods.one(connection, link.article)
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


def history_href(lot: str) -> str:
    return f"/v1/lots/{lot.partition(':')[2]}/history"


def measured_of(traced: Sequence[Traced]) -> list[Measured]:
    """The measurements that count: those taken after the last repair."""
    return [
        Measured(one.inspected["measured"], one.inspected_by)
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
    return " · ".join([text, *(attributes[name] for name in ("storage", "size", "colour") if name in attributes)])


def common(items: Sequence[Item], name: str) -> Any:
    """The value that all items share; None where they differ."""
    values = {item.facts[name] for item in items}
    return values.pop() if len(values) == 1 else None


def _traced(
    connection: Connection, history: History, subject: Subject
) -> tuple[tuple[Traced, ...], tuple[Reason, ...]]:
    """Every item followed through signed rows, and what is wrong with that."""
    if not subject.items:
        return (), ((Reason(slug="details-missing"),) if subject.code else ())
    book = RowBook(connection, history)
    traced = []
    try:
        for item in subject.items:
            one = book.trace(item)
            if contradiction(item, one):
                return tuple(traced), (Reason(slug="details-changed", detail=item.facts["identifier"][-SHORT:]),)
            traced.append(one)
    except MissingEvidence:
        return tuple(traced), (Reason(slug="details-missing"),)
    except ProofError:
        if history.verdict == "part-missing":
            return (), ()  # the record that would lead on is the one that is missing
        return (), (Reason(slug="details-changed"),)
    return tuple(traced), ()


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


def _verdict(history: History, reasons: Sequence[Reason]) -> Verdict:
    slugs = {reason.slug for reason in reasons}
    if history.verdict == "changed" or slugs & {"details-changed", "code-not-of-lot"}:
        return "changed"
    return "part-missing" if "details-missing" in slugs else history.verdict


def _article(state: LotState, subject: Subject, traced: Sequence[Traced], language: str) -> Article:
    items = subject.items
    single = subject.level != "lot"
    if not items:
        return Article(
            level="lot",
            lot_short=short(subject.lot),
            name="",
            brand=state.brand or "",
            model=state.model or "",
            category=state.category,
            condition=state.condition or MIXED,
            label_state=state.label_state or "",
            quantity=state.quantity,
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


def _answers(history: History, traced: Sequence[Traced], category: str, people: People) -> Answers:
    leaves = {record.leaf.index: record.leaf for record in history.records if record.leaf is not None}
    by_type = {leaf.record.body.type: leaf for _, leaf in sorted(leaves.items())}
    repairs = [(one.repaired, one.repaired_by) for one in traced if one.repaired_by is not None]
    answers = Answers(
        origin=_origin(traced, by_type.get("lot.declared"), people),
        repair=_repair(traced, by_type.get("lot.inspected"), people),
    )
    if category not in WITH_BATTERY:
        return answers
    return replace(answers, battery=_battery(traced, repairs, people), wipe=_wipe(traced, repairs, people))


def _origin(traced: Sequence[Traced], declared: Leaf | None, people: People) -> OriginAnswer:
    channels = {one.declared.get("origin_channel") for one in traced}
    if declared is None or len(channels) != 1 or None in channels:
        return OriginAnswer()
    channel = next(iter(channels))
    country = traced[0].declared.get("origin_country") if len(traced) else ""
    return OriginAnswer(channel=channel, country=country or "", stated_by=_author(declared, people))


def _repair(traced: Sequence[Traced], inspected: Leaf | None, people: People) -> RepairAnswer:
    """An inspection that names no repair is no statement that none was made."""
    done = [one for one in traced if one.repaired_by is not None]
    if not done:
        del inspected
        return RepairAnswer(answer="no-record")
    leaf = done[0].repaired_by
    assert leaf is not None
    kinds = [step["kind"] for step in leaf.record.body.data["steps"]]
    if len(traced) == 1 and done[0].repaired is not None and "battery_after" not in done[0].repaired:
        kinds = [kind for kind in kinds if kind != "battery_replaced"]
    return RepairAnswer(
        answer="yes", steps=tuple(kinds), stated_by=_author(leaf, people), on=author_time(leaf.record.body).date()
    )


def _battery(
    traced: Sequence[Traced], repairs: Sequence[tuple[dict[str, Any] | None, Leaf | None]], people: People
) -> BatteryAnswer:
    if len(traced) != 1 or not repairs:
        return BatteryAnswer(answer="no-record")
    row, leaf = repairs[0]
    assert row is not None
    assert leaf is not None
    stated = {"stated_by": _author(leaf, people), "on": author_time(leaf.record.body).date()}
    after = row.get("battery_after")
    if after is None:
        return BatteryAnswer(answer="no", **stated)
    before = row.get("battery_before", {})
    return BatteryAnswer(
        answer="yes",
        **stated,
        part_origin=row.get("part_origin", "unknown"),
        health_before=_per_cent(before.get("health")),
        health_after=_per_cent(after.get("health")),
        cycles_before=before.get("cycles"),
        cycles_after=after.get("cycles"),
    )


def _wipe(
    traced: Sequence[Traced], repairs: Sequence[tuple[dict[str, Any] | None, Leaf | None]], people: People
) -> WipeAnswer:
    methods = {row.get("wipe_method") for row, _ in repairs if row is not None}
    if not methods or None in methods or len(repairs) != len(traced) or len(methods) != 1:
        return WipeAnswer(answer="no-record")
    leaf = repairs[0][1]
    assert leaf is not None
    return WipeAnswer(
        answer="yes",
        method=str(next(iter(methods))),
        stated_by=_author(leaf, people),
        on=author_time(leaf.record.body).date(),
    )


def _per_cent(value: dict[str, str] | None) -> int | None:
    return None if value is None else round(float(value["value"]))


def _author(leaf: Leaf, people: People) -> Signer:
    return people.signers(leaf)[0]
