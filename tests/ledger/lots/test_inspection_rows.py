"""Inspection, grading, devices and repairs, by the rows of the commerce reference that ask for them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exporters.audit_pack import check_words
from ledger import pack
from ledger.author import Draft, described
from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots.coverage import at_least, level
from ledger.lots.distrust import rests_on
from ledger.lots.sampling import draw
from ledger.lots.state import DeviceState, PartyState, Signed
from tests.exporters.packs import alone, made
from tests.ledger.inspecting import (
    SECOND_WORKER,
    SEED,
    UNITS,
    assigned,
    audited,
    batch,
    by,
    calibrated,
    device_rows,
    inspected,
    insured,
    joined,
    party,
    planned,
    results,
    sample,
    stored,
    with_rows,
)
from tests.ledger.world import LOT, PARTIES, WORKER, World, but, hand, ident, registrar, signer

TODAY = "2026-11-20"
Bend = Callable[[Draft], Draft]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Sixty phones received, one inspection assigned, nothing planned. Only judged, never written to."""
    world = joined(World(tmp_path_factory.mktemp("ready")).play("granted"))
    assigned(world)
    yield world
    world.close()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """As ``ready``, to write to."""
    world = joined(World(tmp_path).play("granted"))
    assigned(world)
    yield world
    world.close()


def with_sample(world: World, scratches: dict[int, str] | None = None, **data: Any) -> Draft:
    """The planned sample, all perfect but for ``scratches``."""
    found = dict.fromkeys(sample(), "0") | (scratches or {})
    return inspected(world, results(world, dict(sorted(found.items()))), **{"coverage": "sample", **data})


def refused(world: World, draft: Draft, message: str, error: type[InvalidRecord] = InvalidRecord) -> None:
    """Neither the writer takes the draft nor does anything of it stay."""
    with world.database.reading() as connection:
        size = connection.exec_driver_sql("SELECT count(*) FROM entries").scalar_one()
    with pytest.raises(error, match=message):
        world.writer.record(world.submission(draft))
    with world.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM entries").scalar_one() == size


# L12: a sample is planned before its results


def test_l12_plan_and_seed_stand_before_the_results_and_draw_the_same_sample_again(here: World) -> None:
    plan = here.record(planned(here))
    found = here.record(with_sample(here))
    assert plan.index < found.index
    state = here.state(LOT).inspection.sample
    again = draw(bytes.fromhex(state.sample.seed), lot_size=state.sample.lot_size, sample_size=13)
    assert [row["unit"] for row in stored(here, found.event_id)] == again
    assert (state.sample.planned, state.verdict, state.nonconforming) == (plan.event_id, "accepted", 0)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"sample_size": 8}, "/data/sample_size: the tables say 13"),
        ({"accept": 2}, "/data/accept: the tables say 1"),
        ({"reject": 3}, "/data/reject: the tables say 2"),
        ({"lot_size": 50}, "/data/lot_size: the lot has 60 units"),
        ({"aql": "3.9"}, "/data/aql: is none of the AQLs"),
        ({"tables": {"id": "iso2859_1", "version": "1", "sha256": "ab" * 32}}, "/data/tables: no sampling"),
        ({"inspection_level": "IV"}, "/data/inspection_level"),
        ({"seed": "ab"}, "/data/seed"),
    ],
)
def test_l12_a_plan_that_is_not_the_tables_is_refused(
    ready: World, data: dict[str, Any], message: str
) -> None:
    refused(ready, planned(ready, data=data), message)


def test_l12_another_sample_than_the_planned_one_is_refused(here: World) -> None:
    here.record(planned(here))
    other = next(unit for unit in range(UNITS) if unit not in sample())
    units = sorted([*sample()[1:], other])
    draft = inspected(here, results(here, dict.fromkeys(units, "0")), coverage="sample")
    refused(here, draft, f"unit {other} was not drawn; unit {sample()[0]} was drawn and has no result")
    fewer = inspected(here, results(here, dict.fromkeys(sample()[1:], "0")), coverage="sample")
    refused(here, fewer, "the sample has 13 units")
    refused(here, with_sample(here, coverage="documents"), "a sample of this work is planned")


def test_l12_a_plan_is_made_once_and_by_the_one_who_has_the_work(here: World) -> None:
    here.record(planned(here))
    refused(here, planned(here, data={"seed": "ab" * 32}), "is planned already")
    stranger = [hand("inspector", "inspector")]
    with pytest.raises(NotYourLot):
        here.judge(planned(here, hands=stranger))


