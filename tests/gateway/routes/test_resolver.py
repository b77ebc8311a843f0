"""The GS1-conformant resolver, a test for each SHALL of its standard, and what nobody gets out of it."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from gateway import wiring
from gateway.settings import Settings
from gateway.shell.rates import AMOUNTS, Rates
from qrcodes.gs1 import PRIMARY_KEYS
from qrcodes.linkset import DEFAULT, MEDIA_TYPE, VOCABULARY
from tests.gateway.web import BASE, Caller, ask, heading, tamper

GTIN = "06952123010012"  # of the story's phones
UNKNOWN_GTIN = "09506000134352"
LINKSET = {"accept": MEDIA_TYPE}
LANGUAGES = ["en", "zh-CN", "vi"]


@pytest.fixture(scope="module")
def lot(told_home: Path) -> str:
    """The 20 characters of a lot of that GTIN."""
    facts = f'%"gtin": "{GTIN}"%'
    lot_ = ask(told_home, "SELECT lot FROM articles WHERE facts LIKE ? ORDER BY lot", facts)
    return lot_.partition(":")[2]


@pytest.fixture(scope="module")
def serial(told_home: Path, lot: str) -> str:
    """The code of one article of it."""
    return ask(
        told_home,
        "SELECT code FROM code_links JOIN articles ON articles.id = article WHERE articles.lot = ?",
        f"lot:{lot}",
    )


def links_of(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    """Anchor -> its links."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
    return {context["anchor"]: context for context in answer.json()["linkset"]}


def header_links(answer: httpx.Response) -> dict[str, str]:
    """Relation -> target, of the Link header."""
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"', answer.headers["link"])
    return {relation: target for target, relation in found}


def gone_to(answer: httpx.Response) -> str:
    assert answer.status_code == 307, answer.text
    return answer.headers["location"]


# The SHALLs, in the order of the standard.


@pytest.mark.parametrize(
    ("qualifiers", "expected"),
    [
        ("", "/goods/{gtin}"),
        ("/22/A", "/goods/{gtin}"),
        ("/235/X", "/goods/{gtin}"),
        ("/10/{lot}", "/lots/{lot}"),
        ("/22/A/10/{lot}", "/lots/{lot}"),
        ("/21/{serial}", "/q/{serial}"),
        ("/22/A/21/{serial}", "/q/{serial}"),
        ("/10/{lot}/21/{serial}", "/q/{serial}"),
        ("/22/A/10/{lot}/21/{serial}", "/q/{serial}"),
    ],
)
def test_shall_support_every_qualifier_of_a_supported_key(
    looker: Caller, lot: str, serial: str, qualifiers: str, expected: str
) -> None:
    path = f"/01/{GTIN}" + qualifiers.format(lot=lot, serial=serial)
    went = gone_to(looker.get(path))
    assert went == expected.format(gtin=GTIN, lot=lot, serial=serial)
    assert looker.get(went).status_code == 200


