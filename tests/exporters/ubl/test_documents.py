"""Each UBL document is valid against its schema, complete by our rules, and the same bytes each time."""

from pathlib import Path
from typing import Any

import pytest

from exporters.catalogue import CATALOGUE, Renderer
from exporters.document import Document
from exporters.dossier import assemble, dossier_hash
from exporters.errors import IncompleteDossier
from exporters.ubl.elements import CAC, CBC, parse
from exporters.validation import validate
from tests.exporters import golden_files, papers

UBL = {name: renderer for name, renderer in CATALOGUE.items() if renderer.format == "ubl"}
NS = {"cac": CAC, "cbc": CBC}
each_document = pytest.mark.parametrize("renderer", UBL.values(), ids=list(UBL))


@pytest.fixture(scope="session")
def schemas(conformance: Path) -> Path:
    return conformance / "trade/ubl-2.4-os/xsdrt"


def made(renderer: Renderer, facts: dict[str, Any] | None = None) -> Document:
    return renderer.render(assemble(facts or papers.vietnam()))


def test_the_four_documents_are_in_the_catalogue() -> None:
    assert list(UBL) == [
        "commercial_invoice.ubl",
        "packing_list.ubl",
        "despatch_advice.ubl",
        "certificate_of_origin.ubl",
    ]


@each_document
def test_it_is_valid_against_the_schema_and_our_rules(renderer: Renderer, schemas: Path) -> None:
    dossier = assemble(papers.vietnam())
    manifest = validate(renderer.render(dossier), dossier, kind=renderer.kind, schemas_dir=schemas)
    assert manifest.failed == ()
    assert [check.outcome for check in manifest.checks[:2]] == ["passed", "passed"]
    assert manifest.checks[1].fired is not None


@each_document
def test_it_is_the_golden_one(renderer: Renderer) -> None:
    name = f"{renderer.kind.replace('_', '-')}-vietnam.xml"
    assert made(renderer).content == (golden_files.FOLDER / name).read_bytes()


@each_document
def test_it_is_pure_names_its_dossier_and_brings_no_doctype(renderer: Renderer) -> None:
    document = made(renderer)
    assert document == made(renderer)
    assert document.content.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<")
    assert dossier_hash(assemble(papers.vietnam())).hex().encode() in document.content
    assert b"DOCTYPE" not in document.content
    assert document.filename.endswith(".xml")


def test_the_invoice_says_what_the_dossier_says() -> None:
    root = parse(made(UBL["commercial_invoice.ubl"]).content)
    found = [element.text for element in root.iter() if isinstance(element.tag, str) and element.text]
    for value in (
        "XY-2026-0117", "380", "USD", "PO-4411", "XY-SM-26-08", "CIF", "Hai Phong", "VN",
        "30 % with order, 70 % against documents", "103350.00", "86.125", "1200", "851713", "85171300",
        "108511.60", "980.00", "500.00", "Điện thoại thông minh 6,1 inch, hai SIM, nguyên hộp kèm sạc",
        "91330201MA2XXXXX7K", "UN3481", "宁波星野贸易有限公司",
    ):  # fmt: skip
        assert value in found, value
    assert root.findtext("cac:LegalMonetaryTotal/cbc:PayableAmount", None, NS) == "108511.60"


def test_a20_text_is_never_read_as_markup() -> None:
    facts = papers.vietnam()
    facts["parties"][1]["name"] = "A & B <c> ]]> \"d\" &#0; <!ENTITY x SYSTEM 'file:///etc/passwd'>"
    root = parse(made(UBL["commercial_invoice.ubl"], facts).content)
    name = root.findtext("cac:AccountingCustomerParty/cac:Party/cac:PartyName/cbc:Name", None, NS)
    assert name == facts["parties"][1]["name"]


def test_the_packing_list_and_the_advice_hold_no_price() -> None:
    for name in ("packing_list.ubl", "despatch_advice.ubl", "certificate_of_origin.ubl"):
        assert b"currencyID" not in made(UBL[name]).content
        assert b"86.125" not in made(UBL[name]).content


def test_the_certificate_is_an_application_and_stays_pending() -> None:
    root = parse(made(UBL["certificate_of_origin.ubl"]).content)
    assert root.findtext("cac:IssuerEndorsement/cbc:ApprovalStatus", None, NS) == "pending"


@each_document
def test_every_missing_fact_is_named(renderer: Renderer) -> None:
    facts = papers.vietnam() | {"terms": None, "not_applicable": []}
    facts["parties"] = [party for party in facts["parties"] if "buyer" not in party["roles"]]
    facts["lines"][1]["description"] = None
    with pytest.raises(IncompleteDossier) as refusal:
        made(renderer, facts)
    assert list(refusal.value.missing) == renderer.missing(assemble(facts))
    assert {"parties.buyer", "terms", "lines.1.description"} <= set(refusal.value.missing)
