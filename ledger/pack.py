"""Verify a lot pack: everything that stands in it, under a policy that does not (docs/lot-pack.md).

    1  the file is what its members give by the recipe, and its members are those of pack.json
    2  the checkpoint is signed by a log key of the policy, or one that such a key handed over to, and
       cosigned by the quorum
    3  every record stands in the tree of that checkpoint, at its index
    4  the records are the whole histories of everything that the lot rests on, and nothing else
    5  every record follows from those before it: signatures, key scopes by index, relations, quantities
    6  opened values, rows and documents are what the records commit to; grades follow from the rows

The stand-alone verifier in ``exporters/pack`` shares no line with this and comes to the same verdict;
of step 5 it does signatures and keys, of step 6 no grades.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger import pack_log_keys
from ledger.core import canonical, heads, merkle, pack
from ledger.core import policy as policies
from ledger.core.checkpoint import Checkpoint
from ledger.core.cosignature import timestamp_of
from ledger.core.envelope import Body
from ledger.core.leaf import Leaf
from ledger.core.note import Note
from ledger.core.pack import Pack
from ledger.core.policy import Policy
from ledger.core.proof import InclusionProof
from ledger.core.subjects import START, kind_of
from ledger.errors import LedgerError, MissingEvidence, ProofError
from ledger.lots.distrust import distrusted_keys
from ledger.lots.lineage import ancestors
from ledger.lots.state import LotState
from ledger.pack_private import Private
from ledger.pack_replay import STATED, PackReplay
from ledger.records.parties import LogHeads
from ledger.records.registry import typed


@dataclass(frozen=True, slots=True)
class Shown:
    """What a pack shows, for its page. leaves: by index; openings, rows: as their files have them."""

    pack: Pack
    leaves: tuple[Leaf, ...]
    openings: list[Any]
    rows: list[Any]


@dataclass(frozen=True, slots=True)
class Verified:
    """A pack that holds. cosigned: witness of the policy -> POSIX seconds; through: whole up to this entry.

    distrusted: indexes of records under a key that is distrusted since. state: None where the pack is of
    a lot whose records do not make one. grades: units whose grade was computed again.
    """

    lot: str
    checkpoint: Checkpoint
    cosigned: Mapping[str, int]
    through: int
    shown: Shown
    distrusted: tuple[int, ...]
    state: LotState
    documents: tuple[str, ...]
    grades: int


CheckWords = Callable[[Shown], None]  # the page and the program in the pack; raises ProofError


def verify(data: bytes, policy: Policy | None, check_words: CheckWords) -> Verified:
    """Verify the bytes of a pack. policy: what the reader trusts, never taken from the pack.

    Raises MissingEvidence where something needed is not there (exit 4), any other LedgerError where
    something is there and wrong (exit 3).
    """
    if policy is None:
        raise MissingEvidence("no policy says which log key to trust: give --policy FILE")
    try:
        return _verified(pack.read(data), policy, check_words)
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise ProofError(f"a part has not the form that it must have: {error!r:.120}") from error


def _verified(read: Pack, policy: Policy, check_words: CheckWords) -> Verified:
    indexes = _indexes(read)
    note = read.members[pack.CHECKPOINT]
    keys = pack_log_keys.read(read)
    checkpoint = pack_log_keys.following(policy, keys).open(note)
    pack_log_keys.following(policies.parse(read.members[pack.POLICY]), keys).open(note)
    if (read.origin, read.root, read.tree_size) != (checkpoint.origin, checkpoint.root, checkpoint.size):
        raise ProofError("pack.json speaks of another tree than the checkpoint")
    leaves = tuple(_leaf(read, index, checkpoint, note) for index in indexes)
    last = _last(leaves, checkpoint)
    chains = chains_of(leaves)
    rests = involved(
        read.lot, leaves[0], last, lambda name: chains.get(name, ()), also=stating_about(read.lot, leaves)
    )
    _check_whole(read, leaves, chains, rests, last)
    private = Private.read(read, leaves)
    replay = PackReplay(rests, private)
    before = ""
    for leaf in leaves:
        if leaf.recorded_at < before:
            raise ProofError(f"entry {leaf.index}: the log's own time runs backwards")
        before = leaf.recorded_at
        replay.take(leaf)
    pack_log_keys.check(replay.log_keys, keys, note, checkpoint, policy)
    documents = private.check_documents(read, leaves)
    state = replay.lot(read.lot)
    grades = private.check_grades(_lineage(read.lot, replay), state)
    shown = Shown(read, leaves, private.openings, private.rows)
    check_words(shown)
    return Verified(
        lot=read.lot,
        checkpoint=checkpoint,
        cosigned=_cosigned(note, policy),
        through=last.index,
        shown=shown,
        distrusted=tuple(
            leaf.index for leaf in leaves if distrusted_keys(leaf.record.body, leaf.index, replay.key)
        ),
        state=state,
        documents=documents,
        grades=grades,
    )


def _indexes(read: Pack) -> list[int]:
    """The entries in a pack. Raises MissingEvidence, or ProofError where a member belongs to no pack."""
    names = read.members.keys()
    indexes = sorted(
        {int(name[len(pack.RECORDS) :].split(".")[0]) for name in names if name.startswith(pack.RECORDS)}
    )
    parts = pack.PARTS | {f"{pack.RECORDS}{i}.{kind}" for i in indexes for kind in ("json", "tlog-proof")}
    missing = sorted(parts - names)
    if missing:
        raise MissingEvidence(f"not in the pack: {', '.join(missing)}")
    parts |= pack_log_keys.names_in(read)
    if any(name not in parts and not name.startswith(pack.DOCUMENTS) for name in names):
        raise ProofError("there are members that belong to no pack")
    return indexes


def _leaf(read: Pack, index: int, checkpoint: Checkpoint, note: bytes) -> Leaf:
    encoded = read.members[f"{pack.RECORDS}{index}.json"]
    proof = InclusionProof.parse(read.members[f"{pack.RECORDS}{index}.tlog-proof"])
    if (proof.index, proof.checkpoint, proof.extra) != (index, note, None):
        raise ProofError(f"entry {index}: its proof is of another checkpoint")
    merkle.verify_inclusion(
        merkle.leaf_hash(encoded),
        leaf_index=index,
        tree_size=checkpoint.size,
        path=proof.path,
        root=checkpoint.root,
    )
    leaf = Leaf.parse(encoded)
    if leaf.index != index or leaf.record.body.origin != checkpoint.origin:
        raise ProofError(f"entry {index} is of another log or place")
    return leaf


def _last(leaves: tuple[Leaf, ...], checkpoint: Checkpoint) -> Leaf:
    """The ``log.heads`` that ends the checkpoint's tree; entry 0 is there, too."""
    if not leaves or (leaves[0].index, leaves[-1].index) != (0, checkpoint.size - 1):
        raise MissingEvidence("the log's first or last entry is not in the pack")
    data = typed(leaves[-1].record).data
    if not isinstance(data, LogHeads) or data.through != leaves[-1].index:
        raise ProofError("the log does not end with its heads")
    return leaves[-1]


def chains_of(leaves: tuple[Leaf, ...]) -> dict[str, list[Leaf]]:
    """Subject -> its records, in the order of the log."""
    chains: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        for link in leaf.record.body.subjects:
            chains.setdefault(link.id, []).append(leaf)
    return chains


def stating_about(lot: str, leaves: Iterable[Leaf]) -> set[str]:
    """The auditors who state something about the lot, as its head was: their statements refer to it."""
    return {
        leaf.record.body.author.party
        for leaf in leaves
        if leaf.record.body.type == STATED and any(ref.id == lot for ref in leaf.record.body.refs)
    }


def involved(
    lot: str,
    first: Leaf,
    last: Leaf,
    chain_of: Callable[[str], Sequence[Leaf]],
    *,
    also: Iterable[str] = (),
) -> frozenset[str]:
    """Every subject that a lot rests on: its ancestors, and whatever any of their records names.

    first, last: the log's first entry and its last ``log.heads``. chain_of: the records of a subject.
    Of the lots named only ancestors belong to it. A party that has no record of its own does, too.
    also: the auditors who state something about it.
    """
    rests: set[str] = set()
    lots = {lot}
    todo = [
        lot,
        *also,
        first.record.body.data["operator"],
        *named_by(first.record.body),
        *named_by(last.record.body),
    ]
    while todo:
        name = todo.pop()
        if name in rests or (kind_of(name) == "lot" and name not in lots):
            continue
        rests.add(name)
        for leaf in chain_of(name):
            body = leaf.record.body
            lots |= parents_of(body, name)
            todo += [*named_by(body), *lots]
    return frozenset(rests)


