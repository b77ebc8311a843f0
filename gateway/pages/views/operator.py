"""What the operator's staff sees."""

from dataclasses import dataclass
from datetime import datetime

from gateway.pages.views.consumer import Completeness, ErasedNote, Grade, Step
from gateway.pages.views.forms import Form
from gateway.pages.views.values import Link, Reason


@dataclass(frozen=True, kw_only=True)
class Consignment:
    """One supplier file and what became of its rows."""

    file: str
    supplier_short: str
    imported_at: datetime
    rows_accepted: int
    rows_rejected: int
    rows_overage: int  # older than the policy allows: received, never listed
    declared: int
    counted: int
    rejected_href: str


@dataclass(frozen=True, kw_only=True)
class LotLine:
    href: str
    lot_short: str
    category: str
    brand: str
    condition: str
    grade: str
    quantity: int
    sold: int
    markets: tuple[str, ...]  # ISO 3166: where it is listed
    inspection: str = "none"  # slug of words.TABLES["inspection_levels"]


@dataclass(frozen=True, kw_only=True)
class OperatorView:
    """``/operator``. The filter is the query parameter ``q``."""

    consignments: tuple[Consignment, ...]
    lots: tuple[LotLine, ...]
    lots_total: int
    query: str = ""
    next_href: str = ""


@dataclass(frozen=True, kw_only=True)
class LineageNode:
    """A lot in its family: parents above, children below."""

    lot_short: str
    href: str
    label: str  # slug of words.CATEGORIES
    grade: str
    quantity: int
    current: bool = False
    overage: bool = False
    children: tuple["LineageNode", ...] = ()


@dataclass(frozen=True, kw_only=True)
class CodeLine:
    level: str  # slug of words.CODE_LEVELS
    code: str  # grouped as printed
    page_href: str
    symbol_href: str  # SVG


@dataclass(frozen=True, kw_only=True)
class MarketState:
    market: str  # ISO 3166, or EU
    reasons: tuple[Reason, ...]  # empty: may be offered
    listed: bool = False


@dataclass(frozen=True, kw_only=True)
class FileLine:
    """A photo or a paper about a lot."""

    kind: str  # slug of words.FILE_KINDS
    href: str  # empty: erased
    size: int  # bytes
    added_at: datetime
    thumbnail_href: str = ""
    erase_href: str = ""
    erased_for: str = ""  # slug of words.ERASURE_REASONS


@dataclass(frozen=True, kw_only=True)
class EraseFileView:
    """``/operator/files/{file}/erase``."""

    action: str
    back_href: str
    line: FileLine
    form: Form = Form()


@dataclass(frozen=True, kw_only=True)
class ImportView:
    """``/operator/import``. specs: (name, title) of each description of a supplier's sheet."""

    specs: tuple[tuple[str, str], ...]
    form: Form = Form()
    problem: str = ""  # what is wrong with the sheet, in the words of the reader of sheets


@dataclass(frozen=True, kw_only=True)
class RecallNote:
    """A recall that holds for a lot."""

    lot: Link  # which was recalled: this one, or one that it came of
    own: bool
    reason: str  # slug of words.TABLES["record_reasons"]
    index: int  # entry of the recall


@dataclass(frozen=True, kw_only=True)
class LotView:
    """``/operator/lots/{id}``."""

    lot_id: str
    line: LotLine
    name: str
    model: str
    grade: Grade | None
    lineage: LineageNode
    steps: tuple[Step, ...]
    completeness: Completeness | None
    markets: tuple[MarketState, ...]
    codes: tuple[CodeLine, ...]
    codes_total: int
    labels_href: str = ""  # label sheet
    bundle_href: str = ""
    pack_href: str = ""  # everything with its proofs, opened
    erased: tuple[ErasedNote, ...] = ()  # of this lot and those it was split from
    files: tuple[FileLine, ...] = ()
    files_form: Form = Form()
    recalls: tuple[RecallNote, ...] = ()
    files_action: str = ""  # where a photo or a paper is posted; empty: none is taken


@dataclass(frozen=True, kw_only=True)
class RejectedRow:
    file: str
    row: int  # 1-based, as a spreadsheet shows it
    column: str  # original header
    value: str  # original value
    reason: Reason  # slug of words.REJECTIONS; detail names the other rows


@dataclass(frozen=True, kw_only=True)
class RejectedRowsView:
    """``/operator/rejected``."""

    rows: tuple[RejectedRow, ...]
    total: int
    download_href: str
    next_href: str = ""


@dataclass(frozen=True, kw_only=True)
class RefusalRow:
    lot: Link
    category: str
    brand: str
    condition: str
    grade: str
    quantity: int
    cells: tuple[MarketState, ...]  # one per market, in the order of RefusalsView.markets


@dataclass(frozen=True, kw_only=True)
class RefusalsView:
    """``/operator/refusals``: lots against markets, and why not."""

    markets: tuple[str, ...]
    rows: tuple[RefusalRow, ...]
    policy: str
    judged_at: datetime
    next_href: str = ""


@dataclass(frozen=True, kw_only=True)
class PlannedLot:
    category: str
    brand: str
    condition: str
    rows: int
    quantity: int


@dataclass(frozen=True, kw_only=True)
class DryRunView:
    """What an import would do; nothing has been written."""

    file: str
    sha256: str
    header_row: int
    mapping: tuple[tuple[str, str], ...]  # (original header, slug of words.FIELDS; empty: not used)
    rows_total: int
    rows_accepted: int
    rows_overage: int
    rejected: tuple[RejectedRow, ...]
    rejected_total: int
    lots: tuple[PlannedLot, ...]
    remarks: tuple[str, ...] = ()  # remarks in the sheet: shown, never turned into rights
    import_action: str = ""  # path that posts the import; empty: it cannot be imported
    imported: bool = False  # the same bytes were imported before
