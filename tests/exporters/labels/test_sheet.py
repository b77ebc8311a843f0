"""Sheets and rolls as PDF: every label in its place and readable, or none at all."""

from contextlib import closing
from dataclasses import replace
from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from exporters.errors import SymbolTooSmall, UnreadableLabels
from exporters.labels import sheet
from exporters.labels.formats import MODULE_MAX_UM, MODULE_MIN_UM, Format, formats, placement
from exporters.labels.stock import printings
from gateway.pages import label_words
from qrcodes import bulk
from tests.exporters.labels.making import BASE, WORDS, made, pages_of

STOCK = pytest.mark.parametrize("stock", formats().values(), ids=formats().keys())


def texts_of(content: bytes) -> list[str]:
    with closing(pypdfium2.PdfDocument(content)) as document:
        return [page.get_textpage().get_text_range() for page in document]


@STOCK
def test_a_run_fills_page_after_page_with_symbol_host_grade_and_code(stock: Format) -> None:
    labels = made(stock.labels_a_page + 2, hidden=stock.hidden)
    content = sheet.sheets(labels, stock, WORDS)
    with pikepdf.open(BytesIO(content)) as pdf:
        assert len(pdf.pages) == len(list(pages_of(stock, len(labels))))
        box = [float(side) * 25_400 / 72 for side in pdf.pages[0].mediabox]
        size = [stock.page_width_um // 100, stock.page_height_um // 100]
        assert [round(side / 100) for side in box[2:]] == size
        fonts = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
    assert all("+" in font for font in fonts), "embedded as subsets"
    # PDFium writes a hyphen at the end of a line as U+FFFE.
    said = "".join("".join(texts_of(content)).replace("\ufffe", "-").split())
    for label in labels:
        assert label.printed_code in said, "whole, however its lines break"
        assert label.hidden in said
    assert said.count(BASE.partition("://")[2]) == len(labels)
    assert "星野" in said
    assert "Điệnthoại" in said


@STOCK
def test_the_same_labels_give_the_same_bytes(stock: Format) -> None:
    labels = made(3)
    assert sheet.sheets(labels, stock, WORDS) == sheet.sheets(labels, stock, WORDS)


@STOCK
def test_every_label_lies_within_its_page_and_modules_are_legal(stock: Format) -> None:
    """Module widths: GS1 General Specifications."""
    across = stock.left_um + stock.columns * stock.width_um + (stock.columns - 1) * stock.gap_x_um
    down = stock.top_um + stock.rows * stock.height_um + (stock.rows - 1) * stock.gap_y_um
    assert across <= stock.page_width_um
    assert down <= stock.page_height_um
    for modules in (41, 45):
        at = placement(stock, modules)
        assert MODULE_MIN_UM <= at.module_um <= MODULE_MAX_UM
        assert at.symbol_x_um >= 0
        assert at.symbol_x_um + at.symbol_um <= stock.width_um
        assert at.symbol_y_um + at.symbol_um <= stock.height_um
        assert at.text_x_um + at.text_width_um <= stock.width_um
        assert at.text_width_um >= 14_000, "a group of the code in print that can be read"


def test_a_symbol_that_would_be_too_small_is_refused_and_not_shrunk() -> None:
    fragment = "s1." + "A" * 128
    with pytest.raises(SymbolTooSmall, match="a4_5x13; at least 396"):
        sheet.sheets(made(1, fragment=fragment), formats()["a4_5x13"], WORDS)
    for name in ("a4_3x8", "roll_100x150"):
        assert sheet.sheets(made(1, fragment=fragment), formats()[name], WORDS)


def test_a_sheet_that_shows_another_label_is_not_released() -> None:
    stock = formats()["a4_4x10"]
    labels = made(43)
    content = sheet.sheets(labels, stock, WORDS)
    links = [label.link for label in labels]
    sheet.check_sheets(content, links, stock)
    for wrong in ([*links[:41], links[0], links[42]], links[1:] + links[:1], links[:42], [*links, links[0]]):
        with pytest.raises(UnreadableLabels):
            sheet.check_sheets(content, wrong, stock)


def test_a_damaged_symbol_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a fault in the encoder or in memory would leave it: half of one symbol of a run is black."""
    good = bulk.pixels
    labels = made(30)

    def faulty(text: str, level: bulk.Level) -> bulk.Pixels:
        found = good(text, level)
        if text != labels[17].link:
            return found
        quarter = len(found.data) // 4
        return bulk.Pixels(found.side, found.data[:quarter] + bytes(2 * quarter) + found.data[3 * quarter :])

    monkeypatch.setattr(bulk, "pixels", faulty)
    with pytest.raises(UnreadableLabels) as refused:
        sheet.sheets(labels, formats()["a4_3x8"], WORDS)
    assert 17 in refused.value.numbers


def test_one_label_is_shown_as_a_picture() -> None:
    picture = sheet.preview(made(1)[0], formats()["a4_5x13"], WORDS)
    assert picture.startswith(b"<svg")
    assert b"108" in picture[:200], "38.1 mm are 108 points"


def test_every_way_to_print_has_a_name_for_people() -> None:
    assert set(printings()) == set(label_words.FORMATS)


@STOCK
def test_a_long_name_is_shortened_and_pushes_nothing_off_the_label(stock: Format) -> None:
    for name in ("星野" * 60, "Điện thoại thông minh đã qua sử dụng " * 5, "W" * 200):
        (label,) = made(1, hidden=stock.hidden)
        content = sheet.sheets([replace(label, name=name)], stock, WORDS)
        said = "".join(texts_of(content)[0].replace("\ufffe", "-").split())
        with closing(pypdfium2.PdfDocument(content)) as document:
            drawn = document[0].render(scale=4, grayscale=True).to_pil()
        assert "…" in said
        for text in (label.printed_code, label.host, label.hidden):
            assert text in said
        at = placement(stock, bulk.pixels(label.link, label.symbol_level).side)
        edge = [um * 4 * 72 // 25_400 for um in (stock.left_um + at.text_x_um, stock.top_um, stock.height_um)]
        band = drawn.crop((edge[0], edge[1] + 2, drawn.width, edge[1] + edge[2] - 2))
        for start in (0, band.height - 4):
            darkest, _ = band.crop((0, start, 40, start + 4)).getextrema()
            assert darkest > 100, "no letter reaches an edge, where it would be cut off"
