"""What labels can be printed on and how: each stock as PDF, and rolls as ZPL for three resolutions."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from exporters.labels.formats import Format, formats
from qrcodes.zpl import RESOLUTIONS


@dataclass(frozen=True, slots=True)
class Printing:
    """id: as ``labels.printed`` names it, such as ``roll_50x30_zpl203``. dots_per_inch: None for PDF."""

    id: str
    stock: Format
    dots_per_inch: int | None = None


@cache
def printings() -> Mapping[str, Printing]:
    found = {one.id: Printing(one.id, one) for one in formats().values()}
    for one in formats().values():
        if one.kind == "roll":
            for dots in RESOLUTIONS:
                found[f"{one.id}_zpl{dots}"] = Printing(f"{one.id}_zpl{dots}", one, dots)
    return found


def printing(id_: str) -> Printing:
    """Raises KeyError for what ``printings`` does not list."""
    return printings()[id_]
