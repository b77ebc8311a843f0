"""Rows L7 to L11 and L30 of the commerce reference, as the ledger's rules hold them."""

from hashlib import sha256
from typing import Any

import pytest

from ledger.core.canonical import dumps
from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots.permission import dependents
from ledger.lots.state import printed
from ledger.store.dependents import lots_under, names_under
from tests.ledger import supplying
from tests.ledger.supplying import BELOW, OTHER_GRANT, OTHER_LOT
from tests.ledger.world import CHILD_A, CHILD_B, CHILDREN, GRANT, LOT, PARTIES, World, but, hand, ident

BELOW_BELOW = ident("authorization", "third")


def _by_agent(world: World, refs: list[str], **data: Any) -> Any:
    world.record(world.key("agent", "supply", ["lot.declared:supplier"]))
    hands = [hand("agent", "supplier", "supply")]
    return world.declared(hands=hands, refs=sorted(refs), data=data)


def test_l8_the_policys_depth_stands_in_the_record_and_holds_it(world: World) -> None:
    supplying.play(world, "granted")
    world.record(supplying.below(world))
    draft = _by_agent(world, [GRANT, BELOW], depth_max=1)
    with pytest.raises(InvalidRecord, match="/data/depth_max: 2 links, the policy allows 1"):
        world.judge(draft)
    assert world.judge(but(draft, data={"depth_max": 2})).subjects[LOT].state.authorizations == [GRANT, BELOW]


def test_l8_three_links_are_refused_under_the_default_policy(world: World) -> None:
    supplying.play(world, "granted")
    world.record(supplying.below(world))
    third = world.granted(
        hands=[hand("agent", "grantor")],
        subjects=[BELOW_BELOW],
        refs=sorted([GRANT, BELOW]),
        data={"depth": 3},
        committed={"grantee": PARTIES["agent"]},
    )
    world.record(third)
    draft = _by_agent(world, [GRANT, BELOW, BELOW_BELOW], depth_max=2)
    with pytest.raises(InvalidRecord, match="3 links, the policy allows 2"):
        world.judge(draft)


def test_l8_a_listing_holds_its_lot_to_the_depth_that_it_names(world: World) -> None:
    supplying.play(world, "codes")
    world.judge(world.listed(data={"depth_max": 1}))
    world.record(world.listed(data={"depth_max": 2}))


def test_l9_a_brand_declares_its_own_goods_with_no_link(world: World) -> None:
    supplying.play(world, "granted")
    world.record(world.declared(hands=[hand("brand", "supplier", "supply")], refs=[]))
    state = world.state(LOT)
    assert (state.authorizations, state.supplier) == ([], PARTIES["brand"])


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"data": {"brands": ["Hoshino"]}}, InvalidRecord, "/data/brands: wider in brands"),
        ({"data": {"categories": ["shirt"]}}, InvalidRecord, "/data/categories: wider in categories"),
        ({"data": {"valid_until": "2028-01-01"}}, InvalidRecord, "/data/valid_until: longer than before"),
        ({}, InvalidRecord, "/data: narrows nothing"),
        ({"committed": {"document": "ab" * 32}}, InvalidRecord, "narrows nothing"),
        ({"committed": {"channels": ["export"]}}, InvalidRecord, "/data/channels_hash: channels stand"),
        (
            {"committed": {"channels": ["export"]}, "data": {"channels_hash": "ab" * 32}},
            InvalidRecord,
            "/open/channels: are not the channels",
        ),
        ({"hands": [hand("stranger", "grantor", "supply")]}, NotYourLot, "only its grantor narrows"),
        ({"subjects": [LOT]}, InvalidRecord, "changes nothing but authorization"),
    ],
)
def test_l7_a_narrowing_that_does_not_narrow_is_refused(
    world: World, changes: dict[str, Any], error: type[InvalidRecord], message: str
) -> None:
    supplying.play(world, "declared")
    before = world.subject(GRANT)
    with pytest.raises(error, match=message):
        world.record(supplying.narrowed(**changes))
    assert world.subject(GRANT) == before


def test_l7_a_narrowed_link_covers_no_more_what_it_gave_up(world: World) -> None:
    supplying.play(world, "codes")
    world.judge(world.listed())
    entry = world.record(supplying.narrowed(data={"valid_until": "2026-11-20"}))
    assert world.state(GRANT).narrowed == [entry.event_id]
    world.judge(world.listed())  # its last day
    world.clock.move(days=1)
    with pytest.raises(NotYourLot, match=f"{GRANT} does not hold on 2026-11-21"):
        world.judge(world.listed())


