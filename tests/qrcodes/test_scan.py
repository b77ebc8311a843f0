"""Scanned text becomes a reference or a reason, never an exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrcodes.scan import CodeReference, DocumentReference, GoodsReference, KeyReference, Unreadable, scan

CODE = "0123456789abcdefghjk"
BASE = "https://demo.lotproof.example"
GTIN = "09506000134352"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CODE, CodeReference(CODE)),
        ("0123-4567-89AB-CDEF-GHJK-W\n", CodeReference(CODE)),
        (f"{BASE}/q/{CODE}", CodeReference(CODE)),
        (f" {BASE}/d/{CODE}/3 ", DocumentReference(CODE, 3)),
        (f"https://maker.example/01/{GTIN}/10/L1", GoodsReference(GTIN, "L1", None)),
        (f"{BASE}/01/{GTIN}/21/S1", GoodsReference(GTIN, None, "S1")),
        (f"https://maker.example/01/{GTIN}/10/L1?17=261231&utm=1", GoodsReference(GTIN, "L1", None)),
        ("https://maker.example/ARHKVAdpQg", GoodsReference("09780345418913", None, None)),
        ("https://maker.example/00/106141412345678908", KeyReference("00", "106141412345678908")),
        (f"{BASE}/q/{CODE}#s1.abc", CodeReference(CODE)),
        ("", Unreadable("empty")),
        ("  ", Unreadable("empty")),
        (f"https://demo-lotproof.example/q/{CODE}", Unreadable("foreign-host")),
        (f"http://demo.lotproof.example/q/{CODE}", Unreadable("foreign-host")),
        (f"{BASE}/other/q/{CODE}", Unreadable("foreign-host")),
        ("0123-4567-89AB-CDEF-GHJK-X", Unreadable("check-character")),
        ("hello", Unreadable("code-length")),
        (f"{BASE}/01/09506000134353", Unreadable("check-digit")),
        (f"{BASE}/q/{CODE}?utm=1", Unreadable("query")),
        ("https://maker.example/AQnYUc1gmh", Unreadable("not-a-link")),
    ],
)
def test_each_kind_of_text(text: str, expected: object) -> None:
    assert scan(text, bases=[BASE]) == expected


@given(st.text() | st.text().map(lambda tail: f"{BASE}/{tail}"))
def test_no_text_raises(text: str) -> None:
    scan(text, bases=[BASE])
