"""Read one supplier file into articles, rejections and notes. Pure: bytes in, values out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

from gateway.consignments.catalogue import read_catalogue
from gateway.consignments.cells import money, number
from gateway.consignments.consignment import Article, Consignment, DeclaredLot, Product, Total
from gateway.consignments.layout import Layout, find_layout
from gateway.consignments.lines import Line, read_lines
from gateway.consignments.spec import ConsignmentSpec
from gateway.consignments.text import fold
from gateway.sheets import read_sheet


def read_consignment(
    spec: ConsignmentSpec, data: bytes, *, catalogue: bytes | None, story_date: date
) -> Consignment:
    """Read a supplier's file as its description says.

    catalogue: bytes of ``spec.file.catalogue``, None when there is none. story_date: the day of
    reading, against which age is judged; nothing may have been made after it.
    Each goods row is either one Article or has one Rejection per problem; no row is dropped.

    Raises UnreadableSheet when the file is not a sheet we can trust, MissingHeaders when a column
    that the description names is not there.
    """
    sheet = read_sheet(data, sheet=spec.file.sheet, encoding=spec.file.encoding)
    layout = find_layout(spec.columns, spec.marks, sheet)
    products = read_catalogue(catalogue) if catalogue is not None else {}

    lines = read_lines(spec, layout, products, story_date)
    articles = tuple(_article(spec, line, products, story_date) for line in lines if not line.rejections)
    rejected = [line for line in lines if line.rejections]
    lots, unassigned = _lots(spec, articles, rejected)
    numbers = {line.row for line in rejected}
    return Consignment(
        spec_id=spec.id,
        file=spec.file.name,
        sha256=sha256(data).hexdigest(),
        sheet=sheet.name,
        encoding=sheet.encoding,
        header_row=layout.header_row,
        headers=tuple((place.column.field, place.header) for place in layout.places),
        unknown_columns=layout.unknown_columns,
        rows=len(lines),
        articles=articles,
        rejections=tuple(rejection for line in rejected for rejection in line.rejections),
        rejected_rows=tuple(line.row for line in rejected),
        notes=layout.notes,
        meta=layout.meta,
        totals=_totals(spec, layout, sum(line.units for line in lines)),
        lots=lots,
        unassigned=unassigned,
        columns=layout.headers,
        rejected_cells=tuple(row for row in layout.goods if row.number in numbers),
        hidden_rows=sheet.hidden_rows,
    )


def _article(spec: ConsignmentSpec, line: Line, products: Mapping[str, Product], story_date: date) -> Article:
    fields = line.fields
    product = products.get(fields.get("gtin", "")) or _product(fields)
    testers = {fold(tester.written): tester.party for tester in spec.testers}
    tester = fields.get("tester")
    goods = spec.styles.get(fields["model"], spec.categories[fields["category"]].goods)
    return Article(
        row=line.row,
        category=fields["category"],
        brand=fields["brand"],
        model=fields["model"],
        goods=goods.model_dump(),
        condition=fields["condition"],
        quantity=fields.get("quantity", 1),
        produced_on=fields["produced_on"],
        over_age=add_months(fields["produced_on"], spec.age.limit_months) < story_date,
        gtin=fields.get("gtin"),
        imei=fields.get("imei"),
        serial=fields.get("serial"),
        style_number=_style(spec, fields),
        label_state=fields.get("label_state"),
        origin_channel=fields.get("origin_channel"),
        origin_country=fields.get("origin_country", product.origin_country if product else None),
        hs_code=fields.get("hs_code", product.hs_code if product else None),
        net_mass_g=fields.get("net_mass_g", product.net_mass_g if product else None),
        gross_mass_g=fields.get("gross_mass_g", product.gross_mass_g if product else None),
        list_price_minor=fields.get("list_price"),
        dimensions_mm=fields.get("dimensions") or _sides(fields),
        refrigerant=fields.get("refrigerant"),
        tested_on=fields.get("tested_on"),
        tester=testers.get(fold(tester), tester) if tester else None,
        attributes=line.attributes,
        measurement=line.measurement,
        product=product,
        raw=line.raw,
    )


def _style(spec: ConsignmentSpec, fields: Mapping[str, Any]) -> str | None:
    style = fields.get("style_number") or (fields["model"] if spec.styled_by_model else None)
    return None if fields.get("imei") or fields.get("serial") else style


def _product(fields: Mapping[str, Any]) -> Product | None:
    """Facts of a battery that stand in the sheet itself, as a catalogue would have them."""
    if not fields.keys() & {"un38_3", "battery_wh"}:
        return None
    return Product(
        gtin=fields.get("gtin", ""),
        name=fields["model"],
        hs_code=None,
        origin_country=None,
        net_mass_g=None,
        gross_mass_g=None,
        battery=None,
        battery_wh=fields.get("battery_wh"),
        battery_packing=None,
        un38_3_summary=fields.get("un38_3"),
    )


def _sides(fields: Mapping[str, Any]) -> tuple[int, int, int] | None:
    sides = [fields[name] for name in ("length", "width", "height") if name in fields]
    return (sides[0], sides[1], sides[2]) if len(sides) == 3 else None


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _lots(
    spec: ConsignmentSpec, articles: Sequence[Article], rejected: Iterable[Line]
) -> tuple[tuple[DeclaredLot, ...], int]:
    """Divide the file into declared lots, in order of first appearance.

    A rejected row counts in the lot that its readable fields name, or in the only lot there is.
    """
    members: dict[tuple[tuple[str, str], ...], list[Article]] = defaultdict(list)
    for article in articles:
        members[tuple((field, getattr(article, field)) for field in spec.lots_by)].append(article)
    unidentified: dict[tuple[tuple[str, str], ...], int] = defaultdict(int)
    for line in rejected:
        key = tuple((field, str(line.fields.get(field))) for field in spec.lots_by)
        only = next(iter(members)) if len(members) == 1 else key
        unidentified[only] += line.units
    lots = tuple(DeclaredLot(key, unidentified.pop(key, 0), tuple(goods)) for key, goods in members.items())
    return lots, sum(unidentified.values())


def _totals(spec: ConsignmentSpec, layout: Layout, units: int) -> tuple[Total, ...]:
    """Compare what the sheet says about itself: the number under the quantity column, or the first one."""
    totals = []
    price = money(layout.meta.get("price", ""))
    if price is not None and spec.price is not None:
        row = next(note.row for note in layout.notes if note.kind == "meta")
        totals.append(Total("price_minor", row, price, spec.price.amount_minor))
    place = layout.place("quantity")
    for total in layout.total_rows:
        cells = [place.text(total)] if place else total.cells
        stated = next((value for value in map(number, cells) if value is not None), None)
        if stated is not None:
            totals.append(Total("units", total.number, int(stated), units))
    return tuple(totals)
