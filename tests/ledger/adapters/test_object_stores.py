"""The contract of an ObjectStore: the folder, S3 on two servers, and the double that other tests lean on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.adapters.folder import Folder
from ledger.adapters.s3 import S3
from ledger.errors import MissingEvidence, StorageConflict, StorageUnavailable
from ledger.ports import ErasableStore, ObjectStore
from tests.ledger.adapters.s3_servers import Server
from tests.ledger.fakes import MemoryObjectStore

KEY = "tile/entries/x001/000.p/41"


@pytest.fixture(params=["folder", "memory", "seaweedfs", "moto", "seaweedfs locked", "moto locked"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    kind, _, locked = request.param.partition(" ")
    if kind in {"seaweedfs", "moto"}:
        server: Server = request.getfixturevalue(kind)
        return server.store(lock_days=1 if locked else 0)
    made: dict[str, Callable[[], ObjectStore]] = {
        "folder": lambda: Folder(tmp_path / "objects"),
        "memory": MemoryObjectStore,
    }
    return made[kind]()


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


@pytest.mark.parametrize("kind", ["folder", "seaweedfs", "moto"])
def test_what_was_deleted_is_gone_and_may_be_created_anew(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    erasable: ErasableStore = Folder(tmp_path / "objects")
    if kind != "folder":
        server: Server = request.getfixturevalue(kind)
        erasable = server.store()
    erasable.create(KEY, b"personal")
    erasable.delete(KEY)
    erasable.delete(KEY)
    with pytest.raises(MissingEvidence, match="is not there"):
        erasable.get(KEY)
    erasable.create(KEY, b"other")
    assert erasable.get(KEY) == b"other"


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
    """In the order of their characters: a dot stands before a slash."""
    for key in ("tile/1/000", "checkpoint", "tile/0/x001/000", "tile/0/001", "tile/0/000.p/7", "tile.old/1"):
        store.create(key, b"")
    tiles = ["tile/0/000.p/7", "tile/0/001", "tile/0/x001/000"]
    assert list(store.keys()) == ["checkpoint", "tile.old/1", *tiles, "tile/1/000"]
    assert list(store.keys("tile/0")) == tiles
    assert list(store.keys("nothing")) == []


def test_an_object_that_is_gone_can_be_created_again(store: ObjectStore, tmp_path: Path) -> None:
    """What is missing is healed by whoever has it; in a bucket with versions a delete marker hides it."""
    store.create(KEY, b"1")
    if isinstance(store, Folder):
        (tmp_path / "objects" / KEY).unlink()
    elif isinstance(store, S3):
        store._client.delete_object(Bucket=store._bucket, Key=store._name(KEY))
    else:
        assert isinstance(store, MemoryObjectStore)
        del store.objects[KEY]
    with pytest.raises(MissingEvidence):
        store.get(KEY)
    assert list(store.keys()) == []
    store.create(KEY, b"1")
    assert store.get(KEY) == b"1"


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
