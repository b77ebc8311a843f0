"""What was typed into the forms that describe a sheet -> a draft, or what is wrong with which field."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from gateway.consignments.cells import number
from gateway.consignments.fields import BRAND, fields, marks
from gateway.consignments.profile import CONSTANTS, WITHOUT_MINOR, Mapped, Problem, Profile, takes
from gateway.consignments.propose import Proposed
from gateway.consignments.shapes import Shape, shape_of
from gateway.consignments.text import clean, fold
from gateway.pages.building.imports import REFUSE
from gateway.routes.fields import text_error
from gateway.store.profiles import Draft
from gateway.workflows.describe_file import WORDS_MAX, Looked, Word, left_to_say

TEXT_MAX: Final = 200
AMOUNT_MAX: Final = 10**15  # minor units
COMMA_LAST: Final = re.compile(r",[0-9]{1,2}\Z")  # 100.000,50 as it is written in Vietnam
GROUPED_BY_POINTS: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+")  # a hundred, or a hundred thousand?
_PLACES: Final = {"columns": "", "constants": ""}


class FormErrors(Exception):
    """errors: field of the form -> slug of words.FORM_ERRORS."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(str(dict(errors)))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Columns:
    """look_again: how a column is read was found out anew, and nobody has seen it yet."""

    draft: Draft
    errors: dict[str, str]
    look_again: bool


def keep_columns(draft: Draft, looked: Looked, typed: Mapping[str, str]) -> Columns:
    """Take the meanings of the columns. Of a column whose meaning changed the rest is found out anew."""
    before = {(one.header, one.nth): one for one in draft.profile.columns}
    columns, errors, look_again = [], {}, False
    for n, one in enumerate(looked.proposal.columns):
        said = before.get((one.header[:TEXT_MAX], one.nth))
        wanted = typed.get(f"c{n}", "")
        if wanted and wanted not in fields():
            errors[f"c{n}"] = "meaning-unknown"
            continue
        if said is not None and said.field == wanted:
            mapped, slug = _as_typed(said, n, typed)
            if slug:
                errors[f"u{n}"] = slug
        else:
            mapped, is_doubtful = _found_out(one, wanted, looked)
            look_again = look_again or is_doubtful
        columns.append(mapped)
    twice = [name for name, count in Counter(one.field for one in columns).items() if count > 1]
    for n in range(len(looked.proposal.columns)):
        wanted = typed.get(f"c{n}", "")
        if wanted in twice and wanted and fields()[wanted].kind != "ignored":
            errors[f"c{n}"] = "field-twice"
    if not any(one.field for one in columns):
        errors.setdefault("", "nothing-mapped")
    profile = draft.profile.model_copy(update={"columns": tuple(columns), "sheet": looked.sheet.name})
    return Columns(replace(draft, profile=profile), errors, look_again)


def _as_typed(said: Mapped, n: int, typed: Mapping[str, str]) -> tuple[Mapped, str]:
    field = fields().get(said.field)
    unit = typed.get(f"u{n}", said.unit)
    if field is not None and unit and unit not in field.units:
        return said, "unit-unfit"
    facts: dict[str, Any] = {"unit": unit}
    if typed.get(f"d{n}") in ("ymd", "dmy", "mdy", "serial"):
        facts["dates"] = typed[f"d{n}"]
    if typed.get(f"p{n}") in (".", ","):
        facts["decimals"] = typed[f"p{n}"]
    return said.model_copy(update=facts), ""


def _found_out(one: Proposed, wanted: str, looked: Looked) -> tuple[Mapped, bool]:
    if not wanted:
        return Mapped(header=one.header[:TEXT_MAX], nth=one.nth), False
    shape = shape_in(looked, one, wanted)
    mapped = Mapped(
        header=one.header[:TEXT_MAX],
        nth=one.nth,
        field=wanted,
        unit=shape.unit,
        dates=shape.dates,
        decimals=shape.decimals,
    )
    return mapped, bool(set(shape.doubts) - {"words"})


def shape_in(looked: Looked, one: Proposed, field: str) -> Shape:
    """How this column of the sheet would be read as ``field``."""
    if field == one.field:
        return one.shape
    below = [row for row in looked.sheet.rows if row.number > looked.proposal.header_row][:300]
    values = [row.cells[one.index] for row in below if one.index < len(row.cells)]
    return shape_of(fields()[field], one.header, values, frozenset(marks().missing))


def facts_of(
    draft: Draft, words: Mapping[str, Sequence[Word]], typed: Mapping[str, str], suppliers: set[str]
) -> Draft:
    """Take everything else that is to be said. Raises FormErrors."""
    errors: dict[str, str] = {}
    texts = {name: clean(text) for name, text in typed.items()}
    for name, text in texts.items():
        slug = text_error(text, TEXT_MAX) if text else ""
        if slug:
            errors[name] = slug
    if texts.get("supplier", "") not in suppliers:
        errors["supplier"] = "supplier-unknown" if texts.get("supplier") else "supplier-missing"
    currency = texts.get("currency", "")
    amount = price_of(texts.get("price", ""), currency)
    if texts.get("price") and amount is None:
        errors["price"] = "price-unreadable"
    profile = draft.profile.model_copy(
        update={
            "name": texts.get("name", ""),
            "supplier": texts.get("supplier", ""),
            "supply_mode": texts.get("supply_mode", ""),
            "surplus_cause": texts.get("surplus_cause", ""),
            "consigned_until": texts.get("consigned_until", ""),
            "constants": {name: texts[f"k-{name}"] for name in CONSTANTS if texts.get(f"k-{name}")},
            "words": _words(draft.profile, words, texts, errors),
        }
    )
    said = replace(draft, profile=profile, amount_minor=amount, currency=currency)
    for problem in left_to_say(said):
        errors.setdefault(_place(problem), problem.slug)
    if errors:
        raise FormErrors(errors)
    return said


def price_of(text: str, currency: str) -> int | None:
    """Minor units; None for what is no amount of this currency, or could be two: 100.000."""
    value = number(text, decimals="," if COMMA_LAST.search(text.strip()) else ".")
    if value is None or value <= 0 or GROUPED_BY_POINTS.fullmatch(text.strip()):
        return None
    minor = value if currency in WITHOUT_MINOR else value * 100
    return int(minor) if minor == int(minor) and minor <= Decimal(AMOUNT_MAX) else None


def _words(
    profile: Profile,
    found: Mapping[str, Sequence[Word]],
    texts: Mapping[str, str],
    errors: dict[str, str],
) -> dict[str, dict[str, str]]:
    """Words of earlier sheets stay as they were said."""
    said = {name: dict(words) for name, words in profile.words.items()}
    for name, every in found.items():
        if len(every) > WORDS_MAX:
            errors[f"w-{name}-0"] = "too-many-words"
        known = set(fields()[name].words.values())
        for n, word in enumerate(every[:WORDS_MAX]):
            answer = texts.get(f"w-{name}-{n}", "")
            if takes(name) == BRAND:
                answer = answer or REFUSE
            elif not answer:
                errors[f"w-{name}-{n}"] = "word-missing"
            elif answer != REFUSE and answer not in known:
                errors[f"w-{name}-{n}"] = "word-unknown"
            said.setdefault(name, {})[fold(word.text)] = "" if answer == REFUSE else answer
    return said


def _place(problem: Problem) -> str:
    """The form's field that a problem stands next to."""
    if problem.where in CONSTANTS:
        return f"k-{problem.where}"
    return _PLACES.get(problem.where, problem.where)
