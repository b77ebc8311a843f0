"""Sequence a record: from checks to durable, in the transaction of one unit of work."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection

from ledger.core import manifest, merkle
from ledger.core.commitments import SALT_SIZE, Opening
from ledger.core.encoding import decode_base64, decode_hex
from ledger.core.envelope import SignedRecord, parse_at, print_at
from ledger.core.leaf import FIRST_PREVIOUS, Leaf, sequenced
from ledger.core.subjects import kind_of
from ledger.errors import InvalidRecord, ProofError, StaleSubject, StorageError
from ledger.lots import rows as row_rules
from ledger.lots.judge import Changes, judge
from ledger.lots.regrade import check_grades
from ledger.lots.results import check_as_measured, device_place
from ledger.lots.rowforms import check_forms
from ledger.ports import Clock
from ledger.records.inspection import LotInspected
from ledger.records.public_text import check_public
from ledger.records.registry import NEEDED_VALUES, Typed, check_for_writing, typed
from ledger.store import log
from ledger.store.log import Appended, LogHead, Rows
from ledger.store.view import Cache, StoredView

BEHIND_MAX = timedelta(seconds=300)  # a clock further behind the log than this is wrong
_UNDER_GRANTS = frozenset(
    {"authorization.granted", "lot.bundled", "lot.declared", "lot.disposed", "lot.listed", "lot.sold"}
)


@dataclass(frozen=True, slots=True)
class Submission:
    """A record as its signers signed it, with what belongs to it but not into the log.

    body: canonical bytes. signatures: 64 bytes each, in the order of body.signers. open: committed
    field -> value and salt. rows: one entry a manifest.
    """

    body: bytes
    signatures: tuple[bytes, ...]
    open: Mapping[str, Opening] = field(default_factory=dict)
    rows: tuple[Rows, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Submission":
        """Read ``{body, sigs, open, rows}`` as the JSON route receives it: bytes are base64."""
        try:
            return cls(
                decode_base64(value["body"]),
                tuple(decode_base64(text) for text in value["sigs"]),
                {
                    name: Opening(item["value"], decode_hex(item["salt"], SALT_SIZE))
                    for name, item in value.get("open", {}).items()
                },
                tuple(
                    Rows(str(item.get("part", "")), tuple(decode_base64(row) for row in item["rows"]))
                    for item in value.get("rows", [])
                ),
            )
        except (KeyError, TypeError, ValueError, AttributeError, ProofError) as error:
            raise InvalidRecord(f"submission is malformed: {error}") from error


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a record stands. created: False when it stood in the log already."""

    index: int
    event_id: str
    leaf_hash: bytes
    created: bool = True


class Prepared(NamedTuple):
    """A submission whose form, signatures, openings and rows were checked."""

    typed: Typed
    submission: Submission


Name = TypeVar("Name")
Kept = TypeVar("Kept")
Refused = InvalidRecord | StaleSubject  # what one record can be answered with; NotYourLot is the former
Verify = Callable[[SignedRecord, Mapping[str, bytes]], None]  # a record, its public keys by key id


def prepare(
    submission: Submission, public_key: Callable[[Typed, str], bytes], *, verify: Verify | None = None
) -> Prepared:
    """Check everything that needs no lock: bytes, model, openings, rows, signatures.

    public_key: what a key id of this record stands for. verify: takes the signatures over, to be
    verified before the record is recorded (``ledger.intake``); here and now when None. Raises
    InvalidRecord or NotYourLot.
    """
    record = SignedRecord.parse(submission.body, submission.signatures)
    typed_ = typed(record)
    check_for_writing(typed_, dict(submission.open))
    check_public(record.body.data)
    parts = {item.part: item.rows for item in submission.rows}
    if len(parts) != len(submission.rows):
        raise InvalidRecord("the rows of one manifest come once", pointer="/rows")
    public_keys = {signer.key: public_key(typed_, signer.key) for signer in record.body.signers}
    try:  # before the costly looks: strangers pay nothing
        (verify or _verify_now)(record, public_keys)
    except ProofError as error:
        raise InvalidRecord(str(error), pointer="/sigs") from error
    row_rules.check_roots(typed_, parts)
    if isinstance(typed_.data, LotInspected) and not check_grades(typed_.data, submission.rows[0].rows):
        raise InvalidRecord("no grading scheme of this hash is known here", pointer="/data/scheme")
    if submission.rows:
        check_forms(typed_.data, submission.rows[0].rows)
    return Prepared(typed_, submission)


def _verify_now(record: SignedRecord, public_keys: Mapping[str, bytes]) -> None:
    record.verify(public_keys.__getitem__)


