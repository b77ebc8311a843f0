"""Timestamped Ed25519 cosignatures of checkpoints (C2SP tlog-cosignature, type 0x04)."""

from dataclasses import dataclass

from ledger.core import keys
from ledger.errors import ProofError

COSIGNATURE_ED25519 = 0x04
_TIMESTAMP_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class CosignatureVerifier:
    """Verifies ``u64 timestamp || signature`` of one witness."""

    key: keys.VerifierKey

    def __post_init__(self) -> None:
        if self.key.kind != COSIGNATURE_ED25519:
            raise ProofError("a witness key is a timestamped Ed25519 key of type 4")

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def id(self) -> bytes:
        return self.key.id

    def verify_note(self, text: str, signature: bytes) -> None:
        if len(signature) != 8 + keys.SIGNATURE_SIZE:
            raise ProofError("a cosignature has 72 bytes after its key id")
        timestamp = int.from_bytes(signature[:8], "big")
        if timestamp > _TIMESTAMP_MAX:
            raise ProofError("cosignature timestamp is out of range")
        keys.verify(self.key.public_key, signature[8:], message(timestamp, text))


def message(timestamp: int, text: str) -> bytes:
    """The bytes a witness signs. timestamp: POSIX seconds; text: the whole checkpoint text."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
