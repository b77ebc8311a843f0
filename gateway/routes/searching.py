"""Searches as they stand in an address: the parameters of every route that lists offers."""

from datetime import date
from typing import Annotated, Final, Literal

from fastapi import Query

from gateway.trade.search import AMOUNT_MAX, Search, Sort

VALUES_MAX: Final = 20  # values of one filter
SLUG: Final = r"^[A-Za-z0-9_-]{1,40}$"

Slug = Annotated[str, Query(pattern=SLUG)]
Named = Annotated[str, Query(min_length=1, max_length=80)]
Slugs = Annotated[list[Slug] | None, Query(max_length=VALUES_MAX)]
Names = Annotated[list[Named] | None, Query(max_length=VALUES_MAX)]
Grades = Annotated[list[Literal["A", "B", "C"]] | None, Query(max_length=3)]
Depths = Annotated[list[Literal["shallow", "medium"]] | None, Query(max_length=2)]
Inspection = Literal["documents", "sample", "full", "third_party", "insurer"]
Amount = Annotated[int | None, Query(ge=0, le=AMOUNT_MAX)]
Text = Annotated[str, Query(max_length=120)]
Code = Annotated[str, Query(pattern=r"^([0-9]{2,6})?$")]


def searched(
    q: Text = "",
    category: Slugs = None,
    brand: Names = None,
    grade: Grades = None,
    condition: Slugs = None,
    inspection: Annotated[Inspection | None, Query()] = None,
    warehouse: Names = None,
    depth: Depths = None,
    event: Slugs = None,
    hs: Code = "",
    price_min: Amount = None,
    price_max: Amount = None,
    qty_min: Amount = None,
    verified_since: Annotated[date | None, Query()] = None,
    sort: Annotated[Sort, Query()] = "-published_at",
) -> Search:
    """What a program asks for: prices of one piece in minor units of the market's currency.

    A parameter that is repeated means any of its values. inspection: at least so well. hs: how a code
    of the Harmonized System begins, two to six digits.
    """
    return Search(
        q=q,
        category=tuple(category or ()),
        brand=tuple(brand or ()),
        grade=tuple(grade or ()),
        condition=tuple(condition or ()),
        inspection=inspection or "",
        warehouse=tuple(warehouse or ()),
        depth=tuple(depth or ()),
        event=tuple(event or ()),
        hs=hs,
        price_min=price_min,
        price_max=price_max,
        qty_min=qty_min,
        verified_since=verified_since.isoformat() if verified_since else "",
        sort=sort,
    )
