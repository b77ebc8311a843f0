"""A sheet that nobody has seen -> where its header stands, and what each column seems to mean. Pure.

A proposal, with a few values beside each column: a person confirms it before anything is read by it.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final, Literal

from gateway.consignments.fields import Field, fields, marks
from gateway.consignments.layout import HEADER_ROWS_MAX
from gateway.consignments.shapes import Shape, column_as, reads, shape_of
from gateway.consignments.text import clean, fold, header_key, loose_key
from gateway.sheets import COLUMNS_MAX, Sheet, SheetRow, UnreadableSheet

Certainty = Literal["sure", "likely", "none"]
SAMPLED_ROWS: Final = 300
SAMPLES_SHOWN: Final = 3
SAMPLE_CHARS: Final = 60
HEADERS_KNOWN_MIN: Final = 2  # fewer known headers: a person has to say what the columns are
FIT_MIN: Final = 0.5  # below it, a column is not what its header says
ALONE: Final = {"imei": 0.9, "gtin": 0.9, "category": 0.8, "condition": 0.8}  # told by their values, unnamed

_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|<.*?>")
_HAN: Final = r"[\u3400-\u9fff]"
_UNIT_LAST = re.compile(
    rf"(?:(?<=\S)[\s/]+|(?<={_HAN})[\s/]*)(?:kgs?|g|grams?|mm|cm|cm2|%|千克|公斤|克|毫米|厘米)\s*$",
    re.IGNORECASE,
)
_SCRIPTS = re.compile(rf"[/|、,;:\n]+|(?<={_HAN})\s*(?=[A-Za-z])|(?<=[A-Za-z.])\s*(?={_HAN})")
UNSHAPED: Final = Shape()
_KEPT_IN: Final = {"mass": "g", "length": "mm"}
_PARTS: Final = ("length", "width", "height")


@dataclass(frozen=True, slots=True)
class Proposed:
    """One column. index: from 0. nth: which of the columns with this header. filled: cells with a value.

    field: "" where nobody can tell. read_as: what the first sample would be read as, where that differs.
    """

    index: int
    header: str
    nth: int
    samples: tuple[str, ...]
    filled: int
    field: str = ""
    shape: Shape = UNSHAPED
    certainty: Certainty = "none"

    @property
    def read_as(self) -> str:
        known = fields().get(self.field)
        if known is None or not self.samples or known.kind in ("text", "ignored", "word"):
            return ""
        value = reads(column_as(known, self.header, self.shape), self.samples[0])
        text = _told(value, known.kind)
        return "" if text == clean(self.samples[0]) else text


@dataclass(frozen=True, slots=True)
class Proposal:
    """header_row: as the sheet numbers it. unnamed: letters of columns with values and no header."""

    sheet: str
    header_row: int
    columns: tuple[Proposed, ...]
    rows_below: int
    unnamed: tuple[str, ...]
    is_known: bool  # enough of the headers are


def propose(sheet: Sheet) -> Proposal:
    """Raises UnreadableSheet: empty, only a header, far too wide."""
    if not any(clean(cell) for row in sheet.rows[:HEADER_ROWS_MAX] for cell in row.cells):
        raise UnreadableSheet("the sheet is empty", code="sheet-empty")
    position, known = find_header(sheet.rows)
    header, below = sheet.rows[position], sheet.rows[position + 1 :]
    if sum(bool(clean(text)) for text in header.cells) > COLUMNS_MAX:
        raise UnreadableSheet(f"more than {COLUMNS_MAX} columns", code="sheet-too-wide")
    if not any(clean(cell) for row in below for cell in row.cells):
        raise UnreadableSheet(f"no row stands below the header in row {header.number}", code="sheet-no-rows")
    sampled = [row for row in below if any(row.cells)][:SAMPLED_ROWS]
    columns = _assigned(_columns(header, sampled), sampled)
    return Proposal(
        sheet=sheet.name,
        header_row=header.number,
        columns=columns,
        rows_below=len(below),
        unnamed=_unnamed(header, sampled),
        is_known=known >= HEADERS_KNOWN_MIN,
    )


def find_header(rows: Sequence[SheetRow]) -> tuple[int, int]:
    """Position of the row that names the columns, and how many of its headers are known.

    The row with the most known headers, the first of several; else the first that is filled as widely
    as any and has no numbers in it.
    """
    best = max(range(min(len(rows), HEADER_ROWS_MAX)), key=lambda n: (len(_known_headers(rows[n])), -n))
    known = len(_known_headers(rows[best]))
    if known >= HEADERS_KNOWN_MIN:
        return best, known
    head = rows[:HEADER_ROWS_MAX]
    widest = max(sum(bool(clean(cell)) for cell in row.cells) for row in head)
    for n, row in enumerate(head):
        filled = [cell for cell in row.cells if clean(cell)]
        if len(filled) * 5 >= widest * 4 and not any(re.fullmatch(r"[0-9.,%¥$ -]+", one) for one in filled):
            return n, known
    return best, known


@lru_cache(maxsize=4_096)
def header_score(name: str, header: str) -> float:
    """How well a header names a field: 1 in so many words, less where it only holds them, 0 not at all."""
    field = fields()[name]
    keys = _header_keys(header)
    for position, known in enumerate(field.names):
        if known in keys[:2]:
            return 1.0 - position / 1_000
    if any(part in field.names for part in keys[2:]):
        return 0.95
    inside = [known for known in field.names if _holds(keys[1], known, fold(header))]
    return 0.5 + 0.3 * max(map(len, inside)) / len(keys[1]) if inside else 0.0


def _header_keys(header: str) -> list[str]:
    """The header as it is compared: whole, without brackets and units, then each of its languages."""
    whole, bare = loose_key(header), _UNIT_LAST.sub("", _BRACKETS.sub("", clean(header)))
    parts = [loose_key(part) for part in _SCRIPTS.split(bare) if part.strip()]
    return [whole, loose_key(bare) or whole, *parts]


def _holds(bare: str, name: str, words: str) -> bool:
    """Whether a longer header has the name in it; of Latin ones as whole words only."""
    if name.isascii():
        return len(name) >= 4 and re.search(rf"(?:^|[^a-z]){re.escape(name)}(?:$|[^a-z])", words) is not None
    return len(name) >= 2 and name in bare


@cache
def _named() -> Mapping[str, str]:
    """Header key -> a field that it names in so many words."""
    return {key: name for name, field in fields().items() for key in field.names}


def _known_headers(row: SheetRow) -> set[str]:
    named = _named()
    texts = {text for text in row.cells if 0 < len(text) <= SAMPLE_CHARS and clean(text)}
    return {named[key] for text in texts for key in _header_keys(text) if key in named}


def _columns(header: SheetRow, sampled: Sequence[SheetRow]) -> list[Proposed]:
    seen: Counter[str] = Counter()
    columns = []
    for index, text in enumerate(header.cells):
        if not clean(text):
            continue
        seen[header_key(text)] += 1
        values = _values(sampled, index)
        shown = tuple(dict.fromkeys(clean(value)[:SAMPLE_CHARS] for value in values))[:SAMPLES_SHOWN]
        columns.append(Proposed(index, clean(text), seen[header_key(text)], shown, len(values)))
    return columns


def _values(rows: Sequence[SheetRow], index: int) -> list[str]:
    return [row.cells[index] for row in rows if index < len(row.cells) and clean(row.cells[index])]


def _assigned(columns: Sequence[Proposed], sampled: Sequence[SheetRow]) -> tuple[Proposed, ...]:
    """Each field goes to the column that fits it best, the best pairs first."""
    missing = frozenset(marks().missing)
    pairs: list[tuple[float, int, Proposed]] = []
    for n, one in enumerate(columns):
        values = _values(sampled, one.index)
        for field in fields().values():
            score, shape = _pair(field, one.header, values, missing)
            if score > 0:
                certainty: Certainty = "sure" if score >= 0.85 and not shape.doubts else "likely"
                pairs.append((score, n, replace(one, field=field.name, shape=shape, certainty=certainty)))
    chosen: dict[int, Proposed] = {}
    taken: set[str] = set()
    for _, n, pair in sorted(pairs, key=lambda found: (-found[0], found[1])):
        if n not in chosen and pair.field not in taken:
            chosen[n] = pair
            taken.add(pair.field)
    if not taken >= set(_PARTS):  # one side alone says nothing of what it is a side of
        chosen = {n: pair for n, pair in chosen.items() if pair.field not in _PARTS}
    return tuple(chosen.get(n, one) for n, one in enumerate(columns))


def _pair(field: Field, header: str, values: Sequence[str], missing: frozenset[str]) -> tuple[float, Shape]:
    named = header_score(field.name, header)
    if not named and field.name not in ALONE:
        return 0.0, UNSHAPED
    shape = shape_of(field, header, values, missing)
    if not named:
        said = [value for value in values if fold(value) not in missing]
        return (0.6 * shape.fit if said and shape.fit >= ALONE[field.name] else 0.0), shape
    is_free = field.kind in ("text", "ignored", "word", "damage", "style_number")
    if not values:
        return named * 0.8, shape
    if shape.fit < FIT_MIN and not is_free:
        return 0.0, shape
    telling = 0.0 if field.kind in ("text", "ignored") else 0.05  # a form that fits says more than any text
    return named * (0.8 + 0.2 * shape.fit if not is_free else 1.0) + telling * shape.fit, shape


def _unnamed(header: SheetRow, sampled: Sequence[SheetRow]) -> tuple[str, ...]:
    width = max((len(row.cells) for row in sampled), default=0)
    named = {index for index, text in enumerate(header.cells) if clean(text)}
    return tuple(letters(index) for index in range(width) if index not in named and _values(sampled, index))


def letters(index: int) -> str:
    """0 -> A, 26 -> AA: as spreadsheet programs call a column."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def _told(value: object, kind: str) -> str:
    """A value in the units in which it is kept."""
    match value:
        case Mapping():
            return ", ".join(_told(one, kind) for one in value.values() if one != value.get("unit"))
        case tuple():
            return f"{' × '.join(map(str, value))} mm"
        case int() if kind in _KEPT_IN:
            return f"{value} {_KEPT_IN[kind]}"
        case int() if kind == "money":
            return f"{value // 100}.{value % 100:02d}"
    return "" if value is None else str(value)
