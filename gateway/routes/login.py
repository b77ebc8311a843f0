"""One-time logins of the demo: opening the link shows a button, pressing it lets this browser in."""

from fastapi import APIRouter
from starlette.responses import Response

from gateway import auth
from gateway.deps import FormDep, StrangerDep, Visit, VisitDep
from gateway.pages.views import LoginView, Visitor
from gateway.people import organisations, printed_logins, sessions
from gateway.people.printed_logins import Login
from gateway.routes.cookies import forget_session, let_in

STATUS = {"ready": 200, "used": 410, "expired": 410, "unknown": 404}

router = APIRouter()


@router.get("/login/{token}")
def show(token: str, visit: VisitDep) -> Response:
    return _page(visit, token, printed_logins.look_at_login(visit.installation, visit.connection, token))


@router.post("/login/{token}")
def use(token: str, visit: StrangerDep) -> Response:
    login, cookie = printed_logins.use_login(
        visit.installation,
        token,
        auth.browser_of(visit.request),
        instead_of=visit.request.cookies.get(auth.COOKIE),
    )
    if cookie is None or login.membership is None:
        return _page(visit, token, login)
    return let_in(visit, cookie, sessions.HOME.get(login.membership.role, sessions.ACCOUNT))


@router.post("/logout")
def leave(visit: FormDep) -> Response:
    sessions.sign_out(visit.installation, visit.request.cookies.get(auth.COOKIE))
    return forget_session("/")


def _page(visit: Visit, token: str, login: Login) -> Response:
    view = LoginView(state=login.state)
    if login.state == "ready" and login.membership is not None:
        found = organisations.find(visit.installation, visit.connection, login.membership.organisation)
        view = LoginView(
            state="ready",
            visitor=Visitor(role=login.membership.role, name=found.name if found else ""),
            action=f"/login/{token}",
            expires_at=login.expires_at,
        )
    return visit.page(view, STATUS[login.state])
