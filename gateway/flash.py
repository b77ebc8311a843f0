"""A message shown once, on the page after the one that did something.

The cookie holds a slug of ``words.FLASHES`` and a MAC of it under the session's form token: nobody else
can put words into a page, and a message of one session is none of another's::

    flash=file-added.4f0c…
"""

import hmac
from collections.abc import Mapping
from typing import Final

from starlette.responses import RedirectResponse, Response

from gateway.pages.words import FLASHES

COOKIE: Final = "flash"
LIFETIME_S: Final = 60  # longer than any redirect takes


def redirect(href: str, slug: str, csrf_token: str) -> Response:
    """See Other, with a message for the page that follows.

    slug: of ``words.FLASHES``. csrf_token: of the session that will open ``href``.
    """
    assert slug in FLASHES, slug
    response = RedirectResponse(href, 303)
    value = f"{slug}.{_mac(slug, csrf_token)}"
    response.set_cookie(COOKIE, value, max_age=LIFETIME_S, httponly=True, samesite="lax")
    return response


def read(cookies: Mapping[str, str], csrf_token: str) -> str:
    """The slug that this session was sent; "" when there is none, or somebody else wrote it."""
    slug, _, mac = cookies.get(COOKIE, "").partition(".")
    if not csrf_token or slug not in FLASHES:
        return ""
    return slug if hmac.compare_digest(_mac(slug, csrf_token).encode(), mac.encode()) else ""


def forget(response: Response) -> None:
    """Say it no second time."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


def _mac(slug: str, csrf_token: str) -> str:
    return hmac.digest(csrf_token.encode(), f"flash {slug}".encode(), "sha256").hex()
