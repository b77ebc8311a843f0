"""What reading a supplier's file gives: goods we can identify, rows we cannot, and what else it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gateway.sheets import SheetRow
from ledger.lots.grading import MeasuredValue


@dataclass(frozen=True, slots=True)
class Product:
    """Catalogue facts of one GTIN; None is a fact the catalogue lacks."""

    gtin: str
    name: str
    hs_code: str | None
    origin_country: str | None
    net_mass_g: int | None
    gross_mass_g: int | None
    battery: str | None  # "3.87 V / 5000 mAh"
    battery_wh: str | None  # decimal string
    battery_packing: str | None
    un38_3_summary: str | None  # number of the test summary (UN Manual of Tests and Criteria 38.3.5)


@dataclass(frozen=True, slots=True)
class Article:
    """One accepted row: an article (quantity 1, with an IMEI or serial) or a style (a style number).

    measurement is what ``ledger.lots.grading.grade`` reads; a missing measurement is absent from it.
    over_age: made longer ago than the consignment's limit; received, never listed.
    raw: (original header, text as in the sheet) of every cell that is not empty.
    """

    row: int  # 1-based
    category: str
    brand: str
    model: str
    goods: Mapping[str, str]  # zh, en, vi: what it is, for documents
    condition: str  # new, opened, returned, used, refurbished
    quantity: int  # pieces, >= 1
    produced_on: date
    over_age: bool
    gtin: str | None
    imei: str | None
    serial: str | None
    style_number: str | None
    label_state: str | None  # intact, missing, cut; None where the sheet does not say
    origin_channel: str | None
    origin_country: str | None  # ISO 3166-1 alpha-2
    hs_code: str | None  # 6 to 10 digits
    net_mass_g: int | None  # of one piece
    gross_mass_g: int | None
    list_price_minor: int | None  # of one piece, in the consignment's currency
    dimensions_mm: tuple[int, int, int] | None  # length, width, height
    refrigerant: str | None
    tested_on: date | None
    tester: str | None  # key of a party of the consignment, or the name as written
    attributes: Mapping[str, str]
    measurement: Mapping[str, MeasuredValue]
    product: Product | None
    raw: tuple[tuple[str, str], ...]

    @property
    def identifier(self) -> str:
        """What tells this row's goods from any other's in the file: IMEI, serial, or style number."""
        return self.imei or self.serial or self.style_number or ""

    @property
    def gtin14(self) -> str | None:
        """The GTIN padded to 14 digits, as records carry it (GS1 General Specifications §3.3.2)."""
        return self.gtin and self.gtin.zfill(14)


@dataclass(frozen=True, slots=True)
class Rejection:
    """One problem of one row; a row with several has several.

    column: header as the sheet writes it; value: text as in the sheet; related_rows: the other rows
    that share the value, 1-based.
    """

    file: str
    row: int
    column: str
    value: str
    reason: str
    related_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Text around the goods: shown to people, never turned into rights."""

    row: int
    kind: Literal["title", "meta", "remark", "total"]
    text: str


@dataclass(frozen=True, slots=True)
class Total:
    """A number the sheet states about itself beside the one we counted.

    name: "units" (accepted and rejected rows alike) or "price_minor" (against the contract's price).
    """

    name: Literal["units", "price_minor"]
    row: int
    stated: int
    counted: int

    @property
    def agrees(self) -> bool:
        return self.stated == self.counted


@dataclass(frozen=True, slots=True)
class DeclaredLot:
    """Goods that are declared as one lot; ``declared == identified + unidentified``, in pieces."""

    key: tuple[tuple[str, str], ...]  # (("category", "sofa"),)
    unidentified: int  # pieces of rejected rows
    articles: tuple[Article, ...]

    @property
    def declared(self) -> int:
        return self.unidentified + sum(article.quantity for article in self.articles)


@dataclass(frozen=True, slots=True)
class Consignment:
    """One supplier file, read. sha256 (hex) of its bytes tells the same file sent twice.

    rows: goods rows, accepted and rejected. unassigned: pieces of rejected rows whose lot cannot be told.
    headers: (field, header as found) in sheet order. meta: field -> text, as the sheet states them.
    columns: every header of the sheet as written; rejected_cells: the rejected rows under them.
    hidden_rows: how many rows of the workbook do not show in a spreadsheet program.
    """

    spec_id: str
    file: str
    sha256: str
    sheet: str
    encoding: str
    header_row: int
    headers: tuple[tuple[str, str], ...]
    unknown_columns: tuple[str, ...]
    rows: int
    articles: tuple[Article, ...]
    rejections: tuple[Rejection, ...]
    rejected_rows: tuple[int, ...]
    notes: tuple[Note, ...]
    meta: Mapping[str, str]
    totals: tuple[Total, ...]
    lots: tuple[DeclaredLot, ...]
    unassigned: int
    columns: tuple[str, ...] = ()
    rejected_cells: tuple[SheetRow, ...] = ()
    hidden_rows: int = 0