def test_shall_support_get_head_and_options(looker: Caller, lot: str) -> None:
    path = f"/01/{GTIN}/10/{lot}?linkType=linkset"
    got, headed = looker.get(path), looker.request("HEAD", path)
    assert (headed.status_code, headed.content) == (200, b"")
    assert headed.headers["content-length"] == got.headers["content-length"]
    asked = looker.request("OPTIONS", path)
    assert (asked.status_code, asked.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert looker.post(path).status_code == 405


def test_shall_support_https(told_home: Path, lot: str) -> None:
    """Behind a public name with TLS every link that is given out is https, and browsers are held to it."""
    opened = wiring.open_(Settings(home=told_home, public_url="https://id.example.com"))
    answer = Caller(opened, base="https://id.example.com").get(f"/01/{GTIN}/10/{lot}", headers=LINKSET)
    opened.close()
    assert "http://" not in answer.text.replace("http://gs1", "")
    assert f"https://id.example.com/01/{GTIN}/10/{lot}" in links_of(answer)
    assert answer.headers["strict-transport-security"]


def test_shall_support_cors_on_every_method_and_answer(looker: Caller, lot: str) -> None:
    for method, path in (
        ("GET", f"/01/{GTIN}/10/{lot}"),
        ("GET", f"/01/{GTIN}?linkType=linkset"),
        ("GET", f"/01/{GTIN}?linkType=gs1:nothing"),
        ("GET", "/01/1"),
        ("GET", f"/01/{GTIN}/21/%"),
        ("GET", f"/01/{UNKNOWN_GTIN}"),
        ("HEAD", f"/01/{GTIN}"),
        ("OPTIONS", f"/01/{GTIN}"),
        ("GET", "/.well-known/gs1resolver"),
        ("GET", "/linkset-context.jsonld"),
    ):
        answer = looker.request(method, path, headers={"origin": "https://others.example"})
        assert answer.headers["access-control-allow-origin"] == "*", path
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("path", "fault", "component"),
    [
        ("/01/06952123010013", "check-digit", "01"),
        ("/01/6952123010012", "length", "01"),
        (f"/01/{GTIN}/21/A/10/B", "qualifier", "10"),
        (f"/01/{GTIN}/235/A/10/B", "qualifier", "10"),
        (f"/01/{GTIN}/10", "not-a-link", "path"),
        (f"/01/{GTIN}/10/a%20b", "characters", "10"),
        (f"/01/{GTIN}?17=251301", "value", "17"),
        (f"/01/{GTIN}?10=A", "in-path", "10"),
        ("/00/106141412345678909", "check-digit", "00"),
        ("/8004/95A1", "value", "8004"),
        ("/01/x/q/0123456789abcdefghjk", "not-a-link", "path"),
    ],
)
def test_shall_answer_400_to_a_link_that_breaks_the_syntax(
    looker: Caller, path: str, fault: str, component: str
) -> None:
    told = looker.get(path, headers={"accept": "application/json"})
    assert (told.status_code, told.headers["content-type"]) == (400, "application/problem+json")
    assert (told.json()["fault"], told.json()["component"]) == (fault, component)
    assert "link" in heading(looker.get(path, headers={"accept-language": "en"}))


def test_shall_not_answer_200_with_an_error(looker: Caller, lot: str) -> None:
    for path, status in (
        ("/01/1", 400),
        (f"/01/{UNKNOWN_GTIN}", 404),
        (f"/01/{UNKNOWN_GTIN}/10/{lot}", 404),
        (f"/01/{GTIN}/10/{'0' * 20}", 404),
        (f"/01/{GTIN}/10/NEVER", 404),
        (f"/01/{GTIN}/10/{lot}/21/NEVER", 404),
        (f"/01/{GTIN}/10/{lot}/21/{'0' * 20}", 404),
        ("/00/106141412345678908", 404),
    ):
        for headers in ({}, LINKSET, {"accept": "application/json"}):
            assert looker.get(path, headers=headers).status_code == status, path
            assert looker.get(path + "?linkType=linkset", headers=headers).status_code == status, path


