"""Passwords: how they are stored, and which are refused.

Stored with Argon2id (RFC 9106, the second recommended option: 64 MiB, 3 passes, 4 lanes). Refused are
passwords shorter than 12 characters and those that everybody tries first; nothing is asked of their
composition (NIST SP 800-63B §3.1.1.2), and nothing is ever cut off.
"""

import re
import secrets
import tomllib
import unicodedata
from functools import cache
from importlib import resources
from threading import BoundedSemaphore
from typing import Final, Literal

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.profiles import RFC_9106_LOW_MEMORY

LENGTH_MIN: Final = 12
LENGTH_MAX: Final = 128
AT_ONCE: Final = 4  # hashes, 64 MiB each: more would let strangers fill the memory
RUNS: Final = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
)
Refusal = Literal["password-too-short", "password-too-long", "password-common", "password-about-you"]

HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_room = BoundedSemaphore(AT_ONCE)


def hashed(password: str) -> str:
    """An Argon2 string with its parameters and salt, 97 characters."""
    with _room:
        return HASHER.hash(_folded(password))


def is_right(stored: str | None, password: str) -> bool:
    """Compare; who has no password, or does not exist (None), costs the same time."""
    nobody, long = _nobody(HASHER), len(password) > LENGTH_MAX
    with _room:
        try:
            HASHER.verify(stored or nobody, _folded(password[:LENGTH_MAX]))
        except (Argon2Error, InvalidHashError):
            return False
    return bool(stored) and not long


def is_outdated(stored: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def refusal(password: str, *about: str) -> Refusal | None:
    """Why this password may not be chosen; None when it may.

    about: what belongs to the person, such as the e-mail address and the name.
    """
    if len(password) < LENGTH_MIN:
        return "password-too-short"
    if len(password) > LENGTH_MAX:
        return "password-too-long"
    plain = _folded(password).casefold()
    forms = {plain, re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain), _unit(plain)}
    forms |= {_unit(form) for form in forms if form}
    if any(form in commonest() for form in forms) or _is_run(plain):
        return "password-common"
    if forms & {part for text in about for part in _parts(text.casefold())}:
        return "password-about-you"
    return None


@cache
def commonest() -> frozenset[str]:
    """Words and digits that lead every list of leaked passwords, in small letters."""
    text = resources.files("gateway.people").joinpath("commonest.toml").read_text("utf-8")
    words: str = tomllib.loads(text)["words"]
    return frozenset(words.split())


def _folded(password: str) -> str:
    """One password however a keyboard composes its letters; half a surrogate pair is a character, too."""
    whole = password.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFKC", whole)


def _unit(text: str) -> str:
    """What is repeated, when the whole text is one thing again and again: ``abcabcabc`` is ``abc``."""
    period = (text + text).find(text, 1)
    return text[:period] if 0 < period < len(text) else text


def _is_run(text: str) -> bool:
    return any(text in run or text in run[::-1] for run in RUNS)


def _parts(text: str) -> set[str]:
    """The text, its local part when it is an address, and its words run together."""
    return {text, text.partition("@")[0], re.sub(r"\W", "", text)} - {""}


@cache
def _nobody(hasher: PasswordHasher) -> str:
    """A hash that no password has: whoever does not exist is verified against it."""
    return hasher.hash(secrets.token_hex())
