"""What may not become public for ever is refused before it is sequenced; names of goods are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InvalidRecord
from ledger.records import public_text
from ledger.records.public_text import check_public, trouble


@pytest.mark.parametrize(
    "text",
    [
        "星野 X1 Pro",
        "XY-A55 5G 8+256",
        "Galaxy S24+ 512",
        "iPhone 15 Pro Max 1TB",
        "06952123010012",  # GTIN-14
        "6952123010012",  # GTIN-13
        "695212301001",  # GTIN-12
        "PN 20251120001",
        "XY-2025-0117",
        "SN-13812345678",  # a production number, told by the letters before it
        "WM-1380013-8000",
        "BCD-501WLHTD58S9U1",
        "WF-1000XM5",
        "2025-11-20",
        "0.9-inch 1080p",
        "Dr. Martens 1460",
        "H&M",
        "H87",
        "A+ 12345678",
        "10-bit 4K 120 Hz",
        "shenzhen_bonded_2",
        "warehouse_0755",
        "customer_returns",
        "0" * 64,
        "lot:" + "1" * 20,
        "电动牙刷 T300 两支装",
        "340 223 14 07",
    ],
)
def test_a_name_of_goods_passes(text: str) -> None:
    assert trouble(text) == ""
    check_public({"model": text})


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("ask wang@example.com", "e-mail"),
        ("wang＠example.com", "e-mail"),
        ("wang @ example . com", "e-mail"),
        ("see https://example.com/x", "e-mail or web"),
        ("www.example.com", "e-mail or web"),
        ("13800138000", "telephone"),
        ("X1 138 0013 8000", "telephone"),
        ("X1 138-0013-8000", "telephone"),
        ("86 13800138000", "telephone"),
        ("+84 91 234 56 78", "telephone"),
        ("(+44) 20 7946 0958", "telephone"),
        ("0755-26001234", "telephone"),
        ("(021) 6100 1234", "telephone"),
        ("call_13800138000", "telephone"),
        ("Tel-13800138000", "telephone"),
        ("微信 7654321", "telephone"),
        ("zalo: 0912345678", "telephone"),
        ("11010519491231002X", "identity"),
        ("a few phones that the customer Mr Wang brought back to us last week", "free text"),
        ("客户王先生昨天退回。外壳有划痕", "free text"),
        ("Returned by the owner. He was angry.", "free text"),
        ("x" * 81, "free text"),
        ("机" * 41, "free text"),
    ],
)
def test_personal_data_and_free_text_are_refused(text: str, what: str) -> None:
    with pytest.raises(InvalidRecord, match=what) as refused:
        check_public({"a": [{"model": "X1"}, {"model": text}]})
    assert refused.value.pointer == "/data/a/1/model"


def test_a_number_whose_check_digit_is_wrong_names_nobody() -> None:
    assert trouble("110105194912310021") == ""


def test_numbers_and_absent_members_are_no_text() -> None:
    check_public({"quantity": 13800138000, "nothing": None, "list": [], "flag": True})


@given(st.text(alphabet="ab 12345678901+-().@:/。!中", max_size=30))
def test_what_is_waved_through_has_no_trouble(text: str) -> None:
    if public_text._HARMLESS.fullmatch(text):
        assert trouble(text) == ""
