"""Label stock by its id, and where symbol and text stand on one label: one layout for PDF and ZPL."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from exporters.errors import SymbolTooSmall

MODULE_MIN_UM: Final = 396  # GS1 General Specifications, QR at the point of sale
MODULE_MAX_UM: Final = 990
_INSET_UM: Final = 1_000  # cutters and rolls wander by about as much; the quiet zone comes on top
_GAP_UM: Final = 800


@dataclass(frozen=True, slots=True)
class Format:
    """See formats.toml. Lengths in micrometres."""

    id: str
    kind: Literal["sheet", "roll"]
    source: str
    page_width_um: int
    page_height_um: int
    columns: int
    rows: int
    left_um: int
    top_um: int
    gap_x_um: int
    gap_y_um: int
    width_um: int
    height_um: int
    hidden: bool

    @property
    def labels_a_page(self) -> int:
        return self.columns * self.rows


@dataclass(frozen=True, slots=True)
class Placement:
    """On one label, from its upper left corner.

    symbol_um: its side, quiet zone included. module_um: rounded down.
    """

    symbol_x_um: int
    symbol_y_um: int
    symbol_um: int
    module_um: int
    text_x_um: int
    text_y_um: int
    text_width_um: int
    text_height_um: int


@cache
def formats() -> Mapping[str, Format]:
    """By id, in the order of the file."""
    read = tomllib.loads(Path(__file__).with_name("formats.toml").read_text(encoding="utf-8"))
    return {one["id"]: Format(**one) for one in read["format"]}


def placement(stock: Format, modules: int, *, dots_per_inch: int | None = None) -> Placement:
    """Place a symbol of ``modules`` modules a side, quiet zone included, and the text beside or below it.

    dots_per_inch: of a thermal printer, whose modules are whole dots; None on paper.
    Raises SymbolTooSmall when a module would be narrower than ``MODULE_MIN_UM``.
    """
    across = stock.width_um > stock.height_um
    room = min(stock.width_um, stock.height_um) - 2 * _INSET_UM
    if across:
        room = min(room, (stock.width_um - 3 * _INSET_UM) * 3 // 5)
    side = _side(room, modules, dots_per_inch)
    if side // modules < MODULE_MIN_UM:
        raise SymbolTooSmall(stock.id, module_um=side // modules, module_min_um=MODULE_MIN_UM)
    if across:
        x, y = _INSET_UM, (stock.height_um - side) // 2
        left, top = x + side + _GAP_UM, _INSET_UM
    else:
        x, y = (stock.width_um - side) // 2, max(_INSET_UM, (stock.height_um - side) // 6)
        left, top = 4 * _INSET_UM, y + side + _GAP_UM
    right = _INSET_UM if across else 4 * _INSET_UM
    return Placement(
        symbol_x_um=x,
        symbol_y_um=y,
        symbol_um=side,
        module_um=side // modules,
        text_x_um=left,
        text_y_um=top,
        text_width_um=stock.width_um - left - right,
        text_height_um=stock.height_um - top - _INSET_UM,
    )


def _side(room_um: int, modules: int, dots_per_inch: int | None) -> int:
    """The largest symbol in the room whose modules are legal, of whole dots where the printer has dots."""
    most = min(room_um, modules * MODULE_MAX_UM)
    if dots_per_inch is None:
        return most
    dots = most * dots_per_inch // (25_400 * modules)
    return dots * modules * 25_400 // dots_per_inch