class Ledger:
    """One transaction's hold on the log: gives indexes, remembers what to write, flushes what is new.

    ``mark`` and ``rollback`` let one unit of work fail without the others of its transaction.
    """

    def __init__(self, connection: Connection, clock: Clock, cache: Cache) -> None:
        self.connection = connection
        self._cache = cache
        locked = log.lock_head(connection)
        cache.at(locked.size if locked else 0, locked.last_leaf if locked else b"")
        self._head = locked
        self._now = _log_time(clock.now(), locked)
        self._size = locked.size if locked else 0
        self._last_leaf = locked.last_leaf.hex() if locked else FIRST_PREVIOUS
        self._appended = Appended()
        self._flushed = self.mark()
        self.view = StoredView(connection, locked, cache, self._appended)

    @property
    def size(self) -> int:
        return self._size

    @property
    def recorded_at(self) -> str:
        """``rec`` of every entry of this transaction."""
        return self._now

    @property
    def head(self) -> LogHead | None:
        """The head row as this transaction found it."""
        return self._head

    def expect(self, prepared: Sequence[Prepared]) -> None:
        """Read together what these records will need; nothing but records is in this transaction."""
        self.view.keep_openings()
        if len(prepared) > 1:
            self.view.expect(
                {link.id for one in prepared for link in one.typed.record.body.subjects},
                {
                    bytes.fromhex(one.typed.record.body.commit[n])
                    for one in prepared
                    for n in one.submission.open
                },
            )

    def record(self, prepared: Prepared, *, own_heads: bool = False, own_log_key: bool = False) -> Entry:
        """Give the record the next index.

        own_heads: a ``log.heads`` may pass; the publisher alone says so, since it computed the root.
        own_log_key: a ``log.key_changed`` may pass; ``ledger.rotate`` alone says so.
        Nothing is durable before the transaction commits. The very record again gives its old
        index. Raises StaleSubject, NotYourLot or InvalidRecord; then nothing of it remains.
        """
        typed_, event_id = prepared.typed, prepared.typed.record.event_id
        opened = {name: opening.value for name, opening in prepared.submission.open.items()}
        self.view.remember_openings(on=True)
        try:
            _check_may_write(typed_, own_heads=own_heads, own_log_key=own_log_key)
            changes = judge(typed_, index=self._size, recorded_at=self._now, view=self.view, opened=opened)
            if prepared.submission.rows:
                parts = {item.part: item.rows for item in prepared.submission.rows}
                row_rules.check_sources(typed_, parts, self.view.subject)
                if isinstance(typed_.data, LotInspected):
                    self._check_as_measured(parts[""])
            _check_needed_values(typed_, opened)
            _check_needed_grants(typed_, self.view)
            self._check_fresh(typed_, opened)
        except (InvalidRecord, StaleSubject):
            standing = self._standing(event_id)  # a record sent again fails on its own chain
            if standing is not None:
                return standing
            raise
        finally:
            self.view.remember_openings(on=False)
        leaf = sequenced(typed_.record, index=self._size, previous=self._last_leaf, recorded_at=self._now)
        self._append(leaf, changes, prepared.submission)
        return Entry(leaf.index, event_id, leaf.hash)

    def adopt(self, leaf: Leaf, changes: Changes) -> None:
        """Take back an entry that was published and lost here; the caller verified and judged it."""
        assert (leaf.index, leaf.previous) == (self._size, self._last_leaf)
        self._append(leaf, changes, Submission(b"", ()))

    def mark(self) -> tuple[Any, ...]:
        """A point to come back to within this transaction."""
        added = self._appended
        return (
            self._size,
            self._last_leaf,
            len(added.leaves),
            len(added.chain),
            len(added.rows),
            dict(added.subjects),
            dict(added.keys),
            dict(added.codes),
            dict(added.openings),
            added.state,
            set(added.commitments),
        )

    def rollback(self, mark: tuple[Any, ...]) -> None:
        """Forget what was recorded since ``mark``, none of which was flushed."""
        added = self._appended
        assert mark[2] >= self._flushed[2]
        self._size, self._last_leaf = mark[0], mark[1]
        del added.leaves[mark[2] :], added.chain[mark[3] :], added.rows[mark[4] :]
        added.subjects, added.keys, added.codes, added.openings = mark[5], mark[6], mark[7], mark[8]
        added.state, added.commitments = mark[9], mark[10]

    def flush(self) -> None:
        """Write what was recorded; the caller commits."""
        self.show()

    def show(self) -> None:
        """Write what was recorded so far, for whoever reads the tables in this transaction."""
        added, flushed = self._appended, self._flushed
        if len(added.leaves) == flushed[2]:
            return
        pending = Appended(
            leaves=added.leaves[flushed[2] :],
            chain=added.chain[flushed[3] :],
            rows=added.rows[flushed[4] :],
            subjects=_newer(added.subjects, flushed[5]),
            keys=_newer(added.keys, flushed[6]),
            codes=_newer(added.codes, flushed[7]),
            openings=_newer(added.openings, flushed[8]),
            state=None if added.state is flushed[9] else added.state,
        )
        log.flush(self.connection, pending, first=self._head is None and not flushed[2])
        self._flushed = self.mark()

    def committed(self) -> None:
        """Tell the cache that what was flushed is durable."""
        self._cache.subjects.update(self._appended.subjects)
        self._cache.keys.update(self._appended.keys)
        self._cache.size, self._cache.last_leaf = self._size, bytes.fromhex(self._last_leaf)

    def _append(self, leaf: Leaf, changes: Changes, submission: Submission) -> None:
        added, event_id = self._appended, leaf.record.event_id
        event = bytes.fromhex(event_id)
        added.leaves.append(leaf)
        for link in leaf.record.body.subjects:
            added.chain.append({"idx": leaf.index, "subject": link.id, "seq": link.seq, "event_id": event})
        added.subjects.update(changes.subjects)
        for key in changes.keys:
            added.keys[key.id] = key
        if changes.log is not None:
            added.state = changes.log
        for code in changes.codes:
            subject = leaf.record.body.subjects[0].id
            row = {"idx": leaf.index, "subject": subject, "event_id": event}
            added.codes[code] = {"code_hash": bytes.fromhex(code), **row}
        for name, opening in submission.open.items():
            opened = log.opening_row(event, name, leaf.record.body.commit[name], opening)
            added.openings[event_id, name] = opened
            added.commitments.add(opened["commitment"])
        for item in submission.rows:
            added.rows += [
                {
                    "event_id": event,
                    "part": item.part,
                    "n": n,
                    "leaf_hash": merkle.leaf_hash(data),
                    "data": data,
                }
                for n, data in enumerate(item.rows)
            ]
        self._size += 1
        self._last_leaf = leaf.hash.hex()

    def _check_fresh(self, typed_: Typed, opened: Mapping[str, Any]) -> None:
        """A commitment stands once: the same salt twice would tie two records together."""
        for name in opened:
            raw = bytes.fromhex(typed_.record.body.commit[name])
            if self.view.is_committed(raw):
                raise InvalidRecord("this commitment stands in the log already", pointer=f"/commit/{name}")

    def _check_as_measured(self, rows: Sequence[bytes]) -> None:
        """Results that are said to be a device's are those that it signed."""
        batches: dict[str, Sequence[bytes | None]] = {}
        for n, row in enumerate(rows):
            facts = manifest.parse_row(row, n)
            if "device" not in facts:
                continue
            event_id, number = device_place(facts, n)
            if event_id not in batches:
                batches[event_id] = self._rows_of(event_id)
            measured = batches[event_id][number]
            if measured is None:
                raise InvalidRecord("the device's result is erased", pointer=f"/rows/{n}/device")
            check_as_measured(facts, n, manifest.parse_row(measured, number))

    def _rows_of(self, event_id: str) -> Sequence[bytes | None]:
        """The rows of an earlier record with one manifest, of this transaction too."""
        event = bytes.fromhex(event_id)
        mine = [row["data"] for row in self._appended.rows if row["event_id"] == event]
        return mine or log.manifest_rows(self.connection, event_id)

    def _standing(self, event_id: str) -> Entry | None:
        for leaf in self._appended.leaves:
            if leaf.record.event_id == event_id:
                return Entry(leaf.index, event_id, leaf.hash, created=False)
        index = log.index_of(self.connection, event_id)
        data = None if index is None else log.leaf(self.connection, index)
        if index is None or data is None:
            return None
        return Entry(index, event_id, merkle.leaf_hash(data), created=False)


