"""Statements about earlier records; an earlier record itself is never edited."""

from typing import Annotated, Literal

from pydantic import Field

from ledger.core.envelope import Closed, Count, Name
from ledger.core.subjects import Hash
from ledger.records.model import HASH, TEXT, Positive, RecordType


class CorrectionRecorded(Closed):
    """record: event id of what was wrong."""

    record: Hash
    reason: Literal["did_not_occur", "incorrect_data"]


class ErasureRecorded(Closed):
    """fields, rows: whose openings and rows were deleted from record's private part."""

    record: Hash
    reason: Literal["personal_data", "trade_secret", "retention_ended"]
    fields: Annotated[list[Name], Field(max_length=32)]
    rows: Annotated[list[Count], Field(max_length=5000)]


class EvidenceStated(Closed):
    """What an auditor says of a tree. tree_size, root: the head that was audited, as the auditor saw it.

    The root is not compared with ours when it is recorded: a statement of another root for a size that
    we signed is evidence of a second history, and must not be refused by whoever it accuses.
    """

    tree_size: Positive
    root: Hash
    verdict: Literal["verified", "failed", "unverified"]


TYPES = (
    RecordType("correction.recorded", CorrectionRecorded, "corrector"),
    RecordType("erasure.recorded", ErasureRecorded, "operator"),
    RecordType("evidence.stated", EvidenceStated, "auditor", commits={"report": HASH, "remark": TEXT}),
)
