"""Objects in an S3 bucket, created under a condition and read back before anything relies on them.

What the bucket needs: conditional writes (``If-None-Match: *``), and for locks Object Lock, which
brings versioning. A lock protects a version: someone with the right to write can still put another
version, or a delete marker, in front of it. Hashes find that; ``versions`` shows it.
"""

import base64
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from ledger.core.tiles import is_permanent
from ledger.errors import MissingEvidence, StorageConflict, StorageError, StorageUnavailable
from ledger.ports import OBJECT_KEY

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 10  # between two pieces of an answer
REQUEST_TIMEOUT_S = 20  # of it all, retries included: a server that drips is one that does not answer
OBJECT_BYTES_MAX = 1 << 26
CONFLICTS_MAX = 6  # concurrent writes of one name, before it is given up for now
CONFLICT_PAUSE_S = 0.05
SHORTLY = "max-age=2"
FOR_EVER = "max-age=31536000, immutable"
TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"

Answer = TypeVar("Answer")


class S3:
    """An ObjectStore below one prefix of a bucket. One client may serve many threads."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str = "", *, lock_days: int = 0) -> None:
        """prefix: without slashes at its ends, may be empty.

        lock_days: how long permanent objects (``tiles.is_permanent``) are locked in COMPLIANCE mode
        from the day they are written, 0 for not at all. Nobody can take such a lock back.
        """
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._lock_days = lock_days

    def __repr__(self) -> str:
        return f"S3(s3://{self._bucket}/{self._prefix})"

    def get(self, key: str) -> bytes:
        return self._read(key)[0]

    def create(self, key: str, data: bytes) -> None:
        """As the port says. A permanent object carries its lock on return, whoever wrote it first."""
        for attempt in range(CONFLICTS_MAX):
            time.sleep(attempt * CONFLICT_PAUSE_S)
            self._put(key, data, {"IfNoneMatch": "*"})
            try:
                stored, answer = self._read(key)
            except MissingEvidence:
                continue  # it was there, and is gone: deleted meanwhile, or another's write failed
            if stored != data:
                raise StorageConflict(f"{key} exists with other bytes")
            self._check_lock(key, answer)
            return
        raise StorageUnavailable(f"{key}: others write and delete it all the time")

    def replace(self, key: str, data: bytes) -> None:
        """As the port says. In a bucket with versions the bytes before stay there as a version.

        Written under the condition that nobody replaced them meanwhile, so that a request which
        lingers on its way can never undo a later one; then it raises StorageUnavailable.
        """
        try:
            stored, answer = self._read(key)
        except MissingEvidence:
            condition = {"IfNoneMatch": "*"}
        else:
            condition = {"IfMatch": answer["ETag"]}
            if stored == data:
                return
        self._put(key, data, condition)
        stored, answer = self._read(key)
        if stored != data:
            raise StorageUnavailable(f"{key}: another writer was quicker")
        self._check_lock(key, answer)

    def delete(self, key: str) -> None:
        """As the port says. A locked object stays until its lock runs out."""
        name = self._name(key)
        _answered(key, lambda: self._client.delete_object(Bucket=self._bucket, Key=name))

    def keys(self, prefix: str = "") -> Iterator[str]:
        below = f"{self._prefix}{prefix}/" if prefix else self._prefix
        pages = iter(
            self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=below)
        )
        names = []
        while page := _answered(below, lambda: next(pages, None)):
            names += [found["Key"][len(self._prefix) :] for found in page.get("Contents", [])]
        return iter(sorted(filter(OBJECT_KEY.fullmatch, names)))  # not every server's order is that of S3

    def versions(self, key: str) -> int:
        """How many versions of an object the bucket keeps; 1 where it keeps only the last."""
        name = self._name(key)
        pages = iter(
            self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=name)
        )
        count = 0
        while page := _answered(key, lambda: next(pages, None)):
            count += sum(found["Key"] == name for found in page.get("Versions", []))
        return count

    def _name(self, key: str) -> str:
        if OBJECT_KEY.fullmatch(key) is None:
            raise MissingEvidence(f"{key!r} names no object")
        return self._prefix + key

    def _put(self, key: str, data: bytes, condition: dict[str, str]) -> None:
        """Write under a condition; whether it was met, the look that follows tells.

        412: it was not met, or a first try was stored and its answer lost. 409: another writes the
        name right now.
        """
        asked = self._described(key, data) | condition
        try:
            _answered(key, lambda: self._client.put_object(**asked), passing={409, 412})
        except _ConditionError:
            return

    def _described(self, key: str, data: bytes) -> dict[str, Any]:
        """The arguments of a PutObject, with C2SP tlog-tiles' Content-Type and caching."""
        if len(data) > OBJECT_BYTES_MAX:
            raise StorageError(f"{key} is larger than {OBJECT_BYTES_MAX} bytes")
        permanent = is_permanent(key)
        is_text = key == "checkpoint" or key.startswith(("checkpoints/", "log-keys/"))
        asked: dict[str, Any] = {
            "Bucket": self._bucket,
            "Key": self._name(key),
            "Body": data,
            "ChecksumAlgorithm": "SHA256",  # with it the server refuses what was damaged on its way
            "ChecksumSHA256": base64.b64encode(sha256(data).digest()).decode(),
            "ContentType": TEXT if is_text else BYTES,
            "CacheControl": FOR_EVER if permanent or key.startswith("tile/") else SHORTLY,
        }
        if permanent and self._lock_days:
            asked |= {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": self._locked_until()}
        return asked

    def _read(self, key: str) -> "tuple[bytes, GetObjectOutputTypeDef]":
        name = self._name(key)

        def read() -> "tuple[bytes, GetObjectOutputTypeDef]":
            answer = self._client.get_object(Bucket=self._bucket, Key=name)
            with answer["Body"] as body:
                if answer["ContentLength"] > OBJECT_BYTES_MAX:
                    raise StorageError(f"{key} is larger than {OBJECT_BYTES_MAX} bytes")
                return body.read(), answer

        return _answered(key, read)

    def _check_lock(self, key: str, answer: "GetObjectOutputTypeDef") -> None:
        """Lock a permanent object that was written without; the answer to reading it tells."""
        if not self._lock_days or not is_permanent(key) or answer.get("ObjectLockMode") == "COMPLIANCE":
            return
        version, until = answer.get("VersionId", "null"), self._locked_until()
        _answered(
            key,
            lambda: self._client.put_object_retention(
                Bucket=self._bucket,
                Key=self._name(key),
                VersionId=version,
                Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until},
            ),
        )

    def _locked_until(self) -> datetime:
        # The store compares with the time of day, so this is no case for the log's own clock.
        return datetime.now(UTC).replace(microsecond=0) + timedelta(days=self._lock_days)