def test_l12_a_second_draw_shows(here: World) -> None:
    """Whoever drops a plan and has another work assigned leaves both in the lot's history."""
    here.record(planned(here))
    assigned(here, "inspection two")
    here.record(planned(here, "inspection two"))
    here.record(replace(with_sample(here), subjects=sorted([LOT, ident("work", "inspection two")])))
    assert here.state(LOT).inspection.sample.draws == 2
    assert here.state(LOT).draws == 0


def test_l12_results_are_judged_against_the_plan(here: World) -> None:
    here.record(planned(here))
    worst = sample()[:2]
    passing = here.judge(with_sample(here, {worst[0]: "24"})).subjects[LOT].state
    failing = here.judge(with_sample(here, dict.fromkeys(worst, "24"))).subjects[LOT].state
    assert [lot.inspection.sample.verdict for lot in (passing, failing)] == ["accepted", "rejected"]
    assert [level(lot, TODAY) for lot in (passing, failing)] == ["sample", "documents"]


def test_l12_an_accepted_sample_grades_the_lot_by_its_worst_unit(here: World) -> None:
    here.record(planned(here))
    refused(here, with_sample(here, {sample()[0]: "24"}, lot_grade="A"), "the lowest grade found is C")
    both = dict.fromkeys(sample()[:2], "24")
    refused(here, with_sample(here, both, lot_grade="C"), "an accepted sample grades a whole lot")
    here.record(with_sample(here, {sample()[0]: "9"}, lot_grade="B"))
    lot = here.state(LOT)
    assert (lot.grade, lot.mixed) == ("B", True)
    here.judge(here.listed(LOT))


# L13: the level that is shown is proven


def test_l13_full_needs_as_many_results_as_units(ready: World) -> None:
    short = inspected(ready, results(ready, dict.fromkeys(range(UNITS - 1), "0")))
    refused(ready, short, "59 units graded, the lot has 60")
    lot = ready.judge(inspected(ready, results(ready, dict.fromkeys(range(UNITS), "0")))).subjects[LOT].state
    assert level(lot, TODAY) == "full"
    twice = results(ready, dict.fromkeys(range(UNITS - 1), "0"))
    refused(ready, inspected(ready, [*twice, twice[0]]), "name a source twice")
    doubled = [{**row, "quantity": 2} for row in results(ready, dict.fromkeys(range(0, UNITS, 2), "0"))]
    for row in doubled:
        del row["unit"]
    claimed = inspected(ready, doubled, grades=[{"grade": "A", "count": UNITS}])
    assert ready.judge(claimed)  # tallies of units found alike count as results, and say so


def test_l13_a_sample_without_a_plan_proves_no_more_than_documents(ready: World) -> None:
    draft = inspected(ready, results(ready, dict.fromkeys(range(13), "0")), coverage="sample")
    lot = ready.judge(draft).subjects[LOT].state
    assert level(lot, TODAY) == "documents"
    assert lot.grade is None
    refused(ready, replace(draft, data={**draft.data, "lot_grade": "A"}), "only a full inspection")


def test_l13_levels_can_be_filtered(ready: World) -> None:
    lot = ready.judge(inspected(ready, results(ready, dict.fromkeys(range(UNITS), "0")))).subjects[LOT].state
    assert at_least(lot, "sample", TODAY)
    assert not at_least(lot, "third_party", TODAY)
    assert level(ready.state(LOT), TODAY) == "none"


def test_l13_units_of_a_lot_without_rows_are_numbered(tmp_path: Path) -> None:
    world = World(tmp_path).play("granted")
    world.record(world.declared(data={"manifest": None}, rows=()))
    world.record(world.received())
    world.record(world.assigned())
    facts = [{"unit": unit, "measured": {"boots": "no"}} for unit in (0, 1, 3, 4)]
    draft = replace(
        inspected(world, [*facts, {"unit": 2, "measured": {"boots": "no"}}]),
        hands=[hand("inspector", "inspector")],
    )
    assert world.judge(draft).subjects[LOT].state.grade == "X"
    refused(world, with_rows(draft, [*facts, {"unit": 5, "measured": {"boots": "no"}}]), "is no unit")
    refused(world, with_rows(draft, [*facts, facts[0]]), "name a source twice")
    world.close()


