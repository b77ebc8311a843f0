"""UBL 2.4 DespatchAdvice: what left, for whom, on which order, in which packages."""

from collections.abc import Iterator

from exporters.document import Document
from exporters.dossier import ShipmentDossier
from exporters.errors import IncompleteDossier
from exporters.fields import absent
from exporters.frame import filename
from exporters.ubl import parts
from exporters.ubl.elements import MEDIA_TYPE, Child, aggregate, basic, document

KIND = "despatch_advice"
TITLE = "Despatch advice (UBL 2.4)"
VERSION = 1
ROOT = "DespatchAdvice"
REQUIRED_FACTS = (
    "documents.despatch_advice",
    "parties.seller",
    "parties.buyer",
    "references.purchase_order",
    "terms",
    "route.destination_country",
    "lines",
    "lines.*.description",
    "packages",
    "packages.*.gross_mass_g",
)


def render(dossier: ShipmentDossier) -> Document:
    """Render the advice. Pure. Raises IncompleteDossier with every missing fact."""
    lacking = absent(dossier, REQUIRED_FACTS)
    entry = dossier.document(KIND)
    order = dossier.reference("purchase_order")
    if lacking or entry is None or order is None:
        raise IncompleteDossier(TITLE, missing=lacking)
    content = document(
        ROOT,
        parts.heading(entry),
        basic("IssueDate", dossier.issue_date),
        basic("LineCountNumeric", len(dossier.lines)),
        aggregate("OrderReference", basic("ID", order.number), basic("IssueDate", order.issued_on)),
        parts.dossier_reference(dossier),
        list(parts.references(dossier, "AdditionalDocumentReference", leave=("purchase_order",))),
        parts.party("Party", dossier.party("seller"), "DespatchSupplierParty"),
        parts.party("Party", dossier.party("consignee") or dossier.party("buyer"), "DeliveryCustomerParty"),
        parts.party("Party", dossier.party("buyer"), "BuyerCustomerParty"),
        parts.shipment(dossier, goods=False),
        list(_lines(dossier, order.number)),
    )
    return Document(filename(entry, ".xml"), MEDIA_TYPE, content, pages=1)


def _lines(dossier: ShipmentDossier, order: str) -> Iterator[Child]:
    for number, line in enumerate(dossier.lines, start=1):
        yield aggregate(
            "DespatchLine",
            basic("ID", number),
            basic("DeliveredQuantity", line.quantity, unitCode=line.unit),
            aggregate(
                "OrderLineReference",
                basic("LineID", number),
                aggregate("OrderReference", basic("ID", order)),
            ),
            parts.item(line, dossier),
        )
