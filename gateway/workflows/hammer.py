"""Write and read under load; fail when a goal is missed or a proof does not hold.

Writers sign and record through the installation's own writer, a publisher publishes meanwhile, and
readers in processes of their own check what is shown. At the end every acknowledged entry must stand
in the visible tree.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

from gateway.wiring import Installation
from gateway.workflows.hammer_readers import LogReader, Readers, Sight, Where, objects_of
from gateway.workflows.hammer_writers import KEPT, Writers, hammering_party
from ledger.core import policy
from ledger.errors import LedgerError, StorageUnavailable

PUBLISHED_EVERY_S = 0.5
LOOKED_EVERY_S = 0.25
TOLD_EVERY_S = 1.0
RECENT_S = 5.0  # what the live rates are over
TRIES = 20  # of publishing while the storage is away


@dataclass(frozen=True, slots=True)
class Plan:
    """writes_per_second: the goal, of all writers together, 0 for none; reads_per_second: a limit, 0 none.

    visible_s: how long an acknowledged entry may wait until a visible tree holds it.
    """

    seconds: float
    writes_per_second: float
    readers: int
    writers: int = 8
    reads_per_second: float = 0.0
    visible_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds."""

    p50: float
    p95: float
    max: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> "Spread":
        ordered = sorted(seconds) or [0.0]
        return cls(
            *(round(1000 * ordered[min(len(ordered) - 1, int(p * len(ordered)))], 1) for p in (0.5, 0.95, 1))
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """How it goes, or went. Rates are a second; waits_s: the longest wait to become visible now."""

    seconds: float
    writes: int
    writes_per_second: float
    write_ms: Spread
    reads: int
    reads_per_second: float
    read_ms: Spread
    visible_ms: Spread
    waits_s: float
    tree_size: int
    retried: int


@dataclass(frozen=True, slots=True)
class HammerReport:
    """reasons: why it failed, none when it passed; checked: acknowledged entries found in the tree."""

    figures: Figures
    checked: int
    reasons: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"passed": not self.reasons, "reasons": list(self.reasons), "checked": self.checked} | asdict(
            self.figures
        )


Progress = Callable[[Figures], None]


def hammer(
    plan: Plan,
    *,
    installation: Installation | None,
    where: Where,
    trust: bytes,
    progress: Progress,
) -> HammerReport:
    """Run the plan. installation: where writers write; None for readers alone. trust: a policy file."""
    run = _Run(plan, installation, where, trust)
    try:
        run.until_done(progress)
    finally:
        run.stop()
    return run.report()


@dataclass(slots=True)
class _Tally:
    reads: int = 0
    retried: int = 0
    size: int = 0
    took_s: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    visible_s: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))


