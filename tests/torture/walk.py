"""Random records on random lots: whatever the writer accepts, the auditor must accept too."""

import random
from collections.abc import Callable
from pathlib import Path

from ledger.author import Draft
from ledger.errors import InvalidRecord, LedgerError, StaleSubject
from tests.ledger.world import CHILD_A, CHILD_B, CODES, LOT, STAGES, World, but, hand, ident

STEPS = 120
Step = Callable[[World, random.Random], Draft]

STEPS_OF: list[Step] = [
    lambda world, _: world.declared(),
    lambda world, chance: but(world.declared(), subjects=[ident("lot", str(chance.random()))]),
    lambda world, chance: world.assigned(f"inspection {chance.random()}", "inspector", _lot(chance)),
    lambda world, chance: world.received(
        data={"counted": chance.randint(5, 7), "unidentified": chance.randint(0, 2)}
    ),
    lambda world, chance: world.assigned(
        chance.choice(("inspection", "inspection again")), "inspector", _lot(chance)
    ),
    lambda world, chance: world.assigned("refurbishment", "refurbisher", _lot(chance)),
    lambda world, chance: world.inspected(),
    lambda world, _: world.inspected(work="inspection again"),
    lambda world, _: world.regraded(),
    lambda world, _: world.split(),
    lambda world, _: world.refurbished(),
    lambda world, chance: world.codes(
        _lot(chance), chance.choice(("lot", "article")), [chance.choice(CODES)]
    ),
    lambda world, chance: world.listed(_lot(chance)),
    lambda world, chance: world.sold(chance.randint(1, 4), _lot(chance)),
    lambda world, _: world.packed(),
    lambda world, _: world.document(),
    lambda world, _: world.shipped(),
    lambda world, _: world.delivered(),
    lambda world, chance: _bent(world.received(), chance),
    lambda world, chance: _bent(world.packed(), chance),
    lambda world, chance: _bent(world.split(), chance),
]


def walk(seed: int, folder: Path) -> tuple[int, int]:
    """STEPS random records with publishing now and then; returns (accepted, refused)."""
    chance = random.Random(seed)
    world = World(folder).play(chance.choice(STAGES[STAGES.index("granted") :]))
    accepted = refused = 0
    for _ in range(STEPS):
        try:
            world.record(chance.choice(STEPS_OF)(world, chance))
            accepted += 1
        except (AssertionError, InvalidRecord, StaleSubject):
            refused += 1  # an assertion: the world has no such lot yet
        except LedgerError as error:
            raise AssertionError(f"not a refusal: {error!r}") from error
        if chance.random() < 0.1:
            world.publisher.publish()
    world.publisher.publish()
    report = world.audit()
    assert report.exit_code == 0, report.findings
    world.close()
    return accepted, refused


def _lot(chance: random.Random) -> str:
    return chance.choice((LOT, CHILD_A, CHILD_B, ident("lot", "nowhere")))


def _bent(draft: Draft, chance: random.Random) -> Draft:
    """Signed by somebody else, or with a number moved by one."""
    if chance.random() < 0.5:
        return but(draft, hands=[hand("stranger", "custodian", "everything"), *draft.hands[1:]])
    numbers = [name for name, value in draft.data.items() if type(value) is int]
    if not numbers:
        return draft
    name = chance.choice(numbers)
    return but(draft, data={name: max(0, draft.data[name] + chance.choice((-1, 1)))})
