"""Attempts to come in, counted in the database: several processes guess no faster than one."""

import math
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from gateway.people.throttle import FORGOTTEN_AFTER, Subject, delay
from gateway.store import sessions
from gateway.store.sessions import Attempts
from gateway.wiring import Installation
from ledger.record import Ledger


def take(installation: Installation, *subjects: Subject) -> int:
    """Count one attempt against every subject, before it is judged.

    Returns 0 when it may be judged, else the seconds to wait; then nothing was counted.
    """
    now = installation.wall_clock.now()

    def unit(ledger: Ledger) -> int:
        known = {subject: sessions.attempts(ledger.connection, _key(subject)) for subject in subjects}
        wait = max((_left(one, now) for one in known.values() if one is not None), default=0)
        if wait == 0:
            for subject, one in known.items():
                failures = 1 + (one.failures if one and one.last_at > now - FORGOTTEN_AFTER else 0)
                counted = Attempts(failures, now, now + delay(subject.kind, failures))
                sessions.count_attempt(ledger.connection, _key(subject), counted)
        return wait

    return installation.writer.do(unit)


def forgive(connection: Connection, whom: Subject, *, through: Subject) -> None:
    """The attempt was right: forget all against ``whom``, and this one against its address."""
    sessions.forget_attempts(connection, _key(whom))
    counted = sessions.attempts(connection, _key(through))
    if counted is not None and counted.failures > 0:
        back = Attempts(counted.failures - 1, counted.last_at, counted.last_at)
        sessions.count_attempt(connection, _key(through), back)


def _left(counted: Attempts, now: datetime) -> int:
    return max(0, math.ceil((counted.blocked_until - now).total_seconds()))


def _key(subject: Subject) -> str:
    digest = sha256(subject.name.encode("utf-8", "backslashreplace")).hexdigest()
    return f"{subject.kind}:{digest[:40]}"
