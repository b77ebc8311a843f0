"""Pages of imports and of suppliers' stock, as a sheet of furniture and a silent supplier make them."""

from dataclasses import replace
from datetime import UTC, datetime

from gateway.pages.building.imports import Says
from gateway.pages.views import Form, ImportView, Link, Page
from gateway.pages.views.forms import form_of
from gateway.pages.views.imports import (
    ColumnsView,
    Constant,
    FactsView,
    OpenDraft,
    SavedLayout,
    SheetColumn,
    StockLine,
    StockOfSupplier,
    StockTrouble,
    StockView,
    WordQuestion,
    WordsOfField,
)

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 1, 4, tzinfo=UTC)
_SAYS = Says("zh-CN")


def _column(n: int, header: str, samples: tuple[str, ...], **changes: object) -> SheetColumn:
    plain = SheetColumn(
        n=n, letter="ABCDEFGH"[n], header=header, samples=samples, read_as="", certainty="sure", doubts=(),
        units=(), asks_dates=False, asks_decimals=False,
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


COLUMNS = ColumnsView(
    action="/operator/import/1/columns",
    header_row=3,
    sheets=(("封面", "封面"), ("明细", "明细")),
    sheet="明细",
    columns=(
        _column(0, "货号", ("SF-3-GREY", "SF-3-BLUE")),
        _column(1, "净重", ("48,5", "12,25"), read_as="48500 g", certainty="likely", doubts=("unit",),
                units=_SAYS.options("sheet_units", ("g", "kg", "jin")), asks_decimals=True),
        _column(2, "Ngày sản xuất", ("03/05/2025",), read_as="2025-05-03", certainty="likely",
                doubts=("date-order",), asks_dates=True),
        _column(3, "Rất nhiều chữ trong một tiêu đề không ai nhận ra", (), certainty="none"),
    ),
    meanings=tuple((name, _SAYS.field(name)) for name in ("style_number", "net_mass_g", "produced_on")),
    unnamed=("F", "G"),
    hidden_rows=2,
    known="",
    known_version=0,
    is_known=True,
    garbled=True,
    form=Form(values=(("c0", "style_number"), ("c1", "net_mass_g"), ("u1", "kg"), ("p1", ","),
                      ("c2", "produced_on"), ("d2", "dmy"), ("sheet", "明细"))),
)  # fmt: skip
FACTS = FactsView(
    action="/operator/import/1/facts",
    columns_href="/operator/import/1/columns",
    suppliers=(("party:1", "杭州泾禾家电退货中心有限公司"),),
    supply_modes=(("buyout", "买断"),),
    causes=(("customer_returns", "客户退货"),),
    currencies=(("CNY", "CNY"),),
    constants=(
        Constant(
            name="k-category", field="category", kind="choice", options=(("sofa", "沙发"),), needed=True
        ),
        Constant(name="k-produced_on", field="produced_on", kind="date", options=(), needed=True),
        Constant(name="k-net_mass_g", field="net_mass_g", kind="grams", options=(), needed=False),
        Constant(name="k-hs_code", field="hs_code", kind="text", options=(), needed=False),
    ),
    words=(
        WordsOfField(
            field="condition",
            header="成色",
            words=(
                WordQuestion(name="w-condition-0", text="全新未拆封", count=1_180, is_new=True),
                WordQuestion(name="w-condition-1", text="九成新", count=12, is_new=True),
                WordQuestion(name="w-condition-2", text="", count=1, is_new=True),
            ),
            options=(("new", "New"), ("used", "二手")),
            is_open=True,
        ),
        WordsOfField(
            field="brand",
            header="牌子",
            words=(WordQuestion(name="w-brand-0", text="XINGYE", count=300, is_new=True),),
            options=(),
            is_open=False,
        ),
    ),
    mends="",
    mended_href="",
    known="泾禾家具",
    known_version=3,
    form=form_of({"w-condition-0": "new", "price": "12,000.50", "w-brand-0": "星野"}),
)
STOCK = StockView(
    suppliers=(
        StockOfSupplier(
            name="泾禾",
            as_of=AT,
            received_at=LATER,
            lines=tuple(
                StockLine(
                    lot=Link(text="0c8tq3m7", href="/operator/lots/0c8tq3m7p2d5v9x1k4hr"), goods="北辰 SF-3",
                    in_ledger=1_240, stated=stated, as_of=AT if stated is not None else None, change=change,
                    stale=stated is None,
                )
                for stated, change in ((1_240, "same"), (12, "less"), (1_300, "more"), (None, "absent"))
            ),
            troubles=(
                StockTrouble(item="SF-9-A-VERY-LONG-ARTICLE-NUMBER-OF-SOMEBODY", trouble="unknown"),
                StockTrouble(item="SF-3", trouble="several"),
            ),
        ),
    ),
    hours_max=48,
    action="",
)  # fmt: skip
IMPORT_PAGES: dict[str, Page] = {
    "import-begun": ImportView(
        specs=(("phones", "星野手机"),),
        drafts=(OpenDraft(name="泾禾家具 · 明细", href="/operator/import/1/columns", updated_at=AT),),
        layouts=(SavedLayout(name="泾禾家具", supplier="杭州泾禾", version=3, saved_at=AT),),
    ),
    "import-columns": COLUMNS,
    "import-columns-wrong": replace(
        COLUMNS, garbled=False, known="泾禾家具", known_version=2,
        form=form_of(
            {"c0": "style_number", "c1": "style_number"}, {"c0": "field-twice", "c1": "field-twice"}
        ),
    ),
    "import-facts": FACTS,
    "import-facts-wrong": replace(
        FACTS, known="", mends="0" * 64, mended_href="/operator/rejected?file=0",
        form=form_of(
            {},
            {"supplier": "supplier-missing", "w-condition-1": "word-missing", "k-category": "field-missing"},
        ),
    ),
    "stock": STOCK,
    "stock-none": replace(STOCK, suppliers=()),
    "stock-own": StockView(
        suppliers=(
            StockOfSupplier(
                name="", as_of=None, received_at=None, lines=STOCK.suppliers[0].lines[:1], troubles=()
            ),
        ),
        hours_max=48,
        action="/stock",
        form=form_of({"as_of": "2026-11-20T01:00"}, {"as_of": "stock-feed-out-of-order"}),
    ),
}  # fmt: skip
