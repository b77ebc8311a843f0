"""Languages of the pages: which one a visitor gets, its catalogue, its dates, money and numbers.

Catalogues are ``locales/<catalogue>/LC_MESSAGES/*.po``, a file for each part of the house; they are read
and compiled in memory when first used, so the text people edit is the text people see.
"""

import gettext
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime, get_datetime_format
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

LOCALES_DIR: Final = Path(__file__).parent / "locales"
FALLBACK: Final = "en"


@dataclass(frozen=True)
class Language:
    """One language of the pages."""

    tag: str  # BCP 47, as in the lang attribute and in ?lang=
    name: str  # what its speakers call it
    catalogue: str  # folder under locales/
    locale: str  # CLDR locale that Babel formats with


LANGUAGES: Final = {
    language.tag: language
    for language in (
        Language(tag="zh-CN", name="中文", catalogue="zh", locale="zh_Hans_CN"),
        # British order of day and month: nobody reads 20 Nov 2026 as another day.
        Language(tag="en", name="English", catalogue="en", locale="en_GB"),
        Language(tag="vi", name="Tiếng Việt", catalogue="vi", locale="vi_VN"),
    )
}

# ISO 4217 minor units other than two. CLDR is not used here: it rounds LAK and MMK to whole units.
EXPONENTS: Final = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}

# UN/ECE Recommendation 20 codes of our measurements and CLDR's names for them.
UNITS: Final = {
    "MMT": "length-millimeter",
    "CMK": "area-square-centimeter",
    "MTQ": "volume-cubic-meter",
    "KGM": "mass-kilogram",
}
PERCENT_UNIT: Final = "P1"


def choose_language(query: str | None, cookie: str | None, accept_language: str | None) -> str:
    """Return the language tag for a visitor: asked for, then remembered, then the browser's, then English."""
    for wanted in (query, cookie, *_by_preference(accept_language or "")):
        tag = _known(wanted)
        if tag is not None:
            return tag
    return FALLBACK


def _known(wanted: str | None) -> str | None:
    """Match on the primary subtag alone: zh-Hant readers are better served by zh-CN than by English."""
    primary = (wanted or "").strip().lower().replace("_", "-").split("-")[0]
    return next((tag for tag in LANGUAGES if tag.lower().split("-")[0] == primary), None)


def _by_preference(header: str) -> list[str]:
    """Order the ranges of an Accept-Language header (RFC 9110 §12.5.4); q=0 means refused."""
    ranges = []
    for part in header.split(",")[:20]:
        tag, _, parameter = part.partition(";")
        ranges.append((_quality(parameter), tag))
    return [tag for quality, tag in sorted(ranges, key=lambda item: -item[0]) if quality > 0]


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0


@cache
def read_catalogue(tag: str) -> Catalog:
    """Read the .po files of one language, once a process, as one catalogue; it is not to be changed.

    Raises ValueError when two files translate the same message: nobody could say which one is seen.
    """
    language = LANGUAGES[tag]
    first, *others = sorted((LOCALES_DIR / language.catalogue / "LC_MESSAGES").glob("*.po"))
    catalogue = _read(first, language)
    for path in others:
        for message in _read(path, language):
            if not message.id:
                continue
            if catalogue.get(message.id, message.context) is not None:
                raise ValueError(f"{path} translates {message.id!r} a second time")
            catalogue[message.id] = message
    return catalogue


def _read(path: Path, language: Language) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language.locale, abort_invalid=True)


@cache
def translations(tag: str) -> gettext.GNUTranslations:
    """Return the compiled catalogue of one language."""
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(tag))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Formatter:
    """Dates, money, numbers, masses and places as one language writes them."""

    def __init__(self, tag: str) -> None:
        self._locale = Locale.parse(LANGUAGES[tag].locale)

    def date(self, value: date) -> str:
        """Write a calendar day; of a datetime, the day in its own time zone."""
        return format_date(value, "medium", locale=self._locale)

    def moment(self, value: datetime) -> str:
        """Write an aware datetime to the minute, with its own offset from UTC."""
        assert value.tzinfo is not None, "a time on a page has a time zone"
        day = format_date(value, "medium", locale=self._locale)
        clock = format_datetime(value, "HH:mm", locale=self._locale)
        offset = "UTC" if not value.utcoffset() else f"UTC{value:%z}"
        pattern = str(get_datetime_format("medium", locale=self._locale))
        return pattern.replace("{1}", day).replace("{0}", f"{clock} {offset}")

    def money(self, amount_minor: int, currency: str) -> str:
        """Write an amount given in minor units (ISO 4217)."""
        return self.price(Decimal(amount_minor).scaleb(-EXPONENTS.get(currency, 2)), currency)

    def price(self, amount: Decimal, currency: str) -> str:
        """Write an amount in major units with every decimal it has: unit prices are not rounded."""
        return format_currency(amount, currency, locale=self._locale, decimal_quantization=False)

    def number(self, value: int | Decimal) -> str:
        return format_decimal(value, locale=self._locale, decimal_quantization=False)

    def percent(self, value: int | Decimal) -> str:
        """Write a share given in hundredths: 87 is 87 %."""
        return format_percent(Decimal(value) / 100, locale=self._locale, decimal_quantization=False)

    def mass(self, mass_g: int) -> str:
        """Write grams as kilograms, to the gram."""
        kilograms = Decimal(mass_g) / 1000
        pattern = "#,##0.###"
        return format_unit(kilograms, UNITS["KGM"], length="short", format=pattern, locale=self._locale)

    def size(self, count: int) -> str:
        """Write bytes as kilobytes or megabytes of a thousand, to three digits."""
        unit, amount = "digital-kilobyte", Decimal(count) / 1000
        if amount >= 1000:
            unit, amount = "digital-megabyte", amount / 1000
        pattern = "#,##0.#" if amount < 100 else "#,##0"
        return format_unit(amount, unit, length="short", format=pattern, locale=self._locale)

    def measurement(self, value: str, unit: str) -> str:
        """Write a measured decimal string with its UN/ECE unit; an unknown unit stays as its code."""
        amount = Decimal(value)
        if unit == PERCENT_UNIT:
            return self.percent(amount)
        if unit in UNITS:
            return format_unit(
                amount, UNITS[unit], length="short", format="#,##0.######", locale=self._locale
            )
        return f"{self.number(amount)} {unit}"

    def listing(self, items: Iterable[str]) -> str:
        """Join words as the language does: "a, b and c", "a、b和c"."""
        return format_list(list(items), locale=self._locale)

    def territory(self, code: str) -> str:
        """Name a country or union by its ISO 3166 code; an unknown code stays as it is."""
        return str(self._locale.territories.get(code, code))
