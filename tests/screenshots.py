"""Every sample page as a picture, to be looked at: ``python -m tests.screenshots OUT [NAME ...]``.

OUT/<language>-<width>/<page>.png   the whole page
OUT/<language>-<width>-<n>.png      contact sheets, a dozen pages each

Without a name all pages are taken; dark pictures with ``--dark``. ``--verdicts`` takes what a code may say
of goods, one page a verdict, as a small phone shows it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, sync_playwright

from gateway.i18n import LANGUAGES
from tests.gateway.pages.browsing import launched, sheet
from tests.gateway.pages.samples import PAGES

WIDTHS = (390, 820, 1440)
SMALL_PHONE = 360
VERDICTS = (
    "consumer-whole",
    "consumer-seen",
    "consumer-claimed",
    "consumer-distrusted",
    "consumer-missing",
    "consumer-gone",
    "consumer-recalled",
    "consumer-changed",
    "not-found",
)
PER_SHEET = 12
TILE_WIDTH = {SMALL_PHONE: 300, 390: 300, 820: 440, 1440: 560}
TILE_HEIGHT = {SMALL_PHONE: 900, 390: 900, 820: 760, 1440: 640}
MARGIN = 12
NAME_HEIGHT = 18


def main(arguments: Sequence[str]) -> None:
    if "--help" in arguments or not any(not argument.startswith("--") for argument in arguments):
        print(__doc__)
        return
    scheme = "dark" if "--dark" in arguments else "light"
    folder, *names = [argument for argument in arguments if not argument.startswith("--")]
    of_verdicts = "--verdicts" in arguments
    chosen = names or list(VERDICTS if of_verdicts else PAGES)
    with sync_playwright() as playwright:
        browser = launched(playwright)
        for language in LANGUAGES:
            for width in (SMALL_PHONE,) if of_verdicts else WIDTHS:
                _take(browser, Path(folder), chosen, language, width, scheme)
        browser.close()


def _take(
    browser: Browser, folder: Path, names: Sequence[str], language: str, width: int, scheme: str
) -> None:
    place = folder / f"{language}-{width}"
    place.mkdir(parents=True, exist_ok=True)
    with sheet(browser, language, width, scheme) as shown:
        for name in names:
            shown.show(*PAGES[name])
            shown.page.screenshot(path=place / f"{name}.png", full_page=True)
    for start in range(0, len(names), PER_SHEET):
        part = [place / f"{name}.png" for name in names[start : start + PER_SHEET]]
        _contact_sheet(part, width).save(folder / f"{language}-{width}-{start // PER_SHEET + 1}.png")


def _contact_sheet(pictures: Sequence[Path], width: int) -> Image.Image:
    across = 6 if width <= WIDTHS[0] else 4
    tile_width, tile_height = TILE_WIDTH[width], TILE_HEIGHT[width]
    rows = -(-len(pictures) // across)
    size = (across * (tile_width + MARGIN) + MARGIN, rows * (tile_height + NAME_HEIGHT + MARGIN) + MARGIN)
    made = Image.new("RGB", size, "#777")
    drawing = ImageDraw.Draw(made)
    for n, path in enumerate(pictures):
        left = MARGIN + n % across * (tile_width + MARGIN)
        top = MARGIN + n // across * (tile_height + NAME_HEIGHT + MARGIN)
        with Image.open(path) as picture:
            height = picture.height * tile_width // picture.width
            small = picture.convert("RGB").resize((tile_width, height), Image.Resampling.LANCZOS)
        made.paste(small.crop((0, 0, tile_width, min(height, tile_height))), (left, top + NAME_HEIGHT))
        drawing.text((left, top + 2), path.stem, fill="white")
    return made


if __name__ == "__main__":
    main(sys.argv[1:])
