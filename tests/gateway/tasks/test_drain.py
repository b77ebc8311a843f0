"""The same promises without a broker: the server, or a worker of its own, looks for jobs itself."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.tasks.drain import Drain
from gateway.tasks.runner import Duty
from gateway.wiring import Installation
from ledger.errors import Rollback
from tests.conftest import POSTGRESQL, REPOSITORY, SQLITE
from tests.gateway.tasks import house as h
from tests.gateway.tasks.house import COUNT, DUTIES, HOLD, WRITE, cause, counted, effects, find, until


@contextmanager
def draining(installation: Installation) -> Iterator[list[Rollback]]:
    lost: list[Rollback] = []
    drain = Drain(installation, DUTIES, lost.append)
    drain.start()
    try:
        yield lost
    finally:
        drain.stop()


@contextmanager
def another_process(installation: Installation) -> Iterator[subprocess.Popen[bytes]]:
    settings = installation.settings
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.gateway.tasks.house", str(settings.home), settings.database_url, ""],
        cwd=REPOSITORY,
        start_new_session=True,
    )
    try:
        yield worker
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@pytest.mark.databases(SQLITE, POSTGRESQL)
def test_a_killed_process_loses_no_job_and_doubles_none(house: Installation) -> None:
    job = cause(house, HOLD, 1)
    with another_process(house):
        until(lambda: h.notes(house.home), "the first attempt")
    (house.home / "go").touch()
    for number in range(2, 6):
        cause(house, COUNT if number % 2 else WRITE, number)
    with draining(house):
        until(lambda: h.open_jobs(house) == 0, "the last job")
    assert (find(house, job).state, find(house, job).attempts) == ("done", 2)
    assert effects(house.home) == [1, 2, 4]
    assert counted(house) == {3: 1, 5: 1}


def test_two_processes_share_the_jobs(house: Installation) -> None:
    with draining(house), draining(house):
        for number in range(40):
            cause(house, COUNT, number)
        until(lambda: h.open_jobs(house) == 0, "the last job")
    assert counted(house) == dict.fromkeys(range(40), 1)


def test_a_long_job_keeps_a_short_one_from_nothing(house: Installation) -> None:
    with draining(house):
        cause(house, HOLD, 1)
        short = cause(house, COUNT, 2)
        until(lambda: find(house, short).state == "done", "the short one")
    assert effects(house.home) == [], "the long one was given back when the process ended"


def test_a_rollback_stops_the_drain_and_is_told(house: Installation) -> None:
    def act(_attempt, _told):
        raise Rollback("history is missing")

    lost: list[Rollback] = []
    cause(house, WRITE, 1)
    drain = Drain(house, {WRITE.name: Duty(WRITE, act)}, lost.append)
    drain.start()
    until(lambda: lost, "telling")
    drain.stop()
    assert str(lost[0]) == "history is missing"
