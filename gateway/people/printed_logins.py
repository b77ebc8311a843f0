"""One-time logins of the demo: links that the terminal prints, each for an invented user.

A login is a link with 256 random bits, good once, for 15 minutes; opening it changes nothing, its button
does. Whoever reads the terminal is let in, so an installation with real goods has none.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import Connection, select

from gateway.errors import NotFound
from gateway.people import events, organisations, sessions
from gateway.people.browser import Browser
from gateway.people.organisations import PARTIES
from gateway.people.tokens import hashed, is_token, new_id, new_token
from gateway.permissions import Role
from gateway.store import people
from gateway.store import sessions as store
from gateway.store.people import Membership, User
from gateway.store.sessions import PrintedLogin
from gateway.wiring import Installation
from ledger.errors import StorageError
from ledger.record import Ledger

LIFETIME: Final = timedelta(minutes=15)
LoginState = Literal["ready", "used", "expired", "unknown"]


@dataclass(frozen=True, slots=True)
class Login:
    """What a link stands for. user and membership are set unless state is ``unknown``."""

    state: LoginState
    user: User | None = None
    membership: Membership | None = None
    expires_at: datetime | None = None


UNKNOWN: Final = Login("unknown")


def issue_login(
    installation: Installation, role: Role, company: str | None = None, *, party: str | None = None
) -> str:
    """Make a link that lets one browser in and return its path, ``/login/{64 hex}``.

    company: of a buyer. party: of the ledger, whose kind has the role; None: the first that has. Raises
    NotFound when there is no such company, or no party with that role; StorageError where the goods are
    real.
    """
    assert (role == "buyer") == (company is not None), "a buyer has a company, nobody else does"
    if not installation.config.is_demo:
        raise StorageError("one-time logins are of the demo alone; invite people instead")
    token = new_token()

    def unit(ledger: Ledger) -> None:
        connection, now = ledger.connection, installation.wall_clock.now()
        membership = _invented(installation, connection, role, company or party, now)
        login = PrintedLogin(membership.user_id, membership.id, now + LIFETIME, used=False)
        store.add_login(connection, hashed(token), login)

    installation.writer.do(unit)
    return f"/login/{token}"


def forget_logins(installation: Installation) -> None:
    """Make every link issued so far worthless, and drop sessions that have run out."""

    def unit(ledger: Ledger) -> None:
        store.forget_logins(ledger.connection)
        store.forget(ledger.connection, installation.wall_clock.now(), idle=sessions.IDLE)

    installation.writer.do(unit)


def refuse_invented_users(installation: Installation) -> None:
    """Raises StorageError where real goods are served and invented users could come in."""
    if installation.config.is_demo:
        return
    with installation.database.reading() as connection:
        count = people.demo_users(connection)
    if count:
        raise StorageError(
            f"{count} invented users of a demo are in this database, and the goods are real; "
            "begin with an empty database, or disable these users first"
        )


def look_at_login(installation: Installation, connection: Connection, token: str) -> Login:
    """What opening a link shows. Changes nothing."""
    login = store.login(connection, hashed(token)) if is_token(token) else None
    user = people.user(connection, login.user_id) if login else None
    if login is None or user is None:
        return UNKNOWN
    own = {one.id: one for one in people.memberships(connection, user.id)}
    membership = own.get(login.membership)
    if membership is None or user.disabled:
        return UNKNOWN
    alive = login.expires_at > installation.wall_clock.now()
    state: LoginState = "used" if login.used else "ready" if alive else "expired"
    return Login(state, user, membership, login.expires_at)


def use_login(
    installation: Installation, token: str, browser: Browser, *, instead_of: str | None
) -> tuple[Login, str | None]:
    """Turn a link into a session; returns what the link was and the cookie's new token, if any.

    One conditional UPDATE: of two browsers that press the button at once, one comes in. Its session
    needs no second factor: the terminal was one. instead_of: the cookie that the browser sent; that
    session ends.
    """

    def unit(ledger: Ledger) -> tuple[Login, str | None]:
        connection, now = ledger.connection, installation.wall_clock.now()
        login = look_at_login(installation, connection, token)
        if login.user is None or login.membership is None:
            return login, None
        if not store.use_login(connection, hashed(token), now):
            return login, None
        events.note(
            connection,
            "signed-in",
            at=now,
            principal=f"user:{login.user.id}",
            address=browser.kept_address,
            route="POST /login/{token}",
        )
        cookie = sessions.begin(
            connection, login.user, login.membership, browser,
            now=now, instead_of=instead_of, second_factor=True,
        )  # fmt: skip
        return login, cookie

    return installation.writer.do(unit)


def _invented(
    installation: Installation, connection: Connection, role: Role, named: str | None, now: datetime
) -> Membership:
    """The invented user of a role and organisation; made when first asked for."""
    organisation = _organisation(installation, connection, role, named)
    name = f"{role}.{(organisation or 'house').replace(':', '-')}"
    email = f"{name}@demo.example"
    user = people.user_by_email(connection, email)
    if user is None:
        user = User(
            new_id("usr"), email, f"Demo {role}", "en", None, None, 0, disabled=False, demo=True,
            created_at=now,
        )  # fmt: skip
        people.add_user(connection, user)
        people.add_membership(connection, Membership(new_id("mbr"), user.id, role, organisation, now))
    found = people.memberships(connection, user.id)
    if not found:
        raise NotFound(email)
    return found[0]


def _organisation(installation: Installation, connection: Connection, role: Role, named: str | None) -> str:
    """named: a buyer's company, or a party of the ledger."""
    if named is not None:
        place = organisations.find(installation, connection, named)
        if place is None or not organisations.fits(role, place):
            raise NotFound(named)
        return named
    match role:
        case "administrator" | "auditor":
            return ""
        case "operator":
            return installation.config.operator
        case "registrar":
            return installation.config.registrar
    found = select(PARTIES.c.party).where(PARTIES.c.kind == role).order_by(PARTIES.c.party).limit(1)
    party: str | None = connection.execute(found).scalar_one_or_none()
    if party is None:
        raise NotFound(role)
    return party
