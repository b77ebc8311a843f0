"""Answers as they come from a form or from JSON, read by the kind of their field.

Every field that does not fit is told, not the first alone. Options are asked again: what was not
offered is not taken.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from exporters.codes import COUNTRIES
from gateway.i18n import EXPONENTS
from gateway.statements.action import Action, Ask, Field, FieldRefused

TEXT_BYTES_MAX: Final = 200
LINES_MAX: Final = 400
COUNT_MAX: Final = 10**9
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WORKER: Final = re.compile(r"worker:[0-9abcdefghjkmnpqrstvwxyz]{20}")
DIGITS: Final = re.compile(r"[0-9]{1,12}")
CURRENCY: Final = re.compile(r"[A-Z]{3}")
CURRENCIES: Final = (
    "CNY",
    "USD",
    "EUR",
    "VND",
    "HKD",
    "JPY",
    "GBP",
)  # offered in forms; others are taken, too
HASH: Final = re.compile(r"[0-9a-f]{64}")
EMPTY: Final[Mapping[str, Any]] = {"yes": False, "lines": (), "choices": (), "lots": (), "countries": ()}
SEVERAL: Final = frozenset({"lines", "choices", "lots", "countries"})


@dataclass(frozen=True, slots=True)
class Sent:
    """What came. values: of a form, field -> texts. files: field -> SHA-256 of what was sent along."""

    values: Mapping[str, Sequence[str]]
    files: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        found = self.values.get(name, ())
        return found[0].strip() if found else ""


@dataclass(frozen=True, slots=True)
class Answered:
    """answers: by field, None (or empty) where an optional one is absent. errors: field -> slug."""

    answers: Mapping[str, Any]
    errors: Mapping[str, str]


def read(action: Action, ask: Ask, sent: Sent) -> Answered:
    """The answers to an action's fields; those that do not fit are missing, and named in ``errors``."""
    answers: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for one in action.fields:
        try:
            answers[one.name] = _answer(one, ask, sent)
        except FieldRefused as error:
            errors[one.name] = error.slug
    return Answered(answers, errors)


def from_json(action: Action, value: Mapping[str, Any]) -> Sent:
    """The members of a JSON body as a form would send them.

    Raises FieldRefused ``extra_forbidden`` for a member that is no field, ``text-unreadable`` for one of
    the wrong shape.
    """
    kinds = {one.name: one.kind for one in action.fields}
    values: dict[str, list[str]] = {}
    files: dict[str, str] = {}
    for name, member in value.items():
        kind = kinds.get(name)
        if kind is None:
            raise FieldRefused(name, "field-unknown")
        if kind == "file" and isinstance(member, str) and HASH.fullmatch(member):
            files[name] = member
        elif kind == "money" and _is_money(member):
            amount, currency = member["amount_minor"], member["currency"]
            values[name] = [_major(amount, currency)]
            values[f"{name}_currency"] = [currency]
        elif kind == "mass" and _is_count(member):
            values[name] = [f"{member // 1000}.{member % 1000:03d}"]
        else:
            values[name] = _texts(name, kind, member)
    return Sent(values, files)


def one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _answer(one: Field, ask: Ask, sent: Sent) -> Any:
    if one.kind == "file":
        digest = sent.files.get(one.name)
        if digest is None and (one.required or sent.text(one.name)):  # a hash that names no file of theirs
            raise FieldRefused(one.name, "file-missing")
        return digest
    if one.kind == "yes":
        given = sent.text(one.name) == "yes"
        if one.required and not given:
            raise FieldRefused(one.name, "not-understood")
        return given
    if one.kind in SEVERAL:
        return _several(one, ask, sent)
    text = sent.text(one.name)
    if not text:
        if one.required:
            raise FieldRefused(one.name, "text-missing")
        return EMPTY.get(one.kind)
    if one.kind == "money":
        return _money(one, text, sent.text(f"{one.name}_currency"))
    if one.options is not None:
        return _offered(one, ask, text)
    return _READ[one.kind](one, text)


def _several(one: Field, ask: Ask, sent: Sent) -> tuple[str, ...]:
    texts = [text.strip() for text in sent.values.get(one.name, ()) if text.strip()]
    if one.kind == "lines" or (one.kind == "lots" and one.options is None):
        texts = [line for text in texts for line in (one_line(part) for part in text.splitlines()) if line]
    texts = list(dict.fromkeys(texts))
    if one.required and not texts:
        raise FieldRefused(one.name, "nothing-chosen" if one.kind != "lines" else "text-missing")
    if len(texts) > LINES_MAX:
        raise FieldRefused(one.name, "text-too-long")
    if one.options is not None:
        return tuple(_offered(one, ask, text) for text in texts)
    if one.kind == "countries":
        if any(text not in COUNTRIES for text in texts):
            raise FieldRefused(one.name, "choice-unknown")
        return tuple(sorted(texts))
    return tuple(_text(one, text) for text in texts)


