"""Files that people sent in. Their bytes are objects, named by their hash."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Integer, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import BIGINT, table, words


class FileRow(SQLModel, table=True):
    """One file that somebody added; two rows may share an object.

    owner: whose it is, ``cmp_…`` or ``party:…``; lot: what it is about, "" when about no lot.
    sha256, thumbnail: names of the objects, "" when there is none; salt, "" after erasure.
    commitment: salted hash of what was sent, which stays when all else is erased.
    """

    __tablename__ = "files"
    id: str = Field(sa_column=id_column())
    owner: str = Field(sa_column=text_column(40, index=True))
    lot: str = Field(sa_column=text_column(40, index=True))
    added_by: str = Field(sa_column=text_column(80))
    added_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    media_type: str = Field(sa_column=text_column(80))
    size: int = Field(sa_column=Column(BIGINT, nullable=False))
    width: int = Field(sa_column=Column(Integer, nullable=False))
    height: int = Field(sa_column=Column(Integer, nullable=False))
    sha256: str = Field(sa_column=text_column(64, index=True))
    thumbnail: str = Field(sa_column=text_column(64, index=True))
    commitment: str = Field(sa_column=text_column(64))
    salt: str = Field(sa_column=text_column(64))
    erased_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    erased_for: str = Field(sa_column=text_column(20))


class UnnamedObjectRow(SQLModel, table=True):
    """An object that no row of ``files`` named when it was looked at. seen_at: for the first time."""

    __tablename__ = "unnamed_objects"
    sha256: str = Field(sa_column=Column(words(64), primary_key=True))
    seen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


FILES: list[Table] = [table(FileRow), table(UnnamedObjectRow)]
