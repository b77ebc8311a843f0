"""A log told anew by an operator who owns the log key, the heads key and, here, everybody's toy key.

Every entry of a world is signed and sequenced again, so chains, heads tree, tree and checkpoint all fit;
only what a case changes breaks a rule. That is the liar against whom signatures and scopes must stand.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from exporters import audit_pack
from exporters.audit_pack import Evidence
from ledger.core import canonical, heads, merkle
from ledger.core.checkpoint import Checkpoint, signed
from ledger.core.envelope import SignedRecord, signing_input
from ledger.core.leaf import FIRST_PREVIOUS, Leaf, sequenced
from ledger.pack import chains_of, involved
from ledger.pack_evidence import Histories
from ledger.store import log
from tests.exporters.packs import KEY, POLICY
from tests.ledger.fakes import MemorySigner
from tests.ledger.world import CHILD_A, LOG_KEY, ORIGIN, REGISTRARS, SCOPES, World, signer

Body = dict[str, Any]
Change = Callable[[list[Body]], None]

NEW = MemorySigner("a key that nobody had before")
_SIGNERS = {
    one.id: one
    for one in (
        *(MemorySigner(name) for name in (*REGISTRARS, "log", "heads")),
        *(signer(party, key) for party, keys in SCOPES.items() for key in keys),
        NEW,
    )
}


def retold(world: World, change: Change, lot: str = CHILD_A) -> bytes:
    """The pack of a lot after ``change`` was made to the bodies of the log, nothing opened.

    ``change`` may alter, reorder and remove; what refers to an entry follows it. A body's ``unsigned``
    names signers by position whose signature is somebody else's.
    """
    with world.database.reading() as connection:
        old = [Leaf.parse(encoded) for _, encoded in log.leaves(connection, 0, 10**6)]
    bodies = [json.loads(leaf.record.encoded) | {"was": leaf.record.event_id} for leaf in old]
    change(bodies)
    leaves = _sequenced(bodies, old[0].recorded_at)
    hashes = [leaf.hash for leaf in leaves]
    root = merkle.root_of(hashes)
    checkpoint = Checkpoint(ORIGIN, len(leaves), root)
    note = str(signed(checkpoint, KEY, LOG_KEY.sign(checkpoint.text.encode()))).encode()
    return audit_pack.render(
        Evidence(_histories(lot, leaves, hashes), checkpoint, note, POLICY, (), (), {}),
    )


def _sequenced(bodies: Sequence[Body], recorded_at: str) -> list[Leaf]:
    renamed: dict[str, str] = {}
    values: dict[bytes, bytes] = {}
    leaves: list[Leaf] = []
    for told in bodies:
        was, wrong = told.pop("was"), told.pop("unsigned", ())
        text = json.dumps(told)
        for before, now in renamed.items():
            text = text.replace(before, now)
        body = json.loads(text)
        if body["type"] == "log.heads":
            body["data"] = {
                "through": len(leaves),
                "count": len(values),
                "root": heads.root_of(values).hex(),
            }
        encoded = canonical.dumps(body)
        signatures = [
            (NEW if n in wrong else _SIGNERS[one["key"]]).sign(signing_input(encoded))
            for n, one in enumerate(body["signers"])
        ]
        record = SignedRecord.parse(encoded, signatures)
        previous = leaves[-1].hash.hex() if leaves else FIRST_PREVIOUS
        leaves.append(sequenced(record, index=len(leaves), previous=previous, recorded_at=recorded_at))
        renamed[was] = record.event_id
        for link in body["subjects"]:
            values[heads.subject_key(link["id"])] = heads.value_hash(link["seq"], record.event_id)
    return leaves


def _histories(lot: str, leaves: Sequence[Leaf], hashes: Sequence[bytes]) -> Histories:
    chains = chains_of(tuple(leaves))
    rests = involved(lot, leaves[0], leaves[-1], lambda name: chains.get(name, ()))
    kept = [
        leaf
        for leaf in leaves
        if leaf.index in (0, len(leaves) - 1) or any(link.id in rests for link in leaf.record.body.subjects)
    ]

    def node(level: int, index: int) -> bytes:
        if not level:
            return hashes[index]
        return merkle.node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))

    values = {
        heads.subject_key(name): heads.value_hash(len(chain) - 1, chain[-1].record.event_id)
        for name, chain in chains.items()
    }
    update = heads.Update(
        heads.EMPTY_HEAD, lambda _bits, _prefix: heads.Node(0, b"", *[heads.Child(0, b"", b"")] * 2)
    )
    head = update.put(values)
    return Histories(
        lot=lot,
        lineage=(lot,),
        leaves=tuple((leaf, tuple(merkle.inclusion_path(leaf.index, len(hashes), node))) for leaf in kept),
        whole={
            name: heads.prove(heads.subject_key(name), head, lambda *at: update.changed[at])
            for name in rests & chains.keys()
        },
    )


def of_type(bodies: list[Body], type_: str, nth: int = 0) -> Body:
    """The nth body of a type."""
    return [body for body in bodies if body["type"] == type_][nth]


def key_record(bodies: list[Body], public_key: bytes) -> Body:
    """The ``key.registered`` of a key."""
    return next(
        body
        for body in bodies
        if body["type"] == "key.registered" and body["data"]["public_key"] == public_key.hex()
    )
