"""The operator's lots, files and imports."""

from dataclasses import replace
from decimal import Decimal

from gateway.pages.views import (
    CodeLine,
    Completeness,
    Consignment,
    DryRunView,
    FileLine,
    ImportView,
    LineageNode,
    Link,
    LotLine,
    LotView,
    MarketState,
    OperatorView,
    PlannedLot,
    Reason,
    RefusalRow,
    RefusalsView,
    RejectedRow,
    StatedLot,
    UnitPrice,
)
from tests.gateway.pages.article_samples import PHONE_GRADE
from tests.gateway.pages.frames import NOW
from tests.gateway.pages.history_samples import HISTORY, digest
from tests.gateway.pages.order_samples import OFFER


def lot_line(short, brand, words, quantity, sold, *markets) -> LotLine:
    category, condition, grade = words.split()
    return LotLine(
        href=f"/operator/lots/{short}",
        lot_short=short,
        category=category,
        brand=brand,
        condition=condition,
        grade=grade,
        quantity=quantity,
        sold=sold,
        markets=markets,
    )


LOT_LINES = (
    lot_line("4t7w2m", "星野", "phone opened A", 312, 96, "VN", "KE", "AE"),
    lot_line("8d2s5x", "星野", "phone refurbished B", 96, 0, "KE"),
    lot_line("0wq6jn", "星野", "phone used X", 41, 0),
    lot_line("9k1cze", "北辰", "garment new A", 4120, 0, "KE", "DE"),
    lot_line("t5n0hs", "北辰", "washing-machine refurbished ungraded", 18, 0),
)

REJECTED = (
    RejectedRow(
        file="phones-cancelled-order.xlsx",
        row=57,
        column="IMEI 串号",
        value="356938035643808",
        reason=Reason(slug="imei-check-digit"),
    ),
    RejectedRow(
        file="phones-cancelled-order.xlsx",
        row=212,
        column="IMEI 串号",
        value="356938035641234",
        reason=Reason(slug="imei-duplicate", detail="213, 590"),
    ),
    RejectedRow(
        file="phones-cancelled-order.xlsx",
        row=845,
        column="生产日期",
        value="2025-02-30",
        reason=Reason(slug="date-impossible"),
    ),
    RejectedRow(
        file="apparel-whole-warehouse.csv",
        row=9,
        column="数量",
        value="12.5",
        reason=Reason(slug="quantity-not-whole"),
    ),
)

OPERATOR = OperatorView(
    consignments=(
        Consignment(
            file="phones-cancelled-order.xlsx",
            supplier_short="7hn2rd",
            imported_at=NOW,
            rows_accepted=1137,
            rows_rejected=13,
            rows_overage=50,
            declared=1200,
            counted=1187,
            rejected_href="/operator/rejected?file=1",
        ),
        Consignment(
            file="apparel-whole-warehouse.csv",
            supplier_short="f0a8ce",
            imported_at=NOW,
            rows_accepted=675,
            rows_rejected=0,
            rows_overage=6,
            declared=100_000,
            counted=100_000,
            rejected_href="/operator/rejected?file=2",
        ),
    ),
    lots=LOT_LINES,
    lots_total=23,
    next_href="/operator?after=t5n0hs",
)

OK = MarketState(
    market="KE",
    reasons=(),
    listed=True,
    price=UnitPrice(amount=Decimal("212.40"), currency="USD"),
    channel="export",
    reference=replace(OFFER.reference, percent=76, off_percent=24) if OFFER.reference else None,
    override_reason="Agreed with the brand for this event",
)


def refused(market: str, *reasons: Reason) -> MarketState:
    return MarketState(market=market, reasons=reasons)


MARKETS = ("VN", "KE", "DE")
MATRIX = (
    (
        replace(OK, market="VN"),
        OK,
        refused("DE", Reason(slug="un38-3-missing"), Reason(slug="price-out-of-band", detail="0.81")),
    ),
    (
        refused("VN", Reason(slug="import-ban", detail="VN-11-2018-TT-BTTTT")),
        OK,
        replace(OK, market="DE", listed=False),
    ),
    (
        refused(
            "VN",
            Reason(slug="grade-not-sellable", detail="X"),
            Reason(slug="import-ban", detail="VN-69-2018-ND-CP"),
        ),
        refused("KE", Reason(slug="grade-not-sellable", detail="X")),
        refused("DE", Reason(slug="grade-not-sellable", detail="X"), Reason(slug="a-brand-new-reason")),
    ),
    (refused("VN", Reason(slug="territory-excluded", detail="北辰")), OK, replace(OK, market="DE")),
    tuple(
        refused(
            market,
            Reason(slug="ungraded"),
            Reason(slug="needs-reinspection"),
            Reason(slug="unit-codes-missing"),
        )
        for market in MARKETS
    ),
)

