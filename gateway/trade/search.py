"""What a buyer asks of the catalogue, and how texts are compared in it."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, get_args
from urllib.parse import parse_qs, urlencode

from pydantic import BaseModel, ConfigDict, Field

Sort = Literal["-published_at", "price", "-price", "-available"]
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)
Facet = Literal["category", "brand", "grade", "condition", "inspection", "warehouse", "depth", "event"]
FACETS: Final[tuple[Facet, ...]] = get_args(Facet)
SEVERAL: Final = tuple(facet for facet in FACETS if facet != "inspection")  # may have several values
Depth = Literal["shallow", "medium"]
GRADES: Final = ("C", "B", "A")  # worst first
AMOUNT_MAX: Final = 10**15  # of an amount or a quantity in a search
TOKENS_MAX: Final = 8  # words of one search; more are left out


class DepthPolicy(BaseModel):
    """From which figures on stock is shallow."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    shallow_pieces_max: int = Field(ge=1)
    shallow_products_min: int = Field(ge=1)


@dataclass(frozen=True, slots=True)
class Search:
    """What was chosen; nothing chosen is everything. Within one member any value will do.

    inspection: the level that is wanted at least. hs: the first two to six digits of a code. prices: of
    one piece, in minor units. qty_min: pieces that are available. verified_since: YYYY-MM-DD, the
    earliest day.
    """

    q: str = ""
    category: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    condition: tuple[str, ...] = ()
    inspection: str = ""
    warehouse: tuple[str, ...] = ()
    depth: tuple[str, ...] = ()
    event: tuple[str, ...] = ()
    hs: str = ""
    price_min: int | None = None
    price_max: int | None = None
    qty_min: int | None = None
    verified_since: str = ""
    sort: Sort = field(default="-published_at")

    def chosen(self, facet: Facet) -> tuple[str, ...]:
        found = self.inspection if facet == "inspection" else getattr(self, facet)
        return ((found,) if found else ()) if isinstance(found, str) else found


def depth_of(policy: DepthPolicy, *, products: int, pieces: int) -> Depth:
    """Shallow: many products, few pieces of each (G6)."""
    few = pieces <= policy.shallow_pieces_max * max(1, products)
    return "shallow" if few and products >= policy.shallow_products_min else "medium"


def normalised(text: str) -> str:
    """For comparing: one width, small letters, no accents, single blanks.

    Vietnamese is found with and without its marks; đ is d.
    """
    wide = unicodedata.normalize("NFKC", text).casefold().replace("đ", "d")
    plain = "".join(char for char in unicodedata.normalize("NFD", wide) if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFC", plain).split())


def tokens(text: str) -> tuple[str, ...]:
    """The words of a search, each once, in order."""
    return tuple(dict.fromkeys(normalised(text).split()))[:TOKENS_MAX]


def searchable(texts: Iterable[str]) -> str:
    """What ``tokens`` are looked for in: each normalised text on its own, between bars."""
    found = dict.fromkeys(normalised(text) for text in texts)
    return "|" + "|".join(text for text in found if text) + "|"


def query_of(search: Search) -> str:
    """The same search as an address, in one order: equal searches are equal texts."""
    return urlencode(pairs_of(search))


def pairs_of(search: Search) -> list[tuple[str, str]]:
    pairs = [("q", search.q.strip())]
    pairs += [(name, value) for name in SEVERAL for value in sorted(search.chosen(name))]
    pairs += [
        ("inspection", search.inspection),
        ("hs", search.hs),
        *((name, _whole(getattr(search, name))) for name in ("price_min", "price_max", "qty_min")),
        ("verified_since", search.verified_since),
        ("sort", "" if search.sort == SORTS[0] else search.sort),
    ]
    return [(name, value) for name, value in pairs if value]


def search_of(query: str) -> Search:
    """What ``query_of`` wrote; what is not of it counts for nothing."""
    found = parse_qs(query)

    def several(name: str) -> tuple[str, ...]:
        return tuple(found.get(name, ()))

    def one(name: str) -> str:
        return found.get(name, [""])[-1]

    def number(name: str) -> int | None:
        text = one(name)
        return min(int(text), AMOUNT_MAX) if text.isascii() and text.isdigit() else None

    return Search(
        q=one("q"),
        category=several("category"),
        brand=several("brand"),
        grade=several("grade"),
        condition=several("condition"),
        inspection=one("inspection"),
        warehouse=several("warehouse"),
        depth=several("depth"),
        event=several("event"),
        hs=one("hs"),
        price_min=number("price_min"),
        price_max=number("price_max"),
        qty_min=number("qty_min"),
        verified_since=one("verified_since"),
        sort=next((sort for sort in SORTS if sort == one("sort")), SORTS[0]),
    )


def _whole(value: int | None) -> str:
    return "" if value is None else str(value)
