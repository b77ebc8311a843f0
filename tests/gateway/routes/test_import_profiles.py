"""A sheet nobody has seen becomes lots: described by forms or by API, rehearsed, recorded, mended."""

import csv
import io
import json
from typing import Any

import httpx
import pytest
from stdnum import luhn

from gateway.sheets import read_sheet
from tests.gateway.routes import import_journey as journey
from tests.gateway.routes.import_journey import GOODS, HEADERS, described, sheet, supplier, upload
from tests.gateway.sheet_files import csv_file, xlsx_file
from tests.gateway.tasks.test_housekeeping import drained
from tests.gateway.web import Caller, ask, errors, find, heading

KEY = {"idempotency-key": "import-1"}


@pytest.fixture
def staff(caller: Caller) -> Caller:
    return caller.signed_in("operator")


def entries(caller: Caller) -> int:
    return int(ask(caller.installation.home, "SELECT max(idx) FROM entries"))


def report(caller: Caller, name: str = "泾禾家具") -> dict[str, Any]:
    statement = "SELECT report FROM consignments WHERE file = ? ORDER BY imported_at DESC"
    return json.loads(ask(caller.installation.home, statement, name))


def imported(caller: Caller, rehearsal: str) -> None:
    answer = caller.send(journey.action(caller.get(rehearsal)))
    assert answer.status_code == 303
    drained(caller.installation)


def test_furniture_from_an_unseen_sheet_to_lots_of_the_ledger(staff: Caller) -> None:
    before = entries(staff)
    answer = upload(staff, sheet())
    assert answer.status_code == 303
    columns = staff.get(answer.headers["location"])
    assert heading(columns) == "What the columns mean"
    said = journey.filled(columns)
    assert [said[f"c{n}"] for n in range(len(HEADERS))] == [
        "style_number", "model", "category", "brand", "condition", "produced_on", "quantity", "net_mass_g",
        "damage", "remark",
    ]  # fmt: skip
    rehearsal = staff.get(described(staff, sheet(), **{"w-condition-1": "used"}))
    assert heading(rehearsal) == "Import, rehearsed"
    assert "There is no such date" in rehearsal.text
    assert "none found" in rehearsal.text, "nobody granted this supplier tables"
    assert entries(staff) == before
    imported(staff, str(rehearsal.url))
    found = report(staff)
    assert (found["rows"], found["accepted"], found["rejected_rows"], len(found["lots"])) == (3, 2, 1, 2)
    assert found["profile"]["name"] == "泾禾家具"
    assert (found["profile"]["version"], len(found["profile"]["sha256"])) == (1, 64)
    kept = ask(staff.installation.home, "SELECT sha256 FROM import_profiles WHERE version = 1")
    assert kept == found["profile"]["sha256"]
    declared = json.loads(
        ask(staff.installation.home, "SELECT state FROM subjects WHERE subject = ?", found["lots"][0])
    )
    assert (declared["category"], declared["supply_mode"], declared["declared"]) == ("sofa", "buyout", 3)
    assert len(declared["authorizations"]) == 1, "the brand's grant was found in the log"


def test_nothing_is_guessed_every_unknown_word_and_lack_is_asked_for(staff: Caller) -> None:
    place = upload(staff, sheet()).headers["location"]
    place = staff.send(place, **journey.filled(staff.get(place))).headers["location"]
    answer = staff.send(place, **journey.filled(staff.get(place)))
    assert answer.status_code == 422
    found = set(errors(answer))
    assert "Say what this word means, or that its rows are refused." in answer.text, found
    assert "Choose the supplier." in answer.text
    said = journey.filled(staff.get(place)) | {"supply_mode": "buyout"}
    assert "Say what was paid for everything in the file." in staff.send(place, **said).text
    assert ask(staff.installation.home, "SELECT count(*) FROM import_profiles") == 0


def test_the_layout_is_offered_again_and_changed_it_is_a_new_version(staff: Caller) -> None:
    imported(staff, described(staff, sheet(), **{"w-condition-1": "used"}))
    second = [["SF-8", "长凳", "椅子", "北辰", "样品", "2025-04-01", "4", "9", "", ""], *GOODS[:1]]
    place = upload(staff, sheet(second)).headers["location"]
    assert place.endswith("/facts"), "its columns are confirmed already"
    page = staff.get(place)
    assert "The layout “泾禾家具”, version 1, fits these columns" in page.text
    said = journey.filled(page)
    assert said["supplier"] == supplier(staff)
    assert said["w-condition-1"] == "new", "said of the first sheet"
    assert said["w-condition-0"] == "", "a word that is new is asked for"
    answer = staff.send(place, **said | {"w-condition-0": "opened", "price": "100"})
    assert answer.status_code == 303
    assert "version 2" in staff.get(answer.headers["location"]).text
    assert ask(staff.installation.home, "SELECT count(*) FROM import_profiles") == 2


