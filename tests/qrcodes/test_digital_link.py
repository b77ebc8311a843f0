"""Links are read strictly and printed canonically."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrcodes import gs1
from qrcodes.digital_link import (
    CANONICAL_BASE,
    CodeLink,
    DigitalLink,
    DocumentLink,
    gtin_link,
    of_elements,
    parse,
)
from qrcodes.errors import InvalidLink
from qrcodes.gs1_checks import SET_82
from tests.qrcodes.gs1_values import elements

GTIN = "09506000134352"
CODE = "0123456789abcdefghjk"
BASE = "https://example.com"
values = st.text(SET_82, min_size=1, max_size=20)
bases = st.sampled_from(
    [BASE, "http://127.0.0.1:8080", "https://a/b/c", "https://a/10/01", "https://a/q/x/y", "https://a/%7e"]
)
queries = st.lists(
    st.sampled_from(["utm=1", "flag", "linkType=gs1:pip", "x=%E4", "a=b=c", "99", "/?", "GTIN=1", "="]),
    max_size=3,
).map(tuple)


def vectors(conformance: Path, kind: str) -> list[dict[str, Any]]:
    found = json.loads((conformance / "gs1" / "digital_link" / "dl_vectors.json").read_text())[kind]
    assert found
    return list(found)


@given(bases, elements(), st.none() | values, queries, st.sampled_from(["", "s1.abc", "a=b&c?/"]))
def test_a_digital_link_round_trips(
    base: str, path: tuple[tuple[str, str], ...], note: str | None, others: tuple[str, ...], fragment: str
) -> None:
    """Any primary key with any of its qualifiers, whatever their values hold."""
    attributes = (("98", note), ("99", "1")) if note else ()
    link = DigitalLink(base, path, attributes, others, fragment)
    assert parse(str(link)) == link
    assert str(parse(str(link))) == str(link)
    assert dict(path).items() <= {ai: link.get(ai) for ai, _ in path}.items()


@given(elements())
def test_elements_in_any_order_make_one_link(path: tuple[tuple[str, str], ...]) -> None:
    assert of_elements(path[::-1]) == of_elements(path) == DigitalLink(CANONICAL_BASE, path)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (f"{BASE}/q/{CODE}", CodeLink(BASE, CODE)),
        (f"{BASE}/d/{CODE}/12", DocumentLink(BASE, CODE, 12)),
        (f"{BASE}/01/{GTIN}/10/LOT%2B1/21/7", gtin_link(BASE, GTIN, lot="LOT+1", serial="7")),
        (f"{BASE}/01/{GTIN}/10/01", gtin_link(BASE, GTIN, lot="01")),
        (f"{BASE}/01/{GTIN}/22/d/10/X", DigitalLink(BASE, (("01", GTIN), ("22", "d"), ("10", "X")))),
        (f"{BASE}/01/{GTIN}/10/q/21/{CODE}", gtin_link(BASE, GTIN, lot="q", serial=CODE)),
    ],
)
def test_known_links(text: str, link: object) -> None:
    assert parse(text) == link
    assert str(parse(text)) == text


def test_other_encodings_of_the_same_value_read_to_that_value() -> None:
    assert parse(f"{BASE}/01/{GTIN}/10/A%2b(B)") == gtin_link(BASE, GTIN, lot="A+(B)")


def test_the_links_of_gs1_are_read_as_it_says(conformance: Path) -> None:
    """Source: the parse vectors of GS1; what is accepted also prints, and prints the same again."""
    for vector in vectors(conformance, "parse"):
        if not vector["valid"]:
            with pytest.raises(InvalidLink):
                parse(vector["uri"], **vector["options"])
            continue
        link = parse(vector["uri"], **vector["options"])
        assert isinstance(link, DigitalLink), vector
        assert link.element_string == vector["elements"], vector
        assert parse(str(link)) == link


def test_the_links_of_gs1_are_made_as_it_says(conformance: Path) -> None:
    """Source: the generate vectors of GS1."""
    for vector in vectors(conformance, "generate"):
        read, stem = gs1.read_elements(vector["elements"]), vector["stem"] or CANONICAL_BASE
        if vector["valid"]:
            assert str(of_elements(read, stem)) == vector["uri"]
            continue
        with pytest.raises(InvalidLink) as refusal:
            of_elements(read, stem)
        assert refusal.value.reason == "primary-key"


def test_attributes_and_other_parameters_are_told_apart() -> None:
    link = parse(f"{BASE}/01/{GTIN}/10/A?utm=1&17=261231&flag&3103=000195#top")
    assert isinstance(link, DigitalLink)
    assert link.attributes == (("17", "261231"), ("3103", "000195"))
    assert (link.others, link.fragment, link.get("17")) == (("utm=1", "flag"), "top", "261231")
    assert str(link) == f"{BASE}/01/{GTIN}/10/A?17=261231&3103=000195&utm=1&flag#top"


def test_short_names_and_short_gtins_are_read_where_they_are_asked_for() -> None:
    read = parse(f"{BASE}/gtin/9506000134352/lot/A", convenience_alphas=True, zero_suppressed_gtin=True)
    assert str(read) == f"{BASE}/01/{GTIN}/10/A"


@pytest.mark.parametrize(
    ("text", "reason", "component"),
    [
        ("", "not-a-link", ""),
        ("ftp://example.com/q/" + CODE, "not-a-link", "host"),
        ("https:///q/" + CODE, "not-a-link", "host"),
        ("https://user@example.com/q/" + CODE, "not-a-link", "host"),
        ("https://exämple.com/q/" + CODE, "not-a-link", ""),
        (f"https://example.com:65536/01/{GTIN}", "host", "host"),
        (BASE, "not-a-link", "path"),
        (f"{BASE}/x/{CODE}", "not-a-link", "path"),
        (f"{BASE}/10/LOT", "not-a-link", "path"),
        (f"{BASE}/gtin/{GTIN}", "not-a-link", "path"),
        (f"{BASE}/q/{CODE}/", "trailing-slash", "path"),
        (f"{BASE}/01/{GTIN}/", "trailing-slash", "path"),
        (f"{BASE}//q/{CODE}", "path", "path"),
        (f"{BASE}/01//10/A", "path", "path"),
        (f"{BASE}/01/{GTIN}/10/a<b", "path", "path"),
        (f"{BASE}/01/{GTIN}/10/a%2", "path", "path"),
        (f"{BASE}/01/{GTIN}?99=a%2", "query", "query"),
        (f"{BASE}/01/{GTIN}#<", "query", "query"),
        (f"{BASE}/q/{CODE}?x=1", "query", "query"),
        (f"{BASE}/q/{CODE}#x", "query", "query"),
        (f"{BASE}/q/{CODE}?", "query", "query"),
        (f"{BASE}/q/{CODE.upper()}", "code", "path"),
        (f"{BASE}/q/{CODE}w", "code", "path"),
        (f"{BASE}/d/{CODE}/0", "page", "path"),
        (f"{BASE}/d/{CODE}/01", "page", "path"),
        (f"{BASE}/d/{CODE}/10000", "page", "path"),
        (f"{BASE}/AREjalurbiAUO-cgohCz45Z67b8A", "compressed", "path"),
        (f"{BASE}/01/09506000134353", "check-digit", "01"),
        (f"{BASE}/01/9506000134352", "length", "01"),
        (f"{BASE}/01/{GTIN}/10/{'x' * 21}", "length", "10"),
        (f"{BASE}/01/{GTIN}/10/a%20b", "characters", "10"),
        (f"{BASE}/01/{GTIN}/10/%C3%A4", "characters", "10"),
        (f"{BASE}/01/{GTIN}/10/a%00", "characters", "10"),
        (f"{BASE}/01/{GTIN}/10/%23", "characters", "10"),
        (f"{BASE}/01/{GTIN}/21/1/10/A", "qualifier", "10"),
        (f"{BASE}/01/{GTIN}/10/A/10/B", "qualifier", "10"),
        (f"{BASE}/01/{GTIN}/10/A/235/B", "qualifier", "235"),
        (f"{BASE}/00/006141411234567890/10/A", "qualifier", "10"),
        (f"{BASE}/01/{GTIN}?01=12312312312333", "repeated", "01"),
        (f"{BASE}/01/{GTIN}/10/A?99=1&99=1", "repeated", "99"),
        (f"{BASE}/01/{GTIN}?10=A", "in-path", "10"),
        (f"{BASE}/01/{GTIN}/22/A/21/1?10=A", "in-path", "10"),
        (f"{BASE}/01/{GTIN}?21=A", "attribute", "21"),
        (f"{BASE}/01/{GTIN}?999=A", "attribute", "999"),
        (f"{BASE}/01/{GTIN}?%30%31=A", "attribute", "%30%31"),
        (f"{BASE}/01/{GTIN}?17=", "length", "17"),
        (f"{BASE}/01/{GTIN}?99=a+b", "characters", "99"),
        (f"{BASE}/01/{GTIN}?37=1", "companion", "01"),
        (f"{BASE}/415/9520123456788", "companion", "415"),
        (f"{BASE}/{'a' * 2000}", "not-a-link", ""),
    ],
)  # fmt: skip
def test_refusals_name_their_reason(text: str, reason: str, component: str) -> None:
    with pytest.raises(InvalidLink) as refusal:
        parse(text)
    assert (refusal.value.reason, refusal.value.component) == (reason, component)


def test_a_wrong_link_cannot_be_made_either() -> None:
    with pytest.raises(InvalidLink, match="trailing slash"):
        CodeLink(BASE + "/", CODE)
    with pytest.raises(InvalidLink, match="exact code"):
        DocumentLink(BASE, CODE.upper(), 1)
    with pytest.raises(InvalidLink, match="page"):
        DocumentLink(BASE, CODE, 0)
    with pytest.raises(InvalidLink, match="check digit"):
        gtin_link(BASE, "09506000134353")
    with pytest.raises(InvalidLink, match="reads as an AI"):
        DigitalLink(BASE, (("01", GTIN),), others=("17=261231",))
    with pytest.raises(InvalidLink, match="one parameter"):
        DigitalLink(BASE, (("01", GTIN),), others=("a=1&17=261231",))
    with pytest.raises(InvalidLink, match="twice with different values"):
        of_elements((("01", GTIN), ("10", "A"), ("10", "B")))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A good link with something cut out, put in or doubled."""
    link = str(DigitalLink(draw(bases), draw(elements()), (("99", "1"),), ("utm=1",)))
    start, stop = sorted((draw(st.integers(0, len(link))), draw(st.integers(0, len(link)))))
    return draw(
        st.sampled_from([link[:start] + link[stop:], link[:stop] + link[start:]])
        | st.sampled_from(
            ["%", "%2", "%00", "/", "//", "?", "&", "=", "#", "\\", "@", "\u202e", "01/", "+"]
        ).map(lambda piece: link[:start] + piece + link[start:])
    )


@given(
    damaged()
    | st.text(max_size=60)
    | st.text(SET_82 + "#", max_size=80).map(lambda tail: f"{BASE}/01/{tail}")
)
def test_whatever_is_read_can_be_printed_and_whatever_cannot_is_refused(text: str) -> None:
    try:
        link = parse(text)
    except InvalidLink:
        return
    assert parse(str(link)) == link
    assert str(parse(str(link))) == str(link)
