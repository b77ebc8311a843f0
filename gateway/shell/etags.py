"""Strong ETags over the bytes of an answer, and the conditions that callers make with them (RFC 9110 §13)."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import RequestRefused

REVALIDATED: Final = "private, no-cache"  # kept by the caller alone, and asked for again each time


def etag_of(content: bytes) -> str:
    return f'"{sha256(content).hexdigest()[:32]}"'


def of_model(model: BaseModel) -> str:
    """The ETag under which ``answer`` sends this very model."""
    return etag_of(_bytes_of(model))


def answer(
    request: Request,
    model: BaseModel,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A model as JSON with its ETag; 304 without it where the caller has it already."""
    content = _bytes_of(model)
    return of_bytes(request, content, "application/json", {**(headers or {})}, status=status)


def of_bytes(
    request: Request, content: bytes, media_type: str, headers: Mapping[str, str], *, status: int = 200
) -> Response:
    tag = etag_of(content)
    sent = {"cache-control": REVALIDATED, "vary": "Cookie, Authorization", **headers, "etag": tag}
    if request.method in ("GET", "HEAD") and _matches(request.headers, "if-none-match", tag, weakly=True):
        return Response(
            status_code=304, headers={k: v for k, v in sent.items() if k != "content-disposition"}
        )
    return Response(content, status, sent, media_type=media_type)


def check_if_match(request: Request, current: str) -> None:
    """Raises RequestRefused ``precondition-required``, or ``precondition-failed`` when it is stale."""
    require_if_match(request)
    if not _matches(request.headers, "if-match", current, weakly=False):
        raise RequestRefused("precondition-failed", headers={"etag": current})


def require_if_match(request: Request) -> None:
    if "if-match" not in request.headers:
        raise RequestRefused("precondition-required")


def _matches(headers: Headers, name: str, tag: str, *, weakly: bool) -> bool:
    wanted = [one.strip() for value in headers.getlist(name) for one in value.split(",")]
    if weakly:
        wanted = [one.removeprefix("W/") for one in wanted]
    return "*" in wanted or tag in wanted


def _bytes_of(model: BaseModel) -> bytes:
    content: Any = model.model_dump_json(by_alias=True)
    return str(content).encode()
