"""The proforma invoice: the same facts as the commercial one, before the sale, and not for payment.

Code 325 of UNCL1001. It is a document of its own kind with its own number.
"""

from exporters import commercial_invoice
from exporters.document import Document
from exporters.dossier import ShipmentDossier

ID = "proforma_invoice"
TITLE = "Proforma invoice"
VERSION = 1
REQUIRED_FACTS = ("documents.proforma_invoice", *commercial_invoice.REQUIRED_FACTS[1:])


def render(dossier: ShipmentDossier, *, draft: bool = False) -> Document:
    """Render the proforma with the whole dossier attached, as the invoice does."""
    return commercial_invoice.render_as(dossier, ID, TITLE, REQUIRED_FACTS, draft=draft)
