"""What was repaired; who did it may not regrade it."""

from typing import Annotated, Literal

from pydantic import Field

from ledger.core.envelope import Closed
from ledger.records.inspection import PHOTOS
from ledger.records.model import TEXTS, Manifest, Positive, RecordType

StepKind = Literal[
    "battery_replaced", "system_reset", "data_wiped", "fabric_repaired", "cleaned", "repackaged"
]
REPAIRS = "repairs/2"  # rows of this form are checked one by one, and their worker is named


class Step(Closed):
    """count: units on which the step was done."""

    kind: StepKind
    count: Positive


class LotRefurbished(Closed):
    """manifest: one row a unit (battery before and after, part origin, wipe method)."""

    steps: Annotated[list[Step], Field(min_length=1, max_length=12)]
    manifest: Manifest


TYPES = (
    RecordType(
        "lot.refurbished", LotRefurbished, "refurbisher", commits={"part_serials": TEXTS, "photos": PHOTOS}
    ),
)
