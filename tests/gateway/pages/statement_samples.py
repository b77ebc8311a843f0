"""Forms of actions, statements and the pages of a party, with names and texts that pages must survive."""

from dataclasses import replace
from datetime import UTC, date, datetime

from gateway.pages.views import Fact, Frame, Hash, Link, Money, Page, Reason, Visitor, Word
from gateway.pages.views.forms import form_of
from gateway.pages.views.party import (
    BrandGoodsView,
    Door,
    FeeLine,
    GoodsLine,
    GrantLine,
    MarketLine,
    PartyLotView,
    PartyView,
    PermissionsView,
    PermissionView,
    StockLine,
    WorkLine,
)
from gateway.pages.views.statements import (
    ActionView,
    Choice,
    Question,
    ShownTable,
    SignerLine,
    StatedLine,
    StatementsView,
    StatementView,
)

AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
LONG = "Công ty TNHH Thương mại và Dịch vụ Xuất nhập khẩu Phân phối Sao Biển Hải Phòng"
LOT = "58nbx7q4hxm29kdt0v6w"
LINK = "authorization:0v6w58nbx7q4hxm29kdt"
ID = "tbab2rbxh5gjcq2603ra"
EVENT = "aba2e6608f3d9aa9c68046652c4c4106ebb3be9994bc86a640028401285b5bf9"
INPUT = "bG90cHJvb2YvZXZlbnQvdjEK" * 24
BODY = '{"at":"2026-11-22T07:00:00Z","commit":{"delivery_note":"' + EVENT + '"},"data":{"counted":120}}'


def frame(role: str, path: str, waiting: int = 0) -> Frame:
    visitor = Visitor(role=role, name=LONG, waiting=waiting)  # type: ignore[arg-type]
    return Frame(
        path=path,
        origin="demo.lotproof.example/0f3a",
        tree_size=47,
        demo=True,
        visitor=visitor,
        csrf_token="t",
    )


QUESTIONS = (
    Question(
        name="grantee",
        kind="party",
        label="Who may sell",
        hint="",
        required=True,
        choices=(Choice(value="party:1", label=LONG), Choice(value="party:2", label="星野通讯")),
    ),
    Question(
        name="brands",
        kind="choices",
        label="Brands",
        hint="",
        required=True,
        values=("星野",),
        choices=(Choice(value="星野", label="星野", chosen=True), Choice(value="x", label=LONG)),
    ),
    Question(
        name="categories",
        kind="choices",
        label="Categories",
        hint="",
        required=True,
        values=("phone",),
        choices=tuple(
            Choice(value=one, label=one, table="categories", chosen=one == "phone")
            for one in (
                "phone",
                "garment",
                "sofa",
                "microwave",
                "refrigerator",
                "apparel",
                "furniture",
                "appliance",
                "electronics",
                "washing_machine",
            )
        ),
    ),
    Question(
        name="territories_denied",
        kind="countries",
        label="Countries where the goods must not be sold",
        hint="",
        required=False,
        values=("CN", "VN"),
    ),
    Question(
        name="quantity_ceiling",
        kind="count",
        label="At most so many pieces",
        hint="Counted over everything that is sold under this permission. Empty: no limit.",
        required=False,
        values=("many",),
        minimum=1,
    ),
    Question(
        name="valid_from", kind="day", label="First day", hint="", required=True, values=("2026-11-20",)
    ),
    Question(
        name="cover",
        kind="money",
        label="Sum insured",
        hint="Only a fingerprint of it is public.",
        required=True,
        values=("1200.50",),
        currency="USD",
    ),
    Question(name="net_mass", kind="mass", label="Net mass of a piece", hint="", required=False),
    Question(
        name="fee_percent",
        kind="decimal",
        label="Your fee, in per cent",
        hint="",
        required=False,
        values=("5",),
    ),
    Question(
        name="articles",
        kind="lines",
        label="Numbers of the articles",
        hint="One a line: the IMEI of phones, the serial number of other devices. "
        "Empty where they have none.",
        required=False,
        values=("490154203237518", "356938035643809"),
    ),
    Question(name="model", kind="text", label="Model or description", hint="", required=True, values=(LONG,)),
    Question(
        name="label_clause",
        kind="choice",
        label="Brand labels",
        hint="",
        required=True,
        values=("cut_allowed",),
        choices=(
            Choice(value="intact_only", label="intact_only", table="label_clauses"),
            Choice(value="cut_allowed", label="cut_allowed", table="label_clauses", chosen=True),
        ),
    ),
    Question(name="lot", kind="lot", label="Lot", hint="", required=True),
    Question(
        name="may_delegate",
        kind="yes",
        label="They may pass the permission on to a supplier",
        hint="",
        required=False,
        values=("yes",),
    ),
    Question(
        name="document",
        kind="file",
        label="The signed contract",
        hint="A PDF or a photo. Only its fingerprint goes into the record.",
        required=False,
        values=(EVENT,),
    ),
)
FORM = ActionView(
    action="grant",
    type="authorization.granted",
    action_href="/do/grant",
    back_href="/party",
    on=(),
    subjects=(),
    questions=QUESTIONS,
    form=form_of({}),
    key="0123456789abcdef",
    currencies=("CNY", "USD"),
    countries=("CN", "KE", "NG", "US", "VN"),
    usual=("VN", "NG", "US"),
)
LOST = ShownTable(
    caption="Lots that may no longer be sold",
    heads=("Lot", "Brand", "Category", "Pieces", "Markets lost", "Open offers"),
    rows=((f"lot:{LOT}", "星野", Word(table="categories", slug="phone"), 244, "NG, US, VN", 2),) * 3,
    note="Their offers end by themselves with the next check. Goods that are sold already stay sold.",
)
REVOKE = replace(
    FORM,
    action="revoke",
    type="authorization.revoked",
    action_href="/do/revoke",
    on=(LINK,),
    is_grave=True,
    subjects=(Link(text="0v6w58", href="/party/permissions/0v6w58nbx7q4hxm29kdt"),),
    questions=(
        Question(
            name="reason",
            kind="choice",
            label="Reason",
            hint="",
            required=True,
            values=("breach",),
            choices=(Choice(value="breach", label="breach", table="record_reasons", chosen=True),),
        ),
    ),
)

