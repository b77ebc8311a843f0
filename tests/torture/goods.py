"""A warehouse played at random through a whole installation: balanced, audited, and no trace of refusals."""

import random
from hashlib import sha256
from pathlib import Path

from sqlalchemy import text

from tests.ledger.goods import CHOICES, Floor, WorldLog
from tests.ledger.world import World

STEPS = 150


def goods(seed: int, folder: Path, *, steps: int = STEPS) -> tuple[int, int]:
    """``steps`` random records with publishing now and then; returns (accepted, refused)."""
    chance = random.Random(seed)
    world = World(folder)
    floor = Floor(WorldLog(world))
    for _ in range(2):
        draft = floor.declared(6)
        floor.note(draft, floor.log.record(draft))
    accepted = refused = 0
    before = contents(world)
    for _ in range(steps):
        action = chance.choice(CHOICES)
        taken = floor.do(action, *(chance.randrange(256) for _ in range(3)))
        after = contents(world)
        assert taken or action == "inspect" or after == before, f"a refused {action} left a trace"
        accepted, refused, before = accepted + taken, refused + (not taken), after
        lots = [(name, floor.state(name)) for name in floor.lots]
        assert floor.book.differences(lots) == []
        assert floor.book.total_cost()["CNY"] == floor.paid
        if chance.random() < 0.05:
            world.publisher.publish()
            before = contents(world)
    world.publisher.publish()
    report = world.audit()
    assert report.exit_code == 0, report.findings
    world.close()
    return accepted, refused


def contents(world: World) -> str:
    """A hash over every row of every table of the ledger."""
    hashed = sha256()
    with world.database.reading() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"))
        for name in names.scalars().all():
            rows = connection.execute(text(f"SELECT * FROM {name}")).all()
            for row in sorted(map(repr, rows)):
                hashed.update(row.encode())
    return hashed.hexdigest()
