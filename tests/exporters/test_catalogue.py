"""The registry names every renderer, its version and the facts it needs."""

import pytest

from exporters.catalogue import RENDERERS
from exporters.dossier import assemble
from exporters.errors import IncompleteDossier
from tests.exporters import shipments


def test_renderers_by_id() -> None:
    assert [renderer.name for renderer in RENDERERS.values()] == [
        "commercial_invoice.pdf/1",
        "packing_list.pdf/1",
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
