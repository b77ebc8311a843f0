"""The one table of refusals: slug to status, title and advice; docs/problems.md is held against it.

A slug is public and never changes its meaning. Titles and advice are message ids: the catalogues
translate them, and the facts of an occurrence fill the ``%(name)s`` in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """status: of HTTP. detail: what it means and what to do about it."""

    status: int
    title: str
    detail: str


KINDS: Final[Mapping[str, Kind]] = {
    # the request itself
    "bad-request": Kind(400, "The request is malformed", "Send it again in the form that the API describes."),
    "bad-host": Kind(
        400, "This server does not answer to that name", "Use the address that the operator gave you."
    ),
    "bad-encoding": Kind(
        400,
        "The address or the form cannot be read",
        "Percent-encode UTF-8 text, without control characters.",
    ),
    "unknown-parameter": Kind(
        400, "The address has a parameter that is not known here", "Leave %(parameter)s out."
    ),
    "repeated-parameter": Kind(
        400, "The address has a parameter more than once", "Send %(parameter)s a single time."
    ),
    "invalid-parameter": Kind(
        422, "A parameter of the address does not fit", "Look at the parameters listed in errors."
    ),
    "invalid-cursor": Kind(
        400,
        "This page marker is not valid here",
        "Take next_cursor from the page before, with the same filters, or begin without a cursor.",
    ),
    "invalid-header": Kind(400, "A header cannot be read", "Send %(header)s once, in its standard form."),
    "request-timeout": Kind(408, "The body did not arrive in time", "Send it again over a steadier line."),
    "address-too-long": Kind(414, "The address is too long", "Ask for less in one address."),
    "body-too-large": Kind(
        413, "The body is larger than this address takes", "Send at most %(limit)s bytes."
    ),
    "file-refused": Kind(422, "The file is not taken as it is", "Mend what reason names, and send it again."),
    "unsupported-media-type": Kind(
        415, "The body is of a type that is not taken here", "Send it as %(expected)s, uncompressed."
    ),
    "headers-too-large": Kind(
        431, "The headers are too many or too large", "Send fewer and shorter headers."
    ),
    "invalid-request": Kind(
        422, "The request does not fit its schema", "Mend what errors lists, and send it again."
    ),
    "method-not-allowed": Kind(
        405, "This address does not take that method", "See the header Allow for those that it takes."
    ),
    # who asks
    "login-needed": Kind(403, "A sign-in is needed", "Sign in, then open the page again."),
    "key-refused": Kind(401, "The API key is not valid", "Send a key that stands, as Authorization: Bearer."),
    "second-factor-needed": Kind(
        403, "The second factor is missing", "Give the code of your authenticator, then go on."
    ),
    "scope-needed": Kind(
        403, "This API key may not do that", "Make a key with the scope that the API describes."
    ),
    "key-not-here": Kind(
        403, "API keys open no pages", "Use the addresses under /v1, or sign in with a browser."
    ),
    "csrf": Kind(
        403,
        "The form did not come from a page of this session",
        "Go back, load the page again and send the form once more.",
    ),
    "forbidden": Kind(403, "Not allowed", "You are signed in, but this is not open to you."),
    "not-found": Kind(
        404, "There is nothing here", "The address may be mistyped, or it was never meant for you."
    ),
    "buyer-not-approved": Kind(
        403, "The company is not approved yet", "The operator has to approve the company first."
    ),
    "rate-limited": Kind(429, "Too many requests", "Wait %(seconds)s s, then try again."),
    # repeating and racing
    "idempotency-key-missing": Kind(
        400,
        "The header Idempotency-Key is missing",
        "Send a fresh key with each new request, and the same key with a repetition.",
    ),
    "idempotency-key-reused": Kind(
        422,
        "This Idempotency-Key was used for another request",
        "Send a fresh key with a new request; to repeat one, send the very same body.",
    ),
    "idempotency-key-in-progress": Kind(
        409, "The same request is being worked on", "Ask again in a moment, with the same key."
    ),
    "precondition-required": Kind(
        428,
        "The header If-Match is missing",
        "Read the resource first, and send its ETag in If-Match.",
    ),
    "precondition-failed": Kind(
        412, "It has changed since you read it", "Read it again, then decide with its new ETag."
    ),
    "stale-subject": Kind(409, "Another record came first", "Sign again on the head that is named here."),
    # goods and trade
    "lot-not-verified": Kind(
        409, "The lot may not be offered at this moment", "The reasons are listed; they may pass."
    ),
    "listing-withdrawn": Kind(409, "The offer is gone", "Look at what is offered now."),
    "insufficient-quantity": Kind(409, "Fewer pieces are left", "Ask for at most %(available)s."),
    "below-moq": Kind(422, "This is less than the smallest order", "Ask for at least %(minimum)s."),
    "reservation-expired": Kind(409, "The reservation has run out", "Reserve again, if pieces are left."),
    "reservation-closed": Kind(
        409, "The reservation is closed already", "It became an order, ran out or was given back."
    ),
    "company-needed": Kind(422, "Several companies bought from this lot", "Name one of them."),
    # records and the log
    "invalid-record": Kind(
        422, "The record can never be accepted as it is", "Mend what is named, and sign it anew."
    ),
    "not-your-lot": Kind(
        403, "The author may not sign this", "The lot's present custodian or title holder has to sign it."
    ),
    "could-not-check": Kind(
        503,
        "This could not be checked",
        "Stored records or proofs cannot be read or do not fit together, so nothing is claimed about them. "
        "The operator has to look into it.",
    ),
    # our side
    "storage-unavailable": Kind(
        503, "The storage does not answer at the moment", "Send the same request again in a while."
    ),
    "storage-error": Kind(503, "The storage failed", "The operator has to look into it."),
    "storage-conflict": Kind(503, "The storage holds something else", "The operator has to look into it."),
    "internal": Kind(
        500,
        "Something broke on our side",
        "It is not your fault, and nothing was half done. Please try again in a while.",
    ),
}
UNKNOWN: Final = Kind(400, "The request was refused", "Go back, look again, then decide.")

# pydantic's error types, https://docs.pydantic.dev/latest/errors/validation_errors/
MEMBER_ERRORS: Final[Mapping[str, str]] = {
    "missing": "This member is missing.",
    "extra_forbidden": "No such member is known here.",
    "string_type": "This has to be text.",
    "string_pattern_mismatch": "This has not the form that is asked for.",
    "string_too_long": "At most %(max_length)s characters are taken.",
    "string_too_short": "At least %(min_length)s characters are needed.",
    "int_type": "This has to be a whole number.",
    "int_parsing": "This has to be a whole number.",
    "int_parsing_size": "This number is too large.",
    "int_from_float": "This has to be a whole number.",
    "bool_type": "This has to be true or false.",
    "list_type": "This has to be a list.",
    "dict_type": "This has to be an object.",
    "model_type": "This has to be an object.",
    "model_attributes_type": "This has to be an object.",
    "greater_than": "This has to be more than %(gt)s.",
    "greater_than_equal": "This has to be at least %(ge)s.",
    "less_than": "This has to be less than %(lt)s.",
    "less_than_equal": "This has to be at most %(le)s.",
    "too_long": "At most %(max_length)s items are taken.",
    "too_short": "At least %(min_length)s items are needed.",
    "literal_error": "This has to be one of: %(expected)s.",
    "enum": "This has to be one of: %(expected)s.",
    # of our own reader of JSON
    "json-empty": "The body is empty.",
    "json-not-utf-8": "The body is not UTF-8.",
    "json-syntax": "The body is not JSON at position %(position)s.",
    "json-member-twice": "A member stands twice in one object.",
    "json-not-an-integer": "Numbers are whole: no fraction, no exponent, not NaN, not infinite.",
    "json-integer-too-large": "A number is beyond 2^53 - 1.",
    "json-too-deep": "The body is nested too deeply.",
    "json-surrogate": "A text holds half of a surrogate pair.",
    "json-nul": "A text holds the character NUL.",
}
MEMBER_UNFIT: Final = "This does not fit."

TITLES: Final = {slug: kind.title for slug, kind in KINDS.items()} | {"": UNKNOWN.title}
DETAILS: Final = {slug: kind.detail for slug, kind in KINDS.items()} | {"": UNKNOWN.detail}
MEMBERS: Final = dict(MEMBER_ERRORS) | {"": MEMBER_UNFIT}


def kind_of(slug: str) -> Kind:
    return KINDS.get(slug, UNKNOWN)
