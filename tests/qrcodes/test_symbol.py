"""An independent decoder reads every symbol we draw, in every form we draw it."""

import itertools
import re
import subprocess
import sys
from io import BytesIO

import pytest
import typst
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from qrcodes import symbol
from qrcodes.errors import SymbolTooLong

LINK = "https://demo.lotproof.example/q/0123456789abcdefghjk"


def decoded(image: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(image.convert("L"))
    return found.text


def of_terminal(text: str) -> Image.Image:
    """Rebuild the modules from half-block characters, four pixels each."""
    rows: list[list[int]] = []
    for line in text.splitlines():
        characters = re.sub(r"\x1b\[[0-9;]*m", "", line)
        rows.append([0 if character in "▀█" else 255 for character in characters])
        rows.append([0 if character in "▄█" else 255 for character in characters])
    image = Image.new("L", (len(rows[0]), len(rows)))
    image.putdata([pixel for row in rows for pixel in row])
    return image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)


def of_svg(drawing: bytes) -> Image.Image:
    page = b"#set page(width: 60mm, height: 60mm, margin: 0mm)\n#image(bytes(sys.inputs.svg), width: 100%)"
    return Image.open(BytesIO(typst.compile(page, format="png", sys_inputs={"svg": drawing.decode()})))


@pytest.mark.parametrize("level", ["L", "M", "Q", "H"])
def test_png_and_svg_decode_at_the_level_asked_for(level: symbol.Level) -> None:
    image = Image.open(BytesIO(symbol.png(LINK, level, 3)))
    assert decoded(image) == decoded(of_svg(symbol.svg(LINK, level))) == LINK
    assert zxingcpp.read_barcodes(image.convert("L"))[0].ec_level == level


@settings(max_examples=20, deadline=None)
@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=200))
def test_any_text_decodes_from_the_png(text: str) -> None:
    assert decoded(Image.open(BytesIO(symbol.png(text, "M", 3)))) == text


@pytest.mark.parametrize("inverted", [False, True], ids=["light terminal", "dark terminal"])
def test_the_terminal_drawing_decodes_whatever_surrounds_it(inverted: bool) -> None:
    drawing = of_terminal(symbol.terminal(LINK))
    screen = Image.new("L", (drawing.width + 200, drawing.height + 200), 0 if inverted else 255)
    screen.paste(drawing, (100, 100))
    assert decoded(screen) == LINK


def test_each_terminal_line_sets_fixed_colours_and_ends_them() -> None:
    for line in symbol.terminal(LINK).splitlines():
        assert line.startswith("\x1b[38;5;16;48;5;231m")
        assert line.endswith("\x1b[0m")


def test_the_quiet_zone_is_four_modules_on_every_side() -> None:
    matrix = symbol.modules(LINK, "Q")
    side = len(matrix)
    outside = [(x, y) for x in range(side) for y in range(side) if min(x, y) < 4 or max(x, y) >= side - 4]
    assert not any(matrix[y][x] for x, y in outside)
    assert matrix[4][4]


def test_upper_case_links_stay_in_byte_mode() -> None:
    """Alphanumeric mode would give a smaller symbol, which some phones do not open."""
    assert len(symbol.modules("HTTPS://EXAMPLE.COM/Q/0123456789", "M")) == len(
        symbol.modules("https://example.com/q/0123456789", "M")
    )


def test_the_svg_is_one_compact_path_on_white() -> None:
    drawing = symbol.svg(LINK, "Q").decode()
    assert len(drawing) < 3000
    assert drawing.count("<path") == 2
    assert 'viewBox="0 0 45 45"' in drawing
    assert 'fill="#fff" d="M0 0h45v45H0z"' in drawing


def test_another_process_draws_the_same_bytes() -> None:
    program = f"import sys; from qrcodes import symbol; sys.stdout.buffer.write(symbol.svg({LINK!r}, 'Q'))"
    assert subprocess.check_output([sys.executable, "-c", program]) == symbol.svg(LINK, "Q")
    assert symbol.png(LINK, "Q", 4) == symbol.png(LINK, "Q", 4)


def test_a_text_beyond_every_symbol_is_refused() -> None:
    with pytest.raises(SymbolTooLong, match="3000 bytes do not fit"):
        symbol.svg("x" * 3000, "M")


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=7, max_size=7))
def test_the_outline_encloses_the_dark_modules_and_no_others(inner: list[list[bool]]) -> None:
    light = [[False] * 9]
    matrix = [*light, *([False, *row, False] for row in inner), *light]
    assert _filled(symbol.path_around(matrix), 9) == matrix


def _filled(path: str, side: int) -> symbol.Matrix:
    """Modules around which the path goes once, the dark on its right: the rule "nonzero", by each row."""
    turns = [[0] * (side + 1) for _ in range(side)]
    for loop in path.split("z")[:-1]:
        x, y = map(int, re.findall(r"\d+", loop.partition("h")[0]))
        begin = y
        for step, length in [*re.findall(r"([hv])(-?\d+)", loop), ("v", "")]:
            if step == "h":
                x += int(length)
                continue
            end = y + int(length) if length else begin
            for row in range(min(y, end), max(y, end)):
                turns[row][x] += 1 if end < y else -1
            y = end
    rows = [list(itertools.accumulate(row))[:-1] for row in turns]
    assert {turn for row in rows for turn in row} <= {0, 1}
    return [[turn == 1 for turn in row] for row in rows]
