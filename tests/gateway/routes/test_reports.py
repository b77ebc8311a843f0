"""Whoever holds the goods may say what is wrong; it is read, answered and erased, and never in the log."""

import io
from pathlib import Path

import httpx
import pytest
from PIL import Image

from gateway.files.receive import PHOTO_BYTES_MAX
from gateway.routes import reports as routes
from gateway.shell.rates import AMOUNTS, Rates
from gateway.workflows import erase
from gateway.workflows.reports import OPEN_MAX, tidied
from tests.gateway.files import samples
from tests.gateway.web import Caller, ask, errors, find, heading, lot_of, repaired_code

GOOD = {
    "kind": "not-as-described",
    "text": "Màn hình có vết nứt dài.\n电池鼓包",
    "contact": "lan@example.com",
}
STORED = "SELECT count(*) FROM problem_reports"


@pytest.fixture
def code(home: Path) -> str:
    return repaired_code(home)


@pytest.fixture
def staff(caller: Caller) -> Caller:
    """The operator, on another computer than the reporter."""
    other = Caller(caller.installation)
    return other.signed_in("operator")


def send(caller: Caller, code: str, photo: bytes = b"", **fields: str) -> httpx.Response:
    file = {"photo": ('"x".svg', photo, "image/svg+xml")}
    return caller.post(f"/q/{code}/report", data={**GOOD, **fields}, files=file)


def sent(caller: Caller, code: str, photo: bytes = b"", **fields: str) -> str:
    """The address at which the reporter reads what becomes of it."""
    answer = send(caller, code, photo, **fields)
    assert answer.status_code == 303, errors(answer)
    return answer.headers["location"]


def test_a_report_is_read_answered_and_erased_and_no_leaf_knows_of_it(
    caller: Caller, staff: Caller, home: Path, code: str
) -> None:
    entries = ask(home, "SELECT count(*) FROM entries")
    where = sent(caller, code, samples.photo_with_place())
    assert heading(caller.get(where)) == "Your report has arrived"

    page = staff.get("/operator/reports").text
    for part in (
        "Màn hình có vết nứt dài.\n电池鼓包",
        "lan@example.com",
        "It is not as this page describes it",
    ):
        assert part in page
    photo = find(r'href="(/files/\w+)"', page)
    assert not Image.open(io.BytesIO(staff.get(photo).content)).getexif()
    assert Caller(caller.installation).get(photo).status_code == 403, "a stranger's photo is not public"

    action = find(r'action="(/operator/reports/\w+)"', page)
    answer = staff.send(action, action="answer", answer="Xin gửi lại hàng.")
    assert answer.headers["location"] == "/operator/reports"
    assert "Xin gửi lại hàng." in caller.get(where).text
    assert "Màn hình" in staff.get("/operator/reports?state=answered").text

    assert staff.send(action, action="reopen").status_code == 303
    assert "Xin gửi" not in caller.get(where).text
    assert "Erase this report for ever?" in staff.get(f"{action}/erase").text
    assert staff.send(f"{action}/erase").status_code == 303
    for text in (staff.get("/operator/reports?state=erased").text, caller.get(where).text):
        assert "Màn hình" not in text
        assert "lan@example.com" not in text
    assert staff.get(photo).status_code == 404
    assert ask(home, "SELECT text || contact || photo || answer FROM problem_reports") == ""
    assert staff.send(action, action="answer", answer="again").status_code == 404
    assert ask(home, "SELECT count(*) FROM entries") == entries


def test_an_erased_report_stands_in_no_page_of_the_database_either(
    caller: Caller, staff: Caller, home: Path, code: str
) -> None:
    number = sent(caller, code).partition("sent=")[2]
    kept = lambda: b"".join(path.read_bytes() for path in home.glob("ledger.db*"))  # noqa: E731
    assert b"lan@example.com" in kept()
    for _ in range(2):  # the second finds nothing to do
        staff.send(f"/operator/reports/{number}/erase")
    assert ask(home, "SELECT count(*) FROM jobs WHERE kind = 'purge' AND state = 'waiting'") == 1
    assert erase.purge_due(caller.installation)
    assert b"lan@example.com" not in kept()


