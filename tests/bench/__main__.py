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
from ledger.writer import _recording
from tests.bench.bare import Bare
from tests.bench.catalogue import tell_catalogue
from tests.bench.codes import RATIO_MIN as CODES_RATIO_MIN
from tests.bench.codes import SPREAD_MAX as CODES_SPREAD_MAX
from tests.bench.codes import codes_ratio
from tests.bench.console import tell_console
from tests.bench.documents import RATIO_MIN as DOSSIER_RATIO_MIN
from tests.bench.documents import dossier_ratio
from tests.bench.grading import RATIO_MIN as GRADING_RATIO_MIN
from tests.bench.grading import grading_ratio
from tests.bench.heads import Cost, cost, stored_heads, tell
from tests.bench.http import RATIO_MIN as HTTP_RATIO_MIN
from tests.bench.http import http_ratio
from tests.bench.intake import RATIO_MIN as INTAKE_RATIO_MIN
from tests.bench.intake import intake_ratio
from tests.bench.jobs import tell_jobs
from tests.bench.labels import RATIO_MIN as LABELS_RATIO_MIN
from tests.bench.labels import label_ratio
from tests.bench.postgresql import RATIO_MIN as POSTGRESQL_RATIO_MIN
from tests.bench.postgresql import postgresql_ratio
from tests.bench.proofs import proof_seconds, whole_proof_seconds
from tests.bench.reservations import RATIO_MIN as RESERVATIONS_RATIO_MIN
from tests.bench.reservations import reservation_ratio
from tests.bench.scale import audit_at_scale
from tests.bench.workload import declarations, opened_world
from tests.ledger.world import SCOPES, World, registrar, signer

RUNS = 7
SINGLE = 100  # appends a run
BATCH = 256  # records a commit
AUDITED = 1_500  # entries
MEMORY_ENTRIES = (600, 2_400)
RATIO_MIN = 0.6
FASTER_MIN = 1.6  # two processes, in one
PART_MAX = 0.03  # an audit of 1 % new entries, in one of all
PROOF_SECONDS_MAX = 1e-3  # inclusion and wholeness at PROVED entries
PROVED = 1_000_000


def main() -> int:
    print(f"bench: median of {RUNS} alternating runs, Python {sys.version.split()[0]}", flush=True)
    gc.collect()
    gc.freeze()  # as a server does once it is wired: imports are no garbage
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        ratios = _appends(opened_world(Path(ours)), opened_world(Path(theirs)))
    with tempfile.TemporaryDirectory() as folder:
        ratios.append(_audit(opened_world(Path(folder))))
    taken_in, graded = intake_ratio(), grading_ratio()
    labelled = label_ratio()
    on_postgresql = postgresql_ratio(record_together)
    through_http = http_ratio()
    code_page, code_spread = codes_ratio()
    small, large = proof_seconds(10_000), proof_seconds(1_000_000)
    factor = large / small
    print(
        f"proof                 10^4 {small * 1e6:8.0f} us  10^6 {large * 1e6:8.0f} us  factor {factor:5.2f}"
    )
    tell_jobs()
    tell_console()
    tell_catalogue()
    reserved = reservation_ratio()
    documented = dossier_ratio()
    whole = _heads()
    faster, part = audit_at_scale()
    few, many = (_audit_mib(entries) for entries in MEMORY_ENTRIES)
    fewer, more = MEMORY_ENTRIES
    print(f"audit memory, peak    {fewer} entries {few:5.1f} MiB  {more} entries {many:5.1f} MiB")
    met = min(ratios) >= RATIO_MIN and factor <= 2 and graded >= GRADING_RATIO_MIN
    met = met and labelled >= LABELS_RATIO_MIN
    met = met and reserved >= RESERVATIONS_RATIO_MIN and documented >= DOSSIER_RATIO_MIN
    met = met and taken_in >= INTAKE_RATIO_MIN and through_http >= HTTP_RATIO_MIN
    met = met and code_page >= CODES_RATIO_MIN and code_spread <= CODES_SPREAD_MAX
    met = met and faster >= FASTER_MIN and part <= PART_MAX and whole < PROOF_SECONDS_MAX
    met = met and (on_postgresql is None or on_postgresql >= POSTGRESQL_RATIO_MIN)
    print(
        f"targets (ratio >= {RATIO_MIN}, intake >= {INTAKE_RATIO_MIN}, "
        f"grading >= {GRADING_RATIO_MIN}, labels >= {LABELS_RATIO_MIN}, "
        f"PostgreSQL >= {POSTGRESQL_RATIO_MIN} of SQLite, HTTP >= {HTTP_RATIO_MIN}, "
        f"reservations >= {RESERVATIONS_RATIO_MIN} of the bare statement, "
        f"dossiers >= {DOSSIER_RATIO_MIN} of bare Typst, "
        f"code >= {CODES_RATIO_MIN} of ready bytes with p99 <= {CODES_SPREAD_MAX} x p50, proof factor <= 2, "
        f"two processes >= {FASTER_MIN} x, 1 % new <= {PART_MAX}, "
        f"whole proof < {PROOF_SECONDS_MAX * 1e6:.0f} us): "
        f"{'met' if met else 'NOT met'}"
    )
    return 0


def _heads() -> float:
    """What a checkpoint costs, by subjects; returns the seconds of a whole proof in the largest tree."""
    costs: list[Cost] = []
    for subjects in (10_000, 100_000, PROVED):
        with stored_heads() as made:
            made.fill(subjects)
            if subjects == PROVED:
                whole = whole_proof_seconds(PROVED, made)
                print(f"inclusion + wholeness 10^6 {whole * 1e6:8.0f} us, cold: no tile and no node at hand")
            costs.append(cost(made))
    tell(costs)
    return whole


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
    tickets = [_recording(writer.prepare(one)) for one in batch]
    writer._waiting.extend(tickets[:-1])
    writer._run(tickets[-1])
    assert all(ticket.error is None for ticket in tickets)


def _audit(world: World) -> float:
    record_in_batches(world, declarations(world, AUDITED))
    world.publisher.publish()
    keys = [signer(party, key) for party, of_party in SCOPES.items() for key in of_party]
    keys += [registrar(1).signer, registrar(2).signer, world.heads_signer]
    key_of = {key.id: Ed25519PublicKey.from_public_bytes(key.public_key) for key in keys}
    bare = Bare(world.folder / "ledger.db", signer("supplier", "supplier").public_key)
    size = world.audit().tree_size
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        times[0].append(_timed(lambda: bare.audit(key_of, world.objects.objects)) / size)
        times[1].append(_timed(lambda: _verified(world)) / size)
    (sample,) = declarations(world, 1)
    check = statistics.median(_timed(lambda: bare.verify(sample)) for _ in range(50))
    ratio = _line(f"audit, an entry of {size}", times, None, check)
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
