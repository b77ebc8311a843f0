"""The commercial invoice says what the dossier says, in both languages."""

import pytest

from exporters import commercial_invoice
from exporters.dossier import assemble
from exporters.errors import IncompleteDossier
from tests.exporters import golden_files, reading, shipments


@pytest.mark.parametrize("name", ["vietnam", "nigeria"])
def test_its_text_is_the_golden_one(name: str) -> None:
    document = commercial_invoice.render(assemble(getattr(shipments, name)()))
    assert reading.text(document.content) == golden_files.read(f"commercial-invoice-{name}")


def test_each_value_of_the_dossier_is_printed() -> None:
    facts = shipments.vietnam()
    text = reading.text(commercial_invoice.render(assemble(facts)).content)
    expected = [
        "XY-2026-0117",
        "2026-11-21",
        "CIF Hai Phong, Incoterms 2020",
        "PO-4411, 2026-10-30",
        "XY-SM-26-08, 2026-11-02, Ningbo",
        "EXMU1234567 / 20 ft / NB884120",
        "EXAMPLE STAR / 026W",
        facts["payment"]["en"],
        facts["payment"]["vi"],
        facts["bank"]["account"],
        facts["declaration"]["text"]["en"],
        facts["declaration"]["text"]["vi"],
        facts["declaration"]["signatory"],
        "Sea · Đường biển",
        "USD 108,511.60",
        "-500.00",
        "884.000 kg",
        "1012.000 kg",
        "1600 pcs · cái",
    ]
    for party in facts["parties"]:
        expected += [party["name"], *party["address"], *(known["value"] for known in party["registrations"])]
    for line, printed in zip(facts["lines"], [("86.125", "103,350.00"), ("11.40", "4,560.00")], strict=True):
        expected += [line["brand"], line["model"], line["description"]["en"], line["description"]["vi"]]
        expected += [line["lot"].removeprefix("lot:"), line["hs6"], str(line["quantity"]), *printed]
    for charge in facts["charges"]:
        expected += [charge["name"]["en"], charge["name"]["vi"]]
    assert [value for value in expected if value not in text] == []
    assert "智能手机" not in text, "a language that is not the document's stays out"


def test_in_chinese_the_second_language_is_chinese() -> None:
    text = reading.text(commercial_invoice.render(assemble(shipments.vietnam() | {"language": "zh"})).content)
    assert "商业发票" in text
    assert "女式棉服" in text
    assert "Áo khoác" not in text


def test_english_alone_has_one_language_but_keeps_names_in_their_own_script() -> None:
    text = reading.text(commercial_invoice.render(assemble(shipments.nigeria())).content)
    assert "宁波星野贸易有限公司" in text
    assert "K2 扶手椅" in text
    assert "·" not in text.split("Packing list")[1].split("Records behind")[0]
    assert "Export packing (included in prices) 150.00" in text


def test_goods_that_are_not_sold_say_so() -> None:
    text = reading.text(commercial_invoice.render(assemble(shipments.vietnam() | {"sale": False})).content)
    assert "Not a sale: values are stated for customs only" in text


def test_a_later_version_says_which() -> None:
    facts = shipments.vietnam() | {"version": 2, "supersedes": "ab" * 32, "not_applicable": []}
    text = reading.text(commercial_invoice.render(assemble(facts)).content)
    assert "Version · Phiên bản 2" in text


def test_every_missing_fact_is_named_at_once() -> None:
    facts = shipments.vietnam() | {"terms": None, "declaration": None}
    facts["documents"] = facts["documents"][1:]
    facts["parties"] = facts["parties"][:1]
    facts["lines"][0] |= {"hs6": None, "unit_price": None, "amount_minor": None}
    facts["lines"][1]["origin"] = None
    with pytest.raises(IncompleteDossier, match="the commercial invoice still needs") as refusal:
        commercial_invoice.render(assemble(facts))
    assert refusal.value.missing == (
        "documents.commercial_invoice",
        "parties.buyer",
        "terms",
        "lines.0.hs6",
        "lines.1.origin",
        "lines.0.unit_price",
        "lines.0.amount_minor",
        "declaration",
    )


@pytest.mark.parametrize("member", ["lines", "terms", "declaration", "route"])
def test_each_part_is_asked_for(member: str) -> None:
    facts = shipments.vietnam() | {member: [] if member == "lines" else None, "packages": []}
    with pytest.raises(IncompleteDossier, match=member):
        commercial_invoice.render(assemble(facts))


def test_the_filename_is_safe_whatever_the_number() -> None:
    facts = shipments.vietnam()
    facts["documents"][0]["number"] = "../XY 2026/№ 117 号."
    document = commercial_invoice.render(assemble(facts))
    assert document.filename == "commercial-invoice-XY-2026-117.pdf"
    assert document.media_type == "application/pdf"
