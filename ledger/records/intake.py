"""In the warehouse: receiving, splitting by what inspection found, issuing codes."""

from typing import Annotated, Literal

from pydantic import Field

from ledger.core.envelope import Closed, Count
from ledger.core.subjects import Hash, LotId
from ledger.records.model import (
    TEXT,
    Condition,
    Grade,
    Gtin,
    LabelState,
    Manifest,
    Positive,
    RecordType,
    Slug,
    Text,
)

CHILDREN_MAX = 100
CODES_MAX = 800  # of one record; its leaf must stay below 65,535 bytes


class LotReceived(Closed):
    """declared = the declaration's quantity; counted: units found; unidentified and damaged: of counted."""

    declared: Positive
    counted: Count
    unidentified: Count
    damaged: Count
    site: Slug


class SplitKey(Closed):
    """What the units of a child have in common. overage: made too long ago ever to be listed."""

    gtin: Gtin | None = None
    category: Slug | None = None
    brand: Text | None = None
    condition: Condition | None = None
    grade: Grade | None = None
    label_state: LabelState | None = None
    overage: Literal[True] | None = None


class Child(Closed):
    id: LotId
    quantity: Positive
    key: SplitKey
    manifest: Manifest | None = None


class Remaining(Closed):
    quantity: Count
    manifest: Manifest | None = None


class LotSplit(Closed):
    """children ascend by id; their quantities and the remaining one sum to what the parent had."""

    children: Annotated[list[Child], Field(min_length=1, max_length=CHILDREN_MAX)]
    remaining: Remaining


class CodesIssued(Closed):
    """codes: code hashes, ascending, none ever issued before."""

    level: Literal["lot", "article", "style", "carton"]
    codes: Annotated[list[Hash], Field(min_length=1, max_length=CODES_MAX)]


TYPES = (
    RecordType(
        "lot.received",
        LotReceived,
        "custodian",
        frozenset({"releasing"}),
        commits={"delivery_note": TEXT},
    ),
    RecordType("lot.split", LotSplit, "custodian"),
    RecordType("codes.issued", CodesIssued, "custodian"),
)
