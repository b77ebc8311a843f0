"""Facts to documents: a frozen shipment dossier in, the same bytes out, today and in ten years."""

from exporters.catalogue import CATALOGUE, RENDERERS, Renderer
from exporters.document import Document
from exporters.dossier import ShipmentDossier, amended, assemble, canonical_json, dossier_hash, parse
from exporters.errors import (
    ExportersError,
    FailedValidation,
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
    "CATALOGUE",
    "RENDERERS",
    "Document",
    "ExportersError",
    "FailedValidation",
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
    "amended",
    "assemble",
    "canonical_json",
    "dossier_hash",
    "missing",
    "parse",
    "state",
    "totals",
]