def named_by(body: Body) -> set[str]:
    """The subjects that a record changes or relies on, its signers' parties and who was given work."""
    names = {link.id for link in body.subjects} | {ref.id for ref in body.refs}
    names |= {signer.party for signer in body.signers}
    worker = body.data.get("worker_party")
    return names | {worker} if isinstance(worker, str) and worker else names


def parents_of(body: Body, lot: str) -> set[str]:
    """Where ``lot`` came from, if this is the split, merge, bundle or return that made it.

    Lots that became one are judged together: each of them rests on the others.
    """
    made = {child["id"] for child in body.data.get("children", ())}
    if body.type in ("lot.merged", "lot.bundled", "lot.returned"):
        made = {body.data["child"]["id"]}
    together = body.type in ("lot.merged", "lot.bundled")
    if not made or not (together or any(link.id == lot and link.seq == 0 for link in body.subjects)):
        return set()
    return {link.id for link in body.subjects} - made


def _check_whole(
    read: Pack,
    leaves: tuple[Leaf, ...],
    chains: Mapping[str, list[Leaf]],
    rests: frozenset[str],
    last: Leaf,
) -> None:
    operator = leaves[0].record.body.data["operator"]
    gone = sorted(n for n in rests - chains.keys() if kind_of(n) != "party" or n == operator)
    if gone:
        raise MissingEvidence(f"no record of {', '.join(gone)} is in the pack")
    names = sorted(rests & chains.keys())
    proofs: Any = canonical.loads(read.members[pack.WHOLE])
    shown = {proof["subject"]: proof["steps"] for proof in proofs}
    unproved = sorted(set(names) - shown.keys())
    if unproved:
        raise MissingEvidence(f"nothing proves whole: {', '.join(unproved)}")
    root = bytes.fromhex(last.record.body.data["root"])
    printed: list[canonical.JsonValue] = []
    for name in names:
        _check_chain(name, chains[name])
        proof = heads_proof(name, chains[name], shown[name])
        heads.verify_presence(
            proof,
            root=root,
            key=heads.subject_key(name),
            seq=len(chains[name]) - 1,
            event_id=chains[name][-1].record.event_id,
        )
        printed.append(whole_entry(name, proof))
    for leaf in leaves[1:-1]:
        if not any(link.id in rests for link in leaf.record.body.subjects):
            raise ProofError(f"entry {leaf.index} has nothing to do with {read.lot}")
    if canonical.dumps(printed) != read.members[pack.WHOLE]:
        raise ProofError("whole.json proves more than the pack shows, or out of order")


def _check_chain(name: str, chain: list[Leaf]) -> None:
    previous = START
    for seq, leaf in enumerate(chain):
        link = next(link for link in leaf.record.body.subjects if link.id == name)
        if link.seq != seq:
            raise MissingEvidence(f"record {seq} of {name} is not in the pack")
        if link.prev != previous:
            raise ProofError(f"entry {leaf.index} does not continue {name}")
        previous = leaf.record.event_id


def heads_proof(name: str, chain: list[Leaf], steps: Any) -> heads.HeadsProof:
    """A presence proof from its steps alone: what stands at its end follows from the records."""
    value = heads.value_hash(len(chain) - 1, chain[-1].record.event_id)
    leaf = {"key": heads.subject_key(name).hex(), "value_hash": value.hex()}
    named = [{"bits": bits, "sibling": sibling} for bits, sibling in steps]
    return heads.HeadsProof.from_json({"steps": named, "terminal": {"leaf": leaf}})


def whole_entry(name: str, proof: heads.HeadsProof) -> dict[str, Any]:
    """One proof as ``whole.json`` has it."""
    return {"steps": [[bits, sibling.hex()] for bits, sibling in proof.steps], "subject": name}


def _lineage(lot: str, replay: PackReplay) -> list[str]:
    """The lot and its ancestors, nearest first."""
    return [lot, *ancestors(lot, replay.lot)]


def _cosigned(note: bytes, policy: Policy) -> dict[str, int]:
    lines = {(line.name, line.key_id): line.blob for line in Note.parse(note).signatures}
    by = {name: lines.get((key.name, key.id)) for name, key in policy.witnesses.items()}
    return {name: timestamp_of(blob) for name, blob in by.items() if blob is not None}


def refusal(error: LedgerError) -> int:
    """The exit code of what ``verify`` raised."""
    return 4 if isinstance(error, MissingEvidence) else 3
