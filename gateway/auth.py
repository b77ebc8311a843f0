"""Who is looking: one-time logins, browser sessions, and the token that every form carries back.

A login is a link with 256 random bits, good once, for 15 minutes; opening it changes nothing, its
button does. A session is a cookie with another 256 bits. Both are stored as SHA-256 only, both live
on wall time (records.md 7).
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, Literal

from sqlalchemy import Connection, delete, select, update

from gateway.clock import WallClock
from gateway.errors import NotFound
from gateway.pages.views.frame import Role
from gateway.store import tables, trade
from gateway.wiring import Installation
from ledger.record import Ledger
from ledger.store.tables import table

LOGINS, SESSIONS = table(tables.LoginRow), table(tables.WebSessionRow)

LOGIN_LIFETIME: Final = timedelta(minutes=15)
SESSION_LIFETIME: Final = timedelta(hours=12)
COOKIE: Final = "lotproof_session"
TOKEN_BYTES: Final = 32
HOME: Final[dict[Role, str]] = {"buyer": "/catalogue", "operator": "/operator", "auditor": "/auditor"}

LoginState = Literal["ready", "used", "expired", "unknown"]
WALL = WallClock()


@dataclass(frozen=True, slots=True)
class Login:
    """What a link stands for. role and company are set unless state is ``unknown``."""

    state: LoginState
    role: Role | None = None
    company: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. company: of a buyer, else None."""

    token_hash: str
    role: Role
    company: str | None
    csrf: str


def issue_login(installation: Installation, role: Role, company: str | None = None) -> str:
    """Make a link that lets one browser in and return its path, ``/login/{64 hex}``.

    company: of a buyer. Raises NotFound when there is no such company.
    """
    assert (role == "buyer") == (company is not None), "a buyer has a company, nobody else does"
    token = secrets.token_hex(TOKEN_BYTES)

    def unit(ledger: Ledger) -> None:
        if company is not None and trade.company(ledger.connection, company) is None:
            raise NotFound(company)
        row = {"role": role, "company": company, "expires_at": WALL.now() + LOGIN_LIFETIME, "used": False}
        ledger.connection.execute(LOGINS.insert(), [{"token_hash": _hash(token), **row}])

    installation.writer.do(unit)
    return f"/login/{token}"


def forget_logins(installation: Installation) -> None:
    """Make every link issued so far worthless, and drop sessions that have run out."""

    def unit(ledger: Ledger) -> None:
        ledger.connection.execute(delete(LOGINS))
        ledger.connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= WALL.now()))

    installation.writer.do(unit)


def look_at_login(connection: Connection, token: str) -> Login:
    """What opening a link shows. Changes nothing."""
    row = connection.execute(select(LOGINS).where(LOGINS.c.token_hash == _hash(token))).one_or_none()
    if row is None:
        return Login("unknown")
    expires_at = _aware(row.expires_at)
    state: LoginState = "used" if row.used else "ready" if expires_at > WALL.now() else "expired"
    return Login(state, row.role, row.company, expires_at)


def use_login(installation: Installation, token: str, *, instead_of: str | None) -> tuple[Login, str | None]:
    """Turn a link into a session; returns what the link was and the cookie's new token, if any.

    One conditional UPDATE: of two browsers that press the button at once, one comes in.
    instead_of: the cookie that the browser sent; that session ends.
    """

    def unit(ledger: Ledger) -> tuple[Login, str | None]:
        connection, now = ledger.connection, WALL.now()
        taken = connection.execute(
            update(LOGINS)
            .where(LOGINS.c.token_hash == _hash(token), LOGINS.c.used.is_(False), LOGINS.c.expires_at > now)
            .values(used=True)
        )
        login = look_at_login(connection, token)
        if taken.rowcount != 1:
            return login, None
        cookie = secrets.token_hex(TOKEN_BYTES)
        _end(connection, instead_of)
        row = {
            "token_hash": _hash(cookie),
            "role": login.role,
            "company": login.company,
            "csrf": secrets.token_hex(TOKEN_BYTES),
            "expires_at": now + SESSION_LIFETIME,
        }
        connection.execute(SESSIONS.insert(), [row])
        return login, cookie

    return installation.writer.do(unit)


def session_of(connection: Connection, cookie: str | None) -> Session | None:
    """The session behind a cookie; None when there is none or it has run out."""
    if not cookie:
        return None
    row = connection.execute(select(SESSIONS).where(SESSIONS.c.token_hash == _hash(cookie))).one_or_none()
    if row is None or _aware(row.expires_at) <= WALL.now():
        return None
    return Session(row.token_hash, row.role, row.company, row.csrf)


def log_out(installation: Installation, cookie: str | None) -> None:
    """End the session: its cookie is worthless from here on, wherever it was copied to."""
    installation.writer.do(lambda ledger: _end(ledger.connection, cookie))


def same_token(session: Session, sent: str | None) -> bool:
    """Whether a form or a header carries the session's own token; compared in constant time."""
    return hmac.compare_digest(session.csrf.encode(), (sent or "").encode("utf-8", "replace"))


def _end(connection: Connection, cookie: str | None) -> None:
    if cookie:
        connection.execute(delete(SESSIONS).where(SESSIONS.c.token_hash == _hash(cookie)))


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def _aware(moment: datetime) -> datetime:
    """SQLite forgets time zones; what we store is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
