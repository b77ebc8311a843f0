"""Check everything, trusting nobody: from a database, a log URL, a folder of tiles or an archive.

    1  the checkpoint under the auditor's policy
    2  every entry, replayed (``ledger.replay``)
    3  the tree: recomputed root = the checkpoint's root
    4  every tile and bundle, compared with the recomputed one
    5  consistency with the tree that the auditor saw last time
    6  from a database: index, chains, heads, checkpoints, and what opens commitments

Never uses the writers. Bytes that are there and wrong fail (exit 3); bytes or a policy that are
missing leave the log unverified (exit 4); neither is ever counted as verified.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ledger.audit_signatures import SignatureChecks
from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint
from ledger.core.leaf import Leaf
from ledger.core.policy import Policy
from ledger.errors import LedgerError, MissingEvidence, ProofError, StorageError
from ledger.ports import ObjectStore
from ledger.replay import Openings, Replay, place_of

Kind = Literal["wrong", "missing"]
EXIT = {"verified": 0, "failed": 3, "unverified": 4}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold. entry: index it concerns, None for none; field: JSON pointer."""

    kind: Kind
    stage: str
    message: str
    entry: int | None = None
    field: str = ""

    def __str__(self) -> str:
        place = "" if self.entry is None else f"entry {self.entry}: "
        return f"{self.stage}: {place}{self.message}"

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "stage": self.stage,
            "entry": self.entry,
            "field": self.field,
            "message": self.message,
        }


@dataclass(slots=True)
class Report:
    """What an audit found. entries: judged; tree_size, root, note: of the verified checkpoint."""

    source: str
    origin: str = ""
    tree_size: int = 0
    root: bytes = b""
    entries: int = 0
    beyond_checkpoint: int = 0
    consistent_from: int | None = None
    checked: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    note: bytes = b""

    @property
    def verdict(self) -> str:
        if any(finding.kind == "wrong" for finding in self.findings):
            return "failed"
        return "unverified" if self.findings else "verified"

    @property
    def exit_code(self) -> int:
        return EXIT[self.verdict]

    def to_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "exit": self.exit_code,
            "source": self.source,
            "origin": self.origin,
            "tree_size": self.tree_size,
            "root": self.root.hex(),
            "entries": self.entries,
            "beyond_checkpoint": self.beyond_checkpoint,
            "consistent_from": self.consistent_from,
            "checked": self.checked,
            "not_checked": self.not_checked,
            "findings": [finding.to_json() for finding in self.findings],
        }


class Source(Protocol):
    """Where the bytes come from."""

    name: str
    objects: ObjectStore
    opening: Openings | None

    def snapshot(self) -> AbstractContextManager[None]:
        """What the whole audit reads inside of."""

    def entries(self, start: int) -> Iterator[bytes]:
        """Leaves from ``start`` on, as far as they go. Raises LedgerError naming what is missing."""

    def saw(self, leaf: Leaf, replay: Replay) -> None:
        """An entry was judged and is good: compare what else the source has of it.

        opened: the values that opened its commitments.
        """

    def leaf_at(self, index: int) -> bytes: ...

    def prove_rest(self, replay: Replay, roots: dict[int, bytes], report: Report) -> None:
        """Whatever else this kind of source can show or must not claim."""

    def explain(self, index: int, error: LedgerError) -> Kind:
        """Whether a bad entry is wrong, or so damaged that nothing can be said."""

    def wanted_roots(self) -> set[int]:
        """Tree sizes whose roots ``prove_rest`` will ask for."""


Progress = Callable[[int, int], None]  # (entries done, tree size)


