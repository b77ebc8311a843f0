"""What administrators may do to accounts, and what they are shown."""

from datetime import timedelta

import pytest

from gateway.people import events
from gateway.people.invitations import invite
from gateway.people.printed_logins import issue_login, refuse_invented_users
from gateway.people.tidy import tidy
from gateway.store import people, security_log, sessions
from gateway.wiring import Config, Installation
from ledger.errors import StorageError
from tests.gateway.people.conftest import APPROVED, PASSWORD, Doors, MovableClock
from tests.gateway.web import Caller


@pytest.fixture
def administrator(doors: Doors) -> Caller:
    return doors.within(doors.person("administrator", "", factor=True))


def _events(doors: Doors, principal: str) -> list[tuple[str, str, str]]:
    with doors.house.database.reading() as connection:
        found = security_log.newest(connection, 100)
    return [(one.kind, one.route, one.detail) for one in found if one.principal == principal]


def test_a_disabled_user_is_out_at_once_and_cannot_come_back(doors: Doors, administrator) -> None:
    person = doors.person()
    caller = doors.signed_in(person)
    administrator.send(f"/people/users/{person.user}", action="disable")
    assert caller.get("/account").status_code == 403
    form = {"email": person.email, "password": PASSWORD}
    assert doors.browser().post("/sign-in", data=form).status_code == 422
    administrator.send(f"/people/users/{person.user}", action="enable")
    assert doors.browser().post("/sign-in", data=form).status_code == 303


def test_a_lost_telephone_is_replaced(doors: Doors, administrator) -> None:
    person = doors.person("registrar", doors.house.config.registrar, factor=True)
    caller = doors.within(person)
    administrator.send(f"/people/users/{person.user}", action="reset-factor")
    assert caller.get("/account").status_code == 403
    again = doors.signed_in(person)
    assert "Set up your second factor" in again.get("/second-factor").text


def test_a_forgotten_password_is_replaced_through_an_invitation(doors: Doors, administrator) -> None:
    person = doors.person()
    caller = doors.signed_in(person)
    assert administrator.send(f"/people/users/{person.user}", action="reset-password").status_code == 303
    assert caller.get("/account").status_code == 403
    for password in (PASSWORD, ""):
        form = {"email": person.email, "password": password}
        assert doors.browser().post("/sign-in", data=form).status_code in (403, 422)
    path = invite(doors.house, "buyer", APPROVED, email=person.email)
    new = "another long password 7"
    form = {"name": "N", "password": new, "password_again": new}
    assert doors.browser().post(path, data=form).status_code == 303
    answer = doors.browser().post("/sign-in", data={"email": person.email, "password": new})
    assert answer.status_code == 303


def test_an_administrator_does_not_reset_their_own_password(doors: Doors) -> None:
    person = doors.person("administrator", "", factor=True)
    answer = doors.within(person).send(f"/people/users/{person.user}", action="reset-password")
    assert "changed on the account page" in answer.text
    with doors.house.database.reading() as connection:
        user = people.user(connection, person.user)
    assert user is not None
    assert user.password_hash is not None


def test_a_role_is_taken_away(doors: Doors, administrator) -> None:
    person = doors.person("operator", doors.house.config.operator)
    caller = doors.signed_in(person)
    path = f"/people/users/{person.user}/memberships/{person.membership}/end"
    assert administrator.send(path).status_code == 303
    assert caller.get("/operator").status_code == 403
    assert administrator.send(path).status_code == 404
    other = doors.person()
    crossed = f"/people/users/{person.user}/memberships/{other.membership}/end"
    assert administrator.send(crossed).status_code == 404


def test_the_last_administrator_of_a_real_house_stays(doors: Doors, monkeypatch) -> None:
    def others_leave(ledger) -> None:
        for one in people.memberships(ledger.connection):
            if one.role == "administrator":
                people.end_membership(ledger.connection, one.id, one.user_id)

    doors.house.writer.do(others_leave)
    person = doors.person("administrator", "", factor=True)
    last = doors.within(person)
    monkeypatch.setattr(Config, "is_demo", property(lambda _config: False))
    for path, form in (
        (f"/people/users/{person.user}", {"action": "disable"}),
        (f"/people/users/{person.user}/memberships/{person.membership}/end", {}),
    ):
        answer = last.send(path, **form)
        assert answer.status_code == 409
        assert "This is the last administrator" in answer.text
    assert last.get("/people").status_code == 200


