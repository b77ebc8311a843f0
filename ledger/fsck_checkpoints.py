"""The trees that the log signed, by the notes that a database keeps and by those that others show."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, func, literal_column, select

from ledger.copies import Copy
from ledger.core.checkpoint import Checkpoint
from ledger.core.keys import VerifierKey
from ledger.core.leaf import Leaf
from ledger.errors import LedgerError, ProofError
from ledger.fsck_examined import CheckpointFix, Examined
from ledger.fsck_report import Finding, Report
from ledger.store.checkpoints import CHECKPOINTS
from ledger.store.log import ENTRIES
from ledger.store.statements import Statement

_SIZES = Statement(
    select(CHECKPOINTS.c.size, CHECKPOINTS.c.root, CHECKPOINTS.c.note, CHECKPOINTS.c.signed_at).order_by(
        CHECKPOINTS.c.size
    )
)
_COUNT = Statement(select(func.count()).select_from(ENTRIES))
_KEY_CHANGES = Statement(
    select(ENTRIES.c.idx, ENTRIES.c.leaf)
    .where(ENTRIES.c.type == literal_column("'log.key_changed'"))
    .order_by(ENTRIES.c.idx)
)
_FOREIGN = (ValueError, TypeError, KeyError, AttributeError)  # from reading damaged text


class SignedTrees:
    """Root by size. Damage to what is kept of them is reported, with what would put it right."""

    def __init__(
        self, connection: Connection, report: Report, seen: Examined, copies: Sequence[Copy]
    ) -> None:
        self.connection = connection
        self.report = report
        self.seen = seen
        self.copies = copies
        self.own: dict[int, bytes] = {}
        self._change: tuple[int, VerifierKey] | None = None  # the next entry that names another log key

    def stored(self) -> dict[int, bytes]:
        """Every tree that a key of the log signed, according to this database, and that it may hold."""
        count = (_COUNT.row(self.connection) or (0,))[0]
        changes = _key_changes(self.connection, self.seen.keys[0].name)
        self._change = next(changes, None)
        for size, root, note, signed_at in _SIZES.stream(self.connection):
            checkpoint = self._checkpoint(size, root, note, signed_at)
            if checkpoint is None:
                continue
            if size > 2 * count + 1_024:  # so that one bad row cannot ask for an endless search
                message = f"entries of the signed tree of {size} are missing: here are {count}"
                self.report.find(Finding("missing", "checkpoints", message, count))
                continue
            self.own[size] = checkpoint.root
            while self._change is not None and self._change[0] < size:  # a key counts once its tree is signed
                self.seen.keys.append(self._change[1])
                self._change = next(changes, None)
        self.report.checked.append("checkpoints")
        return self.own

    def shown(self, notes: Sequence[bytes]) -> dict[int, bytes]:
        """What the log signed according to others; notes of strangers are no evidence."""
        found: dict[int, bytes] = {}
        for note in notes:
            try:
                checkpoint = self.seen.open(note)
            except ProofError:
                continue  # whoever keeps it says so
            found[checkpoint.size] = checkpoint.root
            if self.own.get(checkpoint.size, checkpoint.root) != checkpoint.root:
                self.report.rollback = forked(checkpoint.size)
        return found

    def _checkpoint(self, size: Any, root: Any, note: Any, signed_at: Any) -> Checkpoint | None:
        """One row of ``checkpoints``: what the log signed in it, looked for elsewhere when it is damaged."""
        at = signed_at if isinstance(signed_at, str) else ""
        opened = self._opened_as(note, size)
        if opened is not None:
            if opened.root != root:
                message = f"the root beside the signed tree of {size} is another"
                self.report.find(Finding("wrong", "checkpoints", message, field="root"))
                self._fix(size, opened, note, at, "the signed note")
            return opened
        for copy in self.copies:
            kept = copy.note(size) if isinstance(size, int) else None
            opened = self._opened_as(kept, size)
            if kept is not None and opened is not None:
                message = f"the note of {size} entries is not what the log signed"
                self.report.find(Finding("wrong", "checkpoints", message, field="note"))
                self._fix(size, opened, kept, at, copy.name)
                return opened
        message = f"the note of {size} entries is not what the log signed, and no copy of it was found"
        self.report.find(Finding("wrong", "checkpoints", message, field="note"))
        return None

    def _fix(self, size: int, opened: Checkpoint, note: bytes, at: str, source: str) -> None:
        coming = self._change[1] if self._change is not None and self._change[0] < size else None
        fix = CheckpointFix(size, opened.root, self.seen.as_signed(note, coming), at, source)
        self.seen.checkpoints.append(fix)

    def _opened_as(self, note: Any, size: Any) -> Checkpoint | None:
        try:
            opened = self.seen.open(note) if isinstance(note, bytes) else None
        except ProofError:
            return None
        return opened if opened is not None and opened.size == size else None


def _key_changes(connection: Connection, name: str) -> Iterator[tuple[int, VerifierKey]]:
    for idx, data in _KEY_CHANGES.stream(connection):
        try:
            leaf = Leaf.parse(data)
            yield idx, VerifierKey(name, bytes.fromhex(str(leaf.record.body.data["log_key"])))
        except (*_FOREIGN, LedgerError):
            continue


def forked(size: int) -> str:
    return f"two histories of {size} entries were signed, and this database holds one of them"
