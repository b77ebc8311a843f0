"""A crowd that reserves: our workflow beside the bare statements it stands on; orders after it.

Both are the same buyers at once on the same database with the same durability. The bare side is what a
shop without a ledger does: a conditional UPDATE of the stock and a row for the hold, in a transaction of
their own.
"""

import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from gateway import wiring
from gateway.policies import load
from gateway.settings import Settings
from gateway.store import trade
from gateway.store.trade import Listing
from gateway.wiring import Installation
from gateway.workflows.gate import Verdict, judge_lot
from gateway.workflows.links import left_to_hold
from gateway.workflows.sell import Terms, confirm, release, reserve
from gateway.workflows.story import tell
from ledger.author import new_id

PHONES_A_DAY = 2_740  # a million a year
RATIO_MIN: Final = 0.3
BUYERS: Final = 32  # at once
HOLDS: Final = 96  # a run
ORDERS: Final = 32
RUNS: Final = 3
BARE: Final = text("UPDATE bare_stock SET reserved = reserved + 1 WHERE on_hand - reserved >= 1")
BARE_HOLD: Final = text("INSERT INTO bare_holds VALUES (:id, 'cmp_us', 1)")


def reservation_ratio() -> float:
    """Holds a second of the workflow in those of the bare statement; prints both, and orders a second."""
    with tempfile.TemporaryDirectory() as folder:
        installation = wiring.create(Settings(home=Path(folder) / "home", rate_factor=0))
        tell(installation, lambda _what, _share: None)
        listing = _plenty(installation)
        ours, bare = [], []
        for _ in range(RUNS):
            bare.append(_per_second(HOLDS, _bare(installation)))
            held: list[str] = []
            ours.append(
                _per_second(
                    HOLDS,
                    lambda held=held: held.append(reserve(installation, listing, "cmp_us", 1).id),  # type: ignore[misc]
                )
            )
            assert len(held) == HOLDS
            for one in held:  # a company holds a share of a lot at most
                release(installation, one, "cmp_us")
        holds = [reserve(installation, listing, "cmp_us", 1).id for _ in range(ORDERS)]
        orders = _ordered(installation, holds)
        installation.close()
    ratio = statistics.median(ours) / statistics.median(bare)
    print(
        f"reservations, {BUYERS} at once  {statistics.median(ours):6.0f}/s  bare UPDATE "
        f"{statistics.median(bare):6.0f}/s  ratio {ratio:5.2f}  orders with their record {orders:5.0f}/s: "
        f"{PHONES_A_DAY} phones of a day, ordered one by one, take {PHONES_A_DAY / orders / 60:.1f} min",
        flush=True,
    )
    return ratio


def _per_second(count: int, act: Callable[[], object]) -> float:
    begun = threading.Barrier(BUYERS + 1)
    left = iter(range(count))
    lock = threading.Lock()

    def buyer() -> None:
        begun.wait()
        while True:
            with lock:
                if next(left, None) is None:
                    return
            act()

    with ThreadPoolExecutor(BUYERS) as pool:
        waiting = [pool.submit(buyer) for _ in range(BUYERS)]
        begun.wait()
        start = time.perf_counter()
        for one in waiting:
            one.result()
    return count / (time.perf_counter() - start)


def _bare(installation: Installation) -> Callable[[], object]:
    """Each its own transaction on the writing engine, durable like ours, one after the other."""
    lock = threading.Lock()

    def act() -> None:
        with lock, installation.database.writer.begin() as connection:
            assert connection.execute(BARE).rowcount == 1
            connection.execute(BARE_HOLD, {"id": f"rsv_{new_id('work').partition(':')[2]}"})

    return act


def _ordered(installation: Installation, holds: list[str]) -> float:
    names = iter(holds)
    lock = threading.Lock()

    def act() -> None:
        with lock:
            name = next(names)
        confirm(installation, name, "cmp_us", Terms(f"PO-{name}", "FCA", "Shenzhen"))

    return _per_second(len(holds), act)


def _most(installation: Installation, connection: Connection, listing: Listing, tier: int) -> int:
    """Pieces that one company may hold: by the gate, by the brand's ceiling and by its share."""
    judged = judge_lot(installation, connection, listing.lot, Verdict(verified=True, distrusted=False))
    stock = trade.stock(connection, listing.lot)
    if judged is None or stock is None:
        return 0
    permitted = left_to_hold(connection, judged.facts.chain, installation.clock.now())
    share = load.purchases().share_max(tier, stock.on_hand)
    return min(judged.facts.available, share, share if permitted is None else permitted)


def _plenty(installation: Installation) -> str:
    """An offer that one company may hold enough of, piece by piece."""
    with installation.database.reading() as connection:
        buyer = trade.company(connection, "cmp_us")
        assert buyer is not None
        offered = [
            (_most(installation, connection, one, buyer.tier), one)
            for one in trade.listings(connection)
            if (one.market, one.basis) == ("US", "piece")
        ]
    most, offer = max(offered, key=lambda found: found[0])
    assert most >= HOLDS + ORDERS, "no offer of the story is large enough for one company"

    def unit(connection: Connection) -> None:
        by_piece = trade.LISTINGS.update().where(trade.LISTINGS.c.id == offer.id)
        connection.execute(by_piece.values(moq=1, multiple=1))
        connection.execute(
            text("CREATE TABLE bare_holds (id TEXT PRIMARY KEY, company TEXT, quantity INTEGER)")
        )
        connection.execute(text("CREATE TABLE bare_stock (on_hand INTEGER, reserved INTEGER)"))
        connection.execute(text("INSERT INTO bare_stock VALUES (1000000, 0)"))

    installation.writer.do(lambda ledger: unit(ledger.connection))
    return offer.id
