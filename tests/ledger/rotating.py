"""A world whose log changes its key: who holds which key, and the steps of a change."""

from dataclasses import dataclass, field

from ledger.author import Draft
from ledger.core.keys import VerifierKey
from ledger.core.policy import Policy, parse
from ledger.ports import ObjectStore
from ledger.publish import Publisher
from ledger.quorum import Quorum
from ledger.record import Entry
from ledger.rotate import record_log_key
from tests.ledger.fakes import MemorySigner
from tests.ledger.world import LOG_KEY, ORIGIN, PARTIES, World, but, ident, registrar

FIRST, SECOND, THIRD = LOG_KEY, MemorySigner("second log key"), MemorySigner("third log key")
VKEYS = {signer.name: VerifierKey(ORIGIN, signer.public_key) for signer in (FIRST, SECOND, THIRD)}


def vkey(signer: MemorySigner) -> VerifierKey:
    return VKEYS[signer.name]


def trusting(*signers: MemorySigner) -> Policy:
    lines = "".join(f"log {vkey(signer)}\n" for signer in signers)
    return parse(f"{lines}quorum none\n".encode())


@dataclass
class Hands:
    """The log keys that a publisher finds when it looks."""

    held: list[MemorySigner] = field(default_factory=lambda: [FIRST])

    def of(self, public_key: bytes) -> MemorySigner | None:
        return next((signer for signer in self.held if signer.public_key == public_key), None)


def publisher_of(
    world: World, hands: Hands, *, objects: ObjectStore | None = None, quorum: Quorum | None = None
) -> Publisher:
    return Publisher(
        world.database,
        world.writer,
        world.objects if objects is None else objects,
        log_signer=FIRST,
        heads_signer=world.heads_signer,
        clock=world.clock,
        quorum=quorum,
        other_log_signer=hands.of,
    )


def key_changed(signer: MemorySigner) -> Draft:
    data = {"log_key": signer.public_key.hex()}
    return Draft("log.key_changed", [registrar()], data, [PARTIES["operator"]])


def announce(world: World, signer: MemorySigner) -> Entry:
    """Record that ``signer`` is the log's next key."""
    return record_log_key(world.writer, world.submission(key_changed(signer)), signer)


def grow(world: World, name: str) -> None:
    draft = world.declared(data={"manifest": None}, rows=())
    world.record(but(draft, subjects=[ident("lot", name)]))


def rotated(world: World, *, finished: bool = True) -> Hands:
    """The whole change from FIRST to SECOND, with a tree before, one at the handover and one after."""
    hands = Hands()
    publisher = publisher_of(world, hands)
    publisher.publish()
    hands.held.append(SECOND)
    announce(world, SECOND)
    publisher.publish()
    if finished:
        hands.held.remove(FIRST)
    grow(world, "after the handover")
    publisher.publish()
    return hands
