"""Invitations: a link with 256 bits that makes one membership, once, within seven days.

The token is HMAC-SHA-256 of a random nonce under a key of the server. The nonce is kept only while a
letter with the link is owed, so that the job of that letter holds an id and nothing that opens anything.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final, Literal

from sqlalchemy import Connection

from gateway.errors import NotFound, Refused
from gateway.people import events, passwords, sessions
from gateway.people.browser import Browser
from gateway.people.organisations import Organisation, find, fits
from gateway.people.sign_in import Outcome, is_own_password
from gateway.people.tokens import hashed, is_token, new_id, new_token
from gateway.permissions import Role
from gateway.store import people, requests
from gateway.store.people import Invitation, Membership, User
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.wiring import Installation
from ledger.record import Ledger

LIFETIME: Final = timedelta(days=7)
COMMAND_LINE: Final = "command-line"
State = Literal["ready", "used", "expired", "unknown"]


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening a link shows. has_account: whoever is invited signs in with a password already."""

    state: State
    invitation: Invitation | None = None
    organisation: Organisation | None = None
    has_account: bool = False


def invite(  # what an invitation says, and who says it
    installation: Installation,
    role: Role,
    organisation: str = "",
    *,
    email: str = "",
    language: str = "en",
    by: str = COMMAND_LINE,
    a_week_max: int | None = None,
) -> str:
    """Make a link and return its path, ``/invitations/{64 hex}``; a letter takes it to ``email``.

    email: as ``address.folded_email`` gives it; empty: whoever opens the link says it, and nobody is
    written to. a_week_max: invitations to one organisation within seven days, None for any number.
    Raises NotFound when nobody is called ``organisation``, or nobody has that role there; Refused
    (invitations-too-many).
    """
    id_, nonce, now = new_id("inv"), new_token(), installation.wall_clock.now()
    cause = Cause.of(by)

    def unit(ledger: Ledger) -> str:
        connection = ledger.connection
        found = find(installation, connection, organisation)
        if found is None or not fits(role, found):
            raise NotFound(organisation)
        sent = people.invited_since(connection, organisation, now - LIFETIME)
        if a_week_max is not None and sent >= a_week_max:
            raise Refused("invitations-too-many", f"{sent} invitations within a week", most=a_week_max)
        made = Invitation(id_, email, role, organisation, language, by, now, now + LIFETIME, used=False)
        path = path_of(connection, id_, nonce)
        token = path.rpartition("/")[2]
        people.add_invitation(connection, hashed(token), made, nonce=nonce if email else None)
        events.note(connection, "invited", at=now, principal=by, detail=f"{id_} {role}")
        if email:
            causes.invited(connection, id_, installation.clock.now(), cause)
        return path

    path: str = installation.writer.do(unit)
    return path


def path_of(connection: Connection, id_: str, nonce: str) -> str:
    """The link of an invitation, from its nonce (HMAC, RFC 2104)."""
    key = requests.server_key(connection, requests.INVITATIONS)
    return f"/invitations/{hmac.new(key, f'{id_} {nonce}'.encode(), sha256).hexdigest()}"


def invite_administrator(installation: Installation, *, one_more: bool) -> str | None:
    """A link for an administrator, when there is none or ``one_more`` is wanted; else None.

    The links that the command line printed before die.
    """

    def unit(ledger: Ledger) -> bool:
        people.withdraw_invitations_of(ledger.connection, COMMAND_LINE)
        return one_more or people.active_with_role(ledger.connection, "administrator") == 0

    return invite(installation, "administrator") if installation.writer.do(unit) else None


def look(installation: Installation, connection: Connection, token: str) -> Opened:
    """Changes nothing."""
    found = people.invitation(connection, hashed(token)) if is_token(token) else None
    if found is None:
        return Opened("unknown")
    if found.used:
        return Opened("used")
    if found.expires_at <= installation.wall_clock.now():
        return Opened("expired")
    user = people.user_by_email(connection, found.email) if found.email else None
    organisation = find(installation, connection, found.organisation)
    return Opened(
        "ready", found, organisation, has_account=user is not None and user.password_hash is not None
    )


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody says of themselves. email: folded."""

    email: str
    name: str
    password: str
    language: str


def accept(
    installation: Installation, token: str, who: Newcomer, browser: Browser, *, instead_of: str | None
) -> Outcome | None:
    """Make the membership, and the account where there is none, and sign in; None when the link is dead.

    An account that exists is joined by its password: ``wrong`` and ``wait`` are as of a sign-in. An
    invitation without an e-mail address never joins an account that exists.
    """
    with installation.database.reading() as connection:
        opened = look(installation, connection, token)
        known = people.user_by_email(connection, who.email)
    if opened.invitation is None:
        return None
    invitation = opened.invitation
    if invitation.email not in ("", who.email):
        return Outcome("wrong")
    if known is not None:
        if known.disabled or not invitation.email:
            return Outcome("wrong")
        refused = is_own_password(installation, known, who.password, browser) if known.password_hash else None
        if refused is not None:
            return refused
    is_new = known is None or known.password_hash is None  # new, or an administrator reset the password
    digest = passwords.hashed(who.password) if is_new else None

    def unit(ledger: Ledger) -> Outcome | None:
        connection, now = ledger.connection, installation.wall_clock.now()
        user = known or new_user(who, digest, installation)
        if known is None and not people.add_user(connection, user):
            return Outcome("wrong")
        if known is not None and digest is not None:
            now_known = people.user(connection, known.id)
            if now_known is None or now_known.password_hash is not None or now_known.disabled:
                raise _DiedMeanwhile
            people.set_user(connection, known.id, password_hash=digest)
        if not people.use_invitation(connection, hashed(token), now):
            raise _DiedMeanwhile
        made = Membership(new_id("mbr"), user.id, invitation.role, invitation.organisation, now)
        people.add_membership(connection, made)
        own = people.memberships(connection, user.id)
        membership = next(
            one for one in own if (one.role, one.organisation) == (invitation.role, invitation.organisation)
        )
        principal = f"user:{user.id}"
        events.note(
            connection,
            "invitation-accepted",
            at=now,
            principal=principal,
            address=browser.kept_address,
            detail=f"{invitation.id} {invitation.role}",
        )
        cookie = sessions.begin(connection, user, membership, browser, now=now, instead_of=instead_of)
        href = sessions.home_of(connection, membership, user, second_factor=False)
        return Outcome("in", cookie, href, language=user.language)

    try:
        return installation.writer.do(unit)
    except _DiedMeanwhile:
        return None


class _DiedMeanwhile(Exception):
    pass


def new_user(who: Newcomer, password_hash: str | None, installation: Installation) -> User:
    return User(
        id=new_id("usr"),
        email=who.email,
        name=who.name,
        language=who.language,
        password_hash=password_hash,
        totp_secret=None,
        totp_step=0,
        disabled=False,
        demo=False,
        created_at=installation.wall_clock.now(),
    )
