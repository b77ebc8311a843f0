"""Strict text forms of bytes and numbers; Python's own decoders accept more than one spelling."""

import base64
import binascii
import re

from ledger.errors import ProofError

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-f]{2})*", re.ASCII)


def decode_base64(text: str) -> bytes:
    """RFC 4648 §4 with padding; junk characters and non-zero trailing bits are refused."""
    try:
        data = binascii.a2b_base64(text)
        if binascii.b2a_base64(data, newline=False).decode() == text:
            return data
    except ValueError:  # binascii's own is one, too
        pass
    raise _no_base64(text)


def _no_base64(text: str) -> ProofError:
    try:
        base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return ProofError(f"{text[:80]!r} is not base64")
    return ProofError(f"{text[:80]!r} is not canonical base64")


def encode_base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode()


def decode_hex(text: str, size: int) -> bytes:
    """Exactly ``size`` bytes in lower-case hex."""
    if len(text) != 2 * size or _HEX.fullmatch(text) is None:
        raise ProofError(f"{text[:80]!r} is not {2 * size} lower-case hex digits")
    return bytes.fromhex(text)


def decode_decimal(text: str) -> int:
    """``0`` or digits without a leading zero, below 2^63."""
    if _DECIMAL.fullmatch(text) is None or int(text) >= 2**63:
        raise ProofError(f"{text[:80]!r} is not a decimal number below 2^63")
    return int(text)