SIGNERS = (
    SignerLine(name="Lotproof Operations", role="custodian", key=EVENT, waits=False, is_you=False),
    SignerLine(name=LONG, role="releasing", key=EVENT[::-1], waits=True, is_you=True),
)
STATED = StatedLine(
    href=f"/statements/{ID}",
    action="receive",
    type="lot.received",
    about="58nbx7",
    author="Lotproof",
    state="waiting",
    tone="busy",
    at=AT,
    waits_for=(LONG, "星野通讯"),
)
STATEDS = (
    replace(
        STATED, state="recorded", tone="good", waits_for=(), action="grant", type="authorization.granted"
    ),
    replace(STATED, state="declined", tone="bad", waits_for=(), action="nobody-knows"),
    replace(STATED, state="withdrawn", tone="", waits_for=(), about=""),
    replace(STATED, state="refused", tone="bad", waits_for=()),
)
STATEMENT = StatementView(
    id=ID,
    action="receive",
    type="lot.received",
    state="waiting",
    tone="busy",
    author="Lotproof Operations",
    at=AT,
    about=(Link(text="58nbx7", href=f"/party/lots/{LOT}"),),
    signers=SIGNERS,
    facts=(Fact(name="declared", value=120), Fact(name="counted", value=119)),
    sealed=(
        Fact(name="delivery_note", value=LONG),
        Fact(name="price", value=Money(amount_minor=500_000_000, currency="CNY")),
        Fact(name="document", value=Hash(text=EVENT)),
    ),
    rows=1200,
    body=BODY,
    event_id=EVENT,
    key=EVENT,
    signing_input=INPUT,
    is_stale=False,
    is_renewed=False,
    stands_in=False,
    is_demo=False,
    may_withdraw=False,
    reason="",
    entry=None,
)
DONE = replace(
    STATEMENT,
    state="recorded",
    tone="good",
    key="",
    body="",
    signing_input="",
    rows=0,
    entry=1047,
    signers=tuple(replace(one, waits=False) for one in SIGNERS),
)

