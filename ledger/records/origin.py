"""Where goods come from: the brand's permission and the supplier's declaration."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

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
LabelClause = Literal["intact_only", "cut_allowed"]
SurplusCause = Literal[
    "promotion_overstock", "season_end", "reseller_dead_stock", "cancelled_order", "forecast_error",
    "customer_returns",
]  # fmt: skip


class AuthorizationGranted(Closed):
    """One link of the brand's permission. depth: 1 for the brand's own grant.

    channels_hash: SHA-256 of the JCS list of channel codes, ascending. Dates include both ends.
    """

    depth: Annotated[int, Field(ge=1, le=DEPTH_MAX)]
    brands: Annotated[list[Text], Field(min_length=1, max_length=32)]
    categories: Annotated[list[Slug], Field(min_length=1, max_length=32)]
    channels_hash: Hash | None = None
    valid_from: Day
    valid_until: Day
    may_delegate: bool
    label_clause: LabelClause | None = None


class AuthorizationRevoked(Closed):
    reason: Literal["expired", "breach", "withdrawn", "superseded"]


class LotDeclared(Closed):
    """brand, model, condition and origin_channel are absent where the goods of the lot differ in them."""

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
    supply_mode: Literal["direct", "consign", "buyout"]
    manifest: Manifest | None = None


TYPES = (
    RecordType(
        "authorization.granted",
        AuthorizationGranted,
        "grantor",
        commits={
            "grantee": TypeAdapter(PartyId),
            "territories_allowed": COUNTRIES,
            "territories_denied": COUNTRIES,
            "quantity_ceiling": COUNT,
            "fee_rate": AMOUNT,
            "document": HASH,
        },
    ),
    RecordType("authorization.revoked", AuthorizationRevoked, "grantor"),
    RecordType(
        "lot.declared",
        LotDeclared,
        "supplier",
        commits={"supplier_reference": TEXT, "price": MONEY, "face_value": MONEY},
    ),
)
