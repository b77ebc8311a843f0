"""A dossier is closed, canonical and final: its hash is the hash of the bytes anyone can see."""

import json
from hashlib import sha256
from typing import Any

import pytest
from pydantic import ValidationError

from exporters.dossier import amended, assemble, canonical_json, dossier_hash, parse, texts
from exporters.errors import InvalidDossier
from ledger.core import canonical
from tests.exporters import papers, shipments


@pytest.fixture(params=[shipments.vietnam, shipments.nigeria, shipments.many_lines])
def facts(request: pytest.FixtureRequest) -> dict[str, Any]:
    made: dict[str, Any] = request.param()
    return made


def test_a_dossier_round_trips_through_its_canonical_json(facts: dict[str, Any]) -> None:
    dossier = assemble(facts)
    data = canonical_json(dossier)
    assert parse(data) == dossier
    assert canonical_json(parse(data)) == data
    assert canonical.dumps(canonical.loads(data)) == data


def test_the_hash_is_the_plain_sha256_of_the_canonical_json(facts: dict[str, Any]) -> None:
    dossier = assemble(facts)
    assert dossier_hash(dossier) == sha256(canonical_json(dossier)).digest()


def test_the_hash_of_this_shipment_is_final() -> None:
    """A change here changes every dossier hash that was ever recorded: it needs a new ``v``."""
    dossier = assemble(shipments.vietnam())
    assert dossier_hash(dossier).hex() == "c5ab13254c19adc5faba81984f9dda71126de7a14e455a6922f25f9b5987cac8"


def test_an_amendment_is_the_next_version_and_names_the_one_it_supersedes() -> None:
    first = assemble(shipments.vietnam())
    second = amended(first, {"payment": {"en": "100 % before shipment"}})
    assert (second.version, second.supersedes) == (2, dossier_hash(first).hex())
    assert second.not_applicable == (), "that it supersedes nothing is no longer so"
    third = amended(second, {"payment": None})
    assert (third.version, third.supersedes, third.payment) == (3, dossier_hash(second).hex(), None)
    assert third.lines == first.lines
    assert len({dossier_hash(each) for each in (first, second, third)}) == 3


@pytest.mark.parametrize("member", ["v", "shipment", "version", "supersedes"])
def test_an_amendment_cannot_choose_what_it_amends(member: str) -> None:
    with pytest.raises(InvalidDossier, match=f"{member}: an amendment cannot change it"):
        amended(assemble(shipments.vietnam()), {member: 1})


def test_an_amendment_is_checked_like_any_dossier() -> None:
    with pytest.raises(InvalidDossier, match="not a currency"):
        amended(assemble(shipments.vietnam()), {"currency": "DEM"})


def test_the_full_dossier_round_trips_and_its_hash_moves_with_every_member() -> None:
    facts = papers.vietnam()
    dossier = assemble(facts)
    assert parse(canonical_json(dossier)) == dossier
    assert sha256(canonical_json(dossier)).digest() == dossier_hash(dossier)
    hashes = {dossier_hash(dossier)}
    facts |= {"not_applicable": []}
    for member in ("pallets", "carriage", "balances", "inspections", "authorizations", "china"):
        hashes.add(dossier_hash(assemble(facts | {member: None})))
    assert len(hashes) == 7


def test_an_absent_member_is_left_out_never_null() -> None:
    facts = shipments.nigeria()
    assert facts["bank"] is None
    assert b'"bank"' not in canonical_json(assemble(facts))
    assert b"null" not in canonical_json(assemble(facts))


def test_a_dossier_is_frozen() -> None:
    dossier = assemble(shipments.vietnam())
    with pytest.raises(ValidationError, match="frozen"):
        dossier.version = 2


