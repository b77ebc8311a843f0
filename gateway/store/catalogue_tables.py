"""Who may see an offer, who was shown one, and what buyers search."""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import BIGINT, table, words

TRAITS: Final = ("category", "grade", "condition", "inspection", "warehouse", "depth", "event")
NARROWED: Final[tuple[str, ...]] = ("reach", "available", "until", "piece_minor", "listing")
BY_TRAITS: Final[tuple[str, ...]] = ("market", *TRAITS, *NARROWED)
BY_BRAND: Final[tuple[str, ...]] = ("market", "brand", *NARROWED, *TRAITS)


class CatalogueRow(SQLModel, table=True):
    """One published offer as it was judged last; what it says is searched and shown in lists.

    head: the lot's record that was judged; judged_on, judged_size: the day of it, and the entries of the
    log then. standing: whether every check passed. published_us: microseconds since 1970. piece_minor:
    the price of one piece, rounded half up. cap: pieces that the ledger leaves unsold; permitted: that
    the brand's permission leaves. *_rank: for "at least". hs: prefixes of six digits, each between
    blanks. warehouse: where the goods lie, "" where nobody says. verified_since: the day since which
    the gate lets the offer through. words: normalised, for search. card: what a list shows beside, as
    JSON. reach, available, event, until: copies, see ``store.catalogue_copies``.
    """

    __tablename__ = "catalogue"
    __table_args__ = (
        Index("catalogue_latest", "market", "published_us", "listing"),
        Index("catalogue_by_price", "market", "piece_minor", "listing"),
        Index("catalogue_by_available", "market", "available", "listing"),
        Index("catalogue_by_brand", *BY_BRAND),
        Index("catalogue_by_traits", *BY_TRAITS),
        Index("catalogue_by_lot", "lot"),
    )
    listing: str = Field(sa_column=id_column())
    lot: str = Field(sa_column=text_column(40))
    market: str = Field(sa_column=text_column(2))
    head: str = Field(sa_column=text_column(64))
    judged_on: str = Field(sa_column=text_column(10))
    judged_size: int = Field(sa_column=Column(BIGINT, nullable=False))
    standing: bool
    published_us: int = Field(sa_column=Column(BIGINT, nullable=False))
    category: str = Field(sa_column=text_column(40))
    brand: str = Field(sa_column=text_column())
    condition: str = Field(sa_column=text_column(40))
    grade: str = Field(sa_column=text_column(10))
    grade_rank: int = Field(sa_column=Column(Integer, nullable=False))
    inspection: str = Field(sa_column=text_column(20))
    inspection_rank: int = Field(sa_column=Column(Integer, nullable=False))
    hs: str = Field(sa_column=text_column())
    piece_minor: int = Field(sa_column=Column(BIGINT, nullable=False))
    cap: int = Field(sa_column=Column(BIGINT, nullable=False))
    permitted: int = Field(sa_column=Column(BIGINT, nullable=False))
    warehouse: str = Field(sa_column=text_column(60))
    verified_since: str = Field(sa_column=text_column(10))
    depth: str = Field(sa_column=text_column(10))
    words: str = Field(sa_column=text_column())
    card: str = Field(sa_column=text_column())
    reach: int = Field(sa_column=Column(Integer, nullable=False))
    available: int = Field(sa_column=Column(BIGINT, nullable=False))
    event: str = Field(sa_column=text_column(40))
    until: str = Field(sa_column=text_column(10))


class AudienceRow(SQLModel, table=True):
    """A company to which a private offer is shown. score: 0..1000. reasons: JSON list of slugs or texts.

    added_by: a principal, or ``matching``.
    """

    __tablename__ = "listing_audience"
    __table_args__ = (
        CheckConstraint("score >= 0 AND score <= 1000"),
        Index("audience_of_company", "company", "listing"),
    )
    listing: str = Field(sa_column=id_column())
    company: str = Field(sa_column=id_column())
    score: int = Field(sa_column=Column(Integer, nullable=False))
    reasons: str = Field(sa_column=text_column())
    since: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    added_by: str = Field(sa_column=text_column(60))


class AccessRow(SQLModel, table=True):
    """One line of an offer's list of buyers. effect: allow, deny. kind: market, company. value: its id.

    Whoever is denied sees nothing. Where a kind is allowed at all, nobody else of that kind sees it.
    """

    __tablename__ = "listing_access"
    __table_args__ = (Index("access_of_value", "kind", "value"),)
    listing: str = Field(sa_column=id_column())
    effect: str = Field(sa_column=Column(words(10), primary_key=True))
    kind: str = Field(sa_column=Column(words(10), primary_key=True))
    value: str = Field(sa_column=id_column())


class ExposureRow(SQLModel, table=True):
    """A company was shown an offer that not everybody sees; once a day. why: tier, audience, allowed."""

    __tablename__ = "listing_exposures"
    listing: str = Field(sa_column=id_column())
    company: str = Field(sa_column=id_column())
    day: str = Field(sa_column=Column(words(10), primary_key=True))
    why: str = Field(sa_column=text_column(20))


class SavedSearchRow(SQLModel, table=True):
    """A search that somebody keeps. query: as in the address of ``/catalogue``, in canonical order.

    letters: whether new offers are told by mail. told_us: offers published until then were told, in
    microseconds since 1970; told_on: the day of the last letter, "" before the first.
    """

    __tablename__ = "saved_searches"
    __table_args__ = (Index("searches_of_account", "account", "created_at", "id"),)
    id: str = Field(sa_column=id_column())
    account: str = Field(sa_column=text_column(60))
    company: str = Field(sa_column=text_column(40))
    name: str = Field(sa_column=text_column(80))
    query: str = Field(sa_column=text_column())
    letters: bool
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    told_us: int = Field(sa_column=Column(BIGINT, nullable=False))
    told_on: str = Field(sa_column=text_column(10))


CATALOGUE = [table(row) for row in (CatalogueRow, AudienceRow, AccessRow, ExposureRow, SavedSearchRow)]