class _Run:
    def __init__(self, plan: Plan, installation: Installation | None, where: Where, trust: bytes) -> None:
        self._plan = plan
        self._where = where
        self._trust = trust
        pace_s = plan.readers / plan.reads_per_second if plan.reads_per_second else 0.0
        self._readers = Readers(where, trust, plan.readers, pace_s)
        self._writers: Writers | None = None
        self._publishing: _Publishing | None = None
        if installation is not None:
            self._writers = Writers(
                installation,
                hammering_party(installation),
                goal=plan.writes_per_second,
                seconds=plan.seconds,
                threads=plan.writers,
            )
            self._publishing = _Publishing(installation)
        self._reasons: list[str] = []
        self._tally = _Tally()
        self._checked = 0
        self._told = 0.0
        self._begun = 0.0
        self._ended = 0.0
        self._recent: deque[tuple[float, int, int]] = deque()

    def until_done(self, progress: Progress) -> None:
        if self._publishing:
            self._publishing.start()  # readers find a checkpoint
        self._readers.start()
        self._await_readers()
        self._begun = time.monotonic()
        if self._writers:
            self._writers.start()
        while not self._reasons and not self._is_over():
            self._look()
            self._tell(progress)
        self._ended = time.monotonic()
        if self._writers:
            self._writers.stop()
            self._await_visible(progress)
            self._check_goals()
            self._check_acknowledged()

    def stop(self) -> None:
        """Whatever still runs, at the end or in the middle."""
        if self._writers:
            self._writers.stop()
        if self._publishing:
            self._publishing.stop()
        self._readers.stop()

    def report(self) -> HammerReport:
        return HammerReport(self._figures(live=False), self._checked, tuple(self._reasons))

    def _is_over(self) -> bool:
        if self._writers:
            return self._writers.are_done()
        return time.monotonic() >= self._begun + self._plan.seconds

    def _await_readers(self) -> None:
        """Starting a process takes its time, which is nobody's latency."""
        waiting = self._plan.readers
        end = time.monotonic() + self._plan.visible_s
        while waiting > 0 and not self._reasons and time.monotonic() < end:
            sights = self._readers.sights(LOOKED_EVERY_S)
            waiting -= len(sights)
            self._reasons += [_doubt(sight) for sight in sights if sight.failure]

    def _look(self) -> None:
        tally = self._tally
        sizes = [self._take(sight) for sight in self._readers.sights(LOOKED_EVERY_S)]
        if self._publishing and not self._plan.readers:
            sizes.append(self._publishing.size)  # nobody looks from outside
        tally.size = max([tally.size, *sizes])
        if self._writers:
            tally.visible_s.extend(self._writers.showed(tally.size))
            if self._writers.written.failure:
                self._reasons.append(f"a record was refused: {self._writers.written.failure}")
            if self._writers.longest_wait_s() > self._plan.visible_s:
                self._reasons.append(
                    f"an acknowledged entry was not visible after {self._plan.visible_s:g} s"
                )
        if self._publishing and self._publishing.failure:
            self._reasons.append(f"publishing failed: {self._publishing.failure}")

    def _take(self, sight: Sight) -> int:
        self._tally.reads += len(sight.took_s)
        self._tally.took_s.extend(sight.took_s)
        self._tally.retried += sight.retried
        if sight.failure:
            self._reasons.append(_doubt(sight))
        return sight.size

    def _await_visible(self, progress: Progress) -> None:
        assert self._writers is not None
        size = self._writers.written.size
        while not self._reasons and self._tally.size < size:
            self._look()
            self._tell(progress)

    def _tell(self, progress: Progress) -> None:
        if time.monotonic() - self._told >= TOLD_EVERY_S:
            self._told = time.monotonic()
            progress(self._figures(live=True))

    def _check_goals(self) -> None:
        assert self._writers is not None
        written, due = len(self._writers.written.leaves), self._writers.due
        if written < due and not self._reasons:
            self._reasons.append(
                f"the goal was missed: {written} of {due} writes in {self._plan.seconds:g} s "
                f"({self._figures(live=False).writes_per_second:g} a second, "
                f"the goal is {self._plan.writes_per_second:g})"
            )

    def _check_acknowledged(self) -> None:
        assert self._writers is not None
        leaves = self._writers.written.leaves
        if self._reasons and self._tally.size < self._writers.written.size:
            return  # what was not published yet cannot be in the tree
        try:
            reader = LogReader(objects_of(self._where), policy.parse(self._trust), Random())
            reader.check_holds(leaves)
            self._checked = len(leaves)
        except LedgerError as error:
            self._reasons.append(f"an acknowledged entry cannot be proved: {error}")

    def _figures(self, *, live: bool) -> Figures:
        tally, now = self._tally, time.monotonic()
        written = self._writers.written if self._writers else None
        writes = len(written.leaves) if written else 0
        since, old_writes, old_reads = self._begun, 0, 0
        if live:
            self._recent.append((now, writes, tally.reads))
            while now - self._recent[0][0] > RECENT_S:
                self._recent.popleft()
            since, old_writes, old_reads = self._recent[0] if len(self._recent) > 1 else (self._begun, 0, 0)
        passed_s = max(0.001, (now if live else self._ended or now) - since)
        return Figures(
            seconds=round((now if live else self._ended or now) - self._begun, 1),
            writes=writes,
            writes_per_second=round((writes - old_writes) / passed_s, 1),
            write_ms=Spread.of(written.took_s if written else ()),
            reads=tally.reads,
            reads_per_second=round((tally.reads - old_reads) / passed_s, 1),
            read_ms=Spread.of(tally.took_s),
            visible_ms=Spread.of(tally.visible_s),
            waits_s=round(self._writers.longest_wait_s(), 1) if self._writers else 0.0,
            tree_size=tally.size,
            retried=tally.retried + (written.retried if written else 0),
        )


def _doubt(sight: Sight) -> str:
    return f"a reader could not prove what it was shown: {sight.failure}"


class _Publishing(threading.Thread):
    """Publishes what was sequenced, again and again."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(daemon=True)
        self.size = 0
        self.failure = ""
        self._installation = installation
        self._stopped = threading.Event()

    def run(self) -> None:
        in_a_row = 0
        while not self._stopped.is_set():
            try:
                self.size = self._installation.publisher.publish().size
                in_a_row = 0
            except LedgerError as error:
                in_a_row += 1
                if not isinstance(error, StorageUnavailable) or in_a_row > TRIES:
                    self.failure = f"{type(error).__name__}: {error}"
                    return
            self._stopped.wait(PUBLISHED_EVERY_S)

    def stop(self) -> None:
        self._stopped.set()
        if self.is_alive():
            self.join()
