"""Scan history: what is kept and for how long, what is remarkable, and who is told once."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from gateway.people.tokens import new_id
from gateway.policies import load
from gateway.store import goods, people, scans
from gateway.store.people import Membership, User
from gateway.store.scans import Alert
from gateway.tasks import kinds
from gateway.wiring import Installation
from gateway.workflows import scan_history
from gateway.workflows.scan_history import Note, Seen, seen, write
from ledger.errors import StorageUnavailable
from ledger.record import Ledger
from tests.gateway.scanning import Phones, code_of
from tests.gateway.tasks.test_housekeeping import drained, of_kind
from tests.gateway.web import ask, tamper

START = datetime.fromisoformat("2026-11-23T10:00:00+00:00")


class Wall:
    """The people's clock, as a test sets it."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def wall(copied: Installation) -> Wall:
    copied.wall_clock = Wall()
    return copied.wall_clock


@pytest.fixture
def code(copied: Installation) -> str:
    return code_of(copied, "article")


def _note(code: str, wall: Wall, place: int = 0, country: str = "") -> Note:
    """place: which network it was in."""
    return Note.of(code, wall.now(), country, f"10.{place // 256}.{place % 256}.7")


def _seen(installation: Installation, code: str) -> Seen:
    with installation.database.reading() as connection:
        return seen(connection, code, installation.wall_clock.now())


def _alerts(installation: Installation) -> list[Alert]:
    with installation.database.reading() as connection:
        return scans.alerts(connection, limit=100)


def _aged(installation: Installation) -> int:
    return installation.writer.do(lambda ledger: scan_history.age(installation, ledger.connection))


def test_a_code_that_nobody_opened_has_no_history(copied: Installation, code: str) -> None:
    assert _seen(copied, code) == Seen(None, "", 0)


def test_the_first_reading_is_remembered_and_every_one_is_counted(
    copied: Installation, wall: Wall, code: str
) -> None:
    write(copied, {_note(code, wall, country="VN"): 2})
    wall.at += timedelta(days=3)
    write(copied, {_note(code, wall, country="CN"): 1, _note(code, wall, place=9): 4})
    assert _seen(copied, code) == Seen(date(2026, 11, 23), "VN", 7, "", recent=7, countries=2)


def test_readings_written_twice_in_one_slot_are_added(copied: Installation, wall: Wall, code: str) -> None:
    for _ in range(3):
        write(copied, {_note(code, wall): 5})
    assert _seen(copied, code).count == 15
    assert ask(copied.home, "SELECT count(*) FROM scan_days") == 1


def test_after_ninety_days_the_first_reading_and_the_count_are_left(
    copied: Installation, wall: Wall, code: str
) -> None:
    write(copied, {_note(code, wall, country="VN"): 3})
    wall.at += timedelta(days=89)
    _aged(copied)
    assert _seen(copied, code) == Seen(START.date(), "VN", 3, "", recent=3, countries=1)
    wall.at += timedelta(days=1)
    assert _seen(copied, code).recent == 0, "even before they are deleted"
    assert _aged(copied) == 1
    assert _seen(copied, code) == Seen(START.date(), "VN", 3)
    for table in ("scan_days", "scan_slots", "scan_salts"):
        assert ask(copied.home, f"SELECT count(*) FROM {table}") == 0, table
    assert _aged(copied) == 0


def test_finer_than_a_day_nothing_is_kept_for_long(copied: Installation, wall: Wall, code: str) -> None:
    write(copied, {_note(code, wall): 1})
    assert ask(copied.home, "SELECT count(*) FROM scan_slots") == 1
    wall.at += timedelta(hours=2, minutes=6)
    _aged(copied)
    assert ask(copied.home, "SELECT count(*) FROM scan_slots") == 0
    assert ask(copied.home, "SELECT count(*) FROM scan_days") == 1


