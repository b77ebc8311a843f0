"""G13-G15: what goods cost where they are used, line by line, by figures that were worked out by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from exporters.codes import INCOTERMS
from gateway.policies import load
from gateway.trade.freight import Exchange, Load, charged_units, charges
from gateway.trade.landed_cost import SELLER_PAYS, Asked, Landed, Line, landed_cost
from gateway.trade.load_estimate import Carton, Parcel, load_of

DAY = date(2026, 11, 22)
YUAN = Exchange("CNY", "USD", Decimal("0.1400"), "fixed for the demo story", date(2026, 11, 20))
FREIGHT, WAREHOUSES = load.freight(), {one.id: one for one in load.warehouses().warehouses}

# 100 phones of 362 g, 40 in a carton of 420 x 330 x 260 mm: 36.2 kg and three cartons, 0.108108 m3.
PHONES = Asked(
    market="VN", place="Hai Phong", incoterm="FCA", currency="USD", goods_minor=100 * 8000,
    pieces_by_hs={"851713": 100}, load=Load(36_200, 108_108_000), day=DAY,
)  # fmt: skip
# 100 microwave ovens of 12.5 kg and 450 x 350 x 260 mm: 1,250 kg and 4.095 m3.
OVENS = replace(
    PHONES, goods_minor=100 * 3000, pieces_by_hs={"851650": 100}, load=Load(1_250_000, 4_095_000_000)
)
# 10 sofas of 53.8 kg and 2100 x 900 x 850 mm: 538 kg and 16.065 m3.
SOFAS = replace(
    PHONES, market="NG", place="Lagos Apapa", goods_minor=237_950, pieces_by_hs={"940161": 10},
    load=Load(538_000, 16_065_000_000),
)  # fmt: skip


def cost(asked: Asked, warehouse: str | None = "south", rates: tuple[Exchange, ...] = (YUAN,)) -> Landed:
    return landed_cost(
        asked,
        freight=FREIGHT,
        duties=load.duties(),
        warehouses=load.warehouses().warehouses,
        warehouse=WAREHOUSES[warehouse] if warehouse else None,
        rates=rates,
    )


def amounts(found: Landed) -> list[tuple[str, str, int | None]]:
    return [(line.kind, line.payer, line.amount_minor) for line in found.lines]


def test_g13_g14_phones_at_80_dollars_to_viet_nam_by_road_and_sea() -> None:
    """Road 36.2 kg and sea 0.108 m3 stay below their minimum: 300.00 CNY at 0.14, 45.00 and 40.00 USD."""
    found = cost(PHONES)
    assert amounts(found) == [
        ("goods", "buyer", 800_000),
        ("carriage", "buyer", 4_200),
        ("carriage", "buyer", 4_500),
        ("carriage", "buyer", 4_000),
        ("insurance", "buyer", 2_682),  # 812,700 x 110 % x 0.30 % = 2,681.91
        ("duty", "buyer", None),
        ("import_tax", "buyer", None),
        ("brand_fee", "seller", None),
    ]
    assert (found.known_minor, found.unknown) == (815_382, ("duty", "import_tax"))
    assert (found.freight_minor, found.share) == (12_700, Fraction(12_700, 800_000))
    assert found.share_verdict == "good"
    assert found.suggestion is None
    assert found.exchanges == (YUAN,)


def test_a_stated_duty_and_tax_are_charged_on_what_the_buyer_pays_until_the_border() -> None:
    """Space counts: 4.095 m3 x 333 = 1,363.635 kg. CIF 326,610; duty 25 %; tax 8 % of value and duty."""
    found = cost(OVENS)
    assert [amount for _, _, amount in amounts(found)] == [
        300_000,
        6_682,  # 1,363.635 kg x 0.35 CNY x 0.14 = 66.818115
        18_428,  # 4.095 m3 x 45.00 = 184.275, half up
        10_909,  # 1,363.635 kg x 0.08 = 109.0908
        1_500,  # 336,019 x 1.1 x 0.3 % = 1,108.86 is below the minimum
        81_653,  # 326,610 x 25 % = 81,652.5
        32_661,  # 408,263 x 8 % = 32,661.04
        None,
    ]
    assert (found.known_minor, found.unknown) == (451_833, ())
    assert found.known_minor == sum(line.amount_minor or 0 for line in found.lines)
    assert (found.share_verdict, found.freight_minor) == ("fair", 36_019)


def test_the_rates_of_the_day_are_used() -> None:
    """From 2027 the tax is ten per cent again: 408,263 x 10 % = 40,826.3."""
    before, after = cost(replace(OVENS, day=date(2026, 12, 31))), cost(replace(OVENS, day=date(2027, 1, 1)))
    assert [found.lines[6].amount_minor for found in (before, after)] == [32_661, 40_826]


def test_what_the_seller_pays_is_within_the_price() -> None:
    """DDP: the value at the border is the price; 25 % of 300,000, 8 % of 375,000, all the seller's."""
    found = cost(replace(OVENS, incoterm="DDP"))
    assert [line.payer for line in found.lines] == ["buyer", *["seller"] * 7]
    assert [line.amount_minor for line in found.lines[5:7]] == [75_000, 30_000]
    assert (found.known_minor, found.unknown) == (300_000, ())
    assert found.freight_minor == 36_019, "the share is of all carriage, whoever pays it"


