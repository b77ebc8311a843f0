"""A printed login lets one browser in, once; nobody learns from the database how to come in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from gateway import wiring
from gateway.auth import COOKIE
from gateway.errors import NotFound
from gateway.people.browser import Browser
from gateway.people.printed_logins import forget_logins, issue_login, use_login
from gateway.settings import Settings
from gateway.wiring import Installation
from tests.gateway.web import Caller, ask, heading

SOMEWHERE = Browser("127.0.0.1", "")


@pytest.fixture
def home(copied: Installation) -> Path:
    return copied.home


@pytest.fixture
def installation(copied: Installation) -> Installation:
    return copied


@pytest.fixture
def caller(copied: Installation) -> Caller:
    return Caller(copied)


@pytest.fixture
def looker(told: Installation) -> Caller:
    """A stranger who changes nothing."""
    return Caller(told)


class LaterClock:
    def __init__(self, later: timedelta) -> None:
        self._later = later

    def now(self) -> datetime:
        return datetime.now(UTC) + self._later


def test_a_link_holds_256_random_bits_and_only_their_hash_is_stored(installation, home) -> None:
    path = issue_login(installation, "operator")
    token = path.removeprefix("/login/")
    assert len(bytes.fromhex(token)) == 32
    assert ask(home, "SELECT count(*) FROM logins WHERE token_hash = ?", token) == 0
    assert path != issue_login(installation, "operator")
    assert ask(home, "SELECT count(*) FROM users WHERE demo = 1") == 1, "the same invented user"


def test_opening_a_link_changes_nothing_and_its_button_lets_in_once(caller) -> None:
    path = issue_login(caller.installation, "buyer", "cmp_vn")
    for _ in range(3):
        page = caller.get(path)
        assert (page.status_code, heading(page)) == (200, "Sign in")
    used = caller.post(path)
    assert (used.status_code, used.headers["location"]) == (303, "/catalogue")

    stranger = Caller(caller.installation)
    again = stranger.post(path)
    assert (again.status_code, heading(again)) == (410, "This link has been used")
    assert not stranger.cookies


def test_of_two_browsers_that_press_at_once_one_comes_in(installation) -> None:
    token = issue_login(installation, "operator").removeprefix("/login/")

    def press(_: int) -> str | None:
        return use_login(installation, token, SOMEWHERE, instead_of=None)[1]

    with ThreadPoolExecutor(8) as pool:
        assert sum(cookie is not None for cookie in pool.map(press, range(8))) == 1


def test_a_link_dies_after_fifteen_minutes(caller) -> None:
    path = issue_login(caller.installation, "auditor")
    caller.installation.wall_clock = LaterClock(timedelta(minutes=15, seconds=1))
    assert heading(caller.get(path)) == "This link has expired"
    assert caller.post(path).status_code == 410
    assert not caller.cookies


def test_a_new_start_makes_older_links_worthless(caller) -> None:
    path = issue_login(caller.installation, "operator")
    forget_logins(caller.installation)
    answer = caller.post(path)
    assert (answer.status_code, heading(answer)) == (404, "This link is not known here")


@pytest.mark.parametrize("token", ["0" * 64, "A" * 64, "0" * 63, "%00", "' OR 1=1 --", "é" * 64])
def test_an_unknown_link_is_not_found(looker, token: str) -> None:
    assert looker.post(f"/login/{token}").status_code == 404
    assert looker.get(f"/login/{token}").status_code == 404


def test_a_link_is_for_somebody_who_could_be_there(installation) -> None:
    with pytest.raises(NotFound):
        issue_login(installation, "buyer", "cmp_nobody")
    with pytest.raises(NotFound):
        issue_login(installation, "carrier")
    assert issue_login(installation, "supplier")


def test_an_administrator_of_the_demo_needs_no_telephone(caller) -> None:
    answer = caller.post(issue_login(caller.installation, "administrator"))
    assert answer.headers["location"] == "/people"
    assert caller.get("/people").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(caller) -> None:
    answer = caller.post(issue_login(caller.installation, "operator"))
    cookie = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert cookie["max-age"] == str(12 * 3600)
    assert len(bytes.fromhex(cookie.value)) == 32
    assert not cookie["secure"]


def test_the_cookie_is_secure_where_the_site_is(home) -> None:
    installation = wiring.open_(Settings(home=home, public_url="https://lots.example"))
    caller = Caller(installation, base="https://lots.example")
    answer = caller.post(issue_login(installation, "operator"))
    assert "secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"]
    installation.close()


def test_a_cookie_that_is_no_token_is_nobody(looker) -> None:
    looker.cookies.set(COOKIE, "x' OR 1=1 --")
    assert looker.get("/operator").status_code == 403
