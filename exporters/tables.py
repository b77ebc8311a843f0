"""The rows of a document as a spreadsheet shows them, in typed cells: text stays text."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from exporters import codes
from exporters.arithmetic import cubic_metres, kilograms, plain_money
from exporters.codes import Language
from exporters.dossier import ShipmentDossier
from exporters.sheet import Fields, FixedWord, Sheet, Table, text_of, word
from exporters.totals import totals

Cell = str | int | Decimal | None


@dataclass(frozen=True)
class Grid:
    """One table. columns: key, and its title as printed. sums: the last row; None where there is none."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]
    sums: tuple[Cell, ...] | None = None
    head: tuple[tuple[str, str, Cell], ...] = ()  # key, title, value: what stands above the table

    def written(self) -> list[tuple[Cell, ...]]:
        """Every row as a sheet shows it, all of one width: head, a blank row, titles, rows, sums."""
        width = len(self.columns)
        blank: tuple[Cell, ...] = (None,) * width
        head = [(title, value, *blank[2:]) for _, title, value in self.head]
        titles: tuple[Cell, ...] = tuple(title for _, title in self.columns)
        return [
            *head,
            *([blank] if head else []),
            titles,
            *self.rows,
            *([self.sums] if self.sums else []),
        ]

    @property
    def title_row(self) -> int:
        """0-based row of the titles."""
        return len(self.head) + 1 if self.head else 0


_INVOICE = (
    ("line", "Line"), ("lot", "Lot"), ("gtin", "GTIN"), ("brand", "Brand"), ("model", "Model"),
    ("description", "Description"), ("description_local", "Description (local)"), ("condition", "Condition"),
    ("grade", "Grade"), ("hs6", "HS code"), ("origin", "Origin"), ("quantity", "Quantity"), ("unit", "Unit"),
    ("unit_price", "Unit price"), ("amount", "Amount"), ("currency", "Currency"), ("net_kg", "Net mass, kg"),
    ("gross_kg", "Gross mass, kg"),
)  # fmt: skip
_PACKING = (
    ("first", "First package"), ("last", "Last package"), ("type", "Type"), ("sscc", "SSCC"),
    ("container", "Container"), ("marks", "Marks"), ("line", "Line"), ("description", "Description"),
    ("each", "Pieces each"), ("quantity", "Pieces"), ("unit", "Unit"), ("net_kg", "Net mass, kg"),
    ("gross_kg", "Gross mass, kg"), ("length_mm", "Length, mm"), ("width_mm", "Width, mm"),
    ("height_mm", "Height, mm"), ("volume_m3", "Volume, m³"),
)  # fmt: skip


def invoice_grid(dossier: ShipmentDossier) -> Grid:
    """One row a line; the sums are those of the lines, without charges."""
    sums = totals(dossier)
    rows = tuple(_invoice_row(number, dossier) for number in range(1, len(dossier.lines) + 1))
    known: dict[str, Cell] = {
        "line": "Total",
        "quantity": sum(line.quantity for line in dossier.lines),
        "amount": _amount(sums.goods_minor, dossier.currency),
        "currency": dossier.currency,
        "net_kg": _kilograms(_sum([line.net_mass_g for line in dossier.lines])),
        "gross_kg": _kilograms(_sum([line.gross_mass_g for line in dossier.lines])),
    }
    return Grid("commercial_invoice", _INVOICE, rows, tuple(known.get(key) for key, _ in _INVOICE))


