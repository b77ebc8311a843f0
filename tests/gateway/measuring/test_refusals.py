"""What cannot be taken changes nothing: bad answers, rows and photos, others' and closed work."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from gateway.people.printed_logins import issue_login
from tests.gateway.files import samples
from tests.gateway.measuring.bench import Bench
from tests.gateway.measuring.conftest import assigned
from tests.gateway.measuring.test_bench import send_sheet, sheet_of
from tests.gateway.web import Caller, find

KEPT = ("measurement_drafts", "workers", "files", "statements", "entries", "articles")


@pytest.fixture
def bench(inspector: Caller) -> Bench:
    return assigned(inspector.installation, "phone")


def everything(bench: Bench) -> dict[str, Any]:
    with closing(sqlite3.connect(bench.installation.home / "ledger.db")) as database:
        return {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in KEPT}


BAD_ANSWERS = [
    {"m_scratch": "NaN"},
    {"m_scratch": "1e9"},
    {"m_scratch": "-1"},
    {"m_scratch": "2.9 cm"},
    {"m_scratch": "2,9,1"},
    {"m_scratch": "٣"},
    {"m_battery": "100.5"},
    {"m_boots": "maybe"},
    {"m_locked": "yes\u202e"},
    {"override": "A+", "reason": "smell"},
    {"override": "B", "reason": "because"},
    {"override": "X", "reason": ""},
    {"m_boots": "", "m_locked": "", "m_scratch": "", "m_battery": ""},
]


def test_an_answer_that_cannot_be_comes_back_in_the_form_and_nothing_is_kept(
    inspector: Caller, bench: Bench
) -> None:
    before = everything(bench)
    for changed in BAD_ANSWERS:
        answers = {**bench.answers(bench.items[0]), **changed}
        answer = inspector.send(bench.article("r0"), seen="0", token="a", **answers)
        assert answer.status_code == 422, changed
        assert 'class="error-summary"' in answer.text
    told = inspector.post(
        bench.article("r0"),
        data={"csrf_token": inspector.token, "seen": "0", "m_scratch": "NaN"},
        headers={"accept": "application/json"},
    )
    assert told.json() == {"slug": "invalid-request", "errors": {"m_scratch": "not-a-measure"}}
    photo = {"photo": ("x.svg", samples.SVG, "image/jpeg")}
    fields = {"csrf_token": inspector.token, "seen": "0", **bench.answers(bench.items[0])}
    assert inspector.post(bench.article("r0"), data=fields, files=photo).status_code == 422
    assert everything(bench) == before


def test_a_sheet_is_taken_whole_or_not_at_all(inspector: Caller, bench: Bench) -> None:
    before = everything(bench)
    first, second, third = (item.facts["identifier"] for item in bench.items[:3])
    bad = {
        first: {"scratch": "1e9", "boots": "perhaps"},
        second: {"identifier": "000000000000000"},
        third: {"quantity": "2"},
    }
    answer = send_sheet(bench, inspector, sheet_of(bench, inspector, **bad))
    assert answer.status_code == 422
    for words in (
        "Enter a plain number",
        "Choose one of the answers shown.",
        "called that",
        "so many pieces",
    ):
        assert words in answer.text, words
    twice = sheet_of(bench, inspector).splitlines()
    for data, words in (
        (b"\r\n".join([*twice, twice[1]]), "so many pieces"),
        (b"identifier,horns\r\n1,2\r\n", "No such column"),
        (b"boots,locked\r\nyes,no\r\n", "This column is missing."),
        (b"identifier,boots\r\n", "The sheet has no rows."),
        (samples.PDF, "not taken here"),
        (b'identifier,boots\r\n"never closed', "The sheet cannot be read."),
    ):
        refused = send_sheet(bench, inspector, data)
        assert refused.status_code == 422, data[:60]
        assert words in refused.text, data[:60]
    assert everything(bench) == before


def test_words_of_every_language_are_understood_in_a_sheet(inspector: Caller, bench: Bench) -> None:
    identifier = bench.items[0].facts["identifier"]
    sheet = f"identifier;boots;locked;scratch [mm];battery\n{identifier};通过;không bị khóa;2,9;88\n"
    answer = send_sheet(bench, inspector, sheet.encode())
    assert answer.status_code == 303, answer.text
    assert '<span class="pill gB">' in inspector.get(bench.article("r0")).text


@pytest.mark.parametrize(("yes", "no", "reason"), [("yes", "no", "smell"), ("có", "không", "Thiếu bộ phận")])
def test_the_sheet_takes_plain_yes_and_no_and_a_reason_as_the_page_writes_it(
    inspector: Caller, bench: Bench, yes: str, no: str, reason: str
) -> None:
    identifier = bench.items[0].facts["identifier"]
    shown = inspector.get(f"{bench.href}/sheet?lang=vi").text
    assert all(words in shown for words in ("Khởi động được", "không bị khóa", "Thiếu bộ phận"))
    head = "identifier;boots;locked;scratch;battery;override_grade;override_reason"
    answer = send_sheet(bench, inspector, f"{head}\n{identifier};{yes};{no};0;100;C;{reason}\n".encode())
    assert answer.status_code == 303, answer.text
    assert '<span class="pill gC">' in inspector.get(bench.article("r0")).text


def test_a_work_order_of_another_party_or_role_is_not_there(inspector: Caller, bench: Bench) -> None:
    repairer = Caller(inspector.installation).signed_in("refurbisher")
    paths = [
        bench.href,
        *(f"{bench.href}/{page}" for page in ("result", "sheet", "index.json", "articles/r0")),
    ]
    assert {repairer.get(path).status_code for path in paths} == {404}
    other = Caller(inspector.installation)
    inspector.installation.writer.do(
        lambda ledger: ledger.connection.exec_driver_sql(
            "UPDATE memberships SET organisation = ? WHERE role = 'inspector'",
            (inspector.installation.config.operator,),
        )
    )
    other.post(issue_login(inspector.installation, "inspector"))
    before = everything(bench)
    assert {other.get(path).status_code for path in paths} == {404}
    assert other.send(bench.article("r0"), seen="0", **bench.answers(bench.items[0])).status_code == 404
    assert other.send(f"{bench.href}/result").status_code == 404
    assert everything(bench) == before


def test_closed_work_takes_nothing_more(inspector: Caller, bench: Bench) -> None:
    answers = bench.answers(bench.items[0])
    assert inspector.send(bench.article("r0"), seen="0", token="a", **answers).status_code == 303
    assert inspector.send(f"{bench.href}/result", partial="yes").status_code == 303
    before = everything(bench)
    assert inspector.send(bench.article("r1"), seen="0", token="b", **answers).status_code == 409
    assert inspector.send(f"{bench.href}/result", partial="yes").status_code == 409
    assert send_sheet(bench, inspector, b"identifier,boots\n1,yes\n").status_code == 409
    assert everything(bench) == before


def test_two_people_on_one_article_are_told_and_the_same_form_twice_is_one(
    inspector: Caller, bench: Bench
) -> None:
    answers = bench.answers(bench.items[0])
    for _ in range(2):
        assert inspector.send(bench.article("r0"), seen="0", token="once", **answers).status_code == 303
    other = {**answers, "m_scratch": "20"}
    moved = inspector.send(bench.article("r0"), seen="0", token="other", **other)
    assert moved.status_code == 409
    assert 'value="20"' in moved.text, "what was typed is not lost"
    assert "Somebody else measured this meanwhile." in moved.text
    again = inspector.send(bench.article("r0"), seen="1", token="other", **other)
    assert again.status_code == 303
    assert '<span class="pill gC">' in inspector.get(bench.article("r0")).text


def test_a_form_from_elsewhere_writes_nothing(inspector: Caller, bench: Bench) -> None:
    before = everything(bench)
    answer = inspector.post(bench.article("r0"), data={"seen": "0", **bench.answers(bench.items[0])})
    assert answer.status_code == 403
    assert everything(bench) == before


def test_nobody_states_what_was_measured_after_they_looked(inspector: Caller, bench: Bench) -> None:
    answers = bench.answers(bench.items[0])
    assert inspector.send(bench.article("r0"), seen="0", token="a", **answers).status_code == 303
    seen = find(r'name="seen" value="([0-9a-f]{64})"', inspector.get(f"{bench.href}/result").text)
    answers = bench.answers(bench.items[1])
    assert inspector.send(bench.article("r1"), seen="0", token="b", **answers).status_code == 303
    refused = inspector.send(f"{bench.href}/result", partial="yes", seen=seen)
    assert (refused.status_code, bench.state.closed) == (422, False)
    anew = find(r'name="seen" value="([0-9a-f]{64})"', refused.text)
    assert inspector.send(f"{bench.href}/result", partial="yes", seen=anew).status_code == 303
