"""A private key on paper: text that can be read aloud and typed in again, each line with its own check.

::

    lotproof key 1
    key 5647 5aa7 5463 474c
    1 00082 0c20a 1g7jg
    2 0g28a 1c60t 3gfhp
    3 1048j 2ca1a 5gqcm
    4 1g68t 3ce1t 7gzny

``key`` is the beginning of the key id. A numbered line is eight bytes of the seed in Crockford base32,
13 characters, and two that check them: the upper ten bits of SHA-256("lotproof/paper/v1" || 0x0A ||
number || eight bytes). Reading ignores case, spaces and hyphens and takes i and l for 1, o for 0.
Whoever has the paper has the key: no passphrase protects it.
"""

from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.core.keys import key_id
from ledger.core.subjects import ALPHABET
from ledger.errors import ProofError

SEED_SIZE = 32  # bytes
TITLE = "lotproof key 1"
_DOMAIN = b"lotproof/paper/v1\n"
_LINES, _BYTES, _DIGITS, _CHECKS, _GROUP = 4, 8, 13, 2, 5
_ID_DIGITS = 16  # of the key id, hex
_FOLDED = str.maketrans("ilo", "110", " -")


def print_seed(seed: bytes) -> str:
    """The paper form of a 32-byte Ed25519 seed (RFC 8032 §5.1.5), with a final newline."""
    assert len(seed) == SEED_SIZE, len(seed)
    lines = [TITLE, f"key {_grouped(_id_of(seed), 4)}"]
    for number in range(1, _LINES + 1):
        part = seed[(number - 1) * _BYTES : number * _BYTES]
        digits = _base32(int.from_bytes(part, "big"), _DIGITS) + _check(number, part)
        lines.append(f"{number} {_grouped(digits, _GROUP)}")
    return "\n".join(lines) + "\n"


def parse_seed(text: str) -> bytes:
    """Read what somebody typed. Raises ProofError naming the line to look at again."""
    lines = [line.strip().casefold() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != TITLE:
        raise ProofError(f"the first line of a paper backup is {TITLE!r}")
    if len(lines) != 2 + _LINES or not lines[1].startswith("key "):
        raise ProofError(f"a paper backup has the title, the key and {_LINES} numbered lines")
    seed = b"".join(_read(number, line) for number, line in enumerate(lines[2:], start=1))
    if lines[1].removeprefix("key ").translate(_FOLDED) != _id_of(seed):
        raise ProofError("the lines fit together, but they are not the key that the second line names")
    return seed


def _read(number: int, line: str) -> bytes:
    shown, _, typed = line.partition(" ")
    if shown != str(number):
        raise ProofError(f"line {number} begins with its number {number}")
    digits = typed.translate(_FOLDED)
    if len(digits) != _DIGITS + _CHECKS or any(digit not in ALPHABET for digit in digits):
        raise ProofError(f"line {number} has {_DIGITS + _CHECKS} letters and digits after its number")
    value = 0
    for digit in digits[:_DIGITS]:
        value = value << 5 | ALPHABET.index(digit)
    if value >> (8 * _BYTES):
        raise ProofError(f"line {number} is mistyped")
    part = value.to_bytes(_BYTES, "big")
    if digits[_DIGITS:] != _check(number, part):
        raise ProofError(f"line {number} is mistyped")
    return part


def _check(number: int, part: bytes) -> str:
    digest = sha256(_DOMAIN + bytes([number]) + part).digest()
    return _base32(int.from_bytes(digest[:2], "big") >> 6, _CHECKS)


def _base32(value: int, digits: int) -> str:
    return "".join(ALPHABET[value >> shift & 31] for shift in range(5 * (digits - 1), -1, -5))


def _grouped(text: Sequence[str], size: int) -> str:
    return " ".join("".join(text[start : start + size]) for start in range(0, len(text), size))


def _id_of(seed: bytes) -> str:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return key_id(public)[:_ID_DIGITS]
