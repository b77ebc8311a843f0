"""G14: packing adds up, each leg is judged by its plan and the promise, and states follow one table."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporters import codes
from gateway.policies import load
from gateway.trade import lateness, packing
from gateway.trade.lateness import Leg, days, problems, way
from gateway.trade.packing import Carton, CartonKind, Content, Pallet, Piece, faults
from gateway.trade.shipment_states import HERE, LEFT, LIVE, STATES, TRANSITIONS, may_follow
from gateway.trade.shipping import is_container_number

KINDS = {"phone": CartonKind(40, (420, 330, 260)), "apparel": CartonKind(60, (600, 400, 400))}
PIECES = st.lists(
    st.builds(
        lambda line, quantity, category, net, tare: (line, quantity, category, net, net + tare),
        st.integers(1, 4),
        st.integers(1, 500),
        st.sampled_from(["phone", "apparel", "sofa"]),
        st.integers(1, 40_000),
        st.integers(0, 2_000),
    ),
    min_size=1,
    max_size=8,
)


def _pieces(drawn: list[tuple[int, int, str, int, int]]) -> list[Piece]:
    """Parts of one line follow each other and are of one product, as a shipment has them."""
    by_line = {line: (category, net, gross) for line, _, category, net, gross in drawn}
    ordered = sorted(drawn, key=lambda one: one[0])
    return [
        Piece(number, line, quantity, *by_line[line], size=(900, 800, 700))
        for number, (line, quantity, *_) in enumerate(ordered, start=1)
    ]


@given(PIECES)
@settings(max_examples=120, deadline=None)
def test_a_proposal_always_balances(drawn: list[tuple[int, int, str, int, int]]) -> None:
    """Every piece lies in one carton, none is over full, and masses are those of what lies in it (I7)."""
    pieces = _pieces(drawn)
    cartons = packing.propose(pieces, KINDS)
    assert faults(pieces, cartons, ()) == []
    assert sum(one.pieces for one in cartons) == sum(one.quantity for one in pieces)
    assert sum(one.net_mass_g for one in cartons) == sum(one.quantity * one.net_mass_g for one in pieces)
    assert sum(one.gross_mass_g for one in cartons) == sum(one.quantity * one.gross_mass_g for one in pieces)
    assert [one.number for one in cartons] == list(range(1, len(cartons) + 1))
    line_of, kind_of = {p.part: p.line for p in pieces}, {p.line: p.category for p in pieces}
    for one in cartons:
        lines = {line_of[content.part] for content in one.contents}
        assert len(lines) == 1, "a carton holds one line, so that customs finds what the invoice says"
        kind = KINDS.get(kind_of[lines.pop()])
        assert one.pieces <= (kind.pieces if kind else 1)
    assert packing.propose(pieces, KINDS) == cartons


@given(PIECES, st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_stacking_keeps_every_carton_and_adds_the_pallets_own_mass(
    drawn: list[tuple[int, int, str, int, int]], per_pallet: int
) -> None:
    pieces = _pieces(drawn)
    cartons = packing.propose(pieces, KINDS)
    stacked, pallets = packing.stack(
        cartons, per_pallet=per_pallet, tare_g=20_000, footprint=(1200, 1000), base_mm=150
    )
    assert faults(pieces, stacked, pallets) == []
    assert [replace(one, pallet=0) for one in stacked] == list(cartons)
    assert len(pallets) == -(-len(cartons) // per_pallet)
    total = sum(one.gross_mass_g for one in cartons)
    assert sum(one.gross_mass_g for one in pallets) == total + 20_000 * len(pallets)


PHONES = Piece(1, 1, 50, "phone", 200, 350)
FULL = Carton(1, (Content(1, 40),), 8_000, 14_000)
REST = Carton(2, (Content(1, 10),), 2_000, 3_500)


@pytest.mark.parametrize(
    ("cartons", "pallets", "field", "slug"),
    [
        ((FULL,), (), "parts.1", "pieces-differ"),
        ((FULL, REST, replace(REST, number=3)), (), "parts.1", "pieces-differ"),
        ((FULL, REST, Carton(3, (), 0, 500)), (), "cartons.3", "carton-empty"),
        ((FULL, replace(REST, contents=(Content(1, 10), Content(9, 1)))), (), "parts.9", "pieces-differ"),
        ((FULL, replace(REST, gross_mass_g=1_999)), (), "cartons.2.gross_mass_g", "gross-below-net"),
        ((FULL, replace(REST, gross_mass_g=0)), (), "cartons.2.gross_mass_g", "mass-missing"),
        ((FULL, replace(REST, pallet=2)), (), "cartons.2.pallet", "pallet-unknown"),
        ((replace(FULL, pallet=1), REST), (Pallet(1, 40_000),), "cartons.2.pallet", "carton-on-no-pallet"),
        (
            (replace(FULL, pallet=1), replace(REST, pallet=1)),
            (Pallet(1, 17_499),),
            "pallets.1.gross_mass_g",
            "pallet-too-light",
        ),
        (
            (replace(FULL, pallet=1), replace(REST, pallet=1)),
            (Pallet(1, 40_000), Pallet(2, 20_000)),
            "pallets.2",
            "pallet-empty",
        ),
    ],
)
def test_what_does_not_add_up_is_named_by_its_field(
    cartons: tuple[Carton, ...], pallets: tuple[Pallet, ...], field: str, slug: str
) -> None:
    assert [(one.field, one.slug) for one in faults([PHONES], cartons, pallets)] == [(field, slug)]


START = datetime(2026, 11, 22, 8, tzinfo=UTC)
PROMISED = START + timedelta(days=7)
LEGS = load.shipping().markets["VN"].plan(START)  # land, sea, land


def _hours(count: float) -> datetime:
    return START + timedelta(hours=count)


def test_the_usual_way_to_viet_nam_is_land_and_sea_within_seven_days() -> None:
    assert load.shipping().markets["VN"].promise_days == 7
    assert {leg.mode for leg in LEGS} == {"land", "sea"}
    assert problems(LEGS, START) == []
    found = way(LEGS, promised_at=PROMISED, now=START)
    assert found.expected_at <= PROMISED
    assert (days(found.late), [one.progress for one in found.legs]) == (0, ["next"] * 3)


def test_a_leg_that_is_late_makes_the_next_ones_late_and_says_whose_hours_they_are() -> None:
    first = replace(LEGS[0], atd=_hours(0), ata=_hours(12))
    second = replace(LEGS[1], atd=_hours(48))  # planned at 24, to arrive at 120
    found = way([first, second, LEGS[2]], promised_at=PROMISED, now=_hours(60))
    land, sea, last = found.legs
    assert [one.progress for one in found.legs] == ["done", "now", "next"]
    assert (land.late, land.own) == (timedelta(0), timedelta(0))
    assert (sea.arrives_at, sea.late, sea.own) == (_hours(144), timedelta(hours=24), timedelta(hours=24))
    assert last.departs_at == _hours(144), "it leaves when the ship is there, which is after its plan"
    assert (last.arrives_at, last.late) == (_hours(168), timedelta(hours=12))
    assert last.own == timedelta(hours=-12), "it makes up for half of it: it had time to spare"
    assert (found.expected_at, days(found.late)) == (PROMISED, 0)
    assert sea.behind_promise == timedelta(hours=144 + 36 - 168)


def test_what_should_have_happened_by_now_happens_now_at_the_earliest() -> None:
    waiting = way(LEGS, promised_at=PROMISED, now=_hours(30))
    assert waiting.legs[0].departs_at == _hours(30)
    assert waiting.legs[0].late == timedelta(hours=30)
    sailing = [replace(LEGS[0], atd=_hours(0), ata=_hours(10)), replace(LEGS[1], atd=_hours(24)), LEGS[2]]
    late = way(sailing, promised_at=PROMISED, now=_hours(200))
    assert late.legs[1].arrives_at == _hours(200)
    assert late.legs[1].late == timedelta(hours=80)
    assert (late.late, days(late.late)) == (timedelta(hours=224 - 168), 3)


def test_a_begun_day_counts() -> None:
    assert [days(timedelta(hours=n)) for n in (-5, 0, 1, 24, 25)] == [0, 0, 1, 1, 2]
    assert days(timedelta(minutes=59)) == 0, "plans are made to the hour"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({1: {"eta": _hours(-1)}}, [("legs.1.eta", "arrives-before-it-leaves")]),
        ({2: {"etd": _hours(11)}}, [("legs.2.etd", "leaves-before-it-is-there")]),
        ({1: {"ata": _hours(3)}}, [("legs.1.atd", "never-left")]),
        ({1: {"atd": _hours(5), "ata": _hours(4)}}, [("legs.1.ata", "arrives-before-it-leaves")]),
        ({2: {"atd": _hours(25)}}, [("legs.2.atd", "leaves-before-it-is-there")]),
        ({1: {"atd": _hours(500)}}, [("legs.1.atd", "not-happened-yet")]),
        ({1: {"atd": _hours(1), "ata": _hours(9)}, 2: {"atd": _hours(9)}}, []),
    ],
)
def test_times_that_cannot_be_are_named(
    changed: dict[int, dict[str, datetime]], expected: list[tuple[str, str]]
) -> None:
    legs = [replace(leg, **changed.get(leg.number, {})) for leg in LEGS]
    assert problems(legs, _hours(400)) == expected


def test_a_way_has_a_leg() -> None:
    assert problems([], START) == [("legs", "legs-missing")]


@given(
    st.lists(st.tuples(st.integers(1, 200), st.integers(0, 60)), min_size=1, max_size=5),
    st.integers(0, 2_000),
)
@settings(max_examples=100, deadline=None)
def test_own_delays_add_up_to_the_whole(spans: list[tuple[int, int]], now: int) -> None:
    legs, at = [], 0
    for number, (travel, wait) in enumerate(spans, start=1):
        legs.append(Leg(number, "sea", "", "A", "B", _hours(at), _hours(at + travel)))
        at += travel + wait
    found = way(legs, promised_at=PROMISED, now=_hours(now))
    assert sum((one.own for one in found.legs), timedelta(0)) == found.expected_at - legs[-1].eta
    for before, after in zip(found.legs, found.legs[1:], strict=False):
        assert after.departs_at >= before.arrives_at
    assert found.late == max(timedelta(0), found.expected_at - PROMISED)


def test_states_follow_one_table() -> None:
    assert set(TRANSITIONS) == set(STATES)
    assert HERE | LEFT | {"cancelled"} == set(STATES)
    assert set(STATES) - {"cancelled"} == LIVE
    usual = ("planned", "packed", "documents_ready", "dispatched", "in_transit", "at_border", "in_transit")
    for state, following in zip(usual, (*usual[1:], "delivered"), strict=True):
        assert may_follow(state, following), (state, following)  # type: ignore[arg-type]
    assert not any(may_follow(one, "cancelled") for one in LEFT), "what left is not taken apart"
    assert TRANSITIONS["cancelled"] == TRANSITIONS["returned"] == frozenset()
    assert not may_follow("packed", "dispatched"), "nothing leaves without its documents"


def test_an_sscc_has_eighteen_digits_and_its_check_digit() -> None:
    """GS1 GenSpecs §2.2.1; 952 is GS1's prefix for examples."""
    numbering = load.shipping().sscc
    made = [numbering.sscc(serial) for serial in range(1, 200)]
    assert len(set(made)) == len(made)
    assert all(codes.is_sscc(one) and one[1:].startswith("952") for one in made)


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("CSQU3054383", True),  # the example of ISO 6346
        ("CSQU3054384", False),
        ("csqu3054383", False),
        ("CSQU305438", False),
        ("CSQX3054383", False),
        ("", False),
    ],
)
def test_a_container_number_has_its_check_digit(number: str, valid: bool) -> None:
    assert is_container_number(number) is valid


def test_the_promise_is_kept_by_every_usual_way() -> None:
    for market, to in load.shipping().markets.items():
        found = lateness.way(to.plan(START), promised_at=START + timedelta(days=to.promise_days), now=START)
        assert not found.late, market
        assert len(to.legs) >= 2
