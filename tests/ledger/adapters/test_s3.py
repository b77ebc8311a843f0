"""Objects in S3: what is sent with them, how long they are locked, and what a bad store is taken for."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.adapters import s3
from ledger.adapters.s3 import S3, connect
from ledger.errors import MissingEvidence, StorageConflict, StorageError, StorageUnavailable
from tests.ledger.adapters.s3_servers import CREDENTIALS, REGION, Server

FULL, PARTIAL, BUNDLE, ARCHIVED = "tile/0/000", "tile/0/000.p/7", "tile/entries/x001/000", "checkpoints/12"
PERMANENT = [FULL, BUNDLE, ARCHIVED]
DAYS = 30


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


def raw(store: S3, key: str, **which: str) -> Any:
    return store._client.get_object(Bucket=store._bucket, Key=store._name(key), **which)


class TestWhatIsSent:
    @pytest.mark.parametrize(
        ("key", "media_type", "caching"),
        [
            ("checkpoint", "text/plain; charset=utf-8", "max-age=2"),
            (ARCHIVED, "text/plain; charset=utf-8", "max-age=31536000, immutable"),
            (FULL, "application/octet-stream", "max-age=31536000, immutable"),
            (PARTIAL, "application/octet-stream", "max-age=31536000, immutable"),
            (BUNDLE, "application/octet-stream", "max-age=31536000, immutable"),
        ],
    )
    def test_media_type_and_caching_are_those_of_tlog_tiles(
        self, server: Server, key: str, media_type: str, caching: str
    ) -> None:
        store = server.store()
        for write in (store.create, store.replace):
            write(key, b"bytes")
            answer = raw(store, key)
            assert (answer["ContentType"], answer["CacheControl"]) == (media_type, caching)

    def test_everything_lies_below_the_prefix(self, server: Server) -> None:
        store = server.store()
        store.create(FULL, b"bytes")
        store._client.put_object(Bucket=store._bucket, Key="elsewhere", Body=b"")
        assert list(store.keys()) == [FULL]
        found = store._client.list_objects_v2(Bucket=store._bucket)["Contents"]
        assert {item["Key"] for item in found} == {f"public/log/{FULL}", "elsewhere"}

    def test_more_keys_than_one_answer_holds(self, server: Server) -> None:
        client = server.client()
        asked: list[Any] = []

        def few(params: dict[str, Any], **_: Any) -> None:
            asked.append(params.setdefault("MaxKeys", 3))

        client.meta.events.register("before-parameter-build.s3.ListObjectsV2", few)
        store = S3(client, server.bucket(), "log")
        wanted = [f"a/{n:02d}" for n in range(10)]
        for key in wanted:
            store.create(key, b"")
        assert list(store.keys("a")) == wanted
        assert len(asked) == 4

    def test_a_checksum_goes_with_every_write(
        self, seaweedfs: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One that is wrong must be refused, or it would not have been sent."""
        monkeypatch.setattr(s3, "sha256", lambda _data: __import__("hashlib").sha256(b"other"))
        with pytest.raises(StorageError, match="BadDigest"):
            seaweedfs.store().create(FULL, b"bytes")


class TestVerifiedAfterWriting:
    @pytest.fixture
    def damaging(self, server: Server) -> S3:
        """A store whose server keeps other bytes than it was sent."""
        store = server.store()
        put = store._client.put_object

        def worse(**asked: Any) -> Any:
            del asked["ChecksumSHA256"], asked["ChecksumAlgorithm"]
            return put(**{**asked, "Body": asked["Body"][:-1]})

        class Client:
            def __getattr__(self, name: str) -> Any:
                return worse if name == "put_object" else getattr(server.clients(1)[0], name)

        store._client = Client()  # type: ignore[assignment]
        return store

    def test_a_created_object_is_read_back(self, damaging: S3) -> None:
        with pytest.raises(StorageConflict, match="exists with other bytes"):
            damaging.create(FULL, b"bytes")

    def test_a_replaced_object_is_read_back(self, damaging: S3) -> None:
        with pytest.raises(StorageUnavailable, match="another writer was quicker"):
            damaging.replace("checkpoint", b"bytes")


