"""Signed-in browsers, the links that print-outs carry, and counted attempts to come in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, or_, select, update

from gateway.permissions import Role
from gateway.store import people_tables, tables
from gateway.store.people import MEMBERSHIPS, USERS, as_utc
from ledger.store.tables import table

SESSIONS, LOGINS = table(people_tables.WebSessionRow), table(people_tables.LoginRow)
ATTEMPTS, COMPANIES = table(people_tables.AttemptsRow), table(tables.CompanyRow)


@dataclass(frozen=True, slots=True)
class NewSession:
    id: str
    user_id: str
    membership: str
    csrf: str
    second_factor: bool
    offered_secret: str | None
    began_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class StandingSession:
    """A session with the user and the membership behind it, as both stand now.

    company_status: of a buyer's company; None for everybody else.
    """

    id: str
    token_hash: str
    user_id: str
    user_name: str
    language: str
    demo: bool
    has_second_factor: bool
    membership: str
    role: Role
    organisation: str
    company_status: str | None
    csrf: str
    second_factor: bool
    offered_secret: str | None
    began_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OwnSession:
    """What its owner is shown."""

    id: str
    began_at: datetime
    seen_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class PrintedLogin:
    user_id: str
    membership: str
    expires_at: datetime
    used: bool


@dataclass(frozen=True, slots=True)
class Attempts:
    failures: int
    last_at: datetime
    blocked_until: datetime


def add(connection: Connection, token_hash: str, value: NewSession) -> None:
    members = {name: getattr(value, name) for name in value.__slots__}
    connection.execute(SESSIONS.insert(), [{"token_hash": token_hash, **members}])


def standing(
    connection: Connection, token_hash: str, now: datetime, *, idle: timedelta
) -> StandingSession | None:
    """One query; None when the session ran out, or its user or membership is not there any more."""
    row = connection.execute(
        select(
            SESSIONS,
            USERS.c.name,
            USERS.c.language,
            USERS.c.demo,
            USERS.c.totp_secret,
            MEMBERSHIPS.c.role,
            MEMBERSHIPS.c.organisation,
            COMPANIES.c.status,
        )
        .join(USERS, and_(USERS.c.id == SESSIONS.c.user_id, USERS.c.disabled.is_(False)))
        .join(
            MEMBERSHIPS,
            and_(MEMBERSHIPS.c.id == SESSIONS.c.membership, MEMBERSHIPS.c.user_id == SESSIONS.c.user_id),
        )
        .outerjoin(COMPANIES, COMPANIES.c.id == MEMBERSHIPS.c.organisation)
        .where(SESSIONS.c.token_hash == token_hash)
    ).one_or_none()
    if row is None or as_utc(row.expires_at) <= now or as_utc(row.seen_at) + idle <= now:
        return None
    return StandingSession(
        id=row.id,
        token_hash=row.token_hash,
        user_id=row.user_id,
        user_name=row.name,
        language=row.language,
        demo=row.demo,
        has_second_factor=row.totp_secret is not None,
        membership=row.membership,
        role=row.role,
        organisation=row.organisation,
        company_status=row.status,
        csrf=row.csrf,
        second_factor=row.second_factor,
        offered_secret=row.offered_secret,
        began_at=as_utc(row.began_at),
        seen_at=as_utc(row.seen_at),
        expires_at=as_utc(row.expires_at),
    )


def of_user(connection: Connection, user_id: str, now: datetime, *, idle: timedelta) -> list[OwnSession]:
    """Those that still let in, the one seen last first."""
    rows = connection.execute(
        select(SESSIONS)
        .where(SESSIONS.c.user_id == user_id, SESSIONS.c.expires_at > now, SESSIONS.c.seen_at > now - idle)
        .order_by(SESSIONS.c.seen_at.desc(), SESSIONS.c.id)
    )
    return [
        OwnSession(row.id, as_utc(row.began_at), as_utc(row.seen_at), row.address, row.agent) for row in rows
    ]


def seen(connection: Connection, token_hash: str, now: datetime) -> None:
    connection.execute(update(SESSIONS).where(SESSIONS.c.token_hash == token_hash).values(seen_at=now))


def offer_secret(connection: Connection, token_hash: str, secret: str) -> None:
    connection.execute(
        update(SESSIONS).where(SESSIONS.c.token_hash == token_hash).values(offered_secret=secret)
    )


def end(connection: Connection, token_hash: str) -> bool:
    return connection.execute(delete(SESSIONS).where(SESSIONS.c.token_hash == token_hash)).rowcount == 1


def end_one(connection: Connection, user_id: str, id_: str) -> bool:
    """False when the user has no such session."""
    gone = connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id, SESSIONS.c.id == id_))
    return gone.rowcount == 1


def end_of_user(connection: Connection, user_id: str, *, but: str = "") -> None:
    """but: hash of the token whose session goes on."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id, SESSIONS.c.token_hash != but))


def end_of_membership(connection: Connection, membership: str) -> None:
    connection.execute(delete(SESSIONS).where(SESSIONS.c.membership == membership))


def forget(connection: Connection, now: datetime, *, idle: timedelta) -> int:
    """Delete what lets nobody in any more."""
    gone = connection.execute(
        delete(SESSIONS).where(or_(SESSIONS.c.expires_at <= now, SESSIONS.c.seen_at <= now - idle))
    )
    return gone.rowcount


def add_login(connection: Connection, token_hash: str, value: PrintedLogin) -> None:
    members = {name: getattr(value, name) for name in value.__slots__}
    connection.execute(LOGINS.insert(), [{"token_hash": token_hash, **members}])


def login(connection: Connection, token_hash: str) -> PrintedLogin | None:
    row = connection.execute(select(LOGINS).where(LOGINS.c.token_hash == token_hash)).one_or_none()
    return None if row is None else PrintedLogin(
        row.user_id, row.membership, as_utc(row.expires_at), row.used
    )  # fmt: skip


def use_login(connection: Connection, token_hash: str, now: datetime) -> bool:
    taken = connection.execute(
        update(LOGINS)
        .where(LOGINS.c.token_hash == token_hash, LOGINS.c.used.is_(False), LOGINS.c.expires_at > now)
        .values(used=True)
    )
    return taken.rowcount == 1


def forget_logins(connection: Connection, *, before: datetime | None = None) -> int:
    """before: only those that ran out by then; None for all."""
    gone = delete(LOGINS) if before is None else delete(LOGINS).where(LOGINS.c.expires_at < before)
    return connection.execute(gone).rowcount


def attempts(connection: Connection, subject: str) -> Attempts | None:
    row = connection.execute(select(ATTEMPTS).where(ATTEMPTS.c.subject == subject)).one_or_none()
    return None if row is None else _attempts(row)


def count_attempt(connection: Connection, subject: str, value: Attempts) -> None:
    """Write the counter of a subject; one writer at a time does."""
    members: dict[str, Any] = {name: getattr(value, name) for name in value.__slots__}
    changed = connection.execute(update(ATTEMPTS).where(ATTEMPTS.c.subject == subject).values(**members))
    if changed.rowcount == 0:
        connection.execute(ATTEMPTS.insert(), [{"subject": subject, **members}])


def forget_attempts(connection: Connection, *subjects: str) -> None:
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.subject.in_(subjects)))


def forget_old_attempts(connection: Connection, before: datetime) -> int:
    return connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.last_at < before)).rowcount


def _attempts(row: Row[Any]) -> Attempts:
    return Attempts(row.failures, as_utc(row.last_at), as_utc(row.blocked_until))
