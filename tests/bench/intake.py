"""Bulk intake against the bare verification of the same signatures on one core."""

import statistics
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.core.envelope import signing_input
from ledger.intake import Intake
from ledger.record import Entry, Submission
from tests.bench.workload import declarations, opened_world
from tests.ledger.world import signer

RECORDS = 2_048
RUNS = 5
RATIO_MIN = 0.5
ITEMS_A_DAY = 100_000  # that one site takes in


def intake_ratio() -> float:
    """Records taken in with every check, as a part of those whose signature alone is verified."""
    key = Ed25519PublicKey.from_public_bytes(signer("supplier", "supplier").public_key)
    bare, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        world = opened_world(Path(folder))
        with Intake(world.writer) as bulk:
            for _ in range(RUNS):
                batch = declarations(world, RECORDS)
                start = time.perf_counter()
                for one in batch:
                    key.verify(one.signatures[0], signing_input(one.body))
                bare.append(time.perf_counter() - start)
                ours.append(_taken_in(bulk, batch))
        world.close()
    ratio = statistics.median(a / b for a, b in zip(bare, ours, strict=True))
    each = statistics.median(ours) / RECORDS * 1e6
    print(
        f"bulk intake, all checks {each:6.0f} us a record, {ratio:.2f} of one core's bare verification; "
        f"{ITEMS_A_DAY} items of a day, each with a record of its own: {each * ITEMS_A_DAY / 60e6:.1f} min"
    )
    return ratio


def _taken_in(bulk: Intake, batch: list[Submission]) -> float:
    start = time.perf_counter()
    answers = list(bulk.record_all(batch))
    taken = time.perf_counter() - start
    assert all(isinstance(one, Entry) for one in answers)
    return taken
