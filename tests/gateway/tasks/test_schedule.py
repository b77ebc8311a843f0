"""Periodic work comes once a time, however many processes look at the clock, and whatever it shows."""

import threading
from datetime import timedelta

import pytest

from gateway.store import jobs, schedules
from gateway.store.jobs import Job
from gateway.tasks import schedule
from gateway.tasks.schedule import PERIODIC, Periodic, tick
from gateway.wiring import Installation
from tests.conftest import POSTGRESQL, SQLITE
from tests.gateway.tasks import house as h
from tests.gateway.tasks.test_runner import Moved

HOUR = timedelta(hours=1)


def _counting(name: str) -> Periodic:
    def cause(installation: Installation, ledger) -> None:
        h.enqueue(ledger.connection, h.COUNT, h.Number(number=1), now=installation.clock.now(), by=h.BY)

    return Periodic(name, HOUR, cause)


def caused(installation: Installation, kind: str = "count") -> list[Job]:
    with installation.database.reading() as connection:
        return jobs.listed(connection, kind=kind, limit=100)


@pytest.mark.databases(SQLITE, POSTGRESQL)
def test_many_schedulers_cause_a_job_once_a_time(house: Installation) -> None:
    clock, periodic = Moved(house), [_counting("hourly")]
    for expected in (1, 2, 3):
        threads = [threading.Thread(target=tick, args=(house, periodic)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(caused(house)) == expected
        clock.by += HOUR


def test_what_was_missed_is_made_up_for_once(house: Installation) -> None:
    clock, periodic = Moved(house), [_counting("hourly")]
    tick(house, periodic)
    clock.by += timedelta(days=30)
    tick(house, periodic)
    tick(house, periodic)
    assert len(caused(house)) == 2


def test_a_clock_that_went_back_a_year_stops_no_schedule(house: Installation) -> None:
    clock, periodic = Moved(house), [_counting("hourly")]
    clock.by = timedelta(days=365)
    tick(house, periodic)
    clock.by = timedelta(0)
    tick(house, periodic)
    assert len(caused(house)) == 2
    tick(house, periodic)
    assert len(caused(house)) == 2, "and goes on from there"


def test_a_clock_that_went_back_a_little_doubles_nothing(house: Installation) -> None:
    clock, periodic = Moved(house), [_counting("hourly")]
    tick(house, periodic)
    clock.by = -timedelta(minutes=5)
    tick(house, periodic)
    assert len(caused(house)) == 1


def test_a_record_that_became_visible_has_the_offers_judged_once(house: Installation) -> None:
    tick(house, [])
    assert len(caused(house, "recheck")) == 1, "nobody had followed the log before"
    tick(house, [])
    tick(house, [])
    assert len(caused(house, "recheck")) == 1
    with house.database.reading() as connection:
        followed = schedules.get(connection, schedule.FOLLOW)
    assert followed is not None
    assert followed.mark == house.verifier().checkpoint.size


def test_every_schedule_causes_jobs_that_exist(house: Installation) -> None:
    tick(house)
    with house.database.reading() as connection:
        assert {one.name for one in schedules.every(connection)} == {
            *(one.name for one in PERIODIC), schedule.FOLLOW,
        }  # fmt: skip
    with house.database.reading() as connection:
        found = {job.kind for job in jobs.listed(connection, limit=100)}
    expected = {"recheck", "purge", "clean", "sweep", "age_scans", "tell_searches", "push_offers"}
    assert found == expected, "nothing is parked, no order waits"
