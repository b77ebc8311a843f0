"""The lot pack: one file with a lot's whole history, which a stranger can check alone (docs/lot-pack.md).

Pure: the same evidence gives the same bytes.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from typing import Any

from exporters.pack import verify_lot
from ledger import pack_log_keys
from ledger.core import canonical, pack
from ledger.core.checkpoint import Checkpoint
from ledger.core.encoding import encode_base64
from ledger.core.pack import Pack
from ledger.core.proof import InclusionProof
from ledger.errors import ProofError
from ledger.pack import Shown, whole_entry
from ledger.pack_evidence import Histories, Opened, ProvedRow

MEDIA_TYPE = "application/zip"
# SHA-256 of pages and programs of earlier releases: packs made with them stay valid.
OLDER = frozenset(
    {
        "8db4fd659932b208ff68fc27aff636a08e2f722d6ace8d3638f060601ee54050",
        "3083b727e1556ebe958993365408c6b35c5a28629bf68e3a496c98c64f03bb99",
        "72d347ff320ac903c0cb13d24533cba1d32f88057450028fa81885a28839ae4a",
        "3299e500efa521980680e0a53a2766db0109cf0e117223a802a2613b56c8a0e6",
    }
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that goes into a pack.

    note: the checkpoint as published. policy: what the operator publishes, for information. openings,
    rows: as far as the receiver may see them. documents: index of the ``document.issued`` -> the file.
    handovers: where the log changed its key, each change in its order.
    """

    histories: Histories
    checkpoint: Checkpoint
    note: bytes
    policy: bytes
    openings: tuple[Opened, ...]
    rows: tuple[ProvedRow, ...]
    documents: Mapping[int, bytes]
    handovers: tuple[InclusionProof, ...] = ()


def render(evidence: Evidence) -> bytes:
    """The pack. Raises InvalidRecord when it would be larger than a zip without extensions can be."""
    checkpoint = evidence.checkpoint
    leaves = tuple(leaf for leaf, _ in evidence.histories.leaves)
    kinds = {leaf.index: leaf.record.body.data.get("kind") for leaf in leaves}
    openings, rows = _sorted(map(_opening, evidence.openings)), _sorted(map(_row, evidence.rows))
    members = {
        pack.CHECKPOINT: evidence.note,
        pack.POLICY: evidence.policy,
        pack.WHOLE: canonical.dumps(
            [whole_entry(*item) for item in sorted(evidence.histories.whole.items())]
        ),
        pack.OPENINGS: canonical.dumps(openings),
        pack.ROWS: canonical.dumps(rows),
        pack.PROGRAM: program(),
    }
    for leaf, path in evidence.histories.leaves:
        members[f"{pack.RECORDS}{leaf.index}.json"] = leaf.encoded
        proof = InclusionProof(leaf.index, path, evidence.note)
        members[f"{pack.RECORDS}{leaf.index}.tlog-proof"] = bytes(proof)
    for number, handover in enumerate(evidence.handovers, start=1):
        members[pack_log_keys.member(number)] = bytes(handover)
    for index, content in evidence.documents.items():
        members[f"{pack.DOCUMENTS}{index}-{kinds[index]}.pdf"] = content
    made = Pack(evidence.histories.lot, checkpoint.origin, checkpoint.size, checkpoint.root, members)
    members[pack.PAGE] = page(Shown(made, leaves, openings, rows))
    return pack.build(made)


def page(shown: Shown) -> bytes:
    """``index.html``: the same words in every pack, around the facts of this one."""
    begin, end = verify_lot.FACTS
    head, _, rest = _template().partition(begin)
    return head + begin + _facts(shown) + end + rest.partition(end)[2]


def check_words(shown: Shown) -> None:
    """Raise ProofError unless the page and the program in a pack are what they should be."""
    begin, end = verify_lot.FACTS
    head, _, rest = shown.pack.members[pack.PAGE].partition(begin)
    said, _, tail = rest.partition(end)
    words = sha256(head + begin + end + tail).hexdigest()
    if words not in OLDER | {sha256(_template()).hexdigest()} or said != _facts(shown):
        raise ProofError("index.html says something else than the records do")
    found = sha256(shown.pack.members[pack.PROGRAM]).hexdigest()
    if found not in OLDER | {sha256(program()).hexdigest()}:
        raise ProofError("verify_lot.py in the pack is no verifier known here")


@lru_cache(maxsize=1)
def known() -> tuple[str, ...]:
    """SHA-256, hex, of every page without its facts and every program that a valid pack may carry."""
    return (*sorted(OLDER), sha256(_template()).hexdigest(), sha256(program()).hexdigest())


@lru_cache(maxsize=1)
def program() -> bytes:
    """The stand-alone verifier."""
    return (resources.files("exporters.pack") / pack.PROGRAM).read_bytes()


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (resources.files("exporters.pack") / "page.html").read_bytes()


def _facts(shown: Shown) -> bytes:
    read = shown.pack
    stated = {
        "lot": read.lot,
        "origin": read.origin,
        "root": read.root.hex(),
        "tree_size": read.tree_size,
    }
    leaves = [canonical.loads(leaf.encoded) for leaf in shown.leaves]
    files = sorted(name for name in read.members if name.startswith(pack.DOCUMENTS))
    lines = verify_lot.facts(stated, leaves, shown.openings, shown.rows, files)
    return html.escape("\n".join(lines) + "\n").encode()


def _opening(one: Opened) -> dict[str, Any]:
    return {"event_id": one.event_id, "field": one.field, "salt": one.salt.hex(), "value": one.value}


def _row(one: ProvedRow) -> dict[str, Any]:
    path = [encode_base64(hash_) for hash_ in one.path]
    return {"event_id": one.event_id, "part": one.part, "path": path, "row": canonical.loads(one.encoded)}


def _sorted(entries: Any) -> list[Any]:
    found: Sequence[Any] = list(entries)
    return sorted(found, key=canonical.dumps)
