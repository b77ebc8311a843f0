"""The second factor: who owes it can do nothing but give it, and no code works twice."""

import re

import pyotp
import pytest

from gateway.auth import COOKIE
from gateway.permissions import ROUTES
from gateway.store import people
from tests.gateway.people.conftest import PASSWORD, Doors, MovableClock
from tests.gateway.web import Caller, find, heading


def _secret(caller: Caller) -> str:
    page = caller.get("/second-factor").text
    return find(r"<code>([A-Z2-7 ]{30,})</code>", page).replace(" ", "")


def _set_up(caller: Caller, clock: MovableClock) -> list[str]:
    """Set one up with the secret on the page; returns the recovery codes."""
    code = pyotp.TOTP(_secret(caller)).at(clock.now())
    answer = caller.send("/second-factor", code=code)
    assert heading(answer) == "Recovery codes"
    return re.findall(r"<code>([a-z2-9-]{23})</code>", answer.text)


@pytest.mark.parametrize("role", ["registrar", "administrator"])
def test_the_roles_that_hold_keys_and_rights_set_one_up_first(doors: Doors, clock, role) -> None:
    person = doors.person(role, "")
    caller = doors.signed_in(person)
    before = caller.cookies[COOKIE]
    assert caller.get("/account").status_code == 403
    assert "second-factor-needed" in caller.get("/people").text
    codes = _set_up(caller, clock)
    assert len(set(codes)) == 10
    assert caller.cookies[COOKIE] != before, "more rights, another token"
    assert caller.get("/account").status_code == 200
    copied = doors.browser()
    copied.cookies.set(COOKIE, before)
    assert copied.get("/second-factor").status_code == 403
    with doors.house.database.reading() as connection:
        stored = set(connection.execute(people.RECOVERY.select()).scalars())
    assert not stored & {*codes, *(code.replace("-", "") for code in codes)}


def test_a_session_that_owes_it_reaches_nothing_else(doors: Doors) -> None:
    caller = doors.signed_in(doors.person("administrator", "", factor=True))
    token = find(r'name="csrf_token" value="(\w+)"', caller.get("/second-factor").text)
    for route, rule in ROUTES.items():
        method, _, path = route.partition(" ")
        if rule.is_public or rule.before_factor:
            continue
        answer = caller.request(method, re.sub(r"{[^}]*}", "x", path), data={"csrf_token": token})
        assert answer.status_code in (403, 415, 422), route
        assert answer.status_code != 403 or "second-factor-needed" in answer.text, route


def test_the_password_alone_opens_no_private_parts_of_public_pages(doors: Doors) -> None:
    person = doors.person("operator", doors.house.config.operator, factor=True)
    half, whole = doors.signed_in(person), doors.within(person)
    assert half.get("/operator").status_code == 403
    assert whole.get("/operator").status_code == 200


def test_a_code_works_once(doors: Doors, clock: MovableClock) -> None:
    person = doors.person("administrator", "", factor=True)
    code = doors.code(person)
    first, second = doors.signed_in(person), doors.signed_in(person)
    assert first.send("/second-factor", code=code).status_code == 303
    answer = second.send("/second-factor", code=code)
    assert answer.status_code == 422
    assert "This code is not valid." in answer.text
    assert second.get("/people").status_code == 403


def test_a_recovery_code_stands_in_once(doors: Doors, clock: MovableClock) -> None:
    person = doors.person("administrator", "")
    codes = _set_up(doors.signed_in(person), clock)
    typed = codes[3].upper().replace("-", " ")
    assert doors.signed_in(person).send("/second-factor", code=typed).status_code == 303
    assert doors.signed_in(person).send("/second-factor", code=codes[3]).status_code == 422


def test_guessing_codes_is_made_to_wait(doors: Doors) -> None:
    person = doors.person("administrator", "", factor=True)
    caller = doors.signed_in(person)
    wrong = str((int(doors.code(person)) + 1) % 10**6).zfill(6)
    answers = [caller.send("/second-factor", code=wrong).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert caller.send("/second-factor", code=doors.code(person)).status_code == 429


def test_a_secret_is_shown_only_while_it_is_set_up(doors: Doors, clock: MovableClock) -> None:
    person = doors.person("registrar", doors.house.config.registrar)
    caller = doors.signed_in(person)
    assert caller.get("/second-factor.svg").headers["content-type"] == "image/svg+xml"
    _set_up(caller, clock)
    assert caller.get("/second-factor.svg").status_code == 404
    assert caller.get("/second-factor").headers["location"] == "/account"
    other = doors.signed_in(person)
    assert other.get("/second-factor.svg").status_code == 404, "who knows the password learns no secret"
    assert "<figure" not in other.get("/second-factor").text


def test_another_authenticator_needs_the_password_and_ends_every_other_session(
    doors: Doors, clock: MovableClock
) -> None:
    person = doors.person("administrator", "", factor=True)
    caller, elsewhere = doors.within(person), doors.signed_in(person)
    refused = caller.send("/account/second-factor", current_password="wrong")
    assert refused.status_code == 422
    caller.send("/account/second-factor", current_password=PASSWORD)
    assert _secret(caller) != person.secret
    _set_up(caller, clock)
    assert caller.get("/people").status_code == 200
    assert elsewhere.get("/second-factor").status_code == 403


def test_who_chose_to_have_one_owes_it_in_any_role(doors: Doors, clock: MovableClock) -> None:
    person = doors.person()
    caller = doors.signed_in(person)
    caller.send("/account/second-factor", current_password=PASSWORD)
    _set_up(caller, clock)
    again = doors.browser().post("/sign-in", data={"email": person.email, "password": PASSWORD})
    assert again.headers["location"] == "/second-factor"


def test_an_offer_is_worth_nothing_once_another_session_set_one_up(doors: Doors, clock: MovableClock) -> None:
    """Whoever knows only the password must not put a second factor of their own in its place."""
    person = doors.person("administrator", "")
    thief = doors.signed_in(person)
    secret = _secret(thief)
    standing = pyotp.random_base32()
    doors.house.writer.do(
        lambda ledger: people.set_user(ledger.connection, person.user, totp_secret=standing)
    )
    assert thief.send("/second-factor", code=pyotp.TOTP(secret).at(clock.now())).status_code == 422
    with doors.house.database.reading() as connection:
        user = people.user(connection, person.user)
    assert user is not None
    assert user.totp_secret == standing
