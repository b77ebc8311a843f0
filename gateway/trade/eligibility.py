"""May this lot be offered in this market? Every reason at once; an empty list is yes.

Pure and total: the same facts give the same reasons, at listing, at reserving and at ordering.
"""

import tomllib
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from gateway.trade.permission_policy import PermissionPolicy
from gateway.trade.stock_feed import Stated
from ledger.lots.coverage import looked_at
from ledger.lots.permission import Link, permission_of
from ledger.lots.rules import SELLABLE_GRADES
from ledger.lots.state import Inspection, LotState, PartyState

INSPECTION_AGE_MAX = timedelta(days=180)
OEM = "oem"


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
    """What may not enter. hs_prefixes: 2 digits chapter, 4 heading, 6 subheading.

    effective_from, effective_to: first and last day on which it holds; None where no such day is known.
    """

    id: str
    market: str
    hs_prefixes: tuple[str, ...]
    conditions: tuple[str, ...]
    effective_from: date | None = None
    effective_to: date | None = None
    source: str
    checked_on: date

    @model_validator(mode="after")
    def _in_order(self) -> "Ban":
        if self.effective_from and self.effective_to and self.effective_from > self.effective_to:
            raise ValueError("effective_from is after effective_to")
        return self

    def is_in_force(self, day: date) -> bool:
        ahead = self.effective_from is not None and day < self.effective_from
        return not (ahead or (self.effective_to is not None and day > self.effective_to))


class MarketPolicy(_Closed):
    id: str
    version: str
    effective: date
    source: str
    markets: tuple[Market, ...]
    bans: tuple[Ban, ...]

    def ban(self, id_: str) -> Ban | None:
        return next((ban for ban in self.bans if ban.id == id_), None)

    def market(self, code: str, channel: str | None = None) -> Market | None:
        """channel: through which it is sold there, where that is not the market's usual one."""
        found = next((market for market in self.markets if market.code == code), None)
        if found is None or channel in (None, found.channel):
            return found
        return found.model_copy(update={"channel": channel})


