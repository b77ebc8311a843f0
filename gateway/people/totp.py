"""The second factor: six digits of RFC 6238 (SHA-1, 30 s), and ten codes for a lost telephone."""

import re
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Final

import pyotp

from gateway.people.tokens import same

ISSUER: Final = "Lotproof"
STEP_S: Final = 30
DRIFT: Final = 1  # steps that a telephone's clock may be off, either way
RECOVERY_CODES: Final = 10
RECOVERY_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # without i, l, o, 0 and 1
RECOVERY_LENGTH: Final = 20  # characters, 99 bits
_DIGITS = re.compile(r"[0-9]{6}", re.ASCII)


def new_secret() -> str:
    """160 bits in base32, 32 characters (RFC 4226 §4)."""
    return pyotp.random_base32()


def link(secret: str, email: str) -> str:
    """The ``otpauth://`` link that authenticator apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime, *, after: int) -> int | None:
    """The time step whose code this is; None when it is of none that may still be used.

    after: the last step that was accepted; it and everything before it is spent (RFC 6238 §5.2).
    """
    digits = re.sub(r"\s", "", code)
    if _DIGITS.fullmatch(digits) is None:
        return None
    clock, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP_S
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):  # all of them, so that no timing tells which
        if same(clock.generate_otp(step), digits) and step > after:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Ten codes as people write them down: ``abcde-fghjk-mnpqr-stuvw``."""
    return [_grouped(_random()) for _ in range(RECOVERY_CODES)]


def recovery_hash(user: str, code: str) -> str:
    """How a recovery code is stored. Case, spaces and dashes do not matter."""
    plain = re.sub(r"[\s-]", "", code).lower()
    return sha256(f"{user} {plain}".encode("utf-8", "backslashreplace")).hexdigest()


def _random() -> str:
    return "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH))


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 5] for start in range(0, RECOVERY_LENGTH, 5))