@pytest.mark.parametrize(
    ("fields", "photo", "wrong"),
    [
        ({"kind": ""}, b"", "Choose what it is about."),
        ({"kind": "<script>"}, b"", "Choose what it is about."),
        ({"text": " \u202e\n "}, b"", "Say in a few words what is wrong."),
        ({"text": "x" * 2001}, b"", "This is too long. Shorten it to 2,000 characters."),
        ({"contact": "x" * 201}, b"", "This is too long. An address or a number is enough."),
        ({}, samples.PDF, "Choose a photo as JPEG, PNG or WebP."),
        (
            {},
            b"<svg onload='alert(1)'/>",
            "SVG, HTML and XML are not taken",
        ),
    ],
)
def test_what_is_wrong_with_a_report_is_said_and_what_was_typed_stays(
    caller: Caller, home: Path, code: str, fields: dict[str, str], photo: bytes, wrong: str
) -> None:
    answer = send(caller, code, photo, **fields)
    assert answer.status_code == 422
    assert wrong in answer.text.replace("&#39;", "'")
    if "contact" not in fields:
        assert 'value="lan@example.com"' in answer.text
    assert ask(home, STORED) == 0


def test_a_photo_larger_than_phones_make_is_refused(caller: Caller, home: Path, code: str) -> None:
    answer = send(caller, code, bytes(PHOTO_BYTES_MAX + 100_000))
    assert answer.status_code == 413
    assert ask(home, STORED) == 0


def test_a43_strangers_decode_one_picture_at_a_time(
    caller: Caller, home: Path, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "PHOTO_WAIT_S", 0.01)
    with routes._strangers_photo:
        busy = send(caller, code, samples.photo_with_place())
        assert send(caller, code).status_code == 303, "a report without one waits for nobody"
    assert (busy.status_code, ask(home, STORED)) == (429, 1)
    assert send(caller, code, samples.photo_with_place()).status_code == 303
    assert send(caller, code, b"\xff\xd8\xff\xe0 no picture").status_code == 422
    assert send(caller, code, samples.photo_with_place()).status_code == 303, "a damaged one frees the place"


def test_reports_come_from_pages_of_ours_for_codes_of_ours(caller: Caller, home: Path, code: str) -> None:
    elsewhere = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = caller.post(f"/q/{code}/report", data=GOOD, files={"photo": ("", b"")}, headers=elsewhere)
    assert answer.status_code == 403
    assert caller.post(f"/q/{code}/report", data=GOOD).status_code == 415
    for unknown in ("0" * 20, "x", code + "0"):
        assert caller.get(f"/q/{unknown}/report").status_code == 404
        assert send(caller, unknown).status_code == 404
    assert ask(home, STORED) == 0


def test_who_sees_a_report_is_its_sender_and_the_operator(caller: Caller, home: Path, code: str) -> None:
    where = sent(caller, code)
    number = where.partition("sent=")[2]
    other = ask(home, "SELECT code FROM code_links WHERE code <> ?", code)
    assert "Your report has arrived" not in caller.get(f"/q/{other}/report?sent={number}").text
    assert "Your report has arrived" not in caller.get(f"/q/{code}/report?sent={'0' * 22}").text
    for role in ("buyer", "auditor", "inspector", "administrator"):
        signed = Caller(caller.installation).signed_in(role, "cmp_ng" if role == "buyer" else None)
        assert signed.get("/operator/reports").status_code == 404
        assert signed.send(f"/operator/reports/{number}", action="reopen").status_code == 404


