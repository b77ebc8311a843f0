"""The check's own modules in a real browser, on bytes that a test gives them, without a server."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, Route

from tests.gateway.pages.browsing import ADDRESS, STATIC

RUN = """async ([program, cases]) => {
    const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    const modules = {};
    for (const one of ["bytes", "json", "ed25519", "tree", "note", "keys", "link", "pack"])
        Object.assign(modules, await import(`/static/check-${one}.js`));
    const run = new Function("m", "bytes", "one", `return (async () => { ${program} })()`);
    const found = [];
    for (const one of cases) {
        try { found.push({ value: await run(modules, bytes, one) }); }
        catch (error) {
            found.push(error instanceof modules.Refused
                ? { refused: error.reason, step: error.step ?? "", code: error.missing ? 4 : 3 }
                : { broken: String(error) });
        }
    }
    return found;
}"""


def coded(data: bytes) -> str:
    return b64encode(data).decode()


class Laboratory:
    def __init__(self, page: Page) -> None:
        self._page = page

    def run(self, program: str, *cases: Any) -> list[dict[str, Any]]:
        """One answer a case: ``value``, or ``refused`` with step and code.

        program: JavaScript, in which ``m`` are the modules and ``one`` is the case.
        A module may throw nothing but its own refusal.
        """
        found: list[dict[str, Any]] = self._page.evaluate(RUN, [program, list(cases)])
        assert not [one for one in found if "broken" in one], found
        return found


@contextmanager
def laboratory(browser: Browser) -> Iterator[Laboratory]:
    context = browser.new_context()
    page = context.new_page()
    page.route("**/*", _answer)
    page.goto(ADDRESS)
    yield Laboratory(page)
    context.close()


def _answer(route: Route) -> None:
    path = route.request.url.rsplit("/", 1)[-1]
    if "/static/" in route.request.url:
        route.fulfill(body=(STATIC / path).read_bytes(), content_type="text/javascript")
    else:
        route.fulfill(body="<!DOCTYPE html><title>laboratory</title>", content_type="text/html")
