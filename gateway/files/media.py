"""What a file is, by its bytes alone."""

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Final, Literal

import puremagic

from gateway.files.errors import FileRefused

Kind = Literal["picture", "paper", "sheet", "archive"]


@dataclass(frozen=True, slots=True)
class Media:
    """media_type: as it is served. suffix: of the name under which we hand it out, with its dot."""

    media_type: str
    suffix: str
    kind: Kind


JPEG: Final = Media("image/jpeg", ".jpg", "picture")
PNG: Final = Media("image/png", ".png", "picture")
WEBP: Final = Media("image/webp", ".webp", "picture")
PDF: Final = Media("application/pdf", ".pdf", "paper")
CSV: Final = Media("text/csv; charset=utf-8", ".csv", "sheet")
XLSX: Final = Media("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", "sheet")
ZIP: Final = Media("application/zip", ".zip", "archive")

BY_TYPE: Final = {media.media_type: media for media in (JPEG, PNG, WEBP, PDF, CSV, XLSX, ZIP)}
PICTURES: Final = frozenset({JPEG, PNG, WEBP})
EVIDENCE: Final = PICTURES | {PDF, CSV, XLSX}
SHEETS: Final = frozenset({CSV, XLSX, ZIP})  # of a supplier: a sheet, or an archive that holds one

_SIGNATURES: Final = {b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"%PDF-": PDF}
_TAIL: Final = 2_048  # bytes: where a PDF says that it is whole
_SHEET_PART: Final = "xl/workbook.xml"
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_MARKUP: Final = re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|!doctype|html|svg|script|!--)", re.IGNORECASE)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED_PART: Final = "EncryptedPackage".encode("utf-16-le")  # of a workbook with a password ([MS-OFFCRYPTO])
_UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
_HEIF: Final = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"})


def media_of(data: bytes) -> Media:
    """What ``data`` is. Raises FileRefused when it is nothing that we take from anybody."""
    if not data:
        raise FileRefused("file-empty", "the file has no bytes")
    for signature, media in _SIGNATURES.items():
        if data.startswith(signature):
            return _whole(data, media)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith(b"PK\x03\x04"):
        return XLSX if _has_workbook(data) else ZIP
    if _is_table(data):
        return CSV
    raise _unknown(data)


def _whole(data: bytes, media: Media) -> Media:
    """A paper that was cut short, or goes on as something else, is not evidence of anything."""
    if media is PDF and b"%%EOF" not in data[-_TAIL:]:
        raise FileRefused("file-damaged", "the PDF has no end")
    return media


def _has_workbook(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _SHEET_PART in archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False  # damaged: ``archives.check`` says how


def _is_table(data: bytes) -> bool:
    """Text without markup and control characters, in an encoding that suppliers write."""
    is_utf16 = data.startswith(_UTF16_BOMS)
    if _MARKUP.match(data[:_TAIL]) or (b"\0" in data and not is_utf16):
        return False
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            return _CONTROLS.search(text) is None and not (is_utf16 and text.lstrip().startswith("<"))
        except UnicodeDecodeError:
            continue
    return False


def _unknown(data: bytes) -> FileRefused:
    """Name what it seems to be, so that its owner knows which file was taken by mistake."""
    head = data[:_TAIL]
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF:
        return FileRefused("file-heic", "the picture is in HEIF; send it as JPEG")
    if head.startswith(_OLE):
        if _LOCKED_PART in data:
            return FileRefused("file-password", "the workbook has a password; send it without one")
        return FileRefused("file-xls", "the sheet is in the old binary form; save it as XLSX")
    if _MARKUP.match(head):
        return FileRefused("file-markup", "the file is markup (SVG, HTML, XML), which can carry programs")
    try:
        seems = puremagic.from_string(head)
    except (puremagic.PureError, ValueError):
        seems = ""
    like = f"; they look like {seems}" if seems else ""
    return FileRefused("file-kind-unknown", f"the bytes are of no kind that is taken{like}")
