"""A supplier's file is rehearsed before it is imported, and a hostile one changes nothing."""

import csv
import io

import httpx
import pytest

from gateway.consignments import load_file, load_spec
from tests.gateway.files import samples
from tests.gateway.tasks.test_housekeeping import drained
from tests.gateway.web import Caller, ask, find, heading

SPEC = load_spec("apparel")
STYLES = 5  # rows of the small file


@pytest.fixture
def staff(caller: Caller) -> Caller:
    return caller.signed_in("operator")


def small_file(suffix: str = "-2") -> bytes:
    """The head and a few rows of the sample, under style numbers that nobody has sent before."""
    text = load_file(SPEC.file.name).decode("gb18030")
    rows = list(csv.reader(io.StringIO(text)))
    column = rows[0].index("款号")
    kept = [row for row in rows[1:] if len(row) > column and row[column]][:STYLES]
    for row in kept:
        row[column] += suffix
    out = io.StringIO(newline="")
    csv.writer(out).writerows([rows[0], *kept])
    return out.getvalue().encode()


def upload(caller: Caller, data: bytes, spec: str = "apparel") -> httpx.Response:
    fields = {"csrf_token": caller.token, "spec": spec}
    return caller.post("/operator/import", data=fields, files={"file": ("x.exe", data, "image/png")})


def entries(caller: Caller) -> int:
    return int(ask(caller.installation.home, "SELECT max(idx) FROM entries"))


def test_a_file_is_rehearsed_then_imported_once(staff: Caller) -> None:
    before = entries(staff)
    answer = upload(staff, small_file())
    assert answer.status_code == 303, answer.text
    rehearsed = staff.get(answer.headers["location"])
    assert heading(rehearsed) == "Import, rehearsed"
    assert "nothing has been written yet" in rehearsed.text
    assert entries(staff) == before
    action = find(r'<form method="post" action="(/operator/import/[^"]+)"', rehearsed.text)
    begun = staff.send(action)
    assert begun.status_code == 303
    assert "The import has begun" in staff.get(begun.headers["location"]).text
    assert entries(staff) == before, "the request itself recorded nothing"
    drained(staff.installation)
    after = entries(staff)
    assert after > before
    again = staff.get(answer.headers["location"]).text
    assert "This file was imported before." in again
    assert staff.send(action).status_code == 303
    drained(staff.installation)
    assert entries(staff) == after, "the same file twice changes nothing"


def test_a_sheet_may_come_in_an_archive(staff: Caller) -> None:
    answer = upload(staff, samples.zip_of({"货物.csv": small_file()}))
    assert answer.status_code == 303
    assert staff.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    ("data", "spec", "words"),
    [
        (samples.bomb(), "apparel", "Unpacked, this file would be far too large."),
        (samples.zip_of({"../a.csv": b"a"}), "apparel", "to a place outside of it"),
        (samples.zip_with_link(), "apparel", "is a link"),
        (samples.zip_of({"a": b"a,b\n", "b": b"a,b\n"}), "apparel", "exactly one sheet"),
        (samples.picture(), "apparel", "Files of this kind are not taken here."),
        (b"name,price\nx,1\n", "apparel", "A column that this description needs is missing"),
        (b'a,"b\nc', "apparel", "The sheet cannot be read."),
        (b"", "apparel", "Choose a file."),
        (b"a,b\n", "../phones", "Choose one of the descriptions shown."),
    ],
    ids=["bomb", "climber", "link", "two", "picture", "other columns", "open quote", "none", "no such spec"],
)
def test_what_cannot_be_imported_is_explained_and_nothing_is_kept(
    staff: Caller, data: bytes, spec: str, words: str
) -> None:
    before, kept = entries(staff), sorted(staff.installation.files.keys("files"))
    answer = upload(staff, data, spec)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'class="error-summary"' in answer.text
    if spec == "apparel":
        assert '<option value="apparel" selected>' in answer.text, "what was chosen is kept"
    assert entries(staff) == before
    assert sorted(staff.installation.files.keys("files")) == kept


def test_only_staff_imports(caller: Caller) -> None:
    caller.signed_in("buyer", "cmp_vn")
    assert caller.get("/operator/import").status_code == 404
    assert upload(caller, small_file()).status_code == 404


def test_a_form_in_a_charset_that_nobody_writes_is_refused(staff: Caller) -> None:
    """Python knows this name, and fails in it in a way of its own."""
    body = b'--b\r\nContent-Disposition: form-data; name="spec"\r\n\r\nz\xff\r\n--b--\r\n'
    media_type = "multipart/form-data; boundary=b; charset=undefined"
    answer = staff.post("/operator/import", content=body, headers={"content-type": media_type})
    assert answer.status_code == 400
    assert "bad-encoding" in answer.text
