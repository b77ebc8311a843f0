"""Timestamped Ed25519 cosignatures of checkpoints (C2SP tlog-cosignature, type 0x04)."""

from dataclasses import dataclass

from ledger.core import keys
from ledger.core.note import Note
from ledger.errors import ProofError

COSIGNATURE_ED25519 = 0x04
_TIMESTAMP_MAX = 2**63 - 1
_TIMESTAMP_SIZE = 8  # bytes, before the signature


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
        if len(signature) != _TIMESTAMP_SIZE + keys.SIGNATURE_SIZE:
            raise ProofError("a cosignature has 72 bytes after its key id")
        timestamp = timestamp_of(signature)
        if timestamp > _TIMESTAMP_MAX:
            raise ProofError("cosignature timestamp is out of range")
        keys.verify(self.key.public_key, signature[_TIMESTAMP_SIZE:], message(timestamp, text))


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified cosignature. line: as it stands on the note, with its newline; timestamp: POSIX seconds."""

    line: str
    timestamp: int


def open_cosignature(text: str, lines: bytes, key: keys.VerifierKey) -> Cosignature:
    """The newest cosignature of ``key`` over ``text`` among ``lines``, as a witness answers them.

    Lines of other keys are ignored. Raises ProofError when the lines are malformed, when none is of
    this key, or when one that is does not verify.
    """
    note = Note.parse((text + "\n").encode() + lines)
    if note.text != text:
        raise ProofError("the answer holds more than signature lines")
    note.verified_by([CosignatureVerifier(key)])
    own = [s for s in note.signatures if (s.name, s.key_id) == (key.name, key.id)]
    newest = max(own, key=lambda signature: timestamp_of(signature.blob))
    return Cosignature(newest.line, timestamp_of(newest.blob))


def timestamp_of(blob: bytes) -> int:
    """POSIX seconds of a cosignature. blob: what follows the key id."""
    return int.from_bytes(blob[:_TIMESTAMP_SIZE], "big")


def message(timestamp: int, text: str) -> bytes:
    """The bytes a witness signs. timestamp: POSIX seconds; text: the whole checkpoint text."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
