"""Who asks: the session behind a cookie, or the key behind an ``Authorization`` header.

A request with a key is judged by the key alone: a cookie that travels beside it adds nothing.
"""

from typing import Final

from sqlalchemy import Connection
from starlette.requests import Request

from gateway.people import keys, sessions
from gateway.people.browser import Browser
from gateway.people.identity import Identity, of_session
from gateway.people.tokens import same
from gateway.problems import Forbidden
from gateway.wiring import Installation

COOKIE: Final = sessions.COOKIE
AUTHORIZATION: Final = "authorization"


def identify(installation: Installation, connection: Connection, request: Request) -> Identity | None:
    """None for a stranger. Raises Forbidden ``key-refused`` for a header that is no key that stands."""
    headers = request.headers.getlist(AUTHORIZATION)
    if headers:
        found = (
            keys.known(connection, headers[0], installation.wall_clock.now()) if len(headers) == 1 else None
        )
        if found is None:
            raise Forbidden("key-refused")
        identity, key = found
        keys.used(installation, key)
        return identity
    session = sessions.standing(connection, request.cookies.get(COOKIE), installation.wall_clock.now())
    if session is None:
        return None
    sessions.seen(installation, session)
    return of_session(session)


def same_token(identity: Identity, sent: str | None) -> bool:
    """Whether a form or a header carries the session's own token; compared in constant time."""
    return bool(identity.csrf) and same(identity.csrf, sent or "")


def browser_of(request: Request) -> Browser:
    client = request.client
    return Browser(client.host if client else "unknown", request.headers.get("user-agent", ""))
