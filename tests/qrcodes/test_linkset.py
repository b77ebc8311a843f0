"""Linksets pass the schema of GS1, and the link that fits a reader is found."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qrcodes.linkset import DEFAULT, VOCABULARY, Context, TypedLink, best, linkset, relation_of

PAGE = "https://example.com/lots/x"
PIP = VOCABULARY + "pip"
ALL = Context(
    "https://example.com/01/09506000134352/10/A%2B1",
    "手机 · điện thoại",
    (
        TypedLink(DEFAULT, PAGE, "Lot", ("en",), "text/html"),
        TypedLink(PIP, PAGE + "?lang=zh-CN", "批次", ("zh-CN",), "text/html"),
        TypedLink(PIP, PAGE + "?lang=vi", "Lô hàng", ("vi",), "text/html"),
        TypedLink(
            VOCABULARY + "epcis", "http://127.0.0.1:8000/x.json", "Events", (), "application/json", False
        ),
        TypedLink("describedby", "http://[::1]:8000/log", "Log"),
    ),
)


@pytest.fixture
def schema(conformance: Path) -> Any:
    return json.loads((conformance / "gs1" / "linkset" / "gs1-linkset-schema.json").read_text())


def test_the_whole_form_passes_the_schema(schema: Any) -> None:
    jsonschema.validate(linkset([ALL, Context(ALL.anchor, "x", ())]), schema)
    jsonschema.validate(linkset([]), schema)


@pytest.mark.parametrize(
    "name", ["valid-gs1-example.json", "invalid-gs1-example.json", "ExampleLinkset.json"]
)
def test_the_schema_tells_the_examples_of_gs1_apart(schema: Any, conformance: Path, name: str) -> None:
    """So that it can refuse ours, too."""
    example = json.loads((conformance / "gs1" / "linkset" / name).read_text())
    fits = jsonschema.Draft7Validator(schema).is_valid(example)
    assert fits == name.startswith("valid")


def test_links_of_one_type_stand_together_and_a_default_has_no_more_than_it_must() -> None:
    (found,) = linkset([ALL])["linkset"]
    assert found[DEFAULT] == [{"href": PAGE, "title": "Lot"}]
    assert [link["hreflang"] for link in found[PIP]] == [["zh-CN"], ["vi"]]
    assert found[VOCABULARY + "epcis"] == [
        {"href": "http://127.0.0.1:8000/x.json", "title": "Events", "type": "application/json", "fwqs": False}
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"relation": "gs1:pip"},
        {"relation": "https://ref.gs1.org/voc/#pip"},
        {"href": "/lots/x"},
        {"href": "javascript:alert(1)"},
        {"title": ""},
        {"languages": ("zh-Hans",)},
    ],
)
def test_a_link_that_no_schema_takes_is_a_mistake_of_ours(wrong: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        TypedLink(**{"relation": PIP, "href": PAGE, "title": "Lot", **wrong})


@pytest.mark.parametrize(
    ("asked", "relation"),
    [
        ("gs1:pip", PIP),
        ("https://ref.gs1.org/voc/pip", PIP),
        ("https://gs1.org/voc/pip", PIP),
        ("http://gs1.org/voc/pip", PIP),
        ("describedby", "describedby"),
        ("gs1:pip2", ""),
        ("gs1:", ""),
        ("schema:x", ""),
        ("", ""),
        ("//evil.example", ""),
        ("https://evil.example/x?y", ""),
    ],
)
def test_a_type_is_asked_for_by_any_of_its_names(asked: str, relation: str) -> None:
    assert relation_of(asked) == relation


HTML_EN = TypedLink(PIP, PAGE, "en", ("en",), "text/html")
HTML_VI = TypedLink(PIP, PAGE, "vi", ("vi",), "text/html")
HTML_ZH = TypedLink(PIP, PAGE, "zh", ("zh-CN",), "text/html")
JSON = TypedLink(PIP, PAGE, "json", (), "application/json")
LINKS = (HTML_EN, HTML_VI, HTML_ZH, JSON)


@pytest.mark.parametrize(
    ("languages", "media_types", "expected"),
    [
        ([], [], HTML_EN),
        (["vi"], [], HTML_VI),
        (["vi-VN", "en"], [], HTML_VI),
        (["zh-Hant"], [], HTML_ZH),
        (["fr", "zh"], [], HTML_ZH),
        (["fr"], [], HTML_EN),
        ([], ["application/json"], JSON),
        (["vi"], ["application/json"], JSON),
        (["vi"], ["text/*"], HTML_VI),
        ([], ["image/png", "application/*"], JSON),
        (["vi"], ["image/png"], HTML_VI),
    ],
)
def test_the_best_link_for_a_reader(
    languages: list[str], media_types: list[str], expected: TypedLink
) -> None:
    assert best(LINKS, languages=languages, media_types=media_types) == [expected]


def test_links_that_nothing_tells_apart_all_remain() -> None:
    other = TypedLink(PIP, PAGE + "/2", "en", ("en",), "text/html")
    assert best([HTML_EN, HTML_VI, other], languages=["en"], media_types=[]) == [HTML_EN, other]
    assert best([], languages=["en"], media_types=[]) == []
