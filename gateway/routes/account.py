"""One's own account: password, second factor, roles, browsers, keys of programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import RedirectResponse, Response

from gateway import auth, flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import NotFound
from gateway.i18n import LANGUAGES
from gateway.pages.building import account as pages
from gateway.pages.building.account import Filled
from gateway.pages.views.forms import form_of
from gateway.people import accounts, keys, passwords, second_factor, sessions, sign_in
from gateway.people.keys import Wanted
from gateway.people.sign_in import Outcome
from gateway.permissions import SCOPES
from gateway.routes.cookies import A_YEAR_S, forget_session, let_in
from gateway.routes.fields import Typed, closed_form, one_line, text_error
from gateway.store import people
from gateway.store.people import User
from gateway.store.sessions import StandingSession
from ledger.store import log

NAME_MAX, KEY_NAME_MAX = 120, 80
LANGUAGE_COOKIE = "lang"

router = APIRouter(prefix="/account", tags=["people"], dependencies=[Depends(closed_form)])


@router.get("")
def show(visit: VisitDep) -> Response:
    return _page(visit, Filled())


@router.post("/profile")
def profile(visit: FormDep, name: Typed = "", language: Typed = "") -> Response:
    wrong = {"name": slug} if (slug := text_error(one_line(name), NAME_MAX)) else {}
    if language not in LANGUAGES:
        wrong["language"] = "choice-unknown"
    if wrong:
        return _page(visit, Filled(profile=form_of({"name": name, "language": language}, wrong)))
    accounts.change_profile(visit.installation, _user(visit).id, name=one_line(name), language=language)
    response = _done(visit, "profile-saved")
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR_S, samesite="lax", httponly=True)
    return response


@router.post("/password")
def password(
    visit: FormDep,
    current: Typed = "",
    password: Typed = "",
    password_again: Typed = "",
) -> Response:
    user, browser = _user(visit), auth.browser_of(visit.request)
    slug = passwords.refusal(password, user.email, user.name)
    wrong = {"password": str(slug)} if slug else {}
    if not slug and password != password_again:
        wrong["password_again"] = "passwords-differ"  # noqa: S105 - a slug
    if wrong:
        return _page(visit, Filled(password=form_of({}, wrong)))
    refused = sign_in.is_own_password(visit.installation, user, current, browser)
    if refused is not None:
        return _page(visit, _not_own(refused, "password", "current"), refused)
    accounts.change_password(visit.installation, _session(visit), password, browser)
    return _done(visit, "password-changed")


@router.post("/role")
def role(visit: FormDep, membership: Typed = "") -> Response:
    browser = auth.browser_of(visit.request)
    switched = sessions.switch(visit.installation, _session(visit), membership, browser)
    if switched is None:
        raise NotFound(membership)
    cookie, href = switched
    return let_in(visit, cookie, href)


@router.post("/second-factor")
def factor(visit: FormDep, current_password: Typed = "") -> Response:
    browser = auth.browser_of(visit.request)
    refused = sign_in.is_own_password(visit.installation, _user(visit), current_password, browser)
    if refused is not None:
        return _page(visit, _not_own(refused, "factor", "current_password"), refused)
    second_factor.offer(visit.installation, _session(visit))
    return RedirectResponse(sessions.FACTOR, 303)


@router.post("/sessions")
def sign_out_everywhere(visit: FormDep) -> Response:
    sessions.sign_out_everywhere(visit.installation, _user(visit).id)
    return forget_session("/sign-in")


@router.post("/sessions/{session}/end")
def end_session(session: str, visit: FormDep) -> Response:
    if not sessions.end_one(visit.installation, _user(visit).id, session):
        raise NotFound(session)
    return _done(visit, "session-ended")


@router.get("/keys")
def api_keys(visit: VisitDep) -> Response:
    return _keys_page(visit, {"lifetime": "90-days"})


@router.post("/keys")
def make_key(
    visit: FormDep,
    scopes: Annotated[list[str], Form(default_factory=list)],
    name: Typed = "",
    role: Typed = "",
    lifetime: Typed = "",
    ledger_key: Typed = "",
) -> Response:
    chosen = frozenset(scope for scope in SCOPES if scope in scopes)
    allowed = {one: keys.scopes_for(one) for one in keys.roles_for(visit.known)}
    as_role = next((one for one in allowed if one == role), None)
    signs_with = ledger_key.strip().lower()
    wrong = {"name": slug} if (slug := text_error(one_line(name), KEY_NAME_MAX)) else {}
    if as_role is None:
        wrong["role"] = "choice-unknown"
    elif not chosen or len(chosen) != len(set(scopes)) or not chosen <= set(allowed[as_role]):
        wrong["scopes"] = "scopes-missing"
    if lifetime not in keys.LIFETIMES:
        wrong["lifetime"] = "choice-unknown"
    if signs_with and not (as_role == "device" and _is_own_ledger_key(visit, signs_with)):
        wrong["ledger_key"] = "ledger-key-unknown"
    kept = {
        "name": name,
        "role": role,
        "scopes": " ".join(sorted(chosen)),
        "lifetime": lifetime,
        "ledger_key": ledger_key,
    }
    if wrong or as_role is None:
        return _keys_page(visit, kept, wrong)
    wanted = Wanted(
        name=one_line(name), role=as_role, scopes=chosen, lifetime=lifetime, ledger_key=signs_with
    )
    made = keys.make(visit.installation, visit.known, wanted)
    with visit.installation.database.reading() as connection:  # newer than the visit's own snapshot
        return visit.page(
            pages.keys_view(connection, visit.known, visit.installation.wall_clock.now(), made=made)
        )


@router.post("/keys/{key}/revoke")
def revoke_key(key: str, visit: FormDep) -> Response:
    keys.revoke(visit.installation, visit.known, key)
    return flash.redirect("/account/keys", "key-revoked", visit.known.csrf)


def _page(visit: Visit, filled: Filled, refused: Outcome | None = None) -> Response:
    wait_s = refused.wait_s if refused else 0
    view = pages.account_view(visit.installation, visit.connection, visit.known, filled, wait_s=wait_s)
    status = 429 if wait_s else 422 if filled != Filled() else 200
    response = visit.page(view, status)
    if wait_s:
        response.headers["retry-after"] = str(wait_s)
    return response


def _keys_page(visit: Visit, kept: dict[str, str], wrong: dict[str, str] | None = None) -> Response:
    if not keys.roles_for(visit.known):
        raise NotFound("keys")
    view = pages.keys_view(
        visit.connection, visit.known, visit.installation.wall_clock.now(), form=form_of(kept, wrong)
    )
    return visit.page(view, 422 if wrong else 200)


def _done(visit: Visit, slug: str) -> Response:
    return flash.redirect(sessions.ACCOUNT, slug, visit.known.csrf)


def _not_own(refused: Outcome, form: str, field: str) -> Filled:
    slug = {"": "must-wait"} if refused.state == "wait" else {field: "password-wrong"}
    return Filled(**{form: form_of({}, slug)})


def _is_own_ledger_key(visit: Visit, key_id: str) -> bool:
    found = log.key(visit.connection, key_id)
    return found is not None and found.party == visit.known.organisation


def _session(visit: Visit) -> StandingSession:
    session = visit.known.session
    assert session is not None, "no key opens this route"
    return session


def _user(visit: Visit) -> User:
    user = people.user(visit.connection, _session(visit).user_id)
    assert user is not None, "a session that stands has its user"
    return user
