"""Every PDF is PDF/A-3a, the same bytes everywhere, and leads back to the ledger from each page."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from exporters import pdf
from exporters.catalogue import RENDERERS, Renderer
from exporters.document import Document
from exporters.dossier import assemble, canonical_json, dossier_hash, texts
from exporters.errors import TypesettingFailed, UnprintableText
from tests.exporters import reading, shipments

PROGRAM = """
import sys
from exporters import RENDERERS, assemble
from tests.exporters import shipments
dossier = assemble(getattr(shipments, sys.argv[1])())
for renderer in RENDERERS.values():
    print(renderer.render(dossier).sha256.hex())
"""
SHIPMENTS = [shipments.vietnam, shipments.nigeria, shipments.many_lines]
CODES = {"commercial_invoice": shipments.INVOICE_CODE, "packing_list": shipments.PACKING_CODE}

each_renderer = pytest.mark.parametrize("renderer", RENDERERS.values(), ids=list(RENDERERS))
each_shipment = pytest.mark.parametrize("shipment", SHIPMENTS, ids=lambda made: made.__name__)


@each_shipment
def test_another_process_makes_the_same_bytes(shipment: Callable[[], dict[str, Any]]) -> None:
    command = [sys.executable, "-c", PROGRAM, shipment.__name__]
    elsewhere = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    dossier = assemble(shipment())
    here = [renderer.render(dossier) for renderer in RENDERERS.values()]
    assert elsewhere == [document.sha256.hex() for document in here]
    assert here == [renderer.render(dossier) for renderer in RENDERERS.values()], "and so does a second time"
    assert here[0].sha256 == sha256(here[0].content).digest()


@each_renderer
@each_shipment
def test_a_scanner_reads_the_link_of_its_page_on_each_page(
    renderer: Renderer, shipment: Callable[[], dict[str, Any]]
) -> None:
    document = renderer.render(assemble(shipment()))
    stem = f"{shipments.BASE_URL}/d/{CODES[renderer.kind]}"
    assert reading.symbols(document.content) == [[f"{stem}/{page}"] for page in range(1, document.pages + 1)]


@each_renderer
def test_sixty_lines_take_several_pages_and_all_are_there(renderer: Renderer) -> None:
    dossier = assemble(shipments.many_lines())
    document = renderer.render(dossier)
    text = reading.text(document.content)
    assert document.pages > 3
    assert [number for number in range(1, 61) if f"Parka {number} " not in text] == []
    hash_ = dossier_hash(dossier).hex()
    assert text.count(hash_) == text.count("Check this page") == document.pages
    for page in range(1, document.pages + 1):
        assert f"Page · Trang {page} / {document.pages}" in text


@each_renderer
@each_shipment
def test_the_marks_of_pdf_a_3a(renderer: Renderer, shipment: Callable[[], dict[str, Any]]) -> None:
    with reading.opened(renderer.render(assemble(shipment())).content) as opened:
        root = opened.Root
        with opened.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert len(root.OutputIntents) == 1
        assert str(root.Lang) == "en"
        assert root.MarkInfo.Marked
        assert "/StructTreeRoot" in root
        assert [str(file.AFRelationship) for file in root.AF] == ["/Data"]
        assert reading.fonts_embedded(opened)
        assert all(reading.fonts_embedded(opened))


def test_the_pdf_time_is_the_issue_date_not_a_clock() -> None:
    document = RENDERERS["commercial_invoice.pdf"].render(assemble(shipments.vietnam()))
    with reading.opened(document.content) as opened:
        assert str(opened.docinfo["/CreationDate"]).startswith("D:20261121000000")
        assert str(opened.docinfo["/Title"]) == "Commercial invoice XY-2026-0117"


def test_the_invoice_carries_the_dossier_whose_hash_is_printed() -> None:
    dossier = assemble(shipments.vietnam())
    document = RENDERERS["commercial_invoice.pdf"].render(dossier)
    attached = attachment(document, "dossier.json")
    assert attached == canonical_json(dossier)
    assert sha256(attached).hexdigest() in reading.text(document.content)


def attachment(document: Document, name: str) -> bytes:
    with reading.opened(document.content) as opened:
        file = opened.attachments[name].get_file()
        assert file.mime_type == "application/json"
        return file.read_bytes()


@each_renderer
@pytest.mark.parametrize(
    "text",
    [
        '#read("/etc/passwd")',
        '#image("x")',
        '<img src="file:///etc/passwd">',
        "<link rel=attachment href=file:///etc/hostname>",
        "*b*",
        "$x$",
        "<b",
        "#let x = 1",
        "`raw`",
        "@ref",
        "= heading",
        "\\ // %",
        '"}',
    ],
)
def test_a19_text_is_never_read_as_markup(renderer: Renderer, text: str) -> None:
    facts = shipments.vietnam()
    facts["parties"][1]["name"] = f"Buyer {text} Ltd."
    facts["lines"][0]["description"]["en"] = f"Goods {text} end"
    facts["lines"][0]["model"] = f"M{text}"
    printed = reading.text(renderer.render(assemble(facts)).content).replace(
        " ", ""
    )  # a line may break anywhere
    for expected in (f"Buyer {text} Ltd.", f"Goods {text} end", f"M{text}"):
        assert expected.replace(" ", "") in printed


@each_renderer
def test_a_very_long_word_stays_on_the_page(renderer: Renderer) -> None:
    facts = shipments.vietnam()
    facts["lines"][0]["model"] = "W" * 300
    facts["parties"][1]["name"] = "M" * 200
    content = renderer.render(assemble(facts)).content
    assert reading.text(content).replace("\u200b", "").replace(" ", "").count("W" * 300) >= 1
    assert reading.rightmost(content) < 0.97


def test_characters_that_no_font_has_are_refused_with_their_fields() -> None:
    facts = shipments.vietnam()
    facts["lines"][1]["model"] = "Coat 😀"
    facts["parties"][1]["name"] = "شركة"
    with pytest.raises(UnprintableText, match=r"lines\.1\.model: no font of ours has U\+1F600") as refusal:
        RENDERERS["commercial_invoice.pdf"].render(assemble(facts))
    assert [problem.field for problem in refusal.value.problems] == ["parties.1.name", "lines.1.model"]


def test_every_fixed_word_can_be_drawn() -> None:
    words = (pdf.TEMPLATES / "words.toml").read_text()
    pdf.check_characters([("words.toml", words.replace("\n", ""))])


def test_every_word_a_template_asks_for_exists_and_is_translated() -> None:
    words = tomllib.loads((pdf.TEMPLATES / "words.toml").read_text())
    asked = re.compile(r'(?:word|stacked|labelled|english|translated)\("(\w+)"')
    for template in pdf.TEMPLATES.glob("*.typ"):
        assert set(asked.findall(template.read_text())) <= set(words)
    untranslated = {key for key, word in words.items() if set(word) != {"en", "vi", "zh"}}
    assert untranslated == {"uscc", "eori", "vat", "tax", "customs", "rc", "bic"}


def test_a_template_that_does_not_compile_is_our_defect() -> None:
    dossier = assemble(shipments.vietnam())
    nothing = pdf.Attachment("a.json", "application/json", b"{}", "")
    with pytest.raises(TypesettingFailed, match=r"no_such_template\.typ"):
        pdf.typeset("no_such_template", {}, issue_date=dossier.issue_date, page_link=str, attachment=nothing)
    assert RENDERERS["packing_list.pdf"].render(dossier).pages == 1, "the compiler is unharmed"


def test_all_texts_of_the_sample_shipments_can_be_drawn() -> None:
    for shipment in SHIPMENTS:
        pdf.check_characters(texts(assemble(shipment())))
