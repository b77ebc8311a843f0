"""The facts of a shipment's dossier, in the shape that ``exporters.dossier.assemble`` takes.

Pure: the same snapshot gives the same facts. What nobody stated is left out, and so is missing; what
cannot exist for these goods is said not to apply, with the reason.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from itertools import groupby
from typing import Any, Final

from exporters import arithmetic
from gateway.policies import load
from gateway.trade.packing import Carton
from gateway.trade.papers import CERTIFICATES, PapersPolicy, cn_codes
from gateway.workflows import dossier_statements as statements
from gateway.workflows.customs_questions import MADE_OF
from gateway.workflows.dossier_snapshot import PartyFacts, Snapshot
from ledger.lots.cost import allocate

EVIDENCE: Final = {
    "lot.declared": "origin",
    "lot.received": "receipt",
    "lot.inspected": "inspection",
    "lot.refurbished": "refurbishment",
    "lot.sold": "sale",
}
# What stands behind the shipment's number on each kind of paper.
NUMBER_ENDINGS: Final[Mapping[str, str]] = {
    "commercial_invoice": "", "packing_list": "-P", "despatch_advice": "-A", "shipping_instruction": "-S",
    "package_labels": "-L", "origin_declaration": "-O", "inspection_certificate": "-I",
    "functionality_protocol": "-F", "reuse_declaration": "-R", "battery_declaration": "-B",
    "brand_authorization": "-G", "cn_export_draft": "-C",
}  # fmt: skip
PACKAGES_SINGLE_MAX: Final = 500  # above, equal cartons that follow each other stand as one group
BILLS: Final = {"original": 3}  # originals of a bill of lading, as carriers issue them
_PREPAID: Final = frozenset({"CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP"})  # carriage is the seller's


@dataclass(frozen=True, slots=True)
class Named:
    """The version that is assembled. codes: kind -> the code on its pages. version 1 supersedes nothing."""

    version: int
    supersedes: str | None
    codes: Mapping[str, str]


def facts_of(told: Snapshot, named: Named) -> dict[str, Any]:
    """In JSON shape, with an entry for every kind that has a code."""
    policy, shipment = load.papers(), told.shipment
    packing = load.packing()
    lines = _lines(told, policy)
    facts: dict[str, Any] = {
        "v": 1,
        "shipment": shipment.id,
        "version": named.version,
        "supersedes": named.supersedes,
        "issue_date": told.day.isoformat(),
        "language": told.language,
        "base_url": told.base_url,
        "sale": True,
        "currency": told.orders[0].currency,
        "documents": [
            {"kind": kind, "number": number_of(told, kind, named.version), "code": code}
            for kind, code in named.codes.items()
        ],
        "references": _references(told),
        "parties": _parties(told, policy),
        "terms": {"incoterm": shipment.incoterm, "incoterms_year": 2020, "place": shipment.place},
        "payment": _payment(told, policy),
        "route": _route(told),
        "carriage": _carriage(told),
        "containers": [{"number": one.number, "seal": one.seal or None} for one in told.containers],
        "lines": lines,
        "charges": [],
        "packages": _packages(told),
        "pallets": _pallets(told) or None,
        "declaration": packing["declaration"],
        "evidence": _evidence(told),
        "balances": [{"lot": one.lot, "available": one.available} for one in told.lots.values()],
        "inspections": statements.inspections(told) or None,
        "authorizations": statements.authorizations(told, policy) or None,
        "reuse": statements.reuse(told, policy, lines),
        "china": _china(policy),
        "ledger": {"origin": told.origin, "tree_size": told.tree_size, "root": told.root},
    }
    return facts | {"not_applicable": _not_applicable(told, facts)}


def number_of(told: Snapshot, kind: str, version: int) -> str:
    """Of a paper: the shipment's number, what the kind puts behind it, and from the second on the version."""
    later = f" v{version}" if version > 1 else ""
    return f"{told.shipment.number}{NUMBER_ENDINGS[kind]}{later}"