class TestLocks:
    def test_permanent_objects_are_locked_and_no_others(self, server: Server) -> None:
        store = server.store(lock_days=DAYS)
        for key in (*PERMANENT, PARTIAL, "checkpoint", "documents/ab"):
            store.create(key, b"bytes")
            answer = raw(store, key)
            if key in PERMANENT:
                assert answer["ObjectLockMode"] == "COMPLIANCE"
                left = answer["ObjectLockRetainUntilDate"] - datetime.now(UTC)
                assert timedelta(days=DAYS - 1) < left <= timedelta(days=DAYS)
            else:
                assert "ObjectLockMode" not in answer

    def test_a_locked_version_survives_everyone(self, seaweedfs: Server) -> None:
        store = seaweedfs.store(lock_days=DAYS)
        store.create(FULL, b"bytes")
        version = raw(store, FULL)["VersionId"]
        with pytest.raises(Exception, match="AccessDenied"):
            store._client.delete_object(Bucket=store._bucket, Key=store._name(FULL), VersionId=version)
        store._client.delete_object(Bucket=store._bucket, Key=store._name(FULL))
        with pytest.raises(MissingEvidence):
            store.get(FULL)
        assert raw(store, FULL, VersionId=version)["Body"].read() == b"bytes"
        store.create(FULL, b"bytes")
        assert store.get(FULL) == b"bytes"
        assert store.versions(FULL) == 2

    def test_replacing_a_locked_object_leaves_it_as_a_version(self, server: Server) -> None:
        store = server.store(lock_days=DAYS)
        store.create(FULL, b"damaged")
        version = raw(store, FULL)["VersionId"]
        store.replace(FULL, b"right")
        assert store.get(FULL) == b"right"
        assert raw(store, FULL)["ObjectLockMode"] == "COMPLIANCE"
        assert raw(store, FULL, VersionId=version)["Body"].read() == b"damaged"
        assert store.versions(FULL) == 2
        store.create(f"{FULL}.p/9", b"another")
        assert store.versions(FULL) == 2

    def test_what_was_written_without_a_lock_gets_one(self, seaweedfs: Server) -> None:
        """Locks were switched on later, or someone else wrote the same bytes without."""
        bucket = seaweedfs.bucket(lock=True)
        seaweedfs.store(bucket=bucket).create(FULL, b"bytes")
        store = seaweedfs.store(bucket=bucket, lock_days=DAYS)
        store.create(FULL, b"bytes")
        assert raw(store, FULL)["ObjectLockMode"] == "COMPLIANCE"
        assert store.versions(FULL) == 1

    def test_a_bucket_that_cannot_lock_is_refused(self, server: Server) -> None:
        store = server.store(bucket=server.bucket(), lock_days=DAYS)
        with pytest.raises(StorageError, match="a bucket made with Object Lock"):
            store.create(FULL, b"bytes")
        store.create(PARTIAL, b"bytes")


class TestRaces:
    def test_of_six_that_create_one_version_comes_and_all_agree(self, server: Server) -> None:
        bucket = server.bucket(lock=True)
        stores = [S3(client, bucket, "log", lock_days=DAYS) for client in server.clients(6)]
        errors = together(stores, lambda store, _n: store.create(FULL, b"same"))
        assert errors == []
        assert stores[0].versions(FULL) == 1

    def test_of_six_with_other_bytes_one_wins_and_five_are_told(self, server: Server) -> None:
        bucket = server.bucket(lock=True)
        stores = [S3(client, bucket, "log") for client in server.clients(6)]
        errors = together(stores, lambda store, n: store.create(FULL, b"%d" % n))
        assert [type(error) for error in errors] == [StorageConflict] * 5
        assert stores[0].versions(FULL) == 1

    def test_a_lingering_replacement_cannot_undo_a_later_one(self, server: Server) -> None:
        """A request that was given up may still arrive; by then the checkpoint has moved on."""
        store = server.store()
        store.replace("checkpoint", b"1")
        put, held = store._client.put_object, threading.Event()

        class Slow:
            def __getattr__(self, name: str) -> Any:
                return self.late if name == "put_object" else getattr(server.clients(1)[0], name)

            def late(self, **asked: Any) -> Any:
                held.wait(30)
                return put(**asked)

        slow = S3(Slow(), store._bucket, "public/log")  # type: ignore[arg-type]
        errors: list[Exception] = []

        def replace() -> None:
            try:
                slow.replace("checkpoint", b"2")
            except StorageUnavailable as error:
                errors.append(error)

        thread = threading.Thread(target=replace)
        thread.start()
        while not any(t.name == "s3" for t in threading.enumerate()):
            pass
        time.sleep(0.2)  # it has read the version that it wants to replace
        store.replace("checkpoint", b"3")
        held.set()
        thread.join()
        assert store.get("checkpoint") == b"3"
        assert [str(error) for error in errors] == ["checkpoint: another writer was quicker"]

    def test_replacing_with_what_is_there_makes_no_version(self, server: Server) -> None:
        store = server.store(lock_days=DAYS)
        for _ in range(3):
            store.replace("checkpoint", b"1")
        assert store.versions("checkpoint") == 1


