"""UBL 2.4 CertificateOfOrigin: the application for one, as the body that issues it takes it.

We prepare it and never issue one: the issuer's endorsement stands as pending, and only the issuer
may make it something else.
"""

from exporters.document import Document
from exporters.dossier import ShipmentDossier, dossier_hash
from exporters.errors import IncompleteDossier
from exporters.fields import absent
from exporters.frame import filename
from exporters.parts import Declaration, Party
from exporters.ubl import parts
from exporters.ubl.elements import MEDIA_TYPE, Child, aggregate, basic, document

KIND = "certificate_of_origin"
TITLE = "Application for a certificate of origin (UBL 2.4)"
VERSION = 1
ROOT = "CertificateOfOrigin"
PENDING = "pending"
REQUIRED_FACTS = (
    "documents.certificate_of_origin",
    "documents.commercial_invoice",
    "parties.seller",
    "parties.buyer",
    "parties.origin_issuer",
    "terms",
    "route.destination_country",
    "lines",
    "lines.*.description",
    "lines.*.hs6",
    "lines.*.origin",
    "lines.*.gross_mass_g",
    "packages",
    "declaration",
)


def render(dossier: ShipmentDossier) -> Document:
    """Render the application. Pure. Raises IncompleteDossier with every missing fact."""
    lacking = absent(dossier, REQUIRED_FACTS)
    entry, issuer, declaration = dossier.document(KIND), dossier.party("origin_issuer"), dossier.declaration
    if lacking or entry is None or issuer is None or declaration is None:
        raise IncompleteDossier(TITLE, missing=lacking)
    seller, buyer = dossier.party("exporter") or dossier.party("seller"), dossier.party("buyer")
    assert seller is not None
    invoice = dossier.document("commercial_invoice")
    content = document(
        ROOT,
        parts.heading(entry),
        basic("IssueDate", dossier.issue_date),
        basic("VersionID", dossier.version),
        parts.party("ExporterParty", seller),
        parts.party("ImporterParty", buyer),
        _endorser(seller, declaration, role="exporter", sequence=1),
        aggregate(
            "CertificateOfOriginApplication",
            basic("ReferenceID", entry.number),
            basic("CertificateType", "non-preferential"),
            basic("OriginalJobID", dossier.shipment),
            basic("Remarks", f"Shipment dossier SHA-256 {dossier_hash(dossier).hex()}"),
            parts.shipment(dossier),
            _endorser(seller, declaration, role="exporter", sequence=1),
            parts.party("PreparationParty", seller),
            parts.party("IssuerParty", issuer),
            parts.party("ExporterParty", seller),
            parts.party("ImporterParty", buyer),
            parts.country(issuer.country, "IssuingCountry"),
            aggregate(
                "SupportingDocumentReference",
                basic("ID", invoice and invoice.number),
                basic("IssueDate", dossier.issue_date),
                basic("DocumentTypeCode", "380"),
            ),
        ),
        aggregate(
            "IssuerEndorsement",
            basic("DocumentID", entry.number),
            basic("ApprovalStatus", PENDING),
            _endorser(issuer, None, role="issuer", sequence=2),
        ),
    )
    return Document(filename(entry, ".xml"), MEDIA_TYPE, content, pages=1)


def _endorser(who: Party, declaration: Declaration | None, *, role: str, sequence: int) -> Child:
    name = declaration.signatory if declaration else (who.contact and who.contact.name) or who.name
    return aggregate(
        "EndorserParty",
        basic("RoleCode", role),
        basic("SequenceNumeric", sequence),
        parts.party("Party", who),
        aggregate("SignatoryContact", basic("Name", name)),
    )
