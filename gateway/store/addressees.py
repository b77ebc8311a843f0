"""Whom letters are for: users by what they belong to, and how each is written to."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from gateway.store.people_tables import MembershipRow, UserRow
from ledger.store.tables import table

USERS, MEMBERSHIPS = table(UserRow), table(MembershipRow)


@dataclass(frozen=True, slots=True)
class Addressee:
    """language: as the user chose it; see ``gateway.i18n.LANGUAGES``."""

    name: str
    email: str
    language: str


def of_organisation(connection: Connection, organisation: str) -> list[str]:
    """Ids of the users that belong to a company or party and are not disabled."""
    return _members(connection, MEMBERSHIPS.c.organisation == organisation)


def organisations_of(connection: Connection, user: str) -> frozenset[str]:
    """Ids of the companies and parties that a user belongs to."""
    statement = select(MEMBERSHIPS.c.organisation).where(MEMBERSHIPS.c.user_id == user)
    return frozenset(connection.execute(statement).scalars())


def with_role(connection: Connection, role: str) -> list[str]:
    return _members(connection, MEMBERSHIPS.c.role == role)


def find(connection: Connection, user: str) -> Addressee | None:
    """None when nobody is to be written to any more. Users of the demo have no address of their own."""
    row = connection.execute(
        select(USERS.c.name, USERS.c.email, USERS.c.language).where(
            USERS.c.id == user, USERS.c.disabled.is_(False)
        )
    ).one_or_none()
    return None if row is None else Addressee(row.name, row.email, row.language)


def _members(connection: Connection, which: object) -> list[str]:
    statement = (
        select(USERS.c.id)
        .distinct()
        .join(MEMBERSHIPS, MEMBERSHIPS.c.user_id == USERS.c.id)
        .where(which, USERS.c.disabled.is_(False))  # type: ignore[arg-type]
        .order_by(USERS.c.id)
    )
    return list(connection.execute(statement).scalars())