def test_a_salt_lasts_a_week_and_leaves_with_it_what_tied_readings_together(
    copied: Installation, wall: Wall, code: str
) -> None:
    networks = []
    for _ in range(2):
        write(copied, {_note(code, wall): 1})
        networks.append(ask(copied.home, "SELECT network FROM scan_days ORDER BY day DESC"))
        assert ask(copied.home, "SELECT count(*) FROM scan_salts") == 1
        wall.at += timedelta(days=load.scans().salt_days)
    assert networks[0] != networks[1], "the same network, told apart by nobody"
    _aged(copied)
    assert ask(copied.home, "SELECT count(*) FROM scan_salts") == 0


def test_A40_a_copied_label_shows_on_its_page_and_with_the_operator(copied: Installation, code: str) -> None:
    """The clone drill: 200 scans of one code from 30 places within an hour."""
    phones = Phones(copied)
    for n in range(200):
        assert phones.open(f"/q/{code}", f"203.{n % 30}.113.{n % 7}").status_code == 200
    phones.write()
    assert _seen(copied, code).notice == "many-places"
    text = " ".join(phones.open(f"/q/{code}").text.split())
    assert "opened in more places" in text
    assert "200 times in all" in text
    (alert,) = _alerts(copied)
    assert (alert.code, alert.rule, alert.measured, alert.readings) == (code, "places_hour", 30, 200)
    assert alert.policy_sha256 == load.scans().sha256
    listed = phones.caller.signed_in("operator").get("/operator/scans").text
    assert alert.id in listed


@pytest.mark.parametrize("level", ["carton", "lot"])
def test_A40_a_busy_carton_at_a_wholesaler_raises_nothing(copied: Installation, level: str) -> None:
    """200 scans from one wholesaler's network and from three places."""
    code = code_of(copied, "lot")
    if level == "carton":
        tamper(copied.home, "UPDATE code_links SET level = 'carton' WHERE code = ?", code)
    phones = Phones(copied)
    for n in range(200):
        place = 1 if n % 40 == 0 else 2 if n % 50 == 0 else 0
        assert phones.open(f"/q/{code}", f"203.0.{place}.{n}").status_code == 200
    phones.write()
    assert _alerts(copied) == []
    assert _seen(copied, code).notice == ""
    assert "opened in more places" not in phones.open(f"/q/{code}").text


def test_one_person_cannot_make_a_code_look_copied(copied: Installation, wall: Wall, code: str) -> None:
    write(copied, {_note(code, wall): 100_000})
    assert (_seen(copied, code).count, _alerts(copied)) == (100_000, [])


def test_the_same_places_over_a_day_are_not_remarkable(copied: Installation, wall: Wall, code: str) -> None:
    for place in range(30):
        wall.at += timedelta(minutes=40)
        write(copied, {_note(code, wall, place): 1})
    assert _alerts(copied) == []


def test_goods_where_they_were_never_offered_ask_for_the_seller(copied: Installation, wall: Wall) -> None:
    code = ask(
        copied.home,
        "SELECT code FROM code_links JOIN listings ON listings.lot = code_links.lot WHERE level = 'article'",
    )
    write(copied, {_note(code, wall, place, "BR"): 1 for place in range(5)})
    (alert,) = _alerts(copied)
    assert (alert.notice, alert.detail, alert.measured) == ("wrong-market", "BR", 5)
    assert _seen(copied, code).notice == "wrong-market"


def test_an_alert_is_raised_once_and_told_once(copied: Installation, wall: Wall, code: str) -> None:
    _staff(copied)
    for _ in range(3):
        write(copied, {_note(code, wall, place): 1 for place in range(30)})
    assert len(_alerts(copied)) == 1
    drained(copied)
    (told,) = of_kind(copied, kinds.TELL_SCANS.name)
    assert told.state == "done"
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in _mail(copied)]
    (letter,) = [one for one in letters if one["To"] == "vi@house.example"]
    (alert,) = _alerts(copied)
    assert letter["Content-Language"] == "vi"
    assert f"/operator/scans/{alert.id}" in letter.get_content()
    assert "Nhiều nơi cùng lúc" in letter.get_content()


