"""Programs send records and fetch proofs; what could be read two ways is refused, and nothing is a 500."""

import json
import secrets
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from gateway.store import tables
from gateway.wiring import Installation
from gateway.workflows.parties import hand
from ledger.author import Draft, new_id, write
from ledger.core import heads, merkle
from ledger.core.encoding import decode_base64, encode_base64
from ledger.core.heads import HeadsProof
from ledger.core.leaf import Leaf
from ledger.core.policy import parse
from ledger.record import Submission
from ledger.store.log import read_head
from ledger.store.tables import table
from ledger.store.view import StoredView
from tests.gateway.web import Caller, ask, lot_of, repaired_code

PARTIES = table(tables.PartyRow)
JSON = {"content-type": "application/json"}
DATA: dict[str, Any] = {
    "category": "phone",
    "goods": "finished",
    "quantity": 3,
    "unit": "H87",
    "produced_from": "2026-01-01",
    "produced_until": "2026-01-02",
    "origin_country": "CN",
    "surplus_cause": "season_end",
    "supply_mode": "direct",
}


def _declaration(installation: Installation, lot: str, **changes: Any) -> Submission:
    """As a supplier signs it on its own computer."""
    with installation.database.reading() as connection:
        party = (
            connection.execute(select(PARTIES.c.party).where(PARTIES.c.kind == "supplier")).scalars().first()
        )
        draft = Draft(
            "lot.declared", [hand(installation, str(party), "supplier")], {**DATA, **changes}, [lot]
        )
        view = StoredView(connection, read_head(connection))
        return write(draft, origin=installation.config.origin, at=installation.clock.now(), view=view)


def _json(submission: Submission) -> dict[str, Any]:
    return {
        "body": encode_base64(submission.body),
        "sigs": [encode_base64(signature) for signature in submission.signatures],
        "open": {
            name: {"value": opening.value, "salt": opening.salt.hex()}
            for name, opening in submission.open.items()
        },
        "rows": [
            {"part": item.part, "rows": [encode_base64(row) for row in item.rows]} for item in submission.rows
        ],
    }


def test_a_record_is_created_once_and_found_again(caller: Caller) -> None:
    sent = _json(_declaration(caller.installation, new_id("lot")))
    first = caller.post("/v1/records", json=sent)
    assert first.status_code == 201
    again = caller.post("/v1/records", json=sent)
    assert (again.status_code, again.json()) == (200, first.json())
    leaf = caller.get(f"/v1/entries/{first.json()['index']}").json()
    assert leaf["body"]["data"]["quantity"] == 3


def test_a_stale_author_is_told_the_new_head(caller: Caller) -> None:
    lot = new_id("lot")
    late = _json(_declaration(caller.installation, lot, quantity=4))
    first = caller.post("/v1/records", json=_json(_declaration(caller.installation, lot))).json()
    answer = caller.post("/v1/records", json=late)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["slug"], problem["subject"], problem["head"], problem["seq"]) == (
        "stale-subject",
        lot,
        first["event_id"],
        0,
    )


def test_a_key_without_the_scope_is_refused(caller: Caller) -> None:
    installation = caller.installation
    with installation.database.reading() as connection:
        party = (
            connection.execute(select(PARTIES.c.party).where(PARTIES.c.kind == "refurbisher"))
            .scalars()
            .first()
        )
        draft = Draft("lot.declared", [hand(installation, str(party), "supplier")], DATA, [new_id("lot")])
        view = StoredView(connection, read_head(connection))
        sent = write(draft, origin=installation.config.origin, at=installation.clock.now(), view=view)
    answer = caller.post("/v1/records", json=_json(sent))
    assert (answer.status_code, answer.json()["slug"]) == (403, "not-your-lot")


def test_a_wrong_signature_names_its_place(caller: Caller) -> None:
    sent = _declaration(caller.installation, new_id("lot"))
    wrong = replace(sent, signatures=(bytes(64),))
    answer = caller.post("/v1/records", json=_json(wrong))
    assert (answer.status_code, answer.json()["slug"]) == (422, "invalid-record")
    assert answer.json()["pointer"].startswith("/sigs")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"body":"","body":"","sigs":[]}',
        b'{"body":"\\ud800","sigs":[]}',
        b'{"body":"","sigs":[],"rows":NaN}',
        b'{"body":"","sigs":[],"extra":1}',
        b'{"body":1,"sigs":[]}',
        b'{"body":"","sigs":"x"}',
        b'{"body":"","sigs":[],"open":{"a":{"value":1.5,"salt":""}}}',
        b'{"body":"","sigs":[],"open":{"a":{"value":99999999999999999999,"salt":""}}}',
        b'{"body":"\xff","sigs":[]}',
        b'{"body":"not base64","sigs":[]}',
        b'{"body":"","sigs":[]}',
        b'{"body":"","sigs":[],"open":{"a":{"value":' + b"[" * 5000 + b"]" * 5000 + b',"salt":""}}}',
        b"9" * 5000,
    ],
)
def test_what_two_parsers_could_read_differently_is_422(caller: Caller, body: bytes) -> None:
    answer = caller.post("/v1/records", content=body, headers=JSON)
    assert answer.status_code == 422, answer.text
    assert answer.json()["slug"] in ("invalid-request", "invalid-record")


