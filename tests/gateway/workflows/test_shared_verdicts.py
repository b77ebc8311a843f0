"""A verdict is kept while every byte that it rests on is the same; a recall of the same commit counts."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from gateway.errors import LotNotVerified
from gateway.store import goods, trade
from gateway.wiring import Installation
from gateway.workflows import gate, shared_verdicts
from gateway.workflows.parties import operator_hand
from gateway.workflows.sell import reserve
from gateway.workflows.shared_verdicts import shared_verdict
from gateway.workflows.work import Work
from ledger.record import Ledger
from ledger.store import log
from tests.gateway.workflows.test_settle_stock import unsold_offer


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lots whose history was verified from the beginning, as it goes on."""
    seen: list[str] = []

    def counting(installation: Installation, connection: Connection, lot: str) -> Any:
        seen.append(lot)
        return gate.verdict_on(installation, connection, lot)

    monkeypatch.setattr(shared_verdicts, "verdict_on", counting)
    return seen


def test_an_unchanged_history_is_verified_once_and_its_stock_is_counted_anew(
    copied: Installation, verified: list[str]
) -> None:
    listing = unsold_offer(copied)
    first = shared_verdict(copied, listing.lot)
    reserve(copied, listing.id, "cmp_us", listing.moq)
    second = shared_verdict(copied, listing.lot)
    assert verified == [listing.lot]
    assert first.judged is not None
    assert second.judged is not None
    assert second.judged.facts.available == first.judged.facts.available - listing.moq


def test_one_altered_byte_of_a_kept_history_is_found(copied: Installation, verified: list[str]) -> None:
    find_an_altered_byte(copied)
    assert len(verified) == 4, "what does not hold is not kept"


def find_an_altered_byte(copied: Installation) -> None:
    """As an intruder does it: below the application, with its guards taken away."""
    listing = unsold_offer(copied)
    assert shared_verdict(copied, listing.lot).verified
    alter(copied, listing.lot)
    assert not shared_verdict(copied, listing.lot).verified
    assert not shared_verdict(copied, listing.lot).verified
    with pytest.raises(LotNotVerified):
        reserve(copied, listing.id, "cmp_us", listing.moq)


def alter(installation: Installation, lot: str) -> None:
    """Change one character in the first record of a lot, and keep its length."""
    with installation.database.reading() as connection:
        index = log.chain(connection, lot)[0][0]
        leaf = log.leaf(connection, index)
    assert leaf is not None
    altered = leaf.replace(b'"quantity":', b'"quantitx":', 1)
    assert altered != leaf
    with installation.database.writer.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER entries_never_update")
        else:
            connection.exec_driver_sql("ALTER TABLE entries DISABLE TRIGGER USER")
        connection.execute(log.ENTRIES.update().where(log.ENTRIES.c.idx == index).values(leaf=altered))


def test_another_day_another_tree_and_other_facts_are_judged_anew(
    copied: Installation, verified: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = unsold_offer(copied)

    def looks() -> int:
        before = len(verified)
        shared_verdict(copied, listing.lot)
        return len(verified) - before

    assert (looks(), looks()) == (1, 0)
    copied.writer.do(lambda ledger: restate(ledger, listing.lot))
    assert (looks(), looks()) == (1, 0)
    recall(copied, other_lot(copied, listing.lot))
    assert (looks(), looks()) == (1, 0), "the log is longer"
    copied.publisher.publish()
    assert (looks(), looks()) == (1, 0)
    now = copied.clock.now()
    monkeypatch.setattr(copied.clock, "now", lambda: now + timedelta(days=1))
    assert (looks(), looks()) == (1, 0)


def other_lot(installation: Installation, lot: str) -> str:
    with installation.database.reading() as connection:
        return next(one.lot for one in trade.listings(connection) if one.lot != lot)


def restate(ledger: Ledger, lot: str) -> None:
    """Private facts of goods, which no record holds."""
    one = goods.of_lot(ledger.connection, lot)[0]
    other = "851713" if one.facts.get("hs_code") != "851713" else "851762"
    goods.update(ledger.connection, [one.with_facts(hs_code=other)])


def recall(installation: Installation, lot: str) -> None:
    installation.writer.do(recalling(installation, lot))


def recalling(installation: Installation, lot: str) -> Callable[[Ledger], None]:
    def unit(ledger: Ledger) -> None:
        authority = operator_hand(installation, "warehouse", "authority")
        Work(installation, ledger).record("lot.recalled", [authority], {"reason": "safety"}, subjects=[lot])

    return unit


def test_a_recall_earlier_in_the_same_commit_refuses_the_hold(copied: Installation) -> None:
    refuse_after_a_recall_in_one_commit(copied)


def refuse_after_a_recall_in_one_commit(copied: Installation) -> None:
    """I3: the recall waits first, the hold right behind it; one transaction takes both."""
    listing = unsold_offer(copied)
    commits: list[int] = []
    committed = Ledger.committed
    answers: list[BaseException | None] = []

    def counting(ledger: Ledger) -> None:
        commits.append(ledger.size)
        committed(ledger)

    def hold() -> None:
        try:
            reserve(copied, listing.id, "cmp_us", listing.moq)
        except LotNotVerified as error:
            answers.append(error)
        else:
            answers.append(None)

    first = threading.Thread(target=recall, args=(copied, listing.lot))
    second = threading.Thread(target=hold)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "committed", counting)
        with copied.writer._lock:
            for thread, waiting in ((first, 1), (second, 2)):
                thread.start()
                while len(copied.writer._waiting) < waiting and thread.is_alive():
                    thread.join(0.001)
        first.join()
        second.join()
    assert len(commits) == 1
    (refused,) = answers
    assert isinstance(refused, LotNotVerified)
    assert "recalled" in str(refused.reasons)
