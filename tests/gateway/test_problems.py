"""Every refusal has one status, one stable slug, and no more detail than its reader needs."""

import json

import pytest
from starlette.exceptions import HTTPException

from gateway.errors import (
    InsufficientQuantity,
    ListingWithdrawn,
    LotNotVerified,
    NotFound,
    Refused,
    ReservationExpired,
)
from gateway.problems import CouldNotCheck, Forbidden, Problem, TooManyRequests, as_json, problem_of
from gateway.trade.eligibility import Reason
from ledger.errors import (
    InvalidRecord,
    MissingEvidence,
    NotYourLot,
    ProofError,
    Rollback,
    StaleSubject,
    StorageConflict,
    StorageUnavailable,
)

STALE = StaleSubject(subject="lot:0", head="ab" * 32, seq=4)


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (InvalidRecord("is wrong", pointer="/data"), 422, "invalid-record"),
        (NotYourLot("no scope"), 403, "not-your-lot"),
        (STALE, 409, "stale-subject"),
        (ProofError("leads elsewhere"), 503, "could-not-check"),
        (MissingEvidence("is gone"), 503, "could-not-check"),
        (Rollback("history was lost"), 503, "could-not-check"),
        (StorageUnavailable("busy"), 503, "storage-unavailable"),
        (StorageConflict("other bytes"), 503, "storage-conflict"),
        (NotFound("lot:0"), 404, "not-found"),
        (Refused("below-moq", "the smallest order is 5"), 422, "below-moq"),
        (Refused("buyer-not-approved", "not yet"), 403, "buyer-not-approved"),
        (LotNotVerified("lot:0", [Reason("import-ban", "VN")]), 409, "lot-not-verified"),
        (ListingWithdrawn("lst"), 409, "listing-withdrawn"),
        (InsufficientQuantity(3), 409, "insufficient-quantity"),
        (ReservationExpired("rsv"), 409, "reservation-expired"),
        (CouldNotCheck("lot:0"), 503, "could-not-check"),
        (Forbidden("csrf"), 403, "csrf"),
        (TooManyRequests(), 429, "too-many-requests"),
        (HTTPException(405), 405, "method-not-allowed"),
        (HTTPException(418), 418, "bad-request"),
        (ZeroDivisionError("secret"), 500, "internal"),
    ],
)
def test_an_error_becomes_its_problem(error: Exception, status: int, slug: str) -> None:
    problem = problem_of(error)
    assert (problem.status, problem.slug) == (status, slug)


def test_a_stale_author_learns_the_new_head() -> None:
    assert problem_of(STALE).members == {"subject": "lot:0", "head": "ab" * 32, "seq": 4}


def test_what_was_not_on_purpose_is_told_without_its_text() -> None:
    assert "secret" not in repr(problem_of(ZeroDivisionError("secret")))


def test_storage_says_no_path_and_no_statement() -> None:
    assert problem_of(StorageUnavailable("database: /srv/ledger.db is locked")).detail == ""


def test_a_problem_is_rfc_9457_json_in_ascii() -> None:
    answer = as_json(Problem(422, "invalid-record", "星野", {"pointer": "/data"}), "0f3a")
    assert answer.media_type == "application/problem+json"
    assert bytes(answer.body).isascii()
    assert json.loads(bytes(answer.body)) == {
        "type": "urn:lotproof:problem:invalid-record",
        "title": "The record can never be accepted as it is",
        "status": 422,
        "slug": "invalid-record",
        "request_id": "0f3a",
        "detail": "星野",
        "pointer": "/data",
    }
