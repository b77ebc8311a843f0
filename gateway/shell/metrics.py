"""Figures for a scraper, in one registry an application (Prometheus text format).

What every process counts for itself (requests, scans, refusals) is summed over processes by the scraper; each
``serve`` is its own target. What stands in the database (entries, ages) is the same from all of them.
"""

import shutil
from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from gateway.wiring import Installation
from gateway.workflows.readiness import outbox_age_s, waiting
from ledger.errors import LedgerError

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
RECORDING = "/v1/records"

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series a counter, that nobody asks for


class Metrics:
    """The counters of one application. route: the template of an address, never the address itself."""

    def __init__(self, installation: Installation) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "lotproof_http_requests",
            "Answers, by method, route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "lotproof_http_request_seconds",
            "From the request to the end of its answer.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._append_seconds = Histogram(
            "lotproof_append_seconds",
            "Recording one signed statement, durable.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self._forks_refused = Counter(
            "lotproof_forks_refused", "Records signed on a head that had moved.", registry=self.registry
        )
        self._verify_failures = Counter(
            "lotproof_verify_failures", "Answers refused because proofs failed.", registry=self.registry
        )
        self.scans = Counter(
            "lotproof_scans", "Codes opened, by what their page said.", ["state"], registry=self.registry
        )
        self.scans_dropped = Counter(
            "lotproof_scans_dropped", "Readings of codes that were not counted.", registry=self.registry
        )
        self.registry.register(Figures(installation))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if route == RECORDING and method == "POST" and status < 300:
            self._append_seconds.observe(seconds)

    def refused(self, slug: str) -> None:
        if slug == "stale-subject":
            self._forks_refused.inc()
        elif slug == "could-not-check":
            self._verify_failures.inc()

    def text(self) -> bytes:
        return generate_latest(self.registry)


class Figures(Collector):
    """Read when somebody scrapes. A figure that cannot be read is left out, and ``lotproof_up`` says so."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def collect(self) -> Iterator[Metric]:
        installation, up = (
            self._installation,
            GaugeMetricFamily("lotproof_up", "1 when read.", labels=["part"]),
        )
        for part, figures in (("log", _of_log), ("outbox", _of_outbox), ("disk", _of_disk)):
            try:
                found = list(figures(installation))
            except (LedgerError, SQLAlchemyError, OSError, ValueError):
                found = []
            up.add_metric([part], 1 if found else 0)
            yield from found
        yield up


def _of_log(installation: Installation) -> Iterator[Metric]:
    now = waiting(installation)
    yield CounterMetricFamily("lotproof_appends", "Entries sequenced since the log began.", now.entries)
    yield GaugeMetricFamily(
        "lotproof_oldest_unsealed_seconds", "How long the first invisible entry waits.", now.oldest_s
    )
    lag = now.behind if installation.publication_policy else 0
    yield GaugeMetricFamily("lotproof_witness_lag", "Entries that the witnesses have not let through.", lag)


def _of_outbox(installation: Installation) -> Iterator[Metric]:
    age_s = outbox_age_s(installation)
    yield GaugeMetricFamily("lotproof_outbox_age_seconds", "How long the oldest open job waits.", age_s)


def _of_disk(installation: Installation) -> Iterator[Metric]:
    free = shutil.disk_usage(installation.home).free
    yield GaugeMetricFamily("lotproof_disk_free_bytes", "Free where the installation lies.", free)