def test_people_and_their_keys_are_shown(doors: Doors, administrator) -> None:
    person = doors.person()
    doors.signed_in(person)
    assert person.email in administrator.get("/people").text
    page = administrator.get(f"/people/users/{person.user}").text
    assert "Buyer" in page
    assert administrator.get("/people/users/usr_nobody").status_code == 404
    assert administrator.send("/people/users/usr_nobody", action="disable").status_code == 404
    assert administrator.send(f"/people/users/{person.user}", action="promote").status_code == 404


def test_what_is_refused_is_written_down_without_the_whole_address(doors: Doors, administrator) -> None:
    person = doors.person()
    caller = doors.signed_in(person)
    caller.get("/operator")
    caller.post("/account/sessions", data={"csrf_token": "wrong"})
    caller.get("/orders/00000000000000000000")
    doors.browser().get("/v1/listings", headers={"authorization": "Bearer x\n\x1b[31m".strip()})
    found = _events(doors, f"user:{person.user}")
    assert found == [
        ("denied", "GET /orders/{order}", "not-found"),
        ("form-refused", "POST /account/sessions", "csrf"),
        ("denied", "GET /operator", "not-found"),
        ("signed-in", "", ""),
    ]
    assert ("key-refused", "GET /v1/listings", "key-refused") in _events(doors, "address:127.0.0.0/24")
    page = administrator.get("/people/events").text
    assert "GET /orders/{order}" in page
    assert "127.0.0.1" not in page


def test_a_flood_of_refusals_does_not_fill_the_book(doors: Doors, monkeypatch) -> None:
    monkeypatch.setattr(events, "REFUSALS_PER_MINUTE", 5)
    person = doors.person()
    caller = doors.signed_in(person)
    for _ in range(8):
        assert caller.get("/operator").status_code == 404
    assert len(_events(doors, f"user:{person.user}")) == 5


def test_a_refusal_stands_when_it_cannot_be_written_down(doors: Doors, monkeypatch) -> None:
    """Never fail open (ASVS 16.5.3)."""
    caller = doors.signed_in(doors.person())

    def full(_unit) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(doors.house.writer, "do", full)
    assert caller.get("/operator").status_code == 404


def test_events_are_read_page_by_page(doors: Doors, administrator) -> None:
    def many(ledger) -> None:
        for number in range(120):
            at = doors.house.wall_clock.now()
            events.note(ledger.connection, "denied", at=at, principal=f"user:{number}")

    doors.house.writer.do(many)
    seen, path = 0, "/people/events?kind=denied"
    for _ in range(9):
        page = administrator.get(path).text
        seen += page.count('<th scope="row"')
        if 'rel="next"' not in page:
            break
        path = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    with doors.house.database.reading() as connection:
        assert seen == len(security_log.newest(connection, 1000, kind="denied")) >= 120


def test_what_has_run_out_is_deleted_once(doors: Doors, clock: MovableClock) -> None:
    doors.signed_in(doors.person())
    clock.ahead = timedelta(days=400)
    house = doors.house
    assert house.writer.do(lambda ledger: tidy(house, ledger.connection)) > 0
    assert house.writer.do(lambda ledger: tidy(house, ledger.connection)) == 0
    with house.database.reading() as connection:
        assert connection.execute(sessions.SESSIONS.select()).first() is None


def test_real_goods_are_not_served_to_invented_users(house: Installation, doors: Doors, monkeypatch) -> None:
    issue_login(house, "auditor")
    refuse_invented_users(house)
    monkeypatch.setattr(Config, "is_demo", property(lambda _config: False))
    with pytest.raises(StorageError, match="invented users"):
        refuse_invented_users(house)
    with pytest.raises(StorageError, match="one-time logins are of the demo alone"):
        issue_login(house, "auditor")
