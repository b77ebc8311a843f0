"""A mapping in a file is a mapping: whatever it holds in memory, it answers as a dict does."""

import random
import sqlite3
from pathlib import Path

import pytest

from ledger.errors import StorageError
from ledger.spilled import Codec, Spilled, StateFile

SEED = 20261120
CODEC: Codec[int, int] = Codec(
    lambda key: key.to_bytes(2, "big"),
    lambda raw: int.from_bytes(raw, "big"),
    lambda value: value.to_bytes(8, "big"),
    lambda _, raw: int.from_bytes(raw, "big"),
)


def made(path: Path, held_max: int) -> Spilled[int, int]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    return Spilled(StateFile(connection, "test"), "numbers", CODEC, held_max=held_max)


@pytest.mark.parametrize("held_max", [1, 3, 50, 1_000])
def test_it_answers_as_a_dict_does(tmp_path: Path, held_max: int) -> None:
    chance, right = random.Random(f"{SEED} {held_max}"), {}
    table = made(tmp_path / "file", held_max)
    for step in range(3_000):
        key = chance.randrange(120)
        match chance.randrange(8):
            case 0 | 1 | 2:
                table[key] = right[key] = step
            case 3:
                assert table.pop(key, None) == right.pop(key, None), step
            case 4:
                assert (key in table) == (key in right), step
            case _:
                assert table.get(key) == right.get(key), step
        if not step % 500:
            assert len(table) == len(right)
            assert list(table.items()) == sorted(right.items())
    table.write()
    assert dict(made(tmp_path / "file", 1).items()) == right
    table.clear()
    assert len(table) == 0
    assert table.get(1) is None


def test_it_holds_no_more_than_two_generations(tmp_path: Path) -> None:
    table = made(tmp_path / "file", 10)
    for key in range(500):
        table[key] = key
    assert len(table._young) + len(table._old) <= 22
    assert len(table._unwritten) <= 22


def test_a_value_that_the_disk_changed_is_refused(tmp_path: Path) -> None:
    table = made(tmp_path / "file", 1)
    for key in range(20):
        table[key] = key
    table.write()
    with sqlite3.connect(tmp_path / "file") as connection:
        connection.execute("UPDATE numbers SET value = x'0000000000000009aabbccdd' WHERE key = x'0003'")
    connection.close()
    with pytest.raises(StorageError, match="damaged at 3"):
        table.get(3)