def parse_markets(data: bytes) -> MarketPolicy:
    """Read the policy file; raises ValueError naming the member."""
    return MarketPolicy.model_validate(tomllib.loads(data.decode()))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not. slug: stable and public; detail: the rule, link or field it is about."""

    slug: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Goods:
    """What is known of a lot's goods beyond its records.

    hs_codes: of all of them. missing: customs facts that some lack. articles: serialised units.
    erased: rows of the lot that nothing proves any more. unpriced: slug of why no price can be had, and
    what it is about.
    """

    hs_codes: frozenset[str]
    missing: tuple[str, ...]
    un38_3_missing: bool
    articles: int
    price_ratio_in_band: bool
    erased: int = 0
    unpriced: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Supplier:
    """Who declared the goods. registered: has a number that its register's rules allow.

    score_poor: whether its record demands that every unit is inspected.
    """

    party: PartyState
    registered: bool
    score_poor: bool


@dataclass(frozen=True, slots=True)
class LotFacts:
    """Everything the gate looks at. verified: the lot's history holds; available: units to sell.

    chain: the grants that the lot stands under. suppliers: who declared the goods, several of a bundle;
    empty where nobody knows. consent_distrusted: whether a key behind the brand's consent is.
    window_start: of the sale, today where None. recalled: a recall of the lot or of one that it came of
    stands. safety_required: the class that the operator's policy gives goods of this category.
    stated: what the supplier of direct goods last said of them, None for all other goods.
    """

    lot: LotState
    chain: tuple[Link, ...]
    goods: Goods
    verified: bool
    distrusted: bool
    seller: str
    available: int
    suppliers: tuple[Supplier, ...]
    consent_distrusted: bool = False
    window_start: date | None = None
    recalled: bool = False
    safety_required: str | None = None
    stated: Stated | None = None


def eligible(
    facts: LotFacts, market: Market, bans: Sequence[Ban], policy: PermissionPolicy, today: date
) -> list[Reason]:
    """Every reason why ``facts`` may not be offered in ``market`` on ``today``, in a fixed order."""
    return [
        *_evidence(facts, policy, today),
        *_supply(facts, policy, today),
        *_permission(facts, market, policy, today),
        *_goods(facts),
        *_market(facts, market, [ban for ban in bans if ban.is_in_force(today)]),
    ]


def _evidence(facts: LotFacts, policy: PermissionPolicy, today: date) -> list[Reason]:
    lot, reasons = facts.lot, []
    if not facts.verified:
        reasons.append(Reason("chain-broken"))
    if facts.distrusted:
        reasons.append(Reason("record-distrusted"))
    reasons += _safety(facts)
    if not lot.is_leaf:
        reasons.append(Reason("lot-gone", lot.exit or "divided"))
    if lot.goods != "finished":
        reasons.append(Reason("goods-not-sellable", lot.goods))
    if lot.overage or over_age(date.fromisoformat(lot.produced_until), today, policy.age_months_max):
        reasons.append(Reason("over-age", str(policy.age_months_max)))
    if lot.inspection is None:
        reasons.append(Reason("not-inspected"))
    elif lot.changed_since_inspection:
        reasons.append(Reason("needs-reinspection"))
    else:
        reasons += _coverage(lot, lot.inspection)
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


def _coverage(lot: LotState, inspection: Inspection) -> list[Reason]:
    """Goods were looked at: all of them, or a sample that was planned before and accepted (L12, L13)."""
    if looked_at(lot) in ("sample", "full"):
        return []
    if inspection.sample is not None:
        return [Reason("sample-rejected")]
    if inspection.coverage == "sample":
        return [Reason("sample-unplanned")]
    return [Reason("not-inspected", inspection.coverage)]


def _safety(facts: LotFacts) -> list[Reason]:
    reasons = [Reason("recalled")] if facts.recalled else []
    if facts.safety_required is not None and facts.lot.safety is None:
        reasons.append(Reason("safety-unclassified", facts.safety_required))
    return reasons


def _supply(facts: LotFacts, policy: PermissionPolicy, today: date) -> list[Reason]:
    lot, suppliers, reasons = facts.lot, facts.suppliers, []
    if lot.title != facts.seller and lot.supply_mode != "consign" and lot.agent != facts.seller:
        reasons.append(Reason("title-not-held"))
    if not all(supplier.registered for supplier in suppliers):
        reasons.append(Reason("supplier-unregistered"))
    if any(supplier.party.supplier_type == OEM for supplier in suppliers):
        consent = lot.brand_consent is not None and not facts.consent_distrusted
        if lot.surplus_cause in policy.released_by_brand and not consent:
            reasons.append(Reason("brand-release-missing", lot.surplus_cause))
    inspection = lot.inspection
    whole = inspection is not None and inspection.coverage == "full"
    if not whole and any(supplier.score_poor for supplier in suppliers):
        reasons.append(Reason("full-inspection-required"))
    if lot.supply_mode == "direct":
        own = {lot.title, lot.supplier}
        if inspection is not None and not any(hand.party not in own for hand in inspection.by):
            reasons.append(Reason("direct-not-inspected"))
        if facts.stated is not None and facts.stated.is_stale:
            reasons.append(Reason("stock-feed-stale", facts.stated.as_of))
    elif not _came_in_time(lot, facts.window_start):
        reasons.append(
            Reason("not-in-warehouse", facts.window_start.isoformat() if facts.window_start else "")
        )
    until = lot.consigned_until
    if lot.supply_mode == "consign" and until is not None and today.isoformat() > until:
        reasons.append(Reason("consignment-ended", until))
    return reasons


def _came_in_time(lot: LotState, window_start: date | None) -> bool:
    """Whether the goods were in our warehouse before the sale starts; the day alone is compared."""
    if not lot.received:
        return False
    return window_start is None or lot.intake is None or lot.intake.day < window_start.isoformat()


def over_age(produced: date, today: date, months_max: int) -> bool:
    """Whether more than ``months_max`` months have passed: 36 months and a day are, 36 are not."""
    months = today.year * 12 + today.month - 1 - months_max
    year, month = divmod(months, 12)
    days = monthrange(year, month + 1)[1]
    return produced < date(year, month + 1, min(today.day, days))


def _permission(facts: LotFacts, market: Market, policy: PermissionPolicy, today: date) -> list[Reason]:
    broken = permission_of(
        facts.lot,
        {link.id: link for link in facts.chain},
        supplier=facts.suppliers[0].party if len(facts.suppliers) == 1 else None,
        day=today.isoformat(),
        market=market.code,
        channel=market.channel,
        depth_max=policy.depth_max,
    )
    return [Reason(one.fault, one.link or one.detail) for one in broken]


def _goods(facts: LotFacts) -> list[Reason]:
    lot, goods, reasons = facts.lot, facts.goods, []
    if facts.available < 1:
        reasons.append(Reason("no-stock"))
    coded = goods.articles if lot.safety is None else lot.quantity
    if coded and lot.codes.get("article", 0) < coded:
        reasons.append(Reason("unit-codes-missing"))
    if goods.erased:
        reasons.append(Reason("details-erased", str(goods.erased)))
    reasons += [Reason("customs-data-missing", name) for name in goods.missing]
    if goods.un38_3_missing:
        reasons.append(Reason("un38-3-missing"))
    if goods.unpriced is not None:
        reasons.append(Reason(*goods.unpriced))
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
