"""A date as suppliers write it -> year, month, day. What could be two dates is never guessed."""

import re
from datetime import date, timedelta

from gateway.consignments.spec import DateOrder

_TIME = r"(?:[ tT][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
_DAY = re.compile(r"([0-9]{4})[-/.年] ?([0-9]{1,2})[-/.月] ?([0-9]{1,2})日?" + _TIME, re.ASCII)
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_MONTH = re.compile(r"([0-9]{4})[-/.年] ?([0-9]{1,2})月?", re.ASCII)
_DAY_LAST_YEAR = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})" + _TIME, re.ASCII)
_MONTH_LAST_YEAR = re.compile(r"(?:tháng )?([0-9]{1,2})[-/.]([0-9]{4})", re.ASCII)
_NAMED_DAY = re.compile(r"([0-9]{1,2})[- ]([a-z]{3})[a-z]*\.?,?[- ]([0-9]{4})", re.ASCII)
_NAMED_MONTH = re.compile(r"([a-z]{3})[a-z]*\.?,?[- ]([0-9]{4})", re.ASCII)
_SERIAL_DAY = re.compile(r"[0-9]{5}", re.ASCII)
_SERIAL_START = date(1899, 12, 30)  # day 0 of sheets that begin in 1900
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = re.compile(r"(?:năm )?([0-9]{4})年?", re.ASCII)


def date_parts(folded: str, order: DateOrder, bare_year: str) -> tuple[int, int, int] | None:
    """Year, month and day as written, whether or not there is such a day; None where it is no date.

    A year in front is read by itself; one at the end only in the order that a person has named.
    """
    if order == "serial" and _SERIAL_DAY.fullmatch(folded):
        day = _SERIAL_START + timedelta(days=int(folded))
        return day.year, day.month, day.day
    rests = ((_DAY, ()), (_COMPACT_DAY, ()), (_MONTH, ("1",)), (_YEAR, tuple(bare_year.split("-"))))
    for pattern, rest in rests:
        if match := pattern.fullmatch(folded):
            year, month, last = (int(part) for part in (*match.groups(), *rest))
            return year, month, last
    if match := _DAY_LAST_YEAR.fullmatch(folded):
        first, second, year = (int(part) for part in match.groups())
        months = {"dmy": (second, first), "mdy": (first, second)}.get(order)
        return None if months is None else (year, *months)
    return _without_day_or_named(folded)


def _without_day_or_named(folded: str) -> tuple[int, int, int] | None:
    if match := _MONTH_LAST_YEAR.fullmatch(folded):
        return int(match[2]), int(match[1]), 1
    if (match := _NAMED_DAY.fullmatch(folded)) and match[2] in _MONTHS:
        return int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1])
    if (match := _NAMED_MONTH.fullmatch(folded)) and match[1] in _MONTHS:
        return int(match[2]), _MONTHS.index(match[1]) + 1, 1
    return None
