"""What is known under one GTIN, and what to choose from where a link of GS1 leaves it open."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class GoodsLot:
    href: str
    lot_short: str
    grade: str  # "" while it is not graded


@dataclass(frozen=True, kw_only=True)
class GoodsView:
    """``/goods/{gtin}``."""

    gtin: str
    name: str  # brand and model; "" when neither is public
    lots: tuple[GoodsLot, ...]
    more: bool  # there are others, which this page does not list


@dataclass(frozen=True, kw_only=True)
class Choice:
    href: str
    title: str  # in the language of the page


@dataclass(frozen=True, kw_only=True)
class ChoicesView:
    """A GS1 link that asks for a type of which there are several."""

    choices: tuple[Choice, ...]