DOORS = (
    Door(action="grant", href="/do/grant"),
    Door(action="revoke", href=f"/do/revoke?on={LINK}", is_grave=True),
    Door(action="delegate", href=f"/do/delegate?on={LINK}", why_not="permission-too-deep"),
)
GOODS = (
    GoodsLine(
        href=f"/party/lots/{LOT}",
        text="58nbx7",
        category="phone",
        brand="星野",
        grade="A",
        quantity=12_400,
        ties=("title", "supplier"),
        state="on-offer",
        tone="good",
    ),
    GoodsLine(
        href=f"/party/lots/{LOT}",
        text="58nbx8",
        category="apparel",
        brand=LONG,
        grade="ungraded",
        quantity=1,
        ties=(),
        state="recalled",
        tone="bad",
    ),
)
GRANT = GrantLine(
    href="/party/permissions/0v6w58nbx7q4hxm29kdt",
    text="0v6w58",
    grantee=LONG,
    grantor="星野通讯",
    brands=("星野", "北辰"),
    categories=("phone", "washing_machine"),
    valid_until=date(2027, 12, 31),
    state="valid",
    tone="good",
)
GRANTS = (
    replace(
        GRANT,
        below=(
            replace(GRANT, state="expires-soon", tone="warn", days=9, sold=120, ceiling=500, narrowed=True),
            replace(GRANT, state="above-broken", tone="bad", ceiling=500),
        ),
    ),
    *(
        replace(GRANT, state=state, tone="bad")  # type: ignore[arg-type]
        for state in ("revoked", "expired", "exhausted", "distrusted", "not-begun", "unreadable")
    ),
)
PARTY = PartyView(
    kind="supplier",
    name=LONG,
    waiting=(STATED,),
    doors=DOORS,
    goods=GOODS,
    goods_total=4711,
    works=(
        WorkLine(
            href="/measure/0v6w58nbx7q4hxm29kdt", text="0v6w58", kind="inspection", closed=False, lot="58nbx7"
        ),
        WorkLine(href="", text="0v6w59", kind="refurbishment", closed=True, lot="58nbx8"),
    ),
    permissions=GRANTS[1:3],
    next_href="/party?after=58nbx7q4hxm29kdt0v6w",
    asks_lot=False,
)
NOBODY = replace(
    PARTY,
    kind="insurer",
    waiting=(),
    doors=(),
    goods=(),
    goods_total=0,
    works=(),
    permissions=(),
    next_href="",
    asks_lot=True,
    lot_query="lot:nothing",
    lot_error="lot-unknown",
)
PERMISSION = PermissionView(
    line=GRANTS[0],
    above=(Link(text="星野通讯", href=""), Link(text=LONG, href="/party/permissions/x")),
    facts=(
        Fact(name="grantee", value=LONG),
        Fact(name="channels", value=Word(table="sales_channels", slug="export")),
    ),
    doors=DOORS,
    lots=GOODS,
    lots_total=46,
    entry_href="/auditor/entries/12",
)
MARKETS = (
    MarketLine(market="VN", channel="export", lots=2, offered=407, sold=60, share=67),
    MarketLine(market="NG", channel="export", lots=19, offered=687, sold=5, share=100),
)
BRAND = BrandGoodsView(
    brands=("星野", LONG),
    markets=MARKETS,
    stock=(StockLine(category="phone", declared=1_000, here=930, sold=65, gone=5),),
    lots=GOODS,
    next_href="/party/goods?after=58nbx7q4hxm29kdt0v6w",
)
OWN_LOT = PartyLotView(
    text="58nbx7",
    lot=f"lot:{LOT}",
    facts=(Fact(name="quantity", value=12_400), Fact(name="brand", value=LONG)),
    ties=("title",),
    state="graded",
    tone="good",
    doors=DOORS,
    waiting=(STATED,),
    permissions=(GRANT,),
    faults=(
        Reason(slug="authorization-revoked", detail="0v6w58"),
        Reason(slug="territory-excluded", detail="0v6w58"),
    ),
    markets=("NG", "US"),
    history_href=f"/auditor/subjects/lot:{LOT}",
)
FEES = (
    FeeLine(
        permission=Link(text="0v6w58", href="/party/permissions/0v6w58nbx7q4hxm29kdt"),
        sales=2,
        base=Money(amount_minor=1_000_000, currency="USD"),
        fee=Money(amount_minor=50_000, currency="USD"),
    ),
)

