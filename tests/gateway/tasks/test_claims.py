"""A hidden code is claimed once, whoever comes at the same moment, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.store import claims
from gateway.store.claims import HiddenCode
from gateway.wiring import Installation
from qrcodes.hidden import hidden_digest
from tests.conftest import POSTGRESQL, SQLITE

pytestmark = pytest.mark.databases(SQLITE, POSTGRESQL)
CODE, OTHER = "0" * 20, "1" * 20
RIGHT, WRONG = hidden_digest(CODE, "0" * 12), hidden_digest(CODE, "1" * 12)
AT_ONCE = 50


def keep(house: Installation, *hidden: HiddenCode) -> None:
    house.writer.do(lambda ledger: claims.add(ledger.connection, hidden))


def claim(house: Installation, digest: str, code: str = CODE) -> str:
    now = house.clock.now()
    return house.writer.do(lambda ledger: claims.claim(ledger.connection, code, digest, now))


def claimed(house: Installation, code: str = CODE) -> bool:
    with house.database.reading() as connection:
        return claims.claim_of(connection, code) is not None


def test_of_many_at_once_one_gets_it(house: Installation) -> None:
    keep(house, HiddenCode(CODE, "run:a", RIGHT))
    with ThreadPoolExecutor(AT_ONCE) as people:
        outcomes = list(people.map(lambda _: claim(house, RIGHT), range(AT_ONCE)))
    assert sorted(outcomes) == ["already"] * (AT_ONCE - 1) + ["claimed"]
    assert claimed(house)


def test_a_wrong_code_claims_nothing_and_a_code_without_one_answers_alike(house: Installation) -> None:
    keep(house, HiddenCode(CODE, "run:a", RIGHT))
    assert claim(house, WRONG) == "wrong"
    assert claim(house, RIGHT, OTHER) == "wrong"
    assert claim(house, "0" * 64, OTHER) == "wrong", "no stand-in digest can be shown"
    assert not claimed(house)
    assert claim(house, RIGHT) == "claimed"
    assert claim(house, WRONG) == "wrong", "only who knows the hidden code learns more than the page says"


def test_a_new_label_ends_the_hidden_code_of_the_old_one_unless_it_was_claimed(house: Installation) -> None:
    keep(house, HiddenCode(CODE, "run:a", RIGHT), HiddenCode(OTHER, "run:a", RIGHT))
    assert claim(house, RIGHT, OTHER) == "claimed"
    keep(house, HiddenCode(CODE, "run:b", WRONG), HiddenCode(OTHER, "run:b", WRONG))
    assert claim(house, RIGHT) == "wrong"
    assert claim(house, WRONG) == "claimed"
    assert claimed(house, OTHER), "a claim stays whatever is printed later"
    assert claim(house, WRONG, OTHER) == "wrong"
