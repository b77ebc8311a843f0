"""How templates write values: escaped, in the visitor's language, outside text kept apart."""

import gettext
from collections.abc import Callable, Mapping
from datetime import date, datetime

from markupsafe import Markup, escape

from gateway.i18n import Formatter
from gateway.pages import words
from gateway.pages.views import Hash, Mass, Measurement, Money, Percent, Territory, UnitPrice, Value, Word


class Filters:
    """The filters of one language."""

    def __init__(self, language: str, catalogue: gettext.GNUTranslations) -> None:
        self._format = Formatter(language)
        self._catalogue = catalogue
        self._is_chinese = language.startswith("zh")

    def named(self) -> Mapping[str, Callable[..., str]]:
        """Return every filter under the name that templates use."""
        formats = self._format
        return {
            "day": formats.date,
            "moment": formats.moment,
            "number": formats.number,
            "percent": formats.percent,
            "size": formats.size,
            "territory": formats.territory,
            "word": self.word,
            "outside": self.outside,
            "listing": formats.listing,
            "written": self.written,
            "phrase": self.phrase,
        }

    def phrase(self, message: str) -> str:
        """A message id that a view holds, said as it is: nothing is filled into it."""
        return self._catalogue.gettext(message) if message else ""

    def word(self, slug: str, table: str) -> str:
        """Say a slug in words; one that the vocabulary does not know is shown as it is."""
        message = words.message_id(table, slug)
        return slug if message is None else self._catalogue.gettext(message)

    def outside(self, text: str) -> Markup:
        """Isolate text written by others, so that its direction cannot reorder ours."""
        language = Markup("") if self._is_chinese or not _has_han(text) else Markup(' lang="zh"')
        return Markup("<bdi{}>{}</bdi>").format(language, text)

    def written(self, value: Value) -> Markup:
        """Write any value of a view model."""
        match value:
            case str():
                return self.outside(value)
            case date():
                return self._time(value)
            case Hash():
                return Markup("<code>{}</code>").format(value.text)
            case int():
                text = self._format.number(value)
            case Word():
                text = self.word(value.slug, value.table)
            case Territory():
                text = self._format.territory(value.code)
            case _:
                text = self._measured(value)
        return escape(text)

    def _time(self, value: date) -> Markup:
        element = Markup('<time datetime="{}">{}</time>')
        if isinstance(value, datetime):
            return element.format(value.isoformat(timespec="minutes"), self._format.moment(value))
        return element.format(value.isoformat(), self._format.date(value))

    def _measured(self, value: Money | UnitPrice | Mass | Measurement | Percent) -> str:
        formats = self._format
        match value:
            case Money():
                return formats.money(value.amount_minor, value.currency)
            case UnitPrice():
                return formats.price(value.amount, value.currency)
            case Mass():
                return formats.mass(value.mass_g)
            case Measurement():
                return formats.measurement(value.value, value.unit)
            case Percent():
                return formats.percent(value.value)


def _has_han(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)
