"""Rows L1, L5 to L9, L11, L22 and L29 to L32 of the commerce reference, as the listing gate holds them.

The gate is pure: a lot that may be sold, and one fact about it changed at a time.
"""

from dataclasses import replace
from datetime import date, timedelta
from importlib import resources
from typing import Any

import pytest

from gateway.policies import load
from gateway.trade.eligibility import Goods, LotFacts, Supplier, eligible, over_age
from gateway.trade.permission_policy import parse_permission
from ledger.lots.permission import Link, left_under, permission_of
from ledger.lots.state import (
    AuthorizationState,
    Hand,
    Inspection,
    Intake,
    LotState,
    Part,
    PartyState,
    Signed,
)
from ledger.records.intake import SplitKey
from tests.ledger.world import PARTIES, ident

TODAY = date(2026, 11, 21)
BRAND, AGENT, SUPPLIER = PARTIES["brand"], PARTIES["agent"], PARTIES["supplier"]
OPERATOR, INSPECTOR = PARTIES["operator"], PARTIES["inspector"]
TOP, MIDDLE = ident("authorization", "the brand's"), ident("authorization", "the agent's")
MARKET = load.markets().market("US")
assert MARKET is not None


def inspection(**changes: Any) -> Inspection:
    return Inspection(
        event_id="ab" * 32,
        index=9,
        coverage="full",
        scheme="electronics/1",
        grades={"A": 5},
        label_states=["intact"],
        score_min=95,
        measured_at="2026-11-20",
        third_party=False,
        by=[Hand(party=INSPECTOR, key="cd" * 32)],
    ).model_copy(update=changes)


LOT = LotState(
    title=OPERATOR,
    custody=OPERATOR,
    category="phone",
    goods="finished",
    brand="星野",
    model=None,
    condition="new",
    unit="H87",
    produced_from="2025-01-01",
    produced_until="2025-06-30",
    origin_channel=None,
    origin_country="CN",
    surplus_cause="season_end",
    supply_mode="buyout",
    quantity=5,
    declared=5,
    received=True,
    authorizations=[TOP, MIDDLE],
    inspection=inspection(),
    grade="A",
    key=SplitKey(label_state="intact"),
    supplier=SUPPLIER,
    intake=Intake(day="2026-11-20", counted=5, site="shenzhen"),
)


def link(name: str, grantor: str, grantee: str, depth: int, **changes: Any) -> Link:
    state = AuthorizationState(
        grantor=grantor,
        granted="ef" * 32,
        parent=TOP if depth > 1 else None,
        depth=depth,
        brands=["星野"],
        categories=["phone"],
        valid_from="2026-01-01",
        valid_until="2027-12-31",
        may_delegate=True,
        label_clause="intact_only",
        channels_hash=None,
        by=Signed(index=3, keys=["12" * 32]),
    ).model_copy(update=changes)
    return Link(name, state, grantee=grantee, speaks_for=("星野",) if depth == 1 else ())


CHAIN = (link(TOP, BRAND, AGENT, 1), link(MIDDLE, AGENT, SUPPLIER, 2))
DEALER = PartyState(
    kind="supplier", country="CN", brands=[], registration_scheme="cn_uscc", supplier_type="dealer"
)
FACTS = LotFacts(
    lot=LOT,
    chain=CHAIN,
    goods=Goods(frozenset({"850440"}), (), un38_3_missing=False, articles=0, price_ratio_in_band=True),
    verified=True,
    distrusted=False,
    seller=OPERATOR,
    available=5,
    suppliers=(Supplier(DEALER, registered=True, score_poor=False),),
)


def reasons(facts: LotFacts = FACTS, *, today: date = TODAY, **lot: Any) -> list[tuple[str, str]]:
    """Slug and detail of every reason. lot: members of the lot that are changed."""
    assert MARKET is not None
    changed = replace(facts, lot=facts.lot.model_copy(update=lot))
    found = eligible(changed, MARKET, load.markets().bans, load.permission(), today)
    return [(reason.slug, reason.detail) for reason in found]


def with_link(position: int, state: dict[str, Any] | None = None, **changes: Any) -> LotFacts:
    chain = list(CHAIN)
    old = chain[position]
    chain[position] = replace(old, state=old.state.model_copy(update=state or {}), **changes)
    return replace(FACTS, chain=tuple(chain))


def test_a_lot_with_everything_in_order_may_be_sold() -> None:
    assert reasons() == []


def test_l1_goods_older_than_the_policy_are_never_listed_with_its_value_named() -> None:
    assert reasons(overage=True) == [("over-age", "36")]
    assert reasons(produced_until="2023-11-21") == []
    assert reasons(produced_until="2023-11-20") == [("over-age", "36")]


@pytest.mark.parametrize(
    ("produced", "today", "old"),
    [
        (date(2023, 11, 21), date(2026, 11, 21), False),  # 36 months
        (date(2023, 11, 20), date(2026, 11, 21), True),  # 36 months and a day
        (date(2023, 2, 28), date(2026, 2, 28), False),
        (date(2021, 2, 27), date(2024, 2, 28), True),
        (date(2021, 2, 28), date(2024, 2, 29), False),  # February has no 29th to go back to
        (date(2022, 12, 31), date(2025, 12, 31), False),
    ],
)
def test_l1_thirty_six_months_and_a_day_are_too_many(produced: date, today: date, old: bool) -> None:
    assert over_age(produced, today, 36) is old


