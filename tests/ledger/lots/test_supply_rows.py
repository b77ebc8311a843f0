"""Rows L4 to L6, L29, L31 and L32 of the commerce reference, and what a dispute needs."""

from typing import Any

import pytest

from exporters.audit_pack import check_words
from ledger import pack
from ledger.author import Draft, described
from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots.purchase import Delivery, spread_freight
from ledger.lots.registration import is_uscc
from tests.exporters import packs
from tests.ledger import supplying
from tests.ledger.supplying import OTHER_LOT
from tests.ledger.world import CHILD_A, CHILD_B, GRANT, LOT, PARTIES, World, but, hand, ident, registrar

NEW_PARTY = ident("party", "newcomer")
USCC = "91110000600037341L"  # of the tests of python-stdnum


def test_l4_one_bill_spreads_over_the_days_intakes_and_sums_back(world: World) -> None:
    supplying.play(world, "received")
    for draft in supplying.another_lot(world):
        world.record(draft)
    world.record(supplying.freight_billed(LOT, OTHER_LOT))
    came = [Delivery(lot, world.state(lot).intake.counted) for lot in sorted([LOT, OTHER_LOT])]
    shares = spread_freight(5_000_001, came)
    assert shares == {LOT: 3_000_001, OTHER_LOT: 2_000_000}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"data": {"received_on": "2026-11-19"}},
            InvalidRecord,
            "/subjects/0: came to shenzhen on 2026-11-20",
        ),
        ({"data": {"site": "yiwu"}}, InvalidRecord, "came to shenzhen"),
        ({"subjects": [LOT, GRANT]}, InvalidRecord, "changes nothing but lot"),
        ({"hands": [hand("stranger", "custodian", "supply")]}, NotYourLot, "not the lot's custodian"),
    ],
)
def test_l4_a_bill_over_what_did_not_come_is_refused(
    world: World, changes: dict[str, Any], error: type[InvalidRecord], message: str
) -> None:
    supplying.play(world, "received")
    head = world.subject(LOT).head
    draft = supplying.freight_billed(LOT)
    with pytest.raises(error, match=message):
        world.record(but(draft, **{"subjects": sorted(changes.pop("subjects", [LOT])), **changes}))
    assert world.subject(LOT).head == head


def test_l4_children_do_not_pay_for_the_delivery_again(world: World) -> None:
    supplying.play(world, "split")
    with pytest.raises(InvalidRecord, match="/subjects/0: is no lot that was delivered"):
        world.judge(supplying.freight_billed(CHILD_A))


MODES = [
    ("direct", None, ("supplier", "supplier")),
    ("consign", "received", ("supplier", "operator")),
    ("buyout", "received", ("operator", "operator")),
]


@pytest.mark.parametrize(("mode", "then", "holders"), MODES)
def test_l5_each_mode_says_who_holds_title_and_custody(
    world: World, mode: str, then: str | None, holders: tuple[str, str]
) -> None:
    supplying.play(world, "declared", declared=lambda world: world.declared(data={"supply_mode": mode}))
    if then is not None:
        world.record(world.received())
    state = world.state(LOT)
    assert (state.title, state.custody) == tuple(PARTIES[name] for name in holders)
    assert state.at_hand


def test_l5_a_sale_is_followed_by_its_title_transfer(world: World) -> None:
    supplying.play(world, "sold")
    world.record(supplying.title_transferred())
    assert world.state(CHILD_A).titles_passed == 1
    with pytest.raises(InvalidRecord, match="title passes with a sale, right after it"):
        world.judge(supplying.title_transferred())
    world.record(world.sold(1))
    world.record(supplying.title_transferred())
    assert world.state(CHILD_A).titles_passed == 2


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"data": {"transferor": PARTIES["operator"]}},
            InvalidRecord,
            "/data/transferor: does not hold title",
        ),
        ({"data": {"supply_mode": "buyout"}}, InvalidRecord, "the lot is supplied as consign"),
        ({"hands": [hand("stranger", "seller", "supply")]}, NotYourLot, "neither holds title nor sells"),
        ({"subjects": [CHILD_B]}, InvalidRecord, "title passes with a sale"),
    ],
)
def test_l5_a_title_that_does_not_pass_is_refused(
    world: World, changes: dict[str, Any], error: type[InvalidRecord], message: str
) -> None:
    supplying.play(world, "sold")
    with pytest.raises(error, match=message):
        world.record(supplying.title_transferred(**changes))
    assert world.state(CHILD_A).titles_passed == 0


def test_l5_the_named_agent_sells_what_its_owner_keeps(world: World) -> None:
    """Direct supply: title and custody stay; inspected on the spot, listed by the agent."""
    supplying.play(world, "keys")
    world.record(world.granted())
    direct = {"supply_mode": "direct", "agent": PARTIES["operator"], "quantity": 5}
    world.record(world.declared(data=direct))
    world.record(_assigned_by_supplier())
    inspected = world.inspected(grades={"A": 5}, score_min=100, scratches=["0"] * 5)
    world.record(inspected)
    world.record(world.listed(LOT))
    state = world.state(LOT)
    assert (state.listings, state.title, state.custody) == (1, PARTIES["supplier"], PARTIES["supplier"])
    with pytest.raises(NotYourLot, match="neither holds title nor sells"):
        world.judge(world.listed(LOT, hands=[hand("stranger", "seller", "everything")]))


