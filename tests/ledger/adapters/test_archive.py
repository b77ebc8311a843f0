"""A mirror in one zip file: read without unpacking, and nothing in it is trusted."""

import zipfile
from pathlib import Path

import pytest

from ledger.adapters.archive import Archive
from ledger.errors import MissingEvidence, StorageError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "log.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("checkpoint", b"note" * 100)
        archive.writestr("tile/0/000", b"\x00" * 8192)
    return made


def test_members_are_objects(path: Path) -> None:
    archive = Archive(path)
    assert archive.get("checkpoint") == b"note" * 100
    assert list(archive.keys()) == ["checkpoint", "tile/0/000"]
    assert list(archive.keys("tile")) == ["tile/0/000"]


def test_an_absent_member_is_missing_evidence(path: Path) -> None:
    with pytest.raises(MissingEvidence, match="is not in the archive"):
        Archive(path).get("tile/1/000")


def test_what_is_no_zip_is_missing_evidence(tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"junk")
    for name in ("junk", "absent"):
        with pytest.raises(MissingEvidence, match="cannot be read as a zip"):
            Archive(tmp_path / name)


def test_a_damaged_member_is_missing_evidence(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[45] ^= 0xFF  # inside the first member's compressed bytes
    path.write_bytes(bytes(whole))
    with pytest.raises(MissingEvidence, match="cannot be unpacked"):
        Archive(path).get("checkpoint")


def test_a_member_larger_than_any_bundle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("checkpoint", bytes(256 * 65_537 + 1))
    with pytest.raises(StorageError, match="larger than any tile"):
        Archive(path).get("checkpoint")


def test_an_archive_is_read_only(path: Path) -> None:
    for write in (Archive(path).create, Archive(path).replace):
        with pytest.raises(StorageError, match="read only"):
            write("checkpoint", b"")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_no_damaged_byte_is_anything_but_missing_evidence(tmp_path: Path, method: int) -> None:
    """Each byte in turn, the headers and the directory included: zipfile raises a dozen classes."""
    path = tmp_path / "log.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("checkpoint", b"note" * 20)
    whole = path.read_bytes()
    for position in range(len(whole)):
        for flip in (0x01, 0x80, 0xFF):
            damaged = bytearray(whole)
            damaged[position] ^= flip
            path.write_bytes(bytes(damaged))
            try:
                Archive(path).get("checkpoint")
            except (MissingEvidence, StorageError):
                continue


def test_a_zip_of_an_unknown_version_is_missing_evidence(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[whole.index(b"PK\x01\x02") + 6] = 99  # version needed to extract, in the directory
    path.write_bytes(bytes(whole))
    with pytest.raises(MissingEvidence, match="cannot be read as a zip"):
        Archive(path)


def test_a_member_of_a_cut_lzma_stream_is_missing_evidence(tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("checkpoint", b"note" * 100)
    whole = bytearray(path.read_bytes())
    whole[40 + 4 : 40 + 9] = b"\xff" * 5  # the filter's properties, after name and two sizes
    path.write_bytes(bytes(whole))
    with pytest.raises(MissingEvidence, match="cannot be unpacked"):
        Archive(path).get("checkpoint")
