"""Beside answering, the server publishes, withdraws and packs; each round may be repeated."""

from gateway.store import trade
from gateway.tasks.housekeeping import Housekeeping, tidy
from gateway.wiring import Installation
from gateway.workflows.sell import Terms, confirm, reserve
from ledger.store import log


def _order(installation: Installation) -> str:
    with installation.database.reading() as connection:
        offer = next(x for x in trade.listings(connection) if x.market == "NG")
    hold = reserve(installation, offer.id, "cmp_ng", offer.moq)
    return confirm(installation, hold.id, "cmp_ng", Terms("PO-9", "FCA", "Shenzhen")).id


def test_a_round_without_news_changes_nothing(copied: Installation) -> None:
    note = copied.log.get("checkpoint")
    tidy(copied)
    assert copied.log.get("checkpoint") == note


def test_a_confirmed_order_is_shipped_and_everything_is_under_the_checkpoint(copied: Installation) -> None:
    order = _order(copied)
    tidy(copied)
    with copied.database.reading() as connection:
        shipped = trade.order(connection, order)
        head = log.read_head(connection)
        assert len(trade.documents(connection, order_id=order)) == 2
    assert shipped is not None
    assert shipped.state == "shipped"
    assert head is not None
    assert copied.verifier().checkpoint.size == head.size


def test_the_thread_ends_when_it_is_told_to(copied: Installation) -> None:
    housekeeping = Housekeeping(copied, interval_s=0.01)
    housekeeping.start()
    housekeeping.stop()