@pytest.mark.parametrize(
    ("bend", "message"),
    [
        ({"unit": True}, "/rows/1/unit: is no unit of the lot"),
        ({"unit": -1}, "/rows/1/unit: is no unit of the lot"),
        ({"unit": 60}, "/rows/1/unit: is no unit of the lot"),
        ({"unit": "1"}, "/rows/1/unit: is no unit of the lot"),
        ({"unit": 2}, "/rows/1/src: row 2 of the lot is this unit"),
        ({"src": {"event_id": "ab" * 32, "n": 1}}, "names its source row in the lot's manifest"),
        ({"src": {"n": 1}}, "names its source row in the lot's manifest"),
        ({"quantity": 2}, "61 units graded|the rows give"),
        ({"quantity": 2**40}, "the rows give"),
        ({"device": {"event_id": "ab" * 32, "n": 0}}, "/rows/1/device: is no result of a device"),
        ({"device": "tester"}, "/rows/1/device: names a batch and a row of it"),
        ({"device": {"event_id": "ab" * 32, "n": -1}}, "/rows/1/device: names a batch and a row of it"),
    ],
)
def test_l13_a_row_that_is_about_no_unit_is_refused(ready: World, bend: dict[str, Any], message: str) -> None:
    facts = results(ready, dict.fromkeys(range(UNITS), "0"))
    draft = inspected(ready, facts)
    refused(ready, with_rows(draft, [facts[0], {**facts[1], **bend}, *facts[2:]]), message)


# L15 and L16: grades by versioned rules. L17: every score has a grade (see also test_grading)


def test_l15_a_missing_input_is_ungraded_and_not_c(here: World) -> None:
    facts = results(here, dict.fromkeys(range(UNITS), "0"))
    del facts[7]["measured"]["battery"]
    here.record(inspected(here, facts))
    assert here.state(LOT).inspection.grades == {"A": UNITS - 1, "ungraded": 1}
    lying = [{"grade": "A", "count": UNITS - 1}, {"grade": "C", "count": 1}]
    assigned(here, "inspection two")
    refused(
        here,
        inspected(here, facts, work="inspection two", grades=lying),
        r"/data/grades: the rows give \{'A': 59, 'ungraded': 1\}",
    )


def test_l15_l18_mixed_goods_sold_unsorted_have_the_lowest_grade(here: World) -> None:
    scratches = dict.fromkeys(range(UNITS), "0") | {3: "9", 4: "24"}
    facts = results(here, scratches)
    refused(here, inspected(here, facts, lot_grade="B"), "the lowest grade found is C")
    here.record(inspected(here, facts, lot_grade="C"))
    lot = here.state(LOT)
    assert (lot.grade, lot.mixed, lot.inspection.grades) == ("C", True, {"A": 58, "B": 1, "C": 1})
    here.judge(here.listed(LOT))


def divided(world: World, parts: list[tuple[str, int, dict[str, Any]]]) -> Draft:
    """The lot split into parts (name, units, key) that follow one another; the rest stays."""
    named = sorted((ident("lot", name), units, key) for name, units, key in parts)
    rows, children, first = [], [], 0
    for name, units, key in named:
        rows.append(world.sourced(LOT, [{}] * units, first=first, part=name))
        first += units
        manifest = described(rows[-1], "phone-split/1")
        children.append({"id": name, "quantity": units, "key": key, "manifest": manifest})
    rest = world.sourced(LOT, [{}] * (UNITS - first), first=first)
    remaining = {"quantity": UNITS - first, "manifest": described(rest, "phone-split/1")}
    subjects = sorted([LOT, *(name for name, _, _ in named)])
    data = {"children": children, "remaining": remaining}
    hands = [hand("operator", "custodian")]
    return Draft("lot.split", hands, data, subjects, rows=[*rows, rest])


def test_l18_unsorted_goods_are_sorted_whole_or_stay_of_the_lowest_grade(here: World) -> None:
    facts = results(here, dict.fromkeys(range(UNITS), "0") | {3: "24"})
    here.record(inspected(here, facts, lot_grade="C"))
    half = divided(here, [("a", 30, {}), ("b", 20, {"grade": "A"})])
    refused(here, half, "sorted whole or not at all")
    refused(
        here,
        divided(here, [("a", 50, {"grade": "A"}), ("b", 9, {"grade": "C"})]),
        "9 units of grade C, 1 were found",
    )
    better = here.judge(divided(here, [("b", 59, {"grade": "A"})])).subjects[ident("lot", "b")].state
    assert (better.grade, better.mixed) == ("A", False)
    here.record(divided(here, [("a", 30, {})]))
    child = here.state(ident("lot", "a"))
    assert (child.grade, child.mixed, child.unclaimed) == ("C", True, {})
    assert here.state(LOT).unclaimed == {}, "nobody knows any more which units are left"


def test_l11_some_cut_labels_in_an_unsorted_lot_need_the_clause_as_well(here: World) -> None:
    facts = results(here, dict.fromkeys(range(UNITS), "0"))
    facts[8]["label_state"] = "cut"
    here.record(inspected(here, facts))
    lot = here.state(LOT)
    assert (lot.label_state, lot.may_be_cut) == (None, True)
    refused(here, here.listed(LOT, data={"depth_max": 2}), "does not allow cut labels", NotYourLot)


