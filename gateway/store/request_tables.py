"""Answers kept for requests that are sent again, and secrets that all processes of one server share."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Integer, LargeBinary, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import text_column
from ledger.store.tables import table, words


class KeptAnswerRow(SQLModel, table=True):
    """What one request with an Idempotency-Key was answered, written in the transaction of its effect.

    id: SHA-256 over principal, method, path and key. asked: SHA-256 over what was asked for. headers:
    JSON object. expires_at: wall time.
    """

    __tablename__ = "kept_answers"
    id: str = Field(sa_column=Column(words(64), primary_key=True))
    asked: str = Field(sa_column=text_column(64))
    status: int = Field(sa_column=Column(Integer, nullable=False))
    headers: str = Field(sa_column=text_column())
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))


class ServerKeyRow(SQLModel, table=True):
    """A random key that signs nothing of the ledger.

    Losing one makes open page markers invalid, or links in letters that are not out yet; no more.
    """

    __tablename__ = "server_keys"
    name: str = Field(sa_column=Column(words(40), primary_key=True))
    value: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


REQUESTS: list[Table] = [table(KeptAnswerRow), table(ServerKeyRow)]
