"""What customs at the destination ask of a shipment, with what its packages, papers and people say.

The rules are those that were asked of the offer (``customs_questions``); more is known here: how it travels,
who stuffed it, and what was stated of papers that others issue.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Final

from exporters import readiness as rules
from exporters.readiness import MISSING, Case, Fact, Goods, Readiness
from gateway.trade.papers import STATABLE
from gateway.workflows.customs_questions import all_rules, goods_facts, name_in_english, unions
from gateway.workflows.dossier_snapshot import PartyFacts, Snapshot
from ledger.core import canonical

AS_STATED: Final = (
    "soncap_certificate", "conformity_certificate", "crypto_licence", "responsible_person",
    "manufacturer_contact",
)  # fmt: skip


def readiness_of(told: Snapshot, day: date | None = None) -> Readiness:
    """Every rule in force on a day, the snapshot's own where none is named, answered."""
    case = Case(
        destination=told.shipment.market,
        incoterm=told.shipment.incoterm,
        mode=told.mode,
        day=day or told.day,
        goods=_goods(told),
        facts=_facts(told),
    )
    return rules.readiness(case, all_rules(), unions())


@cache
def rule_pack() -> str:
    """What ``document.issued`` names: the hash of every rule that is asked, bans included."""
    data = canonical.dumps([rule.model_dump(mode="json", exclude_none=True) for rule in all_rules()])
    return f"customs/{sha256(data).hexdigest()[:32]}"


def _goods(told: Snapshot) -> tuple[Goods, ...]:
    """Pieces with the same facts together, in the order of the invoice's lines."""
    found: dict[tuple[tuple[str, Fact], ...], Goods] = {}
    for one in told.loaded:
        facts = goods_facts(one.item, told.lots[one.order.lot].state) | _battery(told)
        found.setdefault(tuple(sorted(facts.items())), Goods(name_in_english(one.item), facts))
    return tuple(found.values())


def _battery(told: Snapshot) -> dict[str, Fact]:
    """How it is packed and charged, where somebody said so; it may be packed otherwise than it was bought."""
    found: dict[str, Fact] = {}
    if "battery_packing" in told.stated:
        found["battery_packing"] = told.stated["battery_packing"]
    if "battery_soc_percent" in told.stated:
        found["battery_soc_percent"] = int(told.stated["battery_soc_percent"])
    return found


def _facts(told: Snapshot) -> Mapping[str, Fact]:
    buyer, orders = told.buyer, told.orders
    lots = list(told.lots.values())
    tested = [lot.state.inspection for lot in lots]
    suppliers = [_address(lot.supplier) for lot in lots]
    found: dict[str, Fact] = {
        "seller": _address(told.seller),
        "buyer": f"{buyer.name}, {buyer.address}",
        "currency": orders[0].currency,
        "unit_price": min(order.unit_price_minor for order in orders),
        "quantity": sum(one.quantity for one in told.loaded),
        "importer_number": buyer.registration_number or MISSING,
        "consignee_number": buyer.registration_number or MISSING,
        "ship_to": told.rules.consignee or buyer.address or MISSING,
        # 19 CFR 149.3: the manufacturer or the supplier; without a consolidator, whoever stuffed it.
        "manufacturer": "; ".join(dict.fromkeys(suppliers)) if all(suppliers) else MISSING,
        "consolidator": told.shipment.custodian or MISSING,
        "stuffing_location": told.shipment.site or MISSING,
        "containerised": bool(told.containers),
        "test_date": max((one.measured_at for one in tested if one), default=MISSING)
        if all(tested)
        else MISSING,
        "tester": "; ".join(dict.fromkeys(lot.tester.name for lot in lots if lot.tester))
        if all(lot.tester for lot in lots)
        else MISSING,
        "importer_of_record": buyer.registration_number or MISSING,
    }
    for name in AS_STATED:
        found[name] = told.stated.get(name, MISSING)
    for name, wanted in STATABLE.items():
        if wanted.kind == "flag":
            found[name] = True if told.stated.get(name) == "yes" else MISSING
    return found


def _address(party: PartyFacts | None) -> str:
    return ", ".join((party.name, *party.address)) if party else ""
