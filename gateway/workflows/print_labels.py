"""Labels of a lot: chosen, made and read again by a job, then released together with their record.

A run exists from the moment it is asked for. Nothing of it can be fetched before ``release``, which
records ``labels.printed`` of every lot, keeps the digests of the hidden codes and names the file, all in
one transaction: a crash before it leaves a run that waits, and the job makes it again.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection

from exporters.errors import SymbolTooSmall
from exporters.labels import stock
from exporters.labels.sheet import place
from gateway.errors import Refused
from gateway.store import claims, goods, labels
from gateway.store.claims import HiddenCode
from gateway.store.goods import CodeLink, Item
from gateway.store.labels import LabelRun, RunLabel
from gateway.wiring import Installation
from gateway.workflows.parties import operator_hand
from gateway.workflows.work import Work
from ledger.author import described, salted_rows
from ledger.core.subjects import subject_id
from ledger.lots.state import LotState
from ledger.records.labels import LABELS
from ledger.store import log
from qrcodes import signed_link
from qrcodes.errors import InvalidCode, SymbolTooLong
from qrcodes.hidden import ENTROPY_SIZE, hidden_digest, new_hidden, printed_hidden
from qrcodes.label import Label, label
from qrcodes.serial import code_hash, read_code
from qrcodes.signed_link import Answer, LabelFacts

LABELS_MAX: Final = 20_000  # of one run: two boxes of sheets, and a record far below its limit
LOTS_MAX: Final = 50
CODES_TYPED_MAX: Final = 500
LEVELS: Final = ("lot", "article", "style", "carton")
SIGNING_KEY: Final = "warehouse"  # holds the scope labels.printed:custodian
Variant = Literal["plain", "signed"]
Purpose = Literal["first", "reprint"]
Name = Callable[[Sequence[Item], str], str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for. codes: as typed, and then these alone; else all of lots at levels.

    a_piece: as many labels of a style as it has pieces. reason: of a reprint.
    """

    lots: tuple[str, ...]
    levels: tuple[str, ...]
    format: str
    codes: tuple[str, ...] = ()
    variant: Variant = "plain"
    hidden: bool = False
    a_piece: bool = False
    purpose: Purpose = "first"
    reason: str = ""
    language: str = "en"


def plan(connection: Connection, wanted: Wanted, public_url: str) -> list[RunLabel]:
    """The labels that ``wanted`` asks for, in the order in which they are printed; no hidden codes yet.

    Raises Refused: ``labels-code-unknown``, ``labels-none``, ``labels-all-printed``,
    ``labels-none-printed``, ``labels-too-many``, ``labels-no-room`` (the symbol would be too small),
    ``labels-no-scratch`` and ``labels-no-hidden`` (hidden codes are asked for where none can be).
    """
    links = _links(connection, wanted)
    if not links:
        raise Refused("labels-none", "no codes of these kinds were issued")
    printed = labels.printed(connection, [link.code for link in links])
    links = [link for link in links if (link.code in printed) == (wanted.purpose == "reprint")]
    if not links and wanted.purpose == "first":
        raise Refused("labels-all-printed", "all of them were printed; print them again with a reason")
    if not links:
        raise Refused("labels-none-printed", "none of them was printed before")
    found = _labels(connection, wanted, links)
    if sum(one.copies for one in found) > LABELS_MAX:
        raise Refused("labels-too-many", f"at most {LABELS_MAX} labels a run", limit=LABELS_MAX)
    _check_room(found[0], wanted, public_url)
    if wanted.hidden:
        _check_hidden(connection, found, wanted)
    return found


def order_run(
    work: Work, wanted: Wanted, *, by: str, now: datetime, start: Callable[[Connection, str], str]
) -> LabelRun:
    """Write a run down. start: causes its job in the same transaction, returns the job's id.

    Raises what ``plan`` raises.
    """
    connection = work.connection
    found = plan(connection, wanted, work.installation.public_url)
    if wanted.hidden:
        found = [_with_hidden(connection, one) for one in found]
    run = LabelRun(
        id=f"run:{subject_id('lot', secrets.token_bytes(13)).partition(':')[2]}",
        format=wanted.format,
        variant=wanted.variant,
        purpose=wanted.purpose,
        reason=wanted.reason if wanted.purpose == "reprint" else "",
        labels=sum(one.copies for one in found),
        hidden=any(one.hidden for one in found),
        language=wanted.language,
        made_by=by,
        made_at=now,
    )
    labels.add(connection, run, found)
    job = start(connection, run.id)
    labels.given_to(connection, run.id, job)
    return replace(run, job=job)