def serial_lists(told: Snapshot) -> dict[int, bytes]:
    """Line -> the list of its articles' identifiers as CSV; of lines that have any."""
    found: dict[int, list[str]] = {}
    for one in told.loaded:
        if one.item.serialised:
            found.setdefault(one.line, []).append(str(one.item.facts["identifier"]))
    return {
        line: ("identifier\r\n" + "".join(f"{n}\r\n" for n in own)).encode() for line, own in found.items()
    }


def _lines(told: Snapshot, policy: PapersPolicy) -> list[dict[str, Any]]:
    gross, lists, codes = _gross_by_line(told), serial_lists(told), cn_codes(told.stated.get("cn_codes", ""))
    lines = []
    for line, own in groupby(told.loaded, key=lambda one: one.line):
        group = list(own)
        item, order = group[0].item, group[0].order
        facts, names = item.facts, item.facts["goods"]
        quantity = sum(one.quantity for one in group)
        hs = facts["hs_code"]
        whole = all(one.item.serialised for one in group) and line in lists
        lines.append(
            {
                "lot": order.lot,
                "gtin": facts["gtin"] if item.serialised else None,
                "brand": facts["brand"],
                "model": facts["model"],
                "description": {name: names[name] for name in ("en", "vi", "zh") if names.get(name)},
                "condition": facts["condition"] or told.lots[order.lot].state.condition,
                "grade": item.grade,
                "label_state": facts["label_state"],
                "hs6": hs[:6],
                "national_codes": [{"country": "CN", "code": codes[hs[:6]]}] if hs[:6] in codes else [],
                "origin": facts["origin_country"],
                "quantity": quantity,
                "unit": "H87",
                "unit_price": decimal_text(order.pack.piece_price_minor(order.unit_price_minor)),
                "amount_minor": order.pack.amount_minor(quantity, order.unit_price_minor),
                "net_mass_g": quantity * facts["net_mass_g"],
                "gross_mass_g": gross[line],
                "composition": policy.fibres_of(facts["attributes"].get("composition")),
                "construction": {"knitted": "knit", "woven": "woven"}.get(MADE_OF.get(hs[:2], "")),
                "dangerous_goods": statements.battery(told, policy, item),
                "serials": {"count": quantity, "sha256": sha256(lists[line]).hexdigest()} if whole else None,
                "tests": statements.tests(told, policy, group),
                "china": _china_line(policy, hs, quantity, quantity * facts["net_mass_g"]),
            }
        )
    return lines


def _gross_by_line(told: Snapshot) -> dict[int, int]:
    """What the scale said, divided over the lines that lie in each carton: the papers then add up."""
    by_part = {one.number: one for one in told.loaded}
    found = dict.fromkeys((one.line for one in told.loaded), 0)
    for carton in told.cartons:
        weights: dict[int, int] = {}
        for content in carton.contents:
            part = by_part[content.part]
            mass = content.quantity * part.item.facts["gross_mass_g"]
            weights[part.line] = weights.get(part.line, 0) + mass
        for line, share in zip(weights, allocate(carton.gross_mass_g, [*weights.values()]), strict=True):
            found[line] += share
    return found


def _packages(told: Snapshot) -> list[dict[str, Any]]:
    """Each carton with its SSCC; where there are very many, equal ones in a row stand as one group."""
    line_of_part = {one.number: one.line for one in told.loaded}
    marks = ", ".join(dict.fromkeys(order.po_number for order in told.orders)) or None
    container = told.containers[0].number if len(told.containers) == 1 else None

    def facts(carton: Carton) -> dict[str, Any]:
        contents: Counter[int] = Counter()
        for content in carton.contents:
            contents[line_of_part[content.part]] += content.quantity
        return {
            "type": "CT",
            "contents": [{"line": line, "quantity": pieces} for line, pieces in sorted(contents.items())],
            "marks": marks,
            "container": container,
            "net_mass_g": carton.net_mass_g,
            "gross_mass_g": carton.gross_mass_g,
            "dimensions": _size(carton.size),
        }

    if len(told.cartons) <= PACKAGES_SINGLE_MAX:
        return [
            {"first": one.number, "count": 1, "sscc": one.sscc or None, **facts(one)} for one in told.cartons
        ]
    groups = []
    for same, own in groupby(told.cartons, key=facts):
        group = list(own)
        sscc = group[0].sscc if len(group) == 1 else None
        groups.append({"first": group[0].number, "count": len(group), "sscc": sscc, **same})
    return groups


