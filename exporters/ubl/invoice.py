"""UBL 2.4 Invoice, with the semantics of EN 16931 so that a buyer's system in the EU reads it, too.

The goods leave the seller's country, so no VAT is charged: category O, not subject to VAT.
Sources: UBL 2.4 Invoice; EN 16931-1 with its UBL binding (CEN/TS 16931-3-2).
"""

from collections.abc import Iterator

from exporters.document import Document
from exporters.dossier import ShipmentDossier
from exporters.errors import IncompleteDossier
from exporters.fields import absent
from exporters.frame import filename
from exporters.parts import Charge
from exporters.totals import totals
from exporters.ubl import parts
from exporters.ubl.elements import MEDIA_TYPE, Child, aggregate, basic, document

KIND = "commercial_invoice"
TITLE = "Commercial invoice (UBL 2.4)"
VERSION = 1
ROOT = "Invoice"
CUSTOMIZATION = "urn:cen.eu:en16931:2017"
# Codes of UNCL7161 and UNCL5189 that we are sure of; any other charge is told by its name alone.
_REASON_CODES = {"charge": frozenset({"FC", "PC"}), "allowance": frozenset({"95"})}
TYPE_CODE = "380"  # UNCL1001: commercial invoice
BUYER_NUMBERS_MAX = 1  # UBL-SR-16
EXEMPTION = "Not subject to VAT: goods exported by a seller established outside the EU"
REQUIRED_FACTS = (
    "documents.commercial_invoice",
    "parties.seller",
    "parties.buyer",
    "terms",
    "payment",
    "route.destination_country",
    "lines",
    "lines.*.description",
    "lines.*.condition",
    "lines.*.hs6",
    "lines.*.origin",
    "lines.*.unit_price",
    "lines.*.amount_minor",
)


def render(dossier: ShipmentDossier) -> Document:
    """Render the invoice. Pure. Raises IncompleteDossier with every missing fact."""
    lacking = absent(dossier, REQUIRED_FACTS)
    entry = dossier.document(KIND)
    if lacking or entry is None:
        raise IncompleteDossier(TITLE, missing=lacking)
    payment, route = dossier.payment, dossier.route
    assert payment is not None
    assert route is not None
    order, contract = dossier.reference("purchase_order"), dossier.reference("contract")
    content = document(
        ROOT,
        parts.heading(entry, customization=CUSTOMIZATION),
        basic("IssueDate", dossier.issue_date),
        basic("InvoiceTypeCode", TYPE_CODE),
        list(_notes(dossier)),
        basic("DocumentCurrencyCode", dossier.currency),
        basic("LineCountNumeric", len(dossier.lines)),
        aggregate("OrderReference", basic("ID", order and order.number)),
        aggregate("ContractDocumentReference", basic("ID", contract and contract.number)),
        parts.dossier_reference(dossier),
        list(parts.references(dossier, "AdditionalDocumentReference", leave=("purchase_order", "contract"))),
        parts.party("Party", dossier.party("seller"), "AccountingSupplierParty"),
        parts.party(
            "Party", dossier.party("buyer"), "AccountingCustomerParty", identifications=BUYER_NUMBERS_MAX
        ),
        aggregate(
            "Delivery",
            aggregate(
                "DeliveryLocation",
                aggregate("Address", parts.country(route.destination_country)),
            ),
        ),
        parts.delivery_terms(dossier),
        aggregate("PaymentTerms", basic("Note", payment.en)),
        [_charge(charge, dossier) for charge in dossier.charges if not charge.included],
        _tax(dossier),
        _sums(dossier),
        list(_lines(dossier)),
    )
    return Document(filename(entry, ".xml"), MEDIA_TYPE, content, pages=1)


def _notes(dossier: ShipmentDossier) -> Iterator[Child]:
    """Numbers of the buyer for which EN 16931 has no element of their own (BT-48 is not for category O)."""
    buyer = dossier.party("buyer")
    for known in parts.numbers(buyer)[BUYER_NUMBERS_MAX:] if buyer else ():
        yield basic("Note", f"Buyer {known.scheme.upper()} {known.value}")


def _charge(charge: Charge, dossier: ShipmentDossier) -> Child:
    return aggregate(
        "AllowanceCharge",
        basic("ChargeIndicator", "true" if charge.kind == "charge" else "false"),
        basic(
            "AllowanceChargeReasonCode", charge.code if charge.code in _REASON_CODES[charge.kind] else None
        ),
        basic("AllowanceChargeReason", charge.name.en),
        parts.amount("Amount", charge.amount_minor, dossier.currency),
        _category("TaxCategory"),
    )


def _category(name: str, *, reason: str | None = None) -> Child:
    return aggregate(
        name,
        basic("ID", "O"),
        basic("TaxExemptionReason", reason),
        aggregate("TaxScheme", basic("ID", "VAT")),
    )


def _tax(dossier: ShipmentDossier) -> Child:
    sums = totals(dossier)
    return aggregate(
        "TaxTotal",
        parts.amount("TaxAmount", 0, dossier.currency),
        aggregate(
            "TaxSubtotal",
            parts.amount("TaxableAmount", sums.total_minor, dossier.currency),
            parts.amount("TaxAmount", 0, dossier.currency),
            _category("TaxCategory", reason=EXEMPTION),
        ),
    )


def _sums(dossier: ShipmentDossier) -> Child:
    sums, currency = totals(dossier), dossier.currency
    outside = [charge for charge in dossier.charges if not charge.included]
    allowed = [charge.amount_minor for charge in outside if charge.kind == "allowance"]
    charged = [charge.amount_minor for charge in outside if charge.kind == "charge"]
    return aggregate(
        "LegalMonetaryTotal",
        parts.amount("LineExtensionAmount", sums.goods_minor, currency),
        parts.amount("TaxExclusiveAmount", sums.total_minor, currency),
        parts.amount("TaxInclusiveAmount", sums.total_minor, currency),
        parts.amount("AllowanceTotalAmount", sum(allowed) if allowed else None, currency),
        parts.amount("ChargeTotalAmount", sum(charged) if charged else None, currency),
        parts.amount("PayableAmount", sums.total_minor, currency),
    )


def _lines(dossier: ShipmentDossier) -> Iterator[Child]:
    for number, line in enumerate(dossier.lines, start=1):
        yield aggregate(
            "InvoiceLine",
            basic("ID", number),
            basic("InvoicedQuantity", line.quantity, unitCode=line.unit),
            parts.amount("LineExtensionAmount", line.amount_minor, dossier.currency),
            parts.item(line, dossier, _category("ClassifiedTaxCategory")),
            aggregate("Price", basic("PriceAmount", line.unit_price, currencyID=dossier.currency)),
        )
