"""The encoder for many symbols says what the one for single symbols says, and the reader reads both."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from qrcodes import bulk, symbol
from qrcodes.errors import SymbolTooLong
from qrcodes.serial import new_code
from qrcodes.symbol import Level
from tests.qrcodes.test_symbol import of_svg

LEVELS: list[Level] = ["L", "M", "Q", "H"]


def scaled(pixels: bulk.Pixels, module_px: int = 4) -> Image.Image:
    image = Image.frombytes("L", (pixels.side, pixels.side), pixels.data)
    return image.resize((pixels.side * module_px,) * 2, Image.Resampling.NEAREST)


def single(text: str, level: Level) -> Image.Image:
    return Image.open(BytesIO(symbol.png(text, level, 4))).convert("L")


@settings(max_examples=60, deadline=None)
@given(entropy=st.binary(min_size=13, max_size=13), level=st.sampled_from(LEVELS))
def test_both_encoders_draw_the_same_text_in_symbols_of_the_same_size(entropy: bytes, level: Level) -> None:
    text = f"https://demo.lotproof.example/q/{new_code(entropy)}"
    many = bulk.pixels(text, level)
    assert [one.text for one in bulk.read(scaled(many))] == [text]
    assert [one.text for one in bulk.read(single(text, level))] == [text]
    assert many.side <= len(symbol.modules(text, level)), "never a larger symbol, so never smaller modules"


def test_the_same_text_gives_the_same_pixels() -> None:
    assert bulk.pixels("https://demo.lotproof.example/q/" + "0" * 20, "Q") == bulk.pixels(
        "https://demo.lotproof.example/q/" + "0" * 20, "Q"
    )


def test_a_text_that_no_symbol_holds_is_refused() -> None:
    with pytest.raises(SymbolTooLong, match="level Q"):
        bulk.pixels("x" * 3_000, "Q")


def test_a_reading_says_where_on_the_page_each_symbol_stands() -> None:
    page = Image.new("L", (400, 200), 255)
    page.paste(scaled(bulk.pixels("left", "M")), (10, 20))
    page.paste(scaled(bulk.pixels("right", "M")), (260, 20))
    found = sorted((one.x, one.text) for one in bulk.read(page))
    assert [text for _, text in found] == ["left", "right"]
    assert found[0][0] < 200 < found[1][0]


def test_a_photo_may_be_turned() -> None:
    image = scaled(bulk.pixels("turned", "M"), 6).rotate(90)
    assert [one.text for one in bulk.read(image, upright=False)] == ["turned"]


def test_the_drawing_shows_the_pixels_and_is_read_as_its_text() -> None:
    text = "https://demo.lotproof.example/d/" + "0" * 20 + "/12"
    found, drawing = bulk.pixels(text, "M"), bulk.svg(text, "M")
    picture = of_svg(drawing).convert("L").resize((found.side * 4,) * 2, Image.Resampling.NEAREST)
    assert [one.text for one in bulk.read(picture)] == [text]
    middles = picture.point(lambda value: bulk.LIGHT if value > 127 else bulk.DARK)
    assert bytes(
        middles.getpixel((x * 4 + 2, y * 4 + 2)) for y in range(found.side) for x in range(found.side)
    ) == (found.data)