def connect(url: str, below: str = "", *, endpoint_url: str = "", region: str = "", lock_days: int = 0) -> S3:
    """The store at ``s3://bucket/prefix``, in the folder ``below`` it.

    endpoint_url: of a server that is not Amazon's. Credentials are found by boto3's own rules. Nothing
    is sent yet.
    """
    scheme, separator, place = url.partition("://")
    bucket, _, prefix = place.partition("/")
    parts = [part for part in (*prefix.split("/"), *below.split("/")) if part]
    if scheme != "s3" or not separator or not bucket or not all(map(OBJECT_KEY.fullmatch, parts)):
        raise StorageError(f"{url!r} is no place for objects; write s3://bucket or s3://bucket/prefix")
    # Only Amazon resolves bucket names as hosts everywhere.
    style: dict[str, Any] = {"s3": {"addressing_style": "path"}} if endpoint_url else {}
    with _failing_as_ours(url):
        client = boto3.Session().client(
            "s3",
            endpoint_url=endpoint_url or None,
            region_name=region or None,
            config=Config(
                connect_timeout=CONNECT_TIMEOUT_S,
                read_timeout=READ_TIMEOUT_S,
                retries={"mode": "standard"},
                # Our own hashes judge what was stored; refusing to read it would hide it from fsck.
                response_checksum_validation="when_required",
                **style,
            ),
        )
    return S3(client, bucket, "/".join(parts), lock_days=lock_days)


class _ConditionError(Exception):
    """A write that was to happen under a condition did not happen."""


def _answered(key: str, ask: Callable[[], Answer], *, passing: Collection[int] = ()) -> Answer:
    """Ask the store, within REQUEST_TIMEOUT_S; errors are ours.

    The client's own timeouts run anew with every byte. A request given up lingers in its thread until
    it fails; what it may still write is under a condition. passing: statuses that mean _ConditionError.
    """
    told: queue.SimpleQueue[tuple[Answer | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            told.put((ask(), None))
        except BaseException as error:  # noqa: BLE001 - raised again where it was asked
            told.put((None, error))

    threading.Thread(target=run, name="s3", daemon=True).start()
    try:
        answer, error = told.get(timeout=REQUEST_TIMEOUT_S)
    except queue.Empty:
        raise StorageUnavailable(f"{key}: the store did not answer within {REQUEST_TIMEOUT_S} s") from None
    if error is None:
        return answer  # type: ignore[return-value]
    if isinstance(error, ClientError) and _status(error) in passing:
        raise _ConditionError from error
    with _failing_as_ours(key):
        raise error


@contextmanager
def _failing_as_ours(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        _refused(key, error)
    except (BotoCoreError, HTTPError, OSError, ValueError) as error:  # ValueError: no address
        raise StorageUnavailable(f"{key}: {error}") from error


def _refused(key: str, error: ClientError) -> NoReturn:
    code, status = error.response["Error"].get("Code", ""), _status(error)
    message = f"{status} {code}: {error.response['Error'].get('Message', '')}"
    if code == "NoSuchBucket":
        raise StorageError(f"{key}: the bucket does not exist ({message})") from error
    if status == 404:
        raise MissingEvidence(f"{key} is not there") from error
    if status == 400:
        raise StorageError(
            f"{key}: the store refuses the request ({message}); locks need a bucket made with Object Lock"
        ) from error
    raise StorageUnavailable(f"{key}: the store answered {message}") from error


def _status(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