def _newer(values: Mapping[Name, Kept], flushed: Mapping[Name, Kept]) -> dict[Name, Kept]:
    """What is not there yet, or was put in the place of what is."""
    return {name: value for name, value in values.items() if flushed.get(name) is not value}


def _log_time(now: datetime, head: LogHead | None) -> str:
    """``rec``: never before the last one. A clock far behind the log stops the writer."""
    if head is None:
        return print_at(now)
    last = parse_at(head.last_rec)
    if now < last - BEHIND_MAX:
        raise StorageError(f"the clock says {print_at(now)}, the log was last written at {head.last_rec}")
    return head.last_rec if now <= last else print_at(now)


def _check_may_write(typed_: Typed, *, own_heads: bool, own_log_key: bool) -> None:
    """What the rules allow and this writer does not take."""
    if typed_.type.stem == "log.heads" and not own_heads:
        # A false root would be sequenced for ever, and every audit from then on would fail.
        raise InvalidRecord("the publisher alone records log.heads", pointer="/type")
    if typed_.type.stem == "log.key_changed" and not own_log_key:
        # Its key must sign the next tree: one that is not at hand would end publication for ever.
        raise InvalidRecord("lotproof keys rotate-log alone records log.key_changed", pointer="/type")


def _check_needed_grants(typed_: Typed, view: StoredView) -> None:
    """The rules pass over a grantee they cannot see; a new record must show every one it relies on."""
    if typed_.type.stem not in _UNDER_GRANTS:
        return
    for position, ref in enumerate(typed_.record.body.refs):
        subject = view.subject(ref.id)
        if kind_of(ref.id) != "authorization" or subject is None:
            continue
        if view.opening(subject.state.granted, "grantee") is None:
            raise InvalidRecord(
                f"the grantee of {ref.id} is needed to judge the record", pointer=f"/refs/{position}"
            )


def _check_needed_values(typed_: Typed, opened: Mapping[str, Any]) -> None:
    for name in NEEDED_VALUES.get(typed_.type.name, ()):
        if name not in opened:
            raise InvalidRecord("its value is needed to judge the record", pointer=f"/open/{name}")
