"""From what was sent to what is kept."""

from collections.abc import AsyncIterator
from hashlib import sha256

import anyio
import pytest

from gateway.files.errors import FileRefused, FileTooLarge
from gateway.files.intake import accept, sheet_in
from gateway.files.media import EVIDENCE, PDF, PICTURES
from gateway.files.receive import receive
from tests.gateway.files import samples
from tests.gateway.sheet_files import xlsx_file

SHEET = xlsx_file([["品牌", "数量"], ["星野", 12]])
TABLE = "品牌,数量\n星野,12\n".encode()


async def parts(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def test_a_body_is_whole_or_refused_at_the_limit_not_after_it() -> None:
    assert anyio.run(receive, parts(b"ab", b"", b"c"), 3) == b"abc"
    taken = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            taken.append(1)
            yield bytes(1_000)

    with pytest.raises(FileTooLarge, match="more than 2500 bytes"):
        anyio.run(receive, endless(), 2_500)
    assert len(taken) == 3
    with pytest.raises(FileRefused, match="no bytes"):
        anyio.run(receive, parts(b""))


def test_papers_stay_as_they_are_and_name_what_was_sent() -> None:
    accepted = accept(samples.PDF, EVIDENCE)
    assert (accepted.media, accepted.content) == (PDF, samples.PDF)
    assert accepted.original_sha256 == sha256(samples.PDF).hexdigest()
    assert accepted.thumbnail == b""


def test_a_kind_that_is_not_asked_for_here_is_refused() -> None:
    with pytest.raises(FileRefused) as caught:
        accept(samples.PDF, PICTURES)
    assert caught.value.reason == "file-kind-not-here"


@pytest.mark.parametrize(
    ("sent", "sheet"),
    [
        (TABLE, TABLE),
        (SHEET, SHEET),
        (samples.zip_of({"a.csv": TABLE}), TABLE),
        (samples.zip_of({"a": SHEET}), SHEET),
    ],
    ids=["csv", "xlsx", "csv in a zip", "xlsx in a zip"],
)
def test_a_suppliers_sheet_may_come_alone_in_an_archive(sent: bytes, sheet: bytes) -> None:
    assert sheet_in(sent) == sheet


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (samples.zip_of({"a.csv": TABLE, "b.csv": TABLE}), "archive-not-one"),
        (samples.zip_of({"a": samples.zip_of({"b": TABLE})}), "file-kind-not-here"),
        (samples.zip_of({"a": samples.bomb(2)}), "file-kind-not-here"),
        (samples.bomb(), "archive-too-large"),
        (samples.picture(), "file-kind-not-here"),
        (samples.zip_of({"xl/workbook.xml": b"<x/>", "../x": b""}), "archive-path"),
        (
            samples.zip_of({"xl/workbook.xml": b"<x/>", "xl/a.zip": samples.bomb(1)}),
            "archive-nested",
        ),
    ],
    ids=[
        "two",
        "zip in zip",
        "bomb in zip",
        "bomb",
        "picture",
        "workbook that climbs",
        "workbook with a zip",
    ],
)
def test_hostile_sheets_are_refused(sent: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as caught:
        sheet_in(sent)
    assert caught.value.reason == reason
