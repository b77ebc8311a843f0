"""Which language a visitor gets, and how each language writes values."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from gateway.i18n import Formatter, choose_language

ZH, EN, VI = Formatter("zh-CN"), Formatter("en"), Formatter("vi")


@pytest.mark.parametrize(
    ("query", "cookie", "header", "expected"),
    [
        ("vi", "zh-CN", "en", "vi"),
        (None, "zh-CN", "en", "zh-CN"),
        (None, None, "vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        (None, None, "en;q=0.4,zh-TW;q=0.9", "zh-CN"),
        (None, None, "fr,de", "en"),
        (None, None, "vi;q=0", "en"),
        (None, None, "vi;q=zz,zh", "zh-CN"),
        ("xx", "yy", None, "en"),
        ("ZH_cn", None, None, "zh-CN"),
        ("", "", "", "en"),
    ],
)
def test_asked_for_then_remembered_then_the_browser_then_english(query, cookie, header, expected) -> None:
    assert choose_language(query, cookie, header) == expected


def test_a_day_is_written_in_the_zone_it_was_said_in() -> None:
    late = datetime(2026, 11, 20, 0, 30, tzinfo=timezone(timedelta(hours=8)))
    assert [form.date(late) for form in (ZH, EN, VI)] == ["2026年11月20日", "20 Nov 2026", "20 thg 11, 2026"]


def test_a_moment_names_its_zone() -> None:
    assert EN.moment(datetime(2026, 11, 22, 2, 14, tzinfo=UTC)) == "22 Nov 2026, 02:14 UTC"
    china = timezone(timedelta(hours=8))
    assert ZH.moment(datetime(2026, 11, 22, 2, 14, tzinfo=china)) == "2026年11月22日 02:14 UTC+0800"
    assert EN.date(date(2026, 11, 22)) == "22 Nov 2026"


def test_minor_units_follow_iso_4217() -> None:
    assert EN.money(123_456, "USD") == "US$1,234.56"
    assert VI.money(120_000, "VND").replace("\u00a0", " ") == "120.000 ₫"
    assert EN.money(1500, "KWD").endswith("1.500")


def test_a_unit_price_keeps_every_decimal() -> None:
    assert EN.price(Decimal("4.125"), "USD") == "US$4.125"
    assert EN.price(Decimal(98), "USD") == "US$98.00"
    assert VI.price(Decimal("4.125"), "USD").startswith("4,125")


def test_numbers_shares_masses_and_measurements() -> None:
    assert (EN.number(1200), VI.number(1200)) == ("1,200", "1.200")
    assert (ZH.percent(87), EN.percent(100)) == ("87%", "100%")
    assert EN.mass(34_752).replace("\u00a0", " ") == "34.752 kg"
    assert VI.measurement("2.9", "MMT").replace("\u00a0", " ") == "2,9 mm"
    assert EN.measurement("78", "P1") == "78%"
    assert EN.measurement("5", "XYZ") == "5 XYZ"


def test_places_and_lists() -> None:
    assert [form.territory("VN") for form in (ZH, EN, VI)] == ["越南", "Vietnam", "Việt Nam"]
    assert EN.territory("??") == "??"
    assert EN.listing(["a", "b", "c"]) == "a, b and c"
    assert ZH.listing(["甲", "乙"]) == "甲和乙"
    assert EN.listing([]) == ""
