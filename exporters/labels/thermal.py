"""Labels of a roll as ZPL, laid out as the PDF; each symbol is read from the very dots that are sent."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from exporters import fonts
from exporters.errors import UnreadableLabels
from exporters.labels.formats import Format
from exporters.labels.sheet import LabelWords, Placed, place, shortened, text_size_pt
from qrcodes import bulk, zpl
from qrcodes.label import Label
from qrcodes.zpl import Dots, Frame, Graphic, Text, ThermalLabel

MEDIA_TYPE: Final = "application/zpl"
_WIDTH_OF_A_CHARACTER: Final = 0.56  # of its height, in the printer's font, on average and rounded up


def rolls(labels: Sequence[Label], stock: Format, words: LabelWords, dots_per_inch: int) -> bytes:
    """One ``^XA … ^XZ`` a label, in their order.

    Raises SymbolTooLong, SymbolTooSmall, and UnreadableLabels when the dots of one do not read as its link.
    """
    assert dots_per_inch in zpl.RESOLUTIONS
    texts, wrong = [], []
    for n, label in enumerate(labels):
        placed = place(label, stock, dots_per_inch=dots_per_inch)
        made = _label(placed, stock, words, dots_per_inch)
        text = zpl.render(made)
        if not _reads(text, made, label.link):
            wrong.append(n)
        texts.append(text)
    if wrong:
        raise UnreadableLabels(wrong)
    return "".join(texts).encode()


def _reads(text: str, made: ThermalLabel, link: str) -> bool:
    """Whether the first graphic of the finished label, expanded as a printer does, is the link's symbol."""
    dots = made.graphics[0].dots
    sent = text.split(f"{dots.row_size},", 1)[1].split("^FS", 1)[0]
    picture = zpl.picture_of(zpl.expanded(sent, width=dots.width, height=dots.height))
    return [one.text for one in bulk.read(picture)] == [link]


def _label(placed: Placed, stock: Format, words: LabelWords, dpi: int) -> ThermalLabel:
    at = placed.at

    def dots(um: int) -> int:
        return um * dpi // 25_400

    module = round(at.symbol_um * dpi / 25_400 / placed.pixels.side)
    symbol = Graphic(dots(at.symbol_x_um), dots(at.symbol_y_um), zpl.symbol_dots(placed.pixels, module))
    height = round(text_size_pt(at) * dpi / 72)
    width = dots(at.text_width_um)
    said = replace(placed.label, name=shortened(placed.label.name, at))
    lines = list(_lines(said, words, width, height))
    graphics, texts, frames = [symbol], [], []
    x = dots(at.text_x_um)
    total = sum(size * 3 // 2 for _, size, _ in lines)
    y = dots(at.text_y_um) + (max(0, dots(at.text_height_um) - total) // 2 if _is_across(stock) else 0)
    for text, size, is_framed in lines:
        if text.isascii():
            texts.append(Text(x, y, size, text))
        else:
            graphics.append(Graphic(x, y, _drawn(text, size, width)))
        if is_framed:
            frames.append(Frame(x - 4, y - 4, min(width, round(len(text) * size * 0.6)) + 8, size + 8))
        y += size * 3 // 2
    return ThermalLabel(dots(stock.width_um), dots(stock.height_um), graphics, texts, frames)


def _is_across(stock: Format) -> bool:
    return stock.width_um > stock.height_um


def _lines(label: Label, words: LabelWords, width: int, height: int) -> Iterator[tuple[str, int, bool]]:
    """(text, its height in dots, whether it stands in a scratch field) from top to bottom."""
    yield label.host, _fitting(label.host, width, height), False
    if label.name:
        yield label.name, height, False
    if label.grade:
        yield f"{words.grade} {label.grade}", height * 5 // 4, False
    for line in _wrapped(label.printed_code, width, height):
        yield line, height, False
    if label.hidden:
        yield words.hidden, height * 3 // 4, False
        yield label.hidden, _fitting(label.hidden, width, height), True


def _fitting(text: str, width: int, height: int) -> int:
    return min(height, max(10, int(width / (len(text) * _WIDTH_OF_A_CHARACTER))))


def _wrapped(code: str, width: int, height: int) -> list[str]:
    """Whole groups a line; the check character stays with the group before it."""
    *groups, last, check = code.split("-")
    room = int(width / (height * _WIDTH_OF_A_CHARACTER))
    lines = [""]
    for group in [*(f"{group}-" for group in groups), f"{last}-{check}"]:
        if lines[-1] and len(lines[-1]) + len(group) > room:
            lines.append("")
        lines[-1] += group
    return lines


def _drawn(text: str, height: int, width: int) -> Dots:
    """A line that the printer's font may lack characters of, cut at the label's edge."""
    font = _font(height, is_latin=all(ord(one) < 0x2000 for one in text))
    image = Image.new("L", (max(8, min(width, int(font.getlength(text)) + 2)), height * 5 // 4), 255)
    ImageDraw.Draw(image).text((0, 0), text, font=font, fill=0)
    return zpl.dots_of(image)


@cache
def _font(height: int, *, is_latin: bool) -> ImageFont.FreeTypeFont:
    """The faces of our documents (``exporters.fonts``)."""
    return ImageFont.truetype(fonts.LATIN if is_latin else fonts.CHINESE, height * 5 // 6)
