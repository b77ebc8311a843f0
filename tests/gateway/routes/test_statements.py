"""The signing desk: read in words beside the exact bytes, signed by whoever it waits for."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from gateway.people.printed_logins import issue_login
from gateway.statements import hands
from gateway.store import party_names
from gateway.store import statements as store
from gateway.store.statements import Statement
from gateway.wiring import Installation
from gateway.workflows.parties import PARTIES
from gateway.workflows.statements import add_signature, state
from ledger.core.encoding import encode_base64
from ledger.pending import Pending
from tests.gateway.outsiders import Outsider, declaration, outsider, person, receipt, staff
from tests.gateway.web import Caller, errors


def visitor(installation: Installation, role: Any, party: str) -> Caller:
    caller = Caller(installation)
    assert caller.post(issue_login(installation, role, party=party)).status_code == 303
    return caller


def post(caller: Caller, path: str, fields: dict[str, Any] | None = None, **options: Any) -> Any:
    return caller.post(path, data={"csrf_token": caller.token, **(fields or {})}, **options)


@pytest.fixture
def supplier(house: Installation) -> Outsider:
    return outsider(house, "Coatworks", "supplier")


@pytest.fixture
def waiting(house: Installation, supplier: Outsider) -> Statement:
    """The warehouse says that it took in ten coats; the supplier has to sign that it gave them away."""
    made = state(house, declaration(supplier), by=supplier.identity, action="declare")
    signature = supplier.sign(made.pending["signing_input"])
    lot = add_signature(house, made.id, supplier.party, signature).subject
    return state(house, receipt(house, supplier, lot), by=staff(house), action="receive")


def kept(house: Installation, statement: Statement) -> Statement:
    with house.database.reading() as connection:
        found = store.find(connection, statement.id, party=None)
    assert found is not None
    return found


def test_the_desk_counts_and_lists_what_waits(
    house: Installation, supplier: Outsider, waiting: Statement
) -> None:
    caller = visitor(house, "supplier", supplier.party)
    desk = caller.get("/statements")
    assert f"/statements/{waiting.id}" in desk.text
    assert re.search(r'href="/statements"[^>]*>To sign <small class="count">1</small>', desk.text)
    assert "Lotproof Operations" in desk.text


def test_a_statement_is_shown_in_words_beside_the_bytes_that_are_signed(
    house: Installation, supplier: Outsider, waiting: Statement
) -> None:
    page = visitor(house, "supplier", supplier.party).get(f"/statements/{waiting.id}").text
    pending = Pending.from_json(waiting.pending)
    shown = re.search(r'<pre class="bytes" id="body" tabindex="0">(.*?)</pre>', page, re.DOTALL)
    assert shown
    assert shown[1].replace("&#34;", '"') == pending.contents.body.decode()
    assert "D-1" in page, "what is only committed is open to whoever signs it"
    assert waiting.event_id in page
    assert waiting.pending["signing_input"] in page


def test_a_signature_made_elsewhere_is_pasted(
    house: Installation, supplier: Outsider, waiting: Statement
) -> None:
    caller = visitor(house, "supplier", supplier.party)
    path = f"/statements/{waiting.id}/signature"
    for wrong in ("", "no base64", encode_base64(bytes(64)), encode_base64(bytes(32))):
        answer = post(caller, path, {"event_id": waiting.event_id, "signature": wrong})
        assert (answer.status_code, bool(errors(answer))) == (422, True), wrong
    right = encode_base64(supplier.sign(waiting.pending["signing_input"]))
    answer = post(caller, path, {"event_id": waiting.event_id, "signature": right})
    assert answer.status_code == 303
    assert "Everybody has signed. It is recorded." in caller.get(answer.headers["location"]).text


def test_the_file_of_lotproof_sign_is_sent_back(
    house: Installation, supplier: Outsider, waiting: Statement
) -> None:
    caller = visitor(house, "supplier", supplier.party)
    path = f"/statements/{waiting.id}"
    prepared = caller.get(f"{path}/prepared.json")
    assert f'"statement-{waiting.id}.json"' in prepared.headers["content-disposition"]
    unsigned = Pending.from_json(prepared.json())
    other = unsigned.signed_by(supplier.signer).to_json() | {"event_id": "0" * 64}
    for wrong in (b"", b"{}", prepared.content, json.dumps(other).encode(), b"\xff\x00"):
        answer = post(caller, f"{path}/signed", files={"file": ("s.json", wrong, "application/json")})
        assert (answer.status_code, bool(errors(answer))) == (422, True), wrong[:20]
    signed = json.dumps(unsigned.signed_by(supplier.signer).to_json()).encode()
    answer = post(caller, f"{path}/signed", files={"file": ("s.json", signed, "application/json")})
    assert answer.status_code == 303
    assert kept(house, waiting).state == "recorded"


def test_it_is_declined_with_a_reason_that_its_author_reads(
    house: Installation, supplier: Outsider, waiting: Statement
) -> None:
    caller = visitor(house, "supplier", supplier.party)
    path = f"/statements/{waiting.id}"
    assert post(caller, f"{path}/decline", {"reason": " "}).status_code == 422
    assert post(caller, f"{path}/decline", {"reason": "nine were handed over"}).status_code == 303
    late = post(
        caller, f"{path}/signature", {"event_id": waiting.event_id, "signature": encode_base64(bytes(64))}
    )
    assert late.status_code == 409
    operator = Caller(house).signed_in("operator")
    assert "nine were handed over" in operator.get(path).text


def test_who_has_nothing_to_do_with_it_finds_nothing(house: Installation, waiting: Statement) -> None:
    stranger = visitor(house, "supplier", outsider(house, "Stranger", "supplier").party)
    path = f"/statements/{waiting.id}"
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"{path}/prepared.json").status_code == 404
    for what in ("sign", "signature", "signed", "decline", "withdraw", "renew"):
        fields = {"reason": "no"} if what == "decline" else {}
        assert post(stranger, f"{path}/{what}", fields).status_code == 404, what
    assert kept(house, waiting) == waiting


def test_a_form_from_elsewhere_signs_nothing(
    house: Installation, supplier: Outsider, waiting: Statement
) -> None:
    caller = visitor(house, "supplier", supplier.party)
    signature = encode_base64(supplier.sign(waiting.pending["signing_input"]))
    body = {"event_id": waiting.event_id}
    forms = {"sign": body, "signature": {**body, "signature": signature}, "decline": {"reason": "x"}}
    for what, fields in forms.items():
        sent = {"csrf_token": "0" * 40, **fields}
        assert caller.post(f"/statements/{waiting.id}/{what}", data=sent).status_code == 403
    assert kept(house, waiting) == waiting


def test_the_one_who_stated_it_takes_it_back(house: Installation, waiting: Statement) -> None:
    operator = Caller(house).signed_in("operator")
    assert post(operator, f"/statements/{waiting.id}/withdraw").status_code == 303
    assert kept(house, waiting).state == "withdrawn"
    assert post(operator, f"/statements/{waiting.id}/withdraw").status_code == 409


def test_in_the_demo_a_companys_computer_is_this_one_and_the_page_says_so(copied: Installation) -> None:
    """The key in HOME/others signs for its own company alone."""
    with copied.database.reading() as connection:
        party, _, slug = party_names.of_kinds(connection, ("supplier",))[0]
        other = party_names.of_kinds(connection, ("supplier",))[1][0]
        assert connection.execute(select(PARTIES.c.party).where(PARTIES.c.slug == slug)).scalar_one() == party
    with copied.database.reading() as connection:
        (key,) = hands.at_hand(copied, connection, person(party, "supplier"))
        assert key == hands.place(connection, party, "lot.declared", "supplier").key
        assert hands.at_hand(copied, connection, person(other, "supplier")).keys() != {key}
        assert key not in hands.at_hand(copied, connection, staff(copied))
        assert hands.at_hand(copied, connection, person(copied.config.operator, "inspector")) == {}


def test_a_position_that_is_none_is_refused(house: Installation, supplier: Outsider) -> None:
    caller = visitor(house, "supplier", supplier.party)
    for wrong in ("yesterday|x", "2026-11-20T00:00:00|x", "|", "x"):
        assert caller.get("/statements", params={"after": wrong}).status_code == 400, wrong
    assert caller.get("/statements", params={"after": "2026-11-20T00:00:00+00:00|x"}).status_code == 200
