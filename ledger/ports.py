"""The seams of the ledger: three, because two implementations of each really exist."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

# What names an object: relative, no hidden parts, the same on every store.
OBJECT_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC time. A demo installation runs on its story's time."""


class Signer(Protocol):
    """Holds one Ed25519 private key. public_key: 32 raw bytes."""

    @property
    def public_key(self) -> bytes: ...
    def sign(self, message: bytes) -> bytes:
        """64 bytes."""


class ObjectStore(Protocol):
    """Named bytes. Keys match ``OBJECT_KEY``; anything else names no object."""

    def get(self, key: str) -> bytes:
        """Raises MissingEvidence when absent, StorageUnavailable when it cannot be told."""

    def create(self, key: str, data: bytes) -> None:
        """Durable on return. Equal bytes already there are fine; others raise StorageConflict."""

    def replace(self, key: str, data: bytes) -> None:
        """Durable and atomic on return: readers see the old bytes or the new ones."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key below ``prefix``, ascending."""


class ErasableStore(ObjectStore, Protocol):
    """For what is not published: it can be taken away again."""

    def delete(self, key: str) -> None:
        """Gone on return, durably; fine when it was not there. A bucket with versions keeps them."""
