"""The contract of an ObjectStore, held by the folder and by the double that other tests lean on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.adapters.folder import Folder
from ledger.errors import MissingEvidence, StorageConflict, StorageUnavailable
from ledger.ports import ObjectStore
from tests.ledger.fakes import MemoryObjectStore

KEY = "tile/entries/x001/000.p/41"


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    made: dict[str, Callable[[], ObjectStore]] = {
        "folder": lambda: Folder(tmp_path / "objects"),
        "memory": MemoryObjectStore,
    }
    return made[request.param]()


def test_what_was_created_is_read_back(store: ObjectStore) -> None:
    store.create(KEY, b"\x00bytes")
    assert store.get(KEY) == b"\x00bytes"


def test_what_is_not_there_is_missing_evidence(store: ObjectStore) -> None:
    with pytest.raises(MissingEvidence, match="is not there"):
        store.get(KEY)


def test_a_folder_of_objects_is_no_object(store: ObjectStore) -> None:
    store.create(KEY, b"1")
    with pytest.raises(MissingEvidence, match="is not there"):
        store.get("tile/entries")
    with pytest.raises(MissingEvidence, match="is not there"):
        store.get(f"{KEY}/below")


def test_creating_the_same_again_is_harmless(store: ObjectStore) -> None:
    store.create(KEY, b"same")
    store.create(KEY, b"same")
    assert store.get(KEY) == b"same"


def test_creating_with_other_bytes_is_a_conflict_and_changes_nothing(store: ObjectStore) -> None:
    store.create(KEY, b"first")
    with pytest.raises(StorageConflict, match="exists with other bytes"):
        store.create(KEY, b"other")
    assert store.get(KEY) == b"first"


def test_replacing_makes_and_changes(store: ObjectStore) -> None:
    store.replace("checkpoint", b"1")
    store.replace("checkpoint", b"2")
    assert store.get("checkpoint") == b"2"


def test_keys_ascend_below_a_prefix(store: ObjectStore) -> None:
    for key in ("tile/1/000", "checkpoint", "tile/0/001", "tile/0/000.p/7"):
        store.create(key, b"")
    assert list(store.keys()) == ["checkpoint", "tile/0/000.p/7", "tile/0/001", "tile/1/000"]
    assert list(store.keys("tile/0")) == ["tile/0/000.p/7", "tile/0/001"]
    assert list(store.keys("nothing")) == []


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../secret", "a/../b", ".hidden", "a//b", "a/", "ä", "a b", "a\n"]
)
def test_a_key_that_names_no_object_is_refused(store: ObjectStore, key: str) -> None:
    for use in (store.get, lambda name: store.create(name, b""), lambda name: store.replace(name, b"")):
        with pytest.raises(MissingEvidence, match="names no object"):
            use(key)


def test_a_folder_leaves_no_temporary_files(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    store.create(KEY, b"1")
    with pytest.raises(StorageConflict):
        store.create(KEY, b"2")
    store.replace("checkpoint", b"3")
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()) == [
        "checkpoint",
        KEY,
    ]


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = Folder(tmp_path / "file")
    for write in (store.create, store.replace):
        with pytest.raises(StorageUnavailable):
            write("checkpoint", b"1")


class TestTheDoublesFaults:
    @pytest.mark.parametrize("persist", [False, True], ids=["lost", "stored-but-reported-lost"])
    def test_one_put_fails_once(self, persist: bool) -> None:
        store = MemoryObjectStore()
        store.fail_once(after_puts=1, persist=persist)
        store.create("a", b"1")
        with pytest.raises(StorageUnavailable):
            store.create("b", b"2")
        assert ("b" in store.objects) == persist
        store.create("b", b"2")
        assert store.puts == ["a", "b", "b"]
