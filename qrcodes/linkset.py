"""Linksets: where something that GS1 numbers leads, for programs to choose from.

``application/linkset+json`` in the form that GS1 asks of resolvers::

    {"linkset": [{"anchor": "https://example.com/01/…", "itemDescription": "…",
                  "https://ref.gs1.org/voc/pip": [{"href": "…", "title": "…", "hreflang": ["vi"]}]}]}

Source: RFC 9264 §4.2; GS1-Conformant Resolver Standard and its linkset schema.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

MEDIA_TYPE: Final = "application/linkset+json"
VOCABULARY: Final = "https://ref.gs1.org/voc/"
DEFAULT: Final = VOCABULARY + "defaultLink"
# The same vocabulary goes by other names in links that are printed already.
VOCABULARIES: Final = (
    "gs1:",
    VOCABULARY,
    "https://gs1.org/voc/",
    "http://gs1.org/voc/",
    "https://www.gs1.org/voc/",
)

_RELATION = re.compile(r"[a-z-]+|https?://[A-Za-z0-9./_]+")
_HREF = re.compile(r"https?://[A-Za-z0-9.\[]\S*")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_TERM = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class TypedLink:
    """One way to go. relation: an IANA word, or a URL as ``VOCABULARY + "pip"``.

    languages: ``zh-CN``, ``vi``. media_type: IANA's; "" where the target decides.
    passes_query: whether the parameters of the request go along.
    """

    relation: str
    href: str
    title: str
    languages: tuple[str, ...] = ()
    media_type: str = ""
    passes_query: bool = True

    def __post_init__(self) -> None:
        assert _RELATION.fullmatch(self.relation), self.relation
        assert _HREF.fullmatch(self.href), self.href
        assert self.title
        assert all(_LANGUAGE.fullmatch(language) for language in self.languages), self.languages

    def as_json(self) -> dict[str, Any]:
        """A default link has no optional members: nothing in a request can be matched against it."""
        member: dict[str, Any] = {"href": self.href, "title": self.title}
        if self.relation == DEFAULT:
            return member
        if self.languages:
            member["hreflang"] = list(self.languages)
        if self.media_type:
            member["type"] = self.media_type
        if not self.passes_query:
            member["fwqs"] = False
        return member


@dataclass(frozen=True, slots=True)
class Context:
    """What one anchor leads to. anchor: the Digital Link, never compressed. description: of the thing."""

    anchor: str
    description: str
    links: tuple[TypedLink, ...]

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"anchor": self.anchor, "itemDescription": self.description}
        for link in self.links:
            found.setdefault(link.relation, []).append(link.as_json())
        return found


def linkset(contexts: Iterable[Context]) -> dict[str, Any]:
    """The JSON value of a whole linkset, the finest level first."""
    return {"linkset": [context.as_json() for context in contexts]}


def relation_of(asked: str) -> str:
    """A link type as it is asked for, ``gs1:pip`` or a URL, as the relation of a link; "" for none.

    IANA's relations are plain words; a word with a colon or a slash is of a vocabulary.
    """
    for name in VOCABULARIES:
        if asked.startswith(name):
            term = asked.removeprefix(name)
            return VOCABULARY + term if _TERM.fullmatch(term) else ""
    return asked if _RELATION.fullmatch(asked) else ""


def best(
    links: Sequence[TypedLink], *, languages: Sequence[str], media_types: Sequence[str]
) -> list[TypedLink]:
    """Those of one type that fit a reader best; more than one when nothing tells them apart.

    languages: tags as the reader prefers them. media_types: likewise, as ``text/html``, ``text/*``.
    What the reader asks for and no link offers is passed over: some link is better than none. Of what
    is left, the kind of the first counts: whoever lists links puts the plainest first.
    """
    found = list(links)
    for wanted in media_types:
        fitting = [link for link in found if _is_of(link.media_type, wanted)]
        if fitting:
            found = fitting
            break
    for wanted in languages:
        fitting = [link for link in found if _speaks(link, wanted)]
        if fitting:
            found = fitting
            break
    kinds = [(link.media_type, link.languages) for link in found]
    return [link for link, kind in zip(found, kinds, strict=True) if kind == kinds[0]]


def _is_of(media_type: str, wanted: str) -> bool:
    kind, _, subtype = wanted.partition("/")
    return media_type == wanted or (subtype == "*" and media_type.startswith(kind + "/"))


def _speaks(link: TypedLink, wanted: str) -> bool:
    """Whether a link has the language, be it of another country."""
    primary = wanted.lower().partition("-")[0]
    return any(language.partition("-")[0] == primary for language in link.languages)
