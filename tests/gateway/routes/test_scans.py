"""The operator's pages about readings: alerts with their reasons, a decision that can be taken back."""

import random
import re

import pytest
from sqlalchemy import event

from gateway.shell.rates import AMOUNTS, Rates
from gateway.store import goods, scans
from gateway.store.scans import Alert
from gateway.wiring import Installation
from gateway.workflows.scan_history import Note, write
from ledger.store import log
from qrcodes.serial import ALPHABET, CODE_LENGTH, check_character, code_hash, is_code
from tests.gateway.scanning import Phones, code_of
from tests.gateway.web import Caller, ask, heading

HOSTILE = "<script>alert(1)</script>\u202egnp.exe"


@pytest.fixture
def alert(copied: Installation) -> Alert:
    code, now = code_of(copied, "article"), copied.wall_clock.now()
    write(copied, {Note.of(code, now, "VN", f"203.0.{n}.1"): 3 for n in range(30)})
    with copied.database.reading() as connection:
        (found,) = scans.alerts(connection, notice="many-places", limit=9)
    return found


@pytest.fixture
def operator(caller: Caller) -> Caller:
    return caller.signed_in("operator")


def test_nothing_remarkable_is_said_so(operator: Caller) -> None:
    answer = operator.get("/operator/scans")
    assert (answer.status_code, heading(answer)) == (200, "Scans")
    assert "Nothing remarkable." in answer.text
    assert "No code was opened yet." in answer.text


def test_an_alert_shows_code_lot_reason_and_figures(operator: Caller, alert: Alert) -> None:
    text = " ".join(operator.get("/operator/scans").text.split())
    for part in ("Many places at once", f"/q/{alert.code}", f"/operator/lots/{alert.lot[4:]}",
                 "Networks within an hour: <b>30</b>", "Opened 90 times", 'class="bars"'):  # fmt: skip
        assert part in text, part
    text = " ".join(operator.get(f"/operator/scans/{alert.id}").text.split())
    for part in ("This code was opened 90 times", "Vietnam", alert.policy_sha256, "scans 1"):
        assert part in text, part


def test_the_list_is_narrowed_by_state_and_kind(operator: Caller, alert: Alert) -> None:
    shown = {
        query: alert.id in operator.get(f"/operator/scans{query}").text
        for query in ("", "?state=all", "?state=copied", "?notice=many-places", "?notice=too-often")
    }
    assert shown == {
        "": True, "?state=all": True, "?state=copied": False,
        "?notice=many-places": True, "?notice=too-often": False,
    }  # fmt: skip
    for wrong in ("?state=closed", "?notice=other", "?after=scn_none", "?state=A"):
        assert operator.get(f"/operator/scans{wrong}").status_code in (404, 422), wrong


def test_a_long_list_goes_on_behind_its_last_line(operator: Caller, copied: Installation) -> None:
    now = copied.wall_clock.now()
    with copied.database.reading() as connection:
        of_lot = goods.codes_of(connection, _busy_lot(copied))
    codes = [one.code for one in of_lot if one.level == "article"][:30]
    notes = {Note.of(code, now, "", f"203.0.{n}.1"): 1 for code in codes for n in range(12)}
    write(copied, notes)
    first = operator.get("/operator/scans").text
    (href,) = re.findall(r'href="([^"]+)" rel="next"', first)
    ids = re.findall(
        r'href="/operator/scans/(scn_\w+)"', first + operator.get(href.replace("&amp;", "&")).text
    )
    assert len(ids) == len(set(ids)) == len(codes)


def test_a_decision_needs_what_and_why_and_can_be_taken_back(operator: Caller, alert: Alert) -> None:
    path = f"/operator/scans/{alert.id}"
    refused = operator.send(f"{path}/close", state="expected", reason="  ")
    assert refused.status_code == 422
    assert "Say why, in up to 500 characters." in refused.text
    assert operator.send(f"{path}/close", state="genuine", reason="x").status_code == 422
    assert operator.send(f"{path}/close", state="expected", reason="x" * 501).status_code == 422

    done = operator.send(f"{path}/close", state="expected", reason="shown at a fair in Hanoi")
    assert (done.status_code, done.headers["location"]) == (303, path)
    page = operator.get(path).text
    assert "shown at a fair in Hanoi" in page
    assert "Your decision was kept." in page
    again = operator.send(f"{path}/close", state="copied", reason="no")
    assert "Somebody else has decided" in operator.get(again.headers["location"]).text

    operator.send(f"{path}/reopen")
    assert "What you found" in operator.get(path).text


def test_an_alert_that_is_not_there_is_not_found(operator: Caller) -> None:
    assert operator.get("/operator/scans/scn_none").status_code == 404
    assert operator.send("/operator/scans/scn_none/close", state="copied", reason="x").status_code == 404
    assert operator.send("/operator/scans/scn_none/reopen").status_code == 404


def test_nobody_decides_without_a_form_of_this_session(operator: Caller, alert: Alert) -> None:
    body = {"state": "copied", "reason": "x", "csrf_token": "0" * 64}
    assert operator.post(f"/operator/scans/{alert.id}/close", data=body).status_code == 403


