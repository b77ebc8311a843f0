"""Pack an order, issue its documents, ship it.

The dossier is assembled from the ledger and the order, once; the documents are rendered from it
outside any transaction, stored by content, and then recorded by their SHA-256.
"""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from exporters.catalogue import RENDERERS
from exporters.document import Document
from exporters.dossier import ShipmentDossier, assemble, canonical_json, dossier_hash, parse
from exporters.errors import IncompleteDossier
from gateway.policies import load
from gateway.store import goods, tables, trade
from gateway.store.goods import Item
from gateway.store.trade import IssuedDocument, Order
from gateway.wiring import Installation
from gateway.workflows.parties import operator_hand
from gateway.workflows.work import once
from ledger.author import new_id
from ledger.core.leaf import Leaf
from ledger.family import line_of
from ledger.store import log
from ledger.store.tables import table
from qrcodes.serial import new_code

PARTIES = table(tables.PartyRow)
RULE_PACK = "none/1"  # readiness rules come with their own pack
KINDS = ("commercial_invoice", "packing_list")
EVIDENCE = {
    "lot.declared": "origin",
    "lot.received": "receipt",
    "lot.inspected": "inspection",
    "lot.refurbished": "refurbishment",
    "lot.sold": "sale",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Pieces of one item that belong to an order."""

    item: Item
    quantity: int


def ship_order(installation: Installation, order_id: str) -> str:
    """Take a confirmed order to shipped; returns the shipment's id. Each step is done once."""
    with installation.database.reading() as connection:
        order = trade.order(connection, order_id)
        assert order is not None, order_id
        if order.state == "shipped":
            assert order.shipment is not None
            return order.shipment
        parts = parts_of(connection, order)
    packages = _packages(_lines(order, parts), _grouped(parts))
    shipment = _pack(installation, order, packages)
    installation.publisher.publish()
    codes = once(
        installation,
        f"codes:{shipment}",
        lambda _work: {kind: new_code(secrets.token_bytes(13)) for kind in KINDS},
    )
    with installation.database.reading() as connection:
        facts = _dossier(installation, connection, order, shipment, parts, codes)
    text = once(installation, f"dossier:{shipment}", lambda _work: canonical_json(facts).decode())
    dossier = parse(text.encode())  # the one that was noted first, however often we come here
    rendered = [(renderer.name, _render(renderer.id, dossier)) for renderer in RENDERERS.values()]
    for _, document in rendered:
        installation.files.create(object_key(document.sha256.hex()), document.content)
    # Durable before it is recorded: a crash here leaves files that nothing names, and the next run
    # renders the same bytes again.
    _issue(installation, order, shipment, dossier, codes, rendered)
    _ship(installation, order, shipment, packages)
    return shipment


def object_key(sha256: str) -> str:
    return f"documents/{sha256[:2]}/{sha256}"


def parts_of(connection: Connection, order: Order) -> list[Part]:
    """Which pieces of the lot an order takes: those after the earlier orders', in manifest order."""
    skip = 0
    for earlier in trade.orders(connection, lot=order.lot):
        if earlier.id == order.id:
            break
        skip += earlier.quantity
    parts, left = [], order.quantity
    for item in goods.of_lot(connection, order.lot):
        passed = min(skip, item.quantity)
        skip -= passed
        taken = min(item.quantity - passed, left)
        left -= taken
        if taken:
            parts.append(Part(item, taken))
    assert left == 0, order.id
    return parts


def _grouped(parts: Sequence[Part]) -> list[list[Part]]:
    """Parts that stand on one invoice line: same product, code, origin and weight."""
    groups: dict[tuple[Any, ...], list[Part]] = defaultdict(list)
    for part in parts:
        facts = part.item.facts
        composition = facts["attributes"].get("composition", "")
        gtin = facts["gtin"] if part.item.serialised else ""
        masses = (facts["net_mass_g"], facts["gross_mass_g"])
        key = (facts["hs_code"], facts["model"], facts["brand"], gtin, masses, composition)
        groups[key].append(part)
    return list(groups.values())


def _lines(order: Order, parts: Sequence[Part]) -> list[dict[str, Any]]:
    lines = []
    for group in _grouped(parts):
        facts = group[0].item.facts
        quantity = sum(part.quantity for part in group)
        names = facts["goods"]
        lines.append(
            {
                "lot": order.lot,
                "gtin": facts["gtin"] if group[0].item.serialised else None,
                "brand": facts["brand"],
                "model": facts["model"],
                "description": {"en": names["en"], "vi": names["vi"], "zh": names["zh"]},
                "condition": facts["condition"],
                "grade": group[0].item.grade,
                "label_state": facts["label_state"],
                "hs6": facts["hs_code"][:6],
                "national_codes": [],
                "origin": facts["origin_country"],
                "quantity": quantity,
                "unit": "H87",
                "unit_price": _decimal(order.unit_price_minor),
                "amount_minor": quantity * order.unit_price_minor,
                "net_mass_g": quantity * facts["net_mass_g"],
                "gross_mass_g": quantity * facts["gross_mass_g"],
                "composition": [],
            }
        )
    return lines


def _packages(lines: Sequence[dict[str, Any]], groups: Sequence[list[Part]]) -> list[dict[str, Any]]:
    """Cartons line by line: full ones as one group, the rest in a last carton."""
    packages, first = [], 1
    for number, (line, group) in enumerate(zip(lines, groups, strict=True), start=1):
        facts = group[0].item.facts
        carton = load.packing()["cartons"].get(group[0].item.category)  # others travel one by one
        per = carton["pieces"] if carton else 1
        dimensions = carton["dimensions_mm"] if carton else facts["dimensions_mm"]
        full, rest = divmod(line["quantity"], per)
        for count, pieces in ((full, per), (1 if rest else 0, rest)):
            if not count:
                continue
            packages.append(
                {
                    "first": first,
                    "count": count,
                    "type": "CT",
                    "contents": [{"line": number, "quantity": pieces}],
                    "net_mass_g": pieces * facts["net_mass_g"],
                    "gross_mass_g": pieces * facts["gross_mass_g"],
                    "dimensions": dict(zip(("length_mm", "width_mm", "height_mm"), dimensions, strict=True))
                    if dimensions
                    else None,
                }
            )
            first += count
    return packages


def _load(packages: Sequence[dict[str, Any]]) -> dict[str, int]:
    return {
        "packages": sum(group["count"] for group in packages),
        "mass_g": sum(group["count"] * group["gross_mass_g"] for group in packages),
    }


def _pack(installation: Installation, order: Order, packages: Sequence[dict[str, Any]]) -> str:
    def unit(work: Any) -> str:
        shipment = new_id("shipment")
        work.record(
            "lot.packed",
            [operator_hand(installation, "warehouse", "custodian")],
            _load(packages),
            subjects=[order.lot, shipment],
            committed={"marks": [order.po_number], "destination": order.place},
        )
        trade.set_order(work.connection, order, shipment=shipment, state="packed")
        return shipment

    shipment: str = once(installation, f"pack:{order.id}", unit)
    return shipment


def _render(renderer_id: str, dossier: ShipmentDossier) -> Document:
    renderer = RENDERERS[renderer_id]
    missing = renderer.missing(dossier)
    if missing:
        raise IncompleteDossier(renderer.title, missing=missing)
    return renderer.render(dossier)


def _issue(
    installation: Installation,
    order: Order,
    shipment: str,
    dossier: ShipmentDossier,
    codes: dict[str, str],
    rendered: Sequence[tuple[str, Document]],
) -> None:
    dossier_sha256 = dossier_hash(dossier).hex()

    def unit(work: Any) -> bool:
        for name, document in rendered:
            kind = name.partition(".")[0]
            entry_of = dossier.document(kind)
            assert entry_of is not None
            entry = work.record(
                "document.issued",
                [operator_hand(installation, "sales", "exporter")],
                {
                    "kind": kind,
                    "renderer": name,
                    "rule_pack": RULE_PACK,
                    "sha256": document.sha256.hex(),
                    "dossier_sha256": dossier_sha256,
                },
                subjects=[shipment],
                committed={"number": entry_of.number},
            )
            trade.add_document(
                work.connection,
                IssuedDocument(
                    code=codes[kind],
                    shipment=shipment,
                    order_id=order.id,
                    kind=kind,
                    number=entry_of.number,
                    filename=document.filename,
                    media_type=document.media_type,
                    pages=document.pages,
                    sha256=document.sha256.hex(),
                    dossier_sha256=dossier_sha256,
                    event_id=entry.event_id,
                    issued_on=dossier.issue_date.isoformat(),
                    superseded_by=None,
                ),
            )
        return True

    once(installation, f"documents:{shipment}", unit)


def _ship(
    installation: Installation, order: Order, shipment: str, packages: Sequence[dict[str, Any]]
) -> None:
    def unit(work: Any) -> bool:
        work.record(
            "lot.shipped",
            [operator_hand(installation, "warehouse", "custodian")],
            _load(packages),
            subjects=[order.lot, shipment],
            committed={"destination": order.place},
        )
        trade.ship(work.connection, order, installation.clock.now())
        trade.set_order(work.connection, order, state="shipped")
        return True

    once(installation, f"ship:{order.id}", unit)


def _dossier(
    installation: Installation,
    connection: Connection,
    order: Order,
    shipment: str,
    parts: Sequence[Part],
    codes: dict[str, str],
) -> ShipmentDossier:
    market = load.markets().market(order.market)
    buyer = trade.company(connection, order.company)
    assert market is not None
    assert buyer is not None
    lines = _lines(order, parts)
    number = f"LP-{order.placed_at:%Y%m%d}-{order.id[-6:].upper()}"
    checkpoint = installation.verifier().checkpoint
    return assemble(
        {
            "v": 1,
            "shipment": shipment,
            "version": 1,
            "issue_date": order.placed_at.date().isoformat(),
            "language": market.language,
            "base_url": installation.public_url,
            "sale": True,
            "currency": order.currency,
            "documents": [
                {"kind": "commercial_invoice", "number": number, "code": codes["commercial_invoice"]},
                {"kind": "packing_list", "number": f"{number}-P", "code": codes["packing_list"]},
            ],
            "references": [{"kind": "purchase_order", "number": order.po_number}],
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
            "terms": {"incoterm": order.incoterm, "incoterms_year": 2020, "place": order.place},
            "route": {
                "export_country": "CN",
                "destination_country": order.market,
                "transit_countries": [],
            },
            "containers": [],
            "lines": lines,
            "charges": [],
            "packages": _packages(lines, _grouped(parts)),
            "declaration": load.packing()["declaration"],
            "evidence": _evidence(connection, order.lot, checkpoint.size),
            "ledger": {
                "origin": checkpoint.origin,
                "tree_size": checkpoint.size,
                "root": checkpoint.root.hex(),
            },
            "not_applicable": [],
        }
    )


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


def _decimal(amount_minor: int) -> str:
    """Minor units of a two-digit currency as a decimal string without needless zeros."""
    text = f"{Decimal(amount_minor) / 100:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
