"""A finished document."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Document:
    filename: str
    media_type: str
    content: bytes
    pages: int

    @property
    def sha256(self) -> bytes:
        """What ``document.issued`` records, 32 bytes."""
        return sha256(self.content).digest()
