"""The dossier of one shipment, and the documents that are rendered from it.

The dossier is assembled from the ledger, the orders and the packages, once; documents are rendered from it
outside any transaction, stored by content, and then recorded by their SHA-256.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, select

from exporters.catalogue import RENDERERS
from exporters.document import Document
from exporters.dossier import ShipmentDossier, assemble, canonical_json, parse
from exporters.errors import IncompleteDossier
from gateway.policies import load
from gateway.store import goods, shipments, tables, trade
from gateway.store.goods import Item
from gateway.store.shipments import Shipment
from gateway.store.trade import Order
from gateway.trade.packing import Carton, CartonKind, Piece
from gateway.wiring import Installation
from gateway.workflows.order_parts import Part, grouped
from gateway.workflows.work import once
from ledger.core.leaf import Leaf
from ledger.family import line_of
from ledger.lots.cost import allocate
from ledger.store import log
from ledger.store.tables import table
from qrcodes.serial import new_code

PARTIES = table(tables.PartyRow)
RULE_PACK: Final = "none/1"  # readiness rules come with their own pack
NUMBER_ENDINGS: Final = {"commercial_invoice": "", "packing_list": "-P"}
EVIDENCE: Final = {
    "lot.declared": "origin",
    "lot.received": "receipt",
    "lot.inspected": "inspection",
    "lot.refurbished": "refurbishment",
    "lot.sold": "sale",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A part of a shipment with what it is. line: position of its invoice line, from 1 on."""

    number: int
    line: int
    order: Order
    item: Item
    quantity: int
    picked: int = 0


def object_key(sha256: str) -> str:
    return f"documents/{sha256[:2]}/{sha256}"


def load_of(connection: Connection, shipment: str) -> list[Loaded]:
    """The parts of a shipment in the order of its invoice lines, which is how they were numbered."""
    parts = shipments.parts(connection, shipment)
    items = goods.with_ids(connection, {part.article for part in parts})
    orders = {name: _order(connection, name) for name in sorted({part.order_id for part in parts})}
    found, line = [], 0
    for order_id, own in groupby(parts, key=lambda part: part.order_id):
        by_item = {part.article: part for part in own}
        of_order = [Part(items[article], part.quantity) for article, part in by_item.items()]
        for group in grouped(of_order):
            line += 1
            for part in group:
                row = by_item[part.item.id]
                found.append(Loaded(row.number, line, orders[order_id], part.item, part.quantity, row.picked))
    return found


def pieces_of(loaded: Sequence[Loaded]) -> list[Piece]:
    """As packing looks at them, line by line."""
    return [
        Piece(
            one.number,
            one.line,
            one.quantity,
            one.item.category,
            one.item.facts["net_mass_g"],
            one.item.facts["gross_mass_g"],
            _three(one.item.facts["dimensions_mm"]),
        )
        for one in sorted(loaded, key=lambda one: (one.line, one.number))
    ]


def carton_kinds() -> dict[str, CartonKind]:
    """By category; goods of others travel one by one."""
    found = {}
    for name, one in load.packing()["cartons"].items():
        size = _three(one["dimensions_mm"])
        assert size is not None, name
        found[name] = CartonKind(one["pieces"], size)
    return found


def required_kinds(market: str) -> tuple[str, ...]:
    """Kinds of documents without which nothing leaves for a market."""
    return load.shipping().markets[market].documents


def codes_of(installation: Installation, shipment: Shipment) -> dict[str, str]:
    """Document kind -> the code on its pages, given once."""
    codes: dict[str, str] = once(
        installation,
        f"codes:{shipment.id}",
        lambda _work: {kind: new_code(secrets.token_bytes(13)) for kind in required_kinds(shipment.market)},
    )
    return codes