STATEMENT_PAGES: dict[str, tuple[Page, Frame]] = {
    "action": (FORM, frame("brand", "/do/grant")),
    "action-wrong": (
        replace(
            FORM,
            form=form_of(
                {}, {"": "ledger-refused", "quantity_ceiling": "count-unreadable", "brands": "nothing-chosen"}
            ),
            refusal="the grantor does not speak for this brand",
        ),
        frame("brand", "/do/grant"),
    ),
    "action-no-key": (
        replace(FORM, form=form_of({}, {"": "no-key"}), refused_party=LONG, refused_role="grantor"),
        frame("brand", "/do/grant"),
    ),
    "action-asks-again": (replace(REVOKE, asks_again="0" * 64, shown=(LOST,)), frame("brand", "/do/revoke")),
    "action-asks-everything-again": (
        replace(FORM, asks_again="0" * 64, shown=(replace(LOST, rows=()),)),
        frame("brand", "/do/grant"),
    ),
    "action-not-now": (replace(REVOKE, why_not="permission-revoked"), frame("brand", "/do/revoke")),
    "statements": (
        StatementsView(waiting=(STATED,) * 2, others=STATEDS, next_href="/statements?after=x"),
        frame("supplier", "/statements", 2),
    ),
    "statements-none": (StatementsView(waiting=(), others=()), frame("carrier", "/statements")),
    "statement": (STATEMENT, frame("supplier", f"/statements/{ID}", 1)),
    "statement-demo": (
        replace(STATEMENT, stands_in=True, is_demo=True, is_renewed=True, may_withdraw=True),
        frame("supplier", f"/statements/{ID}", 1),
    ),
    "statement-stale": (replace(STATEMENT, is_stale=True), frame("supplier", f"/statements/{ID}", 1)),
    "statement-wrong": (
        replace(STATEMENT, form=form_of({}, {"signature": "signature-wrong", "reason": "text-missing"})),
        frame("supplier", f"/statements/{ID}", 1),
    ),
    "statement-recorded": (DONE, frame("supplier", f"/statements/{ID}")),
    "statement-declined": (
        replace(DONE, state="declined", tone="bad", reason=LONG, entry=None, facts=(), sealed=(), about=()),
        frame("operator", f"/statements/{ID}"),
    ),
    "party": (PARTY, frame("supplier", "/party", 1)),
    "party-nobody": (NOBODY, frame("insurer", "/party")),
    "party-brand": (replace(PARTY, kind="brand", works=(), permissions=()), frame("brand", "/party")),
    "permissions": (
        PermissionsView(given=GRANTS, received=(GRANT,), fees=FEES, fees_open=True, doors=DOORS),
        frame("brand", "/party/permissions"),
    ),
    "permissions-none": (
        PermissionsView(given=(), received=(), fees=(), fees_open=False, doors=()),
        frame("supplier", "/party/permissions"),
    ),
    "permission": (PERMISSION, frame("brand", "/party/permissions/0v6w58nbx7q4hxm29kdt")),
    "permission-unused": (
        replace(PERMISSION, lots=(), lots_total=0, doors=(), above=(), line=GRANT, entry_href=""),
        frame("brand", "/party/permissions/0v6w58nbx7q4hxm29kdt"),
    ),
    "brand-goods": (BRAND, frame("brand", "/party/goods")),
    "brand-goods-none": (
        replace(BRAND, markets=(), stock=(), lots=(), next_href=""),
        frame("brand", "/party/goods"),
    ),
    "party-lot": (OWN_LOT, frame("supplier", f"/party/lots/{LOT}")),
    "party-lot-permitted": (
        replace(OWN_LOT, faults=(), waiting=(), doors=(), permissions=()),
        frame("brand", f"/party/lots/{LOT}"),
    ),
}