def test_l15_an_override_has_a_reason_and_shows(here: World) -> None:
    facts = results(here, dict.fromkeys(range(UNITS), "0"))
    facts[5] = {**facts[5], "override": {"grade": "B", "reason": "odour"}}
    told = [{"found": "A", "given": "B", "reason": "odour", "count": 1}]
    refused(here, inspected(here, facts), "/data/overrides: the rows give other grades")
    mute = [*facts[:5], {**facts[5], "override": {"grade": "B", "reason": ""}}, *facts[6:]]
    refused(here, inspected(here, mute, overrides=told), "/rows/5/override/reason: an override has a reason")
    here.record(inspected(here, facts, overrides=told))
    lot = here.state(LOT)
    assert (lot.inspection.overridden, lot.inspection.grades, lot.grade) == (1, {"A": 59, "B": 1}, None)


@pytest.mark.parametrize("measured", [{"boots": "no"}, {"battery": None}], ids=["X", "ungraded"])
def test_l15_no_override_lifts_what_is_broken_or_was_not_measured(
    ready: World, measured: dict[str, Any]
) -> None:
    facts = results(ready, dict.fromkeys(range(UNITS), "0"))
    facts[0]["measured"] = {k: v for k, v in {**facts[0]["measured"], **measured}.items() if v is not None}
    facts[0]["override"] = {"grade": "C", "reason": "looks_fine"}
    told = [{"found": "C", "given": "B", "reason": "looks_fine", "count": 1}]
    refused(ready, inspected(ready, facts, overrides=told), "/rows/0/override: what is .* stays so")


def test_a_lot_with_sold_units_is_inspected_again_for_what_remains(here: World) -> None:
    here.record(inspected(here, results(here, dict.fromkeys(range(UNITS), "0"))))
    here.record(here.listed(LOT))
    here.record(here.sold(20, LOT))
    assigned(here, "inspection two")
    rest = results(here, dict.fromkeys(range(20, UNITS), "9"))
    refused(here, inspected(here, rest, work="inspection two"), "withdraw it first")
    withdrawn = but(here.listed(LOT), type="lot.withdrawn", refs=[])
    here.record(replace(withdrawn, data={"reason": "recall"}))
    everything = results(here, dict.fromkeys(range(UNITS), "9"))
    refused(here, inspected(here, everything, work="inspection two"), "60 units graded, the lot has 40")
    here.record(inspected(here, rest, work="inspection two"))
    lot = here.state(LOT)
    assert (lot.grade, lot.sold, lot.quantity, level(lot, TODAY)) == ("B", 20, UNITS, "full")
    here.record(here.listed(LOT))
    refused(here, here.sold(41, LOT, data={"grade": "B"}), "40 are left to sell")
    here.record(here.sold(40, LOT, data={"grade": "B"}))


def test_a_new_inspection_of_all_says_what_the_labels_are(world: World) -> None:
    """A thief with the inspector's key called cut labels intact; a good key sets it right."""
    world.play("codes")
    child = world.next_draft("listed").subjects[0]
    stolen = world.state(child).inspection
    key = signer("inspector", "inspector").id
    data = {"key": key, "reason": "compromised", "distrust_from_index": stolen.index}
    world.record(Draft("key.revoked", [registrar(1), registrar(2)], data, [PARTIES["inspector"]]))
    fresh = world.key("inspector", "fresh", ["lot.inspected:inspector"])
    world.record(fresh)
    world.record(world.assigned("inspection two", "inspector", child))
    facts = [{**row, "label_state": "cut"} for row in results(world, dict.fromkeys(range(3), "0"), child)]
    for row in facts:
        del row["unit"]
    draft = inspected(world, facts, work="inspection two", lot=child)
    world.record(replace(draft, hands=[hand("inspector", "inspector", "fresh")]))
    lot = world.state(child)
    assert (lot.label_state, lot.inspection.label_states) == ("cut", ["cut"])
    assert not rests_on(child, lot, subject=LOT, type_="lot.inspected", event_id=stolen.event_id)
    world.record(world.listed(child))


# L19: who repaired does not grade, and the state before stays readable


def repair(world: World, steps: list[dict[str, Any]], **changes: Any) -> Draft:
    facts = results(world, dict.fromkeys(range(3), "0"))
    rows = [{"src": row["src"], "unit": row["unit"], "steps": steps} for row in facts]
    counted = [{"kind": step["kind"], "count": 3} for step in steps]
    work = ident("work", "refurbishment")
    draft = Draft(
        "lot.refurbished",
        [hand("refurbisher", "refurbisher")],
        {"steps": counted, "manifest": {"schema": "repairs/2", "count": 1, "rows_root": "00" * 32}},
        sorted([LOT, work]),
        committed={"photos": ["aa" * 32]},
        performed_by=WORKER,
    )
    return but(with_rows(draft, rows), **changes)