def test_rejected_rows_go_back_as_the_suppliers_own_sheet_without_a_formula(staff: Caller) -> None:
    rehearsal = described(staff, sheet(), **{"w-condition-1": "used"})
    first = rehearsal.partition("?")[0]
    answer = staff.get(f"{first}/rejected.csv?lang=zh")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][1:-1] == HEADERS
    assert rows[1][0] == "6", "the row's number in the first file"
    assert rows[1][1:9] == ["SF-3", *GOODS[2][1:8]]
    assert rows[1][10] == "'=1+1"
    assert rows[1][-1] == "生产日期: 没有这个日期; 数量: 数量不是数字"
    book = read_sheet(staff.get(f"{first}/rejected.xlsx").content)
    assert book.rows[1].cells[10] == "=1+1", "text, not a formula"
    assert len(book.rows) == 2


@pytest.mark.parametrize("whole", [False, True], ids=["only the rows", "the whole file"])
def test_mended_rows_are_imported_once_and_linked_to_their_file(staff: Caller, whole: bool) -> None:
    imported(staff, described(staff, sheet(), **{"w-condition-1": "used"}))
    first = ask(staff.installation.home, "SELECT sha256 FROM consignments WHERE file = '泾禾家具'")
    page = staff.get(f"/operator/rejected?file={first}")
    assert f"/operator/rejected/{first}.xlsx" in page.text
    table = [
        list(row.cells) for row in read_sheet(staff.get(f"/operator/rejected/{first}.xlsx").content).rows
    ]
    mended = ["2025-12-01", "7"]
    table[1][6:8] = mended
    if whole:
        rows = [["", *row, ""] for row in GOODS[:2]] + [table[1]]
        table = [table[0], *rows]
        table[1][0], table[2][0] = "4", "5"
    place = upload(staff, csv_file(table)).headers["location"]
    assert "brings rows again that were rejected before" in staff.get(place).text
    answer = staff.send(place, **journey.filled(staff.get(place)))
    rehearsal = staff.get(answer.headers["location"])
    assert "This sheet mends rows of an earlier file." in rehearsal.text
    imported(staff, answer.headers["location"])
    found = json.loads(
        ask(
            staff.installation.home,
            "SELECT report FROM consignments WHERE report LIKE ?",
            f'%"mends": "{first}"%',
        )
    )
    assert (found["mends"], found["mended_rows"], found["accepted"]) == (first, [6], 1)
    assert found["skipped"] == (2 if whole else 0)
    assert ask(staff.installation.home, "SELECT count(*) FROM articles WHERE identifier = 'SF-3'") == 1
    assert ask(staff.installation.home, "SELECT count(*) FROM articles WHERE identifier = 'SF-1'") == 1
    again = upload(staff, csv_file([*table, []])).headers["location"]
    again = staff.send(again, **journey.filled(staff.get(again))).headers["location"]
    assert "This file cannot be imported as it is." in staff.get(again).text, "nothing is left of it"


def test_rejected_rows_of_a_file_of_the_story_can_be_mended_too(staff: Caller) -> None:
    first = ask(staff.installation.home, "SELECT sha256 FROM consignments WHERE spec = 'phones'")
    table = [list(row.cells) for row in read_sheet(staff.get(f"/operator/rejected/{first}.csv").content).rows]
    wrong = next(row for row in table if "check digit" in row[-1])
    place = table[0].index("IMEI")
    wrong[place] = wrong[place][:14] + luhn.calc_check_digit(wrong[place][:14])
    address = upload(staff, csv_file([table[0], wrong])).headers["location"]
    assert address.endswith("?spec=phones"), "it is read as the first file was"
    assert "This sheet mends rows of an earlier file." in staff.get(address).text
    imported(staff, address)
    statement = "SELECT count(*) FROM articles WHERE identifier = ?"
    assert ask(staff.installation.home, statement, wrong[place]) == 1


def test_another_sheet_of_the_workbook_may_be_chosen(staff: Caller) -> None:
    data = xlsx_file([HEADERS, *GOODS], names=["一月", "二月"])
    place = upload(staff, data).headers["location"]
    answer = staff.send(place, **journey.filled(staff.get(place)) | {"sheet": "二月"})
    assert answer.headers["location"] == place
    assert journey.filled(staff.get(place))["sheet"] == "二月"


def test_a_column_that_is_given_another_meaning_is_looked_at_again(staff: Caller) -> None:
    rows = [["货号", "品牌", "日"], ["A-1", "B", "03/05/2025"], ["A-2", "B", "01/02/2025"]]
    place = upload(staff, csv_file(rows)).headers["location"]
    answer = staff.send(place, c0="style_number", c1="brand", c2="produced_on")
    assert answer.headers["location"] == place
    page = staff.get(place)
    assert "how they are read was found out anew" in page.text
    assert journey.filled(page)["d2"] == "dmy"
    answer = staff.send(place, **journey.filled(page) | {"d2": "mdy"})
    assert answer.headers["location"].endswith("/facts")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"c1": "style_number"}, "Two columns are read as the same thing."),
        ({"c0": "shoe size"}, "Choose one of the meanings shown."),
        ({"u7": "mm"}, "This unit does not fit the column."),
        ({f"c{n}": "" for n in range(10)}, "Say of at least one column what it means."),
    ],
)
def test_columns_that_cannot_be_read_so_are_named(staff: Caller, changes: dict[str, str], words: str) -> None:
    place = upload(staff, sheet()).headers["location"]
    answer = staff.send(place, **journey.filled(staff.get(place)) | changes)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_supplier_whose_key_is_elsewhere_is_waited_for(staff: Caller) -> None:
    rehearsal = described(staff, sheet(), **{"w-condition-1": "used"})
    slug = ask(staff.installation.home, "SELECT slug FROM parties WHERE party = ?", supplier(staff))
    (staff.installation.home / "others" / f"{slug}.pem").unlink()
    page = staff.get(rehearsal)
    assert "Each lot waits until the supplier has signed" in page.text
    before = entries(staff)
    imported(staff, rehearsal)
    page = staff.get(rehearsal)
    assert "This file is here already and waits for its supplier" in page.text
    assert "Import these rows" not in page.text
    assert entries(staff) == before


