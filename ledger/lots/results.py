"""Which unit a result is about: rows of inspections, repairs and devices against the lot they are on.

A row names its source row in the lot's manifest (``src``), the number of its unit (``unit``), or both.
Where a row of the lot stands for several units, or the lot has no rows, the number alone tells them apart.
A row with ``quantity`` q and ``unit`` u is about the units u … u+q−1, which were found all alike.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from ledger.errors import InvalidRecord
from ledger.lots import sampling
from ledger.lots.state import LotState, Sample, Subject, WorkState
from ledger.records.devices import DeviceAudited, DeviceMeasured
from ledger.records.inspection import LotInspected
from ledger.records.refurbishment import LotRefurbished
from ledger.records.registry import Typed

ABOUT_UNITS = LotInspected | LotRefurbished | DeviceMeasured
Facts = Mapping[str, Any]


def check_units(typed: Typed, rows: Sequence[Facts], subject: Callable[[str], Subject | None]) -> None:
    """Raise InvalidRecord unless each row is about units of the lot that no other row is about.

    subject: as the record found it. Of a planned sample the units are exactly those that were drawn.
    """
    lot, work = _lot_and_work(typed, subject)
    sources: list[int] = []
    spans: list[tuple[int, int]] = []  # first unit, and the one after the last
    for n, row in enumerate(rows):
        unit, quantity = row.get("unit"), row.get("quantity", 1)
        if type(quantity) is not int or quantity < 1:
            raise InvalidRecord("a row's quantity is a count", pointer=f"/rows/{n}/quantity")
        source = _source(row, lot, n, needed=unit is None)
        if unit is None:
            assert source is not None
            sources.append(source)
            continue
        if type(unit) is not int or not 0 <= unit <= lot.quantity - quantity:
            raise InvalidRecord("is no unit of the lot", pointer=f"/rows/{n}/unit")
        if source is not None and lot.manifest and lot.manifest.count == lot.quantity and source != unit:
            raise InvalidRecord(f"row {unit} of the lot is this unit", pointer=f"/rows/{n}/src")
        spans.append((unit, unit + quantity))
    spans.sort()
    if len(set(sources)) != len(sources) or any(a[1] > b[0] for a, b in pairwise(spans)):
        raise InvalidRecord("rows name a source twice or one that is not there", pointer="/rows")
    if isinstance(typed.data, LotInspected):
        _check_devices(rows, work)
        if work.sample is not None and typed.data.coverage == "sample":
            _check_sample(rows, spans, work.sample)


def _check_sample(rows: Sequence[Facts], spans: Sequence[tuple[int, int]], sample: Sample) -> None:
    if len(spans) != len(rows) or any(end - start != 1 for start, end in spans):
        raise InvalidRecord("a row of a sample is about one numbered unit", pointer="/rows")
    sampling.check_drawn(
        [start for start, _ in spans],
        bytes.fromhex(sample.seed),
        lot_size=sample.lot_size,
        sample_size=sample.sample_size,
    )


def check_audit(data: DeviceAudited, rows: Sequence[Facts]) -> None:
    """Raise InvalidRecord unless the rows are about the results that the seed draws."""
    drawn = []
    for n, row in enumerate(rows):
        source = row.get("src")
        if (
            not isinstance(source, dict)
            or source.get("event_id") != data.batch
            or type(source.get("n")) is not int
        ):
            raise InvalidRecord("names no result of the batch", pointer=f"/rows/{n}/src")
        drawn.append(source["n"])
    seed = bytes.fromhex(data.seed)
    sampling.check_drawn(drawn, seed, lot_size=data.rows, sample_size=data.sampled)


def _lot_and_work(typed: Typed, subject: Callable[[str], Subject | None]) -> tuple[LotState, WorkState]:
    lot = work = None
    for link in typed.record.body.subjects:
        found = subject(link.id)
        state = found.state if found is not None else None
        if isinstance(state, LotState):
            lot = state
        elif isinstance(state, WorkState):
            work = state
    if lot is None or work is None:
        raise InvalidRecord("refers to no lot", pointer="/subjects")
    return lot, work


def _source(row: Facts, lot: LotState, n: int, *, needed: bool) -> int | None:
    """The number of the lot's row that the result is about; None where its unit is named instead."""
    source = row.get("src")
    if source is None and not needed:
        return None
    if lot.manifest is None or lot.manifest_event is None:
        raise InvalidRecord("the lot has no rows to refer to", pointer=f"/rows/{n}")
    if (
        not isinstance(source, dict)
        or source.get("event_id") != lot.manifest_event
        or type(source.get("n")) is not int
    ):
        raise InvalidRecord("a row names its source row in the lot's manifest", pointer=f"/rows/{n}/src")
    number: int = source["n"]
    if not 0 <= number < lot.manifest.count:
        raise InvalidRecord("rows name a source twice or one that is not there", pointer=f"/rows/{n}/src")
    return number


def _check_devices(rows: Sequence[Facts], work: WorkState) -> None:
    """A result that is said to be a device's stands in a batch that the device signed for this work."""
    counts = {batch.event_id: batch.rows for batch in work.batches}
    used: set[tuple[str, int]] = set()
    for n, row in enumerate(rows):
        if "device" not in row:
            continue
        place = device_place(row, n)
        if place[1] >= counts.get(place[0], 0) or place in used:
            raise InvalidRecord("is no result of a device for this work", pointer=f"/rows/{n}/device")
        used.add(place)


def device_place(row: Facts, n: int) -> tuple[str, int]:
    """Event id and row number of the device's result that ``row``, the n-th, was taken from."""
    device = row["device"]
    if (
        isinstance(device, dict)
        and device.keys() == {"event_id", "n"}
        and type(device["event_id"]) is str
        and type(device["n"]) is int
        and device["n"] >= 0
    ):
        return device["event_id"], device["n"]
    raise InvalidRecord("names a batch and a row of it", pointer=f"/rows/{n}/device")


def check_as_measured(row: Facts, n: int, measured: Facts) -> None:
    """Raise InvalidRecord unless ``row``, the n-th of an inspection, repeats what the device measured.

    measured: the facts of the device's own row. What the device did not measure may stand beside it.
    """
    by_device, told = measured.get("measured"), row.get("measured")
    if not isinstance(by_device, dict) or not isinstance(told, dict):
        raise InvalidRecord("has no measurements", pointer=f"/rows/{n}/measured")
    for name, value in by_device.items():
        if told.get(name) != value:
            raise InvalidRecord("is not what the device measured", pointer=f"/rows/{n}/measured/{name}")
    if (row.get("src"), row.get("unit")) != (measured.get("src"), measured.get("unit")):
        raise InvalidRecord("is another unit than the device measured", pointer=f"/rows/{n}/device")
