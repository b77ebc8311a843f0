"""Every page in every language: whole, calm, safe, small."""

import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest

from gateway.i18n import LANGUAGES
from gateway.pages import render as render_module
from gateway.pages.render import TEMPLATES, render
from gateway.pages.views import Measurement
from tests.gateway.pages.article_samples import (
    GARMENT,
    PHONE,
    PHONE_CHANGED,
    PHONE_DISTRUSTED,
    PHONE_MISSING,
)
from tests.gateway.pages.consumer_samples import whole
from tests.gateway.pages.frames import BUYER, PUBLIC, STAFF
from tests.gateway.pages.lot_samples import REFUSALS
from tests.gateway.pages.samples import PAGES
from tests.gateway.pages.shown import Page, html_of, page_of

UNDRAWN = {"wide", "gA", "gB", "facts", "proof", "self", "barred", "outbox-line", "row-link"}  # names alone
STATIC = Path(render_module.__file__).parent.parent / "static"
PAGE_SIZE_MAX = 30_000  # bytes, page and style sheet together, uncompressed

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}%(x)s"
# Members that choose a branch, or that are read as a number: they never hold outside text.
OURS = {"verdict", "custody", "signer_custody", "currency", "unit", "error_field", "trouble", "role", "level"}
OURS |= {"table", "state", "tone"}


def words_of_part(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def words_of(html: str) -> str:
    return Page(html).words


everywhere = pytest.mark.parametrize("language", LANGUAGES)
every_page = pytest.mark.parametrize("name", PAGES)


def test_every_kind_of_page_has_a_sample() -> None:
    assert {type(view) for view, _ in PAGES.values()} == set(TEMPLATES)


@everywhere
@every_page
def test_a_page_is_whole(name: str, language: str) -> None:
    page = page_of(name, language)
    assert page.all("html") == [{"lang": language}]
    assert len(page.all("h1")) == 1
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for attributes in page.all("label"):
        assert attributes.get("for", "code") is not None
    assert all(a.get("for") in ids for a in page.all("label") if "for" in a)
    described = " ".join(a["aria-describedby"] or "" for _, a in page.tags if "aria-describedby" in a)
    assert set(described.split()) <= set(ids)
    jumps = {a["href"] for a in page.all("a") if (a.get("href") or "").startswith("#")}
    assert jumps <= {f"#{id_}" for id_ in ids}


@everywhere
@every_page
def test_a_page_obeys_a_strict_content_security_policy(name: str, language: str) -> None:
    page = page_of(name, language)
    assert all(re.fullmatch(r"/static/[\w-]+\.js", one["src"] or "") for one in page.all("script"))
    assert not page.all("style")
    for tag, attributes in page.tags:
        assert "style" not in attributes, tag
        assert not [member for member in attributes if member.startswith("on")], tag
        for member in ("href", "src", "action"):
            if member in attributes:
                assert re.match(r"[/?#]", attributes[member] or ""), attributes


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith(("console", "lot", "bench"))])
def test_pages_of_the_workbench_are_drawn_by_the_style_sheets_that_they_name(name: str) -> None:
    page = page_of(name, "en")
    sheets = [STATIC / Path(one["href"] or "").name for one in page.all("link") if one["rel"] == "stylesheet"]
    drawn = set(re.findall(r"\.([a-z][\w-]*)", "".join(sheet.read_text("utf-8") for sheet in sheets)))
    named = {one for _, a in page.tags for one in (a.get("class") or "").split()}
    assert named - UNDRAWN <= drawn


@every_page
def test_a_page_can_be_read_in_every_language_from_any_other(name: str) -> None:
    links = [a for a in page_of(name, "vi").all("a") if "hreflang" in a]
    here = PAGES[name][1].readable
    assert [(a["lang"], a["href"]) for a in links] == [(tag, f"{here}?lang={tag}") for tag in LANGUAGES]
    assert [a["lang"] for a in links if "aria-current" in a] == ["vi"]


def test_language_links_keep_the_question_that_was_asked() -> None:
    frame = replace(PUBLIC, query=(("q", "a&b"), ("lang", "en")))
    assert 'href="?q=a%26b&amp;lang=vi"' in render(PHONE, language="en", frame=frame)


