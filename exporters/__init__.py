"""Facts to documents: a frozen shipment dossier in, the same bytes out, today and in ten years."""

from exporters.catalogue import RENDERERS, Renderer
from exporters.document import Document
from exporters.dossier import ShipmentDossier, assemble, canonical_json, dossier_hash, parse
from exporters.errors import (
    ExportersError,
    IncompleteDossier,
    InvalidDossier,
    Problem,
    TypesettingFailed,
    UnknownCode,
    UnprintableText,
)
from exporters.fields import Inapplicable, Missing, absent, missing, state
from exporters.totals import Totals, totals

__all__ = [
    "RENDERERS",
    "Document",
    "ExportersError",
    "Inapplicable",
    "IncompleteDossier",
    "InvalidDossier",
    "Missing",
    "Problem",
    "Renderer",
    "ShipmentDossier",
    "Totals",
    "TypesettingFailed",
    "UnknownCode",
    "UnprintableText",
    "absent",
    "assemble",
    "canonical_json",
    "dossier_hash",
    "missing",
    "parse",
    "state",
    "totals",
]
