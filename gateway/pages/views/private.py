"""What the operator keeps beside the log, and what became of it."""

from dataclasses import dataclass
from typing import Literal

from gateway.pages.views.consumer import ErasedNote
from gateway.pages.views.values import Fact, Value


@dataclass(frozen=True, kw_only=True)
class PrivateHit:
    """One thing that was found. text, detail: outside text."""

    kind: Literal["article", "company", "record", "lot"]
    text: str
    href: str
    detail: str = ""
    type: str = ""  # slug of words.RECORD_TYPES, of a record


@dataclass(frozen=True, kw_only=True)
class PrivateSearchView:
    """``/operator/private``. The query is posted: an identifier belongs into no address and no log."""

    query: str = ""
    hits: tuple[PrivateHit, ...] = ()
    searched: bool = False
    more: bool = False  # there are more than are shown


@dataclass(frozen=True, kw_only=True)
class PrivateLotView:
    """``/operator/private/lots/{lot}``."""

    lot_short: str
    lot_href: str
    records: tuple[PrivateHit, ...]
    articles: tuple[PrivateHit, ...]
    articles_total: int


@dataclass(frozen=True, kw_only=True)
class EraseForm:
    """chosen: fields that are ticked. reason: slug of words.ERASURE_REASONS, empty where none is chosen."""

    action: str
    chosen: tuple[str, ...] = ()
    reason: str = ""
    understood: bool = False
    error: str = ""  # slug of words.FORM_ERRORS
    error_field: str = ""  # fields, reason, understood


@dataclass(frozen=True, kw_only=True)
class PrivateField:
    """One committed field. state: erased and missing have no value; needed ones cannot be erased."""

    name: str  # slug of words.FIELDS
    state: Literal["kept", "needed", "erased", "missing"]
    value: Value = ""
    why: str = ""  # slug of words.NEEDED, where it is needed
    erased: ErasedNote | None = None


@dataclass(frozen=True, kw_only=True)
class PrivateRecordView:
    """``/operator/private/records/{event_id}``."""

    index: int
    type: str  # slug of words.RECORD_TYPES
    event_id: str
    entry_href: str
    fields: tuple[PrivateField, ...]
    rows_kept: int
    rows_erased: int
    erased: tuple[ErasedNote, ...]  # every erasure about this record
    copied: bool  # orders and invoices hold the same, and keep it
    form: EraseForm | None  # None: nothing is left that could be erased


@dataclass(frozen=True, kw_only=True)
class PrivateRow:
    """What one record keeps about an article. row: number, counted through the record's manifests."""

    index: int
    type: str  # slug of words.RECORD_TYPES
    href: str
    row: int
    facts: tuple[Fact, ...]


@dataclass(frozen=True, kw_only=True)
class PrivateArticleView:
    """``/operator/private/articles/{id}``. Text members are outside text."""

    name: str
    brand: str
    model: str
    category: str  # slug of words.CATEGORIES
    lot_short: str
    lot_href: str
    rows: tuple[PrivateRow, ...]  # empty: all of it is erased
    erased: tuple[ErasedNote, ...]
    form: EraseForm | None
