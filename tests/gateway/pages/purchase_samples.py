"""The pages of baskets, purchases and companies, each in the states that differ most."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from gateway.pages.views import Money, OrderDocument, UnitPrice
from gateway.pages.views.forms import Form, form_of
from gateway.pages.views.landed import LandedBrief
from gateway.pages.views.purchasing import (
    BasketLine,
    BasketView,
    MemberLine,
    OwnCompanyView,
    PaymentLine,
    PurchaseBrief,
    PurchaseLine,
    PurchaseStep,
    PurchasesView,
    PurchaseView,
    SeenChange,
)
from tests.gateway.pages.landed_samples import PART as LANDED

AT = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)
UNTIL = datetime(2026, 11, 23, 12, 3, tzinfo=UTC)
PRICE = UnitPrice(amount=Decimal("80.00"), currency="USD")


def usd(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency="USD")


LINE = BasketLine(
    id="rsv_0c8tq3m7p2d5v9x1k4hr",
    offer_href="/offers/lst_0c8tq3m7p2d5v9x1k4hr",
    name="星野 X7 Pro",
    grade="A",
    lot_short="8d2s5xk0",
    pieces=20,
    quantity="20",
    unit="",
    step="1",
    smallest=5,
    multiple=1,
    price=PRICE,
    basis="piece",
    total=usd(160_000),
    minutes_left=24,
    expires_at=AT,
    can_extend=True,
    extension_minutes=30,
    landed=LandedBrief(
        customs=LANDED.customs,
        known=usd(171_240),
        unknown=("duty", "import_tax"),
        incoterm="FCA",
        place="Hai Phong",
        href="/offers/lst_0c8tq3m7p2d5v9x1k4hr/landed?pieces=20",
    ),
    form=form_of({"quantity": "20"}),
)
BASKET = BasketView(
    lines=(
        LINE,
        replace(
            LINE,
            id="rsv_1c8tq3m7p2d5v9x1k4hr",
            name="北辰 NW-204",
            grade="B",
            basis="kg",
            unit="kg",
            quantity="12.5",
            pieces=48,
            multiple=24,
            smallest=48,
            total=usd(23_750),
            can_extend=False,
            minutes_left=3,
            changes=(SeenChange(fact="grade", table="grades", before="A", now="B"),),
            form=form_of({"quantity": "50"}, {"quantity": "not-a-multiple"}),
        ),
    ),
    total=usd(183_750),
    landed=LandedBrief(known=usd(197_515), unknown=(), incoterm="FCA", place="Hai Phong"),
    incoterms=("FCA Shenzhen", "CPT Los Angeles"),
    form=form_of({"po_number": "PO-2026-0417"}, {"po_number": "po-number-used"}),
    may_buy=True,
    deposit=usd(55_125),
    needs_approval=True,
    waiting_hours=24,
    minimum_pieces=5,
    minimum_amount=usd(7_000),
    is_reached=True,
    number_used=True,
)
BOUGHT = PurchaseLine(
    lot_short="8d2s5xk0",
    lot_href="/q/b2k7n0sxw4q9t1vm6hcd",
    pack_href="/lots/8d2s5xk0v4t7wq92m1ce/pack.zip",
    name="星野 X7 Pro",
    grade="A",
    pieces=20,
    price=PRICE,
    basis="piece",
    total=usd(160_000),
    state="active",
    sold=False,
)
WAITING = PurchaseView(
    id="pur_0c8tq3m7p2d5v9x1k4hr",
    po_number="PO-2026-0417",
    state="pending_approval",
    tone="busy",
    terms="FCA Shenzhen",
    placed_at=AT,
    total=usd(160_000),
    lines=(BOUGHT,),
    steps=(PurchaseStep(at=AT, by="阮兰", state="pending_approval"),),
    payments=(),
    documents=(),
    next="pending_approval",
    hold_until=UNTIL,
    deposit=usd(48_000),
    owed=usd(160_000),
    balance_days=14,
    list_href="/purchases",
    form=Form(),
    can_approve=True,
    can_cancel=True,
    reasons=("customer", "other"),
)
SOLD = replace(
    WAITING,
    state="confirmed",
    tone="good",
    lines=(
        replace(
            BOUGHT,
            state="packed",
            sold=True,
            order_href="/orders/0c8tq3m7p2d5v9x1k4hr",
            number="LP-20261122-1K4HR0",
        ),
    ),
    steps=(
        *WAITING.steps,
        PurchaseStep(at=AT, by="陈明", state="placed"),
        PurchaseStep(at=UNTIL, by="", by_operator=True, state="deposit_paid", remark="7712"),
        PurchaseStep(at=UNTIL, by="", state="confirmed"),
    ),
    payments=(PaymentLine(paid_on=date(2026, 11, 23), amount=usd(48_000), reference="7712"),),
    documents=(
        OrderDocument(
            kind="commercial_invoice",
            number="LP-20261122-1K4HR0",
            issued_on=date(2026, 11, 23),
            sha256="ab" * 32,
            download_href="/documents/0c8tq3m7p2d5v9x1k4hr",
            check_href="/d/0c8tq3m7p2d5v9x1k4hr/1",
        ),
    ),
    next="confirmed",
    hold_until=None,
    owed=usd(112_000),
    can_approve=False,
    can_cancel=False,
)
STOPPED = replace(
    WAITING,
    state="on_hold",
    tone="bad",
    next="on_hold",
    steps=(*WAITING.steps, PurchaseStep(at=UNTIL, by="", state="on_hold", reason="recall")),
    hold_until=None,
    list_href="/operator/purchases",
    consignee=("Công ty TNHH Sao Biển", "12 Lạch Tray, Hải Phòng"),
    can_hold=True,
    can_take_back=True,
    form=form_of({"amount": "1,5"}, {"amount": "amount-not-a-number", "paid_on": "day-not-past"}),
    buyer="海港折扣集团",
    can_approve=False,
    can_pay=True,
    can_resume=True,
    is_staff=True,
    reasons=("customer", "fraud", "inventory", "staff", "other"),
)
BRIEF = PurchaseBrief(
    href="/purchases/pur_0c8tq3m7p2d5v9x1k4hr",
    po_number="PO-2026-0417",
    placed_on=AT.date(),
    state="pending_approval",
    tone="busy",
    total=usd(160_000),
    lots=2,
    hold_until=UNTIL,
)
TABS = (("all", 3), ("to-do", 1), ("under-way", 1), ("done", 0), ("cancelled", 1))
LIST = PurchasesView(
    purchases=(
        BRIEF,
        replace(BRIEF, po_number="SB-77", state="shipped", tone="busy", hold_until=None),
        replace(BRIEF, po_number="SB-76", state="cancelled", tone="", hold_until=None),
    ),
    tabs=TABS,
    chosen="all",
    path="/purchases",
)
MEMBER = MemberLine(
    id="usr_0c8tq3m7p2d5v9x1k4hr",
    name="阮兰",
    email="lan@example.com",
    role="admin",
    limit=None,
    period="month",
    form=form_of({"role": "admin", "limit": "", "currency": "", "period": "month"}),
    is_self=True,
)
COMPANY = OwnCompanyView(
    name="Công ty TNHH Phân phối Sao Biển",
    country="VN",
    address="Số 25, đường Lê Thánh Tông; Hải Phòng",
    registration_number="0201999888",
    tier=1,
    extension_minutes=30,
    waiting_hours=24,
    share_percent=80,
    share_from_pieces=1000,
    deposit_percent=30,
    deposit_from=(usd(10_000_000),),
    balance_days=0,
    members=(
        MEMBER,
        replace(
            MEMBER,
            id="usr_1c8tq3m7p2d5v9x1k4hr",
            name="陈明",
            email="minh@example.com",
            role="buyer",
            limit=usd(500_000),
            is_self=False,
            form=form_of(
                {"role": "buyer", "limit": "5,000", "currency": "USD", "period": "month"},
                {"limit": "amount-not-a-number"},
            ),
        ),
    ),
    rules=form_of(
        {"threshold": "10000", "currency": "USD", "consignee": "Sao Biển\nHải Phòng", "port": "Hai Phong"}
    ),
    threshold=usd(1_000_000),
    consignee=("Sao Biển", "Hải Phòng"),
    notify_party=(),
    port="Hai Phong",
    currencies=("USD",),
    is_admin=True,
    invitation=Form(),
)

PURCHASE_PAGES = {
    "basket": BASKET,
    "basket-empty": replace(BASKET, lines=(), total=None, form=Form(), deposit=None),
    "purchase-waiting": WAITING,
    "purchase-sold": SOLD,
    "purchases": LIST,
    "own-company": COMPANY,
}
PLACES = {"basket": "/basket", "basket-empty": "/basket", "own-company": "/company"}  # others: /purchases
PURCHASE_DESK = {
    "operator-purchase-stopped": STOPPED,
    "operator-purchases": replace(
        LIST,
        purchases=tuple(replace(one, buyer="海港折扣集团") for one in LIST.purchases),
        path="/operator/purchases",
        is_staff=True,
    ),
}