def test_a40_alerts_of_many_codes_fill_the_list_and_not_the_letter_boxes(
    copied: Installation, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.workflows.scan_history.LETTERS_AN_HOUR", 2)
    with copied.database.reading() as connection:
        statement = goods.CODES.select().where(goods.CODES.c.level == "article").limit(4)
        codes = [row.code for row in connection.execute(statement)]
    for half in (codes[:3], codes[3:]):
        write(copied, {_note(code, wall, place): 1 for place in range(30) for code in half})
    assert len(_alerts(copied)) == 4
    assert len(of_kind(copied, kinds.TELL_SCANS.name)) == 2
    wall.at += timedelta(days=load.scans().again_days, hours=1)
    scan_history.decide(copied, _alerts(copied)[0].id, "expected", reason="a fair", by="user:usr_x")
    wall.at += timedelta(days=load.scans().again_days, hours=1)
    write(copied, {_note(code, wall, place): 1 for place in range(30) for code in codes})
    assert len(of_kind(copied, kinds.TELL_SCANS.name)) == 3, "an hour later there are letters again"


def test_readings_whose_alert_fails_are_counted_once_and_told_of_later(
    copied: Installation, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones = Phones(copied)
    places = 30
    for place in range(places):
        phones.open(f"/q/{code}", f"203.{place}.113.7")

    def fails(*_arguments: object) -> None:
        raise StorageUnavailable("the database rests")

    monkeypatch.setattr("gateway.workflows.scan_history._raise", fails)
    phones.write()
    monkeypatch.undo()
    phones.write()
    assert (_seen(copied, code).count, _alerts(copied)) == (places, [])
    phones.open(f"/q/{code}", "203.1.113.7")
    phones.write()
    assert len(_alerts(copied)) == 1


def test_what_was_found_harmless_rests_for_a_while(copied: Installation, wall: Wall, code: str) -> None:
    scanned = {_note(code, wall, place): 1 for place in range(30)}
    write(copied, scanned)
    (alert,) = _alerts(copied)
    assert scan_history.decide(copied, alert.id, "expected", reason="a fair", by="user:usr_x")
    assert not scan_history.decide(copied, alert.id, "copied", reason="", by="user:usr_y"), "decided already"
    assert _seen(copied, code).notice == ""
    write(copied, scanned)
    assert len(_alerts(copied)) == 1
    assert scan_history.decide(copied, alert.id, "open", reason="", by="user:usr_x")
    assert _seen(copied, code).notice == "many-places"
    assert _alerts(copied) == [replace(alert, closed_by="user:usr_x")]
    scan_history.decide(copied, alert.id, "expected", reason="a fair", by="user:usr_x")
    wall.at += timedelta(days=load.scans().again_days, seconds=1)
    write(copied, {_note(code, wall, place): 1 for place in range(30)})
    assert len(_alerts(copied)) == 2


def test_a_code_known_to_be_copied_goes_on_saying_so(copied: Installation, wall: Wall, code: str) -> None:
    write(copied, {_note(code, wall, place): 1 for place in range(30)})
    scan_history.decide(copied, _alerts(copied)[0].id, "copied", reason="seen in Lagos", by="user:usr_x")
    wall.at += timedelta(days=200)
    _aged(copied)
    assert _seen(copied, code).notice == "many-places"


def test_the_clock_brings_ageing_by_itself(copied: Installation, wall: Wall, code: str) -> None:
    from gateway.tasks.schedule import tick

    write(copied, {_note(code, wall): 1})
    wall.at += timedelta(days=91)
    tick(copied)
    drained(copied)
    assert ask(copied.home, "SELECT count(*) FROM scan_days") == 0


def _staff(installation: Installation) -> None:
    now = installation.clock.now()
    user = User(new_id("usr"), "vi@house.example", "Vy", "vi", None, None, 0, False, False, now)

    def unit(ledger: Ledger) -> None:
        people.add_user(ledger.connection, user)
        membership = Membership(new_id("mem"), user.id, "operator", installation.config.operator, now)
        people.add_membership(ledger.connection, membership)

    installation.writer.do(unit)


def _mail(installation: Installation):
    return sorted((installation.home / "mail").iterdir())
