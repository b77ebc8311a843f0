"""May this lot be offered in this market? Every reason at once; an empty list is yes.

Pure and total: the same facts give the same reasons, at listing, at reserving and at ordering.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ledger.lots.rules import SELLABLE_GRADES
from ledger.lots.state import AuthorizationState, LotState

DEPTH_MAX = 2  # links between brand and supplier that the default policy allows
INSPECTION_AGE_MAX = timedelta(days=180)


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Market(_Closed):
    """Where we offer. place: the named place of delivery. language: of the destination's documents."""

    code: str
    currency: str
    channel: str
    language: Literal["en", "vi", "zh"]
    place: str


class Ban(_Closed):
    """What may not enter. hs_prefixes: 2 digits chapter, 4 heading, 6 subheading."""

    id: str
    market: str
    hs_prefixes: tuple[str, ...]
    conditions: tuple[str, ...]
    source: str
    checked_on: date


class MarketPolicy(_Closed):
    id: str
    version: str
    effective: date
    source: str
    markets: tuple[Market, ...]
    bans: tuple[Ban, ...]

    def market(self, code: str) -> Market | None:
        return next((market for market in self.markets if market.code == code), None)


def parse_markets(data: bytes) -> MarketPolicy:
    """Read the policy file; raises ValueError naming the member."""
    return MarketPolicy.model_validate(tomllib.loads(data.decode()))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not. slug: stable and public; detail: the rule, link or field it is about."""

    slug: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One grant above the lot, with the committed facts that the operator may open.

    readable: whether its territories are open; distrusted: whether a key behind it is.
    """

    id: str
    state: AuthorizationState
    territories_allowed: tuple[str, ...]
    territories_denied: tuple[str, ...]
    channels: tuple[str, ...]
    readable: bool = True
    distrusted: bool = False


@dataclass(frozen=True, slots=True)
class Goods:
    """What is known of a lot's goods beyond its records.

    hs_codes: of all of them. missing: customs facts that some lack. articles: serialised units.
    erased: rows of the lot that nothing proves any more.
    """

    hs_codes: frozenset[str]
    missing: tuple[str, ...]
    un38_3_missing: bool
    articles: int
    price_ratio_in_band: bool
    erased: int = 0


@dataclass(frozen=True, slots=True)
class LotFacts:
    """Everything the gate looks at. verified: the lot's history holds; available: units to sell."""

    lot: LotState
    chain: tuple[Link, ...]
    goods: Goods
    verified: bool
    distrusted: bool
    seller: str
    available: int


def eligible(facts: LotFacts, market: Market, bans: Sequence[Ban], today: date) -> list[Reason]:
    """Every reason why ``facts`` may not be offered in ``market`` on ``today``, in a fixed order."""
    return [
        *_evidence(facts, today),
        *_permission(facts, market, today),
        *_goods(facts),
        *_market(facts, market, bans),
    ]


def _evidence(facts: LotFacts, today: date) -> list[Reason]:
    lot, reasons = facts.lot, []
    if not facts.verified:
        reasons.append(Reason("chain-broken"))
    if facts.distrusted:
        reasons.append(Reason("record-distrusted"))
    if lot.goods != "finished":
        reasons.append(Reason("goods-not-sellable", lot.goods))
    if lot.overage:
        reasons.append(Reason("over-age"))
    if lot.inspection is None:
        reasons.append(Reason("not-inspected"))
    elif lot.changed_since_inspection:
        reasons.append(Reason("needs-reinspection"))
    else:
        if lot.inspection.coverage != "full":
            reasons.append(Reason("not-inspected", lot.inspection.coverage))
        if today - date.fromisoformat(lot.inspection.measured_at) > INSPECTION_AGE_MAX:
            reasons.append(Reason("inspection-stale", lot.inspection.measured_at))
        if any(hand.party == facts.seller for hand in lot.inspection.by):
            reasons.append(Reason("inspected-by-seller"))
    if not lot.overage and lot.inspection is not None and not lot.changed_since_inspection:
        if lot.grade in (None, "ungraded"):
            reasons.append(Reason("ungraded"))
        elif lot.grade not in SELLABLE_GRADES:
            reasons.append(Reason("grade-not-sellable", lot.grade or ""))
    return reasons


def _permission(facts: LotFacts, market: Market, today: date) -> list[Reason]:
    lot, reasons, day = facts.lot, [], today.isoformat()
    if lot.title != facts.seller and lot.supply_mode != "consign":
        reasons.append(Reason("title-not-held"))
    if not facts.chain:
        return [*reasons, Reason("authorization-missing")]
    if len(facts.chain) > DEPTH_MAX:
        reasons.append(Reason("authorization-too-deep", str(len(facts.chain))))
    for link in facts.chain:
        state = link.state
        if state.revoked:
            reasons.append(Reason("authorization-revoked", link.id))
        if not link.readable:
            reasons.append(Reason("authorization-unreadable", link.id))
        if link.distrusted:
            reasons.append(Reason("record-distrusted", link.id))
        if not state.valid_from <= day <= state.valid_until:
            reasons.append(Reason("authorization-expired", link.id))
        if lot.brand not in state.brands or lot.category not in state.categories:
            reasons.append(Reason("authorization-scope", link.id))
        if market.code in link.territories_denied or (
            link.territories_allowed and market.code not in link.territories_allowed
        ):
            reasons.append(Reason("territory-excluded", link.id))
        if link.channels and market.channel not in link.channels:
            reasons.append(Reason("channel-excluded", link.id))
        if lot.label_state == "cut" and state.label_clause != "cut_allowed":
            reasons.append(Reason("label-cut-not-licensed", link.id))
    return reasons


def _goods(facts: LotFacts) -> list[Reason]:
    lot, goods, reasons = facts.lot, facts.goods, []
    if facts.available < 1:
        reasons.append(Reason("no-stock"))
    if goods.articles and lot.codes.get("article", 0) < goods.articles:
        reasons.append(Reason("unit-codes-missing"))
    if goods.erased:
        reasons.append(Reason("details-erased", str(goods.erased)))
    reasons += [Reason("customs-data-missing", name) for name in goods.missing]
    if goods.un38_3_missing:
        reasons.append(Reason("un38-3-missing"))
    if not goods.price_ratio_in_band:
        reasons.append(Reason("price-out-of-band"))
    return reasons


def _market(facts: LotFacts, market: Market, bans: Sequence[Ban]) -> list[Reason]:
    condition = facts.lot.condition
    return [
        Reason("import-ban", ban.id)
        for ban in bans
        if ban.market == market.code
        and (condition is None or condition in ban.conditions)
        and any(code.startswith(ban.hs_prefixes) for code in facts.goods.hs_codes)
    ]
