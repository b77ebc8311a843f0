"""The web application: one factory, and the shell that every answer passes through."""

import logging
import secrets
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import auth, deps, problems
from gateway.errors import GatewayError
from gateway.pages.building.explore import TypeCounts
from gateway.pages.views import Frame, ProblemView
from gateway.problems import Problem
from gateway.routes import (
    auditor,
    buyer,
    codes,
    documents,
    health,
    log,
    login,
    operator,
    packs,
    private,
    public,
    records,
    trade,
)
from gateway.wiring import Installation
from ledger.errors import LedgerError

STATIC: Final = Path(__file__).parent / "static"
BODY_BYTES_MAX: Final = 64 * 1024
RECORD_BYTES_MAX: Final = 4 * 1024 * 1024  # a record of thousands of measured rows, in base64
RECORD_PATHS: Final = frozenset({"/v1/records", "/v1/records:prepare"})
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})

HEADERS: Final = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
}
logger = logging.getLogger(__name__)


def create_app(installation: Installation) -> FastAPI:
    """The application of one installation; what runs beside it is ``gateway.tasks``."""
    app = FastAPI(
        title="Lotproof",
        version=version("lotproof"),
        description="Surplus lots whose history a stranger can check.",
        openapi_url="/v1/openapi.json",
        docs_url=None,  # the ready-made pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.installation = installation
    app.state.guesses = deps.Guesses()
    app.state.type_counts = TypeCounts()
    for module in (
        public,
        codes,
        log,
        login,
        buyer,
        documents,
        operator,
        private,
        auditor,
        packs,
        records,
        trade,
        health,
    ):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for kind in (GatewayError, LedgerError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _refused)
    app.add_middleware(Shell, installation=installation)
    return app


class Shell:
    """Host names, body limits, request ids, security headers, and the last resort for what breaks."""

    def __init__(self, app: ASGIApp, installation: Installation) -> None:
        self._app = app
        public = urlsplit(installation.public_url)
        self._hosts = LOOPBACK | {_name_of(public.netloc)}
        self._headers = dict(HEADERS)
        if public.scheme == "https":
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope.setdefault("state", {})["request_id"] = secrets.token_hex(8)
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope["method"] = "GET"  # every page answers HEAD as it answers GET, without the body
        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers["x-request-id"] = request_id
                headers.setdefault("cache-control", "no-store")
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        request = Request(scope, receive)
        refused = self._refusal(scope)
        if refused is not None:
            await (await run_in_threadpool(_respond, request, refused))(scope, receive, answer)
            return
        try:
            await self._app(scope, _limited(receive, _limit(scope)), answer)
        except Exception:
            logger.exception("request %s failed", request_id)
            if started:
                raise
            response = await run_in_threadpool(_respond, request, Problem(500, "internal"))
            await response(scope, receive, answer)

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _name_of(hosts[0]) not in self._hosts:
            return Problem(400, "bad-host")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return Problem(400, "bad-request")
        if len(length) > 12 or int(length) > _limit(scope):
            return Problem(413, "body-too-large")
        return None


def _limit(scope: Scope) -> int:
    return RECORD_BYTES_MAX if scope["path"] in RECORD_PATHS else BODY_BYTES_MAX


def _limited(receive: Receive, limit: int) -> Receive:
    """A body that was announced short, or not at all, ends where the limit is."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413)
        return message

    return bounded


def _name_of(host: str) -> str:
    """The name of a Host header without its port."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()


def _refused(request: Request, error: Exception) -> Response:
    return _respond(request, problems.problem_of(error))


def _respond(request: Request, problem: Problem) -> Response:
    """A page for people, problem+json for programs."""
    request_id: str = request.state.request_id
    if request.url.path.startswith("/log/"):
        return problems.as_text(problem)
    if not problems.wants_page(request):
        return problems.as_json(problem, request_id)
    view = ProblemView(
        status=problem.status,
        slug=problem.slug,
        details=(problem.detail,) if problem.detail else (),
        request_id=request_id,
    )
    return deps.page(request, view, _frame(request), deps.language_of(request), problem.status)


def _frame(request: Request) -> Frame:
    """As on any page, as far as it can be told now."""
    installation = deps.installation_of(request)
    try:
        with installation.database.reading() as connection:
            session = auth.session_of(connection, request.cookies.get(auth.COOKIE))
            visitor = deps.visitor_of(connection, installation, session) if session else None
        return deps.frame(request, installation, visitor=visitor, csrf_token=session.csrf if session else "")
    except Exception:  # noqa: BLE001 - the page that says what is wrong must not be the next thing to fail
        return Frame(path="/", origin=installation.config.origin, tree_size=None)
