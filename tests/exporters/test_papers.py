"""Each paper says what its dossier says, is PDF/A-3a, leads to the ledger, and has the same bytes always."""

import json
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pytest
import zxingcpp

from exporters.catalogue import CATALOGUE, PAPERS, Renderer
from exporters.document import Document
from exporters.dossier import ShipmentDossier, assemble, canonical_json, dossier_hash
from exporters.errors import IncompleteDossier, UnprintableText
from exporters.package_labels import bars, labels
from exporters.sheet import word
from exporters.validation import pdf_structure, required, validate
from tests.exporters import golden_files, papers, reading, shipments

PROGRAM = """
from tests.exporters import golden_files
for name, (renderer, dossier) in golden_files.papers_by_name().items():
    print(renderer.render(dossier).sha256.hex())
"""
NAMES = tuple(golden_files.papers_by_name())
each_paper = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def made() -> dict[str, tuple[Renderer, ShipmentDossier, Document]]:
    """Every paper, rendered once for all tests of this module."""
    return {
        name: (renderer, dossier, renderer.render(dossier))
        for name, (renderer, dossier) in golden_files.papers_by_name().items()
    }


def test_every_kind_that_the_catalogue_makes_is_looked_at_here() -> None:
    pdfs = {renderer.kind for renderer in CATALOGUE.values() if renderer.format == "pdf"}
    assert {name.rpartition("-")[0].replace("-", "_") for name in NAMES} == pdfs - {
        "commercial_invoice",
        "packing_list",
    }


@each_paper
def test_its_text_is_the_golden_one(name: str, made: dict[str, Any]) -> None:
    assert reading.text(made[name][2].content) == golden_files.read(name)


def test_another_process_makes_the_same_bytes_after_all_others(made: dict[str, Any]) -> None:
    elsewhere = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert elsewhere.stdout.split() == [document.sha256.hex() for _, _, document in made.values()]
    renderer, dossier, document = made[NAMES[0]]
    assert renderer.render(dossier) == document, "and so does a second time, after the others"


@each_paper
def test_every_validator_that_this_machine_has_accepts_it(name: str, made: dict[str, Any]) -> None:
    renderer, dossier, document = made[name]
    manifest = required(validate(document, dossier, kind=renderer.kind, schemas_dir=None))
    outcomes = {check.validator: check.outcome for check in manifest.checks}
    assert outcomes[pdf_structure.STRUCTURE] == "passed"
    assert outcomes[pdf_structure.QPDF] == ("passed" if shutil.which("qpdf") else "not_run")
    assert outcomes[pdf_structure.VERAPDF] == ("passed" if shutil.which("verapdf") else "not_run")


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("proforma")])
def test_its_text_equals_the_values_attached_to_it(name: str, made: dict[str, Any]) -> None:
    """The proforma carries the dossier itself, as the invoice does."""
    renderer, dossier, document = made[name]
    with reading.opened(document.content) as opened:
        (file,) = opened.attachments.values()
        facts = json.loads(file.get_file().read_bytes())
    assert facts["dossier_sha256"] == dossier_hash(dossier).hex()
    printed = squeezed(reading.text(document.content))
    language = "zh" if renderer.kind == "cn_export_draft" else dossier.language
    values = [
        value for part in facts.get("sections", facts.get("labels")) for value in leaves(part, language)
    ]
    assert len(values) > 5
    assert [value for value in values if squeezed(value) not in printed] == []


def test_the_proforma_carries_the_dossier_and_asks_for_no_payment(made: dict[str, Any]) -> None:
    _, dossier, document = made["proforma-invoice-vietnam"]
    with reading.opened(document.content) as opened:
        (file,) = opened.attachments.values()
        assert file.get_file().read_bytes() == canonical_json(dossier)
    text = reading.text(document.content)
    assert "Proforma: an offer, not a request for payment" in text
    assert "USD 108,511.60" in text


def squeezed(text: str) -> str:
    """A line may break anywhere, and a page may begin."""
    return "".join(unicodedata.normalize("NFC", text).replace("\u200b", "").split())


def leaves(value: Any, language: Any, member: str = "") -> Iterator[str]:
    if isinstance(value, str) and member in {"word", "label", "title", "kind"}:
        yield from filter(None, word(value, language))
    elif isinstance(value, str) and member not in {"type", "unit"}:
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, language, name)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, language, member)


