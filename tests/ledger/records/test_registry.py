"""Every record type is closed and versioned; every member is public or committed, and none is both."""

import re
from pathlib import Path
from typing import Any

import pytest

from ledger.core import canonical
from ledger.core.commitments import Opening, commitment
from ledger.core.envelope import Closed, SignedRecord
from ledger.errors import InvalidRecord
from ledger.records.model import RecordType
from ledger.records.registry import TYPES, check_for_writing, typed
from tests.ledger.world import LOT, PARTIES, World

ALL = pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES.keys())
SALT = bytes(32)
MAIN_JOURNEY = [
    "authorization.granted",
    "authorization.revoked",
    "codes.issued",
    "correction.recorded",
    "document.issued",
    "erasure.recorded",
    "evidence.stated",
    "key.registered",
    "key.revoked",
    "key.rotated",
    "log.heads",
    "log.key_changed",
    "log.opened",
    "lot.declared",
    "lot.delivered",
    "lot.inspected",
    "lot.listed",
    "lot.packed",
    "lot.received",
    "lot.refurbished",
    "lot.shipped",
    "lot.sold",
    "lot.split",
    "lot.withdrawn",
    "party.registered",
    "registrars.changed",
    "work.assigned",
]


def record(type_: str, data: dict[str, Any], **members: Any) -> SignedRecord:
    role = TYPES[type_].author if type_ in TYPES else "custodian"
    body = {
        "v": 1,
        "type": type_,
        "origin": "log.example/lots",
        "subjects": [{"id": LOT, "seq": 0, "prev": "0" * 64}],
        "refs": [],
        "signers": [{"party": PARTIES["operator"], "key": "ab" * 32, "role": role}],
        "at": "2026-11-20T01:00:00Z",
        "offset": "+08:00",
        "data": data,
        "commit": {},
        **members,
    }
    signers: list[Any] = body["signers"]
    return SignedRecord.parse(canonical.dumps(body), [bytes(64)] * len(signers))


RECEIVED = {"declared": 6, "counted": 6, "unidentified": 1, "damaged": 0, "site": "shenzhen"}


def test_the_types_of_the_main_journey_are_all_there() -> None:
    """Source: records.md section 4."""
    assert set(MAIN_JOURNEY) <= set(TYPES)


