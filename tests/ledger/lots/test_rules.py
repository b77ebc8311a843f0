"""Which record may follow which, who may write it, and that quantities are conserved (records.md 4).

A refusal is one line of a table: the stage whose record is bent, how, and what is said.
"""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.author import Draft, described
from ledger.errors import InvalidRecord, NotYourLot
from tests.ledger.world import (
    CHILD_A,
    CHILD_B,
    CODES,
    GRANT,
    JOURNEY,
    LOT,
    PARTIES,
    SHIPMENT,
    World,
    before,
    but,
    hand,
    ident,
    registrar,
    signer,
)

WorldAt = Callable[[str], World]
Bend = Callable[[Draft], Draft]
# A lot may be listed on several markets and sold in parts; these happen once.
ONCE = ["received", "inspected", "refurbished", "split", "codes", "packed", "shipped", "delivered"]


def data(**changes: Any) -> Bend:
    return lambda draft: but(draft, data=changes)


def by(party: str, role: str, *others: Any, key: str = "everything") -> Bend:
    """Signed by someone else, whose key has the scope: only the relation is missing."""
    return lambda draft: but(draft, hands=[hand(party, role, key), *others])


def children(change: Callable[[list[dict[str, Any]]], None]) -> Bend:
    def bend(draft: Draft) -> Draft:
        copied = [{**child, "key": dict(child["key"])} for child in draft.data["children"]]
        change(copied)
        return but(draft, data={"children": copied})

    return bend


def releasing(party: str, key: str) -> Bend:
    def bend(draft: Draft) -> Draft:
        return but(draft, hands=[hand("operator", "custodian"), hand(party, "releasing", key)])

    return bend


def extra(kind: str) -> Bend:
    return lambda draft: but(draft, subjects=sorted([*draft.subjects, ident(kind, "extra")]))


