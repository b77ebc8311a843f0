"""Cartons, pallets and containers, tests and permissions: what does not add up names its field."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.dossier import assemble
from exporters.errors import InvalidDossier
from exporters.loading import packages_by_number
from tests.exporters import papers
from tests.exporters.test_consistency import each, put

Facts = dict[str, Any]
CONTAINER = {"number": "EXMU1234567", "tare_mass_g": 2200000}
LOADED = 1012000 + 2 * 18000 + 2200000


def test_the_full_samples_are_consistent() -> None:
    dossier = assemble(papers.vietnam())
    assert len(packages_by_number(dossier)) == 80
    assert sum(pallet.count for pallet in dossier.pallets or ()) == 80
    assert assemble(papers.reuse()).reuse is not None


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (put("pallets.1.number", 1), "pallets", "pallet 1 stands 2 times"),
        (put("pallets.1.sscc", "106141412345678908"), "packages", "stands 2 times"),
        (put("pallets.0.container", "EXMU7654321"), "pallets.0.container", "not one of the containers"),
        (put("pallets.0.first", 60), "pallets.0.first", "there is no package 81"),
        (put("pallets.1.first", 40), "pallets.1.first", "package 40 stands on pallet 1 already"),
        (put("pallets.0.gross_mass_g", 1), "pallets.0.gross_mass_g", "weigh"),
        (put("pallets.1.tare_mass_g", 17999), "pallets.1.gross_mass_g", "weigh"),
        (
            each(
                put("containers", [CONTAINER, {"number": "EXMU7654321"}]),
                put("pallets.1.container", "EXMU7654321"),
            ),
            "pallets.1.container",
            "lies in EXMU1234567",
        ),
        (
            put("containers.0", CONTAINER | {"vgm_g": LOADED - 1}),
            "containers.0.vgm_g",
            "more than",
        ),
        (put("balances.0.available", 1199), "balances.0.available", "1200 shipped, 1199 left"),
        (put("balances.0.record.index", 96), "balances.0.record.index", "outside a tree of 96"),
        (put("inspections.0.lot", "lot:" + "9" * 20), "inspections.0.lot", "not in this shipment"),
        (put("inspections.0.sample", 1201), "inspections.0.sample", "drawn from 1200"),
        (put("inspections.0.inspected_on", "2026-11-22"), "inspections.0.inspected_on", "after the papers"),
        (put("inspections.0.tallies.1.found", 3), "inspections.0.result", "more major defects than allowed"),
        (put("authorizations.0.valid_to", "2026-11-20"), "authorizations.0.valid_to", "not in force"),
        (put("authorizations.0.valid_from", "2026-11-22"), "authorizations.0.valid_to", "not in force"),
        (put("authorizations.0.countries", ["KE"]), "authorizations.0.countries", "VN is not one"),
        (put("authorizations.0.excluded_countries", ["VN"]), "authorizations.0.countries", "VN is not one"),
        (put("charges.2.amount_minor", 10**9), "charges", "exceed goods and charges"),
        (
            put("exchange_rate", {"to": "USD", "rate": "1", "source": "x", "day": "2026-11-20"}),
            "exchange_rate.to",
            "no other currency",
        ),
        (
            put("reuse", {"contract": "lease", "fully_functional": True, "protection": {"en": "boxes"}}),
            "reuse.contract",
            "no lease among the references",
        ),
    ],
)
def test_each_contradiction_is_refused(change: Callable[[Facts], None], field: str, reason: str) -> None:
    facts = papers.vietnam()
    change(facts)
    with pytest.raises(InvalidDossier, match=reason) as refusal:
        assemble(facts)
    assert field in {problem.field for problem in refusal.value.problems}


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (put("lines.0.tests.articles.5.article", "356938035640000"), "lines.0.tests.articles", "2 times"),
        (
            put("lines.0.tests.articles.2.result", "fail"),
            "lines.0.tests.articles.2.result",
            "356938035640002 failed",
        ),
        (
            put("lines.0.tests.articles.2.tested_on", "2026-11-22"),
            "lines.0.tests.articles.2.tested_on",
            "after",
        ),
        (
            lambda facts: facts["lines"][0]["tests"]["articles"].pop(),
            "lines.0.tests.articles",
            "5 tested of 6",
        ),
        (put("lines.0.tests.record.index", 96), "lines.0.tests.record.index", "outside a tree"),
    ],
)
def test_each_article_of_goods_for_reuse_is_tested_once_and_works(
    change: Callable[[Facts], None], field: str, reason: str
) -> None:
    facts = papers.reuse()
    change(facts)
    with pytest.raises(InvalidDossier, match=reason) as refusal:
        assemble(facts)
    assert field in {problem.field for problem in refusal.value.problems}


def test_a_container_weighed_with_its_load_and_dunnage_is_accepted() -> None:
    facts = papers.vietnam()
    facts["containers"] = [CONTAINER | {"vgm_g": LOADED + 5000}]
    assert assemble(facts).containers[0].vgm_g == LOADED + 5000


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 5000)), min_size=1, max_size=5)
)
def test_any_packing_whose_masses_are_sums_is_accepted_and_one_gram_off_is_not(
    groups: list[tuple[int, int, int]],
) -> None:
    """groups: count of packages, pieces in each, grams of a piece."""
    facts = papers.vietnam()
    line, package = facts["lines"][1], facts["packages"][2]
    lines, packages, first = [], [], 1
    for number, (count, pieces, grams) in enumerate(groups, start=1):
        total = count * pieces
        lines.append(
            line
            | {"quantity": total, "amount_minor": total * 1140, "net_mass_g": total * grams}
            | {"gross_mass_g": count * (pieces * grams + 200)}
        )
        packages.append(
            package
            | {"first": first, "count": count, "contents": [{"line": number, "quantity": pieces}]}
            | {"net_mass_g": pieces * grams, "gross_mass_g": pieces * grams + 200}
        )
        first += count
    gross = sum(one["gross_mass_g"] for one in lines)
    pallet = {
        "number": 1,
        "first": 1,
        "count": first - 1,
        "tare_mass_g": 15000,
        "gross_mass_g": gross + 15000,
    }
    facts |= {
        "lines": lines,
        "packages": packages,
        "pallets": [pallet],
        "balances": None,
        "inspections": None,
    }
    assemble(facts)
    pallet["gross_mass_g"] += 1
    with pytest.raises(InvalidDossier, match=r"pallets\.0\.gross_mass_g"):
        assemble(facts)
