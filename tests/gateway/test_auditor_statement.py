"""An auditor from outside states something about a lot: prepared here, signed elsewhere, shown to everybody.

The auditor's key is made, and signs, in a folder of its own that knows no installation; what leaves it are
a request, two signed records, and nothing else.
"""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from exporters import audit_pack
from exporters.pack import verify_lot
from gateway.app import create_app
from gateway.wiring import Installation
from gateway.workflows.audit_log import audit_source
from gateway.workflows.export_lot import export_lot
from ledger import pack as packs
from ledger.core import pack
from ledger.core.keys import key_id
from ledger.core.policy import Policy
from ledger.core.policy import parse as parse_policy
from ledger.store import log
from tests.gateway.cli.test_keys import Person
from tests.gateway.web import Caller, lot_of, repaired_code

SCOPE = "evidence.stated:auditor"


@pytest.fixture
def served(copied: Installation) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(create_app(copied), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def prepared(caller: Caller, into: Path, **wanted: Any) -> dict[str, Any]:
    answer = caller.post("/v1/records:prepare", json=wanted)
    assert answer.status_code == 200, answer.text
    into.write_text(answer.text)
    value: dict[str, Any] = answer.json()
    return value


def test_it_is_signed_elsewhere_and_stands_on_the_page_and_in_the_pack(
    copied: Installation, served: str, tmp_path: Path
) -> None:
    home, origin = copied.home, copied.config.origin
    for name in ("office", "outside"):
        (tmp_path / name).mkdir()
    office, outside = Person(tmp_path / "office", home), Person(tmp_path / "outside")
    operator = Caller(copied).signed_in("operator")
    registrar = copied.signer("registrar")

    # the registrar writes the auditor down, and the auditor's key signs that it is the auditor's
    body = prepared(
        operator,
        office.folder / "party.json",
        type="party.registered",
        subjects=["party"],
        data={"kind": "auditor", "country": "VN"},
        committed={"legal_name": "Kiem Toan"},
        signers=[
            {"party": copied.config.registrar, "key": key_id(registrar.public_key), "role": "registrar"}
        ],
    )
    party = parse_body(body)["subjects"][0]["id"]
    office.run("sign", "party.json", "--key", home / "keys" / "registrar.pem", "--yes", secret="")
    office.run("record", "party.json", "--url", served)
    outside.run("keys", "new", "auditor", "--file", "auditor.pem", "--public")
    outside.run(
        "keys", "request", "--file", "auditor.pem", "--origin", origin, "--party", party, "--scope", SCOPE,
        "-o", "request.json",
    )  # fmt: skip
    office.run(
        "keys", "register", outside.folder / "request.json", "-o", outside.folder / "key.json", secret=""
    )
    outside.run("sign", "key.json", "--key", "auditor.pem", "--yes")
    outside.run("record", "key.json", "--url", served)

    # the auditor audits, asks for the bytes, signs and sends them
    checkpoint = copied.publisher.publish()
    lot = lot_of(home, repaired_code(home))
    auditor = Caller(copied).signed_in("auditor")
    signers = [{"party": party, "key": key_id(outside.key("auditor").public_key), "role": "auditor"}]
    data = {"tree_size": checkpoint.size, "root": checkpoint.root.hex(), "verdict": "verified"}
    wanted = {"type": "evidence.stated", "subjects": [party], "refs": [lot], "data": data, "signers": signers}
    prepared(auditor, outside.folder / "statement.json", **wanted)
    said = outside.run("sign", "statement.json", "--key", "auditor.pem", "--yes")
    assert "evidence.stated" in said
    assert lot in said
    index = json.loads(outside.run("record", "statement.json", "--url", served, "--json"))["index"]
    again = json.loads(outside.run("record", "statement.json", "--url", served, "--json"))
    assert (again["index"], again["created"]) == (index, False)

    copied.publisher.publish()
    shown = Caller(copied).get(f"/auditor/subjects/{lot}")
    assert f"/auditor/entries/{index}" in shown.text
    made = export_lot(copied, lot, "public").content
    assert f"records/{index}.json" in pack.read(made).members
    policy = copied.policy_path.read_bytes()
    verified = packs.verify(made, parse_policy(policy), audit_pack.check_words)
    assert index in [leaf.index for leaf in verified.shown.leaves]
    assert verify_lot.verify(made, policy)["exit"] == 0
    assert "evidence.stated" in pack.read(made).members["index.html"].decode()
    other = next(name for name in lots_of(copied) if name != lot and "parent" not in name)
    assert f"records/{index}.json" not in pack.read(export_lot(copied, other, "public").content).members
    report = audit_source(copied.settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", report.findings

    # about another lot as well: the pack of the first one shows both, since a history is whole or nothing
    prepared(auditor, outside.folder / "second.json", **{**wanted, "refs": [other]})
    outside.run("sign", "second.json", "--key", "auditor.pem", "--yes")
    second = json.loads(outside.run("record", "second.json", "--url", served, "--json"))["index"]
    copied.publisher.publish()
    made = export_lot(copied, lot, "public").content
    assert {f"records/{n}.json" for n in (index, second)} <= pack.read(made).members.keys()
    packs.verify(made, Policy.trusting(copied.config.vkey), audit_pack.check_words)
    assert verify_lot.verify(made, policy)["exit"] == 0


def test_for_an_auditor_nothing_else_is_prepared(copied: Installation) -> None:
    auditor = Caller(copied).signed_in("auditor")
    signers = [{"party": copied.config.operator, "key": "0" * 64, "role": "custodian"}]
    wanted = {"type": "lot.received", "subjects": ["lot"], "data": {}, "signers": signers}
    assert auditor.post("/v1/records:prepare", json=wanted).status_code in (403, 404)


def parse_body(answer: dict[str, Any]) -> dict[str, Any]:
    from ledger.pending import Pending

    return Pending.from_json(answer).body.model_dump()


def lots_of(installation: Installation) -> list[str]:
    with installation.database.reading() as connection:
        return [
            name for name, subject in log.subjects_of_kind(connection, "lot") if subject.state.parent is None
        ]
