"""Stock figures as the trade prints them (commerce 1.2 L27, L28)."""

from datetime import date
from fractions import Fraction

import pytest

from ledger.lots.turnover import ageing, average, days, months_old, needs_clearing, printed, turns

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(("turned", "figure"), [("3.42", "105.26"), ("10.75", "33.49"), ("1.75", "205.71")])
def test_l27_a_year_has_360_days(turned: str, figure: str) -> None:
    assert printed(days(Fraction(turned))) == figure


def test_l27_turns_are_cost_of_goods_sold_over_average_inventory() -> None:
    stock = average([(date(2026, 1, 1), 600), (date(2026, 1, 16), 300)], date(2026, 1, 1), date(2026, 1, 31))
    assert stock == 450
    assert printed(turns(1_539, stock)) == "3.42"


def test_l27_a_level_counts_only_the_days_of_the_period() -> None:
    levels = [(date(2025, 12, 1), 100), (date(2026, 1, 3), 50), (date(2026, 2, 1), 9_999)]
    assert average(levels, date(2026, 1, 1), date(2026, 1, 5)) == Fraction(2 * 100 + 2 * 50, 4)
    assert average([(date(2026, 1, 3), 8)], date(2026, 1, 1), date(2026, 1, 5)) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: turns(1, 0),
        lambda: days(Fraction(0)),
        lambda: average([], TODAY, TODAY),
    ],
)
def test_l27_figures_that_do_not_exist_are_not_made_up(wrong) -> None:
    with pytest.raises(ValueError, match=r"needs|need|has"):
        wrong()


@pytest.mark.parametrize(
    ("made", "months"),
    [
        (date(2026, 11, 20), 0),
        (date(2026, 10, 21), 0),
        (date(2026, 10, 20), 1),
        (date(2024, 11, 20), 24),
        (date(2024, 11, 21), 23),
        (date(2027, 1, 1), 0),
    ],
)
def test_l28_age_is_in_whole_months(made: date, months: int) -> None:
    assert months_old(made, TODAY) == months


def test_l28_every_unit_is_in_one_bucket() -> None:
    stock = [(date(2026, 11, 1), 5), (date(2026, 5, 20), 7), (date(2024, 11, 20), 2), (date(2020, 1, 1), 1)]
    assert [(b.from_months, b.until_months, b.units) for b in ageing(stock, TODAY)] == [
        (0, 6, 5),
        (6, 12, 7),
        (12, 24, 0),
        (24, 36, 2),
        (36, None, 1),
    ]


def test_l28_apparel_raises_an_alert_at_24_months() -> None:
    assert needs_clearing("apparel", date(2024, 11, 20), TODAY)
    assert not needs_clearing("apparel", date(2024, 11, 21), TODAY)
    assert not needs_clearing("electronics", date(2010, 1, 1), TODAY)
