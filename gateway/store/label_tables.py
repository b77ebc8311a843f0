"""Runs of labels, what each label of a run carries, and hidden codes that can be claimed once."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Index, Integer, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import BIGINT, table, words


class LabelRunRow(SQLModel, table=True):
    """One run: labels that are made, checked and released together.

    labels: on paper, copies counted. purpose: first, reprint; reason: of a reprint, else "".
    state: waiting, released, refused.
    sha256, size, filename: of the file that was released, "" and 0 before. trouble: why it was refused.
    """

    __tablename__ = "label_runs"
    __table_args__ = (Index("label_runs_by_time", "made_at", "id"),)
    id: str = Field(sa_column=id_column())
    format: str = Field(sa_column=text_column(40))
    variant: str = Field(sa_column=text_column(10))
    purpose: str = Field(sa_column=text_column(10))
    reason: str = Field(sa_column=text_column(20))
    labels: int = Field(sa_column=Column(Integer, nullable=False))
    hidden: bool
    language: str = Field(sa_column=text_column(10))
    made_by: str = Field(sa_column=text_column(80))
    made_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: str = Field(sa_column=text_column(10))
    job: str = Field(sa_column=text_column(40))
    sha256: str = Field(sa_column=text_column(64))
    size: int = Field(sa_column=Column(BIGINT, nullable=False))
    filename: str = Field(sa_column=text_column(120))
    trouble: str = Field(sa_column=text_column(200))


class LabelRow(SQLModel, table=True):
    """One code of a run. n: its place, from 0; copies: of its label.

    hidden: the second code, "" once the run is released.
    grade, fragment: as they stood when the run was made, so that a run begun again is the same run.
    """

    __tablename__ = "labels"
    __table_args__ = (Index("labels_by_code", "code"), Index("labels_by_lot", "lot", "run"))
    run: str = Field(sa_column=id_column())
    n: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    code: str = Field(sa_column=text_column(20))
    lot: str = Field(sa_column=text_column(40))
    level: str = Field(sa_column=text_column(10))
    grade: str = Field(sa_column=text_column(10))
    fragment: str = Field(sa_column=text_column(400))
    hidden: str = Field(sa_column=text_column(20))
    copies: int = Field(sa_column=Column(Integer, nullable=False))


class HiddenCodeRow(SQLModel, table=True):
    """The second code under the scratch field of the newest label of ``code``, as its digest.

    digest: see ``qrcodes.hidden``. claimed_at: NULL until somebody showed the hidden code.
    """

    __tablename__ = "hidden_codes"
    code: str = Field(sa_column=Column(words(20), primary_key=True))
    run: str = Field(sa_column=text_column(40, index=True))
    digest: str = Field(sa_column=text_column(64))
    claimed_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )


LABELS: list[Table] = [table(LabelRunRow), table(LabelRow), table(HiddenCodeRow)]
