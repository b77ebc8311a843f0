"""The memory of a witness: durable, one way only, bounded."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.errors import StorageError, StorageUnavailable
from ledger.store.witnessed import UNPROVEN_MAX, Cosigned, Evidence, WitnessFile

HEAD = Cosigned("log.example/lots", 7, bytes(32), b"note", 1_700_000_000)
FOUND = Evidence("unproven", HEAD.origin, 9, bytes(32), "why", b"body", b"known", 1_700_000_000)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[WitnessFile]:
    made = WitnessFile(tmp_path / "witness.db")
    yield made
    made.close()


def _set(file: WitnessFile, head: Cosigned) -> None:
    with file.writing():
        file.set_cosigned(head)


def test_every_connection_waits_for_the_disk(file: WitnessFile) -> None:
    """With NORMAL a power cut forgets cosigned heads."""
    again = WitnessFile(file.path)
    for one in (file, again):
        assert (one.pragma("journal_mode"), one.pragma("synchronous")) == ("wal", "2")
    again.close()


def test_what_was_written_is_there_in_another_connection(file: WitnessFile) -> None:
    file.set_identity("w", bytes(32))
    _set(file, HEAD)
    again = WitnessFile(file.path)
    assert again.identity() == ("w", bytes(32))
    assert again.cosigned(HEAD.origin) == HEAD
    assert again.cosigned("another") is None
    again.close()


def test_an_error_leaves_nothing_behind(file: WitnessFile) -> None:
    def both() -> None:
        with file.writing():
            file.set_cosigned(HEAD)
            file.set_cosigned(replace(HEAD, origin="another", root=b"short"))

    with pytest.raises(StorageError, match="CHECK"):
        both()
    assert file.cosigned(HEAD.origin) is None
    _set(file, HEAD)


@pytest.mark.parametrize(
    "back",
    [
        replace(HEAD, size=6),
        replace(HEAD, root=b"\x01" * 32),
        replace(HEAD, timestamp=HEAD.timestamp - 1),
        replace(HEAD, size=8, timestamp=HEAD.timestamp - 1),
    ],
    ids=["size", "root", "time", "time of a larger tree"],
)
def test_the_file_itself_refuses_to_go_back(file: WitnessFile, back: Cosigned) -> None:
    _set(file, HEAD)
    with pytest.raises(StorageError, match="never goes back"):
        _set(file, back)
    assert file.cosigned(HEAD.origin) == HEAD
    for forward in (replace(HEAD, timestamp=HEAD.timestamp + 1), replace(HEAD, size=9, timestamp=2 * 10**9)):
        _set(file, forward)


def test_nothing_is_deleted_or_edited_behind_the_back_of_the_program(file: WitnessFile) -> None:
    _set(file, HEAD)
    with file.writing():
        file.keep(replace(FOUND, kind="fork"))
    other = sqlite3.connect(file.path)
    for sql in (
        "DELETE FROM cosigned",
        "UPDATE cosigned SET origin = 'x'",
        "DELETE FROM evidence",
        "UPDATE evidence SET body = x''",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            other.execute(sql)
    other.close()


def test_an_identity_is_chosen_once(file: WitnessFile) -> None:
    file.set_identity("w", bytes(32))
    with pytest.raises(StorageError):
        file.set_identity("other", bytes(32))


def test_of_heads_without_a_proof_the_last_ones_are_kept(file: WitnessFile) -> None:
    for n in range(UNPROVEN_MAX + 10):
        with file.writing():
            assert file.keep(replace(FOUND, size=n))
            assert not file.keep(replace(FOUND, size=n, body=b"again"))
    assert [found.size for found in file.evidence()] == [*range(10, UNPROVEN_MAX + 10)]


def test_they_do_not_push_out_what_is_conclusive(file: WitnessFile) -> None:
    with file.writing():
        file.keep(replace(FOUND, kind="fork"))
        for n in range(UNPROVEN_MAX + 10):
            file.keep(replace(FOUND, size=n))
    assert file.evidence()[0] == replace(FOUND, kind="fork")


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "witness.db"
    path.write_bytes(b"this is no database, it is a text" * 100)
    with pytest.raises(StorageError, match="not a database"):
        WitnessFile(path)
    later = tmp_path / "later.db"
    connection = sqlite3.connect(later)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(StorageError, match="another version"):
        WitnessFile(later)


def test_a_writer_that_holds_the_file_too_long_is_an_error_and_no_answer(file: WitnessFile) -> None:
    file._connection.execute("PRAGMA busy_timeout=10")
    other = sqlite3.connect(file.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable, match="locked"):
        _set(file, HEAD)
    other.execute("ROLLBACK")
    other.close()
    _set(file, HEAD)
