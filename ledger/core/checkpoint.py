"""Checkpoints: a tree head as signed text (C2SP tlog-checkpoint).

demo.lotproof.example/34750f98bd59fcfc
10
MwGhIZSRdRshhiG+9MmkCeY4n4kS7ZM9IlNgKFeeOl0=
"""

from dataclasses import dataclass

from ledger.core.encoding import decode_base64, decode_decimal, encode_base64
from ledger.core.keys import VerifierKey
from ledger.core.merkle import HASH_SIZE
from ledger.core.note import LogVerifier, Note, Signature
from ledger.errors import ProofError


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """origin: the log's name; size: entries; root: 32 bytes; extensions: further signed lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the note's text; only the spelling that ``text`` prints is accepted."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise ProofError("a checkpoint has an origin, a size and a root, one line each")
        root = decode_base64(lines[2])
        if len(root) != HASH_SIZE:
            raise ProofError("a checkpoint's root has 32 bytes")
        return cls(lines[0], decode_decimal(lines[1]), root, tuple(lines[3:-1]))


def open_checkpoint(data: bytes, key: VerifierKey) -> Checkpoint:
    """Verify a checkpoint under the log key, whose name is the only origin accepted."""
    note = Note.parse(data)
    note.verified_by([LogVerifier(key)])
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != key.name:
        raise ProofError(f"checkpoint of {checkpoint.origin!r}, not of {key.name!r}")
    return checkpoint


def signed(checkpoint: Checkpoint, key: VerifierKey, signature: bytes) -> Note:
    """The note that carries ``signature`` = Ed25519(key, checkpoint.text)."""
    return Note(checkpoint.text, (Signature(key.name, key.id, signature),))
