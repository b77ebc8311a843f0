"""Salted commitments: facts that can be shown to some, and erased (records.md 2).

SHA-256("lotproof/commit/v1" || 0x0A || salt[32] || u32be(len(name)) || name || JCS(value))
"""

from dataclasses import dataclass
from hashlib import sha256

from ledger.core import canonical
from ledger.core.canonical import JsonValue
from ledger.errors import InvalidRecord

SALT_SIZE = 32  # bytes, fresh for every record, field and row
_DOMAIN = b"lotproof/commit/v1\n"


@dataclass(frozen=True, slots=True)
class Opening:
    """A committed value with the salt that opens it."""

    value: JsonValue
    salt: bytes


def commitment(field: str, opening: Opening) -> str:
    """Hex commitment to ``opening`` under the top-level field name."""
    return commitment_of(field, canonical.dumps(opening.value), opening.salt)


def commitment_of(field: str, encoded: bytes, salt: bytes) -> str:
    """As ``commitment``, for a value at hand as its canonical bytes: they are hashed as they are."""
    if len(salt) != SALT_SIZE:
        raise InvalidRecord(f"a salt has {SALT_SIZE} bytes", pointer=f"/open/{field}/salt")
    name = field.encode()
    head = _DOMAIN + salt + len(name).to_bytes(4, "big") + name
    return sha256(head + encoded).hexdigest()


def check_opening(field: str, opening: Opening, committed: str) -> None:
    """Raise InvalidRecord unless ``opening`` is what ``committed`` stands for."""
    canonical.check_shape(opening.value, f"/open/{field}/value")
    if commitment(field, opening) != committed:
        raise InvalidRecord("does not open the commitment", pointer=f"/open/{field}")
