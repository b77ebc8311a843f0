"""One realistic view of every page. Brands and people are invented."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256

from gateway.pages.building.components import components_view
from gateway.pages.views import (
    Answers,
    Article,
    AuditResult,
    BatteryAnswer,
    CheckLinks,
    CheckpointLine,
    CheckpointsView,
    Choice,
    ChoicesView,
    CodeLine,
    Completeness,
    ConfirmForm,
    Consignment,
    ConsumerView,
    Correction,
    DocumentCheckView,
    DryRunView,
    EntriesView,
    EntryLine,
    EntryView,
    ErasedNote,
    EraseFileView,
    EraseForm,
    Fact,
    FileLine,
    Finding,
    Frame,
    GateCheck,
    GoodsLot,
    GoodsView,
    Grade,
    Growth,
    Hash,
    HeldBeside,
    HomeView,
    ImportView,
    KeyLine,
    KeysView,
    LineageNode,
    Link,
    LoginView,
    LogView,
    LotLine,
    LotView,
    ManifestSummary,
    MarketState,
    Mass,
    Measurement,
    Money,
    NotFoundView,
    Offer,
    OfferView,
    OperatorView,
    OrderDocument,
    OrderItem,
    OrderLine,
    OrdersView,
    OrderView,
    OriginAnswer,
    Page,
    Percent,
    PlannedLot,
    PrivateArticleView,
    PrivateField,
    PrivateHit,
    PrivateLotView,
    PrivateRecordView,
    PrivateRow,
    PrivateSearchView,
    ProblemView,
    Reason,
    ReferencePrice,
    RefusalRow,
    RefusalsView,
    RejectedRow,
    RejectedRowsView,
    RepairAnswer,
    ReservationView,
    ReserveForm,
    Scans,
    ScorePart,
    Signer,
    StatedLot,
    StatusStep,
    Step,
    SubjectLine,
    SubjectRecord,
    SubjectView,
    Tally,
    Territory,
    TypeCount,
    UnitPrice,
    Visitor,
    WipeAnswer,
    WitnessLine,
    Word,
)
from gateway.pages.views.forms import form_of
from tests.gateway.pages.catalogue_samples import CATALOGUE_PAGES
from tests.gateway.pages.console_samples import BENCH, CONSOLE_PAGES
from tests.gateway.pages.consumer_samples import CHECK_PAGES, REPORT_PAGES, timelines, verdicts
from tests.gateway.pages.import_samples import IMPORT_PAGES
from tests.gateway.pages.job_samples import JOB_PAGES
from tests.gateway.pages.label_samples import CLAIM_PAGES, LABEL_PAGES
from tests.gateway.pages.landed_samples import CARD, LANDED_PAGES
from tests.gateway.pages.measuring_samples import MEASURING_PAGES
from tests.gateway.pages.offer_desk_samples import OFFER_DESK_PAGES, OFFER_PARTS
from tests.gateway.pages.people_samples import PEOPLE_PAGES
from tests.gateway.pages.price_samples import PRICE_PAGES, PRICE_PAGES_OF_BUYERS
from tests.gateway.pages.purchase_samples import PURCHASE_DESK, PURCHASE_PAGES
from tests.gateway.pages.scan_samples import SCAN_PAGES
from tests.gateway.pages.shipment_samples import MY_SHIPMENT_PAGES, PACKAGE_LABELS, SHIPMENT_PAGES
from tests.gateway.pages.statement_samples import STATEMENT_PAGES

CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)
ORIGIN = "demo.lotproof.example/34750f98bd59fcfc"
HOST = "demo.lotproof.example"


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def signer(role: str, kind: str, short: str, custody: str = "operator", worker: str = "") -> Signer:
    return Signer(
        role=role,
        party_kind=kind,
        party_short=short,
        key_id=digest(short),
        custody="self" if custody == "self" else "operator",
        performed_by=worker,
    )


BRAND = signer("grantor", "brand", "q3v8km", "self")
SUPPLIER = signer("supplier", "dealer", "7hn2rd", "self")
WAREHOUSE = signer("custodian", "warehouse", "b84x1c", worker="p0tz7e")
INSPECTOR = signer("inspector", "inspector", "n5w9ga", "self", worker="m2k4vy")
WORKSHOP = signer("refurbisher", "refurbisher", "d6e0sj", "self", worker="x9c3ah")
SELLER = signer("seller", "operator", "y1m7fb")
EXPORTER = signer("exporter", "exporter", "k2z5tp")
CARRIER = signer("carrier", "carrier", "w8r3nq", "self")


def step(index, type_, day, city, *signers, facts=(), **more) -> Step:
    return Step(
        index=index,
        type=type_,
        at=datetime(2026, 11, day, 9, 30, tzinfo=CHINA),
        city=city,
        country="CN",
        signers=signers,
        event_id=digest(f"event {index}"),
        record_href=f"/v1/entries/{index}",
        facts=facts,
        **more,
    )


def fact(name, value, corrected_to=None) -> Fact:
    return Fact(name=name, value=value, corrected_to=corrected_to)


HISTORY = (
    step(
        14,
        "lot.declared",
        2,
        "深圳",
        SUPPLIER,
        facts=(
            fact("quantity", 1200),
            fact("condition", Word(table="conditions", slug="returned")),
            fact("surplus_cause", Word(table="surplus_causes", slug="cancelled-order")),
        ),
    ),
    step(
        15,
        "lot.received",
        4,
        "Guangzhou",
        WAREHOUSE,
        SUPPLIER,
        facts=(fact("declared", 1200), fact("counted", 1188, 1187), fact("unidentified", 12, 13)),
        correction=Correction(index=17, reason="one box was counted twice"),
    ),
    step(16, "work.assigned", 4, "Guangzhou", WAREHOUSE),
    step(17, "correction.recorded", 5, "Guangzhou", WAREHOUSE),
    step(
        19,
        "lot.inspected",
        6,
        "Guangzhou",
        INSPECTOR,
        facts=(fact("coverage", Percent(value=100)), fact("score_min", 60)),
    ),
    step(22, "lot.split", 7, "Guangzhou", WAREHOUSE, facts=(fact("children", 9),)),
    step(23, "work.assigned", 7, "Guangzhou", WAREHOUSE),
    step(
        27,
        "lot.refurbished",
        10,
        "东莞",
        WORKSHOP,
        facts=(fact("steps", Word(table="steps", slug="battery-replaced")),),
    ),
    step(28, "work.assigned", 10, "Guangzhou", WAREHOUSE),
    step(
        31,
        "lot.inspected",
        12,
        "Guangzhou",
        INSPECTOR,
        facts=(fact("grade", Word(table="grades", slug="B")), fact("score", 85)),
    ),
    step(
        33,
        "codes.issued",
        13,
        "Guangzhou",
        WAREHOUSE,
        facts=(fact("level", Word(table="code_levels", slug="article")), fact("codes", 96)),
    ),
    step(36, "lot.listed", 14, "义乌", SELLER),
    step(41, "lot.sold", 18, "义乌", SELLER, facts=(fact("grade", Word(table="grades", slug="B")),)),
    step(
        44,
        "lot.packed",
        20,
        "义乌",
        WAREHOUSE,
        CARRIER,
        facts=(fact("packages", 8), fact("mass_g", Mass(mass_g=34752))),
    ),
)

PHONE_GRADE = Grade(
    letter="B",
    score=85,
    scheme="electronics",
    scheme_version="1",
    inspected_on=date(2026, 11, 12),
    parts=(
        ScorePart(name="scratch", score=85, measured=Measurement(value="2.9", unit="MMT")),
        ScorePart(name="battery", score=100, measured=Measurement(value="100", unit="P1")),
        ScorePart(name="boots", score=100, found="pass"),
    ),
)

PHONE = ConsumerView(
    verdict="unaltered",
    checked_at=NOW,
    code="7q4hx-m29kd-t0v6w-58nbr",
    host=HOST,
    article=Article(
        level="article",
        lot_short="4t7w2m",
        name="智能手机 256 GB 曜石黑",
        brand="星野",
        model="X7 Pro",
        category="phone",
        condition="refurbished",
        gtin="06952123010012",
    ),
    grade=PHONE_GRADE,
    answers=Answers(
        origin=OriginAnswer(channel="brand-shop", country="CN", stated_by=SUPPLIER),
        repair=RepairAnswer(
            answer="yes",
            steps=("battery-replaced", "cleaned", "tested"),
            stated_by=WORKSHOP,
            on=date(2026, 11, 10),
        ),
        battery=BatteryAnswer(
            answer="yes",
            stated_by=WORKSHOP,
            on=date(2026, 11, 10),
            part_origin="original",
            health_before=78,
            health_after=100,
            cycles_before=612,
            cycles_after=0,
        ),
        wipe=WipeAnswer(
            answer="yes", method="cryptographic-erase", stated_by=WORKSHOP, on=date(2026, 11, 10)
        ),
    ),
    steps=HISTORY,
    completeness=Completeness(through=46),
    check=CheckLinks(
        bundle_href="/v1/codes/7q4hxm29kdt0v6w58nbr/bundle",
        checkpoint_href="/log/checkpoint",
        policy_href="/log/policy",
        command="python3 verify.py bundle.zip --policy policy",
        pack_href="/lots/4t7w2m/pack.zip",
    ),
    scans=Scans(first_on=date(2026, 11, 21), first_country="VN", count=3),
)

PHONE_MISSING = replace(
    PHONE,
    verdict="part-missing",
    reasons=(Reason(slug="record-missing", entry=27),),
    steps=(
        *HISTORY[:7],
        Step(index=27, type="lot.refurbished", trouble="missing"),
        *HISTORY[8:],
    ),
    answers=Answers(
        origin=OriginAnswer(),
        repair=RepairAnswer(answer="no-record"),
        battery=BatteryAnswer(answer="no-record"),
        wipe=WipeAnswer(answer="no-record"),
    ),
    completeness=None,
    grade=None,
)

PHONE_CHANGED = replace(
    PHONE,
    verdict="changed",
    reasons=(Reason(slug="signature-invalid", entry=31),),
    steps=(
        *HISTORY[:8],
        replace(HISTORY[8], trouble="distrusted"),
        replace(HISTORY[9], trouble="changed"),
        *HISTORY[10:],
    ),
)

PHONE_DISTRUSTED = replace(
    PHONE,
    verdict="distrusted",
    reasons=(Reason(slug="key-distrusted", entry=28),),
    grade=None if PHONE.grade is None else replace(PHONE.grade, distrusted=True),
    steps=tuple(
        replace(
            step, trouble="distrusted", signers=tuple(replace(one, distrusted=True) for one in step.signers)
        )
        if step.index == 28
        else step
        for step in HISTORY
    ),
)

RECALL = Reason(
    slug="recall", detail="safety", table="record_reasons", entry=47, party_kind="brand", party_short="q3v8km"
)
PHONE_RECALLED = replace(PHONE, verdict="recalled", reasons=(RECALL,), steps=HISTORY[-3:])

GARMENT = replace(
    PHONE,
    code="",
    article=Article(
        level="lot",
        lot_short="9k1cze",
        name="女式针织开衫 2025 秋",
        brand="北辰",
        model="KC-2207",
        category="garment",
        condition="new",
        label_state="cut",
        quantity=412,
    ),
    grade=Grade(
        letter="A",
        score=95,
        scheme="apparel",
        scheme_version="1",
        inspected_on=date(2026, 11, 12),
        parts=(
            ScorePart(name="stain", score=95, measured=Measurement(value="0.8", unit="CMK")),
            ScorePart(name="wear", score=100, found="none"),
            ScorePart(name="tag", score=95, found="cut"),
        ),
    ),
    answers=Answers(
        origin=OriginAnswer(channel="brand-outlet", country="CN", stated_by=SUPPLIER),
        repair=RepairAnswer(answer="no", stated_by=INSPECTOR, on=date(2026, 11, 12)),
    ),
    completeness=Completeness(through=46, witnesses=("witness.example/north", "witness.example/south")),
    scans=None,
)

OFFER = Offer(
    href="/offers/4t7w2m",
    lot_short="4t7w2m",
    name="智能手机 256 GB 曜石黑",
    brand="星野",
    model="X7 Pro",
    category="phone",
    condition="opened",
    grade="A",
    score=95,
    market="VN",
    price=UnitPrice(amount=Decimal("164.50"), currency="USD"),
    moq=24,
    multiple=24,
    available=312,
    records=17,
    channel="export",
    order_pieces=5,
    order_amount=Money(amount_minor=7000, currency="USD"),
    reference=ReferencePrice(
        kind="official_site",
        price=Money(amount_minor=199900, currency="CNY"),
        source="official_shops",
        on=date(2026, 11, 20),
        percent=60,
        off_percent=40,
    ),
)

OFFERS = (
    OFFER,
    replace(
        OFFER,
        lot_short="9k1cze",
        brand="北辰",
        model="KC-2207",
        name="女式针织开衫 2025 秋",
        category="garment",
        condition="new",
        price=UnitPrice(amount=Decimal("12.375"), currency="USD"),
        basis="kg",
        piece_mass=Mass(mass_g=333),
        moq=48,
        available=4120,
        records=12,
    ),
    replace(
        OFFER,
        lot_short="m3w8ya",
        brand="北辰",
        model="BCD-215",
        name="双门冰箱 215 L",
        category="refrigerator",
        condition="returned",
        grade="B",
        market="KE",
        price=UnitPrice(amount=Decimal(98), currency="USD"),
        moq=5,
        available=31,
        records=9,
    ),
    replace(
        OFFER,
        lot_short="t5n0hs",
        brand="北辰",
        model="XQG80",
        name="滚筒洗衣机 8 kg",
        category="washing-machine",
        condition="refurbished",
        grade="B",
        market="KE",
        price=UnitPrice(amount=Decimal(112), currency="USD"),
        moq=5,
        available=18,
        records=14,
    ),
    replace(
        OFFER,
        lot_short="z7r2vd",
        brand="北辰",
        model="MW-20",
        name="微波炉 20 L",
        category="microwave",
        condition="opened",
        grade="A",
        market="DE",
        price=UnitPrice(amount=Decimal("21.90"), currency="EUR"),
        moq=10,
        available=66,
        records=8,
    ),
    replace(
        OFFER,
        lot_short="c1f6pb",
        brand="北辰",
        model="SF-3",
        name="三人布艺沙发",
        category="sofa",
        condition="used",
        grade="C",
        market="KE",
        price=UnitPrice(amount=Decimal(74), currency="USD"),
        moq=5,
        available=22,
        records=8,
    ),
)

MANIFEST = ManifestSummary(
    count=312,
    rows_root=digest("rows"),
    tallies=(
        (
            "grade",
            (
                Tally(value=Word(table="grades", slug="A"), count=240),
                Tally(value=Word(table="grades", slug="B"), count=72),
            ),
        ),
        ("goods", (Tally(value="曜石黑 256 GB", count=180), Tally(value="月光白 256 GB", count=132))),
        ("origin_country", (Tally(value=Territory(code="CN"), count=312),)),
    ),
    download_href="/v1/offers/4t7w2m/manifest.csv",
)

OFFER_PAGE = OfferView(
    offer=OFFER,
    grade=replace(PHONE_GRADE, letter="A", score=95),
    gate=(
        GateCheck(slug="chain", passed=True, evidence=(14, 15, 19, 22, 31)),
        GateCheck(slug="authorization", passed=True, evidence=(9, 11)),
        GateCheck(slug="inspection", passed=True, evidence=(31,)),
        GateCheck(slug="import-rules", passed=True, detail="VN-11-2018-TT-BTTTT"),
        GateCheck(slug="customs-data", passed=True),
        GateCheck(slug="battery-test", passed=True, detail="XY-UN383-2025-041"),
        GateCheck(slug="price", passed=False, detail="0.58"),
    ),
    policy="export-default/1",
    head_entry=36,
    steps=HISTORY[:4],
    completeness=Completeness(through=46),
    manifest=MANIFEST,
    incoterms=("FCA Yiwu", "FOB Ningbo"),
    bundle_href="/v1/lots/4t7w2m/bundle",
    form=ReserveForm(
        action="/offers/4t7w2m/reserve",
        idempotency_key="key-1",
        quantity="50",
        error="not-a-multiple",
        near=("48", "72"),
    ),
)

RESERVATION = ReservationView(
    id_short="r8v2k0",
    state="active",
    offer=OFFER,
    quantity=96,
    total=Money(amount_minor=1_579_200, currency="USD"),
    expires_at=NOW + timedelta(minutes=28),
    minutes_left=28,
    form=ConfirmForm(
        action="/reservations/r8v2k0/confirm",
        release_action="/reservations/r8v2k0/release",
        idempotency_key="key-2",
        po_number="",
        incoterms=("FCA Yiwu", "FOB Ningbo"),
        incoterm="FCA Yiwu",
        error="po-number-missing",
        error_field="po_number",
        beside=(
            HeldBeside(id="rsv_1", name="北辰 KC-2207", quantity=3),
            HeldBeside(id="rsv_2", name="星野 X7", quantity=1, chosen=True),
        ),
    ),
)

ORDERS = OrdersView(
    orders=(
        OrderLine(
            href="/orders/o1",
            number="LP-2026-0007",
            po_number="PO 4500123",
            placed_on=date(2026, 11, 22),
            state="confirmed",
            quantity=96,
            total=Money(amount_minor=1_579_200, currency="USD"),
        ),
        OrderLine(
            href="/orders/o2",
            number="LP-2026-0003",
            po_number="PO 4500098",
            placed_on=date(2026, 11, 20),
            state="on_hold",
            quantity=10,
            total=Money(amount_minor=21_900, currency="EUR"),
        ),
    ),
)

ORDER = OrderView(
    number="LP-2026-0007",
    po_number="PO 4500123",
    state="documents_ready",
    incoterm="FCA Yiwu",
    placed_at=NOW,
    total=Money(amount_minor=1_579_200, currency="USD"),
    items=(
        OrderItem(
            lot="4t7w2m",
            lot_href="/offers/4t7w2m",
            name="星野 X7 Pro 256 GB",
            grade="A",
            quantity=96,
            price=UnitPrice(amount=Decimal("164.50"), currency="USD"),
            total=Money(amount_minor=1_579_200, currency="USD"),
            head_entry=36,
        ),
    ),
    steps=(
        StatusStep(state="placed", at=NOW),
        StatusStep(state="confirmed", at=NOW),
        StatusStep(state="documents_ready", at=NOW, current=True),
        StatusStep(state="shipped", at=None),
        StatusStep(state="delivered", at=None),
    ),
    shipments=(("/shipments/4t7w2m", "LP-2026-0007", "documents_ready"),),
    documents=(
        OrderDocument(
            kind="commercial-invoice",
            number="CI-2026-0007",
            issued_on=date(2026, 11, 22),
            sha256=digest("ci"),
            download_href="/documents/ci",
            check_href="/d/7q4hxm29kdt0v6w58nbr/1",
        ),
        OrderDocument(
            kind="packing-list",
            number="PL-2026-0007",
            issued_on=date(2026, 11, 22),
            sha256=digest("pl"),
            download_href="/documents/pl",
            check_href="/d/7q4hxm29kdt0v6w58nbr/1",
        ),
        OrderDocument(
            kind="packing-list",
            number="PL-2026-0006",
            issued_on=date(2026, 11, 21),
            sha256=digest("old"),
            download_href="/documents/old",
            check_href="/d/7q4hxm29kdt0v6w58nbr/1",
            superseded=True,
        ),
    ),
    pack_href="/orders/o1/pack.zip",
)


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

CHECKPOINT = f"""{ORIGIN}
47
i9VcKpHcpyyTCj7c8zs0yq3bV4O6b0xgpsZ7xJGk0tA=

