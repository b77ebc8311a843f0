"""Hidden codes: 60 random bits that people can type, and a digest that binds them to the code outside."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrcodes.errors import InvalidCode
from qrcodes.hidden import ENTROPY_SIZE, HIDDEN_LENGTH, hidden_digest, new_hidden, printed_hidden, read_hidden
from qrcodes.serial import ALPHABET

ENTROPY = st.binary(min_size=ENTROPY_SIZE, max_size=ENTROPY_SIZE)
OUTER = "0123456789abcdefghjk"


@given(entropy=ENTROPY)
def test_what_is_printed_is_read_back_however_it_is_typed(entropy: bytes) -> None:
    hidden = new_hidden(entropy)
    assert len(hidden) == HIDDEN_LENGTH
    text = printed_hidden(hidden)
    spaced, misread = text.replace("-", " "), text.replace("1", "l").replace("0", "O")
    for typed in (hidden, text, text.upper(), spaced, misread):
        assert read_hidden(typed) == hidden


@given(entropy=ENTROPY, place=st.integers(0, HIDDEN_LENGTH - 1), other=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed_before_anything_is_looked_up(
    entropy: bytes, place: int, other: str
) -> None:
    text = printed_hidden(new_hidden(entropy)).replace("-", "")
    if text[place] != other:
        with pytest.raises(InvalidCode):
            read_hidden(text[:place] + other + text[place + 1 :])


@pytest.mark.parametrize("text", ["", "0123", "0123456789abcd", OUTER, "u" * 12, "x" * 60])
def test_what_is_no_hidden_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidCode):
        read_hidden(text)


def test_the_digest_is_what_the_documents_say() -> None:
    """Source: docs/labels.md."""
    digest = sha256(b"lotproof/hidden/v1\n" + OUTER.encode() + b"0123456789ab").hexdigest()
    assert hidden_digest(OUTER, "0123456789ab") == digest


def test_a_hidden_code_claims_no_other_label() -> None:
    assert hidden_digest(OUTER, "0" * 12) != hidden_digest("0" * 20, "0" * 12)
