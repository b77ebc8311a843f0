"""What a page and the gate say of one lot must not depend on what the working tables claim."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from ledger.author import Draft
from ledger.core.keys import VerifierKey
from ledger.errors import MissingEvidence
from ledger.store import log
from ledger.store.log import HEADS
from ledger.verify import History, Verifier
from tests.ledger.world import CHILD_A, CHILD_B, GRANT, LOG_KEY, LOT, ORIGIN, PARTIES, World, but, hand, ident

pytestmark = pytest.mark.databases("sqlite", "postgresql")
KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)


@pytest.fixture
def played(world: World) -> World:
    world.play()
    world.publisher.publish()
    return world


def verify(world: World, lot: str) -> History:
    with world.database.reading() as connection:
        history = Verifier(world.objects, KEY).history(connection, lot)
    assert history is not None
    return history


def tamper(world: World, statement: str, **values: Any) -> None:
    world.tamper(statement, **values)


def kept(world: World, lot: str, **changes: Any) -> None:
    """Change the state kept of a lot."""
    state = json.loads(world.state(lot).model_dump_json(by_alias=True))
    for name, value in changes.items():
        state[name] = {**state[name], **value} if isinstance(value, dict) and state[name] else value
    tamper(world, "UPDATE subjects SET state = :state WHERE subject = :lot", state=json.dumps(state), lot=lot)


@pytest.mark.parametrize("lot", [LOT, CHILD_A, CHILD_B], ids=["parent", "sold child", "repaired child"])
@pytest.mark.parametrize("stage", ["declared", "inspected", "split", "regraded", "sold", "delivered"])
def test_every_stage_of_the_journey_is_unaltered(world: World, stage: str, lot: str) -> None:
    world.play(stage)
    world.publisher.publish()
    if lot != LOT and stage in ("declared", "inspected"):
        with world.database.reading() as connection:
            assert Verifier(world.objects, KEY).history(connection, lot) is None
        return
    history = verify(world, lot)
    assert (history.verdict, history.problems) == ("unaltered", ())
    assert history.through == len(world.entries)


def test_records_that_are_not_published_yet_belong_to_the_history(world: World) -> None:
    world.play("inspected")
    world.publisher.publish()
    world.record(world.split())
    for lot in (LOT, CHILD_A):
        history = verify(world, lot)
        assert history.verdict == "unaltered", history.problems
        assert history.records[-1].trouble == "unpublished"


def test_a_grant_that_is_revoked_since_does_not_undo_the_records_under_it(played: World) -> None:
    grantor = [hand("brand", "grantor")]
    played.record(Draft("authorization.revoked", grantor, {"reason": "withdrawn"}, [GRANT]))
    played.publisher.publish()
    assert verify(played, CHILD_A).verdict == "unaltered"


def test_an_erased_quantity_leaves_the_number_sold_untold(played: World) -> None:
    tamper(played, "UPDATE openings SET value = NULL, salt = NULL WHERE field = 'quantity'")
    assert verify(played, CHILD_A).verdict == "unaltered"


@pytest.mark.parametrize("lot", [LOT, CHILD_A])
def test_a_lot_without_its_chain_is_changed(played: World, lot: str) -> None:
    tamper(played, "DELETE FROM chain WHERE subject = :lot", lot=lot)
    history = verify(played, lot)
    assert history.verdict == "changed"
    assert "none of its records is left" in " ".join(history.problems)


def test_a_child_whose_parent_has_no_chain_is_changed(played: World) -> None:
    tamper(played, "DELETE FROM chain WHERE subject = :lot", lot=LOT)
    assert verify(played, CHILD_A).verdict == "changed"


def test_a_chain_that_holds_only_what_came_after_the_heads_is_changed(world: World) -> None:
    """Every record that the heads tree covers was cut: then the tree must not know the lot."""
    world.play("inspected")
    world.publisher.publish()
    world.record(world.split())
    through = len(world.entries) - 1
    tamper(world, "DELETE FROM chain WHERE subject = :lot AND idx < :at", lot=LOT, at=through)
    assert any("not proved whole" in problem for problem in verify(world, LOT).problems)


def test_a_heads_tree_set_back_hides_no_record(world: World) -> None:
    """The newest record's chain row is deleted, and the head row shows the log.heads before it."""
    world.play("received")
    world.publisher.publish()
    with world.database.reading() as connection:
        columns = "heads_through, heads_count, heads_root, heads_top"
        old = connection.execute(text(f"SELECT {columns} FROM log_state")).one()
        before = log.subject(connection, LOT)
        nodes = [tuple(row) for row in connection.execute(text("SELECT * FROM heads_nodes"))]
    world.record(world.assigned())
    world.record(world.inspected())
    world.publisher.publish()
    assert before is not None
    tamper(world, "DELETE FROM chain WHERE subject = :lot AND seq > :seq", lot=LOT, seq=before.head.seq)
    tamper(
        world,
        "UPDATE subjects SET seq = :seq, idx = :idx, event_id = :event, state = :state WHERE subject = :lot",
        lot=LOT,
        seq=before.head.seq,
        idx=before.head.index,
        event=bytes.fromhex(before.head.event_id),
        state=before.state.model_dump_json(by_alias=True),
    )
    sets = ", ".join(f"{name} = :{name}" for name in old._mapping)
    tamper(world, f"UPDATE log_state SET {sets}", **old._mapping)
    tamper(world, "DELETE FROM heads_nodes")
    with world.database.writer.begin() as connection:
        for node in nodes:
            connection.execute(HEADS.insert(), dict(zip(HEADS.c.keys(), node, strict=True)))
    history = verify(world, LOT)
    assert (history.verdict, history.through) == ("changed", None)
    assert "older than the published one" in history.problems[0]