REFUSALS: list[tuple[str, Bend, type[InvalidRecord], str]] = [
    ("declared", data(produced_from="2025-07-01"), InvalidRecord, "ends before it begins"),
    ("declared", data(quantity=4), InvalidRecord, "more rows than units"),
    ("declared", data(brand="Other"), NotYourLot, "does not cover the brand"),
    ("declared", data(category="shirt"), NotYourLot, "does not cover shirt"),
    ("declared", by("stranger", "supplier"), NotYourLot, "granted to another party"),
    ("declared", extra("order"), InvalidRecord, "changes nothing but lot"),
    ("declared", extra("lot"), InvalidRecord, "changes exactly one lot"),
    ("received", releasing("stranger", "everything"), NotYourLot, "custodian so far must sign"),
    ("received", lambda d: but(d, hands=d.hands[:1]), NotYourLot, "custodian so far must sign"),
    ("received", data(declared=7), InvalidRecord, "6 were declared"),
    ("received", data(unidentified=7), InvalidRecord, "more unidentified than counted"),
    ("received", data(damaged=7), InvalidRecord, "more damaged than counted"),
    ("received", data(unidentified=6), InvalidRecord, "nothing identified is left"),
    ("assigned", by("stranger", "custodian"), NotYourLot, "not the lot's custodian"),
    ("assigned", lambda d: but(d, refs=[]), InvalidRecord, "on exactly one lot"),
    ("assigned", data(worker_party=ident("party", "nobody")), InvalidRecord, "no registered party"),
    ("assigned", extra("lot"), InvalidRecord, "changes nothing but work"),
    ("inspected", by("stranger", "inspector"), NotYourLot, "the work is another party's"),
    ("inspected", data(grades=[{"grade": "A", "count": 6}]), InvalidRecord, "6 units graded, the lot has 5"),
    ("inspected", data(grades=[{"grade": "A", "count": 4}]), InvalidRecord, "4 units graded, the lot has 5"),
    (
        "inspected",
        data(grades=[{"grade": "B", "count": 2}, {"grade": "A", "count": 3}]),
        InvalidRecord,
        "grades ascend",
    ),
    ("inspected", data(measured_at="2026-11-21"), InvalidRecord, "lies after the record"),
    ("split", by("stranger", "custodian"), NotYourLot, "not the lot's custodian"),
    (
        "split",
        children(lambda parts: parts[0].update(quantity=2)),
        InvalidRecord,
        "parts sum to 4, the lot has 5",
    ),
    ("split", children(lambda parts: parts.reverse()), InvalidRecord, "children ascend by id"),
    ("split", children(lambda parts: parts.pop()), InvalidRecord, "exactly its children"),
    (
        "split",
        children(lambda parts: parts[1]["key"].update(grade="A")),
        InvalidRecord,
        "4 units of grade A, 3 were found",
    ),
    (
        "split",
        children(lambda parts: parts[0]["key"].update(brand="Other")),
        InvalidRecord,
        "the parent is 星野",
    ),
    (
        "split",
        children(lambda parts: parts[0]["key"].update(label_state="cut")),
        InvalidRecord,
        "no inspection found this label state",
    ),
    ("split", children(lambda parts: parts[0].pop("manifest")), InvalidRecord, "manifest exactly where"),
    ("split", data(remaining={"quantity": 1}), InvalidRecord, "manifest exactly where"),
    ("refurbished", by("stranger", "refurbisher"), NotYourLot, "the work is another party's"),
    (
        "refurbished",
        data(steps=[{"kind": "cleaned", "count": 2}]),
        InvalidRecord,
        "the lot has 1 units",
    ),
    (
        "refurbished",
        lambda d: but(d, subjects=sorted([CHILD_B, ident("work", "inspection")])),
        InvalidRecord,
        "no open refurbishment of this lot",
    ),
    (
        "refurbished",
        lambda d: but(d, subjects=sorted([CHILD_A, ident("work", "refurbishment")])),
        InvalidRecord,
        "no open refurbishment of this lot",
    ),
    ("codes", by("stranger", "custodian"), NotYourLot, "not the lot's custodian"),
    ("codes", data(codes=CODES[:4]), InvalidRecord, "more article codes than"),
    ("codes", data(level="lot", codes=CODES[:1]), InvalidRecord, "more lot codes than"),
    ("codes", data(codes=[CODES[1], CODES[0]]), InvalidRecord, "codes ascend"),
    ("codes", data(codes=CODES[3:4]), InvalidRecord, "was issued before"),
    ("listed", by("stranger", "seller"), NotYourLot, "neither holds title"),
    ("listed", by("inspector", "seller", key="inspector"), NotYourLot, "neither holds title"),
    ("listed", lambda d: but(d, refs=[]), InvalidRecord, "every authorization"),
    ("listed", lambda d: but(d, subjects=[LOT]), InvalidRecord, "grade None is not sold"),
    ("sold", by("stranger", "seller"), NotYourLot, "neither holds title"),
    ("sold", data(grade="B"), InvalidRecord, "the lot has grade A"),
    ("sold", lambda d: but(d, committed={"quantity": 4}), InvalidRecord, "3 are left to sell"),
    ("sold", lambda d: but(d, committed={"quantity": None}), InvalidRecord, "commits to its quantity"),
    ("sold", lambda d: but(d, subjects=[CHILD_B]), InvalidRecord, "is not listed"),
    ("packed", by("stranger", "custodian"), NotYourLot, "not the lot's custodian"),
    (
        "packed",
        lambda d: but(d, subjects=sorted([CHILD_B, SHIPMENT])),
        InvalidRecord,
        "nothing of the lot is sold",
    ),
    ("packed", lambda d: but(d, subjects=[SHIPMENT]), InvalidRecord, "moves at least one lot"),
    ("document", by("stranger", "exporter"), NotYourLot, "only the shipment's owner"),
    ("document", data(supersedes="ab" * 32), InvalidRecord, "no document of this shipment"),
    ("shipped", by("stranger", "custodian"), NotYourLot, "not the lot's custodian"),
    ("shipped", data(packages=2), InvalidRecord, "differs from what was packed"),
    (
        "shipped",
        lambda d: but(d, subjects=sorted([CHILD_B, SHIPMENT])),
        InvalidRecord,
        "moves the lots that were packed",
    ),
    ("delivered", data(mass_g=1), InvalidRecord, "differs from what was packed"),
]
CODE_REFUSALS = [refusal[1:] for refusal in REFUSALS if refusal[0] == "codes"]
REFUSALS = [refusal for refusal in REFUSALS if refusal[0] != "codes"]


@pytest.mark.parametrize("stage", list(JOURNEY))
def test_the_whole_journey_is_accepted_stage_by_stage(world_at: WorldAt, stage: str) -> None:
    """``play`` records each stage through the writer; what one leaves behind the next builds on."""
    assert world_at(stage).entries