def test_every_other_type_has_a_row_in_the_book_of_records() -> None:
    book = Path(__file__).parents[3].joinpath("docs", "records.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in book.splitlines() if line.startswith("| `")]
    described = {name for row in rows for name in re.findall(r"`([a-z.0-9_]+)`", row)}
    assert described >= set(TYPES) - set(MAIN_JOURNEY)
    assert described <= set(TYPES)


@ALL
def test_a_type_is_a_closed_frozen_strict_model(type_: RecordType) -> None:
    assert issubclass(type_.model, Closed)
    config = type_.model.model_config
    assert (config["extra"], config["frozen"], config["strict"]) == ("forbid", True, True)


@ALL
def test_a_member_is_public_or_committed_and_never_both(type_: RecordType) -> None:
    public = {field.alias or name for name, field in type_.model.model_fields.items()}
    assert public.isdisjoint(type_.commits)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in public | set(type_.commits))


@ALL
def test_what_names_people_prices_or_buyers_is_never_public(type_: RecordType) -> None:
    private = {"price", "buyer", "order", "legal_name", "address", "destination", "consignee", "grantee"}
    assert private.isdisjoint(type_.model.model_fields)


@ALL
def test_an_unknown_member_is_refused_with_its_place(type_: RecordType) -> None:
    with pytest.raises(InvalidRecord) as caught:
        typed(record(type_.name, {"surprise": 1}, subjects=_subjects(type_.name)))
    assert caught.value.pointer.startswith("/data/")


def _subjects(name: str) -> list[dict[str, Any]]:
    return [] if name in ("log.opened", "log.heads") else [{"id": LOT, "seq": 0, "prev": "0" * 64}]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"counted": -1}, "/data/counted"),
        ({"counted": "6"}, "/data/counted"),
        ({"counted": True}, "/data/counted"),
        ({"declared": 0}, "/data/declared"),
        ({"site": "Shen Zhen"}, "/data/site"),
        ({"site": "x" * 41}, "/data/site"),
        ({"delivery_note": "DN 7"}, "/data/delivery_note"),
    ],
)
def test_a_member_outside_its_grammar_is_refused_with_its_place(
    changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidRecord) as caught:
        typed(record("lot.received", {**RECEIVED, **changes}))
    assert caught.value.pointer == pointer


def test_a_deep_error_is_named_member_by_member() -> None:
    child = {"id": LOT, "quantity": 0, "key": {}}
    data = {"children": [child], "remaining": {"quantity": 1}}
    with pytest.raises(InvalidRecord, match=r"^/data/children/0/quantity: "):
        typed(record("lot.split", data))


@pytest.mark.parametrize("name", ["lot.exploded", "lot.received.v2"])
def test_a_type_nobody_defined_is_refused(name: str) -> None:
    with pytest.raises(InvalidRecord, match="/type: no record type"):
        typed(record(name, {}))


def test_the_author_signs_in_the_role_of_the_type() -> None:
    signers = [{"party": PARTIES["operator"], "key": "ab" * 32, "role": "seller"}]
    with pytest.raises(InvalidRecord, match="/signers/0/role: the author signs as custodian"):
        typed(record("lot.received", RECEIVED, signers=signers))


def test_nobody_else_signs_than_the_type_says() -> None:
    signers = [
        {"party": PARTIES["operator"], "key": "ab" * 32, "role": "custodian"},
        {"party": PARTIES["carrier"], "key": "cd" * 32, "role": "carrier"},
    ]
    with pytest.raises(InvalidRecord, match=r"/signers/1: carrier does not sign lot.received"):
        typed(record("lot.received", RECEIVED, signers=signers))


def test_a_field_that_is_not_the_types_is_not_committed() -> None:
    with pytest.raises(InvalidRecord, match=r"/commit/price: lot.received commits to no field 'price'"):
        typed(record("lot.received", RECEIVED, commit={"price": "ab" * 32}))


class TestOpenings:
    def committed(self, value: Any) -> Any:
        opening = Opening(value, SALT)
        commit = {"delivery_note": commitment("delivery_note", opening)}
        return typed(record("lot.received", RECEIVED, commit=commit)), opening

    def test_an_opening_that_opens_is_accepted(self) -> None:
        made, opening = self.committed("DN 7")
        check_for_writing(made, {"delivery_note": opening})
        check_for_writing(made, {})

    @pytest.mark.parametrize("value", [7, "", ["DN"], "x" * 201, "tab\t"])
    def test_a_value_outside_its_grammar_is_refused(self, value: Any) -> None:
        made, opening = self.committed(value)
        with pytest.raises(InvalidRecord, match=r"^/open/delivery_note/value"):
            check_for_writing(made, {"delivery_note": opening})

    def test_another_value_or_salt_does_not_open(self) -> None:
        made, _ = self.committed("DN 7")
        for other in (Opening("DN 8", SALT), Opening("DN 7", bytes([1]) * 32)):
            with pytest.raises(InvalidRecord, match="/open/delivery_note: does not open the commitment"):
                check_for_writing(made, {"delivery_note": other})

    def test_an_opening_of_nothing_is_refused(self) -> None:
        made = typed(record("lot.received", RECEIVED))
        with pytest.raises(InvalidRecord, match="/open/delivery_note: opens a field that is not committed"):
            check_for_writing(made, {"delivery_note": Opening("DN 7", SALT)})


def test_no_model_uses_a_float() -> None:
    for module in Path(typed.__code__.co_filename).parent.glob("*.py"):
        assert "float" not in module.read_text(), module.name


def test_every_type_of_the_journey_is_accepted_as_written(tmp_path: Path) -> None:
    world = World(tmp_path).play()
    seen = set()
    for submission in world.submissions:
        made = typed(SignedRecord.parse(submission.body, submission.signatures))
        check_for_writing(made, dict(submission.open))
        seen.add(made.type.name)
    assert {name for name in MAIN_JOURNEY if name.startswith("lot.")} - seen == {"lot.withdrawn"}
    world.close()