@each_paper
def test_a_scanner_reads_the_link_of_its_page_on_the_first_and_the_last_page(
    name: str, made: dict[str, Any]
) -> None:
    renderer, dossier, document = made[name]
    entry = dossier.document(renderer.kind)
    text = reading.text(document.content)
    assert (
        text.count(dossier_hash(dossier).hex()) + text.count(dossier_hash(dossier).hex()[:32])
        >= document.pages
    )
    for page in {1, document.pages}:
        found = reading.symbols_of_page(document.content, page)
        assert f"{shipments.BASE_URL}/d/{entry.code}/{page}" in found


def test_the_labels_carry_their_sscc_as_gs1_128(made: dict[str, Any]) -> None:
    _, dossier, document = made["package-labels-reuse"]
    assert document.pages == 1 + 1, "one for the package, one for the pallet"
    assert f"(00){dossier.pallets[0].sscc}" in reading.symbols_of_page(document.content, 2)
    assert reading.symbols_of_page(document.content, 1) == [f"{shipments.BASE_URL}/d/{papers.code(12)}/1"]
    assert bars(None) is None
    whole = labels(assemble(papers.vietnam()))
    assert [label.kind for label in whole] == ["carton"] * 80 + ["pallet"] * 2
    assert [label.number for label in whole] == [*range(1, 81), 1, 2]
    assert sum(label.gross_mass_g or 0 for label in whole[:80]) == 1012000
    with pytest.raises(ValueError, match="AI"):
        zxingcpp.create_barcode("106141412345678908", zxingcpp.BarcodeFormat.Code128, gs1=True)


def test_papers_for_carriers_show_no_price(made: dict[str, Any]) -> None:
    for name in ("shipping-instruction-vietnam", "package-labels-reuse", "inspection-certificate-vietnam"):
        document = made[name][2]
        assert "103,350" not in reading.text(document.content)
        with reading.opened(document.content) as opened:
            (file,) = opened.attachments.values()
            assert b"86.125" not in file.get_file().read_bytes()


@pytest.mark.parametrize("paper", PAPERS, ids=[paper.kind for paper in PAPERS])
def test_a_gap_stops_the_paper_and_is_named_in_its_draft(paper: Any) -> None:
    facts, path = gap_of(paper.kind)
    dossier = assemble(facts)
    assert path in paper.missing(dossier)
    with pytest.raises(IncompleteDossier) as refusal:
        paper.render(dossier)
    assert path in refusal.value.missing
    draft = paper.render(dossier, draft=True)
    text = squeezed(reading.text(draft.content))
    assert path in text
    assert "DRAFT" in text
    assert "notissued,notrecorded" in text


def gap_of(kind: str) -> tuple[dict[str, Any], str]:
    vietnam, reuse = papers.vietnam(), papers.reuse()
    if kind == "origin_declaration":
        vietnam["evidence"] = vietnam["evidence"][:-1]  # nobody has recorded where the coats come from
        return vietnam, f"evidence.origin.{shipments.LOTS[1]}"
    if kind == "inspection_certificate":
        vietnam["inspections"][0]["lot"] = shipments.LOTS[1]
        vietnam["lines"][1]["description"] = None
        return vietnam, "lines.1.description"
    if kind == "functionality_protocol":
        reuse["lines"][0]["tests"] = None
        return reuse, "lines.0.tests"
    if kind == "reuse_declaration":
        reuse["lines"][0]["tests"] = None
        return reuse, "lines.0.tests"
    if kind == "battery_declaration":
        vietnam["lines"][0]["dangerous_goods"]["state_of_charge_percent"] = None
        return vietnam, "lines.0.dangerous_goods.state_of_charge_percent"
    if kind == "brand_authorization":
        vietnam["lines"][0]["description"] = None
        return vietnam, "lines.0.description"
    if kind == "cn_export_draft":
        vietnam["lines"][1]["china"] = None
        return vietnam, "lines.1.china"
    assert kind == "shipping_instruction"
    vietnam["carriage"]["booking"] = None
    return vietnam, "carriage.booking"


def test_what_does_not_apply_is_printed_with_its_reason(made: dict[str, Any]) -> None:
    text = reading.text(made["cn-export-draft-vietnam"][2].content)
    assert "不适用: general trade" in text


