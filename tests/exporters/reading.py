"""Reads finished PDFs back, with other tools than those that made them."""

import unicodedata
from io import BytesIO

import pikepdf
import pypdfium2
import zxingcpp
from PIL import ImageOps


def text(content: bytes) -> str:
    """All text of a PDF, page after page, with each run of white space as one space."""
    with pypdfium2.PdfDocument(content) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return unicodedata.normalize("NFC", " ".join("\n".join(pages).split()))


def symbols(content: bytes) -> list[list[str]]:
    """What a scanner reads on each page."""
    with pypdfium2.PdfDocument(content) as document:
        images = [page.render(scale=2.5, grayscale=True).to_pil() for page in document]
    return [[found.text for found in zxingcpp.read_barcodes(image)] for image in images]


def symbols_of_page(content: bytes, page: int) -> list[str]:
    """The same for one page, 1-based; bar codes too."""
    with pypdfium2.PdfDocument(content) as document:
        image = document[page - 1].render(scale=2.5, grayscale=True).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(image)]


def rightmost(content: bytes) -> float:
    """Where the ink ends on the right, as a share of the page's width."""
    with pypdfium2.PdfDocument(content) as document:
        images = [page.render(scale=1, grayscale=True).to_pil() for page in document]
    boxes = [(ImageOps.invert(image).getbbox(), image.width) for image in images]
    return max(box[2] / width for box, width in boxes if box)


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(content))


def fonts_embedded(pdf: pikepdf.Pdf) -> list[bool]:
    """For each font descriptor of the file, whether it carries its font program."""
    keys = ("/FontFile", "/FontFile2", "/FontFile3")
    return [
        any(key in descriptor for key in keys)
        for descriptor in pdf.objects
        if isinstance(descriptor, pikepdf.Dictionary) and descriptor.get("/Type") == "/FontDescriptor"
    ]
