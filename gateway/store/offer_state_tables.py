"""What moved an offer from state to state: append-only."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Integer, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import text_column
from ledger.store.tables import BIGINT, table, words


class OfferChangeRow(SQLModel, table=True):
    """The ``version``-th thing that happened to an offer.

    before: "" of its first row. after: as before where only what it says was changed. who: a principal,
    or ``gate``. reason: a slug; note: in the words of whoever did it.
    """

    __tablename__ = "offer_changes"
    listing: str = Field(sa_column=Column(words(40), primary_key=True))
    version: int = Field(sa_column=Column(BIGINT, primary_key=True, autoincrement=False))
    before: str = Field(sa_column=text_column(20))
    after: str = Field(sa_column=text_column(20))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    who: str = Field(sa_column=text_column(60))
    reason: str = Field(sa_column=text_column(60))
    note: str = Field(sa_column=text_column())


class SampleOrderRow(SQLModel, table=True):
    """A company's one sample of a lot: a hold below the smallest order."""

    __tablename__ = "sample_orders"
    company: str = Field(sa_column=Column(words(40), primary_key=True))
    lot: str = Field(sa_column=Column(words(40), primary_key=True))
    reservation: str = Field(sa_column=text_column(40))
    quantity: int = Field(sa_column=Column(Integer, nullable=False))


OFFER_STATES: list[Table] = [table(OfferChangeRow), table(SampleOrderRow)]
