"""What a route is handed: the installation, one read snapshot, who looks; and who may look at all.

``ACCESS`` is the one table of routes and roles. A route that does not stand in it answers to nobody.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Annotated, Final

from fastapi import Depends, Form, Header, Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from gateway import auth
from gateway.auth import Session
from gateway.errors import NotFound
from gateway.i18n import choose_language
from gateway.pages.render import render
from gateway.pages.views import Frame, Page, Visitor
from gateway.pages.views.frame import Role
from gateway.problems import Forbidden, TooManyRequests
from gateway.store import tables, trade
from gateway.wiring import Installation
from ledger.errors import LedgerError
from ledger.store.tables import table

PARTIES = table(tables.PartyRow)
LANGUAGE_COOKIE: Final = "lang"
QUERY_KEPT_MAX: Final = 10  # parameters that language links carry on
DEMO_ORIGIN: Final = "demo."

EVERYBODY: Final[frozenset[str]] = frozenset({"public"})
BUYER: Final[frozenset[str]] = frozenset({"buyer"})
OPERATOR: Final[frozenset[str]] = frozenset({"operator"})
SIGNED_IN: Final[frozenset[str]] = frozenset({"buyer", "operator", "auditor"})

# "METHOD path" -> who. What an auditor sees is public: nobody needs our leave to audit.
ACCESS: Final[Mapping[str, frozenset[str]]] = {
    "GET /livez": EVERYBODY,
    "GET /readyz": EVERYBODY,
    "GET /v1/openapi.json": EVERYBODY,
    "GET /static": EVERYBODY,
    "GET /": EVERYBODY,
    "GET /q/": EVERYBODY,
    "GET /q/{code}": EVERYBODY,
    "GET /01/{gtin}/10/{lot}": EVERYBODY,
    "GET /d/{code}/{page}": EVERYBODY,
    "GET /login/{token}": EVERYBODY,
    "POST /login/{token}": EVERYBODY,
    "POST /logout": SIGNED_IN,
    "GET /log/checkpoint": EVERYBODY,
    "GET /log/policy": EVERYBODY,
    "GET /log/tile/{path:path}": EVERYBODY,
    "GET /catalogue": BUYER,
    "GET /offers/{listing}": BUYER,
    "POST /offers/{listing}/reserve": BUYER,
    "GET /reservations/{reservation}": BUYER,
    "POST /reservations/{reservation}/confirm": BUYER,
    "POST /reservations/{reservation}/release": BUYER,
    "GET /orders": BUYER,
    "GET /orders/{order}": BUYER,
    "GET /documents/{code}": BUYER | OPERATOR,
    "GET /operator": OPERATOR,
    "GET /operator/lots/{lot}": OPERATOR,
    "GET /operator/codes/{code}.svg": OPERATOR,
    "GET /operator/rejected": OPERATOR,
    "GET /operator/rejected.csv": OPERATOR,
    "GET /operator/refusals": OPERATOR,
    "GET /operator/orders": OPERATOR,
    "GET /operator/orders/{order}": OPERATOR,
    "GET /operator/private": OPERATOR,
    "POST /operator/private": OPERATOR,
    "GET /operator/private/lots/{lot}": OPERATOR,
    "GET /operator/private/records/{event_id}": OPERATOR,
    "POST /operator/private/records/{event_id}": OPERATOR,
    "GET /operator/private/articles/{item}": OPERATOR,
    "POST /operator/private/articles/{item}": OPERATOR,
    "GET /auditor": EVERYBODY,
    "GET /auditor/log.zip": EVERYBODY,
    "GET /auditor/checkpoints": EVERYBODY,
    "GET /auditor/keys": EVERYBODY,
    "GET /auditor/subjects/{subject}": EVERYBODY,
    "GET /auditor/entries": EVERYBODY,
    "GET /auditor/entries/{index}": EVERYBODY,
    "POST /v1/records": EVERYBODY,
    "POST /v1/records:prepare": OPERATOR,
    "GET /lots/{lot}/pack.zip": EVERYBODY,
    "GET /v1/entries/{index}": EVERYBODY,
    "GET /v1/entries/{index}/proof": EVERYBODY,
    "GET /v1/lots/{lot}/history": EVERYBODY,
    "GET /v1/codes/{code}": EVERYBODY,
    "GET /v1/listings": BUYER,
    "POST /v1/reservations": BUYER,
    "POST /v1/orders": BUYER,
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: a snapshot of the database, and who looks at it in which language."""

    request: Request
    installation: Installation
    connection: Connection
    session: Session | None
    language: str

    @property
    def company(self) -> str:
        """The buyer's company."""
        assert self.session is not None
        assert self.session.company is not None
        return self.session.company

    @property
    def role(self) -> Role | None:
        return self.session.role if self.session else None

    @property
    def is_demo(self) -> bool:
        return self.installation.config.origin.startswith(DEMO_ORIGIN)

    def page(self, view: Page, status: int = 200) -> HTMLResponse:
        """Render ``view`` for this visitor."""
        return page(self.request, view, frame_of(self), self.language, status)


