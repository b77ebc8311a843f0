"""ZPL: what is text stays text, and what a printer expands is the picture that was sent."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrcodes import bulk, zpl
from qrcodes.zpl import Dots, Frame, Graphic, Text, ThermalLabel

TEXT = "https://demo.lotproof.example/q/0123456789abcdefghjk"


def unescaped(text: str) -> str:
    """As a printer reads field data under ^FH."""
    raw = re.sub(rb"_([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), text.encode())
    return raw.decode()


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=40))
def test_text_is_never_read_as_a_command_and_comes_out_as_it_was(text: str) -> None:
    field = zpl.escaped(text)
    assert field.isascii()
    assert not set(field) & set("^~\n\r\\")
    assert unescaped(field) == text


@given(width=st.integers(1, 40), height=st.integers(1, 12), data=st.data())
def test_dots_are_the_same_after_the_printer_expanded_them(
    width: int, height: int, data: st.DataObject
) -> None:
    row = -(-width // 8)
    dots = Dots(width, height, data.draw(st.binary(min_size=row * height, max_size=row * height)))
    assert zpl.expanded(zpl.compressed(dots), width=width, height=height) == dots


@pytest.mark.parametrize("text", [":", "FF" * 3, "XY"])
def test_a_graphic_of_another_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"row|hexadecimal"):
        zpl.expanded(text, width=8, height=2)


@pytest.mark.parametrize("module_dots", [2, 4, 5, 10])
def test_a_symbol_of_whole_dots_is_read_from_the_picture_that_is_sent(module_dots: int) -> None:
    pixels = bulk.pixels(TEXT, "Q")
    dots = zpl.symbol_dots(pixels, module_dots)
    assert dots.width == pixels.side * module_dots
    sent = zpl.expanded(zpl.compressed(dots), width=dots.width, height=dots.height)
    assert [one.text for one in bulk.read(zpl.picture_of(sent))] == [TEXT]


def test_a_label_is_one_block_with_its_size_first() -> None:
    dots = Dots(8, 1, b"\xff")
    label = ThermalLabel(400, 240, [Graphic(8, 30, dots)], [Text(200, 40, 22, "A^XZ~")], [Frame(1, 2, 3, 4)])
    assert zpl.render(label) == (
        "^XA^CI28^PW400^LL240^LH0,0\n"
        "^FO8,30^GFA,1,1,1,FF^FS\n"
        "^FO200,40^A0N,22,22^FH^FDA_5EXZ_7E^FS\n"
        "^FO1,2^GB3,4,1^FS\n"
        "^XZ\n"
    )
