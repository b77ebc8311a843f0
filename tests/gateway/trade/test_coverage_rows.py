"""Rows L6, L12, L13 and L22: how well goods have to be looked at before they are offered."""

from dataclasses import replace
from typing import Any, Literal

import pytest

from gateway.trade.eligibility import Supplier
from ledger.lots.coverage import level, looked_at
from ledger.lots.state import Hand, Inspection, Insurance, Sample, SampleResult
from tests.gateway.trade.test_permission_rows import (
    DEALER,
    FACTS,
    LOT,
    OPERATOR,
    SUPPLIER,
    inspection,
    reasons,
)
from tests.ledger.world import PARTIES

PLAN = Sample(
    planned="aa" * 32,
    index=8,
    inspection_level="II",
    severity="normal",
    aql="2.5",
    minimum_grade="C",
    lot_size=500,
    sample_size=50,
    accept=3,
    reject=4,
    seed="bb" * 32,
)


def sampled(
    verdict: Literal["accepted", "accepted_tighten", "rejected"] = "accepted", **changes: Any
) -> Inspection:
    result = SampleResult(sample=PLAN, nonconforming=0, verdict=verdict, draws=1)
    return inspection(coverage="sample", sample=result, **changes)


@pytest.mark.parametrize("verdict", ["accepted", "accepted_tighten"])
def test_l12_an_accepted_sample_that_was_planned_before_may_be_offered(verdict: Any) -> None:
    assert reasons(inspection=sampled(verdict)) == []


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (sampled("rejected"), ("sample-rejected", "")),
        (inspection(coverage="sample"), ("sample-unplanned", "")),
        (inspection(coverage="documents"), ("not-inspected", "documents")),
    ],
    ids=["rejected", "unplanned", "documents"],
)
def test_l13_less_than_an_accepted_sample_is_refused_and_named(
    found: Inspection, expected: tuple[str, str]
) -> None:
    assert reasons(inspection=found) == [expected]


def test_l13_a_policy_on_papers_is_no_look_at_the_goods() -> None:
    papers = inspection(coverage="documents")
    insured = Insurance(
        event_id="cc" * 32,
        index=12,
        inspection=papers.event_id,
        by=Hand(party=PARTIES["third"], key="dd" * 32),
        valid_from="2026-11-01",
        valid_until="2026-12-31",
    )
    lot = LOT.model_copy(update={"inspection": papers, "insurance": insured})
    assert (level(lot, "2026-11-21"), looked_at(lot)) == ("insurer", "documents")
    assert reasons(inspection=papers, insurance=insured) == [("not-inspected", "documents")]


def test_l22_of_a_poor_supplier_an_accepted_sample_is_not_enough_whoever_signed_it() -> None:
    poor = replace(FACTS, suppliers=(Supplier(DEALER, registered=True, score_poor=True),))
    independent = sampled(third_party=True, independent=True)
    assert level(LOT.model_copy(update={"inspection": independent}), "2026-11-21") == "third_party"
    assert reasons(poor, inspection=independent) == [("full-inspection-required", "")]
    assert reasons(poor, inspection=inspection()) == []


def test_l6_direct_goods_may_be_sampled_by_another_than_their_supplier() -> None:
    direct = {"title": SUPPLIER, "custody": SUPPLIER, "supply_mode": "direct", "agent": OPERATOR}
    assert reasons(**direct, inspection=sampled()) == []
    own = sampled(by=[Hand(party=SUPPLIER, key="cd" * 32)])
    assert reasons(**direct, inspection=own) == [("direct-not-inspected", "")]


@pytest.mark.parametrize("way", ["lost", "destroyed", "staff_sale", "returned_to_owner", "merged"])
def test_goods_that_left_are_refused_with_the_way_that_they_took(way: str) -> None:
    assert ("lot-gone", way) in reasons(replace(FACTS, available=0), quantity=0, exit=way, exited=5)


def test_a_lot_that_was_split_whole_is_no_lot_to_sell() -> None:
    assert ("lot-gone", "divided") in reasons(replace(FACTS, available=0), quantity=0)
