"""The catalogues say everything the pages say, in every language."""

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog
from jinja2 import Environment

from gateway.consignments import SAMPLES, load_spec
from gateway.i18n import LANGUAGES, read_catalogue
from gateway.pages import words
from gateway.pages.render import TEMPLATES_DIR
from tests.gateway.pages.extraction import Message, messages

PLACEHOLDER = re.compile(r"%\(\w+\)s")
TEMPLATES = sorted(TEMPLATES_DIR.rglob("*.html"))

# Names that are the same in every language, and commands that a person types.
NOT_TRANSLATED = re.compile(
    r"Lotproof|SHA-?256|GTIN|JSON|sha256sum|certutil -hashfile|lot:…|lp_|Authorization: Bearer|xxxx(-xxxx)*"
)


def _forms(text: Message | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


@cache
def _catalogue(tag: str) -> Catalog:
    return read_catalogue(tag)


@cache
def _translations(tag: str) -> dict[Message, tuple[str, ...]]:
    return {
        tuple(entry.id) if isinstance(entry.id, (tuple, list)) else entry.id: _forms(entry.string)
        for entry in _catalogue(tag)
        if entry.id
    }


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_catalogue_holds_every_message_and_no_other(tag: str) -> None:
    translated = set(_translations(tag))
    assert messages() - translated == set(), "add these to the catalogue"
    assert translated - messages() == set(), "nothing says these any more"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_translation_is_missing_or_doubtful(tag: str) -> None:
    catalogue = _catalogue(tag)
    assert [entry.id for entry in catalogue if entry.id and entry.fuzzy] == []
    for message, forms in _translations(tag).items():
        assert len(forms) == (1 if isinstance(message, str) else catalogue.num_plurals), message
        assert all(form.strip() for form in forms), message


@pytest.mark.parametrize("tag", ["zh-CN", "vi"])
def test_a_translation_keeps_every_placeholder(tag: str) -> None:
    for message, forms in _translations(tag).items():
        expected = set(PLACEHOLDER.findall(_forms(message)[-1]))
        assert all(set(PLACEHOLDER.findall(form)) == expected for form in forms), message


def test_chinese_and_vietnamese_are_not_left_in_english() -> None:
    for tag in ("zh-CN", "vi"):
        same = {message for message, forms in _translations(tag).items() if forms == (message,)}
        assert same == {"GTIN", "IMEI", "SHA-256"}


def test_english_says_the_message_id() -> None:
    assert all(forms == _forms(message) for message, forms in _translations("en").items())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_all_text_of_a_template_goes_through_the_catalogue(template) -> None:
    source = re.sub(r"(block width %})\w+", r"\1", template.read_text(encoding="utf-8"))
    data = "\0".join(value for _, kind, value in Environment(autoescape=True).lex(source) if kind == "data")
    attributes = re.findall(r'(?:placeholder|title|alt|aria-label|data-label|label)="([^"\0]*)', data)
    texts = re.sub(r"<[^<>]*>", "", data)
    left = NOT_TRANSLATED.sub("", "\0".join([texts, *attributes]))
    assert re.findall(r"[^\W\d_]{2,}", left) == []


GATE = [
    "not-verified",
    "chain-broken",
    "not-inspected",
    "inspection-stale",
    "needs-reinspection",
    "ungraded",
    "grade-not-sellable",
    "over-age",
    "authorization-missing",
    "authorization-expired",
    "territory-excluded",
    "label-cut-not-licensed",
    "import-ban",
    "customs-data-missing",
    "un38-3-missing",
    "price-out-of-band",
    "no-stock",
    "recalled",
    "title-not-held",
    "unit-codes-missing",
    "inspected-by-seller",
]


@pytest.mark.parametrize("slug", GATE)
def test_the_vocabulary_has_words_for_every_reason_of_the_gate(slug: str) -> None:
    assert words.message_id("reasons", slug)


@pytest.mark.parametrize("spec", SAMPLES)
def test_the_vocabulary_has_words_for_every_column_of_a_suppliers_sheet(spec: str) -> None:
    fields = {column.field for column in load_spec(spec).columns}
    assert {field for field in fields if words.message_id("fields", field) is None} == set()


def test_a_slug_without_words_has_no_message() -> None:
    assert words.message_id("reasons", "a-brand-new-reason") is None


def test_hyphen_underscore_and_version_do_not_change_a_word() -> None:
    assert words.message_id("categories", "washing_machine") == "Washing machine"
    assert words.message_id("order_states", "on-hold") == "On hold"
    assert words.message_id("record_types", "lot.received.v2") == "Received and counted"
