"""Every refusal has one status, one stable slug, and no more detail than its reader needs."""

import json
import re

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
from gateway.problem_kinds import KINDS
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
from tests.conftest import REPOSITORY

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
        (TooManyRequests(), 429, "rate-limited"),
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
    told = problem_of(StorageUnavailable("database: /srv/ledger.db is locked")).content("0f3a")
    assert "/srv" not in json.dumps(told)


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
        "detail": "Mend what is named, and sign it anew.",
        "reason": "星野",
        "pointer": "/data",
    }


@pytest.mark.parametrize(
    ("language", "detail"),
    [("en", "Ask for at most 3."), ("zh-CN", "最多可要 3 件。"), ("vi", "Chỉ có thể đặt tối đa 3.")],
)
def test_words_are_in_the_readers_language_and_the_slug_never_is(language: str, detail: str) -> None:
    answer = as_json(problem_of(InsufficientQuantity(3)), "0f3a", language)
    told = json.loads(bytes(answer.body))
    assert (told["slug"], told["detail"], told["available"]) == ("insufficient-quantity", detail, 3)
    assert answer.headers["content-language"] == language


@pytest.mark.parametrize("slug", KINDS)
def test_no_fact_is_needed_to_say_what_is_wrong(slug: str) -> None:
    told = Problem(KINDS[slug].status, slug).content("")
    assert told["title"]
    assert "%(" not in told["detail"]


def test_who_has_to_wait_is_told_how_long() -> None:
    problem = problem_of(TooManyRequests(12.3))
    assert (problem.members, problem.headers) == ({"seconds": 13}, {"retry-after": "13"})


def test_the_documented_table_is_the_one_that_is_used() -> None:
    """docs/problems.md: | slug | status | title | what to do |."""
    text = (REPOSITORY / "docs" / "problems.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    assert rows == [
        [f"`{slug}`", str(kind.status), kind.title, re.sub(r"%\((\w+)\)s", r"*\1*", kind.detail)]
        for slug, kind in sorted(KINDS.items())
    ]