def packed(gtin: str) -> str:
    """AI 01 alone, compressed."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    bits = f"{1:08b}{int(gtin):047b}"
    bits += "0" * (-len(bits) % 6)
    return "".join(alphabet[int(bits[place : place + 6], 2)] for place in range(0, len(bits), 6))


def test_shall_decompress_a_link_and_expose_the_plain_one(looker: Caller) -> None:
    answer = looker.get(f"/{packed(GTIN)}?utm=1")
    assert gone_to(answer) == f"/goods/{GTIN}?utm=1"
    assert header_links(answer)["owl:sameAs"] == f"{BASE}/01/{GTIN}?utm=1"
    listed = looker.get(f"/{packed(GTIN)}?linkType=linkset")
    assert set(links_of(listed)) == {f"{BASE}/01/{GTIN}"}
    assert header_links(listed)["owl:sameAs"] == f"{BASE}/01/{GTIN}?linkType=linkset"
    assert looker.get(f"/{packed(UNKNOWN_GTIN)}").status_code == 404
    assert looker.get(f"/{packed('06952123010013')}").status_code == 400
    assert looker.get("/No-Such-Page").status_code == 404
    assert "owl:sameAs" not in header_links(looker.get(f"/01/{GTIN}"))


def test_shall_list_links_on_either_way_of_asking(looker: Caller, lot: str, conformance: Path) -> None:
    schema = json.loads((conformance / "gs1" / "linkset" / "gs1-linkset-schema.json").read_text())
    path = f"/01/{GTIN}/10/{lot}"
    answers = [
        looker.get(path + "?linkType=linkset"),
        looker.get(path + "?linkType=all"),
        looker.get(path, headers=LINKSET),
        looker.get(path, headers={"accept": f"text/html;q=0.5, {MEDIA_TYPE}"}),
        looker.get(path, headers={"accept": "application/json"}),
        looker.get(path + "?linkType=gs1:pip", headers=LINKSET),
    ]
    for answer in answers:
        jsonschema.validate(answer.json(), schema)
        assert answer.content == answers[0].content
        assert "Accept" in answer.headers["vary"]
    page_first = looker.get(path, headers={"accept": f"text/html, {MEDIA_TYPE};q=0.5"})
    assert gone_to(page_first) == f"/lots/{lot}"


def test_shall_include_the_links_of_every_level_up_to_the_key(looker: Caller, lot: str, serial: str) -> None:
    found = links_of(looker.get(f"/01/{GTIN}/10/{lot}/21/{serial}?linkType=linkset"))
    key = f"{BASE}/01/{GTIN}"
    assert list(found) == [f"{key}/10/{lot}/21/{serial}", f"{key}/10/{lot}", key]
    pages = [context[VOCABULARY + "pip"][0]["href"] for context in found.values()]
    assert pages == [
        f"{BASE}/q/{serial}?lang=en",
        f"{BASE}/lots/{lot}?lang=en",
        f"{BASE}/goods/{GTIN}?lang=en",
    ]
    without_lot = links_of(looker.get(f"/01/{GTIN}/21/{serial}?linkType=linkset"))
    assert list(without_lot) == [f"{key}/21/{serial}", key]


def test_shall_give_each_link_its_target_type_and_title_and_an_iana_media_type(
    looker: Caller, lot: str
) -> None:
    found = links_of(looker.get(f"/01/{GTIN}/10/{lot}?linkType=linkset"))
    seen = 0
    for context in found.values():
        assert context["itemDescription"]
        for relation, links in context.items():
            if relation in ("anchor", "itemDescription"):
                continue
            assert relation.startswith(VOCABULARY)
            for link in links:
                seen += 1
                assert link["href"].startswith(BASE + "/")
                assert link["title"]
                assert link.get("type") in {None, "text/html", "application/json", "application/zip"}
                assert set(link.get("hreflang", LANGUAGES)) <= set(LANGUAGES)
    assert seen > 10


def test_every_link_that_is_listed_leads_somewhere(looker: Caller, lot: str, serial: str) -> None:
    """No link to what is not there: each is opened, and says of itself what it is."""
    found = links_of(looker.get(f"/01/{GTIN}/10/{lot}/21/{serial}?linkType=linkset"))
    for context in found.values():
        for relation, links in context.items():
            for link in links if relation.startswith(VOCABULARY) else ():
                answer = looker.get(link["href"].removeprefix(BASE))
                assert answer.status_code == 200, link
                assert answer.headers["content-type"].startswith(link.get("type", "text/html"))
                for language in link.get("hreflang", ()):
                    assert answer.headers["content-language"] == language


def test_shall_describe_the_default_link_by_another_type_too_and_without_optional_members(
    looker: Caller, lot: str
) -> None:
    first = next(iter(links_of(looker.get(f"/01/{GTIN}/10/{lot}?linkType=linkset")).values()))
    (default,) = first[DEFAULT]
    assert set(default) == {"href", "title"}
    described = [link["href"] for link in first[VOCABULARY + "pip"]]
    assert default["href"] + "?lang=en" in described


def test_shall_know_exactly_one_default_link_and_redirect_to_it(
    looker: Caller, lot: str, serial: str
) -> None:
    for path in (f"/01/{GTIN}", f"/01/{GTIN}/10/{lot}", f"/01/{GTIN}/22/X/10/{lot}/21/{serial}"):
        found = links_of(looker.get(path + "?linkType=linkset"))
        defaults = [link["href"] for context in found.values() for link in context.get(DEFAULT, ())]
        assert defaults == [BASE + gone_to(looker.get(path))]
        assert gone_to(looker.get(path + "?linkType=gs1:defaultLink")).startswith(gone_to(looker.get(path)))


def test_shall_have_a_default_higher_up_for_what_is_finer_than_we_know(looker: Caller, lot: str) -> None:
    """Nothing is recorded here about variants (22) and serials of third parties (235)."""
    assert gone_to(looker.get(f"/01/{GTIN}/22/2A")) == f"/goods/{GTIN}"
    assert gone_to(looker.get(f"/01/{GTIN}/235/THEIRS")) == f"/goods/{GTIN}"
    assert gone_to(looker.get(f"/01/{GTIN}/22/2A/10/{lot}")) == f"/lots/{lot}"


@pytest.mark.parametrize(
    "name", ["gs1:{}", "https://gs1.org/voc/{}", "https://ref.gs1.org/voc/{}", "gs1%3A{}"]
)
def test_shall_redirect_to_the_type_that_is_asked_for(looker: Caller, lot: str, name: str) -> None:
    path = f"/01/{GTIN}/10/{lot}?linkType="
    went = gone_to(looker.get(path + name.format("traceability")))
    assert went.startswith(f"/auditor/subjects/lot:{lot}?")
    assert gone_to(looker.get(path + name.format("pip"))).startswith(f"/lots/{lot}?lang=en&")


def test_a_type_that_only_a_higher_level_has_is_inherited(looker: Caller, lot: str, serial: str) -> None:
    went = gone_to(looker.get(f"/01/{GTIN}/10/{lot}/21/{serial}?linkType=gs1:traceability"))
    assert went.startswith(f"/auditor/subjects/lot:{lot}?")


def test_shall_answer_404_when_a_type_is_not_available(looker: Caller, lot: str) -> None:
    for wanted in (
        "gs1:epcis",
        "gs1:recallStatus",
        "gs1:nothing",
        "pip",
        "https://evil.example/voc/pip",
        "schema:x",
    ):
        answer = looker.get(f"/01/{GTIN}/10/{lot}?linkType={wanted}", headers={"accept-language": "en"})
        assert (answer.status_code, heading(answer)) == (404, "There is no link of this type")
    assert looker.get(f"/01/{GTIN}?linkType=gs1:traceability").status_code == 404, "no lot, no history"


def test_shall_pass_on_the_query_of_the_request(looker: Caller, lot: str) -> None:
    went = gone_to(looker.get(f"/01/{GTIN}/10/{lot}?17=261231&utm=a%20b&flag&x=1&x=2"))
    assert went == f"/lots/{lot}?17=261231&utm=a%20b&flag&x=1&x=2"
    assert looker.get(went).status_code == 200
    typed = gone_to(looker.get(f"/01/{GTIN}/10/{lot}?linkType=gs1:pip&utm=1"))
    assert typed == f"/lots/{lot}?lang=en&linkType=gs1:pip&utm=1"
    assert looker.get(typed).status_code == 200
    records = gone_to(looker.get(f"/01/{GTIN}/10/{lot}?linkType=gs1:traceability&utm=1"))
    assert looker.get(records).status_code == 200


def test_a_link_that_takes_no_query_says_so(looker: Caller, lot: str) -> None:
    path = f"/01/{GTIN}/10/{lot}?linkType=gs1:traceability&utm=1"
    assert gone_to(looker.get(path, headers={"accept": "application/json"})) == f"/v1/lots/{lot}/history"
    found = links_of(looker.get(f"/01/{GTIN}/10/{lot}?linkType=linkset"))[f"{BASE}/01/{GTIN}/10/{lot}"]
    said = {link["href"]: link.get("fwqs", True) for link in found[VOCABULARY + "traceability"]}
    assert said[f"{BASE}/v1/lots/{lot}/history"] is False
    assert said[f"{BASE}/auditor/subjects/lot:{lot}?lang=en"] is True


def test_shall_serve_the_resolver_description_file(looker: Caller) -> None:
    """Source: the members of GS1's schema of this file, and which of them it requires."""
    answer = looker.get("/.well-known/gs1resolver")
    assert answer.headers["content-type"] == "application/json"
    described = answer.json()
    jsonschema.validate(described, DESCRIPTION_SCHEMA)
    assert described["resolverRoot"] == BASE
    assert set(described["supportedPrimaryKeys"]) <= set(PRIMARY_KEYS)
    context = looker.get(described["jsonLdContextLocation"].removeprefix(BASE))
    assert context.headers["content-type"] == "application/ld+json"
    assert context.json()["@context"]["href"] == "@id"


