"""A submission becomes an entry: what is checked before the lock, and what it leaves behind."""

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest

from ledger.author import Draft, Hand
from ledger.core.commitments import Opening
from ledger.core.envelope import signing_input
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord, NotYourLot
from ledger.record import Submission
from ledger.store import log
from ledger.store.view import StoredView
from tests.ledger.fakes import MemorySigner
from tests.ledger.world import (
    CHILD_A,
    CODES,
    GRANT,
    HEADS_KEY,
    LOT,
    PARTIES,
    World,
    but,
    hand,
    ident,
    registrar,
    signer,
)

pytestmark = pytest.mark.databases("sqlite", "postgresql")
WorldAt = Callable[[str], World]


def as_json(submission: Submission) -> dict[str, object]:
    def text(data: bytes) -> str:
        return base64.b64encode(data).decode()

    return {
        "body": text(submission.body),
        "sigs": [text(signature) for signature in submission.signatures],
        "open": {name: {"value": o.value, "salt": o.salt.hex()} for name, o in submission.open.items()},
        "rows": [{"part": item.part, "rows": [text(row) for row in item.rows]} for item in submission.rows],
    }


def test_a_submission_reads_back_from_json(world_at: WorldAt) -> None:
    submission = world_at("granted").submission(world_at("granted").declared())
    assert Submission.from_json(as_json(submission)) == submission


@pytest.mark.parametrize(
    "damage",
    [
        {"body": None},
        {"body": "not base64"},
        {"sigs": "text"},
        {"open": {"price": {"value": 1}}},
        {"open": {"price": {"value": 1, "salt": "zz"}}},
        {"rows": [{}]},
        {"rows": [{"rows": [7]}]},
        {"open": 7},
        {"rows": 7},
    ],
    ids=str,
)
def test_a_malformed_submission_is_refused(world_at: WorldAt, damage: dict[str, object]) -> None:
    value = as_json(world_at("granted").submission(world_at("granted").declared()))
    with pytest.raises(InvalidRecord, match="submission is malformed"):
        Submission.from_json({**value, **damage})


def test_the_leaf_is_the_body_as_sent_with_the_logs_link(world: World) -> None:
    world.play("declared")
    entry, submission, before = world.entries[-1], world.submissions[-1], world.entries[-2]
    with world.database.reading() as connection:
        data = log.leaf(connection, entry.index)
    assert data is not None
    leaf = Leaf.parse(data)
    assert leaf.record.encoded == submission.body
    assert (leaf.hash, leaf.previous) == (entry.leaf_hash, before.leaf_hash.hex())


def test_what_a_record_opens_is_stored_beside_the_log(world: World) -> None:
    world.play("received")
    with world.database.reading() as connection:
        stored = log.opening(connection, world.entries[-1].event_id, "delivery_note")
        assert stored == world.submissions[-1].open["delivery_note"]
        assert log.opening(connection, world.entries[-1].event_id, "price") is None
        rows = log.manifest_rows(connection, world.entries[-2].event_id)
    assert tuple(rows) == world.submissions[-2].rows[0].rows


def test_a_submitter_may_keep_its_values(world: World) -> None:
    world.play("declared")
    submission = world.submission(world.received())
    assert world.writer.record(replace(submission, open={})).created


@pytest.mark.parametrize(("stage", "field"), [("granted", "grantee"), ("sold", "quantity")])
def test_a_value_that_a_rule_needs_is_not_kept_back(world_at: WorldAt, stage: str, field: str) -> None:
    world = world_at({"granted": "keys", "sold": "listed"}[stage])
    submission = world.submission(world.next_draft(stage))
    hidden = {name: opening for name, opening in submission.open.items() if name != field}
    with pytest.raises(InvalidRecord, match=f"/open/{field}: its value is needed"):
        world.writer.record(replace(submission, open=hidden))


def delegated(world: World) -> Draft:
    data = {"depth": 2, "may_delegate": False}
    committed = {"grantee": PARTIES["agent"], "territories_denied": None}
    grantor = [hand("supplier", "grantor", "supplier")]
    below = [ident("authorization", "below")]
    return world.granted(hands=grantor, subjects=below, refs=[GRANT], data=data, committed=committed)


@pytest.mark.parametrize(
    ("stage", "draft"),
    [
        ("granted", World.declared),
        ("granted", delegated),
        ("codes", World.listed),
        ("listed", World.sold),
    ],
)
def test_a_grant_whose_grantee_is_erased_carries_no_new_record(
    world: World, monkeypatch: pytest.MonkeyPatch, stage: str, draft: Callable[[World], Draft]
) -> None:
    """The rules pass over a grantee they cannot see: anyone could once trade under an erased one."""
    world.play(stage)
    granted = world.last_event(GRANT)
    opening = StoredView.opening

    def erased(view: StoredView, event_id: str, field: str) -> object:
        return None if (event_id, field) == (granted, "grantee") else opening(view, event_id, field)

    submission = world.submission(draft(world))
    with monkeypatch.context() as patch:
        patch.setattr(StoredView, "opening", erased)
        with pytest.raises(InvalidRecord, match=f"/refs/0: the grantee of {GRANT} is needed"):
            world.writer.record(submission)
    assert world.writer.record(submission).created


