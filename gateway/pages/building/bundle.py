"""A lot's history for a machine that trusts nobody here: leaves, inclusion, heads, the checkpoint.

Public facts only: the leaves are those of the log's entry bundles, byte for byte.
"""

from typing import Any

from sqlalchemy import Connection

from gateway.pages.building.reading import (
    checking,
    heads_proof,
    history_of,
    inclusion_path,
    last_heads,
)
from gateway.pages.building.steps import merged
from gateway.wiring import Installation
from ledger.core import heads
from ledger.core.encoding import encode_base64
from ledger.core.leaf import Leaf
from ledger.errors import MissingEvidence
from ledger.store import log

VERSION = 1


def bundle_of(installation: Installation, connection: Connection, lot: str) -> dict[str, Any]:
    """``{v, lot, lots, checkpoint, records, heads}``; bytes are base64, hashes hex.

    A record that is gone has no leaf. heads: the last ``log.heads`` entry with the presence of every
    lot of the line. Raises NotFound.
    """
    history = history_of(installation, connection, lot)
    lots = list(dict.fromkeys(record.subject for record in history.records))
    with checking(lot):
        leaf = last_heads(installation, connection)
        return {
            "v": VERSION,
            "lot": lot,
            "lots": lots,
            "verdict": history.verdict,
            "checkpoint": installation.verifier().note.decode(),
            "records": [
                {"index": record.index, "event_id": record.event_id}
                | (_proved(installation, record.leaf) if record.leaf else {"trouble": record.trouble})
                for record in merged(history.records)
            ],
            "heads": {
                **_proved(installation, leaf),
                "index": leaf.index,
                "subjects": [_head(connection, name, leaf.index) for name in lots],
            },
        }


def _proved(installation: Installation, leaf: Leaf) -> dict[str, Any]:
    """Leaf and path; one that is not published yet has no path."""
    proved: dict[str, Any] = {"leaf": encode_base64(leaf.encoded)}
    if leaf.index < installation.verifier().checkpoint.size:
        proved["path"] = [encode_base64(hash_) for hash_ in inclusion_path(installation, leaf.index)]
    return proved


def _head(connection: Connection, name: str, through: int) -> dict[str, Any]:
    covered = [link for link in log.chain(connection, name) if link[0] < through]
    if not covered:
        raise MissingEvidence(f"{name} is not under a heads record yet")
    _, seq, event_id = covered[-1]
    proof = heads_proof(connection, heads.subject_key(name))
    return {"subject": name, "seq": seq, "event_id": event_id, "proof": proof.to_json()}
