"""The catalogue as it is found, narrowed down, and with nothing in it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from gateway.pages.views import (
    CatalogueView,
    Facet,
    FacetOption,
    Money,
    Offer,
    Page,
    ReferencePrice,
    UnitPrice,
    Word,
)
from gateway.pages.views.buyer import Chip, SavedSearch

OFFER = Offer(
    href="/offers/lst_4t7w2m",
    lot_short="4t7w2m",
    name="智能手机",
    brand="星野",
    model="X7 Pro",
    category="phone",
    condition="new",
    grade="A",
    score=None,
    market="VN",
    price=UnitPrice(amount=Decimal(1980000), currency="VND"),
    moq=5,
    multiple=1,
    available=312,
    records=11,
    inspection="third_party",
    channel="export",
    reference=ReferencePrice(
        kind="official_site",
        price=Money(amount_minor=329900, currency="CNY"),
        source="official_shops",
        on=date(2026, 11, 2),
        percent=60,
        off_percent=40,
    ),
    warehouse=Word(table="cities", slug="Shenzhen"),
    verified_since=date(2026, 11, 20),
    depth="medium",
)
LONG = replace(
    OFFER,
    href="/offers/lst_9k2p5x",
    name="Áo sơ mi cotton dài tay, Áo nỉ có mũ, Quần kaki nam …",
    brand="木屿",
    model="",
    category="apparel",
    condition="mixed",
    grade="C",
    price=UnitPrice(amount=Decimal("1250000.5"), currency="VND"),
    basis="kg",
    size=250,
    moq=240,
    multiple=24,
    available=98_400,
    inspection="full",
    depth="shallow",
    shown_for="audience",
    event="秋冬尾货专场",
    event_ends_at=datetime(2026, 11, 24, 16, 0, tzinfo=UTC),
    agreed=True,
)
UNGRADED = replace(
    OFFER, href="/offers/lst_m3w8ya", name="", brand="北辰", model="BCD-215", category="refrigerator",
    condition="returned", grade="B", records=1, inspection="sample", reference=None, shown_for="tier",
    warehouse="Linyi warehouse 3", verified_since=None,
)  # fmt: skip


def _options(*counted: tuple[str, int], chosen: str = "") -> tuple[FacetOption, ...]:
    return tuple(FacetOption(value=value, count=count, selected=value == chosen) for value, count in counted)


FACETS = (
    Facet(
        name="category", table="categories",
        options=_options(("phone", 1), ("apparel", 1), ("refrigerator", 1), chosen="phone"),
    ),
    Facet(
        name="brand",
        options=_options(*((name, 9 - n) for n, name in enumerate(("北辰", "星野", "木屿", "素白")))),
    ),
    Facet(name="grade", table="grades", options=_options(("A", 3), ("B", 2), ("C", 1), chosen="A")),
    Facet(
        name="inspection", several=False, table="inspection_levels",
        options=_options(("documents", 6), ("sample", 5), ("full", 2), ("third_party", 1)),
    ),
    Facet(
        name="warehouse",
        options=_options(*((f"Warehouse {n}", 8 - n) for n in range(8))),
    ),
    Facet(name="depth", table="depths", options=_options(("medium", 4), ("shallow", 2))),
    Facet(
        name="event",
        options=(FacetOption(value="sev_1", count=1, text="秋冬尾货专场"),),
    ),
)  # fmt: skip
CHIPS = (
    Chip(name="q", value="X7 Pro 256 GB", href="/catalogue?grade=A&category=phone"),
    Chip(name="category", value=Word(table="categories", slug="phone"), href="/catalogue?grade=A"),
    Chip(name="grade", value=Word(table="grades", slug="A"), href="/catalogue?category=phone"),
    Chip(name="price_max", value=Money(amount_minor=2_000_000, currency="VND"), href="/catalogue?grade=A"),
    Chip(name="verified_since", value=date(2026, 11, 1), href="/catalogue?grade=A"),
)
KEPT = (
    SavedSearch(
        id="sch_1", name="Điện thoại hạng A", href="/catalogue?category=phone&grade=A", letters=True,
        delete_action="/catalogue/searches/sch_1/delete",
        letters_action="/catalogue/searches/sch_1/letters",
    ),
    SavedSearch(
        id="sch_2", name="冰箱", href="/catalogue?category=refrigerator", letters=False,
        delete_action="/catalogue/searches/sch_2/delete",
        letters_action="/catalogue/searches/sch_2/letters",
    ),
)  # fmt: skip
CATALOGUE = CatalogueView(
    facets=FACETS,
    offers=(OFFER, LONG, UNGRADED),
    total=27,
    next_href="/catalogue?after=1~lst_m3w8ya",
    currency="VND",
    kept=KEPT,
)
NARROWED = replace(
    CATALOGUE,
    offers=(OFFER,),
    total=1,
    next_href="",
    typed={"q": "X7 Pro 256 GB", "price_max": "2000000", "verified_since": "2026-11-01"},
    sort="price",
    chips=CHIPS,
    save_query="q=X7+Pro&category=phone&grade=A",
    save_error="search-needs-name",
)
NOTHING = replace(
    NARROWED,
    offers=(),
    total=0,
    fewer=tuple(replace(chip, count=12 - n) for n, chip in enumerate(CHIPS[:3])),
    kept=(),
    save_error="",
)

CATALOGUE_PAGES: dict[str, Page] = {
    "catalogue": CATALOGUE,
    "catalogue-narrowed": NARROWED,
    "catalogue-nothing-fits": NOTHING,
    "catalogue-empty": CatalogueView(facets=(), offers=(), total=0),
}
