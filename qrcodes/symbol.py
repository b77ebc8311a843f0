"""Text to a QR symbol (ISO/IEC 18004) as SVG, PNG or terminal characters; same text, same bytes.

Every symbol is in byte mode, because upper-case alphanumeric links fail on some phones, and has
the quiet zone of 4 modules that ISO/IEC 18004 demands.
"""

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Literal

import qrcode
from PIL import Image
from qrcode.exceptions import DataOverflowError
from qrcode.util import MODE_8BIT_BYTE, QRData

from qrcodes.errors import SymbolTooLong

Level = Literal["L", "M", "Q", "H"]
Matrix = list[list[bool]]  # rows of modules, quiet zone included; True is dark
Point = tuple[int, int]
_RUN = re.compile("1+")

ARTICLE_LEVEL: Level = "Q"  # item labels live in warehouses: it survives a solid stain of 10 % of the symbol
CARTON_LEVEL: Level = "M"  # cartons are read from afar: fewer modules make larger ones
DOCUMENT_LEVEL: Level = "M"  # paper in a folder stays clean, and space on the page is dear
QUIET_ZONE = 4  # modules

_LEVELS = {
    "L": qrcode.ERROR_CORRECT_L,
    "M": qrcode.ERROR_CORRECT_M,
    "Q": qrcode.ERROR_CORRECT_Q,
    "H": qrcode.ERROR_CORRECT_H,
}
# Colours 16 and 231 of the fixed 6x6x6 cube: a terminal's theme recolours only the first sixteen.
_BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m"
_RESET = "\x1b[0m"


def outline(text: str, level: Level) -> tuple[int, str]:
    """Modules of a side, and the path around the dark ones in those units, for who draws it himself."""
    matrix = modules(text, level)
    return len(matrix), path_around(matrix)


def svg(text: str, level: Level) -> bytes:
    """Draw ``text`` as an SVG with one unit per module: a white ground and a single path.

    The path follows the outlines of dark areas, so that no viewer shows seams between modules.
    """
    return drawn(modules(text, level))


def drawn(matrix: Matrix) -> bytes:
    """The modules of a symbol as SVG."""
    side, path = len(matrix), path_around(matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    ).encode()


def png(text: str, level: Level, module_px: int) -> bytes:
    """Draw ``text`` as a black-and-white PNG, ``module_px`` pixels per module."""
    matrix = modules(text, level)
    side = len(matrix)
    image = Image.new("1", (side, side))
    image.putdata([0 if dark else 255 for row in matrix for dark in row])
    output = BytesIO()
    image.resize((side * module_px, side * module_px), Image.Resampling.NEAREST).save(output, "PNG")
    return output.getvalue()


def terminal(text: str) -> str:
    """Draw ``text`` in half-block characters, two modules a character, one line per pair of rows.

    Colours are set on each line, so it scans on dark and on light terminals alike.
    """
    matrix = modules(text, CARTON_LEVEL)
    if len(matrix) % 2:
        matrix.append([False] * len(matrix))
    lines = (
        "".join(" ▄▀█"[2 * upper + lower] for upper, lower in zip(above, below, strict=True))
        for above, below in zip(matrix[::2], matrix[1::2], strict=True)
    )
    return "".join(f"{_BLACK_ON_WHITE}{line}{_RESET}\n" for line in lines)


def modules(text: str, level: Level) -> Matrix:
    """Encode ``text`` in the smallest symbol that holds it; the mask is the standard's own choice.

    Raises SymbolTooLong when no symbol holds it.
    """
    code = qrcode.QRCode(error_correction=_LEVELS[level], border=QUIET_ZONE)
    code.add_data(QRData(text.encode(), mode=MODE_8BIT_BYTE))
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        raise SymbolTooLong(f"{len(text.encode())} bytes do not fit a QR symbol at level {level}") from error
    return [[bool(module) for module in row] for row in code.get_matrix()]


def path_around(matrix: Matrix) -> str:
    """Every outline of the dark areas as an SVG path, dark on the right hand side.

    An outline turns at each of its corners, so it goes along a row and along a column in turn.
    """
    along_rows = _pieces(matrix)
    along_columns = _pieces(list(zip(*matrix, strict=True)), turned=True)
    loops = []
    while along_rows:
        here = begin = next(iter(along_rows))
        loop = [f"M{begin[0]} {begin[1]}"]
        while True:
            corner = (_taken(along_rows, here), here[1])
            loop.append(f"h{corner[0] - here[0]}")
            here = (corner[0], _taken(along_columns, corner))
            if here == begin:
                break
            loop.append(f"v{here[1] - corner[1]}")
        loops.append("".join(loop))
    return "".join(f"{loop}z" for loop in loops)


def _pieces(rows: Sequence[Sequence[bool]], *, turned: bool = False) -> dict[Point, list[int]]:
    """Straight pieces of outline between rows: (x, y) of the begin -> x of the ends; two where corners meet.

    turned: the rows are columns, and so is what is found: (x, y) of the begin -> y of the ends.
    """
    width = len(rows)
    found: dict[Point, list[int]] = {}
    above = 0
    for place, row in enumerate([*rows, [False] * width]):
        below = int("".join(map("01".__getitem__, row)), 2)
        for dark, forth in ((below & ~above, not turned), (above & ~below, turned)):
            for piece in _RUN.finditer(f"{dark:0{width}b}"):
                begin, end = piece.span() if forth else piece.span()[::-1]
                found.setdefault((place, begin) if turned else (begin, place), []).append(end)
        above = below
    return found


def _taken(pieces: dict[Point, list[int]], begin: Point) -> int:
    """Where a piece ends that begins there; it is not taken twice."""
    ends = pieces[begin]
    if len(ends) > 1:
        return ends.pop()
    del pieces[begin]
    return ends[0]
