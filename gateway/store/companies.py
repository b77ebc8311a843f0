"""Who may do what for a company that buys, and what the company wants of its purchases."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, delete, select

from gateway.store import people
from gateway.store import purchase_tables as tables
from gateway.store.people import as_utc
from gateway.trade.spending import CompanyRole, Limit, Period
from ledger.store.tables import table

MEMBERS, RULES = table(tables.MemberRow), table(tables.CompanyRulesRow)


@dataclass(frozen=True, slots=True)
class Member:
    """set_by: a principal, "" for a role that nobody set."""

    company: str
    user_id: str
    role: CompanyRole
    limit: Limit
    set_at: datetime | None = None
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """As of ``CompanyRulesRow``."""

    company: str
    threshold_minor: int | None = None
    currency: str = ""
    consignee: str = ""
    notify_party: str = ""
    port: str = ""


def member(connection: Connection, company: str, user_id: str) -> Member | None:
    """What the user may do for it; None for somebody who does not belong to it.

    Where nobody said: the company's first member is its admin, whoever came later looks on.
    """
    return next((one for one in members(connection, company) if one.user_id == user_id), None)


def members(connection: Connection, company: str) -> list[Member]:
    """All that belong to it, the oldest membership first.

    Where somebody was said to be admin, nobody becomes it because the first member left.
    """
    belonging = (
        select(people.MEMBERSHIPS.c.user_id)
        .where(people.MEMBERSHIPS.c.organisation == company, people.MEMBERSHIPS.c.role == "buyer")
        .order_by(people.MEMBERSHIPS.c.created_at, people.MEMBERSHIPS.c.id)
    )
    joined = list(dict.fromkeys(connection.execute(belonging).scalars()))
    said = {
        row.user_id: _member(row)
        for row in connection.execute(select(MEMBERS).where(MEMBERS.c.company == company))
    }
    has_admin = any(said[user].role == "admin" for user in joined if user in said)
    return [
        said.get(user) or Member(company, user, "viewer" if n or has_admin else "admin", Limit())
        for n, user in enumerate(joined)
    ]


def put_member(connection: Connection, value: Member) -> None:
    """Replace what was said of this member before."""
    connection.execute(
        delete(MEMBERS).where(MEMBERS.c.company == value.company, MEMBERS.c.user_id == value.user_id)
    )
    row: dict[str, Any] = {
        "company": value.company,
        "user_id": value.user_id,
        "role": value.role,
        "limit_minor": value.limit.amount_minor,
        "currency": value.limit.currency,
        "period": value.limit.period,
        "set_at": value.set_at,
        "set_by": value.set_by,
    }
    connection.execute(MEMBERS.insert(), [row])


def forget_member(connection: Connection, company: str, user_id: str) -> None:
    """Whoever left and comes again looks on, as everybody who comes later."""
    connection.execute(delete(MEMBERS).where(MEMBERS.c.company == company, MEMBERS.c.user_id == user_id))


def rules(connection: Connection, company: str) -> Rules:
    row = connection.execute(select(RULES).where(RULES.c.company == company)).one_or_none()
    return Rules(company) if row is None else Rules(**row._mapping)  # noqa: SLF001 - public API


def put_rules(connection: Connection, value: Rules) -> None:
    connection.execute(delete(RULES).where(RULES.c.company == value.company))
    connection.execute(RULES.insert(), [{name: getattr(value, name) for name in value.__slots__}])


def _member(row: Any) -> Member:
    limit = Limit(amount_minor=row.limit_minor, currency=row.currency, period=cast("Period", row.period))
    role = cast("CompanyRole", row.role)
    return Member(row.company, row.user_id, role, limit, as_utc(row.set_at), row.set_by)
