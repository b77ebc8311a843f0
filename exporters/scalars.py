"""The single values of a dossier: each with its one spelling, so that equal facts have equal bytes."""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from exporters import codes
from exporters.arithmetic import CURRENCIES

_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def _readable(text: str) -> str:
    """Refuse what two people or two programs could read differently (as records.md §1)."""
    if text != text.strip() or not unicodedata.is_normalized("NFC", text):
        raise ValueError("text must be in NFC, without space around it")
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in text):
        raise ValueError("text holds a control, format or private character")
    return text


def that(accepts: Callable[[str], object], otherwise: str) -> AfterValidator:
    """A validator that keeps what ``accepts`` finds true and says ``otherwise`` of the rest."""

    def check(value: str) -> str:
        if not accepts(value):
            raise ValueError(otherwise)
        return value

    return AfterValidator(check)


def spelled(pattern: str) -> AfterValidator:
    return that(re.compile(pattern, re.ASCII).fullmatch, f"not spelled {pattern}")


_ID = "[0-9abcdefghjkmnpqrstvwxyz]{20}"
_INTEGER_MAX = 2**53 - 1

Text = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_readable)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_readable)]
BaseUrl = Annotated[str, StringConstraints(max_length=90)]  # its page links fit a symbol of 0.396 mm modules
Word = Annotated[str, spelled(r"[a-z][a-z0-9_]{0,39}")]  # a kind, a role, a scheme: ours, open-ended
Hex32 = Annotated[str, spelled(r"[0-9a-f]{64}")]
Count = Annotated[int, Field(ge=1, le=_INTEGER_MAX)]
Natural = Annotated[int, Field(ge=0, le=_INTEGER_MAX)]  # also masses in grams, money in minor units
DecimalText = Annotated[str, spelled(r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?")]
LotId = Annotated[str, spelled(f"lot:{_ID}")]
ShipmentId = Annotated[str, spelled(f"shipment:{_ID}")]
PartyId = Annotated[str, spelled(f"party:{_ID}")]
Code = Annotated[str, spelled(_ID)]
Country = Annotated[str, that(codes.COUNTRIES.__contains__, "not a country of ISO 3166-1")]
Currency = Annotated[str, that(CURRENCIES.__contains__, "not a currency of ISO 4217 that we know")]
Unit = Annotated[str, that(codes.UNITS.__contains__, "not a unit of UN/ECE Rec 20 that we know")]
PackageType = Annotated[str, that(codes.PACKAGES.__contains__, "not a package type of UN/ECE Rec 21 we know")]
Gtin = Annotated[str, that(codes.is_gtin, "not a GTIN-14 with its check digit")]
Sscc = Annotated[str, that(codes.is_sscc, "not an SSCC with its check digit")]
Locode = Annotated[str, spelled(r"[A-Z]{2}[A-Z2-9]{3}")]
Hs6 = Annotated[str, spelled(r"(0[1-9]|[1-8][0-9]|9[0-7])[0-9]{4}")]
ContainerNumber = Annotated[str, spelled(r"[A-Z]{3}[UJZ][0-9]{7}")]  # ISO 6346
