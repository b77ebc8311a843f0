"""The gateway hands out the bytes of a record, anybody signs them, and nobody's key comes here."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.store import tables
from gateway.wiring import Installation
from ledger.core import canonical, keys
from ledger.core.encoding import decode_base64, encode_base64
from ledger.core.envelope import signing_input
from ledger.core.subjects import is_subject_id
from ledger.pending import Pending
from ledger.store import log
from ledger.store.tables import table
from tests.gateway.web import Caller
from tests.ledger.fakes import MemorySigner

PARTIES = table(tables.PartyRow)
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


def _supplier(installation: Installation) -> tuple[str, Any]:
    with installation.database.reading() as connection:
        row = connection.execute(select(PARTIES).where(PARTIES.c.kind == "supplier")).mappings().first()
        assert row is not None
    return row["party"], installation.signer(row["slug"])


def _wanted(installation: Installation, **changes: Any) -> dict[str, Any]:
    party, signer = _supplier(installation)
    signers = [{"party": party, "key": keys.key_id(signer.public_key), "role": "supplier"}]
    return {"type": "lot.declared", "subjects": ["lot"], "data": DATA, "signers": signers, **changes}


def _send(caller: Caller, answer: dict[str, Any], *signatures: bytes) -> Any:
    sigs = [encode_base64(signature) for signature in signatures]
    sent = {"body": answer["body"], "sigs": sigs, "open": answer["open"], "rows": answer["rows"]}
    return caller.post("/v1/records", json=sent)


@pytest.fixture
def operator(caller: Caller) -> Caller:
    return caller.signed_in("operator")


def test_what_is_prepared_is_signed_elsewhere_and_recorded(operator: Caller) -> None:
    installation = operator.installation
    committed = {"supplier_reference": "PO 7", "price": {"amount_minor": 5, "currency": "CNY"}}
    rows = [{"schema": "phone-declared/1", "rows": [{"serial": "A1"}, {"serial": "A2"}]}]
    wanted = _wanted(installation, committed=committed, rows=rows, offset="+08:00")
    answer = operator.post("/v1/records:prepare", json=wanted)
    assert answer.status_code == 200, answer.text
    value = answer.json()
    body = canonical.loads(decode_base64(value["body"]))
    assert isinstance(body, dict)
    assert body["data"]["manifest"]["count"] == 2
    assert is_subject_id(body["subjects"][0]["id"])
    assert (body["subjects"][0]["seq"], body["origin"]) == (0, installation.config.origin)
    assert set(body["commit"]) == {"supplier_reference", "price"}
    salts = {item["salt"] for item in value["open"].values()}
    assert len(salts) == 2
    assert all(re.fullmatch(r"[0-9a-f]{64}", salt) for salt in salts)
    assert decode_base64(value["signing_input"]) == signing_input(decode_base64(value["body"]))
    assert value["sigs"] == [None]
    recorded = _send(operator, value, _supplier(installation)[1].sign(decode_base64(value["signing_input"])))
    assert recorded.status_code == 201, recorded.text
    assert recorded.json()["event_id"] == value["event_id"]
    with installation.database.reading() as connection:
        opening = log.opening(connection, value["event_id"], "supplier_reference")
        assert opening is not None
        assert opening.value == "PO 7"
        assert len(log.manifest_rows(connection, value["event_id"])) == 2


def test_preparing_stores_nothing_and_draws_new_salts_each_time(operator: Caller) -> None:
    installation = operator.installation
    wanted = _wanted(installation, committed={"supplier_reference": "PO 7"})

    def size() -> int:
        with installation.database.reading() as connection:
            head = log.read_head(connection)
        return head.size if head else 0

    before = size()
    first, second = (operator.post("/v1/records:prepare", json=wanted).json() for _ in range(2))
    assert size() == before
    assert first["open"]["supplier_reference"]["salt"] != second["open"]["supplier_reference"]["salt"]


def test_openssl_signs_it(operator: Caller, tmp_path: Path) -> None:
    """docs/keys.md shows these very commands."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: signing with a foreign tool was not checked")
    installation = operator.installation
    party, signer = _supplier(installation)
    value = operator.post("/v1/records:prepare", json=_wanted(installation)).json()
    key, message, signature = (tmp_path / name for name in ("key.pem", "message", "signature"))
    with installation.database.reading() as connection:
        slug = connection.execute(select(PARTIES.c.slug).where(PARTIES.c.party == party)).scalar_one()
    shutil.copy(installation.home / "others" / f"{slug}.pem", key)
    message.write_bytes(decode_base64(value["signing_input"]))
    command = ["pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", message, "-out", signature]
    subprocess.run([openssl, *command], check=True, capture_output=True)
    keys.verify(signer.public_key, signature.read_bytes(), message.read_bytes())
    assert _send(operator, value, signature.read_bytes()).status_code == 201


