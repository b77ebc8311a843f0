"""Links that codes carry: GS1 Digital Link URIs, and our own short links.

::

    https://example.com/01/{gtin}/10/{lot}/21/{serial}?17=261231   GS1 Digital Link
    https://example.com/q/{code}                                   an article, a lot, a carton
    https://example.com/d/{code}/{page}                            a page of a printed document

Our own links are the ids of goods whose GTIN is not ours to number: a serial under a brand's GTIN
belongs to the brand. What may stand in a Digital Link is ``gs1``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, unquote_to_bytes

from qrcodes import gs1, gs1_compression
from qrcodes.errors import InvalidLink
from qrcodes.gs1 import Element
from qrcodes.serial import is_code

CANONICAL_BASE: Final = "https://id.gs1.org"  # GS1's own resolver, for links without a house of their own

_BASE = re.compile(
    r"(?:https?|HTTPS?)://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?"
    r"(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+)*"
)
_PORT_MAX = 65_535
_PATH_SEGMENT = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+")  # RFC 3986 §3.3 pchar
_QUERY = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*")  # RFC 3986 §3.4, also a fragment
_PAGE = re.compile(r"[1-9][0-9]{0,3}")
_LENGTH_MAX = 2000  # characters; far above any link that fits a symbol
_GTIN_LENGTHS = frozenset({8, 12, 13})


@dataclass(frozen=True)
class DigitalLink:
    """A GS1 Digital Link URI.

    elements: ``(ai, value)`` of the path, the primary key first. attributes: those of the query, in its
    order. Values are decoded. others: parameters that are not GS1's, as they stand (``utm=1``, ``flag``).
    fragment: as it stands; "" also for an empty one, which says the same.
    """

    base: str  # scheme, host and path stem, without trailing slash
    elements: tuple[Element, ...]
    attributes: tuple[Element, ...] = ()
    others: tuple[str, ...] = ()
    fragment: str = ""

    def __post_init__(self) -> None:
        _check_base(self.base)
        path, query = [ai for ai, _ in self.elements], [ai for ai, _ in self.attributes]
        gs1.check_path(path)
        gs1.check_attributes(path, query)
        for ai, value in (*self.elements, *self.attributes):
            gs1.check_value(ai, value)
        gs1.check_companions(path, query)
        for other in self.others:
            _check_other(other)
        if not _QUERY.fullmatch(self.fragment):
            raise InvalidLink("the fragment holds a character that must be encoded", reason="query")

    @property
    def key(self) -> str:
        """The AI of the primary key."""
        return self.elements[0][0]

    @property
    def element_string(self) -> str:
        """What a barcode would carry for it: see ``gs1.printed``."""
        return gs1.printed((*self.elements, *self.attributes))

    def get(self, ai: str) -> str | None:
        return dict((*self.elements, *self.attributes)).get(ai)

    def __str__(self) -> str:
        """Print it canonically: everything but RFC 3986 unreserved characters is percent-encoded."""
        path = "".join(f"/{ai}/{quote(value, safe='')}" for ai, value in self.elements)
        query = "&".join((*(f"{ai}={quote(value, safe='')}" for ai, value in self.attributes), *self.others))
        return f"{self.base}{path}{'?' * bool(query)}{query}{'#' * bool(self.fragment)}{self.fragment}"


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


def of_elements(elements: Sequence[Element], base: str = CANONICAL_BASE) -> DigitalLink:
    """The one link of a set of elements, in any order: ``gs1.read_elements`` reads them from text.

    The first primary key leads, in the path follow its qualifiers as many as there are, in the query
    the rest, those of predefined length first. Raises InvalidLink, also ``primary-key`` and ``repeated``.
    """
    values = _values(elements)
    key = next((ai for ai in values if ai in gs1.PRIMARY_KEYS), None)
    if key is None:
        raise InvalidLink("no element can lead a link", reason="primary-key")
    sequences = gs1.IDENTIFIERS[key].qualifiers or ((),)
    fullest = max(sequences, key=lambda sequence: sum(ai in values for ai in sequence))
    path = [key, *(ai for ai in fullest if ai in values)]
    query = [ai for ai in values if ai not in path]
    query.sort(key=lambda ai: ai not in gs1.IDENTIFIERS or not gs1.IDENTIFIERS[ai].predefined)
    return DigitalLink(
        base.removesuffix("/"),
        tuple((ai, values[ai]) for ai in path),
        tuple((ai, values[ai]) for ai in query),
    )


def _values(elements: Sequence[Element]) -> dict[str, str]:
    values: dict[str, str] = {}
    for ai, value in elements:
        if values.setdefault(ai, value) != value:
            raise InvalidLink(f"AI {ai} stands twice with different values", reason="repeated", component=ai)
    return values


def parse(text: str, *, zero_suppressed_gtin: bool = False, convenience_alphas: bool = False) -> Link:
    """Read a link strictly; ``str(parse(text)) == text`` for every link printed canonically.

    Other percent-encodings of the same value, which other printers use, are read to that value.
    zero_suppressed_gtin: AI 01 may have 8, 12 or 13 digits, and is read with its zeros.
    convenience_alphas: ``gtin``, ``lot``, ``ser`` may stand for 01, 10, 21: deprecated by GS1.

    Raises InvalidLink, its component named, with a reason: ``not-a-link host trailing-slash query path
    code page compressed identifier primary-key qualifier attribute in-path repeated companion length
    characters value check-digit``.
    """
    root, segments, query, fragment = _cut(text)
    reading = _Reading(zero_suppressed_gtin, convenience_alphas)
    start = reading.start(segments)
    if start is not None:
        elements = reading.elements(segments[start:])
        attributes, others = reading.query(query)
        return DigitalLink("/".join([root, *segments[:start]]), elements, attributes, others, fragment)
    if segments[-2:-1] == ["q"] or segments[-3:-2] == ["d"]:
        if query or fragment or text.endswith(("?", "#")):
            raise InvalidLink("the link carries a query or a fragment", reason="query", component="query")
        return _of_ours(root, segments)
    if gs1_compression.is_compressed(segments):
        raise InvalidLink("a compressed link; expand it first", reason="compressed", component="path")
    raise InvalidLink("neither a GS1 Digital Link nor one of ours", reason="not-a-link", component="path")


def expand(text: str) -> DigitalLink:
    """Read a compressed link, whole or behind its primary key; what stands in its query is kept.

    Raises InvalidLink, reason ``compressed`` where it does not decompress. Source: ``gs1_compression``.
    """
    root, segments, query, fragment = _cut(text)
    stem, found = gs1_compression.expanded(segments)
    attributes, others = _Reading().query(query)
    whole = of_elements((*found.elements, *attributes), "/".join([root, *stem]))
    kept = (*(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in found.others), *others)
    return DigitalLink(whole.base, whole.elements, whole.attributes, kept, fragment)


def _cut(text: str) -> tuple[str, list[str], str, str]:
    """(scheme and host, segments of the path, query, fragment), their characters judged."""
    if len(text) > _LENGTH_MAX or not text.isascii() or not text.isprintable():
        raise InvalidLink("not a link of printable ASCII", reason="not-a-link")
    rest, _, fragment = text.partition("#")
    rest, _, query = rest.partition("?")
    scheme, separator, rest = rest.partition("://")
    if not separator:
        raise InvalidLink("not a link", reason="not-a-link")
    if rest.endswith("/"):
        raise InvalidLink("the link ends with a slash", reason="trailing-slash", component="path")
    host, *segments = rest.split("/")
    _check_base(f"{scheme}://{host}")
    if not all(_PATH_SEGMENT.fullmatch(segment) for segment in segments):
        raise InvalidLink(
            "the path holds an empty segment or a character that must be encoded",
            reason="path",
            component="path",
        )
    if not (_QUERY.fullmatch(query) and _QUERY.fullmatch(fragment)):
        raise InvalidLink(
            "the query holds a character that must be encoded", reason="query", component="query"
        )
    return f"{scheme}://{host}", segments, query, fragment


@dataclass(frozen=True)
class _Reading:
    zero_suppressed_gtin: bool = False
    convenience_alphas: bool = False

    def start(self, segments: Sequence[str]) -> int | None:
        """Where the primary key stands: the rightmost, with nothing but AIs and their values behind it."""
        for place in range(len(segments) - 2, -1, -2):
            identifier = gs1.IDENTIFIERS.get(self._ai(segments[place]))
            if identifier is None:
                return None
            if identifier.qualifiers is not None:
                return place
        return None

    def elements(self, segments: Sequence[str]) -> tuple[Element, ...]:
        pairs = zip(segments[::2], segments[1::2], strict=True)
        return tuple(self._element(self._ai(name), _decoded(value)) for name, value in pairs)

    def query(self, query: str) -> tuple[tuple[Element, ...], tuple[str, ...]]:
        """(attributes, others). A ``+`` is a space here, as forms write it."""
        attributes: list[Element] = []
        others: list[str] = []
        for parameter in filter(None, query.split("&")):
            name, separator, value = parameter.partition("=")
            if separator and name.isdigit():
                attributes.append(self._element(name, _decoded(value.replace("+", " "))))
            else:
                others.append(parameter)
        return tuple(attributes), tuple(others)

    def _element(self, ai: str, value: str) -> Element:
        if ai == "01" and self.zero_suppressed_gtin and len(value) in _GTIN_LENGTHS:
            return ai, value.zfill(14)
        return ai, value

    def _ai(self, name: str) -> str:
        return gs1.SHORT_NAMES.get(name, name) if self.convenience_alphas else name


def _of_ours(root: str, segments: Sequence[str]) -> Link:
    if segments[-2] == "q":
        return CodeLink("/".join([root, *segments[:-2]]), segments[-1])
    if not _PAGE.fullmatch(segments[-1]):
        raise InvalidLink("a page is a number from 1 to 9999", reason="page", component="path")
    return DocumentLink("/".join([root, *segments[:-3]]), segments[-2], int(segments[-1]))


def _check_base(base: str) -> None:
    found = _BASE.fullmatch(base)
    if found is None:
        raise InvalidLink(
            "a link starts with http(s), a host, and no trailing slash", reason="not-a-link", component="host"
        )
    if found[1] is not None and int(found[1]) > _PORT_MAX:
        raise InvalidLink("there is no such port", reason="host", component="host")


def _check_code(code: str) -> None:
    if not is_code(code):
        raise InvalidLink("the link holds no exact code", reason="code", component="path")


def _check_other(parameter: str) -> None:
    """A parameter that is not GS1's must not read as one, however its name is encoded."""
    name, separator, _ = parameter.partition("=")
    if not parameter or "&" in parameter or not _QUERY.fullmatch(parameter):
        raise InvalidLink("not one parameter of a query", reason="query", component="query")
    if separator and unquote(name).isdigit():
        raise InvalidLink(f"{name} reads as an AI", reason="attribute", component=name)


def _decoded(text: str) -> str:
    return unquote_to_bytes(text).decode("latin-1")  # values are ASCII; the sets of GS1 refuse the rest
