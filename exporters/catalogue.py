"""The one registry of renderers.

Who makes documents goes through here, so that a document's record can always name the renderer and
the version that made its bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from exporters import (
    battery_declaration,
    brand_authorization,
    cn_export_draft,
    commercial_invoice,
    functionality_protocol,
    inspection_certificate,
    origin_declaration,
    package_labels,
    packing_list,
    proforma_invoice,
    reuse_declaration,
    shipping_instruction,
    tables,
)
from exporters.document import Document
from exporters.dossier import ShipmentDossier
from exporters.fields import absent
from exporters.paper import Paper
from exporters.spreadsheet import Format, Spreadsheet
from exporters.tables import Grid
from exporters.ubl import certificate_of_origin, despatch_advice, invoice
from exporters.ubl import packing_list as ubl_packing_list


class Drafting(Protocol):
    """Renders a dossier; a draft carries its mark and may lack facts."""

    def __call__(self, dossier: ShipmentDossier, *, draft: bool = False) -> Document: ...


@dataclass(frozen=True)
class Renderer:
    """version: raised whenever the same dossier would give other bytes."""

    id: str
    version: int
    kind: str  # as ``document.issued`` and the dossier's documents name it
    title: str
    required_facts: tuple[str, ...]
    render: Callable[[ShipmentDossier], Document]
    gaps: Callable[[ShipmentDossier], list[str]] | None = None
    drafting: Drafting | None = None  # None where the document exists only when it is complete

    @property
    def name(self) -> str:
        """What ``document.issued`` records as its renderer: ``commercial_invoice.pdf/2``."""
        return f"{self.id}/{self.version}"

    @property
    def format(self) -> str:
        """``pdf``, ``ubl``, ``xlsx``, ``csv`` or ``json``."""
        return self.id.rpartition(".")[2]

    def missing(self, dossier: ShipmentDossier) -> list[str]:
        """Paths of the facts this document still needs; empty when it can be rendered."""
        return self.gaps(dossier) if self.gaps else absent(dossier, self.required_facts)


# What every shipment is issued with today.
RENDERERS = {
    renderer.id: renderer
    for renderer in (
        Renderer(
            id=f"{module.ID}.pdf",
            version=module.VERSION,
            kind=module.ID,
            title=module.TITLE,
            required_facts=module.REQUIRED_FACTS,
            render=module.render,
            drafting=module.render,
        )
        for module in (commercial_invoice, packing_list)
    )
}
PAPERS: tuple[Paper, ...] = (
    origin_declaration.PAPER,
    inspection_certificate.PAPER,
    functionality_protocol.PAPER,
    reuse_declaration.PAPER,
    battery_declaration.PAPER,
    brand_authorization.PAPER,
    cn_export_draft.PAPER,
    shipping_instruction.PAPER,
)
_FORMATS: tuple[Format, ...] = ("xlsx", "csv", "json")


def _spreadsheets(
    kind: str,
    title: str,
    required_facts: tuple[str, ...],
    grid: Callable[[ShipmentDossier], Grid],
    gaps: Callable[[ShipmentDossier], list[str]] | None = None,
) -> dict[str, Spreadsheet]:
    """One table in each format, by id."""
    return {
        f"{kind}.{format_}": Spreadsheet(kind, title, 1, required_facts, grid, format_, gaps)
        for format_ in _FORMATS
    }


SPREADSHEETS = {
    **_spreadsheets(
        commercial_invoice.ID,
        commercial_invoice.TITLE,
        commercial_invoice.REQUIRED_FACTS,
        tables.invoice_grid,
    ),
    **_spreadsheets(packing_list.ID, packing_list.TITLE, packing_list.REQUIRED_FACTS, tables.packing_grid),
    **_spreadsheets(
        cn_export_draft.KIND,
        cn_export_draft.PAPER.title,
        cn_export_draft.PAPER.required_facts,
        lambda dossier: tables.grid_of(cn_export_draft.sheet(dossier), cn_export_draft.KIND, "zh"),
        cn_export_draft.PAPER.missing,
    ),
}
# Everything we can make, by id.
CATALOGUE = RENDERERS | {
    renderer.id: renderer
    for renderer in (
        *(
            Renderer(
                f"{module.ID}.pdf", module.VERSION, module.ID, module.TITLE, module.REQUIRED_FACTS,
                module.render, drafting=module.render,
            )
            for module in (proforma_invoice, package_labels)
        ),
        *(
            Renderer(
                f"{paper.kind}.pdf", paper.version, paper.kind, paper.title, paper.required_facts,
                paper.render,
                gaps=paper.missing, drafting=paper.render,
            )
            for paper in PAPERS
        ),
        *(
            Renderer(
                f"{module.KIND}.ubl", module.VERSION, module.KIND, module.TITLE, module.REQUIRED_FACTS,
                module.render,
            )
            for module in (invoice, ubl_packing_list, despatch_advice, certificate_of_origin)
        ),
        *(
            Renderer(
                name, sheet.version, sheet.kind, sheet.title, sheet.required_facts, sheet.render,
                gaps=sheet.missing, drafting=sheet.render,
            )
            for name, sheet in SPREADSHEETS.items()
        ),
    )
}  # fmt: skip
