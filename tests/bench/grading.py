"""Ten thousand articles measured, graded and recorded, against ten thousand bare declarations in batches.

Ours: the measurements are graded, salted and hashed into rows, and one signed inspection of them all is
checked (signature, root, every grade again, every unit once) and made durable. Bare: as many single
records with nothing but their signatures checked, 256 a commit.
"""

import gc
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ledger.author import Draft, described, new_id, salted_rows
from ledger.lots.grading import grade
from ledger.lots.schemes import load_schemes
from tests.bench.bare import Bare
from tests.bench.workload import declarations, opened_world
from tests.ledger.world import PARTIES, World, hand, ident, measured, scheme_used, signer

ARTICLES = 10_000
BATCH = 256  # records a commit
RUNS = 3
RATIO_MIN = 0.5


def grading_ratio() -> float:
    """Articles a second, as a part of the records a second of a bare batched intake."""
    scheme = load_schemes()["electronics"]
    with tempfile.TemporaryDirectory() as mine, tempfile.TemporaryDirectory() as theirs:
        world, other = opened_world(Path(mine)), opened_world(Path(theirs))
        bare = Bare(other.folder / "ledger.db", signer("supplier", "supplier").public_key)
        raw, ours = [], []
        for _ in range(RUNS):
            batches = [declarations(other, BATCH) for _ in range(ARTICLES // BATCH)]
            gc.collect()
            raw.append(_timed(lambda batches=batches: [bare.append(one) for one in batches]))
            lot, work, event = _received(world)
            facts = _measurements(event)
            gc.collect()
            inspect = lambda lot=lot, work=work, facts=facts: _inspect(world, lot, work, facts, scheme)  # noqa: E731
            ours.append(_timed(inspect))
            assert world.state(lot).inspection.grades.keys() == {"A", "B", "C"}
        bare.close()
        other.close()
        world.close()
    each, bare_each = (
        statistics.median(part) / count
        for part, count in ((ours, ARTICLES), (raw, ARTICLES // BATCH * BATCH))
    )
    ratio = bare_each / each
    print(
        f"inspection of {ARTICLES} articles {each * 1e6:6.0f} us an article, bare intake "
        f"{bare_each * 1e6:4.0f} us a record, ratio {ratio:.2f}"
    )
    return ratio


def _measurements(event: str) -> list[dict[str, Any]]:
    """What came from the benches: one row an article."""
    scratches = ("0", "1", "2", "9", "24")
    return [
        {
            "src": {"event_id": event, "n": n},
            "measured": measured(scratches[n % 5], str(70 + n % 31)),
            "label_state": "intact",
        }
        for n in range(ARTICLES)
    ]


def _received(world: World) -> tuple[str, str, str]:
    """A received lot of ARTICLES phones with an inspection assigned: lot, work, event id of its rows."""
    lot, work = new_id("lot"), new_id("work")
    rows = salted_rows([{"serial": secrets.token_hex(8)} for _ in range(ARTICLES)])
    told = {"quantity": ARTICLES, "manifest": described(rows, "phone-declared/1")}
    declared = world.record(world.declared(data=told, rows=[rows], subjects=[lot]))
    counted = {"declared": ARTICLES, "counted": ARTICLES, "unidentified": 0}
    world.record(world.received(data=counted, subjects=[lot]))
    data = {"kind": "inspection", "worker_party": PARTIES["inspector"]}
    world.record(Draft("work.assigned", [hand("operator", "custodian")], data, [work], refs=[lot]))
    return lot, work, declared.event_id


def _inspect(world: World, lot: str, work: str, facts: Sequence[dict[str, Any]], scheme: Any) -> None:
    gradings = [grade(scheme, one["measured"]) for one in facts]
    counts = Counter(one.grade for one in gradings)
    rows = salted_rows(facts)
    data = {
        "coverage": "full",
        "scheme": scheme_used(),
        "grades": [{"grade": letter, "count": counts[letter]} for letter in sorted(counts)],
        "label_states": ["intact"],
        "score_min": min(one.score for one in gradings if one.score is not None),
        "measured_at": "2026-11-20",
        "manifest": described(rows, "measurements/2"),
    }
    hands = [hand("inspector", "inspector")]
    subjects = sorted([lot, work])
    worker = ident("worker", "careful")
    world.record(Draft("lot.inspected", hands, data, subjects, rows=[rows], performed_by=worker))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    grading_ratio()
