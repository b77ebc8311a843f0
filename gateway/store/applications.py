"""Companies that asked to buy, and what was decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from gateway.store import people_tables, tables
from gateway.store.people import as_utc
from ledger.store.tables import table

APPLICATIONS, COMPANIES = table(people_tables.ApplicationRow), table(tables.CompanyRow)


@dataclass(frozen=True, slots=True)
class Application:
    """A company as it applied. status: pending, approved, refused. decided_at: None while it waits."""

    company: str
    name: str
    country: str
    address: str
    registration_number: str
    status: str
    number_check: str
    applicant: str
    applied_at: datetime
    decided_at: datetime | None
    decided_by: str
    reason: str


def add(connection: Connection, company: str, applicant: str, number_check: str, now: datetime) -> None:
    row = {
        "company": company,
        "applicant": applicant,
        "number_check": number_check,
        "applied_at": now,
        "decided_by": "",
        "reason": "",
    }
    connection.execute(APPLICATIONS.insert(), [row])


def application(connection: Connection, company: str) -> Application | None:
    row = connection.execute(_joined().where(APPLICATIONS.c.company == company)).one_or_none()
    return None if row is None else _application(row)


def applications(connection: Connection, *, waiting: bool) -> list[Application]:
    """Those that wait, the oldest first; or those that were decided, the newest decision first."""
    query = _joined()
    if waiting:
        query = query.where(COMPANIES.c.status == "pending").order_by(APPLICATIONS.c.applied_at)
    else:
        query = query.where(COMPANIES.c.status != "pending").order_by(APPLICATIONS.c.decided_at.desc())
    return [_application(row) for row in connection.execute(query)]


def decide(connection: Connection, company: str, status: str, *, reason: str, by: str, now: datetime) -> bool:
    """False when somebody decided before. status: approved, refused."""
    taken = connection.execute(
        update(COMPANIES)
        .where(COMPANIES.c.id == company, COMPANIES.c.status == "pending")
        .values(status=status)
    )
    if taken.rowcount != 1:
        return False
    connection.execute(
        update(APPLICATIONS)
        .where(APPLICATIONS.c.company == company)
        .values(decided_at=now, decided_by=by, reason=reason)
    )
    return True


def _joined() -> Any:
    return select(
        APPLICATIONS, COMPANIES.c.name, COMPANIES.c.country, COMPANIES.c.address,
        COMPANIES.c.registration_number, COMPANIES.c.status,
    ).join(COMPANIES, COMPANIES.c.id == APPLICATIONS.c.company)  # fmt: skip


def _application(row: Row[Any]) -> Application:
    return Application(
        company=row.company,
        name=row.name,
        country=row.country,
        address=row.address,
        registration_number=row.registration_number,
        status=row.status,
        number_check=row.number_check,
        applicant=row.applicant,
        applied_at=as_utc(row.applied_at),
        decided_at=as_utc(row.decided_at) if row.decided_at else None,
        decided_by=row.decided_by,
        reason=row.reason,
    )
