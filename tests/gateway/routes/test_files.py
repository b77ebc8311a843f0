"""Photos and papers come in by content and go out harmless, to those alone who may see them."""

import io

import httpx
import pytest
from PIL import Image

from gateway.files.receive import FILE_BYTES_MAX
from gateway.people.printed_logins import issue_login
from tests.gateway.files import samples
from tests.gateway.web import Caller, find, lot_of, repaired_code

NAME = '../../etc/"cron".d/\r\nx.svg'


@pytest.fixture
def staff(caller: Caller) -> Caller:
    return caller.signed_in("operator")


def lot_path(caller: Caller) -> str:
    home = caller.installation.home
    return lot_of(home, repaired_code(home)).partition(":")[2]


def send(caller: Caller, data: bytes, *, name: str = NAME, **fields: str) -> httpx.Response:
    """As a browser posts the form of a lot's page; name and type are whatever the sender likes."""
    path = f"/operator/lots/{lot_path(caller)}/files"
    file = {"file": (name, data, "text/html")}
    return caller.post(path, data={"csrf_token": caller.token, **fields}, files=file)


def shown(caller: Caller) -> str:
    return caller.get(f"/operator/lots/{lot_path(caller)}").text


def test_a_photo_is_added_without_scripts_and_shown_on_the_lots_page(staff: Caller) -> None:
    answer = send(staff, samples.photo_with_place())
    assert answer.status_code == 303, answer.text
    page = staff.get(answer.headers["location"].partition("#")[0]).text
    assert "The file was added." in page
    assert "The file was added." not in shown(staff), "said once"
    small = staff.get(find(r'src="(/files/\w+/thumbnail)"', page))
    assert small.headers["content-type"] == "image/jpeg"
    picture = staff.get(find(r'href="(/files/\w+)"', page))
    image = Image.open(io.BytesIO(picture.content))
    assert image.size == (32, 64)
    assert not image.getexif()
    assert b"SN-8812093" not in picture.content
    for answer in (small, picture):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (
            answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        )
        assert "cron" not in str(answer.headers)


def test_papers_are_only_saved_under_a_name_of_ours(staff: Caller) -> None:
    send(staff, samples.PDF, name="<script>.pdf")
    path = find(r'href="(/files/\w+)"', shown(staff))
    answer = staff.get(path)
    assert answer.content == samples.PDF
    name = path.rpartition("/")[2] + ".pdf"
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{name}";')
    assert staff.get(f"{path}/thumbnail").status_code == 404


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (samples.SVG, "SVG, HTML and XML are not taken"),
        (samples.png_that_claims(50_000, 50_000), "more than 64 million pixels"),
        (samples.bomb(), "are not taken here"),
        (samples.HEIC, "Save it as JPEG"),
        (b"", "Choose a file."),
    ],
    ids=["svg", "pixel bomb", "zip bomb", "heic", "nothing"],
)
def test_a_refused_file_is_explained_next_to_its_field_and_nothing_is_kept(
    staff: Caller, data: bytes, words: str
) -> None:
    before = sorted(staff.installation.files.keys("files"))
    answer = send(staff, data)
    assert answer.status_code == 422
    assert words in find(r'id="f-file-error">.*?</svg>(.*?)</p>', answer.text)
    assert 'aria-describedby="f-file-hint f-file-error"' in answer.text
    assert "/files/" not in find(r'(?s)<section id="files">(.*?)<form', answer.text)
    assert sorted(staff.installation.files.keys("files")) == before


def test_a_file_that_is_too_large_is_stopped_on_its_way(staff: Caller) -> None:
    before = sorted(staff.installation.files.keys("files"))
    assert send(staff, bytes(FILE_BYTES_MAX + 200_000)).status_code == 413

    async def endless():
        for _ in range(30):
            yield bytes(1_000_000)

    path = f"/v1/files?lot=lot:{lot_path(staff)}"
    answer = staff.post(path, content=endless(), headers={"x-csrf-token": staff.token})
    assert answer.status_code == 413
    assert sorted(staff.installation.files.keys("files")) == before


def test_programs_send_the_bytes_alone(staff: Caller) -> None:
    path, headers = f"/v1/files?lot=lot:{lot_path(staff)}", {"x-csrf-token": staff.token}
    lying = {**headers, "content-type": "image/svg+xml"}
    answer = staff.post(path, content=samples.picture("PNG"), headers=lying)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["media_type"] == "image/png"
    assert (told["width"], told["height"]) == (64, 32)
    assert staff.get(told["href"]).status_code == 200
    again = staff.post(path, content=samples.picture("PNG"), headers=headers).json()
    assert again["sha256"] == told["sha256"]
    assert again["id"] != told["id"]
    refused = staff.post(path, content=samples.SVG, headers=headers)
    assert (refused.status_code, refused.json()["slug"]) == (422, "file-refused")
    assert refused.json()["reason"] == "file-markup"


def test_a_form_without_its_token_adds_nothing(staff: Caller) -> None:
    before = sorted(staff.installation.files.keys("files"))
    assert send(staff, samples.picture(), csrf_token="f" * 64).status_code == 403
    path = f"/v1/files?lot=lot:{lot_path(staff)}"
    assert staff.post(path, content=samples.picture()).status_code == 403
    plain = staff.post(f"/operator/lots/{lot_path(staff)}/files", data={"csrf_token": staff.token})
    assert plain.status_code == 415
    assert sorted(staff.installation.files.keys("files")) == before


def test_a_lot_that_is_not_there_takes_no_files(staff: Caller) -> None:
    path, headers = "/v1/files?lot=lot:" + "0" * 20, {"x-csrf-token": staff.token}
    assert staff.post(path, content=samples.picture(), headers=headers).status_code == 404


def test_what_is_somebody_elses_is_not_there(staff: Caller) -> None:
    send(staff, samples.picture())
    path = find(r'href="(/files/\w+)"', shown(staff))
    staff.cookies = httpx.Cookies()
    assert staff.get(path).status_code == 403
    assert staff.post(issue_login(staff.installation, "buyer", "cmp_vn")).status_code == 303
    missing = staff.get("/files/" + "0" * 20)
    for address in (path, f"{path}/thumbnail"):
        answer = staff.get(address)
        assert answer.status_code == missing.status_code == 404


def test_erasing_asks_first_and_says_why_afterwards(staff: Caller) -> None:
    before = sorted(staff.installation.files.keys("files"))
    send(staff, samples.picture())
    path = find(r'href="(/operator/files/\w+/erase)"', shown(staff))
    assert "Erase this file for ever?" in staff.get(path).text
    refused = staff.send(path)
    assert refused.status_code == 422
    assert "Choose a reason." in refused.text
    assert staff.send(path, reason="personal_data").status_code == 303
    page = shown(staff)
    assert "The file was erased." in page
    assert "Erased: personal data." in page
    assert staff.get(path).status_code == 404
    assert sorted(staff.installation.files.keys("files")) == before