def sign_run(installation: Installation, run: LabelRun) -> None:
    """Sign what the labels of a signed run state, once: a run begun again prints the same signatures."""
    with installation.database.reading() as connection:
        waiting = [one for one in labels.labels_of(connection, run.id) if not one.fragment]
        items = _items(connection, waiting)
        states = {one.lot: log.subject(connection, one.lot) for one in waiting}
    signer, today = installation.signer(SIGNING_KEY), installation.clock.now().date()
    fragments = []
    for one in waiting:
        subject = states[one.lot]
        assert subject is not None
        repaired, battery, wiped = _answers(items.get(one.code, ()))
        facts = LabelFacts(
            level=one.level,
            grade=one.grade if one.grade and one.grade in signed_link.GRADES else "-",
            repaired=repaired,
            battery_replaced=battery,
            data_wiped=wiped,
            printed_on=today,
            index=subject.head.index,
            event_id=bytes.fromhex(subject.head.event_id)[: signed_link.EVENT_SIZE],
        )
        fragments.append((one.n, signed_link.sign(one.code, facts, signer)))
    if fragments:
        installation.writer.do(lambda ledger: labels.sign(ledger.connection, run.id, fragments))


def drawn(
    connection: Connection, run: LabelRun, found: Sequence[RunLabel], base: str, name: Name
) -> list[Label]:
    """What stands on each label; as many of each as it has copies. name: of goods, in a language."""
    items = _items(connection, found)
    made: list[Label] = []
    for one in found:
        text = label(
            base,
            one.code,
            level=one.level,  # type: ignore[arg-type]  # as codes.issued names it
            grade=one.grade or None,
            name=name(items.get(one.code, ()), run.language),
            hidden=printed_hidden(one.hidden) if one.hidden else "",
            fragment=one.fragment,
        )
        made += [text] * one.copies
    return made


def release(work: Work, run_id: str, *, sha256: str, size: int, filename: str) -> None:
    """Record what was printed and hand the file out. Done before: nothing happens again.

    Raises InvalidRecord or NotYourLot when the ledger says no; then nothing is released.
    """
    connection = work.connection
    run = labels.one(connection, run_id)
    if run is None or run.state != "waiting":
        return
    found = labels.labels_of(connection, run_id)
    for lot in sorted({one.lot for one in found}):
        mine = [one for one in found if one.lot == lot]
        rows = salted_rows([_row(one) for one in mine])
        work.record(
            "labels.printed",
            [operator_hand(work.installation, SIGNING_KEY, "custodian")],
            {
                "labels": sum(one.copies for one in mine),
                "purpose": run.purpose,
                "reason": run.reason or None,
                "format": run.format,
                "manifest": described(rows, LABELS),
            },
            subjects=[lot],
            rows=[rows],
        )
    claims.add(
        connection,
        [HiddenCode(one.code, run.id, hidden_digest(one.code, one.hidden)) for one in found if one.hidden],
    )
    labels.released(connection, run_id, sha256=sha256, size=size, filename=filename)


def _links(connection: Connection, wanted: Wanted) -> list[CodeLink]:
    if wanted.codes:
        return [_typed(connection, text) for text in dict.fromkeys(wanted.codes)]
    links = [link for lot in wanted.lots for link in goods.codes_of(connection, lot)]
    return [link for link in links if link.level in wanted.levels]


def _typed(connection: Connection, text: str) -> CodeLink:
    try:
        link = goods.code(connection, read_code(text))
    except InvalidCode:
        link = None
    if link is None:
        raise Refused("labels-code-unknown", f"no such code: {text[:40]}", typed=text[:40])
    return link