DESCRIPTION_SCHEMA = {
    "type": "object",
    "required": ["resolverRoot", "supportedPrimaryKeys"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "resolverRoot": {"type": "string", "pattern": "^https?://[^/]+$"},
        "supportedPrimaryKeys": {"type": "array", "minItems": 1, "items": {"enum": ["all", *PRIMARY_KEYS]}},
        "supportedLinkType": {
            "type": "array",
            "items": {"type": "object", "required": ["namespace", "prefix"]},
        },
        "linkTypeDefaultCanBeLinkset": {"type": "boolean"},
        "jsonLdContextLocation": {"type": "string", "pattern": "^https?://"},
    },
}


def test_shall_not_redirect_by_company_prefix_alone(looker: Caller) -> None:
    """So that no link has to be marked gs1:handledBy: what is not known by its whole number is unknown."""
    answer = looker.get("/01/06952123019992")  # the company prefix of the phones, and no GTIN of theirs
    assert answer.status_code == 404
    assert looker.get(f"/01/{GTIN}?linkType=gs1:handledBy").status_code == 404


# The SHOULDs.


@pytest.mark.parametrize(
    ("accepts", "language"), [("vi", "vi"), ("zh-Hant-TW, en;q=0.5", "zh-CN"), ("fr, en", "en"), ("", "en")]
)
def test_should_choose_among_links_by_language(looker: Caller, lot: str, accepts: str, language: str) -> None:
    answer = looker.get(f"/01/{GTIN}/10/{lot}?linkType=gs1:pip", headers={"accept-language": accepts})
    assert f"lang={language}&" in gone_to(answer)
    asked = looker.get(f"/01/{GTIN}/10/{lot}?linkType=gs1:pip&lang=vi", headers={"accept-language": accepts})
    assert gone_to(asked) == f"/lots/{lot}?linkType=gs1:pip&lang=vi", "what was asked for, and only once"


