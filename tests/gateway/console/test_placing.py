"""What is due with a lot, from what is known of it."""

from datetime import date

import pytest

from gateway.console.placing import Around, age_months, flags, is_ageing, next_step, stage
from ledger.lots.state import Hand, Inspection, LotState
from ledger.records.intake import SplitKey

HOUSE = "party:house"
TODAY = date(2026, 11, 22)
FOUND = Inspection(
    event_id="00",
    index=7,
    coverage="full",
    scheme="electronics/1",
    grades={"A": 6, "B": 4},
    label_states=[],
    score_min=81,
    measured_at="2026-11-20",
    third_party=False,
    by=[Hand(party="party:inspector", key="k")],
)
DECLARED = LotState(
    title="party:supplier",
    custody="party:supplier",
    category="phone",
    goods="finished",
    brand="星野",
    model=None,
    condition="used",
    unit="H87",
    produced_from="2025-11-22",
    produced_until="2026-01-01",
    origin_channel=None,
    origin_country="CN",
    surplus_cause="season_end",
    supply_mode="buyout",
    quantity=10,
    declared=10,
)
HERE = DECLARED.model_copy(update={"received": True, "custody": HOUSE, "title": HOUSE})
GRADED = HERE.model_copy(update={"inspection": FOUND, "unclaimed": {"A": 6, "B": 4}})
SORTED = GRADED.model_copy(update={"unclaimed": {"A": 10}, "grade": "A", "key": SplitKey(grade="A")})
CODED = SORTED.model_copy(update={"codes": {"lot": 1, "article": 10}})


def around(**known: object) -> Around:
    return Around(keeper=HOUSE, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lot", "known", "place", "step"),
    [
        (DECLARED, {}, "receive", "receive"),
        (HERE, {}, "assign", "assign-inspection"),
        (HERE, {"open_work": frozenset({"inspection"})}, "inspect", "measure"),
        (SORTED, {"open_work": frozenset({"refurbishment"})}, "repair", "measure"),
        (GRADED, {}, "split", "split-found"),
        (SORTED, {}, "label", "issue-codes"),
        (CODED, {}, "offer", "offer"),
        (CODED, {"reasons": ("safety-unclassified",)}, "blocked", "classify"),
        (CODED, {"reasons": ("territory-excluded",)}, "blocked", ""),
        (CODED.model_copy(update={"listings": 1}), {}, "offered", ""),
        (CODED.model_copy(update={"sold": 10}), {}, "sold", ""),
        (HERE.model_copy(update={"overage": True}), {}, "apart", "dispose"),
        (HERE.model_copy(update={"quantity": 0, "exit": "lost", "exited": 10}), {}, "gone", "found"),
        (HERE.model_copy(update={"quantity": 0, "exit": "destroyed"}), {}, "gone", ""),
    ],
)
def test_a_lot_goes_from_the_door_to_an_offer_one_step_at_a_time(
    lot: LotState, known: dict[str, object], place: str, step: str
) -> None:
    assert (stage(lot, around(**known)), next_step(lot, around(**known)).slug) == (place, step)


def test_repaired_goods_are_to_be_inspected_by_somebody_else() -> None:
    repaired = SORTED.model_copy(
        update={"changed_since_inspection": True, "refurbishers": [Hand(party="party:shop", key="k")]}
    )
    assert next_step(repaired, around()).why == "reinspect"


def test_goods_that_are_sold_unsorted_are_not_to_be_sorted() -> None:
    mixed = GRADED.model_copy(update={"grade": "B", "mixed": True})
    assert stage(mixed, around()) == "label"


def test_what_was_only_sampled_cannot_be_sorted() -> None:
    sampled = GRADED.model_copy(update={"unclaimed": {"A": 2}})
    assert stage(sampled, around()) != "split"


def test_a_lot_in_other_hands_and_one_that_waits_ask_nothing_of_the_bench() -> None:
    elsewhere = HERE.model_copy(update={"custody": "party:carrier"})
    assert next_step(elsewhere, around()).why == "kept-elsewhere"
    assert next_step(HERE, around(waiting=True)).why == "waits-for-signature"
    assert next_step(CODED, around(recalled=True)).why == "recalled"


def test_l28_goods_are_called_old_at_24_months_to_the_day() -> None:
    assert is_ageing("2024-11-22", TODAY)
    assert not is_ageing("2024-11-23", TODAY)
    assert age_months("2027-01-01", TODAY) == 0
    old = HERE.model_copy(update={"produced_from": "2024-11-22"})
    assert flags(old, around(), TODAY) == {"ageing"}
    assert flags(old.model_copy(update={"sold": 10}), around(), TODAY) == frozenset()
    assert flags(HERE.model_copy(update={"overage": True}), around(recalled=True), TODAY) == {
        "overage",
        "recalled",
    }
