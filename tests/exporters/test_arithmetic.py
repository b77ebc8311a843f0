"""Money is rounded once, and printed parts sum to the printed total."""

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.arithmetic import (
    CURRENCIES,
    cubic_metres,
    exponent,
    kilograms,
    kilograms_rounded,
    line_amount,
    money,
    unit_price,
)
from exporters.errors import UnknownCode

prices = st.decimals(0, 10**9, places=6).map(lambda price: f"{price:f}")
quantities = st.integers(1, 10**9)


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("USD", 2), ("CNY", 2), ("NGN", 2), ("VND", 0), ("JPY", 0), ("KWD", 3), ("IDR", 2)],
)
def test_minor_units_are_those_of_iso_4217(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize("currency", ["XXX", "usd", "", "DEM", "BTC"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCode, match="not a currency of ISO 4217"):
        exponent(currency)


def test_our_currencies_are_in_the_ubl_list(conformance: Path) -> None:
    """Source: UBL 2.4 CurrencyCode (2018); the codes that ISO 4217 added or renamed since stand apart."""
    listed = (conformance / "trade/ubl-2.4-os/cl/gc/default/CurrencyCode-2.4.gc").read_text()
    known = set(re.findall(r"<SimpleValue>([A-Z]{3})</SimpleValue>", listed))
    assert CURRENCIES - known == {"SLE", "VED", "XCG", "ZWG"}


@pytest.mark.parametrize(
    ("quantity", "price", "currency", "expected"),
    [
        (1, "0.125", "USD", 13),  # banker's rounding would give 12
        (1, "0.124999", "USD", 12),
        (3, "0.005", "USD", 2),
        (1200, "86.125", "USD", 10335000),
        (3, "1999.5", "VND", 5999),
        (1, "0.0005", "KWD", 1),
        (10**9, "999999999999.999999", "USD", 10**23 - 10**5),
    ],
)
def test_a_line_is_rounded_half_up_once(quantity: int, price: str, currency: str, expected: int) -> None:
    assert line_amount(quantity, price, currency) == expected


@given(quantities, prices, st.sampled_from(["USD", "VND", "KWD"]))
def test_a_line_is_within_half_a_minor_unit_of_the_exact_product(
    quantity: int, price: str, currency: str
) -> None:
    exact = Decimal(quantity) * Decimal(price) * 10 ** exponent(currency)
    assert line_amount(quantity, price, currency) == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1234560, "USD", "12,345.60"),
        (1234560, "VND", "1,234,560"),
        (1234560, "KWD", "1,234.560"),
        (-5, "USD", "-0.05"),
        (0, "USD", "0.00"),
    ],
)
def test_money_is_printed_with_the_currencys_decimals(amount: int, currency: str, text: str) -> None:
    assert money(amount, currency) == text


@pytest.mark.parametrize(
    ("price", "currency", "text"),
    [("11.4", "USD", "11.40"), ("86.125", "USD", "86.125"), ("1234", "VND", "1,234"), ("0.5", "VND", "0.5")],
)
def test_a_unit_price_keeps_its_own_decimals(price: str, currency: str, text: str) -> None:
    assert unit_price(price, currency) == text


@given(st.lists(st.integers(0, 10**9), max_size=50))
def test_printed_kilograms_sum_to_the_printed_total(masses: list[int]) -> None:
    assert sum(Decimal(kilograms(mass)) for mass in masses) == Decimal(kilograms(sum(masses)))


@given(st.lists(st.integers(0, 10**9), max_size=50), st.integers(0, 2))
def test_rounded_kilograms_sum_to_the_printed_total(masses: list[int], decimals: int) -> None:
    parts, total = kilograms_rounded(masses, decimals)
    assert sum(map(Decimal, parts)) == Decimal(total)
    step = Decimal(1).scaleb(-decimals)
    assert abs(Decimal(total) - Decimal(sum(masses)) / 1000) <= step / 2
    exact = [Decimal(mass) / 1000 for mass in masses]
    assert all(abs(Decimal(part) - mass) < 2 * step for part, mass in zip(parts, exact, strict=True))
    assert all(len(part.partition(".")[2]) == decimals for part in (*parts, total))


@given(st.lists(st.integers(0, 10**13), max_size=50))
def test_printed_volumes_sum_to_the_printed_total(volumes: list[int]) -> None:
    parts, total = cubic_metres(volumes)
    assert len(parts) == len(volumes)
    assert sum(map(Decimal, parts)) == Decimal(total)
    assert abs(Decimal(total) - Decimal(sum(volumes)) / 10**9) <= Decimal("0.0005")


def test_no_float_is_ever_printed() -> None:
    assert json.loads(f"[{kilograms(1)}, {kilograms(1000)}]") == [0.001, 1.0]
    assert kilograms(123456789) == "123456.789"