def test_may_choose_among_links_by_media_type(looker: Caller, lot: str) -> None:
    path = f"/01/{GTIN}/10/{lot}?linkType=gs1:traceability"
    for accepts, target in (
        ("application/json", f"/v1/lots/{lot}/history"),
        ("application/zip", f"/lots/{lot}/pack.zip"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", f"/auditor/subjects/lot:{lot}"),
        ("image/png", f"/auditor/subjects/lot:{lot}"),
    ):
        assert gone_to(looker.get(path, headers={"accept": accepts})).partition("?")[0] == target


def test_several_links_that_nothing_tells_apart_are_offered_for_choice(looker: Caller, lot: str) -> None:
    path = f"/01/{GTIN}/10/{lot}?linkType=gs1:certificationInfo"
    page = looker.get(path, headers={"accept": "text/html", "accept-language": "en"})
    assert (page.status_code, heading(page)) == (300, "Several links fit")
    told = looker.get(path, headers={"accept": "application/json"})
    (context,) = told.json()["linkset"]
    choices = context[VOCABULARY + "certificationInfo"]
    assert told.status_code == 300
    assert len({choice["title"] for choice in choices}) == len(choices) > 1
    for choice in choices:
        assert choice["href"].removeprefix(BASE).replace("&", "&amp;") in page.text


def test_should_tolerate_one_trailing_slash(looker: Caller, lot: str) -> None:
    assert gone_to(looker.get(f"/01/{GTIN}/10/{lot}/")) == f"/lots/{lot}"
    assert gone_to(looker.get(f"/01/{GTIN}/?x=1")) == f"/goods/{GTIN}?x=1"
    assert looker.get(f"/01/{GTIN}//").status_code == 400


def test_should_point_to_the_linkset_and_its_context_even_when_redirecting(looker: Caller, lot: str) -> None:
    path = f"/01/{GTIN}/10/{lot}"
    for answer in (looker.get(path), looker.get(path, headers=LINKSET)):
        links = header_links(answer)
        assert links["linkset"] == f"{BASE}{path}?linkType=linkset"
        assert links["http://www.w3.org/ns/json-ld#context"] == f"{BASE}/linkset-context.jsonld"


# One address, and who asks decides.


def test_a_buyer_is_led_to_the_offer_that_stands_and_a_stranger_to_the_lots_page(
    caller: Caller, home: Path
) -> None:
    listing, listed = offered(home)
    path = f"/01/{listed[1]}/10/{listed[0]}"
    assert gone_to(caller.get(path)) == f"/lots/{listed[0]}"
    caller.signed_in("buyer", "cmp_vn")
    went = gone_to(caller.get(path + "?utm=1"))
    assert went == f"/offers/{listing}?utm=1"
    assert caller.get(went).status_code == 200
    assert gone_to(caller.get(path + "?linkType=gs1:pip")).startswith(f"/lots/{listed[0]}?")
    tamper(home, "UPDATE listings SET status = 'withdrawn' WHERE id = ?", listing)
    assert gone_to(caller.get(path)) == f"/lots/{listed[0]}"


def offered(home: Path) -> tuple[str, tuple[str, str]]:
    """A published offer in the buyer's market of a lot with a GTIN: (listing, (lot, gtin))."""
    market = ask(home, "SELECT country FROM companies WHERE id = 'cmp_vn'")
    listing = ask(
        home,
        "SELECT id FROM listings JOIN subjects ON subject = lot "
        "WHERE status = 'published' AND market = ? AND state LIKE '%\"gtin\":\"0%'",
        market,
    )
    lot = ask(home, "SELECT lot FROM listings WHERE id = ?", listing)
    gtin = ask(home, "SELECT json_extract(state, '$.key.gtin') FROM subjects WHERE subject = ?", lot)
    return listing, (lot.partition(":")[2], gtin)


def test_a_recalled_lot_has_a_link_to_its_recall(caller: Caller, lot: str, monkeypatch) -> None:
    path = f"/01/{GTIN}/10/{lot}?linkType=gs1:recallStatus"
    assert caller.get(path).status_code == 404
    monkeypatch.setattr("gateway.pages.building.resolving.is_recalled", lambda *_: True)
    assert gone_to(caller.get(path)).startswith(f"/lots/{lot}?")


def test_a_lots_own_page_is_there_for_lots_with_a_gtin_alone(
    looker: Caller, told_home: Path, lot: str
) -> None:
    """What others hold is opened by its code: a public id is no key to private goods."""
    other = ask(
        told_home,
        "SELECT subject FROM subjects WHERE subject LIKE 'lot:%' "
        "AND json_extract(state, '$.key.gtin') IS NULL",
    )
    assert looker.get(f"/lots/{lot}").status_code == 200
    assert looker.get(f"/lots/{other.partition(':')[2]}").status_code == 404
    assert looker.get(f"/goods/{UNKNOWN_GTIN}").status_code == 404


# Attacks.


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/01/{gtin}",
        "/01//evil.example",
        "/01/{gtin}//evil.example",
        "/01/{gtin}/10/%2F%2Fevil.example",
        "/01/{gtin}/10/..%2F..%2Fevil",
        "/01/{gtin}/10/\\evil.example",
        "/01/{gtin}/10/%5Cevil.example",
        "/01/{gtin}/10/https:%2F%2Fevil.example",
        "/01/{gtin}?linkType=https://evil.example/voc/pip",
        "/01/{gtin}?linkType=//evil.example",
        "/01/{gtin}?linkType=javascript:alert(1)",
        "/01/{gtin}?next=//evil.example&url=https://evil.example&lang=//evil.example",
        "/01/{gtin}?lang=%0d%0aLocation:%20https://evil.example",
        "/01/{gtin}?%0d%0aLocation:%20https://evil.example",
        "/01/{gtin}/10/{lot}?\\evil.example",
        "/01/{gtin}/10/{lot}/..//evil.example",
    ],
)
def test_a38_nothing_in_an_address_sends_anybody_elsewhere(looker: Caller, lot: str, path: str) -> None:
    answer = looker.get(path.format(gtin=GTIN, lot=lot))
    assert answer.status_code in (307, 400, 404)
    assert answer.headers.get("location", "/goods/").startswith(("/goods/", "/lots/"))


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:8000@evil.example", "127.0.0.1:8000/evil", "evil.example:80"]
)
def test_a38_a_host_header_from_outside_is_in_no_link(looker: Caller, lot: str, host: str) -> None:
    answer = looker.get(f"/01/{GTIN}/10/{lot}?linkType=linkset", headers={"host": host})
    assert answer.status_code == 400
    forwarded = looker.get(
        f"/01/{GTIN}/10/{lot}?linkType=linkset",
        headers={"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"},
    )
    assert "evil" not in forwarded.text + str(forwarded.headers)


