"""Codes on goods: one spelling, a check that catches slips, and hashes as the log has them."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrcodes.errors import InvalidCode
from qrcodes.serial import ALPHABET, check_character, code_hash, new_code, printed, read_code

CODE = "0123456789abcdefghjk"
entropy = st.binary(min_size=13, max_size=13)
codes = entropy.map(new_code)


def test_the_worked_example_of_the_records_reference(conformance: Path) -> None:
    worked = json.loads((conformance / "records" / "worked.json").read_text())["code"]
    assert code_hash(worked["text"]).hex() == worked["code_hash"]
    assert code_hash(worked["never_issued"]).hex() == worked["never_issued_hash"]
    assert check_character(worked["text"]) == worked["check_character"]


def test_the_first_hundred_bits_become_the_code() -> None:
    assert new_code(bytes(13)) == "0" * 20
    assert new_code(b"\xff" * 13) == "z" * 20
    assert new_code(bytes(12) + b"\x1f") == "0" * 19 + "1", "the last four bits are not used"


def test_the_printed_form_has_groups_of_four_and_the_check() -> None:
    assert printed(CODE) == "0123-4567-89ab-cdef-ghjk-w"


def test_the_hash_is_over_the_prefix_and_the_exact_characters() -> None:
    assert code_hash(CODE) == sha256(b"lotproof/code/v1\n" + CODE.encode()).digest()


@given(codes)
def test_what_is_printed_reads_back(code: str) -> None:
    assert read_code(code) == read_code(printed(code)) == read_code(printed(code).upper()) == code


@pytest.mark.parametrize(
    "text", ["O123 4567 89AB CDEF GHJK", "oI23-4567-89ab-cdef-ghjk-W", " 0l23456789abcdefghjk "]
)
def test_capitals_hyphens_spaces_and_look_alikes_are_read(text: str) -> None:
    assert read_code(text) == CODE


@given(codes, st.integers(0, 19), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_caught(code: str, place: int, other: str) -> None:
    text = printed(code).replace("-", "")
    wrong = text[:place] + other + text[place + 1 :]
    if wrong != text:
        with pytest.raises(InvalidCode, match="check character"):
            read_code(wrong)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "code-length"),
        (CODE[:-1], "code-length"),
        (CODE + "w0", "code-length"),
        (CODE + "x", "check-character"),
        ("u" + CODE[1:], "code-alphabet"),
        (CODE[:-1] + "\u212a", "code-alphabet"),  # the Kelvin sign, whose lower case is k
        (CODE[:-1] + "\u0130", "code-alphabet"),
        (CODE[:-1] + "１", "code-alphabet"),
        (CODE[:10] + "\u2011" + CODE[10:], "code-alphabet"),
        (CODE + "\n", "code-alphabet"),
    ],
)
def test_anything_else_is_refused_before_hashing(text: str, reason: str) -> None:
    with pytest.raises(InvalidCode) as refusal:
        read_code(text)
    assert refusal.value.reason == reason


def test_only_the_exact_spelling_is_hashed_or_printed() -> None:
    for use in (code_hash, printed, check_character):
        with pytest.raises(InvalidCode, match="exact spelling"):
            use(CODE.upper())
