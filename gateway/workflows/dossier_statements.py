"""What a dossier says was inspected, tested, allowed and declared: from records, measurements and people.

Pure. A statement that is not whole is left out, so that the paper which needs it says what is missing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.store.goods import Item
from gateway.trade.papers import PapersPolicy
from gateway.workflows.customs_questions import functional
from gateway.workflows.dossier_snapshot import LotFacts, Snapshot
from gateway.workflows.shipment_papers import Loaded
from ledger.lots.rules import SELLABLE_GRADES

LABELS: Final = {"intact_only": "keep"}
EQUIPMENT: Final = ("84", "85", "90", "95")  # chapters whose used goods need evidence of their function
USED: Final = frozenset({"opened", "returned", "used", "refurbished"})


def inspections(told: Snapshot) -> list[dict[str, Any]]:
    """The latest inspection of each lot, by the record that is published."""
    found = []
    for lot in told.lots.values():
        seen = lot.state.inspection
        record = _record(lot, seen.index) if seen else None
        if seen is None or record is None or lot.tester is None:
            continue
        sample = seen.sample
        looked_at = sample.sample.sample_size if sample else sum(seen.grades.values())
        quantity = sample.sample.lot_size if sample else sum(seen.grades.values())
        if not looked_at:
            continue
        is_good = (lot.state.grade in SELLABLE_GRADES) and (sample is None or sample.verdict != "rejected")
        tallies = [
            {"defect": "major", "found": sample.nonconforming, "allowed": sample.sample.accept}
            for sample in [seen.sample]
            if sample is not None
        ]
        found.append(
            {
                "lot": lot.lot,
                "inspector": lot.tester.name,
                "inspected_on": seen.measured_at,
                "scheme": seen.scheme,
                "level": sample.sample.inspection_level if sample else None,
                "sample": looked_at,
                "quantity": quantity,
                "tallies": tallies,
                "grade": lot.state.grade,
                "result": "accepted" if is_good else "rejected",
                "record": record,
            }
        )
    return found


def authorizations(told: Snapshot, policy: PapersPolicy) -> list[dict[str, Any]]:
    """The grants above the lots, each once, that are in force on the day and reach the destination."""
    found: dict[str, dict[str, Any]] = {}
    for lot in told.lots.values():
        for link, record, grantor, grantee in lot.grants:
            if link.id in found:
                found[link.id]["lots"].append(lot.lot)
                continue
            state = link.state
            found[link.id] = {
                "brand": ", ".join(state.brands) or grantor,
                "grantor": grantor,
                "grantee": grantee,
                "scope": policy.scope.filled(),
                "lots": [lot.lot],
                "countries": list(link.territories_allowed),
                "excluded_countries": list(link.territories_denied),
                "labels": LABELS.get(state.label_clause or ""),
                "valid_from": state.valid_from[:10],
                "valid_to": state.valid_until[:10],
                "record": {"index": record.index, "leaf_hash": record.leaf_hash},
            }
    return list(found.values())


def tests(told: Snapshot, policy: PapersPolicy, group: Sequence[Loaded]) -> dict[str, Any] | None:
    """The function tests of a line of used equipment; None where one of its articles has none."""
    item, lot = group[0].item, told.lots[group[0].order.lot]
    seen, tester = lot.state.inspection, lot.tester
    if not is_used_equipment(item) or seen is None or tester is None or not tester.address:
        return None
    articles = []
    for one in group:
        works = functional(one.item)
        if works is None or not one.item.serialised:
            return None
        year = (one.item.facts.get("produced_on") or "")[:4]
        articles.append(
            {
                "article": str(one.item.facts["identifier"]),
                "year": int(year) if year.isdigit() else None,
                "result": "pass" if works else "fail",
                "tested_on": seen.measured_at,
            }
        )
    kinds = [policy.tests[name].filled() for name in policy.tests if name in item.facts["measurement"]]
    if not kinds:
        return None
    return {
        "category": {name: text for name, text in item.facts["goods"].items() if name in ("en", "vi", "zh")},
        "kinds": kinds,
        "tester": tester.name,
        "tester_address": ", ".join(tester.address),
        "articles": articles,
        "record": _record(lot, seen.index),
    }


def reuse(told: Snapshot, policy: PapersPolicy, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Declared by people: nothing here is waste, and the contract states full function (Annex VI 1)."""
    said = all(told.stated.get(name) == "yes" for name in ("holder_declaration", "contract_states_function"))
    if not said or not lines or any(line["tests"] is None for line in lines):
        return None
    failed = any(one["result"] == "fail" for line in lines for one in line["tests"]["articles"])
    if failed:
        return None
    return {"contract": "purchase_order", "fully_functional": True, "protection": policy.protection.filled()}


def battery(told: Snapshot, policy: PapersPolicy, item: Item) -> dict[str, Any] | None:
    """As the maker's summary says; None where there is no battery, or nobody has its summary."""
    known = policy.battery(item.facts["un38_3"])
    if known is None or not item.facts["battery_wh"]:
        return None
    packed = told.stated.get("battery_packing", "contained_in_equipment")
    instruction = {"contained_in_equipment": "PI967", "packed_with_equipment": "PI966", "alone": "PI965"}
    percent = told.stated.get("battery_soc_percent")
    return {
        "un_number": known.un_number if packed != "alone" else "UN3480",
        "shipping_name": known.shipping_name,
        "packing_instruction": instruction[packed] if told.mode == "air" else None,
        "section": known.section,
        "watt_hours": item.facts["battery_wh"],
        "state_of_charge_percent": int(percent) if percent else None,
        "state_of_charge_measured_on": told.stated.get("battery_soc_on"),
        "cells": known.cells,
        "batteries": known.batteries,
        "chemistry": known.chemistry,
        "damaged_or_recalled": bool(told.lots[item.lot].state.recalls) if item.lot in told.lots else None,
        "test_summary": known.summary(),
    }


def is_used_equipment(item: Item) -> bool:
    return item.facts["condition"] in USED and str(item.facts["hs_code"] or "").startswith(EQUIPMENT)


def _record(lot: LotFacts, index: int) -> dict[str, Any] | None:
    """None of a record that is not published yet."""
    return next(
        ({"index": one.index, "leaf_hash": one.leaf_hash} for one in lot.records if one.index == index), None
    )
