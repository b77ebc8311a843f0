"""Every sample page as it is sent and as it is read; each is drawn and read once, for all tests that ask.

Whoever asks changes nothing in what it gets.
"""

from functools import cache
from html.parser import HTMLParser

from gateway.pages.render import render
from tests.gateway.pages.samples import PAGES

VOID = {"meta", "link", "input", "br", "img"}
SVG_VOID = {"path", "rect", "circle"}


@cache
def html_of(name: str, language: str) -> str:
    view, frame = PAGES[name]
    return render(view, language=language, frame=frame)


@cache
def page_of(name: str, language: str) -> "Page":
    return Page(html_of(name, language))


class Page(HTMLParser):
    """Reads a page, and refuses one whose elements do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID | SVG_VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag

    def handle_data(self, data) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())