def packing_grid(dossier: ShipmentDossier) -> Grid:
    """One row for each content of a group of packages; masses and sizes stand in the first row of a group."""
    volumes, volume = cubic_metres([_volume(dossier, n) for n in range(len(dossier.packages))])
    rows: list[tuple[Cell, ...]] = []
    for group, cubic in zip(dossier.packages, volumes, strict=True):
        for n, content in enumerate(group.contents):
            line = dossier.lines[content.line - 1]
            size = group.dimensions
            row: dict[str, Cell] = {
                "first": group.first,
                "last": group.first + group.count - 1,
                "type": codes.package(group.type)["en"],
                "sscc": group.sscc,
                "container": group.container,
                "marks": group.marks,
                "line": content.line,
                "description": line.description.en if line.description else None,
                "each": content.quantity,
                "quantity": group.count * content.quantity,
                "unit": line.unit,
            }
            if n == 0:
                row |= {
                    "net_kg": _times(group.net_mass_g, group.count),
                    "gross_kg": _times(group.gross_mass_g, group.count),
                    "length_mm": size.length_mm if size else None,
                    "width_mm": size.width_mm if size else None,
                    "height_mm": size.height_mm if size else None,
                    "volume_m3": Decimal(cubic) if size else None,
                }
            rows.append(tuple(row.get(key) for key, _ in _PACKING))
    sums = totals(dossier)
    known: dict[str, Cell] = {
        "first": "Total",
        "last": sums.packages,
        "quantity": sum(line.quantity for line in dossier.lines),
        "net_kg": _kilograms(sums.net_mass_g),
        "gross_kg": _kilograms(sums.gross_mass_g),
        "volume_m3": Decimal(volume),
    }
    return Grid("packing_list", _PACKING, tuple(rows), tuple(known.get(key) for key, _ in _PACKING))


def grid_of(sheet: Sheet, kind: str, language: Language) -> Grid:
    """The one table of a paper with the fields above it, as its PDF prints them."""
    table = next(section for section in sheet.sections if isinstance(section, Table))
    fields = [section for section in sheet.sections if isinstance(section, Fields)]
    return Grid(
        kind,
        tuple((column.label, _title(column.label, column.unit, language)) for column in table.columns),
        tuple(tuple(text_of(cell, language) for cell in row) for row in table.rows),
        head=tuple(
            (row.label, _title(row.label, None, language), text_of(row.value, language))
            for section in fields
            for row in section.rows
        ),
    )


def _title(label: str, unit: str | None, language: Language) -> str:
    title = text_of(FixedWord(label), language)
    return f"{title}, {unit}" if unit else title


def _invoice_row(number: int, dossier: ShipmentDossier) -> tuple[Cell, ...]:
    line = dossier.lines[number - 1]
    local = None if dossier.language == "en" else getattr(line.description, dossier.language, None)
    row: dict[str, Cell] = {
        "line": number,
        "lot": line.lot,
        "gtin": line.gtin,
        "brand": line.brand,
        "model": line.model,
        "description": line.description.en if line.description else None,
        "description_local": local,
        "condition": line.condition and word(line.condition, dossier.language)[0],
        "grade": line.grade,
        "hs6": line.hs6,
        "origin": line.origin,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": None if line.unit_price is None else Decimal(line.unit_price),
        "amount": _amount(line.amount_minor, dossier.currency),
        "currency": dossier.currency,
        "net_kg": _kilograms(line.net_mass_g),
        "gross_kg": _kilograms(line.gross_mass_g),
    }
    return tuple(row[key] for key, _ in _INVOICE)


def _amount(amount_minor: int | None, currency: str) -> Decimal | None:
    return None if amount_minor is None else Decimal(plain_money(amount_minor, currency))


def _kilograms(mass_g: int | None) -> Decimal | None:
    return None if mass_g is None else Decimal(kilograms(mass_g))


def _times(mass_g: int | None, count: int) -> Decimal | None:
    return None if mass_g is None else _kilograms(mass_g * count)


def _sum(masses: Sequence[int | None]) -> int | None:
    known = [mass for mass in masses if mass is not None]
    return sum(known) if len(known) == len(masses) else None


def _volume(dossier: ShipmentDossier, n: int) -> int:
    group = dossier.packages[n]
    size = group.dimensions
    return group.count * size.length_mm * size.width_mm * size.height_mm if size else 0
