"""Files as people and attackers send them, made here byte by byte."""

import io
import stat
import struct
import zipfile
import zlib

from PIL import Image

GPS_IFD = 0x8825
ORIENTATION, SERIAL = 0x0112, 0xA431
PLACE = {1: "N", 2: (21.0, 1.0, 42.0), 3: "E", 4: (105.0, 51.0, 12.0)}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><path d="M0 0h1"/></svg>'
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1" + bytes(64)
SCRIPT = b"<script>alert(document.cookie)</script>"


def picture(format_: str = "JPEG", size: tuple[int, int] = (64, 32), mode: str = "RGB") -> bytes:
    """The left half red, the right half blue."""
    image = Image.new(mode, size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    file = io.BytesIO()
    image.save(file, format_, quality=95)
    return file.getvalue()


def photo_with_place(orientation: int = 6) -> bytes:
    """As a phone writes it: lying on its side, with where it was taken and the camera's serial number."""
    image = Image.open(io.BytesIO(picture()))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[SERIAL] = "SN-8812093"
    exif[GPS_IFD] = PLACE
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif, icc_profile=b"profile of a camera" + bytes(128))
    return file.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG whose header alone is there: few bytes, any number of pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(100)))
        + chunk(b"IEND", b"")
    )


def zip_of(members: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def zip_with_link() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        link = zipfile.ZipInfo("sheet.csv")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/hostname")
    return file.getvalue()


def zip_that_says_encrypted() -> bytes:
    data = bytearray(zip_of({"sheet.csv": b"a,b\n"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def zip_that_overlaps() -> bytes:
    """Two entries of the directory name the same bytes."""
    data = zip_of({"a.csv": b"x" * 50, "b.csv": b"x" * 50}, zipfile.ZIP_STORED)
    second = data.rindex(b"PK\x01\x02")
    return data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :]


def bomb(megabytes: int = 50) -> bytes:
    return zip_of({"sheet.csv": bytes(megabytes * 1_000_000)})
