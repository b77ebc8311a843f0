"""Every validator that speaks of a document, in one fixed list for each format."""

from pathlib import Path

from exporters.document import Document
from exporters.dossier import ShipmentDossier
from exporters.ubl import certificate_of_origin, despatch_advice, invoice, packing_list
from exporters.validation import completeness, pdf_structure, schema, schematron, tables
from exporters.validation.manifest import Check, Manifest

# Members of the EU: their buyers' systems read invoices by EN 16931.
EN_16931_COUNTRIES = frozenset(
    {
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    }
)
_ROOTS = {
    module.KIND: module.ROOT for module in (invoice, packing_list, despatch_advice, certificate_of_origin)
}


def validate(
    document: Document, dossier: ShipmentDossier, *, kind: str, schemas_dir: Path | None
) -> Manifest:
    """The manifest of one finished document.

    kind: as the dossier's documents name it. schemas_dir: the folder ``xsdrt`` of UBL 2.4, or None.
    Nothing is raised for a failed validator: ``required`` does that, so that a person can read them all.
    """
    checks: tuple[Check, ...]
    if document.media_type == "application/xml":
        checks = _ubl(document, dossier, kind, schemas_dir)
    elif document.media_type == "application/pdf":
        checks = pdf_structure.checks(document.content, dossier)
    else:
        checks = (tables.check(document, dossier, kind),)
    return Manifest(document.filename, document.sha256.hex(), checks)


def _ubl(
    document: Document, dossier: ShipmentDossier, kind: str, schemas_dir: Path | None
) -> tuple[Check, ...]:
    root = _ROOTS[kind]
    made = [
        schema.check(document.content, root, schemas_dir),
        completeness.check(document.content, dossier, kind=kind, root=root),
    ]
    if root == invoice.ROOT:
        destination = dossier.route.destination_country if dossier.route else None
        made.append(schematron.check(document.content, applies=destination in EN_16931_COUNTRIES))
    return tuple(made)
