"""An empty house with a door, a clock that can be put forward, and people who may come in."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import httpx
import pyotp
import pytest
from argon2 import PasswordHasher

from gateway import wiring
from gateway.people import passwords, totp
from gateway.people.tokens import new_id
from gateway.permissions import Role
from gateway.settings import Settings
from gateway.store import companies, people, sessions, tables, trade
from gateway.store.companies import Member
from gateway.store.people import Membership, User
from gateway.store.trade import Company
from gateway.trade.spending import Limit
from gateway.wiring import Installation
from gateway.workflows.parties import open_log
from ledger.record import Ledger
from ledger.store.tables import table
from tests.gateway.web import Caller

PASSWORD = "lychee ridge tram"
APPROVED, PENDING = "cmp_approved", "cmp_pending"


class MovableClock:
    """Wall time, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True)
class Person:
    """secret: of the second factor, empty without one."""

    user: str
    email: str
    membership: str
    secret: str = ""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Opened, with an operator, an approved and a pending company; shared by a module's tests."""
    home = tmp_path_factory.mktemp("people") / "home"
    installation = wiring.create(Settings(home=home))
    open_log(installation)
    installation.publisher.publish()
    party = {
        "party": installation.config.operator, "slug": "operator", "kind": "operator", "name_zh": "运营方",
        "name_en": "Weizhan", "country": "CN", "city": "Shenzhen", "address": "1 Road",
        "registration_number": "x",
    }  # fmt: skip

    def unit(ledger: Ledger) -> None:
        ledger.connection.execute(table(tables.PartyRow).insert(), [party])
        for id_, status in ((APPROVED, "approved"), (PENDING, "pending")):
            trade.add_company(ledger.connection, Company(id_, "Sao Biển", "VN", "Hải Phòng", "1", status))

    installation.writer.do(unit)
    yield installation
    installation.close()


@pytest.fixture
def clock(house: Installation) -> MovableClock:
    """It goes back to the present after each test, as the counters of attempts do."""
    made = MovableClock()
    house.wall_clock = made
    return made


@pytest.fixture(scope="module")
def _door(house: Installation) -> Caller:
    return Caller(house)


class Doors:
    """Browsers of one application, each with its own cookies."""

    def __init__(self, house: Installation, door: Caller) -> None:
        self.house = house
        self._door = door

    def browser(self) -> Caller:
        made = copy(self._door)
        made.cookies = httpx.Cookies()
        return made

    def person(self, role: Role = "buyer", organisation: str = APPROVED, *, factor: bool = False) -> Person:
        """Somebody with ``PASSWORD`` who is new here."""
        user_id, now = new_id("usr"), self.house.wall_clock.now()
        email = f"{user_id}@people.example"
        secret = totp.new_secret() if factor else None
        user = User(
            user_id, email, "Nguyễn Thị Lan", "en", _hash(), secret, 0,
            disabled=False, demo=False, created_at=now,
        )  # fmt: skip
        membership = Membership(new_id("mbr"), user_id, role, organisation, now)

        def unit(ledger: Ledger) -> None:
            people.add_user(ledger.connection, user)
            people.add_membership(ledger.connection, membership)
            if role == "buyer":  # whoever is not the first of a company only looks on until somebody says so
                companies.put_member(ledger.connection, Member(organisation, user_id, "buyer", Limit(), now))

        self.house.writer.do(unit)
        return Person(user_id, email, membership.id, secret or "")

    def signed_in(self, person: Person) -> Caller:
        """As far as the password lets in."""
        caller = self.browser()
        answer = caller.post("/sign-in", data={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return caller

    def within(self, person: Person) -> Caller:
        """Signed in with both factors."""
        caller = self.signed_in(person)
        answer = caller.send("/second-factor", code=self.code(person))
        assert answer.status_code == 303, answer.text
        return caller

    def code(self, person: Person) -> str:
        return pyotp.TOTP(person.secret).at(self.house.wall_clock.now())


@cache
def _hash() -> str:
    """Made with the parameters of ``_quick``."""
    return passwords.hashed(PASSWORD)


@pytest.fixture(scope="module")
def _quick() -> Iterator[None]:
    """Argon2id all the same, with less memory: what it costs is the matter of test_passwords."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
        yield


@pytest.fixture
def doors(house: Installation, _door: Caller, clock: MovableClock, _quick: None) -> Doors:
    house.writer.do(
        lambda ledger: sessions.forget_old_attempts(ledger.connection, clock.now() + timedelta(days=9))
    )
    return Doors(house, _door)
