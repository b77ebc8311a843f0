"""Goods of imports whose supplier signs elsewhere: kept apart until their declaration is recorded."""

from sqlalchemy import Boolean, Column, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import BIGINT, table, words


class ImportDeclarationRow(SQLModel, table=True):
    """One lot of a supplier's file, declared by a statement; it stays when that ends unrecorded.

    consignment: SHA-256 of the file. share: what the lot adds to the file's report, as JSON.
    """

    __tablename__ = "import_declarations"
    statement: str = Field(sa_column=id_column())
    consignment: str = Field(sa_column=text_column(64, index=True))
    lot: str = Field(sa_column=text_column(40))
    share: str = Field(sa_column=text_column())


class WaitingArticleRow(SQLModel, table=True):
    """A row of ``articles`` to be, while the declaration of ``lot`` waits for its supplier."""

    __tablename__ = "waiting_articles"
    lot: str = Field(sa_column=Column(words(40), primary_key=True))
    source_n: int = Field(sa_column=Column(BIGINT, primary_key=True, autoincrement=False))
    consignment: str = Field(sa_column=text_column(64))
    quantity: int = Field(sa_column=Column(BIGINT, nullable=False))
    category: str = Field(sa_column=text_column(40))
    serialised: bool = Field(sa_column=Column(Boolean, nullable=False))
    identifier: str = Field(sa_column=text_column(60, index=True))
    facts: str = Field(sa_column=text_column())


WAITING: list[Table] = [table(ImportDeclarationRow), table(WaitingArticleRow)]
