"""The page says why a job waits, and the reason is the true one."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.store.jobs import Job
from gateway.store.schedules import Relay
from gateway.tasks.why import PICKED_UP, Wait, why

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def job(**facts: object) -> Job:
    values: dict[str, object] = {
        "n": 1, "id": "a" * 32, "kind": "mail", "subject": "", "line": "free", "unique_key": None,
        "arguments": {}, "state": "waiting", "run_after": NOW, "attempts": 0, "max_attempts": 3,
        "lease_owner": "", "lease_token": None, "lease_until": None, "handed_over_at": None,
        "is_cancelling": False, "progress_done": 0, "progress_total": 0, "progress_unit": "",
        "resume_at": None, "result": {}, "reason": "", "detail": "", "request_id": "", "started_by": "",
        "created_at": NOW, "started_at": None, "finished_at": None,
    }  # fmt: skip
    return Job(**(values | facts))  # type: ignore[arg-type]


def relay(*, silent_since: datetime | None = None, until: datetime = NOW + 5 * SECOND) -> Relay:
    return Relay("somebody", until, silent_since)


AHEAD, PARKED = job(state="retrying"), job(state="parked")
SILENT = relay(silent_since=NOW - 3 * SECOND)
CASES = {
    "one that runs waits for nothing": (job(state="running"), None, None, Wait()),
    "nor does one that ended": (job(state="parked"), None, None, Wait()),
    "nobody knows it": (job(kind="from-the-future"), None, None, Wait("unknown-kind")),
    "another is ahead": (job(), AHEAD, None, Wait("line", behind=AHEAD)),
    "another is parked": (job(), PARKED, None, Wait("line-parked", behind=PARKED)),
    "it failed": (
        job(state="retrying", reason="failed", run_after=NOW + SECOND), None, None,
        Wait("again", NOW + SECOND),
    ),
    "it is for later": (job(run_after=NOW + SECOND), None, None, Wait("later", NOW + SECOND)),
    "it is the next": (job(), None, None, Wait("next")),
    "nobody works": (
        job(created_at=NOW - PICKED_UP, run_after=NOW - PICKED_UP), None, None,
        Wait("no-worker", NOW - PICKED_UP),
    ),
    "no server hands it over": (job(), None, relay(until=NOW - SECOND), Wait("no-relay")),
    "the broker is away": (job(), None, SILENT, Wait("broker", NOW - 3 * SECOND)),
    "the broker has it": (
        job(handed_over_at=NOW - SECOND), None, relay(), Wait("handed-over", NOW - SECOND)
    ),
    "it is about to be handed over": (job(), None, relay(), Wait("next")),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_reason_is_the_first_that_holds(case: str) -> None:
    found, ahead, standing, expected = CASES[case]
    assert why(found, ahead, has_broker=standing is not None, relay=standing, now=NOW) == expected


def test_a_server_that_never_handed_anything_over_is_none() -> None:
    assert why(job(), None, has_broker=True, relay=None, now=NOW) == Wait("no-relay")