— {ORIGIN} qIqGavS3l4Q2v9kFQxkT0uS3m4xQ7mZ1m0v1pJ8kqf3d2W9yH5n4cB6tR8sKpL2xA0eZ1vYwUuJ7hG3fD5nQbA==
"""

LOG = LogView(
    tree_size=47,
    root=digest("root"),
    origin=ORIGIN,
    vkey=f"{ORIGIN}+a88be66a+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
    signed_at=NOW,
    policy=f"log {ORIGIN}+a88be66a+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\nquorum none\n",
    checkpoint=CHECKPOINT,
    types=(
        TypeCount(type="key.registered", count=11),
        TypeCount(type="party.registered", count=8),
        TypeCount(type="lot.inspected", count=6),
        TypeCount(type="work.assigned", count=6),
        TypeCount(type="lot.declared", count=4),
        TypeCount(type="log.heads", count=3),
        TypeCount(type="codes.issued", count=2),
    ),
    completeness=Completeness(through=46),
    witnesses=(),
    last_audit=AuditResult(
        verdict="verified",
        at=NOW,
        tree_size=47,
        checked=(
            "checkpoint-signature",
            "root",
            "consistency",
            "log-chain",
            "signatures",
            "keys",
            "subject-chains",
            "heads",
            "grades",
        ),
        not_checked=("cosignatures", "openings", "evidence"),
    ),
    checkpoint_href="/log/checkpoint",
    tiles_href="/log/tile/",
    policy_href="/log/policy",
    archive_href="/log/archive.zip",
    commands=("lotproof audit --policy policy log.zip", "python3 verify.py bundle.zip --policy policy"),
)

LOG_FAILED = replace(
    LOG,
    last_audit=AuditResult(
        verdict="failed",
        at=NOW,
        tree_size=47,
        checked=("checkpoint-signature", "root"),
        not_checked=("heads",),
        findings=(
            Finding(text="leaf hash differs from the stored tile", entry_index=31),
            Finding(text="root differs"),
        ),
    ),
    witnesses=("witness.example/north",),
)

ENTRIES = EntriesView(
    entries=tuple(
        EntryLine(
            href=f"/auditor/entries/{index}",
            index=index,
            type=type_,
            recorded_at=NOW,
            subjects=subjects,
            roles=roles,
            distrusted=index == 43,
        )
        for index, type_, subjects, roles in (
            (46, "log.heads", (), ("heads",)),
            (44, "lot.packed", ("lot:8d2s5x", "shipment:k0v4t7"), ("custodian", "carrier")),
            (43, "document.issued", ("shipment:k0v4t7",), ("exporter",)),
            (41, "lot.sold.v2", ("lot:8d2s5x",), ("seller",)),
        )
    ),
    total=47,
    types=("lot.sold", "lot.packed", "document.issued", "log.heads"),
    type="lot.packed",
    next_href="/auditor/entries?before=41",
    previous_href="/auditor/entries",
)

ENTRY = EntryView(
    index=31,
    type="lot.inspected",
    at=datetime(2026, 11, 12, 9, 30, tzinfo=CHINA),
    recorded_at=NOW,
    event_id=digest("event 31"),
    leaf_hash=digest("leaf 31"),
    previous_leaf_hash=digest("leaf 30"),
    signers=(INSPECTOR,),
    subjects=(
        SubjectLine(
            id="lot:8d2s5xk0v4t7wq92m1ce",
            href="/auditor/entries?subject=lot:8d2s5x",
            seq=4,
            prev=digest("event 28"),
        ),
        SubjectLine(
            id="work:p0tz7em2k4vyx9c3ahb8",
            href="/auditor/entries?subject=work:p0tz7e",
            seq=1,
            prev=digest("event 28"),
        ),
    ),
    refs=(
        SubjectLine(
            id="authorization:q3v8km7hn2rdb84x1cn5", href="/auditor/entries?subject=a", seq=0, prev="0" * 64
        ),
    ),
    facts=(
        fact("coverage", Percent(value=100)),
        fact("grade", Word(table="grades", slug="B")),
        fact("scratch", Measurement(value="2.9", unit="MMT")),
        fact("measured_at", datetime(2026, 11, 12, 8, 0, tzinfo=CHINA)),
        fact("made_on", date(2025, 6, 30)),
        fact("manifest", Hash(text=digest("rows"))),
        fact("price", Money(amount_minor=120_000, currency="VND")),
        fact("count", 1188),
    ),
    committed=("instrument_serials",),
    raw='{\n  "body": {\n    "type": "lot.inspected",\n    "v": 1\n  },\n  "sigs": ["zgEoMT9BbV7n…"]\n}',
    raw_href="/v1/entries/31",
    proof_href="/v1/entries/31/proof",
    previous_href="/auditor/entries/30",
    next_href="/auditor/entries/32",
)

DOCUMENT = DocumentCheckView(
    kind="commercial-invoice",
    page=1,
    number="",
    issued_on=date(2026, 11, 22),
    sha256=digest("ci"),
    dossier_sha256=digest("dossier"),
    entry_index=45,
    entry_href="/auditor/entries/45",
    signer_custody="operator",
    state="current",
    checked_at=NOW,
    filename="commercial-invoice.pdf",
)

ERASED = ErasedNote(index=44, at=NOW, reason="personal_data")
PHONE_ERASED = replace(
    PHONE,
    erased=(ERASED,),
    grade=replace(PHONE_GRADE, score=None, parts=(), recomputed=False),
    answers=Answers(
        origin=OriginAnswer(),
        repair=RepairAnswer(answer="no-record"),
        battery=BatteryAnswer(answer="no-record"),
        wipe=WipeAnswer(answer="no-record"),
        erased=True,
    ),
    steps=(*HISTORY[:4], replace(HISTORY[4], erased=(ERASED,)), *HISTORY[5:]),
)
HITS = (
    PrivateHit(kind="lot", text="8d2s5x", href="/operator/private/lots/8d2s5xk0v4t7wq92m1ce"),
    PrivateHit(
        kind="article",
        text="星野 X7 Pro",
        detail="352099001761481",
        href="/operator/private/articles/7",
    ),
    PrivateHit(kind="article", text="星野 X7 Pro", href="/operator/private/articles/8"),
    PrivateHit(
        kind="company",
        text="星野通讯技术有限公司",
        detail="91440300MA0FAKE175",
        href="/operator/private/records/" + digest("party"),
    ),
    PrivateHit(
        kind="record", type="lot.sold", text="41", href="/operator/private/records/" + digest("event 41")
    ),
)
ERASE_FORM = EraseForm(action="/operator/private/records/" + digest("event 41"))
PRIVATE_RECORD = PrivateRecordView(
    index=41,
    type="lot.sold",
    event_id=digest("event 41"),
    entry_href="/auditor/entries/41",
    fields=(
        PrivateField(name="buyer", state="erased", erased=ERASED),
        PrivateField(name="incoterm", state="missing"),
        PrivateField(name="order", state="kept", value="order:8d2s5xk0v4t7wq92m1ce"),
        PrivateField(name="price", state="kept", value=Money(amount_minor=120_000, currency="VND")),
        PrivateField(name="quantity", state="needed", value=120, why="lot.sold:quantity"),
    ),
    rows_kept=311,
    rows_erased=1,
    erased=(ERASED,),
    copied=True,
    form=ERASE_FORM,
)
PRIVATE_ARTICLE = PrivateArticleView(
    name="智能手机 256 GB 曜石黑",
    brand="星野",
    model="X7 Pro",
    category="phone",
    lot_short="8d2s5x",
    lot_href="/operator/private/lots/8d2s5xk0v4t7wq92m1ce",
    rows=(
        PrivateRow(
            index=14,
            type="lot.declared",
            href="/operator/private/records/" + digest("event 14"),
            row=3,
            facts=(fact("imei", "352099001761481"), fact("produced_on", "2025-06-30")),
        ),
        PrivateRow(index=22, type="lot.split", href="/operator/private/records/1", row=205, facts=()),
        PrivateRow(
            index=31,
            type="lot.inspected",
            href="/operator/private/records/2",
            row=3,
            facts=(fact("scratch", Measurement(value="2.9", unit="MMT")),),
        ),
    ),
    erased=(),
    form=replace(ERASE_FORM, action="/operator/private/articles/7"),
)
CHECKPOINTS = CheckpointsView(
    lines=tuple(
        CheckpointLine(
            size=size,
            root=digest(f"root {size}"),
            signed_at=NOW,
            published_at=published,
            cosigners=cosigners,
            verdict=verdict,
        )
        for size, published, cosigners, verdict in (
            (47, None, (), "waiting"),
            (44, NOW, (("witness.example/north", NOW), ("witness.example/south", NOW)), "same-root"),
            (31, NOW, (), "wrong"),
            (12, NOW, (), "missing"),
        )
    ),
    next_href="/auditor/checkpoints?before=12",
)
LOG_GROWN = replace(
    LOG,
    growth=Growth(
        path="M0 112H200V70H420V20H600V0",
        points=((0, 112), (200, 70), (420, 20), (600, 0)),
        began=NOW,
        ended=NOW,
        tree_size=47,
        checkpoints=4,
    ),
    newest=CHECKPOINTS.lines[:2],
    known_witnesses=(
        WitnessLine(name="witness.example/north", vkey="n", size=47, lag=0, cosigned_at=NOW, wanted=True),
        WitnessLine(name="witness.example/south", vkey="s", size=31, lag=16, cosigned_at=NOW, wanted=False),
        WitnessLine(
            name="witness.example/mute", vkey="m", size=None, lag=None, cosigned_at=None, wanted=True
        ),
    ),
    statements=2,
)
KEYS = KeysView(
    keys=tuple(
        KeyLine(
            id=digest(f"key {n}"),
            party="party:y1m7fbk2z5tpw8r3nq0a",
            party_short="y1m7fb",
            party_kind=kind,
            custody=custody,
            scopes=scopes,
            registered_at=n,
            ended_at=ended_at,
            ended_by=ended_by,
            distrust_from=distrust_from,
            entries_href=f"/auditor/entries?key={digest(f'key {n}')}",
        )
        for n, kind, custody, scopes, ended_at, ended_by, distrust_from in (
            (3, "operator", "operator", ("lot.listed:seller", "lot.sold:seller"), None, "", None),
            (5, "inspector", "self", ("lot.inspected:inspector",), 40, "key.revoked", 31),
            (9, "supplier", "self", ("lot.declared:supplier",), 38, "key.rotated", None),
        )
    ),
    total=3,
    next_href="/auditor/keys?after=0",
)
SUBJECT = SubjectView(
    id="lot:8d2s5xk0v4t7wq92m1ce",
    kind="lot",
    records=(
        SubjectRecord(index=46, seq=4, type="lot.listed", recorded_at=NOW, trouble="unpublished"),
        SubjectRecord(
            index=31,
            seq=3,
            type="lot.inspected",
            recorded_at=NOW,
            signers=(INSPECTOR, replace(SELLER, distrusted=True)),
            proof_href="/v1/entries/31/proof",
        ),
        SubjectRecord(index=22, seq=2, type="unreadable", trouble="missing"),
        SubjectRecord(index=14, seq=1, type="unreadable", trouble="not-proved"),
    ),
    total=5,
    through=46,
    history_href="/v1/lots/8d2s5xk0v4t7wq92m1ce/history",
    pack_href="/lots/8d2s5xk0v4t7wq92m1ce/pack.zip",
    next_href="/auditor/subjects/lot:8d2s5xk0v4t7wq92m1ce?before=1",
)

PUBLIC = Frame(path="/", origin=ORIGIN, tree_size=47, demo=True)


def signed_in(role, name, path) -> Frame:
    return Frame(
        path=path,
        origin=ORIGIN,
        tree_size=47,
        visitor=Visitor(role=role, name=name),
        csrf_token="csrf-1",
        demo=True,
    )


BUYER = signed_in("buyer", "Hà Nội Trading", "/catalogue")
STAFF = signed_in("operator", "仓库 一号", "/operator")
AUDITOR = signed_in("auditor", "Ana Ruiz", "/auditor")
BENCH_WORKER = signed_in("inspector", "李 四", "/measure")

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
COMPONENTS = components_view(NOW)

PAGES: dict[str, tuple[Page, Frame]] = {
    **PEOPLE_PAGES,
    **STATEMENT_PAGES,
    **{name: (view, replace(STAFF, path="/operator/jobs")) for name, view in JOB_PAGES.items()},
    **{name: (view, replace(STAFF, path="/operator/import")) for name, view in IMPORT_PAGES.items()},
    **{name: (view, replace(BENCH_WORKER, path="/measure")) for name, view in MEASURING_PAGES.items()},
    **{name: (view, replace(STAFF, path="/console")) for name, view in CONSOLE_PAGES.items()},
    **{name: (view, replace(STAFF, path="/operator/reports")) for name, view in REPORT_PAGES.items()},
    **{name: (view, PUBLIC) for name, view in (CHECK_PAGES | verdicts(PHONE) | timelines(PHONE)).items()},
    **{name: (view, replace(STAFF, path="/operator/labels")) for name, view in LABEL_PAGES.items()},
    **{name: (view, PUBLIC) for name, view in CLAIM_PAGES.items()},
    **{name: (view, replace(BUYER, path="/offers/x/landed")) for name, view in LANDED_PAGES.items()},
    "lot-card": (CARD, PUBLIC),
    **{name: (view, replace(STAFF, path="/operator/scans")) for name, view in SCAN_PAGES.items()},
    **{
        name: (view, replace(STAFF, path="/operator/shipments"))
        for name, view in (SHIPMENT_PAGES | PACKAGE_LABELS).items()
    },
    **{name: (view, replace(BUYER, path="/shipments")) for name, view in MY_SHIPMENT_PAGES.items()},
    **{name: (view, replace(STAFF, path=path)) for name, (view, path) in PRICE_PAGES.items()},
    **{name: (view, replace(BUYER, path=path)) for name, (view, path) in PRICE_PAGES_OF_BUYERS.items()},
    **{name: (view, replace(STAFF, path="/operator/offers")) for name, view in OFFER_DESK_PAGES.items()},
    **{name: (view, replace(BUYER, path="/purchases")) for name, view in PURCHASE_PAGES.items()},
    **{name: (view, replace(STAFF, path="/operator/purchases")) for name, view in PURCHASE_DESK.items()},
    "consumer-phone": (PHONE, PUBLIC),
    "consumer-missing": (PHONE_MISSING, PUBLIC),
    "consumer-changed": (PHONE_CHANGED, PUBLIC),
    "consumer-distrusted": (PHONE_DISTRUSTED, PUBLIC),
    "consumer-recalled": (PHONE_RECALLED, PUBLIC),
    "consumer-erased": (PHONE_ERASED, PUBLIC),
    "consumer-garment": (GARMENT, PUBLIC),
    "goods": (
        GoodsView(
            gtin="06952123010012",
            name="Lantern S3",
            lots=(
                GoodsLot(href="/lots/7q4hxm29kdt0v6w58nbx", lot_short="7q4hxm", grade="A"),
                GoodsLot(href="/lots/0v6w58nbx7q4hxm29kdt", lot_short="0v6w58", grade=""),
            ),
            more=True,
        ),
        PUBLIC,
    ),
    "choices": (
        ChoicesView(
            choices=(
                Choice(
                    href="/auditor/subjects/authorization:0", title="The permission to sell this lot (7q4hxm)"
                ),
                Choice(
                    href="/auditor/subjects/authorization:1", title="The permission to sell this lot (0v6w58)"
                ),
            )
        ),
        PUBLIC,
    ),
    "not-found": (
        NotFoundView(
            code="7q4hx-m29kd-t0v6w-58nbx", host=HOST, well_formed=True, completeness=Completeness(through=46)
        ),
        PUBLIC,
    ),
    "not-found-mistyped": (NotFoundView(code="7q4hx-m29", host=HOST, well_formed=False), PUBLIC),
    "home": (HomeView(lots=23, offers=6, entries=47, example_href="/q/7q4hxm29kdt0v6w58nbr"), PUBLIC),
    "home-mistyped": (
        HomeView(lots=0, offers=0, entries=0, typed="abc", typed_wrong=True),
        replace(PUBLIC, tree_size=None, demo=False),
    ),
    "login": (LoginView(state="ready", visitor=BUYER.visitor, action="/login/00ff", expires_at=NOW), PUBLIC),
    "login-used": (LoginView(state="used"), PUBLIC),
    "login-expired": (LoginView(state="expired"), PUBLIC),
    "login-unknown": (LoginView(state="unknown"), PUBLIC),
    "document": (DOCUMENT, PUBLIC),
    "document-superseded": (
        replace(
            DOCUMENT,
            state="superseded",
            superseded_by_href="/d/0/1",
            number="CI-2026-0007",
            signer_custody="self",
        ),
        PUBLIC,
    ),
    "problem-403": (ProblemView(status=403, slug="forbidden", request_id="0f3a"), PUBLIC),
    "problem-403-signed-in": (ProblemView(status=403), BUYER),
    "problem-404": (ProblemView(status=404), PUBLIC),
    "problem-422": (
        ProblemView(status=422, slug="invalid-record", details=("/data/quantity: not a whole number",)),
        PUBLIC,
    ),
    "problem-500": (ProblemView(status=500, request_id="0f3a"), PUBLIC),
    "problem-418": (ProblemView(status=418), PUBLIC),
    **{name: (view, replace(BUYER, path="/catalogue")) for name, view in CATALOGUE_PAGES.items()},
    "offer": (replace(OFFER_PAGE, **OFFER_PARTS), BUYER),
    "offer-sold-out": (replace(OFFER_PAGE, form=None, manifest=None, grade=None), BUYER),
    "reservation": (RESERVATION, BUYER),
    "reservation-term-error": (
        replace(
            RESERVATION, form=replace(RESERVATION.form, error="incoterm-unknown", error_field="incoterm")
        ),
        BUYER,
    ),
    "reservation-form-error": (
        replace(RESERVATION, form=replace(RESERVATION.form, error="lot-changed", error_field="")),
        BUYER,
    ),
    "reservation-expired": (replace(RESERVATION, state="expired", form=None), BUYER),
    "reservation-converted": (
        replace(RESERVATION, state="converted", form=None, order_href="/orders/o1"),
        BUYER,
    ),
    "orders": (ORDERS, replace(BUYER, path="/orders")),
    "orders-empty": (OrdersView(orders=()), replace(BUYER, path="/orders")),
    "order": (ORDER, BUYER),
    "order-without-documents": (replace(ORDER, documents=(), pack_href=""), BUYER),
    "operator": (OPERATOR, STAFF),
    "operator-no-match": (replace(OPERATOR, lots=(), lots_total=0, query="zz", next_href=""), STAFF),
    "operator-empty": (OperatorView(consignments=(), lots=(), lots_total=0), STAFF),
    "lot": (LOT, STAFF),
    "lot-bench": (replace(LOT, bench=BENCH, regrade_href="?recompute=yes", articles_href="/x"), STAFF),
    "lot-without-codes": (
        replace(LOT, codes=(), codes_total=0, labels_href="", bundle_href="", grade=None),
        STAFF,
    ),
    "rejected": (
        RejectedRowsView(rows=REJECTED, total=4, download_href="/operator/rejected.csv"),
        replace(STAFF, path="/operator/rejected"),
    ),
    "rejected-empty": (RejectedRowsView(rows=(), total=0, download_href="/operator/rejected.csv"), STAFF),
    "refusals": (REFUSALS, replace(STAFF, path="/operator/refusals")),
    "refusals-empty": (replace(REFUSALS, rows=()), STAFF),
    "dry-run": (DRY_RUN, STAFF),
    "dry-run-refused": (replace(DRY_RUN, import_action="", rejected=(), remarks=()), STAFF),
    "lot-erased": (replace(LOT, erased=(ERASED,)), STAFF),
    "lot-files": (
        replace(LOT, files=FILE_LINES, files_form=form_of({}, {"file": "file-heic"}), files_action="/x"),
        replace(STAFF, flash="file-added"),
    ),
    "file-erase": (
        EraseFileView(action="/x", back_href="/y", line=FILE_LINES[0], form=form_of({})),
        STAFF,
    ),
    "file-erase-error": (
        EraseFileView(
            action="/x",
            back_href="/y",
            line=FILE_LINES[1],
            form=form_of({}, {"reason": "erasure-reason-missing"}),
        ),
        STAFF,
    ),
    "import": (IMPORT, replace(STAFF, path="/operator/import")),
    "import-refused": (
        replace(
            IMPORT,
            form=form_of({"spec": "apparel"}, {"file": "sheet-headers-missing"}),
            problem="column “款号” is missing; row 1 has “name”, “price”",
        ),
        replace(STAFF, path="/operator/import", readable="/operator/import"),
    ),
    "dry-run-known": (replace(DRY_RUN, import_action="", imported=True), STAFF),
    "dry-run-waits": (replace(DRY_RUN, unsigned=True, unidentified_before=4, **STATED), STAFF),
    "components": (COMPONENTS, replace(PUBLIC, path="/dev/components")),
    "private": (PrivateSearchView(), replace(STAFF, path="/operator/private")),
    "private-found": (
        PrivateSearchView(query="X7", hits=HITS, searched=True, more=True),
        replace(STAFF, path="/operator/private"),
    ),
    "private-nothing": (PrivateSearchView(query="zz", searched=True), STAFF),
    "private-lot": (
        PrivateLotView(
            lot_short="8d2s5x",
            lot_href="/operator/lots/8d2s5x",
            records=HITS[4:],
            articles=HITS[1:3],
            articles_total=96,
        ),
        STAFF,
    ),
    "private-lot-empty": (
        PrivateLotView(lot_short="8d2s5x", lot_href="/", records=(), articles=(), articles_total=0),
        STAFF,
    ),
    "private-record": (PRIVATE_RECORD, STAFF),
    "private-record-error": (
        replace(
            PRIVATE_RECORD,
            form=replace(
                ERASE_FORM,
                chosen=("price",),
                reason="personal_data",
                understood=True,
                error="not-erasable",
                error_field="fields",
            ),
        ),
        STAFF,
    ),
    "private-record-done": (
        replace(PRIVATE_RECORD, fields=PRIVATE_RECORD.fields[:1], form=None, copied=False),
        STAFF,
    ),
    "private-record-empty": (
        replace(PRIVATE_RECORD, fields=(), form=None, erased=(), rows_kept=0, rows_erased=0),
        STAFF,
    ),
    "private-article": (PRIVATE_ARTICLE, STAFF),
    "private-article-reason-error": (
        replace(
            PRIVATE_ARTICLE,
            form=replace(ERASE_FORM, error="erasure-reason-missing", error_field="reason"),
        ),
        STAFF,
    ),
    "private-article-box-error": (
        replace(
            PRIVATE_ARTICLE,
            form=replace(ERASE_FORM, reason="trade_secret", error="not-understood", error_field="understood"),
        ),
        STAFF,
    ),
    "private-article-erased": (replace(PRIVATE_ARTICLE, rows=(), form=None, erased=(ERASED,)), STAFF),
    "log": (LOG, AUDITOR),
    "log-grown": (LOG_GROWN, AUDITOR),
    "checkpoints": (CHECKPOINTS, AUDITOR),
    "checkpoints-empty": (CheckpointsView(lines=()), AUDITOR),
    "keys": (KEYS, AUDITOR),
    "keys-empty": (KeysView(keys=(), total=0), AUDITOR),
    "subject": (SUBJECT, AUDITOR),
    "subject-not-whole": (
        replace(SUBJECT, through=None, trouble="not-whole", pack_href="", history_href=""),
        AUDITOR,
    ),
    "entries-looked": (
        replace(ENTRIES, entries=(), total=None, key=digest("key 3"), looked_down_to=80_000),
        AUDITOR,
    ),
    "log-failed": (LOG_FAILED, AUDITOR),
    "log-unverified": (
        replace(
            LOG_FAILED,
            last_audit=replace(
                LOG_FAILED.last_audit, verdict="could-not-verify", findings=(), not_checked=()
            ),
        ),
        AUDITOR,
    ),
    "log-new": (
        replace(LOG, last_audit=None, types=(), completeness=None, archive_href="", commands=()),
        PUBLIC,
    ),
    "entries": (ENTRIES, AUDITOR),
    "entries-empty": (replace(ENTRIES, entries=(), total=0, subject="lot:zz"), AUDITOR),
    "entry": (ENTRY, AUDITOR),
    "entry-distrusted": (
        replace(ENTRY, distrusted=True, subjects=(), refs=(), committed=(), proof_href="", facts=()),
        AUDITOR,
    ),
}