def test_a_grant_whose_grantee_is_erased_can_be_revoked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.play("granted")
    monkeypatch.setattr(StoredView, "opening", lambda *_: None)
    data = {"reason": "withdrawn"}
    world.record(Draft("authorization.revoked", [hand("brand", "grantor")], data, [GRANT]))


def test_the_publisher_alone_records_log_heads(world: World) -> None:
    """Whoever held the heads key could sequence a false root, and every audit after it would fail."""
    world.play("granted")
    heads_hand = Hand(PARTIES["operator"], HEADS_KEY, "heads")
    data = {"through": len(world.entries), "count": 0, "root": "ab" * 32}
    submission = world.submission(Draft("log.heads", [heads_hand], data))
    with pytest.raises(InvalidRecord, match=r"/type: the publisher alone records log.heads"):
        world.writer.record(submission)
    prepared = world.writer.prepare(submission)
    with pytest.raises(InvalidRecord, match=r"/type: the publisher alone records log.heads"):
        world.writer.do(lambda ledger: ledger.record(prepared))
    world.publisher.publish()
    assert world.audit().verdict == "verified"


def test_a_log_heads_that_stands_is_answered_with_its_index(world: World) -> None:
    world.play("granted")
    size = world.publisher.publish().size
    with world.database.reading() as connection:
        data = log.leaf(connection, size - 1)
    assert data is not None
    record = Leaf.parse(data).record
    again = world.writer.record(Submission(record.encoded, tuple(record.signatures)))
    assert (again.index, again.created) == (size - 1, False)


def test_a_log_key_is_not_changed_like_any_record(world_at: WorldAt) -> None:
    """The rule allows it, and the next tree would need a key that nobody showed to be at hand."""
    world = world_at("keys")
    data = {"log_key": MemorySigner("next log key").public_key.hex()}
    draft = Draft("log.key_changed", [registrar()], data, [PARTIES["operator"]])
    world.judge(draft)
    with pytest.raises(InvalidRecord, match="/type: lotproof keys rotate-log alone records"):
        world.writer.record(world.submission(draft))


def test_a_signature_over_other_bytes_is_refused_with_its_place(world_at: WorldAt) -> None:
    world = world_at("declared")
    submission = world.submission(world.received())
    first, second = submission.signatures
    for signatures, place in (((second, first), "/sigs/0"), ((first, first), "/sigs/1")):
        with pytest.raises(InvalidRecord, match=place):
            world.writer.record(replace(submission, signatures=signatures))


def test_an_unknown_key_is_not_your_lot(world_at: WorldAt) -> None:
    world = world_at("opened")
    with pytest.raises(NotYourLot, match="is not registered"):
        world.writer.record(world.submission(world.declared(refs=[])))


def test_a_commitment_stands_once_in_a_log(world: World) -> None:
    """The same value under the same salt would tie two records together for anyone who looks."""
    world.play("granted")
    draft = world.declared(data={"manifest": None}, rows=())
    first = world.submission(draft)
    world.writer.record(first)
    second = world.submission(but(draft, subjects=[CHILD_A]))
    body = second.body.replace(_commit(second), _commit(first))
    signatures = (signer("supplier", "supplier").sign(signing_input(body)),)
    with pytest.raises(InvalidRecord, match="/commit/price: this commitment stands in the log already"):
        world.writer.record(Submission(body, signatures, first.open))


def _commit(submission: Submission) -> bytes:
    return submission.body.partition(b'"commit":{')[2].partition(b"}")[0]


def test_codes_lead_to_the_record_that_issued_them(world: World) -> None:
    world.play("codes")
    with world.database.reading() as connection:
        assert log.code_record(connection, bytes.fromhex(CODES[0])) == (CHILD_A, world.entries[-1].event_id)
        assert log.code_record(connection, bytes(32)) is None
        assert log.chain(connection, LOT)[0][1] == 0


def test_a_salt_of_the_wrong_size_is_refused(world_at: WorldAt) -> None:
    world = world_at("declared")
    submission = world.submission(world.received())
    short = {"delivery_note": Opening("DN 7", bytes(31))}
    with pytest.raises(InvalidRecord, match="/open/delivery_note/salt"):
        world.writer.record(replace(submission, open=short))


def test_the_rows_of_one_manifest_come_once(world_at: WorldAt) -> None:
    """Twice would break the commit of everyone who shares it."""
    world = world_at("granted")
    submission = world.submission(world.declared())
    with pytest.raises(InvalidRecord, match="/rows: the rows of one manifest come once"):
        world.writer.record(replace(submission, rows=submission.rows * 2))
