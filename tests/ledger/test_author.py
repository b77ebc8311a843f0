"""Writing a record: chain heads filled in, salts drawn fresh, every hand signs."""

from collections.abc import Callable

import pytest

from ledger.author import described, new_id, salted_rows
from ledger.core import canonical, keys, manifest
from ledger.core.commitments import commitment
from ledger.core.envelope import SignedRecord, signing_input
from ledger.core.subjects import is_subject_id
from ledger.errors import InvalidRecord
from tests.ledger.world import GRANT, LOT, World, but, ident

WorldAt = Callable[[str], World]


def test_a_new_subject_begins_its_chain_and_an_old_one_goes_on(world_at: WorldAt) -> None:
    declared = canonical.loads(world_at("granted").submission(world_at("granted").declared()).body)
    assert declared["subjects"] == [{"id": LOT, "seq": 0, "prev": "0" * 64}]
    assert declared["refs"] == [{"id": GRANT, "event_id": world_at("granted").last_event(GRANT)}]
    world = world_at("declared")
    received = canonical.loads(world.submission(world.received()).body)
    assert received["subjects"] == [{"id": LOT, "seq": 1, "prev": world.last_event(LOT)}]


def test_every_hand_signs_the_same_bytes_in_order(world_at: WorldAt) -> None:
    world = world_at("declared")
    submission = world.submission(world.received())
    record = SignedRecord.parse(submission.body, submission.signatures)
    for hand, signer, signature in zip(
        world.received().hands, record.body.signers, submission.signatures, strict=True
    ):
        assert (signer.party, signer.role) == (hand.party, hand.role)
        keys.verify(hand.signer.public_key, signature, signing_input(submission.body))


def test_salts_are_drawn_fresh_for_every_record_and_field(world_at: WorldAt) -> None:
    world = world_at("keys")
    submissions = [world.submission(world.granted()) for _ in range(5)]
    salts = [opening.salt for submission in submissions for opening in submission.open.values()]
    assert len(set(salts)) == len(salts) == 10
    for submission in submissions:
        committed = canonical.loads(submission.body)["commit"]
        assert committed == {name: commitment(name, opening) for name, opening in submission.open.items()}


def test_absent_members_are_left_out(world_at: WorldAt) -> None:
    world = world_at("granted")
    draft = world.declared(data={"condition": None}, performed_by=None)
    body = canonical.loads(world.submission(draft).body)
    assert "performed_by" not in body
    assert "condition" not in body["data"]


def test_a_ref_to_nothing_is_refused(world_at: WorldAt) -> None:
    world = world_at("granted")
    draft = but(world.declared(), refs=[ident("authorization", "nothing")])
    with pytest.raises(InvalidRecord, match=r"/refs: authorization:.* does not exist"):
        world.submission(draft)


def test_ids_are_random_and_well_formed() -> None:
    made = {new_id("lot") for _ in range(100)}
    assert len(made) == 100
    assert all(is_subject_id(name) for name in made)
    assert new_id("worker").startswith("worker:")


def test_rows_are_numbered_and_salted() -> None:
    rows = salted_rows([{"serial": "1"}, {"serial": "1"}], part="part")
    assert [manifest.parse_row(row, n) for n, row in enumerate(rows.rows)] == [{"serial": "1"}] * 2
    assert len({canonical.loads(row)["salt"] for row in rows.rows}) == 2
    assert described(rows, "phone/1") == {
        "schema": "phone/1",
        "count": 2,
        "rows_root": manifest.root(rows.rows),
    }