BATTERY = {
    "kind": "battery_replaced",
    "part_origin": "compatible",
    "before": {"health": {"value": "71", "unit": "P1"}, "cycles": 812, "serial": "OLD 1"},
    "after": {"health": {"value": "100", "unit": "P1"}, "cycles": 0, "serial": "NEW 1"},
}
WIPE = {"kind": "data_wiped", "method": "purge", "certificate": "ab" * 32}
FABRIC = {"kind": "fabric_repaired", "place": "left arm", "area": "12.5"}


@pytest.fixture
def inspected_once(here: World) -> World:
    here.record(inspected(here, results(here, dict.fromkeys(range(UNITS), "9"))))
    work = here.assigned("refurbishment", "refurbisher")
    here.record(work)
    return here


def test_l19_battery_reset_wipe_fabric_cleaning_and_repackaging_are_recorded_unit_by_unit(
    inspected_once: World,
) -> None:
    world = inspected_once
    others: list[dict[str, Any]] = [{"kind": kind} for kind in ("system_reset", "cleaned", "repackaged")]
    entry = world.record(repair(world, [BATTERY, WIPE, FABRIC, *others]))
    assert world.state(LOT).repairs == dict.fromkeys(
        ["battery_replaced", "data_wiped", "fabric_repaired", "system_reset", "cleaned", "repackaged"], 3
    )
    assert stored(world, entry.event_id)[0]["steps"][0] == BATTERY
    leaf = world.submissions[-1].body
    assert b"NEW 1" not in leaf
    assert b"OLD 1" not in leaf


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ({**BATTERY, "part_origin": "found"}, "part_origin"),
        (
            {**BATTERY, "after": {"health": {"value": "100", "unit": "P1"}}},
            "/after: a new battery has a serial",
        ),
        (
            {**BATTERY, "after": {"serial": "N", "health": {"value": "1e2", "unit": "P1"}}},
            "after/health/value",
        ),
        ({**WIPE, "method": "hammer"}, "method"),
        ({"kind": "data_wiped", "method": "clear"}, "certificate"),
        ({"kind": "cleaned", "remark": "twice"}, "remark"),
        ({"kind": "prayed_over"}, "steps"),
    ],
)
def test_l19_a_step_that_says_too_little_is_refused(
    inspected_once: World, step: dict[str, Any], place: str
) -> None:
    draft = repair(inspected_once, [step])
    if step["kind"] == "prayed_over":
        draft = but(draft, data={"steps": [{"kind": "cleaned", "count": 3}]})
    refused(inspected_once, draft, place)


def test_l19_the_steps_counted_are_those_of_the_rows(inspected_once: World) -> None:
    draft = repair(inspected_once, [WIPE], data={"steps": [{"kind": "data_wiped", "count": 60}]})
    refused(inspected_once, draft, r"/data/steps: the rows give \{'data_wiped': 3\}")


def test_l19_only_another_party_and_another_worker_grades_again_and_before_stays_readable(
    inspected_once: World,
) -> None:
    world = inspected_once
    first = world.state(LOT).inspection.event_id
    refused(world, repair(world, [BATTERY], performed_by=None), "/performed_by: a repair names its worker")
    world.record(repair(world, [BATTERY]))
    repaired = world.state(LOT)
    assert (repaired.grade, repaired.before_repair.grade) == (None, "B")
    assert (repaired.before_repair.inspection, repaired.before_repair.score_min) == (first, 85)
    assigned(world, "inspection two", "house")
    again = inspected(world, results(world, dict.fromkeys(range(UNITS), "0")), work="inspection two")
    refused(world, again, "who repaired the goods may not grade them", NotYourLot)  # the same worker
    refused(world, replace(again, performed_by=None), "/performed_by: repaired goods are graded by a worker")
    world.record(world.assigned("inspection three", "refurbisher"))
    own = replace(again, subjects=sorted([LOT, ident("work", "inspection three")]))
    own = replace(own, hands=[hand("refurbisher", "inspector", "refurbisher")], performed_by=SECOND_WORKER)
    refused(world, own, "who repaired the goods may not grade them", NotYourLot)  # the same party
    world.record(replace(again, performed_by=SECOND_WORKER))
    regraded = world.state(LOT)
    assert (regraded.grade, regraded.before_repair.grade) == ("A", "B")
    assert stored(world, first)[0]["measured"]["scratch"]["value"] == "9"


# L20, devices


@pytest.fixture
def tested(here: World) -> World:
    """The device measured batteries of all units but two, of which it was not sure."""
    here.record(calibrated(here))
    here.record(batch(here, device_rows(here, dict.fromkeys(range(58), "0.97")), referred=2))
    return here


