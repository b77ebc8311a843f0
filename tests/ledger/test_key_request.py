"""A request proves that whoever asks holds the key, and says one thing only."""

from typing import Any

import pytest

from ledger.core import canonical
from ledger.core.encoding import encode_base64
from ledger.core.envelope import signing_input
from ledger.errors import InvalidRecord
from ledger.key_request import KeyRequest
from tests.ledger.fakes import MemorySigner
from tests.ledger.world import ORIGIN, PARTIES

KEY = MemorySigner("asking")


def asked(**changes: Any) -> KeyRequest:
    members: dict[str, Any] = {
        "origin": ORIGIN,
        "kind": "party",
        "party": PARTIES["inspector"],
        "public_key": KEY.public_key.hex(),
        "scopes": ["lot.inspected:inspector"],
        "custody": "self",
    }
    return KeyRequest(**members | changes)


def test_it_reads_back_and_names_its_key() -> None:
    for request in (
        asked(),
        asked(kind="registrar", scopes=[]),
        asked(replaces="ab" * 32, custody="operator"),
    ):
        again = KeyRequest.from_json(request.to_json(KEY))
        assert again == request
        assert again.key == KEY.id


def test_the_signed_bytes_are_for_ever() -> None:
    text = (
        f'{{"custody":"self","kind":"party","origin":"{ORIGIN}","party":"{PARTIES["inspector"]}",'
        f'"public_key":"{KEY.public_key.hex()}","scopes":["lot.inspected:inspector"],"v":1}}'
    )
    assert asked().signed == b"lotproof/key-request/v1\n" + text.encode()


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "log.example/other"},
        {"kind": "registrar"},
        {"party": PARTIES["supplier"]},
        {"public_key": MemorySigner("thief").public_key.hex()},
        {"scopes": []},
        {"scopes": ["lot.inspected:inspector", "lot.sold:seller"]},
        {"custody": "operator"},
        {"replaces": "ab" * 32},
    ],
)
def test_every_member_is_signed(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecord, match="the key did not sign this request"):
        KeyRequest.from_json(asked().to_json(KEY) | change)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"more": 1},
        {"scopes": ["b.b:b", "a.a:a"]},
        {"scopes": ["a.a:a", "a.a:a"]},
        {"scopes": ["everything"]},
        {"party": "party:me"},
        {"public_key": "00"},
        {"public_key": "01" + "00" * 31},
        {"origin": "log\u202eexample"},
        {"sig": "AAAA"},
        {"sig": None},
        {"sig": "not base64"},
    ],
)
def test_what_is_malformed_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecord):
        KeyRequest.from_json(asked().to_json(KEY) | change)


@pytest.mark.parametrize("value", [None, [], "x", {}, {"sig": ""}])
def test_what_is_no_request_is_refused(value: Any) -> None:
    with pytest.raises(InvalidRecord):
        KeyRequest.from_json(value)


def test_its_signature_is_none_of_a_record_and_the_other_way_round() -> None:
    """Both are canonical JSON that one key signs; the first line keeps them apart."""
    body = canonical.dumps(asked().model_dump(exclude_none=True))
    value = asked().to_json(KEY) | {"sig": encode_base64(KEY.sign(signing_input(body)))}
    with pytest.raises(InvalidRecord, match="did not sign"):
        KeyRequest.from_json(value)
