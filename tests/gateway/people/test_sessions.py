"""Sessions end on two clocks, everywhere at once, and with the rights they were made of (A47)."""

import re
from datetime import timedelta

import pytest

from gateway.auth import COOKIE
from gateway.people.tokens import new_id
from gateway.store import people, sessions
from gateway.store.people import Membership
from ledger.errors import StorageUnavailable
from tests.gateway.people.conftest import PASSWORD, Doors, MovableClock
from tests.gateway.web import Caller, errors, find

NEW = "copper kite winter"


def _opens(caller: Caller) -> bool:
    return caller.get("/account").status_code == 200


def _ids(caller: Caller) -> list[str]:
    return re.findall(r"/account/sessions/(ses_\w+)/end", caller.get("/account").text)


def test_a_session_dies_of_two_idle_hours(doors: Doors, clock: MovableClock) -> None:
    caller = doors.signed_in(doors.person())
    for hours in (1.9, 3.7, 5.5):
        clock.ahead = timedelta(hours=hours)
        assert _opens(caller), "each request puts the end off"
    clock.ahead += timedelta(hours=2, seconds=1)
    assert not _opens(caller)


def test_a_session_dies_after_twelve_hours_however_busy(doors: Doors, clock: MovableClock) -> None:
    caller = doors.signed_in(doors.person())
    for quarter in range(1, 8):
        clock.ahead = timedelta(hours=1.7 * quarter)
        assert _opens(caller)
    clock.ahead = timedelta(hours=12, seconds=1)
    assert not _opens(caller)


def test_being_seen_is_written_once_a_minute(doors: Doors, clock: MovableClock) -> None:
    person = doors.person()
    caller = doors.signed_in(person)

    def seen():
        with doors.house.database.reading() as connection:
            return sessions.of_user(connection, person.user, clock.now(), idle=timedelta(hours=2))[0].seen_at

    before = seen()
    _opens(caller)
    assert seen() == before
    clock.ahead = timedelta(minutes=1, seconds=1)
    _opens(caller)
    assert seen() > before


def test_signing_out_makes_every_copy_of_the_cookie_worthless(doors: Doors) -> None:
    caller = doors.signed_in(doors.person())
    copied = doors.browser()
    copied.cookies.set(COOKIE, caller.cookies[COOKIE])
    assert _opens(copied)
    caller.send("/logout")
    assert not _opens(copied)


def test_one_can_see_ones_browsers_and_sign_each_out(doors: Doors) -> None:
    person = doors.person()
    here, there = doors.signed_in(person), doors.signed_in(person)
    (other,) = _ids(here)
    assert here.send(f"/account/sessions/{other}/end").headers["location"] == "/account"
    assert "That browser is signed out." in here.get("/account").text
    assert _opens(here)
    assert not _opens(there)


def test_somebody_elses_session_does_not_exist(doors: Doors) -> None:
    """A27: the same answer as for one that never was, and it stays."""
    victim, person = doors.signed_in(doors.person()), doors.person()
    doors.signed_in(person)
    attacker = doors.signed_in(doors.person())
    with doors.house.database.reading() as connection:
        rows = sessions.of_user(
            connection, person.user, doors.house.wall_clock.now(), idle=timedelta(hours=2)
        )
    theirs = attacker.send(f"/account/sessions/{rows[0].id}/end")
    missing = attacker.send("/account/sessions/ses_aaaaaaaaaaaaaaaaaaaa/end")
    assert theirs.status_code == missing.status_code == 404
    assert theirs.text.partition("request")[0] == missing.text.partition("request")[0]
    assert _opens(victim)


def test_sign_out_everywhere_means_here_too(doors: Doors) -> None:
    person = doors.person()
    here, there = doors.signed_in(person), doors.signed_in(person)
    assert here.send("/account/sessions").headers["location"] == "/sign-in"
    assert not _opens(here)
    assert not _opens(there)


