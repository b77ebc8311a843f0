"""A sheet of measurements for a work order: its template, and taking it, whole or not at all."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from gateway.errors import GatewayError
from gateway.files.intake import sheet_in
from gateway.i18n import LANGUAGES, translations
from gateway.measuring import sheet as sheets
from gateway.measuring.findings import Article, Finding, lowest_of, units_of
from gateway.measuring.questions import OVERRIDES, Question, questions
from gateway.measuring.sheet import Goods, Reading, Refusal
from gateway.pages import words
from gateway.people.identity import Identity
from gateway.sheets import Sheet, SheetError, read_sheet
from gateway.store import drafts, files
from gateway.wiring import Installation
from gateway.workflows import measure
from gateway.workflows.measure import Bench


class SheetRefused(GatewayError):
    """Rows that are not taken; then none is. refusals: in the order of the sheet."""

    code = "file-refused"

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(f"{len(refusals)} cells cannot be taken")
        self.refusals = tuple(refusals)
        self.reason = "sheet-rows-refused"


@dataclass(frozen=True, slots=True)
class Taken:
    articles: int
    units: int


def asked_of(bench: Bench) -> tuple[Question, ...]:
    """What a work order asks of each article; nothing for repairs."""
    return questions(bench.scheme) if bench.kind == "inspection" and bench.scheme else ()


def template(connection: Connection, bench: Bench) -> str:
    """CSV: the header, and a row for each article that nobody measured yet."""
    done = {draft.slot for draft in drafts.of_work(connection, bench.work) if draft.state == "measured"}
    names = {line.n: line.identifier for line in drafts.lines(connection, bench.lot)}
    head = sheets.columns(
        asked_of(bench), is_sample=bench.sample is not None, is_repair=bench.kind != "inspection"
    )
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    table.writerow(head)
    for article in measure.articles(connection, bench):
        if article.slot in done:
            continue
        identifier = names.get(article.source[1], "") if article.source else ""
        cells = {"identifier": identifier, "unit": str(article.first), "quantity": str(article.quantity)}
        table.writerow([_safe(cells.get(name, "")) for name in head])
    return "\ufeff" + text.getvalue()  # the mark tells spreadsheet programs that this is UTF-8


def take(installation: Installation, identity: Identity, work: str, data: bytes) -> Taken:
    """Read a sheet and write its findings over what stood there.

    Raises FileRefused, SheetRefused with every refused cell, NotFound, Refused ``work-closed``.
    """
    try:
        sheet = read_sheet(sheet_in(data))
    except SheetError as error:
        raise SheetRefused([Refusal(1, "", str(error)[:200], "sheet-unreadable")]) from error
    units = 0

    def found(connection: Connection, bench: Bench) -> list[tuple[Article, Mapping[str, Any]]]:
        nonlocal units
        reading = _read(connection, bench, sheet, identity.organisation)
        if reading.refusals:
            raise SheetRefused(reading.refusals)
        units = sum(units_of(findings) for _, findings in reading.found)
        return [(article, _members(bench, findings)) for article, findings in reading.found]

    articles = measure.save_many(installation, identity, work, found)
    return Taken(articles, units)


def _read(connection: Connection, bench: Bench, sheet: Sheet, party: str) -> Reading:
    articles = measure.articles(connection, bench)
    names = {line.n: line.identifier for line in drafts.lines(connection, bench.lot)}
    named = [(names[one.source[1]], one) for one in articles if one.source]
    often = Counter(name for name, _ in named)  # drawn pieces of one style are told apart by their units
    by_identifier = {name: one for name, one in named if often[name] == 1}
    goods = Goods(by_identifier, {one.first: one for one in articles if one.is_drawn}, _spellings(bench))
    kept = files.of_lot(connection, bench.lot)
    own = frozenset(file.sha256 for file in kept if file.owner == party and file.erased_at is None)
    scheme = bench.scheme if bench.kind == "inspection" else None
    return sheets.read(sheet, asked_of(bench), goods, scheme=scheme, known_files=own)


def _members(bench: Bench, findings: tuple[Finding, ...]) -> Mapping[str, Any]:
    graded = bench.kind == "inspection" and bench.scheme is not None
    grade = lowest_of(bench.scheme, findings) if graded and bench.scheme else ""
    found = {"findings": findings, "grade": grade, "units": units_of(findings)}
    return {"state": "measured", "source": "sheet", **found}


def _spellings(bench: Bench) -> Mapping[str, Mapping[str, str]]:
    """What people write for the words of a scheme, in every language of the pages."""
    known: dict[str, dict[str, str]] = {sheets.OVERRIDE[1]: {}}
    for reason in OVERRIDES:
        known[sheets.OVERRIDE[1]] |= dict.fromkeys(
            _in_all(words.message_id("override_reasons", reason)), reason
        )
    for one in asked_of(bench):
        spelled = known.setdefault(one.input, {})
        for word in one.words:
            message = words.message_id("findings", f"{one.part}-{word}") or words.message_id("findings", word)
            for text in _in_all(message):
                spelled.setdefault(text, word)
        if {"yes", "no"} <= set(one.words):
            for text, word in sheets.YES_OR_NO.items():
                spelled.setdefault(text, word)
    return known


def _in_all(message: str | None) -> list[str]:
    """A message in every language of the pages, as a cell is compared."""
    return [translations(tag).gettext(message).lower() for tag in LANGUAGES] if message else []


def _safe(cell: str) -> str:
    """What a spreadsheet would compute is written as text."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell
