"""What a destination asks is data with a source; an unknown fact is neither yes nor no."""

import csv
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters import readiness as rules
from exporters.readiness import MISSING, Case, Fact, Finding, Goods, Level, NotApplicable, Question, Rule
from exporters.readiness import readiness as judge

DAY = date(2026, 11, 22)
PACKS = rules.packs()
RULES = tuple(rule for pack in PACKS for rule in pack.rules)
UNIONS = {name: members for pack in PACKS for name, members in pack.unions.items()}
TABLE = Path(os.environ.get("CONFORMANCE_DIR", Path(__file__).parents[3] / "shared" / "conformance")) / (
    "trade/hs2022/data/harmonized-system.csv"
)

PHONE: dict[str, Fact] = {
    "hs_code": "851713", "origin_country": "CN", "condition": "new", "weights_agree": True, "battery": True,
    "battery_wh": "19.35", "battery_packing": "contained_in_equipment", "un38_3": "XY-UN383-2025-041",
    "functional": True, "description": "Smartphone",
}  # fmt: skip
TRADE: dict[str, Fact] = {"tester": "party:x", "test_date": "2026-11-20", "seller": "s", "buyer": "b"}


def case(destination: str, facts: dict[str, Fact] = PHONE, day: date = DAY, **more: str) -> Case:
    return Case(
        destination=destination,
        incoterm=more.get("incoterm", "FCA"),
        mode=more.get("mode", "sea"),
        day=day,
        goods=(Goods("goods", facts),),
        facts=TRADE,
    )


def found(of: Case, rule: str) -> Finding | None:
    return next((one for one in judge(of, RULES, UNIONS).findings if one.rule.id == rule), None)


def outcome(of: Case, rule: str) -> str:
    finding = found(of, rule)
    return finding.outcome if finding else "not asked"


def used(**more: Fact) -> dict[str, Fact]:
    return {**PHONE, "condition": "used", **more}


@pytest.mark.parametrize(
    ("rule", "packing", "last", "first"),
    [("IATA-PI966-SOC", "packed_with_equipment", date(2025, 12, 31), date(2026, 1, 1))],
)
def test_the_charge_of_batteries_beside_their_equipment_is_limited_from_2026(
    rule: str, packing: str, last: date, first: date
) -> None:
    facts = {**PHONE, "battery_packing": packing, "battery_soc_percent": 60}
    assert outcome(case("VN", facts, last, mode="air"), rule) == "not asked"
    assert outcome(case("VN", facts, last, mode="air"), "IATA-PI966-SOC-2025") == "fail", "as advice"
    assert outcome(case("VN", facts, first, mode="air"), rule) == "fail"
    assert outcome(case("VN", {**facts, "battery_soc_percent": 30}, first, mode="air"), rule) == "pass"
    assert outcome(case("VN", {**facts, "battery_wh": "2.7"}, first, mode="air"), rule) == "not asked"
    assert outcome(case("VN", facts, first, mode="sea"), rule) == "not asked"


def test_evidence_of_re_use_is_asked_since_2025() -> None:
    before, since = date(2024, 12, 31), date(2025, 1, 1)
    assert outcome(case("NG", used(), before), "BASEL-REUSE-EVIDENCE") == "not asked"
    finding = found(case("NG", used(), since), "BASEL-REUSE-EVIDENCE")
    assert finding is not None
    assert (finding.outcome, finding.facts, finding.blocks) == ("unknown", ("holder_declaration",), True)
    assert outcome(case("NG", used(holder_declaration=True), since), "BASEL-REUSE-EVIDENCE") == "pass"
    assert outcome(case("NG", PHONE, since), "BASEL-REUSE-EVIDENCE") == "not asked", "new goods are no waste"


def test_the_union_asks_what_it_asks_in_each_of_its_states_from_its_day_on() -> None:
    assert outcome(case("DE", day=date(2024, 12, 12)), "EU-GPSR-RP") == "not asked"
    assert outcome(case("DE", day=date(2024, 12, 13)), "EU-GPSR-RP") == "unknown"
    assert outcome(case("CH"), "EU-GPSR-RP") == "not asked"
    assert len(UNIONS["EU"]) == 27


def test_goods_that_fail_their_test_are_waste_wherever_they_go() -> None:
    assert outcome(case("NG", used(functional=False)), "EWASTE-FUNCTION") == "fail"
    assert outcome(case("NG", used(functional=MISSING)), "EWASTE-FUNCTION") == "unknown"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("851713", "pass"), ("85171300", "pass"), ("8517130000", "pass"), ("851712", "fail"),
        ("85171200", "fail"), ("8517", "fail"), ("8517.13", "fail"), ("999999", "fail"), ("770000", "fail"),
        ("TOTAL", "fail"), ("٨٥١٧١٣", "fail"), ("851713000000000", "fail"),
    ],
)  # fmt: skip
def test_an_hs_code_has_the_shape_and_the_year_of_the_nomenclature(code: str, said: str) -> None:
    assert outcome(case("VN", {**PHONE, "hs_code": code}), "HS2022-VALID") == said


def test_no_code_of_the_nomenclature_is_refused_and_what_it_withdrew_is_not_in_it() -> None:
    if not TABLE.exists():
        pytest.skip(f"{TABLE} is not there")
    with TABLE.open(encoding="utf-8") as file:
        codes = {row["hscode"] for row in csv.DictReader(file) if row["level"] == "6"} - {"999999"}
    rule = next(rule for rule in RULES if rule.id == "HS2022-VALID")
    assert codes.isdisjoint(rule.requires[0].withdrawn)
    refused = {
        code
        for code in codes
        if judge(case("VN", {"hs_code": code}), [rule], {}).findings[0].outcome != "pass"
    }
    assert refused == set()


@pytest.mark.parametrize(
    ("incoterm", "mode", "said"),
    [
        ("FOB", "sea", "pass"),
        ("FOB", "air", "fail"),
        ("CIF", "road", "fail"),
        ("FCA", "air", "pass"),
        ("CIF", "", "unknown"),
    ],
)
def test_four_terms_are_for_ships_alone(incoterm: str, mode: str, said: str) -> None:
    assert outcome(case("VN", incoterm=incoterm, mode=mode), "INCOTERM-MODE") == said


def test_a_container_under_fob_is_warned_of_and_stops_nothing() -> None:
    boxed = replace(case("VN", incoterm="FOB"), facts={**TRADE, "containerised": True})
    finding = found(boxed, "INCOTERM-CONTAINER")
    assert finding is not None
    assert (finding.outcome, finding.blocks) == ("fail", False)


@pytest.mark.parametrize(
    ("destination", "hs_code", "condition", "rule", "said"),
    [
        ("GH", "841810", "used", "GH-USED-COLD", "fail"),
        ("GH", "841810", "new", "GH-USED-COLD", "pass"),
        ("GH", "851713", "used", "GH-USED-COLD", "not asked"),
        ("GH", "940421", "returned", "GH-USED-PERSONAL", "fail"),
        ("KE", "620342", "new", "KE-PVOC", "unknown"),
        ("NG", "620342", "new", "NG-SONCAP", "unknown"),
        ("NG", "481910", "new", "NG-SONCAP", "not asked"),
        ("US", "611020", "new", "US-APPAREL-FIBRE", "unknown"),
        ("US", "851713", "new", "US-UFLPA-TRACE", "unknown"),
        ("US", "851713", "new", "ISF-10", "unknown"),
        ("VN", "851713", "new", "VN-CRYPTO-LICENCE", "unknown"),
        ("TH", "620342", "used", "ASEAN-USED-CLOTHING", "fail"),
    ],
)
def test_each_destination_asks_its_own(
    destination: str, hs_code: str, condition: str, rule: str, said: str
) -> None:
    facts: dict[str, Fact] = {**PHONE, "hs_code": hs_code, "condition": condition}
    assert outcome(case(destination, facts), rule) == said


