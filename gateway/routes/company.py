"""A buyer's own company: members, roles, limits, rules of its purchases, where its goods go."""

from collections.abc import Mapping
from typing import Annotated, Final, cast, get_args

from fastapi import APIRouter, Form
from starlette.responses import Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import Refused
from gateway.pages.building.purchasing import company_view, currencies
from gateway.pages.views.forms import Form as Filled
from gateway.pages.views.forms import form_of
from gateway.people import invitations
from gateway.people.address import folded_email
from gateway.policies import load
from gateway.routes.fields import one_line, text_error
from gateway.routes.purchase_pages import led, slug_of
from gateway.routes.quantities import amount_minor
from gateway.store.companies import Rules
from gateway.trade.spending import COMPANY_ROLES, PERIODS, CompanyRole, Limit, Period
from gateway.workflows.companies import Actor, actor_of, setting_member, setting_rules

TEXT_MAX: Final = 300
PORT_MAX: Final = 60
Typed = Annotated[str, Form(max_length=2_000)]

router = APIRouter(prefix="/company")
assert get_args(CompanyRole) == COMPANY_ROLES


@router.get("")
def own_company(visit: VisitDep) -> Response:
    return visit.page(company_view(visit.connection, visit.company, _actor(visit)))


@router.post("")
def set_rules(
    visit: FormDep,
    threshold: Typed = "",
    currency: Typed = "",
    consignee: Typed = "",
    notify_party: Typed = "",
    port: Typed = "",
) -> Response:
    """What the company wants of its purchases, and where its goods go. An empty threshold is none."""
    values = {
        "threshold": threshold, "currency": currency, "consignee": consignee, "notify_party": notify_party,
        "port": port,
    }  # fmt: skip
    least, wrong = _amount(values, "threshold")
    lines = {name: one_line(values[name]) for name in ("consignee", "notify_party", "port")}
    for name, text in lines.items():
        if text and (slug := text_error(text, PORT_MAX if name == "port" else TEXT_MAX)):
            wrong[name] = slug
    if wrong:
        return _refused(visit, rules=form_of(values, wrong))
    said = Rules(visit.company, least, currency if least is not None else "", **lines)
    visit.installation.writer.do(setting_rules(said))
    return flash.redirect("/company", "company-saved", visit.known.csrf)


@router.post("/members/{user}")
def set_member(
    user: str, visit: FormDep, role: Typed = "", limit: Typed = "", currency: Typed = "", period: Typed = ""
) -> Response:
    """What a member may do, and spend without being asked. An empty limit is none."""
    values = {"role": role, "limit": limit, "currency": currency, "period": period}
    least, wrong = _amount(values, "limit")
    if role not in COMPANY_ROLES:
        wrong["role"] = "choice-unknown"
    if period not in PERIODS:
        wrong["period"] = "choice-unknown"
    if wrong:
        return _refused(visit, member=(user, form_of(values, wrong)))
    said = Limit(
        amount_minor=least, currency=currency if least is not None else "", period=cast("Period", period)
    )
    unit = setting_member(
        visit.installation, visit.company, user, cast("CompanyRole", role), said, visit.principal
    )
    return led(
        visit,
        lambda: unit,
        "/company",
        "member-saved",
        lambda slug: _refused(visit, member=(user, form_of(values, {"role": slug}))),
    )


@router.post("/invitations")
def invite(visit: FormDep, email: Typed = "") -> Response:
    """Invite a colleague; he looks on until an admin gives him a role."""
    address = folded_email(email)
    if address is None:
        return _refused(visit, invitation=form_of({"email": email}, {"email": "email-unreadable"}))
    try:
        path = invitations.invite(
            visit.installation,
            "buyer",
            visit.company,
            email=address,
            language=visit.language,
            by=visit.principal,
            a_week_max=load.purchases().invitations_a_week,
        )
    except Refused as error:
        return _refused(visit, invitation=form_of({"email": email}, {"email": slug_of(error)}))
    view = company_view(
        visit.connection, visit.company, _actor(visit), invited=f"{visit.installation.public_url}{path}"
    )
    return visit.page(view)


def _amount(values: Mapping[str, str], name: str) -> tuple[int | None, dict[str, str]]:
    """Minor units, None where nothing was typed; and slugs of what is wrong."""
    if not values[name].strip():
        return None, {}
    amount = amount_minor(values[name])
    wrong = {} if amount is not None else {name: "amount-not-a-number"}
    if values["currency"] not in currencies():
        wrong["currency"] = "choice-unknown"
    return amount, wrong


def _actor(visit: Visit) -> Actor:
    return actor_of(visit.connection, visit.company, visit.principal)


def _refused(
    visit: Visit,
    *,
    rules: Filled | None = None,
    member: tuple[str, Filled] | None = None,
    invitation: Filled | None = None,
) -> Response:
    view = company_view(
        visit.connection, visit.company, _actor(visit), rules=rules, member=member, invitation=invitation
    )
    return visit.page(view, 422)
