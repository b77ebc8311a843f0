"""Doubles that implement the ports, and run the ports' own contract tests."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.core.keys import key_id
from ledger.errors import MissingEvidence, StorageConflict, StorageUnavailable
from ledger.ports import OBJECT_KEY

STORY_START = datetime(2026, 11, 20, 1, 0, 0, tzinfo=UTC)


class MemorySigner:
    """A toy key, the same in every run. name: what its seed is drawn from."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.signed: list[bytes] = []
        self._key = Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())
        self.public_key = self._key.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        return key_id(self.public_key)

    def sign(self, message: bytes) -> bytes:
        self.signed.append(message)
        return self._key.sign(message)


class MemoryClock:
    """Stands still until it is told to move."""

    def __init__(self, now: datetime = STORY_START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, **delta: float) -> None:
        self._now += timedelta(**delta)


class MemoryObjectStore:
    """An ObjectStore in a dict that can fail one put, before or after it has stored the bytes."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.puts: list[str] = []
        self._faults: list[tuple[int, bool]] = []

    def fail_once(self, *, after_puts: int, persist: bool) -> None:
        """The put after ``after_puts`` more is reported lost. persist: it was stored all the same."""
        self._faults.append((len(self.puts) + after_puts, persist))

    def get(self, key: str) -> bytes:
        _check(key)
        try:
            return self.objects[key]
        except KeyError:
            raise MissingEvidence(f"{key} is not there") from None

    def create(self, key: str, data: bytes) -> None:
        _check(key)
        if self.objects.get(key, data) != data:
            raise StorageConflict(f"{key} exists with other bytes")
        self._put(key, data)

    def replace(self, key: str, data: bytes) -> None:
        _check(key)
        self._put(key, data)

    def keys(self, prefix: str = "") -> Iterator[str]:
        return iter(sorted(key for key in self.objects if not prefix or key.startswith(f"{prefix}/")))

    def _put(self, key: str, data: bytes) -> None:
        position = len(self.puts)
        self.puts.append(key)
        fault = next((fault for fault in self._faults if fault[0] == position), None)
        if fault is None or fault[1]:
            self.objects[key] = data
        if fault is not None:
            self._faults.remove(fault)
            raise StorageUnavailable(f"{key}: the store did not answer")


def _check(key: str) -> None:
    if OBJECT_KEY.fullmatch(key) is None:
        raise MissingEvidence(f"{key!r} names no object")
