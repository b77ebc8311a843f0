"""Keys of programs and devices."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from gateway.permissions import Role
from gateway.store import people_tables, tables
from gateway.store.people import as_utc
from ledger.store.tables import table

KEYS, COMPANIES = table(people_tables.ApiKeyRow), table(tables.CompanyRow)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """scopes: ascending, parted by spaces. ledger_key: of a device that signs; else empty."""

    id: str
    prefix: str
    secret_hash: str
    name: str
    role: Role
    organisation: str
    scopes: str
    ledger_key: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def stands(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


def add(connection: Connection, value: ApiKey) -> None:
    connection.execute(KEYS.insert(), [{name: getattr(value, name) for name in value.__slots__}])


def by_prefix(connection: Connection, prefix: str) -> tuple[ApiKey, str | None] | None:
    """The key and its company's status, None when it is of no company."""
    row = connection.execute(
        select(KEYS, COMPANIES.c.status)
        .outerjoin(COMPANIES, COMPANIES.c.id == KEYS.c.organisation)
        .where(KEYS.c.prefix == prefix)
    ).one_or_none()
    return None if row is None else (_key(row), row.status)


def get(connection: Connection, id_: str) -> ApiKey | None:
    row = connection.execute(select(KEYS).where(KEYS.c.id == id_)).one_or_none()
    return None if row is None else _key(row)


def of_organisation(connection: Connection, organisation: str, *roles: Role) -> list[ApiKey]:
    """Newest first, revoked ones included."""
    rows = connection.execute(
        select(KEYS)
        .where(KEYS.c.organisation == organisation, KEYS.c.role.in_(roles))
        .order_by(KEYS.c.created_at.desc(), KEYS.c.id)
    )
    return [_key(row) for row in rows]


def of_user(connection: Connection, user_id: str) -> list[ApiKey]:
    """Those that a user made, newest first."""
    rows = connection.execute(
        select(KEYS).where(KEYS.c.created_by == user_id).order_by(KEYS.c.created_at.desc(), KEYS.c.id)
    )
    return [_key(row) for row in rows]


def used(connection: Connection, id_: str, now: datetime) -> None:
    connection.execute(update(KEYS).where(KEYS.c.id == id_).values(used_at=now))


def revoke(
    connection: Connection, id_: str, organisation: str, roles: tuple[Role, ...], now: datetime
) -> bool:
    """False when the organisation has no such key in these roles, or not any more."""
    taken = connection.execute(
        update(KEYS)
        .where(
            KEYS.c.id == id_,
            KEYS.c.organisation == organisation,
            KEYS.c.role.in_(roles),
            KEYS.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    return taken.rowcount == 1


def revoke_of_user(connection: Connection, user_id: str, now: datetime, *, organisation: str = "") -> int:
    """Revoke what a user made, for one organisation or, when empty, for all; how many there were."""
    where = [KEYS.c.created_by == user_id, KEYS.c.revoked_at.is_(None)]
    if organisation:
        where.append(KEYS.c.organisation == organisation)
    return connection.execute(update(KEYS).where(and_(*where)).values(revoked_at=now)).rowcount


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        prefix=row.prefix,
        secret_hash=row.secret_hash,
        name=row.name,
        role=row.role,
        organisation=row.organisation,
        scopes=row.scopes,
        ledger_key=row.ledger_key,
        created_by=row.created_by,
        created_at=as_utc(row.created_at),
        expires_at=as_utc(row.expires_at),
        used_at=as_utc(row.used_at) if row.used_at else None,
        revoked_at=as_utc(row.revoked_at) if row.revoked_at else None,
    )