class TestTrouble:
    """F19: whatever cannot be told is unavailable, and within a bounded time."""

    def test_nobody_there(self) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        for error in attempts(f"http://127.0.0.1:{port}"):
            assert isinstance(error, StorageUnavailable)

    @pytest.mark.parametrize("answer", ["nothing", "drips", "503", "half", "junk"])
    def test_a_server_in_trouble(self, answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(s3, "REQUEST_TIMEOUT_S", 1)
        with bad_server(answer) as url:
            for error in attempts(url):
                assert isinstance(error, StorageUnavailable), error

    def test_a_bucket_that_does_not_exist(self, server: Server) -> None:
        store = server.store(bucket="absent")
        for use in (lambda: store.get(FULL), lambda: store.create(FULL, b""), lambda: list(store.keys())):
            with pytest.raises(StorageError, match="bucket does not exist"):
                use()

    def test_wrong_credentials(self, seaweedfs: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        store = connect(f"s3://{seaweedfs.bucket()}", endpoint_url=seaweedfs.url, region=REGION)
        with pytest.raises(StorageUnavailable, match="403"):
            store.get(FULL)

    def test_no_credentials(self, seaweedfs: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in CREDENTIALS:
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
        store = connect(f"s3://{seaweedfs.bucket()}", endpoint_url=seaweedfs.url, region=REGION)
        with pytest.raises(StorageUnavailable, match="credentials"):
            store.get(FULL)

    def test_objects_that_nobody_wrote_with_us_are_not_read_whole(
        self, moto: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(s3, "OBJECT_BYTES_MAX", 100)
        store = moto.store()
        store._client.put_object(Bucket=store._bucket, Key=store._name("checkpoint"), Body=bytes(101))
        with pytest.raises(StorageError, match="larger than 100 bytes"):
            store.get("checkpoint")
        with pytest.raises(StorageError, match="larger than 100 bytes"):
            store.create(FULL, bytes(101))


class TestConnect:
    def test_a_bucket_and_a_prefix(self, server: Server) -> None:
        bucket = server.bucket()
        place = f"s3://{bucket}/some/prefix/"
        store = connect(place, "log", endpoint_url=server.url, region=REGION)
        store.create(FULL, b"bytes")
        (found,) = server.clients(1)[0].list_objects_v2(Bucket=bucket)["Contents"]
        assert found["Key"] == f"some/prefix/log/{FULL}"

    @pytest.mark.parametrize("url", ["", "bucket", "http://bucket", "s3://", "s3:///a", "s3://b/../c"])
    def test_what_names_no_place_is_refused(self, url: str) -> None:
        with pytest.raises(StorageError, match="is no place for objects"):
            connect(url)

    def test_an_address_that_is_none_is_refused(self) -> None:
        with pytest.raises(StorageError):
            connect("s3://bucket", endpoint_url="no address", region=REGION)

    def test_the_time_for_a_request_is_bounded(self) -> None:
        store = connect("s3://bucket", endpoint_url="http://127.0.0.1:1", region=REGION)
        config = store._client.meta.config
        assert (config.connect_timeout, config.read_timeout, config.retries["mode"]) == (2, 10, "standard")


def attempts(url: str) -> Iterator[BaseException]:
    store = connect("s3://bucket/log", endpoint_url=url, region=REGION)
    uses: list[Any] = [
        lambda: store.get(FULL),
        lambda: store.create(FULL, b"bytes"),
        lambda: store.replace("checkpoint", b"bytes"),
        lambda: list(store.keys()),
    ]
    for use in uses:
        with pytest.raises(StorageError) as caught:
            use()
        yield caught.value


@contextmanager
def bad_server(answer: str) -> Iterator[str]:
    """A server that accepts every connection and serves none."""
    stopped = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(1 << 16)
                if answer == "503":
                    connection.sendall(
                        b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    )
                elif answer == "half":
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                elif answer == "junk":
                    connection.sendall(b"\x00" * 64)
                elif answer == "drips":
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                    while not stopped.wait(0.05):
                        connection.sendall(b"x")
                else:
                    stopped.wait()
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)


def together(stores: list[S3], use: Any) -> list[Exception]:
    line, errors = threading.Barrier(len(stores)), []

    def run(n: int) -> None:
        line.wait()
        try:
            use(stores[n], n)
        except StorageError as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(stores))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors
