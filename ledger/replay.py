"""Read a log from its first entry and judge every record again: what an auditor and a witness share.

Per entry, in order: canonical bytes · the index and the link to the entry before · the log's time ·
signatures · key scopes by index, subject chains, refs, relations and quantities (``lots.judge``) ·
the heads tree of every ``log.heads``.

What the entries add up to is a ``ReplayState``, in memory or in a file. A replay that is given one
goes on behind the last entry in it.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from ledger.core import canonical, heads
from ledger.core.canonical import JsonValue
from ledger.core.commitments import commitment_of
from ledger.core.envelope import SignedRecord
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord, LedgerError, ProofError
from ledger.lots import trust
from ledger.lots.judge import judge
from ledger.lots.state import Event, KeyState, LogState, Subject
from ledger.records.registry import Typed, typed
from ledger.replay_state import Point, ReplayState

HEADS_AT_ONCE = 4096  # keys put into the heads tree together: bounds what one log.heads needs


class Sealed(NamedTuple):
    """What is stored to open a commitment, not believed yet. encoded: the value's canonical bytes."""

    encoded: bytes
    salt: bytes


Openings = Callable[[str], Mapping[str, Sealed]]  # event id -> what is at hand to open its fields
LeafAt = Callable[[int], bytes]
Verify = Callable[[int, SignedRecord, Mapping[str, bytes]], None]  # index, record, public keys by key id