def _assigned_by_supplier() -> Draft:
    data = {"kind": "inspection", "worker_party": PARTIES["inspector"]}
    hands = [hand("supplier", "custodian", "supply")]
    return Draft("work.assigned", hands, data, [ident("work", "inspection")], refs=[LOT])


def test_l29_a_number_is_checked_by_its_registers_rules(world: World) -> None:
    supplying.play(world, "opened")
    world.record(_newcomer(USCC))
    assert world.state(NEW_PARTY).registration_scheme == "cn_uscc"


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (USCC[:-1] + "M", "/open/registration_number: is no number of cn_uscc"),
        ("91110000600037341", "is no number of cn_uscc"),
        (None, "/data/registration_scheme: names a register but no number"),
    ],
)
def test_l29_a_wrong_number_registers_nobody(world: World, number: str | None, message: str) -> None:
    supplying.play(world, "opened")
    with pytest.raises(InvalidRecord, match=message):
        world.record(_newcomer(number))


def _newcomer(number: str | None) -> Draft:
    data = {"kind": "supplier", "country": "CN", "registration_scheme": "cn_uscc", "supplier_type": "oem"}
    committed = {"registration_number": number} if number else {}
    return Draft("party.registered", [registrar()], data, [NEW_PARTY], committed=committed)


def test_l29_only_a_supplier_has_a_type_of_supplier(world: World) -> None:
    supplying.play(world, "opened")
    with pytest.raises(InvalidRecord, match="/data/supplier_type"):
        world.judge(but(_newcomer(USCC), data={"kind": "carrier"}))


def test_l29_one_wrong_character_is_always_noticed() -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    assert is_uscc(USCC)
    for place, right in enumerate(USCC):
        for other in set(alphabet) - {right}:
            assert not is_uscc(USCC[:place] + other + USCC[place + 1 :]), (place, other)


def test_l31_a_sale_does_not_start_before_the_goods_came(world: World) -> None:
    supplying.play(world, "codes")
    with pytest.raises(InvalidRecord, match="/data/window_start: the goods came on 2026-11-20, not before"):
        world.judge(world.listed(data={"window_start": "2026-11-20"}))
    world.judge(world.listed(data={"window_start": "2026-11-21"}))


def test_l31_goods_that_never_came_are_not_listed(world: World) -> None:
    supplying.play(world, "declared")
    with pytest.raises(InvalidRecord, match="the lot is not here to be offered"):
        world.judge(world.listed(LOT, hands=[hand("supplier", "seller", "supplier")]))


def _consigned(world: World, until: str = "2026-12-01") -> World:
    return supplying.play(
        world, "split", declared=lambda world: world.declared(data={"consigned_until": until})
    )


def test_l32_a_consignment_is_extended(world: World) -> None:
    _consigned(world)
    assert world.state(CHILD_A).consigned_until == "2026-12-01"
    world.record(supplying.consignment_ended("extended", 3, data={"until": "2027-01-31"}))
    assert world.state(CHILD_A).consigned_until == "2027-01-31"
    assert world.state(CHILD_B).consigned_until == "2026-12-01"


def test_l32_what_is_bought_out_changes_hands(world: World) -> None:
    _consigned(world)
    world.record(supplying.consignment_ended("bought_out", 3))
    state = world.state(CHILD_A)
    assert (state.title, state.supply_mode, state.consigned_until) == (PARTIES["operator"], "buyout", None)
    with pytest.raises(InvalidRecord, match="not here on consignment"):
        world.judge(supplying.consignment_ended("bought_out", 3))


def test_l32_sold_returned_and_remaining_are_what_was_received(world: World) -> None:
    """Two of three phones are sold; the third is split off and goes back to its owner."""
    supplying.play(
        world, "sold", declared=lambda world: world.declared(data={"consigned_until": "2026-12-01"})
    )
    with pytest.raises(InvalidRecord, match="offered; withdraw it first"):
        world.record(supplying.consignment_ended("returned", 1))
    withdrawn = Draft(
        "lot.withdrawn", [hand("operator", "seller")], {"reason": "consignment_ended"}, [CHILD_A]
    )
    world.record(withdrawn)
    with pytest.raises(InvalidRecord, match="units of the lot are sold"):
        world.record(supplying.consignment_ended("returned", 1))
    world.record(_unsold_split_off(world))
    rest = ident("lot", "unsold")
    world.record(supplying.consignment_ended("returned", 1, rest))
    sold, back = world.state(CHILD_A), world.state(rest)
    assert (back.custody, back.quantity, back.exited, back.exit) == (
        PARTIES["supplier"], 0, 1, "returned_to_owner",
    )  # fmt: skip
    assert sold.sold + back.exited + (sold.quantity - sold.sold) == 3