def from_device(world: World) -> list[dict[str, Any]]:
    """Results that repeat the device's for 58 units, and a person's for two."""
    event = world.entries[-1].event_id
    facts = results(world, dict.fromkeys(range(UNITS), "0"))
    return [
        {**row, "device": {"event_id": event, "n": unit}} if unit < 58 else row
        for unit, row in enumerate(facts)
    ]


def test_l20_a_device_signs_its_results_and_a_person_adds_the_rest(tested: World) -> None:
    facts = from_device(tested)
    tested.record(inspected(tested, facts))
    (used,) = tested.state(LOT).inspection.batches
    assert (used.device, used.rows) == (party("tester"), 58)


def test_l20_what_is_said_to_be_a_devices_result_is_what_it_signed(tested: World) -> None:
    facts = from_device(tested)
    facts[3]["measured"] = {**facts[3]["measured"], "battery": {"value": "100", "unit": "P1"}}
    refused(tested, inspected(tested, facts), "/rows/3/measured/battery: is not what the device measured")
    facts = from_device(tested)
    facts[3], facts[4] = ({**facts[n], "device": facts[m]["device"]} for n, m in ((3, 4), (4, 3)))
    refused(tested, inspected(tested, facts), "/rows/3/device: is another unit")
    facts = from_device(tested)
    facts[59]["device"] = {"event_id": facts[0]["device"]["event_id"], "n": 59}
    refused(tested, inspected(tested, facts), "/rows/59/device: is no result of a device for this work")


@pytest.mark.parametrize(
    ("bend", "message"),
    [
        (lambda d: with_rows(d, _unsure(d)), "0.94 is below 0.95: a person decides"),
        (lambda d: but(d, data={"confidence_min": "0.5"}), "its threshold is 0.95"),
        (lambda d: but(d, data={"model_version": "BT-200.4"}), "calibrated is BT-200.3"),
        (lambda d: but(d, data={"measured_at": "2026-10-31"}), "is before the calibration"),
        (lambda d: but(d, data={"referred": 58}), "the lot has 60 units"),
        (lambda d: but(d, hands=[by("house", "device")]), "house|no scope"),
    ],
)
def test_l20_a_result_that_may_not_count_is_refused(tested: World, bend: Bend, message: str) -> None:
    draft = batch(tested, device_rows(tested, dict.fromkeys(range(3), "0.99")))
    tested.judge(draft)
    refused(tested, bend(draft), message)


def _unsure(draft: Draft) -> list[dict[str, Any]]:
    return [{"unit": 0, "measured": {"battery": {"value": "98", "unit": "P1"}}, "confidence": "0.94"}]


def test_l20_a_calibration_that_ended_or_never_was_counts_for_nothing(here: World) -> None:
    rows = device_rows(here, {0: "0.99"})
    refused(here, batch(here, rows), "the author is no calibrated device", NotYourLot)
    here.record(calibrated(here, data={"valid_until": "2026-11-19"}))
    refused(here, batch(here, rows), "the calibration ended on 2026-11-19")
    own = calibrated(here, hands=[replace(by("tester", "calibrator"))])
    with pytest.raises(NotYourLot):
        here.judge(own)
    refused(here, calibrated(here, subjects=[party("house")]), "is no device")


def test_l20_an_audit_sample_reports_the_error_rate_against_the_target(tested: World) -> None:
    event = tested.entries[-1].event_id
    tested.record(audited(tested, event, 58, wrong=[2]))
    state: PartyState = tested.state(party("tester"))
    assert state.device is not None
    assert (state.device.sampled, state.device.wrong, state.device.error_max) == (5, 1, "0.03")
    assert (state.device.error_rate, state.device.over_target) == ("20.00", True)
    tested.record(calibrated(tested, data={"model_version": "BT-200.4"}))
    fresh = tested.state(party("tester")).device
    assert (fresh.error_rate, fresh.over_target) == (None, False)


@pytest.mark.parametrize(
    ("sampled", "wrong", "rate", "over"),
    [(1_000, 30, "3.00", False), (1_000, 31, "3.10", True), (3, 1, "33.34", True), (7, 0, "0.00", False)],
)
def test_l20_a_rate_at_the_target_meets_it(sampled: int, wrong: int, rate: str, over: bool) -> None:
    by_whom = Signed(index=1, keys=["ab" * 32])
    device = DeviceState(
        model_version="BT-200.3", valid_from="2026-11-01", valid_until="2027-10-31", confidence_min="0.95",
        error_max="0.03", by=by_whom, sampled=sampled, wrong=wrong,
    )  # fmt: skip
    assert (device.error_rate, device.over_target) == (rate, over)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": {"wrong": 0}}, "/data/wrong: the rows give 1"),
        ({"data": {"seed": "ab" * 32}}, "was not drawn"),
        ({"data": {"batch": SEED}}, "is no result of this device"),
        ({"data": {"sampled": 4}}, "one row for each result"),
        ({"hands": [by("tester", "inspector")]}, "no scope"),
    ],
)
def test_l20_an_audit_that_picks_its_results_is_refused(
    tested: World, changes: dict[str, Any], message: str
) -> None:
    draft = audited(tested, tested.entries[-1].event_id, 58, wrong=[2])
    refused(tested, but(draft, **changes), message)


