"""In the warehouse: received, counted again, split, put together, moved, lost, destroyed, labelled."""

from typing import Annotated, Literal

from pydantic import Field

from ledger.core.envelope import Closed, Count
from ledger.core.subjects import Hash, LotId
from ledger.records.model import (
    HASH,
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


class Parent(Closed):
    """A lot that goes whole into another one. quantity: all of its units."""

    id: LotId
    quantity: Positive


class Whole(Closed):
    """What several lots become. quantity: the sum of theirs."""

    id: LotId
    quantity: Positive
    manifest: Manifest | None = None


class LotMerged(Closed):
    """Lots of one key become one lot. parents ascend by id and end here."""

    parents: Annotated[list[Parent], Field(min_length=2, max_length=CHILDREN_MAX)]
    child: Whole


class LotBundled(LotMerged):
    """Sellable lots that differ, also in brand, become one lot that has the grade of the worst of them."""


class LotRecounted(Closed):
    """Another count of what was received. record: event id of the count that it takes the place of."""

    record: Hash
    counted: Count
    unidentified: Count


class LotMoved(Closed):
    from_site: Slug
    to_site: Slug


class LotLost(Closed):
    """quantity: all units of the lot; units that stay are split off before."""

    quantity: Positive
    reason: Literal["missing", "stolen", "damaged"]


class LotFound(Closed):
    """quantity: all that was lost. Where only some turn up, the rest is split off and lost again."""

    quantity: Positive
    site: Slug


class LotDestroyed(Closed):
    """quantity: all units. mass_g: as weighed. certificate: SHA-256 of its file."""

    quantity: Positive
    reason: Literal["brand_request", "unsafe", "unsellable", "recalled", "authority_order"]
    method: Literal["shredded", "incinerated", "dismantled", "recycled", "landfilled"]
    mass_g: Positive
    certificate: Hash


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
    RecordType("lot.recounted", LotRecounted, "custodian", frozenset({"witness"})),
    RecordType("lot.split", LotSplit, "custodian"),
    RecordType("lot.merged", LotMerged, "custodian"),
    RecordType("lot.bundled", LotBundled, "custodian"),
    RecordType("lot.moved", LotMoved, "custodian", frozenset({"releasing"}), commits={"waybill": TEXT}),
    RecordType("lot.lost", LotLost, "custodian", commits={"report": HASH, "remark": TEXT}),
    RecordType("lot.found", LotFound, "custodian", commits={"remark": TEXT}),
    RecordType(
        "lot.destroyed",
        LotDestroyed,
        "custodian",
        frozenset({"owner", "witness"}),
        commits={"place": TEXT, "contractor": TEXT},
    ),
    RecordType("codes.issued", CodesIssued, "custodian"),
)