REFUSALS = RefusalsView(
    markets=MARKETS,
    rows=tuple(
        RefusalRow(
            lot=Link(text=line.lot_short, href=line.href),
            category=line.category,
            brand=line.brand,
            condition=line.condition,
            grade=line.grade,
            quantity=line.quantity,
            cells=cells,
        )
        for line, cells in zip(LOT_LINES, MATRIX, strict=True)
    ),
    policy="export-default/1",
    judged_at=NOW,
)


def node(short, quantity, grade="", **more) -> LineageNode:
    return LineageNode(
        lot_short=short, href=f"/operator/lots/{short}", label="phone", grade=grade, quantity=quantity, **more
    )


LOT = LotView(
    lot_id="lot:8d2s5xk0v4t7wq92m1ce",
    line=LOT_LINES[1],
    name="智能手机 256 GB 曜石黑",
    model="X7 Pro",
    grade=PHONE_GRADE,
    lineage=node(
        "2gq8ya",
        1187,
        children=(
            node("4t7w2m", 312, "A"),
            node("8d2s5x", 96, "B", current=True, children=(node("h3m5pw", 1, "B"),)),
            node("0wq6jn", 41, "X"),
            node("r1z9tc", 50, overage=True),
        ),
    ),
    steps=HISTORY[:9],
    completeness=Completeness(through=46),
    markets=MATRIX[1],
    codes=(
        CodeLine(
            level="lot",
            code="b2k7n-0sxw4-q9t1v-m6hcd",
            page_href="/q/b2k7n0sxw4q9t1vm6hcd",
            symbol_href="/q/b2k7n0sxw4q9t1vm6hcd.svg",
        ),
        CodeLine(
            level="article",
            code="7q4hx-m29kd-t0v6w-58nbr",
            page_href="/q/7q4hxm29kdt0v6w58nbr",
            symbol_href="/q/7q4hxm29kdt0v6w58nbr.svg",
        ),
    ),
    codes_total=97,
    labels_href="/operator/lots/8d2s5x/labels.pdf",
    bundle_href="/v1/lots/8d2s5x/bundle",
)

STATED = {
    "stated": tuple(
        StatedLot(
            href="/statements/0c8tq3m7p2d5v9x1k4hr",
            lot_short="8d2s5x",
            lot_href="/operator/lots/8d2s5x" if state == "recorded" else "",
            rows=1_240,
            quantity=1_300,
            state=state,
            tone=tone,
            reason="These are not ours, they were sold in March" if state == "declined" else "",
        )
        for state, tone in (("recorded", "good"), ("waiting", "busy"), ("declined", "bad"))
    ),
    "stated_declared": 1,
    "stated_standing": 2,
    "waits_for": "杭州泾禾家电退货中心有限公司",
}
DRY_RUN = DryRunView(
    file="apparel-whole-warehouse.csv",
    sha256=digest("apparel"),
    header_row=1,
    mapping=(
        ("款号", "model"),
        ("品牌", "brand"),
        ("数量", "quantity"),
        ("吊牌", "label_state"),
        ("仓位", ""),
    ),
    rows_total=681,
    rows_accepted=674,
    rows_overage=6,
    rejected=REJECTED[3:],
    rejected_total=1,
    lots=(
        PlannedLot(category="garment", brand="北辰", condition="new", rows=512, quantity=74_310),
        PlannedLot(category="garment", brand="星野", condition="returned", rows=162, quantity=24_980),
    ),
    remarks=("北辰品牌不得销往越南",),
    import_action="/operator/import",
)

FILE_LINES = (
    FileLine(
        kind="picture",
        href="/files/a",
        size=1_834_220,
        added_at=NOW,
        thumbnail_href="/files/a/thumbnail",
        erase_href="/operator/files/a/erase",
        public_action="/operator/files/a/public",
        is_public=True,
    ),
    FileLine(kind="paper", href="/files/b", size=48_120, added_at=NOW, erase_href="/operator/files/b/erase"),
    FileLine(kind="picture", href="", size=0, added_at=NOW, erased_for="personal_data"),
)
IMPORT = ImportView(specs=(("phones", "星野手机尾货（订单取消）"), ("apparel", "素白服装（整仓）")))
