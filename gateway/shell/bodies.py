"""Bodies: how large, in what coding and how slowly they may come. They are never read before they fit."""

import asyncio
import re
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from gateway.errors import RequestRefused
from gateway.files.receive import FILE_BYTES_MAX, FORM_BYTES_MAX, REPORT_BYTES_MAX

BYTES_MAX: Final = 64 * 1024
ARRIVAL_S: Final = 60.0  # from the first byte of a body to its last
# Addresses that take more, and why. The first that matches counts.
LARGER: Final[tuple[tuple[re.Pattern[str], int], ...]] = (
    (re.compile(r"/v1/records(:prepare)?"), 4 * 1024 * 1024),  # thousands of measured rows, in base64
    (re.compile(r"/v1/files"), FILE_BYTES_MAX),
    (re.compile(r"/v1/(imports|stock-feeds)"), FILE_BYTES_MAX),
    (re.compile(r"/stock"), FORM_BYTES_MAX),  # a sheet within a form
    (re.compile(r"/operator/(import|lots/[^/]+/files)"), FORM_BYTES_MAX),  # a file within a form
    (re.compile(r"/measure/[^/]+/(articles/[^/]+(/grade)?|sheet|papers)"), FORM_BYTES_MAX),  # photos, sheets
    (re.compile(r"/v1/work/[^/]+/measurements"), 4 * 1024 * 1024),  # thousands of rows
    (re.compile(r"/do/[^/]+|/statements/[^/]+/signed"), FORM_BYTES_MAX),  # a contract, a signed record
    (re.compile(r"/q/[^/]+/report"), REPORT_BYTES_MAX),  # one photo of a stranger's phone
)


class Stopped(HTTPException):
    """A refusal in the middle of a body: FastAPI passes only its own exceptions on from there."""

    def __init__(self, status: int, refusal: RequestRefused) -> None:
        super().__init__(status)
        self.refusal = refusal


def limit_of(path: str) -> int:
    """Bytes that a body at this address may have."""
    return next((limit for pattern, limit in LARGER if pattern.fullmatch(path)), BYTES_MAX)


def check(headers: Headers, limit: int) -> None:
    """Judge a body by its announcement.

    Raises RequestRefused: ``invalid-header``, ``body-too-large``, ``unsupported-media-type``.
    """
    lengths = headers.getlist("content-length")
    length = lengths[0] if lengths else "0"
    if len(lengths) > 1 or not (length.isascii() and length.isdigit()):
        raise RequestRefused("invalid-header", header="Content-Length")
    if len(length) > 12 or int(length) > limit:
        raise RequestRefused("body-too-large", limit=limit)
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):  # what is small packed need not be small unpacked
        expected = headers.get("content-type", "application/json").partition(";")[0][:60]
        raise RequestRefused("unsupported-media-type", expected=expected, headers={"accept-encoding": ""})


def limited(receive: Receive, limit: int, arrival_s: float = ARRIVAL_S) -> Receive:
    """``receive`` for a body announced short, or not at all, and for one that never ends."""
    seen, ended, until = 0, False, 0.0

    async def bounded() -> Message:
        nonlocal seen, ended, until
        if ended:  # from here on, whoever receives waits for the caller to hang up
            return await receive()
        until = until or asyncio.get_running_loop().time() + arrival_s
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError as error:
            raise Stopped(408, RequestRefused("request-timeout")) from error
        seen += len(message.get("body", b""))
        ended = not message.get("more_body", False)
        if seen > limit:
            raise Stopped(413, RequestRefused("body-too-large", limit=limit))
        return message

    return bounded
