"""Our own rules for UBL documents, always applied: the schemas ask for next to nothing.

Each rule reads the finished XML, compares it with the dossier it was made from, and names itself. They
know nothing of the renderers, so a defect of one is found here (trade-documents.md 3.2).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation

from lxml import etree

from exporters import codes
from exporters.arithmetic import exponent, line_amount
from exporters.dossier import ShipmentDossier, dossier_hash
from exporters.totals import totals
from exporters.ubl import certificate_of_origin, despatch_advice, invoice, packing_list
from exporters.ubl.elements import CAC, CBC, VERSION, namespace_of, parse
from exporters.ubl.parts import GROSS, NET
from exporters.validation.manifest import Check, Finding, passed_or_failed

NAME = "Lotproof UBL completeness"
RULES_VERSION = "1"
_NS = {"cac": CAC, "cbc": CBC}
Found = Iterator[Finding]


class _Reading:
    """One document, its dossier, and short ways to look into it."""

    def __init__(self, root: etree._Element, dossier: ShipmentDossier, kind: str, name: str) -> None:
        self.root, self.dossier, self.kind, self.name = root, dossier, kind, name
        self.asked = 0  # how many rules were applied

    def all(self, path: str, start: etree._Element | None = None) -> list[etree._Element]:
        found: list[etree._Element] = (self.root if start is None else start).findall(path, _NS)
        return found

    def text(self, path: str, start: etree._Element | None = None) -> str | None:
        found = (self.root if start is None else start).find(path, _NS)
        return None if found is None or found.text is None else found.text.strip()

    def number(self, path: str, start: etree._Element | None = None) -> Decimal | None:
        return _decimal(self.text(path, start))

    def broken(self, rule: str, place: str, reason: str) -> Finding:
        return Finding(rule, place, reason)


def check(content: bytes, dossier: ShipmentDossier, *, kind: str, root: str) -> Check:
    """Apply every rule that speaks of this kind of document. root: ``Invoice``, ``PackingList``, …"""
    try:
        element = parse(content)
    except ValueError as error:
        return passed_or_failed(NAME, RULES_VERSION, [Finding("LP-XML", "/", str(error))])
    if element.tag != f"{{{namespace_of(root)}}}{root}":
        return passed_or_failed(NAME, RULES_VERSION, [Finding("LP-ROOT", "/", f"not a UBL {root}")])
    reading = _Reading(element, dossier, kind, root)
    findings = [finding for rule in _rules_of(root) for finding in rule(reading)]
    return passed_or_failed(NAME, RULES_VERSION, findings, fired=len(_rules_of(root)))


def _rules_of(root: str) -> tuple[Callable[[_Reading], Found], ...]:
    own = {
        invoice.ROOT: (
            _currency, _decimals, _supplier, _customer, _terms, _destination, _lines, _line_sums, _totals,
            _tax, _codes, _origin,
        ),
        packing_list.ROOT: (_no_price, _shipper, _terms, _destination, _goods, _units, _pallets, _codes),
        despatch_advice.ROOT: (
            _no_price, _despatcher, _receiver, _order, _terms, _destination, _despatched, _units, _pallets,
            _codes,
        ),
        certificate_of_origin.ROOT: (
            _no_price, _exporter, _issuer, _pending, _terms, _destination, _goods, _origin, _units, _pallets,
            _codes,
        ),
    }  # fmt: skip
    return (_version, _identity, _dated, _rooted, *own[root])


def _version(it: _Reading) -> Found:
    if it.text("cbc:UBLVersionID") != VERSION:
        yield it.broken("LP-VERSION", "UBLVersionID", f"not {VERSION}")


def _identity(it: _Reading) -> Found:
    entry = it.dossier.document(it.kind)
    if entry is None or it.text("cbc:ID") != entry.number:
        yield it.broken("LP-NUMBER", "ID", "not the number of the dossier's document")
    if it.root.tag.endswith("}Invoice") and it.text("cbc:InvoiceTypeCode") != invoice.TYPE_CODE:
        yield it.broken("LP-TYPE", "InvoiceTypeCode", f"not {invoice.TYPE_CODE}")


def _dated(it: _Reading) -> Found:
    if it.text("cbc:IssueDate") != it.dossier.issue_date.isoformat():
        yield it.broken("LP-DATE", "IssueDate", "not the dossier's issue date")


def _rooted(it: _Reading) -> Found:
    wanted = dossier_hash(it.dossier).hex()
    if not any(wanted in (text or "") for text in it.root.itertext()):
        yield it.broken("LP-DOSSIER", "/", "the dossier's SHA-256 stands nowhere")


def _currency(it: _Reading) -> Found:
    if it.text("cbc:DocumentCurrencyCode") != it.dossier.currency:
        yield it.broken("LP-CURRENCY", "DocumentCurrencyCode", f"not {it.dossier.currency}")
    for element in it.root.iter():
        stated = element.get("currencyID") if isinstance(element.tag, str) else None
        if stated is not None and stated != it.dossier.currency:
            yield it.broken("LP-CURRENCY", _local(element), f"{stated} beside {it.dossier.currency}")


def _decimals(it: _Reading) -> Found:
    """BR-DEC-*: no amount has more decimals than its currency; a unit price may."""
    most = exponent(it.dossier.currency)
    for element in it.root.iter():
        if isinstance(element.tag, str) and element.get("currencyID") and _local(element) != "PriceAmount":
            value = _decimal(element.text)
            if value is None or -int(value.as_tuple().exponent) > most:
                yield it.broken("LP-DECIMALS", _local(element), f"{element.text} is not an amount")


def _named(it: _Reading, path: str, rule: str, name: str | None) -> Found:
    found = it.all(path)
    if not found:
        yield it.broken(rule, path, "is missing")
        return
    if it.text("cac:PartyName/cbc:Name", found[0]) != name:
        yield it.broken(rule, path, "its name is not the dossier's")
    if not it.text("cac:PostalAddress/cbc:StreetName", found[0]):
        yield it.broken(rule, path, "has no address")
    if it.text("cac:PostalAddress/cac:Country/cbc:IdentificationCode", found[0]) not in codes.COUNTRIES:
        yield it.broken(rule, path, "has no country of ISO 3166-1")


def _role(it: _Reading, *roles: str) -> str | None:
    found = next(filter(None, map(it.dossier.party, roles)), None)
    return found.name if found else None


def _supplier(it: _Reading) -> Found:
    yield from _named(it, "cac:AccountingSupplierParty/cac:Party", "LP-SELLER", _role(it, "seller"))


def _customer(it: _Reading) -> Found:
    yield from _named(it, "cac:AccountingCustomerParty/cac:Party", "LP-BUYER", _role(it, "buyer"))


def _shipper(it: _Reading) -> Found:
    yield from _named(it, "cac:ConsignorParty", "LP-SELLER", _role(it, "seller"))


def _despatcher(it: _Reading) -> Found:
    yield from _named(it, "cac:DespatchSupplierParty/cac:Party", "LP-SELLER", _role(it, "seller"))


def _receiver(it: _Reading) -> Found:
    yield from _named(
        it, "cac:DeliveryCustomerParty/cac:Party", "LP-CONSIGNEE", _role(it, "consignee", "buyer")
    )


def _exporter(it: _Reading) -> Found:
    yield from _named(it, "cac:ExporterParty", "LP-EXPORTER", _role(it, "exporter", "seller"))
    yield from _named(it, "cac:ImporterParty", "LP-BUYER", _role(it, "buyer"))


def _issuer(it: _Reading) -> Found:
    path = "cac:CertificateOfOriginApplication/cac:IssuerParty"
    yield from _named(it, path, "LP-ISSUER", _role(it, "origin_issuer"))


def _pending(it: _Reading) -> Found:
    """We apply for a certificate and never issue one."""
    if it.text("cac:IssuerEndorsement/cbc:ApprovalStatus") != certificate_of_origin.PENDING:
        yield it.broken("LP-NOT-ISSUED", "IssuerEndorsement", "only its issuer endorses a certificate")


def _order(it: _Reading) -> Found:
    order = it.dossier.reference("purchase_order")
    if it.text("cac:OrderReference/cbc:ID") != (order and order.number):
        yield it.broken("LP-ORDER", "OrderReference", "not the buyer's purchase order")


def _terms(it: _Reading) -> Found:
    terms = it.dossier.terms
    found = it.all(".//cac:DeliveryTerms")
    if terms is None or not found:
        yield it.broken("LP-INCOTERM", "DeliveryTerms", "is missing")
        return
    if it.text("cbc:ID", found[0]) != terms.incoterm or terms.incoterm not in codes.INCOTERMS:
        yield it.broken("LP-INCOTERM", "DeliveryTerms/ID", f"not {terms.incoterm}")
    if it.text("cac:DeliveryLocation/cbc:Name", found[0]) != terms.place:
        yield it.broken("LP-INCOTERM", "DeliveryTerms/DeliveryLocation", "has no named place")


def _destination(it: _Reading) -> Found:
    route = it.dossier.route
    wanted = route and route.destination_country
    found = [element.text for element in it.all(".//cac:Delivery//cac:Country/cbc:IdentificationCode")]
    if wanted is None or wanted not in found:
        yield it.broken("LP-DESTINATION", "Delivery", f"the country of destination {wanted} is missing")


def _lines(it: _Reading) -> Found:
    lines = it.all("cac:InvoiceLine")
    if it.number("cbc:LineCountNumeric") != len(lines) or len(lines) != len(it.dossier.lines):
        yield it.broken("LP-LINES", "InvoiceLine", f"{len(lines)} of {len(it.dossier.lines)} lines")
    for number, (element, line) in enumerate(zip(lines, it.dossier.lines, strict=False), start=1):
        place = f"InvoiceLine[{number}]"
        quantity, price = (
            it.number("cbc:InvoicedQuantity", element),
            it.text("cac:Price/cbc:PriceAmount", element),
        )
        if quantity != line.quantity:
            yield it.broken("LP-QUANTITY", place, f"{quantity} invoiced, {line.quantity} in the dossier")
        if price != line.unit_price:
            yield it.broken("LP-PRICE", place, f"{price} is not the dossier's unit price")
        yield from _described(it, place, element)


def _described(it: _Reading, place: str, element: etree._Element) -> Found:
    if not it.text("cac:Item/cbc:Name", element):
        yield it.broken("LP-DESCRIPTION", place, "the goods are not described")
    listed = [
        code.text or ""
        for code in it.all("cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode", element)
        if code.get("listID") == "HS"
    ]
    if [code for code in listed if re.fullmatch(r"[0-9]{6}", code)] != listed or not listed:
        yield it.broken("LP-HS", place, "no HS code of six digits")


def _line_sums(it: _Reading) -> Found:
    """BR-CO-10 and the rounding of each line."""
    scale = exponent(it.dossier.currency)
    amounts = []
    for number, element in enumerate(it.all("cac:InvoiceLine"), start=1):
        amount = it.number("cbc:LineExtensionAmount", element)
        quantity, price = (
            it.number("cbc:InvoicedQuantity", element),
            it.number("cac:Price/cbc:PriceAmount", element),
        )
        amounts.append(amount or Decimal(0))
        if amount is None or quantity is None or price is None:
            yield it.broken(
                "LP-LINE-AMOUNT", f"InvoiceLine[{number}]", "amount, quantity or price is missing"
            )
            continue
        if quantity == int(quantity):
            expected = Decimal(line_amount(int(quantity), f"{price:f}", it.dossier.currency)).scaleb(-scale)
            if amount != expected:
                reason = f"quantity times price is {expected}, not {amount}"
                yield it.broken("LP-LINE-AMOUNT", f"InvoiceLine[{number}]", reason)
    stated = it.number("cac:LegalMonetaryTotal/cbc:LineExtensionAmount")
    if stated != sum(amounts):
        yield it.broken("LP-SUM-LINES", "LegalMonetaryTotal", f"the lines make {sum(amounts)}, not {stated}")


def _totals(it: _Reading) -> Found:
    """BR-CO-11, -12, -13, -15, -16, and agreement with the dossier."""
    sums: Counter[str] = Counter()
    for element in it.all("cac:AllowanceCharge"):
        kind = "charge" if it.text("cbc:ChargeIndicator", element) == "true" else "allowance"
        sums[kind] += int((it.number("cbc:Amount", element) or Decimal(0)).scaleb(6))
    money = {
        name: it.number(f"cac:LegalMonetaryTotal/cbc:{name}") or Decimal(0)
        for name in (
            "LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "AllowanceTotalAmount",
            "ChargeTotalAmount", "PayableAmount",
        )
    }  # fmt: skip
    for kind, name in (("allowance", "AllowanceTotalAmount"), ("charge", "ChargeTotalAmount")):
        if money[name].scaleb(6) != sums[kind]:
            yield it.broken("LP-SUM-CHARGES", name, f"the {kind}s do not sum to {money[name]}")
    exclusive = money["LineExtensionAmount"] - money["AllowanceTotalAmount"] + money["ChargeTotalAmount"]
    if exclusive != money["TaxExclusiveAmount"]:
        yield it.broken("LP-SUM-TOTAL", "TaxExclusiveAmount", f"lines and charges make {exclusive}")
    if not money["TaxExclusiveAmount"] == money["TaxInclusiveAmount"] == money["PayableAmount"]:
        yield it.broken("LP-PAYABLE", "PayableAmount", "no tax is charged, so the three totals are one")
    total = totals(it.dossier).total_minor
    if total is None or money["PayableAmount"].scaleb(exponent(it.dossier.currency)) != total:
        yield it.broken("LP-PAYABLE", "PayableAmount", "not the dossier's total")


def _tax(it: _Reading) -> Found:
    if it.number("cac:TaxTotal/cbc:TaxAmount") != 0:
        yield it.broken("LP-TAX", "TaxTotal", "an export carries no VAT")
    found = [each.text for each in it.all(".//cac:ClassifiedTaxCategory/cbc:ID")]
    if found != ["O"] * len(it.dossier.lines):
        yield it.broken("LP-TAX", "InvoiceLine", "a line is not in category O")


def _codes(it: _Reading) -> Found:
    for element in it.root.iter():
        if not isinstance(element.tag, str):
            continue
        unit, name = element.get("unitCode"), _local(element)
        if unit is not None and unit not in codes.UNITS and unit != "MMT":
            yield it.broken("LP-UNIT", name, f"{unit} is not a unit of Rec 20 that we know")
        if name == "IdentificationCode" and element.text not in codes.COUNTRIES:
            yield it.broken("LP-COUNTRY", name, f"{element.text} is not a country of ISO 3166-1")
        if name == "TransportHandlingUnitTypeCode" and element.text not in codes.PACKAGES:
            yield it.broken("LP-PACKAGE", name, f"{element.text} is not a package of Rec 21 that we know")
        if element.get("schemeID") == "SSCC" and not codes.is_sscc(element.text or ""):
            yield it.broken("LP-SSCC", name, f"{element.text} is not an SSCC with its check digit")


def _origin(it: _Reading) -> Found:
    wanted = [line.origin for line in it.dossier.lines]
    found = [each.text for each in it.all(".//cac:Item/cac:OriginCountry/cbc:IdentificationCode")]
    if found != wanted:
        yield it.broken("LP-ORIGIN", "Item/OriginCountry", f"{found} is not {wanted}")


def _no_price(it: _Reading) -> Found:
    """Carriers and warehouses read it."""
    for element in it.root.iter():
        if isinstance(element.tag, str) and (element.get("currencyID") or _local(element) == "Price"):
            yield it.broken("LP-NO-PRICE", _local(element), "a price has no place in this document")


def _goods(it: _Reading) -> Found:
    for number, line in enumerate(it.dossier.lines, start=1):
        found = [
            each for each in it.all(".//cac:Shipment/cac:GoodsItem") if it.text("cbc:ID", each) == str(number)
        ]
        if len(found) != 1:
            yield it.broken("LP-GOODS", f"GoodsItem[{number}]", f"stands {len(found)} times")
            continue
        if it.number("cbc:Quantity", found[0]) != line.quantity:
            yield it.broken("LP-QUANTITY", f"GoodsItem[{number}]", f"not {line.quantity} pieces")
        if it.text("cbc:TraceID", found[0]) != line.lot:
            yield it.broken("LP-LOT", f"GoodsItem[{number}]", "does not name its lot")
        yield from _described(it, f"GoodsItem[{number}]", found[0])


def _despatched(it: _Reading) -> Found:
    lines = it.all("cac:DespatchLine")
    if len(lines) != len(it.dossier.lines) or it.number("cbc:LineCountNumeric") != len(lines):
        yield it.broken("LP-LINES", "DespatchLine", f"{len(lines)} of {len(it.dossier.lines)} lines")
    for number, (element, line) in enumerate(zip(lines, it.dossier.lines, strict=False), start=1):
        if it.number("cbc:DeliveredQuantity", element) != line.quantity:
            yield it.broken("LP-QUANTITY", f"DespatchLine[{number}]", f"not {line.quantity} pieces")
        yield from _described(it, f"DespatchLine[{number}]", element)


def _units(it: _Reading) -> Found:
    """Packages, their masses and their contents against the totals and the lines."""
    sums = totals(it.dossier)
    stated = it.number(".//cac:Shipment/cbc:TotalTransportHandlingUnitQuantity")
    counted, packed = 0, Counter[str]()
    mass = {GROSS: Decimal(0), NET: Decimal(0)}
    for unit in it.all(".//cac:Shipment/cac:TransportHandlingUnit"):
        count = int(it.number("cbc:TotalPackageQuantity", unit) or 0)
        counted += count
        for dimension in it.all("cac:MeasurementDimension", unit):
            code = it.text("cbc:AttributeID", dimension)
            if code in mass:
                mass[code] += count * (it.number("cbc:Measure", dimension) or Decimal(0))
        for content in it.all("cac:GoodsItem", unit):
            packed[it.text("cbc:ID", content) or ""] += count * int(it.number("cbc:Quantity", content) or 0)
    if not counted or not counted == stated == sums.packages:
        yield it.broken("LP-PACKAGES", "TransportHandlingUnit", f"{counted} packages, {stated} stated")
    for code, name, grams in (
        (GROSS, "GrossWeightMeasure", sums.gross_mass_g),
        (NET, "NetWeightMeasure", sums.net_mass_g),
    ):
        total = it.number(f".//cac:Shipment/cbc:{name}")
        if grams is not None and not mass[code] == total == Decimal(grams) / 1000:
            yield it.broken("LP-MASS", name, f"the packages weigh {mass[code]} kg, {total} stated")
    wanted = {str(n): line.quantity for n, line in enumerate(it.dossier.lines, start=1)}
    if packed != wanted:
        yield it.broken("LP-PACKED", "TransportHandlingUnit", "the pieces packed are not those of the lines")


def _pallets(it: _Reading) -> Found:
    """Packages on pallets, in the order of the dossier's pallets."""
    wanted = [Decimal(pallet.count) for pallet in it.dossier.pallets or ()]
    found = [
        it.number("cbc:Quantity", each)
        for each in it.all(".//cac:Shipment/cac:TransportHandlingUnit/cac:Package")
    ]
    if found != wanted:
        yield it.broken(
            "LP-PALLETS", "TransportHandlingUnit/Package", f"{len(found)} of {len(wanted)} pallets"
        )


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _decimal(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text.strip())
    except InvalidOperation:
        return None
