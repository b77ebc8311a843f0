"""Elements of UBL as plain values, and the bytes of a finished document.

A child that is None is left out, so a renderer names every element once and its facts decide.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
MEDIA_TYPE = "application/xml"
VERSION = "2.4"


@dataclass(frozen=True)
class Element:
    namespace: str
    name: str
    text: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    children: "tuple[Element, ...]" = field(default=())


Child = Element | None


def basic(name: str, text: object | None, **attributes: str | None) -> Child:
    """A ``cbc:`` element; None without a text."""
    if text is None:
        return None
    kept = tuple((key, value) for key, value in attributes.items() if value is not None)
    return Element(CBC, name, str(text), kept)


def aggregate(name: str, *children: Child | Iterable[Child]) -> Child:
    """A ``cac:`` element; None when none of its children is there."""
    kept = flat(children)
    return Element(CAC, name, children=kept) if kept else None


def flat(children: Iterable[Child | Iterable[Child]]) -> tuple[Element, ...]:
    """The children that are there, in their order."""
    found: list[Element] = []
    for child in children:
        if isinstance(child, Element):
            found.append(child)
        elif child is not None:
            found += [each for each in child if each is not None]
    return tuple(found)


def document(kind: str, *children: Child | Iterable[Child]) -> bytes:
    """The document ``kind`` (``Invoice``), UTF-8 with two spaces of indent and a line end at the end."""
    namespace = namespace_of(kind)
    root = etree.Element(
        f"{{{namespace}}}{kind}",
        nsmap={None: namespace, "cac": CAC, "cbc": CBC},
    )
    for child in flat(children):
        _append(root, child)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return made


def namespace_of(kind: str) -> str:
    return f"urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"


def parse(content: bytes) -> etree._Element:
    """Read XML that carries no DOCTYPE; entities and networks are out of its reach.

    Raises ValueError when it is not well-formed, or brings a DOCTYPE.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"not well-formed: {error.msg}") from error
    if root.getroottree().docinfo.doctype:
        raise ValueError("it brings a DOCTYPE")
    return root


def _append(parent: etree._Element, element: Element) -> None:
    made = etree.SubElement(parent, f"{{{element.namespace}}}{element.name}", dict(element.attributes))
    made.text = element.text
    for child in element.children:
        _append(made, child)
