"""What the operator's staff sees."""

from dataclasses import dataclass
from datetime import datetime

from gateway.pages.views.buyer import ReferencePrice
from gateway.pages.views.console import BenchView
from gateway.pages.views.consumer import Completeness, ErasedNote, Grade, Step
from gateway.pages.views.forms import Form
from gateway.pages.views.imports import OpenDraft, SavedLayout
from gateway.pages.views.values import Link, Reason, UnitPrice


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
    price: UnitPrice | None = None  # of the standing offer, as everything below
    basis: str = "piece"  # slug of words.TABLES["price_units"]
    channel: str = ""  # slug of words.TABLES["sales_channels"]
    reference: ReferencePrice | None = None
    override_reason: str = ""  # why the price may lie outside its band


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
    public_action: str = ""  # where it is shown in public, or hidden again; empty for all but pictures
    is_public: bool = False


@dataclass(frozen=True, kw_only=True)
class EraseFileView:
    """``/operator/files/{file}/erase``."""

    action: str
    back_href: str
    line: FileLine
    form: Form = Form()


@dataclass(frozen=True, kw_only=True)
class ImportView:
    """``/operator/import``. specs: (name, title) of each description of a supplier's sheet.

    drafts: uploads that wait for somebody to go on. layouts: how suppliers write, as it was confirmed.
    """

    specs: tuple[tuple[str, str], ...]
    drafts: tuple[OpenDraft, ...] = ()
    layouts: tuple[SavedLayout, ...] = ()
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
    bench: BenchView | None = None
    regrade_href: str = ""  # where the grade is computed again; empty: it was
    articles_href: str = ""
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
    sheet_href: str = ""  # the rejected rows as the supplier's own sheet, without ".csv" or ".xlsx"
    mends: str = ""  # SHA-256 of the one file that is shown: its mended rows may be sent here


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
    permitted: bool | None = None  # by a chain from the brand; None where nobody looked


@dataclass(frozen=True, kw_only=True)
class NewWord:
    """A word that nobody has said the meaning of. column: as in the sheet; rows: refused for it."""

    column: str
    word: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class StatedLot:
    """A lot of the file that was stated for its supplier to sign. lot_href: "" before it is declared."""

    href: str  # of the statement
    lot_short: str
    lot_href: str
    rows: int
    quantity: int
    state: str  # slug of words.STATEMENT_STATES
    tone: str
    reason: str = ""


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
    new_words: tuple[NewWord, ...] = ()
    change_href: str = ""  # where columns and words are said
    layout: str = ""  # name of the profile
    layout_version: int = 0
    layout_sha256: str = ""
    sheet_href: str = ""  # as of RejectedRowsView
    sheet_query: str = ""
    skipped: int = 0  # rows that an earlier file brought
    mends: str = ""
    hidden_rows: int = 0
    unsigned: bool = False  # the supplier's key is not here: its lots wait for its signature
    keyless: bool = False  # the supplier has no key to sign with
    stated: tuple[StatedLot, ...] = ()
    stated_declared: int = 0  # of them recorded
    stated_standing: int = 0  # of them recorded or waiting
    waits_for: str = ""  # name of the supplier, while something waits
    unidentified_before: int = 0  # pieces that the file which this one mends counted without saying which
