"""Text to a QR symbol (ISO/IEC 18004) as SVG, PNG or terminal characters; same text, same bytes.

Every symbol is in byte mode, because upper-case alphanumeric links fail on some phones, and has
the quiet zone of 4 modules that ISO/IEC 18004 demands.
"""

from io import BytesIO
from itertools import pairwise
from typing import Literal

import qrcode
from PIL import Image
from qrcode.exceptions import DataOverflowError
from qrcode.util import MODE_8BIT_BYTE, QRData

from qrcodes.errors import SymbolTooLong

Level = Literal["L", "M", "Q", "H"]
Matrix = list[list[bool]]  # rows of modules, quiet zone included; True is dark
Point = tuple[int, int]

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
    """Every outline of the dark areas as an SVG path, dark on the right hand side."""
    edges = _edges(matrix)
    loops = []
    while edges:
        start = min(edges)
        loop = [start]
        while (here := edges[loop[-1]].pop()) != start:
            if not edges[loop[-1]]:
                del edges[loop[-1]]
            loop.append(here)
        if not edges[loop[-1]]:
            del edges[loop[-1]]
        loops.append(_corners(loop))
    return "".join(loops)


def _edges(matrix: Matrix) -> dict[Point, list[Point]]:
    """Unit edges between a dark and a light module, keyed by the point (x, y) where each begins."""
    edges: dict[Point, list[Point]] = {}
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if not dark:  # the quiet zone keeps every dark module away from the border
                continue
            for lit, begin, end in (
                (not matrix[y - 1][x], (x, y), (x + 1, y)),
                (not row[x + 1], (x + 1, y), (x + 1, y + 1)),
                (not matrix[y + 1][x], (x + 1, y + 1), (x, y + 1)),
                (not row[x - 1], (x, y + 1), (x, y)),
            ):
                if lit:
                    edges.setdefault(begin, []).append(end)
    return edges


def _corners(loop: list[Point]) -> str:
    corners = [
        here
        for before, here, after in zip([loop[-1], *loop[:-1]], loop, [*loop[1:], loop[0]], strict=True)
        if (before[0] == here[0]) != (here[0] == after[0])
    ]
    steps = (f"h{x2 - x1}" if y1 == y2 else f"v{y2 - y1}" for (x1, y1), (x2, y2) in pairwise(corners))
    return f"M{corners[0][0]} {corners[0][1]}{''.join(steps)}z"
