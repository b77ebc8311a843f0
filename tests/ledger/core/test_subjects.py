"""An id is its kind and 100 random bits, in one spelling (records.md 1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import subjects

TWENTY = "0123456789abcdefghjk"


@given(st.sampled_from(subjects.KINDS), st.binary(min_size=13, max_size=13))
def test_a_new_id_is_one(kind: str, entropy: bytes) -> None:
    made = subjects.subject_id(kind, entropy)
    assert subjects.is_subject_id(made)
    assert subjects.kind_of(made) == kind
    assert len(made) == len(kind) + 1 + 20


@given(st.binary(min_size=13, max_size=13))
def test_twenty_characters_hold_the_upper_100_bits(entropy: bytes) -> None:
    text = subjects.base32(entropy)
    number = 0
    for character in text:
        number = number * 32 + subjects.ALPHABET.index(character)
    assert number == int.from_bytes(entropy, "big") >> 4


def test_the_alphabet_is_crockford_s_without_i_l_o_u() -> None:
    assert subjects.ALPHABET == "0123456789abcdefghjkmnpqrstvwxyz"
    assert subjects.base32(bytes(13)) == "0" * 20
    assert subjects.base32(b"\xff" * 13) == "z" * 20
    assert subjects.base32(bytes(12) + b"\x10") == "0" * 19 + "1"


def test_the_kinds_are_those_of_the_records() -> None:
    expected = {"lot", "party", "key", "authorization", "order", "shipment", "document", "work"}
    assert set(subjects.KINDS) == expected
    assert subjects.START == "0" * 64


def test_a_worker_has_an_id_but_is_no_subject() -> None:
    worker = subjects.subject_id("worker", bytes(13))
    assert worker == "worker:" + "0" * 20
    assert not subjects.is_subject_id(worker)


@pytest.mark.parametrize("kind", subjects.KINDS)
def test_each_kind_is_read(kind: str) -> None:
    assert subjects.is_subject_id(f"{kind}:{TWENTY}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lot",
        "lot:",
        TWENTY,
        f":{TWENTY}",
        f"LOT:{TWENTY}",
        f"lot:{TWENTY.upper()}",
        f"lot:{TWENTY[:-1]}",
        f"lot:{TWENTY}0",
        f"lot:{TWENTY}\n",
        f" lot:{TWENTY}",
        f"lot: {TWENTY[1:]}",
        f"lot:{TWENTY[:-1]}i",
        f"lot:{TWENTY[:-1]}l",
        f"lot:{TWENTY[:-1]}o",
        f"lot:{TWENTY[:-1]}u",
        f"lot:{TWENTY[:-1]}٣",
        f"lot::{TWENTY}",
        f"lots:{TWENTY}",
        f"pallet:{TWENTY}",
    ],
    ids=repr,
)
def test_another_spelling_is_no_id(text: str) -> None:
    assert not subjects.is_subject_id(text)


def test_a_wrong_kind_or_too_little_entropy_is_a_programmer_s_mistake() -> None:
    with pytest.raises(AssertionError, match="pallet"):
        subjects.subject_id("pallet", bytes(13))
    with pytest.raises(AssertionError, match="12"):
        subjects.subject_id("lot", bytes(12))
