"""What a route is handed: the installation, one read snapshot, who looks; and who may look at all.

``gateway.permissions`` says who may; here it is asked.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Form, Header, Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from gateway import addresses, auth, flash
from gateway.errors import GatewayError, NotFound, Refused
from gateway.i18n import choose_language
from gateway.pages.render import render
from gateway.pages.views import Frame, Page, Visitor
from gateway.people import events, organisations
from gateway.people.address import shortened
from gateway.people.identity import Identity
from gateway.permissions import ROUTES, Role, Rule, may
from gateway.problems import Forbidden
from gateway.shell.room import Room
from gateway.store import statements
from gateway.wiring import Installation
from gateway.workflows.companies import actor_of
from ledger.errors import LedgerError

LANGUAGE_COOKIE: Final = "lang"
QUERY_KEPT_MAX: Final = 10  # parameters that language links carry on


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: a snapshot of the database, and who looks at it in which language.

    identity: None for a stranger.
    """

    request: Request
    installation: Installation
    connection: Connection
    identity: Identity | None
    language: str

    @property
    def known(self) -> Identity:
        """The caller, on a route that answers to no stranger."""
        assert self.identity is not None
        return self.identity

    @property
    def company(self) -> str:
        """The buyer's company."""
        assert self.known.company is not None
        return self.known.company

    @property
    def party(self) -> str:
        """The ledger party that the caller works for."""
        assert self.known.organisation.startswith("party:")
        return self.known.organisation

    @property
    def role(self) -> Role | None:
        """As whom the caller may be answered; None for a stranger, and for whoever is none the better.

        That is a session that owes its second factor, a company that is not approved, and on a public
        page a program, whose key carries no scope for it.
        """
        if self.identity is None or self.identity.owes:
            return None
        scopes = self.identity.scopes
        return self.identity.role if scopes is None or rule_of(self.request).scope in scopes else None

    @property
    def principal(self) -> str:
        """Who asks, the same for every request: ``user:<id>``, ``key:<id>``, or ``address:<ip>``."""
        return self.identity.principal if self.identity else f"address:{address_of(self.request)}"

    @property
    def is_demo(self) -> bool:
        return self.installation.config.is_demo

    def page(self, view: Page, status: int = 200) -> HTMLResponse:
        """Render ``view`` for this visitor."""
        return page(self.request, view, frame_of(self), self.language, status)


def installation_of(request: Request) -> Installation:
    installation: Installation = request.app.state.installation
    return installation


def address_of(request: Request) -> str:
    """Where the connection comes from."""
    return request.client.host if request.client else "unknown"


async def admitted(request: Request) -> AsyncIterator[None]:
    """A place for one visit; whoever is one too many waits here."""
    room: Room = request.app.state.room
    async with room.place():
        yield


def visit(request: Request, _place: Annotated[None, Depends(admitted, scope="function")]) -> Iterator[Visit]:
    """One snapshot for the whole request; also the gate of ``permissions.ROUTES``.

    Whatever a caller that is known is refused is written down, the same for what does not exist and
    for what is somebody else's.
    """
    installation = installation_of(request)
    with installation.database.reading() as connection:
        try:
            identity = auth.identify(installation, connection, request)
        except Forbidden as error:
            write_down(request, f"address:{shortened(address_of(request))}", error)
            raise
        if identity is not None:
            request.state.principal = identity.principal
            request.state.toll.principal(identity.principal)
        try:
            enforce(request, identity)
            if identity is not None:
                enforce_company_role(connection, identity, rule_of(request))
            yield Visit(request, installation, connection, identity, language_of(request))
        except (Forbidden, NotFound, Refused) as error:
            if identity is not None and (isinstance(error, Forbidden) or not rule_of(request).is_public):
                write_down(request, identity.principal, error)
            raise


def rule_of(request: Request) -> Rule:
    """The rule of this request's route; NotFound when the table has none."""
    method = "GET" if request.method == "HEAD" else request.method
    rule = ROUTES.get(f"{method} {request.scope['route'].path}")
    if rule is None:
        raise NotFound(request.url.path)
    return rule


def enforce(request: Request, identity: Identity | None) -> None:
    """Let the caller through, or say no.

    Raises Forbidden without a sign-in, with what is owed, or for a key that does not carry the scope;
    Refused ``buyer-not-approved``; NotFound for another role: what is not yours is not there.
    """
    rule = rule_of(request)
    if rule.is_public:
        return
    if identity is None:
        raise Forbidden("login-needed")
    if identity.owes == "second-factor" and not rule.before_factor:
        raise Forbidden("second-factor-needed")
    if identity.owes == "approval" and not rule.before_approval:
        raise Refused("buyer-not-approved", "the company waits for its approval, or was refused")
    if identity.role not in rule.roles:
        raise NotFound(request.url.path)
    if identity.scopes is not None and rule.scope not in identity.scopes:
        raise Forbidden("scope-needed" if rule.scope else "key-not-here")


