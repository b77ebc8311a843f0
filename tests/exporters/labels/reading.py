"""Labels as a camera or an old scanner sees them, and two readers that share no code.

Source of what may be expected: traceability 9.3, which simulated rotation of ±12°, blur, noise and 70 %
contrast by pixels a module, and solid damage by level.
"""

import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from exporters.labels import sheet
from exporters.labels.formats import Format, Placement, formats, placement
from qrcodes import bulk
from qrcodes.label import Label
from tests.exporters.labels.making import WORDS, made

DPI = 150
FRAGMENT = "s1." + "A" * 128
DAMAGED = {"Q": 0.08, "M": 0.05}  # of the symbol's area; Q is said to survive 0.10, M 0.06
# From so many pixels a module on at least this part reads. All do, says the source; of thousands that are
# turned, blurred, pale and noisy at once, two in a thousand do not.
_EDGES = ((2.0, 0.67), (2.5, 0.80), (3.0, 0.99))


@dataclass(frozen=True)
class Sight:
    """One label as it was seen. kind: photo, damaged."""

    text: str
    kind: str
    pixels_a_module: float
    picture: Image.Image


@dataclass(frozen=True)
class Rates:
    """Labels seen, and the part of them that each reader read, by kind and pixels a module."""

    seen: dict[tuple[str, float], int]
    zxing: dict[tuple[str, float], float]
    zbar: dict[tuple[str, float], float] | None  # None: zbarimg is not installed


def sights(count: int, seed: int) -> Iterator[Sight]:
    """``count`` labels of every format, plain and signed, articles and cartons, half of them damaged."""
    chance = random.Random(seed)
    stocks = list(formats().values())
    each = -(-count // len(stocks))
    for number, stock in enumerate(stocks):
        signed = FRAGMENT if stock.id in ("a4_3x8", "roll_100x150") and number % 2 == 0 else ""
        level = "carton" if stock.id == "roll_100x150" else "article"
        labels = made(min(each, count - number * each), fragment=signed, level=level, seed=seed + number)
        for label, picture in _cut(labels, stock):
            yield _seen(label, picture, stock, chance)


def rates(found: Sequence[Sight], folder: Path) -> Rates:
    zxing = [{one.text for one in bulk.read(sight.picture, upright=False)} for sight in found]
    zbar = _zbar(found, folder)
    by = {key: [n for n, one in enumerate(found) if _class(one) == key] for key in map(_class, found)}
    return Rates(
        seen={key: len(numbers) for key, numbers in by.items()},
        zxing={key: _part(found, numbers, zxing) for key, numbers in by.items()},
        zbar=None if zbar is None else {key: _part(found, numbers, zbar) for key, numbers in by.items()},
    )


def expected(kind: str, pixels_a_module: float) -> float:
    """The part that should be read at least. Damage is said to be survived where pixels are enough."""
    if kind == "damaged":
        return 0.98 if pixels_a_module >= 3.0 else 0.0
    return max((part for edge, part in _EDGES if pixels_a_module >= edge), default=0.0)


def _class(one: Sight) -> tuple[str, float]:
    return one.kind, max((edge for edge, _ in _EDGES if one.pixels_a_module >= edge), default=0.0)


def _part(found: Sequence[Sight], numbers: Sequence[int], read: Sequence[set[str]]) -> float:
    return sum(found[n].text in read[n] for n in numbers) / len(numbers)


def _cut(labels: Sequence[Label], stock: Format) -> Iterator[tuple[Label, Image.Image]]:
    """The finished file at DPI, cut along its labels."""
    content = sheet.sheets(labels, stock, WORDS)
    with closing(pypdfium2.PdfDocument(content)) as document:
        pages = [page.render(scale=DPI / 72, grayscale=True).to_pil() for page in document]
    for n, label in enumerate(labels):
        cell = n % stock.labels_a_page
        x = stock.left_um + cell % stock.columns * (stock.width_um + stock.gap_x_um)
        y = stock.top_um + cell // stock.columns * (stock.height_um + stock.gap_y_um)
        box = [um * DPI // 25_400 for um in (x, y, x + stock.width_um, y + stock.height_um)]
        yield label, pages[n // stock.labels_a_page].crop((box[0], box[1], box[2], box[3]))


def _seen(label: Label, picture: Image.Image, stock: Format, chance: random.Random) -> Sight:
    side = bulk.pixels(label.link, label.symbol_level).side
    at = placement(stock, side)
    pixels_a_module = at.symbol_um / side * DPI / 25_400
    if chance.random() < 0.5:
        return Sight(label.link, "damaged", pixels_a_module, _damaged(label, picture, at, side, chance))
    turned = picture.rotate(
        chance.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True, fillcolor=255
    ).filter(ImageFilter.GaussianBlur(chance.uniform(0.4, 0.8)))
    pale = turned.point(lambda value: 255 - round((255 - value) * 0.7))
    strength = chance.uniform(8, 24)
    noise = Image.frombytes("L", pale.size, chance.randbytes(pale.width * pale.height)).point(
        lambda value: 128 + round((value - 128) * strength / 128)
    )
    return Sight(label.link, "photo", pixels_a_module, ImageChops.add(pale, noise, 1, -128))


def _damaged(
    label: Label, picture: Image.Image, at: Placement, side: int, chance: random.Random
) -> Image.Image:
    """A solid square away from the corners that a reader finds the symbol by, black or white."""
    modules = side - 8
    edge = round((DAMAGED[label.symbol_level] * modules**2) ** 0.5)
    scale = at.symbol_um / side * DPI / 25_400
    room = modules - 9 - edge
    left, top = (4 + 9 + chance.random() * max(0, room - 9) for _ in range(2))
    x = at.symbol_x_um * DPI / 25_400 + left * scale
    y = at.symbol_y_um * DPI / 25_400 + top * scale
    torn = picture.copy()
    box = (x, y, x + edge * scale, y + edge * scale)
    ImageDraw.Draw(torn).rectangle(box, fill=chance.choice((0, 255)))
    return torn


def _zbar(found: Sequence[Sight], folder: Path) -> list[set[str]] | None:
    if shutil.which("zbarimg") is None:
        return None
    read: list[set[str]] = []
    for n, one in enumerate(found):
        path = folder / f"{n}.png"
        bordered = Image.new("L", (one.picture.width + 40, one.picture.height + 40), 255)
        bordered.paste(one.picture, (20, 20))
        bordered.save(path)
        command = ["zbarimg", "--raw", "-q", "-Sdisable", "-Sqrcode.enable", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        read.append(set(done.stdout.split()))
        path.unlink()
    return read
