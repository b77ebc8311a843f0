"""Used laptops by air to the Union, and sofas by sea to the United States: every paper that they need."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exporters.catalogue import CATALOGUE
from exporters.document import Document
from exporters.dossier import ShipmentDossier, assemble
from exporters.validation import required, validate
from tests.exporters import afar, golden_files, reading

Made = tuple[ShipmentDossier, dict[str, Document], dict[str, list[str]]]


@pytest.fixture(scope="module")
def made() -> dict[str, Made]:
    """Name -> the dossier, its documents by renderer, and what the other renderers lack."""
    return {"laptops": _made(afar.laptops), "sofas": _made(afar.sofas)}


def _made(facts: Callable[[], dict[str, Any]]) -> Made:
    dossier = assemble(facts())
    lacking = {name: renderer.missing(dossier) for name, renderer in CATALOGUE.items()}
    documents = {name: CATALOGUE[name].render(dossier) for name, gaps in lacking.items() if not gaps}
    return dossier, documents, {name: gaps for name, gaps in lacking.items() if gaps}


def test_what_these_goods_do_not_have_is_named_and_all_else_is_made(made: dict[str, Made]) -> None:
    assert made["laptops"][2] == {"brand_authorization.pdf": ["authorizations"]}
    assert made["sofas"][2] == {
        "functionality_protocol.pdf": ["lines.0.tests"],
        "reuse_declaration.pdf": ["reuse"],
        "battery_declaration.pdf": ["lines.dangerous_goods"],
    }


@pytest.mark.parametrize("name", golden_files.AFAR)
def test_every_document_passes_every_validator_that_runs(
    name: str, made: dict[str, Made], conformance: Path
) -> None:
    schemas = conformance / "trade" / "ubl-2.4-os" / "xsdrt"
    dossier, documents, _ = made[name]
    for renderer, document in documents.items():
        manifest = required(validate(document, dossier, kind=CATALOGUE[renderer].kind, schemas_dir=schemas))
        assert "passed" in {check.outcome for check in manifest.checks}, renderer


def test_the_second_number_of_a_buyer_in_the_union_is_told_in_a_note(made: dict[str, Made]) -> None:
    """UBL-SR-16 allows one; BT-48 would contradict category O."""
    xml = made["laptops"][1]["commercial_invoice.ubl"].content.decode()
    assert xml.count("DE1234567") == xml.count("DE136695976") == 1
    assert "<cbc:Note>Buyer VAT DE136695976</cbc:Note>" in xml


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name, kinds in golden_files.AFAR.items() for kind in kinds]
)
def test_its_text_is_the_golden_one(name: str, kind: str, made: dict[str, Made]) -> None:
    text = reading.text(made[name][1][f"{kind}.pdf"].content)
    assert text == golden_files.read(f"{kind.replace('_', '-')}-{name}")
