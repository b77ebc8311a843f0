"""Many symbols at once, and reading them again.

``symbol.modules`` draws single codes with ``qrcode``; here ``zxing-cpp`` draws in a tenth of the time.
The mask, and so the picture, may differ; what is read from both is the same text, which tests compare.
The reader is the same library's decoder, which shares no code with ``qrcode`` and none with its own
encoder but the tables of ISO/IEC 18004.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import zxingcpp
from PIL import Image

from qrcodes import symbol
from qrcodes.errors import SymbolTooLong
from qrcodes.symbol import QUIET_ZONE, Level

DARK, LIGHT = 0, 255


@dataclass(frozen=True, slots=True)
class Pixels:
    """One byte a module, row by row, the quiet zone included. data: side × side bytes, DARK or LIGHT."""

    side: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """A symbol found in a picture. x, y: its middle, in pixels from the upper left corner."""

    text: str
    x: int
    y: int


def pixels(text: str, level: Level) -> Pixels:
    """Encode ``text`` in the smallest symbol that holds it. Raises SymbolTooLong when none does."""
    try:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    except ValueError as error:
        raise SymbolTooLong(f"{len(text.encode())} bytes do not fit a QR symbol at level {level}") from error
    image = zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=True)
    found = Pixels(image.shape[0], bytes(memoryview(image)))  # type: ignore[arg-type]  # it is a buffer
    assert len(found.data) == found.side**2
    assert found.data.startswith(bytes([LIGHT]) * found.side * QUIET_ZONE)
    return found


def svg(text: str, level: Level) -> bytes:
    """As ``symbol.svg``, quicker, with the mask that zxing-cpp takes. Raises SymbolTooLong."""
    found = pixels(text, level)
    rows = (found.data[start : start + found.side] for start in range(0, len(found.data), found.side))
    return symbol.drawn([[pixel == DARK for pixel in row] for row in rows])


def read(picture: Image.Image, *, upright: bool = True) -> Iterator[Read]:
    """Every QR symbol in a picture, in no order. upright: as we print it; a photo may be turned."""
    for code in zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        try_rotate=not upright,
        try_downscale=not upright,
        try_invert=False,
    ):
        at = code.position
        corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
        yield Read(code.text, sum(c.x for c in corners) // 4, sum(c.y for c in corners) // 4)