@pytest.mark.parametrize(
    "path",
    [
        "/01/06952123010013",
        f"/01/{GTIN}/01/{GTIN}",
        f"/01/{GTIN}?01={UNKNOWN_GTIN}",
        f"/01/{GTIN}?%30%31={UNKNOWN_GTIN}",
        f"/01/{GTIN}/10/{'x' * 10_000}",
        f"/01/{GTIN}/10/{'%41' * 700}",
        f"/01/{GTIN}/21/%",
        f"/01/{GTIN}/21/%zz",
        f"/01/{GTIN}/21/a%00b",
        f"/01/{GTIN}/21/%25%25%25%00",
        f"/01/{GTIN}/21/%E2%80%AE",
        f"/01/{GTIN}/21/%ff",
    ],
)
def test_a39_path_tricks_get_a_400_with_a_reason(looker: Caller, path: str) -> None:
    told = looker.get(path, headers={"accept": "application/json"})
    assert told.status_code == 400
    assert told.json()["slug"].startswith("gs1-")
    assert told.json()["detail"]


def test_a42_a_serial_of_another_lot_or_gtin_is_unknown(
    looker: Caller, told_home: Path, lot: str, serial: str
) -> None:
    other = ask(
        told_home,
        "SELECT code FROM code_links JOIN articles ON articles.id = article "
        "WHERE level = 'article' AND facts NOT LIKE ?",
        f"%{GTIN}%",
    )
    sibling = ask(
        told_home,
        "SELECT code FROM code_links JOIN articles ON articles.id = article "
        "WHERE facts LIKE ? AND articles.lot <> ?",
        f"%{GTIN}%",
        f"lot:{lot}",
    )
    assert looker.get(f"/01/{GTIN}/21/{other}").status_code == 404
    assert looker.get(f"/01/{GTIN}/10/{lot}/21/{sibling}").status_code == 404
    assert looker.get(f"/01/{UNKNOWN_GTIN}/21/{serial}").status_code == 404
    assert looker.get(f"/01/{GTIN}/21/{serial.upper()}").status_code == 404, "AI 21 has one spelling"