def dossier_of(installation: Installation, shipment: Shipment, codes: Mapping[str, str]) -> ShipmentDossier:
    """The one that was noted first, however often we come here."""
    with installation.database.reading() as connection:
        facts = _assembled(installation, connection, shipment, codes)
    text = once(installation, f"dossier:{shipment.id}", lambda _work: canonical_json(facts).decode())
    return parse(text.encode())


def rendered(dossier: ShipmentDossier) -> list[tuple[str, Document]]:
    """(name of the renderer, document) of each document that the dossier names. Raises IncompleteDossier."""
    found = []
    for entry in dossier.documents:
        renderer = RENDERERS[f"{entry.kind}.pdf"]
        missing = renderer.missing(dossier)
        if missing:
            raise IncompleteDossier(renderer.title, missing=missing)
        found.append((renderer.name, renderer.render(dossier)))
    return found


def _assembled(
    installation: Installation, connection: Connection, shipment: Shipment, codes: Mapping[str, str]
) -> ShipmentDossier:
    market = load.markets().market(shipment.market)
    buyer = trade.company(connection, shipment.company)
    assert market is not None
    assert buyer is not None
    loaded = load_of(connection, shipment.id)
    cartons = shipments.cartons(connection, shipment.id)
    orders = list({one.order.id: one.order for one in loaded}.values())
    checkpoint = installation.verifier().checkpoint
    return assemble(
        {
            "v": 1,
            "shipment": shipment.id,
            "version": 1,
            "issue_date": shipment.planned_at.date().isoformat(),
            "language": market.language,
            "base_url": installation.public_url,
            "sale": True,
            "currency": orders[0].currency,
            "documents": [
                {"kind": kind, "number": f"{shipment.number}{NUMBER_ENDINGS[kind]}", "code": code}
                for kind, code in codes.items()
            ],
            "references": [
                {"kind": "purchase_order", "number": number}
                for number in dict.fromkeys(order.po_number for order in orders)
            ],
            "parties": [
                _seller(connection, installation),
                {
                    "roles": ["buyer", "importer", "consignee"],
                    "name": buyer.name,
                    "address": buyer.address.split("; "),
                    "country": buyer.country,
                    "registrations": [{"scheme": "tax", "value": buyer.registration_number}],
                },
            ],
            "terms": {"incoterm": shipment.incoterm, "incoterms_year": 2020, "place": shipment.place},
            "route": {
                "export_country": "CN",
                "destination_country": shipment.market,
                "transit_countries": [],
            },
            "containers": [
                {"number": one.number, "seal": one.seal or None}
                for one in shipments.containers(connection, shipment.id)
            ],
            "lines": _lines(loaded, cartons),
            "charges": [],
            "packages": _packages(loaded, cartons),
            "declaration": load.packing()["declaration"],
            "evidence": [
                proof
                for lot in dict.fromkeys(order.lot for order in orders)
                for proof in _evidence(connection, lot, checkpoint.size)
            ],
            "ledger": {
                "origin": checkpoint.origin,
                "tree_size": checkpoint.size,
                "root": checkpoint.root.hex(),
            },
            "not_applicable": [],
        }
    )


def _lines(loaded: Sequence[Loaded], cartons: Sequence[Carton]) -> list[dict[str, Any]]:
    gross, lines = _gross_by_line(loaded, cartons), []
    for line, own in groupby(loaded, key=lambda one: one.line):
        group = list(own)
        item, order = group[0].item, group[0].order
        facts, names = item.facts, item.facts["goods"]
        quantity = sum(one.quantity for one in group)
        lines.append(
            {
                "lot": order.lot,
                "gtin": facts["gtin"] if item.serialised else None,
                "brand": facts["brand"],
                "model": facts["model"],
                "description": {"en": names["en"], "vi": names["vi"], "zh": names["zh"]},
                "condition": facts["condition"],
                "grade": item.grade,
                "label_state": facts["label_state"],
                "hs6": facts["hs_code"][:6],
                "national_codes": [],
                "origin": facts["origin_country"],
                "quantity": quantity,
                "unit": "H87",
                "unit_price": _decimal(order.pack.piece_price_minor(order.unit_price_minor)),
                "amount_minor": order.pack.amount_minor(quantity, order.unit_price_minor),
                "net_mass_g": quantity * facts["net_mass_g"],
                "gross_mass_g": gross[line],
                "composition": [],
            }
        )
    return lines


