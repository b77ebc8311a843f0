"""What must be true of stock, holds and orders after every step, whatever people do; and whatever order in.

The invariants are those of the trade: I1 nothing is promised twice, I2 counters are the sum of what moved,
I3 nothing new is promised of goods that are recalled, I9 each sale in the log is one order and back.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, func, select, text

from gateway.errors import GatewayError
from gateway.store import purchases as store
from gateway.store import trade
from gateway.wiring import Installation
from gateway.workflows import holding, purchase_stops, purchases
from gateway.workflows.companies import Actor
from gateway.workflows.gate import is_recalled
from gateway.workflows.parties import operator_hand
from gateway.workflows.sell import Terms
from gateway.workflows.work import Work
from ledger.store.tables import EntryRow, table

COMPANIES = ("cmp_us", "cmp_vn", "cmp_ng")
ENTRIES = table(EntryRow)
STAFF = Actor("user:staff")
# Each kind of movement: what it does to on_hand, reserved, allocated, shipped.
MOVES = {
    "receive": (1, 0, 0, 0),
    "reserve": (0, 1, 0, 0),
    "release": (0, -1, 0, 0),
    "allocate": (0, -1, 1, 0),
    "ship": (-1, 0, -1, 1),
    "write_off": (-1, 0, 0, 0),
    "found": (1, 0, 0, 0),
}


def check_invariants(connection: Connection) -> None:
    """I1, I2 and I9, over every lot and the whole log."""
    folded: dict[str, list[int]] = {}
    for row in connection.execute(select(trade.MOVEMENTS)):
        counters = folded.setdefault(row.lot, [0, 0, 0, 0])
        for n, sign in enumerate(MOVES[row.kind]):
            counters[n] += sign * row.quantity
    held: dict[str, int] = {}
    for hold in trade.holds(connection):
        held[hold.lot] = held.get(hold.lot, 0) + hold.quantity
    owed: dict[str, int] = {}
    for order in trade.orders(connection):
        if order.state in ("confirmed", "packed"):
            owed[order.lot] = owed.get(order.lot, 0) + order.quantity
    for stock in trade.stocks(connection):
        counters = [stock.on_hand, stock.reserved, stock.allocated, stock.shipped]
        assert counters == folded[stock.lot], f"I2 {stock}"
        assert (stock.reserved, stock.allocated) == (held.get(stock.lot, 0), owed.get(stock.lot, 0)), (
            f"I1 {stock}"
        )
        assert held.get(stock.lot, 0) + owed.get(stock.lot, 0) <= stock.on_hand, f"I1 {stock}"
    sales = connection.execute(
        select(func.count()).select_from(ENTRIES).where(ENTRIES.c.type == "lot.sold")
    ).scalar_one()
    assert sales == len({order.sold_event for order in trade.orders(connection)}), "I9"
    assert sales == len(trade.orders(connection)), "I9"


def run_trade_machine(installation: Installation, *, examples: int = 2, steps: int = 14) -> None:
    """Random people on one installation; the home is used up."""
    numbers = iter(range(10_000))
    with installation.database.reading() as connection:
        offers = [one for one in trade.listings(connection) if trade.stock(connection, one.lot)][:6]

    class Machine(RuleBasedStateMachine):
        def _holds(self) -> list[trade.Reservation]:
            with installation.database.reading() as connection:
                return [hold for hold in trade.holds(connection) if not hold.purchase]

        def _is_recalled(self, lot: str) -> bool:
            with installation.database.reading() as connection:
                return is_recalled(connection, lot)

        @rule(n=st.integers(0, 5), pieces=st.integers(1, 40))
        def hold(self, n: int, pieces: int) -> None:
            offer = offers[n % len(offers)]
            company = next(one for one in COMPANIES if one.endswith(offer.market.lower()))
            recalled = self._is_recalled(offer.lot)
            held = _try(installation, lambda: holding.reserving(installation, offer.id, company, pieces))
            assert not (held and recalled), "I3"

        @rule(n=st.integers(0, 9))
        def extend(self, n: int) -> None:
            holds = self._holds()
            if holds:
                hold = holds[n % len(holds)]
                _try(installation, lambda: holding.extending(installation, hold.id, hold.company))

        @rule(n=st.integers(0, 9), both=st.booleans())
        def order(self, n: int, *, both: bool) -> None:
            holds = self._holds()
            if not holds:
                return
            first = holds[n % len(holds)]
            chosen = [
                first,
                *(one for one in holds if both and one.company == first.company and one != first),
            ]
            recalled = any(self._is_recalled(hold.lot) for hold in chosen)
            sold = _try(
                installation,
                lambda: purchases.placing(
                    installation, [hold.id for hold in chosen], first.company,
                    Terms(f"PO-M{next(numbers)}", "FCA", "Shenzhen"),
                ),
            )  # fmt: skip
            assert not (sold and recalled), "I3"

        @rule(n=st.integers(0, 9))
        def release(self, n: int) -> None:
            holds = self._holds()
            if holds:
                hold = holds[n % len(holds)]
                holding_ = holding.releasing(installation, hold.id, hold.company, lambda _hold: None)
                installation.writer.do(holding_)

        @rule(n=st.integers(0, 3))
        def cancel(self, n: int) -> None:
            with installation.database.reading() as connection:
                found = store.latest(connection)
            if found:
                one = found[n % len(found)]
                _try(installation, lambda: purchases.cancelling(installation, one.id, STAFF, "staff"))

        @rule(n=st.integers(0, 9))
        def ship(self, n: int) -> None:
            with installation.database.reading() as connection:
                waiting = [order for order in trade.orders(connection) if order.state == "confirmed"]
            if waiting:
                order = waiting[n % len(waiting)]
                installation.writer.do(lambda ledger: _ship(installation, ledger, order))

        @rule(n=st.integers(0, 30))
        def recall(self, n: int) -> None:
            if n < len(offers) and n > 3 and not self._is_recalled(offers[n].lot):
                installation.writer.do(lambda ledger: _recall(Work(installation, ledger), offers[n].lot))
                purchase_stops.stop_recalled(installation)

        @invariant()
        def nothing_is_promised_twice(self) -> None:
            with installation.database.reading() as connection:
                check_invariants(connection)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True, database=None
        ),
    )


def _try(installation: Installation, prepare: Any) -> bool:
    """Whether it was done; a refusal on purpose is an answer, too."""
    try:
        installation.writer.do(prepare())
    except GatewayError:
        return False
    return True


def _ship(installation: Installation, ledger: Any, order: trade.Order) -> None:
    now = installation.clock.now()
    trade.ship(ledger.connection, order.lot, order.quantity, order.id, now)
    trade.set_order(ledger.connection, order, state="shipped")
    purchase_stops.follow(ledger.connection, order.id, now)


def _recall(work: Work, lot: str) -> None:
    signer = operator_hand(work.installation, "warehouse", "authority")
    work.record("lot.recalled", [signer], {"reason": "safety"}, subjects=[lot])


def sell_naively_to_eighty(installation: Installation) -> int:
    """The same crowd with a check that is read first and written later: how many of 20 units it sells."""

    def begin(ledger: Any) -> None:
        ledger.connection.execute(text("CREATE TABLE naive_stock (units_left INTEGER NOT NULL)"))
        ledger.connection.execute(text("INSERT INTO naive_stock VALUES (20)"))

    installation.writer.do(begin)
    crowd = threading.Barrier(80, timeout=60)

    def buy(_number: int) -> bool:
        with installation.database.reading() as connection:
            left = connection.execute(text("SELECT units_left FROM naive_stock")).scalar_one()
        crowd.wait()
        if left < 1:
            return False
        taken = text("UPDATE naive_stock SET units_left = :left").bindparams(left=left - 1)
        installation.writer.do(lambda ledger: ledger.connection.execute(taken))
        return True

    with ThreadPoolExecutor(80) as pool:
        return sum(pool.map(buy, range(80)))
