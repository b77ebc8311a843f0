"""Users, their memberships, invitations, recovery codes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from gateway.permissions import Role
from gateway.store import people_tables as tables
from ledger.store.tables import table

USERS, MEMBERSHIPS = table(tables.UserRow), table(tables.MembershipRow)
INVITATIONS, RECOVERY = table(tables.InvitationRow), table(tables.RecoveryCodeRow)


@dataclass(frozen=True, slots=True)
class User:
    """A person. password_hash, totp_secret: None where there is none."""

    id: str
    email: str
    name: str
    language: str
    password_hash: str | None
    totp_secret: str | None
    totp_step: int
    disabled: bool
    demo: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Membership:
    """organisation: ``cmp_…``, ``party:…``, or empty for the installation itself."""

    id: str
    user_id: str
    role: Role
    organisation: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    id: str
    email: str
    role: Role
    organisation: str
    language: str
    invited_by: str
    created_at: datetime
    expires_at: datetime
    used: bool


def add_user(connection: Connection, value: User) -> bool:
    """False when somebody has that e-mail address already."""
    return _added(connection, USERS.insert(), _members(value))


def user(connection: Connection, id_: str) -> User | None:
    return _user(connection.execute(select(USERS).where(USERS.c.id == id_)).one_or_none())


def user_by_email(connection: Connection, email: str) -> User | None:
    return _user(connection.execute(select(USERS).where(USERS.c.email == email)).one_or_none())


def users(connection: Connection) -> list[User]:
    """By e-mail address."""
    rows = connection.execute(select(USERS).order_by(USERS.c.email))
    return [found for row in rows if (found := _user(row)) is not None]


def set_user(connection: Connection, id_: str, **changes: Any) -> None:
    connection.execute(update(USERS).where(USERS.c.id == id_).values(**changes))


def spend_step(connection: Connection, id_: str, step: int) -> bool:
    """Mark a time step as used; False when it, or a later one, was used meanwhile."""
    taken = connection.execute(
        update(USERS).where(USERS.c.id == id_, USERS.c.totp_step < step).values(totp_step=step)
    )
    return taken.rowcount == 1


def replace_recovery_codes(connection: Connection, user_id: str, hashes: list[str]) -> None:
    connection.execute(delete(RECOVERY).where(RECOVERY.c.user_id == user_id))
    if hashes:
        connection.execute(RECOVERY.insert(), [{"code_hash": one, "user_id": user_id} for one in hashes])


def spend_recovery_code(connection: Connection, user_id: str, code_hash: str) -> bool:
    """False when there is no such code, or not any more."""
    gone = connection.execute(
        delete(RECOVERY).where(RECOVERY.c.user_id == user_id, RECOVERY.c.code_hash == code_hash)
    )
    return gone.rowcount == 1


def recovery_codes_left(connection: Connection, user_id: str) -> int:
    counted = select(func.count()).select_from(RECOVERY).where(RECOVERY.c.user_id == user_id)
    return int(connection.execute(counted).scalar_one())


def add_membership(connection: Connection, value: Membership) -> bool:
    """False when the user has that very role there already."""
    return _added(connection, MEMBERSHIPS.insert(), _members(value))


def memberships(connection: Connection, user_id: str | None = None) -> list[Membership]:
    """Oldest first; of everybody without a user."""
    query = select(MEMBERSHIPS).order_by(MEMBERSHIPS.c.created_at, MEMBERSHIPS.c.id)
    if user_id is not None:
        query = query.where(MEMBERSHIPS.c.user_id == user_id)
    return [_membership(row) for row in connection.execute(query)]


def end_membership(connection: Connection, id_: str, user_id: str) -> bool:
    gone = connection.execute(
        delete(MEMBERSHIPS).where(MEMBERSHIPS.c.id == id_, MEMBERSHIPS.c.user_id == user_id)
    )
    return gone.rowcount == 1


def active_with_role(connection: Connection, role: Role) -> int:
    """How many users that are not disabled have the role."""
    counted = (
        select(func.count(USERS.c.id.distinct()))
        .join(MEMBERSHIPS, MEMBERSHIPS.c.user_id == USERS.c.id)
        .where(MEMBERSHIPS.c.role == role, USERS.c.disabled.is_(False), USERS.c.demo.is_(False))
    )
    return int(connection.execute(counted).scalar_one())


def demo_users(connection: Connection) -> int:
    counted = select(func.count()).select_from(USERS)
    return int(connection.execute(counted.where(USERS.c.demo, USERS.c.disabled.is_(False))).scalar_one())


def add_invitation(
    connection: Connection, token_hash: str, value: Invitation, *, nonce: str | None = None
) -> None:
    """nonce: of a link that a letter will carry; see ``letter_owed``."""
    row = {"token_hash": token_hash, **_members(value), "nonce": nonce}
    connection.execute(INVITATIONS.insert(), [row])


def letter_owed(connection: Connection, id_: str, now: datetime) -> tuple[Invitation, str] | None:
    """An open invitation whose letter is not out yet, and the nonce of its link; None otherwise."""
    row = connection.execute(
        select(INVITATIONS).where(
            INVITATIONS.c.id == id_,
            INVITATIONS.c.used.is_(False),
            INVITATIONS.c.expires_at > now,
            INVITATIONS.c.nonce.is_not(None),
        )
    ).one_or_none()
    return None if row is None else (_invitation(row), row.nonce)


def letter_is_out(connection: Connection, id_: str) -> None:
    """From here on nothing in the database leads to the link."""
    connection.execute(update(INVITATIONS).where(INVITATIONS.c.id == id_).values(nonce=None))


def invitation(connection: Connection, token_hash: str) -> Invitation | None:
    row = connection.execute(select(INVITATIONS).where(INVITATIONS.c.token_hash == token_hash)).one_or_none()
    return None if row is None else _invitation(row)


def use_invitation(connection: Connection, token_hash: str, now: datetime) -> bool:
    """False when it was used, has run out or was withdrawn: of two that accept at once, one does."""
    taken = connection.execute(
        update(INVITATIONS)
        .where(
            INVITATIONS.c.token_hash == token_hash,
            INVITATIONS.c.used.is_(False),
            INVITATIONS.c.expires_at > now,
        )
        .values(used=True, nonce=None)
    )
    return taken.rowcount == 1


def open_invitations(connection: Connection, now: datetime) -> list[Invitation]:
    """Newest first."""
    rows = connection.execute(
        select(INVITATIONS)
        .where(INVITATIONS.c.used.is_(False), INVITATIONS.c.expires_at > now)
        .order_by(INVITATIONS.c.created_at.desc(), INVITATIONS.c.id)
    )
    return [_invitation(row) for row in rows]


def invited_since(connection: Connection, organisation: str, since: datetime) -> int:
    """How many invitations to an organisation were made since then and not withdrawn, used ones too."""
    made = (INVITATIONS.c.organisation == organisation, INVITATIONS.c.created_at > since)
    return int(connection.execute(select(func.count()).select_from(INVITATIONS).where(*made)).scalar_one())


def withdraw_invitation(connection: Connection, id_: str) -> bool:
    gone = connection.execute(
        delete(INVITATIONS).where(INVITATIONS.c.id == id_, INVITATIONS.c.used.is_(False))
    )
    return gone.rowcount == 1


def withdraw_invitations_of(connection: Connection, inviter: str) -> None:
    connection.execute(
        delete(INVITATIONS).where(INVITATIONS.c.invited_by == inviter, INVITATIONS.c.used.is_(False))
    )


def forget_invitations(connection: Connection, before: datetime) -> int:
    gone = connection.execute(delete(INVITATIONS).where(INVITATIONS.c.expires_at < before))
    return gone.rowcount


def as_utc(moment: datetime) -> datetime:
    """SQLite forgets time zones; what we store is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _user(row: Row[Any] | None) -> User | None:
    if row is None:
        return None
    members = dict(row._mapping)  # noqa: SLF001 - the public name of a row's members
    return User(**members | {"created_at": as_utc(row.created_at)})


def _membership(row: Row[Any]) -> Membership:
    return Membership(row.id, row.user_id, row.role, row.organisation, as_utc(row.created_at))


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        row.id,
        row.email,
        row.role,
        row.organisation,
        row.language,
        row.invited_by,
        as_utc(row.created_at),
        as_utc(row.expires_at),
        row.used,
    )


def _added(connection: Connection, statement: Any, row: dict[str, Any]) -> bool:
    """Insert in a savepoint: what a unique key refuses leaves the transaction as it was."""
    try:
        with connection.begin_nested():
            connection.execute(statement, [row])
    except IntegrityError:
        return False
    return True


def _members(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
