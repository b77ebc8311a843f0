"""What a database says of its log, held against the checkpoints that the log signed.

A bad entry is put right only with bytes that hash to what a signed root demands; a bad column only
from such bytes. Where no signed tree reaches, an entry's own bytes may still correct a column.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, inspect

from ledger.copies import Copy
from ledger.core import merkle
from ledger.core.keys import VerifierKey
from ledger.errors import LedgerError, StorageError
from ledger.fsck_checkpoints import SignedTrees, forked
from ledger.fsck_entries import Entries, Progress, read_entries, rows
from ledger.fsck_examined import EntryFix, Examined
from ledger.fsck_report import Finding, Report
from ledger.store import log, unguarded
from ledger.store.checkpoints import CHECKPOINTS
from ledger.store.log import CHAIN, ENTRIES, LOG

HashOf = Callable[[int], bytes | None]
REBUILT = "; lotproof rebuild makes it again"
_FOREIGN = (ValueError, TypeError, KeyError, AttributeError, AssertionError)  # from reading damaged text


def examine(
    connection: Connection,
    report: Report,
    *,
    key: VerifierKey,
    shown: Sequence[bytes],
    sizes: Collection[int],
    copies: Sequence[Copy],
    progress: Progress,
) -> Examined:
    """Look at everything once. key: of the log when it was opened.

    shown: notes found elsewhere, as the visible checkpoint. sizes: trees whose roots are asked for.
    """
    return _Examination(connection, report, key, copies, progress).run(shown, sizes)


class _Examination:
    def __init__(
        self,
        connection: Connection,
        report: Report,
        key: VerifierKey,
        copies: Sequence[Copy],
        progress: Progress,
    ) -> None:
        self.connection = connection
        self.report = report
        self.copies = copies
        self.progress = progress
        self.seen = Examined([key])

    def run(self, shown: Sequence[bytes], sizes: Collection[int]) -> Examined:
        seen, report = self.seen, self.report
        if not self._has_tables():
            return seen
        self._guards()
        head = self._head()
        signed = SignedTrees(self.connection, report, seen, self.copies)
        own, elsewhere = signed.stored(), signed.shown(shown)
        try:
            found = read_entries(
                self.connection,
                at_least=max(own, default=0),
                wanted={*own, *elsewhere, *sizes},
                head=None if head is None else (head.size, head.last_leaf),
                progress=self.progress,
            )
        except StorageError as error:
            report.find(Finding("missing", "database", f"it cannot be read: {error}"))
            return seen
        seen.size = report.size = found.size
        self._settle(found, own, elsewhere)
        if any(size > found.size for size in elsewhere):
            report.rollback = (
                f"a tree of {max(elsewhere)} entries was published, this database has {found.size}: "
                "history was lost"
            )
        if report.rollback or not seen.sound:
            return seen
        self._compare(found)
        self._compare_head(found, head)
        if seen.signed:
            report.signed_size, report.root = seen.signed[-1]
        return seen

    def _has_tables(self) -> bool:
        there = set(inspect(self.connection).get_table_names())
        for table, message in (
            (ENTRIES, "this table is gone; put back a backup"),
            (CHECKPOINTS, "this table is gone; put back a backup"),
            (CHAIN, f"this table is gone{REBUILT}"),
            (LOG, f"this table is gone{REBUILT}"),
        ):
            if table.name not in there:
                self.report.find(Finding("missing", "database", message, field=table.name))
        return {ENTRIES.name, CHECKPOINTS.name, CHAIN.name} <= there

    def _guards(self) -> None:
        self.seen.guards = unguarded.missing(self.connection)
        for name in self.seen.guards:
            message = "this trigger is gone or does not fire: history could be changed unseen"
            self.report.find(Finding("missing", "guards", message, field=name))
        self.report.checked.append("guards")

    def _head(self) -> log.LogHead | None:
        try:
            with self.connection.begin_nested():  # or else PostgreSQL would answer nothing more
                return log.read_head(self.connection)
        except (*_FOREIGN, LedgerError):
            return None

    def _settle(self, found: Entries, own: dict[int, bytes], elsewhere: dict[int, bytes]) -> None:
        """Find out which hashes are the right ones: those that give a root which the log signed."""
        seen, signed = self.seen, elsewhere | own
        reached = sorted(size for size in signed if size <= found.size)
        variant = 0
        if reached:
            last = reached[-1]
            fits = [n for n, root in enumerate(found.roots[last]) if root == signed[last]]
            if not fits:
                self._settle_by_copy(found, last, signed[last], own=last in own)
                return
            variant = fits[0]
        seen.roots = {size: roots[variant] for size, roots in found.roots.items()}
        self._settled(reached, signed)
        for index, doubt in found.doubts.items():
            right = doubt.taken(variant)
            if doubt.own != right:
                self._bad_bytes(index, right, found, there=doubt.own is not None)
            elif doubt.column != right:
                self._bad_column(index, "leaf_hash", right)

    def _settled(self, reached: Sequence[int], signed: dict[int, bytes]) -> None:
        self.seen.sound = True
        for size in reached:
            if self.seen.roots.get(size, signed[size]) != signed[size]:
                self.report.rollback = forked(size)
        self.seen.signed = [(size, signed[size]) for size in reached]

    def _settle_by_copy(self, found: Entries, size: int, root: bytes, *, own: bool) -> None:
        """The entries alone do not give the signed root; a copy that does tells every difference.

        own: this database itself holds the signature. One that does not, and is of a piece, was not
        damaged: it went its own way, and nothing here may be overwritten by what others show.
        """
        if not own and not (found.doubts or found.unlinked or found.unreadable):
            self.report.rollback = (
                f"this database holds another history than the tree of {size} entries that was published"
            )
            return
        for copy in self.copies:
            for hash_of in (copy.leaf_hash, lambda index, copy=copy: _hash(copy.entry(index))):
                if _root(hash_of, size) == root:
                    self._differences(found, hash_of, size, root)
                    return
        message = f"the entries do not give the root signed for {size}, and no copy at hand does"
        self.report.find(Finding("wrong", "entries", message))

    def _differences(self, found: Entries, hash_of: HashOf, size: int, root: bytes) -> None:
        seen, edge = self.seen, merkle.CompactRange()
        seen.roots = {}
        seen.signed = [(size, root)]
        seen.sound = True
        for row in rows(self.connection, Entries(), size):
            if row.index >= size:
                return
            right = hash_of(row.index)
            assert right is not None, "the copy gave every hash a moment ago"
            edge.append(right)
            if edge.size in found.roots:
                seen.roots[edge.size] = edge.root()
            if _hash(row.leaf) != right:
                self._bad_bytes(row.index, right, found, there=row.leaf is not None)
            elif row.leaf_hash != right:
                self._bad_column(row.index, "leaf_hash", right)

    def _bad_bytes(self, index: int, right: bytes, found: Entries, *, there: bool) -> None:
        self.seen.right[index] = right
        message = f"{'other bytes than' if there else 'missing is'} the leaf with hash {right.hex()}"
        if index >= self.seen.signed_size:
            message += "; no signed tree covers it yet, so nothing can prove a copy right"
        else:
            fix = self._found_elsewhere(index, right, found)
            if fix is None:
                message += "; no copy at hand has it"
            else:
                self.seen.entries.append(fix)
        self.report.find(Finding("wrong" if there else "missing", "entries", message, index, "leaf"))

    def _found_elsewhere(self, index: int, right: bytes, found: Entries) -> EntryFix | None:
        stray = found.strays.get(index)
        if stray is not None and merkle.leaf_hash(stray) == right:
            return EntryFix(index, right, stray, "a row under another index")
        for copy in self.copies:
            entry = copy.entry(index)
            if entry is not None and merkle.leaf_hash(entry) == right:
                return EntryFix(index, right, entry, copy.name)
        return None

    def _bad_column(self, index: int, column: str, right: bytes) -> None:
        self.report.find(Finding("wrong", "entries", "it is not what the leaf gives", index, column))
        self.seen.entries.append(EntryFix(index, right, None, "the leaf itself"))

    def _compare(self, found: Entries) -> None:
        """What stands beside right bytes and does not fit them."""
        seen, report = self.seen, self.report
        fixed = {fix.index for fix in seen.entries}
        for index, column in found.columns:
            if index not in seen.right:
                report.find(Finding("wrong", "entries", "it is not what the leaf gives", index, column))
                if index not in fixed:
                    fixed.add(index)
                    seen.entries.append(EntryFix(index, b"", None, "the leaf itself"))
        for indexes, stage, field_, message in (
            (found.unreadable, "entries", "leaf", "its bytes are no leaf"),
            (found.unlinked, "entries", "/log/i", "its bytes name another index"),
            (found.unchained, "chain", "subjects", f"its links are not those of the record{REBUILT}"),
        ):
            for index in indexes:
                if index not in seen.right:
                    report.find(Finding("wrong", stage, message, index, field_))
        for index, doubt in found.doubts.items():
            after = index + 1
            if after == found.size:
                continue  # its follower is the head row
            if index not in seen.right and doubt.follower != doubt.own and after not in seen.right:
                report.find(
                    Finding("wrong", "entries", "it names another entry before it", after, "/log/prev")
                )
        for idx in found.stray_rows:
            report.find(Finding("wrong", "entries", f"a row stands at {idx!r}, behind a gap", field="idx"))
        report.checked += ["entries", "chain"]

    def _compare_head(self, found: Entries, head: log.LogHead | None) -> None:
        if head is None:
            if found.size:
                self._stale("", "it is missing or cannot be read")
            return
        if head.size != found.size:
            self._stale("size", f"it says {head.size}, here are {found.size} entries")
            return
        if found.size - 1 not in self.seen.right:
            if head.last_leaf != found.last_hash:
                self._stale("last_leaf", "it is not the leaf hash of the last entry")
            if head.last_rec != found.last_rec:
                self._stale("last_rec", "it is not the time of the last entry")

    def _stale(self, column: str, message: str) -> None:
        self.report.find(Finding("wrong", "head row", message + REBUILT, field=column))


def _root(hash_of: HashOf, size: int) -> bytes | None:
    """Of the first ``size`` hashes; None when one is not to be had."""
    edge = merkle.CompactRange()
    for index in range(size):
        hash_ = hash_of(index)
        if hash_ is None:
            return None
        edge.append(hash_)
    return edge.root()


def _hash(data: Any) -> bytes | None:
    return merkle.leaf_hash(data) if isinstance(data, bytes) else None
