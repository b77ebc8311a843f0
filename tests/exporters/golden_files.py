"""The text of finished documents as it was last reviewed.

A changed golden file is reviewed like a contract. ``python -m tests.exporters.golden_files`` writes
them anew; read the difference before it is committed.
"""

import textwrap
from pathlib import Path

from exporters.catalogue import CATALOGUE, RENDERERS, Renderer
from exporters.dossier import ShipmentDossier, assemble
from tests.exporters import afar, papers, reading, shipments

FOLDER = Path(__file__).parent / "golden"
AFAR = {
    "laptops": ("commercial_invoice", "functionality_protocol", "reuse_declaration", "battery_declaration"),
    "sofas": ("commercial_invoice", "packing_list", "origin_declaration", "brand_authorization"),
}


def read(name: str) -> str:
    return " ".join((FOLDER / f"{name}.txt").read_text().split())


def papers_by_name() -> dict[str, tuple[Renderer, ShipmentDossier]]:
    """Every paper beside invoice and packing list, with the shipment that has the facts for it."""
    shown = {"vietnam": assemble(papers.vietnam()), "reuse": assemble(papers.reuse())}
    kinds = [
        renderer
        for renderer in CATALOGUE.values()
        if renderer.format == "pdf" and renderer.id not in RENDERERS
    ]
    of = {"functionality_protocol": "reuse", "reuse_declaration": "reuse", "package_labels": "reuse"}
    return {
        f"{renderer.kind.replace('_', '-')}-{of.get(renderer.kind, 'vietnam')}": (
            renderer,
            shown[of.get(renderer.kind, "vietnam")],
        )
        for renderer in kinds
    }


def ubl_by_name() -> dict[str, bytes]:
    dossier = assemble(papers.vietnam())
    return {
        f"{renderer.kind.replace('_', '-')}-vietnam.xml": renderer.render(dossier).content
        for renderer in CATALOGUE.values()
        if renderer.format == "ubl"
    }


def write() -> None:
    for name, content in ubl_by_name().items():
        (FOLDER / name).write_bytes(content)
    for name, (renderer, dossier) in papers_by_name().items():
        _write(name, reading.text(renderer.render(dossier).content))
    for name in ("vietnam", "nigeria"):
        for renderer in RENDERERS.values():
            text = reading.text(renderer.render(assemble(getattr(shipments, name)())).content)
            _write(f"{renderer.kind.replace('_', '-')}-{name}", text)
    write_afar()


def write_afar() -> None:
    for name, kinds in AFAR.items():
        dossier = assemble(getattr(afar, name)())
        for kind in kinds:
            text = reading.text(CATALOGUE[f"{kind}.pdf"].render(dossier).content)
            _write(f"{kind.replace('_', '-')}-{name}", text)


def _write(name: str, text: str) -> None:
    lines = textwrap.wrap(text, 110, break_long_words=False, break_on_hyphens=False)
    (FOLDER / f"{name}.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    write()
