"""Bulk intake: answers one by one and in order, and nothing unverified reaches the log."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger import intake
from ledger.errors import InvalidRecord, StorageError
from ledger.intake import Intake
from ledger.record import Entry, Submission
from ledger.signature_process import WorkerDiedError
from tests.bench.workload import declarations
from tests.ledger.world import World


@pytest.fixture
def granted(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path).play("granted")
    yield made
    made.close()


@pytest.mark.parametrize("processes", [0, 1, 2])
def test_every_record_gets_its_own_answer_in_order(
    granted: World, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "UNITS_MAX", 8)
    batch = declarations(granted, 60)
    batch[13] = _forged(batch[13])
    batch[40] = replace(batch[40], body=b"{}")
    with Intake(granted.writer, processes=processes) as bulk:
        answers = list(bulk.record_all(batch))
    assert [n for n, one in enumerate(answers) if isinstance(one, InvalidRecord)] == [13, 40]
    assert answers[13].pointer == "/sigs"
    stands = [one.index for one in answers if isinstance(one, Entry)]
    assert stands == list(range(stands[0], stands[0] + 58))
    granted.publisher.publish()
    assert granted.audit().verdict == "verified"


def test_a_record_may_rely_on_one_just_before_it(world: World) -> None:
    folder = world.folder / "other"
    folder.mkdir()
    other = World(folder).play("received")
    drafts = list(other.submissions)
    other.close()
    with Intake(world.writer, processes=1) as bulk:
        answers = list(bulk.record_all(drafts))
    assert [one.index for one in answers if isinstance(one, Entry)] == list(range(len(drafts)))


def test_sent_twice_it_stands_once(granted: World) -> None:
    batch = declarations(granted, 5)
    with Intake(granted.writer, processes=1) as bulk:
        first = list(bulk.record_all(batch))
        again = list(bulk.record_all(batch))
    assert [one.index for one in again] == [one.index for one in first]
    assert not any(one.created for one in again)


def test_a_process_that_dies_records_nothing_unverified(granted: World) -> None:
    batch = declarations(granted, 20)
    size = len(granted.entries)
    with Intake(granted.writer, processes=1) as bulk:
        bulk._processes[0]._process.kill()
        bulk._processes[0]._process.wait()
        with pytest.raises(WorkerDiedError):
            list(bulk.record_all(batch))
    granted.publisher.publish()
    assert granted.audit().entries == size + 1  # and the log.heads


def test_a_database_that_fails_is_no_answer_of_a_record(
    granted: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = declarations(granted, 3)
    monkeypatch.setattr(granted.writer, "_connected", _down)
    with Intake(granted.writer, processes=0) as bulk, pytest.raises(StorageError, match="down"):
        list(bulk.record_all(batch))


def _forged(submission: Submission) -> Submission:
    (signature,) = submission.signatures
    return replace(submission, signatures=(bytes([signature[0] ^ 1]) + signature[1:],))


def _down() -> None:
    raise StorageError("the database is down")
