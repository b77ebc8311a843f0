"""What strangers report about goods, and which photos the operator shows to them. Nothing of it is a leaf."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Index, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import table


class ReportRow(SQLModel, table=True):
    """One report of a problem. state: open, answered, erased.

    kind: slug of ``consumer_words.REPORT_KINDS``. text, contact: the reporter's, "" once erased.
    photo: id of a file, "" for none. answer: what the reporter reads; answered_by: a principal.
    """

    __tablename__ = "problem_reports"
    __table_args__ = (
        Index("problem_reports_by_state", "state", "reported_at", "id"),
        Index("problem_reports_by_code", "code", "state"),
    )
    id: str = Field(sa_column=id_column())
    code: str = Field(sa_column=text_column(20))
    lot: str = Field(sa_column=text_column(40, index=True))
    kind: str = Field(sa_column=text_column(20))
    text: str = Field(sa_column=text_column())
    contact: str = Field(sa_column=text_column(200))
    photo: str = Field(sa_column=text_column(40))
    reported_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: str = Field(sa_column=text_column(10))
    answer: str = Field(sa_column=text_column())
    answered_by: str = Field(sa_column=text_column(80))
    changed_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )


class PublicPhotoRow(SQLModel, table=True):
    """A photo about a lot that strangers may see, small. file: id of a row of ``files``."""

    __tablename__ = "public_photos"
    file: str = Field(sa_column=id_column())
    lot: str = Field(sa_column=text_column(40, index=True))
    shown_by: str = Field(sa_column=text_column(80))
    shown_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


REPORTS: list[Table] = [table(ReportRow), table(PublicPhotoRow)]
