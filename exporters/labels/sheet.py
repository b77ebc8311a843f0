"""Labels as PDF: encoded, placed, typeset, and every page looked at and read again before anybody has it.

Pure: the same labels give the same bytes. The finished file is then drawn as a printer would draw it, by
a program that had no part in making it, and each symbol must read as its own label's link in its own
label's place.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import Any, Final, Literal

import pypdfium2
import typst

from exporters import fonts
from exporters.errors import TypesettingFailed, UnreadableLabels
from exporters.labels.formats import Format, Placement, placement
from exporters.pdf import TEMPLATES
from qrcodes import bulk
from qrcodes.bulk import Pixels
from qrcodes.label import Label

MEDIA_TYPE: Final = "application/pdf"
READ_AT_DPI: Final = 200  # 3 pixels a module of the narrowest kind: what a camera needs (traceability 9.3)
_NO_TIME: Final = datetime(1980, 1, 1, tzinfo=UTC)  # the same bytes whenever they are made
_LOCK: Final = Lock()  # the compiler keeps the last inputs, and PDFium is for one thread at a time


@dataclass(frozen=True, slots=True)
class LabelWords:
    """What stands beside grade and hidden code, in the language of the label."""

    title: str
    grade: str
    hidden: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A label with its symbol and where both stand."""

    label: Label
    pixels: Pixels
    at: Placement


def sheets(labels: Sequence[Label], stock: Format, words: LabelWords) -> bytes:
    """Typeset labels in their order, one after the other, and read every one of them again.

    Raises SymbolTooLong, SymbolTooSmall, and UnreadableLabels when one does not read as its link.
    """
    placed = [place(label, stock) for label in labels]
    facts = _facts(placed, stock, words)
    with _LOCK:
        content = _compiled(facts)
    check_sheets(content, [label.link for label in labels], stock)
    return content


def preview(label: Label, stock: Format, words: LabelWords) -> bytes:
    """One label alone as SVG, as it will stand on the sheet or roll."""
    alone = replace(
        stock, kind="roll", page_width_um=stock.width_um, page_height_um=stock.height_um,
        columns=1, rows=1, left_um=0, top_um=0,
    )  # fmt: skip
    with _LOCK:
        return _compiled(_facts([place(label, alone)], alone, words), form="svg")


def place(label: Label, stock: Format, *, dots_per_inch: int | None = None) -> Placed:
    found = bulk.pixels(label.link, label.symbol_level)
    return Placed(label, found, placement(stock, found.side, dots_per_inch=dots_per_inch))


