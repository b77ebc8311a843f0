"""The packing list says what lies where and what it weighs, and never what it costs."""

import json

import pytest

from exporters import packing_list
from exporters.dossier import assemble
from exporters.errors import IncompleteDossier
from tests.exporters import golden_files, reading, shipments


@pytest.mark.parametrize("name", ["vietnam", "nigeria"])
def test_its_text_is_the_golden_one(name: str) -> None:
    document = packing_list.render(assemble(getattr(shipments, name)()))
    assert reading.text(document.content) == golden_files.read(f"packing-list-{name}")


def test_each_group_is_printed_with_its_sums() -> None:
    text = reading.text(packing_list.render(assemble(shipments.vietnam())).content)
    for value in [
        "1–60 60 × Carton Thùng carton",
        shipments.MARKS,
        "1200 pcs 60 × 20",
        "504.000 60 × 8.400",
        "588.000 60 × 9.800",
        "42 × 36 × 28.5 2.586 m³",
        "61–79 19 × Carton",
        "80 1 × Carton",
        "884.000 kg",
        "1012.000 kg",
        "4.771 m³",
        "XY-2026-0117",
    ]:
        assert value in text


def test_no_price_is_in_the_document_or_attached_to_it() -> None:
    document = packing_list.render(assemble(shipments.vietnam()))
    text = reading.text(document.content)
    with reading.opened(document.content) as opened:
        attached = opened.attachments["packing-list.json"].get_file().read_bytes().decode()
    for secret in [
        "86.125",
        "103,350",
        "10335000",
        "11.4",
        "unit_price",
        "amount",
        "charges",
        "Payment",
        "3901",
    ]:
        assert secret not in text
        assert secret not in attached
    assert [group["first"] for group in json.loads(attached)["packages"]] == [1, 61, 80]


def test_a_crate_of_many_lines_runs_over_pages() -> None:
    facts = shipments.many_lines(40)
    size = {"length_mm": 2000, "width_mm": 1500, "height_mm": 1500}
    facts["packages"] = [
        {
            "first": 1,
            "count": 1,
            "type": "CR",
            "contents": [{"line": n + 1, "quantity": 7} for n in range(40)],
            "net_mass_g": 40 * 6650,
            "gross_mass_g": 40 * 7420,
            "dimensions": size,
        }
    ]
    document = packing_list.render(assemble(facts))
    text = reading.text(document.content)
    assert document.pages > 2
    assert [number for number in range(1, 41) if f"Parka {number} " not in text] == []


def test_every_missing_fact_is_named_at_once() -> None:
    facts = shipments.vietnam()
    facts["documents"] = facts["documents"][:1]
    facts["packages"][1] |= {"dimensions": None, "net_mass_g": None}
    with pytest.raises(IncompleteDossier, match="the packing list still needs") as refusal:
        packing_list.render(assemble(facts))
    assert refusal.value.missing == (
        "documents.packing_list",
        "packages.1.net_mass_g",
        "packages.1.dimensions",
    )


def test_a_shipment_without_packages_has_no_packing_list() -> None:
    with pytest.raises(IncompleteDossier, match="packages"):
        packing_list.render(assemble(shipments.vietnam() | {"packages": []}))
