"""Compressed links are expanded to what they say, and anything else is refused."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrcodes.digital_link import expand
from qrcodes.errors import InvalidLink
from qrcodes.gs1_checks import SET_82
from qrcodes.gs1_compression import decompress

BASE = "https://id.gs1.org"
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize(
    ("packed", "plain"),
    [
        ("ARHKVAdpQg", "01/09780345418913"),
        ("ABeRcNWtKMPA", "00/106141412345678908"),
        ("QUCO_anbfA", "414/0614141123452"),
        ("AREjalurbiAUO-cgohCz45Z67b8A", "01/09421902960055/10/2010005828/21/xyz1234"),
        ("AQEd-1O2-GIGAD6A", "01/00614141123452?3103=000500"),
        ("AQnYUc1gmiCNV4JGYgYAF6ckaEPg", "01/05412345000013/10/ABC123?3103=000189&3923=2172"),
        ("AQnYUc1gmiERBhQ0ytiyZuAGOLc1TXgpNWCv1", "01/05412345000013/10/ABC%26%2B123?7003=1903061658&k1=v1"),
        ("AQnYUc1gmiERBhQ0ytiyZuAGOLc1TQ?k1=v1", "01/05412345000013/10/ABC%26%2B123?7003=1903061658&k1=v1"),
    ],
)
def test_links_that_other_programs_packed(packed: str, plain: str) -> None:
    """Source: examples published with GS1's toolkit and with two programs built on it."""
    assert str(expand(f"{BASE}/{packed}")) == f"{BASE}/{plain}"
    assert str(expand(f"https://a/b/{packed}")) == f"https://a/b/{plain}"


def pack(lot: str, coding: int) -> str:
    """AI 10 alone, in a given coding: written from the other side, to hold the reader against."""

    def number(value: int, size: int) -> str:
        return f"{value:0{size}b}"

    bits = number(0x10, 8) + number(coding, 3) + number(len(lot), 5)
    match coding:
        case 0:
            bits += number(int(lot), math.ceil(len(lot) * math.log2(10) + 0.01))
        case 1 | 2:
            bits += "".join(number(int(character, 16), 4) for character in lot)
        case 3:
            bits += "".join(number(BASE64.index(character), 6) for character in lot)
        case 4:
            bits += "".join(number(ord(character), 7) for character in lot)
    bits += "0" * (-len(bits) % 6)
    return "".join(BASE64[int(bits[place : place + 6], 2)] for place in range(0, len(bits), 6))


@given(
    st.sampled_from(["0123456789", "0123456789abcdef", "0123456789ABCDEF", BASE64, SET_82]).flatmap(
        lambda alphabet: st.tuples(
            st.just(["0123456789", "0123456789abcdef", "0123456789ABCDEF", BASE64, SET_82].index(alphabet)),
            st.text(alphabet, min_size=1, max_size=20),
        )
    )
)
def test_a_lot_is_the_same_in_every_coding(packed: tuple[int, str]) -> None:
    coding, lot = packed
    assert decompress(pack(lot, coding)).elements == (("10", lot),)


def test_a_link_whose_primary_key_is_left_plain() -> None:
    whole = expand(f"{BASE}/01/05412345000013/{pack('ABC', 4)}?17=261231#top")
    assert str(whole) == f"{BASE}/01/05412345000013/10/ABC?17=261231#top"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "x",
        "01/05412345000013",
        "AQnYUc1gmh",
        "zzzzzzzzzz",
        "AAAAAAAAAAAAAAAA",
        "ARHKVAdpQw",
        "favicon-ico",
    ],
)
def test_anything_else_is_no_compressed_link(path: str) -> None:
    with pytest.raises(InvalidLink) as refusal:
        expand(f"{BASE}/{path}")
    assert refusal.value.reason in {"compressed", "check-digit", "trailing-slash"}


@given(st.text(BASE64, max_size=80))
def test_no_bits_do_worse_than_be_refused(text: str) -> None:
    try:
        link = expand(f"{BASE}/{text}")
    except InvalidLink:
        return
    assert link.elements
