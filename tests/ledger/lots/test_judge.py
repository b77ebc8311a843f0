"""One record against everything before it: what holds for every type, whoever writes it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ledger.author import Draft
from ledger.core import canonical
from ledger.core.envelope import SignedRecord
from ledger.errors import InvalidRecord, NotYourLot, StaleSubject
from ledger.lots.judge import judge
from ledger.records.registry import typed
from ledger.store.log import read_head
from ledger.store.view import StoredView
from tests.ledger.fakes import MemorySigner
from tests.ledger.world import GRANT, LOT, PARTIES, World, but, hand, ident, registrar

WorldAt = Callable[[str], World]


def judged(world: World, draft: Draft, *, recorded_at: str = "", **body: object) -> None:
    """Judge a body whose members were replaced after signing: signatures are checked elsewhere."""
    submission = world.submission(draft)
    members = {**canonical.loads(submission.body), **body}
    record = typed(SignedRecord.parse(canonical.dumps(members), submission.signatures))
    with world.database.reading() as connection:
        head = read_head(connection)
        judge(
            record,
            index=head.size if head else 0,
            recorded_at=recorded_at or world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            view=StoredView(connection, head),
            opened={},
        )


def test_a_log_opens_with_log_opened(world: World) -> None:
    with pytest.raises(InvalidRecord, match=r"opens with log.opened"):
        world.judge(world.party("supplier"))


def test_a_log_opens_once(world_at: WorldAt) -> None:
    world = world_at("opened")
    with pytest.raises(InvalidRecord, match=r"opens with log.opened"):
        world.judge(world.opened())


def test_a_record_of_another_log_is_refused(world_at: WorldAt) -> None:
    world = world_at("granted")
    with pytest.raises(InvalidRecord, match=r"/origin: is a record of 'log.example/other'"):
        judged(world, world.declared(), origin="log.example/other")


def test_an_author_may_be_five_minutes_ahead_of_the_log_and_no_more(world_at: WorldAt) -> None:
    world = world_at("granted")
    now = world.clock.now()
    for seconds, accepted in ((300, True), (301, False)):
        at = (now.replace(microsecond=0).timestamp()) + seconds
        text = now.fromtimestamp(at, now.tzinfo).strftime("%Y-%m-%dT%H:%M:%SZ")
        if accepted:
            judged(world, world.declared(), at=text)
            continue
        with pytest.raises(InvalidRecord, match="/at: is later than the log's own time"):
            judged(world, world.declared(), at=text)


def test_the_end_of_the_calendar_is_compared_too(world_at: WorldAt) -> None:
    """The sum of the log's time and five minutes once ran past year 9999: an OverflowError."""
    world, end = world_at("declared"), "9999-12-31T23:59:59Z"
    judged(world, world.received(), recorded_at=end, at=end)
    with pytest.raises(InvalidRecord, match="/at: is later than the log's own time"):
        judged(world, world.received(), at=end)


def test_an_author_may_be_late(world_at: WorldAt) -> None:
    judged(world_at("granted"), world_at("granted").declared(), at="2026-11-01T00:00:00Z")


def test_a_subject_that_does_not_exist_has_no_second_record(world_at: WorldAt) -> None:
    world = world_at("granted")
    with pytest.raises(InvalidRecord, match=r"/subjects/0: lot:.* does not exist"):
        judged(world, world.declared(), subjects=[{"id": LOT, "seq": 1, "prev": "ab" * 32}])


@pytest.mark.parametrize(("seq", "prev"), [(0, "0" * 64), (2, None), (1, "ab" * 32)])
def test_a_stale_chain_head_is_answered_with_the_new_one(
    world_at: WorldAt, seq: int, prev: str | None
) -> None:
    world = world_at("declared")
    head = world.last_event(LOT)
    with pytest.raises(StaleSubject, match="has moved on") as caught:
        judged(world, world.received(), subjects=[{"id": LOT, "seq": seq, "prev": prev or head}])
    assert (caught.value.subject, caught.value.head, caught.value.seq) == (LOT, head, 0)


def test_a_ref_must_be_the_subjects_head(world_at: WorldAt) -> None:
    world = world_at("granted")
    with pytest.raises(StaleSubject, match="has moved on") as caught:
        judged(world, world.declared(), refs=[{"id": GRANT, "event_id": "ab" * 32}])
    assert caught.value.head == world.last_event(GRANT)


def test_a_ref_to_nothing_is_refused(world_at: WorldAt) -> None:
    world = world_at("granted")
    nobody = {"id": ident("authorization", "none"), "event_id": "ab" * 32}
    with pytest.raises(InvalidRecord, match=r"/refs/0: authorization:.* does not exist"):
        judged(world, world.declared(), refs=[nobody])


