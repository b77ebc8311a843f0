"""What is measured at a bench and not stated yet, and who works there."""

from datetime import datetime

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import table, words


class DraftRow(SQLModel, table=True):
    """What was found on one article of a work order.

    slot, position: see ``gateway.measuring.findings.Article``. version: 1, 2, … whenever it is changed.
    findings: JSON list; files: JSON list of (file id, SHA-256) of its photos. state: measured, proposed
    (by a station, nobody accepted it), referred (the station was not sure: a person decides).
    units: measured; grade: the lowest. token: of the form that wrote it, so that it is sent twice safely.
    by: principal; worker: pseudonym.
    """

    __tablename__ = "measurement_drafts"
    __table_args__ = (Index("measurement_drafts_in_order", "work", "position"),)
    work: str = Field(sa_column=Column(words(40), primary_key=True))
    slot: str = Field(sa_column=Column(words(20), primary_key=True))
    position: int = Field(sa_column=Column(Integer, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    state: str = Field(sa_column=text_column(10))
    source: str = Field(sa_column=text_column(10))
    findings: str = Field(sa_column=text_column())
    files: str = Field(sa_column=text_column())
    units: int = Field(sa_column=Column(Integer, nullable=False))
    grade: str = Field(sa_column=text_column(10))
    confidence: str = Field(sa_column=text_column(10))
    by: str = Field(sa_column=text_column(80))
    worker: str = Field(sa_column=text_column(40))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    token: str = Field(sa_column=text_column(40))


class WorkerRow(SQLModel, table=True):
    """Who a pseudonym in records is: the roster, which is never in the log. principal: ``user:…``."""

    __tablename__ = "workers"
    party: str = Field(sa_column=Column(words(40), primary_key=True))
    principal: str = Field(sa_column=Column(words(80), primary_key=True))
    worker: str = Field(sa_column=text_column(40, index=True))


class DeviceCheckRow(SQLModel, table=True):
    """Results of a device that a person measures again. seed: hex, drawn when the check began.

    findings: JSON, number of the result -> what the person measured, and whether the device was right.
    """

    __tablename__ = "device_checks"
    id: str = Field(sa_column=id_column())
    device: str = Field(sa_column=text_column(40, index=True))
    party: str = Field(sa_column=text_column(40))
    batch: str = Field(sa_column=text_column(64))
    seed: str = Field(sa_column=text_column(64))
    rows: int = Field(sa_column=Column(Integer, nullable=False))
    sampled: int = Field(sa_column=Column(Integer, nullable=False))
    findings: str = Field(sa_column=text_column())
    by: str = Field(sa_column=text_column(80))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    stated: bool = Field(sa_column=Column(Boolean, nullable=False))


MEASURING: list[Table] = [table(DraftRow), table(WorkerRow), table(DeviceCheckRow)]
