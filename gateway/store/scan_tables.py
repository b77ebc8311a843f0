"""When and from where codes were opened, as far as anybody may know: country, day, a network's hash.

No address, no program and no exact time is kept. Networks are /24 or /48, hashed under a salt that is
deleted when its period ends: afterwards nobody can find out a network, nor tell two readings to be of one.
"""

from datetime import date, datetime

from sqlalchemy import Column, Date, DateTime, Index, Integer, LargeBinary, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import BIGINT, WITHOUT_ROWID, table, words


class ScannedCodeRow(SQLModel, table=True):
    """What stays of a code: its first reading, and how many there were. first_country: "" unknown."""

    __tablename__ = "scanned_codes"
    code: str = Field(sa_column=Column(words(20), primary_key=True))
    first_on: date = Field(sa_column=Column(Date, nullable=False))
    first_country: str = Field(sa_column=text_column(2))
    readings: int = Field(sa_column=Column(BIGINT, nullable=False))


class ScanDayRow(SQLModel, table=True):
    """Readings of one code from one network on one day. network: 16 hex digits; period: of its salt."""

    __tablename__ = "scan_days"
    __table_args__ = (Index("scan_days_by_day", "day"), WITHOUT_ROWID)
    code: str = Field(sa_column=Column(words(20), primary_key=True))
    day: date = Field(sa_column=Column(Date, primary_key=True))
    country: str = Field(sa_column=Column(words(2), primary_key=True))
    network: str = Field(sa_column=Column(words(16), primary_key=True))
    period: int = Field(sa_column=Column(Integer, nullable=False))
    readings: int = Field(sa_column=Column(BIGINT, nullable=False))


class ScanSlotRow(SQLModel, table=True):
    """That a network opened a code within some minutes: for the rules of the last hour, forgotten after."""

    __tablename__ = "scan_slots"
    __table_args__ = (Index("scan_slots_by_time", "at"), WITHOUT_ROWID)
    code: str = Field(sa_column=Column(words(20), primary_key=True))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    country: str = Field(sa_column=Column(words(2), primary_key=True))
    network: str = Field(sa_column=Column(words(16), primary_key=True))
    period: int = Field(sa_column=Column(Integer, nullable=False))


class ScanSaltRow(SQLModel, table=True):
    """32 random bytes of one period; gone when it is over."""

    __tablename__ = "scan_salts"
    period: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ScanAlertRow(SQLModel, table=True):
    """A rule that a code's readings broke, with what was decided about it. state: open, expected, copied.

    notice, rule, measured, allowed, detail: as ``qrcodes.clones.Finding``. readings, places, countries:
    as they were when it was raised. policy, policy_sha256: by which rules.
    """

    __tablename__ = "scan_alerts"
    __table_args__ = (
        Index("scan_alerts_by_state", "state", "raised_at", "id"),
        Index("scan_alerts_of_code", "code", "state"),
    )
    id: str = Field(sa_column=id_column())
    code: str = Field(sa_column=text_column(20))
    lot: str = Field(sa_column=text_column(40, index=True))
    level: str = Field(sa_column=text_column(10))
    notice: str = Field(sa_column=text_column(20))
    rule: str = Field(sa_column=text_column(20))
    measured: int = Field(sa_column=Column(BIGINT, nullable=False))
    allowed: int = Field(sa_column=Column(BIGINT, nullable=False))
    detail: str = Field(sa_column=text_column(20))
    readings: int = Field(sa_column=Column(BIGINT, nullable=False))
    places: int = Field(sa_column=Column(BIGINT, nullable=False))
    countries: int = Field(sa_column=Column(BIGINT, nullable=False))
    policy: str = Field(sa_column=text_column(40))
    policy_sha256: str = Field(sa_column=text_column(64))
    raised_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: str = Field(sa_column=text_column(10))
    reason: str = Field(sa_column=text_column(500))
    closed_by: str = Field(sa_column=text_column(80))
    closed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))


SCANS: list[Table] = [
    table(row) for row in (ScannedCodeRow, ScanDayRow, ScanSlotRow, ScanSaltRow, ScanAlertRow)
]
