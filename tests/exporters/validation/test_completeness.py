"""Documents that somebody, or a defect of ours, has changed: each is caught, by the rule that should."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from exporters.catalogue import CATALOGUE
from exporters.dossier import assemble
from exporters.ubl.elements import CAC, CBC, parse
from exporters.validation import completeness, schema
from tests.exporters import papers

NS = {"cac": CAC, "cbc": CBC}
ROOTS = {
    "commercial_invoice": "Invoice",
    "packing_list": "PackingList",
    "despatch_advice": "DespatchAdvice",
    "certificate_of_origin": "CertificateOfOrigin",
}
Change = Callable[[etree._Element], None]


def say(path: str, text: str) -> Change:
    def change(root: etree._Element) -> None:
        found = root.find(path, NS)
        assert found is not None, path
        assert found.text != text
        found.text = text

    return change


def drop(path: str) -> Change:
    def change(root: etree._Element) -> None:
        found = root.find(path, NS)
        assert found is not None, path
        found.getparent().remove(found)

    return change


def mark(path: str, name: str, value: str) -> Change:
    def change(root: etree._Element) -> None:
        found = root.find(path, NS)
        assert found is not None, path
        found.set(name, value)

    return change


def add_price(root: etree._Element) -> None:
    item = root.find(".//cac:GoodsItem", NS)
    assert item is not None
    etree.SubElement(item, f"{{{CBC}}}ValueAmount", currencyID="USD").text = "103350.00"


SUM = "cac:LegalMonetaryTotal/cbc:"
CORRUPTIONS: list[tuple[str, Change, str]] = [
    ("commercial_invoice", say("cbc:UBLVersionID", "2.1"), "LP-VERSION"),
    ("commercial_invoice", say("cbc:ID", "XY-2026-0118"), "LP-NUMBER"),
    ("commercial_invoice", say("cbc:InvoiceTypeCode", "325"), "LP-TYPE"),
    ("commercial_invoice", say("cbc:IssueDate", "2026-11-20"), "LP-DATE"),
    ("commercial_invoice", say("cac:AdditionalDocumentReference/cbc:ID", "ab" * 32), "LP-DOSSIER"),
    ("commercial_invoice", say("cbc:DocumentCurrencyCode", "EUR"), "LP-CURRENCY"),
    ("commercial_invoice", mark(f"{SUM}PayableAmount", "currencyID", "EUR"), "LP-CURRENCY"),
    ("commercial_invoice", say("cac:InvoiceLine/cbc:LineExtensionAmount", "103350.001"), "LP-DECIMALS"),
    ("commercial_invoice", say("cac:InvoiceLine/cbc:LineExtensionAmount", "NaN."), "LP-DECIMALS"),
    (
        "commercial_invoice",
        say("cac:AccountingSupplierParty/cac:Party/cac:PartyName/cbc:Name", "Somebody Ltd."),
        "LP-SELLER",
    ),
    ("commercial_invoice", drop("cac:AccountingCustomerParty/cac:Party/cac:PostalAddress"), "LP-BUYER"),
    ("commercial_invoice", say("cac:DeliveryTerms/cbc:ID", "FOB"), "LP-INCOTERM"),
    ("commercial_invoice", drop("cac:DeliveryTerms/cac:DeliveryLocation"), "LP-INCOTERM"),
    ("commercial_invoice", drop("cac:Delivery"), "LP-DESTINATION"),
    ("commercial_invoice", drop("cac:InvoiceLine"), "LP-LINES"),
    ("commercial_invoice", say("cac:InvoiceLine/cbc:InvoicedQuantity", "1199"), "LP-QUANTITY"),
    ("commercial_invoice", say("cac:InvoiceLine/cac:Price/cbc:PriceAmount", "86.12"), "LP-PRICE"),
    ("commercial_invoice", say("cac:InvoiceLine/cbc:LineExtensionAmount", "103350.01"), "LP-LINE-AMOUNT"),
    ("commercial_invoice", say(f"{SUM}LineExtensionAmount", "107910.01"), "LP-SUM-LINES"),
    ("commercial_invoice", say("cac:AllowanceCharge/cbc:Amount", "980.01"), "LP-SUM-CHARGES"),
    ("commercial_invoice", say("cac:AllowanceCharge/cbc:ChargeIndicator", "false"), "LP-SUM-CHARGES"),
    ("commercial_invoice", say(f"{SUM}TaxExclusiveAmount", "108511.61"), "LP-SUM-TOTAL"),
    ("commercial_invoice", say(f"{SUM}PayableAmount", "108511.61"), "LP-PAYABLE"),
    ("commercial_invoice", say("cac:TaxTotal/cbc:TaxAmount", "1.00"), "LP-TAX"),
    ("commercial_invoice", say("cac:InvoiceLine/cac:Item/cbc:Name", ""), "LP-DESCRIPTION"),
    (
        "commercial_invoice",
        say("cac:InvoiceLine/cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode", "8517"),
        "LP-HS",
    ),
    (
        "commercial_invoice",
        say("cac:InvoiceLine/cac:Item/cac:OriginCountry/cbc:IdentificationCode", "VN"),
        "LP-ORIGIN",
    ),
    (
        "commercial_invoice",
        say("cac:InvoiceLine/cac:Item/cac:OriginCountry/cbc:IdentificationCode", "ZZ"),
        "LP-COUNTRY",
    ),
    ("commercial_invoice", mark("cac:InvoiceLine/cbc:InvoicedQuantity", "unitCode", "PCS"), "LP-UNIT"),
    ("packing_list", add_price, "LP-NO-PRICE"),
    ("packing_list", drop("cac:ConsignorParty"), "LP-SELLER"),
    ("packing_list", drop("cac:Shipment/cac:GoodsItem"), "LP-GOODS"),
    ("packing_list", say("cac:Shipment/cac:GoodsItem/cbc:Quantity", "1201"), "LP-QUANTITY"),
    ("packing_list", say("cac:Shipment/cac:GoodsItem/cbc:TraceID", "lot:" + "9" * 20), "LP-LOT"),
    ("packing_list", say("cac:Shipment/cbc:TotalTransportHandlingUnitQuantity", "81"), "LP-PACKAGES"),
    ("packing_list", drop("cac:Shipment/cac:TransportHandlingUnit"), "LP-PACKAGES"),
    ("packing_list", say("cac:Shipment/cbc:GrossWeightMeasure", "1012.001"), "LP-MASS"),
    (
        "packing_list",
        say("cac:Shipment/cac:TransportHandlingUnit/cac:GoodsItem/cbc:Quantity", "21"),
        "LP-PACKED",
    ),
    (
        "packing_list",
        say("cac:Shipment/cac:TransportHandlingUnit/cbc:TransportHandlingUnitTypeCode", "CTN"),
        "LP-PACKAGE",
    ),
    (
        "packing_list",
        mark("cac:Shipment/cac:TransportHandlingUnit/cbc:ID", "schemeID", "SSCC"),
        "LP-SSCC",
    ),
    (
        "packing_list",
        say("cac:Shipment/cac:TransportHandlingUnit/cac:Package/cbc:Quantity", "39"),
        "LP-PALLETS",
    ),
    ("despatch_advice", say("cac:OrderReference/cbc:ID", "PO-4412"), "LP-ORDER"),
    ("despatch_advice", say("cac:DespatchLine/cbc:DeliveredQuantity", "1"), "LP-QUANTITY"),
    ("despatch_advice", drop("cac:DespatchLine"), "LP-LINES"),
    ("despatch_advice", drop("cac:DeliveryCustomerParty"), "LP-CONSIGNEE"),
    ("certificate_of_origin", drop("cac:ExporterParty"), "LP-EXPORTER"),
    ("certificate_of_origin", say("cac:IssuerEndorsement/cbc:ApprovalStatus", "approved"), "LP-NOT-ISSUED"),
    (
        "certificate_of_origin",
        say("cac:CertificateOfOriginApplication/cac:IssuerParty/cac:PartyName/cbc:Name", "We Ourselves"),
        "LP-ISSUER",
    ),
]


def check(kind: str, root: etree._Element) -> set[str]:
    found = completeness.check(etree.tostring(root), assemble(papers.vietnam()), kind=kind, root=ROOTS[kind])
    return {finding.rule for finding in found.findings}


def rendered(kind: str) -> etree._Element:
    return parse(CATALOGUE[f"{kind}.ubl"].render(assemble(papers.vietnam())).content)


@pytest.mark.parametrize(
    ("kind", "change", "rule"), CORRUPTIONS, ids=[f"{n}-{rule}" for n, (_, _, rule) in enumerate(CORRUPTIONS)]
)
def test_a_corruption_is_caught_by_its_rule(kind: str, change: Change, rule: str) -> None:
    root = rendered(kind)
    assert check(kind, root) == set(), "the document as it is made is clean"
    change(root)
    assert rule in check(kind, root)


def test_a_document_of_another_kind_is_refused_at_the_root() -> None:
    content = etree.tostring(rendered("packing_list"))
    found = completeness.check(content, assemble(papers.vietnam()), kind="commercial_invoice", root="Invoice")
    assert [finding.rule for finding in found.findings] == ["LP-ROOT"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<Invoice",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    ],
)
def test_a20_what_is_no_xml_or_brings_a_doctype_fails_in_every_validator(
    content: bytes, conformance: Path
) -> None:
    ours = completeness.check(content, assemble(papers.vietnam()), kind="commercial_invoice", root="Invoice")
    theirs = schema.check(content, "Invoice", conformance / "trade/ubl-2.4-os/xsdrt")
    assert (ours.outcome, theirs.outcome) == ("failed", "failed")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda root: etree.SubElement(root, f"{{{CBC}}}Colour"), "Colour"),
        (drop("cac:LegalMonetaryTotal"), "LegalMonetaryTotal"),
        (say("cbc:IssueDate", "21.11.2026"), "IssueDate"),
        (say("cac:LegalMonetaryTotal/cbc:PayableAmount", "108,511.60"), "PayableAmount"),
    ],
)
def test_the_schema_catches_what_is_out_of_shape(change: Change, message: str, conformance: Path) -> None:
    root = rendered("commercial_invoice")
    change(root)
    found = schema.check(etree.tostring(root), "Invoice", conformance / "trade/ubl-2.4-os/xsdrt")
    assert found.outcome == "failed"
    assert any(message in finding.reason for finding in found.findings)


@pytest.mark.parametrize("example", ["Invoice-2.1", "DespatchAdvice-2.0"])
def test_the_published_examples_are_valid_and_still_incomplete_for_us(
    example: str, conformance: Path
) -> None:
    """Source: the example instances of UBL 2.4. The schemas prove little: our rules find what lacks."""
    folder = conformance / "trade/ubl-2.4-os"
    content = (folder / f"xml/UBL-{example}-Example.xml").read_bytes()
    root = example.partition("-")[0]
    assert schema.check(content, root, folder / "xsdrt").outcome == "passed"
    kind = next(kind for kind, name in ROOTS.items() if name == root)
    found = completeness.check(content, assemble(papers.vietnam()), kind=kind, root=root)
    assert {"LP-DOSSIER", "LP-NUMBER"} <= {finding.rule for finding in found.findings}
