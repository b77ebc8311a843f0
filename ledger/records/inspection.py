"""Work orders and what an inspector measured."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ledger.core.envelope import Closed, Count
from ledger.core.subjects import Hash, PartyId
from ledger.records.model import TEXTS, Day, Grade, LabelState, Manifest, Positive, RecordType, Slug


class WorkAssigned(Closed):
    kind: Literal["inspection", "refurbishment"]
    worker_party: PartyId


class SchemeUsed(Closed):
    """The grading scheme file that was applied; sha256 over its bytes."""

    id: Slug
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){0,2}\z")]
    sha256: Hash


class GradeCount(Closed):
    grade: Grade
    count: Positive


class LotInspected(Closed):
    """grades ascend by letter and sum to the units inspected; score_min: lowest score among graded units."""

    coverage: Literal["documents", "sample", "full"]
    scheme: SchemeUsed
    grades: Annotated[list[GradeCount], Field(min_length=1, max_length=5)]
    label_states: Annotated[list[LabelState], Field(max_length=3)]
    score_min: Count | None = None
    measured_at: Day
    manifest: Manifest


TYPES = (
    RecordType("work.assigned", WorkAssigned, "custodian"),
    RecordType(
        "lot.inspected",
        LotInspected,
        "inspector",
        frozenset({"third_party"}),
        commits={"instrument_serials": TEXTS},
    ),
)
