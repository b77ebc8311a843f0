"""What only a browser can tell: nothing hangs over the edge, targets can be hit, the policy is obeyed,
and the rules of axe-core find nothing, in light and dark, on phones and desks."""

import re
from collections.abc import Collection, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from tests.gateway.pages.browsing import CHROMIUM, launched, sheet
from tests.gateway.pages.samples import PAGES

TARGET_SIZE_MIN_PX = 44  # WCAG 2.2, 2.5.5; links inside a sentence are exempt

SMALL_TARGETS = """(size) => [...document.querySelectorAll(
    'button, summary, select, textarea, .button, label.choice, .top a, footer a, .actions a, .pager a, ' +
    '.tabs a, .crumbs a, .doors a, .offers a, input:not([type=hidden], [type=radio], [type=checkbox])')]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < size)
    .map(e => e.outerHTML.slice(0, 80))"""
# What stands outside the window and cannot be scrolled to; tables scroll in frames of their own.
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
MEASURES = f"(size) => [{OVERHANG}, ({SMALL_TARGETS})(size)]"  # one question a width, not two

# Pages of one kind differ in their facts, but for those that say what is wrong.
ONE_OF_EACH_KIND = {type(view): name for name, (view, _) in reversed(PAGES.items())}.values()
WITH_ERRORS = [name for name in PAGES if re.search("error|wrong|refused|changed|failed|parked", name)]

# Wide pages have columns and tables that phones stack; the rest is the same on both.
LAID_OUT_FOR_DESKS = (
    "components",
    "home",
    "jobs",
    "log",
    "lot-files",
    "offer",
    "order",
    "people",
    "refusals",
)

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="no Chromium on this machine: pages not measured"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.mark.parametrize(("language", "widths"), [("vi", (320, 390, 820, 1440)), ("zh-CN", (390,))])
def test_every_page_fits_and_can_be_used_with_a_thumb(
    browser: Browser, language: str, widths: tuple[int, ...]
) -> None:
    wrong: dict[str, object] = {}
    with sheet(browser, language, widths[0]) as shown:
        for name in PAGES if language == "vi" else ONE_OF_EACH_KIND:
            shown.show(*PAGES[name])
            for width in widths:
                shown.page.set_viewport_size({"width": width, "height": 900})
                overhang, small = shown.page.evaluate(MEASURES, TARGET_SIZE_MIN_PX)
                if overhang > 0 or small:
                    wrong[f"{name} at {width}"] = (overhang, small)
    assert wrong == {}
    assert shown.complaints == []


@pytest.mark.parametrize(
    ("language", "width", "scheme", "names"),
    [("vi", 390, "dark", {*ONE_OF_EACH_KIND, *WITH_ERRORS}), ("zh-CN", 1440, "light", LAID_OUT_FOR_DESKS)],
    ids=["phone, dark", "desk, light"],
)
def test_axe_finds_nothing(
    browser: Browser, language: str, width: int, scheme: str, names: Collection[str]
) -> None:
    axe, wrong = Axe(), {}
    with sheet(browser, language, width, scheme) as shown:
        for name in sorted(names):
            shown.show(*PAGES[name])
            found = axe.run(shown.page, options={"resultTypes": ["violations"]}).response["violations"]
            if found:
                wrong[name] = [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found]
    assert wrong == {}


def test_a_day_stands_on_one_line_and_no_column_of_the_figures_is_cut_off(browser: Browser) -> None:
    with sheet(browser, "vi", 820) as shown:
        shown.show(*PAGES["console-figures"])
        days = shown.page.locator("tbody th time").evaluate_all(
            "all => all.map(e => e.getClientRects().length)"
        )
        assert days
        assert set(days) == {1}
        cut = shown.page.locator(".scroll").first.evaluate("e => e.scrollWidth - e.clientWidth")
        assert cut <= 0


def test_countries_that_are_sold_to_stand_first_and_the_others_are_folded(browser: Browser) -> None:
    with sheet(browser, "en", 820) as shown:
        shown.show(*PAGES["action"])
        boxes = shown.page.locator('[name="territories_denied"]')
        assert boxes.evaluate_all("all => all.map(e => e.value)") == ["VN", "NG", "US", "CN", "KE"]
        seen = boxes.evaluate_all("all => all.filter(e => e.checkVisibility()).map(e => e.value)")
        assert seen == ["VN", "NG", "US", "CN"], "what is ticked is never hidden"
        assert boxes.evaluate_all("all => all.filter(e => e.checked).map(e => e.value)") == ["VN", "CN"]
        assert shown.page.evaluate(SMALL_TARGETS, TARGET_SIZE_MIN_PX) == []
