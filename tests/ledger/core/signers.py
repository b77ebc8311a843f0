"""Fixed keys that sign notes: the same bytes in every run."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.core import checkpoint, cosignature, keys
from ledger.core.note import Note, Signature


@dataclass(frozen=True)
class NoteSigner:
    """One key with its name. kind: 1 signs notes, 4 cosigns them with a time."""

    name: str
    seed: bytes
    kind: int = keys.ED25519

    @property
    def key(self) -> keys.VerifierKey:
        return keys.VerifierKey(self.name, self._private.public_key().public_bytes_raw(), self.kind)

    @property
    def vkey(self) -> str:
        return str(self.key)

    def sign(self, text: str) -> Signature:
        return Signature(self.name, self.key.id, self._private.sign(text.encode()))

    def cosign(self, text: str, *, time: int = 1_700_000_000) -> Signature:
        signature = self._private.sign(cosignature.message(time, text))
        return Signature(self.name, self.key.id, time.to_bytes(8, "big") + signature)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


LOG = NoteSigner("log.example/lots", bytes(range(32)))
WITNESS = NoteSigner("witness.example/w1", bytes(range(32, 64)), cosignature.COSIGNATURE_ED25519)
OTHER_WITNESS = NoteSigner("witness.example/w2", bytes(range(64, 96)), cosignature.COSIGNATURE_ED25519)
STRANGER = NoteSigner("stranger.example", bytes(range(96, 128)))


def signed_note(text: str, *signatures: Signature) -> bytes:
    """The note of ``text``, signed by the log and then by whoever else is given."""
    return str(Note(text, (LOG.sign(text), *signatures))).encode()


def signed_checkpoint(size: int, root: bytes) -> bytes:
    return signed_note(checkpoint.Checkpoint(LOG.name, size, root).text)
