"""What a part of a GS1 value must satisfy beyond its length and characters, one small question each.

Named as in the GS1 Barcode Syntax Dictionary. Lists that change while software stands still (countries,
currencies, package types) and the coupon formats of North America are looked at for their form alone:
an old installation must not refuse a new country. Source: GS1 General Specifications §3, §7.9.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from stdnum import iban

CHECK_DIGITS: Final = frozenset({"csum", "csumalpha"})  # a slip of the pen, not a wrong kind of value
SET_82: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

_SET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_COMPANY_PREFIX_MIN = 4  # digits of the shortest GS1 company prefix
_COORDINATE_UNITS = 10_000_000  # of a degree


def check_digit(digits: str) -> str:
    """The digit that follows ``digits``: weights 3 and 1 from the right, modulo 10 (§7.9)."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def check_pair(text: str) -> str:
    """The two characters that follow a text of set 82: prime weights from the right, modulo 1021 (§7.9)."""
    total = sum(
        SET_82.index(character) * prime
        for character, prime in zip(reversed(text), _primes(len(text)), strict=True)
    )
    return _SET_32[total % 1021 >> 5] + _SET_32[total % 1021 & 31]


def _primes(count: int) -> list[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return found


def _has_check_digit(digits: str) -> bool:
    return check_digit(digits[:-1]) == digits[-1]


def _has_check_pair(text: str) -> bool:
    return len(text) >= 2 and check_pair(text[:-2]) == text[-2:]


def _starts_with_company_prefix(text: str) -> bool:
    return text[:_COMPANY_PREFIX_MIN].isdigit() and len(text) >= _COMPANY_PREFIX_MIN


def _is_day(text: str) -> bool:
    """YYMMDD. The century is for the reader to choose; a leap day may stand where some century has it."""
    return _is_date(int("20" + text[:2]), text[2:])


def _is_day_or_month(text: str) -> bool:
    """YYMMDD, with 00 for the whole month."""
    return _is_day(text[:4] + "01" if text.endswith("00") else text)


def _is_full_date(text: str) -> bool:
    return text[:4] != "0000" and _is_date(int(text[:4]), text[4:])


def _is_date(year: int, month_and_day: str) -> bool:
    try:
        date(year, int(month_and_day[:2]), int(month_and_day[2:]))
    except ValueError:
        return False
    return True


def _is_piece_of_total(text: str) -> bool:
    half = len(text) // 2
    return 0 < int(text[:half]) <= int(text[half:])


def _is_place_in_sequence(text: str) -> bool:
    """``2/3``: the second of three."""
    found = re.fullmatch(r"([1-9])/([1-9])", text)
    return found is not None and found[1] <= found[2]


CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "csum": _has_check_digit,
    "csumalpha": _has_check_pair,
    "gcppos1": _starts_with_company_prefix,
    "gcppos2": lambda text: _starts_with_company_prefix(text[1:]),
    "hasnondigit": lambda text: not text.isdigit(),
    "hh": lambda text: int(text) < 24,
    "hhmi": lambda text: int(text[:2]) < 24 and int(text[2:]) < 60,
    "hyphen": lambda text: set(text) == {"-"},
    "iban": iban.is_valid,
    "importeridx": lambda text: re.fullmatch(r"[A-Za-z0-9_-]", text) is not None,
    "iso3166alpha2": lambda text: re.fullmatch(r"[A-Z]{2}", text) is not None,
    "iso5218": lambda text: text in {"0", "1", "2", "9"},
    "latitude": lambda text: int(text) <= 180 * _COORDINATE_UNITS,
    "longitude": lambda text: int(text) <= 360 * _COORDINATE_UNITS,
    "mediatype": lambda text: 1 <= int(text) <= 10 or 80 <= int(text) <= 99,
    "mi": lambda text: int(text) < 60,
    "nonzero": lambda text: int(text) != 0,
    "nozeroprefix": lambda text: text == "0" or not text.startswith("0"),
    "pcenc": lambda text: re.search(r"%(?![0-9A-Fa-f]{2})", text) is None,
    "pieceoftotal": _is_piece_of_total,
    "posinseqslash": _is_place_in_sequence,
    "ss": lambda text: int(text) < 60,
    "winding": lambda text: text in {"0", "1", "9"},
    "yesno": lambda text: text in {"0", "1"},
    "yymmd0": _is_day_or_month,
    "yymmdd": _is_day,
    "yyyymmdd": _is_full_date,
    "zero": lambda text: set(text) == {"0"},
}
FORM_ONLY: Final = frozenset(
    {"iso3166", "iso3166999", "iso4217", "packagetype", "couponcode", "couponposoffer"}
)