# L34: a third party, an insurer


def test_l34_an_independent_co_signature_raises_the_level(ready: World) -> None:
    draft = inspected(ready, results(ready, dict.fromkeys(range(UNITS), "0")))
    both = replace(draft, hands=[*draft.hands, by("laboratory", "third_party")])
    assert level(ready.judge(both).subjects[LOT].state, TODAY) == "third_party"


def test_l34_who_owns_or_holds_the_goods_is_no_third_party(here: World) -> None:
    here.record(here.key("operator", "checking", ["lot.inspected:third_party"]))
    draft = inspected(here, results(here, dict.fromkeys(range(UNITS), "0")))
    draft = replace(draft, hands=[*draft.hands, hand("operator", "third_party", "checking")])
    lot = here.judge(draft).subjects[LOT].state
    assert (lot.inspection.third_party, level(lot, TODAY)) == (True, "full")


def test_l34_a_policy_raises_the_level_until_it_expires(here: World) -> None:
    refused(here, insured(), "no inspection stands behind")
    here.record(inspected(here, results(here, dict.fromkeys(range(UNITS), "0"))))
    here.record(insured())
    lot = here.state(LOT)
    days = ["2026-10-31", "2026-11-01", "2027-01-31", "2027-02-01"]
    assert [level(lot, day) for day in days] == ["full", "insurer", "insurer", "full"]
    assigned(here, "inspection two")
    here.record(inspected(here, results(here, dict.fromkeys(range(UNITS), "9")), work="inspection two"))
    assert level(here.state(LOT), TODAY) == "full", "the policy was on what an earlier inspection found"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"committed": {"cover": None}}, "/commit/cover: a policy commits"),
        ({"committed": {"policy_number": None}}, "/commit/policy_number: a policy commits"),
        ({"data": {"valid_until": "2026-10-01"}}, "ends before it begins"),
    ],
)
def test_l34_a_policy_without_number_cover_or_validity_is_refused(
    here: World, changes: dict[str, Any], message: str
) -> None:
    here.record(inspected(here, results(here, dict.fromkeys(range(UNITS), "0"))))
    refused(here, insured(**changes), message)


# All of it, published and audited


def test_an_audit_replays_samples_devices_repairs_and_policies(here: World) -> None:
    here.record(calibrated(here))
    here.record(planned(here))
    here.record(batch(here, device_rows(here, dict.fromkeys(sample()[:10], "0.99")), referred=3))
    event = here.entries[-1].event_id
    facts = results(here, dict.fromkeys(sample(), "0"))
    for n, row in enumerate(facts[:10]):
        row["device"] = {"event_id": event, "n": n}
    here.record(inspected(here, facts, coverage="sample", lot_grade="A"))
    here.record(audited(here, event, 10, wrong=[]))
    here.record(insured())
    here.record(here.assigned("refurbishment", "refurbisher"))
    here.record(repair(here, [BATTERY, WIPE]))
    assigned(here, "inspection two")
    told = [{"found": "A", "given": "B", "reason": "odour", "count": 1}]
    again = results(here, dict.fromkeys(range(UNITS), "0"))
    again[9]["override"] = {"grade": "B", "reason": "odour"}
    draft = inspected(here, again, work="inspection two", overrides=told, lot_grade="B")
    here.record(replace(draft, performed_by=SECOND_WORKER))
    here.publisher.publish()
    report = here.audit()
    assert report.findings == []
    assert report.verdict == "verified"
    assert "grades" in report.checked
    here.tamper(
        "UPDATE manifest_rows SET data = replace(data, '0.99', '0.91') WHERE event_id = :id",
        id=bytes.fromhex(event),
    )
    assert here.audit().verdict != "verified"