def test_a43_serials_cannot_be_found_by_trying(caller: Caller, monkeypatch) -> None:
    monkeypatch.setitem(AMOUNTS, "guess", 5)
    caller.app.state.rates = Rates()
    paths = [f"/01/{GTIN}/21/{n:020d}" for n in range(7)]
    assert [caller.get(path).status_code for path in paths] == [404] * 5 + [429] * 2


def test_a49_answers_carry_the_headers_of_every_page(looker: Caller, lot: str) -> None:
    for path in (
        f"/01/{GTIN}/10/{lot}",
        f"/01/{GTIN}?linkType=linkset",
        f"/goods/{GTIN}",
        f"/lots/{lot}",
        "/01/1",
    ):
        headers = looker.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")


@pytest.mark.parametrize("origin", ["null", "https://evil.example", BASE + ".evil.example"])
def test_a50_no_page_of_others_reads_what_a_signed_in_person_sees(
    caller: Caller, lot: str, origin: str
) -> None:
    """The resolver's public answers are for all, without credentials; what it leads to is for nobody else."""
    caller.signed_in("buyer", "cmp_vn")
    for path in (
        "/",
        "/catalogue",
        f"/lots/{lot}",
        f"/goods/{GTIN}",
        f"/v1/lots/{lot}/history",
        "/v1/listings",
    ):
        assert "access-control-allow-origin" not in caller.get(path, headers={"origin": origin}).headers
    answer = caller.get(f"/01/{GTIN}/10/{lot}", headers={"origin": origin})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def test_a17_a18_what_stands_in_a_link_is_shown_as_text_or_not_at_all(looker: Caller) -> None:
    for path in (
        f"/01/{GTIN}/10/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        f"/01/{GTIN}?linkType=%3Cscript%3Ealert(1)%3C/script%3E",
        f"/01/{GTIN}/21/%E2%80%AE",
        f"/01/{GTIN}?%3Cb%3E%30=1",
    ):
        answer = looker.get(path)
        assert answer.status_code in (307, 400, 404)
        assert "<script>alert" not in answer.text
        assert "\u202e" not in answer.text


