"""Goods rows of a sheet, each read as far as it goes, with everything that is wrong with it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from gateway.consignments.cells import CellError, CellReader, identity
from gateway.consignments.consignment import Product, Rejection
from gateway.consignments.layout import Layout
from gateway.consignments.spec import ConsignmentSpec
from gateway.consignments.text import fold
from gateway.sheets import SheetRow


@dataclass(frozen=True, slots=True)
class Line:
    """One goods row: the fields that could be read, and what was wrong with the others."""

    row: int
    fields: Mapping[str, Any]  # field -> Value of the kind that its column names
    measurement: Mapping[str, Any]
    attributes: Mapping[str, str]
    raw: tuple[tuple[str, str], ...]
    rejections: tuple[Rejection, ...]

    @property
    def units(self) -> int:
        """Pieces that the row stands for; none when its quantity cannot be read."""
        unreadable = any(rejection.reason.startswith("quantity-") for rejection in self.rejections)
        return int(self.fields.get("quantity", 0 if unreadable else 1))


def read_lines(
    spec: ConsignmentSpec, layout: Layout, products: Mapping[str, Product], story_date: date
) -> list[Line]:
    """Read every goods row; the result has one Line per row of ``layout.goods``, in order."""
    reader = CellReader(spec.age, frozenset(("", *spec.marks.missing)), story_date)
    constants = {name: _CONSTANTS.get(name, str)(text) for name, text in spec.constants.items()}
    lines = [_read_line(spec, layout, row, reader, constants) for row in layout.goods]
    lines = [replace(line, rejections=_checked(spec, layout, line, products)) for line in lines]
    return _reject_shared(spec, layout, lines)


# What is not text among the things that are said once of all goods.
_CONSTANTS: Mapping[str, Callable[[str], Any]] = {
    "produced_on": date.fromisoformat,
    "net_mass_g": int,
    "gross_mass_g": int,
}


def _read_line(
    spec: ConsignmentSpec, layout: Layout, row: SheetRow, reader: CellReader, constants: Mapping[str, Any]
) -> Line:
    fields: dict[str, Any] = dict(constants)
    measurement: dict[str, Any] = {}
    attributes: dict[str, str] = {}
    rejections: list[Rejection] = []
    for place in layout.places:
        column, text = place.column, place.text(row)
        if column.kind == "ignored":
            continue
        try:
            value = reader.read(column, text)
        except CellError as error:
            rejections.append(Rejection(spec.file.name, row.number, place.header, text, error.reason))
            continue
        if value is None:
            continue
        if column.into == "measurement":
            measurement.update(value if isinstance(value, Mapping) else {column.field: value})
        elif column.into == "attributes":
            attributes[column.field] = str(value)
        else:
            fields[column.field] = value
    measurement.update({field: fields[field] for field in spec.measured if field in fields})
    raw = tuple((header, text) for header, text in zip(layout.headers, row.cells, strict=False) if text)
    return Line(row.number, fields, measurement, attributes, raw, tuple(rejections))


def _checked(
    spec: ConsignmentSpec, layout: Layout, line: Line, products: Mapping[str, Product]
) -> tuple[Rejection, ...]:
    """Add what only shows when two cells of a row are read together."""
    fields, problems = line.fields, list(line.rejections)
    net, gross = fields.get("net_mass_g"), fields.get("gross_mass_g")
    if net is not None and gross is not None and gross < net:
        problems.append(_reject(spec, layout, line, "gross_mass_g", "gross-mass-below-net"))
    if fields.get("quantity", 1) != 1 and fields.keys() & {"imei", "serial"}:
        problems.append(_reject(spec, layout, line, "quantity", "quantity-not-one"))
    product = products.get(fields.get("gtin", ""))
    name = fold(f"{fields.get('brand')} {fields.get('model')}")
    if product is not None and {"brand", "model"} <= set(fields) and fold(product.name) != name:
        problems.append(_reject(spec, layout, line, "model", "gtin-model-mismatch"))
    return tuple(problems)


def _reject(spec: ConsignmentSpec, layout: Layout, line: Line, field: str, reason: str) -> Rejection:
    place = layout.place(field)
    header = place.header if place else field
    return Rejection(spec.file.name, line.row, header, dict(line.raw).get(header, ""), reason)


def _reject_shared(spec: ConsignmentSpec, layout: Layout, lines: Sequence[Line]) -> list[Line]:
    """Reject all rows that share what must be unique, each naming the others.

    Whether the value is otherwise valid does not matter: nobody can tell which row is the true one.
    """
    found: dict[int, list[Rejection]] = {row: [] for row in (line.row for line in lines)}
    rows = {row.number: row for row in layout.goods}
    for rule in spec.unique:
        places = [place for field in rule.fields if (place := layout.place(field)) is not None]
        sharing: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for line in lines:
            keys = [identity(place.column, place.text(rows[line.row])) for place in places]
            if keys and keys[0] and fold(keys[0]) not in spec.marks.missing and None not in keys:
                sharing[tuple(key or "" for key in keys)].append(line.row)
        for shared in sharing.values():
            for row in shared if len(shared) > 1 else []:
                others = tuple(other for other in shared if other != row)
                text = places[0].text(rows[row])
                found[row].append(Rejection(spec.file.name, row, places[0].header, text, rule.reason, others))
    return [replace(line, rejections=(*line.rejections, *found[line.row])) for line in lines]
