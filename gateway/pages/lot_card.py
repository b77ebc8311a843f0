"""The picture of a public offer that chats show under a link, as PNG and as SVG; never a price."""

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

from exporters import fonts
from gateway.i18n import Formatter, translations
from gateway.pages import words
from qrcodes import symbol

WIDTH, HEIGHT = 1200, 630
MARGIN: Final = 64
QR_SIDE: Final = 336
TEXT_WIDTH: Final = WIDTH - 3 * MARGIN - QR_SIDE
PAPER, CARD, INK, SOFT, ACCENT, TINT = "#f6f5f1", "#ffffff", "#18211f", "#58645f", "#0a6e5c", "#e4f1ed"


@dataclass(frozen=True, slots=True)
class CardTexts:
    """What stands on it, in the reader's language. title: brand and model; mark: the letter of the grade."""

    title: str
    kind: str
    mark: str
    grade: str
    pieces: str
    proof: str
    foot: str


def texts_of(  # what is said of the goods
    language: str,
    *,
    brand: str,
    model: str,
    category: str,
    condition: str,
    grade: str,
    pieces: int,
    lot: str,
) -> CardTexts:
    catalogue = translations(language)

    def word(table: str, slug: str) -> str:
        message = words.message_id(table, slug)
        return slug if message is None else catalogue.gettext(message)

    count = Formatter(language).number(pieces)
    said = catalogue.ngettext("%(text)s piece", "%(text)s pieces", pieces).replace("%(text)s", count)
    return CardTexts(
        title=" ".join(part for part in (brand, model) if part) or word("categories", category),
        kind=f"{word('categories', category)} · {word('conditions', condition)}",
        mark=grade if len(grade) == 1 else "–",
        grade=word("grades", grade),
        pieces=said,
        proof=word("lot_card", "proof"),
        foot=f"Lotproof · {lot}",
    )


def draw_png(texts: CardTexts, link: str) -> bytes:
    """The same texts and link give the same bytes with the same fonts."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((32, 32, WIDTH - 32, HEIGHT - 32), radius=28, fill=CARD)
    for text, size, x, y, colour in _placed(texts):
        pen.text((x, y), text, font=_font(size), fill=colour, anchor="ls")
    pen.rounded_rectangle((MARGIN + 8, 350, MARGIN + 128, 470), radius=20, fill=TINT)
    pen.text((MARGIN + 68, 410), texts.mark, font=_font(72), fill=ACCENT, anchor="mm")
    matrix = symbol.modules(link, symbol.ARTICLE_LEVEL)
    module = QR_SIDE // len(matrix)
    side = module * len(matrix)
    left, top = WIDTH - MARGIN - side, (HEIGHT - side) // 2
    for row, line in enumerate(matrix):
        for column, dark in enumerate(line):
            if dark:
                x, y = left + column * module, top + row * module
                pen.rectangle((x, y, x + module - 1, y + module - 1), fill=INK)
    output = BytesIO()
    image.save(output, "PNG", optimize=True)
    return output.getvalue()


def draw_svg(texts: CardTexts, link: str) -> bytes:
    """As ``draw_png``, for whoever prints it; the texts stay texts."""
    family = "Be Vietnam Pro, Noto Sans SC, system-ui, sans-serif"
    said = "".join(
        f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}">{escape(text)}</text>'
        for text, size, x, y, colour in _placed(texts)
    )
    code = symbol.svg(link, symbol.ARTICLE_LEVEL).decode()
    x, y = WIDTH - MARGIN - QR_SIDE, (HEIGHT - QR_SIDE) // 2
    place = f'<svg x="{x}" y="{y}" width="{QR_SIDE}" height="{QR_SIDE}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{family}">'
        f'<path fill="{PAPER}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
        f'<rect x="32" y="32" width="{WIDTH - 64}" height="{HEIGHT - 64}" rx="28" fill="{CARD}"/>{said}'
        f'<rect x="{MARGIN + 8}" y="350" width="120" height="120" rx="20" fill="{TINT}"/>'
        f'<text x="{MARGIN + 68}" y="436" font-size="72" text-anchor="middle" fill="{ACCENT}">'
        f"{escape(texts.mark)}</text>{code.replace('<svg', place, 1)}</svg>"
    ).encode()


def _placed(texts: CardTexts) -> list[tuple[str, int, int, int, str]]:
    """Each text with its size, where its baseline begins, and its colour."""
    left, title = MARGIN + 8, _fitting(texts.title, 68)
    return [
        (texts.kind, _fitting(texts.kind, 34), left, 140, SOFT),
        (_cut(texts.title, title), title, left, 236, INK),
        (texts.grade, 40, left + 148, 396, INK),
        (texts.pieces, 40, left + 148, 456, SOFT),
        (texts.proof, _fitting(texts.proof, 30), left, 530, ACCENT),
        (texts.foot, 24, left, 572, SOFT),
    ]


def _fitting(text: str, size: int) -> int:
    """The largest size, of ``size`` and below, at which the text stands beside the symbol."""
    while size > 28 and _font(size).getlength(text) > TEXT_WIDTH:
        size -= 2
    return size


def _cut(text: str, size: int) -> str:
    while len(text) > 1 and _font(size).getlength(text) > TEXT_WIDTH:
        text = text[:-2].rstrip() + "…"
    return text


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """The Chinese face: it has the letters of all three languages."""
    return ImageFont.truetype(str(fonts.CHINESE), size)
