"""Codes on goods: 100 random bits that nobody can guess, and that people can read aloud.

A code is 20 characters of lower-case Crockford base32. Only its hash stands in the log, so valid
codes cannot be printed from the log. In print a Luhn mod 32 check character follows it::

    0123-4567-89ab-cdef-ghjk-w

Source: records.md §1; the alphabet is Douglas Crockford's base 32.
"""

import re
from hashlib import sha256

from qrcodes.errors import InvalidCode

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u
CODE_LENGTH = 20  # characters, 5 bits each
ENTROPY_SIZE = 13  # bytes: 104 bits, of which the first 100 are used

_GROUP_LENGTH = 4
_HASH_PREFIX = b"lotproof/code/v1\n"
_CODE = re.compile(f"[{ALPHABET}]{{{CODE_LENGTH}}}", re.ASCII)
# ASCII letters alone are folded: str.lower would also turn the Kelvin sign into a k.
_READING = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZilo",
    "abcdefgh1jk1mn0pqrstuvwxyz110",
    "- ",
)


def new_code(entropy: bytes) -> str:
    """Spell the first 100 bits of 13 fresh random bytes as a code.

    The caller draws the bytes for this one code and for nothing else.
    """
    assert len(entropy) == ENTROPY_SIZE
    bits = int.from_bytes(entropy, "big") >> 4
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(95, -1, -5))


def read_code(text: str) -> str:
    """Read a code as a person typed it: hyphens, spaces, capitals, ``i l o``, with or without its check.

    Returns the 20 characters. Raises InvalidCode, reason ``code-length``, ``code-alphabet`` or
    ``check-character``; nothing refused here is ever hashed or looked up.
    """
    spelled = text.translate(_READING)
    if len(spelled) not in {CODE_LENGTH, CODE_LENGTH + 1}:
        raise InvalidCode(f"a code has {CODE_LENGTH} characters and perhaps a check", reason="code-length")
    if not set(spelled) <= set(ALPHABET):
        raise InvalidCode("a character is not of the code alphabet", reason="code-alphabet")
    code, check = spelled[:CODE_LENGTH], spelled[CODE_LENGTH:]
    if check and check != check_character(code):
        raise InvalidCode("the check character does not fit the code", reason="check-character")
    return code


def check_character(code: str) -> str:
    """The Luhn mod 32 check over the code alphabet; it catches every single wrong character.

    From the right, with the check itself first, every second value is doubled, the base-32 digits
    of the product are added, and the whole sum is 0 mod 32.
    """
    total = 0
    for position, character in enumerate(reversed(_exact(code))):
        value = ALPHABET.index(character) * (2 - position % 2)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def code_hash(code: str) -> bytes:
    r"""SHA-256("lotproof/code/v1\n" || 20 ASCII bytes): the only trace of a code in the log."""
    return sha256(_HASH_PREFIX + _exact(code).encode()).digest()


def printed(code: str) -> str:
    """The code as it stands under a symbol: groups of four, then the check character."""
    groups = [code[start : start + _GROUP_LENGTH] for start in range(0, CODE_LENGTH, _GROUP_LENGTH)]
    return "-".join([*groups, check_character(code)])


def is_code(text: str) -> bool:
    """Whether ``text`` is the one exact spelling of a code, as links carry it."""
    return _CODE.fullmatch(text) is not None


def _exact(code: str) -> str:
    if not is_code(code):
        raise InvalidCode("not the exact spelling of a code; read it first", reason="code-alphabet")
    return code