def _gross_by_line(loaded: Sequence[Loaded], cartons: Sequence[Carton]) -> dict[int, int]:
    """What the scale said, divided over the lines that lie in each carton: the papers then add up."""
    by_part = {one.number: one for one in loaded}
    found = dict.fromkeys((one.line for one in loaded), 0)
    for carton in cartons:
        weights: dict[int, int] = {}
        for content in carton.contents:
            part = by_part[content.part]
            mass = content.quantity * part.item.facts["gross_mass_g"]
            weights[part.line] = weights.get(part.line, 0) + mass
        for line, share in zip(weights, allocate(carton.gross_mass_g, [*weights.values()]), strict=True):
            found[line] += share
    return found


def _packages(loaded: Sequence[Loaded], cartons: Sequence[Carton]) -> list[dict[str, Any]]:
    """Cartons that follow each other and are the same stand as one group; a single one with its SSCC."""
    line_of_part = {one.number: one.line for one in loaded}

    def facts(carton: Carton) -> dict[str, Any]:
        contents: dict[int, int] = {}
        for content in carton.contents:
            line = line_of_part[content.part]
            contents[line] = contents.get(line, 0) + content.quantity
        return {
            "type": "CT",
            "contents": [{"line": line, "quantity": pieces} for line, pieces in sorted(contents.items())],
            "net_mass_g": carton.net_mass_g,
            "gross_mass_g": carton.gross_mass_g,
            "dimensions": dict(zip(("length_mm", "width_mm", "height_mm"), carton.size, strict=True))
            if carton.size
            else None,
        }

    groups = []
    for same, own in groupby(cartons, key=facts):
        group = list(own)
        sscc = group[0].sscc if len(group) == 1 else None
        groups.append({"first": group[0].number, "count": len(group), "sscc": sscc, **same})
    return groups


def _seller(connection: Connection, installation: Installation) -> dict[str, Any]:
    row = connection.execute(select(PARTIES).where(PARTIES.c.party == installation.config.operator)).one()
    return {
        "roles": ["seller", "exporter"],
        "name": row.name_en,
        "name_local": row.name_zh,
        "address": row.address.split("; "),
        "country": row.country,
        "registrations": [{"scheme": "uscc", "value": row.registration_number}],
        "party": row.party,
    }


def _evidence(connection: Connection, lot: str, tree_size: int) -> list[dict[str, Any]]:
    """The published records behind the goods, from the declaration to the sale."""
    found: list[dict[str, Any]] = []
    for name, _ in line_of(connection, lot):
        for index, _, _ in log.chain(connection, name):
            data = log.leaf(connection, index)
            if data is None or index >= tree_size:
                continue
            leaf = Leaf.parse(data)
            kind = EVIDENCE.get(leaf.record.body.type)
            if kind:
                found.append(
                    {
                        "kind": kind,
                        "lot": name,
                        "index": index,
                        "event_id": leaf.record.event_id,
                        "leaf_hash": leaf.hash.hex(),
                    }
                )
    return sorted(found, key=lambda item: item["index"])


def _order(connection: Connection, id_: str) -> Order:
    order = trade.order(connection, id_)
    assert order is not None, id_  # orders are never deleted
    return order


def _three(size: Any) -> tuple[int, int, int] | None:
    return (size[0], size[1], size[2]) if size else None


def _decimal(amount_minor: Fraction) -> str:
    """Minor units of a two-digit currency as a decimal string without needless zeros.

    The fraction ends: an offer whose price has none is refused.
    """
    text = f"{Decimal(amount_minor.numerator) / (100 * amount_minor.denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