@every_page
def test_outside_text_cannot_become_markup(name: str) -> None:
    """Every text of every view is replaced, even slugs: an unknown slug is shown as it is."""
    view, frame = PAGES[name]
    html = render(_hostile(view), language="en", frame=_hostile(frame))
    page = Page(html)
    assert all(attributes["src"].startswith("/static/") for attributes in page.all("script"))
    ours = ("/files/", "/l/", "/operator/labels/", "/photos/", "/second-factor.svg")
    assert all(attributes["src"].startswith(ours) for attributes in page.all("img"))
    assert not [member for _, attributes in page.tags for member in attributes if member.startswith("on")]
    assert "&lt;script&gt;" in html
    assert ">49" not in html


def _hostile(value, name=""):
    if isinstance(value, Measurement):
        return value
    if is_dataclass(value):
        return replace(value, **{f.name: _hostile(getattr(value, f.name), f.name) for f in fields(value)})
    if isinstance(value, tuple):
        return tuple(_hostile(item, name) for item in value)
    is_text = isinstance(value, str) and value and name not in OURS and not name.endswith(("href", "action"))
    return HOSTILE if is_text else value


@everywhere
@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("consumer")])
def test_the_consumer_page_is_small(name: str, language: str) -> None:
    html = html_of(name, language)
    assert page_of(name, language).all("link")[-1]["href"] == "/static/site.css", "one style sheet, no other"
    assert len(html.encode()) + (STATIC / "site.css").stat().st_size < PAGE_SIZE_MAX


@everywhere
@pytest.mark.parametrize("name", PAGES)
def test_no_page_calls_goods_genuine(name: str, language: str) -> None:
    text = page_of(name, language).words.lower().replace("authenticator", "")
    assert not [word for word in ("genuine", "authentic", "正品", "chính hãng", "hàng thật") if word in text]


def test_an_article_shows_verdict_answers_and_history_in_this_order() -> None:
    text = words_of(render(PHONE, language="en", frame=PUBLIC))
    order = [
        "This record is unaltered",
        "Checked by this server on 22 Nov 2026, 02:14 UTC",
        "X7 Pro",
        "Grade B",
        "Where was it first sold?",
        "Was it repaired?",
        "Was the battery replaced?",
        "Was earlier data wiped?",
        "Complete up to entry 46, stated by the operator alone; no independent witness has confirmed it.",
        "Declared by its owner",
        "Packed",
        "Check it yourself",
        "What this page does not prove",
    ]
    positions = [text.index(part) for part in order]
    assert positions == sorted(positions)


def test_every_step_says_whose_key_the_operator_holds_and_a_list_who_holds_each() -> None:
    view = whole(PHONE)
    timeline, _, rest = render(view, language="en", frame=PUBLIC).partition("</ol>")
    signers = [one for step in view.steps for one in step.signers]
    of_operator = sum(one.custody == "operator" for one in signers)
    answers = timeline.partition("Its history")[0].count("key kept by the operator")
    assert words_of_part(timeline).count("key kept by the operator") == of_operator + answers
    listed = words_of_part(rest.partition("Who holds the keys")[2].partition("</details>")[0])
    for one in view.key_holders:
        assert one.signer.key_id[:16] in listed
    assert listed.count("holds its own key") == sum(one.signer.custody == "self" for one in view.key_holders)


def test_no_record_is_not_no() -> None:
    text = words_of(render(PHONE_MISSING, language="en", frame=PUBLIC))
    assert text.count("No record") == 4
    assert text.count("That is not a no.") == 4


def test_goods_without_a_battery_are_not_asked_about_one() -> None:
    text = words_of(render(GARMENT, language="en", frame=PUBLIC))
    assert "Was the battery replaced?" not in text
    assert "Was earlier data wiped?" not in text
    assert "stated by Inspector n5w9ga · 12 Nov 2026" in text
    assert "confirmed by witness.example/north and witness.example/south" in text


def test_a_corrected_value_is_struck_through_and_stays() -> None:
    html = render(PHONE, language="en", frame=PUBLIC)
    assert "<del>1,188</del> <ins>1,187</ins>" in html
    assert "Corrected in entry 17:" in html


