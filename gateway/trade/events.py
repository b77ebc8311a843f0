"""Sale events: when one stands, what it refuses outside its hours, and how much of it was sold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, Literal

from gateway.trade.quantities import half_up

State = Literal["planned", "open", "closed", "cancelled"]
ENDED: Final[frozenset[State]] = frozenset({"closed", "cancelled"})
SECONDS_OF_AN_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class SaleEvent:
    """starts_at is included, ends_at is not. state: as somebody last set it, or the clock turned it."""

    id: str
    title_zh: str
    title_en: str
    title_vi: str
    starts_at: datetime
    ends_at: datetime
    state: State

    def title(self, language: str) -> str:
        """In the reader's language. language: a tag of ``gateway.i18n.LANGUAGES``."""
        return {"zh": self.title_zh, "vi": self.title_vi}.get(language.partition("-")[0], self.title_en)


@dataclass(frozen=True, slots=True)
class Window:
    """Why nothing may be reserved now, with the hours. slug: of ``problem_kinds``."""

    slug: Literal["sale-not-open", "sale-closed"]
    starts_at: datetime
    ends_at: datetime


def state_at(event: SaleEvent, now: datetime) -> State:
    """The hours decide, unless somebody ended it before."""
    if event.state in ENDED:
        return event.state
    if now < event.starts_at:
        return "planned"
    return "open" if now < event.ends_at else "closed"


def refusal(event: SaleEvent, now: datetime) -> Window | None:
    """What keeps a buyer from a new reservation at ``now``; None while the sale is open."""
    match state_at(event, now):
        case "open":
            return None
        case "planned":
            return Window("sale-not-open", event.starts_at, event.ends_at)
        case _:
            return Window("sale-closed", event.starts_at, event.ends_at)


@dataclass(frozen=True, slots=True)
class Left:
    """Time until something: whole days, or whole hours where it is less than one. Both 0: within the hour."""

    days: int
    hours: int


def left_until(moment: datetime, now: datetime) -> Left:
    """Rounded down, and nothing when the moment has passed."""
    span = max(timedelta(0), moment - now)
    return Left(span.days, 0 if span.days else span.seconds // SECONDS_OF_AN_HOUR)


@dataclass(frozen=True, slots=True)
class LotOfSale:
    """offered: pieces when the lot joined. sold_before, sold: by the ledger's sales; None: not known."""

    offered: int
    sold_before: int
    sold: int | None


def sell_through(lots: Iterable[LotOfSale]) -> int | None:
    """Per cent of the pieces offered that the ledger knows as sold, half up; None where it does not know.

    Sold before the event counts for nothing; nothing offered is nothing sold.
    """
    offered = sold = 0
    for lot in lots:
        if lot.sold is None:
            return None
        offered += lot.offered
        sold += min(lot.offered, max(0, lot.sold - lot.sold_before))
    return half_up(Fraction(100 * sold, offered)) if offered else 0
