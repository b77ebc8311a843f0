"""Sessions of browsers: 256 random bits in a cookie, their hash in the database, an end on two clocks.

A session dies after 2 hours without a request and after 12 hours in any case. Whoever signs in, gives
the second factor or takes another role gets a new token; the one before is worthless from then on.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from gateway.people import totp
from gateway.people.browser import Browser
from gateway.people.identity import APPROVED
from gateway.people.tokens import hashed, new_id, new_token
from gateway.permissions import SECOND_FACTOR, Role
from gateway.store import people, sessions, trade
from gateway.store.people import Membership, User
from gateway.store.sessions import NewSession, StandingSession
from gateway.wiring import Installation
from ledger.errors import LedgerError
from ledger.record import Ledger

IDLE: Final = timedelta(hours=2)
LIFETIME: Final = timedelta(hours=12)
SEEN_EVERY: Final = timedelta(minutes=1)
COOKIE: Final = "lotproof_session"
HOME: Final[dict[Role, str]] = {
    "administrator": "/people",
    "operator": "/console",
    "buyer": "/catalogue",
    "auditor": "/auditor",
    "supplier": "/party",
    "brand": "/party",
    "inspector": "/party",
    "refurbisher": "/party",
    "carrier": "/party",
    "insurer": "/party",
}
ACCOUNT: Final = "/account"
FACTOR: Final = "/second-factor"


def begin(
    connection: Connection,
    user: User,
    membership: Membership,
    browser: Browser,
    *,
    now: datetime,
    instead_of: str | None,
    second_factor: bool = False,
    until: datetime | None = None,
) -> str:
    """Start a session and return its cookie.

    instead_of: the cookie that the browser sent; that session ends. second_factor: it was given.
    until: the absolute end, when it goes on with an older session.
    """
    if instead_of:
        sessions.end(connection, hashed(instead_of))
    cookie = new_token()
    sets_up = membership.role in SECOND_FACTOR and user.totp_secret is None and not second_factor
    session = NewSession(
        id=new_id("ses"),
        user_id=user.id,
        membership=membership.id,
        csrf=new_token(),
        second_factor=second_factor,
        offered_secret=totp.new_secret() if sets_up else None,
        began_at=now,
        seen_at=now,
        expires_at=until or now + LIFETIME,
        address=browser.kept_address,
        agent=browser.kept_agent,
    )
    sessions.add(connection, hashed(cookie), session)
    return cookie


def standing(connection: Connection, cookie: str | None, now: datetime) -> StandingSession | None:
    """The session behind a cookie; None when there is none, or not any more."""
    return sessions.standing(connection, hashed(cookie), now, idle=IDLE) if cookie else None


def seen(installation: Installation, session: StandingSession) -> None:
    """Put off the idle end, at most once a minute. A store that cannot be written ends nobody's reading."""
    now = installation.wall_clock.now()
    if now - session.seen_at < SEEN_EVERY:
        return
    with suppress(LedgerError):
        installation.writer.do(lambda ledger: sessions.seen(ledger.connection, session.token_hash, now))


def sign_out(installation: Installation, cookie: str | None) -> None:
    """End the session: its cookie is worthless from here on, wherever it was copied to."""
    if cookie:
        installation.writer.do(lambda ledger: sessions.end(ledger.connection, hashed(cookie)))


def sign_out_everywhere(installation: Installation, user_id: str, *, but: str = "") -> None:
    """but: hash of the token whose session goes on."""
    installation.writer.do(lambda ledger: sessions.end_of_user(ledger.connection, user_id, but=but))


def end_one(installation: Installation, user_id: str, session_id: str) -> bool:
    """False when the user has no such session."""
    return installation.writer.do(lambda ledger: sessions.end_one(ledger.connection, user_id, session_id))


def switch(
    installation: Installation, session: StandingSession, membership_id: str, browser: Browser
) -> tuple[str, str] | None:
    """Take another of one's own roles: the new cookie and where to go; None when it is not one's own."""

    def unit(ledger: Ledger) -> tuple[str, str] | None:
        connection, now = ledger.connection, installation.wall_clock.now()
        user = people.user(connection, session.user_id)
        own = {one.id: one for one in people.memberships(connection, session.user_id)}
        chosen = own.get(membership_id)
        if user is None or chosen is None or not sessions.end(connection, session.token_hash):
            return None
        made = begin(
            connection, user, chosen, browser, now=now, instead_of=None,
            second_factor=session.second_factor, until=session.expires_at,
        )  # fmt: skip
        return made, home_of(connection, chosen, user, second_factor=session.second_factor)

    return installation.writer.do(unit)


def home_of(connection: Connection, membership: Membership, user: User, *, second_factor: bool) -> str:
    """Where a session begins."""
    if not second_factor and (membership.role in SECOND_FACTOR or user.totp_secret is not None):
        return FACTOR
    if membership.role == "buyer":
        company = trade.company(connection, membership.organisation)
        if company is None or company.status != APPROVED:
            return ACCOUNT
    return HOME.get(membership.role, ACCOUNT)
