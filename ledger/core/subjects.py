"""Subject ids and the chain every subject draws through the records that change it (records.md 1, 2)."""

import re
from typing import Annotated

from pydantic import StringConstraints

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base32, lower case
ID_LENGTH = 20  # characters, 100 random bits
KINDS = ("authorization", "document", "key", "lot", "order", "party", "shipment", "work")
START = "0" * 64  # prev of a subject's first record, and of entry 0

_ID = f"[{ALPHABET}]{{{ID_LENGTH}}}"
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}\z")]
SubjectId = Annotated[str, StringConstraints(pattern=rf"^(?:{'|'.join(KINDS)}):{_ID}\z")]
PartyId = Annotated[str, StringConstraints(pattern=rf"^party:{_ID}\z")]
LotId = Annotated[str, StringConstraints(pattern=rf"^lot:{_ID}\z")]
WorkerId = Annotated[str, StringConstraints(pattern=rf"^worker:{_ID}\z")]

# The same grammars for code that checks by hand what every append and every audited entry holds.
HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
SUBJECT = re.compile(rf"(?:{'|'.join(KINDS)}):{_ID}", re.ASCII)
PARTY = re.compile(rf"party:{_ID}", re.ASCII)
WORKER = re.compile(rf"worker:{_ID}", re.ASCII)


def subject_id(kind: str, entropy: bytes) -> str:
    """A new id from 13 fresh random bytes; four of the 104 bits are dropped."""
    assert kind in KINDS or kind == "worker", kind
    return f"{kind}:{base32(entropy)}"


def base32(entropy: bytes) -> str:
    """The upper 100 of 104 bits as 20 characters."""
    assert len(entropy) == 13, len(entropy)
    number = int.from_bytes(entropy, "big") >> 4
    return "".join(ALPHABET[number >> shift & 31] for shift in range(95, -1, -5))


def is_subject_id(text: str) -> bool:
    return SUBJECT.fullmatch(text) is not None


def kind_of(subject: str) -> str:
    return subject.partition(":")[0]