def test_A17_A18_what_somebody_typed_is_shown_as_text_and_kept_apart(operator: Caller, alert: Alert) -> None:
    operator.send(f"/operator/scans/{alert.id}/close", state="copied", reason=HOSTILE)
    page = operator.get(f"/operator/scans/{alert.id}").text
    assert "<script>alert" not in page
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;\u202egnp.exe</bdi>" in page


def test_A49_A50_the_pages_are_framed_by_nobody_and_read_by_no_other_site(
    operator: Caller, alert: Alert
) -> None:
    for path in ("/operator/scans", f"/operator/scans/{alert.id}", f"/q/{alert.code}", f"/q/{alert.code}"):
        headers = operator.get(path, headers={"origin": "https://evil.example"}).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers.get("access-control-allow-origin") != "https://evil.example", path
        assert "access-control-allow-credentials" not in headers


def test_A49_a_kept_page_carries_the_same_headers(copied: Installation) -> None:
    phones, code = Phones(copied), code_of(copied, "article")
    built, kept = (phones.open(f"/q/{code}").headers for _ in range(2))
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy", "content-language"):
        assert built[name] == kept[name]


def test_A43_ten_thousand_random_codes_find_none(copied: Installation) -> None:
    draw = random.Random(43)
    with copied.database.reading() as connection:
        for _ in range(10_000):
            code = "".join(draw.choices(ALPHABET, k=CODE_LENGTH))
            assert goods.code(connection, code) is None
            assert log.code_record(connection, code_hash(code)) is None


def test_A43_who_tries_codes_is_stopped_and_so_is_his_network(copied: Installation) -> None:
    """Also for codes that exist, or the refusal itself would tell them; and nobody else is."""
    rates, draw = Rates(), random.Random(1)
    rates_of_a_minute = AMOUNTS["guess"], AMOUNTS["guess-network"]
    for _ in range(AMOUNTS["guess"]):
        rates.check_guesses("203.0.113.1")
        rates.missed("203.0.113.1")
    phones, code = Phones(copied, rates=rates), code_of(copied, "article")
    assert phones.open(f"/q/{code}", "203.0.113.2").status_code == 200
    assert phones.open(f"/q/{code}", "203.0.113.2").status_code == 200
    assert phones.open(f"/q/{code}", "203.0.113.1").status_code == 429
    unknown = "".join(draw.choices(ALPHABET, k=CODE_LENGTH))
    assert phones.open(f"/q/{unknown}", "203.0.113.1").status_code == 429
    for n in range(rates_of_a_minute[1] - rates_of_a_minute[0]):
        rates.missed(f"203.0.113.{2 + n % 60}")
    assert phones.open(f"/q/{code}", "203.0.113.250").status_code == 429, "another address of that network"
    assert phones.open(f"/q/{code}", "203.0.114.1").status_code == 200


def test_A43_a_miss_runs_the_same_statements_whatever_it_is_near_to(
    copied: Installation, phones: Phones
) -> None:
    """Nothing is measured by time: what a guess makes the database do tells nothing of what exists."""
    code = code_of(copied, "article")
    near = [code[:-1] + character for character in ALPHABET if character != code[-1]]
    far = ["".join(random.Random(n).choices(ALPHABET, k=CODE_LENGTH)) for n in range(5)]
    ran = {miss: _statements(copied, phones, f"/q/{miss}", 404) for miss in (*near[:5], *far)}
    assert len({tuple(kinds) for kinds in ran.values()}) == 1
    asked = next(iter(ran.values()))
    hit = _statements(copied, phones, f"/q/{code}", 200)
    looked_up = next(n for n, text in enumerate(asked) if "code_links" in text)
    assert hit[: looked_up + 1] == asked[: looked_up + 1], "the same way until the answer is known"


def test_A43_what_cannot_be_a_code_is_looked_up_nowhere(copied: Installation, phones: Phones) -> None:
    code = code_of(copied, "article")
    wrong = next(c for c in ALPHABET if c != check_character(code))
    plausible = [f"{code}{wrong}", f"{code[:-1]}u", code[:-1], f"{code}0{wrong}"]
    assert not any(is_code(one) for one in plausible)
    ran = [_statements(copied, phones, f"/q/{one}", 404) for one in plausible]
    assert all(one == ran[0] for one in ran)
    assert not [text for text in ran[0] if "code" in text]


@pytest.fixture
def phones(copied: Installation) -> Phones:
    made = Phones(copied)
    made.open("/q/" + "0" * 20)  # what is read once a process is read now
    return made


def _statements(installation: Installation, phones: Phones, path: str, status: int) -> list[str]:
    """What the database was asked, in order. A proof of absence asks as often as its path is long."""
    ran: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not ran or ran[-1] != statement:
            ran.append(statement)

    event.listen(installation.database.reader, "before_cursor_execute", note)
    try:
        assert phones.open(path).status_code == status
    finally:
        event.remove(installation.database.reader, "before_cursor_execute", note)
    return ran


def _busy_lot(installation: Installation) -> str:
    """The one with the most pieces: any other may have fewer than a page of alerts."""
    most = "SELECT lot FROM code_links WHERE level = 'article' GROUP BY lot ORDER BY count(*) DESC, lot"
    found: str = ask(installation.home, most)
    return found
