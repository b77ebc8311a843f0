"""More keys for the world's parties, and drafts of what permission and purchase record."""

from collections.abc import Callable
from typing import Any

from ledger.author import Draft
from tests.ledger.world import CHILD_A, GRANT, JOURNEY, LOT, PARTIES, World, but, hand, ident

BELOW = ident("authorization", "below the brand's")
OTHER_GRANT = ident("authorization", "another one")
OTHER_LOT = ident("lot", "another one")
# Party -> the scopes of its second key, named "supply".
SCOPES = {
    "operator": [
        "consignment.ended:custodian",
        "dispute.settled:seller",
        "freight.billed:custodian",
        "title.transferred:seller",
    ],
    "brand": ["authorization.narrowed:grantor", "brand.consented:brand", "lot.declared:supplier"],
    "supplier": [
        "authorization.narrowed:grantor",
        "authorization.revoked:grantor",
        "consignment.ended:consignor",
        "dispute.settled:seller",
        "title.transferred:seller",
        "work.assigned:custodian",
    ],
    "stranger": [
        "authorization.narrowed:grantor",
        "brand.consented:brand",
        "consignment.ended:custodian",
        "dispute.settled:seller",
        "freight.billed:custodian",
        "title.transferred:seller",
    ],
}


def play(world: World, last: str, **changed: Callable[[World], Draft]) -> World:
    """Record the journey up to ``last`` with everybody's second key. changed: what makes others, by stage."""
    for stage, drafts in JOURNEY.items():
        for draft in drafts:
            world.record(changed.get(stage, draft)(world))
        if stage == "keys":
            add_keys(world)
        if stage == last:
            break
    return world


def add_keys(world: World) -> None:
    for party, scopes in SCOPES.items():
        world.record(world.key(party, "supply", scopes))


def below(world: World, **changes: Any) -> Draft:
    """The supplier passes its permission on to the agent: the second link."""
    draft = world.granted(
        hands=[hand("supplier", "grantor", "supplier")],
        subjects=[BELOW],
        refs=[GRANT],
        data={"depth": 2, "may_delegate": True},
        committed={"grantee": PARTIES["agent"]},
    )
    return but(draft, **changes)


def narrowed(subject: str = GRANT, **changes: Any) -> Draft:
    draft = Draft("authorization.narrowed", [hand("brand", "grantor", "supply")], {}, [subject])
    return but(draft, **changes)


def consented(lot: str = LOT, **changes: Any) -> Draft:
    data = {"cause": "cancelled_order"}
    draft = Draft("brand.consented", [hand("brand", "brand", "supply")], data, [lot])
    return but(draft, committed={"document": "ab" * 32}, **changes)


def title_transferred(lot: str = CHILD_A, **changes: Any) -> Draft:
    draft = Draft(
        "title.transferred",
        [hand("operator", "seller", "supply")],
        {"supply_mode": "consign", "transferor": PARTIES["supplier"]},
        [lot],
        committed={"transferee": "Lagos Wholesale", "order": "order:" + "0" * 20},
    )
    return but(draft, **changes)


def consignment_ended(outcome: str, unsold: int, lot: str = CHILD_A, **changes: Any) -> Draft:
    draft = Draft(
        "consignment.ended",
        [hand("operator", "custodian", "supply"), hand("supplier", "consignor", "supply")],
        {"outcome": outcome},
        [lot],
        committed={"unsold": unsold},
    )
    return but(draft, **changes)


def freight_billed(*lots: str, **changes: Any) -> Draft:
    data = {"site": "shenzhen", "received_on": "2026-11-20"}
    committed = {"freight": {"amount_minor": 5_000_001, "currency": "CNY"}, "document": "cd" * 32}
    hands = [hand("operator", "custodian", "supply")]
    draft = Draft("freight.billed", hands, data, sorted(lots), committed=committed)
    return but(draft, **changes)


def dispute_settled(quantity: int, lot: str = CHILD_A, **changes: Any) -> Draft:
    data = {"cause": "not_as_described", "outcome": "upheld"}
    hands = [hand("operator", "seller", "supply")]
    draft = Draft("dispute.settled", hands, data, [lot], committed={"quantity": quantity})
    return but(draft, **changes)


def another_lot(world: World, **changes: Any) -> list[Draft]:
    """A second lot of the same supplier, declared and received, without rows."""
    declared = world.declared(subjects=[OTHER_LOT], data={"manifest": None, "quantity": 4}, rows=[])
    received = world.received(
        subjects=[OTHER_LOT], data={"declared": 4, "counted": 4, "unidentified": 0, "damaged": 0}
    )
    return [but(declared, **changes), received]
