"""Coming in: a password, a second factor, an invitation, an application."""

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from gateway import auth
from gateway.deps import FormDep, StrangerDep, Visit, VisitDep
from gateway.errors import NotFound
from gateway.pages.building import people as pages
from gateway.pages.views.forms import Form, form_of
from gateway.pages.views.people import (
    InvitationView,
    JoinView,
    RecoveryCodesView,
    SecondFactorView,
    SignInView,
)
from gateway.people import (
    companies,
    invitations,
    passwords,
    registration,
    second_factor,
    sessions,
    sign_in,
    totp,
)
from gateway.people.address import folded_email
from gateway.people.companies import Candidate
from gateway.people.invitations import Newcomer, Opened
from gateway.people.sign_in import Outcome
from gateway.routes.cookies import let_in, set_session
from gateway.routes.fields import Typed, closed_form, one_line, text_error
from gateway.store import people
from gateway.store.sessions import StandingSession
from qrcodes import symbol

NAME_MAX, COMPANY_MAX, ADDRESS_MAX = 120, 120, 300
STATUS = {"ready": 200, "used": 410, "expired": 410, "unknown": 404}

router = APIRouter(tags=["people"], dependencies=[Depends(closed_form)])


@router.get("/sign-in")
def show(visit: VisitDep) -> Response:
    return visit.page(SignInView(form=Form()))


@router.post("/sign-in")
def enter(visit: StrangerDep, email: Typed = "", password: Typed = "") -> Response:
    outcome = sign_in.sign_in(
        visit.installation,
        email,
        password,
        auth.browser_of(visit.request),
        instead_of=visit.request.cookies.get(auth.COOKIE),
    )
    if outcome.state == "in":
        return let_in(visit, outcome.cookie, outcome.href, language=outcome.language)
    view = SignInView(form=_form({"email": email}, outcome, "sign-in-wrong"), wait_s=outcome.wait_s)
    return _refused(visit, view, outcome)


@router.get("/second-factor")
def ask(visit: VisitDep) -> Response:
    if visit.known.owes != "second-factor" and not _session(visit).offered_secret:
        return RedirectResponse(sessions.ACCOUNT, 303)
    return visit.page(pages.second_factor_view(visit.connection, _session(visit), Form()))


@router.get("/second-factor.svg", response_class=Response)
def offered_symbol(visit: VisitDep) -> Response:
    """The offered secret for an authenticator's camera; there is none to see once it is set up."""
    session, user = _session(visit), people.user(visit.connection, _session(visit).user_id)
    if not session.offered_secret or user is None:
        raise NotFound("symbol")
    link = totp.link(session.offered_secret, user.email)
    return Response(symbol.svg(link, symbol.DOCUMENT_LEVEL), media_type="image/svg+xml")


@router.post("/second-factor")
def give(visit: FormDep, code: Typed = "") -> Response:
    browser, session = auth.browser_of(visit.request), _session(visit)
    if session.offered_secret:
        set_up = second_factor.set_up(visit.installation, session, code, browser)
        outcome = set_up.outcome
        if outcome.state == "in":
            view = RecoveryCodesView(codes=set_up.codes, next_href=outcome.href)
            response = visit.page(view)
            set_session(visit, response, outcome.cookie)
            return response
    else:
        outcome = second_factor.give(visit.installation, session, code, browser)
        if outcome.state == "in":
            return let_in(visit, outcome.cookie, outcome.href)
    form = _form({}, outcome, "code-wrong", field="code")
    return _refused(
        visit,
        pages.second_factor_view(visit.connection, session, form, wait_s=outcome.wait_s),
        outcome,
    )


@router.get("/invitations/{token}")
def invitation(token: str, visit: VisitDep) -> Response:
    opened = invitations.look(visit.installation, visit.connection, token)
    return visit.page(pages.invitation_view(opened, token, Form()), STATUS[opened.state])