def test_a_rule_without_source_or_day_advises_only() -> None:
    bare = Rule(
        id="BARE", severity="block", status="secondary", requires=(Question(fact="nobody_says", op="stated"),)
    )
    sourced = bare.model_copy(update={"source": "a law", "checked_on": DAY})
    levels = [judge(case("VN"), [rule], {}).level for rule in (bare, sourced)]
    assert levels == [Level.READY, Level.DRAFT]
    assert sourced.model_copy(update={"status": "unverified"}).weighs == "info"


def test_a_rule_that_may_apply_is_unknown_until_what_confines_it_is_stated() -> None:
    without = {name: fact for name, fact in used().items() if name not in ("hs_code", "condition")}
    finding = found(case("NG", without), "BASEL-REUSE-EVIDENCE")
    assert finding is not None
    assert (finding.outcome, finding.facts) == ("unknown", ("condition", "hs_code"))


def test_the_longest_prefix_of_a_family_is_asked_alone() -> None:
    chapter = Rule(
        id="CHAPTER", family="f", hs_prefixes=("85",), severity="block", status="verified", source="s",
        checked_on=DAY, requires=(Question(fact="a", op="stated"),),
    )  # fmt: skip
    heading = chapter.model_copy(update={"id": "HEADING", "hs_prefixes": ("8517",)})
    asked = [one.rule.id for one in judge(case("VN"), [chapter, heading], {}).findings]
    assert asked == ["HEADING"]
    other = case("VN", {**PHONE, "hs_code": "850760"})
    assert [one.rule.id for one in judge(other, [chapter, heading], {}).findings] == ["CHAPTER"]


def test_what_cannot_be_is_no_gap() -> None:
    facts = {**PHONE, "un38_3": NotApplicable("the battery was taken out")}
    assert outcome(case("VN", facts), "UN383-SUMMARY") == "pass"


def test_goods_that_fail_are_named_and_a_failure_goes_before_a_gap() -> None:
    both = replace(
        case("VN"),
        goods=(Goods("well", PHONE), Goods("wrong", {**PHONE, "hs_code": "851712"}), Goods("silent", {})),
    )
    finding = found(both, "HS2022-VALID")
    assert finding is not None
    assert (finding.outcome, finding.goods) == ("fail", ("wrong",))


def test_levels_are_draft_complete_and_ready() -> None:
    own = [rule for rule in RULES if rule.id in ("HS2022-VALID", "ORIGIN-STATED", "WEIGHT-RECON")]
    assert judge(case("VN"), own, {}).level is Level.READY
    assert judge(case("VN", {**PHONE, "hs_code": "851712"}), own, {}).level is Level.COMPLETE
    assert judge(case("VN", {"hs_code": "851712"}), own, {}).level is Level.DRAFT


NAMES = sorted({question.fact for rule in RULES for question in rule.requires} | set(PHONE))
VALUES: st.SearchStrategy[Fact] = st.sampled_from(
    [MISSING, True, False, "new", "used", "851713", "620342", "CN", "contained_in_equipment", 20, 60]
)


@given(
    facts=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=12),
    destination=st.sampled_from(["VN", "US", "NG", "DE", "GH", "KE", "GB"]),
    mode=st.sampled_from(["sea", "air", ""]),
)
def test_the_engine_answers_everything_and_stating_a_gap_never_breaks_what_was_well(
    facts: dict[str, Fact], destination: str, mode: str
) -> None:
    """Total over odd facts; and a rule that passed with a fact missing still passes once it is stated."""
    numbers = dict.fromkeys(("battery_soc_percent", "battery_wh"), 20)
    asked = case(destination, {**facts, **numbers}, mode=mode)
    answer = judge(asked, RULES, UNIONS)
    assert judge(asked, RULES, UNIONS) == answer
    more = {name: value for name, value in PHONE.items() if name not in asked.goods[0].facts}
    fuller = judge(replace(asked, goods=(Goods("goods", {**asked.goods[0].facts, **more}),)), RULES, UNIONS)
    after = {finding.rule.id: finding.outcome for finding in fuller.findings}
    for finding in answer.findings:
        if finding.outcome == "pass":
            assert after.get(finding.rule.id, "pass") == "pass"


def test_every_rule_has_an_id_of_its_own() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert all(rule.source and rule.checked_on for rule in RULES if rule.status != "unverified")
