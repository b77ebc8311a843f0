"""Strict Ed25519 public keys, key ids and vkeys.

``cryptography`` loads small-order and non-canonical keys, under which one signature can hold for
any message. They are refused here, once, for registration and for every verifier.

Signatures are what most time goes into. libsodium verifies one in half the time and is asked first;
it refuses a few that RFC 8032 as ``cryptography`` reads it accepts (those whose R has small order),
so whatever it refuses is asked again there: ``cryptography`` alone says what does not verify.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from ledger.core.encoding import decode_base64, encode_base64
from ledger.errors import ProofError

KEY_SIZE = 32  # bytes
SIGNATURE_SIZE = 64
ED25519 = 0x01  # C2SP signed-note signature type
_P = 2**255 - 19
# The y coordinates of the eight small-order points, sign bit cleared (RFC 7748 §6, edwards25519).
_SMALL_ORDER_Y = frozenset(
    int.from_bytes(bytes.fromhex(text), "little")
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
)


def check_public_key(raw: bytes) -> None:
    """Raise ProofError unless ``raw`` is the one encoding of a point of large order."""
    if len(raw) != KEY_SIZE:
        raise ProofError(f"an Ed25519 public key has {KEY_SIZE} bytes, not {len(raw)}")
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P:
        raise ProofError("Ed25519 public key is not in canonical form")
    if y in _SMALL_ORDER_Y:
        raise ProofError("Ed25519 public key has small order")


@lru_cache(maxsize=4096)
def key_id(raw: bytes) -> str:
    """Lower-case hex SHA-256 of the 32 raw bytes (records.md 1)."""
    return sha256(raw).hexdigest()


@lru_cache(maxsize=4096)
def load(raw: bytes) -> Ed25519PublicKey:
    """A checked key, ready to verify."""
    check_public_key(raw)
    return Ed25519PublicKey.from_public_bytes(raw)


def verify(raw: bytes, signature: bytes, message: bytes) -> None:
    """Raise ProofError unless ``signature`` is ``raw``'s over ``message`` (RFC 8032, S < L)."""
    key = load(raw)
    if _LIBSODIUM_IS_STRICT and _opens(raw, signature, message):
        return
    try:
        key.verify(signature, message)
    except InvalidSignature as error:
        raise ProofError("signature does not verify") from error


def _opens(raw: bytes, signature: bytes, message: bytes) -> bool:
    """What libsodium says of a signature. raw: 32 bytes."""
    if len(signature) != SIGNATURE_SIZE:
        return False
    try:
        crypto_sign_open(signature + message, raw)
    except BadSignatureError:
        return False
    return True


def _is_strict() -> bool:
    """Whether libsodium verifies without the cofactor, as ``cryptography`` and Go do.

    The signature holds only for a verifier that multiplies by the cofactor: its R is r·B plus a point
    of order 8. A library that took it would call histories good that others refuse, and is not asked.
    """
    public_key = bytes.fromhex("88aa55e6afeed8960a3191de78600347db8acd0a3795412f275f049b86260488")
    signature = bytes.fromhex(
        "5b61c2e3b93e6c06450f327ea72cdfeb8cde6aa020d2dd827ab3f86e708c8393"
        "ed50bdec045e8f6df9d885fbaf05873b51dd8ca28a3910e4d7fafbaec3191d00"
    )
    return not _opens(public_key, signature, b"lotproof")


_LIBSODIUM_IS_STRICT = _is_strict()


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A key that signs notes: ``<name>+<8 hex digits>+<base64(type || key)>`` (C2SP signed-note)."""

    name: str
    public_key: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        check_name(self.name)
        check_public_key(self.public_key)

    @property
    def id(self) -> bytes:
        """SHA-256(name || 0x0A || type || key)[:4]: a hint to find the line, no security."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode_base64(bytes([self.kind]) + self.public_key)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a vkey and recompute its id."""
        parts = text.split("+", 2)  # base64 may contain "+"
        if len(parts) != 3:
            raise ProofError("a vkey is <name>+<id>+<key>")
        blob = decode_base64(parts[2])
        if len(blob) != 1 + KEY_SIZE:
            raise ProofError("a vkey holds one type byte and 32 key bytes")
        key = cls(parts[0], blob[1:], blob[0])
        if key.id.hex() != parts[1]:
            raise ProofError("the vkey's id does not fit its name and key")
        return key


def check_name(name: str) -> None:
    """Refuse an empty key name, one with white space or ``+``, or one that no UTF-8 note can carry.

    Source: C2SP signed-note.
    """
    if not name or "+" in name or any(_is_refused(character) for character in name):
        raise ProofError(f"{name!r} is not a key name")


def _is_refused(character: str) -> bool:
    return character.isspace() or character < " " or "\ud800" <= character <= "\udfff"