@pytest.mark.parametrize("goods", ["raw_material", "promotion", "personal"])
def test_l1_only_finished_goods_are_sold(goods: str) -> None:
    assert reasons(goods=goods) == [("goods-not-sellable", goods)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (with_link(0, {"revoked": True}), ("authorization-revoked", TOP)),
        (with_link(1, {"revoked": True}), ("authorization-revoked", MIDDLE)),
        (with_link(1, {"valid_until": "2026-11-20"}), ("authorization-expired", MIDDLE)),
        (with_link(0, {"valid_from": "2026-11-22"}), ("authorization-expired", TOP)),
        (with_link(1, {"brands": ["Hoshino"]}), ("authorization-scope", MIDDLE)),
        (with_link(0, {"categories": ["shirt"]}), ("authorization-scope", TOP)),
        (with_link(1, grantee=PARTIES["stranger"]), ("authorization-wrong-grantee", MIDDLE)),
        (with_link(0, grantee=SUPPLIER), ("authorization-wrong-grantee", TOP)),
        (with_link(1, {"parent": ident("authorization", "x")}), ("authorization-broken", MIDDLE)),
        (with_link(0, speaks_for=("Hoshino",)), ("authorization-broken", TOP)),
        (with_link(1, distrusted=True), ("record-distrusted", MIDDLE)),
        (with_link(0, readable=False), ("authorization-unreadable", TOP)),
        (with_link(0, territories_denied=("US",)), ("territory-excluded", TOP)),
        (with_link(1, territories_allowed=("VN", "NG")), ("territory-excluded", MIDDLE)),
        (with_link(1, channels=("wholesale",)), ("channel-excluded", MIDDLE)),
        (with_link(0, ceiling=100, sold=100), ("authorization-exhausted", TOP)),
        (with_link(1, ceiling=100, sold=None), ("authorization-exhausted", MIDDLE)),
    ],
)
def test_l7_a_link_that_does_not_hold_refuses_the_listing_and_is_named(
    facts: LotFacts, expected: tuple[str, str]
) -> None:
    assert reasons(facts) == [expected]


def test_l7_a_link_that_is_gone_breaks_the_chain() -> None:
    facts = replace(FACTS, chain=CHAIN[:1])
    assert reasons(facts) == [("authorization-broken", MIDDLE)]


def test_l7_every_fault_is_told_at_once_in_the_order_of_the_chain() -> None:
    facts = with_link(1, {"revoked": True, "valid_until": "2026-01-02"}, channels=("wholesale",))
    assert [slug for slug, _ in reasons(facts)] == [
        "authorization-revoked",
        "authorization-expired",
        "channel-excluded",
    ]


def test_l7_no_more_is_offered_than_the_lowest_ceiling_leaves() -> None:
    assert left_under(CHAIN) is None
    assert left_under(with_link(0, ceiling=100, sold=98).chain) == 2
    assert left_under(with_link(1, ceiling=100, sold=None).chain) == 0
    assert reasons(with_link(0, ceiling=100, sold=99)) == []


def test_l7_a_bundle_needs_the_permission_of_each_of_its_brands() -> None:
    parts = [
        Part(brand="星野", authorizations=[TOP, MIDDLE]),
        Part(brand="Other", authorizations=[]),
    ]
    assert reasons(brand=None, bundle=parts) == [("authorization-missing", "")]


def test_l8_a_chain_of_three_is_refused_by_the_default_policy() -> None:
    third = ident("authorization", "a third")
    below = link(third, SUPPLIER, SUPPLIER, 3, parent=MIDDLE)
    facts = replace(FACTS, chain=(*CHAIN, below))
    assert reasons(facts, authorizations=[TOP, MIDDLE, third]) == [("authorization-too-deep", "3")]
    assert load.permission().depth_max == 2


def test_l9_a_brand_supplier_needs_no_link() -> None:
    brand = PartyState(kind="brand", country="CN", brands=["星野"], registration_scheme="cn_uscc")
    own = replace(FACTS, chain=(), suppliers=(Supplier(brand, registered=True, score_poor=False),))
    assert reasons(own, authorizations=[], supplier=BRAND) == []
    assert reasons(own, authorizations=[], supplier=BRAND, brand="Other") == [("authorization-missing", "")]
    unverified = replace(own, suppliers=(Supplier(brand, registered=False, score_poor=False),))
    assert reasons(unverified, authorizations=[]) == [("supplier-unregistered", "")]


def test_l9_nobody_else_goes_without() -> None:
    assert reasons(replace(FACTS, chain=()), authorizations=[]) == [("authorization-missing", "")]
    unknown = replace(FACTS, chain=(), suppliers=())
    assert reasons(unknown, authorizations=[]) == [("authorization-missing", "")]


