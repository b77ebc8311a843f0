"""Statements: records that somebody stated by a form, until every signer has signed."""

from datetime import datetime

from sqlalchemy import Boolean, Column, DateTime, Integer, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import BIGINT, table, words


class StatementRow(SQLModel, table=True):
    """One statement. id: 20 characters. action: slug of the catalogue. subject: the first one's id.

    author: party that signs first; creator: party of whoever stated it, created_by: its principal.

    draft, pending, told: JSON, "" once nothing waits any more: what is recorded stands in the ledger and
    is erased there. event_id: of the body that is signed now; idx: its entry, -1 before. renewed: how
    often it was composed anew because its subject had moved on. reason: why it ended unrecorded.
    """

    __tablename__ = "statements"
    id: str = Field(sa_column=id_column())
    action: str = Field(sa_column=text_column(40))
    type: str = Field(sa_column=text_column(64))
    subject: str = Field(sa_column=text_column(40, index=True))
    author: str = Field(sa_column=text_column(40))
    creator: str = Field(sa_column=text_column(40, index=True))
    created_by: str = Field(sa_column=text_column(80))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: str = Field(sa_column=text_column(20))
    draft: str = Field(sa_column=text_column())
    pending: str = Field(sa_column=text_column())
    event_id: str = Field(sa_column=text_column(64, index=True))
    idx: int = Field(sa_column=Column(BIGINT, nullable=False))
    renewed: int = Field(sa_column=Column(Integer, nullable=False))
    reason: str = Field(sa_column=text_column(500))
    then: str = Field(sa_column=text_column(40))
    told: str = Field(sa_column=text_column())


class StatementSignerRow(SQLModel, table=True):
    """A place of a statement. position: in the body's signers. waits: whether it is still to be signed."""

    __tablename__ = "statement_signers"
    statement: str = Field(sa_column=Column(words(40), primary_key=True))
    position: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    party: str = Field(sa_column=text_column(40, index=True))
    key: str = Field(sa_column=text_column(64))
    role: str = Field(sa_column=text_column(64))
    waits: bool = Field(sa_column=Column(Boolean, nullable=False))


STATEMENTS: list[Table] = [table(StatementRow), table(StatementSignerRow)]
