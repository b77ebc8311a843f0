"""One-time logins: opening the link shows a button, pressing it lets this browser in."""

import re

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway import auth
from gateway.auth import Login
from gateway.deps import FormDep, Visit, VisitDep, visitor_of
from gateway.pages.views import LoginView

TOKEN = re.compile(r"[0-9a-f]{64}", re.ASCII)
STATUS = {"ready": 200, "used": 410, "expired": 410, "unknown": 404}

router = APIRouter()


@router.get("/login/{token}")
def show(token: str, visit: VisitDep) -> Response:
    login = auth.look_at_login(visit.connection, token) if TOKEN.fullmatch(token) else Login("unknown")
    return _page(visit, token, login)


@router.post("/login/{token}")
def use(token: str, visit: VisitDep) -> Response:
    if TOKEN.fullmatch(token) is None:
        return _page(visit, token, Login("unknown"))
    before = visit.request.cookies.get(auth.COOKIE)
    login, cookie = auth.use_login(visit.installation, token, instead_of=before)
    if cookie is None or login.role is None:
        return _page(visit, token, login)
    response = RedirectResponse(auth.HOME[login.role], 303)
    response.set_cookie(
        auth.COOKIE,
        cookie,
        max_age=int(auth.SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=_is_secure(visit.request, visit),
    )
    return response


@router.post("/logout")
def leave(visit: FormDep) -> Response:
    auth.log_out(visit.installation, visit.request.cookies.get(auth.COOKIE))
    response = RedirectResponse("/", 303)
    response.delete_cookie(auth.COOKIE, httponly=True, samesite="lax")
    return response


def _page(visit: Visit, token: str, login: Login) -> Response:
    view = LoginView(state=login.state)
    if login.state == "ready":
        view = LoginView(
            state="ready",
            visitor=visitor_of(visit.connection, visit.installation, login),
            action=f"/login/{token}",
            expires_at=login.expires_at,
        )
    return visit.page(view, STATUS[login.state])


def _is_secure(request: Request, visit: Visit) -> bool:
    return request.url.scheme == "https" or visit.installation.public_url.startswith("https://")
