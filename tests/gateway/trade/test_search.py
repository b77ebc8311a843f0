"""What a search says, how texts are compared, and what shallow stock is."""

import pytest

from gateway.policies import load
from gateway.trade.search import Search, depth_of, normalised, query_of, search_of, searchable, tokens

FULL = Search(
    q="điện thoại X7",
    category=("phone",),
    brand=("北辰", "星野"),
    grade=("A", "B"),
    condition=("new",),
    inspection="full",
    warehouse=("Shenzhen",),
    depth=("medium",),
    event=("sev_1",),
    hs="851713",
    price_min=0,
    price_max=9_000,
    qty_min=5,
    verified_since="2026-11-01",
    sort="-price",
)


@pytest.mark.parametrize("search", [Search(), FULL, Search(q="a&b=c #1"), Search(price_min=0)])
def test_a_search_is_read_back_as_it_was_written(search: Search) -> None:
    assert search_of(query_of(search)) == search


def test_equal_searches_are_equal_texts() -> None:
    one, other = Search(grade=("B", "A"), q=" x "), Search(grade=("A", "B"), q="x")
    assert query_of(one) == query_of(other) == "q=x&grade=A&grade=B"


@pytest.mark.parametrize("query", ["", "sort=cheap", "price_min=-1", "price_max=1e9", "nothing=1", "q="])
def test_what_is_no_search_counts_for_nothing(query: str) -> None:
    assert search_of(query) == Search()


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("Điện  Thoại", "dien thoai"),
        ("ＸＹ－７", "xy-7"),
        ("ÁO SƠ MI", "ao so mi"),
        ("手机", "手机"),
        ("Straße", "strasse"),
    ],
)
def test_texts_are_compared_without_width_case_and_accents(typed: str, compared: str) -> None:
    assert normalised(typed) == compared
    assert compared in searchable([typed, "other"])


def test_a_search_has_few_words_each_once() -> None:
    assert tokens("b A a  B") == ("b", "a")
    assert len(tokens(" ".join(map(str, range(50))))) == 8


def test_g6_many_products_with_few_pieces_are_shallow_stock() -> None:
    policy = load.depth()
    least, most = policy.shallow_products_min, policy.shallow_pieces_max
    assert depth_of(policy, products=10, pieces=10 * most) == "shallow"
    assert depth_of(policy, products=10, pieces=10 * most + 1) == "medium"
    assert depth_of(policy, products=least - 1, pieces=1) == "medium"
