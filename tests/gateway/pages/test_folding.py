"""A page of a code stays small for any history, and leaves out nothing that its verdict rests on."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.i18n import LANGUAGES
from gateway.pages import render as render_module
from gateway.pages.building.folding import folded, timeline
from gateway.pages.render import render
from gateway.pages.views import Correction, Reason
from tests.gateway.pages.article_samples import PHONE
from tests.gateway.pages.consumer_samples import long
from tests.gateway.pages.frames import PUBLIC

SITE = Path(render_module.__file__).parent.parent / "static" / "site.css"
SIZE_MAX, HEAVIEST = 30_000, 27_000
ALL = "/q/7q4hxm29kdt0v6w58nbr?all=yes"


def size(view, language: str) -> int:
    return len(render(view, language=language, frame=PUBLIC).encode()) + SITE.stat().st_size


def test_a_short_history_is_shown_whole() -> None:
    view = folded(PHONE, ALL)
    assert [one.index for one in view.steps] == [one.index for one in PHONE.steps]
    assert ALL not in render(view, language="en", frame=PUBLIC)


def test_the_ends_the_corrections_and_what_answers_rest_on_stay_of_eighty_steps() -> None:
    view = folded(long(PHONE), ALL)
    shown = {one.index for one in view.steps}
    assert {100, 101, 130, 140, 141, 155, 177, 178, 179} <= shown
    assert sum(one.left_out for one in view.steps) + len(shown) == view.all_steps == 80
    html = render(view, language="en", frame=PUBLIC)
    assert html.count(f'href="{ALL}"') == sum(one.left_out > 0 for one in view.steps) + 1
    assert "All 80 steps" in html


def test_trouble_stays_wherever_it_is_and_the_verdict_is_that_of_all() -> None:
    whole = long(PHONE)
    steps = (*whole.steps[:62], replace(whole.steps[62], trouble="changed"), *whole.steps[63:])
    whole = replace(
        whole, steps=steps, verdict="changed", reasons=(Reason(slug="record-changed", entry=162),)
    )
    view = folded(whole, ALL)
    assert view.verdict == "changed"
    assert '<li class="changed" id="e162">' in render(view, language="en", frame=PUBLIC)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_small_whatever_its_history_is(language: str) -> None:
    whole = long(PHONE)
    heavy = tuple(
        replace(
            one,
            signers=one.signers * 8,
            facts=one.facts * 8,
            correction=Correction(index=1, reason="miscounted"),
            trouble="distrusted",
        )
        for one in whole.steps
    )
    worst = replace(
        whole,
        verdict="distrusted",
        steps=heavy,
        reasons=tuple(Reason(slug="key-distrusted", entry=one.index) for one in heavy),
        certificates=whole.certificates * 12,
        key_holders=whole.key_holders * 12,
        rests_on=tuple(one.index for one in heavy),
    )
    assert size(whole, language) > SIZE_MAX, "this history needs folding"
    assert size(folded(whole, ALL), language) <= SIZE_MAX
    assert size(folded(worst, ALL), language) <= SIZE_MAX
    shown = folded(worst, ALL).steps
    assert {heavy[0].index, heavy[-1].index} <= {one.index for one in shown}


def test_all_steps_stand_on_pages_of_a_hundred() -> None:
    whole = long(PHONE, 230)
    seen, after = [], -1
    for _ in range(3):
        page = timeline(whole, "/q/x", after)
        seen += [one.index for one in page.steps]
        assert len(page.steps) <= 100
        after = page.steps[-1].index
    assert page.later_href == ""
    assert page.earlier_href == "/q/x?all=yes&after=199"
    assert seen == [one.index for one in whole.steps]
