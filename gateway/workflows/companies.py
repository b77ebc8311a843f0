"""Who asks for a company, and what its admins may set: roles, limits, rules, where goods go."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from gateway.errors import NotFound, Refused
from gateway.people import events
from gateway.store import api_keys, companies
from gateway.store.companies import Member, Rules
from gateway.trade.spending import MAY_APPROVE, MAY_BUY, CompanyRole, Limit
from gateway.wiring import Installation
from ledger.record import Ledger

USER, KEY = "user:", "key:"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something with a purchase. principal: "" for the house itself.

    role: in the company that buys; None of whoever does not belong to it. same: principals that one
    limit counts together: a person and the keys of programs that the person made.
    """

    principal: str
    role: CompanyRole | None = None
    limit: Limit = field(default_factory=Limit)
    same: tuple[str, ...] = ()

    @property
    def may_buy(self) -> bool:
        return self.role in MAY_BUY

    @property
    def may_approve(self) -> bool:
        """A program agrees to nothing."""
        return self.role in MAY_APPROVE and self.principal.startswith(USER)


HOUSE = Actor("")


def actor_of(connection: Connection, company: str, principal: str) -> Actor:
    """Who a caller is in a company: a member, or a program, which buys within its maker's limit."""
    user = person_of(connection, company, principal)
    found = companies.member(connection, company, user) if user else None
    if principal.startswith(KEY):
        limit = Limit() if found is None else found.limit
        role: CompanyRole | None = "buyer"
        if found is not None and found.role not in MAY_BUY:
            role = "viewer"  # a program may not do what its maker may not
    else:
        limit, role = (Limit(), None) if found is None else (found.limit, found.role)
    return Actor(principal, role, limit, _same(connection, user, principal))


def person_of(connection: Connection, company: str, principal: str) -> str:
    """The user behind a principal; "" for a key whose maker is nobody of the company."""
    if principal.startswith(USER):
        return principal.removeprefix(USER)
    key = principal.removeprefix(KEY)
    made = api_keys.get(connection, key)
    return made.created_by if made is not None and made.organisation == company else ""


def _same(connection: Connection, user: str, principal: str) -> tuple[str, ...]:
    keys = api_keys.of_user(connection, user) if user else []
    return tuple(sorted({principal, f"{USER}{user}", *(f"{KEY}{key.id}" for key in keys)} - {USER}))


def setting_member(
    installation: Installation,
    company: str,
    user_id: str,
    role: CompanyRole,
    limit: Limit,
    by: str,
    check: Callable[[Member], None] = lambda _member: None,
) -> Callable[[Ledger], Member]:
    """A unit that says what a member may do. check: may refuse the member as the transaction finds him.

    Raises NotFound for somebody who does not belong to the company, Refused (last-admin).
    """

    def unit(ledger: Ledger) -> Member:
        connection, now = ledger.connection, installation.clock.now()
        everybody = companies.members(connection, company)
        standing = next((one for one in everybody if one.user_id == user_id), None)
        if standing is None:
            raise NotFound(user_id)
        check(standing)
        others = [one for one in everybody if one.user_id != user_id and one.role == "admin"]
        if role != "admin" and standing.role == "admin" and not others:
            raise Refused("last-admin", "a company keeps one admin")
        for one in everybody:  # who is admin because nobody said otherwise stays it now that somebody says
            if one.role == "admin" and one.set_at is None:
                companies.put_member(connection, replace(one, set_at=now, set_by=by))
        said = Member(company, user_id, role, limit, now, by)
        companies.put_member(connection, said)
        detail = f"{company} {user_id} {role}"
        events.note(
            connection, "company-role-set", at=installation.wall_clock.now(), principal=by, detail=detail
        )
        return said

    return unit


def setting_rules(
    rules: Rules, check: Callable[[Rules], None] = lambda _rules: None
) -> Callable[[Ledger], Rules]:
    """A unit that replaces what a company wants of its purchases. check: may refuse what stood before."""

    def unit(ledger: Ledger) -> Rules:
        check(companies.rules(ledger.connection, rules.company))
        companies.put_rules(ledger.connection, rules)
        return rules

    return unit
