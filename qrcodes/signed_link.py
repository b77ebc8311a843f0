r"""Facts signed into the fragment of a link on goods, for checking where there is no network.

::

    https://example.com/q/0123456789abcdefghjk#s1.{base64url, no padding: 96 bytes}

The fragment never reaches a server, so a plain camera opens the page as ever, and a script on the
page checks the signature against keys it was given before. The 96 bytes, big-endian:

===== ==== ==================================================================
at    size what
===== ==== ==================================================================
0     1    1, the version
1     8    the first 8 bytes of the key id (SHA-256 of the public key)
9     1    level: 0 lot, 1 article, 2 style, 3 carton
10    1    grade: ASCII ``A B C X``, or ``-`` for none
11    1    repaired + 4 · battery replaced + 16 · data wiped, each an Answer
12    2    day of printing, days since 1970-01-01
14    4    index of the lot's last record in the log
18    14   the first 14 bytes of that record's event id
32    64   Ed25519 over "lotproof/label/v1\n" || code (20 ASCII bytes) || bytes 0 … 31
===== ==== ==================================================================

The code is signed and stands in the path alone, so a fragment fits no other code. Where the link
leads is not signed: what the printed host is worth, the reader sees.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from struct import Struct
from typing import Final

from ledger.core import keys
from ledger.errors import ProofError
from ledger.ports import Signer
from qrcodes.errors import InvalidLink
from qrcodes.serial import is_code

CONTEXT: Final = b"lotproof/label/v1\n"
PREFIX: Final = "s1."
KEY_SIZE: Final = 8  # bytes of the key id: enough to find it among those that are trusted
EVENT_SIZE: Final = 14  # bytes of the event id: 112 bits, and base64 of the whole has no spare bit
LEVELS: Final = ("lot", "article", "style", "carton")
GRADES: Final = "ABCX-"
FRAGMENT_LENGTH: Final = len(PREFIX) + 128  # characters

_FACTS: Final = Struct(f">B{KEY_SIZE}sBcBHI{EVENT_SIZE}s")
_FRAGMENT: Final = re.compile(rf"{re.escape(PREFIX)}[A-Za-z0-9_-]{{128}}", re.ASCII)
_EPOCH: Final = date(1970, 1, 1)
assert _FACTS.size == 32


class Answer(IntEnum):
    """What the records say; that they say nothing is not a no."""

    NO_RECORD = 0
    NO = 1
    YES = 2
    SOME = 3  # of a lot: of some articles


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What a signed label states. index, event_id: the lot's last record; event_id: its first 14 bytes."""

    level: str
    grade: str  # one of GRADES
    repaired: Answer
    battery_replaced: Answer
    data_wiped: Answer
    printed_on: date
    index: int
    event_id: bytes


@dataclass(frozen=True, slots=True)
class SignedFacts:
    """Facts whose signature holds. public_key: whose, 32 bytes."""

    code: str
    facts: LabelFacts
    public_key: bytes


def sign(code: str, facts: LabelFacts, signer: Signer) -> str:
    """The fragment, without ``#``, for the label of ``code``."""
    packed = _packed(facts, signer.public_key)
    return PREFIX + urlsafe_b64encode(packed + signer.sign(_message(code, packed))).decode()


def split(text: str) -> tuple[str, str]:
    """(link, fragment without ``#``); the fragment is "" where there is none."""
    link, _, fragment = text.partition("#")
    return link, fragment


def verify(code: str, fragment: str, trusted: Iterable[bytes]) -> SignedFacts:
    """Read a fragment and check its signature. trusted: public keys, 32 bytes each.

    Raises InvalidLink, reason ``fragment``, for what is not one of ours, and ProofError when no
    trusted key has its key id or the signature does not hold.
    """
    raw = _decoded(fragment)
    packed, signature = raw[: _FACTS.size], raw[_FACTS.size :]
    facts, wanted = _unpacked(packed)
    found = [key for key in trusted if bytes.fromhex(keys.key_id(key))[:KEY_SIZE] == wanted]
    if not found:
        raise ProofError(f"no trusted key begins with {wanted.hex()}")
    for key in found[:-1]:  # two keys of one beginning: whichever of them signed
        try:
            keys.verify(key, signature, _message(code, packed))
        except ProofError:
            continue
        return SignedFacts(code, facts, key)
    keys.verify(found[-1], signature, _message(code, packed))
    return SignedFacts(code, facts, found[-1])


def _message(code: str, packed: bytes) -> bytes:
    if not is_code(code):
        raise InvalidLink("the link holds no exact code", reason="code")
    return CONTEXT + code.encode() + packed


def _decoded(fragment: str) -> bytes:
    """96 bytes: every text of that form is the one spelling of its bytes."""
    if not _FRAGMENT.fullmatch(fragment):
        raise InvalidLink("not a fragment of signed facts", reason="fragment")
    return urlsafe_b64decode(fragment.removeprefix(PREFIX))


def _packed(facts: LabelFacts, public_key: bytes) -> bytes:
    assert facts.grade in GRADES
    assert len(facts.event_id) == EVENT_SIZE
    return _FACTS.pack(
        1,
        bytes.fromhex(keys.key_id(public_key))[:KEY_SIZE],
        LEVELS.index(facts.level),
        facts.grade.encode(),
        facts.repaired + 4 * facts.battery_replaced + 16 * facts.data_wiped,
        (facts.printed_on - _EPOCH).days,
        facts.index,
        facts.event_id,
    )


def _unpacked(packed: bytes) -> tuple[LabelFacts, bytes]:
    """(facts, beginning of the key id). Raises InvalidLink for a byte that means nothing."""
    version, key, level, grade, answers, day, index, event_id = _FACTS.unpack(packed)
    if version != 1 or level >= len(LEVELS) or grade not in GRADES.encode() or answers > 63:
        raise InvalidLink("a fragment of another version", reason="fragment")
    facts = LabelFacts(
        level=LEVELS[level],
        grade=grade.decode(),
        repaired=Answer(answers & 3),
        battery_replaced=Answer(answers >> 2 & 3),
        data_wiped=Answer(answers >> 4),
        printed_on=_EPOCH + timedelta(days=day),
        index=index,
        event_id=event_id,
    )
    return facts, key
