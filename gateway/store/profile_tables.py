"""How suppliers write their sheets, files on their way to being imported, and stock as suppliers state it."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Integer, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import BIGINT, table, words


def _moment() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False)


class ImportProfileRow(SQLModel, table=True):
    """One version of an import profile; it never changes. document: the profile, canonical JSON."""

    __tablename__ = "import_profiles"
    id: str = Field(sa_column=id_column())
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    supplier: str = Field(sa_column=text_column(40, index=True))
    name: str = Field(sa_column=text_column())
    document: str = Field(sa_column=text_column())
    sha256: str = Field(sa_column=text_column(64))
    created_at: datetime = Field(sa_column=_moment())
    created_by: str = Field(sa_column=text_column(80))


class ImportDraftRow(SQLModel, table=True):
    """An uploaded sheet and what was said of it so far. file: id of the upload.

    document: a profile, perhaps not whole yet, as JSON. profile, version: the one that was saved of it, ""
    and 0 before. amount_minor: price of the whole. mends: SHA-256 of the file whose rejected rows it
    brings again, "" for none. job: its import, "" before anybody asked for it.
    """

    __tablename__ = "import_drafts"
    file: str = Field(sa_column=id_column())
    owner: str = Field(sa_column=text_column(40, index=True))
    document: str = Field(sa_column=text_column())
    profile: str = Field(sa_column=text_column(40))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    amount_minor: int | None = Field(default=None, sa_column=Column(BIGINT, nullable=True))
    currency: str = Field(sa_column=text_column(3))
    mends: str = Field(sa_column=text_column(64))
    job: str = Field(sa_column=text_column(40))
    updated_at: datetime = Field(sa_column=_moment())


class RejectedRowRow(SQLModel, table=True):
    """A row of a supplier's file that was not taken, as it came. row 0: the headers. cells: JSON list."""

    __tablename__ = "rejected_rows"
    consignment: str = Field(sa_column=Column(words(64), primary_key=True))
    row: int = Field(sa_column=Column(BIGINT, primary_key=True, autoincrement=False))
    cells: str = Field(sa_column=text_column())


class StockFeedRow(SQLModel, table=True):
    """One statement of a supplier about its stock. report: what it changed, as JSON."""

    __tablename__ = "stock_feeds"
    id: str = Field(sa_column=id_column())
    supplier: str = Field(sa_column=text_column(40, index=True))
    as_of: datetime = Field(sa_column=_moment())
    received_at: datetime = Field(sa_column=_moment())
    added_by: str = Field(sa_column=text_column(80))
    sha256: str = Field(sa_column=text_column(64))
    report: str = Field(sa_column=text_column())


class StockLevelRow(SQLModel, table=True):
    """What the supplier of a direct lot said last: ``quantity`` pieces lie there, as of ``as_of``."""

    __tablename__ = "stock_levels"
    lot: str = Field(sa_column=id_column())
    supplier: str = Field(sa_column=text_column(40, index=True))
    quantity: int = Field(sa_column=Column(BIGINT, nullable=False))
    as_of: datetime = Field(sa_column=_moment())
    feed: str = Field(sa_column=text_column(40))


PROFILES: list[Table] = [
    table(row) for row in (ImportProfileRow, ImportDraftRow, RejectedRowRow, StockFeedRow, StockLevelRow)
]
