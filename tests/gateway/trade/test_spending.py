"""Who has to be asked, what is paid first, how much of a lot one company holds, where a purchase may go."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policies import load
from gateway.trade.purchase_states import NEXT, STATES, UNSOLD, may_become, of_orders, way_to
from gateway.trade.spending import Limit, PurchasePolicy, Tier, needs_approval

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
TIER = Tier(
    tier=1, extension_minutes=30, waiting_hours=24, share_percent=80, deposit_percent=30,
    deposit_from={"USD": 100_000}, balance_days=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("total", "currency", "deposit"),
    [
        (99_999, "USD", 0),
        (100_000, "USD", 30_000),
        (100_005, "USD", 30_002),  # 30,001.5 goes up
        (100_001, "USD", 30_000),  # 30,000.3 goes down
        (10, "VND", 3),  # a currency without an amount is asked always
        (0, "VND", 0),
    ],
)
def test_a_deposit_is_a_rounded_share_from_an_amount_on(total: int, currency: str, deposit: int) -> None:
    assert TIER.deposit_minor(total, currency) == deposit


def test_a_deposit_is_asked_from_the_same_worth_on_in_every_currency() -> None:
    """As far apart as the smallest orders are, which name an amount for each of them, too."""
    orders = load.channels().order_minimum.amounts
    for tier in load.purchases().tiers:
        times = [amount / orders[currency] for currency, amount in tier.deposit_from.items()]
        assert not times or max(times) < 1.1 * min(times), tier.deposit_from


def test_a_tier_beyond_the_last_has_the_last_ones_terms() -> None:
    policy = load.purchases()
    assert policy.of_tier(99) == policy.tiers[-1]
    assert policy.of_tier(0) == policy.tiers[0]


@pytest.mark.parametrize(
    ("tier", "pieces", "most"), [(1, 999, 999), (1, 1000, 800), (2, 1001, 900), (3, 5000, 5000)]
)
def test_a_small_lot_may_be_held_whole_and_of_a_large_one_the_tiers_share(
    tier: int, pieces: int, most: int
) -> None:
    assert load.purchases().share_max(tier, pieces) == most


def test_a_policy_with_a_gap_between_its_tiers_is_refused() -> None:
    policy = load.purchases()
    with pytest.raises(ValueError, match="without a gap"):
        PurchasePolicy(**{**policy.model_dump(), "tiers": policy.tiers[1:]})
    too_long = policy.tiers[0].model_copy(update={"waiting_hours": 73})
    with pytest.raises(ValueError, match="waits longer"):
        PurchasePolicy(**{**policy.model_dump(), "tiers": (too_long,)})


@pytest.mark.parametrize(
    ("limit", "spent", "threshold", "total", "asked"),
    [
        (None, 0, None, 10**9, False),
        (1_000, 0, None, 1_000, False),
        (1_000, 0, None, 1_001, True),
        (1_000, 600, None, 400, False),
        (1_000, 600, None, 401, True),
        (None, 0, 500, 500, False),
        (None, 0, 500, 501, True),
        (0, 0, None, 1, True),
    ],
)
def test_somebody_is_asked_above_the_limit_and_above_the_threshold(
    limit: int | None, spent: int, threshold: int | None, total: int, asked: bool
) -> None:
    found = needs_approval(
        limit=Limit(amount_minor=limit, currency="USD"), spent_minor=spent, threshold_minor=threshold,
        threshold_currency="USD", total_minor=total, currency="USD",
    )  # fmt: skip
    assert found is asked


def test_what_is_in_another_currency_is_asked_about() -> None:
    mine = Limit(amount_minor=10**9, currency="USD")
    assert not mine.is_kept(0, 1, "VND")
    assert needs_approval(
        limit=Limit(), spent_minor=0, threshold_minor=10**9, threshold_currency="USD", total_minor=1,
        currency="VND",
    )  # fmt: skip


def test_a_month_begins_on_its_first_day_and_a_purchase_counts_alone() -> None:
    assert Limit(period="month").begins(NOW) == datetime(2026, 11, 1, tzinfo=UTC)
    assert Limit(period="purchase").begins(NOW) == NOW


def test_a_purchase_is_cancelled_from_any_state_before_its_goods_left_and_from_none_after() -> None:
    left = {"partially_shipped", "shipped", "delivered", "completed", "cancelled"}
    assert {state for state in STATES if not may_become(state, "cancelled")} == left
    assert NEXT["completed"] == NEXT["cancelled"] == frozenset()
    assert all(may_become(state, "on_hold") for state in UNSOLD - {"draft"})


@given(
    st.lists(
        st.sampled_from(["confirmed", "packed", "partially_shipped", "shipped", "delivered"]),
        min_size=1,
        max_size=6,
    ),
    st.booleans(),
)
def test_a_purchase_stands_where_its_slowest_goods_are(orders: list[str], paid: bool) -> None:
    found = of_orders(orders, paid=paid)
    assert (found == "confirmed") == all(state in ("confirmed", "packed") for state in orders)
    assert (found in ("delivered", "completed")) == all(state == "delivered" for state in orders)
    assert (found == "completed") == (paid and set(orders) == {"delivered"})


@given(st.sampled_from(STATES), st.sampled_from(STATES))
def test_the_way_of_the_goods_takes_allowed_steps_alone(before: str, after: str) -> None:
    at = before
    for step in way_to(before, after):  # type: ignore[arg-type]
        assert may_become(at, step), (at, step)  # type: ignore[arg-type]
        at = step
    if way_to(before, after):  # type: ignore[arg-type]
        assert at == after
