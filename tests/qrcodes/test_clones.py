"""The rules about readings: places and their pace, by level; never how often alone."""

from dataclasses import replace
from hashlib import sha256
from importlib import resources

import pytest

from qrcodes.clones import Finding, Readings, judge, parse_scans

DATA = resources.files("gateway.policies").joinpath("scans.toml").read_bytes()
POLICY = parse_scans(DATA)
QUIET = Readings(pieces=1, places_hour=1, countries_hour=1, places_week=1, countries={"VN": 1})
HOME = frozenset({"CN", "VN"})


def _slugs(level: str, readings: Readings, expected: frozenset[str] = HOME) -> list[str]:
    return [finding.notice for finding in judge(POLICY, level, readings, expected)]


@pytest.mark.parametrize("level", ["article", "style", "carton", "lot", "a level of tomorrow"])
def test_one_person_with_a_phone_is_not_remarkable(level: str) -> None:
    assert _slugs(level, QUIET) == []


def test_A40_an_article_opened_from_thirty_places_in_an_hour_is_remarkable() -> None:
    found = judge(POLICY, "article", replace(QUIET, places_hour=30, places_week=30), HOME)
    assert found == (Finding("many-places", "places_hour", 30, 10),)


@pytest.mark.parametrize(
    ("member", "notice"),
    [("places_hour", "many-places"), ("countries_hour", "many-places"), ("places_week", "too-often")],
)
@pytest.mark.parametrize("level", list(POLICY.levels))
def test_a_limit_is_reached_before_it_is_broken(level: str, member: str, notice: str) -> None:
    limit = getattr(POLICY.limits(level), member)
    assert _slugs(level, replace(QUIET, **{member: limit})) == []
    assert _slugs(level, replace(QUIET, pieces=0, **{member: limit + 1})) == [notice]


def test_countries_of_ninety_days_are_counted_where_networks_are_forgotten() -> None:
    names = [f"{chr(65 + n)}X" for n in range(POLICY.limits("article").countries + 1)]
    assert _slugs("article", replace(QUIET, countries=dict.fromkeys(names, 0))) == ["too-often"]


def test_what_many_pieces_carry_is_opened_in_more_places() -> None:
    limits = POLICY.limits("style")
    busy = replace(QUIET, places_hour=limits.places_hour + 50)
    assert _slugs("style", busy) == ["many-places"]
    assert _slugs("style", replace(busy, pieces=50 * limits.pieces_per_place)) == []
    assert _slugs("article", replace(busy, pieces=10_000)) == ["many-places"]


def test_a_level_nobody_named_is_judged_like_an_article() -> None:
    assert POLICY.limits("a level of tomorrow") == POLICY.limits("article")


def test_goods_in_a_country_where_they_were_never_offered_are_remarkable() -> None:
    readings = replace(QUIET, countries={"VN": 40, "NG": 4})
    found = judge(POLICY, "article", readings, HOME)
    assert found == (Finding("wrong-market", "foreign_places", 4, 3, "NG"),)
    assert _slugs("article", replace(readings, countries={"NG": 3})) == [], "a traveller is no market"
    assert _slugs("article", readings, frozenset()) == [], "goods that were never offered have no market"


def test_the_gravest_comes_first() -> None:
    worst = replace(QUIET, places_hour=99, places_week=999, countries={"NG": 50})
    assert _slugs("article", worst) == ["many-places", "too-often", "wrong-market"]


def test_the_policy_names_the_bytes_it_was_read_from() -> None:
    assert POLICY.sha256 == sha256(DATA).hexdigest()
    assert parse_scans(DATA + b"# a word\n").sha256 != POLICY.sha256


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"kept_days = 90", b"kept_days = 0"),
        (b"places_hour = 10", b"places_hour = -1"),
        (b"salt_days = 7", b""),
        (b"[levels.style]", b"[levels.style]\nplaces_minute = 3"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(before: bytes, after: bytes) -> None:
    assert before in DATA
    with pytest.raises(ValueError, match=r"places_|kept_days|salt_days"):
        parse_scans(DATA.replace(before, after, 1))
