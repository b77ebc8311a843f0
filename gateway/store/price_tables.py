"""Price lists, prices that are stated of elsewhere, sale events, pools, and whom lots were matched to."""

from datetime import date, datetime

from sqlalchemy import Column, Date, DateTime, Index, Integer, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import BIGINT, table, words


def _moment(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class PriceListRow(SQLModel, table=True):
    """As of ``trade.price_lists.PriceList``. closed_at: no price of it stands any more."""

    __tablename__ = "price_lists"
    __table_args__ = (Index("price_lists_of_holder", "holder_kind", "holder"),)
    id: str = Field(sa_column=id_column())
    name: str = Field(sa_column=text_column(120))
    holder_kind: str = Field(sa_column=text_column(10))
    holder: str = Field(sa_column=text_column(40))
    market: str = Field(sa_column=text_column(2))
    currency: str = Field(sa_column=text_column(3))
    valid_from: date = Field(sa_column=Column(Date, nullable=False))
    valid_to: date | None = Field(default=None, sa_column=Column(Date))
    priority: int = Field(sa_column=Column(Integer, nullable=False))
    created_by: str = Field(sa_column=text_column(80))
    created_at: datetime = Field(sa_column=_moment())
    closed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class PriceRow(SQLModel, table=True):
    """From ``min_qty`` pieces on, one unit of the listing's pack costs this. Never changed: replaced.

    reference: what it was held against, as JSON; price_policy: SHA-256 of the bands; percent: of the
    reference. removed_at: of one that was replaced or taken out.
    """

    __tablename__ = "prices"
    __table_args__ = (
        Index("prices_of_listing", "listing", "list", "min_qty"),
        Index("prices_of_list", "list"),
    )
    id: str = Field(sa_column=id_column())
    list: str = Field(sa_column=text_column(40))
    listing: str = Field(sa_column=text_column(40))
    min_qty: int = Field(sa_column=Column(BIGINT, nullable=False))
    unit_price_minor: int = Field(sa_column=Column(BIGINT, nullable=False))
    reference: str = Field(sa_column=text_column())
    percent: int = Field(sa_column=Column(Integer, nullable=False))
    price_policy: str = Field(sa_column=text_column(64))
    override_reason: str = Field(sa_column=text_column())
    entered_by: str = Field(sa_column=text_column(80))
    entered_at: datetime = Field(sa_column=_moment())
    removed_by: str = Field(sa_column=text_column(80))
    removed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class StatedPriceRow(SQLModel, table=True):
    """What one piece costs elsewhere, or the least a brand lets it be sold for. Never changed: withdrawn.

    subject: id of a lot, or a model. market: "" for all. kind: a reference kind, or brand_minimum.
    """

    __tablename__ = "stated_prices"
    __table_args__ = (Index("stated_prices_of_subject", "subject", "kind"),)
    id: str = Field(sa_column=id_column())
    subject: str = Field(sa_column=text_column(120))
    market: str = Field(sa_column=text_column(2))
    kind: str = Field(sa_column=text_column(20))
    amount_minor: int = Field(sa_column=Column(BIGINT, nullable=False))
    currency: str = Field(sa_column=text_column(3))
    source: str = Field(sa_column=text_column(300))
    stated_on: date = Field(sa_column=Column(Date, nullable=False))
    entered_by: str = Field(sa_column=text_column(80))
    entered_at: datetime = Field(sa_column=_moment())
    withdrawn_by: str = Field(sa_column=text_column(80))
    withdrawn_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class SaleEventRow(SQLModel, table=True):
    """As of ``trade.events.SaleEvent``."""

    __tablename__ = "sale_events"
    __table_args__ = (Index("sale_events_by_end", "ends_at"),)
    id: str = Field(sa_column=id_column())
    title_zh: str = Field(sa_column=text_column(120))
    title_en: str = Field(sa_column=text_column(120))
    title_vi: str = Field(sa_column=text_column(120))
    starts_at: datetime = Field(sa_column=_moment())
    ends_at: datetime = Field(sa_column=_moment())
    state: str = Field(sa_column=text_column(12))
    created_by: str = Field(sa_column=text_column(80))
    created_at: datetime = Field(sa_column=_moment())


class SaleEventLotRow(SQLModel, table=True):
    """An offer that was put into an event. offered: pieces then; sold_before: sold by then, by the ledger.

    left_at: when it was taken out, with what was sold by then (-1: not known).
    """

    __tablename__ = "sale_event_lots"
    event: str = Field(sa_column=Column(words(40), primary_key=True))
    listing: str = Field(sa_column=Column(words(40), primary_key=True))
    lot: str = Field(sa_column=text_column(40))
    offered: int = Field(sa_column=Column(BIGINT, nullable=False))
    sold_before: int = Field(sa_column=Column(BIGINT, nullable=False))
    added_by: str = Field(sa_column=text_column(80))
    added_at: datetime = Field(sa_column=_moment())
    left_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    left_sold: int | None = Field(default=None, sa_column=Column(BIGINT))


class PoolMoveRow(SQLModel, table=True):
    """Who may see an offer was changed, by whom and why; append-only."""

    __tablename__ = "pool_moves"
    __table_args__ = (Index("pool_moves_of_listing", "listing", "at"),)
    id: str = Field(sa_column=id_column())
    listing: str = Field(sa_column=text_column(40))
    from_visibility: str = Field(sa_column=text_column(12))
    from_tier: int = Field(sa_column=Column(Integer, nullable=False))
    visibility: str = Field(sa_column=text_column(12))
    tier_min: int = Field(sa_column=Column(Integer, nullable=False))
    reason: str = Field(sa_column=text_column())
    by: str = Field(sa_column=text_column(80))
    at: datetime = Field(sa_column=_moment())


class AudienceMoveRow(SQLModel, table=True):
    """A company was added to, or removed from, those who see a private offer by a person; append-only."""

    __tablename__ = "audience_moves"
    __table_args__ = (Index("audience_moves_of_listing", "listing", "at"),)
    id: str = Field(sa_column=id_column())
    listing: str = Field(sa_column=text_column(40))
    company: str = Field(sa_column=text_column(40))
    kind: str = Field(sa_column=text_column(10))
    reason: str = Field(sa_column=text_column())
    by: str = Field(sa_column=text_column(80))
    at: datetime = Field(sa_column=_moment())


class MatchRunRow(SQLModel, table=True):
    """One choice of companies for an offer. plan: what was chosen with its parts, as JSON."""

    __tablename__ = "match_runs"
    __table_args__ = (Index("match_runs_of_listing", "listing", "at"),)
    id: str = Field(sa_column=id_column())
    listing: str = Field(sa_column=text_column(40))
    plan_hash: str = Field(sa_column=text_column(64))
    policy: str = Field(sa_column=text_column(64))
    days_open: int = Field(sa_column=Column(Integer, nullable=False))
    wanted: int = Field(sa_column=Column(BIGINT, nullable=False))
    expected: int = Field(sa_column=Column(BIGINT, nullable=False))
    plan: str = Field(sa_column=text_column())
    at: datetime = Field(sa_column=_moment())


PRICES: list[Table] = [
    table(row)
    for row in (
        PriceListRow, PriceRow, StatedPriceRow, SaleEventRow, SaleEventLotRow, PoolMoveRow, AudienceMoveRow,
        MatchRunRow,
    )
]  # fmt: skip
