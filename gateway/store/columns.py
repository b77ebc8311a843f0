"""Columns that every table of the gateway is made of."""

from sqlalchemy import Column, Text

from ledger.store.tables import words

_LONG = Text().with_variant(Text(collation="C"), "postgresql")


def text_column(length: int | None = None, *, unique: bool = False, index: bool = False) -> Column[str]:
    return Column(words(length) if length else _LONG, nullable=False, unique=unique, index=index)


def id_column() -> Column[str]:
    return Column(words(40), primary_key=True)
