"""Beside answering, the server publishes, withdraws and packs; each round may be repeated."""

import threading

import pytest

from gateway.store import trade
from gateway.tasks.housekeeping import Housekeeping, tidy
from gateway.wiring import Installation
from gateway.workflows.sell import Terms, confirm, reserve
from ledger.core.checkpoint import Checkpoint, signed
from ledger.errors import Rollback, StorageUnavailable
from ledger.store import checkpoints, log


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


def test_a_checkpoint_that_was_signed_and_not_shown_is_shown_by_the_next_round(copied: Installation) -> None:
    """The server died between the two; nothing was recorded since."""
    with copied.database.reading() as connection:
        signed_heads = checkpoints.all_of(connection)
    copied.log.replace("checkpoint", signed_heads[-2].note)
    tidy(copied)
    assert copied.log.get("checkpoint") == signed_heads[-1].note


def test_a_rollback_stops_the_thread_for_good(copied: Installation, caplog: pytest.LogCaptureFixture) -> None:
    """Others were shown more than this database has."""
    key = copied.vkey
    checkpoint = Checkpoint(key.name, 1_000_000, bytes(32))
    note = signed(checkpoint, key, copied.signer("log").sign(checkpoint.text.encode()))
    copied.log.replace("checkpoint", str(note).encode())
    with pytest.raises(Rollback):
        tidy(copied)
    housekeeping = Housekeeping(copied, interval_s=0.01)
    housekeeping.start()
    housekeeping._thread.join(30)
    assert not housekeeping._thread.is_alive()
    assert "stopped publishing" in caplog.text
    assert copied.log.get("checkpoint") == str(note).encode()
    housekeeping.stop()


def test_a_round_that_failed_is_tried_again(copied: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    _order(copied)
    publish, failures = copied.publisher.publish, [StorageUnavailable("later"), ValueError("what")]
    done = threading.Event()

    def flaky() -> Checkpoint:
        if failures:
            raise failures.pop()
        made = publish()
        done.set()
        return made

    monkeypatch.setattr(copied.publisher, "publish", flaky)
    housekeeping = Housekeeping(copied, interval_s=0.01)
    housekeeping.start()
    assert done.wait(60)
    housekeeping.stop()
    assert failures == []


def test_publishing_holds_a_lock_of_the_home(copied: Installation) -> None:
    copied.publisher.publish()
    assert (copied.home / "publishing.lock").exists()
