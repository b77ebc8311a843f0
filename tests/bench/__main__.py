"""``python -m tests.bench``: what our layers cost, as ratios, because machines differ.

Every figure is the median of alternating runs: one of the bare reference, one of ours, and again.
A ratio of 1.0 would mean that checking, rules and layers cost nothing.
"""

import gc
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.record import Submission
from ledger.writer import _Ticket
from tests.bench.bare import Bare
from tests.bench.one_thread import one_thread
from tests.bench.proofs import proof_seconds
from tests.bench.workload import declarations, opened_world
from tests.ledger.world import SCOPES, World, registrar, signer

RUNS = 7
SINGLE = 100  # appends a run
BATCH = 256  # records a commit
AUDITED = 1_500  # entries
MEMORY_ENTRIES = (600, 2_400)
RATIO_MIN = 0.6


def main() -> int:
    print(f"bench: median of {RUNS} alternating runs, Python {sys.version.split()[0]}", flush=True)
    gc.collect()
    gc.freeze()  # as a server does once it is wired: imports are no garbage
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        ratios = _appends(opened_world(Path(ours)), opened_world(Path(theirs)))
    with tempfile.TemporaryDirectory() as folder:
        ratios.append(_audit(opened_world(Path(folder))))
    small, large = proof_seconds(10_000), proof_seconds(1_000_000)
    factor = large / small
    print(
        f"proof                 10^4 {small * 1e6:8.0f} us  10^6 {large * 1e6:8.0f} us  factor {factor:5.2f}"
    )
    few, many = (_audit_mib(entries) for entries in MEMORY_ENTRIES)
    fewer, more = MEMORY_ENTRIES
    print(f"audit memory, peak    {fewer} entries {few:5.1f} MiB  {more} entries {many:5.1f} MiB")
    met = min(ratios) >= RATIO_MIN and factor <= 2
    print(f"targets (ratio >= {RATIO_MIN}, proof factor <= 2): {'met' if met else 'NOT met'}")
    return 0


def _appends(world: World, other: World) -> list[float]:
    bare = Bare(other.folder / "ledger.db", signer("supplier", "supplier").public_key)
    raw, verify, single, batched = [], [], ([], []), ([], [])
    for _ in range(RUNS):
        mine, theirs = declarations(world, SINGLE), declarations(other, SINGLE)
        raw.append(_timed(lambda batch=theirs: [bare.commit_raw(one) for one in batch]) / SINGLE)
        verify.append(_timed(lambda batch=theirs: [bare.verify(one) for one in batch]) / SINGLE)
        single[0].append(_timed(lambda batch=theirs: [bare.append([one]) for one in batch]) / SINGLE)
        single[1].append(_timed(lambda batch=mine: [world.writer.record(one) for one in batch]) / SINGLE)
        mine, theirs = declarations(world, BATCH), declarations(other, BATCH)
        batched[0].append(_timed(lambda batch=theirs: bare.append(batch)) / BATCH)
        batched[1].append(_timed(lambda batch=mine: record_together(world, batch)) / BATCH)
        gc.collect()
    bare.close()
    floor, check = statistics.median(raw), statistics.median(verify)
    print(f"raw sqlite3 commit    {floor * 1e6:8.0f} us     bare Ed25519 verification {check * 1e6:6.0f} us")
    print("                          bare us     ours us   ratio   per raw commit   per verification")
    ratios = [
        _line("durable append", single, floor, check),
        _line(f"append, {BATCH} a commit", batched, floor, check),
    ]
    other.close()
    world.close()
    return ratios


def record_together(world: World, batch: Sequence[Submission]) -> None:
    """Queue the records as so many waiting callers would, then let one of them commit."""
    writer = world.writer
    tickets = [_Ticket(_recording(world, one), touches_tables=False) for one in batch]
    writer._waiting.extend(tickets[:-1])
    writer._run(tickets[-1])
    assert all(ticket.error is None for ticket in tickets)


def _recording(world: World, submission: Submission) -> Callable:
    prepared = world.writer.prepare(submission)
    return lambda ledger: ledger.record(prepared)


def _audit(world: World) -> float:
    record_in_batches(world, declarations(world, AUDITED))
    world.publisher.publish()
    keys = [signer(party, key) for party, of_party in SCOPES.items() for key in of_party]
    keys += [registrar(1).signer, registrar(2).signer, world.heads_signer]
    key_of = {key.id: Ed25519PublicKey.from_public_bytes(key.public_key) for key in keys}
    bare = Bare(world.folder / "ledger.db", signer("supplier", "supplier").public_key)
    size = world.audit().tree_size
    times: tuple[list[float], list[float]] = ([], [])
    beside = []
    for _ in range(RUNS):
        times[0].append(_timed(lambda: bare.audit(key_of, world.objects.objects)) / size)
        with one_thread():
            times[1].append(_timed(lambda: _verified(world)) / size)
        beside.append(_timed(lambda: _verified(world)) / size)
    (sample,) = declarations(world, 1)
    check = statistics.median(_timed(lambda: bare.verify(sample)) for _ in range(50))
    ratio = _line(f"audit, an entry of {size}", times, None, check)
    shipped = statistics.median(beside) * 1e6
    print(f"  both on one thread; ours as it ships, with signatures on a second: {shipped:.0f} us")
    bare.close()
    world.close()
    return ratio


def record_in_batches(world: World, submissions: Sequence[Submission]) -> None:
    for start in range(0, len(submissions), BATCH):
        record_together(world, submissions[start : start + BATCH])


def _verified(world: World) -> None:
    report = world.audit()
    assert report.verdict == "verified", report.findings


def _line(name: str, times: tuple[list[float], list[float]], floor: float | None, check: float) -> float:
    bare, ours = (statistics.median(part) for part in times)
    ratio = statistics.median(a / b for a, b in zip(*times, strict=True))
    raw = f"{ours / floor:12.2f}" if floor else " " * 11 + "-"
    print(
        f"{name:22}{bare * 1e6:11.0f}{ours * 1e6:12.0f}{ratio:8.2f}{raw:>17}{ours / check:19.2f}", flush=True
    )
    return ratio


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _audit_mib(entries: int) -> float:
    """Peak MiB of an audit whose log has so many leaves and always the same state."""
    command = [sys.executable, "-m", "tests.bench.memory", str(entries)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


if __name__ == "__main__":
    sys.exit(main())