def test_a43_reports_are_few_a_minute_and_few_a_code(
    caller: Caller, home: Path, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(OPEN_MAX):
        sent(caller, code, text=f"number {n}")
    full = send(caller, code)
    assert full.status_code == 422
    assert "Very many reports of this code have arrived already." in full.text
    assert ask(home, STORED) == OPEN_MAX

    monkeypatch.setitem(AMOUNTS, "report", 1)
    caller.app.state.rates = Rates()
    other = ask(home, "SELECT code FROM code_links WHERE code <> ?", code)
    statuses = [send(caller, other).status_code for _ in range(3)]
    assert statuses == [303, 303, 429], "an address may hold two people"


def test_a17_a18_what_a_stranger_writes_is_text_and_cannot_turn_the_page_around(
    caller: Caller, staff: Caller, code: str
) -> None:
    sent(
        caller,
        code,
        text='<script>alert(1)</script> {{7*7}} "><img src=x>\u202egnorw\u2066',
        contact="javascript:x",
    )
    page = staff.get("/operator/reports").text
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} &#34;&gt;&lt;img src=x&gt;gnorw</bdi>" in page
    assert "<bdi>javascript:x</bdi>" in page
    assert 'href="javascript' not in page
    assert "\u202e" not in page


def test_what_is_kept_of_a_text() -> None:
    assert tidied("  a\r\n\u0007b \u2066c\u2069\t\n\n ") == "a\nb c"
    assert tidied("e\u0301") == "\u00e9"
    assert tidied("👨\u200d👩\u200d👧") == "👨\u200d👩\u200d👧", "a family is one picture"


def test_only_photos_that_the_operator_shows_are_public_and_small(
    caller: Caller, staff: Caller, home: Path, code: str
) -> None:
    lot = lot_of(home, code).partition(":")[2]
    files = {"file": ("x.jpg", samples.photo_with_place(), "image/jpeg")}
    staff.post(f"/operator/lots/{lot}/files", data={"csrf_token": staff.token}, files=files)
    paper = {"file": ("x.pdf", samples.PDF, "application/pdf")}
    staff.post(f"/operator/lots/{lot}/files", data={"csrf_token": staff.token}, files=paper)
    picture = ask(home, "SELECT id FROM files WHERE thumbnail <> ''")
    document = ask(home, "SELECT id FROM files WHERE thumbnail = ''")
    assert caller.get(f"/photos/{picture}").status_code == 404
    assert "/photos/" not in caller.get(f"/q/{code}").text

    assert staff.send(f"/operator/files/{document}/public", shown="yes").status_code == 404
    for _ in range(2):
        assert staff.send(f"/operator/files/{picture}/public", shown="yes").status_code == 303
    assert "Everybody sees it" in staff.get(f"/operator/lots/{lot}").text
    shown = caller.get(find(r'src="(/photos/\w+)"', caller.get(f"/q/{code}").text))
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert not Image.open(io.BytesIO(shown.content)).getexif()
    assert "It is not signed." in caller.get(f"/q/{code}").text
    assert caller.get(f"/files/{picture}").status_code == 403

    assert staff.send(f"/operator/files/{picture}/public", shown="no").status_code == 303
    assert caller.get(f"/photos/{picture}").status_code == 404
    staff.send(f"/operator/files/{picture}/public", shown="yes")
    staff.send(f"/operator/files/{picture}/erase", reason="personal_data")
    assert caller.get(f"/photos/{picture}").status_code == 404
    assert "/photos/" not in caller.get(f"/q/{code}").text
    assert staff.send(f"/operator/files/{picture}/public", shown="yes").status_code == 404


def test_many_reports_are_paged(caller: Caller, staff: Caller, home: Path, code: str) -> None:
    codes = [code, ask(home, "SELECT code FROM code_links WHERE code <> ?", code)]
    for n in range(30):
        sent(caller, codes[n % 2], text=f"number {n:02}.")
    first = staff.get("/operator/reports").text
    second = staff.get(find(r'href="([^"]+)" rel="next"', first).replace("&amp;", "&")).text
    seen = [n for n in range(30) if f"number {n:02}." in first] + [
        n for n in range(30) if f"number {n:02}." in second
    ]
    assert sorted(seen) == list(range(30))
    assert staff.get("/operator/reports?state=lost").status_code == 404
