"""Canonical JSON: RFC 8785 bytes under our profile, the only encoder of anything that gets hashed.

The profile (records.md 1): member names match ``[a-z][a-z0-9_]*``, numbers are integers within
±(2^53 - 1), no null, no floats, no duplicate members. Under it a bytewise-sorted encoder gives the
bytes of RFC 8785, which ``tests/ledger/core/test_canonical.py`` proves against an independent one.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, cast

import orjson

from ledger.errors import InvalidRecord

type_names = "object, array, string, integer, boolean"
JsonValue = dict[str, Any] | list[Any] | str | int | bool

INTEGER_MAX = 2**53 - 1
STRING_BYTES_MAX = 200
DEPTH_MAX = 16
KNOWN_NAMES_MAX = 1024

_MEMBER = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_KNOWN_NAMES: set[str] = set()  # member names that were found good before
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
# Format characters today, but a dash and a space in Unicode 3.2: both are invisible in a line.
_SOFT_HYPHEN_AND_ZERO_WIDTH_SPACE = frozenset("\u00ad\u200b")
_ENCODER = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER


def dumps(value: JsonValue) -> bytes:
    """Encode a value that is already inside the profile.

    Raises InvalidRecord for what has no canonical form (an integer out of range, a lone surrogate).
    """
    try:
        return orjson.dumps(value, option=_ENCODER)
    except (orjson.JSONEncodeError, TypeError) as error:
        raise InvalidRecord(f"has no canonical form: {error}") from error


def loads(data: bytes, *, walk: bool = True) -> JsonValue:
    """Decode bytes that must be canonical: ``dumps(loads(data)) == data``, else InvalidRecord.

    The comparison refuses duplicate members, other orders, white space, odd escapes and
    spellings of numbers in one stroke; the walk refuses what would survive it (floats, null).
    walk: False for a caller who looks at every member himself.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidRecord(f"is not JSON: {error}") from error
    if walk:
        check_shape(value)
    if dumps(value) != data:
        raise InvalidRecord("is JSON, but not in canonical form (RFC 8785)")
    return cast("JsonValue", value)


def check_shape(value: Any, pointer: str = "", depth: int = 0) -> None:
    """Refuse what the profile has no place for, with a JSON pointer to it."""
    if not _fits(value, depth):
        _refuse(value, pointer, depth)  # a second walk, that only bad values pay for, names the place


def _fits(value: Any, depth: int) -> bool:
    """One level of the value after the other: a call for every member would cost more than the rest."""
    level = [value]
    while level:
        below: list[Any] = []
        for member in level:
            kind = type(member)
            if kind is str:  # as most are
                continue
            if kind is int:
                if not -INTEGER_MAX <= member <= INTEGER_MAX:
                    return False
            elif kind is bool:
                continue
            elif depth >= DEPTH_MAX:
                return False
            elif kind is dict:
                if not (_KNOWN_NAMES.issuperset(member) or all(map(_is_member_name, member))):
                    return False
                below += member.values()
            elif kind is list:
                below += member
            else:
                return False
        level = below
        depth += 1
    return True


def _refuse(value: Any, pointer: str, depth: int) -> None:
    if isinstance(value, dict | list) and depth >= DEPTH_MAX:
        raise InvalidRecord(f"nested deeper than {DEPTH_MAX}", pointer=pointer)
    if type(value) is dict:
        for name, member in value.items():
            if not _is_member_name(name):
                raise InvalidRecord("member name is not [a-z][a-z0-9_]*", pointer=pointer)
            _refuse(member, f"{pointer}/{name}", depth + 1)
    elif type(value) is list:
        for index, member in enumerate(value):
            _refuse(member, f"{pointer}/{index}", depth + 1)
    elif not _fits(value, depth):
        if type(value) is int:
            raise InvalidRecord("integer beyond 2^53 - 1", pointer=pointer)
        raise InvalidRecord(f"{type(value).__name__} is not one of {type_names}", pointer=pointer)


def check_text(value: Any, pointer: str = "") -> None:
    """Refuse strings that could read differently to two people or two programs (records.md 1).

    Checked when writing only: characters assigned in Unicode 3.2, whose normal forms can never
    change, in NFC, without controls, format characters or separators, at most 200 UTF-8 bytes.
    """
    if isinstance(value, str):
        problem = _text_problem(value)
        if problem:
            raise InvalidRecord(problem, pointer=pointer)
    elif isinstance(value, dict):
        _check_members(value.items(), pointer)
    elif isinstance(value, list):
        _check_members(enumerate(value), pointer)


def _check_members(members: Iterable[tuple[str | int, Any]], pointer: str) -> None:
    for place, member in members:
        kind = type(member)
        # Most members are numbers or short ASCII, which read one way: they need no further look.
        if kind is str:
            if len(member) <= STRING_BYTES_MAX and member.isascii() and member.isprintable():
                continue
        elif kind is int or kind is bool:
            continue
        check_text(member, f"{pointer}/{place}")


def _is_member_name(name: str) -> bool:
    if _MEMBER.fullmatch(name) is None:
        return False
    if len(_KNOWN_NAMES) < KNOWN_NAMES_MAX:
        _KNOWN_NAMES.add(name)
    return True


def _text_problem(text: str) -> str | None:
    if text.isascii():
        if len(text) > STRING_BYTES_MAX:
            return f"text longer than {STRING_BYTES_MAX} bytes"
        return None if text.isprintable() else "text with a control character"
    return _wide_text_problem(text)


@lru_cache(maxsize=4096)
def _wide_text_problem(text: str) -> str | None:
    for character in text:
        category = unicodedata.ucd_3_2_0.category(character)
        if character in _SOFT_HYPHEN_AND_ZERO_WIDTH_SPACE:
            category = "Cf"
        if category in _REFUSED_CATEGORIES:
            return f"character U+{ord(character):04X} ({category}) is not allowed"
    if not unicodedata.is_normalized("NFC", text):
        return "text is not in NFC"
    if len(text.encode()) > STRING_BYTES_MAX:
        return f"text longer than {STRING_BYTES_MAX} bytes"
    return None
