"""A commitment opens to one value under one salt and one name, and shows nothing else."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import canonical
from ledger.core.commitments import Opening, check_opening, commitment
from ledger.errors import InvalidRecord
from tests.ledger.core.test_canonical import MEMBERS, VALUES

SALT = bytes(range(32))


@given(MEMBERS, VALUES, st.binary(min_size=32, max_size=32))
def test_a_commitment_is_the_hash_of_records_md_and_opens(name: str, value: Any, salt: bytes) -> None:
    made = commitment(name, Opening(value, salt))
    head = b"lotproof/commit/v1\n" + salt + len(name).to_bytes(4, "big") + name.encode()
    assert made == sha256(head + canonical.dumps(value)).hexdigest()
    check_opening(name, Opening(value, salt), made)


def test_the_length_of_the_name_keeps_name_and_value_apart() -> None:
    assert commitment("price1", Opening(2, SALT)) != commitment("price", Opening(12, SALT))


@pytest.mark.parametrize(
    ("name", "opening"),
    [
        ("price", Opening(101, SALT)),
        ("price", Opening("100", SALT)),
        ("price", Opening([100], SALT)),
        ("prices", Opening(100, SALT)),
        ("price", Opening(100, SALT[::-1])),
    ],
    ids=["value", "type", "list", "name", "salt"],
)
def test_another_value_name_or_salt_does_not_open_it(name: str, opening: Opening) -> None:
    committed = commitment("price", Opening(100, SALT))
    with pytest.raises(InvalidRecord, match="does not open the commitment") as caught:
        check_opening(name, opening, committed)
    assert caught.value.pointer == f"/open/{name}"


@pytest.mark.parametrize("committed", ["", "0" * 64])
def test_another_commitment_is_not_opened(committed: str) -> None:
    with pytest.raises(InvalidRecord, match="does not open the commitment"):
        check_opening("price", Opening(100, SALT), committed)


def test_true_does_not_open_a_commitment_to_one() -> None:
    with pytest.raises(InvalidRecord, match="does not open the commitment"):
        check_opening("price", Opening(value=True, salt=SALT), commitment("price", Opening(1, SALT)))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_salt_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(InvalidRecord, match="a salt has 32 bytes") as caught:
        commitment("price", Opening(100, bytes(length)))
    assert caught.value.pointer == "/open/price/salt"


@pytest.mark.parametrize("value", [None, 1.5, float("nan"), {"A": 1}, [None], 2**53], ids=repr)
def test_a_value_outside_the_profile_is_refused_by_its_place(value: Any) -> None:
    with pytest.raises(InvalidRecord, match="/open/price/value"):
        check_opening("price", Opening(value, SALT), "0" * 64)


def test_a_value_without_canonical_bytes_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="has no canonical form"):
        check_opening("price", Opening("\ud800", SALT), "0" * 64)
