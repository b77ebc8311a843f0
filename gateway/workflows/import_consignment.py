"""Record one supplier file: its lots declared by the supplier, received by the warehouse.

One transaction: a file is in the ledger whole or not at all, and the same file twice changes nothing.
Where the supplier signs elsewhere, ``declare_elsewhere`` states the lots in that same transaction.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from gateway.consignments.consignment import Article, Consignment, DeclaredLot
from gateway.consignments.spec import ConsignmentSpec
from gateway.errors import Refused
from gateway.policies import load
from gateway.store import goods, profiles, waiting
from gateway.store.goods import Item
from gateway.wiring import Installation
from gateway.workflows.file_reports import CONSIGNMENTS, extended, remaining, report_of_file, save_report
from gateway.workflows.parties import hand, operator_hand
from gateway.workflows.work import Work
from ledger.author import described, new_id, salted_rows
from ledger.lots.cost import allocate
from ledger.record import Ledger

DECLARED_ROWS = {"imei": "phone-article/1", "style": "garment-style/1", "serial": "appliance-article/1"}


@dataclass(frozen=True, slots=True)
class Told:
    """Beside what the sheet says. supplier: party id. site: of the warehouse that takes the goods in.

    chains: ``brand/category`` -> authorization ids, the brand's own first; a lot without one is declared
    without, and the gate says so. report: what else the file's report names.
    """

    supplier: str
    chains: Mapping[str, list[str]]
    site: str
    report: Mapping[str, Any] = field(default_factory=dict)


Declare = Callable[[Work, ConsignmentSpec, Consignment, DeclaredLot, int | None, Told], str]


def import_consignment(
    installation: Installation,
    spec: ConsignmentSpec,
    consignment: Consignment,
    told: Told,
    declare: Declare | None = None,
) -> list[str]:
    """Returns the ids of the file's lots; when all of it stands already, nothing changes.

    declare: makes one lot and returns its id; None: declared, signed and received here and now.
    Raises Refused ``goods-known``, ``nothing-to-record``.
    """

    def unit(ledger: Ledger) -> list[str]:
        work = Work(installation, ledger)
        known = report_of_file(work.connection, consignment.sha256)
        left = remaining(work.connection, consignment)
        if known is not None and not left.articles:
            standing: list[str] = known["lots"]
            return standing
        _check_new(work, left)
        prices = _prices(spec, consignment, left)
        lots = [
            (declare or _declare)(work, spec, left, lot, price, told)
            for lot, price in zip(left.lots, prices, strict=True)
            if lot.articles
        ]
        if known is not None:
            new = replace(left, lots=tuple(lot for lot in left.lots if lot.articles))
            report = extended(known, report_of(new, lots) | dict(told.report))
            save_report(work.connection, consignment.sha256, report)
        else:
            _add(work, spec, consignment, report_of(consignment, lots) | dict(told.report))
        every: list[str] = [*(known["lots"] if known else ()), *lots]
        return every

    return installation.writer.do(unit)


def _add(work: Work, spec: ConsignmentSpec, consignment: Consignment, report: Mapping[str, Any]) -> None:
    row = {
        "sha256": consignment.sha256,
        "spec": spec.id,
        "file": consignment.file,
        "imported_at": work.installation.clock.now(),
        "report": json.dumps(report, ensure_ascii=False),
    }
    work.connection.execute(CONSIGNMENTS.insert(), [row])
    profiles.keep_rejected(
        work.connection, consignment.sha256, consignment.columns, consignment.rejected_cells
    )


def _prices(spec: ConsignmentSpec, consignment: Consignment, left: Consignment) -> list[int | None]:
    """The price of the whole over its lots, by pieces, of each what is left of it; None without a price."""
    if spec.price is None:
        return [None] * len(left.lots)
    whole = allocate(spec.price.amount_minor, [lot.declared for lot in consignment.lots])
    return [
        allocate(price, [part.declared, lot.declared - part.declared])[0]
        for price, lot, part in zip(whole, consignment.lots, left.lots, strict=True)
    ]


def _check_new(work: Work, consignment: Consignment) -> None:
    """One phone is in one lot: goods that came with another file are not declared again."""
    if not consignment.articles:
        raise Refused("nothing-to-record", f"{consignment.file} has no row that can be recorded")
    rows = {a.identifier: a.row for a in consignment.articles if a.style_number is None}
    standing = goods.known(work.connection, list(rows)) or waiting.known(work.connection, list(rows))
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
    price_minor: int | None,
    told: Told,
) -> str:
    name, articles, chain = new_id("lot"), lot.articles, chain_of(told, lot)
    rows = salted_rows([row_of(article) for article in articles])
    entry = work.record(
        "lot.declared",
        [hand(work.installation, told.supplier, "supplier")],
        declaration(work.installation, spec, lot) | {"manifest": described(rows, schema_of(lot))},
        subjects=[name],
        refs=chain,
        committed=sealed(spec, consignment, price_minor),
        rows=[rows],
    )
    if spec.supply_mode != "direct":  # direct goods stay where they are until they are sold
        _receive(work, name, lot, told)
    if spec.released_by_brand:
        _consent(work, name, spec.surplus_cause, chain)
    goods.add(work.connection, items_of(consignment, name, entry.event_id, articles))
    return name


def chain_of(told: Told, lot: DeclaredLot) -> list[str]:
    return told.chains.get(f"{_common(lot.articles, 'brand')}/{lot.articles[0].category}", [])


def sealed(spec: ConsignmentSpec, consignment: Consignment, price_minor: int | None) -> dict[str, Any]:
    """What a declaration commits to."""
    committed: dict[str, Any] = {
        "supplier_reference": consignment.meta.get("supplier_reference", consignment.file)
    }
    if price_minor is not None and spec.price is not None:
        committed["price"] = {"amount_minor": price_minor, "currency": spec.price.currency}
    return committed


def schema_of(lot: DeclaredLot) -> str:
    first = lot.articles[0]
    return DECLARED_ROWS["imei" if first.imei else "style" if first.style_number else "serial"]


def declaration(installation: Installation, spec: ConsignmentSpec, lot: DeclaredLot) -> dict[str, Any]:
    """What the supplier says of a lot, beside its manifest. Of direct goods only those that it can name."""
    articles, first = lot.articles, lot.articles[0]
    is_direct = spec.supply_mode == "direct"
    facts: dict[str, Any] = {
        "category": first.category,
        "goods": "finished",
        "brand": _common(articles, "brand"),
        "model": _common(articles, "model"),
        "condition": _common(articles, "condition"),
        "quantity": lot.declared - (lot.unidentified if is_direct else 0),
        "unit": spec.unit,
        "produced_from": min(article.produced_on for article in articles).isoformat(),
        "produced_until": max(article.produced_on for article in articles).isoformat(),
        "origin_channel": _common(articles, "origin_channel"),
        "origin_country": first.origin_country or "CN",
        "surplus_cause": spec.surplus_cause,
        "supply_mode": spec.supply_mode,
        "depth_max": load.permission().depth_max,
    }
    if is_direct:
        facts["agent"] = installation.config.operator
    if spec.consigned_until is not None:
        facts["consigned_until"] = spec.consigned_until.isoformat()
    return facts


def _receive(work: Work, name: str, lot: DeclaredLot, told: Told) -> None:
    work.record(
        "lot.received",
        [
            operator_hand(work.installation, "warehouse", "custodian"),
            hand(work.installation, told.supplier, "releasing"),
        ],
        {
            "declared": lot.declared,
            "counted": lot.declared,
            "unidentified": lot.unidentified,
            "damaged": 0,
            "site": told.site,
        },
        subjects=[name],
    )


def items_of(
    consignment: Consignment, lot: str, event_id: str, articles: Sequence[Article]
) -> Iterator[Item]:
    for n, article in enumerate(articles):
        yield Item(
            id=0,
            consignment=consignment.sha256,
            lot=lot,
            source_event=event_id,
            source_n=n,
            quantity=article.quantity,
            category=article.category,
            grade="ungraded",
            serialised=article.style_number is None,
            facts=item_facts(article),
        )


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


def row_of(article: Article) -> dict[str, Any]:
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
