"""Pages of price lists, prices elsewhere, sale events, and of who sees which offer."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from gateway.pages.views import Link, Money, Page, UnitPrice
from gateway.pages.views.forms import form_of
from gateway.pages.views.prices import (
    AudienceEvent,
    AudienceLine,
    AudiencesView,
    AudienceView,
    BandBar,
    ChosenLine,
    ExposureLine,
    ExposuresView,
    Holder,
    ListLine,
    MatchFacts,
    OfferName,
    PriceLine,
    PriceListsView,
    PriceListView,
    RefusedPrice,
    RejectedLine,
    SaleLine,
    SaleOffersView,
    SalesView,
    SaleView,
    ScorePart,
    SoldLine,
    StatedLine,
    StatedPricesView,
)
from gateway.trade.pricing import REFERENCE_KINDS

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
END = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)
ID = "0c8tq3m7p2d5v9x1k4hr"
PHONES = OfferName(
    listing=f"lst_{ID}", goods="星野 X7 Pro", category="phone", grade="A", lot_short="0c8tq3m7", market="VN",
    price=UnitPrice(amount=Decimal("96.00"), currency="USD"), basis="piece", left=1_200,
)  # fmt: skip
SHIRTS = replace(
    PHONES, listing="lst_1", goods="蓝图 T-shirt, cotton, crew neck", category="apparel", grade="C",
    market="NG", price=UnitPrice(amount=Decimal("3.95"), currency="USD"), basis="kg", left=0,
)  # fmt: skip
IN_BAND = BandBar(percent=50, floor_percent=50, ceiling_percent=70, start=64, width=26, mark=64, in_band=True)
BELOW = replace(IN_BAND, percent=31, mark=40, in_band=False)
COMPANIES = (("cmp_1", "明发电子"), ("cmp_2", "北辰贸易"))


def _list(
    kind: str, state: str, *, name: str = "", tier: int = 0, market: str = "", **more: object
) -> ListLine:
    plain = ListLine(
        href=f"/operator/prices/prl_{ID}", name=f"{kind} agreement, 2026 年秋季",
        holder=Holder(kind=kind, name=name, tier=tier, market=market), currency="USD", valid_from=DAY,
        valid_to=None, priority=0, offers=3, state=state,
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


LISTS = PriceListsView(
    lists=(
        _list("company", "standing", name="Công ty TNHH Minh Phát"),
        _list("tier", "later", tier=2, market="VN"),
        _list("market", "over", market="NG", valid_to=date(2026, 11, 21), priority=10),
        _list("company", "closed", name="Lagos Discount Traders Limited", market="NG"),
    ),
    companies=COMPANIES,
    markets=("VN", "NG"),
    currencies=("USD",),
    form=form_of({"holder_kind": "tier", "tier": "0"}, {"tier": "holder-unknown", "name": "text-missing"}),
)


def _price(min_qty: int, bar: BandBar | None, **more: object) -> PriceLine:
    plain = PriceLine(
        id="prc_1", offer=PHONES, listing=PHONES.listing, min_qty=min_qty,
        price=UnitPrice(amount=Decimal("80.00"), currency="USD"), basis="piece", bar=bar,
        reference_kind="local_new", reference=Money(amount_minor=16_000, currency="USD"),
        source="survey of three shops in Hải Phòng", stated_on=DAY, override_reason="", entered_at=AT,
        entered_by="Lan Nguyen",
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


LIST = PriceListView(
    line=_list("market", "standing", market="VN"),
    action=f"/operator/prices/prl_{ID}",
    prices=(
        _price(5, IN_BAND),
        _price(500, BELOW, override_reason="last pieces before the season ends, 清仓"),
        _price(9, None, offer=None),
    ),
    offers=(PHONES, replace(PHONES, listing="lst_2", grade="ungraded")),
    kinds=REFERENCE_KINDS,
    form=form_of({"min_qty": "100", "price": "50"}, {"price": "price-out-of-band"}),
    refused=RefusedPrice(
        slug="price-out-of-band", least=UnitPrice(amount=Decimal("80.00"), currency="USD"),
        most=UnitPrice(amount=Decimal("112.00"), currency="USD"), bar=BELOW,
    ),
    taken=12,
    rejected=(RejectedLine(row=4, cells=("lst_unknown", "5", "80"), slug="listing-not-priced"),),
    today=DAY,
)  # fmt: skip
REFERENCES = StatedPricesView(
    lines=(
        StatedLine(
            id="ref_1", subject="X7 Pro", lot=None, market="VN", kind="local_new",
            price=Money(amount_minor=16_000, currency="USD"), source="survey of three shops in Hải Phòng",
            stated_on=DAY, entered_by="Lan Nguyen",
        ),
        StatedLine(
            id="ref_2", subject=f"lot:{ID}", lot=Link(text="0c8tq3m7", href=f"/operator/lots/{ID}"),
            market="", kind="brand_minimum", price=Money(amount_minor=49_900, currency="CNY"),
            source="星野 品牌函", stated_on=DAY, entered_by="Lan Nguyen",
        ),
    ),
    models=("A30", "X7 Pro"),
    markets=("VN", "NG"),
    kinds=(*REFERENCE_KINDS, "brand_minimum"),
    currencies=("USD", "CNY"),
    form=form_of({"kind": "local_new"}, {"market": "market-needed", "amount": "amount-unreadable"}),
)  # fmt: skip


def _sale(state: str, left: str, amount: int, sold: int | None) -> SaleLine:
    return SaleLine(
        href=f"/operator/events/sev_{ID}", title="秋季手机专场", state=state, starts_at=AT, ends_at=END,
        left=left, amount=amount, offers=14, sold_percent=sold,
    )  # fmt: skip


SALES = SalesView(
    events=(
        _sale("open", "ends-days", 2, 68),
        _sale("open", "ends-soon", 0, 0),
        _sale("planned", "begins-hours", 5, 0),
        _sale("closed", "", 0, None),
        _sale("cancelled", "", 0, 100),
    ),
    form=form_of({"hours": "0"}, {"hours": "dates-reversed", "title_vi": "text-missing"}),
    open_now=2,
)
SALE = SaleView(
    line=_sale("closed", "", 0, 70),
    titles=(("zh-CN", "秋季手机专场"), ("en", "Phones of the autumn"), ("vi", "Điện thoại mùa thu")),
    action=f"/operator/events/sev_{ID}",
    lots=(
        SoldLine(offer=PHONES, listing=PHONES.listing, offered=2_000, sold=800, left_at=None),
        SoldLine(offer=SHIRTS, listing="lst_1", offered=500, sold=None, left_at=None),
        SoldLine(offer=None, listing="lst_3", offered=40, sold=40, left_at=END),
    ),
    candidates=(PHONES,),
    offered=2_540,
    sold=1_778,
    unsold=1,
    form=form_of({"listing": PHONES.listing}, {"listing": "in-another-sale"}),
)
SALE_OFFERS = SaleOffersView(
    line=replace(_sale("planned", "begins-days", 1, None), href=f"/events/sev_{ID}"),
    offers=((f"/offers/{PHONES.listing}", PHONES), ("/offers/lst_1", SHIRTS)),
)
AUDIENCES = AudiencesView(
    lines=tuple(
        AudienceLine(
            href=f"/operator/audiences/{PHONES.listing}",
            offer=PHONES,
            visibility=kind,
            tier_min=2,
            companies=7,
        )
        for kind in ("public", "members", "tier", "private")
    )
)
PARTS = (
    ScorePart(name="category", points=280, most=350, detail=1_240),
    ScorePart(name="brand", points=150, most=150, detail=600),
    ScorePart(name="grade", points=0, most=150),
    ScorePart(name="price", points=170, most=200, detail=Money(amount_minor=9_100, currency="USD")),
    ScorePart(name="freight", points=25, most=50),
    ScorePart(name="ageing", points=40, most=100, detail=72),
)
AUDIENCE = AudienceView(
    action=f"/operator/audiences/{PHONES.listing}",
    offer=PHONES,
    visibility="private",
    tier_min=1,
    chosen=(
        ChosenLine(
            company="cmp_1", name="Công ty TNHH Minh Phát", score=665, expected=400, parts=PARTS, reason="",
            since=AT, added_by="", seen_days=2,
        ),
        ChosenLine(
            company="cmp_2", name="Lagos Discount Traders Limited", score=0, expected=-1, parts=(),
            reason="asked for such phones at the fair", since=AT, added_by="Lan Nguyen", seen_days=0,
        ),
    ),
    others=COMPANIES,
    run=MatchFacts(
        at=AT, wanted=1_560, expected=1_600, companies=4, days_open=2, policy="matching/1",
        plan_hash="9f2c" * 16,
    ),
    runs=2,
    events=tuple(
        AudienceEvent(at=AT, slug=slug, who="Lan Nguyen", what=what, reason="深圳展会, fair")
        for slug, what in (
            ("visible-tier", "2"), ("visible-private", ""),
            ("company-added", "Lagos Discount Traders Limited"), ("company-removed", "Hà Nội Trading"),
        )
    ),
    exposures=((DAY, "Công ty TNHH Minh Phát", "audience"), (DAY, "Hà Nội Trading", "tier")),
    form=form_of(
        {"visibility": "tier", "tier_min": "0"}, {"tier_min": "tier-unknown", "company_reason": "why-missing"}
    ),
)  # fmt: skip

EXPOSURES = ExposuresView(
    lines=(
        ExposureLine(day=DAY, company="Công ty TNHH Minh Phát", offer=PHONES, href="/operator/audiences/x",
                     why="audience"),
        ExposureLine(day=DAY, company="Hà Nội Trading", offer=PHONES, href="/operator/audiences/x",
                     why="tier"),
    ),
    offers=((PHONES.listing, "星野 X7 Pro · VN · 8d2s5xk0"),),
    companies=COMPANIES,
    form=form_of({"listing": "", "company": COMPANIES[0][0]}),
    next_href="/operator/exposures?after=x",
)  # fmt: skip

PRICE_PAGES: dict[str, tuple[Page, str]] = {
    "price-lists": (LISTS, "/operator/prices"),
    "price-list": (LIST, f"/operator/prices/prl_{ID}"),
    "prices-elsewhere": (REFERENCES, "/operator/references"),
    "sale-events": (SALES, "/operator/events"),
    "sale-event": (SALE, f"/operator/events/sev_{ID}"),
    "audiences": (AUDIENCES, "/operator/audiences"),
    "audience": (AUDIENCE, f"/operator/audiences/{PHONES.listing}"),
    "exposures": (EXPOSURES, "/operator/exposures"),
}
PRICE_PAGES_OF_BUYERS: dict[str, tuple[Page, str]] = {
    "sale-event-of-buyer": (SALE_OFFERS, f"/events/sev_{ID}"),
}
