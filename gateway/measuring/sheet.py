"""Measurements of thousands of articles in one sheet: its columns, and what its rows say.

One row an article, found by its identifier or, in a sample without one, by the number of its unit.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.measuring import repairs
from gateway.measuring.findings import Article, Finding, override_trouble
from gateway.measuring.questions import GRADES_TO_GIVE, Question, read_answers
from gateway.sheets import Sheet, SheetRow
from ledger.lots.schemes import Scheme

IDENTIFIER: Final = "identifier"
UNIT: Final = "unit"
QUANTITY: Final = "quantity"
OVERRIDE: Final = ("override_grade", "override_reason")
CERTIFICATE: Final = "certificate_sha256"
REPAIRED: Final = (
    *repairs.STEPS,
    "part_origin",
    *(f"{name}_{when}" for when in ("before", "after") for name in ("health", "cycles", "serial")),
    "wipe_method",
    CERTIFICATE,
    "fabric_place",
    "fabric_area",
)
ROWS_MAX: Final = 20_000
REFUSALS_SHOWN: Final = 100
UNITS: Final = {"MMT": "mm", "CMK": "cm2", "P1": "%"}
NO: Final = frozenset({"", "no", "0", "false", "-", "否", "không"})
YES_OR_NO: Final = {"có": "yes", "是": "yes", "y": "yes", "không": "no", "否": "no", "n": "no"}
SLUG: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")

_HEADER_UNIT = re.compile(r"\s*[\[(（].*[\])）]\s*$")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row is not taken. row: as a spreadsheet shows it. slug: of words.FORM_ERRORS."""

    row: int
    column: str
    value: str
    slug: str


@dataclass(frozen=True, slots=True)
class Reading:
    """found: the findings of each article, in the order of the sheet. Nothing is taken beside a refusal."""

    found: tuple[tuple[Article, tuple[Finding, ...]], ...] = ()
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Goods:
    """What a sheet's rows may name. words: input -> what people write -> the scheme's word."""

    by_identifier: Mapping[str, Article]
    by_unit: Mapping[int, Article]
    words: Mapping[str, Mapping[str, str]]


def columns(asked: Sequence[Question], *, is_sample: bool, is_repair: bool) -> list[str]:
    """The header of the template."""
    head = [IDENTIFIER, *([UNIT] if is_sample else []), QUANTITY]
    if is_repair:
        return [*head, *REPAIRED]
    inputs = [f"{one.input} [{UNITS.get(one.unit, one.unit)}]" if one.unit else one.input for one in asked]
    return [*head, *inputs, *OVERRIDE]


def read(
    sheet: Sheet,
    asked: Sequence[Question],
    goods: Goods,
    *,
    scheme: Scheme | None,
    known_files: frozenset[str],
) -> Reading:
    """scheme: None: of a repair. known_files: SHA-256 of those that a row may name as certificate."""
    is_repair = scheme is None
    rows = [row for row in sheet.rows if any(cell.strip() for cell in row.cells)]
    if not rows:
        return Reading(refusals=(Refusal(1, "", "", "sheet-without-rows"),))
    header = [_HEADER_UNIT.sub("", cell).strip().lower().replace(" ", "_") for cell in rows[0].cells]
    names = {IDENTIFIER, UNIT, QUANTITY}
    names |= set(REPAIRED) if is_repair else {one.input for one in asked} | set(OVERRIDE)
    wrong = _header_troubles(rows[0], header, names, len(rows))
    if wrong:
        return Reading(refusals=tuple(wrong))
    found: dict[str, tuple[Article, list[Finding]]] = {}
    refusals: list[Refusal] = []
    for row in rows[1:]:
        cells = dict(zip(header, (cell.strip() for cell in row.cells), strict=False))
        article, place = _article(cells, goods)
        if article is None:
            refusals.append(Refusal(row.number, place, cells.get(place, ""), "article-unknown"))
            continue
        if scheme is None:
            finding, troubles = _repaired(cells, known_files)
        else:
            finding, troubles = _measured(cells, asked, goods.words, scheme)
        troubles |= _take(found, article, finding, cells)
        refusals += [Refusal(row.number, name, cells.get(name, ""), slug) for name, slug in troubles.items()]
    if refusals:
        return Reading(refusals=tuple(refusals))
    return Reading(tuple((article, tuple(findings)) for article, findings in found.values()))


