"""What a refusal looks like outside: RFC 9457 problem details for programs, a page for people.

The slug is stable and public; clients match on it, never on the text::

    {"type": "urn:lotproof:problem:stale-subject", "title": "...", "status": 409, "slug": "stale-subject",
     "detail": "...", "request_id": "...", "subject": "lot:...", "head": "...", "seq": 4}
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    ReservationExpired,
)
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
ERRORS_MAX = 20  # of one invalid request that are told

TITLES: Mapping[str, str] = {
    "bad-host": "This server does not answer to that name",
    "bad-request": "The request is malformed",
    "body-too-large": "The body is larger than this address takes",
    "buyer-not-approved": "The company is not approved yet",
    "could-not-check": "Records or proofs could not be checked, so nothing is claimed",
    "csrf": "The form did not come from a page of this session",
    "forbidden": "Not allowed",
    "insufficient-quantity": "Fewer pieces are left",
    "internal": "Something broke on our side",
    "invalid-record": "The record can never be accepted as it is",
    "invalid-request": "The request does not fit its schema",
    "listing-withdrawn": "The offer is gone",
    "login-needed": "A sign-in is needed",
    "lot-not-verified": "The lot may not be offered at this moment",
    "method-not-allowed": "This address does not take that method",
    "not-found": "There is nothing here",
    "not-your-lot": "The author may not sign this",
    "reservation-expired": "The reservation has run out",
    "stale-subject": "Another record came first",
    "storage-error": "The storage failed",
    "storage-unavailable": "The storage does not answer at the moment",
    "too-many-requests": "Too many requests",
}


class CouldNotCheck(GatewayError):
    """What is stored cannot be read or verified; nothing is claimed about it. The text says what."""

    code = "could-not-check"


class Forbidden(GatewayError):
    """code: ``login-needed``, ``csrf``, ``forbidden``."""

    def __init__(self, code: str = "forbidden") -> None:
        super().__init__(TITLES[code])
        self.code = code


class TooManyRequests(GatewayError):
    code = "too-many-requests"


@dataclass(frozen=True, slots=True)
class Problem:
    """members: further facts of the problem, JSON values."""

    status: int
    slug: str
    detail: str = ""
    members: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return TITLES.get(self.slug, "The request was refused")


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
    match error:
        case NotFound():
            return Problem(404, "not-found")
        case Forbidden():
            return Problem(403, error.code)
        case TooManyRequests():
            return Problem(429, error.code)
        case CouldNotCheck():
            return Problem(503, error.code, str(error))
        case Refused():
            return Problem(403 if error.code == "buyer-not-approved" else 422, error.code, str(error))
        case LotNotVerified():
            reasons = [{"slug": reason.slug, "detail": reason.detail} for reason in error.reasons]
            return Problem(409, error.code, members={"reasons": reasons})
        case InsufficientQuantity():
            return Problem(409, error.code, str(error), {"available": error.available})
        case ListingWithdrawn() | ReservationExpired():
            return Problem(409, error.code)
    return Problem(422, error.code, str(error))


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
            return Problem(503, error.code)
        case MissingEvidence() | NotVisible() | ProofError() | Rollback():
            return Problem(503, CouldNotCheck.code, str(error))
        case StorageError():
            return Problem(503, error.code)
    return Problem(500, "internal")


def _of_validation(error: RequestValidationError) -> Problem:
    """Positions and messages only: what was sent is not sent back."""
    problems = error.errors()
    if any(problem["loc"][0] == "path" for problem in problems):
        return Problem(404, "not-found")
    errors = [
        {"pointer": "".join(f"/{_printable(part)}" for part in problem["loc"]), "message": problem["msg"]}
        for problem in problems[:ERRORS_MAX]
    ]
    return Problem(422, "invalid-request", members={"errors": errors})


def _of_http(error: HTTPException) -> Problem:
    slugs = {400: "bad-request", 403: "forbidden", 404: "not-found", 405: "method-not-allowed"}
    slugs |= {413: "body-too-large", 429: "too-many-requests"}
    if error.status_code == 422:
        return Problem(422, "invalid-request", error.detail)  # written by our own reader of JSON
    if error.status_code in slugs:
        return Problem(error.status_code, slugs[error.status_code])
    return Problem(error.status_code, "internal" if error.status_code >= 500 else "bad-request")


def as_json(problem: Problem, request_id: str) -> Response:
    """``application/problem+json`` (RFC 9457)."""
    content = {
        "type": TYPE_PREFIX + problem.slug,
        "title": problem.title,
        "status": problem.status,
        "slug": problem.slug,
        "request_id": request_id,
        **({"detail": problem.detail} if problem.detail else {}),
        **problem.members,
    }
    return Response(json.dumps(content), problem.status, media_type="application/problem+json")


def as_text(problem: Problem) -> Response:
    """For the log's own addresses, whose readers know neither JSON nor pages."""
    text = f"{problem.slug}\n{problem.detail}\n" if problem.detail else f"{problem.slug}\n"
    return Response(text, problem.status, media_type="text/plain; charset=utf-8")


def wants_page(request: Request) -> bool:
    return not request.url.path.startswith(("/v1/", "/log/", "/livez", "/readyz", "/static/"))


def _printable(part: object) -> str:
    return str(part).encode("ascii", "backslashreplace").decode()[:80]
