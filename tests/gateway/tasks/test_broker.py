"""Jobs through a real RabbitMQ: each effect once, nothing lost, whatever is killed, doubled or forged."""

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import kombu
import pytest

from gateway import wiring
from gateway.settings import Settings
from gateway.store import jobs, schedules
from gateway.tasks.broker import JOBS_QUEUE, QUEUE, TASK
from gateway.tasks.relay import Relay, RelayThread
from gateway.tasks.runner import Runner
from gateway.wiring import Installation
from tests.conftest import POSTGRESQL, REPOSITORY, SQLITE
from tests.gateway.tasks import house as h
from tests.gateway.tasks.house import COUNT, DIE, DUTIES, HOLD, WRITE, cause, counted, effects, find, until
from tests.rabbitmq import Broker, NoBroker


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    try:
        made = Broker()
    except NoBroker as missing:
        pytest.skip(str(missing))
    yield made
    made.stop()


@pytest.fixture
def served(house: Installation, broker: Broker) -> Iterator[Installation]:
    """The house as a server opens it, with a broker and a queue that is empty."""
    with kombu.Connection(broker.url) as connection:
        JOBS_QUEUE(connection.channel()).declare()
        JOBS_QUEUE(connection.channel()).purge()
    settings = house.settings.model_copy(update={"broker_url": Settings(broker_url=broker.url).broker_url})
    made = wiring.open_(settings, publishes=False)
    yield made
    made.close()


