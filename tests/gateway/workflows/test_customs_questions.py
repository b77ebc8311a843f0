"""X7: bans stand with their markets and are asked in the one list; every rule has its words."""

from dataclasses import replace
from datetime import date

import pytest

from exporters.readiness import Case, Fact, Goods, Level, packs
from exporters.readiness import readiness as judge
from gateway.pages import words
from gateway.policies import load
from gateway.workflows.customs_questions import RULE_FILES, all_rules, unions

PHONE: dict[str, Fact] = {"hs_code": "851713", "condition": "new"}


def case(market: str, **facts: Fact) -> Case:
    goods = (Goods("goods", {**PHONE, **facts}),)
    return Case(market, "FCA", "sea", date(2026, 11, 22), goods, {})


@pytest.mark.parametrize(
    ("market", "facts", "rule", "outcome"),
    [
        ("VN", {}, "VN-USED-IT", "pass"),
        ("VN", {"condition": "refurbished"}, "VN-USED-IT", "fail"),
        ("VN", {"condition": "opened"}, "VN-USED-IT", "fail"),
        ("VN", {"hs_code": "620342", "condition": "used"}, "VN-USED-CONSUMER", "fail"),
        ("NG", {"hs_code": "841810", "condition": "used"}, "NG-USED-REFRIGERATOR", "fail"),
        ("NG", {"hs_code": "640399", "condition": "returned"}, "NG-USED-CLOTHING", "fail"),
    ],
)
def test_x7_what_the_gate_refuses_customs_refuse_under_the_same_id(
    market: str, facts: dict[str, Fact], rule: str, outcome: str
) -> None:
    asked = case(market, **facts)
    [finding] = [one for one in judge(asked, all_rules(), unions()).findings if one.rule.id == rule]
    assert (finding.outcome, finding.rule.weighs) == (outcome, "block")
    assert finding.rule.source == next(ban.source for ban in load.markets().bans if ban.id == rule)
    if outcome == "fail":
        assert judge(asked, all_rules(), unions()).level is not Level.READY
        elsewhere = judge(replace(asked, destination="US"), all_rules(), unions())
        assert rule not in {one.rule.id for one in elsewhere.findings}


@pytest.mark.parametrize(
    ("day", "in_force"),
    [(date(2023, 5, 15), "VN-USED-CONSUMER-2018"), (date(2023, 5, 16), "VN-USED-CONSUMER")],
)
def test_x7_on_the_day_that_a_circular_replaced_another_its_list_holds(day: date, in_force: str) -> None:
    asked = replace(case("VN", hs_code="620342", condition="used"), day=day)
    findings = judge(asked, all_rules(), unions()).findings
    failed = [one.rule.id for one in findings if one.outcome == "fail"]
    assert [one for one in failed if one.startswith("VN-USED-CONSUMER")] == [in_force]


def test_every_rule_stands_once_and_every_file_is_read() -> None:
    ids = [rule.id for rule in all_rules()]
    assert len(ids) == len(set(ids))
    assert {ban.id for ban in load.markets().bans} < set(ids)
    assert sorted(RULE_FILES) == sorted(pack.id for pack in packs())
    assert len(ids) == len(load.markets().bans) + sum(len(pack.rules) for pack in packs())


def test_every_rule_and_every_fact_that_it_asks_has_words() -> None:
    asked = {question.fact for rule in all_rules() for question in (*rule.requires, *rule.when)}
    confining = {"hs_code", "condition", "mode"}
    assert {rule.id for rule in all_rules() if words.message_id("customs_rules", rule.id) is None} == set()
    assert {fact for fact in asked | confining if words.message_id("customs_fixes", fact) is None} == set()
    assert set(words.TABLES["customs_rules"]) == {rule.id for rule in all_rules()}
