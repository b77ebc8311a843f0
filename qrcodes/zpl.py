r"""Labels for thermal printers in ZPL II.

::

    ^XA^CI28^PW400^LL240^LH0,0                    Zebra Programming Guide, ZPL commands
    ^FO8,30^GFA,4140,4140,23,000000…:::…^FS      the symbol, dot by dot
    ^FO200,40^A0N,22,22^FH^FDdemo.lotproof.example^FS
    ^XZ

The symbol is sent as dots and not as ``^BQ``: what the printer's firmware would draw nobody can read
before it is printed. Text that the printer's own font cannot draw comes as dots, too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from qrcodes.bulk import DARK, Pixels

RESOLUTIONS: Final = (203, 300, 600)  # dots per inch of the printers that are sold
_PLAIN: Final = frozenset(map(chr, range(0x20, 0x7F))) - set("^~_\\")


@dataclass(frozen=True, slots=True)
class Dots:
    """One bit a dot, row by row, most significant bit first, rows filled to whole bytes; 1 is black."""

    width: int
    height: int
    data: bytes

    @property
    def row_size(self) -> int:
        return -(-self.width // 8)


@dataclass(frozen=True, slots=True)
class Graphic:
    x: int
    y: int
    dots: Dots


@dataclass(frozen=True, slots=True)
class Text:
    """A line in the printer's scalable font; height in dots."""

    x: int
    y: int
    height: int
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ThermalLabel:
    """Everything in dots from the upper left corner."""

    width: int
    height: int
    graphics: Sequence[Graphic]
    texts: Sequence[Text]
    frames: Sequence[Frame] = ()


def render(label: ThermalLabel) -> str:
    """One ``^XA … ^XZ``; nothing in a text is read as a command."""
    lines = [f"^XA^CI28^PW{label.width}^LL{label.height}^LH0,0"]
    lines += [f"^FO{one.x},{one.y}{_graphic(one.dots)}^FS" for one in label.graphics]
    lines += [
        f"^FO{one.x},{one.y}^A0N,{one.height},{one.height}^FH^FD{escaped(one.text)}^FS" for one in label.texts
    ]
    lines += [f"^FO{one.x},{one.y}^GB{one.width},{one.height},1^FS" for one in label.frames]
    return "\n".join([*lines, "^XZ", ""])


def escaped(text: str) -> str:
    """Field data under ``^FH``: ``_`` and two digits a byte of what is not ASCII or could be a command."""
    return "".join(
        character if character in _PLAIN else "".join(f"_{byte:02X}" for byte in character.encode())
        for character in text
    )


def symbol_dots(pixels: Pixels, module_dots: int) -> Dots:
    """A symbol with square modules of whole dots."""
    side = pixels.side * module_dots
    image = Image.frombytes("L", (pixels.side, pixels.side), pixels.data).resize(
        (side, side), Image.Resampling.NEAREST
    )
    return dots_of(image)


def dots_of(image: Image.Image) -> Dots:
    """A picture as dots: black where it is darker than half."""
    bits = image.convert("L").point(lambda value: 255 if value <= (DARK + 255) // 2 else 0).convert("1")
    return Dots(image.width, image.height, bits.tobytes())


def picture_of(dots: Dots) -> Image.Image:
    """Dots as they come out of the printer, black on white."""
    inverted = bytes(byte ^ 0xFF for byte in dots.data)
    return Image.frombytes("1", (dots.width, dots.height), inverted).convert("L")


def compressed(dots: Dots) -> str:
    """Rows as hex; a row like the one before is ``:``, zeros up to a row's end are ``,``."""
    return "".join(_rows(dots))


def expanded(text: str, *, width: int, height: int) -> Dots:
    """What ``compressed`` made, read as a printer does. Raises ValueError for anything else."""
    digits = 2 * -(-width // 8)
    rows: list[str] = []
    position = 0
    while position < len(text):
        if text[position] == ":":
            if not rows:
                raise ValueError("no row stands before the first")
            rows.append(rows[-1])
            position += 1
            continue
        end = text.find(",", position, position + digits)
        stop = position + digits if end < 0 else end
        rows.append(text[position:stop].ljust(digits, "0"))
        position = stop + (end >= 0)
    if len(rows) != height:
        raise ValueError(f"{len(rows)} rows, {height} announced")
    return Dots(width, height, bytes.fromhex("".join(rows)))


def _rows(dots: Dots) -> Iterator[str]:
    before = b""
    for start in range(0, len(dots.data), dots.row_size):
        row = dots.data[start : start + dots.row_size]
        if row == before:
            yield ":"
        else:
            digits = row.hex().upper().rstrip("0")
            yield digits + "," if len(digits) < 2 * dots.row_size else digits
        before = row


def _graphic(dots: Dots) -> str:
    return f"^GFA,{len(dots.data)},{len(dots.data)},{dots.row_size},{compressed(dots)}"
