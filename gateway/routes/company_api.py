"""A buyer's company for its programs: who may do what, and the rules of its purchases."""

from typing import Final

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from gateway.deps import HeaderDep, Visit, VisitDep
from gateway.policies import load
from gateway.routes.strict import Closed, StrictRoute
from gateway.routes.trade import IfMatch
from gateway.shell import etags
from gateway.store import companies, people, trade
from gateway.store.companies import Member, Rules
from gateway.trade.spending import CompanyRole, Limit, Period
from gateway.workflows.companies import setting_member, setting_rules
from ledger.core import canonical
from ledger.record import Ledger

CURRENCY: Final = r"^([A-Z]{3})?$"
LINES: Final = "name and address, its lines parted by semicolons"

router = APIRouter(prefix="/v1/company", tags=["company"], route_class=StrictRoute)


class LimitIn(Closed):
    """What a member may spend without being asked. amount_minor: null for no limit."""

    amount_minor: int | None = Field(default=None, ge=0, le=10**15, examples=[5_000_000])
    currency: str = Field(default="", pattern=CURRENCY, examples=["USD"])
    period: Period = Field(default="month", examples=["month"])


class MemberIn(Closed):
    """role: admin sets all of this; buyer orders; approver agrees to orders; viewer looks on."""

    role: CompanyRole = Field(examples=["buyer"])
    limit: LimitIn = Field(default=LimitIn(), examples=[{"amount_minor": 5_000_000, "currency": "USD"}])


class MemberOut(Closed):
    """A member of the company."""

    user: str = Field(examples=["usr_0c8tq3m7p2d5v9x1k4hr"])
    name: str = Field(examples=["Lan Nguyen"])
    role: CompanyRole
    limit: LimitIn

    @classmethod
    def of(cls, connection: Connection, member: Member) -> "MemberOut":
        user = people.user(connection, member.user_id)
        limit = LimitIn(
            amount_minor=member.limit.amount_minor,
            currency=member.limit.currency,
            period=member.limit.period,
        )
        return cls(user=member.user_id, name=user.name if user else "", role=member.role, limit=limit)


class RulesIn(Closed):
    """threshold_minor: above it every purchase needs somebody's agreement; null for none."""

    threshold_minor: int | None = Field(default=None, ge=0, le=10**15, examples=[10_000_000])
    currency: str = Field(default="", pattern=CURRENCY, examples=["USD"])
    consignee: str = Field(
        default="", max_length=300, description=LINES, examples=["Sao Bien Co.; Hai Phong"]
    )
    notify_party: str = Field(
        default="", max_length=300, description=LINES, examples=["Cang Forwarding; Hai Phong"]
    )
    port: str = Field(default="", max_length=60, examples=["Hai Phong"])


class TierOut(Closed):
    """What the company's tier is granted. share_percent: of a large lot, at most held at a time."""

    tier: int = Field(examples=[1])
    extension_minutes: int = Field(examples=[30])
    waiting_hours: int = Field(examples=[24])
    share_percent: int = Field(examples=[80])
    deposit_percent: int = Field(examples=[30])
    deposit_from: dict[str, int] = Field(examples=[{"USD": 10_000_000}])
    balance_days: int = Field(examples=[0])


class CompanyOut(Closed):
    """The caller's company."""

    id: str = Field(examples=["cmp_0c8tq3m7p2d5v9x1k4hr"])
    name: str = Field(examples=["Harbor Discount Group LLC"])
    country: str = Field(examples=["US"])
    rules: RulesIn
    tier: TierOut
    members: list[MemberOut]

    @classmethod
    def of(cls, connection: Connection, company: str) -> "CompanyOut":
        found = trade.company(connection, company)
        assert found is not None  # a caller belongs to it
        tier = load.purchases().of_tier(found.tier)
        return cls(
            id=found.id,
            name=found.name,
            country=found.country,
            rules=_rules(companies.rules(connection, company)),
            tier=TierOut(**tier.model_dump()),
            members=[MemberOut.of(connection, one) for one in companies.members(connection, company)],
        )


def _rules(rules: Rules) -> RulesIn:
    return RulesIn(
        threshold_minor=rules.threshold_minor,
        currency=rules.currency,
        consignee=rules.consignee,
        notify_party=rules.notify_party,
        port=rules.port,
    )


@router.get("", response_model=CompanyOut)
def company(visit: VisitDep) -> Response:
    """The company with its members, rules and tier, and the ETag that changing it asks for."""
    return etags.answer(visit.request, CompanyOut.of(visit.connection, visit.company))


@router.put("", response_model=CompanyOut)
def set_rules(said: RulesIn, visit: HeaderDep, if_match: IfMatch = None) -> Response:
    """Replace the rules of the company's purchases. 412 when the company changed since it was read."""
    del if_match
    for name in ("consignee", "notify_party", "port"):
        canonical.check_text(getattr(said, name), f"/{name}")
    inside: list[Connection] = []
    step = setting_rules(Rules(visit.company, **said.model_dump()), lambda _rules: _check(visit, inside[-1]))

    def unit(ledger: Ledger) -> CompanyOut:
        inside.append(ledger.connection)
        step(ledger)
        return CompanyOut.of(ledger.connection, visit.company)

    return etags.answer(visit.request, visit.installation.writer.do(unit))


@router.put("/members/{user}", response_model=CompanyOut)
def set_member(user: str, said: MemberIn, visit: HeaderDep, if_match: IfMatch = None) -> Response:
    """Say what a member may do and spend. 409 last-admin; 412 when the company changed since it was read."""
    del if_match
    limit = Limit(**said.limit.model_dump())
    inside: list[Connection] = []
    step = setting_member(
        visit.installation, visit.company, user, said.role, limit, visit.principal,
        lambda _member: _check(visit, inside[-1]),
    )  # fmt: skip

    def unit(ledger: Ledger) -> CompanyOut:
        inside.append(ledger.connection)
        step(ledger)
        return CompanyOut.of(ledger.connection, visit.company)

    return etags.answer(visit.request, visit.installation.writer.do(unit))


def _check(visit: Visit, connection: Connection) -> None:
    etags.check_if_match(visit.request, etags.of_model(CompanyOut.of(connection, visit.company)))