def test_texts_name_their_place() -> None:
    found = dict(texts(assemble(shipments.vietnam())))
    assert found["lines.0.description.zh"] == "智能手机 6.1英寸 双卡 原装"
    assert found["parties.1.name"] == "Sao Mai Distribution JSC"


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("v", 2, "v"),
        ("note", "x", "note"),
        ("version", 0, "version"),
        ("shipment", "shipment:ILOU", "shipment"),
        ("issue_date", "2026-02-30", "issue_date"),
        ("language", "fr", "language"),
        ("base_url", "https://" + "a" * 83, "base_url"),
        ("currency", "DEM", "currency"),
        ("sale", "yes", "sale"),
        ("lines.0.quantity", 1200.0, "lines.0.quantity"),
        ("lines.0.quantity", "1200", "lines.0.quantity"),
        ("lines.0.quantity", True, "lines.0.quantity"),
        ("lines.0.quantity", 0, "lines.0.quantity"),
        ("lines.0.unit", "PCS", "lines.0.unit"),
        ("lines.0.unit_price", "86,125", "lines.0.unit_price"),
        ("lines.0.unit_price", "086.1", "lines.0.unit_price"),
        ("lines.0.unit_price", "-1", "lines.0.unit_price"),
        ("lines.0.unit_price", "1e3", "lines.0.unit_price"),
        ("lines.0.amount_minor", -1, "lines.0.amount_minor"),
        ("lines.0.hs6", "8517", "lines.0.hs6"),
        ("lines.0.hs6", "999999", "lines.0.hs6"),
        ("lines.0.gtin", "09506000134353", "lines.0.gtin"),
        ("lines.0.origin", "UK", "lines.0.origin"),
        ("lines.0.condition", "mint", "lines.0.condition"),
        ("lines.0.brand", "", "lines.0.brand"),
        ("lines.0.brand", " x", "lines.0.brand"),
        ("lines.0.brand", "a\nb", "lines.0.brand"),
        ("lines.0.brand", "a\u202eb", "lines.0.brand"),
        ("lines.0.brand", "e\u0301", "lines.0.brand"),
        ("lines.0.brand", "x" * 501, "lines.0.brand"),
        ("packages.0.type", "CTN", "packages.0.type"),
        ("packages.0.sscc", "1" * 18, "packages.0.sscc"),
        ("parties.0.roles", [], "parties.0.roles"),
        ("parties.0.country", "cn", "parties.0.country"),
        ("terms.incoterm", "DAT", "terms.incoterm"),
        ("terms.incoterms_year", 2010, "terms.incoterms_year"),
        ("ledger.root", "E5" * 32, "ledger.root"),
        ("documents.0.number", "1" * 61, "documents.0.number"),
        ("documents.0.code", "i" * 20, "documents.0.code"),
        ("containers.0.number", "EXMX1234567", "containers.0.number"),
    ],
)
def test_a_wrong_shape_is_refused_with_its_field(path: str, value: Any, field: str) -> None:
    facts = shipments.vietnam()
    *parents, last = path.split(".")
    target: Any = facts
    for name in parents:
        target = target[int(name)] if isinstance(target, list) else target[name]
    target[last] = value
    with pytest.raises(InvalidDossier) as refusal:
        assemble(facts)
    assert [problem.field for problem in refusal.value.problems] == [field]


def test_all_wrong_shapes_are_reported_together() -> None:
    facts = shipments.vietnam() | {"currency": "DEM", "language": "fr"}
    del facts["lines"]
    with pytest.raises(InvalidDossier, match="not a currency") as refusal:
        assemble(facts)
    assert [problem.field for problem in refusal.value.problems] == ["language", "currency", "lines"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data + b" ",
        lambda data: json.dumps(json.loads(data)).encode(),
        lambda data: data.replace(b'"issue_date":"2026-11-21"', b'"issue_date":"2026-11-21T00:00:00"'),
        lambda data: data.replace(b'"payment":{', b'"payment":null,"x":{'),
        lambda data: b"{",
    ],
)
def test_only_the_canonical_spelling_is_read(spoil: Any) -> None:
    data = canonical_json(assemble(shipments.vietnam()))
    with pytest.raises(InvalidDossier):
        parse(spoil(data))


def test_a_value_that_json_does_not_have_is_refused() -> None:
    facts = shipments.vietnam() | {"version": 10**30}
    with pytest.raises(InvalidDossier, match="canonical form"):
        assemble(facts)