def test_a_new_password_ends_every_other_session(doors: Doors) -> None:
    person = doors.person()
    here, there = doors.signed_in(person), doors.signed_in(person)
    answer = here.send("/account/password", current=PASSWORD, password=NEW, password_again=NEW)
    assert answer.status_code == 303
    assert _opens(here)
    assert not _opens(there)
    assert doors.browser().post("/sign-in", data={"email": person.email, "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("current", "password", "again", "error"),
    [
        ("wrong", NEW, NEW, "This is not your password."),
        (PASSWORD, "short", "short", "Use at least 12 characters."),
        (PASSWORD, NEW, NEW + "x", "The two passwords differ."),
        (PASSWORD, "password1234", "password1234", "This is among the first passwords"),
        (PASSWORD, "x" * 129, "x" * 129, "Use at most 128 characters."),
    ],
)
def test_a_password_is_not_changed(doors: Doors, current, password, again, error) -> None:
    caller = doors.signed_in(doors.person())
    answer = caller.send("/account/password", current=current, password=password, password_again=again)
    assert answer.status_code == 422
    assert error in answer.text
    assert password not in answer.text


def test_rights_that_are_taken_away_are_gone_with_the_next_request(doors: Doors) -> None:
    """ASVS 8.3.2."""
    person = doors.person("operator", doors.house.config.operator)
    caller = doors.signed_in(person)
    assert caller.get("/operator").status_code == 200
    doors.house.writer.do(
        lambda ledger: people.end_membership(ledger.connection, person.membership, person.user)
    )
    assert caller.get("/operator").status_code == 403


def test_one_user_has_several_roles_and_takes_one_at_a_time(doors: Doors) -> None:
    person = doors.person()
    house, now = doors.house, doors.house.wall_clock.now()
    other = Membership(new_id("mbr"), person.user, "operator", house.config.operator, now)
    house.writer.do(lambda ledger: people.add_membership(ledger.connection, other))
    caller = doors.signed_in(person)
    before = caller.cookies[COOKIE]
    assert (caller.get("/catalogue").status_code, caller.get("/operator").status_code) == (200, 404)
    answer = caller.send("/account/role", membership=other.id)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert caller.cookies[COOKIE] != before, "another role, another token"
    assert (caller.get("/catalogue").status_code, caller.get("/operator").status_code) == (404, 200)
    stranger = doors.person("operator", house.config.operator)
    assert caller.send("/account/role", membership=stranger.membership).status_code == 404


def test_a_role_with_rights_asks_for_its_second_factor_when_it_is_taken(doors: Doors) -> None:
    person = doors.person()
    now = doors.house.wall_clock.now()
    other = Membership(new_id("mbr"), person.user, "administrator", "", now)
    doors.house.writer.do(lambda ledger: people.add_membership(ledger.connection, other))
    caller = doors.signed_in(person)
    answer = caller.send("/account/role", membership=other.id)
    assert answer.headers["location"] == "/second-factor"
    assert caller.get("/people").status_code == 403


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_without_the_sessions_own_token_changes_nothing(doors: Doors, token: str) -> None:
    """A48."""
    caller = doors.signed_in(doors.person())
    answer = caller.post("/account/profile", data={"csrf_token": token, "name": "Mallory", "language": "en"})
    assert answer.status_code == 403
    assert "csrf" in answer.text
    assert "Mallory" not in caller.get("/account").text


def test_the_token_of_another_session_is_no_token(doors: Doors) -> None:
    person = doors.person()
    caller, other = doors.signed_in(person), doors.signed_in(person)
    form = {"csrf_token": other.token, "name": "Mallory", "language": "en"}
    assert caller.post("/account/profile", data=form).status_code == 403


def test_a_form_from_another_site_is_refused_even_with_the_token(doors: Doors) -> None:
    caller = doors.signed_in(doors.person())
    form = {"csrf_token": caller.token, "name": "Mallory", "language": "en"}
    answer = caller.post("/account/profile", data=form, headers={"origin": "http://127.0.0.1.evil.example"})
    assert answer.status_code == 403
    same = caller.post("/account/profile", data=form, headers={"origin": "http://127.0.0.1:8000"})
    assert same.status_code == 303


@pytest.mark.parametrize("extra", ["email", "role", "disabled", "totp_secret"])
def test_no_form_sets_what_it_does_not_show(doors: Doors, extra: str) -> None:
    """Mass assignment (A28)."""
    caller = doors.signed_in(doors.person())
    answer = caller.send("/account/profile", name="Lan", language="vi", **{extra: "x"})
    assert answer.status_code == 422
    assert "Lan<" not in caller.get("/account?lang=en").text


def test_a_profile_keeps_what_was_typed_and_says_what_is_wrong(doors: Doors) -> None:
    caller = doors.signed_in(doors.person())
    answer = caller.send("/account/profile", name="x" * 121, language="tlh")
    assert answer.status_code == 422
    assert len(errors(answer)) == 2
    assert "x" * 121 in answer.text
    answer = caller.send("/account/profile", name="阮氏兰", language="zh-CN")
    assert answer.cookies["lang"] == "zh-CN"
    assert "您的信息已保存" in caller.get("/account").text


def test_a_store_that_cannot_be_written_ends_nobodys_reading(
    doors: Doors, clock: MovableClock, monkeypatch
) -> None:
    caller = doors.signed_in(doors.person())
    clock.ahead = timedelta(minutes=5)

    def full(_unit):
        raise StorageUnavailable("the disk is full")

    monkeypatch.setattr(doors.house.writer, "do", full)
    assert _opens(caller)
    assert find(r"<h1>(.*?)</h1>", caller.get("/operator").text) == "There is nothing here"
