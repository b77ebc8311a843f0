"""Who may buy for a company, its rules, and its purchases with all that happened to them."""

from datetime import date, datetime

from sqlalchemy import Column, Date, DateTime, Index, Integer, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import BIGINT, table, words


def _moment(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


def _key(length: int = 40) -> Column[str]:
    return Column(words(length), primary_key=True)


def _amount(*, nullable: bool = False) -> Column[int]:
    return Column(BIGINT, nullable=nullable)


class MemberRow(SQLModel, table=True):
    """What a user may do for a company. role: admin, buyer, approver, viewer.

    limit_minor: None for no limit; period: of it, ``purchase`` or ``month``.
    """

    __tablename__ = "company_members"
    company: str = Field(sa_column=_key())
    user_id: str = Field(sa_column=_key())
    role: str = Field(sa_column=text_column(12))
    limit_minor: int | None = Field(default=None, sa_column=_amount(nullable=True))
    currency: str = Field(sa_column=text_column(3))
    period: str = Field(sa_column=text_column(12))
    set_at: datetime = Field(sa_column=_moment())
    set_by: str = Field(sa_column=text_column(80))


class CompanyRulesRow(SQLModel, table=True):
    """What a company wants of its purchases, and where its goods go. threshold_minor: None for none.

    consignee, notify_party: name and address, a line each; port: where the goods arrive.
    """

    __tablename__ = "company_rules"
    company: str = Field(sa_column=id_column())
    threshold_minor: int | None = Field(default=None, sa_column=_amount(nullable=True))
    currency: str = Field(sa_column=text_column(3))
    consignee: str = Field(sa_column=text_column())
    notify_party: str = Field(sa_column=text_column())
    port: str = Field(sa_column=text_column(60))


class PurchaseRow(SQLModel, table=True):
    """What a company buys at once under one number. total_minor: the sum of its lines.

    hold_until: while it waits for an approval or a deposit, until when its goods are held. before_hold:
    the state it goes back to from ``on_hold``. version: grows with each change. consignee, notify_party:
    name and address, lines parted by semicolons; "" for the company itself, and for nobody.
    """

    __tablename__ = "purchases"
    __table_args__ = (
        Index("purchases_of_company", "company", "created_at", "id"),
        Index("purchases_by_number", "company", "po_number"),
        Index("purchases_by_state", "state", "hold_until"),
    )
    id: str = Field(sa_column=id_column())
    company: str = Field(sa_column=text_column(40))
    po_number: str = Field(sa_column=text_column(60))
    incoterm: str = Field(sa_column=text_column(3))
    place: str = Field(sa_column=text_column(60))
    market: str = Field(sa_column=text_column(2))
    currency: str = Field(sa_column=text_column(3))
    total_minor: int = Field(sa_column=_amount())
    deposit_minor: int = Field(sa_column=_amount())
    balance_days: int = Field(sa_column=Column(Integer, nullable=False))
    state: str = Field(sa_column=text_column(20))
    before_hold: str = Field(sa_column=text_column(20))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    placed_by: str = Field(sa_column=text_column(80))
    created_at: datetime = Field(sa_column=_moment())
    hold_until: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    consignee: str = Field(sa_column=text_column())
    notify_party: str = Field(sa_column=text_column())


class PurchaseLineRow(SQLModel, table=True):
    """One hold of a purchase. order_id: the order that its sale made, "" before."""

    __tablename__ = "purchase_lines"
    __table_args__ = (Index("purchase_lines_by_order", "order_id"),)
    purchase: str = Field(sa_column=_key())
    n: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    reservation: str = Field(sa_column=text_column(40, index=True))
    order_id: str = Field(sa_column=text_column(40))


class PurchaseEventRow(SQLModel, table=True):
    """A step of a purchase; append-only. by: a principal, "" for the house itself.

    reason: of ``purchase_states.REASONS``, "" where none is asked. remark: what somebody wrote.
    """

    __tablename__ = "purchase_events"
    __table_args__ = (Index("purchase_events_of", "purchase", "id"),)
    id: int | None = Field(default=None, sa_column=Column(BIGINT, primary_key=True))
    purchase: str = Field(sa_column=text_column(40))
    at: datetime = Field(sa_column=_moment())
    by: str = Field(sa_column=text_column(80))
    before: str = Field(sa_column=text_column(20))
    after: str = Field(sa_column=text_column(20))
    reason: str = Field(sa_column=text_column(12))
    remark: str = Field(sa_column=text_column())


class PaymentRow(SQLModel, table=True):
    """Money that staff saw arrive; append-only. amount_minor: below zero where it went back."""

    __tablename__ = "purchase_payments"
    id: int | None = Field(default=None, sa_column=Column(BIGINT, primary_key=True))
    purchase: str = Field(sa_column=text_column(40, index=True))
    amount_minor: int = Field(sa_column=_amount())
    paid_on: date = Field(sa_column=Column(Date, nullable=False))
    reference: str = Field(sa_column=text_column(80))
    at: datetime = Field(sa_column=_moment())
    by: str = Field(sa_column=text_column(80))


PURCHASES: list[Table] = [
    table(row)
    for row in (
        MemberRow, CompanyRulesRow, PurchaseRow, PurchaseLineRow, PurchaseEventRow, PaymentRow,
    )
]  # fmt: skip
