"""Views of importing suppliers' sheets, and of the stock that suppliers state."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.pages.views.forms import Form
from gateway.pages.views.values import Link

Options = tuple[tuple[str, str], ...]  # (value, text in the visitor's language)


OF_SHEETS: Final = frozenset(
    {
        "model", "produced_on", "origin_channel", "origin_country", "hs_code", "net_mass_g", "gross_mass_g",
        "un38_3", "battery_wh",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class OpenDraft:
    """An upload that waits for somebody to go on."""

    name: str
    href: str
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class SavedLayout:
    name: str
    supplier: str
    version: int
    saved_at: datetime


@dataclass(frozen=True, kw_only=True)
class SheetColumn:
    """One column of the sheet. n: from 0, in the names of its fields. certainty: slug of words.

    asks_unit, asks_dates, asks_decimals: whether there is anything to choose.
    """

    n: int
    letter: str
    header: str
    samples: tuple[str, ...]
    read_as: str
    certainty: str
    doubts: tuple[str, ...]
    units: Options
    asks_dates: bool
    asks_decimals: bool


@dataclass(frozen=True, kw_only=True)
class ColumnsView:
    """``/operator/import/{file}/columns``. known: the layout that fitted, "" for none."""

    action: str
    header_row: int
    sheets: Options
    sheet: str
    columns: tuple[SheetColumn, ...]
    meanings: Options
    unnamed: tuple[str, ...]
    hidden_rows: int
    known: str
    known_version: int
    is_known: bool
    garbled: bool
    form: Form


@dataclass(frozen=True, kw_only=True)
class WordQuestion:
    """name: of the form's field. text: as in the sheet, "" for the empty cell. is_new: nobody has said it."""

    name: str
    text: str
    count: int
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class WordsOfField:
    """field: slug of words. options: () where any text is taken. is_open: shown unfolded."""

    field: str
    header: str
    words: tuple[WordQuestion, ...]
    options: Options
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class Constant:
    """Something that no column says, or not in every row. kind: "choice", "date", "text", "grams"."""

    name: str
    field: str
    kind: str
    options: Options
    needed: bool

    @property
    def table(self) -> str:
        """Of the words for ``field``: some have a name in sheets alone."""
        return "sheet_fields" if self.field in OF_SHEETS else "fields"


@dataclass(frozen=True, kw_only=True)
class FactsView:
    """``/operator/import/{file}/facts``. no_key: suppliers whose key is not here are many: a note."""

    action: str
    columns_href: str
    suppliers: Options
    supply_modes: Options
    causes: Options
    currencies: Options
    constants: tuple[Constant, ...]
    words: tuple[WordsOfField, ...]
    mends: str
    mended_href: str
    known: str
    known_version: int
    form: Form


@dataclass(frozen=True, kw_only=True)
class StockLine:
    """One direct lot. change: slug of words.STOCK_CHANGES; stale: nothing may be reserved."""

    lot: Link
    goods: str
    in_ledger: int
    stated: int | None
    as_of: datetime | None
    change: str
    stale: bool


@dataclass(frozen=True, kw_only=True)
class StockTrouble:
    item: str
    trouble: str  # slug of words.STOCK_TROUBLES


@dataclass(frozen=True, kw_only=True)
class StockOfSupplier:
    name: str
    as_of: datetime | None
    received_at: datetime | None
    lines: tuple[StockLine, ...]
    troubles: tuple[StockTrouble, ...]


@dataclass(frozen=True, kw_only=True)
class StockView:
    """``/stock`` and ``/operator/stock``. action: where a supplier sends its stock, "" for others."""

    suppliers: tuple[StockOfSupplier, ...]
    hours_max: int
    action: str
    form: Form = Form()


ImportPage = ColumnsView | FactsView | StockView
