"""The two font families of our documents, which come as packages, and the characters they have."""

from functools import cache
from pathlib import Path
from struct import unpack_from

import fontpkg_be_vietnam_pro
import pylopdf_fonts_zh_cn

LATIN = Path(fontpkg_be_vietnam_pro.ROOT) / "files" / "BeVietnamPro-Regular.ttf"
CHINESE = Path(pylopdf_fonts_zh_cn.sans_path())
FOLDERS = (LATIN.parent, CHINESE.parent)


@cache
def characters() -> frozenset[int]:
    """Code points that at least one of our fonts can draw; all faces of a family have the same."""
    return frozenset(_mapped(LATIN.read_bytes())) | frozenset(_mapped(CHINESE.read_bytes()))


def _mapped(font: bytes) -> list[int]:
    """Code points in the Unicode ``cmap`` of an OpenType font (ISO/IEC 14496-22 §5.2.1)."""
    (tables,) = unpack_from(">H", font, 4)
    directory = (unpack_from(">4sIII", font, 12 + 16 * n) for n in range(tables))
    cmap = next(offset for tag, _, offset, _ in directory if tag == b"cmap")
    (count,) = unpack_from(">H", font, cmap + 2)
    records = [unpack_from(">HHI", font, cmap + 4 + 8 * n) for n in range(count)]
    subtables = {(platform, encoding): cmap + offset for platform, encoding, offset in records}
    if (3, 10) in subtables:
        return _format_12(font, subtables[3, 10])
    return _format_4(font, subtables[3, 1])


def _format_12(font: bytes, start: int) -> list[int]:
    form, _, _, _, groups = unpack_from(">HHIII", font, start)
    assert form == 12
    ranges = (unpack_from(">III", font, start + 16 + 12 * n) for n in range(groups))
    return [point for first, last, _ in ranges for point in range(first, last + 1)]


def _format_4(font: bytes, start: int) -> list[int]:
    form, _, _, twice = unpack_from(">HHHH", font, start)
    assert form == 4
    segments = twice // 2
    ends = unpack_from(f">{segments}H", font, start + 14)
    firsts = unpack_from(f">{segments}H", font, start + 16 + twice)
    return [point for first, last in zip(firsts, ends, strict=True) for point in range(first, last + 1)][:-1]