def test_a_lot_that_came_later_is_found_and_what_is_not_there_is_not_listed(
    caller: Caller, home: Path, lot: str
) -> None:
    """The lots of a GTIN are read once; then each new record adds what it brings."""
    before = caller.get(f"/goods/{GTIN}").text.count("/lots/")
    size = ask(home, "SELECT size FROM log_state")
    copied = f"lot:{'z' * 20}"
    tamper(
        home,
        "INSERT INTO subjects (subject, seq, idx, event_id, state) "
        "SELECT ?, 0, ?, event_id, state FROM subjects WHERE subject = ?",
        copied,
        size,
        f"lot:{lot}",
    )
    tamper(
        home, "INSERT INTO chain (idx, subject, seq, event_id) VALUES (?, ?, 0, zeroblob(32))", size, copied
    )
    assert caller.get(f"/goods/{GTIN}").text.count("/lots/") == before
    tamper(home, "UPDATE log_state SET size = size + 1")
    page = caller.get(f"/goods/{GTIN}").text
    assert page.count("/lots/") == before + 1
    assert page.index(f"/lots/{'z' * 20}") < page.index(f"/lots/{lot}"), "the newest first"
    assert gone_to(caller.get(f"/01/{GTIN}/10/{'z' * 20}")) == f"/lots/{'z' * 20}"
