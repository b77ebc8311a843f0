"""The brand's permission, link by link: never wider than the link above, used with its whole chain."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.author import Draft
from ledger.errors import InvalidRecord, NotYourLot
from tests.ledger.world import GRANT, PARTIES, World, but, hand, ident

WorldAt = Callable[[str], World]
BELOW, DEEPER = ident("authorization", "below"), ident("authorization", "deeper")


def below(world: World, **changes: Any) -> Draft:
    """The supplier passes its permission on to the agent."""
    draft = world.granted(
        hands=[hand("supplier", "grantor", "supplier")],
        subjects=[BELOW],
        refs=[GRANT],
        data={"depth": 2, "may_delegate": True},
        committed={"grantee": PARTIES["agent"]},
    )
    return but(draft, **changes)


def deeper(world: World) -> Draft:
    return below(
        world,
        hands=[hand("agent", "grantor")],
        subjects=[DEEPER],
        refs=sorted([GRANT, BELOW]),
        data={"depth": 3},
    )


def revocation(party: str = "brand", key: str = "grantor", subject: str = GRANT) -> Draft:
    hands = [hand(party, "grantor", key)]
    return Draft("authorization.revoked", hands, {"reason": "withdrawn"}, [subject])


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"data": {"valid_until": "2025-01-01"}}, InvalidRecord, "/data/valid_until: ends before it begins"),
        ({"data": {"depth": 2}}, InvalidRecord, "/refs: a grant refers to every link above it"),
        ({"data": {"brands": ["Other"]}}, NotYourLot, "/data/brands/0: the grantor does not speak"),
        ({"hands": [hand("supplier", "grantor", "supplier")]}, NotYourLot, "only a brand grants at depth 1"),
        ({"committed": {"grantee": None}}, InvalidRecord, "commits to its grantee"),
        ({"subjects": [PARTIES["brand"]]}, InvalidRecord, "changes exactly one authorization"),
    ],
)
def test_the_brands_own_grant_is_refused(
    world_at: WorldAt, changes: dict[str, Any], error: type[InvalidRecord], message: str
) -> None:
    world = world_at("keys")
    world.judge(world.granted())
    with pytest.raises(error, match=message):
        world.judge(world.granted(**changes))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"hands": [hand("agent", "grantor")]}, NotYourLot, "granted to another party"),
        ({"data": {"brands": ["Hoshino", "星野"]}}, InvalidRecord, "wider in brands"),
        ({"data": {"categories": ["phone", "shirt"]}}, InvalidRecord, "wider in categories"),
        ({"data": {"valid_until": "2028-01-01"}}, InvalidRecord, "longer than the link above"),
        ({"data": {"valid_from": "2025-12-31"}}, InvalidRecord, "longer than the link above"),
        ({"data": {"label_clause": "cut_allowed"}}, InvalidRecord, "allows cut labels"),
        ({"refs": []}, InvalidRecord, "refers to every link above"),
    ],
)
def test_a_link_is_never_wider_than_the_one_above(
    world_at: WorldAt, changes: dict[str, Any], error: type[InvalidRecord], message: str
) -> None:
    world = world_at("granted")
    world.judge(below(world))
    with pytest.raises(error, match=message):
        world.judge(below(world, **changes))


def test_a_grant_that_may_not_be_passed_on_is_not(world: World) -> None:
    world.play("keys")
    world.record(world.granted(data={"may_delegate": False}))
    with pytest.raises(NotYourLot, match="does not allow delegation"):
        world.judge(below(world))


def test_a_chain_is_used_whole(world: World) -> None:
    world.play("granted")
    world.record(below(world))
    world.judge(deeper(world))
    with pytest.raises(InvalidRecord, match="not one chain"):
        world.judge(but(deeper(world), refs=[BELOW], data={"depth": 2}))
    stranger = [hand("stranger", "supplier", "everything")]
    with pytest.raises(InvalidRecord, match="not one chain"):
        world.judge(world.declared(hands=stranger, refs=[BELOW]))


@pytest.mark.parametrize("revoked", ["grant", "below"])
def test_nothing_hangs_on_a_revoked_link(world: World, revoked: str) -> None:
    """The link right above was once the only one looked at: its own parent could be revoked."""
    world.play("granted")
    world.record(below(world))
    who = ("brand", "grantor", GRANT) if revoked == "grant" else ("supplier", "supplier", BELOW)
    world.record(but(revocation("brand"), subjects=[who[2]], hands=[hand(who[0], "grantor", who[1])])) if (
        revoked == "grant"
    ) else world.record(withdrawn_by_supplier(world))
    with pytest.raises(NotYourLot, match="was revoked"):
        world.judge(deeper(world))


def withdrawn_by_supplier(world: World) -> Draft:
    world.record(world.key("supplier", "revoking", ["authorization.revoked:grantor"]))
    return revocation("supplier", "revoking", BELOW)


def test_a_lot_is_not_declared_under_a_revoked_grant(world: World) -> None:
    world.play("granted")
    world.record(revocation())
    with pytest.raises(NotYourLot, match="was revoked"):
        world.judge(world.declared())


def test_dates_are_compared_with_the_logs_own_time(world: World) -> None:
    world.play("keys")
    world.record(world.granted(data={"valid_until": "2026-11-20"}))
    world.judge(world.declared())
    world.clock.move(days=1)
    with pytest.raises(NotYourLot, match="does not hold on 2026-11-21"):
        world.judge(world.declared())


def test_only_its_grantor_revokes_and_only_once(world: World) -> None:
    world.play("granted")
    with pytest.raises(NotYourLot, match="only its grantor"):
        world.judge(revocation("agent"))
    world.record(revocation())
    with pytest.raises(InvalidRecord, match="is revoked already"):
        world.judge(revocation())


def test_a_listing_names_every_authorization_of_its_lot(world: World) -> None:
    world.play("codes")
    world.record(revocation())
    with pytest.raises(NotYourLot, match="was revoked"):
        world.judge(world.listed())
    with pytest.raises(InvalidRecord, match="refers to every authorization"):
        world.judge(world.listed(refs=[]))
