"""Other people's accounts, for administrators."""

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import NotFound, Refused
from gateway.i18n import LANGUAGES
from gateway.pages.building import people as pages
from gateway.pages.views.forms import Form, form_of
from gateway.people import accounts, companies, invitations, organisations, second_factor
from gateway.people.address import folded_email
from gateway.people.events import KINDS
from gateway.permissions import ROLES
from gateway.routes.fields import Typed, closed_form, one_line, text_error
from gateway.store import people
from ledger.record import Ledger

REASON_MAX = 500
ACTIONS = ("end-sessions", "reset-factor", "reset-password", "disable", "enable")

router = APIRouter(prefix="/people", tags=["people"], dependencies=[Depends(closed_form)])


@router.get("")
def users(visit: VisitDep) -> Response:
    return visit.page(pages.users_view(visit.installation, visit.connection))


@router.get("/invitations")
def show_invitations(visit: VisitDep) -> Response:
    return visit.page(_invitations(visit, form_of({"language": visit.language, "role": "operator"})))


@router.post("/invitations")
def invite(
    visit: FormDep, email: Typed = "", role: Typed = "", organisation: Typed = "", language: Typed = ""
) -> Response:
    """The link is shown in the answer, this once, and a letter takes it to whoever is invited."""
    as_role = next((one for one in ROLES if one == role), None)
    where = organisations.find(visit.installation, visit.connection, organisation)
    address = folded_email(email)
    wrong = {} if address else {"email": "email-unreadable"}
    if as_role is None or where is None or not organisations.fits(as_role, where):
        wrong["organisation"] = "role-unfit"
    if language not in LANGUAGES:
        wrong["language"] = "choice-unknown"
    kept = {"email": email, "role": role, "organisation": organisation, "language": language}
    if wrong or as_role is None or address is None:
        return visit.page(_invitations(visit, form_of(kept, wrong)), 422)
    path = invitations.invite(
        visit.installation,
        as_role,
        organisation,
        email=address,
        language=language,
        by=visit.principal,
    )
    made = f"{visit.installation.public_url}{path}"
    with visit.installation.database.reading() as connection:  # newer than the visit's own snapshot
        form = form_of({"language": language, "role": role})
        return visit.page(
            pages.invitations_view(visit.installation, connection, form, made=made, email=address)
        )


@router.post("/invitations/{invitation}/withdraw")
def withdraw(invitation: str, visit: FormDep) -> Response:
    def unit(ledger: Ledger) -> bool:
        return people.withdraw_invitation(ledger.connection, invitation)

    if not visit.installation.writer.do(unit):
        raise NotFound(invitation)
    return flash.redirect("/people/invitations", "invitation-withdrawn", visit.known.csrf)


@router.get("/users/{user}")
def show_user(user: str, visit: VisitDep) -> Response:
    return _user_page(visit, user)


@router.post("/users/{user}")
def change_user(user: str, visit: FormDep, action: Typed = "") -> Response:
    installation, by = visit.installation, visit.principal
    if people.user(visit.connection, user) is None or action not in ACTIONS:
        raise NotFound(user)
    try:
        match action:
            case "end-sessions":
                accounts.end_sessions(installation, user, by=by)
            case "reset-factor":
                second_factor.reset(installation, user, by=by)
            case "reset-password":
                accounts.reset_password(installation, user, by=by)
            case _:
                accounts.set_disabled(installation, user, disabled=action == "disable", by=by)
    except Refused as error:
        return _user_page(visit, user, error.code)
    return flash.redirect(f"/people/users/{user}", "user-changed", visit.known.csrf)


@router.post("/users/{user}/memberships/{membership}/end")
def end_membership(user: str, membership: str, visit: FormDep) -> Response:
    try:
        accounts.end_membership(visit.installation, user, membership, by=visit.principal)
    except Refused as error:
        return _user_page(visit, user, error.code)
    return flash.redirect(f"/people/users/{user}", "user-changed", visit.known.csrf)


@router.get("/companies")
def show_companies(visit: VisitDep) -> Response:
    return visit.page(pages.companies_view(visit.connection))


@router.get("/companies/{company}")
def show_company(company: str, visit: VisitDep) -> Response:
    return _company_page(visit, company, Form())


@router.post("/companies/{company}")
def decide(company: str, visit: FormDep, decision: Typed = "", reason: Typed = "") -> Response:
    why = one_line(reason)
    wrong = {} if decision in ("approve", "refuse") else {"decision": "choice-unknown"}
    if (why or decision == "refuse") and (slug := text_error(why, REASON_MAX)):
        wrong["reason"] = slug
    if wrong:
        return _company_page(visit, company, form_of({"reason": reason}, wrong))
    try:
        companies.decide(
            visit.installation, company, approved=decision == "approve", reason=why, by=visit.principal
        )
    except Refused as error:
        return _company_page(visit, company, form_of({"reason": reason}, {"": error.code}))
    return flash.redirect("/people/companies", "company-decided", visit.known.csrf)


@router.get("/events")
def show_events(visit: VisitDep, kind: str = "", after: str = "") -> Response:
    """after: id of the last event of the page above."""
    chosen = kind if kind in KINDS else ""
    return visit.page(pages.events_view(visit.connection, chosen, after))


def _invitations(visit: Visit, form: Form) -> pages.InvitationsView:
    return pages.invitations_view(visit.installation, visit.connection, form)


def _user_page(visit: Visit, user: str, error: str = "") -> Response:
    view = pages.user_view(visit.installation, visit.connection, user, error=error)
    if view is None:
        raise NotFound(user)
    return visit.page(view, 409 if error else 200)


def _company_page(visit: Visit, company: str, form: Form) -> Response:
    view = pages.company_view(visit.connection, company, form)
    if view is None:
        raise NotFound(company)
    return visit.page(view, 422 if form.errors else 200)
