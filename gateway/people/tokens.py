"""Tokens that open something: 256 random bits each, shown once, stored as SHA-256.

A token has so many bits that a fast hash is enough: there is nothing to guess, unlike a password.

The key of a program reads ``lp_<prefix>_<secret>``: 8 characters that name it in lists and logs, and 43
characters of base64url, 256 bits, that nobody sees again.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

TOKEN_BYTES: Final = 32
PREFIX_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"  # base32: nothing that reads like something else
PREFIX_LENGTH: Final = 8
_TOKEN = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KEY = re.compile(r"lp_([a-z2-7]{8})_([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeyText:
    """A program's key, taken apart."""

    prefix: str
    secret: str

    def __str__(self) -> str:
        return f"lp_{self.prefix}_{self.secret}"


def new_token() -> str:
    """64 hex digits."""
    return secrets.token_hex(TOKEN_BYTES)


def is_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def new_key() -> KeyText:
    prefix = "".join(secrets.choice(PREFIX_ALPHABET) for _ in range(PREFIX_LENGTH))
    return KeyText(prefix, secrets.token_urlsafe(TOKEN_BYTES))


def parse_key(text: str) -> KeyText | None:
    """None when it cannot be a key of ours, whatever its bytes are."""
    match = _KEY.fullmatch(text)
    return KeyText(match[1], match[2]) if match else None


def hashed(token: str) -> str:
    """SHA-256 in hex; of characters that no token has, too."""
    return sha256(token.encode("utf-8", "backslashreplace")).hexdigest()


def same(one: str, other: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(
        one.encode("utf-8", "backslashreplace"), other.encode("utf-8", "backslashreplace")
    )


def new_id(kind: str) -> str:
    """``usr_…``, ``key_…``: 100 random bits in base32, no row number."""
    return f"{kind}_" + "".join(secrets.choice(PREFIX_ALPHABET) for _ in range(20))
