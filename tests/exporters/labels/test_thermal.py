"""Rolls for thermal printers: whole dots, text of every script, and symbols that read as they are sent."""

import re

import pytest

from exporters.errors import UnreadableLabels
from exporters.labels import thermal
from exporters.labels.formats import formats, placement
from qrcodes import bulk, zpl
from tests.exporters.labels.making import WORDS, made

ROLLS = pytest.mark.parametrize("name", ["roll_50x30", "roll_100x150"])
EACH_DPI = pytest.mark.parametrize("dpi", zpl.RESOLUTIONS)
GRAPHIC = re.compile(r"\^FO(\d+),(\d+)\^GFA,(\d+),\d+,(\d+),([0-9A-F:,]*)\^FS")
FIELD = re.compile(r"\^FO(\d+),(\d+)\^A0N,(\d+),\d+\^FH\^FD([^^~]*)\^FS")


def graphics(block: str) -> list[zpl.Dots]:
    """Every picture of a label, as a printer expands it."""
    return [
        zpl.expanded(data, width=8 * int(row), height=int(size) // int(row))
        for _, _, size, row, data in GRAPHIC.findall(block)
    ]


@ROLLS
@EACH_DPI
def test_each_block_is_one_label_whose_symbol_reads(name: str, dpi: int) -> None:
    labels = made(6, hidden=name == "roll_100x150")
    content = thermal.rolls(labels, formats()[name], WORDS, dpi).decode("ascii")
    blocks = content.split("^XA")[1:]
    assert len(blocks) == len(labels)
    for block, label in zip(blocks, labels, strict=True):
        assert block.endswith("^XZ\n")
        assert block.count("^XZ") == 1
        symbol, *_ = graphics(block)
        assert [one.text for one in bulk.read(zpl.picture_of(symbol))] == [label.link]
        fields = "".join(text for *_, text in FIELD.findall(block)).replace("_2D", "-")
        assert label.printed_code in fields
        assert label.host in fields
        assert label.hidden in fields


@ROLLS
@EACH_DPI
def test_modules_are_whole_dots_and_wide_enough(name: str, dpi: int) -> None:
    """At least 4 dots at 203 dpi, 5 at 300, 10 at 600 (traceability 9.1)."""
    dots = placement(formats()[name], 45, dots_per_inch=dpi).symbol_um * dpi / 25_400 / 45
    assert abs(dots - round(dots)) < 0.01
    assert round(dots) >= {203: 4, 300: 5, 600: 10}[dpi]


@EACH_DPI
def test_nothing_is_printed_outside_of_the_label(dpi: int) -> None:
    stock = formats()["roll_50x30"]
    content = thermal.rolls(made(4), stock, WORDS, dpi).decode("ascii")
    width, height = (um * dpi // 25_400 for um in (stock.width_um, stock.height_um))
    assert content.startswith(f"^XA^CI28^PW{width}^LL{height}^LH0,0")
    for x, y, size, row, _ in GRAPHIC.findall(content):
        assert int(x) + 8 * (int(row) - 1) <= width
        assert int(y) + int(size) // int(row) <= height
    for x, y, font, text in FIELD.findall(content):
        assert int(y) + int(font) <= height
        assert int(x) + len(text) * int(font) * 0.45 <= width, text


def test_what_the_printers_font_lacks_is_sent_as_dots() -> None:
    chinese, vietnamese, plain, _ = made(4)
    stock = formats()["roll_100x150"]
    texts = [thermal.rolls([one], stock, WORDS, 300).decode("ascii") for one in (chinese, vietnamese, plain)]
    assert [len(graphics(text)) for text in texts] == [3, 3, 2], "symbol, grade in Chinese, and the name"
    assert all(max(dots.data) for text in texts for dots in graphics(text)), "none is blank"


def test_a_roll_with_a_wrong_symbol_is_not_released(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = made(3)
    good = bulk.pixels
    monkeypatch.setattr(
        bulk, "pixels", lambda text, level: good(labels[0].link if text == labels[2].link else text, level)
    )
    with pytest.raises(UnreadableLabels) as refused:
        thermal.rolls(labels, formats()["roll_50x30"], WORDS, 203)
    assert refused.value.numbers == (2,)
