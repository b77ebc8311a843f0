"""Offered, sold, packed, shipped, returned, documented. Buyers never sign and never appear as ids."""

from typing import Annotated, Literal

from pydantic import StringConstraints, TypeAdapter

from ledger.core.envelope import Closed
from ledger.core.subjects import Hash
from ledger.records.intake import Remaining, Whole
from ledger.records.model import (
    COUNT,
    HASH,
    MONEY,
    SLUG,
    TEXT,
    TEXTS,
    Country,
    Day,
    Grade,
    Positive,
    RecordType,
    Slug,
)
from ledger.records.origin import Depth


class LotListed(Closed):
    """verification: SHA-256 of the gate's canonical inputs.

    window_start: first day of the sale. depth_max: links that the policy allowed between brand and
    supplier; a listing that names it is held to the cut-label clause as well.
    """

    verification: Hash
    window_start: Day | None = None
    depth_max: Depth | None = None


class LotWithdrawn(Closed):
    reason: Slug


class LotSold(Closed):
    grade: Grade


class LotPacked(Closed):
    """packages: how many; mass_g: gross, in grams."""

    packages: Positive
    mass_g: Positive


class LotUnpacked(LotPacked):
    """The packages of a shipment that never left are opened again."""


class LotShipped(LotPacked):
    pass


class LotDelivered(LotPacked):
    pass


class LotReturned(Closed):
    """Sold units come back as a lot of their own. remaining: what the lot has without them, sold or not."""

    child: Whole
    remaining: Remaining
    reason: Literal["cancelled", "refused", "damaged", "not_as_described", "recalled", "other"]


class LotDisposed(Closed):
    """The whole lot leaves by another way than an offer. quantity: all of its units."""

    kind: Literal["staff_sale", "public_discount", "third_party_clearance", "donation"]
    quantity: Positive


class DocumentIssued(Closed):
    """renderer: ``id/version``; sha256 of the file; supersedes: event id of the issue it replaces."""

    kind: Slug
    renderer: Annotated[str, StringConstraints(pattern=r"^[a-z_.]{1,40}/[1-9][0-9]{0,4}\z")]
    rule_pack: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_./-]{1,60}\z")]
    sha256: Hash
    dossier_sha256: Hash
    supersedes: Hash | None = None


Incoterm = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3} .{1,80}\z")]
_OFFER = {"market": TypeAdapter(Country), "channel": SLUG, "price": MONEY}
_MOVE = {"marks": TEXTS, "seal": TEXT, "route": TEXTS, "destination": TEXT, "consignee": TEXT}
_CARRIER = frozenset({"carrier"})
OrderId = Annotated[str, StringConstraints(pattern=r"^order:[0-9a-hjkmnp-tv-z]{20}\z")]

TYPES = (
    RecordType("lot.listed", LotListed, "seller", commits=_OFFER),
    RecordType("lot.withdrawn", LotWithdrawn, "seller", commits=_OFFER),
    RecordType(
        "lot.sold",
        LotSold,
        "seller",
        commits={
            "quantity": COUNT,
            "order": TypeAdapter(OrderId),
            "buyer": TEXT,
            "incoterm": TypeAdapter(Incoterm),
            "price": MONEY,
        },
    ),
    RecordType("lot.packed", LotPacked, "custodian", commits=_MOVE),
    RecordType("lot.unpacked", LotUnpacked, "custodian", commits={"remark": TEXT}),
    RecordType("lot.shipped", LotShipped, "custodian", _CARRIER, commits=_MOVE),
    RecordType("lot.delivered", LotDelivered, "receiver", _CARRIER, commits=_MOVE),
    RecordType(
        "lot.returned",
        LotReturned,
        "custodian",
        commits={"order": TypeAdapter(OrderId), "buyer": TEXT, "remark": TEXT},
    ),
    RecordType(
        "lot.disposed",
        LotDisposed,
        "seller",
        frozenset({"releasing"}),
        commits={"price": MONEY, "recipient": TEXT, "document": HASH},
    ),
    RecordType("document.issued", DocumentIssued, "exporter", commits={"number": TEXT}),
)
