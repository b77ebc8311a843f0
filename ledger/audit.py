"""Check everything, trusting nobody: from a database, a log URL, a folder of tiles or an archive.

    1  the checkpoint under the auditor's policy, whose keys may have handed over to later ones
    2  every entry, replayed (``ledger.replay``)
    3  the tree: recomputed root = the checkpoint's root
    4  every tile and bundle, compared with the recomputed one
    5  consistency with the tree that the auditor saw last time
    6  from a database: index, chains, heads, checkpoints, and what opens commitments

Never uses the writers. Bytes that are there and wrong fail (exit 3); bytes or a policy that are
missing leave the log unverified (exit 4); neither is ever counted as verified.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

from ledger.audit_checkpoints import ArchivedCheckpoints
from ledger.audit_distrust import note_distrusted
from ledger.audit_keeping import SAVED_EVERY, Keeping, Kept
from ledger.audit_log_keys import LogKeyChecks
from ledger.audit_report import NO_HEADS, Finding, Kind, Report
from ledger.audit_signatures import SignatureChecks, subjects_named
from ledger.audit_source import MirrorSource, Source, fetch
from ledger.audit_tiles import TileComparison
from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint
from ledger.core.leaf import Leaf
from ledger.core.policy import Policy
from ledger.errors import LedgerError, MissingEvidence, ProofError, StorageError
from ledger.garbage import few_collections
from ledger.replay import Replay, place_of
from ledger.signature_process import WorkerDiedError

__all__ = ["Finding", "Keeping", "Kind", "MirrorSource", "Progress", "Report", "Source", "audit", "fetch"]

TOLD_EVERY = 50  # entries between two words about progress
Progress = Callable[[int, int], None]  # (entries done, tree size)
_Bad = tuple[int, LedgerError, tuple[str, ...]]  # index, what is wrong, subjects


def audit(
    source: Source,
    policy: Policy | None,
    *,
    saved: bytes | None = None,
    progress: Progress | None = None,
    keeping: Keeping | None = None,
) -> Report:
    """Audit a log. policy: what the auditor trusts, never taken from the source; None: not to be had.

    saved: the checkpoint the auditor kept from the last time. keeping: processes, memory, and where to
    go on from; one process, all in memory and from entry 0 when None. The findings are the same.
    """
    report = Report(source.name)
    if policy is None:
        report.find("missing", "policy", "no policy says which log key to trust")
        return report
    run = _Run(source, policy, report, progress, keeping or Keeping())
    try:
        with source.snapshot(), few_collections():
            run.all(saved)
    except WorkerDiedError as error:
        report.find("missing", "signatures", str(error))
    except (MissingEvidence, StorageError) as error:
        report.find("missing", "source", str(error))
    return report


class _Run:
    def __init__(
        self, source: Source, policy: Policy, report: Report, progress: Progress | None, keeping: Keeping
    ) -> None:
        self.source = source
        self.policy = policy
        self.report = report
        self.progress = progress
        self.keeping = keeping
        self.log_keys = LogKeyChecks(policy, (), "")

    def all(self, saved: bytes | None) -> None:
        report = self.report
        checkpoint = self._checkpoint()
        if checkpoint is None:
            return
        report.origin, report.tree_size, report.root = checkpoint.origin, checkpoint.size, checkpoint.root
        before = self._saved(saved, checkpoint)
        log_key = self.policy.keys_of(checkpoint.origin)[0].public_key
        with ExitStack() as stack:
            try:
                kept = stack.enter_context(self.keeping.kept(checkpoint, log_key, self.source))
            except StorageError as error:
                report.find("missing", "state", str(error))
                return
            start = kept.state.point.size
            report.resumed_from = start
            if start > checkpoint.size:
                self._shrank(start, checkpoint)
                return
            workers = self.keeping.workers(checkpoint.size - start)
            signatures = stack.enter_context(SignatureChecks(workers))
            replay = Replay(
                origin=checkpoint.origin,
                log_key=self.log_keys.first_key,
                opening=self.source.opening,
                leaf_at=self.source.leaf_at,
                verify=signatures.add,
                read=signatures.read,
                state=kept.state,
            )
            self.source.begin(replay, tree_size=checkpoint.size, whole=kept.whole)
            entries = _Entries(self, replay, signatures, kept, checkpoint, before)
            if entries.good():
                self.log_keys.judge(replay, checkpoint, report, start=start)
                self._rest(replay, kept, checkpoint, before, entries)
            if report.verdict == "verified":
                kept.verified()

    def _rest(
        self,
        replay: Replay,
        kept: Kept,
        checkpoint: Checkpoint,
        before: Checkpoint | None,
        entries: "_Entries",
    ) -> None:
        report = self.report
        report.checked += [
            "tiles", "signatures", "key scopes by index", "subject chains", "linear chain",
            "rules and quantities", "heads",
        ]  # fmt: skip
        if entries.root == checkpoint.root:
            report.checked.append("tree")
        if before is not None:
            self._consistency(before, checkpoint, entries)
        self.source.prove_rest(replay, report)
        note_distrusted(self.source, replay, report)
        if replay.point.unopened_sales:
            report.not_checked.append(f"sold: not opened ({replay.point.unopened_sales} sales)")
        report.not_checked += kept.not_again

    def _checkpoint(self) -> Checkpoint | None:
        try:
            data = self.source.objects.get("checkpoint")
        except MissingEvidence as error:
            self.report.find("missing", "checkpoint", str(error))
            return None
        try:
            self.log_keys = LogKeyChecks.read(self.policy, self.source.objects, data)
            checkpoint = self.log_keys.open(data)
        except ProofError as error:
            self.report.find("wrong", "checkpoint", str(error))
            return None
        self.report.checked.append("checkpoint")
        self.report.note = data
        return checkpoint

    def _saved(self, saved: bytes | None, checkpoint: Checkpoint) -> Checkpoint | None:
        if saved is None:
            self.report.not_checked.append("consistency: this auditor saw no earlier tree")
            return None
        try:
            before = self.log_keys.open_saved(saved)
        except ProofError as error:
            self.report.find("missing", "consistency", f"the saved checkpoint is not usable: {error}")
            return None
        if before.origin != checkpoint.origin:
            self.report.find("wrong", "consistency", f"the saved tree is of {before.origin!r}")
        if before.size > checkpoint.size:
            self._shrank(before.size, checkpoint)
            return None
        return before

    def _shrank(self, seen: int, checkpoint: Checkpoint) -> None:
        self.report.find(
            "wrong",
            "consistency",
            f"the log shrank: {seen} entries were seen, {checkpoint.size} are shown",
            entry=checkpoint.size,
        )

    def _consistency(self, before: Checkpoint, checkpoint: Checkpoint, entries: "_Entries") -> None:
        """From the recomputed tree; from a proof where the earlier tree was passed by an earlier run."""
        root = entries.root_before
        try:
            if root is None:
                self._prove_consistency(before, checkpoint)
        except (MissingEvidence, StorageError) as error:
            self.report.find("missing", "consistency", str(error))
            return
        except ProofError:
            root = b""
        if root is not None and root != before.root:
            message = f"the first {before.size} entries are not those seen before"
            self.report.find("wrong", "consistency", message, entry=before.size)
            return
        self.report.consistent_from = before.size
        self.report.checked.append("consistency")

    def _prove_consistency(self, before: Checkpoint, checkpoint: Checkpoint) -> None:
        hashes = tiles.TileHashes(checkpoint.size, lambda tile: fetch(self.source.objects, tile))
        merkle.verify_consistency(
            old_size=before.size,
            old_root=before.root,
            tree_size=checkpoint.size,
            root=checkpoint.root,
            path=merkle.consistency_path(before.size, checkpoint.size, hashes),
        )


class _Entries:
    """One pass over the entries: replay, tree, tiles, and points to go on from.

    root: of the tree at the checkpoint's size. root_before: at the size of the checkpoint seen before,
    None when this run did not come by it.
    """

    def __init__(
        self,
        run: _Run,
        replay: Replay,
        signatures: SignatureChecks,
        kept: Kept,
        checkpoint: Checkpoint,
        before: Checkpoint | None,
    ) -> None:
        self.root = b""
        self.root_before: bytes | None = None
        self._at_hand = b""  # the entry that is being judged
        self._source = run.source
        self._report = run.report
        self._progress = run.progress
        self._replay = replay
        self._signatures = signatures
        self._kept = kept
        self._checkpoint = checkpoint
        self._before_size = before.size if before else -1
        self._first = replay.size // tiles.WIDTH * tiles.WIDTH
        self._tiles = TileComparison(run.source.objects, checkpoint.size, start=self._first)
        self._archived = ArchivedCheckpoints(run.source.objects, start=replay.size)
        self._log_keys = run.log_keys
        replay.state.tree.on_tile = self._tiles.full

    def good(self) -> bool:
        """Go through all of them. False when an entry is bad; the first bad one is reported.

        A signature stands before whatever follows it, in whichever process it was verified.
        """
        size, report = self._checkpoint.size, self._report
        bad = self._first_bad()
        report.entries = bad[0] if bad else self._replay.size
        report.beyond_checkpoint = max(0, report.entries - size)
        if bad is not None:
            index, problem, subjects = bad
            kind = self._source.explain(index, problem)
            place = place_of(problem)
            report.find(kind, "entries", str(problem), entry=index, place=place, subjects=subjects)
            self._report_beside(index)
            return False
        self._report_beside(self._replay.size)
        if self._replay.size < size:
            message = f"{size} are signed, here are {self._replay.size}"
            at = self._replay.size
            report.findings.insert(0, Finding("missing", "entries", message, at))
            return False
        return True

    def _report_beside(self, entries: int) -> None:
        """What was found beside the first ``entries``; what came later belongs to a log gone wrong."""
        self._report.findings += self._tiles.findings(entries)
        self._report.findings += [finding for size, finding in self._archived.found if size <= entries]

    def _first_bad(self) -> _Bad | None:
        bad: _Bad | None = None
        try:
            entries = self._source.entries(self._first)
            self._read_again(entries)
            self._came_to(None)
            for encoded in entries:
                self._at_hand = encoded
                self._take(encoded)
                self._at_hand = b""
                if self._signatures.failed:
                    break
        except WorkerDiedError:
            raise
        except LedgerError as error:
            bad = self._bad(self._signatures.fault(self._at_hand) or error)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # Bytes that a process looks at meanwhile may do anything here before it says what they are.
            fault = self._signatures.fault(self._at_hand)
            if fault is None and self._signatures.failure() is None:
                raise
            bad = self._bad(fault) if fault else None
        return self._signatures.failure() or bad

    def _bad(self, error: LedgerError) -> _Bad:
        return self._replay.size, error, subjects_named(self._at_hand)

    def _take(self, encoded: bytes) -> None:
        replay, size = self._replay, self._checkpoint.size
        leaf = replay.take(encoded)
        self._source.saw(leaf, replay)
        if leaf.index < size:
            self._tiles.add(encoded)
        self._archived.passed(replay)
        self._log_keys.passed(replay)
        self._came_to(leaf)
        if self._progress and not replay.size % TOLD_EVERY:
            self._progress(replay.size, size)

    def _read_again(self, entries: Iterator[bytes]) -> None:
        """The entries before the place to go on from that share a tile with it: they must be the same."""
        known = self._replay.state.tree.partial_tiles()
        hashes = known[0][1] if self._replay.size > self._first else []
        for n, hash_ in enumerate(hashes):
            encoded = next(entries, None)
            if encoded is None:
                raise MissingEvidence(f"entry {self._first + n} is missing")
            if merkle.leaf_hash(encoded) != hash_:
                raise ProofError(f"entry {self._first + n} is not the one that was verified before")
            self._tiles.add(encoded)

    def _came_to(self, leaf: Leaf | None) -> None:
        """What is due at this size of the tree. leaf: the last entry; None where this run begins."""
        replay, checkpoint = self._replay, self._checkpoint
        size = replay.size
        if size in (self._before_size, checkpoint.size) and self._signatures.failure():
            return  # an entry before is bad: nothing is said of what comes after it
        if size == self._before_size:
            self.root_before = replay.root()
            self._check_last(size)
        if size == checkpoint.size:
            self.root = replay.root()
            if size != self._before_size:
                self._check_last(size)
            replay.state.tree.on_tile = None  # what comes beyond is in no tile yet
            self._tiles.finish(replay.state.tree)
            if self.root != checkpoint.root:
                message = (
                    f"the entries have root {self.root.hex()}, the checkpoint says {checkpoint.root.hex()}"
                )
                self._report.find("wrong", "tree", message)
        if leaf is not None and (
            size == checkpoint.size or (size < checkpoint.size and not size % SAVED_EVERY)
        ):
            self._save()

    def _save(self) -> None:
        """A point to go on from, unless anything before it is in doubt."""
        if (
            self._kept.stored
            and not self._report.findings
            and self._tiles.sound
            and not self._archived.found
            and self._source.sound
            and self._signatures.failure() is None
        ):
            self._replay.point.tallies = dict(self._source.tallies())
            self._replay.save()

    def _check_last(self, size: int) -> None:
        """Every checkpoint ends with the heads of all histories before it (records.md 5)."""
        if self._replay.point.heads_through != size - 1:
            message = NO_HEADS.format(size)
            self._report.find("wrong", "heads", message, entry=size - 1, place="/body/type")
