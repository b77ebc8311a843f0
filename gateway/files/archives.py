"""Look at a ZIP before anything of it is unpacked (a workbook is one, too).

Whatever unpacks it afterwards may believe its directory: sizes, names and places were checked here, and
``zipfile`` reads no member past the size that the directory states.
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterable
from typing import Final

from gateway.files.errors import FileRefused

MEMBERS_MAX: Final = 1_000
UNPACKED_BYTES_MAX: Final = 200_000_000
RATIO_MAX: Final = 200  # sheets shrink to a thirtieth; only what was made to explode does better
RATIO_FREE_BYTES: Final = 1_000_000  # below this a member may shrink as far as it likes
NAME_CHARS_MAX: Final = 200

_ENCRYPTED: Final = 0x1
_ARCHIVES: Final = (  # ZIP, gzip, bzip2, 7z, RAR, xz, Zstandard
    b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd",
)  # fmt: skip
_PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def check(data: bytes, *, may_hold_archives: bool = False) -> list[zipfile.ZipInfo]:
    """The members of an archive that may be unpacked, folders left out.

    may_hold_archives: for a caller that checks what it unpacks once more.
    Raises FileRefused: damaged, encrypted, too many members, too large or too dense when unpacked, members
    that leave their folder, name one another's place, lie over one another, are links, or are archives.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_sizes(members)
            _check_names(members)
            _check_places(members, len(data))
            files = [member for member in members if not member.is_dir()]
            for member in files:
                _check_member(member)
                if not may_hold_archives:
                    _check_depth(archive, member)
            return files
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError, zlib.error) as error:
        raise FileRefused("archive-damaged", f"the archive is damaged: {error}") from error


def unpack(data: bytes, member: zipfile.ZipInfo) -> bytes:
    """The bytes of one member of an archive that ``check`` let through. Raises FileRefused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read(member)
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error) as error:
        raise FileRefused("archive-damaged", f"{member.filename!r} is damaged: {error}") from error


def _check_sizes(members: Iterable[zipfile.ZipInfo]) -> None:
    members = list(members)
    if len(members) > MEMBERS_MAX:
        raise FileRefused("archive-too-many", f"{len(members)} members are more than {MEMBERS_MAX}")
    if sum(member.file_size for member in members) > UNPACKED_BYTES_MAX:
        raise FileRefused("archive-too-large", f"the archive unpacks to more than {UNPACKED_BYTES_MAX} bytes")
    for member in members:
        if member.file_size > max(RATIO_FREE_BYTES, RATIO_MAX * member.compress_size):
            raise FileRefused(
                "archive-too-large", f"{member.filename!r} unpacks to over {RATIO_MAX} times its bytes"
            )


def _check_names(members: Iterable[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for member in members:
        name = member.orig_filename
        parts = name.replace("\\", "/").split("/")
        is_odd = len(name) > NAME_CHARS_MAX or not name.isprintable() or "\\" in name or ":" in name
        if is_odd or name.startswith("/") or ".." in parts or "." in parts:
            raise FileRefused("archive-path", f"a member would lie elsewhere: {name[:80]!r}")
        if name.casefold() in seen:
            raise FileRefused("archive-path", f"two members are named {name[:80]!r}")
        seen.add(name.casefold())


def _check_places(members: Iterable[zipfile.ZipInfo], size: int) -> None:
    """Members that share their bytes unpack to far more than the archive's size lets one expect."""
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise FileRefused("archive-damaged", f"{member.filename!r} lies over the member before it")
        end = member.header_offset + member.compress_size
    if end > size:
        raise FileRefused("archive-damaged", "the archive names bytes behind its end")


def _check_member(member: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        raise FileRefused("archive-link", f"{member.filename!r} is a link or a device, not a file")
    if member.flag_bits & _ENCRYPTED:
        raise FileRefused("archive-encrypted", f"{member.filename!r} is encrypted")
    if member.compress_type not in _PACKINGS:
        raise FileRefused("archive-damaged", f"{member.filename!r} is packed in a way that is not taken")


def _check_depth(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    with archive.open(member) as file:
        if file.read(8).startswith(_ARCHIVES):
            raise FileRefused("archive-nested", f"{member.filename!r} is an archive itself")
