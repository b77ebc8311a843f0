"""The records that the bench appends and audits: declarations under one grant, one opening each."""

import secrets
from pathlib import Path

from ledger.author import new_id, write
from ledger.record import Submission
from ledger.store.log import read_head
from ledger.store.view import StoredView
from tests.ledger.world import GRANT, ORIGIN, World


def opened_world(folder: Path) -> World:
    """A world that is ready for declarations; its trees are published to memory."""
    return World(folder).play("granted")


def declarations(world: World, count: int, *, padding: int = 0) -> list[Submission]:
    """``count`` signed declarations of new lots. padding: characters added to each model name."""
    draft = world.declared(data={"manifest": None}, rows=(), subjects=[])
    made = []
    with world.database.reading() as connection:
        view = StoredView(connection, read_head(connection))
        for _ in range(count):
            data = {**draft.data, "model": f"M {secrets.token_hex(4)}{'x' * padding}"}
            one = type(draft)(
                draft.type, draft.hands, data, [new_id("lot")], [GRANT], draft.committed, offset="+08:00"
            )
            made.append(write(one, origin=ORIGIN, at=world.clock.now(), view=view))
    return made