@pytest.mark.parametrize(
    ("incoterm", "known_minor"),
    [
        ("EXW", 815_382),
        ("FCA", 815_382),
        ("FAS", 811_182),  # the road to the port is the seller's
        ("FOB", 811_182),
        ("CFR", 806_682),  # and the ship
        ("CIF", 804_000),  # and the insurance
        ("CPT", 802_682),  # all carriage, no insurance
        ("CIP", 800_000),
        ("DAP", 800_000),
        ("DPU", 800_000),
        ("DDP", 800_000),
    ],
)
def test_each_incoterm_splits_the_lines(incoterm: str, known_minor: int) -> None:
    found = cost(replace(PHONES, incoterm=incoterm))
    assert found.known_minor == known_minor
    assert found.unknown == (() if incoterm == "DDP" else ("duty", "import_tax"))


def test_every_incoterm_is_known_and_no_other() -> None:
    assert set(SELLER_PAYS) == set(INCOTERMS)


def test_g15_bulky_goods_are_warned_of_and_a_nearer_warehouse_is_suggested() -> None:
    """16.065 m3 x 333 = 5,349.645 kg by road; from Yiwu 3,420.76, from Shenzhen 3,153.19."""
    found = cost(SOFAS, "east")
    assert [line.amount_minor for line in found.lines[1:4]] == [44_937, 232_943, 64_196]
    assert (found.freight_minor, found.share_verdict) == (342_076, "high")
    assert found.suggestion is not None
    assert (found.suggestion.warehouse.id, found.suggestion.freight_minor) == ("south", 315_319)
    assert cost(SOFAS, "south").suggestion is None, "nothing is nearer"


@pytest.mark.parametrize(
    ("freight_minor", "verdict"),
    [(10_000, "good"), (10_001, "fair"), (20_000, "fair"), (20_001, "high")],
)
def test_g15_a_tenth_is_good_and_more_than_a_fifth_is_warned_of(freight_minor: int, verdict: str) -> None:
    found = cost(replace(PHONES, goods_minor=100_000))
    carriage = found.lines[1]
    assert carriage.leg is not None
    line = Line("carriage", "buyer", freight_minor, replace(carriage.leg, amount_minor=freight_minor))
    assert replace(found, lines=(found.lines[0], line)).share_verdict == verdict


@pytest.mark.parametrize("load_", [Load(None, 108_108_000), Load(36_200, None)])
def test_what_is_not_stated_of_the_goods_is_unknown_and_never_nothing(load_: Load) -> None:
    found = cost(replace(OVENS, load=load_))
    assert [line.amount_minor for line in found.lines[1:7]] == [None] * 6
    assert (found.known_minor, found.share, found.share_verdict) == (300_000, None, "unknown")
    assert found.unknown == ("carriage", "insurance", "duty", "import_tax")


def test_a_way_that_nobody_states_and_a_rate_that_nobody_states_are_unknown() -> None:
    for found in (cost(replace(OVENS, place="Da Nang")), cost(OVENS, None)):
        assert found.unknown == ("carriage", "insurance", "duty", "import_tax")
        assert found.known_minor == 300_000
    without = cost(OVENS, rates=())
    assert without.lines[1].amount_minor is None, "yuan into dollars"
    assert without.lines[2].amount_minor == 18_428, "what is asked in dollars needs no rate"
    assert "carriage" in without.unknown


def test_one_code_without_a_rate_makes_the_duty_unknown() -> None:
    assert cost(replace(OVENS, pieces_by_hs={"851650": 99, "610910": 1})).lines[5].amount_minor is None
    assert cost(replace(OVENS, pieces_by_hs=None)).lines[5].amount_minor is None


def test_a_stated_rate_of_nothing_is_no_unknown() -> None:
    found = cost(replace(OVENS, pieces_by_hs={"851762": 100}))
    assert found.lines[5].amount_minor == 0
    assert found.unknown == ("import_tax",)


def test_mixed_codes_are_charged_on_their_share_of_the_value() -> None:
    """326,610 in three pieces to one: 244,958 and 81,652; the first bears 25 %, which is 61,239.5."""
    found = cost(replace(OVENS, pieces_by_hs={"851650": 3, "851762": 1}))
    assert found.lines[5].amount_minor == 61_240


def test_a_leg_charges_mass_or_space_whichever_is_more() -> None:
    road, sea = FREIGHT.way("south", "VN", "Hai Phong")[:2]
    assert charged_units(road, Load(1_250_000, 4_095_000_000)) == Fraction("1363.635")
    assert charged_units(road, Load(2_000_000, 1_000_000_000)) == 2000
    assert charged_units(sea, Load(2_000_000, 1_000_000_000)) == 2
    [charged] = charges([sea], Load(2_000_000, 1_000_000_000), "USD", [])
    assert (charged.amount_minor, charged.charged_milli) == (9_000, 2_000)


def test_currencies_of_other_minor_units_are_turned_exactly() -> None:
    """300.00 CNY at 3,500 dong each are 1,050,000 dong, which have no smaller unit."""
    dong = Exchange("CNY", "VND", Decimal(3500), "test", DAY)
    [charged] = charges(FREIGHT.way("south", "VN", "Hai Phong")[:1], PHONES.load, "VND", [dong])
    assert (charged.amount_minor, charged.exchange) == (1_050_000, dong)


def test_pieces_are_weighed_and_packed_as_the_lot_is() -> None:
    carton = {"phone": Carton(40, (420, 330, 260))}
    phone = Parcel("phone", 200, 362, None)
    assert load_of([phone], 100, carton) == Load(36_200, 3 * 36_036_000)
    assert load_of([phone, Parcel("phone", 200, 400, None)], 100, carton).gross_g == 38_100
    ovens = Parcel("microwave", 10, 12_500, (450, 350, 260))
    assert load_of([ovens], 4, carton) == Load(50_000, 163_800_000)
    assert load_of([ovens, Parcel("microwave", 1, None, None)], 4, carton) == Load(None, None)
    assert load_of([], 4, carton) == Load(None, None)
