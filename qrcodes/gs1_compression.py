"""Compressed Digital Links: the same elements packed into bits, and these into base64url.

::

    https://example.com/AQnYUc1gmg            everything packed
    https://example.com/01/05412345000013/IK… only what follows the primary key

We never print one: a link that people can read is worth a few modules. A resolver has to read them.
Source: GS1 Digital Link: Compression 1.1, and the published toolkit of GS1, whose links it reads.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from qrcodes import gs1
from qrcodes.errors import InvalidLink
from qrcodes.gs1 import Element

_TEXT = re.compile(r"[A-Za-z0-9_-]{6,}")
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LOWER_HEX, _UPPER_HEX = "0123456789abcdef", "0123456789ABCDEF"
_FOREIGN = 15  # the first digit of a parameter that is not GS1's
_FOREIGN_LENGTH_BITS = 7

# Two digits that stand for AIs that often come together.
_TOGETHER: Final[dict[str, tuple[str, ...]]] = {
    "0A": ("01", "22"),
    "0B": ("01", "10"),
    "0C": ("01", "21"),
    "0D": ("01", "17"),
    "0E": ("01", "7003"),
    "0F": ("01", "30"),
    "1A": ("01", "10", "21", "17"),
    "1B": ("01", "15"),
    "1C": ("01", "11"),
    "1D": ("01", "16"),
    "1E": ("01", "91"),
    "1F": ("01", "10", "15"),
    **{f"2{'ABCDEF'[n]}": ("01", f"310{n}") for n in range(6)},
    **{f"3{'ABCDEF'[n]}": ("01", f"320{n}") for n in range(6)},
    "9A": ("8010", "8011"),
    "9B": ("8017", "8019"),
    "9C": ("8018", "8019"),
    "9D": ("414", "254"),
    **{f"A{n}": ("01", f"392{n}") for n in range(10)},
    **{f"C{n}": ("255", f"390{n}") for n in range(10)},
    **{f"C{'ABCD'[n]}": ("255", f"394{n}") for n in range(4)},
}
# How many digits an AI has, by its first two.
_AI_LENGTHS: Final = {ai[:2]: len(ai) for ai in gs1.IDENTIFIERS}


@dataclass(frozen=True, slots=True)
class Expanded:
    """elements: as they were packed. others: names and values that are not GS1's, decoded."""

    elements: tuple[Element, ...]
    others: tuple[tuple[str, str], ...] = ()


def is_compressed(segments: Sequence[str]) -> bool:
    """Whether a path ends in something that decompresses."""
    try:
        expanded(segments)
    except InvalidLink:
        return False
    return True


def expanded(segments: Sequence[str]) -> tuple[Sequence[str], Expanded]:
    """(the stem, what the rest of the path says). Raises InvalidLink ``compressed``."""
    if not segments or not _TEXT.fullmatch(segments[-1]):
        raise _not_compressed()
    found = decompress(segments[-1])
    if len(segments) >= 3 and segments[-3] in gs1.PRIMARY_KEYS and segments[-2].isalnum():
        return segments[:-3], Expanded(((segments[-3], segments[-2]), *found.elements), found.others)
    if not any(ai in gs1.PRIMARY_KEYS for ai, _ in found.elements):
        raise _not_compressed()
    return segments[:-1], found


def decompress(text: str) -> Expanded:
    """Unpack one segment. Raises InvalidLink ``compressed`` at the first thing that is not so packed."""
    bits = _Bits.of(text)
    elements: list[Element] = []
    others: list[tuple[str, str]] = []
    while bits.left >= 8:
        first = bits.number(4)
        if first == _FOREIGN:
            others.append(_foreign(bits))
            continue
        elements.extend((ai, _value(bits, ai)) for ai in _announced(bits, first))
    if bits.number(bits.left):
        raise _not_compressed()
    return Expanded(tuple(elements), tuple(others))


def _announced(bits: "_Bits", first: int) -> Iterator[str]:
    digits = f"{first:X}{bits.number(4):X}"
    if not digits.isdigit():
        if digits not in _TOGETHER:
            raise _not_compressed()
        yield from _TOGETHER[digits]
        return
    ai = digits
    while len(ai) < _AI_LENGTHS.get(digits, 0):
        ai += f"{bits.number(4):X}"
    if ai not in gs1.IDENTIFIERS:
        raise _not_compressed()
    yield ai


def _value(bits: "_Bits", ai: str) -> str:
    return "".join(
        _number(bits, stretch) if stretch.characters == "N" else _text(bits, stretch)
        for stretch in _stretches(gs1.IDENTIFIERS[ai])
    )


@dataclass(frozen=True, slots=True)
class _Stretch:
    characters: str
    length: int  # the longest, in characters
    fixed: bool


def _stretches(identifier: gs1.Identifier) -> list[_Stretch]:
    """The parts of a value as they are packed: neighbours of one kind as one, a fixed one before others."""
    found: list[_Stretch] = []
    for part in identifier.parts:
        kind = "N" if part.characters == "N" else "X"
        fixed = part.shortest == part.longest and not part.optional
        last = found[-1] if found else None
        if last is not None and last.characters == kind and (kind == "X" or last.fixed == fixed):
            found[-1] = _Stretch(kind, last.length + part.longest, last.fixed and fixed)
        else:
            found.append(_Stretch(kind, part.longest, fixed))
    return found


def _number(bits: "_Bits", stretch: _Stretch) -> str:
    length = stretch.length if stretch.fixed else bits.length(stretch.length)
    return bits.digits(length)


def _text(bits: "_Bits", stretch: _Stretch) -> str:
    coding = bits.number(3)
    length = stretch.length if stretch.fixed else bits.length(stretch.length)
    return _coded(bits, coding, length)


def _coded(bits: "_Bits", coding: int, length: int) -> str:
    match coding:
        case 0:
            return bits.digits(length)
        case 1:
            return bits.characters(_LOWER_HEX, 4, length)
        case 2:
            return bits.characters(_UPPER_HEX, 4, length)
        case 3:
            return bits.characters(_BASE64, 6, length)
        case 4:
            return "".join(chr(bits.number(7)) for _ in range(length))
    raise _not_compressed()


def _foreign(bits: "_Bits") -> tuple[str, str]:
    name = bits.characters(_BASE64, 6, bits.number(_FOREIGN_LENGTH_BITS))
    coding = bits.number(3)
    value = _coded(bits, coding, bits.number(_FOREIGN_LENGTH_BITS))
    if not name or not value.isprintable():
        raise _not_compressed()
    return name, value


class _Bits:
    """Read from the left; to read past the end is not compressed data."""

    def __init__(self, value: int, size: int) -> None:
        self._value = value
        self.left = size

    @classmethod
    def of(cls, text: str) -> "_Bits":
        value = 0
        for character in text:
            value = value << 6 | _BASE64.index(character)
        return cls(value, 6 * len(text))

    def number(self, size: int) -> int:
        if size > self.left:
            raise _not_compressed()
        self.left -= size
        return self._value >> self.left & (1 << size) - 1

    def length(self, longest: int) -> int:
        found = self.number(longest.bit_length())
        if found > longest:
            raise _not_compressed()
        return found

    def digits(self, count: int) -> str:
        text = str(self.number(math.ceil(count * math.log2(10) + 0.01)))
        if len(text) > max(count, 1):
            raise _not_compressed()
        return text.zfill(count) if count else ""

    def characters(self, alphabet: str, size: int, count: int) -> str:
        return "".join(alphabet[self.number(size)] for _ in range(count))


def _not_compressed() -> InvalidLink:
    return InvalidLink("this is no compressed link", reason="compressed", component="path")
