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
    # links of GS1
    "gs1-link-unreadable": Kind(
        400, "This link cannot be read", "Scan the code again, or open the link as it stands on the label."
    ),
    "gs1-check-digit": Kind(
        400,
        "A digit of this link is wrong",
        "The number after %(component)s does not fit its check digit. Scan the code again.",
    ),
    "gs1-value": Kind(
        400,
        "A part of this link is not valid",
        "What stands after %(component)s cannot be such a number. Scan the code again.",
    ),
    "gs1-combination": Kind(
        400,
        "The parts of this link do not belong together",
        "%(component)s may not stand where it stands. Scan the code again.",
    ),
    "gs1-unknown": Kind(
        404,
        "These numbers are not in our records",
        "Nothing was recorded here under them. Look for a code of 20 characters on the label, and compare "
        "the host name that is printed beside it.",
    ),
    "gs1-link-type": Kind(
        404, "There is no link of this type", "Ask with linkType=linkset for the links that there are."
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
    # statements and their signatures
    "not-offered": Kind(
        409, "This cannot be stated now", "Why stands in why; look at what is offered for it now."
    ),
    "statement-closed": Kind(
        409, "The statement is closed", "It was recorded, declined or taken back meanwhile."
    ),
    "statement-renewed": Kind(
        409,
        "The statement was composed anew",
        "Its subject moved on meanwhile: read what stands there now, and sign that.",
    ),
    # at the bench
    "work-closed": Kind(
        409, "Nothing is measured for this work order now", "Its result was stated, or waits for a signature."
    ),
    "measured-meanwhile": Kind(
        409, "Somebody else measured this meanwhile", "Look at what was found, then keep theirs or yours."
    ),
    # goods and trade
    "lot-not-verified": Kind(
        409, "The lot may not be offered at this moment", "The reasons are listed; they may pass."
    ),
    "claims-too-much": Kind(
        422,
        "The words claim more than the records prove",
        "claims names the words, their language, and what the records lack. Say less, or have it recorded.",
    ),
    "offer-state": Kind(
        409, "The offer is in another state", "state says in which. Read it again, then decide."
    ),
    "price-needed": Kind(422, "No price band proposes a price here", "Name one."),
    "sample-taken": Kind(
        409, "Your company had its sample of this lot", "Order at least the smallest order now."
    ),
    "sample-not-offered": Kind(409, "No sample of this offer is sold", "Order at least the smallest order."),
    "sample-too-large": Kind(422, "This is more than a sample", "Ask for at most %(most)s pieces."),
    "listing-withdrawn": Kind(409, "The offer is gone", "Look at what is offered now."),
    "searches-full": Kind(409, "No more searches can be kept", "At most %(most)s; delete one first."),
    "insufficient-quantity": Kind(409, "Fewer pieces are left", "Ask for at most %(available)s."),
    "below-moq": Kind(422, "This is less than the smallest order", "Ask for at least %(minimum)s."),
    "not-a-multiple": Kind(
        422,
        "Orders of this lot come in steps",
        "Ask for a multiple of %(multiple)s pieces: see below and above.",
    ),
    "below-order-minimum": Kind(
        422,
        "The order does not reach its minimum",
        "Over all its lots it needs at least %(pieces)s pieces, or the amount in amount_minor.",
    ),
    "price-out-of-band": Kind(
        422,
        "The price is outside its band",
        "It is %(percent)s per cent of the reference price; %(min_percent)s to %(max_percent)s are allowed, "
        "others with a reason.",
    ),
    "price-not-divisible": Kind(
        422, "The price of one piece cannot be written out", "Take the price below or above it."
    ),
    "unit-not-stated": Kind(
        422,
        "How many pieces such a unit has is not known",
        "State the same net mass for every piece, or the pieces of a carton, or price by the piece.",
    ),
    "price-without-reference": Kind(
        422,
        "The price cannot be compared with anything",
        "State a reference price of that kind for all of the pieces, or hold it against another kind.",
    ),
    "below-brand-minimum": Kind(
        422, "The price is below the brand's minimum", "Ask for at least %(least_minor)s, in minor units."
    ),
    "dearer-for-more": Kind(
        422,
        "More pieces would cost more a unit",
        "From %(more)s pieces on a unit costs more than from %(fewer)s on: lower the one or raise the other.",
    ),
    "listing-not-priced": Kind(
        422, "The list can have no price for this", "Name an offer that stands in its market and currency."
    ),
    "price-list-closed": Kind(409, "The price list is closed", "Make another one."),
    "holder-unknown": Kind(
        422, "Nobody has such an agreement", "Name a company, a tier from 1 to 9 or a market that stands."
    ),
    "other-currency": Kind(
        422, "Nothing is offered there in this currency", "Take the currency of the market."
    ),
    "dates-reversed": Kind(422, "It ends before it begins", "Turn the two days round."),
    "lot-unknown": Kind(422, "There is no such lot", "Name a lot or a model of the goods."),
    "market-needed": Kind(422, "A local price is one of a market", "Name the market it was seen in."),
    "day-ahead": Kind(422, "This day has not come yet", "Name the day on which it was looked up."),
    "sale-not-open": Kind(
        409, "The sale has not begun", "It is open from %(starts_at)s to %(ends_at)s: reserve then."
    ),
    "sale-closed": Kind(
        409, "The sale is over", "It was open from %(starts_at)s to %(ends_at)s. Look at other offers."
    ),
    "wrong-unit": Kind(422, "The offer is not priced by this unit", "Ask in %(unit)s, or in pieces."),
    # shipments
    "shipment-not-now": Kind(
        409, "The shipment is in another state", "It is %(state)s now; look at which step may follow."
    ),
    "shipment-moved": Kind(
        409, "Somebody else changed the shipment meanwhile", "Read it again, then decide."
    ),
    "more-than-allocated": Kind(
        409, "Fewer pieces of the order are left to ship", "Of this order %(left)s can still be shipped."
    ),
    "order-not-shippable": Kind(
        409, "The order may not be shipped in its present state", "It is %(state)s now."
    ),
    "orders-differ": Kind(
        422,
        "These do not leave in one shipment",
        "Ship goods of one company, on the same terms, that lie in one place.",
    ),
    "way-does-not-fit": Kind(
        422, "The times of the legs do not fit together", "Mend what faults lists, and send it again."
    ),
    "site-without-custody": Kind(
        409,
        "The goods are not held where they should leave",
        "By the ledger they are elsewhere: record the move, or plan the shipment anew.",
    ),
    "not-picked": Kind(409, "Some goods are not picked yet", "Pick the %(left)s pieces that are left."),
    "packing-faults": Kind(
        422, "The packages do not add up", "Mend what faults lists, field by field, and pack again."
    ),
    "container-number-wrong": Kind(
        422, "That is no container number", "Send four letters, six digits and the check digit (ISO 6346)."
    ),
    "documents-incomplete": Kind(
        422, "Facts are missing for the documents", "Add what reason names to the goods, and try again."
    ),
    "documents-failed": Kind(
        422,
        "A paper breaks a rule of its own format",
        "reason names it; nothing was issued. Tell the operator.",
    ),
    "documents-contradict": Kind(
        422,
        "Facts of the shipment contradict each other",
        "reason names each field. Mend them, then issue again.",
    ),
    "papers-refused": Kind(
        409,
        "The rules forbid these goods on this way",
        "findings names each rule with its source, the facts and the goods. No paper is issued.",
    ),
    "papers-not-issued": Kind(
        409, "There are no papers that count", "None were issued, or they were revoked before."
    ),
    "no-key-for-delivery": Kind(
        409, "No key of this house may sign for a delivery", "Register one with lot.delivered:receiver."
    ),
    "reservation-expired": Kind(409, "The reservation has run out", "Reserve again, if pieces are left."),
    "reservation-closed": Kind(
        409, "The reservation is closed already", "It became an order, ran out or was given back."
    ),
    "company-needed": Kind(422, "Several companies bought from this lot", "Name one of them."),
    # suppliers' sheets and stock
    "not-described": Kind(
        409, "What the columns mean was not said to the end", "Say what problems lists, then try again."
    ),
    "supplier-must-sign": Kind(
        409,
        "The supplier has to sign its declaration",
        "The supplier has no key that may sign a declaration. Register one first.",
    ),
    "nothing-to-record": Kind(
        422, "No row of the file can be recorded", "Look at the rejected rows and have them mended."
    ),
    "goods-known": Kind(
        409, "Goods of another file stand in this one too", "Take them out, and send the rest again."
    ),
    "stock-feed-out-of-order": Kind(
        409, "A later statement of the stock is here already", "Count again, and send what is there now."
    ),
    "stock-feed-ahead": Kind(
        422, "The stock was counted later than now", "Send the moment of the count, with its offset."
    ),
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
    # purchases of a company
    "company-role": Kind(
        403,
        "Your role in the company does not do this",
        "Ask an admin of your company to do it, or for the role.",
    ),
    "share-exceeded": Kind(
        409,
        "This is more of the lot than one company may hold",
        "At most %(available)s more pieces can be held now; order what is held, then hold the rest.",
    ),
    "extended-before": Kind(
        409, "This reservation was prolonged before", "A reservation is prolonged once. Order it in time."
    ),
    "head-changed": Kind(
        409,
        "The records of these goods have changed",
        "Look at what changed, accept it for the reservation, then order again.",
    ),
    "reservation-waits": Kind(
        409, "These goods wait in a purchase", "Cancel that purchase to give them back."
    ),
    "purchase-waits": Kind(
        409,
        "Somebody has to agree or to pay first",
        "Place it as a purchase, which keeps the goods while it waits.",
    ),
    "po-number-used": Kind(
        409,
        "This number stands on another purchase",
        "Take another number, or confirm that it is meant to stand there twice.",
    ),
    "own-approval": Kind(
        403, "Somebody else has to approve this", "Ask another member of your company who may approve."
    ),
    "purchase-state": Kind(
        409, "The purchase has moved on", "Load it again: it is in the state %(state)s now."
    ),
    "purchase-packed": Kind(
        409, "The goods are packed", "Take the shipment apart first; then the sale can be undone."
    ),
    "goods-elsewhere": Kind(
        409, "The goods lie with somebody else", "Their holder has to sign that they come back."
    ),
    "rows-divided": Kind(
        409,
        "Pieces of the sale stand with others in one row",
        "A row of a manifest is not cut. Take back whole rows on the page of the lot.",
    ),
    "purchase-sold": Kind(
        409,
        "This purchase is sold already",
        "The sale stands in the log. Ask the operator to take the goods back.",
    ),
    "mixed-currencies": Kind(
        422, "These goods are not of one market and currency", "Order them apart from each other."
    ),
    "overpaid": Kind(422, "This is more than is owed", "Enter at most %(owed_minor)s, in minor units."),
    "nothing-paid": Kind(
        422, "No such payment came in", "Enter the amount that moved, and no more back than came."
    ),
    "payment-repeated": Kind(
        409,
        "This payment was written down before",
        "Look at the payments of the purchase. Another one has a reference of its own.",
    ),
    "still-recalled": Kind(
        409, "Some of these goods are recalled", "The purchase can go on when the recall has ended."
    ),
    "last-admin": Kind(409, "A company keeps one admin", "Make another member an admin first."),
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
    "json-control": "A text holds a control character.",
}
MEMBER_UNFIT: Final = "This does not fit."

TITLES: Final = {slug: kind.title for slug, kind in KINDS.items()} | {"": UNKNOWN.title}
DETAILS: Final = {slug: kind.detail for slug, kind in KINDS.items()} | {"": UNKNOWN.detail}
MEMBERS: Final = dict(MEMBER_ERRORS) | {"": MEMBER_UNFIT}


def kind_of(slug: str) -> Kind:
    return KINDS.get(slug, UNKNOWN)
