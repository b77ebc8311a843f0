"""The pages of the workbench, with one line of everything that they can say."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from gateway.console.placing import QUEUES
from gateway.pages import console_words
from gateway.pages.views import Link, Reason
from gateway.pages.views.console import (
    ActionLine,
    ArticleLine,
    ArticlesView,
    Balance,
    Bar,
    BenchView,
    CodeLine,
    ConsoleView,
    CostLine,
    FiguresView,
    GradeMix,
    IssueCodesView,
    QueueLine,
    QueueTile,
    QueueView,
    ScoreLine,
    ShiftLine,
    StepLine,
    UndoLine,
)
from gateway.pages.views.forms import form_of
from gateway.pages.views.values import Money, UnitPrice

NOW = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)
LOT = Link(text="58nbx7", href="/operator/lots/58nbx7q4hxm29kdt0v6w")

TILES = tuple(
    QueueTile(slug=slug, href=f"/console/queues/{slug}", count=n * 6, urgent=slug == "recalled")
    for n, slug in enumerate(QUEUES)
)
LINE = QueueLine(
    lot="lot:58nbx7q4hxm29kdt0v6w",
    link=LOT,
    category="phone",
    brand="星野",
    condition="used",
    grade="C",
    quantity=1_184,
    site="shenzhen",
    since=NOW,
    step=StepLine(slug="split-found", why="split", href="/do/split-found?on=lot:58nbx7q4hxm29kdt0v6w"),
)
LINES = (
    LINE,
    replace(LINE, grade="", site="", brand="", step=replace(LINE.step, slug="receive", why="receive")),
    replace(
        LINE,
        step=StepLine(slug="measure", why="inspect", href="/measure/x", detail="广州质检有限公司"),
        reasons=(Reason(slug="ungraded"), Reason(slug="over-age")),
        months=31,
    ),
    *(replace(LINE, step=StepLine(slug="", why=why)) for why in console_words.NEXT_STEPS),
)
BENCH = BenchView(
    step=StepLine(slug="assign-inspection", why="assign", href="/do/assign-inspection?on=lot:x"),
    actions=tuple(
        ActionLine(slug=slug, href=f"/do/{slug}", grave=slug in ("destroy", "recall"))
        for slug in ("move", "lose", "destroy", "dispose", "recall", "split-off", "classify")
    ),
    not_now=tuple(
        ActionLine(slug="merge", href="/do/merge", why=why) for why in sorted(console_words.NOT_NOW)
    ),
    balance=Balance(
        came=1_200,
        parts=(
            Bar(text="here", value=1_140, share=95.0),
            Bar(text="unidentified", value=16, share=1.3),
            Bar(text="divided", value=44, share=3.7),
        ),
    ),
    costs=(
        CostLine(
            total=Money(amount_minor=62_933_334, currency="CNY"),
            unit=UnitPrice(amount=Decimal("524.44"), currency="CNY"),
        ),
        CostLine(total=Money(amount_minor=60_000, currency="CNY"), unit=None),
    ),
    scores=(
        ScoreLine(
            supplier="Shenzhen Xingye Electronics Co., Ltd. · 深圳星野电子有限公司",
            points=8_940,
            full=True,
            counted=1_200,
            rejected=61,
            returned=2,
            disputed=1,
        ),
    ),
    undo=(UndoLine(type="lot.received", at=NOW, href="/console/undo/00?on=58nbx7q4hxm29kdt0v6w"),),
)
SHIFTS = tuple(
    ShiftLine(
        day=date(2026, 11, 20), site=site, what=what, units=units, share=share, workers=workers,
        per_worker=units // workers if workers else None,
    )
    for site, what, units, share, workers in (
        ("shenzhen", "received", 1_200, 1.2, 0),
        ("guangzhou", "inspected", 100_000, 100.0, 50),
        ("", "repaired", 56, 0.1, 2),
    )
)  # fmt: skip
FIGURES = FiguresView(
    shifts=SHIFTS,
    ages=tuple(Bar(text=slug, value=1_000, share=50.0) for slug in console_words.AGES),
    ageing=2_000,
    grades=tuple(
        GradeMix(
            category=category,
            bars=tuple(Bar(text=grade, value=40, share=80.0) for grade in ("A", "B", "C", "X", "ungraded")),
            total=200,
        )
        for category in ("phone", "apparel", "washing_machine")
    ),
    exits=tuple(Bar(text=slug, value=12, share=12.5) for slug in console_words.PLACES),
)
ARTICLES = ArticlesView(
    lot=LOT,
    lines=(
        ArticleLine(
            identifier="860123456789012", model="X20", condition="used", grade="B", label_state="intact",
            quantity=1, code_href="/q/58nbx7q4hxm29kdt0v6w",
        ),
        ArticleLine(
            identifier="KZ-2201", model="", condition="", grade="ungraded", label_state="", quantity=38
        ),
    ),
    total=10_000,
    next_href="/console/lots/58nbx7q4hxm29kdt0v6w/articles?after=99",
)  # fmt: skip
CODES = IssueCodesView(
    lines=(
        CodeLine(link=LOT, category="phone", quantity=1_184, codes=1_185),
        CodeLine(link=LOT, category="apparel", quantity=3_678, codes=39, why="codes-issued"),
    ),
    lots=("lot:58nbx7q4hxm29kdt0v6w",),
    back_href="/console/queues/label",
)
QUEUE = QueueView(
    slug="blocked",
    tiles=TILES,
    lines=LINES,
    total=1_038,
    together=tuple(ActionLine(slug=slug, href=f"/do/{slug}") for slug in ("assign-inspection", "dispose")),
    next_href="/console/queues/blocked?after=12.58nbx7q4hxm29kdt0v6w",
    shows_age=True,
)
HOME = ConsoleView(queues=TILES, next=LINES[:3], total=40)

CONSOLE_PAGES = {
    "console": HOME,
    "console-empty": ConsoleView(queues=tuple(replace(one, count=0) for one in TILES), next=(), total=0),
    "console-wrong": replace(
        HOME,
        form=form_of({"q": "8601"}, {"q": "nothing-found"}),
        found=(Link(text="58nbx7 · KZ-2201", href=LOT.href),),
    ),
    "console-queue": QUEUE,
    "console-queue-empty": replace(QUEUE, slug="receive", lines=(), total=0),
    "console-figures": FIGURES,
    "console-figures-empty": replace(FIGURES, shifts=(), ageing=0),
    "console-articles": ARTICLES,
    "console-articles-empty": replace(ARTICLES, lines=(), total=0, next_href=""),
    "console-codes": CODES,
    "console-codes-wrong": replace(CODES, form=form_of({}, {"": "codes-not-now"})),
    "console-codes-none": replace(CODES, lines=(), lots=()),
}