def enforce_company_role(connection: Connection, identity: Identity, rule: Rule) -> None:
    """Raises Refused (company-role) for a member of a buyer's company whose role there is another one."""
    if not rule.company_roles or identity.company is None:
        return
    if actor_of(connection, identity.company, identity.principal).role not in rule.company_roles:
        raise Refused("company-role", "your role in the company does not do this")


def write_down(request: Request, principal: str, error: GatewayError) -> None:
    """Note in the book of events that somebody was refused. Not from within a unit of work."""
    kind = {"csrf": "form-refused", "key-refused": "key-refused"}.get(error.code, "denied")
    method = request.method
    events.note_refusal(
        installation_of(request),
        kind,
        principal=principal,
        address=shortened(address_of(request)),
        route=f"{method} {request.scope['route'].path}",
        detail=error.code,
    )


# Connection and place are given back before the answer goes out: a slow reader keeps neither.
VisitDep = Annotated[Visit, Depends(visit, scope="function")]


async def stranger_visit(visit_: VisitDep) -> Visit:
    """A form that needs no session; it came from a page of ours all the same."""
    _check_origin(visit_)
    return visit_


async def form_visit(visit_: VisitDep, csrf_token: Annotated[str, Form(max_length=200)] = "") -> Visit:
    """A form that changes something: it came from a page of this very session."""
    check_token(visit_, csrf_token)
    return visit_


async def header_visit(visit_: VisitDep, x_csrf_token: Annotated[str, Header(max_length=200)] = "") -> Visit:
    """As ``form_visit``, for programs: the token travels in the header X-CSRF-Token.

    A request with an API key needs none: no browser adds such a header by itself.
    """
    if visit_.identity is None or visit_.identity.scopes is None:
        check_token(visit_, x_csrf_token)
    return visit_


def check_token(visit_: Visit, sent: str) -> None:
    if visit_.identity is None:
        raise Forbidden("login-needed")
    _check_origin(visit_)
    if not auth.same_token(visit_.identity, sent):
        raise Forbidden("csrf")


def _check_origin(visit_: Visit) -> None:
    """Browsers say where a form comes from (Fetch Metadata, Origin); programs say nothing."""
    headers = visit_.request.headers
    site, origin = headers.get("sec-fetch-site", "none"), headers.get("origin")
    own = {headers.get("host", ""), urlsplit(visit_.installation.public_url).netloc}
    if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc not in own):
        raise Forbidden("csrf")


StrangerDep = Annotated[Visit, Depends(stranger_visit)]
FormDep = Annotated[Visit, Depends(form_visit)]
HeaderDep = Annotated[Visit, Depends(header_visit)]


def language_of(request: Request) -> str:
    return choose_language(
        request.query_params.get("lang"),
        request.cookies.get(LANGUAGE_COOKIE),
        request.headers.get("accept-language"),
    )


def frame_of(visit_: Visit) -> Frame:
    identity = visit_.identity
    return frame(
        visit_.request,
        visit_.installation,
        visitor=visitor_of(visit_.connection, visit_.installation, identity) if identity else None,
        csrf_token=identity.csrf if identity else "",
    )


def frame_of_request(request: Request) -> Frame:
    """As on any page, for an answer that no route gives."""
    installation = installation_of(request)
    with installation.database.reading() as connection:
        try:
            identity = auth.identify(installation, connection, request)
        except Forbidden:
            identity = None
        visitor = visitor_of(connection, installation, identity) if identity else None
    return frame(request, installation, visitor=visitor, csrf_token=identity.csrf if identity else "")


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
        demo=installation.config.is_demo,
        flash=flash.read(request.cookies, csrf_token),
        readable=addresses.readable(request),
    )


def visitor_of(connection: Connection, installation: Installation, who: Identity) -> Visitor:
    """A name for the page: of the company or party, else of the person."""
    organisation = organisations.find(installation, connection, who.organisation)
    name = (organisation.name if organisation else "") or who.name
    waiting = 0
    if who.organisation.startswith("party:") and may(who.role, "GET /statements"):
        waiting = statements.count_waiting_for(connection, who.organisation)
    return Visitor(role=who.role, name=name, waiting=waiting)


def page(request: Request, view: Page, frame_: Frame, language: str, status: int) -> HTMLResponse:
    """Render; a language that was asked for is remembered."""
    response = HTMLResponse(render(view, language=language, frame=frame_), status)
    response.headers["Content-Language"] = language
    if frame_.flash:
        flash.forget(response)
    if request.query_params.get("lang"):
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 86_400, samesite="lax", httponly=True)
    return response
