"""Signing in: who knows the password comes in; who guesses waits, and learns nothing (A46, A47)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from argon2 import PasswordHasher

from gateway.auth import COOKIE
from gateway.people import passwords, sign_in
from gateway.people.browser import Browser
from gateway.store import people, security_log, sessions
from tests.gateway.people.conftest import PASSWORD, PENDING, Doors, MovableClock, Person
from tests.gateway.web import Caller, errors, heading


def _try(caller: Caller, email: str, password: str = "not the password"):  # noqa: S107
    return caller.post("/sign-in", data={"email": email, "password": password})


def _user(doors: Doors, person: Person):
    with doors.house.database.reading() as connection:
        return people.user(connection, person.user)


def _kinds(doors: Doors, principal: str) -> list[str]:
    with doors.house.database.reading() as connection:
        return [one.kind for one in security_log.newest(connection, 50) if one.principal == principal]


@pytest.mark.parametrize(
    ("role", "organisation", "home"),
    [("buyer", "cmp_approved", "/catalogue"), ("buyer", PENDING, "/account"), ("auditor", "", "/auditor"),
     ("carrier", "party:x", "/party")],
)  # fmt: skip
def test_the_password_lets_in_to_where_the_role_begins(doors: Doors, role, organisation, home) -> None:
    person = doors.person(role, organisation)
    answer = _try(doors.browser(), person.email.upper(), PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, home)
    assert _kinds(doors, f"user:{person.user}") == ["signed-in"]


def test_an_unknown_account_answers_as_a_wrong_password_does(doors: Doors) -> None:
    person, caller = doors.person(), doors.browser()
    known, unknown = _try(caller, person.email), _try(caller, "nobody@people.example")
    assert known.status_code == unknown.status_code == 422
    assert errors(known) == errors(unknown)
    assert known.text.replace(person.email, "?") == unknown.text.replace("nobody@people.example", "?")
    assert not caller.cookies


def test_an_unknown_account_costs_the_same_hash(doors: Doors, monkeypatch) -> None:
    verified = []
    real = passwords.HASHER.verify

    class Counting:
        def __getattr__(self, name: str):
            return getattr(passwords_hasher, name)

        def verify(self, stored: str, password: str) -> bool:
            verified.append(stored)
            return real(stored, password)

    passwords_hasher = passwords.HASHER
    monkeypatch.setattr(passwords, "HASHER", Counting())
    _try(doors.browser(), doors.person().email)
    _try(doors.browser(), "nobody@people.example")
    _try(doors.browser(), "no address at all")
    assert len(verified) == 3
    parameters = {stored.split("$")[3] for stored in verified}
    assert len(parameters) == 1


def test_what_was_typed_is_kept_except_the_password(doors: Doors) -> None:
    answer = _try(doors.browser(), "ana@people.example", "my secret words")
    assert 'value="ana@people.example"' in answer.text
    assert "my secret words" not in answer.text
    assert "E-mail address or password is wrong." in answer.text


def test_guessing_at_an_account_is_made_to_wait_and_so_is_its_owner(
    doors: Doors, clock: MovableClock
) -> None:
    person = doors.person()
    answers = [_try(doors.browser(), person.email) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 10
    assert "Too many attempts." in answers[-1].text
    assert _try(doors.browser(), person.email, PASSWORD).status_code == 429, "a right guess is not told"
    clock.ahead = timedelta(seconds=11)
    assert _try(doors.browser(), person.email, PASSWORD).status_code == 303
    clock.ahead = timedelta(seconds=12)
    assert _try(doors.browser(), person.email).status_code == 422, "a success forgets the failures"


def test_an_unknown_account_is_made_to_wait_as_well(doors: Doors) -> None:
    answers = [_try(doors.browser(), "nobody@people.example") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]


def test_one_address_guessing_at_many_accounts_is_made_to_wait(doors: Doors) -> None:
    browser = Browser("203.0.113.9", "")
    states = [
        sign_in.sign_in(doors.house, f"nobody{n}@people.example", "x", browser, instead_of=None).state
        for n in range(31)
    ]
    assert states == ["wrong"] * 30 + ["wait"]
    elsewhere = Browser("203.0.113.10", "")
    other = sign_in.sign_in(doors.house, "one.more@people.example", "x", elsewhere, instead_of=None)
    assert other.state == "wrong"


def test_guesses_at_once_are_not_cheaper_than_guesses_in_turn(doors: Doors) -> None:
    person = doors.person()

    def guess(number: int) -> str:
        browser = Browser(f"198.51.100.{number}", "")
        return sign_in.sign_in(doors.house, person.email, "x", browser, instead_of=None).state

    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(guess, range(16)))
    assert states.count("wrong") == 5
    assert states.count("wait") == 11


def test_counters_are_in_the_database_and_not_under_anybodys_name(doors: Doors) -> None:
    person = doors.person()
    _try(doors.browser(), person.email)
    with doors.house.database.reading() as connection:
        subjects = list(connection.execute(sessions.ATTEMPTS.select()).scalars())
    assert len(subjects) == 2
    assert not any(person.email in subject or "127.0.0.1" in subject for subject in subjects)


def test_an_older_hash_becomes_todays_at_the_next_sign_in(doors: Doors) -> None:
    person = doors.person()
    older = PasswordHasher(time_cost=1, memory_cost=8 * 1024).hash(PASSWORD)
    doors.house.writer.do(lambda ledger: people.set_user(ledger.connection, person.user, password_hash=older))
    assert _try(doors.browser(), person.email, PASSWORD).status_code == 303
    stored = _user(doors, person).password_hash
    assert stored != older
    assert passwords.is_right(stored, PASSWORD)


@pytest.mark.parametrize("gone", ["disabled", "without a role", "without a password"])
def test_who_is_nobody_here_any_more_is_answered_as_a_stranger(doors: Doors, gone: str) -> None:
    person = doors.person()

    def unit(ledger) -> None:
        match gone:
            case "disabled":
                people.set_user(ledger.connection, person.user, disabled=True)
            case "without a role":
                people.end_membership(ledger.connection, person.membership, person.user)
            case _:
                people.set_user(ledger.connection, person.user, password_hash=None)

    doors.house.writer.do(unit)
    answer = _try(doors.browser(), person.email, PASSWORD)
    assert answer.status_code == 422
    assert "E-mail address or password is wrong." in answer.text


def test_signing_in_gives_another_session_than_the_browser_brought(doors: Doors) -> None:
    """Session fixation (A47): a token that somebody planted never becomes a session."""
    victim, planted = doors.browser(), "0" * 64
    victim.cookies.set(COOKIE, planted, domain="127.0.0.1")
    person = doors.person()
    assert _try(victim, person.email, PASSWORD).status_code == 303
    assert victim.cookies[COOKIE] != planted
    attacker = doors.browser()
    attacker.cookies.set(COOKIE, planted)
    assert attacker.get("/account").status_code == 403


def test_signing_in_again_ends_the_session_before(doors: Doors) -> None:
    caller = doors.signed_in(doors.person())
    before = caller.cookies[COOKIE]
    _try(caller, doors.person().email, PASSWORD)
    copied = doors.browser()
    copied.cookies.set(COOKIE, before)
    assert copied.get("/account").status_code == 403


def test_the_cookie_is_out_of_reach(doors: Doors) -> None:
    answer = _try(doors.browser(), doors.person().email, PASSWORD)
    cookie = SimpleCookie(answer.headers["set-cookie"].partition(", lang")[0])[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert len(bytes.fromhex(cookie.value)) == 32


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"},
     {"origin": "null"}],
)  # fmt: skip
def test_another_site_cannot_sign_a_browser_in(doors: Doors, headers: dict[str, str]) -> None:
    """Login CSRF (A48): the victim would work in the attacker's account."""
    caller = doors.browser()
    form = {"email": doors.person().email, "password": PASSWORD}
    answer = caller.post("/sign-in", data=form, headers=headers)
    assert answer.status_code == 403
    assert "csrf" in answer.text
    assert not caller.cookies


