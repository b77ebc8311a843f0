"""Entries in a company register, checked by the register's own rules.

A number that passes is well formed; whose it is, the registrar looked up. Where a register has no
check characters, the registrar's word is all there is.
"""

from collections.abc import Callable, Mapping
from typing import Final

from ledger.core.canonical import JsonValue
from ledger.core.envelope import Body
from ledger.errors import InvalidRecord

_USCC: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
_ORGANISATION: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # GB 11714-1997, characters 9 to 17
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


def check(scheme: str, body: Body, opened: Mapping[str, JsonValue]) -> None:
    """Raise InvalidRecord unless a number is committed that ``scheme`` allows, as far as it is open."""
    if "registration_number" not in body.commit:
        raise InvalidRecord("names a register but no number", pointer="/data/registration_scheme")
    number, fits = opened.get("registration_number"), SCHEMES.get(scheme)
    if fits is not None and isinstance(number, str) and not fits(number):
        raise InvalidRecord(f"is no number of {scheme}", pointer="/open/registration_number")


def is_uscc(number: str) -> bool:
    """Whether a Unified Social Credit Code's two check characters fit (GB 32100-2015, GB 11714-1997).

    18 characters: authority and kind (2), administrative division (6 digits), organisation code (9, of
    which the last is its own check), check character.
    """
    if len(number) != 18 or any(character not in _USCC for character in number):
        return False
    if not number[2:8].isdigit():
        return False
    total = sum(_USCC.index(one) * pow(3, place, 31) for place, one in enumerate(number[:17]))
    if _USCC[-total % 31] != number[17]:
        return False
    organisation = zip(number[8:16], _ORGANISATION_WEIGHTS, strict=True)
    rest = -sum(_ORGANISATION.index(one) * weight for one, weight in organisation) % 11
    return number[16] == ("X" if rest == 10 else str(rest))


SCHEMES: Final[Mapping[str, Callable[[str], bool]]] = {"cn_uscc": is_uscc}
