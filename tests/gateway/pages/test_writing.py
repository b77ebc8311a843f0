"""Values are written by the language, never by hand, and no page is left half in English."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gateway.i18n import LANGUAGES, read_catalogue, translations
from gateway.pages import render as render_module
from gateway.pages.render import TEMPLATES_DIR
from tests.gateway.pages.samples import PAGES
from tests.gateway.pages.shown import VOID, html_of

PAGES_DIR = Path(render_module.__file__).parent
MODULES = sorted(PAGES_DIR.rglob("*.py"))
TEMPLATES = sorted(TEMPLATES_DIR.rglob("*.html"))

# A number of a paper is a name, the same in every language.
NAMES_NOT_DATES = {"order.placed_at:%Y%m%d"}
# What a template may not do to a value, outside the attributes that machines read.
BY_HAND = re.compile(
    r"strftime|isoformat|\|\s*(?:format|round|int|float)\b|_minor\b|_g\b|[\"']%[.0-9]*[dfYmH]"
)
MACHINE_READ = re.compile(r'datetime="\{\{.*?\}\}"|<path [^>]*>')
SILENT = {"code", "pre", "bdi", "svg", "title"}  # text of others, names of machines, pictures
# Names that both catalogues keep, and what samples show that no vocabulary knows.
LEFT_AS_THEY_ARE = {"brand-new-reason", "counted", "example", "twice", "witness", "witness.example"}


def _by_hand(tree: ast.AST) -> Iterator[str]:
    """Numbers and dates that are given a form by Python instead of a language."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            form = "".join(str(getattr(part, "value", "")) for part in node.format_spec.values)
            yield f"{ast.unparse(node.value)}:{form}"
        if isinstance(node, ast.Attribute) and node.attr in {"strftime", "ctime"}:
            yield ast.unparse(node)
        is_text = isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant)
        if is_text and isinstance(node.op, ast.Mod) and isinstance(node.left.value, str):
            yield ast.unparse(node)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_module_of_the_pages_formats_values(module: Path) -> None:
    found = set(_by_hand(ast.parse(module.read_text(encoding="utf-8"))))
    assert found - NAMES_NOT_DATES == set()


def test_the_search_for_formats_finds_them() -> None:
    source = "f'{x:.2f}' + f'{day:%d.%m.%Y}' + '%d pieces' % n + at.strftime('%H') + f'{plain}'"
    assert len(list(_by_hand(ast.parse(source)))) == 4
    assert BY_HAND.search("{{ offer.price_minor }}")
    assert BY_HAND.search("{{ '%.2f'|format(x) }}")
    assert not BY_HAND.search('{{ view.total|number }} {{ _("%(text)s offers", text=1) }}')


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_formats_values(template: Path) -> None:
    source = MACHINE_READ.sub("", template.read_text(encoding="utf-8"))
    inside = re.findall(r"\{[{%].*?[%}]\}", source, re.DOTALL)
    assert [part for part in inside if BY_HAND.search(part)] == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_plural_forms_are_those_of_the_language(tag: str) -> None:
    catalogue, catalogues_of = read_catalogue(tag), translations(tag)
    plurals = [entry.id for entry in catalogue if isinstance(entry.id, (tuple, list))]
    assert plurals
    for one, many in plurals:
        said = {n: catalogues_of.ngettext(one, many, n) for n in (0, 1, 2, 5, 21, 100)}
        if tag == "en":
            assert said[1] == one
            assert {said[n] for n in (0, 2, 5, 21, 100)} == {many}
        else:
            assert len(set(said.values())) == 1, "the language has one form"
            assert said[1] not in (one, many)


class Visible(HTMLParser):
    """The text that a page says itself: not that of others, nor what machines are called."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent: list[bool] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        if tag not in VOID:
            self._silent.append(tag in SILENT or (tag != "html" and "lang" in dict(attrs)))

    def handle_startendtag(self, tag, attrs) -> None:
        pass

    def handle_endtag(self, _tag) -> None:
        self._silent.pop()

    def handle_data(self, data) -> None:
        if not any(self._silent):
            self.said.append(data)


def _words(texts: Iterator[str]) -> set[str]:
    return {word.lower() for text in texts for word in re.findall(r"[A-Za-z]{4,}", text)}


def _said_in(tag: str) -> set[str]:
    forms = (entry.string for entry in read_catalogue(tag) if entry.id)
    return _words(text for form in forms for text in ((form,) if isinstance(form, str) else form))


@pytest.mark.parametrize("language", ["zh-CN", "vi"])
def test_no_page_is_left_half_in_english_and_no_slug_is_shown(language: str) -> None:
    left: dict[str, str] = {}
    english, own = _said_in("en"), _said_in(language)
    for name in PAGES:
        text = "\n".join(Visible(html_of(name, language)).said)
        for word in re.findall(r"(?<![^\W_])[A-Za-z]{4,}(?:[-_.][A-Za-z]+)*(?![^\W_])", text):
            is_slug = bool(re.search(r"[-_.]", word))
            if is_slug or (word.lower() in english and word.lower() not in own):
                left[word] = name
    assert {word: name for word, name in left.items() if word not in LEFT_AS_THEY_ARE} == {}
