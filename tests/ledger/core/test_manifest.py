"""Rows stand under one root, each with its own salt, and an erased row keeps its place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import manifest, merkle
from ledger.errors import InvalidRecord
from tests.ledger.core import trees
from tests.ledger.core.test_canonical import MEMBERS, VALUES

SALT = bytes(range(32))
FACTS = st.dictionaries(MEMBERS.filter(lambda name: name not in ("n", "salt", "erased")), VALUES, max_size=4)


def _rows(count: int) -> list[bytes]:
    return [manifest.row(n, bytes([n]) * 32, {"imei": f"{n:015d}"}) for n in range(count)]


@given(st.integers(0, 10**6), st.binary(min_size=32, max_size=32), FACTS)
def test_a_row_reads_back(n: int, salt: bytes, facts: dict[str, Any]) -> None:
    assert manifest.parse_row(manifest.row(n, salt, facts), n) == facts


def test_a_row_is_canonical_with_number_and_salt() -> None:
    expected = f'{{"imei":"1","n":4,"salt":"{SALT.hex()}"}}'
    assert manifest.row(4, SALT, {"imei": "1"}) == expected.encode()


@pytest.mark.parametrize("count", range(20))
def test_the_root_is_the_tree_over_the_rows(count: int) -> None:
    rows = _rows(count)
    assert manifest.root(rows) == trees.mth([merkle.leaf_hash(row) for row in rows]).hex()


def test_no_rows_give_the_hash_of_nothing() -> None:
    assert manifest.root([]) == merkle.EMPTY_ROOT.hex()


@given(st.integers(1, 20), st.sets(st.integers(0, 19)))
def test_erased_rows_stand_by_their_kept_hashes(count: int, erased: set[int]) -> None:
    rows = _rows(count)
    kept = [merkle.leaf_hash(row) for row in rows]
    left = [None if n in erased else row for n, row in enumerate(rows)]
    assert manifest.root_with_erased(left, kept) == manifest.root(rows)


def test_the_hash_kept_for_a_row_that_stands_is_not_believed() -> None:
    rows = _rows(3)
    kept = [merkle.leaf_hash(b"forged")] * 3
    assert manifest.root_with_erased(rows, kept) == manifest.root(rows)
    assert manifest.root_with_erased([rows[0], None, rows[2]], kept) != manifest.root(rows)


@pytest.mark.parametrize("n", [3, 5])
def test_a_row_of_another_number_is_refused(n: int) -> None:
    with pytest.raises(InvalidRecord, match="is not the row of its number") as caught:
        manifest.parse_row(manifest.row(4, SALT, {}), n)
    assert caught.value.pointer == f"/rows/{n}"


@pytest.mark.parametrize(
    "data",
    [
        "[]",
        '"row"',
        "1",
        f'{{"salt":"{SALT.hex()}"}}',
        f'{{"n":true,"salt":"{SALT.hex()}"}}',
        f'{{"n":"1","salt":"{SALT.hex()}"}}',
    ],
)
def test_what_is_no_row_is_refused(data: str) -> None:
    with pytest.raises(InvalidRecord, match="is not the row of its number"):
        manifest.parse_row(data.encode(), 1)


@pytest.mark.parametrize(
    "salt", ["1", '""', '"00"', f'"{SALT.hex().upper()}"', f'"{SALT.hex()}00"', f'"{SALT.hex()[:-1]} "']
)
def test_a_salt_that_is_not_64_lower_case_digits_is_refused(salt: str) -> None:
    with pytest.raises(InvalidRecord, match=r"salt: .* is not 64 lower-case hex digits"):
        manifest.parse_row(f'{{"n":1,"salt":{salt}}}'.encode(), 1)


def test_a_row_without_a_salt_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="/rows/1: salt"):
        manifest.parse_row(b'{"n":1}', 1)


def test_a_row_that_calls_itself_erased_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="an erased row has no facts"):
        manifest.parse_row(f'{{"erased":"{"0" * 64}","n":1,"salt":"{SALT.hex()}"}}'.encode(), 1)


def test_a_row_that_is_not_canonical_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="not in canonical form"):
        manifest.parse_row(f'{{"salt":"{SALT.hex()}","n":1}}'.encode(), 1)


@pytest.mark.parametrize("facts", [{"n": 1}, {"salt": "x"}, {"erased": "x"}])
def test_facts_that_would_shadow_number_or_salt_are_a_programmer_s_mistake(facts: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        manifest.row(1, SALT, facts)