def _header_troubles(head: SheetRow, header: Sequence[str], names: Iterable[str], rows: int) -> list[Refusal]:
    if rows - 1 > ROWS_MAX:
        return [Refusal(head.number, "", "", "sheet-too-long")]
    if rows == 1:
        return [Refusal(head.number, "", "", "sheet-without-rows")]
    known = set(names)
    wrong = [
        Refusal(head.number, name, head.cells[n], "column-unknown" if name not in known else "column-twice")
        for n, name in enumerate(header)
        if name and (name not in known or name in header[:n])
    ]
    if IDENTIFIER not in header and UNIT not in header:
        wrong.append(Refusal(head.number, IDENTIFIER, "", "column-missing"))
    return wrong


def _article(cells: Mapping[str, str], goods: Goods) -> tuple[Article | None, str]:
    """The article of a row, and the column that names it."""
    unit = cells.get(UNIT, "")
    if unit:
        is_number = unit.isascii() and unit.isdigit() and len(unit) <= 9
        return (goods.by_unit.get(int(unit)) if is_number else None), UNIT
    return goods.by_identifier.get(cells.get(IDENTIFIER, "")), IDENTIFIER


def _measured(
    cells: Mapping[str, str],
    asked: Sequence[Question],
    words: Mapping[str, Mapping[str, str]],
    scheme: Scheme,
) -> tuple[dict[str, Any], dict[str, str]]:
    answers = {one.input: _word(words, one.input, cells.get(one.input, "")) for one in asked}
    measured, wrong = read_answers(asked, answers)
    finding: dict[str, Any] = {"measured": measured}
    if not measured and not wrong:
        wrong[asked[0].input] = "answer-missing"
    letter, reason = cells.get(OVERRIDE[0], ""), _word(words, OVERRIDE[1], cells.get(OVERRIDE[1], ""))
    if letter or reason:
        if letter not in GRADES_TO_GIVE:
            wrong[OVERRIDE[0]] = "not-a-choice"
        if not SLUG.fullmatch(reason):
            wrong[OVERRIDE[1]] = "reason-missing"
        finding["override"] = {"grade": letter, "reason": reason}
    if not wrong and override_trouble(scheme, finding):
        wrong[OVERRIDE[0]] = "override-not-possible"
    return finding, wrong


def _word(words: Mapping[str, Mapping[str, str]], input_: str, text: str) -> str:
    return words.get(input_, {}).get(text.lower(), text)


def _repaired(cells: Mapping[str, str], known_files: frozenset[str]) -> tuple[dict[str, Any], dict[str, str]]:
    answers = {
        name: "" if name in repairs.STEPS and cells.get(name, "").lower() in NO else cells.get(name, "")
        for name in REPAIRED
    }
    certificate = answers[CERTIFICATE] if _HASH.fullmatch(answers[CERTIFICATE]) else ""
    steps, wrong = repairs.read_steps(answers, certificate)
    if "certificate" in wrong:
        wrong[CERTIFICATE] = wrong.pop("certificate")
    elif certificate and certificate not in known_files:
        wrong[CERTIFICATE] = "file-not-yours"
    if not steps:
        wrong[IDENTIFIER] = "answer-missing"
    return {"steps": steps}, wrong


def _take(
    found: dict[str, tuple[Article, list[Finding]]],
    article: Article,
    finding: dict[str, Any],
    cells: Mapping[str, str],
) -> dict[str, str]:
    """Add a finding to its article; a second one of a single article is a mistake."""
    text = cells.get(QUANTITY, "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) > 0):
        return {QUANTITY: "quantity-not-a-number"}
    findings = found.setdefault(article.slot, (article, []))[1]
    taken = sum(int(one.get("quantity", 1)) for one in findings)
    quantity = int(text) if text else article.quantity - taken
    if quantity < 1 or taken + quantity > article.quantity:
        return {QUANTITY if text else IDENTIFIER: "more-than-there-are"}
    findings.append({**finding, **({"quantity": quantity} if quantity > 1 else {})})
    return {}