@pytest.mark.parametrize(
    ("stage", "bend", "error", "message"),
    REFUSALS,
    ids=[f"{stage}: {message}" for stage, _, _, message in REFUSALS],
)
def test_a_bent_record_is_refused(
    world_at: WorldAt, stage: str, bend: Bend, error: type[InvalidRecord], message: str
) -> None:
    world = world_at(before(stage))
    draft = world.next_draft(stage)
    world.judge(draft)  # unbent it is accepted
    with pytest.raises(error, match=message):
        world.judge(bend(draft))


@pytest.mark.parametrize(
    ("bend", "error", "message"), CODE_REFUSALS, ids=[refusal[2] for refusal in CODE_REFUSALS]
)
def test_bent_codes_are_refused(
    world_at: WorldAt, bend: Bend, error: type[InvalidRecord], message: str
) -> None:
    world = world_at("regraded")
    draft = world.codes()
    world.judge(draft)
    if "issued before" in message or "lot codes" in message:
        world = world_at("codes")
        draft = world.codes(level="carton", codes=CODES[4:5])
    with pytest.raises(error, match=message):
        world.judge(bend(draft))


@pytest.mark.parametrize("stage", ONCE)
def test_most_records_hold_once(world_at: WorldAt, stage: str) -> None:
    """A second reception, work done twice, the same split, the same codes: refused on the state alone."""
    world = world_at(stage)
    with pytest.raises(InvalidRecord):
        world.judge(JOURNEY[stage][-1](world))


def test_a_lot_declared_again_exists_already(world_at: WorldAt) -> None:
    with pytest.raises(InvalidRecord, match="exists already"):
        world_at("declared").judge(world_at("declared").declared())


def test_consigned_goods_change_custody_and_keep_their_title(world_at: WorldAt) -> None:
    lot = world_at("received").state(LOT)
    assert (lot.title, lot.custody) == (PARTIES["supplier"], PARTIES["operator"])
    assert (lot.declared, lot.quantity, lot.unidentified) == (6, 5, 1)


def test_goods_bought_outright_change_their_title_when_received(world_at: WorldAt) -> None:
    world = world_at("granted")
    changes = world.judge(world.declared(data={"supply_mode": "buyout"}))
    assert changes.subjects[LOT].state.title == PARTIES["supplier"], "until they arrive"


def test_a_split_conserves_every_unit(world_at: WorldAt) -> None:
    world = world_at("split")
    parts = [world.state(name).quantity for name in (LOT, CHILD_A, CHILD_B)]
    assert parts == [1, 3, 1]
    assert world.state(CHILD_A).grade == "A"
    assert world.state(CHILD_A).parent == LOT


def test_a_repair_takes_the_grade_away_until_someone_else_inspects_again(world_at: WorldAt) -> None:
    repaired = world_at("refurbished").state(CHILD_B)
    assert (repaired.grade, repaired.changed_since_inspection, repaired.condition) == (
        None,
        True,
        "refurbished",
    )
    assert world_at("regraded").state(CHILD_B).grade == "A"


def test_who_repaired_may_not_regrade(world: World) -> None:
    world.play("refurbished")
    world.record(world.assigned("inspection again", "refurbisher", CHILD_B))
    draft = world.regraded(hands=[hand("refurbisher", "inspector", "refurbisher")])
    with pytest.raises(NotYourLot, match="may not grade"):
        world.judge(draft)


def test_the_worker_who_repaired_may_not_regrade_for_another_party(world: World) -> None:
    world.play("repair assigned")
    world.record(world.refurbished(performed_by=ident("worker", "busy")))
    world.record(world.regrade_assigned())
    with pytest.raises(NotYourLot, match="may not grade"):
        world.judge(world.regraded(performed_by=ident("worker", "busy")))


def test_a_third_party_may_sign_beside_the_inspector(world_at: WorldAt) -> None:
    world = world_at("assigned")
    draft = world.inspected()
    hands = [*draft.hands, hand("third", "third_party")]
    assert world.judge(but(draft, hands=hands)).subjects[LOT].state.inspection.third_party


def test_repaired_goods_are_not_listed_before_they_are_inspected(world_at: WorldAt) -> None:
    world = world_at("refurbished")
    with pytest.raises(InvalidRecord, match="no inspection stands behind"):
        world.judge(world.listed(CHILD_B))


