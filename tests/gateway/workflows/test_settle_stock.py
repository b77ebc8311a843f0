"""What the ledger says is gone is promised to nobody: not by the row, not by a hold made before (row G: no
unit twice)."""

from typing import Any

import pytest

from gateway.errors import InsufficientQuantity, ListingWithdrawn, LotNotVerified
from gateway.store import trade
from gateway.store.trade import Listing, Stock
from gateway.wiring import Installation
from gateway.workflows.gate import free_units
from gateway.workflows.parties import hand, operator_hand
from gateway.workflows.recheck import recheck
from gateway.workflows.sell import Terms, confirm, reserve
from gateway.workflows.settle_stock import settle_stock
from gateway.workflows.work import Work
from ledger.record import Ledger
from ledger.store import log
from tests.gateway.trade.test_permission_rows import LOT

TERMS = Terms("PO-9", "FCA", "Shenzhen")


def unsold_offer(installation: Installation, company: str = "cmp_us", market: str = "US") -> Listing:
    """An offer of a lot of the operator's own of which nothing is sold."""
    with installation.database.reading() as connection:
        for listing in trade.listings(connection):
            subject = log.subject(connection, listing.lot)
            if listing.market == market and subject is not None:
                lot = subject.state
                if lot.sold == 0 and lot.title == lot.custody == installation.config.operator:
                    return listing
    raise AssertionError("the story leaves one unsold")


def stock_of(installation: Installation, lot: str) -> Stock:
    with installation.database.reading() as connection:
        found = trade.stock(connection, lot)
    assert found is not None
    return found


def ended(installation: Installation, lot: str, how: str) -> None:
    """The lot is taken off the market in the ledger alone, and then is gone or called back."""

    def unit(ledger: Ledger) -> None:
        work = Work(installation, ledger)
        subject = work.view.subject(lot)
        assert subject is not None
        keeper = operator_hand(installation, "warehouse", "authority" if how == "recalled" else "custodian")
        if how == "recalled":
            work.record("lot.recalled", [keeper], {"reason": "safety"}, subjects=[lot])
            return
        for _ in range(subject.state.listings):
            seller = operator_hand(installation, "sales", "seller")
            work.record("lot.withdrawn", [seller], {"reason": "damaged"}, subjects=[lot])
        quantity = subject.state.quantity
        if how == "lost":
            data: dict[str, Any] = {"quantity": quantity, "reason": "stolen"}
            work.record("lot.lost", [keeper], data, subjects=[lot])
            return
        inspector = subject.state.inspection.by[0].party
        data = {"quantity": quantity, "reason": "unsafe", "method": "shredded", "mass_g": 1000}
        data["certificate"] = "ab" * 32
        work.record("lot.destroyed", [keeper, hand(installation, inspector, "witness")], data, subjects=[lot])

    installation.writer.do(unit)


@pytest.mark.parametrize("how", ["destroyed", "recalled"])
def test_a_hold_on_goods_that_are_gone_or_recalled_is_given_back(copied: Installation, how: str) -> None:
    listing = unsold_offer(copied)
    hold = reserve(copied, listing.id, "cmp_us", listing.moq)
    before = stock_of(copied, listing.lot)
    ended(copied, listing.lot, how)
    reason = "lot-gone" if how == "destroyed" else "recalled"
    with pytest.raises(LotNotVerified, match=reason):
        reserve(copied, listing.id, "cmp_us", listing.moq)
    with pytest.raises(LotNotVerified, match=reason):
        confirm(copied, hold.id, "cmp_us", TERMS)

    withdrawn = recheck(copied)
    assert {one.lot for one, _ in withdrawn} == {listing.lot}
    assert [one.id for one in settle_stock(copied)] == [hold.id]
    left = stock_of(copied, listing.lot)
    assert left.reserved == 0
    assert left.on_hand == (0 if how == "destroyed" else before.on_hand)
    with copied.database.reading() as connection:
        closed = trade.reservation(connection, hold.id)
    assert closed is not None
    assert closed.state == "released"
    with pytest.raises(ListingWithdrawn):
        reserve(copied, listing.id, "cmp_us", listing.moq)
    assert (recheck(copied), settle_stock(copied)) == ([], []), "nothing is left to do"


def test_lost_goods_that_are_found_are_counted_again(copied: Installation) -> None:
    lot = unsold_offer(copied).lot
    before = stock_of(copied, lot).on_hand
    ended(copied, lot, "lost")
    recheck(copied)
    settle_stock(copied)
    assert stock_of(copied, lot).on_hand == 0

    def unit(ledger: Ledger) -> None:
        keeper = operator_hand(copied, "warehouse", "custodian")
        data = {"quantity": before, "site": "shenzhen"}
        Work(copied, ledger).record("lot.found", [keeper], data, subjects=[lot])

    copied.writer.do(unit)
    settle_stock(copied)
    assert stock_of(copied, lot).on_hand == before


def test_the_story_leaves_nothing_to_settle(copied: Installation) -> None:
    assert settle_stock(copied) == []
    with copied.database.reading() as connection:
        for stock in trade.stocks(connection):
            subject = log.subject(connection, stock.lot)
            assert subject is not None
            assert free_units(subject.state, stock) == stock.available


def test_what_was_split_off_after_the_row_was_opened_is_not_promised() -> None:
    row = Stock(lot="lot:x", on_hand=10, reserved=2, allocated=0, shipped=0)
    assert free_units(LOT.model_copy(update={"quantity": 5}), row) == 3
    assert free_units(LOT.model_copy(update={"quantity": 10}), row) == 8
    assert free_units(LOT.model_copy(update={"quantity": 10, "sold": None}), row) == 8


def test_no_more_is_held_than_the_ledger_has(copied: Installation) -> None:
    listing = unsold_offer(copied)
    stock = stock_of(copied, listing.lot)

    def overcount(ledger: Ledger) -> None:
        trade.write_off(ledger.connection, listing.lot, -5, "five too many", copied.clock.now())

    copied.writer.do(overcount)
    with pytest.raises(InsufficientQuantity):
        reserve(copied, listing.id, "cmp_us", stock.available + 1)
    assert reserve(copied, listing.id, "cmp_us", stock.available).quantity == stock.available
