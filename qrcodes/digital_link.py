"""Links that codes carry: GS1 Digital Link URIs, and our own short links.

::

    https://example.com/01/{gtin}/10/{lot}/21/{serial}   GS1 Digital Link URI Syntax 1.2
    https://example.com/q/{code}                         an article, a lot, a carton
    https://example.com/d/{code}/{page}                  a page of a printed document

The keys are data: which application identifiers may lead, which may follow and in what order,
what characters each holds (GS1 General Specifications §3 and figure 7.11-1).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from stdnum import ean

from qrcodes.errors import InvalidLink
from qrcodes.serial import is_code

_CSET_82 = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"  # GS1 AI encodable character set 82
_BASE = re.compile(r"(?:https?|HTTPS?)://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[^/?#]+)*")
_PATH_SEGMENT = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+")  # RFC 3986 §3.3 pchar
_PAGE = re.compile(r"[1-9][0-9]{0,3}")
_LENGTH_MAX = 2000  # characters; far above any link that fits a symbol


@dataclass(frozen=True)
class Identifier:
    """One GS1 application identifier (AI): what its value may be and what may follow it."""

    ai: str
    value: re.Pattern[str]
    has_check_digit: bool = False
    qualifiers: tuple[str, ...] = ()  # AIs that may follow it, in this order; empty: it cannot lead


IDENTIFIERS = {
    identifier.ai: identifier
    for identifier in (
        Identifier("01", re.compile(r"[0-9]{14}"), has_check_digit=True, qualifiers=("10", "21")),
        Identifier("10", re.compile(_CSET_82 + r"{1,20}")),
        Identifier("21", re.compile(_CSET_82 + r"{1,20}")),
    )
}


@dataclass(frozen=True)
class DigitalLink:
    """A GS1 Digital Link URI. elements: ``(ai, value)``, the primary key first, values decoded."""

    base: str  # scheme, host and path stem, without trailing slash
    elements: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        _check_base(self.base)
        _check_elements(self.elements)

    def get(self, ai: str) -> str | None:
        return dict(self.elements).get(ai)

    def __str__(self) -> str:
        """Print it canonically: everything but RFC 3986 unreserved characters is percent-encoded."""
        return self.base + "".join(f"/{ai}/{quote(value, safe='')}" for ai, value in self.elements)


@dataclass(frozen=True)
class CodeLink:
    """``{base}/q/{code}``: the link on goods."""

    base: str
    code: str

    def __post_init__(self) -> None:
        _check_base(self.base)
        _check_code(self.code)

    def __str__(self) -> str:
        return f"{self.base}/q/{self.code}"


@dataclass(frozen=True)
class DocumentLink:
    """``{base}/d/{code}/{page}``: the link on a page of a document; ``1 <= page <= 9999``."""

    base: str
    code: str
    page: int

    def __post_init__(self) -> None:
        _check_base(self.base)
        _check_code(self.code)
        if not _PAGE.fullmatch(str(self.page)):
            raise InvalidLink("a page is a number from 1 to 9999", reason="page")

    def __str__(self) -> str:
        return f"{self.base}/d/{self.code}/{self.page}"


Link = DigitalLink | CodeLink | DocumentLink


def gtin_link(base: str, gtin: str, *, lot: str | None = None, serial: str | None = None) -> DigitalLink:
    """Link to a trade item, its lot and its article. gtin: 14 digits, zero padded."""
    pairs = (("01", gtin), ("10", lot), ("21", serial))
    return DigitalLink(base, tuple((ai, value) for ai, value in pairs if value is not None))


def parse(text: str) -> Link:
    """Read a link strictly; ``str(parse(text)) == text`` for every link printed canonically.

    Other percent-encodings of the same value, which other printers use, are read to that value.
    Raises InvalidLink with a reason: ``not-a-link trailing-slash query path code page value
    check-digit qualifier``.
    """
    if len(text) > _LENGTH_MAX or not text.isascii() or not text.isprintable():
        raise InvalidLink("not a link of printable ASCII", reason="not-a-link")
    if "?" in text or "#" in text:
        raise InvalidLink("the link carries a query or a fragment", reason="query")
    scheme, separator, rest = text.partition("://")
    if not separator:
        raise InvalidLink("not a link", reason="not-a-link")
    if rest.endswith("/"):
        raise InvalidLink("the link ends with a slash", reason="trailing-slash")
    host, *segments = rest.split("/")
    if not all(_PATH_SEGMENT.fullmatch(segment) for segment in segments):
        raise InvalidLink(
            "the path holds an empty segment or a character that must be encoded", reason="path"
        )
    return _of_segments(f"{scheme}://{host}", segments)


def _of_segments(root: str, segments: Sequence[str]) -> Link:
    if len(segments) >= 2 and segments[-2] == "q":
        return CodeLink("/".join([root, *segments[:-2]]), segments[-1])
    if len(segments) >= 3 and segments[-3] == "d":
        if not _PAGE.fullmatch(segments[-1]):
            raise InvalidLink("a page is a number from 1 to 9999", reason="page")
        return DocumentLink("/".join([root, *segments[:-3]]), segments[-2], int(segments[-1]))
    # AIs and values alternate, so an AI stands at an even distance from the end; the rightmost key counts.
    for start in range(len(segments) - 2, -1, -2):
        if segments[start] in IDENTIFIERS and IDENTIFIERS[segments[start]].qualifiers:
            values = [_decoded(segment) for segment in segments[start + 1 :: 2]]
            elements = tuple(zip(segments[start::2], values, strict=True))
            return DigitalLink("/".join([root, *segments[:start]]), elements)
    raise InvalidLink("neither a GS1 Digital Link nor one of ours", reason="not-a-link")


def _check_base(base: str) -> None:
    if not _BASE.fullmatch(base):
        raise InvalidLink("a link starts with http(s), a host, and no trailing slash", reason="not-a-link")


def _check_code(code: str) -> None:
    if not is_code(code):
        raise InvalidLink("the link holds no exact code", reason="code")


def _check_elements(elements: tuple[tuple[str, str], ...]) -> None:
    order = (elements[0][0], *IDENTIFIERS[elements[0][0]].qualifiers)
    places = [order.index(ai) if ai in order else -1 for ai, _ in elements]
    if places != sorted(set(places)) or places[0] != 0:
        raise InvalidLink(
            f"after AI {order[0]} come only {', '.join(order[1:])}, in order", reason="qualifier"
        )
    for ai, value in elements:
        identifier = IDENTIFIERS[ai]
        if not identifier.value.fullmatch(value):
            raise InvalidLink(f"AI {ai} does not hold such a value", reason="value")
        if identifier.has_check_digit and not ean.is_valid(value):
            raise InvalidLink(f"the check digit of AI {ai} is wrong", reason="check-digit")


def _decoded(segment: str) -> str:
    return unquote_to_bytes(segment).decode("latin-1")  # values are ASCII; the pattern refuses the rest