class Guesses:
    """Counts addresses that asked for codes which do not exist; a code cannot be found by trying."""

    PER_MINUTE = 60
    KEPT_MAX = 10_000  # addresses

    def __init__(self) -> None:
        self._misses: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = Lock()

    def check(self, address: str) -> None:
        """Raises TooManyRequests when the address has missed too often in the last minute."""
        with self._lock:
            began, misses = self._misses.get(address, (0.0, 0))
        if misses >= self.PER_MINUTE and monotonic() - began < 60:
            raise TooManyRequests

    def missed(self, address: str) -> None:
        with self._lock:
            began, misses = self._misses.pop(address, (monotonic(), 0))
            if monotonic() - began >= 60:
                began, misses = monotonic(), 0
            self._misses[address] = (began, misses + 1)
            while len(self._misses) > self.KEPT_MAX:
                self._misses.popitem(last=False)


def installation_of(request: Request) -> Installation:
    installation: Installation = request.app.state.installation
    return installation


def visit(request: Request) -> Iterator[Visit]:
    """One snapshot for the whole request; also the gate of ``ACCESS``."""
    installation = installation_of(request)
    with installation.database.reading() as connection:
        session = auth.session_of(connection, request.cookies.get(auth.COOKIE))
        enforce(request, session)
        yield Visit(request, installation, connection, session, language_of(request))


def enforce(request: Request, session: Session | None) -> None:
    """Raise Forbidden without a sign-in, NotFound for another role: what is not yours is not there."""
    route = request.scope["route"]
    method = "GET" if request.method == "HEAD" else request.method
    allowed = ACCESS.get(f"{method} {route.path}", frozenset())
    if allowed == EVERYBODY:
        return
    if session is None:
        raise Forbidden("login-needed")
    if session.role not in allowed:
        raise NotFound(request.url.path)


VisitDep = Annotated[Visit, Depends(visit)]


def form_visit(visit_: VisitDep, csrf_token: Annotated[str, Form(max_length=200)] = "") -> Visit:
    """A form that changes something: it came from a page of this very session."""
    _check_token(visit_, csrf_token)
    return visit_


def header_visit(visit_: VisitDep, x_csrf_token: Annotated[str, Header(max_length=200)] = "") -> Visit:
    """As ``form_visit``, for programs: the token travels in the header X-CSRF-Token."""
    _check_token(visit_, x_csrf_token)
    return visit_


def _check_token(visit_: Visit, sent: str) -> None:
    if visit_.session is None:
        raise Forbidden("login-needed")
    if not auth.same_token(visit_.session, sent):
        raise Forbidden("csrf")


FormDep = Annotated[Visit, Depends(form_visit)]
HeaderDep = Annotated[Visit, Depends(header_visit)]


def language_of(request: Request) -> str:
    return choose_language(
        request.query_params.get("lang"),
        request.cookies.get(LANGUAGE_COOKIE),
        request.headers.get("accept-language"),
    )


def frame_of(visit_: Visit) -> Frame:
    session = visit_.session
    return frame(
        visit_.request,
        visit_.installation,
        visitor=visitor_of(visit_.connection, visit_.installation, session) if session else None,
        csrf_token=session.csrf if session else "",
    )


def frame(
    request: Request, installation: Installation, *, visitor: Visitor | None = None, csrf_token: str = ""
) -> Frame:
    try:
        tree_size: int | None = installation.verifier().checkpoint.size
    except LedgerError:
        tree_size = None
    return Frame(
        path=request.url.path,
        query=tuple(request.query_params.multi_items())[:QUERY_KEPT_MAX],
        origin=installation.config.origin,
        tree_size=tree_size,
        visitor=visitor,
        csrf_token=csrf_token,
        demo=installation.config.origin.startswith(DEMO_ORIGIN),
    )


def visitor_of(connection: Connection, installation: Installation, who: Session | auth.Login) -> Visitor:
    """A name for the page. An auditor needs none."""
    assert who.role is not None
    name = ""
    if who.role == "buyer":
        company = trade.company(connection, who.company or "")
        name = company.name if company else ""
    elif who.role == "operator":
        row = connection.execute(
            PARTIES.select().where(PARTIES.c.party == installation.config.operator)
        ).one_or_none()
        name = row.name_en if row else ""
    return Visitor(role=who.role, name=name)


def page(request: Request, view: Page, frame_: Frame, language: str, status: int) -> HTMLResponse:
    """Render; a language that was asked for is remembered."""
    response = HTMLResponse(render(view, language=language, frame=frame_), status)
    response.headers["Content-Language"] = language
    if request.query_params.get("lang"):
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 86_400, samesite="lax", httponly=True)
    return response
