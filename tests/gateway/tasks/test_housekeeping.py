"""Beside answering, the server withdraws, packs, purges and writes letters: all of it as jobs."""

from email import message_from_bytes, policy

import pytest

from gateway.store import jobs, schedules, shipments, trade
from gateway.store.job_leases import running
from gateway.store.jobs import Job
from gateway.tasks import causes
from gateway.tasks.catalogue import DUTIES
from gateway.tasks.housekeeping import Housekeeping
from gateway.tasks.kinds import Lot, SupplierFile
from gateway.tasks.outbox import Cause
from gateway.tasks.runner import Runner
from gateway.wiring import Installation
from gateway.workflows.sell import Terms, confirm, reserve
from ledger.core.checkpoint import Checkpoint, signed
from ledger.core.keys import VerifierKey
from tests.gateway.tasks.house import find, until

BY = Cause("user:test")


def order(installation: Installation, number: int = 9) -> str:
    with installation.database.reading() as connection:
        offer = next(
            x
            for x in trade.listings(connection)
            if x.market == "NG" and (stock := trade.stock(connection, x.lot)) and stock.available >= 3 * x.moq
        )
    hold = reserve(installation, offer.id, "cmp_ng", offer.moq)
    return confirm(installation, hold.id, "cmp_ng", Terms(f"PO-{number}", "FCA", "Shenzhen")).id


def of_kind(installation: Installation, kind: str) -> list[Job]:
    with installation.database.reading() as connection:
        return jobs.listed(connection, kind=kind, limit=50)


def drained(installation: Installation) -> None:
    runner = Runner(installation, DUTIES)
    while runner.run_next() != "nothing":
        pass


def test_an_order_is_planned_because_it_was_confirmed(copied: Installation) -> None:
    """Its job stands in the transaction that sells; two orders of one lot come one after the other.

    Nothing leaves by itself: people pick, pack and let it go.
    """
    drained(copied)
    first, second = order(copied), order(copied, 10)
    waiting = [job for job in of_kind(copied, "ship_order") if job.state == "waiting"]
    assert [job.arguments["order"] for job in reversed(waiting)] == [first, second]
    housekeeping = Housekeeping(copied, interval_s=0.01)
    housekeeping.start()
    until(lambda: {find(copied, job.id).state for job in waiting} == {"done"}, "planning")
    housekeeping.stop()
    with copied.database.reading() as connection:
        for one in (first, second):
            confirmed = trade.order(connection, one)
            assert confirmed is not None
            assert confirmed.state == "confirmed"
            (shipment,) = shipments.of_order(connection, one)
            assert shipment.state == "planned"
            assert shipments.loaded_of(connection, one) == confirmed.quantity
            assert trade.documents(connection, order_id=one) == []
        assert running(connection) == []


def test_an_order_that_nobody_packed_is_found_by_the_schedule(copied: Installation) -> None:
    """It was confirmed by a program that wrote no jobs."""
    drained(copied)
    placed = order(copied)
    copied.writer.do(lambda ledger: ledger.connection.execute(jobs.JOBS.delete()))
    copied.writer.do(lambda ledger: ledger.connection.execute(schedules.SCHEDULES.delete()))
    housekeeping = Housekeeping(copied, interval_s=0.01)
    housekeeping.start()
    until(lambda: [job.state for job in of_kind(copied, "ship_order")] == ["done"], "packing")
    housekeeping.stop()
    assert of_kind(copied, "ship_order")[0].arguments == {"order": placed}


def test_the_story_leaves_nothing_to_do_but_what_is_done_already(copied: Installation) -> None:
    with copied.database.reading() as connection:
        before = len(trade.documents(connection))
    drained(copied)
    with copied.database.reading() as connection:
        assert len(trade.documents(connection)) == before
        assert set(jobs.counts(connection)) == {"done"}


def test_a_buyer_is_told_of_an_order_in_a_letter_of_their_language(copied: Installation) -> None:
    drained(copied)
    folder = copied.home / "mail"
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")]
    sent = [job for job in of_kind(copied, "mail") if job.result.get("letters")]
    assert len(letters) == len(sent)
    assert {letter["Message-ID"].partition("@")[0][1:] for letter in letters} == {job.id for job in sent}
    for letter in letters:
        assert copied.public_url + "/orders/" in letter.get_content()


def test_a_lot_pack_and_the_log_are_made_for_whoever_wants_them(copied: Installation) -> None:
    with copied.database.reading() as connection:
        lot = trade.listings(connection)[0].lot
    now = copied.clock.now()
    pack = copied.writer.do(
        lambda ledger: causes.lot_wanted(ledger.connection, Lot(lot=lot, receiver="operator"), now, BY)
    )
    log = copied.writer.do(lambda ledger: causes.log_wanted(ledger.connection, now, BY))
    drained(copied)
    made, zipped = find(copied, pack), find(copied, log)
    assert (made.state, made.progress_done, made.progress_unit) == ("done", 2, "steps")
    assert made.result["size"] > 1000
    assert (zipped.state, zipped.progress_unit) == ("done", "tiles")
    assert zipped.progress_done == zipped.progress_total > 0
    assert (copied.home / "auditor" / zipped.result["filename"]).stat().st_size == zipped.result["size"]


def test_a_supplier_file_that_cannot_be_read_is_parked_with_its_reason(copied: Installation) -> None:
    now = copied.clock.now()
    gone = copied.writer.do(
        lambda ledger: causes.file_brought(
            ledger.connection, SupplierFile(file="0" * 20, spec="phones"), now, BY
        )
    )
    drained(copied)
    assert (find(copied, gone).state, find(copied, gone).reason) == ("parked", "refused")


def test_a_rollback_stops_everything_for_good(copied: Installation, caplog: pytest.LogCaptureFixture) -> None:
    """Others were shown more than this database has."""
    key = VerifierKey.parse(copied.config.vkey)
    checkpoint = Checkpoint(key.name, 1_000_000, bytes(32))
    note = signed(checkpoint, key, copied.signer("log").sign(checkpoint.text.encode()))
    copied.log.replace("checkpoint", str(note).encode())
    housekeeping = Housekeeping(copied, interval_s=0.01)
    housekeeping.start()
    housekeeping._clock.join(60)
    assert not housekeeping._clock.is_alive()
    assert housekeeping.rolled_back
    assert "stopped publishing" in caplog.text
    assert copied.log.get("checkpoint") == str(note).encode()
    housekeeping.stop()


def test_the_threads_end_when_they_are_told_to(copied: Installation) -> None:
    housekeeping = Housekeeping(copied, interval_s=0.01)
    housekeeping.start()
    housekeeping.stop()
