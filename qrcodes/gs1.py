"""GS1 application identifiers (AIs): what each may hold, and which may stand together in a link.

The facts are ``gs1_identifiers.toml``. Values are text as it is meant, with nothing percent-encoded.
Source: GS1 General Specifications §3 and §4.14; GS1 Digital Link URI Syntax §4.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from qrcodes.errors import InvalidLink
from qrcodes.gs1_checks import CHECK_DIGITS, CHECKS, FORM_ONLY, SET_82

Element = tuple[str, str]  # (ai, value)

_SETS: Final = {
    "N": re.compile(r"[0-9]+"),
    "X": re.compile(f"[{re.escape(SET_82)}]+"),
    "Y": re.compile(r"[#\-/0-9A-Z]+"),  # set 39
    "Z": re.compile(r"[A-Za-z0-9_-]+={0,2}"),  # base64url
}
_PART = re.compile(r"(\[?)([NXYZ])(\.\.)?([0-9]+)\]?((?:,[a-z0-9]+)*)")


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a value. shortest, longest: in characters, equal where its length is fixed.

    characters: ``N``, ``X``, ``Y`` or ``Z``, the sets of the dictionary.
    """

    characters: str
    shortest: int
    longest: int
    optional: bool
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identifier:
    """One AI. qualifiers: the sequences that may follow it in a path; None: it cannot lead one.

    needs: of each group one alternative must be there, ``01+21`` being both; ``n`` is any digit.
    """

    ai: str
    parts: tuple[Part, ...]
    predefined: bool = False
    attribute: bool = False
    qualifiers: tuple[tuple[str, ...], ...] | None = None
    needs: tuple[tuple[str, ...], ...] = ()
    bars: tuple[str, ...] = ()
    short: str = ""

    @property
    def shortest(self) -> int:
        return sum(part.shortest for part in self.parts if not part.optional)

    @property
    def longest(self) -> int:
        return sum(part.longest for part in self.parts)


def _read() -> Iterator[Identifier]:
    table = tomllib.loads((Path(__file__).parent / "gs1_identifiers.toml").read_text("utf-8"))
    for name, facts in table["identifiers"].items():
        first, _, last = name.partition("-")
        for number in range(int(first), int(last or first) + 1):
            yield _identifier(str(number).zfill(len(first)), facts)


def _identifier(ai: str, facts: Mapping[str, Any]) -> Identifier:
    qualifiers = facts.get("qualifiers")
    return Identifier(
        ai,
        tuple(_part(text) for text in facts["value"].split()),
        predefined=facts.get("predefined", False),
        attribute=facts.get("attribute", False),
        qualifiers=None if qualifiers is None else tuple(tuple(sequence) for sequence in qualifiers),
        needs=tuple(tuple(group) for group in facts.get("needs", ())),
        bars=tuple(facts.get("bars", ())),
        short=facts.get("short", ""),
    )


def _part(text: str) -> Part:
    found = _PART.fullmatch(text)
    assert found is not None, text
    bracket, characters, dots, longest, checks = found.groups()
    named = tuple(checks.split(",")[1:])
    assert set(named) <= CHECKS.keys() | FORM_ONLY, text
    return Part(characters, 1 if dots else int(longest), int(longest), bool(bracket), named)


IDENTIFIERS: Final[Mapping[str, Identifier]] = {found.ai: found for found in _read()}
PRIMARY_KEYS: Final = tuple(ai for ai, found in IDENTIFIERS.items() if found.qualifiers is not None)
SHORT_NAMES: Final[Mapping[str, str]] = {found.short: ai for ai, found in IDENTIFIERS.items() if found.short}


def check_value(ai: str, value: str) -> None:
    """Raises InvalidLink ``identifier``, ``length``, ``characters``, ``check-digit`` or ``value``."""
    identifier = IDENTIFIERS.get(ai)
    if identifier is None:
        raise InvalidLink(f"{ai} is no AI", reason="identifier", component=ai)
    if not identifier.shortest <= len(value) <= identifier.longest:
        raise InvalidLink(
            f"AI {ai} holds {identifier.shortest} to {identifier.longest} characters, not {len(value)}",
            reason="length",
            component=ai,
        )
    start = 0
    for part in identifier.parts:
        text = value[start : start + part.longest]
        start += len(text)
        if text or not part.optional:
            _check_part(ai, part, text)


def _check_part(ai: str, part: Part, text: str) -> None:
    if len(text) < part.shortest:
        raise InvalidLink(f"a part of AI {ai} is cut short", reason="length", component=ai)
    if not _SETS[part.characters].fullmatch(text):
        raise InvalidLink(f"AI {ai} does not hold such a character", reason="characters", component=ai)
    for name in part.checks:
        if name in CHECKS and not CHECKS[name](text):
            if name in CHECK_DIGITS:
                raise InvalidLink(f"the check digit of AI {ai} is wrong", reason="check-digit", component=ai)
            raise InvalidLink(f"AI {ai} does not hold such a value ({name})", reason="value", component=ai)


