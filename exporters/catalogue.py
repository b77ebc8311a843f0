"""The one registry of renderers.

Who makes documents goes through here, so that a document's record can always name the renderer and
the version that made its bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from exporters import commercial_invoice, packing_list
from exporters.document import Document
from exporters.dossier import ShipmentDossier
from exporters.fields import absent


@dataclass(frozen=True)
class Renderer:
    """version: raised whenever the same dossier would give other bytes."""

    id: str
    version: int
    kind: str  # as ``document.issued`` and the dossier's documents name it
    title: str
    required_facts: tuple[str, ...]
    render: Callable[[ShipmentDossier], Document]

    @property
    def name(self) -> str:
        """What ``document.issued`` records as its renderer: ``commercial_invoice.pdf/1``."""
        return f"{self.id}/{self.version}"

    def missing(self, dossier: ShipmentDossier) -> list[str]:
        """Paths of the facts this document still needs; empty when it can be rendered."""
        return absent(dossier, self.required_facts)


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
        )
        for module in (commercial_invoice, packing_list)
    )
}
