"""The session's cookie: out of reach of scripts, of other sites, and of plain HTTP where there is another."""

from starlette.responses import RedirectResponse, Response

from gateway import auth
from gateway.deps import LANGUAGE_COOKIE, Visit
from gateway.i18n import LANGUAGES
from gateway.people import sessions

A_YEAR_S = 365 * 86_400


def let_in(visit: Visit, cookie: str, href: str, *, language: str = "") -> Response:
    """Go on as somebody. language: the one that the account is set to, remembered from here on."""
    response = RedirectResponse(href, 303)
    set_session(visit, response, cookie)
    if language in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR_S, samesite="lax", httponly=True)
    return response


def set_session(visit: Visit, response: Response, cookie: str) -> None:
    response.set_cookie(
        auth.COOKIE,
        cookie,
        max_age=int(sessions.LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(visit),
    )


def forget_session(href: str) -> Response:
    response = RedirectResponse(href, 303)
    response.delete_cookie(auth.COOKIE, httponly=True, samesite="lax")
    return response


def is_secure(visit: Visit) -> bool:
    return visit.request.url.scheme == "https" or visit.installation.public_url.startswith("https://")
