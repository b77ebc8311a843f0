"""Checkpoints: a tree head as signed text (C2SP tlog-checkpoint).

demo.lotproof.example/34750f98bd59fcfc
10
MwGhIZSRdRshhiG+9MmkCeY4n4kS7ZM9IlNgKFeeOl0=
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

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


class SigningKeys(Protocol):
    """The keys of a log, one after the other: ``ledger.core.log_keys``."""

    @property
    def name(self) -> str:
        """The origin."""

    def required(self, size: int) -> Sequence[VerifierKey]:
        """The keys that must all have signed a tree of ``size``; one, or two where one follows the other."""

    def every(self) -> Sequence[VerifierKey]:
        """Each key that ever was the log's, the first one first."""


LogKey = VerifierKey | SigningKeys  # one key for trees of every size, or the keys of a log that changed it


def open_checkpoint(data: bytes, key: LogKey) -> Checkpoint:
    """Verify a checkpoint under the log's key, whose name is the only origin accepted."""
    note = Note.parse(data)
    if isinstance(key, VerifierKey):
        note.verified_by([LogVerifier(key)])
        checkpoint = Checkpoint.parse(note.text)
    else:
        checkpoint = Checkpoint.parse(note.text)
        for required in key.required(checkpoint.size):
            note.verified_by([LogVerifier(required)])
    if checkpoint.origin != key.name:
        raise ProofError(f"checkpoint of {checkpoint.origin!r}, not of {key.name!r}")
    return checkpoint


def signed(checkpoint: Checkpoint, key: VerifierKey, signature: bytes) -> Note:
    """The note that carries ``signature`` = Ed25519(key, checkpoint.text)."""
    return signed_by_all(checkpoint, [(key, signature)])


def signed_by_all(checkpoint: Checkpoint, made: Sequence[tuple[VerifierKey, bytes]]) -> Note:
    """The note that carries a signature of each key, in this order."""
    return Note(checkpoint.text, tuple(Signature(key.name, key.id, signature) for key, signature in made))


def as_signed(data: bytes, key: LogKey) -> bytes:
    """The note with the log's own signatures alone, as it was before anyone cosigned it."""
    note = Note.parse(data)
    keys = [key] if isinstance(key, VerifierKey) else key.every()
    own = {(one.name, one.id) for one in keys}
    return str(Note(note.text, tuple(s for s in note.signatures if (s.name, s.key_id) in own))).encode()
