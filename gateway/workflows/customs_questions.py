"""What customs will ask of an offer, with what is known of its goods. Bans are those of the markets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from exporters import readiness as rules
from exporters.readiness import MISSING, Case, Fact, Goods, NotApplicable, Question, Readiness, Rule
from gateway.policies import load
from gateway.store.goods import Item
from gateway.store.trade import Company, Listing
from gateway.trade.eligibility import Ban
from gateway.workflows.gate import Judged
from gateway.workflows.landed import site_of
from ledger.lots.rules import SELLABLE_GRADES
from ledger.lots.state import LotState

RULE_FILES: Final = ("general", "destinations", "electronics", "batteries")  # in the order they are read in
WITH_BATTERY: Final = frozenset({"phone", "electronics"})
WITHOUT_BATTERY: Final = frozenset(
    {"garment", "apparel", "sofa", "furniture", "washing_machine", "refrigerator", "microwave", "appliance"}
)
MADE_OF: Final = {"61": "knitted", "62": "woven"}  # chapters that say how a garment is made


@dataclass(frozen=True, slots=True)
class Journey:
    """destination: ISO 3166. mode: by which the goods cross the border, "" where nobody knows."""

    destination: str
    incoterm: str
    place: str
    mode: str
    day: date


def questions(listing: Listing, judged: Judged, buyer: Company, journey: Journey) -> Readiness:
    """Every rule that is asked of these goods on this journey, answered from what is stated."""
    case = Case(
        destination=journey.destination,
        incoterm=journey.incoterm,
        mode=journey.mode,
        day=journey.day,
        goods=_goods(judged),
        facts=_of_the_trade(listing, judged, buyer, journey),
    )
    return rules.readiness(case, all_rules(), unions())


@cache
def all_rules() -> tuple[Rule, ...]:
    """The bans of the markets first, then the files: each rule stands in one place."""
    packs = {pack.id: pack for pack in rules.packs()}
    bans = tuple(_of_ban(ban) for ban in load.markets().bans)
    return (*bans, *(rule for name in RULE_FILES for rule in packs[name].rules))


@cache
def unions() -> Mapping[str, tuple[str, ...]]:
    return {name: members for pack in rules.packs() for name, members in pack.unions.items()}


def _of_ban(ban: Ban) -> Rule:
    return Rule(
        id=ban.id,
        destinations=(ban.market,),
        hs_prefixes=ban.hs_prefixes,
        requires=(Question(fact="condition", op="none_of", values=ban.conditions),),
        severity="block",
        effective_from=ban.effective_from,
        effective_to=ban.effective_to,
        source=ban.source,
        checked_on=ban.checked_on,
        status="secondary",  # no ban of a market was read in its official text so far
    )


def _goods(judged: Judged) -> tuple[Goods, ...]:
    """Pieces with the same facts together, named as in English papers, in the order of the manifest."""
    found: dict[tuple[tuple[str, Fact], ...], Goods] = {}
    for item in judged.items:
        facts = goods_facts(item, judged.facts.lot)
        key = tuple(sorted(facts.items()))
        found.setdefault(key, Goods(name_in_english(item), facts))
    return tuple(found.values())


def name_in_english(item: Item) -> str:
    parts = (item.facts["brand"], item.facts["model"], item.facts["goods"].get("en", ""))
    return " ".join(dict.fromkeys(str(part) for part in parts if part))


def goods_facts(item: Item, lot: LotState) -> dict[str, Fact]:
    """What is stated; what is not is left out, and so is missing. Fibres count where shares make 100 %."""
    facts, composition = item.facts, item.facts["attributes"].get("composition")
    stated: dict[str, Any] = {
        "hs_code": facts["hs_code"],
        "origin_country": facts["origin_country"],
        "condition": facts["condition"] or lot.condition,
        "description": facts["goods"].get("en"),
        "un38_3": facts["un38_3"],
        "battery_wh": facts["battery_wh"],
        "fibre": composition if load.papers().fibres_of(composition) else None,
        "functional": functional(item),
        "knit_or_woven": MADE_OF.get((facts["hs_code"] or "")[:2]),
    }
    found: dict[str, Fact] = {name: value for name, value in stated.items() if value is not None}
    net, gross = facts["net_mass_g"], facts["gross_mass_g"]
    if net is not None and gross is not None:
        found["weights_agree"] = 0 < net <= gross
    return {**found, **_battery(item)}


def functional(item: Item) -> bool | None:
    """As it was measured: whether it starts and is not locked, or passed its function test."""
    said = item.facts["measurement"]
    if item.grade not in SELLABLE_GRADES and item.grade != "ungraded":
        return False
    tests = [said[name] for name in ("boots", "function") if name in said]
    if not tests:
        return None
    return all(one in ("yes", "pass") for one in tests) and said.get("locked", "no") == "no"


def _battery(item: Item) -> dict[str, Fact]:
    if item.facts["battery_wh"] or item.category in WITH_BATTERY:
        alone = (item.facts["hs_code"] or "").startswith("8507")
        return {"battery": True, "battery_packing": "alone" if alone else "contained_in_equipment"}
    if item.category in WITHOUT_BATTERY:
        none = NotApplicable("the goods have no battery")
        return {"battery": False, "battery_packing": none}
    return {}


def _of_the_trade(listing: Listing, judged: Judged, buyer: Company, journey: Journey) -> dict[str, Fact]:
    """Facts of the consignment. What only papers of others can tell is missing until they are there."""
    lot = judged.facts.lot
    inspection = lot.inspection
    return {
        "seller": judged.facts.seller,
        "buyer": buyer.name,
        "currency": listing.currency,
        "unit_price": listing.unit_price_minor,
        "quantity": sum(item.quantity for item in judged.items),
        "importer_number": buyer.registration_number or MISSING,
        "consignee_number": buyer.registration_number or MISSING,
        "ship_to": journey.place or MISSING,
        "stuffing_location": site_of(lot) or MISSING,
        "test_date": inspection.measured_at if inspection else MISSING,
        "tester": next(_testers(lot), MISSING),
    }


def _testers(lot: LotState) -> Iterator[str]:
    """Parties other than the seller's who measured; with names and addresses they stand in the lot's pack."""
    hands: Sequence[Any] = lot.inspection.by if lot.inspection else ()
    yield from (hand.party for hand in hands)
