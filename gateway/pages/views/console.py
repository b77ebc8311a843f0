"""What the people at the bench see: queues, one lot's next step, figures."""

from dataclasses import dataclass
from datetime import date, datetime

from gateway.pages.views.forms import Form
from gateway.pages.views.values import Link, Money, Reason, UnitPrice


@dataclass(frozen=True, kw_only=True)
class QueueTile:
    """slug: of words.TABLES["queues"]; urgent: somebody should look at it before all others."""

    slug: str
    href: str
    count: int
    urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """What to do next with a lot. slug: of words.TABLES["actions"], "" where others have to act first.

    why: slug of ``next_steps``. href: where it is done; "" where the visitor cannot do it.
    """

    slug: str
    why: str
    href: str = ""
    detail: str = ""  # text of others: who works on it, or who has to sign


@dataclass(frozen=True, kw_only=True)
class ActionLine:
    """One action on a lot. why: slug of ``not_now``, "" where it can be done."""

    slug: str
    href: str
    why: str = ""
    grave: bool = False


@dataclass(frozen=True, kw_only=True)
class QueueLine:
    """One lot in a queue. lot: its id, as a form sends it."""

    lot: str
    link: Link
    category: str
    brand: str
    condition: str
    grade: str
    quantity: int
    site: str
    since: datetime | None  # of its last record, by the log's clock
    step: StepLine
    reasons: tuple[Reason, ...] = ()
    months: int = 0  # since it was made


@dataclass(frozen=True, kw_only=True)
class ConsoleView:
    """``/console``. form: what was looked for and not found. found: several that it may mean."""

    queues: tuple[QueueTile, ...]
    next: tuple[QueueLine, ...]  # first of what waits longest
    total: int
    form: Form = Form()
    found: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class QueueView:
    """``/console/queues/{slug}``. together: actions that may be done for several of these lots at once."""

    slug: str
    tiles: tuple[QueueTile, ...]
    lines: tuple[QueueLine, ...]
    total: int
    together: tuple[ActionLine, ...] = ()
    next_href: str = ""
    shows_age: bool = False


@dataclass(frozen=True, kw_only=True)
class CodeLine:
    link: Link
    category: str
    quantity: int
    codes: int  # that will be drawn
    why: str = ""  # slug of ``not_now``; "": they can be drawn


@dataclass(frozen=True, kw_only=True)
class IssueCodesView:
    """``/console/codes``: what will be drawn, before it is."""

    lines: tuple[CodeLine, ...]
    lots: tuple[str, ...]
    back_href: str
    form: Form = Form()


@dataclass(frozen=True, kw_only=True)
class ArticleLine:
    """One article, or one style of ``quantity`` pieces. identifier: IMEI, serial number or style."""

    identifier: str
    model: str
    condition: str
    grade: str
    label_state: str
    quantity: int
    code_href: str = ""


@dataclass(frozen=True, kw_only=True)
class ArticlesView:
    """``/console/lots/{id}/articles``, in the order of the lot's rows."""

    lot: Link
    lines: tuple[ArticleLine, ...]
    total: int
    next_href: str = ""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """text: a slug of the chart's table, or text. share: of the longest bar, 0..100 with one decimal."""

    text: str
    value: int
    share: float


@dataclass(frozen=True, kw_only=True)
class ShiftLine:
    """Units handled at one site on one day. per_worker: None where nobody is named as having done it."""

    day: date
    site: str
    what: str  # slug of words.TABLES["shift_work"]
    units: int
    share: float
    workers: int
    per_worker: int | None


@dataclass(frozen=True, kw_only=True)
class GradeMix:
    """category: slug of words.CATEGORIES; bars: units by grade."""

    category: str
    bars: tuple[Bar, ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class FiguresView:
    """``/console/figures``."""

    shifts: tuple[ShiftLine, ...]
    ages: tuple[Bar, ...]
    ageing: int  # units past the alarm
    grades: tuple[GradeMix, ...]
    exits: tuple[Bar, ...]


@dataclass(frozen=True, kw_only=True)
class Balance:
    """How a lot's units add up: those that came are the parts. parts: slug of ``places``, units."""

    came: int
    parts: tuple[Bar, ...]


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """What the units here and sold have cost. unit: None of freight, which came on top of the price."""

    total: Money
    unit: UnitPrice | None


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """A supplier's score in parts of 10,000. full: every unit of its new lots has to be inspected."""

    supplier: str
    points: int
    full: bool
    counted: int
    rejected: int
    returned: int
    disputed: int


@dataclass(frozen=True, kw_only=True)
class BenchView:
    """The upper part of a lot's page for staff."""

    step: StepLine
    actions: tuple[ActionLine, ...]
    not_now: tuple[ActionLine, ...]
    balance: Balance | None
    costs: tuple[CostLine, ...]
    scores: tuple[ScoreLine, ...]
    undo: tuple["UndoLine", ...] = ()


@dataclass(frozen=True, kw_only=True)
class UndoLine:
    """A record of the lot that can be taken back, or marked as wrong. type: of the record."""

    type: str
    at: datetime
    href: str
