"""Statements about earlier records; an earlier record itself is never edited."""

from typing import Annotated, Literal

from pydantic import Field

from ledger.core.envelope import Closed, Count, Name
from ledger.core.subjects import Hash
from ledger.records.model import RecordType


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


TYPES = (
    RecordType("correction.recorded", CorrectionRecorded, "corrector"),
    RecordType("erasure.recorded", ErasureRecorded, "operator"),
)