def check_sheets(content: bytes, links: Sequence[str], stock: Format) -> None:
    """Raise UnreadableLabels unless each page of a PDF shows the symbols of its labels and no other."""
    wrong: list[int] = []
    pages = 0
    for number, found in enumerate(_read(content, stock)):
        pages += 1
        first = number * stock.labels_a_page
        expected = list(enumerate(links[first : first + stock.labels_a_page]))
        wrong += [first + cell for cell, link in expected if (cell, link) not in found]
        if found - set(expected):
            wrong.append(first)
    if wrong or pages != -(-len(links) // stock.labels_a_page):
        raise UnreadableLabels(sorted(set(wrong)))


def _read(content: bytes, stock: Format) -> Iterator[set[tuple[int, str]]]:
    """(place on the page, text) of every symbol, page by page."""
    with _LOCK, pypdfium2.PdfDocument(content) as document:
        for page in document:
            drawn = page.render(scale=READ_AT_DPI / 72, grayscale=True, draw_annots=False)
            yield {(_cell(stock, one.x, one.y), one.text) for one in bulk.read(drawn.to_pil())}
            drawn.close()
            page.close()


def _cell(stock: Format, x_px: int, y_px: int) -> int:
    """The place on the page, from 0, that a point lies in."""
    x, y = (n * 25_400 // READ_AT_DPI for n in (x_px, y_px))
    column = (x - stock.left_um) // (stock.width_um + stock.gap_x_um)
    return (y - stock.top_um) // (stock.height_um + stock.gap_y_um) * stock.columns + column


def _facts(placed: Sequence[Placed], stock: Format, words: LabelWords) -> str:
    """The template's facts as JSON; the many small numbers of a symbol are written by hand, being quicker."""
    places: dict[Placement, int] = {}
    texts: list[str] = []
    for one in placed:
        number = places.setdefault(one.at, len(places))
        numbers = {"place": number, "side": one.pixels.side}
        said = json.dumps(_said(one.label, one.at) | numbers, ensure_ascii=False)
        texts.append(f'{said[:-1]},"px":[{_numbers(one.pixels.data)}]}}')
    whole = {
        "title": words.title,
        "grade_word": words.grade,
        "hidden_word": words.hidden,
        "stock": {name.removesuffix("_um"): getattr(stock, name) for name in Format.__slots__},
        "places": [_measures(at) for at in places],
        "text_size": text_size_pt(next(iter(places)) if places else None),
    }
    sheets_ = ",".join(f"[{','.join(page)}]" for page in _pages(texts, stock.labels_a_page))
    return f'{json.dumps(whole, ensure_ascii=False)[:-1]},"sheets":[{sheets_}]}}'


def text_size_pt(at: Placement | None) -> float:
    """Legible at arm's length on the smallest label, not shouting on the largest."""
    return 7.0 if at is None else min(12.0, max(5.0, round(at.text_width_um / 4_600, 1)))


def _said(label: Label, at: Placement) -> dict[str, Any]:
    return {
        "link": label.link,
        "host": _breakable(label.host, "."),
        "code": [*_breakable(label.printed_code[:-2], "-")[:-1], label.printed_code[-6:]],
        "grade": label.grade or "",
        "name": shortened(label.name, at),
        "hidden": label.hidden,
    }


def shortened(name: str, at: Placement) -> str:
    """At most two lines of a name: what stands above and below it must not be pushed off the label."""
    half_an_em_um = text_size_pt(at) * 352.8 / 2
    room = int(2 * at.text_width_um / half_an_em_um) - 4
    widths = [2 if ord(character) > 0x2E7F else 1 for character in name]  # Han and kana are twice as wide
    if sum(widths) <= room:
        return name
    kept = next(n for n in range(len(name) + 1) if sum(widths[: n + 1]) > room - 2)
    return name[:kept].rstrip() + "…"


def _breakable(text: str, behind: str) -> list[str]:
    """Pieces between which a line may end; whoever copies the text gets no mark of it."""
    *pieces, last = text.split(behind)
    return [*(piece + behind for piece in pieces), last]


def _measures(at: Placement) -> Mapping[str, int]:
    return {name.removesuffix("_um"): getattr(at, name) for name in Placement.__slots__}


def _numbers(data: bytes) -> str:
    return data.replace(b"\xff", b"255,").replace(b"\x00", b"0,")[:-1].decode()


def _pages(texts: Sequence[str], labels_a_page: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), labels_a_page):
        yield texts[start : start + labels_a_page]


def _compiled(facts: str, form: Literal["pdf", "svg"] = "pdf") -> bytes:
    try:
        made = _compiler().compile(
            format=form,
            sys_inputs={"facts": facts},
            pdf_standards=["a-2b"] if form == "pdf" else [],
            timestamp=_NO_TIME,
            pdf_tags=False,
        )
    except typst.TypstError as error:
        raise TypesettingFailed(f"labels.typ: {error.diagnostic}") from error
    assert isinstance(made, bytes)
    return made


@cache
def _compiler() -> typst.Compiler:
    """One per process, as in ``exporters.pdf``."""
    found = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=list(fonts.FOLDERS)
    )
    return typst.Compiler(TEMPLATES / "labels.typ", root=TEMPLATES, font_paths=found)
