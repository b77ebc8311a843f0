"""Recalled goods and goods that touch safety are not offered (commerce 1.2 L24)."""

from dataclasses import replace

import pytest

from gateway.pages import words
from gateway.policies import load
from ledger.records.safety import LotClassified
from tests.gateway.trade.test_permission_rows import FACTS, reasons


def test_l24_recalled_goods_are_refused_in_every_market() -> None:
    assert ("recalled", "") in reasons(replace(FACTS, recalled=True))


def test_l24_goods_of_a_safety_category_are_classified_before_they_are_offered() -> None:
    facts = replace(FACTS, safety_required="children")
    assert reasons(facts) == [("safety-unclassified", "children")]


def test_l24_every_unit_of_classified_goods_has_a_code() -> None:
    facts = replace(FACTS, safety_required="electrical")
    units = FACTS.lot.quantity
    coded = {"safety": "electrical", "codes": {"article": units}}
    assert reasons(facts, **coded) == []
    assert reasons(facts, **{**coded, "codes": {"article": units - 1}}) == [("unit-codes-missing", "")]


@pytest.mark.parametrize("safety", sorted(set(load.safety().values())))
def test_the_policy_names_classes_that_a_record_can_say(safety: str) -> None:
    assert LotClassified.model_validate({"safety": safety}).safety == safety
    assert words.message_id("safety_classes", safety)
