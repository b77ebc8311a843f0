"""Facts and a template to PDF/A-3a: tagged, all fonts embedded, the same bytes for the same facts.

Data reaches a template as JSON in ``sys.inputs`` only, so no text in it is ever read as markup.
The clock, the system's fonts and packages from elsewhere are out of a template's reach.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from exporters import fonts
from exporters.errors import Problem, TypesettingFailed, UnprintableText
from qrcodes import bulk, symbol

TEMPLATES = Path(__file__).parent / "templates"
MEDIA_TYPE = "application/pdf"

PAGES_LIKELY = 2  # to lay a document out a second time costs more than to draw a symbol in vain

# The compiler keeps the last inputs, so one document at a time may use it.
_LOCK = Lock()


@dataclass(frozen=True)
class Attachment:
    """Machine-readable facts inside the PDF, with the relationship "Data" (ISO 19005-3 §6.8)."""

    name: str
    media_type: str
    content: bytes
    description: str


def typeset(
    template: str,
    facts: Mapping[str, Any],
    *,
    issue_date: date,
    page_link: Callable[[int], str],
    attachment: Attachment,
    pages_likely: int = PAGES_LIKELY,
) -> tuple[bytes, int]:
    """Typeset ``templates/{template}.typ`` and return the PDF with its number of pages.

    page_link: the link that stands as a QR symbol on a page, from its 1-based number. The number of
    pages is known only after layout, so a document of more than ``pages_likely`` is laid out twice; the
    symbols have a fixed size and cannot change the layout, and those without a page leave no byte.

    Raises TypesettingFailed when the template, not the facts, is at fault.
    """
    inputs = {
        "template": f"{template}.typ",
        "facts": json.dumps(facts, ensure_ascii=False),
        "attachment_name": attachment.name,
        "attachment_type": attachment.media_type,
        "attachment_description": attachment.description,
        "attachment": attachment.content.decode(),
    }
    issued_at = datetime.combine(issue_date, time(), UTC)
    with _LOCK:
        symbols = [_symbol(page_link(page)) for page in range(1, pages_likely + 1)]
        content, pages = _compiled(inputs, issued_at, symbols)
        if pages > pages_likely:
            symbols += [_symbol(page_link(page)) for page in range(pages_likely + 1, pages + 1)]
            content, pages = _compiled(inputs, issued_at, symbols)
    return content, pages


def check_characters(texts: Iterable[tuple[str, str]]) -> None:
    """Refuse texts our fonts cannot draw. texts: each with the field it stands in.

    Raises UnprintableText naming every such field and its characters; the typesetter would refuse
    them too, but could not say where they come from.
    """
    problems = []
    for field, text in texts:
        strange = sorted({character for character in text if ord(character) not in fonts.characters()})
        if strange:
            listed = ", ".join(f"U+{ord(character):04X}" for character in strange)
            problems.append(Problem(field, f"no font of ours has {listed}"))
    if problems:
        raise UnprintableText(problems)


def _symbol(link: str) -> str:
    return bulk.svg(link, symbol.DOCUMENT_LEVEL).decode()


def _compiled(inputs: dict[str, str], issued_at: datetime, symbols: list[str]) -> tuple[bytes, int]:
    try:
        content = _compiler().compile(
            format="pdf",
            sys_inputs=inputs | {"symbols": json.dumps(symbols)},
            pdf_standards=["a-3a"],
            timestamp=issued_at,
        )
        pages = json.loads(_compiler().query("<pages>", field="value", one=True))
    except typst.TypstError as error:
        raise TypesettingFailed(f"{inputs['template']}: {error.diagnostic}") from error
    assert isinstance(content, bytes)
    return content, int(pages)


@cache
def _compiler() -> typst.Compiler:
    """One per process: reading the fonts costs more than a document does.

    It runs threads, so a process that forks workers must not have rendered before it does.
    """
    found = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=list(fonts.FOLDERS),
    )
    return typst.Compiler(TEMPLATES / "main.typ", root=TEMPLATES, font_paths=found)