def test_trouble_is_flagged_at_the_record_itself() -> None:
    changed = render(PHONE_CHANGED, language="en", frame=PUBLIC)
    assert '<li class="distrusted" id="e28">' in changed
    assert "This record differs from what was signed." in changed
    assert "Entry 27 could not be read" in render(PHONE_MISSING, language="en", frame=PUBLIC)


def test_a_page_that_rests_on_a_compromised_key_says_so_at_the_top_and_at_each_place() -> None:
    html = render(PHONE_DISTRUSTED, language="en", frame=PUBLIC)
    assert '<section class="verdict distrusted">' in html
    assert "A key behind this record is no longer trusted" in html
    assert html.count("Distrusted: the key that signed this was revoked") == 2, "its step and the grade"
    assert '<li class="distrusted" id="e28">' in html
    assert html.count('<b class="flag">distrusted</b>') == sum(
        len(step.signers) for step in PHONE_DISTRUSTED.steps if step.trouble == "distrusted"
    )
    assert "distrusted" not in render(PHONE, language="en", frame=PUBLIC)


def test_text_in_chinese_is_marked_where_the_page_is_not() -> None:
    assert '<bdi lang="zh">星野</bdi>' in render(PHONE, language="vi", frame=PUBLIC)
    assert "<bdi>星野</bdi>" in render(PHONE, language="zh-CN", frame=PUBLIC)


@everywhere
def test_a_leg_that_ends_where_it_begins_is_told_as_one_place(language: str) -> None:
    place = {"en": "Hai Phong", "vi": "Hải Phòng", "zh-CN": "海防"}[language]
    text = page_of("landed", language).words
    assert f"{place} – {place}" not in text
    assert text.count(place) > 2


def test_sources_of_law_are_marked_as_english_where_the_page_is_not() -> None:
    assert '<bdi lang="en">RCEP Art. 3.21(e)' in html_of("landed", "zh-CN")


def test_forms_that_post_carry_the_token() -> None:
    for view, frame in PAGES.values():
        html = render(view, language="en", frame=replace(frame, csrf_token="t0k3n"))
        posts = re.findall(r'<form[^>]*method="post".*?</form>', html, re.DOTALL)
        assert all('name="csrf_token" value="t0k3n"' in form for form in posts)


def test_a_wrong_quantity_is_kept_with_its_reason() -> None:
    view, frame = PAGES["offer"]
    html = render(view, language="en", frame=frame)
    assert 'value="50" aria-invalid="true" aria-describedby="quantity-error"' in html
    assert "come in the steps" in html
    assert "<b>48 · 72</b>" in html


def test_the_matrix_shows_every_reason_and_an_unknown_one_by_its_slug() -> None:
    text = words_of(render(REFUSALS, language="en", frame=STAFF))
    assert "Import is forbidden there ( VN-11-2018-TT-BTTTT )" in text
    assert "a-brand-new-reason" in text


def test_navigation_follows_the_role() -> None:
    view, _ = PAGES["log"]
    hrefs = {a["href"] for a in Page(render(view, language="en", frame=BUYER)).all("a")}
    assert {"/catalogue", "/orders"} <= hrefs
    assert "/operator" not in hrefs


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_meet_aa(scheme: int) -> None:
    """WCAG 2.2 contrast of every pair of text and ground we use, at least 4.5 : 1."""
    root = re.findall(r":root\{([^}]*)\}", (STATIC / "site.css").read_text(encoding="utf-8"))[scheme]
    colour = dict(re.findall(r"--([\w-]+):(#\w+)", root))
    texts = ("ink", "soft", "accent", "warn", "bad")
    pairs = [(text, ground) for ground in ("paper", "card") for text in texts]
    pairs += [("ink", "tint"), ("soft", "tint"), ("accent", "tint"), ("on", "accent"), ("card", "warn")]
    pairs += [("card", "bad"), ("ink", "warn-tint"), ("soft", "warn-tint"), ("warn", "warn-tint")]
    pairs += [("ink", "bad-tint"), ("soft", "bad-tint")]
    for text, ground in pairs:
        assert _contrast(colour[text], colour[ground]) >= 4.5, (text, ground)


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
