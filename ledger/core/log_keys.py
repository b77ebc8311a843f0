"""The keys of a log, one after the other: which of them signs a tree of which size (records.md 3).

A ``log.key_changed`` names the next key. The first signed tree that holds this entry bears the signatures
of both keys, the *handover*; every tree beyond it that of the new key at least. A handover is published::

    log-keys/<n>    the n-th one, from 1 on: a C2SP tlog-proof whose ``extra`` is the entry itself

so that whoever trusts a key comes to trust the next one by nothing but this file. Nothing in it is
believed that the former key did not sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.core import merkle
from ledger.core.checkpoint import Checkpoint
from ledger.core.keys import VerifierKey
from ledger.core.leaf import Leaf
from ledger.core.note import LogVerifier, Note
from ledger.core.proof import InclusionProof
from ledger.errors import InvalidRecord, ProofError

FOLDER = "log-keys"
TYPE = "log.key_changed"


def object_key(number: int) -> str:
    """Where the handover of this number is published. number: from 1 on."""
    return f"{FOLDER}/{number}"


def key_named_by(leaf: Leaf) -> VerifierKey:
    """The key that a ``log.key_changed`` names. Raises ProofError when the entry is none."""
    body = leaf.record.body
    named = body.data.get("log_key") if body.type == TYPE else None
    try:
        return VerifierKey(body.origin, bytes.fromhex(named or ""))
    except (TypeError, ValueError) as error:
        raise ProofError(f"entry {leaf.index} names no log key") from error


def check_signed(note: bytes, *keys: VerifierKey) -> Checkpoint:
    """The checkpoint. Raises ProofError unless each key has signed it."""
    parsed = Note.parse(note)
    for key in keys:
        parsed.verified_by([LogVerifier(key)])
    checkpoint = Checkpoint.parse(parsed.text)
    if any(checkpoint.origin != key.name for key in keys):
        raise ProofError(f"checkpoint of {checkpoint.origin!r}, not of {keys[0].name!r}")
    return checkpoint


@dataclass(frozen=True, slots=True)
class Change:
    """index: of the entry that names ``key``. handover: size of the tree that both signed; None: none yet."""

    index: int
    key: VerifierKey
    handover: int | None = None


@dataclass(frozen=True, slots=True)
class LogKeys:
    """first: the key that entry 0 names. changes: ascending by index; only the last may lack its handover."""

    first: VerifierKey
    changes: tuple[Change, ...] = ()

    @property
    def name(self) -> str:
        return self.first.name

    @property
    def newest(self) -> VerifierKey:
        return self.changes[-1].key if self.changes else self.first

    @property
    def former(self) -> VerifierKey | None:
        """The one before ``newest``."""
        return self.every()[-2] if self.changes else None

    def every(self) -> tuple[VerifierKey, ...]:
        return (self.first, *(change.key for change in self.changes))

    def required(self, size: int) -> Sequence[VerifierKey]:
        """The keys that must all have signed a tree of ``size``: the one in force, at a handover both."""
        former = self.first
        for position, change in enumerate(self.changes):
            if change.index >= size:
                break
            handed_over = change.handover is not None and change.handover < size
            if position + 1 == len(self.changes) or self.changes[position + 1].index >= size:
                return (change.key,) if handed_over else (former, change.key)
            former = change.key
        return (former,)

    def changed(self, index: int, key: VerifierKey, note: bytes | None) -> "LogKeys":
        """With the change that entry ``index`` makes. note: the first signed tree with it, if there is one.

        Raises ProofError when that was not signed by both keys, or the change before has no handover.
        """
        last = self.changes[-1] if self.changes else None
        if last is not None and (last.handover is None or last.handover > index):
            raise ProofError(
                f"entry {index} names another log key before the one of entry {last.index} took over"
            )
        size = None if note is None else check_signed(note, self.newest, key).size
        if size is not None and size <= index:
            raise ProofError(f"a tree of {size} entries does not hold the log key of entry {index}")
        return replace(self, changes=(*self.changes, Change(index, key, size)))


@dataclass(frozen=True, slots=True)
class Handover:
    """A published handover: that the entry stands in the tree is verified, who signed the tree is not.

    index, key: of the entry. checkpoint: as ``note`` states it.
    """

    index: int
    key: VerifierKey
    note: bytes
    checkpoint: Checkpoint
    leaf: bytes

    @classmethod
    def parse(cls, data: bytes) -> "Handover":
        """Raises ProofError."""
        proof = InclusionProof.parse(data)
        checkpoint = Checkpoint.parse(Note.parse(proof.checkpoint).text)
        try:
            leaf = Leaf.parse(proof.extra or b"")
        except InvalidRecord as error:
            raise ProofError(f"the entry in it is none: {error}") from error
        merkle.verify_inclusion(
            leaf.hash,
            leaf_index=proof.index,
            tree_size=checkpoint.size,
            path=proof.path,
            root=checkpoint.root,
        )
        key = key_named_by(leaf)
        if (leaf.index, key.name) != (proof.index, checkpoint.origin):
            raise ProofError("the entry in it is of another place or log")
        return cls(proof.index, key, proof.checkpoint, checkpoint, leaf.encoded)

    def is_signed_by(self, key: VerifierKey) -> bool:
        try:
            check_signed(self.note, key)
        except ProofError:
            return False
        return True
