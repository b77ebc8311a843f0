"""Quantities, exits, recall and bundles, row by row (commerce 1.2: L14, L18, L24-L26, L33)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.author import Draft
from ledger.errors import NotYourLot
from ledger.lots.lineage import descendants, reach, recalls, states
from ledger.lots.movements import HERE, Account
from tests.ledger.goods import FLOOR, Floor, MemoryLog
from tests.ledger.world import PARTIES, World, but, hand, ident
from tests.torture.goods import goods


@pytest.fixture
def floor() -> Floor:
    return Floor(MemoryLog())


def places(floor: Floor, lot: str) -> dict[str, int]:
    return {place: n for place, n in floor.book.lot(lot).items() if place != "source"}


# L14: qty in = sum(children) + loss + reject at every split and merge; a mismatch is refused.


def test_l14_units_in_are_children_and_loss_and_rejects(floor: Floor) -> None:
    lot = floor.lot("AAAAAB")
    good, torn = floor.take(floor.split(lot, [3, 2, 1]))
    floor.take(floor.lost(torn))
    assert places(floor, lot) == {HERE: 1}
    assert places(floor, good) == {HERE: 3}
    assert places(floor, torn) == {"lost": 2}
    assert floor.state(torn).exit == "lost"


def test_l14_a_split_that_does_not_add_up_is_refused(floor: Floor) -> None:
    lot = floor.lot("AAAA")
    draft = floor.split(lot, [2, 2])
    bent = but(draft, data={"remaining": {**draft.data["remaining"], "quantity": 1}})
    assert "/data: parts sum to 3, the lot has 4" in floor.refused(bent)


def test_l14_a_merge_that_does_not_add_up_is_refused(floor: Floor) -> None:
    lots = [floor.lot("AA"), floor.lot("AAA")]
    draft = floor.merged(lots)
    more = but(draft, data={"child": {**draft.data["child"], "quantity": 6}})
    assert "/data/child/quantity: the parents have 5 units" in floor.refused(more)
    parents = [{**parent, "quantity": 2} for parent in draft.data["parents"]]
    assert "the lot has 3 units, and goes whole" in floor.refused(but(draft, data={"parents": parents}))


def test_l14_units_that_never_came_leave_their_rows_behind_at_the_first_split(floor: Floor) -> None:
    (lot,) = floor.take(floor.declared(5))
    floor.take(floor.received(lot, 4))
    short = floor.split(lot, [2, 1])
    assert "parts sum to 3" in floor.refused(short)
    (child,) = floor.take(floor.split(lot, [2, 2]))
    (again,) = floor.take(floor.split(child, [1, 1]))
    assert places(floor, lot) == {HERE: 2, "short": 1}
    assert places(floor, again) == {HERE: 1}


def test_a_merge_of_one_key_sums_units_and_cost_and_ends_its_parents(floor: Floor) -> None:
    first, second = floor.lot("AA"), floor.lot("AAA")
    (child,) = floor.take(floor.merged([first, second]))
    state = floor.state(child)
    assert (state.quantity, state.grade, state.unclaimed) == (5, "A", {"A": 5})
    assert state.merged_from == sorted([first, second])
    assert [floor.state(lot).exit for lot in (first, second)] == ["merged", "merged"]
    assert floor.book.cost(Account(child, HERE))["CNY"] == floor.paid
    floor.take(floor.listed(child))


def test_sister_lots_merge_back_with_their_rows(floor: Floor) -> None:
    """Both have their rows in one record: each row says of which of the two it is."""
    lot = floor.lot("AAAA")
    sisters = floor.take(floor.split(lot, [1, 2, 1], grade="A"))
    draft = floor.merged(sisters)
    mixed = [row for item in draft.rows for row in item.rows]
    assert len(mixed) == 3
    (child,) = floor.take(draft)
    assert set(descendants(lot, states(floor.log.view()))) == {*sisters, child}


@pytest.mark.parametrize(
    ("other", "member"),
    [
        ({"brand": "Other"}, "brand"),
        ({"condition": "used"}, "condition"),
        ({"origin_country": "VN"}, "origin_country"),
        ({"surplus_cause": "season_end"}, "surplus_cause"),
    ],
)
def test_lots_of_another_key_do_not_merge(floor: Floor, other: dict[str, Any], member: str) -> None:
    lots = [floor.lot("A"), floor.lot("A", **other)]
    assert f"differs in {member}" in floor.refused(floor.merged(lots))


def test_goods_that_were_inspected_apart_have_the_worst_grade_together(floor: Floor) -> None:
    (child,) = floor.take(floor.merged([floor.lot("A"), floor.lot("B")]))
    state = floor.state(child)
    assert (state.grade, state.mixed) == ("B", True)
    assert state.inspection is not None
    assert state.inspection.grades == {"A": 1, "B": 1}


def test_what_is_merged_with_goods_nobody_inspected_is_inspected_again(floor: Floor) -> None:
    (child,) = floor.take(floor.merged([floor.lot("A"), floor.lot("", quantity=1)]))
    assert "no inspection stands behind the lot" in floor.refused(floor.listed(child))


# L18: child lot key = (brand, category, grade, label state).


def test_l18_a_child_is_keyed_by_brand_category_grade_and_label_state(floor: Floor) -> None:
    lot = floor.lot("AAAB")
    (child,) = floor.take(
        floor.split(lot, [3, 1], brand="星野", category="phone", grade="A", label_state="intact")
    )
    state = floor.state(child)
    assert (state.brand, state.category, state.grade, state.label_state) == ("星野", "phone", "A", "intact")
    assert "1 units of grade B, 0 were found" in floor.refused(floor.split(child, [1, 2], grade="B"))


def test_sold_units_stay_with_a_lot_that_is_split(floor: Floor) -> None:
    lot = floor.lot("AAAA")
    floor.sell(lot, 2)
    assert "is not offered" in floor.refused(floor.split(lot, [2, 2]))
    floor.take(floor.withdrawn(lot))
    assert "2 sold units stay with the lot" in floor.refused(floor.split(lot, [3, 1]))
    (child,) = floor.take(floor.split(lot, [2, 2]))
    assert (floor.state(child).sold, floor.state(child).shipped) == (0, False)
    assert floor.state(lot).sold == 2


# L24: safety goods are coded one by one, and a recall reaches every descendant and its buyers.


def test_l24_safety_goods_are_not_listed_without_unit_codes_and_whom_to_call(floor: Floor) -> None:
    lot = floor.lot("AA")
    silent = but(floor.classified(lot), committed={"recall_contact": None})
    assert "says whom to call" in floor.refused(silent)
    floor.take(floor.classified(lot))
    assert "a code on every unit" in floor.refused(floor.listed(lot))
    codes = sorted(f"{n:02x}" * 32 for n in (1, 2))
    level = {"level": "article", "codes": codes[:1]}
    floor.take(Draft("codes.issued", [hand("operator", "custodian")], level, [lot]))
    assert "a code on every unit" in floor.refused(floor.listed(lot))
    level = {"level": "article", "codes": codes[1:]}
    floor.take(Draft("codes.issued", [hand("operator", "custodian")], level, [lot]))
    floor.take(floor.listed(lot))


def test_l24_a_recall_reaches_every_descendant_before_and_after(floor: Floor) -> None:
    lot, other = floor.lot("AAAAAA"), floor.lot("A")
    (early,) = floor.take(floor.split(lot, [3, 3], grade="A"))
    (grandchild,) = floor.take(floor.split(early, [1, 2]))
    floor.take(floor.recalled([lot]))
    (late,) = floor.take(floor.split(lot, [1, 2], grade="A"))
    family = [lot, early, grandchild, late]
    state_of = states(floor.log.view())
    assert sorted(reach(lot, state_of)) == sorted(family)
    for name in family:
        assert [by for by, _ in recalls(name, state_of)] == [lot]
        floor_says = floor.refused(floor.listed(name))
        assert "is recalled by record" in floor_says or name == lot
    assert list(recalls(other, state_of)) == []
    floor.take(floor.listed(other))


def test_l24_recalled_goods_are_neither_sold_packed_shipped_merged_nor_given_away(floor: Floor) -> None:
    lot, loose = floor.lot("AAA"), floor.lot("A")
    floor.take(floor.listed(lot))
    floor.take(floor.sold(lot, 2))
    shipment = floor.fresh("shipment")
    floor.take(floor.packed(lot, shipment))
    floor.take(floor.recalled([lot, loose]))
    for draft in (
        floor.sold(lot, 1),
        floor.packed(lot),
        floor.packed(lot, shipment, "lot.shipped"),
        floor.disposed(loose),
        floor.merged([loose, floor.lot("A")]),
    ):
        assert "is recalled by record" in floor.refused(draft), draft.type
    floor.take(floor.packed(lot, shipment, "lot.unpacked"))
    floor.take(floor.destroyed(loose))


def test_l24_only_an_authority_recalls_and_only_the_same_one_releases(floor: Floor) -> None:
    lot = floor.lot("A")
    assert "has no authority" in floor.refused(floor.recalled([lot], ("stranger", "thief")), NotYourLot)
    floor.take(floor.recalled([lot]))
    (_, record), *_ = floor.recalls
    stolen = floor.released(lot, record, ("supplier", "owner"))
    assert "another party recalled" in floor.refused(stolen, NotYourLot)
    wrong = floor.released(lot, "ab" * 32)
    assert "/data/record" in floor.refused(wrong)
    floor.take(floor.released(lot, record))
    floor.take(floor.listed(lot))


def test_l24_two_recalls_end_one_by_one(floor: Floor) -> None:
    lot = floor.lot("A")
    floor.take(floor.recalled([lot]))
    floor.take(floor.recalled([lot], ("supplier", "owner")))
    (_, first), _ = floor.recalls
    floor.take(floor.released(lot, first))
    assert "is recalled by record" in floor.refused(floor.listed(lot))


# L25: a destroyed lot is terminal.


def test_l25_nothing_follows_a_destruction(floor: Floor) -> None:
    lot, other = floor.lot("AA"), floor.lot("A")
    floor.take(floor.destroyed(lot))
    after: list[Draft] = [
        floor.listed(lot),
        floor.split(lot, [1, 1]),
        floor.merged([lot, other]),
        floor.lost(lot),
        floor.found(lot),
        floor.moved([lot]),
        floor.disposed(lot),
        floor.destroyed(lot),
        floor.returned(lot, 1),
        floor.classified(lot),
        floor.assigned(lot, ident("work", "late")),
        floor.received(lot),
    ]
    for draft in after:
        floor.refused(draft)
    state = floor.state(lot)
    assert (state.quantity, state.exit, state.exited) == (0, "destroyed", 2)


@pytest.mark.parametrize(
    ("hands", "said"),
    [
        (FLOOR, "as witness"),
        ([*FLOOR, hand("supplier", "owner")], "as witness"),
        ([*FLOOR, hand("third", "witness")], "title holder must sign as owner"),
        ([hand("stranger", "custodian", "thief"), hand("third", "witness")], "not the lot's custodian"),
    ],
    ids=["alone", "no witness", "no owner", "stranger"],
)
def test_l25_a_destruction_is_witnessed_and_the_owner_agrees(floor: Floor, hands: Any, said: str) -> None:
    assert said in floor.refused(floor.destroyed(floor.lot("A"), hands), NotYourLot)


# L26: every unit ends in exactly one disposition.


@pytest.mark.parametrize("kind", ["staff_sale", "public_discount", "third_party_clearance", "donation"])
def test_l26_a_unit_ends_in_exactly_one_way(floor: Floor, kind: str) -> None:
    lot = floor.lot("AAA")
    (gone,) = floor.take(floor.split(lot, [2, 1], grade="A"))
    floor.take(floor.disposed(gone, kind))
    assert places(floor, gone) == {kind: 2}
    for draft in (floor.disposed(gone), floor.lost(gone), floor.destroyed(gone), floor.listed(gone)):
        floor.refused(draft)
    assert places(floor, gone) == {kind: 2}


def test_l26_part_of_a_lot_does_not_leave_without_being_split_off(floor: Floor) -> None:
    lot = floor.lot("AAA")
    for draft in (
        floor.lost(lot, quantity=1),
        floor.disposed(lot, quantity=2),
        floor.destroyed(lot, quantity=2),
    ):
        assert "/data/quantity: the lot has 3 units, and goes whole" in floor.refused(draft)


def test_l26_who_neither_owns_nor_sells_disposes_of_nothing(floor: Floor) -> None:
    stolen = but(floor.disposed(floor.lot("A")), hands=[hand("stranger", "seller", "thief")])
    assert "neither holds title" in floor.refused(stolen, NotYourLot)


def test_lost_goods_that_turn_up_are_inspected_again(floor: Floor) -> None:
    lot = floor.lot("AA")
    floor.take(floor.lost(lot))
    assert "2 were lost" in floor.refused(floor.found(lot, quantity=1))
    floor.take(floor.found(lot))
    assert places(floor, lot) == {HERE: 2}
    assert "no inspection stands behind" in floor.refused(floor.listed(lot))
    floor.inspect(lot, "AB")
    assert floor.state(lot).unclaimed == {"A": 1, "B": 1}


def test_goods_change_hands_only_when_both_sign(floor: Floor) -> None:
    lot = floor.lot("A")
    carrier = hand("carrier", "custodian", "yard")
    assert "must sign as releasing" in floor.refused(floor.moved([lot], hands=[carrier]), NotYourLot)
    floor.take(floor.moved([lot], hands=[carrier, hand("operator", "releasing", "floor")]))
    assert (floor.state(lot).custody, floor.state(lot).site) == (PARTIES["carrier"], "yiwu")
    assert "is in yiwu" in floor.refused(floor.moved([lot], here="shenzhen", hands=[carrier]))


def test_returned_units_are_a_child_lot_that_is_inspected_again(floor: Floor) -> None:
    lot = floor.lot("AAA")
    floor.sell(lot, 2)
    assert "2 are sold" in floor.refused(floor.returned(lot, 3))
    (back,) = floor.take(floor.returned(lot, 1))
    state = floor.state(back)
    assert (state.parent, state.quantity, state.condition) == (lot, 1, "returned")
    assert (floor.state(lot).sold, floor.state(lot).quantity, floor.state(lot).came_back) == (1, 2, 1)
    assert "no inspection stands behind" in floor.refused(floor.listed(back))
    floor.inspect(back, "B")
    floor.take(floor.listed(back))


def test_a_cancelled_sale_that_never_left_keeps_its_grade(floor: Floor) -> None:
    lot = floor.lot("AA")
    floor.sell(lot, 1, ship=False)
    assert "nothing of the lot was shipped" in floor.refused(floor.returned(lot, 1))
    (back,) = floor.take(floor.returned(lot, 1, "cancelled"))
    assert (floor.state(back).grade, floor.state(back).condition) == ("A", "new")
    floor.take(floor.listed(back))


def test_a_wrong_count_is_replaced_and_the_old_one_stays(floor: Floor) -> None:
    (lot,) = floor.take(floor.declared(6))
    floor.take(floor.received(lot, 5))
    subject = floor.log.view().subject(lot)
    assert subject is not None
    first = subject.head.event_id
    alone = but(floor.recounted(lot, 6, first), hands=FLOOR)
    assert "as witness of the count" in floor.refused(alone, NotYourLot)
    assert "/data/record" in floor.refused(floor.recounted(lot, 6, "ab" * 32))
    assert "what is more is unidentified" in floor.refused(floor.recounted(lot, 7, first))
    floor.take(floor.recounted(lot, 6, first))
    assert floor.state(lot).quantity == 6
    event = floor.log.view().event(first)
    assert event is not None
    assert event.type == "lot.received"


# L33: a bundle is a merge of eligible lots, graded by the worst, and a clause keeps brands apart.


@pytest.fixture
def grants(floor: Floor) -> Callable[..., str]:
    """``grants(name, **data)``: another grant of the brand to the supplier."""

    def grant(name: str, **data: Any) -> str:
        subject = ident("authorization", name)
        draft = World.granted(World.__new__(World), subjects=[subject], data=data)
        floor.log.record(draft)
        return subject

    return grant


def test_l33_a_bundle_sums_units_and_has_the_worst_grade(floor: Floor) -> None:
    lots = [floor.lot("AA"), floor.lot("CCC", brand="Other", surplus_cause="season_end")]
    (bundle,) = floor.take(floor.merged(lots, "lot.bundled"))
    state = floor.state(bundle)
    assert (state.quantity, state.grade, state.brand) == (5, "C", None)
    assert {part.brand for part in state.bundle} == {"星野", "Other"}
    assert floor.book.cost(Account(bundle, HERE))["CNY"] == floor.paid
    floor.take(floor.listed(bundle))
    floor.take(floor.sold(bundle, 5))


def test_l33_every_part_of_a_bundle_is_sellable_by_itself(floor: Floor) -> None:
    good = floor.lot("A")
    raw, mixed = floor.lot("", quantity=1), floor.lot("AB")
    (old,) = floor.take(floor.split(floor.lot("AA"), [1, 1], grade="A", overage=True))
    for bad, said in ((raw, "no inspection stands"), (mixed, "grade None"), (old, "overage")):
        assert said in floor.refused(floor.merged([good, bad], "lot.bundled"))


def test_l33_a_clause_refuses_a_second_brand(floor: Floor, grants: Callable[..., str]) -> None:
    closed = grants("closed", no_co_bundling=True)
    (lot,) = floor.take(but(floor.declared(2), refs=[closed]))
    floor.take(floor.received(lot))
    floor.inspect(lot, "AA")
    (one, two) = floor.take(floor.split(lot, [1, 1, 0], grade="A"))
    foreign = floor.lot("A", brand="Other")
    assert "be bundled with another brand" in floor.refused(floor.merged([one, foreign], "lot.bundled"))
    floor.take(floor.merged([one, two], "lot.bundled"))


def test_l33_a_bundle_under_two_permissions_is_sold_under_both(
    floor: Floor, grants: Callable[..., str]
) -> None:
    second = grants("second", brands=["Hoshino"])
    (lot,) = floor.take(but(floor.declared(1, brand="Hoshino"), refs=[second]))
    floor.take(floor.received(lot))
    floor.inspect(lot, "A")
    (bundle,) = floor.take(floor.merged([floor.lot("A"), lot], "lot.bundled"))
    assert len(floor.state(bundle).authorizations) == 2
    half = but(floor.listed(bundle), refs=[second])
    assert "refers to every authorization" in floor.refused(half)
    floor.take(floor.listed(bundle))
    revoked = Draft("authorization.revoked", [hand("brand", "grantor")], {"reason": "breach"}, [second])
    floor.log.record(revoked)
    assert "was revoked" in floor.refused(floor.sold(bundle, 1), NotYourLot)


# A real database.


def test_no_refused_record_leaves_a_trace_in_the_database(tmp_path: Path) -> None:
    accepted, refused = goods(5, tmp_path, steps=40)
    assert accepted > 5
    assert refused > 5
