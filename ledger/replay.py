"""Read a log from its first entry and judge every record again: what an auditor and a witness share.

Per entry, in order: canonical bytes · the index and the link to the entry before · the log's time ·
signatures · key scopes by index, subject chains, refs, relations and quantities (``lots.judge``) ·
the heads tree of every ``log.heads``.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence

from ledger.core import canonical, heads
from ledger.core.canonical import JsonValue
from ledger.core.commitments import Opening, commitment
from ledger.core.envelope import SignedRecord
from ledger.core.leaf import FIRST_PREVIOUS, Leaf
from ledger.errors import InvalidRecord, LedgerError, ProofError
from ledger.lots import trust
from ledger.lots.judge import judge
from ledger.lots.state import Event, KeyState, LogState, Subject
from ledger.records.registry import Typed, typed

Openings = Callable[[str], Mapping[str, Opening]]  # event id -> what is at hand to open its fields
LeafAt = Callable[[int], bytes]
Verify = Callable[[int, SignedRecord, Mapping[str, bytes]], None]  # index, record, public keys by key id


class Replay:
    """The state of a log after the entries taken so far. origin, log_key: from the auditor's policy."""

    def __init__(
        self,
        *,
        origin: str,
        log_key: bytes,
        opening: Openings | None = None,
        leaf_at: LeafAt | None = None,
        verify: Verify | None = None,
    ) -> None:
        """verify: takes the signatures over, to be verified elsewhere; here and now when None."""
        self.size = 0
        self.subjects: dict[str, Subject] = {}
        self.keys: dict[str, KeyState] = {}
        self.codes: dict[bytes, tuple[int, str, str]] = {}  # code hash -> (index, lot, event id)
        self.heads_head = heads.EMPTY_HEAD
        self.heads_nodes: dict[tuple[int, bytes], heads.Node] = {}
        self.heads_through = -1
        self.last_leaf = FIRST_PREVIOUS
        self.last_rec = ""
        self.state: LogState | None = None
        self.log_keys: list[bytes] = []  # every key that was the log's, the first one first
        self.typed: Typed | None = None  # the entry taken last, and what opened its commitments
        self.opened: Mapping[str, JsonValue] = {}
        self.unopened_sales = 0
        self._origin = origin
        self._log_key = log_key
        self._opening = opening
        self._leaf_at = leaf_at
        self._verify = verify or _verify_now
        self._grants: dict[tuple[str, str], JsonValue] = {}  # opened values that later rules ask for
        self.before: dict[str, Subject | None] = {}  # the last record's subjects, as it found them
        self._changed: dict[bytes, bytes] = {}  # heads keys since the last log.heads
        self._events = array("Q")  # first 8 bytes of each event id: found again without keeping them all

    def take(self, encoded: bytes) -> Leaf:
        """Judge the entry at index ``size``. Raises LedgerError; then the replay cannot go on."""
        leaf = Leaf.parse(encoded)
        self._check_link(leaf)
        typed_ = typed(leaf.record)
        canonical.check_text(leaf.record.body.data, "/data")
        if self.size == 0:
            self._check_opening(leaf, typed_)
        signers = leaf.record.body.signers
        self._verify(self.size, leaf.record, {s.key: trust.public_key(typed_, self, s.key) for s in signers})
        opened = self._opened(leaf, typed_)
        self.before = {link.id: self.subjects.get(link.id) for link in leaf.record.body.subjects}
        changes = judge(typed_, index=self.size, recorded_at=leaf.recorded_at, view=self, opened=opened)
        self._note(leaf, changes.subjects)
        self.subjects.update(changes.subjects)
        self.keys.update({key.id: key for key in changes.keys})
        if changes.log is not None:
            self._note_log(changes.log)
        if typed_.type.name == "authorization.granted":
            self._grants.update({(leaf.record.event_id, name): value for name, value in opened.items()})
        for code in changes.codes:
            raw, event_id = bytes.fromhex(code), leaf.record.event_id
            self.codes[raw] = (self.size, leaf.record.body.subjects[0].id, event_id)
            self._changed[heads.code_key(raw)] = heads.value_hash(0, event_id)
        if leaf.record.body.type == "log.heads":
            self._check_heads(typed_)
        self._events.append(int(leaf.record.event_id[:16], 16))
        self.last_leaf, self.last_rec = leaf.hash.hex(), leaf.recorded_at
        self.typed, self.opened = typed_, opened
        self.size += 1
        return leaf

    def log(self) -> LogState | None:
        return self.state

    def subject(self, subject: str) -> Subject | None:
        return self.subjects.get(subject)

    def key(self, key_id: str) -> KeyState | None:
        return self.keys.get(key_id)

    def first_issued(self, codes: Sequence[str]) -> str | None:
        return next((code for code in codes if bytes.fromhex(code) in self.codes), None)

    def opening(self, event_id: str, field: str) -> JsonValue | None:
        return self._grants.get((event_id, field))

    def event(self, event_id: str) -> Event | None:
        start, wanted = 0, int(event_id[:16], 16)
        while self._leaf_at is not None:
            try:
                index = self._events.index(wanted, start)
            except ValueError:
                return None
            leaf = Leaf.parse(self._leaf_at(index))
            if leaf.record.event_id == event_id:
                body = leaf.record.body
                subjects = [link.id for link in body.subjects]
                return Event(index=index, type=body.type, author=body.author.party, subjects=subjects)
            start = index + 1
        return None

    def _check_link(self, leaf: Leaf) -> None:
        if leaf.index != self.size:
            raise InvalidRecord(f"is {leaf.index}, at position {self.size}", pointer="/log/i")
        if leaf.previous != self.last_leaf:
            raise InvalidRecord("is not the leaf hash of the entry before", pointer="/log/prev")
        if leaf.recorded_at < self.last_rec:
            raise InvalidRecord(f"runs back from {self.last_rec}", pointer="/log/rec")
        if leaf.record.body.origin != self._origin:
            raise InvalidRecord(
                f"is a record of {leaf.record.body.origin!r}, not of {self._origin!r}", pointer="/body/origin"
            )

    def _check_opening(self, leaf: Leaf, typed_: Typed) -> None:
        """The policy pins the log key, the log key pins entry 0, entry 0 pins the registrars."""
        if leaf.record.body.type != "log.opened":
            raise InvalidRecord("a log opens with log.opened", pointer="/body/type")
        if bytes.fromhex(typed_.data.log_key) != self._log_key:
            raise InvalidRecord("is not the log key of the policy", pointer="/body/data/log_key")

    def _opened(self, leaf: Leaf, typed_: Typed) -> Mapping[str, JsonValue]:
        body = leaf.record.body
        if self._opening is None:
            self.unopened_sales += body.type == "lot.sold"
            return {}
        opened = {}
        at_hand = self._opening(leaf.record.event_id) if body.commit else {}
        for name, committed in body.commit.items():
            opening = at_hand.get(name)
            if opening is not None and _opens(name, opening, committed):
                typed_.type.check_value(name, opening.value)
                canonical.check_text(opening.value, f"/open/{name}/value")
                opened[name] = opening.value
        self.unopened_sales += body.type == "lot.sold" and "quantity" not in opened
        return opened

    def _note_log(self, state: LogState) -> None:
        self.state = state
        key = bytes.fromhex(state.log_key)
        if key not in self.log_keys:
            self.log_keys.append(key)

    def _note(self, leaf: Leaf, subjects: Mapping[str, Subject]) -> None:
        for name, subject in subjects.items():
            value = heads.value_hash(subject.head.seq, leaf.record.event_id)
            self._changed[heads.subject_key(name)] = value

    def _check_heads(self, typed_: Typed) -> None:
        update = heads.Update(self.heads_head, lambda bits, prefix: self.heads_nodes[bits, prefix])
        head = update.put(self._changed)
        data = typed_.data
        if (data.count, data.root) != (head.count, head.root.hex()):
            raise ProofError(
                f"/body/data/root: the heads tree over [0, {self.size}) has {head.count} keys and root "
                f"{head.root.hex()}"
            )
        self.heads_nodes.update(update.changed)
        self.heads_head, self.heads_through = head, self.size
        self._changed = {}


def place_of(error: LedgerError) -> str:
    """The field that an error names, as a JSON pointer, or ""."""
    if isinstance(error, InvalidRecord):
        return error.pointer
    head, separator, _ = str(error).partition(": ")
    return head if separator and head.startswith("/") else ""


def _verify_now(_index: int, record: SignedRecord, public_keys: Mapping[str, bytes]) -> None:
    record.verify(public_keys.__getitem__)


def _opens(name: str, opening: Opening, committed: str) -> bool:
    """A value that does not open its commitment is no evidence; the source says what is wrong with it."""
    try:
        return commitment(name, opening) == committed
    except InvalidRecord:
        return False
