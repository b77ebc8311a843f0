"""What a pack shows is judged again by the rules, from entry 0, and its grades from its rows."""

import re

import pytest

from exporters.audit_pack import check_words
from ledger import pack, pack_evidence
from ledger.errors import InvalidRecord, MissingEvidence, NotVisible, ProofError
from ledger.verify import Verifier
from tests.exporters.packs import KEY, alone, made, ours, played, problem
from tests.ledger.world import CHILD_A, LOT, World, ident


@pytest.fixture
def journey(world: World) -> World:
    return played(world)


def test_a_pack_says_what_the_records_make_of_the_lot(journey: World) -> None:
    verified = pack.verify(made(journey), journey.policy, check_words)
    assert verified.state == journey.state(CHILD_A)
    assert verified.through == len(journey.entries)
    assert verified.documents == ("documents/37-commercial_invoice.pdf",)
    assert (verified.grades, verified.distrusted) == (3, ())


def test_without_the_quantity_of_a_sale_the_rest_is_judged_all_the_same(journey: World) -> None:
    data = made(journey, opened=lambda _leaf, field: field != "quantity")
    verified = pack.verify(data, journey.policy, check_words)
    assert verified.state.sold is None


def test_without_a_policy_nothing_is_said(journey: World) -> None:
    with pytest.raises(MissingEvidence, match="no policy"):
        pack.verify(made(journey), None, check_words)


@pytest.fixture
def careless(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A log whose writer took an inspection with grades that its rows do not give."""
    monkeypatch.setattr("ledger.record.check_grades", lambda _data, _rows: True)
    world.play("assigned")
    world.record(world.inspected(grades={"A": 2, "B": 2, "C": 1}))
    world.publisher.publish()
    return world


def test_grades_that_the_rows_do_not_give_are_wrong(careless: World) -> None:
    """The inspector signed it and the log took it; only who computes again notices."""
    data = made(careless, LOT)
    with pytest.raises(InvalidRecord, match="/data/grades: the rows give"):
        pack.verify(data, careless.policy, check_words)
    assert (alone(data), ours(data)) == (0, 3)


def test_grades_are_not_judged_where_no_row_is_shown(careless: World) -> None:
    assert pack.verify(made(careless, LOT, rows=False), careless.policy, check_words).grades == 0


def test_an_erased_row_is_left_out_and_the_others_verify(journey: World) -> None:
    journey.tamper("UPDATE manifest_rows SET data = NULL WHERE n = 1")
    data = made(journey)
    assert (alone(data), ours(data)) == (0, 0)
    assert all(one["row"]["n"] != 1 for one in pack.verify(data, journey.policy, check_words).shown.rows)


def test_an_erased_value_is_left_out(journey: World) -> None:
    journey.tamper("UPDATE openings SET value = NULL, salt = NULL WHERE field = 'buyer'")
    data = made(journey)
    assert b"Lagos Wholesale" not in data
    assert (alone(data), ours(data)) == (0, 0)


def test_what_came_after_the_checkpoint_is_not_in_the_pack(world: World) -> None:
    world.play("inspected")
    world.publisher.publish()
    world.record(world.split())
    verified = pack.verify(made(world, LOT), world.policy, check_words)
    assert verified.state.children == []
    with world.database.reading() as connection:
        verifier = Verifier(world.objects, KEY)
        assert pack_evidence.collect(connection, verifier, CHILD_A) is None
        assert pack_evidence.collect(connection, verifier, ident("lot", "nobody")) is None


def test_nothing_is_collected_while_the_heads_tree_is_another_than_the_published(world: World) -> None:
    world.play("received")
    world.publisher.publish()
    verifier = Verifier(world.objects, KEY)
    world.record(world.assigned())
    world.publisher.publish()
    with world.database.reading() as connection, pytest.raises(NotVisible, match="ask again"):
        pack_evidence.collect(connection, verifier, LOT)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET leaf = (SELECT leaf FROM entries WHERE idx = 3) WHERE idx = 24",
        "DELETE FROM entries WHERE idx = 24",
    ],
)
def test_an_entry_that_is_not_the_published_one_makes_no_pack(journey: World, statement: str) -> None:
    journey.tamper(statement)
    with pytest.raises((ProofError, MissingEvidence)):
        made(journey)


def test_a_record_that_the_chain_table_hides_makes_no_valid_pack(journey: World) -> None:
    journey.tamper("DELETE FROM chain WHERE subject = :lot AND seq = 1", lot=LOT)
    data = made(journey)
    assert (alone(data), ours(data)) == (4, 4)
    assert re.search("record 1 of lot:.* is not in the pack", problem(data))
    journey.tamper("DELETE FROM chain WHERE subject = :lot AND seq >= 1", lot=CHILD_A)
    data = made(journey)
    assert alone(data) == ours(data) != 0
