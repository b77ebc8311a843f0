"""Sign in with a password.

An account that does not exist answers as a wrong password does, after the same work: one counted
attempt, one Argon2 verification, one event.
"""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from gateway.people import attempts, events, passwords, sessions
from gateway.people.address import counted, folded_email
from gateway.people.browser import Browser
from gateway.people.throttle import Subject
from gateway.store import people
from gateway.store.people import Membership, User
from gateway.wiring import Installation
from ledger.record import Ledger


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt to come in.

    state: ``in`` with a cookie and where to go; ``wrong``; ``wait`` with the seconds until the next try.
    """

    state: Literal["in", "wrong", "wait"]
    cookie: str = ""
    href: str = ""
    wait_s: int = 0
    language: str = ""


WRONG = Outcome("wrong")


def sign_in(
    installation: Installation, email: str, password: str, browser: Browser, *, instead_of: str | None
) -> Outcome:
    """instead_of: the cookie that the browser sent; that session ends when this one begins."""
    folded = folded_email(email) or ""
    account, address = Subject("account", folded), Subject("address", counted(browser.address))
    wait_s = attempts.take(installation, account, address)
    if wait_s:
        events.note_refusal(
            installation,
            "sign-in-throttled",
            principal="account:unknown",
            address=browser.kept_address,
            route="POST /sign-in",
        )
        return Outcome("wait", wait_s=wait_s)
    with installation.database.reading() as connection:
        judged = people.user_by_email(connection, folded)
    right = passwords.is_right(judged.password_hash if judged else None, password)
    fresh = _rehashed(judged, password) if right and judged else None

    def unit(ledger: Ledger) -> Outcome:
        connection, now = ledger.connection, installation.wall_clock.now()
        user = _unchanged(connection, judged)
        membership = _first_membership(connection, user) if user else None
        if user is None or membership is None or not right or user.disabled:
            principal = f"user:{user.id}" if user else "account:unknown"
            events.note(
                connection, "sign-in-failed", at=now, principal=principal, address=browser.kept_address
            )
            return WRONG
        attempts.forgive(connection, account, through=address)
        if fresh is not None:
            people.set_user(connection, user.id, password_hash=fresh)
        events.note(
            connection, "signed-in", at=now, principal=f"user:{user.id}", address=browser.kept_address
        )
        cookie = sessions.begin(connection, user, membership, browser, now=now, instead_of=instead_of)
        href = sessions.home_of(connection, membership, user, second_factor=False)
        return Outcome("in", cookie, href, language=user.language)

    return installation.writer.do(unit)


def is_own_password(
    installation: Installation, user: User, password: str, browser: Browser
) -> Outcome | None:
    """Ask somebody who is signed in for the password once more; None when it was right."""
    account, address = Subject("account", user.email), Subject("address", counted(browser.address))
    wait_s = attempts.take(installation, account, address)
    if wait_s:
        return Outcome("wait", wait_s=wait_s)
    if not passwords.is_right(user.password_hash, password):
        events.note_refusal(
            installation,
            "sign-in-failed",
            principal=f"user:{user.id}",
            address=browser.kept_address,
            route="/account",
        )
        return WRONG
    installation.writer.do(lambda ledger: attempts.forgive(ledger.connection, account, through=address))
    return None


def _unchanged(connection: Connection, judged: User | None) -> User | None:
    """The user as the transaction finds it; None when the password was changed while it was judged."""
    user = people.user(connection, judged.id) if judged else None
    return user if user and judged and user.password_hash == judged.password_hash else None


def _first_membership(connection: Connection, user: User) -> Membership | None:
    """The oldest; None when the user has no role any more."""
    return next(iter(people.memberships(connection, user.id)), None)


def _rehashed(user: User, password: str) -> str | None:
    """The hash with today's parameters, when it has older ones."""
    stored = user.password_hash
    return passwords.hashed(password) if stored and passwords.is_outdated(stored) else None
