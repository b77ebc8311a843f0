"""A file is what its bytes are; a short list of kinds is taken from anybody."""

import pytest

from gateway.files.errors import FileRefused
from gateway.files.media import CSV, JPEG, PDF, PNG, WEBP, XLSX, ZIP, Media, media_of
from tests.gateway.files import samples
from tests.gateway.sheet_files import xlsx_file


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (samples.picture("JPEG"), JPEG),
        (samples.picture("PNG"), PNG),
        (samples.picture("WEBP"), WEBP),
        (samples.PDF, PDF),
        (xlsx_file([["a"]]), XLSX),
        (samples.zip_of({"a.csv": b"a"}), ZIP),
        ("品牌,数量\n星野,12\n".encode("gb18030"), CSV),
        ("\ufeffbrand\tpieces\n".encode(), CSV),
    ],
    ids=["jpeg", "png", "webp", "pdf", "xlsx", "zip", "csv in GB 18030", "csv with a mark"],
)
def test_bytes_say_what_a_file_is(data: bytes, media: Media) -> None:
    assert media_of(data) is media


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "file-empty"),
        (samples.SVG, "file-markup"),
        (b"\xef\xbb\xbf  <?xml version='1.0'?><svg/>", "file-markup"),
        (b"<!DOCTYPE html><p>", "file-markup"),
        (b"<ScRiPt>alert(1)</ScRiPt>", "file-markup"),
        (samples.HEIC, "file-heic"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file-xls"),
        (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", "file-kind-unknown"),
        (b"MZ\x90\x00" + bytes(100), "file-kind-unknown"),
        (b"\x7fELF" + bytes(100), "file-kind-unknown"),
        (b"a,b\n1,\x002\n", "file-kind-unknown"),
        (b"a,b\n\x1b[2J,2\n", "file-kind-unknown"),
        (samples.PDF[:-8], "file-damaged"),
    ],
)
def test_what_is_not_on_the_list_is_refused_by_name(data: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as caught:
        media_of(data)
    assert caught.value.reason == reason
