"""End the log with a ``log.heads`` over everything before it, as every tree that is signed ends."""

from collections.abc import Collection

from sqlalchemy import Connection

from ledger.core import canonical, heads
from ledger.core.envelope import print_at, signing_input
from ledger.core.keys import key_id
from ledger.errors import MissingEvidence, StorageError
from ledger.ports import Clock, Signer
from ledger.record import Entry, Ledger, Submission
from ledger.store import log
from ledger.store.log import LogHead
from ledger.writer import Writer


def close_with_heads(ledger: Ledger, writer: Writer, signer: Signer, clock: Clock) -> int:
    """Record the heads of now, unless nothing came since the last ones; returns the tree size.

    Runs alone in its transaction, so that the tables show every record before it.
    """
    head = ledger.head
    if head is None:
        raise MissingEvidence("the log is not opened yet")
    if head.heads_through == head.size - 1:
        return head.size  # nothing came since the last one
    new, nodes = updated_heads(ledger.connection, head)
    entry = _record(ledger, new, writer, signer, clock)
    log.set_heads(ledger.connection, new, through=entry.index, nodes=nodes)
    return ledger.size


def updated_heads(connection: Connection, head: LogHead) -> tuple[heads.Head, Collection[heads.Node]]:
    """The heads tree over everything recorded so far, and the nodes that changed since the last one."""
    values = {
        heads.subject_key(name): heads.value_hash(seq, event_id)
        for name, seq, event_id in log.heads_since(connection, head.heads_through)
    }
    for code, event_id in log.codes_since(connection, head.heads_through):
        values[heads.code_key(code)] = heads.value_hash(0, event_id)

    def read(bits: int, prefix: bytes) -> heads.Node:
        node = log.heads_node(connection, bits, prefix)
        if node is None:
            raise StorageError(f"heads node {bits}:{prefix.hex()} is missing; run lotproof rebuild")
        return node

    update = heads.Update(head.heads, read)
    return update.put(values), update.changed.values()


def _record(ledger: Ledger, new: heads.Head, writer: Writer, signer: Signer, clock: Clock) -> Entry:
    state = ledger.head.state if ledger.head else None
    assert state is not None
    body = canonical.dumps(
        {
            "v": 1,
            "type": "log.heads",
            "origin": state.origin,
            "subjects": [],
            "refs": [],
            "signers": [{"party": state.heads_party, "key": key_id(signer.public_key), "role": "heads"}],
            "at": print_at(clock.now()),
            "offset": "+00:00",
            "data": {"through": ledger.size, "count": new.count, "root": new.root.hex()},
            "commit": {},
        }
    )
    signature = signer.sign(signing_input(body))
    return ledger.record(writer.prepare(Submission(body, (signature,))), own_heads=True)
