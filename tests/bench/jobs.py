"""From the outbox to the effect: how long after its cause was committed a job has been done.

Measured where the effect happens, one job at a time (what a person feels) and in a burst (what a busy hour
feels), by the server itself and by a worker behind RabbitMQ.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from gateway import wiring
from gateway.settings import Settings
from gateway.tasks.drain import Drain
from gateway.tasks.relay import RelayThread
from gateway.wiring import Installation
from gateway.workflows.parties import open_log
from tests.conftest import REPOSITORY
from tests.gateway.tasks.house import COUNT, DUTIES, cause, find, open_jobs, until
from tests.rabbitmq import Broker, NoBroker

SINGLE = 60  # jobs, each after the one before it
BURST = 200  # jobs at once


def tell_jobs() -> None:
    """Prints p50 and p99 without and with a broker; says aloud where there is none."""
    with tempfile.TemporaryDirectory() as folder:
        installation = _opened(Settings(home=Path(folder) / "home"))
        drain = Drain(installation, DUTIES, print)
        drain.start()
        _tell("in process", installation)
        drain.stop()
        installation.close()
    try:
        broker = Broker()
    except NoBroker as missing:
        print(f"jobs, RabbitMQ        not measured: {missing}", flush=True)
        return
    try:
        with tempfile.TemporaryDirectory() as folder:
            _through(broker, Path(folder) / "home")
    finally:
        broker.stop()


def _through(broker: Broker, home: Path) -> None:
    installation = _opened(Settings(home=home, broker_url=broker.url))
    command = [sys.executable, "-m", "tests.gateway.tasks.house", str(home), "", broker.url]
    worker = subprocess.Popen(command, cwd=REPOSITORY)
    relay = RelayThread(installation, DUTIES)
    relay.start()
    try:
        _tell("RabbitMQ", installation)
    finally:
        relay.stop()
        worker.terminate()
        worker.wait()
        installation.close()


def _opened(settings: Settings) -> Installation:
    installation = wiring.create(settings)
    open_log(installation)
    return installation


def _tell(name: str, installation: Installation) -> None:
    first = cause(installation, COUNT, 0)  # not measured: whoever does it is starting
    until(lambda: find(installation, first).state == "done")
    single = []
    for number in range(SINGLE):
        job = cause(installation, COUNT, number)
        while find(installation, job).state != "done":
            time.sleep(0.001)
        single.append(_latency_s(installation, job))
    began = time.perf_counter()
    burst = [cause(installation, COUNT, number) for number in range(BURST)]
    until(lambda: open_jobs(installation) == 0)
    rate = BURST / (time.perf_counter() - began)
    print(
        f"jobs, {name:<15} one at a time {_quantiles(single)}   {BURST} at once "
        f"{_quantiles([_latency_s(installation, job) for job in burst])}   {rate:5.0f} a second",
        flush=True,
    )


def _latency_s(installation: Installation, job_id: str) -> float:
    job = find(installation, job_id)
    assert job.finished_at is not None
    return (job.finished_at - job.created_at).total_seconds()


def _quantiles(seconds: Sequence[float]) -> str:
    parts = statistics.quantiles(seconds, n=100)
    return f"p50 {parts[49] * 1e3:6.1f} ms  p99 {parts[98] * 1e3:6.1f} ms"


if __name__ == "__main__":
    tell_jobs()
