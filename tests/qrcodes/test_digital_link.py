"""Links are read strictly and printed canonically."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrcodes.digital_link import CodeLink, DigitalLink, DocumentLink, gtin_link, parse
from qrcodes.errors import InvalidLink

GTIN = "09506000134352"
CODE = "0123456789abcdefghjk"
BASE = "https://example.com"
CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
values = st.text(CSET_82, min_size=1, max_size=20)
bases = st.sampled_from(
    [BASE, "http://127.0.0.1:8080", "https://a/b/c", "https://a/10/01", "https://a/q/x/y"]
)


@given(bases, st.none() | values, st.none() | values)
def test_a_digital_link_round_trips(base: str, lot: str | None, serial: str | None) -> None:
    link = gtin_link(base, GTIN, lot=lot, serial=serial)
    assert parse(str(link)) == link
    assert str(parse(str(link))) == str(link)
    assert (link.get("01"), link.get("10"), link.get("21")) == (GTIN, lot, serial)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (f"{BASE}/q/{CODE}", CodeLink(BASE, CODE)),
        (f"{BASE}/d/{CODE}/12", DocumentLink(BASE, CODE, 12)),
        (f"{BASE}/01/{GTIN}/10/LOT%2B1/21/7", gtin_link(BASE, GTIN, lot="LOT+1", serial="7")),
        (f"{BASE}/01/{GTIN}/10/01", gtin_link(BASE, GTIN, lot="01")),
    ],
)
def test_known_links(text: str, link: object) -> None:
    assert parse(text) == link
    assert str(parse(text)) == text


def test_other_encodings_of_the_same_value_read_to_that_value() -> None:
    assert parse(f"{BASE}/01/{GTIN}/10/A%2b(B)") == gtin_link(BASE, GTIN, lot="A+(B)")


def test_vectors_of_gs1_for_the_keys_we_know(conformance: Path) -> None:
    """Source: GS1 Digital Link URI vectors, those with AI 01, 10 and 21 in the path alone."""
    vectors = json.loads((conformance / "gs1" / "digital_link" / "dl_vectors.json").read_text())
    tried = 0
    for vector in vectors["parse"]:
        uri = vector["uri"]
        if "/01/" not in uri or "?" in uri or "/22/" in uri or "/235/" in uri:
            continue
        if any(vector["options"].values()):
            continue
        tried += 1
        if not vector["valid"]:
            with pytest.raises(InvalidLink):
                parse(uri)
            continue
        link = parse(uri)
        assert isinstance(link, DigitalLink)
        assert "^" + "".join(ai + value for ai, value in link.elements) == vector["elements"]
        assert str(link) == uri
    assert tried > 10


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not-a-link"),
        ("ftp://example.com/q/" + CODE, "not-a-link"),
        ("https:///q/" + CODE, "not-a-link"),
        ("https://user@example.com/q/" + CODE, "not-a-link"),
        ("https://exämple.com/q/" + CODE, "not-a-link"),
        (BASE, "not-a-link"),
        (f"{BASE}/x/{CODE}", "not-a-link"),
        (f"{BASE}/10/LOT", "not-a-link"),
        (f"{BASE}/q/{CODE}/", "trailing-slash"),
        (f"{BASE}/01/{GTIN}/", "trailing-slash"),
        (f"{BASE}//q/{CODE}", "path"),
        (f"{BASE}/01/{GTIN}/10/a<b", "path"),
        (f"{BASE}/01/{GTIN}/10/a%2", "path"),
        (f"{BASE}/q/{CODE}?x=1", "query"),
        (f"{BASE}/q/{CODE}#x", "query"),
        (f"{BASE}/q/{CODE.upper()}", "code"),
        (f"{BASE}/q/{CODE}w", "code"),
        (f"{BASE}/d/{CODE}/0", "page"),
        (f"{BASE}/d/{CODE}/01", "page"),
        (f"{BASE}/d/{CODE}/10000", "page"),
        (f"{BASE}/01/09506000134353", "check-digit"),
        (f"{BASE}/01/9506000134352", "value"),
        (f"{BASE}/01/{GTIN}/10/{'x' * 21}", "value"),
        (f"{BASE}/01/{GTIN}/10/a%20b", "value"),
        (f"{BASE}/01/{GTIN}/10/%C3%A4", "value"),
        (f"{BASE}/01/{GTIN}/21/1/10/A", "qualifier"),
        (f"{BASE}/01/{GTIN}/10/A/10/B", "qualifier"),
        (f"{BASE}/01/{GTIN}/22/A", "qualifier"),
        (f"{BASE}/{'a' * 2000}", "not-a-link"),
    ],
)
def test_refusals_name_their_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidLink) as refusal:
        parse(text)
    assert refusal.value.reason == reason


def test_a_wrong_link_cannot_be_made_either() -> None:
    with pytest.raises(InvalidLink, match="trailing slash"):
        CodeLink(BASE + "/", CODE)
    with pytest.raises(InvalidLink, match="exact code"):
        DocumentLink(BASE, CODE.upper(), 1)
    with pytest.raises(InvalidLink, match="page"):
        DocumentLink(BASE, CODE, 0)
    with pytest.raises(InvalidLink, match="check digit"):
        gtin_link(BASE, "09506000134353")
