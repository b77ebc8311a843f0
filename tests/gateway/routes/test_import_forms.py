"""The price of a whole file, as people of three languages type it."""

import pytest

from gateway.routes.import_forms import price_of


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("100000.50", 10_000_050),
        ("100,000.50", 10_000_050),
        ("100000,50", 10_000_050),
        ("100.000,50", 10_000_050),
        ("100,000", 10_000_000),
        ("1250,5", 125_050),
    ],
)
def test_a_price_is_read_with_a_point_or_a_comma_before_its_cents(text: str, minor: int) -> None:
    assert price_of(text, "CNY") == minor


@pytest.mark.parametrize("text", ["100.000", "1.000.000", "1,2,3", "12.345", "-5", "0", ""])
def test_a_price_that_two_people_could_read_differently_is_asked_for_again(text: str) -> None:
    assert price_of(text, "CNY") is None
