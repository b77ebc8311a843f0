"""Invitations let one person into one role, once, for a week."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from gateway.errors import NotFound
from gateway.people import invitations
from gateway.people.browser import Browser
from gateway.people.invitations import Newcomer, invite, invite_administrator
from gateway.people.tokens import new_id
from gateway.store import people
from tests.gateway.people.conftest import APPROVED, PASSWORD, Doors, MovableClock
from tests.gateway.web import errors, find, heading

NEW = "copper kite winter"
FORM = {"name": "Ana Ruiz", "password": NEW, "password_again": NEW}
SOMEWHERE = Browser("127.0.0.1", "")


def _email() -> str:
    return f"{new_id('new')}@people.example"


def test_a_link_holds_256_bits_and_only_their_hash_is_stored(doors: Doors) -> None:
    path = invite(doors.house, "auditor", email=_email())
    token = path.removeprefix("/invitations/")
    assert len(bytes.fromhex(token)) == 32
    with doors.house.database.reading() as connection:
        stored = {str(value) for row in connection.execute(people.INVITATIONS.select()) for value in row}
    assert token not in stored


def test_opening_changes_nothing_and_accepting_makes_the_account(doors: Doors) -> None:
    email = _email()
    path = invite(doors.house, "buyer", APPROVED, email=email)
    caller = doors.browser()
    for _ in range(3):
        page = caller.get(path)
        assert (page.status_code, heading(page)) == (200, "You are invited")
    assert email in page.text
    answer = caller.post(path, data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/catalogue")
    assert caller.get("/catalogue").status_code == 200
    again = doors.browser().post(path, data=FORM)
    assert (again.status_code, heading(again)) == (410, "This invitation has been accepted")
    assert doors.browser().post("/sign-in", data={"email": email, "password": NEW}).status_code == 303


def test_of_two_that_accept_at_once_one_is_let_in(doors: Doors) -> None:
    token = invite(doors.house, "auditor").removeprefix("/invitations/")

    def accept(_: int) -> bool:
        who = Newcomer(_email(), "Ana", NEW, "en")
        outcome = invitations.accept(doors.house, token, who, SOMEWHERE, instead_of=None)
        return outcome is not None and outcome.state == "in"

    with doors.house.database.reading() as connection:
        before = len(people.users(connection))
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(accept, range(4))) == 1
    with doors.house.database.reading() as connection:
        assert len(people.users(connection)) == before + 1, "the others left nothing behind"


def test_a_link_dies_after_a_week(doors: Doors, clock: MovableClock) -> None:
    path = invite(doors.house, "auditor", email=_email())
    clock.ahead = timedelta(days=7, seconds=1)
    assert heading(doors.browser().get(path)) == "This invitation has expired"
    assert doors.browser().post(path, data=FORM).status_code == 410


@pytest.mark.parametrize("token", ["0" * 64, "0" * 63, "A" * 64, "' OR 1=1 --"])
def test_an_unknown_link_is_not_found(doors: Doors, token: str) -> None:
    assert doors.browser().get(f"/invitations/{token}").status_code == 404
    assert doors.browser().post(f"/invitations/{token}", data=FORM).status_code == 404


def test_mistakes_are_told_at_their_fields_and_the_link_still_works(doors: Doors) -> None:
    path = invite(doors.house, "auditor")
    caller = doors.browser()
    answer = caller.post(path, data={"email": "no", "name": "", "password": "x", "password_again": ""})
    assert answer.status_code == 422
    assert len(errors(answer)) == 3
    assert 'value="no"' in answer.text
    assert caller.post(path, data={**FORM, "email": _email()}).status_code == 303


def test_an_account_that_exists_is_joined_by_its_own_password(doors: Doors) -> None:
    person = doors.person()
    path = invite(doors.house, "auditor", email=person.email)
    caller = doors.browser()
    assert "You have an account here already." in caller.get(path).text
    assert caller.post(path, data={"password": "not the password"}).status_code == 422
    assert caller.post(path, data={"password": PASSWORD}).headers["location"] == "/auditor"
    page = caller.get("/account").text
    assert "Auditor" in page
    assert "Buyer" in page


def test_the_holder_of_a_link_cannot_take_over_an_account(doors: Doors) -> None:
    """An invitation without an address makes a new account or none; nobody else's gains a role by it."""
    person = doors.person()
    path = invite(doors.house, "administrator")
    for password in (NEW, PASSWORD):
        form = {**FORM, "email": person.email, "password": password, "password_again": password}
        assert doors.browser().post(path, data=form).status_code == 422
    with doors.house.database.reading() as connection:
        assert {one.role for one in people.memberships(connection, person.user)} == {"buyer"}


@pytest.mark.parametrize(
    ("role", "organisation"),
    [("administrator", APPROVED), ("buyer", ""), ("operator", APPROVED), ("registrar", ""), ("device", ""),
     ("auditor", "party:nobody"), ("buyer", "cmp_nobody")],
)  # fmt: skip
def test_nobody_is_invited_where_the_role_does_not_exist(doors: Doors, role, organisation) -> None:
    with pytest.raises(NotFound):
        invite(doors.house, role, organisation, email=_email())


def test_an_administrator_invites_sees_and_withdraws(doors: Doors) -> None:
    administrator = doors.within(doors.person("administrator", "", factor=True))
    email = _email()
    answer = administrator.send(
        "/people/invitations", email=email, role="operator",
        organisation=doors.house.config.operator, language="vi",
    )  # fmt: skip
    link = find(r'class="secret">([^<]+)<', answer.text)
    assert link.startswith("http://127.0.0.1:8000/invitations/")
    page = administrator.get("/people/invitations").text
    assert email in page
    assert link not in page, "it is shown once"
    invitation = find(r"/people/invitations/(inv_\w+)/withdraw", page)
    administrator.send(f"/people/invitations/{invitation}/withdraw")
    assert doors.browser().get(link.removeprefix("http://127.0.0.1:8000")).status_code == 404
    again = administrator.send(f"/people/invitations/{invitation}/withdraw")
    assert again.status_code == 404


@pytest.mark.parametrize(
    ("wrong", "value"),
    [("email", "nobody"), ("role", "root"), ("organisation", "cmp_nobody"), ("language", "xx")],
)
def test_an_invitation_that_makes_no_sense_is_not_made(doors: Doors, wrong: str, value: str) -> None:
    administrator = doors.within(doors.person("administrator", "", factor=True))
    form = {"email": _email(), "role": "auditor", "organisation": "", "language": "en", wrong: value}
    answer = administrator.send("/people/invitations", **form)
    assert answer.status_code == 422
    assert "/invitations/" not in find(r"(?s)<main.*?>(.*)</main>", answer.text).replace(
        "/people/invitations", ""
    )


def test_the_first_administrator_gets_a_link_and_the_next_only_when_asked(doors: Doors) -> None:
    link = invite_administrator(doors.house, one_more=True)
    assert link is not None
    newer = invite_administrator(doors.house, one_more=True)
    assert doors.browser().get(link).status_code == 404, "the link printed before is worthless"
    assert newer is not None
    answer = doors.browser().post(newer, data={**FORM, "email": _email()})
    assert answer.headers["location"] == "/second-factor"
    assert invite_administrator(doors.house, one_more=False) is None
