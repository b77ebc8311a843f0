"""What a witness serves over HTTP (C2SP tlog-witness); submission and monitoring prefix are one.

POST /add-checkpoint               a cosignature, or why not
GET  /<sha256(origin)>/checkpoint  what was cosigned last
GET  /                             who this is, and which logs it watches
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ledger.errors import StorageError
from ledger.witness import BODY_BYTES_MAX, RETRY_AFTER_S, TEXT, Answer, Witness

BODY_WITHIN_S = 10
FOR_ANYONE = {"access-control-allow-origin": "*", "cache-control": "max-age=2"}
Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]
logger = logging.getLogger("lotproof.witness")


def create_app(witness: Witness, *, close: Callable[[], None] = lambda: None) -> Starlette:
    """The application of one witness. close: called when it stops."""

    async def add_checkpoint(request: Request) -> Response:
        refused, body = await _body(request)
        if refused is not None:
            return _response(refused)
        try:
            return _response(await run_in_threadpool(witness.add_checkpoint, body))
        except StorageError as error:
            return _broken(error)

    async def checkpoint(request: Request) -> Response:
        try:
            note = await run_in_threadpool(witness.checkpoint, request.path_params["hash"])
        except StorageError as error:
            return _broken(error)
        if note is None:
            return Response("nothing was cosigned for this log\n", 404, {"content-type": TEXT, **FOR_ANYONE})
        return Response(note, headers={"content-type": TEXT, **FOR_ANYONE})

    async def about(_request: Request) -> Response:
        try:
            text = await run_in_threadpool(_about, witness)
        except StorageError as error:
            return _broken(error)
        return Response(text, headers={"content-type": TEXT, **FOR_ANYONE})

    routes = [
        Route("/", about),
        Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
        Route("/{hash}/checkpoint", checkpoint),
    ]
    app = Starlette(routes=routes, lifespan=_closing(close))
    app.router.redirect_slashes = False
    return app


def _closing(close: Callable[[], None]) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(close)

    return lifespan


async def _body(request: Request) -> tuple[Answer | None, bytes]:
    """The body, or why it is not read to its end: it is too large, too slow or broken off."""
    received = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            async for part in request.stream():
                received += part
                if len(received) > BODY_BYTES_MAX:
                    return Answer(413, f"a request has at most {BODY_BYTES_MAX} bytes\n"), b""
    except TimeoutError:
        return Answer(408, f"a request is sent within {BODY_WITHIN_S} s\n"), b""
    except ClientDisconnect:
        return Answer(400, "the request broke off\n"), b""
    return None, bytes(received)


def _response(answer: Answer) -> Response:
    headers = {"content-type": answer.media_type, "cache-control": "no-store"}
    if answer.retry_after_s:
        headers["retry-after"] = str(answer.retry_after_s)
    return Response(answer.body, answer.status, headers)


def _broken(error: StorageError) -> Response:
    logger.error("the memory of this witness failed, nothing was answered: %s", error)
    return _response(Answer(503, "the witness cannot use its memory now\n", retry_after_s=RETRY_AFTER_S))


def _about(witness: Witness) -> str:
    lines = [f"witness {witness.key.name}", f"vkey    {witness.key}", ""]
    for origin, head in witness.cosigned().items():
        state = f"a tree of {head.size}, cosigned {_at(head.timestamp)}" if head else "nothing cosigned yet"
        lines.append(f"log     {origin}: {state}")
    return "\n".join(lines) + "\n"


def _at(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
