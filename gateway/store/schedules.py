"""Periodic work and the turn of the relay: rows that one of several processes wins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, select

from gateway.store.job_tables import RelayRow, ScheduleRow
from gateway.store.jobs import aware
from ledger.store.tables import table

SCHEDULES, RELAY = table(ScheduleRow), table(RelayRow)
_ONLY = 1


@dataclass(frozen=True, slots=True)
class Schedule:
    name: str
    next_due: datetime
    last_at: datetime | None
    mark: int


@dataclass(frozen=True, slots=True)
class Relay:
    """silent_since: when the broker stopped answering; None while it answers."""

    holder: str
    until: datetime
    silent_since: datetime | None


def get(connection: Connection, name: str) -> Schedule | None:
    row = connection.execute(select(SCHEDULES).where(SCHEDULES.c.name == name)).one_or_none()
    return None if row is None else _schedule(row)


def every(connection: Connection) -> list[Schedule]:
    return [_schedule(row) for row in connection.execute(select(SCHEDULES).order_by(SCHEDULES.c.name))]


def is_due(standing: Schedule | None, now: datetime, interval: timedelta) -> bool:
    """Whether it is time. Due two intervals ahead or more: the clock has gone far back since."""
    return standing is None or not now < standing.next_due < now + 2 * interval


def win(connection: Connection, name: str, now: datetime, interval: timedelta) -> bool:
    """Move a schedule that is due to its next time; True for the one who did it.

    What was missed while nothing ran is made up for once, not once for every time.
    """
    standing = get(connection, name)
    if not is_due(standing, now, interval):
        return False
    values = {"next_due": now + interval, "last_at": now}
    if standing is None:
        connection.execute(SCHEDULES.insert(), [{"name": name, "mark": 0, **values}])
        return True
    where = (SCHEDULES.c.name == name, SCHEDULES.c.next_due == standing.next_due)
    return connection.execute(SCHEDULES.update().where(*where).values(values)).rowcount == 1


def set_mark(connection: Connection, name: str, mark: int) -> None:
    connection.execute(SCHEDULES.update().where(SCHEDULES.c.name == name).values(mark=mark))


def relay(connection: Connection) -> Relay | None:
    row = connection.execute(select(RELAY)).one_or_none()
    if row is None:
        return None
    until = aware(row.until)
    assert until is not None
    return Relay(row.holder, until, aware(row.silent_since))


def hold_relay(connection: Connection, holder: str, now: datetime, lasting: timedelta) -> bool:
    """Take or keep the turn; False while another holds it."""
    standing = relay(connection)
    if standing is None:
        connection.execute(RELAY.insert(), [{"id": _ONLY, "holder": holder, "until": now + lasting}])
        return True
    if standing.holder != holder and now < standing.until <= now + lasting:
        return False
    connection.execute(RELAY.update().values(holder=holder, until=now + lasting))
    return True


def let_go_of_relay(connection: Connection, holder: str, now: datetime) -> None:
    connection.execute(RELAY.update().where(RELAY.c.holder == holder).values(until=now))


def broker_answers(connection: Connection, silent_since: datetime | None) -> None:
    """Note that the broker answers (None), or since when it does not; the first such time stands."""
    if silent_since is None:
        connection.execute(RELAY.update().values(silent_since=None))
    else:
        where = RELAY.c.silent_since.is_(None)
        connection.execute(RELAY.update().where(where).values(silent_since=silent_since))


def _schedule(row: Row[tuple[object, ...]]) -> Schedule:
    next_due = aware(row.next_due)
    assert next_due is not None
    return Schedule(row.name, next_due, aware(row.last_at), row.mark)
