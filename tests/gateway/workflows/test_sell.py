"""Nothing is promised twice, and nothing that the gate refuses is sold."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from gateway.errors import InsufficientQuantity, NotFound, Refused, ReservationExpired
from gateway.policies import load
from gateway.store import trade
from gateway.store.trade import RESERVATIONS, STOCK, Listing
from gateway.wiring import Installation
from gateway.workflows.sell import Terms, confirm, release, reserve
from ledger.store import log
from tests.gateway.workflows.trade_machine import run_trade_machine, sell_naively_to_eighty

TERMS = Terms("PO-1", "FCA", "Shenzhen")


def _offer(installation: Installation, market: str, at_least: int, below: int = 10**9) -> Listing:
    with installation.database.reading() as connection:
        for listing in trade.listings(connection):
            stock = trade.stock(connection, listing.lot)
            if listing.market == market and stock and at_least <= stock.available < below:
                return listing
    raise AssertionError(f"no offer of {at_least} in {market}")


def _stock(installation: Installation, lot: str) -> trade.Stock:
    with installation.database.reading() as connection:
        stock = trade.stock(connection, lot)
    assert stock is not None
    return stock


def test_eighty_buyers_for_twenty_units_get_exactly_twenty(copied: Installation) -> None:
    sell_the_last_twenty_to_eighty(copied)


def sell_the_last_twenty_to_eighty(copied: Installation) -> None:
    """Each wants one of the last twenty; the check and the promise are one statement."""
    listing = _offer(copied, "US", 20)
    left = _stock(copied, listing.lot).available

    def narrow(ledger: object) -> None:
        ledger.connection.execute(  # type: ignore[attr-defined]
            STOCK.update().where(STOCK.c.lot == listing.lot).values(on_hand=STOCK.c.on_hand - (left - 20))
        )

    copied.writer.do(narrow)

    def moq_of_one(ledger: object) -> None:
        ledger.connection.execute(  # type: ignore[attr-defined]
            trade.LISTINGS.update().where(trade.LISTINGS.c.id == listing.id).values(moq=1)
        )

    copied.writer.do(moq_of_one)

    def buy(number: int) -> bool:
        try:
            hold = reserve(copied, listing.id, "cmp_us", 1)
        except InsufficientQuantity:
            return False
        confirm(copied, hold.id, "cmp_us", Terms(f"PO-{number}", "FCA", "Shenzhen"))
        return True

    before = _sold(copied, listing.lot)
    with ThreadPoolExecutor(80) as pool:
        bought = list(pool.map(buy, range(80)))
    assert sum(bought) == 20
    stock = _stock(copied, listing.lot)
    assert (stock.available, stock.reserved) == (0, 0)
    assert _sold(copied, listing.lot) - before == 20


def _sold(installation: Installation, lot: str) -> int:
    with installation.database.reading() as connection:
        subject = log.subject(connection, lot)
    assert subject is not None
    sold: int = subject.state.sold
    return sold


def test_the_same_reservation_confirmed_twice_is_one_order(copied: Installation) -> None:
    listing = _offer(copied, "US", 10)
    hold = reserve(copied, listing.id, "cmp_us", 5)
    first = confirm(copied, hold.id, "cmp_us", TERMS)
    assert confirm(copied, hold.id, "cmp_us", TERMS) == first


def test_an_order_and_its_sale_are_one_transaction(copied: Installation) -> None:
    """The order names the lot.sold record, which stands in the log; the stock moved with it."""
    listing = _offer(copied, "US", 10)
    before = _stock(copied, listing.lot)
    order = confirm(copied, reserve(copied, listing.id, "cmp_us", 5).id, "cmp_us", TERMS)
    with copied.database.reading() as connection:
        index = log.index_of(connection, order.sold_event)
        assert index is not None
        event = log.event(connection, order.sold_event)
    assert event is not None
    assert (event.type, event.subjects) == ("lot.sold", [listing.lot])
    assert _stock(copied, listing.lot).allocated == before.allocated + 5


def test_a_hold_that_ran_out_is_given_to_the_next_buyer(copied: Installation) -> None:
    whole = load.purchases().share_applies_from_pieces  # of a larger lot nobody may hold everything
    listing = _offer(copied, "US", 5, below=whole)
    everything = _stock(copied, listing.lot).available
    hold = reserve(copied, listing.id, "cmp_us", everything)
    with pytest.raises(InsufficientQuantity, match="0 are left"):
        reserve(copied, listing.id, "cmp_us", listing.moq)

    def run_out(ledger: object) -> None:
        past = copied.clock.now() - timedelta(minutes=1)
        ledger.connection.execute(  # type: ignore[attr-defined]
            RESERVATIONS.update().where(RESERVATIONS.c.id == hold.id).values(expires_at=past)
        )

    copied.writer.do(run_out)
    assert reserve(copied, listing.id, "cmp_us", listing.moq).state == "active"
    with pytest.raises(ReservationExpired):
        confirm(copied, hold.id, "cmp_us", TERMS)


def test_a_hold_is_given_back_once(copied: Installation) -> None:
    listing = _offer(copied, "US", 5)
    before = _stock(copied, listing.lot).reserved
    hold = reserve(copied, listing.id, "cmp_us", listing.moq)
    release(copied, hold.id, "cmp_us")
    release(copied, hold.id, "cmp_us")
    assert _stock(copied, listing.lot).reserved == before


def test_fewer_than_the_smallest_order_are_refused(copied: Installation) -> None:
    listing = _offer(copied, "US", 10)
    with pytest.raises(Refused, match="smallest order is 5"):
        reserve(copied, listing.id, "cmp_us", 4)


def test_another_markets_offer_does_not_exist_for_a_buyer(copied: Installation) -> None:
    listing = _offer(copied, "US", 5)
    with pytest.raises(NotFound):
        reserve(copied, listing.id, "cmp_vn", 5)


def test_another_companys_hold_does_not_exist(copied: Installation) -> None:
    hold = reserve(copied, _offer(copied, "US", 5).id, "cmp_us", 5)
    with pytest.raises(NotFound):
        confirm(copied, hold.id, "cmp_ng", TERMS)


def test_the_counters_are_the_sum_of_the_movements(told: Installation) -> None:
    signs = {"receive": 1, "ship": -1}
    with told.database.reading() as connection:
        rows = connection.execute(select(trade.MOVEMENTS)).all()
        total = connection.execute(select(func.sum(STOCK.c.on_hand))).scalar_one()
    assert sum(signs.get(row.kind, 0) * row.quantity for row in rows) == total


def test_whoever_looks_first_and_writes_later_oversells(copied: Installation) -> None:
    """The control of the test above: the same crowd and stock, without the one statement."""
    assert sell_naively_to_eighty(copied) == 80


def test_whatever_people_do_nothing_is_promised_twice(copied: Installation) -> None:
    run_trade_machine(copied)
