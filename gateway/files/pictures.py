"""Pictures are made anew from their pixels: whatever else a file carried is not in ours.

That drops places and serial numbers of cameras (EXIF, XMP), colour profiles, further frames, and
anything that was appended to be read as another kind of file. A picture is turned upright first.
"""

import io
import threading
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from gateway.files.errors import FileRefused
from gateway.files.media import JPEG, PNG, Media

PIXELS_MAX: Final = 64_000_000  # what the largest phone cameras give
EDGE_PX_MAX: Final = 4_096  # of what is kept: a scratch is still seen, and no page needs more
THUMBNAIL_PX: Final = (360, 270)
AT_ONCE: Final = 2  # a decoded picture takes up to 400 MB, while WebP is read twice that

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_decoding = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Picture:
    """content, thumbnail: whole files; the thumbnail is JPEG. width, height: pixels of ``content``."""

    media: Media
    content: bytes
    width: int
    height: int
    thumbnail: bytes


def remake(data: bytes) -> Picture:
    """Decode and write again. Raises FileRefused: too many pixels, or nothing that can be decoded.

    Pixels are counted from the header, before any is decoded.
    """
    try:
        with _decoding, Image.open(io.BytesIO(data), formats=_FORMATS) as source:
            _check_pixels(source)
            return _made(source)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except FileRefused:
        raise
    except Exception as error:  # decoders of hostile bytes raise whatever they trip over
        raise FileRefused("picture-damaged", "the picture cannot be decoded") from error


def _check_pixels(source: Image.Image) -> None:
    if source.width * source.height > PIXELS_MAX:
        raise _too_many_pixels()


def _made(source: Image.Image) -> Picture:
    source.draft("RGB", (EDGE_PX_MAX, EDGE_PX_MAX))  # a JPEG is decoded no larger than needed
    has_alpha = "A" in source.getbands() or "transparency" in source.info
    wanted = "RGBA" if has_alpha else "RGB"
    # Made small before anything else: each copy of 64 million pixels is 256 MB.
    whole = source if source.mode == wanted else source.convert(wanted)
    whole.thumbnail((EDGE_PX_MAX, EDGE_PX_MAX))
    image = ImageOps.exif_transpose(whole)
    media = PNG if has_alpha or source.format == "PNG" else JPEG
    small = Image.new("RGB", image.size, "white")
    small.paste(image, mask=image.getchannel("A") if has_alpha else None)
    small.thumbnail(THUMBNAIL_PX)
    return Picture(media, _written(image, media), image.width, image.height, _written(small, JPEG))


def _written(image: Image.Image, media: Media) -> bytes:
    """Only pixels: what Pillow remembered of the source would be written, too."""
    image.info.clear()
    file = io.BytesIO()
    if media is JPEG:
        image.save(file, "JPEG", quality=88, optimize=True)
    else:
        image.save(file, "PNG", compress_level=6)
    return file.getvalue()


def _too_many_pixels() -> FileRefused:
    return FileRefused("picture-too-large", f"the picture has more than {PIXELS_MAX} pixels")
