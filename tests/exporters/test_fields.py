"""A field is a value, missing, or not applicable with a reason."""

from exporters.dossier import assemble
from exporters.fields import Inapplicable, Missing, absent, missing, state
from tests.exporters import shipments


def test_the_three_states() -> None:
    facts = shipments.vietnam()
    facts["not_applicable"] = [{"field": "lines.*.label_state", "reason": "sold without labels"}]
    facts["lines"][1]["label_state"] = None
    dossier = assemble(facts)
    assert state(dossier, "terms.incoterm") == "CIF"
    assert state(dossier, "lines.1.gtin") == Missing()
    assert state(dossier, "lines.1.label_state") == Inapplicable("sold without labels")


def test_items_are_named_by_index_kind_or_role() -> None:
    dossier = assemble(shipments.vietnam())
    assert state(dossier, "documents.packing_list.number") == "XY-2026-0117-P"
    assert state(dossier, "parties.importer.name") == "Sao Mai Distribution JSC"
    assert state(dossier, "lines.1.model") == "Winter Parka W-18"
    assert state(dossier, "parties.manufacturer") == Missing()
    assert state(dossier, "lines.2.model") == Missing()


def test_missing_spells_out_every_item() -> None:
    facts = shipments.vietnam()
    facts["lines"][0]["hs6"] = facts["lines"][1]["hs6"] = None
    dossier = assemble(facts)
    wanted = ["lines.*.hs6", "lines.*.origin", "parties.carrier", "bank"]
    assert missing(dossier, wanted) == ["lines.0.hs6", "lines.1.hs6", "parties.carrier"]


def test_an_empty_list_is_missing_and_what_is_not_applicable_is_not() -> None:
    facts = shipments.nigeria()
    assert missing(assemble(facts), ["containers", "containers.*.seal"]) == ["containers"]
    facts["not_applicable"] = [{"field": "containers", "reason": "less than a container load"}]
    assert missing(assemble(facts), ["containers"]) == []
    assert absent(assemble(facts), ["containers"]) == ["containers"], "a document still cannot print it"


def test_a_role_nobody_has_can_be_stated_not_to_apply() -> None:
    facts = shipments.nigeria()
    facts["not_applicable"] = [{"field": "parties.notify", "reason": "the buyer collects"}]
    assert state(assemble(facts), "parties.notify") == Inapplicable("the buyer collects")