def _pallets(told: Snapshot) -> list[dict[str, Any]]:
    """Cartons stand on pallets in their order, so that those of one follow each other."""
    found = []
    for pallet in told.pallets:
        on = [carton for carton in told.cartons if carton.pallet == pallet.number]
        found.append(
            {
                "number": pallet.number,
                "first": on[0].number,
                "count": len(on),
                "sscc": pallet.sscc or None,
                "container": told.containers[0].number if len(told.containers) == 1 else None,
                "tare_mass_g": pallet.gross_mass_g - sum(one.gross_mass_g for one in on),
                "gross_mass_g": pallet.gross_mass_g,
                "dimensions": _size(pallet.size),
            }
        )
    return found


def _references(told: Snapshot) -> list[dict[str, Any]]:
    """Orders by their numbers, and papers of others that somebody stated."""
    bought = {order.po_number: order for order in reversed(told.orders)}
    found = [
        {"kind": "purchase_order", "number": number, "issued_on": bought[number].placed_at.date().isoformat()}
        for number in dict.fromkeys(order.po_number for order in told.orders)
    ]
    return found + [
        {"kind": _paper(told, kind), "number": told.stated[kind]}
        for kind in CERTIFICATES
        if kind in told.stated
    ]


def _paper(told: Snapshot, kind: str) -> str:
    is_air = kind == "bill_of_lading" and told.stated.get("bill") == "air_waybill"
    return "air_waybill" if is_air else kind


def _parties(told: Snapshot, policy: PapersPolicy) -> list[dict[str, Any]]:
    buyer = told.buyer
    customs = {"scheme": "customs", "value": policy.china.customs_registration}
    roles = ["buyer", "importer"] + ([] if told.rules.consignee else ["consignee"])
    named = [("consignee", told.rules.consignee), ("notify", told.rules.notify_party)]
    return [
        {
            "roles": ["seller", "exporter"],
            **_named(told.seller),
            "registrations": [{"scheme": "uscc", "value": told.seller.registration}, customs],
        },
        {
            "roles": roles,
            "name": buyer.name,
            "address": buyer.address.split("; "),
            "country": buyer.country,
            "registrations": [{"scheme": "tax", "value": buyer.registration_number}],
        },
        *(
            {"roles": [role], "name": name, "address": address, "country": buyer.country, "registrations": []}
            for role, text in named
            if text
            for name, address in [_lines_of(text, buyer.address)]
        ),
    ]


def _lines_of(text: str, otherwise: str) -> tuple[str, list[str]]:
    """Name and address of a party that is kept as lines with "; " between them."""
    name, *address = text.split("; ")
    return name, address[:6] or otherwise.split("; ")


def _named(party: PartyFacts) -> dict[str, Any]:
    return {
        "name": party.name,
        "name_local": party.name_local or None,
        "address": list(party.address),
        "country": party.country,
        "party": party.party,
    }


def _payment(told: Snapshot, policy: PapersPolicy) -> dict[str, str] | None:
    """As the purchases say it; None where they differ, or are older than purchases are."""
    said = []
    for one in told.purchases:
        days = str(one.balance_days)
        if one.deposit_minor:
            deposit = arithmetic.money(one.deposit_minor, one.currency)
            text = policy.payment.deposit.filled(deposit=deposit, currency=one.currency, days=days)
        elif one.balance_days:
            text = policy.payment.open.filled(days=days)
        else:
            text = policy.payment.prompt.filled()
        said.append(text)
    return said[0] if said and all(one == said[0] for one in said) else None


