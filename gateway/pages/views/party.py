"""The home of a party of the ledger: its goods, work, permissions, and what it may state."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from gateway.pages.views.statements import StatedLine
from gateway.pages.views.values import Fact, Link, Money, Reason

GrantState = Literal[
    "valid", "expires-soon", "not-begun", "expired", "revoked", "exhausted", "distrusted", "above-broken",
    "unreadable",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Door:
    """An action that may be opened. why_not: slug of ``not_now``; "" when it can be done now."""

    action: str
    href: str
    why_not: str = ""
    is_grave: bool = False


@dataclass(frozen=True, kw_only=True)
class GoodsLine:
    """A lot that a party has to do with. as_whom: slugs of ``party_ties``."""

    href: str
    text: str
    category: str
    brand: str
    grade: str
    quantity: int
    ties: tuple[str, ...]
    state: str  # slug of ``lot_places``
    tone: str


@dataclass(frozen=True, kw_only=True)
class WorkLine:
    href: str
    text: str
    kind: str
    closed: bool
    lot: str


@dataclass(frozen=True, kw_only=True)
class PartyView:
    """``/party``. asks_lot: whether the party is shown a field for a lot's id."""

    kind: str
    name: str
    waiting: tuple[StatedLine, ...]
    doors: tuple[Door, ...]
    goods: tuple[GoodsLine, ...]
    goods_total: int
    works: tuple[WorkLine, ...]
    permissions: tuple["GrantLine", ...]
    next_href: str
    asks_lot: bool
    lot_query: str = ""
    lot_error: str = ""


@dataclass(frozen=True, kw_only=True)
class GrantLine:
    """One link. days: until it runs out, of ``expires-soon``. sold of ceiling: None without a ceiling."""

    href: str
    text: str
    grantee: str
    grantor: str
    brands: tuple[str, ...]
    categories: tuple[str, ...]
    valid_until: date
    state: GrantState
    tone: str
    days: int = 0
    narrowed: bool = False
    sold: int | None = None
    ceiling: int | None = None
    below: tuple["GrantLine", ...] = ()


@dataclass(frozen=True, kw_only=True)
class FeeLine:
    """What has accrued under one link in one currency. base: what the rate was taken of."""

    permission: Link
    sales: int
    base: Money
    fee: Money


@dataclass(frozen=True, kw_only=True)
class PermissionsView:
    """``/party/permissions``: the chains as trees. fees_open: whether every value behind them was open."""

    given: tuple[GrantLine, ...]
    received: tuple[GrantLine, ...]
    fees: tuple[FeeLine, ...]
    fees_open: bool
    doors: tuple[Door, ...]


@dataclass(frozen=True, kw_only=True)
class PermissionView:
    """``/party/permissions/{authorization}``. above: the links that it stands under."""

    line: GrantLine
    above: tuple[Link, ...]
    facts: tuple[Fact, ...]
    doors: tuple[Door, ...]
    lots: tuple[GoodsLine, ...]
    lots_total: int
    entry_href: str


@dataclass(frozen=True, kw_only=True)
class MarketLine:
    """A brand's goods in one market by one channel: pieces on offer, and sold."""

    market: str
    channel: str
    lots: int
    offered: int
    sold: int
    share: int  # of the largest row, in per cent, for the picture


@dataclass(frozen=True, kw_only=True)
class StockLine:
    category: str
    declared: int
    here: int
    sold: int
    gone: int


@dataclass(frozen=True, kw_only=True)
class BrandGoodsView:
    """``/party/goods``: no buyer's name, no price."""

    brands: tuple[str, ...]
    markets: tuple[MarketLine, ...]
    stock: tuple[StockLine, ...]
    lots: tuple[GoodsLine, ...]
    next_href: str


@dataclass(frozen=True, kw_only=True)
class PartyLotView:
    """``/party/lots/{lot}``. faults: of its permission, per market that the policy knows."""

    text: str
    lot: str
    facts: tuple[Fact, ...]
    ties: tuple[str, ...]
    state: str
    tone: str
    doors: tuple[Door, ...]
    waiting: tuple[StatedLine, ...]
    permissions: tuple[GrantLine, ...]
    faults: tuple[Reason, ...]
    markets: tuple[str, ...]
    history_href: str


PartyPage = PartyView | PermissionsView | PermissionView | BrandGoodsView | PartyLotView