@contextmanager
def relaying(installation: Installation, count: int = 1) -> Iterator[None]:
    threads = [RelayThread(installation, DUTIES) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.stop()


@contextmanager
def working(installation: Installation) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with one child, as ``lotproof worker`` starts it; ended in order, or killed by the test."""
    settings = installation.settings
    worker = subprocess.Popen(
        [
            sys.executable, "-m", "tests.gateway.tasks.house",
            str(settings.home), settings.database_url, settings.broker_url.get_secret_value(),
        ],
        cwd=REPOSITORY,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield worker
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def publish(broker: Broker, body: bytes, content_type: str = "application/json", **headers: object) -> None:
    with kombu.Connection(broker.url) as connection:
        channel = connection.channel()
        message = channel.prepare_message(
            body, content_type=content_type, content_encoding="utf-8", headers=headers,
            properties={"delivery_mode": 2, "correlation_id": "x"},
        )  # fmt: skip
        channel.basic_publish(message, exchange=QUEUE, routing_key=QUEUE)


def refused(installation: Installation) -> dict[str, int]:
    with installation.database.reading() as connection:
        return {one.why: one.count for one in jobs.refused(connection)}


def idle(installation: Installation) -> bool:
    return h.open_jobs(installation) == 0


@pytest.mark.databases(SQLITE, POSTGRESQL)
def test_jobs_are_done_once_with_two_relays_and_messages_delivered_twice(
    served: Installation, broker: Broker
) -> None:
    with working(served), relaying(served, 2):
        ids = [cause(served, COUNT if n % 2 else WRITE, n) for n in range(20)]
        body = [[ids[3], "req-1"], {}, {}]
        for _ in range(5):
            publish(broker, json.dumps(body).encode(), task=TASK, id="1", root_id="1")
        until(lambda: idle(served), "the last job")
        for job in (ids[3], ids[4]):  # and once more when all is done
            publish(broker, json.dumps([[job, ""], {}, {}]).encode(), task=TASK, id="2", root_id="2")
        last = cause(served, COUNT, 99)
        until(lambda: find(served, last).state == "done", "a later job")
    assert counted(served) == {**dict.fromkeys(range(1, 20, 2), 1), 99: 1}
    assert effects(served.home) == list(range(0, 20, 2))
    assert sorted(h.notes(served.home)) == sorted(f"attempt {n}" for n in range(0, 20, 2))
    assert find(served, ids[3]).request_id == "req-1"


def test_a_worker_and_its_child_are_killed_in_the_middle_of_a_job(served: Installation) -> None:
    """First the child alone, then the whole worker; the third attempt comes to its end."""
    job = cause(served, HOLD, 1)
    with relaying(served):
        with working(served) as worker:
            until(lambda: find(served, job).resume_at is not None, "the first attempt's mark")
            os.kill(int(h.notes(served.home)[0].split()[2]), signal.SIGKILL)
            until(lambda: len(h.notes(served.home)) == 2, "the second attempt")
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        (served.home / "go").touch()
        with working(served):
            until(lambda: idle(served), "the third attempt")
    done = find(served, job)
    assert (done.state, done.attempts) == ("done", 3)
    assert [line.split()[0] for line in h.notes(served.home)] == ["begun", "resumed", "resumed", "attempt"]
    assert effects(served.home) == [1]


def test_a_job_that_kills_its_workers_is_parked_and_the_queue_moves_on(served: Installation) -> None:
    poison, good = cause(served, DIE, 1), cause(served, COUNT, 2)
    with working(served), relaying(served):
        until(lambda: find(served, poison).state == "parked", "parking the poison")
        until(lambda: find(served, good).state == "done", "the job behind it")
    parked = find(served, poison)
    assert (parked.reason, parked.attempts) == ("worker-lost", 3)
    assert h.notes(served.home) == ["died 1"] * 3
    assert counted(served) == {2: 1}


def test_what_is_no_message_of_ours_is_refused_counted_and_never_run(
    served: Installation, broker: Broker
) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, (f"touch {served.home / 'pwned'}",)

    unknown, ours = "0" * 32, {"task": TASK, "id": "1", "root_id": "1"}
    evil = pickle.dumps([[Evil()], {}, {}])
    with working(served), relaying(served):
        publish(broker, evil, "application/x-python-serialize", **ours)
        publish(broker, evil, **ours)
        publish(broker, b"\xff\x00 not json", **ours)
        publish(broker, b"[" * 4000, **ours)
        publish(broker, b"[[], {}, {}]", task="os.system", id="1", root_id="1")
        publish(broker, b"[[], {}, {}]", task="celery.backend_cleanup", id="1", root_id="1")
        publish(broker, b"[[], {}, {}]", **ours)
        publish(broker, b"{}", id="1")
        publish(broker, json.dumps([[unknown, ""], {}, {"chain": [{"task": "x"}]}]).encode(), **ours)
        publish(broker, json.dumps([[unknown, ""], {}, {}]).encode(), **ours, eta="2030-01-01T00:00:00")
        publish(broker, json.dumps([[unknown, ""], {}, {}]).encode(), **ours)
        good = cause(served, COUNT, 1)
        until(lambda: find(served, good).state == "done", "the job behind them")
    assert refused(served) == {"undecodable": 4, "unknown-task": 2, "malformed": 4, "unknown-job": 1}
    assert not (served.home / "pwned").exists()


def test_a_broker_that_goes_away_and_comes_back_loses_nothing(served: Installation, broker: Broker) -> None:
    """Jobs are caused while it is away, and the page can say since when they wait for it."""
    with working(served), relaying(served):
        before = cause(served, COUNT, 1)
        until(lambda: find(served, before).state == "done", "a job before it")
        broker.halt()
        try:
            waiting = [cause(served, COUNT, n) for n in range(2, 6)]

            def silent_since() -> object:
                with served.database.reading() as connection:
                    standing = schedules.relay(connection)
                return standing and standing.silent_since

            until(silent_since, "noticing")
            assert {find(served, job).state for job in waiting} == {"waiting"}
        finally:
            broker.start()
        until(lambda: idle(served), "the jobs that waited")
        until(lambda: not silent_since(), "noticing")
    assert counted(served) == dict.fromkeys(range(1, 6), 1)


def test_a_message_that_the_broker_lost_is_sent_again(served: Installation, broker: Broker) -> None:
    job = cause(served, COUNT, 1)
    relay = Relay(served, lost_after=timedelta(0))
    assert relay.round() == 1
    with kombu.Connection(broker.url) as connection:
        assert JOBS_QUEUE(connection.channel()).purge() == 1
    assert relay.round() == 1
    relay.close()
    assert Relay(served).round() == 0, "what was just handed over is not sent again"
    with working(served):
        until(lambda: find(served, job).state == "done")


def test_one_of_two_relays_works_until_it_lets_go(served: Installation) -> None:
    cause(served, COUNT, 1)
    first, second = Relay(served), Relay(served)
    assert first.round() == 1
    cause(served, COUNT, 2)
    assert second.round() == 0
    first.close()
    assert second.round() == 1
    second.close()


def test_a_job_behind_another_of_its_subject_is_not_handed_over(served: Installation) -> None:
    cause(served, h.SKIP, 1, subject="lot:a")
    cause(served, h.SKIP, 2, subject="lot:a")
    relay = Relay(served)
    assert relay.round() == 1
    Runner(served, DUTIES).run_next()
    assert relay.round() == 1
    relay.close()
