"""Who may see an offer: one rule, the same as a predicate and as SQL, on both databases."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, create_engine, select
from sqlmodel import SQLModel

from gateway.store import audiences
from gateway.store.audiences import Chosen, Exposure
from gateway.store.catalogue_copies import INDEX, LEVELS, STOCK
from gateway.store.trade import LISTINGS, Listing, add_listing
from gateway.trade.visibility import VISIBILITIES, Audience, Viewer
from tests.conftest import POSTGRESQL, SQLITE
from tests.postgresql import Server

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
COMPANIES = [f"cmp_{n}" for n in range(6)]
MARKETS = ("VN", "NG")
TABLES = [
    LISTINGS, STOCK, LEVELS, INDEX, audiences.CHOSEN, audiences.ACCESS, audiences.EXPOSURES,
]  # fmt: skip


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    if request.param == SQLITE:
        url = "sqlite://"
    else:
        server: Server = request.getfixturevalue("postgresql")
        url = server.url(server.create())
    engine = create_engine(url)
    SQLModel.metadata.create_all(engine, tables=TABLES)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def listing(n: int, dice: random.Random) -> Listing:
    return Listing(
        id=f"lst_{n:03}",
        lot=f"lot:{n:03}",
        market=dice.choice(MARKETS),
        channel="export",
        currency="USD",
        unit_price_minor=100,
        moq=5,
        head="",
        status="published",
        visibility=dice.choice(VISIBILITIES),
        tier_min=dice.randint(1, 3),
    )


def some(dice: random.Random, of: list[str], most: int) -> list[str]:
    return dice.sample(of, dice.randint(0, most)) if dice.random() < 0.4 else []


def filled(connection: Connection, dice: random.Random, count: int) -> list[Listing]:
    made = [listing(n, dice) for n in range(count)]
    for one in made:
        add_listing(connection, one)
        for company in some(dice, COMPANIES, 3):
            audiences.choose(connection, Chosen(one.id, company, 500, ("bought-it",), NOW, "matching"))
        for effect in ("allow", "deny"):
            audiences.set_access(connection, one.id, effect, "company", some(dice, COMPANIES, 2))
            audiences.set_access(connection, one.id, effect, "market", some(dice, [*MARKETS], 1))
    return made


def said_by_name(connection: Connection, one: Listing, company: str) -> bool:
    access = connection.execute(audiences.ACCESS.select().where(audiences.ACCESS.c.listing == one.id)).first()
    return access is not None or company in {who.company for who in audiences.chosen_of(connection, one.id)}


@pytest.mark.parametrize("seed", range(4))
def test_rule_and_sql_give_the_same_answer_for_every_company(connection: Connection, seed: int) -> None:
    dice = random.Random(seed)
    made = filled(connection, dice, 60)
    seen = 0
    for company in COMPANIES:
        viewer = Viewer(company, dice.choice(MARKETS), dice.randint(1, 3))
        statement = select(LISTINGS.c.id, audiences.why_seen()).where(audiences.seen_by(viewer))
        by_sql = dict(tuple(row) for row in connection.execute(statement))
        by_rule = {one.id: why for one in made if (why := audiences.audience_of(connection, one).why(viewer))}
        assert by_sql == by_rule
        special = {row.id for row in connection.execute(audiences.special_for(viewer))}
        named = [one.id for one in made if said_by_name(connection, one, company)]
        assert special == set(named) & set(by_rule)
        seen += len(by_rule)
    assert 0 < seen < len(made) * len(COMPANIES), "the rules let some through and not others"


def test_g8_a_pool_for_tier_two_does_not_exist_for_tier_one() -> None:
    pool = Audience("VN", "tier", tier_min=2)
    assert [pool.why(Viewer("cmp", "VN", tier)) for tier in (1, 2, 3)] == [None, "tier", "tier"]
    assert pool.why(Viewer("cmp", "NG", 3)) is None


def test_g7_a_private_offer_is_for_those_that_were_chosen() -> None:
    private = Audience("VN", "private", chosen=frozenset({"cmp_a"}))
    assert private.why(Viewer("cmp_a", "VN", 1)) == "audience"
    assert private.why(Viewer("cmp_b", "VN", 9)) is None


def test_g9_whoever_is_denied_sees_nothing_whatever_else_is_said() -> None:
    for visibility in VISIBILITIES:
        for denied in (
            Audience("VN", visibility, chosen=frozenset({"a"}), denied_companies=frozenset({"a"})),
            Audience("VN", visibility, chosen=frozenset({"a"}), denied_markets=frozenset({"VN"})),
            Audience("VN", visibility, chosen=frozenset({"a"}), allowed_companies=frozenset({"b"})),
            Audience("VN", visibility, chosen=frozenset({"a"}), allowed_markets=frozenset({"NG"})),
        ):
            assert denied.why(Viewer("a", "VN", 9)) is None


def test_a_company_is_written_down_once_a_day_and_offer(connection: Connection) -> None:
    shown = [
        Exposure("lst_1", "cmp_1", "2026-11-22", "tier"),
        Exposure("lst_2", "cmp_1", "2026-11-22", "tier"),
    ]
    audiences.log_exposures(connection, shown)
    audiences.log_exposures(connection, shown)
    assert audiences.unlogged(connection, shown) == []
    later = [Exposure("lst_1", "cmp_1", "2026-11-23", "audience")]
    audiences.log_exposures(connection, later)
    assert audiences.exposures_of(connection, "lst_1") == [*later, shown[0]]
    assert audiences.exposed(connection, "lst_1") == (1, 2)


def test_whom_an_offer_was_matched_to_is_kept_with_its_reasons(connection: Connection) -> None:
    first = Chosen("lst_1", "cmp_1", 400, ("same-brand",), NOW, "matching")
    again = Chosen("lst_1", "cmp_1", 900, ("same-brand", "same-grade"), NOW + timedelta(days=1), "user:1")
    other = Chosen("lst_1", "cmp_2", 950, (), NOW, "matching")
    for one in (first, again, other):
        audiences.choose(connection, one)
    assert audiences.chosen_of(connection, "lst_1") == [other, again]
    audiences.leave_out(connection, "lst_1", "cmp_2")
    assert audiences.chosen_of(connection, "lst_1") == [again]
