"""Which records a compromised key casts doubt on, and which of them a lot still rests on."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.core.envelope import Body
from ledger.core.leaf import Leaf
from ledger.lots.distrust import (
    Distrusted,
    distrusted_keys,
    distrusted_records,
    first_distrusted,
    rests_on,
)
from ledger.lots.state import KeyState, LotState
from ledger.store import log
from tests.ledger.world import CHILD_A, CHILD_B, LOT, World, signer

WorldAt = Callable[[str], World]
INSPECTOR = signer("inspector", "inspector").id
OTHER = signer("supplier", "supplier").id


def bodies(world: World) -> list[tuple[int, Body]]:
    with world.database.reading() as connection:
        leaves = [Leaf.parse(data) for _, data in log.leaves(connection, 0, len(world.entries))]
    return [(leaf.index, leaf.record.body) for leaf in leaves]


def key(identity: str, since: int | None) -> KeyState:
    return KeyState(
        id=identity,
        public_key="00" * 32,
        party="party:" + "0" * 20,
        scopes=[],
        custody="self",
        registered_at=1,
        distrust_from=since,
    )


def indexes(world: World, type_: str) -> list[int]:
    return [index for index, body in bodies(world) if body.type == type_]


def test_a_record_counts_from_the_stated_index_on(world_at: WorldAt) -> None:
    world = world_at("regraded")
    first, second = indexes(world, "lot.inspected")
    known = bodies(world)
    for since, expected in (
        (0, [first, second]),
        (first, [first, second]),
        (first + 1, [second]),
        (second + 1, []),
    ):
        found = list(distrusted_records(known, [key(INSPECTOR, since), key(OTHER, None)]))
        assert [one.index for one in found if one.type == "lot.inspected"] == expected
        assert all(one.keys == (INSPECTOR,) for one in found)


def test_a_cosigner_casts_doubt_as_the_author_does(world_at: WorldAt) -> None:
    world = world_at("received")
    received = indexes(world, "lot.received")[0]
    found = list(distrusted_records(bodies(world), [key(OTHER, received)]))
    assert found == [Distrusted(received, "lot.received", (OTHER,))], (
        "the supplier releases, the operator receives"
    )
    assert str(found[0]) == f"entry {received} (lot.received) is signed by the distrusted key {OTHER}"


def test_keys_that_nobody_distrusts_cost_nothing(world_at: WorldAt) -> None:
    keys = [key(INSPECTOR, None), key(OTHER, None)]
    assert list(distrusted_records(bodies(world_at("regraded")), keys)) == []
    assert first_distrusted(keys) is None
    assert first_distrusted([key(INSPECTOR, 9), key(OTHER, 4)]) == 4


def test_a_key_that_the_log_does_not_know_is_no_distrusted_one(world_at: WorldAt) -> None:
    """Registrars and the heads key are roots, not keys of parties."""
    _, opened = bodies(world_at("opened"))[0]
    assert distrusted_keys(opened, 0, {}.get) == ()


def ask(world: World, lot: str, type_: str, *, subject: str = "", event_id: str = "", **changes: Any) -> bool:
    state: LotState = world.state(lot).model_copy(update=changes)
    return rests_on(lot, state, subject=subject or lot, type_=type_, event_id=event_id or "ab" * 32)


def test_a_lot_rests_on_its_latest_inspection_alone(world_at: WorldAt) -> None:
    """The child was inspected with its parent, repaired, and inspected again."""
    world = world_at("regraded")
    first = world.state(CHILD_A).inspection.event_id
    again = world.state(CHILD_B).inspection.event_id
    assert first != again
    assert ask(world, CHILD_A, "lot.inspected", subject=LOT, event_id=first)
    assert not ask(world, CHILD_B, "lot.inspected", subject=LOT, event_id=first)
    assert ask(world, CHILD_B, "lot.inspected", event_id=again)


def test_a_sample_replaces_no_inspection(world_at: WorldAt) -> None:
    world = world_at("regraded")
    sample = world.state(CHILD_B).inspection.model_copy(update={"coverage": "sample"})
    first = world.state(CHILD_A).inspection.event_id
    assert ask(world, CHILD_B, "lot.inspected", event_id=first, inspection=sample)


@pytest.mark.parametrize("found", [[], ["cut"], ["cut", "intact"]])
def test_nor_does_one_that_found_another_label_state(world_at: WorldAt, found: list[str]) -> None:
    """The split wrote what the first one found into the child's key, and a market may hang on it."""
    world = world_at("regraded")
    other = world.state(CHILD_B).inspection.model_copy(update={"label_states": found})
    first = world.state(CHILD_A).inspection.event_id
    assert world.state(CHILD_B).label_state == "intact"
    assert ask(world, CHILD_B, "lot.inspected", event_id=first, inspection=other)


def test_goods_without_labels_need_none_to_be_found(world_at: WorldAt) -> None:
    world = world_at("regraded")
    bare = world.state(CHILD_B).key.model_copy(update={"label_state": None})
    first = world.state(CHILD_A).inspection.event_id
    assert not ask(world, CHILD_B, "lot.inspected", event_id=first, key=bare)


@pytest.mark.parametrize(
    "type_", ["lot.declared", "lot.received", "lot.split", "lot.refurbished", "lot.sold", ""]
)
def test_what_made_the_lot_stays_under_it(world_at: WorldAt, type_: str) -> None:
    assert ask(world_at("regraded"), CHILD_A, type_, subject=LOT)
    assert ask(world_at("regraded"), CHILD_A, type_)


def test_an_offer_counts_while_it_stands(world_at: WorldAt) -> None:
    world = world_at("listed")
    for type_ in ("lot.listed", "lot.withdrawn"):
        assert ask(world, CHILD_A, type_)
        assert not ask(world, CHILD_A, type_, listings=0)
        assert not ask(world, CHILD_A, type_, subject=LOT), "an ancestor's offer is not this lot's"


def test_codes_count_on_the_lot_that_wears_them(world_at: WorldAt) -> None:
    world = world_at("codes")
    assert ask(world, CHILD_A, "codes.issued")
    assert not ask(world, CHILD_A, "codes.issued", subject=LOT)


@pytest.mark.parametrize("type_", ["correction.recorded", "erasure.recorded"])
def test_what_is_said_about_records_changes_no_goods(world_at: WorldAt, type_: str) -> None:
    assert not ask(world_at("regraded"), CHILD_A, type_)