def test_an_audit_finds_what_a_careless_writer_took(tested: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed and sequenced, and yet not what the device, the repairer or the auditor found."""
    event = tested.entries[-1].event_id
    monkeypatch.setattr("ledger.record.check_forms", lambda _data, _rows: True)
    monkeypatch.setattr("ledger.record.check_as_measured", lambda _row, _n, _measured: None)
    facts = from_device(tested)
    facts[3]["measured"] = {**facts[3]["measured"], "battery": {"value": "100", "unit": "P1"}}
    tested.record(audited(tested, event, 58, wrong=[2], data={"wrong": 0}))
    tested.record(inspected(tested, facts))
    tested.record(tested.assigned("refurbishment", "refurbisher"))
    tested.record(repair(tested, [WIPE], data={"steps": [{"kind": "data_wiped", "count": 60}]}))
    tested.publisher.publish()
    report = tested.audit()
    assert report.verdict == "failed"
    assert [finding.message.partition(":")[0] for finding in report.findings] == [
        "/data/wrong",
        "/rows/3/measured/battery",
        "/data/steps",
    ]


def test_a_pack_of_a_sampled_lot_is_judged_by_the_same_rules(here: World) -> None:
    """A stranger gets plan, device, policy and rows, and computes the lot's grade from them."""
    here.record(calibrated(here))
    here.record(planned(here))
    here.record(batch(here, device_rows(here, dict.fromkeys(sample()[:10], "0.99")), referred=3))
    event = here.entries[-1].event_id
    facts = results(here, dict.fromkeys(sample(), "0") | {sample()[4]: "9"})
    for n, row in enumerate(facts[:10]):
        row["device"] = {"event_id": event, "n": n}
    here.record(inspected(here, facts, coverage="sample", lot_grade="B"))
    here.record(insured())
    here.publisher.publish()
    verified = pack.verify(made(here, LOT), here.policy, check_words)
    assert verified.state == here.state(LOT)
    assert (verified.state.grade, verified.grades) == ("B", 13)
    assert alone(made(here, LOT)) == 0


def test_l20_what_a_stolen_devices_key_signed_carries_no_offer_until_all_is_inspected_again(
    tested: World,
) -> None:
    batch_ = tested.entries[-1]
    tested.record(inspected(tested, from_device(tested)))
    policy = tested.record(insured())
    lot = tested.state(LOT)
    behind = [("device.measured", batch_.event_id), ("lot.insured", policy.event_id)]
    assert all(rests_on(LOT, lot, subject=LOT, type_=type_, event_id=event) for type_, event in behind)
    tested.judge(tested.listed(LOT))
    stolen = {"key": signer("tester", "tester").id, "reason": "compromised"}
    data = {**stolen, "distrust_from_index": batch_.index}
    tested.record(Draft("key.revoked", [registrar(1), registrar(2)], data, [party("tester")]))
    refused(tested, tested.listed(LOT), "a key behind the inspection is distrusted")
    assigned(tested, "inspection two")
    by_hand = results(tested, dict.fromkeys(range(UNITS), "0"))
    tested.record(inspected(tested, by_hand, work="inspection two"))
    lot = tested.state(LOT)
    assert not rests_on(LOT, lot, subject=LOT, type_="device.measured", event_id=batch_.event_id)
    tested.record(insured())
    assert not rests_on(LOT, tested.state(LOT), subject=LOT, type_="lot.insured", event_id=policy.event_id)
    tested.record(tested.listed(LOT))


def test_a_sample_of_a_lot_whose_units_were_sold_meanwhile_is_refused(here: World) -> None:
    here.record(inspected(here, results(here, dict.fromkeys(range(UNITS), "0"))))
    assigned(here, "inspection two")
    here.record(planned(here, "inspection two"))
    here.record(here.listed(LOT))
    here.record(here.sold(1, LOT))
    here.record(replace(but(here.listed(LOT), type="lot.withdrawn", refs=[]), data={"reason": "recall"}))
    late = replace(with_sample(here), subjects=sorted([LOT, ident("work", "inspection two")]))
    refused(here, late, "the sample is of a lot of 60 units")
    assigned(here, "inspection three")
    refused(here, planned(here, "inspection three"), "what remains of a sold lot is inspected in full")


def test_an_audit_that_may_not_see_the_sales_accepts_what_remains(here: World) -> None:
    """From public files alone nobody knows how many are sold; the records must hold all the same."""
    here.record(inspected(here, results(here, dict.fromkeys(range(UNITS), "0"))))
    here.record(here.listed(LOT))
    here.record(here.sold(20, LOT))
    here.record(replace(but(here.listed(LOT), type="lot.withdrawn", refs=[]), data={"reason": "recall"}))
    assigned(here, "inspection two")
    rest = results(here, dict.fromkeys(range(20, UNITS), "9"))
    here.record(inspected(here, rest, work="inspection two"))
    here.publisher.publish()
    assert here.audit().verdict == "verified"
    public = made(here, LOT, opened=lambda _leaf, field: field != "quantity", rows=False)
    verified = pack.verify(public, here.policy, check_words)
    assert (verified.state.sold, verified.state.grade) == (None, "B")
