"""G10: an event is open within its hours, and its sell-through is what the ledger says was sold in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.trade.events import LotOfSale, SaleEvent, left_until, refusal, sell_through, state_at

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
END = START + timedelta(days=3)
EVENT = SaleEvent("sev_1", "专场", "Sale", "Đợt bán", START, END, "planned")
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("moment", "state", "slug"),
    [
        (START - TICK, "planned", "sale-not-open"), (START, "open", None), (END - TICK, "open", None),
        (END, "closed", "sale-closed"),
    ],
)  # fmt: skip
def test_the_hours_decide_to_the_microsecond(moment: datetime, state: str, slug: str | None) -> None:
    for stored in ("planned", "open"):  # whatever was written down last
        event = replace(EVENT, state=stored)
        found = refusal(event, moment)
        assert state_at(event, moment) == state
        assert (found and found.slug) == slug
        assert found is None or (found.starts_at, found.ends_at) == (START, END)


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_what_somebody_ended_stays_ended_within_its_hours(state: str) -> None:
    found = refusal(replace(EVENT, state=state), START)
    assert found is not None
    assert found.slug == "sale-closed"


def test_time_that_is_left_is_told_in_days_then_hours_then_not_at_all() -> None:
    left = {
        hours: (told.days, told.hours)
        for hours in (0, 1, 23, 24, 71, -5)
        if (told := left_until(START + timedelta(hours=hours, minutes=59), START))
    }
    assert left == {0: (0, 0), 1: (0, 1), 23: (0, 23), 24: (1, 0), 71: (2, 0), -5: (0, 0)}


def test_sell_through_counts_what_was_sold_since_a_lot_joined() -> None:
    """Seventy per cent, as such events usually reach."""
    assert sell_through([LotOfSale(100, 0, 90), LotOfSale(100, 40, 90)]) == 70
    assert sell_through([LotOfSale(3, 0, 2)]) == 67
    assert sell_through([LotOfSale(10, 0, 500), LotOfSale(10, 9, 3)]) == 50, "never more than was offered"
    assert sell_through([]) == 0


def test_one_unknown_sale_makes_the_share_unknown() -> None:
    assert sell_through([LotOfSale(100, 0, 90), LotOfSale(1, 0, None)]) is None


def test_a_title_is_told_in_the_readers_language() -> None:
    assert [EVENT.title(tag) for tag in ("zh-CN", "en", "vi")] == ["专场", "Sale", "Đợt bán"]