def test_l7_channels_are_those_of_the_public_hash(world: World) -> None:
    supplying.play(world, "keys")
    channels = ["export", "wholesale"]
    committed = {"channels": channels}
    good = sha256(dumps(channels)).hexdigest()
    world.judge(world.granted(data={"channels_hash": good}, committed=committed))
    with pytest.raises(InvalidRecord, match="/open/channels"):
        world.judge(world.granted(data={"channels_hash": "ab" * 32}, committed=committed))


def test_l7_exactly_the_lots_below_a_link_depend_on_it(world: World) -> None:
    """The middle link has other dependents than the brand's grant, and another chain has none of them."""
    supplying.play(world, "split")
    world.record(supplying.below(world))
    world.record(world.granted(subjects=[OTHER_GRANT]))
    agents = _by_agent(world, [GRANT, BELOW], manifest=None)
    world.record(but(agents, subjects=[OTHER_LOT], rows=[]))
    with world.database.reading() as connection:
        assert set(names_under(connection, GRANT)) == {LOT, *CHILDREN, OTHER_LOT}
        assert names_under(connection, BELOW) == [OTHER_LOT]
        assert names_under(connection, OTHER_GRANT) == []
        assert sum(lot.sold or 0 for lot in lots_under(connection, GRANT)) == 0
    states = [(name, world.state(name)) for name in (LOT, *CHILDREN, OTHER_LOT)]
    assert dependents(states, BELOW) == [OTHER_LOT]


def test_l11_a_cut_label_without_a_clause_is_never_listed(world: World) -> None:
    supplying.play(world, "codes")
    world.judge(world.listed(data={"depth_max": 2}))
    key = world.state(CHILD_A).key.model_copy(update={"label_state": "cut"})
    cut = world.state(CHILD_A).model_copy(update={"key": key})
    world.tamper("UPDATE subjects SET state = :state WHERE subject = :lot", state=printed(cut), lot=CHILD_A)
    with pytest.raises(NotYourLot, match=f"{GRANT} does not allow cut labels"):
        world.judge(world.listed(data={"depth_max": 2}))


def test_l30_a_genesis_without_a_cause_is_refused(world: World) -> None:
    supplying.play(world, "granted")
    with pytest.raises(InvalidRecord, match="/data/surplus_cause"):
        world.judge(world.declared(data={"surplus_cause": None}))
    world.judge(world.declared(committed={"cause_evidence": "ab" * 32}))


def test_l30_the_brand_releases_an_order_that_it_cancelled(world: World) -> None:
    supplying.play(world, "granted")
    world.record(world.declared(data={"surplus_cause": "cancelled_order"}))
    assert world.state(LOT).brand_consent is None
    entry = world.record(supplying.consented())
    assert world.state(LOT).brand_consent.index == entry.index
    with pytest.raises(InvalidRecord, match="the brand consented already"):
        world.judge(supplying.consented())


def test_l30_the_children_of_a_released_lot_are_released(world: World) -> None:
    supplying.play(world, "granted")
    world.record(world.declared(data={"surplus_cause": "cancelled_order"}))
    world.record(supplying.consented())
    for stage in ("received", "assigned", "inspected", "split"):
        world.record(world.next_draft(stage))
    consent = world.state(LOT).brand_consent
    assert consent is not None
    assert world.state(CHILD_B).brand_consent == consent


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"hands": [hand("stranger", "brand", "supply")]}, NotYourLot, "only the goods' own brand"),
        ({"subjects": [GRANT]}, InvalidRecord, "changes nothing but lot"),
    ],
)
def test_l30_nobody_else_releases_it(
    world: World, changes: dict[str, Any], error: type[InvalidRecord], message: str
) -> None:
    supplying.play(world, "granted")
    world.record(world.declared(data={"surplus_cause": "cancelled_order"}))
    with pytest.raises(error, match=message):
        world.record(supplying.consented(**changes))
    assert world.state(LOT).brand_consent is None


def test_l30_a_consent_is_to_the_cause_that_was_declared(world: World) -> None:
    supplying.play(world, "declared")
    with pytest.raises(InvalidRecord, match="/data/cause: the lot's cause is customer_returns"):
        world.judge(supplying.consented())
