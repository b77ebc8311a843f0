"""What a refusal looks like outside: RFC 9457 problem details for programs, a page for people.

The slug is stable and public; clients match on it, never on the text::

    {"type": "urn:lotproof:problem:stale-subject", "title": "...", "status": 409, "slug": "stale-subject",
     "detail": "...", "request_id": "...", "subject": "lot:...", "head": "...", "seq": 4}

``title`` and ``detail`` are in the reader's language. ``reason`` is what the ledger or a rule said of
this very case, in English, for whoever mends it. ``errors`` lists what is wrong with a request, each
with a JSON pointer into the body, or the name of a parameter.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import (
    GatewayError,
    InsufficientQuantity,
    ListingWithdrawn,
    LotNotVerified,
    NotFound,
    Refused,
    RequestRefused,
    ReservationExpired,
)
from gateway.i18n import FALLBACK, translations
from gateway.pages import words
from gateway.policies import load
from gateway.problem_kinds import MEMBER_ERRORS, MEMBER_UNFIT, TITLES, kind_of
from gateway.shell.bodies import Stopped
from gateway.trade.eligibility import Reason
from ledger.errors import (
    InvalidRecord,
    LedgerError,
    MissingEvidence,
    NotVisible,
    NotYourLot,
    ProofError,
    Rollback,
    StaleSubject,
    StorageError,
    StorageUnavailable,
)

TYPE_PREFIX = "urn:lotproof:problem:"
MEDIA_TYPE = "application/problem+json"
ERRORS_MAX = 20  # of one invalid request that are told
PROGRAMS = ("/v1/", "/log/", "/livez", "/readyz", "/metrics", "/static/")  # addresses that no person opens


class CouldNotCheck(GatewayError):
    """What is stored cannot be read or verified; nothing is claimed about it. The text says what."""

    code = "could-not-check"


class Forbidden(GatewayError):
    """code: ``login-needed``, ``csrf``, ``forbidden``, ``key-refused``."""

    def __init__(self, code: str = "forbidden") -> None:
        super().__init__(TITLES[code])
        self.code = code


class TooManyRequests(GatewayError):
    """retry_after_s: when asking again may help, more than 0."""

    code = "rate-limited"

    def __init__(self, retry_after_s: float = 60) -> None:
        super().__init__(TITLES[self.code])
        self.retry_after_s = max(1, math.ceil(retry_after_s))


@dataclass(frozen=True, slots=True)
class Problem:
    """reason: of this case, in English. members: its facts, JSON values. headers: of the answer."""

    status: int
    slug: str
    reason: str = ""
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def title(self, language: str = FALLBACK) -> str:
        return _said(kind_of(self.slug).title, self.members, language)

    def detail(self, language: str = FALLBACK) -> str:
        return _said(kind_of(self.slug).detail, self.members, language)

    def lines(self, language: str = FALLBACK) -> tuple[str, ...]:
        """What a page says beneath: the reason, and of each field what is wrong with it."""
        errors = [_member_error(error, language) for error in self.members.get("errors", ())]
        fields = [f"{one['pointer'].lstrip('/')}: {one['message']}" for one in errors if one.get("pointer")]
        against = [words.message_id("reasons", one["slug"]) for one in self.members.get("reasons", ())]
        said = [translations(language).gettext(one) for one in against if one is not None]
        return ((self.reason,) if self.reason else ()) + (*fields, *said)

    def content(self, request_id: str, language: str = FALLBACK) -> dict[str, Any]:
        """The members of RFC 9457 and ours; the words of ``errors`` are said here."""
        said = dict(self.members)
        if "errors" in said:
            said["errors"] = [_member_error(error, language) for error in said["errors"]]
        return {
            "type": TYPE_PREFIX + self.slug,
            "title": self.title(language),
            "status": self.status,
            "slug": self.slug,
            "detail": self.detail(language),
            "request_id": request_id,
            **({"reason": self.reason} if self.reason else {}),
            **said,
        }


def problem_of(error: Exception) -> Problem:
    """The HTTP form of everything that we, or the framework for us, refuse on purpose."""
    if isinstance(error, LedgerError):
        return _of_ledger(error)
    if isinstance(error, GatewayError):
        return _of_gateway(error)
    if isinstance(error, RequestValidationError):
        return _of_validation(error)
    if isinstance(error, HTTPException):
        return _of_http(error)
    return Problem(500, "internal")


def _of_gateway(error: GatewayError) -> Problem:
    known = Problem(kind_of(error.code).status, error.code)
    match error:
        case RequestRefused():
            return replace(known, members=error.facts, headers=error.headers)
        case TooManyRequests():
            wait = str(error.retry_after_s)
            return replace(known, members={"seconds": error.retry_after_s}, headers={"retry-after": wait})
        case Forbidden(code="key-refused"):
            return replace(known, headers={"www-authenticate": "Bearer"})
        case CouldNotCheck():
            return replace(known, reason=str(error))
        case Refused():
            status = known.status if error.code in TITLES else 422
            return Problem(status, error.code, str(error), error.facts)
        case LotNotVerified():
            return replace(known, members={"reasons": [_told(reason) for reason in error.reasons]})
        case InsufficientQuantity():
            return replace(known, members={"available": error.available})
        case NotFound() | Forbidden() | ListingWithdrawn() | ReservationExpired():
            return known
    return Problem(422, error.code, str(error))


def _told(reason: Reason) -> dict[str, str]:
    """A ban names its law, and the day on which that was looked up."""
    told = {"slug": reason.slug, "detail": reason.detail}
    ban = load.markets().ban(reason.detail) if reason.slug == "import-ban" else None
    return told if ban is None else {**told, "source": ban.source, "checked_on": ban.checked_on.isoformat()}


def _of_ledger(error: LedgerError) -> Problem:
    match error:
        case NotYourLot():
            return Problem(403, error.code, error.message, {"pointer": error.pointer})
        case InvalidRecord():
            return Problem(422, error.code, error.message, {"pointer": error.pointer})
        case StaleSubject():
            members = {"subject": error.subject, "head": error.head, "seq": error.seq}
            return Problem(409, error.code, str(error), members)
        case StorageUnavailable():
            return Problem(503, error.code, headers={"retry-after": "2"})
        case MissingEvidence() | NotVisible() | ProofError() | Rollback():
            return Problem(503, CouldNotCheck.code, str(error))
        case StorageError():
            return Problem(503, error.code)
    return Problem(500, "internal")


def _of_validation(error: RequestValidationError) -> Problem:
    """Positions and rules only: what was sent is not sent back."""
    found = error.errors()
    if any(one["loc"][0] == "path" for one in found):
        return Problem(404, "not-found")
    in_query = all(one["loc"][0] == "query" for one in found)
    errors = [_place(one) | {"code": one["type"], "facts": one.get("ctx", {})} for one in found[:ERRORS_MAX]]
    if in_query:
        return Problem(422, "invalid-parameter", members={"errors": errors})
    return Problem(422, "invalid-request", members={"errors": errors})


def _place(error: Mapping[str, Any]) -> dict[str, str]:
    """A pointer into the body (RFC 6901), or the name of a parameter or header."""
    where, *path = error["loc"]
    if where == "body":
        return {"pointer": "".join("/" + escaped(part) for part in path)}
    return {"parameter": _printable(path[0]) if path else where}


def _member_error(error: Mapping[str, Any], language: str) -> dict[str, Any]:
    shown = {name: value for name, value in error.items() if name != "facts"}
    said = MEMBER_ERRORS.get(error["code"]) or words.message_id("form_errors", error["code"]) or MEMBER_UNFIT
    return shown | {"message": _said(said, error.get("facts", {}), language)}


def _of_http(error: HTTPException) -> Problem:
    if isinstance(error, Stopped):
        return _of_gateway(error.refusal)
    slugs = {403: "forbidden", 404: "not-found", 405: "method-not-allowed", 429: "rate-limited"}
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    if error.status_code in slugs:
        return Problem(error.status_code, slugs[error.status_code], headers=headers)
    return Problem(error.status_code, "internal" if error.status_code >= 500 else "bad-request")


def as_json(problem: Problem, request_id: str, language: str = FALLBACK) -> Response:
    """``application/problem+json`` (RFC 9457)."""
    headers = {"content-language": language, **problem.headers}
    content = json.dumps(problem.content(request_id, language))
    return Response(content, problem.status, headers, media_type=MEDIA_TYPE)


def as_text(problem: Problem) -> Response:
    """For the log's own addresses, whose readers know neither JSON nor pages."""
    text = f"{problem.slug}\n{problem.reason}\n" if problem.reason else f"{problem.slug}\n"
    return Response(text, problem.status, problem.headers, media_type="text/plain; charset=utf-8")


def wants_page(request: Request) -> bool:
    """Not under the addresses of programs, and not who asks for JSON alone."""
    accepted = request.headers.get("accept", "")
    return not (request.url.path.startswith(PROGRAMS) or ("json" in accepted and "text/html" not in accepted))


class _Facts(dict[str, Any]):
    def __missing__(self, _name: str) -> str:
        return "…"  # a refusal must not fail for want of a fact


def _said(words: str, facts: Mapping[str, Any], language: str) -> str:
    text = translations(language).gettext(words)
    if "%(" not in text:
        return text
    return text % _Facts({name: _printable(value) for name, value in facts.items()})


def escaped(part: object) -> str:
    """One step of a JSON pointer, as it can be shown."""
    return _printable(part).replace("~", "~0").replace("/", "~1")


def _printable(part: object) -> str:
    return str(part).encode("ascii", "backslashreplace").decode()[:80]
