"""The second factor of a session: set up, given, replaced by a recovery code, reset by an administrator."""

from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.people import attempts, events, sessions, totp
from gateway.people.address import counted
from gateway.people.browser import Browser
from gateway.people.sign_in import WRONG, Outcome
from gateway.people.throttle import Subject
from gateway.store import people
from gateway.store import sessions as store
from gateway.store.people import Membership, User
from gateway.store.sessions import StandingSession
from gateway.wiring import Installation
from ledger.record import Ledger


@dataclass(frozen=True, slots=True)
class SetUp:
    """A second factor that works from now on. codes: shown once, ten of them."""

    outcome: Outcome
    codes: tuple[str, ...] = ()


def give(installation: Installation, session: StandingSession, code: str, browser: Browser) -> Outcome:
    """Take a code of the authenticator, or a recovery code, and begin a session that has it."""
    factor, address = Subject("factor", session.user_id), Subject("address", counted(browser.address))
    wait_s = attempts.take(installation, factor, address)
    if wait_s:
        return Outcome("wait", wait_s=wait_s)

    def unit(ledger: Ledger) -> Outcome:
        connection, now = ledger.connection, installation.wall_clock.now()
        found = _who(connection, session)
        principal, kept = f"user:{session.user_id}", browser.kept_address
        if found is None:
            return WRONG
        user, membership = found
        step = totp.step_of(user.totp_secret, code, now, after=user.totp_step) if user.totp_secret else None
        if step is not None and people.spend_step(connection, user.id, step):
            pass
        elif people.spend_recovery_code(connection, user.id, totp.recovery_hash(user.id, code)):
            events.note(connection, "recovery-code-used", at=now, principal=principal, address=kept)
        else:
            events.note(connection, "second-factor-failed", at=now, principal=principal, address=kept)
            return WRONG
        attempts.forgive(connection, factor, through=address)
        return _stronger(connection, installation, session, (user, membership), browser)

    return installation.writer.do(unit)


def offer(installation: Installation, session: StandingSession) -> None:
    """Begin to set one up, or another one: its secret is shown on the page that follows."""
    secret = totp.new_secret()
    installation.writer.do(lambda ledger: store.offer_secret(ledger.connection, session.token_hash, secret))


def set_up(installation: Installation, session: StandingSession, code: str, browser: Browser) -> SetUp:
    """Prove that the authenticator holds the offered secret; every other session of the user ends."""
    factor, address = Subject("factor", session.user_id), Subject("address", counted(browser.address))
    wait_s = attempts.take(installation, factor, address)
    if wait_s:
        return SetUp(Outcome("wait", wait_s=wait_s))
    codes = totp.new_recovery_codes()

    def unit(ledger: Ledger) -> SetUp:
        connection, now = ledger.connection, installation.wall_clock.now()
        found = _who(connection, session)
        secret = session.offered_secret
        step = totp.step_of(secret, code, now, after=0) if secret else None
        if found is None or step is None:
            return SetUp(WRONG)
        user, membership = found
        if user.totp_secret is not None and not session.second_factor:
            return SetUp(WRONG)  # one was set up meanwhile, and this session never gave it
        attempts.forgive(connection, factor, through=address)
        people.set_user(connection, user.id, totp_secret=secret, totp_step=step)
        hashes = [totp.recovery_hash(user.id, one) for one in codes]
        people.replace_recovery_codes(connection, user.id, hashes)
        store.end_of_user(connection, user.id, but=session.token_hash)
        events.note(
            connection,
            "second-factor-set",
            at=now,
            principal=f"user:{user.id}",
            address=browser.kept_address,
        )
        outcome = _stronger(connection, installation, session, (user, membership), browser)
        return SetUp(outcome, tuple(codes))

    return installation.writer.do(unit)


def reset(installation: Installation, user_id: str, *, by: str) -> None:
    """For who lost telephone and codes: the next sign-in sets up a new one. All sessions end."""

    def unit(ledger: Ledger) -> None:
        connection, now = ledger.connection, installation.wall_clock.now()
        people.set_user(connection, user_id, totp_secret=None)
        people.replace_recovery_codes(connection, user_id, [])
        store.end_of_user(connection, user_id)
        events.note(connection, "second-factor-reset", at=now, principal=by, detail=f"user:{user_id}")

    installation.writer.do(unit)


def _stronger(
    connection: Connection,
    installation: Installation,
    session: StandingSession,
    who: tuple[User, Membership],
    browser: Browser,
) -> Outcome:
    """The session goes on under another token; one that was ended meanwhile does not."""
    user, membership = who
    if not store.end(connection, session.token_hash):
        return WRONG
    made = sessions.begin(
        connection,
        user,
        membership,
        browser,
        now=installation.wall_clock.now(),
        instead_of=None,
        second_factor=True,
        until=session.expires_at,
    )
    href = sessions.home_of(connection, membership, user, second_factor=True)
    return Outcome("in", made, href, language=user.language)


def _who(connection: Connection, session: StandingSession) -> tuple[User, Membership] | None:
    """User and membership of a session as they stand inside this transaction."""
    user = people.user(connection, session.user_id)
    own = {one.id: one for one in people.memberships(connection, session.user_id)}
    membership = own.get(session.membership)
    return None if user is None or user.disabled or membership is None else (user, membership)