def test_every_subject_of_a_record_gets_its_new_head(world_at: WorldAt) -> None:
    world = world_at("assigned")
    changes = world.judge(world.inspected())
    assert {name: subject.head.seq for name, subject in changes.subjects.items()} == {
        LOT: 2,
        ident("work", "inspection"): 1,
    }


def heads(world: World, signer: MemorySigner, party: str, through: int) -> Draft:
    data = {"through": through, "count": 0, "root": "ab" * 32}
    return Draft("log.heads", [replace(registrar(), party=PARTIES[party], signer=signer, role="heads")], data)


def test_only_the_heads_key_signs_log_heads(world_at: WorldAt) -> None:
    world = world_at("opened")
    world.judge(heads(world, MemorySigner("heads"), "operator", 1))
    with pytest.raises(NotYourLot, match="only the heads key"):
        world.judge(heads(world, MemorySigner("log"), "operator", 1))
    with pytest.raises(NotYourLot, match="only the heads key"):
        world.judge(heads(world, MemorySigner("heads"), "supplier", 1))


def test_log_heads_covers_exactly_what_stands_before_it(world_at: WorldAt) -> None:
    with pytest.raises(InvalidRecord, match="/data/through"):
        world_at("opened").judge(heads(world_at("opened"), MemorySigner("heads"), "operator", 2))


class TestStatementsAboutRecords:
    def correction(self, world: World, party: str = "operator", key: str = "eraser") -> Draft:
        data = {"record": world.last_event(LOT), "reason": "incorrect_data"}
        return Draft("correction.recorded", [hand(party, "corrector", key)], data, [LOT])

    def erasure(self, world: World, party: str = "operator", key: str = "eraser") -> Draft:
        record = world.last_event(LOT)
        data = {"record": record, "reason": "personal_data", "fields": ["delivery_note"], "rows": []}
        return Draft("erasure.recorded", [hand(party, "operator", key)], data, [LOT])

    def test_the_custodian_or_the_author_corrects(self, world_at: WorldAt) -> None:
        world = world_at("received")
        assert world.judge(self.correction(world)).subjects[LOT].state == world.state(LOT)
        declared = world_at("declared")
        declared.judge(self.correction(declared, "supplier", "supplier"))

    def test_a_stranger_corrects_nothing(self, world_at: WorldAt) -> None:
        with pytest.raises(NotYourLot, match="neither its own record nor a lot in its custody"):
            world_at("received").judge(self.correction(world_at("received"), "stranger", "everything"))

    def test_only_the_operator_erases(self, world_at: WorldAt) -> None:
        world = world_at("received")
        world.judge(self.erasure(world))
        with pytest.raises(NotYourLot, match="the operator erases"):
            world.judge(self.erasure(world, "stranger", "everything"))

    def test_a_statement_is_about_a_record_of_this_log(self, world_at: WorldAt) -> None:
        world = world_at("received")
        with pytest.raises(InvalidRecord, match="/data/record: is about no record"):
            world.judge(but(self.correction(world), data={"record": "ab" * 32}))

    def test_a_statement_extends_the_subjects_of_its_record(self, world_at: WorldAt) -> None:
        world = world_at("received")
        draft = but(self.erasure(world), subjects=[PARTIES["supplier"]])
        with pytest.raises(InvalidRecord, match="/subjects: extends the subjects"):
            world.judge(draft)


def stated(party: str, *, tree_size: int = 3, subject: str = "") -> Draft:
    data = {"tree_size": tree_size, "root": "ab" * 32, "verdict": "failed"}
    return Draft("evidence.stated", [hand(party, "auditor", "statements")], data, [PARTIES[subject or party]])


def with_statement_key(world: World, party: str) -> World:
    world.record(world.key(party, "statements", ["evidence.stated:auditor"]))
    return world


def test_an_auditor_states_another_root_in_its_own_chain(world: World) -> None:
    """Its root is not compared: the operator cannot refuse what accuses it of a second history."""
    with_statement_key(world.play("keys"), "third")
    entry = world.record(but(stated("third"), committed={"report": "cd" * 32, "remark": "two histories"}))
    assert world.subject(PARTIES["third"]).head.index == entry.index


def test_a_statement_is_about_a_tree_that_was_there(world: World) -> None:
    with_statement_key(world.play("keys"), "third")
    size = world.subject(PARTIES["third"]).head.index + 1
    with pytest.raises(InvalidRecord, match="/data/tree_size: is about a tree that is not there yet"):
        world.record(stated("third", tree_size=size + 1))
    world.record(stated("third", tree_size=size))


def test_nobody_but_an_auditor_states_and_not_in_the_chain_of_another(world: World) -> None:
    with_statement_key(with_statement_key(world.play("keys"), "supplier"), "third")
    for draft in (stated("supplier"), stated("third", subject="supplier")):
        with pytest.raises(NotYourLot, match="an auditor states in its own chain"):
            world.record(draft)
