"""X7: a ban holds from its first day to its last, and the gate asks which day it is."""

from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError

from gateway.policies import load
from gateway.trade.eligibility import Ban, eligible
from tests.gateway.trade.test_permission_rows import FACTS

USED = FACTS.lot.model_copy(update={"condition": "used"})


def bans_on(day: date, hs_code: str, market: str = "VN") -> list[str]:
    goods = replace(FACTS.goods, hs_codes=frozenset({hs_code}))
    to = load.markets().market(market)
    assert to is not None
    facts = replace(FACTS, lot=USED, goods=goods)
    found = eligible(facts, to, load.markets().bans, load.permission(), day)
    return [reason.detail for reason in found if reason.slug == "import-ban"]


@pytest.mark.parametrize(
    ("day", "hs_code", "held"),
    [
        (date(2023, 5, 15), "620342", ["VN-USED-CONSUMER-2018"]),
        (date(2023, 5, 16), "620342", ["VN-USED-CONSUMER"]),
        (date(2026, 11, 22), "620342", ["VN-USED-CONSUMER"]),
        (date(2018, 11, 29), "851713", []),
        (date(2018, 11, 30), "851713", ["VN-USED-IT"]),
    ],
)
def test_a_ban_holds_on_its_days_and_on_no_other(day: date, hs_code: str, held: list[str]) -> None:
    assert bans_on(day, hs_code) == held


def test_a_ban_without_days_always_holds_and_one_that_ends_before_it_begins_is_no_ban() -> None:
    assert bans_on(date(1990, 1, 1), "841810", "NG") == ["NG-USED-REFRIGERATOR"]
    ban = load.markets().bans[0].model_dump()
    with pytest.raises(ValidationError, match="effective_from is after effective_to"):
        Ban(**ban | {"effective_from": date(2020, 1, 2), "effective_to": date(2020, 1, 1)})
