"""Record one supplier file: its lots declared by the supplier, received by the warehouse.

One transaction: a file is in the ledger whole or not at all, and the same file twice changes nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from gateway.consignments.consignment import Article, Consignment, DeclaredLot
from gateway.consignments.spec import ConsignmentSpec
from gateway.errors import Refused
from gateway.policies import load
from gateway.store import goods, tables
from gateway.store.goods import Item
from gateway.wiring import Installation
from gateway.workflows.parties import hand, operator_hand
from gateway.workflows.work import Work
from ledger.author import described, new_id, salted_rows
from ledger.lots.cost import allocate
from ledger.record import Ledger
from ledger.store.tables import table

CONSIGNMENTS = table(tables.ConsignmentRow)
DECLARED_ROWS = {"imei": "phone-article/1", "style": "garment-style/1", "serial": "appliance-article/1"}


def import_consignment(
    installation: Installation,
    spec: ConsignmentSpec,
    consignment: Consignment,
    *,
    supplier: str,
    chains: Mapping[str, list[str]],
    site: str,
) -> list[str]:
    """Returns the ids of the declared lots, those of the first time when the file is known.

    supplier: party id. chains: ``brand/category`` -> authorization ids, the brand's own first.
    """

    def unit(ledger: Ledger) -> list[str]:
        work = Work(installation, ledger)
        known = work.connection.execute(
            select(CONSIGNMENTS.c.report).where(CONSIGNMENTS.c.sha256 == consignment.sha256)
        ).scalar_one_or_none()
        if known is not None:
            lots: list[str] = json.loads(known)["lots"]
            return lots
        _check_new(work, consignment)
        prices = allocate(spec.price.amount_minor, [lot.declared for lot in consignment.lots])
        lots = [
            _declare(work, spec, consignment, lot, price, supplier, chains, site)
            for lot, price in zip(consignment.lots, prices, strict=True)
            if lot.articles
        ]
        work.connection.execute(
            CONSIGNMENTS.insert(),
            [
                {
                    "sha256": consignment.sha256,
                    "spec": spec.id,
                    "file": consignment.file,
                    "imported_at": installation.clock.now(),
                    "report": json.dumps(report_of(consignment, lots), ensure_ascii=False),
                }
            ],
        )
        return lots

    return installation.writer.do(unit)


def _check_new(work: Work, consignment: Consignment) -> None:
    """One phone is in one lot: goods that came with another file are not declared again."""
    if not consignment.articles:
        raise Refused("nothing-to-record", f"{consignment.file} has no row that can be recorded")
    rows = {a.identifier: a.row for a in consignment.articles if a.style_number is None}
    standing = goods.known(work.connection, list(rows))
    if standing:
        shown = ", ".join(f"row {rows[one]} ({one})" for one in standing[:5])
        more = f" and {len(standing) - 5} more" if len(standing) > 5 else ""
        raise Refused("goods-known", f"goods of another file stand in this one too: {shown}{more}")


def report_of(consignment: Consignment, lots: list[str]) -> dict[str, Any]:
    """What reading the file gave, for pages: counts, mapping, rejections, remarks."""
    return {
        "lots": lots,
        "rows": consignment.rows,
        "accepted": len(consignment.articles),
        "rejected_rows": len(consignment.rejected_rows),
        "over_age": sum(article.over_age for article in consignment.articles),
        "declared": sum(lot.declared for lot in consignment.lots),
        "unidentified": sum(lot.unidentified for lot in consignment.lots),
        "headers": [list(pair) for pair in consignment.headers],
        "header_row": consignment.header_row,
        "rejections": [asdict(rejection) for rejection in consignment.rejections],
        "notes": [asdict(note) for note in consignment.notes],
    }


def _declare(
    work: Work,
    spec: ConsignmentSpec,
    consignment: Consignment,
    lot: DeclaredLot,
    price_minor: int,
    supplier: str,
    chains: Mapping[str, list[str]],
    site: str,
) -> str:
    name, articles = new_id("lot"), lot.articles
    first = articles[0]
    brand = _common(articles, "brand")
    rows = salted_rows([_row(article) for article in articles])
    schema = DECLARED_ROWS["imei" if first.imei else "style" if first.style_number else "serial"]
    entry = work.record(
        "lot.declared",
        [hand(work.installation, supplier, "supplier")],
        {
            "category": first.category,
            "goods": "finished",
            "brand": brand,
            "model": _common(articles, "model"),
            "condition": _common(articles, "condition"),
            "quantity": lot.declared,
            "unit": spec.unit,
            "produced_from": min(article.produced_on for article in articles).isoformat(),
            "produced_until": max(article.produced_on for article in articles).isoformat(),
            "origin_channel": _common(articles, "origin_channel"),
            "origin_country": first.origin_country or "CN",
            "surplus_cause": spec.surplus_cause,
            "supply_mode": spec.supply_mode,
            "manifest": described(rows, schema),
            "depth_max": load.permission().depth_max,
        },
        subjects=[name],
        refs=chains.get(f"{brand}/{first.category}", []),
        committed={
            "supplier_reference": consignment.meta.get("supplier_reference", consignment.file),
            "price": {"amount_minor": price_minor, "currency": spec.price.currency},
        },
        rows=[rows],
    )
    work.record(
        "lot.received",
        [
            operator_hand(work.installation, "warehouse", "custodian"),
            hand(work.installation, supplier, "releasing"),
        ],
        {
            "declared": lot.declared,
            "counted": lot.declared,
            "unidentified": lot.unidentified,
            "damaged": 0,
            "site": site,
        },
        subjects=[name],
    )
    if spec.released_by_brand:
        _consent(work, name, spec.surplus_cause, chains.get(f"{brand}/{first.category}", []))
    goods.add(
        work.connection,
        (
            Item(
                id=0,
                consignment=consignment.sha256,
                lot=name,
                source_event=entry.event_id,
                source_n=n,
                quantity=article.quantity,
                category=article.category,
                grade="ungraded",
                serialised=article.style_number is None,
                facts=item_facts(article),
            )
            for n, article in enumerate(articles)
        ),
    )
    return name


def _consent(work: Work, lot: str, cause: str, chain: Sequence[str]) -> None:
    """The brand lets its maker sell: by the brand's key, where one is at hand that may sign it."""
    top = work.view.subject(chain[0]) if chain else None
    if top is None:
        return
    brand = hand(work.installation, top.state.grantor, "brand")
    key = work.view.key(brand.key)
    if key is not None and "brand.consented:brand" in key.scopes:
        work.record("brand.consented", [brand], {"cause": cause}, subjects=[lot])