def test_a_lots_history_is_verified_from_its_file_and_the_policy_alone(looker: Caller, told_home) -> None:
    """A whole verifier in a dozen lines: checkpoint, inclusion, chain, heads."""
    lot = lot_of(told_home, repaired_code(told_home))
    bundle = json.loads(looker.get(f"/v1/lots/{lot.partition(':')[2]}/history").content)
    checkpoint = parse(looker.get("/log/policy").content).open(bundle["checkpoint"].encode())

    def proved(item: dict[str, Any]) -> Leaf:
        leaf = Leaf.parse(decode_base64(item["leaf"]))
        path = [decode_base64(text) for text in item["path"]]
        merkle.verify_inclusion(
            leaf.hash, leaf_index=item["index"], tree_size=checkpoint.size, path=path, root=checkpoint.root
        )
        return leaf

    leaves = [proved(item) for item in bundle["records"]]
    root = bytes.fromhex(proved(bundle["heads"]).record.body.data["root"])
    assert bundle["heads"]["index"] == checkpoint.size - 1
    for subject in bundle["heads"]["subjects"]:
        key = heads.subject_key(subject["subject"])
        proof = HeadsProof.from_json(subject["proof"])
        heads.verify_presence(proof, root=root, key=key, seq=subject["seq"], event_id=subject["event_id"])
    own = [link for leaf in leaves for link in leaf.record.body.subjects if link.id == lot]
    assert [link.seq for link in own] == list(range(len(own)))
    assert bundle["heads"]["subjects"][-1]["seq"] == own[-1].seq


def test_a_history_holds_public_facts_only(looker: Caller, told_home) -> None:
    code = repaired_code(told_home)
    lot = lot_of(told_home, code)
    bundle = json.loads(looker.get(f"/v1/lots/{lot.partition(':')[2]}/history").content)
    text = b"".join(decode_base64(item["leaf"]) for item in bundle["records"]).decode()
    imei = ask(told_home, "SELECT json_extract(facts, '$.imei') FROM articles WHERE lot = ?", lot)
    assert imei not in text
    assert code not in text
    assert "Adeola" not in text


def test_the_description_is_openapi_3_1(looker: Caller) -> None:
    description = looker.get("/v1/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    record = description["components"]["schemas"]["RecordIn"]
    assert record["additionalProperties"] is False


def test_a_buyers_program_reserves_and_orders_with_the_sessions_token(caller: Caller) -> None:
    buyer = caller.signed_in("buyer", "cmp_us")
    token = {"x-csrf-token": buyer.token}

    def send(path: str, body: Any, *, headers: dict[str, str] = token) -> httpx.Response:
        return buyer.post(path, json=body, headers=headers | {"idempotency-key": secrets.token_hex(8)})

    offers = buyer.get("/v1/listings").json()["data"]
    assert {offer["market"] for offer in offers} == {"US"}
    offer = max(offers, key=lambda one: one["available"])
    wanted = {"listing": offer["id"], "quantity": offer["moq"]}
    assert send("/v1/reservations", wanted, headers={}).status_code == 403, "without the token"
    for wrong in ({"quantity": True}, {"quantity": "5"}, {"quantity": 0}, {"quantity": 10**10}, {"price": 1}):
        answer = send("/v1/reservations", {**wanted, **wrong})
        assert answer.status_code == 422, wrong
    below = send("/v1/reservations", {**wanted, "quantity": 1})
    assert (below.status_code, below.json()["slug"]) == (422, "below-moq")
    much = send("/v1/reservations", {**wanted, "quantity": 10**9})
    assert (much.status_code, much.json()["available"]) == (409, offer["available"])
    hold = send("/v1/reservations", wanted)
    assert hold.status_code == 201
    terms = {"reservation": hold.json()["id"], "po_number": "API-1", "incoterm": "FCA", "place": "Shenzhen"}
    order = send("/v1/orders", terms)
    again = send("/v1/orders", terms)
    assert order.status_code == 201
    assert order.json()["id"] == again.json()["id"]
    assert order.json()["total_minor"] == offer["moq"] * offer["unit_price_minor"]
    assert send("/v1/orders", {**terms, "buyer": "x"}).status_code == 422
    stranger = Caller(caller.installation).signed_in("buyer", "cmp_vn")
    theirs = {"x-csrf-token": stranger.token, "idempotency-key": "1"}
    stolen = stranger.post("/v1/orders", json=terms, headers=theirs)
    assert (stolen.status_code, stolen.json()["slug"]) == (404, "not-found")