def test_a_field_that_is_not_in_the_form_is_refused(doors: Doors) -> None:
    """Mass assignment (A28)."""
    form = {"email": doors.person().email, "password": PASSWORD, "role": "administrator"}
    answer = doors.browser().post("/sign-in", data=form)
    assert answer.status_code == 422
    assert "invalid-request" in answer.text


@pytest.mark.parametrize("password", ["\ud800", "\0", "x" * 40_000, "' OR 1=1 --", "%s%s%n"])
def test_odd_characters_are_a_wrong_password(doors: Doors, password: str) -> None:
    body = f"email={doors.person().email}&password=".encode() + password.encode("utf-8", "surrogatepass")
    answer = doors.browser().post(
        "/sign-in", content=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code in (400, 422)


def test_the_page_that_says_wait_is_a_form_in_three_languages(doors: Doors) -> None:
    caller = doors.browser()
    assert heading(caller.get("/sign-in")) == "Sign in"
    for language, word in (("zh-CN", "登录"), ("vi", "Đăng nhập")):
        assert heading(caller.get(f"/sign-in?lang={language}")) == word


def test_a_password_that_is_changed_while_it_is_judged_lets_nobody_in(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever knows the old one has a session that began after all sessions were ended."""
    person, caller, judge = doors.person(), doors.browser(), passwords.is_right

    def judged_slowly(stored: str | None, password: str) -> bool:
        right, new = judge(stored, password), passwords.hashed("another long password")
        doors.house.writer.do(
            lambda ledger: people.set_user(ledger.connection, person.user, password_hash=new)
        )
        return right

    monkeypatch.setattr(passwords, "is_right", judged_slowly)
    assert _try(caller, person.email, PASSWORD).status_code == 422
    assert COOKIE not in caller.cookies