def _route(told: Snapshot) -> dict[str, Any]:
    leg = told.main_leg
    return {
        "mode": told.mode or None,
        "export_country": "CN",
        "destination_country": told.shipment.market,
        "transit_countries": [],
        "loading": {"name": leg.origin, "country": "CN"} if leg else None,
        "discharge": {"name": leg.destination, "country": told.shipment.market} if leg else None,
        "vessel": told.stated.get("vessel"),
        "voyage": told.stated.get("voyage"),
    }


def _carriage(told: Snapshot) -> dict[str, Any]:
    leg, bill = told.main_leg, told.stated.get("bill")
    return {
        "carrier": (leg.carrier or None) if leg else None,
        "booking": told.stated.get("booking"),
        "freight": "prepaid" if told.shipment.incoterm in _PREPAID else "collect",
        "bill": bill,
        "originals": BILLS.get(bill or ""),
        "receipt": {"name": told.legs[0].origin, "country": "CN"} if told.legs else None,
        "delivery": {"name": told.legs[-1].destination, "country": told.shipment.market}
        if told.legs
        else None,
    }


def _china(policy: PapersPolicy) -> dict[str, Any]:
    said = policy.china
    names = ("customs_office", "exit_port", "supervision", "levy")
    return {name: getattr(said, name) for name in names}


def _china_line(policy: PapersPolicy, hs: str, pieces: int, net_g: int) -> dict[str, Any] | None:
    units = policy.china.units_of(hs)
    if units is None:
        return None
    kilograms = f"{net_g // 1000}.{net_g % 1000:03d}"

    def quantity(unit: str) -> dict[str, str]:
        return {"quantity": kilograms if unit == "千克" else str(pieces), "unit": unit}

    return {
        "elements": [{"name": name, "value": value} for name, value in policy.china.elements.items()],
        "first": quantity(units.first),
        "second": quantity(units.second) if units.second else None,
        "source": policy.china.source,
        "duty": policy.china.duty,
    }


def _evidence(told: Snapshot) -> list[dict[str, Any]]:
    """The published records behind the goods of each lot, from the declaration to the sale."""
    found = [
        {
            "kind": EVIDENCE[record.type],
            "lot": lot.lot,
            "index": record.index,
            "event_id": record.event_id,
            "leaf_hash": record.leaf_hash,
        }
        for lot in told.lots.values()
        for record in lot.records
        if record.type in EVIDENCE
    ]
    return sorted(found, key=lambda item: (item["index"], item["lot"]))


def _not_applicable(told: Snapshot, facts: Mapping[str, Any]) -> list[dict[str, str]]:
    found = [
        ("china.filing", "general trade without a processing or exemption filing"),
        ("china.licence", "no export licence is required for these goods by the exporter's instruction"),
        ("lines.*.origin_criterion", "no preference is claimed"),
    ]
    for n, line in enumerate(facts["lines"]):
        battery = line["dangerous_goods"]
        if battery is None:
            continue
        path = f"lines.{n}.dangerous_goods"
        if told.mode != "air":
            charge = "the state of charge is asked for by air only"
            found.append(
                (f"{path}.packing_instruction", "the packing instructions are those of air transport")
            )
            found += [
                (f"{path}.{name}", charge)
                for name in ("state_of_charge_percent", "state_of_charge_measured_on")
                if battery.get(name) is None
            ]
    return [{"field": field, "reason": reason} for field, reason in found]


def _size(size: tuple[int, int, int] | None) -> dict[str, int] | None:
    return dict(zip(("length_mm", "width_mm", "height_mm"), size, strict=True)) if size else None


def decimal_text(amount_minor: Fraction) -> str:
    """Minor units of a two-digit currency as a decimal string without needless zeros.

    The fraction ends: an offer whose price has none is refused.
    """
    text = f"{Decimal(amount_minor.numerator) / (100 * amount_minor.denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
