"""What more processes and an earlier audit save: the same log, audited one way and another."""

import multiprocessing
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from threading import Barrier

from ledger.adapters.folder import Folder
from ledger.audit import Keeping, MirrorSource, audit
from tests.bench.large_log import POLICY, LargeLog

ENTRIES = 50_000
RUNS = 3


def audit_at_scale() -> tuple[float, float]:
    """(speed of two processes in that of one, time of an audit of 1 % new entries in that of all)."""
    with tempfile.TemporaryDirectory() as folder:
        large, state = LargeLog(Path(folder) / "log"), Path(folder) / "state"
        large.grow(ENTRIES)
        source = large.folder
        pairs = [(_seconds(source, Keeping(1)), _seconds(source, Keeping(2))) for _ in range(RUNS)]
        limit = statistics.median(alone for alone, _ in pairs) * 2 / _side_by_side(source)
        _seconds(source, Keeping(1, state=state))
        large.grow(ENTRIES + ENTRIES // 100)
        parts = []
        for _ in range(RUNS):
            copy = Path(shutil.copy(state, state.with_suffix(".copy")))
            new = _seconds(source, Keeping(1, state=copy, incremental=True))
            parts.append(new / _seconds(source, Keeping(1, state=state.with_suffix(".whole"))))
        large.close()
    one, two = (statistics.median(times) * 1e6 / ENTRIES for times in zip(*pairs, strict=True))
    faster = statistics.median(first / second for first, second in pairs)
    part = statistics.median(parts)
    print(f"audit of {ENTRIES}        1 process {one:6.0f} us  2 processes {two:6.0f} us  {faster:5.2f} x")
    print(f"  two whole audits side by side get {limit:5.2f} x as much done as one: this machine's limit")
    print(f"  1 % new entries alone {part:6.4f} of all of them, both with a state file", flush=True)
    return faster, part


def _side_by_side(log: Path) -> float:
    """Seconds that each of two audits takes, in processes of their own at the same time."""
    context = multiprocessing.get_context("spawn")
    both, answers = context.Barrier(2), context.SimpleQueue()
    audits = [context.Process(target=_one_of_two, args=(log, both, answers)) for _ in range(2)]
    for one in audits:
        one.start()
    seconds = [answers.get() for _ in audits]
    for one in audits:
        one.join()
    return statistics.mean(seconds)


def _one_of_two(log: Path, both: Barrier, answers: "multiprocessing.SimpleQueue[float]") -> None:
    times = []
    for _ in range(RUNS):
        both.wait()
        times.append(_seconds(log, Keeping(1)))
    answers.put(statistics.median(times))


def _seconds(log: Path, keeping: Keeping) -> float:
    start = time.perf_counter()
    report = audit(MirrorSource("large", Folder(log)), POLICY, keeping=keeping)
    seconds = time.perf_counter() - start
    assert report.verdict == "verified", report.findings
    assert bool(report.resumed_from) == keeping.incremental, "it went on from the state, or did not"
    return seconds