@router.post("/invitations/{token}")
def accept(
    token: str,
    visit: StrangerDep,
    email: Typed = "",
    name: Typed = "",
    password: Typed = "",
    password_again: Typed = "",
) -> Response:
    opened = invitations.look(visit.installation, visit.connection, token)
    if opened.invitation is None:
        return visit.page(pages.invitation_view(opened, token, Form()), STATUS[opened.state])
    address = opened.invitation.email or folded_email(email) or ""
    who = Newcomer(address, one_line(name), password, visit.language)
    wrong = {} if opened.has_account else _newcomer_errors(who, password_again)
    kept = {"email": email, "name": name}
    if wrong:
        return _invited(visit, opened, token, form_of(kept, wrong))
    outcome = invitations.accept(
        visit.installation,
        token,
        who,
        auth.browser_of(visit.request),
        instead_of=visit.request.cookies.get(auth.COOKIE),
    )
    if outcome is None:
        return RedirectResponse(f"/invitations/{token}", 303)  # somebody was faster: look again
    if outcome.state == "in":
        return let_in(visit, outcome.cookie, outcome.href, language=outcome.language)
    form = _form(kept, outcome, "account-not-joined", field="password")
    view = pages.invitation_view(opened, token, form, wait_s=outcome.wait_s)
    return _refused(visit, view, outcome)


@router.get("/join")
def join(visit: VisitDep) -> Response:
    return visit.page(pages.join_view(visit.language, Form()))


@router.post("/join")
def apply(
    visit: StrangerDep,
    company: Typed = "",
    country: Typed = "",
    address: Typed = "",
    registration_number: Typed = "",
    name: Typed = "",
    email: Typed = "",
    password: Typed = "",
    password_again: Typed = "",
) -> Response:
    candidate = Candidate(one_line(company), country, one_line(address), one_line(registration_number))
    who = Newcomer(folded_email(email) or "", one_line(name), password, visit.language)
    wrong = {**_company_errors(candidate), **_newcomer_errors(who, password_again)}
    kept = {
        "company": company,
        "country": country,
        "address": address,
        "registration_number": registration_number,
        "name": name,
        "email": email,
    }
    if wrong:
        return visit.page(pages.join_view(visit.language, form_of(kept, wrong)), 422)
    wait_s = companies.apply(visit.installation, candidate, who, auth.browser_of(visit.request))
    if wait_s:
        view = pages.join_view(visit.language, form_of(kept, {"": "must-wait"}), wait_s=wait_s)
        return _refused(visit, view, Outcome("wait", wait_s=wait_s))
    return visit.page(JoinView(sent=True))


def _newcomer_errors(who: Newcomer, password_again: str) -> dict[str, str]:
    wrong = {} if who.email else {"email": "email-unreadable"}
    if slug := text_error(who.name, NAME_MAX):
        wrong["name"] = slug
    if refused := passwords.refusal(who.password, who.email, who.name):
        wrong["password"] = refused
    elif who.password != password_again:
        wrong["password_again"] = "passwords-differ"  # noqa: S105 - a slug
    return wrong


def _company_errors(candidate: Candidate) -> dict[str, str]:
    wrong = {}
    if slug := text_error(candidate.name, COMPANY_MAX):
        wrong["company"] = slug
    if candidate.country not in pages.COUNTRIES:
        wrong["country"] = "choice-unknown"
    if slug := text_error(candidate.address, ADDRESS_MAX):
        wrong["address"] = slug
    if slug := text_error(candidate.registration_number, registration.LENGTH_MAX):
        wrong["registration_number"] = slug
    elif registration.check(candidate.country, candidate.registration_number) == "invalid":
        wrong["registration_number"] = "number-invalid"
    return wrong


def _session(visit: Visit) -> StandingSession:
    session = visit.known.session
    assert session is not None, "no key opens this route"
    return session


def _form(kept: dict[str, str], outcome: Outcome, wrong: str, *, field: str = "") -> Form:
    return form_of(kept, {"": "must-wait"} if outcome.state == "wait" else {field: wrong})


def _invited(visit: Visit, opened: Opened, token: str, form: Form) -> Response:
    return visit.page(pages.invitation_view(opened, token, form), 422)


def _refused(
    visit: Visit, view: SignInView | SecondFactorView | InvitationView | JoinView, outcome: Outcome
) -> Response:
    """422 with the form, or 429 with the seconds to wait (RFC 6585 §4)."""
    response = visit.page(view, 429 if outcome.state == "wait" else 422)
    if outcome.state == "wait":
        response.headers["retry-after"] = str(outcome.wait_s)
    return response
