"""What people change about their own account, and administrators about other people's."""

from gateway.errors import NotFound, Refused
from gateway.people import events, passwords
from gateway.people.browser import Browser
from gateway.store import api_keys, companies, people, sessions
from gateway.store.people import User
from gateway.store.sessions import StandingSession
from gateway.wiring import Installation
from ledger.record import Ledger


def change_password(
    installation: Installation, session: StandingSession, password: str, browser: Browser
) -> None:
    """Every other session of the user ends: whoever knew the old one is out."""
    digest = passwords.hashed(password)

    def unit(ledger: Ledger) -> None:
        connection, now = ledger.connection, installation.wall_clock.now()
        people.set_user(connection, session.user_id, password_hash=digest)
        sessions.end_of_user(connection, session.user_id, but=session.token_hash)
        events.note(
            connection,
            "password-changed",
            at=now,
            principal=f"user:{session.user_id}",
            address=browser.kept_address,
        )

    installation.writer.do(unit)


def change_profile(installation: Installation, user_id: str, *, name: str, language: str) -> None:
    installation.writer.do(
        lambda ledger: people.set_user(ledger.connection, user_id, name=name, language=language)
    )


def set_disabled(installation: Installation, user_id: str, *, disabled: bool, by: str) -> None:
    """Disabled: every session ends, every key the user made is revoked, and no sign-in works.

    Raises NotFound; Refused ``last-administrator``: nobody could let anybody in again.
    """

    def unit(ledger: Ledger) -> None:
        connection, now = ledger.connection, installation.wall_clock.now()
        user = _known(people.user(connection, user_id))
        people.set_user(connection, user.id, disabled=disabled)
        if disabled:
            _refuse_without_administrator(installation, ledger, user)
            sessions.end_of_user(connection, user.id)
            people.withdraw_invitations_of(connection, f"user:{user.id}")
            revoked = api_keys.revoke_of_user(connection, user.id, now)
            detail = f"user:{user.id} keys:{revoked}"
        else:
            detail = f"user:{user.id}"
        kind = "user-disabled" if disabled else "user-enabled"
        events.note(connection, kind, at=now, principal=by, detail=detail)

    installation.writer.do(unit)


def end_membership(installation: Installation, user_id: str, membership_id: str, *, by: str) -> None:
    """The sessions in that role end, and the keys that the user made for that organisation.

    Raises NotFound; Refused ``last-administrator``.
    """

    def unit(ledger: Ledger) -> None:
        connection, now = ledger.connection, installation.wall_clock.now()
        user = _known(people.user(connection, user_id))
        own = {one.id: one for one in people.memberships(connection, user_id)}
        membership = own.get(membership_id)
        if membership is None or not people.end_membership(connection, membership_id, user_id):
            raise NotFound(membership_id)
        if membership.role == "administrator":
            _refuse_without_administrator(installation, ledger, user)
        sessions.end_of_membership(connection, membership_id)
        if membership.organisation:
            api_keys.revoke_of_user(connection, user_id, now, organisation=membership.organisation)
        if membership.role == "buyer":
            companies.forget_member(connection, membership.organisation, user_id)
        detail = f"user:{user_id} {membership.role}"
        events.note(connection, "membership-ended", at=now, principal=by, detail=detail)

    installation.writer.do(unit)


def end_sessions(installation: Installation, user_id: str, *, by: str) -> None:
    """An administrator signs somebody out everywhere. Raises NotFound."""

    def unit(ledger: Ledger) -> None:
        user = _known(people.user(ledger.connection, user_id))
        sessions.end_of_user(ledger.connection, user.id)
        now = installation.wall_clock.now()
        events.note(ledger.connection, "sessions-ended", at=now, principal=by, detail=f"user:{user.id}")

    installation.writer.do(unit)


def reset_password(installation: Installation, user_id: str, *, by: str) -> None:
    """Forget a password that its owner forgot, and end the sessions; the second factor stays.

    An invitation to the account's own address lets its owner set a new one. Raises NotFound; Refused
    ``own-password``: whoever knows theirs changes it, and nobody locks themselves out.
    """
    if by == f"user:{user_id}":
        raise Refused("own-password", "an administrator's own password is changed on the account page")

    def unit(ledger: Ledger) -> None:
        user = _known(people.user(ledger.connection, user_id))
        people.set_user(ledger.connection, user.id, password_hash=None)
        sessions.end_of_user(ledger.connection, user.id)
        now = installation.wall_clock.now()
        events.note(ledger.connection, "password-reset", at=now, principal=by, detail=f"user:{user.id}")

    installation.writer.do(unit)


def _known(user: User | None) -> User:
    if user is None:
        raise NotFound("user")
    return user


def _refuse_without_administrator(installation: Installation, ledger: Ledger, user: User) -> None:
    """Called after the change, which is taken back with the rest of the unit."""
    others = people.active_with_role(ledger.connection, "administrator")
    if others == 0 and not user.demo and not installation.config.is_demo:
        raise Refused("last-administrator", "nobody could let anybody in again")
