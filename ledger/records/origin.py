"""Where goods come from: the brand's permission and the supplier's declaration."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from ledger.core.envelope import Closed
from ledger.core.subjects import Hash, PartyId
from ledger.records.model import (
    AMOUNT,
    COUNT,
    COUNTRIES,
    HASH,
    MONEY,
    TEXT,
    Condition,
    Country,
    Day,
    Manifest,
    Positive,
    RecordType,
    Slug,
    Text,
    Unit,
)

DEPTH_MAX = 8  # links in bytes; the default policy allows two
Depth = Annotated[int, Field(ge=1, le=DEPTH_MAX)]
Brands = Annotated[list[Text], Field(min_length=1, max_length=32)]
Categories = Annotated[list[Slug], Field(min_length=1, max_length=32)]
FeeBase = Literal["sale", "purchase"]
Channel = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*\z", max_length=40)]
SupplyMode = Literal["direct", "consign", "buyout"]
LabelClause = Literal["intact_only", "cut_allowed"]
SurplusCause = Literal[
    "promotion_overstock", "season_end", "reseller_dead_stock", "cancelled_order", "forecast_error",
    "customer_returns",
]  # fmt: skip


class AuthorizationGranted(Closed):
    """One link of the brand's permission. depth: 1 for the brand's own grant.

    channels_hash: SHA-256 of the JCS list of channel codes, ascending. Dates include both ends.
    no_co_bundling: the goods are never sold in one bundle with another brand's.
    """

    depth: Depth
    brands: Brands
    categories: Categories
    channels_hash: Hash | None = None
    valid_from: Day
    valid_until: Day
    may_delegate: bool
    label_clause: LabelClause | None = None
    no_co_bundling: Literal[True] | None = None


class AuthorizationNarrowed(Closed):
    """What the permission still covers, from this record on; absent members stay as they were.

    Never wider than before: territories and ceilings, which are committed, hold beside the earlier ones.
    """

    brands: Brands | None = None
    categories: Categories | None = None
    channels_hash: Hash | None = None
    valid_until: Day | None = None
    may_delegate: Literal[False] | None = None
    label_clause: Literal["intact_only"] | None = None
    no_co_bundling: Literal[True] | None = None


class AuthorizationRevoked(Closed):
    reason: Literal["expired", "breach", "withdrawn", "superseded"]


class LotDeclared(Closed):
    """brand, model, condition and origin_channel are absent where the goods of the lot differ in them.

    depth_max: links that the policy in force allowed between brand and supplier. agent: who may sell
    for the title holder, besides a custodian on consignment. consigned_until: last day of a consignment.
    """

    category: Slug
    goods: Literal["finished", "raw_material", "promotion", "personal"]
    brand: Text | None = None
    model: Text | None = None
    condition: Condition | None = None
    quantity: Positive
    unit: Unit
    produced_from: Day
    produced_until: Day
    origin_channel: Slug | None = None
    origin_country: Country
    surplus_cause: SurplusCause
    supply_mode: SupplyMode
    manifest: Manifest | None = None
    depth_max: Depth | None = None
    agent: PartyId | None = None
    consigned_until: Day | None = None


_SCOPE: dict[str, TypeAdapter[Any]] = {
    "territories_allowed": COUNTRIES,
    "territories_denied": COUNTRIES,
    "channels": TypeAdapter(list[Channel]),
    "quantity_ceiling": COUNT,
}
TYPES = (
    RecordType(
        "authorization.granted",
        AuthorizationGranted,
        "grantor",
        commits={
            "grantee": TypeAdapter(PartyId),
            **_SCOPE,
            "fee_rate": AMOUNT,
            "fee_base": TypeAdapter(FeeBase),
            "document": HASH,
        },
    ),
    RecordType(
        "authorization.narrowed", AuthorizationNarrowed, "grantor", commits={**_SCOPE, "document": HASH}
    ),
    RecordType("authorization.revoked", AuthorizationRevoked, "grantor"),
    RecordType(
        "lot.declared",
        LotDeclared,
        "supplier",
        commits={"supplier_reference": TEXT, "price": MONEY, "face_value": MONEY, "cause_evidence": HASH},
    ),
)
