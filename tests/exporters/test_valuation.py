"""FOB and CIF follow from the invoice and its itemised charges, or are missing with what is missing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.dossier import assemble
from exporters.totals import totals
from exporters.valuation import by_line, charged, valuation
from tests.exporters import shipments


def on(term: str, charges: list[tuple[str, int, bool]], *, none: tuple[str, ...] = ()) -> dict[str, Any]:
    facts = shipments.nigeria()
    stated = [{"field": f"charges.{name}", "reason": "there is none"} for name in none]
    made = [
        {"kind": "charge", "code": code, "name": {"en": code}, "amount_minor": amount, "included": included}
        for code, amount, included in charges
    ]
    return facts | {
        "terms": facts["terms"] | {"incoterm": term},
        "charges": made,
        "not_applicable": [*facts["not_applicable"], *stated],
    }


GOODS = 1037500 + 39600


@pytest.mark.parametrize(
    ("facts", "fob", "cif"),
    [
        (on("FOB", []), GOODS, None),
        (on("FOB", [], none=("freight", "insurance")), GOODS, GOODS),
        (on("FOB", [("FC", 90000, False), ("IN", 1000, False)]), GOODS, GOODS + 91000),
        (on("CIF", [("FC", 90000, True), ("IN", 1000, True)]), GOODS - 91000, GOODS),
        (on("CIF", [("FC", 90000, False), ("IN", 1000, True)]), GOODS - 1000, GOODS + 90000),
        (on("CFR", [("FC", 90000, True)]), GOODS - 90000, None),
        (on("CFR", [("FC", 90000, True), ("IN", 1000, False)]), GOODS - 90000, GOODS + 1000),
        (on("CIF", []), None, GOODS),
        (on("EXW", []), None, None),
        (on("FCA", [], none=("pre_carriage",)), GOODS, None),
        (on("DDP", [("FC", 90000, True), ("IN", 1000, True)]), None, None),
    ],
)
def test_values_by_hand(facts: dict[str, Any], fob: int | None, cif: int | None) -> None:
    dossier = assemble(facts)
    found = valuation(dossier, "FOB"), valuation(dossier, "CIF")
    assert [each.amount_minor for each in found] == [fob, cif]
    for each in found:
        assert (each.amount_minor is None) == bool(each.missing)


def test_what_is_missing_is_named_and_the_formula_is_told() -> None:
    dossier = assemble(on("CFR", [("FC", 90000, True)]))
    assert valuation(dossier, "CIF").missing == ("charges.insurance",)
    assert valuation(dossier, "FOB").printed("USD") == "10,771.00 - 900.00"
    assert valuation(assemble(on("DAP", [])), "FOB").missing[0] == "charges.on_carriage"
    assert charged(dossier, {"FC"}) == 90000
    assert charged(dossier, {"IN"}) is None


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.booleans(), st.booleans())
def test_cif_less_freight_and_insurance_is_fob_and_the_lines_share_it_exactly(
    freight: int, insurance: int, freight_in: bool, insurance_in: bool
) -> None:
    charges = [("FC", freight, freight_in), ("IN", insurance, insurance_in)]
    dossier = assemble(on("CIF", charges))
    fob, cif = valuation(dossier, "FOB").amount_minor, valuation(dossier, "CIF").amount_minor
    assert fob is not None
    assert cif == totals(dossier).total_minor
    assert cif - freight - insurance == fob
    assert sum(term.amount_minor for term in valuation(dossier, "FOB").formula) == fob
    assert sum(by_line(dossier, freight)) == freight
