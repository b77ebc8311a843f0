"""Pages of a bench: work orders, the form of one article, sheets, samples, results, devices."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from gateway.pages.views.consumer import GradeOverride, ScorePart
from gateway.pages.views.forms import Form
from gateway.pages.views.operator import FileLine
from gateway.pages.views.values import Fact, Measurement

WorkKind = Literal["inspection", "refurbishment"]
WorkStage = Literal["open", "waits", "closed"]


@dataclass(frozen=True, kw_only=True)
class WorkLine:
    """A work order in the list."""

    href: str
    lot_short: str
    category: str
    brand: str
    kind: WorkKind
    state: WorkStage
    units: int
    done: int


@dataclass(frozen=True, kw_only=True)
class WorksView:
    """What the party was given to do."""

    lines: tuple[WorkLine, ...]
    has_devices: bool


@dataclass(frozen=True, kw_only=True)
class Head:
    """What stands over every page of a work order.

    units: to be measured, done: measured. asked: articles on which a station was not sure, or whose
    proposal nobody took over. ungraded: measured, but not all of it. statement_href: what waits for a
    signature. sample_size: 0 without a planned sample. user: tells one person's unsent drafts from another's.
    """

    href: str
    lot_short: str
    category: str
    brand: str
    kind: WorkKind
    state: WorkStage
    scheme: str
    units: int
    done: int
    articles: int
    asked: int
    ungraded: int
    sample_size: int
    statement_href: str
    user: str


@dataclass(frozen=True, kw_only=True)
class ArticleLine:
    """An article in the list. state: missing, part, measured, proposed, referred."""

    slot: str
    identifier: str
    unit: int | None
    quantity: int
    units: int
    grade: str
    state: str
    photos: int


@dataclass(frozen=True, kw_only=True)
class BenchView:
    """The articles of a work order. query: what was scanned and not found."""

    head: Head
    lines: tuple[ArticleLine, ...]
    show: str
    query: str
    next_href: str


@dataclass(frozen=True, kw_only=True)
class QuestionField:
    """One question. unit: as people read it; words: slugs with the table and slug that say each."""

    field: str
    input: str
    unit: str
    maximum: str
    beside: str
    words: tuple[tuple[str, str], ...]  # (value, slug of words.FINDINGS)


@dataclass(frozen=True, kw_only=True)
class GradeNow:
    """What the scheme makes of what is in the form; decides: the parts with the lowest score."""

    letter: str
    score: int | None
    parts: tuple[ScorePart, ...]
    decides: tuple[str, ...]
    reasons: tuple[str, ...]  # slugs of words.GRADE_REASONS
    boundaries: tuple[tuple[str, int], ...]
    override: GradeOverride | None


@dataclass(frozen=True, kw_only=True)
class FindingLine:
    """Pieces of a style that were found alike."""

    n: int
    quantity: int
    grade: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, kw_only=True)
class Meanwhile:
    """What somebody else found on the article since the form was opened; version 0: took it back."""

    version: int
    at: datetime | None
    worker: str
    grade: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, kw_only=True)
class ArticleView:
    """The form of one article.

    questions: of an inspection; steps: of a repair. version: of what stands; token: of this form. left:
    pieces that nothing is known of. station: "" or whose values stand in the form: proposed, referred,
    device. like_href: the same answers as on the last article.
    """

    head: Head
    slot: str
    identifier: str
    name: str
    unit: int | None
    quantity: int
    left: int
    version: int
    token: str
    form: Form
    questions: tuple[QuestionField, ...] = ()
    steps: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    findings: tuple[FindingLine, ...] = ()
    photos: tuple[FileLine, ...] = ()
    grade: GradeNow | None = None
    station: str = ""
    confidence: str = ""
    device: str = ""
    meanwhile: Meanwhile | None = None
    saved_by: str = ""
    saved_at: datetime | None = None
    previous_href: str = ""
    next_href: str = ""
    last: str = ""


@dataclass(frozen=True, kw_only=True)
class CellRefusal:
    row: int
    column: str
    value: str
    slug: str  # of words.FORM_ERRORS


@dataclass(frozen=True, kw_only=True)
class SheetView:
    """Sending a sheet. asked: what its columns mean; empty for a repair.

    refusals: of the one just sent; more: of those, not shown. reasons: for another grade, slugs of
    words.OVERRIDE_REASONS.
    """

    head: Head
    form: Form
    columns: tuple[str, ...]
    asked: tuple[QuestionField, ...] = ()
    reasons: tuple[str, ...] = ()
    refusals: tuple[CellRefusal, ...] = ()
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class PlanNumbers:
    letter: str
    sample_size: int
    accept: int
    reject: int


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A planned sample. units: numbers as drawn; nonconforming: so far; verdict: when all are measured.

    recipe: how to draw it again, the same in every language.
    """

    recipe: str
    lot_size: int
    sample_size: int
    accept: int
    reject: int
    minimum_grade: str
    level: str
    severity: str
    aql: str
    units: tuple[int, ...]
    nonconforming: int
    verdict: str


@dataclass(frozen=True, kw_only=True)
class SampleView:
    """Planning a sample, and what was drawn. plan: what the tables say of the choices in the form."""

    head: Head
    form: Form
    levels: tuple[str, ...]
    severities: tuple[str, ...]
    aqls: tuple[str, ...]
    tables: str
    plan: PlanNumbers | None = None
    drawn: Drawn | None = None


@dataclass(frozen=True, kw_only=True)
class ResultView:
    """What would be stated, before anybody signs.

    grades: units by grade, or by step of a repair. missing: units without a result. coverage: slug.
    may_be_unsorted: the whole lot may be sold under the lowest grade. seen: what is shown, as a digest.
    """

    head: Head
    form: Form
    grades: tuple[tuple[str, int], ...]
    lowest: str
    score_min: int | None
    label_states: tuple[str, ...]
    overrides: tuple[GradeOverride, ...]
    missing: int
    coverage: str
    verdict: str
    may_be_unsorted: bool
    photos: int
    people: int
    seen: str = ""


@dataclass(frozen=True, kw_only=True)
class DeviceLine:
    """A device and how right it was. rate: of its errors, in hundredths; None before any was looked at.

    over: its errors are more than its calibration allows.
    """

    href: str
    party_short: str
    model_version: str
    valid_until: date | None
    sampled: int
    wrong: int
    rate: Measurement | None
    over: bool
    is_calibrated: bool


@dataclass(frozen=True, kw_only=True)
class DevicesView:
    lines: tuple[DeviceLine, ...]


@dataclass(frozen=True, kw_only=True)
class BatchLine:
    event_id: str
    rows: int
    lot_short: str


@dataclass(frozen=True, kw_only=True)
class CheckedResult:
    """One result of a device, to be measured again. agrees: "", yes or no. questions: what it measured."""

    n: int
    identifier: str
    facts: tuple[Fact, ...]
    agrees: str
    questions: tuple[QuestionField, ...]


@dataclass(frozen=True, kw_only=True)
class DeviceView:
    """One device: its calibration, its results, and the check that is under way.

    state_href: once every drawn result was measured again.
    """

    line: DeviceLine
    confidence_min: Measurement | None
    error_max: Measurement | None
    calibrate_href: str
    batches: tuple[BatchLine, ...]
    form: Form
    check: str = ""
    seed: str = ""
    results: tuple[CheckedResult, ...] = ()
    state_href: str = ""


MeasuringPage = (
    WorksView | BenchView | ArticleView | SheetView | SampleView | ResultView | DevicesView | DeviceView
)
