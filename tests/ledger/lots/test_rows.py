"""Rows stand for units: under one root, each with one source, summing to what the record says."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ledger.author import Draft, described, salted_rows
from ledger.errors import InvalidRecord
from ledger.store.log import Rows
from tests.ledger.world import CHILD_A, CHILD_B, LOT, World, but, hand, ident, measured, scheme_used

WorldAt = Callable[[str], World]


def refused(world: World, draft: Draft, message: str) -> None:
    """Through the writer: rows are checked when a record is written."""
    submission = world.submission(draft)
    with pytest.raises(InvalidRecord, match=message):
        world.writer.record(submission)


def with_rows(draft: Draft, rows: Rows, schema: str) -> Draft:
    return but(draft, rows=[rows], data={"manifest": described(rows, schema)})


def test_rows_come_with_every_manifest_and_only_with_one(world_at: WorldAt) -> None:
    world = world_at("granted")
    draft = world.declared()
    refused(world, but(draft, rows=[]), "/rows: rows come with every manifest")
    refused(world, but(draft, data={"manifest": None}), "/rows: rows come with every manifest")
    refused(
        world, but(draft, rows=[Rows("lot:x", draft.rows[0].rows)]), "/rows: rows come with every manifest"
    )


def test_rows_are_as_many_as_announced_and_give_the_root(world_at: WorldAt) -> None:
    world = world_at("granted")
    draft = world.declared()
    rows = draft.rows[0].rows
    refused(world, but(draft, rows=[Rows("", rows[:-1])]), "4 rows, 5 announced")
    refused(world, but(draft, rows=[Rows("", rows[::-1])]), "rows do not give rows_root")


def test_declared_rows_sum_to_no_more_than_the_quantity(world_at: WorldAt) -> None:
    world = world_at("granted")
    rows = salted_rows([{"quantity": 4}, {"quantity": 3}])
    refused(world, with_rows(world.declared(), rows, "phone-declared/1"), "rows sum to 7, 6 declared")


@pytest.mark.parametrize("quantity", [0, -1, "2", True])
def test_a_rows_quantity_is_a_count(world_at: WorldAt, quantity: Any) -> None:
    world = world_at("granted")
    rows = salted_rows([{"quantity": quantity}])
    refused(world, with_rows(world.declared(), rows, "phone-declared/1"), "a row's quantity is a count")


def test_a_row_carries_its_number(world_at: WorldAt) -> None:
    world = world_at("granted")
    one, two = salted_rows([{}, {}]).rows
    swapped = Rows("", (two, one))
    refused(world, with_rows(world.declared(), swapped, "phone-declared/1"), "not the row of its number")


def split_with(world: World, sources: Sequence[tuple[str, list[int]]], **changes: Any) -> Draft:
    """The split with other source numbers: (part, numbers of the parent's rows)."""
    event = world.state(LOT).manifest_event
    rows = [
        salted_rows([{"src": {"event_id": event, "n": n}} for n in numbers], part=part)
        for part, numbers in sources
    ]
    draft = world.split()
    made = [described(each, "phone-split/1") for each in rows]
    children = [
        {**child, "manifest": made[n], "quantity": len(rows[n].rows)}
        for n, child in enumerate(draft.data["children"])
    ]
    remaining = {"quantity": len(rows[2].rows), "manifest": made[2]}
    return but(draft, rows=rows, data={"children": children, "remaining": remaining, **changes})


def test_every_row_of_the_parent_goes_to_exactly_one_part(world_at: WorldAt) -> None:
    world = world_at("inspected")
    world.judge(split_with(world, [(CHILD_A, [0, 1, 2]), (CHILD_B, [3]), ("", [4])]))
    twice = split_with(world, [(CHILD_A, [0, 1, 1]), (CHILD_B, [3]), ("", [4])])
    refused(world, twice, "name a source twice")
    beyond = split_with(world, [(CHILD_A, [0, 1, 2]), (CHILD_B, [3]), ("", [5])])
    refused(world, beyond, "one that is not there")
    negative = split_with(world, [(CHILD_A, [0, 1, 2]), (CHILD_B, [3]), ("", [-1])])
    refused(world, negative, "one that is not there")


def test_a_part_has_as_many_rows_as_units(world_at: WorldAt) -> None:
    world = world_at("inspected")
    draft = split_with(world, [(CHILD_A, [0, 1, 2]), (CHILD_B, [3]), ("", [4])])
    children = [dict(child) for child in draft.data["children"]]
    children[0]["quantity"], children[1]["quantity"] = 2, 1
    remaining = {**draft.data["remaining"], "quantity": 2}
    refused(world, but(draft, data={"children": children, "remaining": remaining}), "rows sum to")


@pytest.mark.parametrize("source", [None, {"event_id": "ab" * 32, "n": 0}, {"n": "0"}, "text"])
def test_a_row_names_its_source_in_the_lots_own_manifest(world_at: WorldAt, source: Any) -> None:
    world = world_at("assigned")
    if isinstance(source, dict) and "event_id" not in source:
        source["event_id"] = world.state(LOT).manifest_event
    fact: dict[str, Any] = {"measured": measured("0")} | ({"src": source} if source else {})
    rows = salted_rows([fact] * 5)
    draft = world.inspected(grades={"A": 5}, score_min=100, data={"label_states": []})
    refused(world, with_rows(draft, rows, "phone-inspected/1"), "names its source row")


def test_a_lot_without_rows_has_none_to_refer_to(world: World) -> None:
    world.play("granted")
    world.record(world.declared(data={"manifest": None}, rows=()))
    world.record(world.received())
    world.record(world.assigned())
    rows = salted_rows([{"measured": measured("0")}] * 5)
    draft = Draft(
        "lot.inspected",
        [hand("inspector", "inspector")],
        {
            "coverage": "full",
            "scheme": scheme_used(),
            "grades": [{"grade": "A", "count": 5}],
            "label_states": [],
            "score_min": 100,
            "measured_at": "2026-11-20",
            "manifest": described(rows, "phone-inspected/1"),
        },
        sorted([LOT, ident("work", "inspection")]),
        rows=[rows],
    )
    refused(world, draft, "the lot has no rows to refer to")
