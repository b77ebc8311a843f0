"""An archive is judged by its directory before anything of it is unpacked (attack A51)."""

import zipfile

import pytest

from gateway.files import archives
from gateway.files.errors import FileRefused
from tests.gateway.files import samples


def refused(data: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        archives.check(data)
    return caught.value.reason


def test_files_of_a_sound_archive_are_named_and_unpacked() -> None:
    data = samples.zip_of({"folder/": b"", "folder/sheet.csv": b"a,b\n", "读我.txt": b"x"})
    members = archives.check(data)
    assert [member.filename for member in members] == ["folder/sheet.csv", "读我.txt"]
    assert archives.unpack(data, members[0]) == b"a,b\n"


def test_what_unpacks_to_too_much_is_refused_by_its_size() -> None:
    assert refused(samples.bomb()) == "archive-too-large"


def test_many_small_bombs_are_one_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "UNPACKED_BYTES_MAX", 3_000)
    data = samples.zip_of({f"{n}.csv": bytes(1_000) for n in range(4)})
    assert refused(data) == "archive-too-large"


def test_too_many_members_are_refused() -> None:
    data = samples.zip_of({str(n): b"" for n in range(archives.MEMBERS_MAX + 1)}, zipfile.ZIP_STORED)
    assert refused(data) == "archive-too-many"


@pytest.mark.parametrize(
    "name",
    ["../../etc/cron.d/x", "/etc/passwd", "a/../../b", "..\\x.csv", "C:x.csv", "a\nb", "./x", "n" * 300],
)
def test_a_member_never_lies_outside(name: str) -> None:
    assert refused(samples.zip_of({name: b"x"})) == "archive-path"


def test_two_members_cannot_have_one_name() -> None:
    assert refused(samples.zip_of({"Sheet.csv": b"1", "sheet.csv": b"2"})) == "archive-path"


def test_links_are_refused() -> None:
    assert refused(samples.zip_with_link()) == "archive-link"


def test_encrypted_members_are_refused() -> None:
    assert refused(samples.zip_that_says_encrypted()) == "archive-encrypted"


@pytest.mark.parametrize(
    "inner", [samples.zip_of({"a": b"a"}), b"\x1f\x8b\x08rest of it", b"7z\xbc\xaf\x27\x1c..."]
)
def test_archives_within_archives_are_refused(inner: bytes) -> None:
    data = samples.zip_of({"sheet.csv": inner})
    assert refused(data) == "archive-nested"
    assert len(archives.check(data, may_hold_archives=True)) == 1


def test_members_that_share_their_bytes_are_refused() -> None:
    assert refused(samples.zip_that_overlaps()) == "archive-damaged"


def test_an_archive_cut_anywhere_is_refused_and_never_breaks_us() -> None:
    data = samples.zip_of({"sheet.csv": b"a,b\n" * 100})
    for length in range(0, len(data), 7):
        assert refused(data[:length]) == "archive-damaged"


def test_a_member_that_is_not_what_the_directory_says_is_damaged() -> None:
    data = bytearray(samples.zip_of({"sheet.csv": b"a,b,c,d\n" * 9}, zipfile.ZIP_STORED))
    data[60] ^= 1
    with pytest.raises(FileRefused, match="damaged"):
        archives.unpack(bytes(data), archives.check(bytes(data))[0])


def test_a_member_is_never_read_past_the_size_that_the_directory_states() -> None:
    data = bytearray(samples.zip_of({"sheet.csv": bytes(3_000_000)}))
    at = data.rindex(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(FileRefused, match="damaged"):
        archives.unpack(bytes(data), archives.check(bytes(data))[0])