class Replay:
    """Takes the entries of a log, one after the other. origin, log_key: from the auditor's policy.

    log_key: what entry 0 must name; None where the caller holds the keys of ``point.log_keys`` against
    the policy, since the log has changed its key.
    """

    def __init__(
        self,
        *,
        origin: str,
        log_key: bytes | None,
        opening: Openings | None = None,
        leaf_at: LeafAt | None = None,
        verify: Verify | None = None,
        read: Callable[[bytes], Leaf] | None = None,
        state: ReplayState | None = None,
    ) -> None:
        """leaf_at: reads an earlier entry again, for records that are about one.

        verify: takes the signatures over, to be verified elsewhere; here and now when None. read: reads
        an entry whose form and text are looked at elsewhere, too. state: what
        the entries so far add up to; in memory, and from entry 0, when None.
        """
        self.state = state or ReplayState()
        self.point: Point = self.state.point
        self.typed: Typed | None = None  # the entry taken last, and what opened its commitments
        self.opened: Mapping[str, JsonValue] = {}
        self.before: dict[str, Subject | None] = {}  # its subjects, as it found them
        self._subject = self.state.subjects.get  # of the hot path
        self._key = self.state.keys.get
        self._origin = origin
        self._log_key = log_key
        self._opening = opening
        self._leaf_at = leaf_at
        self._verify = verify or _verify_now
        self._read = read or _read_now
        self._whole = True  # False within an entry, and for ever once one was refused

    @property
    def size(self) -> int:
        """Entries taken so far."""
        return self.point.size

    def root(self) -> bytes:
        """The root hash over the entries taken so far."""
        return self.state.tree.root()

    def save(self) -> None:
        """Make everything taken so far durable, where the state has a place for it.

        Where signatures are verified elsewhere, the caller asks for their outcome first.
        """
        assert self._whole, "a replay that refused an entry is not saved"
        self.state.save()

    def take(self, encoded: bytes) -> Leaf:
        """Judge the entry at index ``size``. Raises LedgerError; then the replay cannot go on."""
        self._whole = False
        leaf = self._read(encoded)
        record, index = leaf.record, self.point.size
        body = record.body
        self._check_link(leaf)
        typed_ = typed(record)
        if index == 0:
            self._check_opening(leaf, typed_)
        self._verify(index, record, {s.key: trust.public_key(typed_, self, s.key) for s in body.signers})
        opened = self._opened(leaf, typed_)
        self.before = {link.id: self._subject(link.id) for link in body.subjects}
        changes = judge(typed_, index=index, recorded_at=leaf.recorded_at, view=self, opened=opened)
        self._note_subjects(record.event_id, changes.subjects)
        if changes.keys:
            self.state.keys.update({key.id: key for key in changes.keys})
        if changes.log is not None:
            self._note_log(changes.log)
        if changes.codes:
            self._note_codes(changes.codes, body.subjects[0].id, record.event_id)
        if body.type == "log.heads":
            self._check_heads(typed_)
        elif opened and typed_.type.name == "authorization.granted":
            self.state.grants[record.event_id] = dict(opened)
        self._advance(leaf)
        self.typed, self.opened = typed_, opened
        self._whole = True
        return leaf

    def log(self) -> LogState | None:
        return self.point.log

    def subject(self, subject: str) -> Subject | None:
        return self._subject(subject)

    def key(self, key_id: str) -> KeyState | None:
        return self._key(key_id)

    def first_issued(self, codes: Sequence[str]) -> str | None:
        return next((code for code in codes if bytes.fromhex(code) in self.state.codes), None)

    def opening(self, event_id: str, field: str) -> JsonValue | None:
        values = self.state.grants.get(event_id)
        return None if values is None else values.get(field)

    def event(self, event_id: str) -> Event | None:
        if self._leaf_at is None:
            return None
        for index in self.state.indexes_of(event_id):
            leaf = Leaf.parse(self._leaf_at(index))
            if leaf.record.event_id == event_id:
                body = leaf.record.body
                subjects = [link.id for link in body.subjects]
                return Event(index=index, type=body.type, author=body.author.party, subjects=subjects)
        return None

    def _check_link(self, leaf: Leaf) -> None:
        point = self.point
        if leaf.index != point.size:
            raise InvalidRecord(f"is {leaf.index}, at position {point.size}", pointer="/log/i")
        if leaf.previous != point.last_leaf:
            raise InvalidRecord("is not the leaf hash of the entry before", pointer="/log/prev")
        if leaf.recorded_at < point.last_rec:
            raise InvalidRecord(f"runs back from {point.last_rec}", pointer="/log/rec")
        if leaf.record.body.origin != self._origin:
            raise InvalidRecord(
                f"is a record of {leaf.record.body.origin!r}, not of {self._origin!r}", pointer="/body/origin"
            )

    def _check_opening(self, leaf: Leaf, typed_: Typed) -> None:
        """The policy pins the log key, the log key pins entry 0, entry 0 pins the registrars."""
        if leaf.record.body.type != "log.opened":
            raise InvalidRecord("a log opens with log.opened", pointer="/body/type")
        if self._log_key is not None and bytes.fromhex(typed_.data.log_key) != self._log_key:
            raise InvalidRecord("is not the log key of the policy", pointer="/body/data/log_key")

    def _opened(self, leaf: Leaf, typed_: Typed) -> Mapping[str, JsonValue]:
        body = leaf.record.body
        if self._opening is None:
            self.point.unopened_sales += body.type == "lot.sold"
            return {}
        opened = {}
        at_hand = self._opening(leaf.record.event_id) if body.commit else {}
        for name, committed in body.commit.items():
            sealed = at_hand.get(name)
            if sealed is not None:
                value = _unsealed(name, sealed, committed)
                if value is not None:
                    typed_.type.check_value(name, value)
                    canonical.check_text(value, f"/open/{name}/value")
                    opened[name] = value
        self.point.unopened_sales += body.type == "lot.sold" and "quantity" not in opened
        return opened

    def _advance(self, leaf: Leaf) -> None:
        point, state = self.point, self.state
        state.note_event(leaf.record.event_id)
        state.tree.append(leaf.hash)
        point.last_leaf, point.last_rec = leaf.hash.hex(), leaf.recorded_at
        point.size += 1

    def _note_subjects(self, event_id: str, subjects: Mapping[str, Subject]) -> None:
        known, changed, event = self.state.subjects, self.state.changed, bytes.fromhex(event_id)
        for name, subject in subjects.items():
            known[name] = subject
            value = sha256(subject.head.seq.to_bytes(8, "big") + event).digest()  # heads.value_hash
            changed[heads.subject_key(name)] = value

    def _note_log(self, log: LogState) -> None:
        self.point.log = log
        key, known = bytes.fromhex(log.log_key), self.point.log_keys
        if not known or known[-1][1] != key:
            known.append((self.point.size, key))

    def _note_codes(self, codes: Sequence[str], lot: str, event_id: str) -> None:
        for code in codes:
            raw = bytes.fromhex(code)
            self.state.codes[raw] = (self.point.size, lot, event_id)
            self.state.changed[heads.code_key(raw)] = heads.value_hash(0, event_id)

    def _check_heads(self, typed_: Typed) -> None:
        state, head, data = self.state, self.point.heads, typed_.data
        changed = iter(state.changed.items())
        while part := dict(islice(changed, HEADS_AT_ONCE)):
            update = heads.Update(head, lambda bits, prefix: state.nodes[bits, prefix])
            head = update.put(part)
            state.nodes.update(update.changed)
        if (data.count, data.root) != (head.count, head.root.hex()):
            raise ProofError(
                f"/body/data/root: the heads tree over [0, {self.point.size}) has {head.count} keys and root "
                f"{head.root.hex()}"
            )
        self.point.heads, self.point.heads_through = head, self.point.size
        state.changed.clear()


def place_of(error: LedgerError) -> str:
    """The field that an error names, as a JSON pointer, or ""."""
    if isinstance(error, InvalidRecord):
        return error.pointer
    head, separator, _ = str(error).partition(": ")
    return head if separator and head.startswith("/") else ""


def _read_now(encoded: bytes) -> Leaf:
    leaf = Leaf.parse(encoded)
    canonical.check_text(leaf.record.body.data, "/data")
    return leaf


def _verify_now(_index: int, record: SignedRecord, public_keys: Mapping[str, bytes]) -> None:
    record.verify(public_keys.__getitem__)


def _unsealed(name: str, sealed: Sealed, committed: str) -> JsonValue | None:
    """The value if it opens the commitment; one that does not is no evidence, and its source says so.

    None is no value of the profile. The stored bytes are hashed as they are, and then read strictly.
    """
    try:
        if commitment_of(name, sealed.encoded, sealed.salt) != committed:
            return None
        return canonical.loads(sealed.encoded)
    except InvalidRecord:
        return None
