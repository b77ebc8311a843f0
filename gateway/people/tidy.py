"""What has run out is deleted; periodic work calls this, and a second call finds nothing."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from gateway.people.events import KEPT
from gateway.people.sessions import IDLE
from gateway.people.throttle import FORGOTTEN_AFTER
from gateway.store import people, security_log, sessions
from gateway.wiring import Installation

SHOWN_AFTER: Final = timedelta(days=30)  # how long a link that ran out still says so


def tidy(installation: Installation, connection: Connection) -> int:
    """Delete dead sessions, logins, invitations, counters and old events; how many rows.

    Runs inside the caller's transaction.
    """
    now = installation.wall_clock.now()
    return (
        sessions.forget(connection, now, idle=IDLE)
        + sessions.forget_logins(connection, before=now - SHOWN_AFTER)
        + people.forget_invitations(connection, now - SHOWN_AFTER)
        + sessions.forget_old_attempts(connection, now - FORGOTTEN_AFTER)
        + security_log.forget(connection, now - KEPT)
    )
