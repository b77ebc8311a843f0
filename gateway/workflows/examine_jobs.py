"""Whether jobs are being done: what ``lotproof doctor`` and readiness say of the outbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.store import job_leases, jobs, schedules
from gateway.tasks import kinds
from gateway.wiring import Installation

LATE: Final = timedelta(minutes=2)  # a job that may start is begun much sooner where anybody works


@dataclass(frozen=True, slots=True)
class Outbox:
    """open: neither done nor given up. late_since: of the oldest that could have begun long ago.

    silent_since: of the broker; None where it answers, or there is none.
    """

    open: int
    parked: int
    late_since: datetime | None
    silent_since: datetime | None
    has_broker: bool


def look(installation: Installation) -> Outbox:
    now = installation.clock.now()
    with installation.database.reading() as connection:
        counts = jobs.counts(connection)
        first = job_leases.startable(connection, now, kinds=kinds.ALL)
        relay = schedules.relay(connection)
    since = max(first[0].created_at, first[0].run_after) if first else None
    has_broker = bool(installation.settings.broker_url.get_secret_value())
    return Outbox(
        open=sum(counts.get(state, 0) for state in jobs.OPEN),
        parked=counts.get("parked", 0),
        late_since=since if since is not None and now - since > LATE else None,
        silent_since=relay.silent_since if relay and has_broker else None,
        has_broker=has_broker,
    )
