"""The registry names every renderer, its version and the facts it needs."""

import pytest

from exporters.catalogue import CATALOGUE, RENDERERS
from exporters.dossier import assemble
from exporters.errors import IncompleteDossier
from tests.exporters import papers, reading, shipments


def test_renderers_by_id() -> None:
    assert [renderer.name for renderer in RENDERERS.values()] == [
        "commercial_invoice.pdf/2",
        "packing_list.pdf/2",
    ]
    assert [renderer.kind for renderer in RENDERERS.values()] == ["commercial_invoice", "packing_list"]
    assert [renderer.title for renderer in RENDERERS.values()] == ["Commercial invoice", "Packing list"]


@pytest.mark.parametrize("name", RENDERERS)
def test_a_complete_dossier_lacks_nothing_and_renders(name: str) -> None:
    dossier = assemble(shipments.nigeria())
    assert RENDERERS[name].missing(dossier) == []
    assert RENDERERS[name].render(dossier).content.startswith(b"%PDF-1.7")


@pytest.mark.parametrize("name", RENDERERS)
def test_what_the_registry_calls_missing_is_what_the_renderer_refuses(name: str) -> None:
    facts = shipments.vietnam()
    facts["parties"] = [party for party in facts["parties"] if "buyer" not in party["roles"]]
    dossier = assemble(facts)
    with pytest.raises(IncompleteDossier) as refusal:
        RENDERERS[name].render(dossier)
    assert list(refusal.value.missing) == RENDERERS[name].missing(dossier) == ["parties.buyer"]


@pytest.mark.parametrize("name", RENDERERS)
def test_a_required_fact_that_does_not_apply_is_refused_too(name: str) -> None:
    """Stating that a required fact does not exist is honest, and the document cannot be made without it."""
    facts = shipments.vietnam()
    facts["lines"][0]["description"] = None
    facts["not_applicable"] = [{"field": "lines.0.description", "reason": "goods speak for themselves"}]
    with pytest.raises(IncompleteDossier, match=r"lines\.0\.description"):
        RENDERERS[name].render(assemble(facts))


def test_everything_we_can_make_by_format() -> None:
    by_format: dict[str, list[str]] = {}
    for name, renderer in CATALOGUE.items():
        assert name == renderer.id == f"{renderer.kind}.{renderer.format}"
        by_format.setdefault(renderer.format, []).append(renderer.kind)
    tables = ["commercial_invoice", "packing_list", "cn_export_draft"]
    assert by_format == {
        "pdf": [
            "commercial_invoice",
            "packing_list",
            "proforma_invoice",
            "package_labels",
            "origin_declaration",
            "inspection_certificate",
            "functionality_protocol",
            "reuse_declaration",
            "battery_declaration",
            "brand_authorization",
            "cn_export_draft",
            "shipping_instruction",
        ],
        "ubl": ["commercial_invoice", "packing_list", "despatch_advice", "certificate_of_origin"],
        "xlsx": tables,
        "csv": tables,
        "json": tables,
    }
    assert set(RENDERERS) <= set(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_any_renderer_calls_missing_is_what_it_refuses(name: str) -> None:
    facts = papers.vietnam() | {"documents": [], "references": [], "not_applicable": []}
    dossier = assemble(facts)
    renderer = CATALOGUE[name]
    with pytest.raises(IncompleteDossier) as refusal:
        renderer.render(dossier)
    assert list(refusal.value.missing) == renderer.missing(dossier)
    assert f"documents.{renderer.kind}" in refusal.value.missing


def test_the_packing_list_shows_the_pallets_of_a_shipment_that_has_them() -> None:
    text = reading.text(RENDERERS["packing_list.pdf"].render(assemble(papers.vietnam())).content)
    assert "1 1–40 106141412345678908 EXMU1234567 18.000 410.000 120 × 100 × 150" in text
