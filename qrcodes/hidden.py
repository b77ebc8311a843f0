r"""The second code of a label, under a scratch field: whoever shows it first has claimed the goods.

It is 60 random bits as 12 characters of the code alphabet, and in print a check character follows::

    0123-4567-89ab-x

What is kept of it is a digest bound to the code outside::

    SHA-256("lotproof/hidden/v1\n" || 20 characters of the outer code || 12 characters of the hidden one)

60 bits are enough because nobody can try them but against the gateway, which counts: the digest
stands in private rows and tables only.
"""

from hashlib import sha256
from typing import Final

from qrcodes.serial import ALPHABET, CODE_LENGTH, check_character, is_code, read_code

HIDDEN_LENGTH: Final = 12  # characters, 5 bits each
ENTROPY_SIZE: Final = 8  # bytes: 64 bits, of which the first 60 are used
_PREFIX: Final = b"lotproof/hidden/v1\n"
_FILL: Final = ALPHABET[0] * (CODE_LENGTH - HIDDEN_LENGTH)  # zeros in front change no check character


def new_hidden(entropy: bytes) -> str:
    """Spell the first 60 bits of 8 fresh random bytes."""
    assert len(entropy) == ENTROPY_SIZE
    bits = int.from_bytes(entropy, "big") >> 4
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(55, -1, -5))


def read_hidden(text: str) -> str:
    """Read a hidden code as a person typed it, as ``serial.read_code`` does. Raises InvalidCode."""
    return read_code(_FILL + text)[len(_FILL) :]


def hidden_digest(code: str, hidden: str) -> str:
    """64 hex digits. code: the outer one, 20 characters; hidden: 12."""
    assert is_code(code)
    assert is_code(_FILL + hidden)
    return sha256(_PREFIX + code.encode() + hidden.encode()).hexdigest()


def printed_hidden(hidden: str) -> str:
    """As it stands under the scratch field: groups of four, then the check character."""
    groups = [hidden[start : start + 4] for start in range(0, HIDDEN_LENGTH, 4)]
    return "-".join([*groups, check_character(_FILL + hidden)])