def item_facts(article: Article) -> dict[str, Any]:
    """What the gateway keeps of an article beside its manifest rows; None where nobody said."""
    return {
        "identifier": article.identifier,
        "imei": article.imei,
        "gtin": article.gtin14,
        "brand": article.brand,
        "model": article.model,
        "goods": dict(article.goods),
        "condition": article.condition,
        "produced_on": article.produced_on.isoformat(),
        "over_age": article.over_age,
        "label_state": article.label_state,
        "origin_channel": article.origin_channel,
        "origin_country": article.origin_country,
        "hs_code": article.hs_code,
        "net_mass_g": article.net_mass_g,
        "gross_mass_g": article.gross_mass_g,
        "list_price_minor": article.list_price_minor,
        "dimensions_mm": list(article.dimensions_mm) if article.dimensions_mm else None,
        "attributes": dict(article.attributes),
        "measurement": {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in article.measurement.items()
        },
        "un38_3": article.product.un38_3_summary if article.product else None,
        "battery_wh": article.product.battery_wh if article.product else None,
        "repair": None,
    }


def _row(article: Article) -> dict[str, Any]:
    """The supplier's own statement about one row, under the manifest's root."""
    facts: dict[str, Any] = {
        "imei": article.imei,
        "serial": article.serial,
        "style": article.style_number,
        "gtin": article.gtin14,
        "brand": article.brand,
        "model": article.model,
        "condition": article.condition,
        "produced_on": article.produced_on.isoformat(),
        "label_state": article.label_state,
        "origin_channel": article.origin_channel,
        "origin_country": article.origin_country,
        "hs_code": article.hs_code,
        "quantity": article.quantity if article.quantity > 1 else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _common(articles: tuple[Article, ...], name: str) -> Any:
    """The value that all share, None where they differ."""
    values = {getattr(article, name) for article in articles}
    return values.pop() if len(values) == 1 else None