def _offered(one: Field, ask: Ask, text: str) -> str:
    assert one.options is not None
    if text not in {option.value for option in one.options(ask)}:
        raise FieldRefused(one.name, "choice-unknown")
    return text


def _text(one: Field, text: str) -> str:
    line = one_line(text)
    if any(unicodedata.category(character)[0] == "C" for character in line):
        raise FieldRefused(one.name, "text-unreadable")
    if len(line.encode()) > TEXT_BYTES_MAX:
        raise FieldRefused(one.name, "text-too-long")
    return line


def _count(one: Field, text: str) -> int:
    if DIGITS.fullmatch(text) is None:
        raise FieldRefused(one.name, "count-unreadable")
    return _between(one, int(text), lowest=1)


def _mass(one: Field, text: str) -> int:
    """Typed in kilograms, with at most three decimals."""
    kilograms = _decimal_of(one, text)
    grams = kilograms * 1000
    if grams != grams.to_integral_value():
        raise FieldRefused(one.name, "too-many-decimals")
    return _between(one, int(grams), lowest=1)


def _decimal(one: Field, text: str) -> Decimal:
    value = _decimal_of(one, text)
    lowest = 0 if one.minimum is None else one.minimum
    if value < lowest or (one.maximum is not None and value > one.maximum):
        raise FieldRefused(one.name, "out-of-range")
    return value


def _money(one: Field, text: str, currency: str) -> dict[str, Any]:
    if CURRENCY.fullmatch(currency) is None:
        raise FieldRefused(one.name, "currency-unknown")
    value, exponent = _decimal_of(one, text), EXPONENTS.get(currency, 2)
    minor = value.scaleb(exponent)
    # Who writes 100.000 may mean a hundred thousand.
    if minor != minor.to_integral_value() or -int(value.as_tuple().exponent) > exponent:
        raise FieldRefused(one.name, "too-many-decimals")
    return {"amount_minor": _between(one, int(minor), lowest=0), "currency": currency}


def _decimal_of(one: Field, text: str) -> Decimal:
    """As typed: a point before the decimals, or a comma before one or two; no grouping, no exponent."""
    text = re.sub(r"\A([0-9]{1,15}),([0-9]{1,2})\Z", r"\1.\2", text)
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise FieldRefused(one.name, "number-unreadable") from error
    if re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,6})?", text) is None:
        raise FieldRefused(one.name, "number-unreadable")
    return value


def _between(one: Field, value: int, *, lowest: int) -> int:
    highest = 2**53 - 1 if one.kind == "money" else COUNT_MAX
    if not (one.minimum if one.minimum is not None else lowest) <= value <= (one.maximum or highest):
        raise FieldRefused(one.name, "out-of-range")
    return value


def _day(one: Field, text: str) -> date:
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise FieldRefused(one.name, "day-unreadable")


def _worker(one: Field, text: str) -> str:
    if WORKER.fullmatch(text) is None:
        raise FieldRefused(one.name, "text-unreadable")
    return text


_READ: Final[Mapping[str, Callable[[Field, str], Any]]] = {
    "text": _text,
    "choice": _text,
    "party": _text,
    "lot": _text,
    "count": _count,
    "mass": _mass,
    "decimal": _decimal,
    "day": _day,
    "worker": _worker,
}


def _is_money(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"amount_minor", "currency"}
        and _is_count(value["amount_minor"])
        and isinstance(value["currency"], str)
        and CURRENCY.fullmatch(value["currency"]) is not None
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _major(amount_minor: int, currency: str) -> str:
    return f"{Decimal(amount_minor).scaleb(-EXPONENTS.get(currency, 2)):f}"


def _texts(name: str, kind: str, member: Any) -> list[str]:
    if kind in SEVERAL and isinstance(member, list) and all(isinstance(one, str) for one in member):
        return list(member)
    if kind == "yes" and isinstance(member, bool):
        return ["yes"] if member else []
    if kind == "count" and _is_count(member):
        return [str(member)]
    if isinstance(member, str) and kind not in {*SEVERAL, "yes", "count", "money", "mass", "file"}:
        return [member]
    raise FieldRefused(name, "shape-unfit")
