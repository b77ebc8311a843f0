"""Pages of a list: ``?limit=&cursor=`` in, ``{data, next_cursor, has_more}`` and ``Link: rel="next"`` out.

A cursor says after which position the next page begins (keyset: no page shifts when rows come or
go). It is sealed for one route, one set of filters and one principal: base64url of 16 bytes of
HMAC-SHA-256 and the position as JSON.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import RequestRefused
from gateway.store import requests

LIMIT: Final = 50
LIMIT_MAX: Final = 100
CURSOR_LENGTH_MAX: Final = 600
_MAC_SIZE = 16

Limit = Annotated[
    int, Query(ge=1, le=LIMIT_MAX, description="How many at most.", openapi_examples={"few": {"value": 2}})
]
Cursor = Annotated[
    str,
    Query(max_length=CURSOR_LENGTH_MAX, description="next_cursor of the page before; empty for the first."),
]
Position = list[str | int]
One = TypeVar("One")
Item = TypeVar("Item", bound=BaseModel)


class PageOut(BaseModel, Generic[Item]):
    """One page. next_cursor: null on the last one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: list[Item]
    next_cursor: str | None = Field(max_length=CURSOR_LENGTH_MAX)
    has_more: bool


class Listing(Generic[One, Item]):
    """How one list is walked. position_of: where an element stands, unique; ``fetch`` is ordered by it."""

    def __init__(self, position_of: Callable[[One], Position], out: Callable[[One], Item]) -> None:
        self._position_of = position_of
        self._out = out

    def page(
        self,
        request: Request,
        connection: Connection,
        principal: str,
        fetch: Callable[[Position | None, int], Sequence[One]],
        *,
        limit: int,
        cursor: str,
    ) -> Response:
        """fetch: up to so many elements after a position (None: from the start).

        Raises RequestRefused ``invalid-cursor``.
        """
        key, scope = _key(request, connection), _scope(request, principal)
        after = open_cursor(key, cursor, scope) if cursor else None
        found = fetch(after, limit + 1)
        shown, more = found[:limit], len(found) > limit
        next_cursor = seal(key, self._position_of(shown[-1]), scope) if more else None
        page = PageOut[Any](data=[self._out(one) for one in shown], next_cursor=next_cursor, has_more=more)
        headers = {"vary": "Cookie, Authorization"}
        if next_cursor is not None:
            kept = {**dict(request.query_params), "limit": str(limit), "cursor": next_cursor}
            headers["link"] = f'<{request.url.path}?{urlencode(kept)}>; rel="next"'
        return Response(page.model_dump_json(), 200, headers, media_type="application/json")


def _key(request: Request, connection: Connection) -> bytes:
    """Read once for a process: it is made with the database."""
    state = request.app.state
    if not hasattr(state, "cursor_key"):
        state.cursor_key = requests.server_key(connection, requests.CURSORS)
    key: bytes = state.cursor_key
    return key


def seal(key: bytes, position: Position, scope: str) -> str:
    text = json.dumps(position, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(key, text, scope) + text).decode().rstrip("=")


def open_cursor(key: bytes, cursor: str, scope: str) -> Position:
    """Raises RequestRefused when it was not sealed here, for this list and this principal."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestRefused("invalid-cursor") from error
    mac, text = raw[:_MAC_SIZE], raw[_MAC_SIZE:]
    if not hmac.compare_digest(mac, _mac(key, text, scope)):
        raise RequestRefused("invalid-cursor")
    position: Position = json.loads(text)  # ours: the seal says so
    return position


def _mac(key: bytes, text: bytes, scope: str) -> bytes:
    return hmac.digest(key, scope.encode() + b"\0" + text, sha256)[:_MAC_SIZE]


def _scope(request: Request, principal: str) -> str:
    parameters: Mapping[str, str] = request.query_params
    filters = sorted((k, v) for k, v in parameters.items() if k not in ("limit", "cursor", "lang"))
    return json.dumps([request.scope["route"].path, principal, filters])