def test_an_offered_lot_is_neither_worked_on_nor_split(world: World) -> None:
    world.play("listed")
    world.record(world.assigned("inspection late", "inspector", CHILD_A))
    with pytest.raises(InvalidRecord, match="withdraw it first"):
        world.judge(
            world.inspected(CHILD_A, ["0"] * 3, work="inspection late", grades={"A": 3}, score_min=98)
        )
    rows = world.sourced(CHILD_A, [{}] * 3, part=ident("lot", "grandchild"))
    child = {
        "id": ident("lot", "grandchild"),
        "quantity": 3,
        "key": {},
        "manifest": described(rows, "phone-split/1"),
    }
    draft = world.split(
        subjects=sorted([CHILD_A, child["id"]]),
        data={"children": [child], "remaining": {"quantity": 0}},
        rows=[rows],
    )
    with pytest.raises(InvalidRecord, match="not offered splits"):
        world.judge(draft)


def test_a_withdrawn_lot_is_listed_no_more(world: World) -> None:
    world.play("listed")
    withdrawal = but(
        world.listed(), type="lot.withdrawn", refs=[], data={"verification": None, "reason": "recall"}
    )
    world.record(withdrawal)
    assert world.state(CHILD_A).listings == 0
    with pytest.raises(InvalidRecord, match="is not listed"):
        world.judge(withdrawal)
    with pytest.raises(InvalidRecord, match="is not listed"):
        world.judge(world.sold())


def test_goods_made_too_long_ago_are_never_listed(world: World) -> None:
    world.play("inspected")
    draft = world.split()
    parts = [{**child, "key": {**child["key"], "overage": True}} for child in draft.data["children"]]
    world.record(but(draft, data={"children": parts}))
    with pytest.raises(InvalidRecord, match="made too long ago"):
        world.judge(world.listed())


def test_who_inspected_may_not_list(world: World) -> None:
    """The supplier keeps title of consigned goods; as its own inspector it could sell its own grades."""
    world.play("received")
    world.record(world.key("supplier", "inspecting", ["lot.inspected:inspector"]))
    world.record(world.assigned(worker="supplier"))
    mine = [hand("supplier", "inspector", "inspecting")]
    world.record(world.inspected(scratches=["0"] * 5, grades={"A": 5}, score_min=100, hands=mine))
    listing = world.listed(LOT, hands=[hand("supplier", "seller", "supplier")])
    with pytest.raises(InvalidRecord, match="who inspected the goods may not list"):
        world.judge(listing)


def test_a_sale_whose_quantity_is_not_open_leaves_the_rest_unknown(world_at: WorldAt) -> None:
    world = world_at("listed")
    assert world.judge(world.sold(), opened={}).subjects[CHILD_A].state.sold is None
    assert world.judge(world.sold()).subjects[CHILD_A].state.sold == 2


def test_no_rule_relies_on_an_inspection_whose_key_is_distrusted(world: World) -> None:
    world.play("codes")
    index = world.state(CHILD_A).inspection.index
    world.record(revocation(index))
    with pytest.raises(InvalidRecord, match="is distrusted"):
        world.judge(world.listed())


def test_a_document_may_supersede_an_earlier_one_of_its_shipment(world: World) -> None:
    world.play("document")
    first = world.last_event(SHIPMENT)
    world.record(world.document(data={"supersedes": first, "sha256": "ce" * 32}))
    assert world.subject(SHIPMENT).head.seq == 2


def test_a_grant_that_is_named_as_ref_is_part_of_the_lot(world_at: WorldAt) -> None:
    assert world_at("declared").state(LOT).authorizations == [GRANT]


def revocation(since: int) -> Draft:
    key = signer("inspector", "inspector").id
    data = {"key": key, "reason": "compromised", "distrust_from_index": since}
    return Draft("key.revoked", [registrar(1), registrar(2)], data, [PARTIES["inspector"]])


def test_a_grade_that_was_given_to_children_cannot_be_given_again(world_at: WorldAt) -> None:
    """Splitting twice must not make more units of a grade than the inspection found."""
    world = world_at("split")
    parent = world.writer.do(lambda ledger: ledger.view.subject(LOT))
    found = parent.state.inspection.grades
    children_of = [
        world.writer.do(lambda ledger, name=name: ledger.view.subject(name)) for name in parent.state.children
    ]
    for letter, count in found.items():
        given = sum(child.state.quantity for child in children_of if child.state.grade == letter)
        assert parent.state.unclaimed[letter] == count - given
        assert given <= count
    for child in children_of:
        assert child.state.unclaimed == (
            {child.state.grade: child.state.quantity} if child.state.grade else {}
        )