def test_only_a_heads_record_states_the_heads_root(played: World) -> None:
    """An entry after the tree, of the operator's making, poses as the log.heads."""
    draft = played.declared(data={"manifest": None}, rows=())
    played.record(but(draft, subjects=[ident("lot", "late")]))
    tamper(played, "UPDATE log_state SET heads_through = size - 1")
    assert any(r"is no log.heads" in problem for problem in verify(played, CHILD_A).problems)


def test_a_heads_record_of_another_key_states_nothing(played: World) -> None:
    with played.database.reading() as connection:
        head = log.read_head(connection)
    assert head is not None
    state = head.state.model_copy(
        update={"heads_key": hand("stranger", "everything").signer.public_key.hex()}
    )
    tamper(played, "UPDATE log_state SET state = :state", state=state.model_dump_json())
    assert any("only the heads key signs" in problem for problem in verify(played, CHILD_A).problems)


@pytest.mark.parametrize(
    ("lot", "changes"),
    [
        (CHILD_A, {"grade": "B"}),
        (CHILD_B, {"grade": "B"}),
        (CHILD_A, {"inspection": {"grades": {"A": 5}}}),
        (CHILD_A, {"inspection": {"event_id": "ab" * 32}}),
        (CHILD_A, {"inspection": None}),
        (CHILD_B, {"repairs": {}, "changed_since_inspection": True}),
        (CHILD_B, {"refurbishers": []}),
        (CHILD_A, {"authorizations": []}),
        (LOT, {"authorizations": [ident("authorization", "wider")]}),
        (CHILD_A, {"overage": True}),
        (CHILD_A, {"brand": "other"}),
        (CHILD_A, {"category": "sofa"}),
        (CHILD_B, {"condition": "new"}),
        (CHILD_A, {"key": {"label_state": "cut"}}),
        (CHILD_A, {"quantity": 30}),
        (CHILD_A, {"sold": 0}),
        (CHILD_A, {"title": PARTIES["stranger"]}),
        (CHILD_A, {"parent": None}),
        (CHILD_A, {"parent": CHILD_A}),
        (CHILD_A, {"parent": CHILD_B}),
        (CHILD_A, {"parent": ident("lot", "nobody")}),
    ],
    ids=str,
)
def test_a_working_copy_that_says_something_else_is_changed(
    played: World, lot: str, changes: dict[str, Any]
) -> None:
    kept(played, lot, **changes)
    history = verify(played, lot)
    assert (history.verdict, history.through) == ("changed", None)


@pytest.mark.parametrize("column", ["seq = seq - 1", "idx = idx - 1", "event_id = zeroblob(32)"])
def test_the_newest_record_kept_must_be_the_newest_of_the_chain(played: World, column: str) -> None:
    tamper(played, f"UPDATE subjects SET {column} WHERE subject = :lot", lot=CHILD_A)
    assert "is not the newest" in verify(played, CHILD_A).problems[0]


def test_a_chain_row_that_names_another_record_is_changed(played: World) -> None:
    tamper(played, "UPDATE chain SET seq = seq + 1000 WHERE subject = :lot", lot=CHILD_A)
    assert verify(played, CHILD_A).verdict == "changed"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subjects SET state = '{'",
        "UPDATE subjects SET state = 'null'",
        "UPDATE log_state SET state = 'x'",
        "UPDATE log_state SET size = size - 1",
        "UPDATE keys SET state = ''",
    ],
)
def test_tables_that_cannot_be_read_claim_nothing(played: World, statement: str) -> None:
    tamper(played, statement)
    with pytest.raises(MissingEvidence):
        verify(played, CHILD_A)


@pytest.mark.databases("sqlite")
def test_a_leaf_of_another_kind_claims_nothing(played: World) -> None:
    """PostgreSQL keeps bytes in a column of bytes."""
    tamper(played, "UPDATE entries SET leaf = 'text'")
    with pytest.raises(MissingEvidence):
        verify(played, CHILD_A)


def test_what_is_no_lot_has_no_history(played: World) -> None:
    with played.database.reading() as connection:
        for name in (GRANT, PARTIES["operator"], ident("lot", "nobody")):
            assert Verifier(played.objects, KEY).history(connection, name) is None
