"""G14: seven days by sea and land, and what is said where they are not kept or not known."""

from gateway.policies import load
from gateway.trade.lead_time import lead_time

FREIGHT = load.freight()
HANDLING = (FREIGHT.handling_days_min, FREIGHT.handling_days_max)


def test_g14_shenzhen_to_hai_phong_keeps_the_promise_leg_by_leg() -> None:
    """A day of handling, a day to the port, three or four at sea, a day to the door: six or seven."""
    found = lead_time(FREIGHT.way("south", "VN", "Hai Phong"), handling=HANDLING, promise_days=7)
    assert (found.days_min, found.days_max, found.verdict, found.late_days) == (6, 7, "in-time", 0)
    assert [(part.mode, part.begins, part.ends) for part in found.stretches] == [
        ("", 0, 1), ("road", 1, 2), ("sea", 2, 6), ("road", 6, 7),
    ]  # fmt: skip


def test_a_longer_way_is_late_by_so_many_days() -> None:
    found = lead_time(FREIGHT.way("south", "VN", "Ho Chi Minh City"), handling=HANDLING, promise_days=7)
    assert (found.days_min, found.days_max, found.verdict, found.late_days) == (7, 8, "late", 1)
    north = lead_time(FREIGHT.way("north", "VN", "Hai Phong"), handling=HANDLING, promise_days=7)
    assert (north.days_max, north.late_days) == (14, 7)


def test_a_leg_that_states_no_days_makes_the_whole_unknown() -> None:
    road, sea, door = FREIGHT.way("south", "VN", "Hai Phong")
    silent = sea.model_copy(update={"days_min": None, "days_max": None})
    found = lead_time([road, silent, door], handling=HANDLING, promise_days=7)
    assert (found.days_min, found.days_max, found.verdict) == (None, None, "unknown")
    assert [part.ends for part in found.stretches] == [1, 2, None, None]


def test_no_way_and_no_promise_are_unknown() -> None:
    assert lead_time([], handling=HANDLING, promise_days=7).verdict == "unknown"
    found = lead_time(FREIGHT.way("south", "VN", "Hai Phong"), handling=HANDLING, promise_days=None)
    assert (found.days_max, found.verdict) == (7, "unknown")