def test_a_draft_of_the_invoice_carries_the_mark_too() -> None:
    renderer = CATALOGUE["commercial_invoice.pdf"]
    assert renderer.drafting is not None
    dossier = assemble(shipments.nigeria())
    assert "DRAFT" in reading.text(renderer.drafting(dossier, draft=True).content)
    assert "DRAFT" not in reading.text(renderer.render(dossier).content)


def test_characters_that_no_font_has_are_refused_with_their_field() -> None:
    facts = papers.vietnam()
    facts["carriage"]["carrier"] = "خط"
    with pytest.raises(UnprintableText, match=r"carriage\.carrier"):
        CATALOGUE["shipping_instruction.pdf"].render(assemble(facts))


@pytest.mark.parametrize(
    "text", ['#read("/etc/passwd")', "*b*", "$x$", "`raw`", "@ref", "\\ // %", '"}', "- a"]
)
def test_text_is_never_read_as_markup(text: str) -> None:
    facts = papers.reuse()
    facts["lines"][0]["tests"]["tester"] = text
    printed = reading.text(CATALOGUE["functionality_protocol.pdf"].render(assemble(facts)).content)
    assert squeezed(text) in squeezed(printed)


def strip_title(pdf: pikepdf.Pdf) -> None:
    del pdf.docinfo["/Title"]


def unmark(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False) as xmp:
        xmp["pdfaid:part"] = "2"


def script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def bare_fonts(pdf: pikepdf.Pdf) -> None:
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
            for key in ("/FontFile2", "/FontFile3"):
                if key in item:
                    del item[key]


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda pdf: pdf.Root.__delitem__("/OutputIntents"), "PDF-INTENT"),
        (lambda pdf: pdf.Root.__delitem__("/Lang"), "PDF-LANG"),
        (lambda pdf: pdf.Root.__delitem__("/StructTreeRoot"), "PDF-TAGS"),
        (lambda pdf: pdf.Root.__delitem__("/MarkInfo"), "PDF-MARKED"),
        (lambda pdf: pdf.Root.__delitem__("/AF"), "PDF-FILE"),
        (lambda pdf: pdf.Root.AF[0].__setitem__("/AFRelationship", pikepdf.Name.Source), "PDF-FILE"),
        (strip_title, "PDF-TITLE"),
        (unmark, "PDF-A"),
        (script, "PDF-SCRIPT"),
        (bare_fonts, "PDF-FONTS"),
    ],
)
def test_a_file_that_lost_a_mark_is_caught(
    spoil: Callable[[pikepdf.Pdf], None], rule: str, made: dict[str, Any]
) -> None:
    _, dossier, document = made["brand-authorization-vietnam"]
    target = BytesIO()
    with reading.opened(document.content) as pdf:
        spoil(pdf)
        pdf.save(target)
    found = pdf_structure.structure(target.getvalue(), dossier)
    assert rule in {finding.rule for finding in found.findings}


def test_an_encrypted_a_broken_or_an_other_day_s_file_is_caught(made: dict[str, Any]) -> None:
    _, dossier, document = made["brand-authorization-vietnam"]
    target = BytesIO()
    with reading.opened(document.content) as pdf:
        pdf.save(target, encryption=pikepdf.Encryption(owner="a", user=""))
    assert "PDF-CRYPT" in {each.rule for each in pdf_structure.structure(target.getvalue(), dossier).findings}
    broken = pdf_structure.structure(document.content[:200], dossier)
    assert [finding.rule for finding in broken.findings] == ["PDF-OPEN"]
    other = assemble(papers.reuse() | {"issue_date": "2026-11-22"})
    assert {each.rule for each in pdf_structure.structure(document.content, other).findings} == {"PDF-DATE"}


def test_programs_that_are_absent_fail_or_hang_are_told(
    made: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    _, dossier, document = made["brand-authorization-vietnam"]
    for program, status in (("qpdf", 3), ("verapdf", 1)):
        path = tmp_path / program
        path.write_text(f"#!/bin/sh\necho no good\nexit {status}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    checks = pdf_structure.checks(document.content, dossier)[1:]
    assert [check.outcome for check in checks] == ["failed", "failed"]
    assert [finding.reason for check in checks for finding in check.findings] == ["no good", "no good"]
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    checks = pdf_structure.checks(document.content, dossier)[1:]
    assert [check.reason for check in checks] == [
        "qpdf is not on this machine",
        "verapdf is not on this machine",
    ]
