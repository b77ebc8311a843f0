"""A published log behind a URL, read only."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator

from ledger.errors import MissingEvidence, StorageError, StorageUnavailable

TIMEOUT_S = 20
OBJECT_BYTES_MAX = 256 * 65_537  # the largest entry bundle


class HttpFolder:
    """An ObjectStore that can only ``get``. prefix: ``http(s)://host/path`` without trailing slash."""

    def __init__(self, prefix: str) -> None:
        if not prefix.startswith(("http://", "https://")):
            raise StorageError(f"{prefix!r} is no http address")
        self._prefix = prefix.rstrip("/")

    def get(self, key: str) -> bytes:
        request = urllib.request.Request(f"{self._prefix}/{key}", headers={"User-Agent": "lotproof-audit"})  # noqa: S310 - the scheme was checked
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                data: bytes = answer.read(OBJECT_BYTES_MAX + 1)
                promised = answer.headers.get("Content-Length", "")
        except urllib.error.HTTPError as error:
            if error.code in (403, 404, 410):
                raise MissingEvidence(f"{key} is not there ({error.code})") from error
            raise StorageUnavailable(f"{key}: the log answered {error.code}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a bad Location
            raise StorageUnavailable(f"{key}: {error}") from error
        if len(data) > OBJECT_BYTES_MAX:
            raise StorageError(f"{key} is larger than any tile")
        if promised.isdecimal() and len(data) != int(
            promised
        ):  # a read of a given length cuts short silently
            raise StorageUnavailable(f"{key}: the connection broke off after {len(data)} bytes of {promised}")
        return data

    def create(self, key: str, data: bytes) -> None:
        del data
        raise StorageError(f"{key}: this log is read only")

    def replace(self, key: str, data: bytes) -> None:
        del data
        raise StorageError(f"{key}: this log is read only")

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Nothing: a published log does not list its objects."""
        del prefix
        return iter(())
