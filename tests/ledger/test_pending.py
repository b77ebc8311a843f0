"""A prepared record gathers its signatures one by one, and is exactly what was prepared all the way."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ledger.author import Draft, Place, compose
from ledger.core.encoding import decode_base64, encode_base64
from ledger.core.envelope import signing_input
from ledger.errors import InvalidRecord, ProofError
from ledger.pending import Pending, submission_json
from ledger.record import Submission
from ledger.store.log import read_head
from ledger.store.view import StoredView
from tests.ledger.fakes import MemorySigner
from tests.ledger.world import ORIGIN, World, signer

WorldAt = Callable[[str], World]
CUSTODIAN, RELEASING = signer("operator", "custodian"), signer("supplier", "supplier")


def pending_of(world: World, draft: Draft) -> Pending:
    with world.database.reading() as connection:
        view = StoredView(connection, read_head(connection))
        contents = compose(draft, origin=ORIGIN, at=world.clock.now(), view=view)
    return Pending.of(contents, [None] * len(draft.hands))


def receipt(world: World) -> Pending:
    """Two signers, neither of them here."""
    draft = world.received()
    places = [Place(hand.party, hand.key, hand.role) for hand in draft.hands]
    return pending_of(world, replace(draft, hands=places))


def test_signed_by_all_it_is_recorded(world: World) -> None:
    world.play("declared")
    pending = receipt(world)
    assert [one.role for one in pending.missing] == ["custodian", "releasing"]
    first = Pending.from_json(json.loads(json.dumps(pending.signed_by(RELEASING).to_json())))
    assert [one.role for one in first.missing] == ["custodian"], "in any order"
    with pytest.raises(InvalidRecord, match="still waits for the signature of custodian"):
        first.submission()
    whole = first.signed_by(CUSTODIAN)
    assert whole.missing == ()
    assert world.writer.record(whole.submission()).event_id == pending.event_id


def test_it_prints_and_reads_back(world_at: WorldAt) -> None:
    pending = receipt(world_at("declared"))
    for one in (pending, pending.signed_by(CUSTODIAN), pending.signed_by(CUSTODIAN).signed_by(RELEASING)):
        again = Pending.from_json(json.loads(json.dumps(one.to_json())))
        assert again == one
        assert again.to_json() == one.to_json()
    rows = pending_of(world_at("granted"), world_at("granted").declared())
    assert Pending.from_json(json.loads(json.dumps(rows.to_json()))) == rows


def test_what_is_sent_is_what_the_route_takes(world_at: WorldAt) -> None:
    submission = receipt(world_at("declared")).signed_by(CUSTODIAN).signed_by(RELEASING).submission()
    assert Submission.from_json(json.loads(json.dumps(submission_json(submission)))) == submission


def test_a_key_that_is_not_asked_for_is_refused_with_who_is(world_at: WorldAt) -> None:
    pending = receipt(world_at("declared"))
    with pytest.raises(InvalidRecord, match=f"waits for custodian {CUSTODIAN.id[:16]}, releasing"):
        pending.signed_by(MemorySigner("stranger"))


def test_a_device_that_signs_badly_is_found_out(world_at: WorldAt) -> None:
    class Faulty(MemorySigner):
        def sign(self, message: bytes) -> bytes:
            return super().sign(message + b"!")

    with pytest.raises(ProofError, match="does not verify"):
        receipt(world_at("declared")).signed_by(Faulty("operator/custodian"))


def test_signing_twice_is_harmless(world_at: WorldAt) -> None:
    once = receipt(world_at("declared")).signed_by(CUSTODIAN)
    assert once.signed_by(CUSTODIAN) == once


def _other_bytes(value: dict[str, Any]) -> dict[str, Any]:
    body = decode_base64(value["body"]).replace(b'"counted":6', b'"counted":5')
    return {"body": encode_base64(body)}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (_other_bytes, "is not the signing input of the body"),
        (
            lambda value: (
                _other_bytes(value)
                | {"signing_input": encode_base64(signing_input(decode_base64(_other_bytes(value)["body"])))}
            ),
            "is not the id of the body",
        ),
        (lambda _: {"signing_input": "AAAA"}, "is not the signing input"),
        (lambda _: {"event_id": "0" * 64}, "is not the id"),
        (lambda _: {"event_id": 7}, "is not the id"),
        (lambda _: {"sigs": [None]}, "1 signatures for 2 signers"),
        (lambda _: {"sigs": [None, "AAAA"]}, "64 bytes"),
        (lambda _: {"sigs": [None, "not base64"]}, "malformed"),
        (lambda _: {"sigs": [None, 7]}, "malformed"),
        (lambda _: {"sigs": None}, "malformed"),
        (lambda _: {"open": {}, "rows": [{"part": "", "rows": ["AAAA"]}]}, "rows come with every manifest"),
        (lambda _: {"open": {"delivery_note": {"value": "DN 8", "salt": "0" * 64}}}, "does not open"),
        (
            lambda _: {"open": {"price": {"value": "x", "salt": "0" * 64}}},
            "opens a field that is not committed",
        ),
        (lambda _: {"words": "Sign here"}, "exactly the members"),
        (lambda _: {"body": "!"}, "malformed"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    world_at: WorldAt, change: Callable[[dict[str, Any]], dict[str, Any]], match: str
) -> None:
    value = receipt(world_at("declared")).to_json()
    with pytest.raises(InvalidRecord, match=match):
        Pending.from_json({**value, **change(value)})


@pytest.mark.parametrize("value", [None, [], "text", 7, {}])
def test_what_is_no_prepared_record_is_refused(value: Any) -> None:
    with pytest.raises(InvalidRecord, match="exactly the members"):
        Pending.from_json(value)
