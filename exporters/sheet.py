"""A paper as plain sections: what the PDF, the spreadsheet and the JSON of one document all say.

A printed value is a text, a wording in one or two languages, a fixed word, or a gap: a fact that is
missing, or that does not exist for this shipment and why. A finished document has no missing gap; a
draft shows each one where its value would stand.
"""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from exporters import fields
from exporters.codes import Language
from exporters.dossier import ShipmentDossier
from exporters.frame import wording
from exporters.parts import Wording

_WORDS = Path(__file__).parent / "templates" / "words.toml"


@dataclass(frozen=True)
class Said:
    """A text in English and, where there is one, in the document's other language."""

    en: str
    local: str | None = None


@dataclass(frozen=True)
class FixedWord:
    key: str  # in words.toml


@dataclass(frozen=True)
class Gap:
    """path: the fact that is missing, or that does not apply because of ``reason``."""

    path: str
    reason: str | None = None


Value = str | Said | FixedWord | Gap


@dataclass(frozen=True)
class Row:
    label: str  # a key of words.toml
    value: Value


@dataclass(frozen=True)
class Fields:
    title: str | None
    rows: tuple[Row, ...]
    columns: int = 3


@dataclass(frozen=True)
class Column:
    """share: of the width, against the other columns. unit: printed beside its title."""

    label: str
    share: int = 1
    number: bool = False
    unit: str | None = None


@dataclass(frozen=True)
class Table:
    title: str | None
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Statement:
    title: str
    text: Value
    strong: bool = False


@dataclass(frozen=True)
class Signature:
    name: Value
    position: Value | None
    place: Value | None


Section = Fields | Table | Statement | Signature


@dataclass(frozen=True)
class Sheet:
    sections: tuple[Section, ...]

    def missing(self) -> list[str]:
        """Paths of the gaps that somebody must fill, each once, in the order they stand."""
        found = (value.path for value in _values(self) if isinstance(value, Gap) and value.reason is None)
        return list(dict.fromkeys(found))


class Reader:
    """Looks facts up by their path, so that a gap always knows which fact it is."""

    def __init__(self, dossier: ShipmentDossier) -> None:
        self.dossier = dossier
        self.language: Language = dossier.language

    def value(self, path: str, printed: Callable[[Any], Value] | None = None) -> Value:
        """The fact as it is printed; a gap when there is none."""
        found = fields.state(self.dossier, path)
        if isinstance(found, fields.Missing):
            return Gap(path)
        if isinstance(found, fields.Inapplicable):
            return Gap(path, found.reason)
        if printed:
            return printed(found)
        return self.said(found) if isinstance(found, Wording) else str(found)

    def row(self, label: str, path: str, printed: Callable[[Any], Value] | None = None) -> Row:
        return Row(label, self.value(path, printed))

    def optional(self, label: str, path: str, printed: Callable[[Any], Value] | None = None) -> list[Row]:
        """A row only where the fact is stated, or stated not to apply."""
        row = self.row(label, path, printed)
        return [] if isinstance(row.value, Gap) and row.value.reason is None else [row]

    def said(self, text: Any) -> Said:
        """A Wording, or a name in several languages as ``codes`` gives them."""
        both = wording(text, self.language)
        assert both is not None
        return Said(both["en"], both.get("local"))


def facts(sheet: Sheet) -> list[dict[str, Any]]:
    """The sections in JSON shape: what templates print, and what is attached."""
    return [_section(section) for section in sheet.sections]


def text_of(value: Value, language: Language) -> str:
    """A value on one line, for a cell or a comparison."""
    if isinstance(value, FixedWord):
        value = Said(*word(value.key, language))
    if isinstance(value, Gap):
        return f"[{value.path}]" if value.reason is None else f"n/a: {value.reason}"
    if isinstance(value, Said):
        return f"{value.en} · {value.local}" if value.local else value.en
    return value


def word(key: str, language: Language) -> tuple[str, str | None]:
    """A fixed word in English and in the other language, where it has one."""
    known = _words().get(key, {"en": key.replace("_", " ").capitalize()})
    return known["en"], None if language == "en" else known.get(language)


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(_WORDS.read_text())


def _values(sheet: Sheet) -> Iterator[Value]:
    for section in sheet.sections:
        if isinstance(section, Fields):
            yield from (row.value for row in section.rows)
        elif isinstance(section, Table):
            yield from (cell for row in section.rows for cell in row)
        elif isinstance(section, Statement):
            yield section.text
        else:
            yield from filter(None, (section.name, section.position, section.place))


def _section(section: Section) -> dict[str, Any]:
    made: dict[str, Any] = {"type": _TYPES[type(section)]}
    if isinstance(section, Fields):
        rows = [{"label": row.label, "value": _value(row.value)} for row in section.rows]
        return made | {"title": section.title, "rows": rows, "columns": section.columns}
    if isinstance(section, Table):
        columns = [
            {"label": column.label, "share": column.share, "number": column.number, "unit": column.unit}
            for column in section.columns
        ]
        cells = [[_value(cell) for cell in row] for row in section.rows]
        return made | {"title": section.title, "columns": columns, "rows": cells}
    if isinstance(section, Statement):
        return made | {"title": section.title, "text": _value(section.text), "strong": section.strong}
    return made | {
        "name": _value(section.name),
        "position": section.position and _value(section.position),
        "place": section.place and _value(section.place),
    }


_TYPES: dict[type[Section], Literal["fields", "table", "statement", "signature"]] = {
    Fields: "fields",
    Table: "table",
    Statement: "statement",
    Signature: "signature",
}


def _value(value: Value) -> Any:
    if isinstance(value, FixedWord):
        return {"word": value.key}
    if isinstance(value, Gap):
        return {"missing": value.path} if value.reason is None else {"not_applicable": value.reason}
    if isinstance(value, Said):
        return {"en": value.en} | ({"local": value.local} if value.local else {})
    return value
