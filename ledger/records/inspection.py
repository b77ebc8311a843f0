"""Work orders, samples fixed before their results, what an inspector measured, who insures it."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from ledger.core.envelope import Closed, Count
from ledger.core.subjects import Hash, PartyId
from ledger.records.model import (
    MONEY,
    TEXT,
    TEXTS,
    Day,
    Grade,
    LabelState,
    Manifest,
    Positive,
    RecordType,
    Slug,
)

PHOTOS: TypeAdapter[Any] = TypeAdapter(Annotated[list[Hash], Field(min_length=1, max_length=1000)])
Letter = Literal["A", "B", "C"]
Level = Literal["S-1", "S-2", "S-3", "S-4", "I", "II", "III"]
Severity = Literal["normal", "tightened", "reduced"]


class WorkAssigned(Closed):
    kind: Literal["inspection", "refurbishment"]
    worker_party: PartyId


class SchemeUsed(Closed):
    """The file of rules that was applied; sha256 over its bytes."""

    id: Slug
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){0,2}\z")]
    sha256: Hash


class GradeCount(Closed):
    grade: Grade
    count: Positive


class InspectionPlanned(Closed):
    """A sample, fixed before any of its results.

    tables: the file that inspection_level, severity and AQL were looked up in; sample_size, accept and
    reject are what it says for a lot of lot_size units. A unit conforms from minimum_grade on. seed: 32
    random bytes that draw the sample (``ledger.lots.sampling``).
    """

    tables: SchemeUsed
    inspection_level: Level
    severity: Severity
    aql: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}(\.[0-9]{1,3})?\z")]
    minimum_grade: Letter
    lot_size: Positive
    sample_size: Positive
    accept: Count
    reject: Positive
    seed: Hash


class Override(Closed):
    """Units to which the inspector gave another grade than the scheme found. Nothing leaves X or ungraded."""

    found: Letter
    given: Grade
    reason: Slug
    count: Positive


class LotInspected(Closed):
    """grades ascend by letter and sum to the units inspected; score_min: lowest score among graded units.

    lot_grade: under which all units are sold together when they are not sorted: the lowest found.
    overrides ascend, each once; the grades count them, the scores are the scheme's.
    """

    coverage: Literal["documents", "sample", "full"]
    scheme: SchemeUsed
    grades: Annotated[list[GradeCount], Field(min_length=1, max_length=5)]
    label_states: Annotated[list[LabelState], Field(max_length=3)]
    score_min: Count | None = None
    measured_at: Day
    manifest: Manifest
    lot_grade: Grade | None = None
    overrides: Annotated[list[Override], Field(min_length=1, max_length=32)] | None = None


class LotInsured(Closed):
    """An insurer answers for the lot as its last inspection found it, on every day of the two and between."""

    valid_from: Day
    valid_until: Day


TYPES = (
    RecordType("work.assigned", WorkAssigned, "custodian"),
    RecordType("inspection.planned", InspectionPlanned, "inspector"),
    RecordType(
        "lot.inspected",
        LotInspected,
        "inspector",
        frozenset({"third_party"}),
        commits={"instrument_serials": TEXTS, "photos": PHOTOS},
    ),
    RecordType(
        "lot.insured",
        LotInsured,
        "insurer",
        commits={"policy_number": TEXT, "cover": MONEY},
    ),
)
