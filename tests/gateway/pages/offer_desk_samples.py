"""The desk of offers, one offer, the figures of trade, and a buyer's page of one offer, in every state."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from gateway.pages import offer_desk_words
from gateway.pages.building.console import bars
from gateway.pages.views import (
    Answers,
    BatteryAnswer,
    Link,
    Money,
    OriginAnswer,
    Reason,
    RepairAnswer,
    Signer,
    WipeAnswer,
)
from gateway.pages.views.buyer import LadderRung, Photo, SampleForm
from gateway.pages.views.consumer import Certificate
from gateway.pages.views.forms import form_of
from gateway.pages.views.offer_desk import (
    BandPicture,
    Cell,
    ChangeLine,
    ClaimLine,
    DeskLot,
    DeskOffer,
    DeskOfferView,
    DraftOfferView,
    ExposureLine,
    Fix,
    FreightLine,
    FreightShare,
    HoldLine,
    Moves,
    OfferDeskView,
    Projected,
    Said,
    SoldLine,
    TradeFiguresView,
    Week,
)
from gateway.pages.views.values import Measurement, UnitPrice
from gateway.policies import load
from tests.gateway.pages.landed_samples import PART

NOW = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)
LOT = Link(text="58nbx7", href="/operator/lots/58nbx7q4hxm29kdt0v6w")
TABLES = offer_desk_words.TABLES


def _cny(amount: str) -> UnitPrice:
    return UnitPrice(amount=Decimal(amount), currency="CNY")


FIXES = (
    Fix(
        reason=Reason(slug="un38-3-missing"),
        page="articles",
        href="/console/lots/58nbx7q4hxm29kdt0v6w/articles",
    ),
    Fix(reason=Reason(slug="not-inspected"), action="assign-inspection", href="/do/assign-inspection?on=x"),
    Fix(
        reason=Reason(slug="authorization-expired", detail="7k2m4p"),
        page="permission",
        href="/party/permissions/x",
    ),
    Fix(reason=Reason(slug="supplier-unregistered")),
    *(Fix(reason=Reason(slug="reference-missing"), page=page, href="/x") for page in TABLES["fix_pages"]),
)
LINE = DeskLot(
    lot=LOT,
    brand="星野",
    category="phone",
    condition="used",
    grade="B",
    quantity=1_184,
    markets=("US", "VN"),
    fixes=(),
    offer_href="/do/offer?on=x",
    draft_href="/operator/offers/new?on=x",
)
OFFER = DeskOffer(
    href="/operator/offers/lst_0c8tq3m7p2d5v9x1k4hr",
    lot=LOT,
    brand="星野",
    category="phone",
    grade="B",
    market="VN",
    channel="direct_export",
    state="published",
    price=_cny("1599.60"),
    basis="piece",
    available=412,
    held=40,
    sold=732,
    visibility="tier",
    since=NOW,
)
TABS = tuple(
    (f"/operator/offers?tab={slug}", slug, slug == "blocked", 7 * n)
    for n, slug in enumerate(TABLES["offer_tabs"])
)
DESK = OfferDeskView(
    tabs=TABS,
    tab="blocked",
    lots=(LINE, replace(LINE, brand="", markets=(), fixes=FIXES, offer_href="", grade="ungraded")),
    next_href="/operator/offers?tab=blocked&after=12.x",
)
CHANNELS = load.channels().codes[:5]
ENDS = ("US", "VN")
VIEW = DeskOfferView(
    offer=OFFER,
    id="lst_0c8tq3m7p2d5v9x1k4hr",
    version=4,
    offered_until="2026-12-24",
    tier_min=2,
    denied="cmp_vn",
    companies=(("cmp_vn", "Công ty TNHH Thương mại Sài Gòn Xanh"), ("cmp_vn2", "Hanoi Mobile Trading JSC")),
    moves=Moves(pause="/x", withdraw="/x", word="/x", show="/x"),
    fixes=FIXES[:2],
    channels=CHANNELS,
    markets=ENDS,
    cells=tuple(
        tuple(
            Cell(
                market=market,
                channel=channel,
                usual=n == m,
                passed=n == 0,
                reasons=(Reason(slug="channel-without-band", detail=f"B {channel}"),) if n == 1 else (),
            )
            for m, market in enumerate(ENDS)
        )
        for n, channel in enumerate(CHANNELS)
    ),
    band=BandPicture(
        asked=_cny("1599.60"),
        floor=_cny("1199.70"),
        ceiling=_cny("1999.50"),
        reference=_cny("3999.00"),
        reference_kind="official_site",
        percent=40,
        min_percent=30,
        max_percent=50,
        in_band=True,
        at_asked=38.1,
        at_floor=28.6,
        at_ceiling=47.6,
        at_reference=95.2,
    ),
    projected=(
        Projected(name="brand", value="星野"),
        Projected(name="grade", value="B", table="grades"),
        Projected(name="score", value="84"),
        Projected(name="inspection", value="full", table="inspection_levels"),
        Projected(name="condition", value="used", table="conditions"),
        *(
            Projected(name=name, value=value, table="recorded")
            for name, value in zip(("repaired", "battery", "label"), TABLES["recorded"], strict=True)
        ),
    ),
    said=tuple(
        Said(tag=tag, name=name, key=key, title="星野 X7", text="Cleaned, tested, one carton a model.")
        for tag, name, key in (("zh-CN", "中文", "zh"), ("en", "English", "en"), ("vi", "Tiếng Việt", "vi"))
    ),
    holds=(
        HoldLine(company="Hanoi Mobile Trading JSC", quantity=40, expires_at=NOW, running=True),
        HoldLine(company="Hanoi Mobile Trading JSC", quantity=5, expires_at=NOW, running=False),
    ),
    sold=(
        SoldLine(
            number="7k2m-4p9x",
            href="/operator/orders/7k2m4p9x",
            company="Công ty TNHH Thương mại Sài Gòn Xanh",
            quantity=732,
            total=Money(amount_minor=117_090_720, currency="CNY"),
            state="shipped",
            placed_at=NOW,
        ),
    ),
    exposures=tuple(
        ExposureLine(company="Hanoi Mobile Trading JSC", day=date(2026, 11, 21), why=why)
        for why in TABLES["exposure_reasons"]
    ),
    exposed=(3, 2),
    changes=(
        ChangeLine(
            at=NOW, before="paused", after="published", reason="resumed", gate=False, who="陈梅",
            by_house=False, note="Counted: all there.",
        ),
        ChangeLine(
            at=NOW, before="published", after="paused", reason="claims-too-much", gate=True, who="gate",
            by_house=True,
        ),
        ChangeLine(
            at=NOW, before="", after="published", reason="offered", gate=False, who="operator", by_house=True
        ),
    ),
    override_reason="清仓，品牌已同意",
)  # fmt: skip
ENDED = replace(
    VIEW,
    offer=replace(OFFER, state="withdrawn", visibility="members", available=0, held=0, since=None),
    moves=Moves(),
    fixes=(),
    band=None,
    holds=(),
    sold=(),
    exposures=(),
    changes=tuple(
        ChangeLine(
            at=NOW, before="published", after=state, reason=reason, gate=True, who=who, by_house=True
        )
        for state, reason, who in (
            ("withdrawn", "authorization-revoked", "gate"),
            ("sold_out", "all-sold", "gate"),
            ("expired", "last-day-passed", "record"),
        )
    ),
    override_reason="",
)  # fmt: skip
REFUSED = replace(
    VIEW,
    offer=replace(OFFER, state="in_review"),
    moves=Moves(publish="/x", send_back="/x", withdraw="/x", word="/x", show="/x"),
    band=replace(VIEW.band, in_band=False, percent=52, at_asked=49.5) if VIEW.band else None,
    form=form_of({"visibility": "tier"}, {"": "claims-too-much", "offered_until": "last-day-passed"}),
    claims=tuple(
        ClaimLine(
            language="vi", field="title", words="mới 100%", claim=claim, lacking=tuple(TABLES["claim_needs"])
        )
        for claim in list(TABLES["claims"])[:2]
    ),
    changed_meanwhile=True,
)
DRAFT = DraftOfferView(
    lot=LOT,
    markets=ENDS,
    channels=CHANNELS,
    action="/operator/offers/new?on=x",
    form=form_of(
        {"price": "12,5", "visibility": "members"},
        {"price": "price-not-a-number", "market": "offer-market-unknown"},
    ),
)
WARN = Measurement(value="20", unit="P1")


def _freight(number: str, minor: int | None, share: Measurement | None, tone: str) -> FreightLine:
    return FreightLine(
        href="/operator/orders/x",
        number=number,
        price=Money(amount_minor=160_000, currency="USD"),
        freight=None if minor is None else Money(amount_minor=minor, currency="USD"),
        share=share,
        tone=tone,
    )


FIGURES = TradeFiguresView(
    weeks=tuple(
        Week(
            monday=date(2026, 9, 28) + timedelta(weeks=n),
            offered=75_137 if n else 0,
            sold=9_000 * n,
            percent=12 * n if n else None,
            share=12.0 * n,
        )
        for n in range(8)
    ),
    ages=bars((slug, 1_000 - 150 * n) for n, slug in enumerate(TABLES["stock_ages"])),
    grades=tuple(
        (category, bars(counts.items()), sum(counts.values()))
        for category, counts in (
            ("phone", {"A": 1_040, "B": 302, "C": 12}),
            ("apparel", {"A": 48_200, "C": 3_000}),
            ("washing_machine", {"B": 26, "ungraded": 4}),
        )
    ),
    freight=FreightShare(percent=None, orders=0, high=0, warn=WARN),
    outside=0,
    sold=545,
    csv_href="/operator/figures.csv",
)
FIGURES_BAD = replace(
    FIGURES,
    weeks=(),
    ages=(),
    grades=(),
    freight=FreightShare(
        percent=9,
        orders=2,
        high=1,
        warn=WARN,
        lines=(
            _freight("LP-20261120-7Q2M4D", 4_400, Measurement(value="2.8", unit="P1"), ""),
            _freight("LP-20261121-1X8R4H", 36_000, Measurement(value="22.5", unit="P1"), "warn"),
            _freight("LP-20261122-9K3T5V", None, None, "warn"),
        ),
    ),
    outside=38,
    sold=1,
)
OFFER_DESK_PAGES = {
    "offer-desk": DESK,
    "offer-desk-list": replace(
        DESK,
        tab="published",
        lots=(),
        offers=tuple(
            replace(OFFER, state=state, visibility=visibility)
            for state, visibility in zip(
                TABLES["offer_states"], [*TABLES["visibilities"], "public", "tier", "private"], strict=True
            )
        ),
    ),
    "offer-desk-offer": VIEW,
    "offer-desk-refused": REFUSED,
    "offer-desk-ended": ENDED,
    "offer-desk-draft": DRAFT,
    "trade-figures": FIGURES,
    "trade-figures-bad": FIGURES_BAD,
}
HAND = Signer(role="inspector", party_kind="inspector", party_short="4f2k9m", key_id="0" * 64, custody="self")
# What stands on a buyer's page of an offer beside its facts, each part with something in it.
OFFER_PARTS: dict[str, Any] = {
    "title": "X7 Pro，清洁并检测",
    "text": "Một thùng một mẫu máy.\nKèm cáp sạc.",
    "photos": tuple(Photo(href=f"/photos/{name}") for name in "abc"),
    "answers": Answers(
        origin=OriginAnswer(),
        repair=RepairAnswer(answer="yes", steps=("battery-replaced", "cleaned")),
        battery=BatteryAnswer(answer="no-record"),
        wipe=WipeAnswer(answer="yes", method="factory-reset"),
    ),
    "certificates": (
        Certificate(kind="inspection", issuer=HAND, independence="third", on=date(2026, 11, 2), index=31),
    ),
    "ladder": (
        LadderRung(pieces=24, price=_cny("164.50")),
        LadderRung(pieces=120, price=_cny("149.00"), agreed=True),
    ),
    "examples": ("24", "48", "72", "312"),
    "sample": SampleForm(action="/offers/x/sample", pieces=2, price=_cny("164.50"), error="sample-too-large"),
    "offered_until": date(2026, 12, 24),
    "landed": PART,
}