def test_a_record_that_would_be_refused_is_refused_before_anybody_signs(operator: Caller) -> None:
    installation = operator.installation
    party, signer = _supplier(installation)
    place = {"party": party, "key": keys.key_id(signer.public_key), "role": "supplier"}
    stranger = {**place, "key": MemorySigner("stranger").id}
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"type": "lot.invented"}, 422, "invalid-record"),
        ({"data": {**DATA, "quantity": 0}}, 422, "invalid-record"),
        ({"data": {**DATA, "extra": 1}}, 422, "invalid-record"),
        ({"data": {**DATA, "quantity": 1.5}}, 422, "invalid-request"),
        ({"committed": {"unknown": "x"}}, 422, "invalid-record"),
        ({"signers": [{**place, "role": "inspector"}]}, 422, "invalid-record"),
        ({"signers": [stranger]}, 403, "not-your-lot"),
        ({"signers": []}, 422, "invalid-request"),
        ({"subjects": ["lot:not-an-id"]}, 422, "invalid-record"),
        ({"subjects": ["animal"]}, 422, "invalid-record"),
        ({"refs": ["authorization:" + "0" * 20]}, 422, "invalid-record"),
        ({"rows": [{"schema": "a/1", "rows": [{"salt": "00"}]}]}, 422, "invalid-record"),
        ({"rows": [{"part": "lot:" + "0" * 20, "schema": "a/1", "rows": [{}]}]}, 422, "invalid-record"),
        ({"rows": [{"schema": "a/1", "rows": []}]}, 422, "invalid-request"),
        ({"performed_by": "Li Wei"}, 422, "invalid-record"),
        ({"offset": "+99:00"}, 422, "invalid-record"),
        ({"unknown": 1}, 422, "invalid-request"),
    ]
    for change, status, slug in cases:
        answer = operator.post("/v1/records:prepare", json={**_wanted(installation), **change})
        assert (answer.status_code, answer.json()["slug"]) == (status, slug), (change, answer.text)


def test_a_split_gets_each_manifest_in_its_place(operator: Caller) -> None:
    """The rules refuse this split of a stranger; its manifests were placed before that."""
    child = "lot:" + "1" * 20
    data = {"children": [{"id": child, "quantity": 1, "key": {}}], "remaining": {"quantity": 1}}
    rows = [
        {"part": child, "schema": "x/1", "rows": [{"a": 1}]},
        {"part": "", "schema": "x/1", "rows": [{"a": 2}]},
    ]
    party, signer = _supplier(operator.installation)
    place = {"party": party, "key": keys.key_id(signer.public_key), "role": "custodian"}
    wanted = {"type": "lot.split", "subjects": ["lot", child], "data": data, "signers": [place]}
    answer = operator.post("/v1/records:prepare", json={**wanted, "rows": rows})
    assert (answer.status_code, answer.json()["slug"]) == (403, "not-your-lot"), answer.text
    again = operator.post("/v1/records:prepare", json={**wanted, "rows": [rows[0], rows[0]]})
    assert again.status_code == 422


def test_a_stale_one_is_answered_with_the_new_head(operator: Caller) -> None:
    installation = operator.installation
    wanted = _wanted(installation, subjects=["lot:" + "2" * 20])
    first, second = (operator.post("/v1/records:prepare", json=wanted).json() for _ in range(2))
    signer = _supplier(installation)[1]
    signatures = [signer.sign(decode_base64(one["signing_input"])) for one in (first, second)]
    other = {**DATA, "quantity": 4}
    late = operator.post("/v1/records:prepare", json={**wanted, "data": other}).json()
    assert _send(operator, first, signatures[0]).status_code == 201
    answer = _send(operator, late, signer.sign(decode_base64(late["signing_input"])))
    assert (answer.status_code, answer.json()["slug"]) == (409, "stale-subject")
    assert answer.json()["head"] == first["event_id"]


def test_preparing_is_for_the_operator(caller: Caller) -> None:
    wanted = _wanted(caller.installation)
    assert caller.post("/v1/records:prepare", json=wanted).json()["slug"] == "login-needed"
    buyer = Caller(caller.installation).signed_in("buyer", "cmp_vn")
    assert buyer.post("/v1/records:prepare", json=wanted).status_code == 404


def test_the_answer_is_a_file_that_lotproof_signs(operator: Caller) -> None:
    installation = operator.installation
    value = operator.post("/v1/records:prepare", json=_wanted(installation)).json()
    pending = Pending.from_json(json.loads(json.dumps(value)))
    assert pending.to_json() == value
    signed = pending.signed_by(_supplier(installation)[1])
    assert _send(operator, value, *signed.submission().signatures).status_code == 201
