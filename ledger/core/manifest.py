"""Bulk facts: salted rows under one RFC 6962 root (records.md 2, "Manifest").

row n = JCS({"n":n,"salt":"<64 hex>", ...})
"""

from collections.abc import Iterable, Sequence
from typing import Any

from ledger.core import canonical, merkle
from ledger.core.commitments import SALT_SIZE
from ledger.core.encoding import decode_hex
from ledger.errors import InvalidRecord, ProofError


def row(n: int, salt: bytes, facts: dict[str, Any]) -> bytes:
    """Print row ``n``. salt: 32 fresh random bytes; facts: members beside n and salt."""
    assert len(salt) == SALT_SIZE
    assert not {"n", "salt", "erased"} & facts.keys()
    return canonical.dumps({"n": n, "salt": salt.hex(), **facts})


def parse_row(data: bytes, n: int) -> dict[str, Any]:
    """Read row ``n`` strictly; returns its facts without n and salt."""
    value = canonical.loads(data)
    if not isinstance(value, dict) or value.get("n") != n or type(value.get("n")) is not int:
        raise InvalidRecord("is not the row of its number", pointer=f"/rows/{n}")
    if "erased" in value:
        raise InvalidRecord("an erased row has no facts", pointer=f"/rows/{n}")
    salt = value.get("salt")
    try:
        decode_hex(salt if isinstance(salt, str) else "", SALT_SIZE)
    except ProofError as error:
        raise InvalidRecord(f"salt: {error}", pointer=f"/rows/{n}") from error
    return {name: member for name, member in value.items() if name not in ("n", "salt")}


def root(rows: Iterable[bytes]) -> str:
    """Hex root over the rows in order."""
    return merkle.root_of(merkle.leaf_hash(data) for data in rows).hex()


def root_with_erased(rows: Sequence[bytes | None], hashes: Sequence[bytes]) -> str:
    """Hex root where an erased row (None) stands by its kept leaf hash."""
    return merkle.root_of(
        merkle.leaf_hash(data) if data is not None else kept for data, kept in zip(rows, hashes, strict=True)
    ).hex()
