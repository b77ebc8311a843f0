"""Facts in a fragment: one spelling, one key, one code; whatever is changed does not verify."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import ProofError
from qrcodes import signed_link
from qrcodes.errors import InvalidLink
from qrcodes.signed_link import Answer, LabelFacts, sign, split, verify

CODE = "0123456789abcdefghjk"
DOCUMENT = Path(__file__).parents[2] / "docs" / "labels.md"
FACTS = LabelFacts(
    level="article",
    grade="B",
    repaired=Answer.YES,
    battery_replaced=Answer.YES,
    data_wiped=Answer.NO_RECORD,
    printed_on=date(2026, 11, 21),
    index=1234,
    event_id=sha256(b"lotproof").digest()[:14],
)


class Key:
    """seed: 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


KEY, OTHER = Key(bytes(range(32))), Key(bytes(32))
FRAGMENT = sign(CODE, FACTS, KEY)


def test_the_example_of_the_document_is_what_is_signed() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert FRAGMENT in text
    assert KEY.public_key.hex() in text
    assert verify(CODE, FRAGMENT, [OTHER.public_key, KEY.public_key]).facts == FACTS


@given(
    level=st.sampled_from(signed_link.LEVELS),
    grade=st.sampled_from(signed_link.GRADES),
    answers=st.tuples(*[st.sampled_from(Answer)] * 3),
    day=st.dates(date(1970, 1, 1), date(2149, 6, 6)),
    index=st.integers(0, 2**32 - 1),
    event_id=st.binary(min_size=14, max_size=14),
)
def test_whatever_was_stated_is_read_back(
    level: str, grade: str, answers: tuple[Answer, Answer, Answer], day: date, index: int, event_id: bytes
) -> None:
    facts = LabelFacts(level, grade, *answers, day, index, event_id)
    fragment = sign(CODE, facts, KEY)
    assert len(fragment) == signed_link.FRAGMENT_LENGTH
    found = verify(CODE, fragment, [KEY.public_key])
    assert (found.facts, found.public_key, found.code) == (facts, KEY.public_key, CODE)


@settings(max_examples=300)
@given(place=st.integers(3, len(FRAGMENT) - 1), other=st.sampled_from("AZaz09-_"))
def test_one_changed_character_anywhere_does_not_verify(place: int, other: str) -> None:
    changed = FRAGMENT[:place] + other + FRAGMENT[place + 1 :]
    if changed != FRAGMENT:
        with pytest.raises((ProofError, InvalidLink)):
            verify(CODE, changed, [KEY.public_key])


def test_the_facts_of_one_code_are_those_of_no_other() -> None:
    with pytest.raises(ProofError, match="does not verify"):
        verify("0" * 20, FRAGMENT, [KEY.public_key])


def test_a_key_that_nobody_trusts_is_named_and_not_used() -> None:
    with pytest.raises(ProofError, match="no trusted key begins with 56475aa75463474c"):
        verify(CODE, FRAGMENT, [OTHER.public_key])


@pytest.mark.parametrize(
    "fragment",
    ["", "s1.", FRAGMENT[:-1], FRAGMENT + "A", "s2." + FRAGMENT[3:], "#" + FRAGMENT, FRAGMENT[:-1] + "=",
     FRAGMENT[:-1] + "é", FRAGMENT + "\n"],
)  # fmt: skip
def test_what_is_no_signed_label_is_told_apart_from_a_bad_signature(fragment: str) -> None:
    with pytest.raises(InvalidLink) as refused:
        verify(CODE, fragment, [KEY.public_key])
    assert refused.value.reason == "fragment"


@pytest.mark.parametrize(("at", "value"), [(0, 2), (9, 4), (10, 0x44), (11, 0x40)])
def test_a_byte_that_means_nothing_is_refused_even_when_it_is_signed(at: int, value: int) -> None:
    from base64 import urlsafe_b64decode, urlsafe_b64encode

    packed = bytearray(urlsafe_b64decode(FRAGMENT[3:])[:32])
    packed[at] = value
    signature = KEY.sign(signed_link.CONTEXT + CODE.encode() + bytes(packed))
    with pytest.raises(InvalidLink):
        verify(CODE, "s1." + urlsafe_b64encode(bytes(packed) + signature).decode(), [KEY.public_key])


def test_link_and_fragment_come_apart() -> None:
    assert split(f"https://demo.lotproof.example/q/{CODE}#{FRAGMENT}") == (
        f"https://demo.lotproof.example/q/{CODE}",
        FRAGMENT,
    )
    assert split("https://demo.lotproof.example/q/x") == ("https://demo.lotproof.example/q/x", "")