def check_path(ais: Sequence[str]) -> None:
    """Judge the AIs of a path: a primary key leads, and one of its sequences follows, in order.

    Raises InvalidLink ``primary-key`` or ``qualifier``.
    """
    identifier = IDENTIFIERS.get(ais[0])
    if identifier is None or identifier.qualifiers is None:
        raise InvalidLink(f"AI {ais[0]} cannot lead a link", reason="primary-key", component=ais[0])
    if fits_path(ais):
        return
    allowed = " or ".join(", ".join(sequence) for sequence in identifier.qualifiers) or "nothing"
    stray = next(ai for place, ai in enumerate(ais) if not fits_path(ais[: place + 1]))
    raise InvalidLink(f"after AI {ais[0]} come only {allowed}, in order", reason="qualifier", component=stray)


def fits_path(ais: Sequence[str]) -> bool:
    """Whether what follows the primary key is one of its sequences, with parts left out but none moved."""
    return not ais[1:] or any(_is_within(ais[1:], sequence) for sequence in _sequences(ais[0]))


def _sequences(key: str) -> tuple[tuple[str, ...], ...]:
    return IDENTIFIERS[key].qualifiers or ()


def _is_within(ais: Sequence[str], sequence: Iterable[str]) -> bool:
    rest = iter(sequence)
    return all(ai in rest for ai in ais)  # each is looked for behind the one before


def check_attributes(path: Sequence[str], attributes: Sequence[str]) -> None:
    """Judge the AIs of a query beside those of the path.

    Raises InvalidLink ``attribute`` for one that has no place in a query, ``repeated``, or ``in-path``
    for one that belongs between the path's own.
    """
    seen = set(path)
    for ai in attributes:
        identifier = IDENTIFIERS.get(ai)
        if identifier is None or not identifier.attribute:
            raise InvalidLink(f"{ai} does not stand in the query", reason="attribute", component=ai)
        if ai in seen:
            raise InvalidLink(f"AI {ai} stands twice", reason="repeated", component=ai)
        seen.add(ai)
        if any(fits_path([*path[:place], ai, *path[place:]]) for place in range(1, len(path) + 1)):
            raise InvalidLink(f"AI {ai} belongs in the path", reason="in-path", component=ai)


def check_companions(path: Sequence[str], attributes: Sequence[str]) -> None:
    """Raises InvalidLink ``companion``: an AI that may not stand beside another, or not without one.

    A qualifier needs nothing more than the key it follows: the dictionary asks for AI 01 beside AI 22,
    and lets AI 22 qualify AI 8006.
    """
    ais = [*path, *attributes]
    for ai in ais:
        for other in ais:
            if other != ai and any(_fits(pattern, other) for pattern in IDENTIFIERS[ai].bars):
                raise InvalidLink(
                    f"AI {ai} and AI {other} exclude each other", reason="companion", component=ai
                )
    for ai in (path[0], *attributes):
        for group in IDENTIFIERS[ai].needs:
            if not any(_is_there(alternative, ais) for alternative in group):
                raise InvalidLink(
                    f"AI {ai} stands only with {' or '.join(group)}", reason="companion", component=ai
                )


def _is_there(alternative: str, ais: Sequence[str]) -> bool:
    return all(any(_fits(pattern, ai) for ai in ais) for pattern in alternative.split("+"))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("n", "[0-9]"))


def _fits(pattern: str, ai: str) -> bool:
    return _pattern(pattern).fullmatch(ai) is not None


def printed(elements: Iterable[Element]) -> str:
    """Elements as a barcode carries them, ``^`` for the separator FNC1: ``^011231231231233310ABC1^21XYZ``.

    None stands behind a value of predefined length, such as the GTIN's.
    """
    text, separate = "", True
    for ai, value in elements:
        text += f"{'^' if separate else ''}{ai}{value}"
        separate = not IDENTIFIERS[ai].predefined
    return text


def read_elements(text: str) -> tuple[Element, ...]:
    r"""Read elements with their AIs in brackets: ``(01)12312312312326(21)abc``.

    ``\(`` is a bracket that belongs to a value.
    Raises InvalidLink ``elements`` when it has another form; values are not looked at yet.
    """
    found = re.findall(r"\(([0-9]{2,4})\)((?:[^(\\]|\\\(|\\(?!\())+)", text)
    if not found or "".join(f"({ai}){value}" for ai, value in found) != text:
        raise InvalidLink("not elements with their AIs in brackets", reason="elements")
    return tuple((ai, value.replace(r"\(", "(")) for ai, value in found)
