"""Who may learn that an offer exists: one rule, as a predicate here and as SQL in ``store.audiences``."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Visibility = Literal[
    "public",  # its goods may be shown to anybody, its price to approved companies of its market
    "members",  # approved companies of its market
    "tier",  # those of them of a tier or above: the long-term pool
    "private",  # those of them that were chosen one by one
]
VISIBILITIES: Final[tuple[Visibility, ...]] = get_args(Visibility)
Why = Literal["everybody", "allowed", "tier", "audience"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """A company that looks. country: ISO 3166, of the company; tier: from 1."""

    company: str
    country: str
    tier: int


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom an offer is. market: as of the listing; chosen: companies of a private one.

    Whoever is denied sees nothing, whatever else is said. Where companies or markets are allowed at
    all, no other one sees it.
    """

    market: str
    visibility: Visibility
    tier_min: int = 1
    chosen: frozenset[str] = frozenset()
    denied_companies: frozenset[str] = frozenset()
    denied_markets: frozenset[str] = frozenset()
    allowed_companies: frozenset[str] = frozenset()
    allowed_markets: frozenset[str] = frozenset()

    def why(self, viewer: Viewer) -> Why | None:
        """Why this company may see it; None where the offer does not exist for it."""
        if viewer.country != self.market or self._refuses(viewer):
            return None
        if self.visibility == "private":
            return "audience" if viewer.company in self.chosen else None
        if self.visibility == "tier":
            return "tier" if viewer.tier >= self.tier_min else None
        return "allowed" if self.allowed_companies else "everybody"

    def _refuses(self, viewer: Viewer) -> bool:
        if viewer.company in self.denied_companies or viewer.country in self.denied_markets:
            return True
        companies, markets = self.allowed_companies, self.allowed_markets
        return bool(
            (companies and viewer.company not in companies) or (markets and viewer.country not in markets)
        )