def test_a_sheet_belongs_to_the_party_that_sent_it(staff: Caller, caller: Caller) -> None:
    place = upload(staff, sheet()).headers["location"]
    staff.cookies = httpx.Cookies()
    caller.signed_in("supplier")
    for path in (place, place.replace("/columns", "/facts"), place.replace("/columns", "")):
        assert caller.get(path).status_code == 404


# The same by programs.


def post(caller: Caller, path: str, **options: Any) -> httpx.Response:
    return caller.post(path, headers={"x-csrf-token": caller.token, **options.pop("headers", {})}, **options)


def test_programs_upload_describe_rehearse_and_record(staff: Caller) -> None:
    made = post(staff, "/v1/imports", content=sheet())
    assert made.status_code == 201, made.text
    told = made.json()
    address = f"/v1/imports/{told['file']}"
    assert (told["header_row"], told["columns"][0]["field"]) == (3, "style_number")
    assert {one["word"]: one["ours"] for one in told["words"]["condition"]} == {"全新": "new", "展示品": ""}
    assert "supplier-missing" in {one["slug"] for one in told["problems"]}
    early = post(staff, f"{address}:record", headers=KEY)
    assert (early.status_code, early.json()["slug"]) == (409, "not-described")
    words = {
        name: {one["word"]: one["ours"] or "used" for one in found} for name, found in told["words"].items()
    }
    profile = told["profile"] | {
        "name": "Jinghe", "supplier": supplier(staff), "supply_mode": "buyout", "surplus_cause": "season_end",
        "words": words,
    }  # fmt: skip
    said = {"profile": profile, "amount_minor": 1_200_050, "currency": "CNY"}
    put = staff.request("PUT", address, json=said, headers={"x-csrf-token": staff.token})
    assert put.status_code == 200, put.text
    assert (put.json()["problems"], put.json()["version"]) == ([], 1)
    found = staff.get(f"{address}/rehearsal").json()
    assert (found["accepted"], found["rejected_rows"], len(found["lots"])) == (2, 1, 2)
    assert {(one["row"], one["column"], one["reason"]) for one in found["rejections"]} == {
        (6, "生产日期", "date-impossible"), (6, "数量", "quantity-unreadable"),
    }  # fmt: skip
    assert staff.get(f"{address}/rejected.xlsx").status_code == 200
    begun = post(staff, f"{address}:record", headers=KEY)
    assert begun.status_code == 202, begun.text
    assert post(staff, f"{address}:record", headers=KEY).json() == begun.json()
    drained(staff.installation)
    assert staff.get(address).json()["job_state"] == "done"
    assert report(staff, "Jinghe")["accepted"] == 2
    assert [one["version"] for one in staff.get("/v1/import-profiles").json()] == [1]


@pytest.mark.parametrize(
    ("content", "slug", "reason"),
    [
        ("款号,数量\n".encode(), "file-refused", "sheet-no-rows"),
        (b"\x89PNG\r\n\x1a\n", "file-refused", "file-kind-not-here"),
        ((",".join(f"h{n}" for n in range(5_000)) + "\n1\n").encode(), "file-refused", "sheet-too-wide"),
    ],
    ids=["only a header", "picture", "5,000 columns"],
)
def test_programs_are_told_why_a_file_is_not_taken(
    staff: Caller, content: bytes, slug: str, reason: str
) -> None:
    answer = post(staff, "/v1/imports", content=content)
    assert answer.status_code == 422
    assert answer.json()["slug"] == slug
    assert reason in answer.text


@pytest.mark.parametrize(
    "profile",
    [{"columns": [{"header": 3}]}, {"password": "x"}, {"supplier": "party:nobody"}, {"sheet": "none"}],
)
def test_a_profile_that_does_not_fit_is_refused(staff: Caller, profile: dict[str, Any]) -> None:
    address = f"/v1/imports/{post(staff, '/v1/imports', content=sheet()).json()['file']}"
    answer = staff.request("PUT", address, json={"profile": profile}, headers={"x-csrf-token": staff.token})
    assert answer.status_code == 422
    assert find(r'"slug":"([a-z-]+)"', answer.text.replace(" ", "")) in ("invalid-request", "file-refused")
