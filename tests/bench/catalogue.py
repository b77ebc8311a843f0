"""Search and facets over a hundred thousand offers, beside a bare keyset query over the same table."""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, create_engine, insert, select, text
from sqlmodel import SQLModel

from gateway.store import audiences, catalogue, catalogue_copies, price_tables, stock_levels, trade
from gateway.store.catalogue import INDEX, Card, Indexed
from gateway.trade.search import Search, searchable
from gateway.trade.visibility import Viewer
from ledger.store import log
from ledger.store.tables import table
from tests.postgresql import NoServer, Server

OFFERS: Final = 100_000
# The load profile of the trade: 3,000 to 5,000 brands, 60 to 70 % apparel and shoes, 5 to 16 open sales.
BRANDS: Final = 4_000
CATEGORIES: Final = {"apparel": 65, "phone": 20, "sofa": 15}  # percent
SALES: Final = 12
IN_SALES: Final = 0.05  # of the offers
RUNS: Final = 60
FACET_RUNS: Final = 12
PAGE: Final = 50
NOW: Final = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EVENTS: Final = table(price_tables.SaleEventRow)
VIEWER: Final = Viewer("cmp_bench", "VN", 2)
TABLES: Final = [
    INDEX, trade.LISTINGS, trade.STOCK, stock_levels.LEVELS, audiences.CHOSEN, audiences.ACCESS,
    log.SUBJECTS, log.ENTRIES, EVENTS,
]  # fmt: skip


def tell_catalogue() -> None:
    """Prints p50, p95 and p99 in milliseconds, and how often the bare query fits into a search."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as closing:
        urls = {"SQLite": f"sqlite:///{Path(folder) / 'catalogue.db'}"}
        try:
            server = Server()
            closing.callback(server.stop)
            urls["PostgreSQL"] = server.url(server.create())
        except NoServer as missing:
            print(f"catalogue             PostgreSQL not measured: {missing}", flush=True)
        for name, url in urls.items():
            engine = create_engine(url)
            SQLModel.metadata.create_all(engine, tables=TABLES)
            with engine.begin() as connection:
                _fill(connection)
            with engine.begin() as connection:
                connection.execute(text("ANALYZE"))
                _tell(name, connection)
            engine.dispose()


def _tell(name: str, connection: Connection) -> None:
    dice = random.Random(1)
    bare = [_timed(lambda: _bare(connection, dice)) for _ in range(RUNS)]
    found = [_timed(lambda: _search(connection, dice)) for _ in range(RUNS)]
    counted = [
        _timed(lambda: catalogue.facets(connection, VIEWER, _wanted(dice), NOW)) for _ in range(FACET_RUNS)
    ]
    ratio = statistics.median(found) / statistics.median(bare)
    print(
        f"catalogue, {name:<10} {OFFERS} offers  bare p50 {_ms(bare, 50):6.1f} ms"
        f"  search p50 {_ms(found, 50):6.1f} p95 {_ms(found, 95):6.1f} p99 {_ms(found, 99):6.1f} ms "
        f"({ratio:.1f}x)  facets p50 {_ms(counted, 50):6.0f} p95 {_ms(counted, 95):6.0f} "
        f"p99 {_ms(counted, 99):6.0f} ms",
        flush=True,
    )


def _bare(connection: Connection, dice: random.Random) -> None:
    """One page by the same index, from a random place, of one table alone."""
    begin = dice.randrange(OFFERS) * 1000
    statement = (
        select(INDEX)
        .where(INDEX.c.market == "VN", INDEX.c.published_us < begin)
        .order_by(INDEX.c.published_us.desc(), INDEX.c.listing.desc())
        .limit(PAGE)
    )
    list(connection.execute(statement))


def _search(connection: Connection, dice: random.Random) -> None:
    after = (dice.randrange(OFFERS) * 1000, "lst_")
    catalogue.find(connection, VIEWER, _wanted(dice), NOW, after=after, limit=PAGE)


def _wanted(dice: random.Random) -> Search:
    """What buyers ask for: mostly one or two filters, sometimes words."""
    return dice.choice(
        (
            Search(),
            Search(grade=("A",)),
            Search(category=("phone",), price_max=9_000),
            Search(brand=(f"Brand {dice.randrange(BRANDS)}",)),
            Search(q="dien thoai"),
            Search(qty_min=100, inspection="full"),
        )
    )


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _ms(times: list[float], percent: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1e3


def _fill(connection: Connection) -> None:
    dice = random.Random(2026)
    connection.execute(insert(EVENTS), [_sale(n) for n in range(SALES)])
    for start in range(0, OFFERS, 5_000):
        made = [_offer(n, dice) for n in range(start, start + 5_000)]
        connection.execute(insert(INDEX), [{**catalogue.row_of(one), **catalogue.UNSEEN} for one in made])
        connection.execute(insert(trade.LISTINGS), [_listing(one, dice) for one in made])
        stock = [
            {"lot": one.lot, "on_hand": one.cap, "reserved": 0, "allocated": 0, "shipped": 0} for one in made
        ]
        connection.execute(insert(trade.STOCK), stock)
    catalogue_copies.everything(connection)


def _offer(n: int, dice: random.Random) -> Indexed:
    brand = f"Brand {dice.randrange(BRANDS)}"
    (category,) = dice.choices(list(CATEGORIES), list(CATEGORIES.values()))
    name = {"phone": "Điện thoại", "sofa": "Ghế sofa"}.get(category, "Áo sơ mi")
    grade = dice.choice("ABC")
    return Indexed(
        listing=f"lst_{n:020}",
        lot=f"lot:{n:020}",
        market="VN",
        head="0" * 64,
        judged_on="2026-11-22",
        judged_size=1,
        standing=True,
        published_us=n * 1000,
        category=category,
        brand=brand,
        condition="new",
        grade=grade,
        grade_rank="CBA".index(grade) + 1,
        inspection=dice.choice(("sample", "full")),
        inspection_rank=dice.choice((2, 3)),
        hs=("851713",),
        piece_minor=dice.randrange(100, 20_000),
        cap=dice.randrange(5, 5_000),
        permitted=catalogue.UNLIMITED,
        warehouse=dice.choice(("Shenzhen", "Hangzhou", "Linyi")),
        verified_since="2026-11-20",
        depth=dice.choice(("shallow", "medium")),
        words=searchable((brand, name, category)),
        card=Card({"vi": name}, brand, "", 9, 1),
    )


def _sale(n: int) -> dict[str, Any]:
    titles = {f"title_{language}": f"Sale {n}" for language in ("zh", "en", "vi")}
    days = {"starts_at": NOW - timedelta(days=1), "ends_at": NOW + timedelta(days=2), "created_at": NOW}
    return {"id": f"evt_{n}", **titles, **days, "state": "open", "created_by": "bench"}


def _listing(one: Indexed, dice: random.Random) -> dict[str, Any]:
    value = trade.Listing(
        id=one.listing,
        lot=one.lot,
        market=one.market,
        channel="export",
        currency="USD",
        unit_price_minor=one.piece_minor,
        moq=5,
        head=one.head,
        status="published",
        visibility=dice.choice(("public", "members", "members", "tier", "private")),
        tier_min=2,
        published_at=NOW - timedelta(minutes=1),
        event=f"evt_{dice.randrange(SALES)}" if dice.random() < IN_SALES else "",
    )
    return {name: getattr(value, name) for name in value.__slots__}