def audit(
    source: Source,
    policy: Policy | None,
    *,
    saved: bytes | None = None,
    progress: Progress | None = None,
) -> Report:
    """Audit a log. policy: what the auditor trusts, never taken from the source; None: not to be had.

    saved: the checkpoint the auditor kept from the last time.
    """
    report = Report(source.name)
    if policy is None:
        report.findings.append(Finding("missing", "policy", "no policy says which log key to trust"))
        return report
    run = _Run(source, policy, report, progress)
    try:
        with source.snapshot():
            run.all(saved)
    except (MissingEvidence, StorageError) as error:
        report.findings.append(Finding("missing", "source", str(error)))
    return report


class MirrorSource:
    """A log as the world sees it: checkpoint, tiles, bundles. Nothing private opens here."""

    opening: Openings | None = None

    def __init__(self, name: str, objects: ObjectStore) -> None:
        self.name = name
        self.objects = objects
        self.size = 0

    def snapshot(self) -> AbstractContextManager[None]:
        return nullcontext()

    def saw(self, leaf: Leaf, replay: Replay) -> None:
        """Nothing: a mirror shows leaves only."""

    def entries(self, start: int) -> Iterator[bytes]:
        for index in range(start >> tiles.HEIGHT, -(-self.size // tiles.WIDTH)):
            bundle = self._bundle(index)
            yield from bundle[max(0, start - index * tiles.WIDTH) :]

    def leaf_at(self, index: int) -> bytes:
        return self._bundle(index >> tiles.HEIGHT)[index % tiles.WIDTH]

    def prove_rest(self, replay: Replay, roots: dict[int, bytes], report: Report) -> None:
        del replay, roots
        report.not_checked += ["grades: their rows are not public", "openings of commitments"]

    def explain(self, index: int, error: LedgerError) -> Kind:
        del index
        return "missing" if isinstance(error, MissingEvidence | StorageError) else "wrong"

    def wanted_roots(self) -> set[int]:
        return set()

    def _bundle(self, index: int) -> list[bytes]:
        width = min(tiles.WIDTH, self.size - index * tiles.WIDTH)
        tile = tiles.Tile(-1, index, width)
        try:
            return tiles.parse_bundle(fetch(self.objects, tile), width)
        except ProofError as error:
            raise ProofError(f"{tile.path}: {error}") from error


def fetch(objects: ObjectStore, tile: tiles.Tile) -> bytes:
    """One tile; a partial one that is gone may be cut from the full one (C2SP tlog-tiles)."""
    try:
        return objects.get(tile.path)
    except MissingEvidence:
        if tile.width == tiles.WIDTH:
            raise
        try:
            full = objects.get(tiles.Tile(tile.level, tile.index).path)
        except MissingEvidence:
            raise MissingEvidence(f"{tile.path} is not there") from None
    if tile.level < 0:
        return tiles.bundle(tiles.parse_bundle(full, tiles.WIDTH)[: tile.width])
    return full[: tile.width * merkle.HASH_SIZE]


class _Run:
    def __init__(self, source: Source, policy: Policy, report: Report, progress: Progress | None) -> None:
        self.source = source
        self.policy = policy
        self.report = report
        self.progress = progress
        self.roots: dict[int, bytes] = {}

    def all(self, saved: bytes | None) -> None:
        report = self.report
        checkpoint = self._checkpoint()
        if checkpoint is None:
            return
        report.origin, report.tree_size, report.root = checkpoint.origin, checkpoint.size, checkpoint.root
        if isinstance(self.source, MirrorSource):
            self.source.size = checkpoint.size
        before = self._saved(saved, checkpoint)
        wanted = {checkpoint.size, *self.source.wanted_roots()} | ({before.size} if before else set())
        with SignatureChecks() as signatures:
            replay = Replay(
                origin=checkpoint.origin,
                log_key=self.policy.logs[checkpoint.origin].public_key,
                opening=self.source.opening,
                leaf_at=self.source.leaf_at,
                verify=signatures.add,
            )
            good = self._entries(replay, signatures, checkpoint, wanted)
        if good:
            report.checked += [
                "signatures", "key scopes by index", "subject chains", "linear chain", "rules and quantities",
                "heads",
            ]  # fmt: skip
            self._tree(checkpoint)
            self._consistency(before)
            self.source.prove_rest(replay, self.roots, report)
            if replay.unopened_sales:
                report.not_checked.append(f"sold: not opened ({replay.unopened_sales} sales)")

    def _checkpoint(self) -> Checkpoint | None:
        try:
            data = self.source.objects.get("checkpoint")
        except MissingEvidence as error:
            self._find("missing", "checkpoint", str(error))
            return None
        try:
            checkpoint = self.policy.open(data)
        except ProofError as error:
            self._find("wrong", "checkpoint", str(error))
            return None
        self.report.checked.append("checkpoint")
        self.report.note = data
        return checkpoint

    def _saved(self, saved: bytes | None, checkpoint: Checkpoint) -> Checkpoint | None:
        if saved is None:
            self.report.not_checked.append("consistency: this auditor saw no earlier tree")
            return None
        try:
            before = self.policy.open(saved)
        except ProofError as error:
            self._find("missing", "consistency", f"the saved checkpoint is not usable: {error}")
            return None
        if before.origin != checkpoint.origin:
            self._find("wrong", "consistency", f"the saved tree is of {before.origin!r}")
        if before.size > checkpoint.size:
            self._find(
                "wrong",
                "consistency",
                f"the log shrank: {before.size} entries were seen, {checkpoint.size} are shown",
                entry=checkpoint.size,
            )
            return None
        return before

    def _entries(
        self, replay: Replay, signatures: SignatureChecks, checkpoint: Checkpoint, wanted: set[int]
    ) -> bool:
        """Replay, build the tree and compare tiles in one pass. False when an entry is bad.

        The first bad entry is the one reported; a signature stands before whatever follows it.
        """
        edge, compare = merkle.CompactRange(), _TileComparison(self.source.objects, checkpoint.size)
        if 0 in wanted:
            self.roots[0] = merkle.EMPTY_ROOT
        bad: tuple[int, LedgerError] | None = None
        try:
            for encoded in self.source.entries(0):
                leaf = replay.take(encoded)
                self.source.saw(leaf, replay)
                edge.append(leaf.hash)
                if leaf.index < checkpoint.size:
                    compare.add(encoded, leaf.hash)
                if edge.size in wanted:
                    self.roots[edge.size] = edge.root()
                    self._check_last(leaf, edge.size, checkpoint)
                if signatures.failed:
                    break
                if self.progress and not edge.size % 50:
                    self.progress(edge.size, checkpoint.size)
        except LedgerError as error:
            bad = replay.size, error
        bad = signatures.failure() or bad
        self.report.entries = bad[0] if bad else replay.size
        self.report.beyond_checkpoint = max(0, self.report.entries - checkpoint.size)
        if bad is not None:
            index, problem = bad
            kind = self.source.explain(index, problem)
            self._find(kind, "entries", str(problem), entry=index, place=place_of(problem))
            self.report.findings += compare.findings
            return False
        if replay.size < checkpoint.size:
            message = f"{checkpoint.size} are signed, here are {replay.size}"
            self._find("missing", "entries", message, entry=replay.size)
            self.report.findings += compare.findings
            return False
        compare.finish()
        self.report.findings += compare.findings
        self.report.checked.append("tiles")
        return True

    def _check_last(self, leaf: Leaf, size: int, checkpoint: Checkpoint) -> None:
        """Every checkpoint ends with the heads of all histories before it (records.md 5)."""
        if leaf.record.body.type != "log.heads" and size <= checkpoint.size:
            message = f"the tree of {size} does not end with log.heads: a history could be cut short unseen"
            self._find("wrong", "heads", message, entry=leaf.index, place="/body/type")

    def _tree(self, checkpoint: Checkpoint) -> None:
        if self.roots[checkpoint.size] != checkpoint.root:
            self._find("wrong", "tree", f"the entries have root {self.roots[checkpoint.size].hex()}, "
                       f"the checkpoint says {checkpoint.root.hex()}")  # fmt: skip
            return
        self.report.checked.append("tree")

    def _consistency(self, before: Checkpoint | None) -> None:
        if before is None:
            return
        if self.roots[before.size] != before.root:
            self._find("wrong", "consistency", f"the first {before.size} entries are not those seen before",
                       entry=before.size)  # fmt: skip
            return
        self.report.consistent_from = before.size
        self.report.checked.append("consistency")

    def _find(
        self, kind: Kind, stage: str, message: str, *, entry: int | None = None, place: str = ""
    ) -> None:
        self.report.findings.append(Finding(kind, stage, message, entry, place))


class _TileComparison:
    """Recomputes every tile while entries stream by and compares it with the stored one.

    Holds at most one open tile a level. Superseded partial tiles are compared where a store can
    list what it has.
    """

    def __init__(self, objects: ObjectStore, size: int) -> None:
        self.findings: list[Finding] = []
        self._objects = objects
        self._size = size
        self._open: list[list[bytes]] = []
        self._bundle: list[bytes] = []
        self._old: dict[tuple[int, int], list[tiles.Tile]] = {}
        for key in objects.keys("tile"):
            try:
                tile = tiles.Tile.parse(key)
            except ProofError:
                continue  # no tile: nothing it could say about the log
            if tile.width < tiles.WIDTH:
                self._old.setdefault((tile.level, tile.index), []).append(tile)
        self._index: list[int] = []
        self._bundle_index = 0

    def add(self, encoded: bytes, hash_: bytes) -> None:
        self._bundle.append(encoded)
        if len(self._bundle) == tiles.WIDTH:
            self._close_bundle()
        self._push(0, hash_)

    def finish(self) -> None:
        if self._bundle:
            self._close_bundle()
        for level, hashes in enumerate(self._open):
            if hashes:
                self._compare(tiles.Tile(level, self._index[level], len(hashes)), b"".join(hashes))

    def _push(self, level: int, hash_: bytes) -> None:
        if level == len(self._open):
            self._open.append([])
            self._index.append(0)
        hashes = self._open[level]
        hashes.append(hash_)
        if len(hashes) == tiles.WIDTH:
            self._compare(tiles.Tile(level, self._index[level]), b"".join(hashes))
            self._open[level] = []
            self._index[level] += 1
            self._push(level + 1, merkle.root_of(hashes))

    def _close_bundle(self) -> None:
        entries, index = self._bundle, self._bundle_index
        self._compare(tiles.Tile(-1, index, len(entries)), tiles.bundle(entries))
        for old in self._old.pop((-1, index), ()):
            if old.width < len(entries):
                self._compare(old, tiles.bundle(entries[: old.width]))
        self._bundle, self._bundle_index = [], index + 1

    def _compare(self, tile: tiles.Tile, expected: bytes) -> None:
        span = tiles.WIDTH ** max(tile.level, 0)
        start = tile.index * tiles.WIDTH * span
        where = f"{tile.path} (entries {start}..{min(self._size, start + tile.width * span) - 1})"
        try:
            stored = fetch(self._objects, tile)
        except (MissingEvidence, StorageError) as error:
            self.findings.append(Finding("missing", "tiles", f"{where}: {error}", start))
            return
        except ProofError as error:
            self.findings.append(Finding("wrong", "tiles", f"{where}: {error}", start))
            return
        if stored != expected:
            at = next((n for n, (a, b) in enumerate(zip(stored, expected, strict=False)) if a != b),
                      min(len(stored), len(expected)))  # fmt: skip
            self.findings.append(Finding("wrong", "tiles", f"{where} differs at byte {at}", start))
        if tile.level >= 0:
            for old in self._old.pop((tile.level, tile.index), ()):
                if old.width < tile.width:
                    self._compare(old, expected[: old.width * merkle.HASH_SIZE])
