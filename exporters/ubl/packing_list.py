"""UBL 2.4 PackingList: what lies in which package. It holds no price."""

from exporters.document import Document
from exporters.dossier import ShipmentDossier
from exporters.errors import IncompleteDossier
from exporters.fields import absent
from exporters.frame import filename
from exporters.ubl import parts
from exporters.ubl.elements import MEDIA_TYPE, basic, document

KIND = "packing_list"
TITLE = "Packing list (UBL 2.4)"
VERSION = 1
ROOT = "PackingList"
REQUIRED_FACTS = (
    "documents.packing_list",
    "parties.seller",
    "parties.buyer",
    "terms",
    "route.destination_country",
    "lines",
    "lines.*.description",
    "packages",
    "packages.*.net_mass_g",
    "packages.*.gross_mass_g",
    "packages.*.dimensions",
)


def render(dossier: ShipmentDossier) -> Document:
    """Render the packing list. Pure. Raises IncompleteDossier with every missing fact."""
    lacking = absent(dossier, REQUIRED_FACTS)
    entry = dossier.document(KIND)
    if lacking or entry is None:
        raise IncompleteDossier(TITLE, missing=lacking)
    content = document(
        ROOT,
        parts.heading(entry),
        basic("IssueDate", dossier.issue_date),
        basic("VersionID", dossier.version),
        parts.party("ConsignorParty", dossier.party("seller")),
        parts.shipment(dossier),
        parts.dossier_reference(dossier, "DocumentReference"),
        list(parts.references(dossier, "DocumentReference")),
    )
    return Document(filename(entry, ".xml"), MEDIA_TYPE, content, pages=1)
