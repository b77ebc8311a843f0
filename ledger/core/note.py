"""Signed notes (C2SP signed-note).

<text, ends in newline>
<empty line>
— <key name> <base64(4-byte key id || signature)>
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ledger.core import keys
from ledger.core.encoding import decode_base64, encode_base64
from ledger.errors import ProofError

NOTE_BYTES_MAX = 1_000_000
SIGNATURES_MAX = 100
_DASH = "\N{EM DASH} "


class NoteVerifier(Protocol):
    """One key that may have signed a note: Ed25519 notes and cosignatures each bring their own."""

    @property
    def name(self) -> str: ...
    @property
    def id(self) -> bytes: ...
    def verify_note(self, text: str, signature: bytes) -> None:
        """Raise ProofError unless ``signature`` (without the key id) covers ``text``."""


@dataclass(frozen=True, slots=True)
class LogVerifier:
    """Verifies Ed25519 note signatures (type 0x01)."""

    key: keys.VerifierKey

    def __post_init__(self) -> None:
        if self.key.kind != keys.ED25519:
            raise ProofError("a log key is an Ed25519 key of type 1")

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def id(self) -> bytes:
        return self.key.id

    def verify_note(self, text: str, signature: bytes) -> None:
        keys.verify(self.key.public_key, signature, text.encode())


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line. key_id: 4 bytes; blob: what follows it."""

    name: str
    key_id: bytes
    blob: bytes

    @property
    def line(self) -> str:
        return f"{_DASH}{self.name} {encode_base64(self.key_id + self.blob)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """text ends in a newline; signatures in file order."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)

    @classmethod
    def parse(cls, data: bytes) -> "Note":
        """Read a note without judging its signatures; ``str`` prints the same bytes again."""
        if len(data) > NOTE_BYTES_MAX:
            raise ProofError("note is too large")
        try:
            whole = data.decode()
        except UnicodeDecodeError as error:
            raise ProofError("note is not UTF-8") from error
        if any(character < " " and character != "\n" for character in whole):
            raise ProofError("note has a control character")
        text, separator, tail = whole.rpartition("\n\n")  # the text may contain empty lines
        if not separator or not tail.endswith("\n"):
            raise ProofError("note has no signature block")
        lines = tail[:-1].split("\n")
        if len(lines) > SIGNATURES_MAX:
            raise ProofError("note has too many signatures")
        return cls(text + "\n", tuple(_parse_signature(line) for line in lines))

    def verified_by(self, verifiers: Sequence[NoteVerifier]) -> tuple[NoteVerifier, ...]:
        """The verifiers whose signature holds, in their given order.

        Unknown signatures are ignored; a known one that fails rejects the whole note, and so does
        a note on which no known signature stands.
        """
        held = []
        for verifier in verifiers:
            blobs = [s.blob for s in self.signatures if (s.name, s.key_id) == (verifier.name, verifier.id)]
            for blob in blobs:
                try:
                    verifier.verify_note(self.text, blob)
                except ProofError as error:
                    raise ProofError(f"{verifier.name}: {error}") from error
            if blobs:
                held.append(verifier)
        if not held:
            raise ProofError("no signature of a known key stands on the note")
        return tuple(held)


def _parse_signature(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise ProofError("signature line does not start with an em dash")
    name, separator, encoded = line[len(_DASH) :].partition(" ")
    keys.check_name(name)
    blob = decode_base64(encoded) if separator else b""
    if len(blob) < 5:
        raise ProofError("signature line is too short")
    return Signature(name, blob[:4], blob[4:])