def _labels(connection: Connection, wanted: Wanted, links: Sequence[CodeLink]) -> list[RunLabel]:
    items = goods.with_ids(connection, {link.article for link in links if link.article is not None})
    grades = {lot: _grade_of_lot(connection, lot) for lot in {link.lot for link in links}}
    found = []
    for n, link in enumerate(links):
        item = items.get(link.article) if link.article is not None else None
        copies = item.quantity if item and wanted.a_piece and link.level == "style" else 1
        grade = item.grade if item else grades[link.lot]
        shown = "" if grade == "ungraded" else grade
        found.append(RunLabel(n, link.code, link.lot, link.level, shown, copies=copies))
    return found


def _grade_of_lot(connection: Connection, lot: str) -> str:
    subject = log.subject(connection, lot)
    state = subject.state if subject else None
    return (state.grade or "") if isinstance(state, LotState) else ""


def _check_room(one: RunLabel, wanted: Wanted, public_url: str) -> None:
    """Whether symbols of this length come out large enough; all labels of a run have links of one length."""
    fragment = "s" * signed_link.FRAGMENT_LENGTH if wanted.variant == "signed" else ""
    printing = stock.printing(wanted.format)
    try:
        sample = label(public_url, one.code, level=one.level, fragment=fragment)  # type: ignore[arg-type]
        place(sample, printing.stock, dots_per_inch=printing.dots_per_inch)
    except (SymbolTooSmall, SymbolTooLong) as error:
        raise Refused("labels-no-room", str(error)) from error


def _check_hidden(connection: Connection, found: Sequence[RunLabel], wanted: Wanted) -> None:
    """Who asked for hidden codes must not cover labels that have none, thinking that they do."""
    if not stock.printing(wanted.format).stock.hidden:
        raise Refused("labels-no-scratch", f"{wanted.format} has no room for a scratch field")
    if not any(_may_hide(connection, one) for one in found):
        raise Refused("labels-no-hidden", "none of these is an article that nobody has claimed yet")


def _may_hide(connection: Connection, one: RunLabel) -> bool:
    """Articles alone have a hidden code, and none once they were claimed."""
    return one.level == "article" and claims.claim_of(connection, one.code) is None


def _with_hidden(connection: Connection, one: RunLabel) -> RunLabel:
    if not _may_hide(connection, one):
        return one
    return replace(one, hidden=new_hidden(secrets.token_bytes(ENTROPY_SIZE)))


def _row(one: RunLabel) -> dict[str, Any]:
    row: dict[str, Any] = {"code": code_hash(one.code).hex()}
    if one.hidden:
        row["hidden"] = hidden_digest(one.code, one.hidden)
    if one.copies > 1:
        row["copies"] = one.copies
    return row


def _items(connection: Connection, found: Sequence[RunLabel]) -> Mapping[str, Sequence[Item]]:
    """Code -> the goods that it stands for: an article, a style, or all of a lot."""
    links = {one.code: goods.code(connection, one.code) for one in found}
    ids = {link.article for link in links.values() if link and link.article is not None}
    by_id = goods.with_ids(connection, ids)
    whole = {one.lot: goods.of_lot(connection, one.lot) for one in found if one.level == "lot"}
    items: dict[str, Sequence[Item]] = {}
    for one in found:
        link = links[one.code]
        item = by_id.get(link.article) if link and link.article is not None else None
        items[one.code] = [item] if item else whole.get(one.lot, []) if one.level == "lot" else []
    return items


def _answers(items: Sequence[Item]) -> tuple[Answer, Answer, Answer]:
    """Repaired, battery replaced, data wiped, as far as repairs were recorded: no repair is no record."""
    repairs = [item.facts.get("repair") or {} for item in items]
    steps = [{step["kind"] for step in repair.get("steps", ())} for repair in repairs]
    is_stated = bool(repairs) and all(repairs)  # a repair that lists its steps says what was not done, too
    return (
        _answer([bool(repair) for repair in repairs], is_stated=False),
        _answer(["battery_replaced" in kinds for kinds in steps], is_stated=is_stated),
        _answer(["data_wiped" in kinds for kinds in steps], is_stated=is_stated),
    )


def _answer(of_each: Sequence[bool], *, is_stated: bool) -> Answer:
    if not any(of_each):
        return Answer.NO if is_stated else Answer.NO_RECORD
    return Answer.YES if all(of_each) else Answer.SOME