def test_l11_a_cut_label_needs_the_clause_of_every_link() -> None:
    cut = {"key": SplitKey(label_state="cut")}
    assert reasons(**cut) == [("label-cut-not-licensed", TOP), ("label-cut-not-licensed", MIDDLE)]
    allowed = with_link(0, {"label_clause": "cut_allowed"})
    assert reasons(allowed, **cut) == [("label-cut-not-licensed", MIDDLE)]


def test_l5_the_operator_sells_what_it_owns_keeps_or_is_agent_of() -> None:
    assert reasons(title=SUPPLIER) == [("title-not-held", "")]
    assert reasons(title=SUPPLIER, supply_mode="consign") == []
    direct = {"title": SUPPLIER, "custody": SUPPLIER, "supply_mode": "direct", "received": False}
    assert reasons(**direct) == [("title-not-held", "")]
    assert reasons(**direct, agent=OPERATOR) == []


def test_l6_direct_goods_are_inspected_by_somebody_else_than_their_supplier() -> None:
    own = inspection(by=[Hand(party=SUPPLIER, key="cd" * 32)])
    direct = {"title": SUPPLIER, "custody": SUPPLIER, "supply_mode": "direct", "agent": OPERATOR}
    assert reasons(**direct, inspection=own) == [("direct-not-inspected", "")]
    both = inspection(by=[*own.by, Hand(party=PARTIES["third"], key="ef" * 32)], third_party=True)
    assert reasons(**direct, inspection=both) == []
    assert ("not-inspected", "") in reasons(**direct, inspection=None)


def test_l22_a_poor_score_demands_that_every_unit_is_inspected() -> None:
    poor = replace(FACTS, suppliers=(Supplier(DEALER, registered=True, score_poor=True),))
    assert reasons(poor) == []
    sampled = inspection(coverage="sample")
    assert ("full-inspection-required", "") in reasons(poor, inspection=sampled)
    assert ("full-inspection-required", "") not in reasons(inspection=sampled)


def test_l29_a_supplier_without_a_valid_number_sells_nothing() -> None:
    unregistered = replace(FACTS, suppliers=(Supplier(DEALER, registered=False, score_poor=False),))
    assert reasons(unregistered) == [("supplier-unregistered", "")]


def test_l30_an_oem_sells_a_cancelled_order_only_with_the_brands_release() -> None:
    oem = DEALER.model_copy(update={"supplier_type": "oem"})
    facts = replace(FACTS, suppliers=(Supplier(oem, registered=True, score_poor=False),))
    consent = Signed(index=5, keys=["12" * 32])
    assert reasons(facts, surplus_cause="cancelled_order") == [("brand-release-missing", "cancelled_order")]
    assert reasons(facts, surplus_cause="cancelled_order", brand_consent=consent) == []
    stolen = replace(facts, consent_distrusted=True)
    assert reasons(stolen, surplus_cause="cancelled_order", brand_consent=consent) == [
        ("brand-release-missing", "cancelled_order")
    ]
    assert reasons(facts, surplus_cause="forecast_error") == []
    assert reasons(surplus_cause="cancelled_order") == []  # a dealer's
    both = replace(facts, suppliers=(*FACTS.suppliers, *facts.suppliers))
    assert ("brand-release-missing", "cancelled_order") in reasons(both, surplus_cause="cancelled_order")


@pytest.mark.parametrize("mode", ["consign", "buyout"])
def test_l31_goods_are_in_the_warehouse_before_the_sale_starts(mode: str) -> None:
    assert reasons(supply_mode=mode, received=False) == [("not-in-warehouse", "")]
    late = replace(FACTS, window_start=date(2026, 11, 20))
    assert reasons(late, supply_mode=mode) == [("not-in-warehouse", "2026-11-20")]
    assert reasons(replace(FACTS, window_start=date(2026, 11, 21)), supply_mode=mode) == []


def test_l32_after_the_last_day_nothing_is_reserved() -> None:
    consigned = {"supply_mode": "consign", "title": SUPPLIER, "consigned_until": "2026-11-21"}
    assert reasons(**consigned) == []
    assert reasons(today=TODAY + timedelta(days=1), **consigned) == [("consignment-ended", "2026-11-21")]
    extended = {**consigned, "consigned_until": "2026-12-31"}
    assert reasons(today=TODAY + timedelta(days=1), **extended) == []


def test_the_same_question_has_the_same_answer_without_the_gate() -> None:
    broken = permission_of(
        LOT,
        {one.id: one for one in with_link(1, {"revoked": True}).chain},
        supplier=DEALER,
        day="2026-11-21",
        market="US",
        channel="export",
        depth_max=2,
    )
    assert [(one.fault, one.link) for one in broken] == [("authorization-revoked", MIDDLE)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"depth_max = 2", b'depth_max = "two"', "depth_max"),
        (b"depth_max = 2", b"depth_max = 2\nsurprise = 1", "surprise"),
        (b"reject = 4000", b"reject = 4001", "sum to 10000"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(old: bytes, new: bytes, message: str) -> None:
    data = resources.files("gateway.policies").joinpath("permission.toml").read_bytes()
    assert parse_permission(data).age_months_max == 36
    with pytest.raises(ValueError, match=message):
        parse_permission(data.replace(old, new))
