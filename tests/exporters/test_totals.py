"""Totals are sums of rounded lines and of whole grams."""

from exporters.dossier import assemble
from exporters.totals import Totals, totals
from tests.exporters import shipments


def test_totals_of_a_shipment() -> None:
    assert totals(assemble(shipments.vietnam())) == Totals(
        pieces={"H87": 1600},
        packages=80,
        net_mass_g=884000,
        gross_mass_g=1012000,
        goods_minor=10791000,
        total_minor=10791000 + 98000 + 12160 - 50000,
    )


def test_an_included_charge_is_not_added_again() -> None:
    sums = totals(assemble(shipments.nigeria()))
    assert sums.total_minor == sums.goods_minor == 1077100
    assert sums.pieces == {"H87": 250, "SET": 12}


def test_a_sum_with_a_missing_part_is_missing() -> None:
    facts = shipments.vietnam()
    facts["lines"][0] |= {"unit_price": None, "amount_minor": None}
    facts["packages"][0]["net_mass_g"] = facts["lines"][0]["net_mass_g"] = None
    sums = totals(assemble(facts))
    assert (sums.goods_minor, sums.total_minor, sums.net_mass_g) == (None, None, None)
    assert sums.gross_mass_g == 1012000


def test_packages_that_are_not_weighed_leave_the_mass_to_the_lines() -> None:
    facts = shipments.vietnam()
    facts["packages"][0]["net_mass_g"] = None
    assert totals(assemble(facts)).net_mass_g == 884000


def test_without_packages_the_lines_are_weighed() -> None:
    sums = totals(assemble(shipments.vietnam() | {"packages": []}))
    assert (sums.packages, sums.net_mass_g, sums.gross_mass_g) == (0, 884000, 1012000)