def _unsold_split_off(world: World) -> Draft:
    rest = ident("lot", "unsold")
    rows = [world.sourced(CHILD_A, [{}], first=0, part=rest), world.sourced(CHILD_A, [{}] * 2, first=1)]
    schema = "phone-split/1"
    children = [{"id": rest, "quantity": 1, "key": {}, "manifest": described(rows[0], schema)}]
    data = {"children": children, "remaining": {"quantity": 2, "manifest": described(rows[1], schema)}}
    return Draft("lot.split", [hand("operator", "custodian")], data, sorted([CHILD_A, rest]), rows=rows)


@pytest.mark.parametrize(
    ("draft", "error", "message"),
    [
        (supplying.consignment_ended("returned", 2), InvalidRecord, "/open/unsold: 3 are unsold"),
        (supplying.consignment_ended("extended", 3), InvalidRecord, "/data/until: an extension"),
        (
            supplying.consignment_ended("extended", 3, data={"until": "2026-12-01"}),
            InvalidRecord,
            "/data/until: it ends on 2026-12-01 already",
        ),
        (
            supplying.consignment_ended("returned", 3, data={"until": "2027-12-01"}),
            InvalidRecord,
            "/data/until: an extension, and nothing else",
        ),
        (
            supplying.consignment_ended("returned", 3, committed={"unsold": None}),
            InvalidRecord,
            "/open/unsold",
        ),
        (
            supplying.consignment_ended("returned", 3, hands=[hand("operator", "custodian", "supply")]),
            NotYourLot,
            "the title holder must sign as consignor",
        ),
        (
            supplying.consignment_ended("returned", 3, hands=[hand("stranger", "custodian", "supply")]),
            NotYourLot,
            "not the lot's custodian",
        ),
    ],
)
def test_l32_another_outcome_is_refused(
    world: World, draft: Draft, error: type[InvalidRecord], message: str
) -> None:
    _consigned(world)
    before = world.subject(CHILD_A)
    with pytest.raises(error, match=message):
        world.record(draft)
    assert world.subject(CHILD_A) == before


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"consigned_until": "2026-12-01", "supply_mode": "buyout"}, "only a consignment has a last day"),
        ({"consigned_until": "2026-11-19"}, "is over before it begins"),
    ],
)
def test_l32_a_period_that_cannot_be_is_refused(world: World, data: dict[str, Any], message: str) -> None:
    supplying.play(world, "granted")
    with pytest.raises(InvalidRecord, match=message):
        world.judge(world.declared(data=data))


def test_a_dispute_is_about_what_was_sold(world: World) -> None:
    supplying.play(world, "sold")
    world.record(supplying.dispute_settled(2))
    with pytest.raises(InvalidRecord, match="/open/quantity: 2 are sold"):
        world.judge(supplying.dispute_settled(3))
    with pytest.raises(InvalidRecord, match="nothing of the lot is sold"):
        world.judge(supplying.dispute_settled(1, CHILD_B))
    with pytest.raises(NotYourLot, match="neither holds title"):
        world.judge(supplying.dispute_settled(1, hands=[hand("stranger", "seller", "supply")]))


@pytest.fixture
def whole(world: World) -> World:
    """Consent, narrowing, freight, title, dispute and buyout in one published log."""
    cancelled = {"surplus_cause": "cancelled_order", "consigned_until": "2026-12-01", "depth_max": 2}
    supplying.play(world, "declared", declared=lambda world: world.declared(data=cancelled))
    world.record(supplying.consented())
    world.record(world.received())
    for draft in supplying.another_lot(world):
        world.record(draft)
    for stage in ("assigned", "inspected", "split"):
        world.record(world.next_draft(stage))
    world.record(supplying.freight_billed(LOT, OTHER_LOT))
    world.record(supplying.narrowed(data={"no_co_bundling": True}, committed={"quantity_ceiling": 100}))
    for draft in (world.codes(), world.listed(data={"depth_max": 2, "window_start": "2026-11-25"})):
        world.record(draft)
    world.record(world.sold(2))
    world.record(supplying.title_transferred())
    world.record(supplying.dispute_settled(1))
    world.record(supplying.consignment_ended("bought_out", 1))
    world.publisher.publish()
    return world


def test_an_audit_replays_all_of_it(whole: World) -> None:
    report = whole.audit()
    assert report.verdict == "verified", [str(finding) for finding in report.findings]


@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize("lot", [LOT, CHILD_A, OTHER_LOT])
def test_a_lots_pack_is_judged_again_with_all_of_it(whole: World, lot: str, opened: bool) -> None:
    data = packs.made(whole, lot, opened=lambda _leaf, _field: opened)
    verified = pack.verify(data, whole.policy, check_words)
    if opened or lot != CHILD_A:
        assert verified.state == whole.state(lot)
    assert packs.alone(data) == 0  # and by the verifier that needs nothing of ours
