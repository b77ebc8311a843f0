"""The shell itself: one ASGI layer around the whole application.

Before a route: request id, host name, address, headers, body announced, rate. After it: security
headers, what is left of the rate, one line in the log, the figures. What breaks inside ends here.
"""

import re
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import GatewayError, RequestRefused
from gateway.people.address import shortened
from gateway.problems import Problem, problem_of
from gateway.shell import bodies, headers, logs, queries
from gateway.shell.headers import AnswerHeaders
from gateway.shell.metrics import Metrics
from gateway.shell.rates import Rates, Toll

HUNG_UP: Final = 499  # in the log only: nobody is left to be answered
NO_ROUTE: Final = "-"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_THEIR_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_log = logs.logger("lotproof.http")

Respond = Callable[[Request, Problem], Response]


class Shell:
    """respond: how a problem is answered; it may read the database, and runs in a thread."""

    def __init__(self, app: ASGIApp, *, public_url: str, metrics: Metrics, respond: Respond) -> None:
        self._app = app
        self._headers = AnswerHeaders(public_url)
        self._metrics = metrics
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        with logs.carrying(request_id, **_their_ids(Headers(scope=scope))):
            await Exchange(self, scope, send).run(receive)

    def judge(self, scope: Scope, toll: Toll) -> None:
        """Raises RequestRefused, NotFound or TooManyRequests before anything is read or asked."""
        found = Headers(scope=scope)
        if headers.too_many(scope["headers"]):
            raise RequestRefused("headers-too-large")
        if not self._headers.is_ours(found):
            raise RequestRefused("bad-host")
        queries.check_address(scope)
        bodies.check(found, bodies.limit_of(scope["path"]))
        client = scope.get("client")
        toll.address(client[0] if client else "")

    def run_app(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return self._app(scope, bodies.limited(receive, bodies.limit_of(scope["path"])), send)

    def dress(self, answer: MutableHeaders, scope: Scope) -> None:
        self._headers.put(answer, path=scope["path"], request_id=scope["state"]["request_id"])

    async def answer_to(self, scope: Scope, problem: Problem) -> Response:
        return await run_in_threadpool(self._respond, Request(scope), problem)

    def told(self, facts: dict[str, Any]) -> None:
        self._metrics.answered(facts["method"], facts["route"], facts["status"], facts["took_ms"] / 1e3)
        _log.info("request", **facts)


class Exchange:
    """One request and its answer."""

    def __init__(self, shell: Shell, scope: Scope, send: Send) -> None:
        self._shell = shell
        self._scope = scope
        self._send = send
        self._status = 0
        self._asked = scope["state"]["asked"] = scope["method"]
        self._began = time.perf_counter()
        rates: Rates = scope["app"].state.rates
        self._toll = scope["state"]["toll"] = rates.toll(self._asked, scope["path"])
        if self._asked == "HEAD":
            scope["method"] = "GET"  # every page answers HEAD as it answers GET, without the body

    async def run(self, receive: Receive) -> None:
        try:
            await self._answer(receive)
        finally:
            if self._status >= 500:
                self._toll.refund()
            self._tell()

    async def _answer(self, receive: Receive) -> None:
        try:
            self._shell.judge(self._scope, self._toll)
        except GatewayError as error:
            response = await self._shell.answer_to(self._scope, problem_of(error))
            await response(self._scope, receive, self._on)
            return
        try:
            await self._shell.run_app(self._scope, receive, self._on)
        except ClientDisconnect:
            self._status = HUNG_UP
        except Exception:
            _log.exception("request failed")
            if self._status:
                raise
            response = await self._shell.answer_to(self._scope, Problem(500, "internal"))
            await response(self._scope, receive, self._on)

    async def _on(self, message: Message) -> None:
        """What goes out, dressed."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            answer = MutableHeaders(scope=message)
            self._shell.dress(answer, self._scope)
            for name, value in self._toll.headers().items():
                answer[name] = value
        elif self._asked == "HEAD" and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    def _tell(self) -> None:
        """One line: the route's template, never the address, which may be a secret by itself.

        Of a stranger it says the network alone: who opened which code is written nowhere.
        """
        route = self._scope.get("route")
        client = self._scope.get("client")
        self._shell.told(
            {
                "method": self._asked if self._asked in METHODS else "other",
                "route": getattr(route, "path", None) or NO_ROUTE,
                "status": self._status or HUNG_UP,
                "took_ms": round((time.perf_counter() - self._began) * 1e3, 2),
                "principal": self._scope["state"].get("principal")
                or f"address:{shortened(client[0] if client else '')}",
            }
        )


def _their_ids(found: Headers) -> dict[str, str]:
    """Ids that the caller brought, noted beside ours: a stranger does not name our requests."""
    ids = {}
    theirs = found.get("x-request-id", "")
    if _THEIR_ID.fullmatch(theirs):
        ids["caller_request_id"] = theirs
    trace = _TRACEPARENT.fullmatch(found.get("traceparent", ""))
    if trace is not None:
        ids["trace_id"] = trace[1]
    return ids
