"""What a row of results may say: the forms of the rows behind devices' and repairers' records.

Rows of inspections are read by ``regrade``. The forms named ``…/1`` are older and free.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from ledger.core import manifest
from ledger.core.envelope import Closed, Count
from ledger.core.subjects import Hash
from ledger.errors import InvalidRecord
from ledger.lots.schemes import NUMBER
from ledger.records.devices import DeviceAudited, DeviceMeasured
from ledger.records.labels import LabelsPrinted
from ledger.records.model import Positive, Text
from ledger.records.refurbishment import REPAIRS, LotRefurbished

Rows = Sequence[bytes | None]  # in order; None: erased
_SHARE = re.compile(r"0(\.[0-9]{1,6})?|1(\.0{1,6})?")
Percent = Annotated[str, StringConstraints(pattern=NUMBER)]


class Source(Closed):
    event_id: Hash
    n: Count


class Health(Closed):
    """A battery's capacity in per cent of what it was when new."""

    value: Percent
    unit: Literal["P1"]


class Battery(Closed):
    """One battery before or after: health in per cent, charge cycles; serial as printed on it."""

    health: Health | None = None
    cycles: Count | None = None
    serial: Text | None = None


class BatteryReplaced(Closed):
    kind: Literal["battery_replaced"]
    part_origin: Literal["original", "compatible", "recovered"]
    before: Battery
    after: Battery


class DataWiped(Closed):
    """method: as NIST SP 800-88 calls it. certificate: SHA-256 of the wiping tool's report."""

    kind: Literal["data_wiped"]
    method: Literal["clear", "purge", "destroy"]
    certificate: Hash


class FabricRepaired(Closed):
    kind: Literal["fabric_repaired"]
    place: Text | None = None
    area: Annotated[str, StringConstraints(pattern=NUMBER)] | None = None  # square centimetres


class Done(Closed):
    kind: Literal["system_reset", "cleaned", "repackaged"]


Step = Annotated[BatteryReplaced | DataWiped | FabricRepaired | Done, Field(discriminator="kind")]


class RepairRow(Closed):
    """What was done to one unit, or to ``quantity`` units alike; photos: SHA-256 of each file."""

    src: Source | None = None
    unit: Count | None = None
    quantity: Positive | None = None
    steps: Annotated[list[Step], Field(min_length=1, max_length=12)]
    photos: Annotated[list[Hash], Field(max_length=20)] | None = None


class LabelRow(Closed):
    """The label of one code, by its hash; 1 copy unless it says more.

    hidden: digest of the code under the scratch field, of which there is one label only.
    """

    code: Hash
    hidden: Hash | None = None
    copies: Positive | None = None


_REPAIR: TypeAdapter[RepairRow] = TypeAdapter(RepairRow)
_LABEL: TypeAdapter[LabelRow] = TypeAdapter(LabelRow)


def check_forms(data: Any, rows: Rows) -> bool:
    """Check the rows of a repair or of a device's results; False where there is nothing to tell.

    Raises InvalidRecord with a pointer.
    """
    if isinstance(data, LotRefurbished):
        return check_repairs(data, rows)
    if isinstance(data, DeviceMeasured):
        return check_batch(data, rows)
    if isinstance(data, LabelsPrinted):
        return check_labels(data, rows)
    return isinstance(data, DeviceAudited) and check_audit_rows(data, rows)


def check_repairs(data: LotRefurbished, rows: Rows) -> bool:
    """Compare the rows of a repair with the steps that the record counts.

    False when it cannot be told: rows of an older form, or an erased row. Raises InvalidRecord with a
    pointer. A replaced battery states its serial number and health, before and after where known.
    """
    if data.manifest.schema_ != REPAIRS or any(row is None for row in rows):
        return False
    counts: Counter[str] = Counter()
    for n, facts in _facts(rows):
        try:
            row = _REPAIR.validate_python(facts, strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = "".join(f"/{part}" for part in first["loc"])
            raise InvalidRecord(first["msg"], pointer=f"/rows/{n}{place}") from error
        kinds = [step.kind for step in row.steps]
        if len(set(kinds)) != len(kinds):
            raise InvalidRecord("a step is done once on a unit", pointer=f"/rows/{n}/steps")
        for position, step in enumerate(row.steps):
            if isinstance(step, BatteryReplaced) and (step.after.serial is None or step.after.health is None):
                message = "a new battery has a serial number and a measured health"
                raise InvalidRecord(message, pointer=f"/rows/{n}/steps/{position}/after")
            counts[step.kind] += row.quantity or 1
    if counts != {item.kind: item.count for item in data.steps} or len(counts) != len(data.steps):
        raise InvalidRecord(f"the rows give {dict(sorted(counts.items()))}", pointer="/data/steps")
    return True


def check_batch(data: DeviceMeasured, rows: Rows) -> bool:
    """Raise InvalidRecord unless the device was sure enough of each of its results.

    False when a row is erased.
    """
    if any(row is None for row in rows):
        return False
    threshold = Decimal(data.confidence_min)
    for n, facts in _facts(rows):
        if not facts.keys() <= {"src", "unit", "measured", "confidence"}:
            raise InvalidRecord("a device states source, measurements and confidence", pointer=f"/rows/{n}")
        measured, confidence = facts.get("measured"), facts.get("confidence")
        if not isinstance(measured, dict) or not measured:
            raise InvalidRecord("has no measurements", pointer=f"/rows/{n}/measured")
        if not isinstance(confidence, str) or not _SHARE.fullmatch(confidence):
            raise InvalidRecord("a confidence is a decimal from 0 to 1", pointer=f"/rows/{n}/confidence")
        if Decimal(confidence) < threshold:
            message = f"{confidence} is below {data.confidence_min}: a person decides"
            raise InvalidRecord(message, pointer=f"/rows/{n}/confidence")
    return True


def check_labels(data: LabelsPrinted, rows: Rows) -> bool:
    """Raise InvalidRecord unless rows name each code once and sum to the labels; False when one is erased."""
    if any(row is None for row in rows):
        return False
    codes: set[str] = set()
    labels = 0
    for n, facts in _facts(rows):
        try:
            row = _LABEL.validate_python(facts, strict=True)
        except ValidationError as error:
            message = "is no label: code, and perhaps hidden or copies"
            raise InvalidRecord(message, pointer=f"/rows/{n}") from error
        if row.code in codes:
            raise InvalidRecord("a run names each code once", pointer=f"/rows/{n}/code")
        if row.hidden is not None and row.copies is not None:
            raise InvalidRecord("a hidden code stands on one label", pointer=f"/rows/{n}/copies")
        codes.add(row.code)
        labels += row.copies or 1
    if labels != data.labels:
        raise InvalidRecord(f"the rows give {labels}", pointer="/data/labels")
    return True


def check_audit_rows(data: DeviceAudited, rows: Rows) -> bool:
    """Raise InvalidRecord unless as many results as counted are marked wrong; False when a row is erased."""
    if any(row is None for row in rows):
        return False
    wrong = 0
    for n, facts in _facts(rows):
        if type(facts.get("agrees")) is not bool or not isinstance(facts.get("measured"), dict):
            message = "states what a person measured and whether the device agrees"
            raise InvalidRecord(message, pointer=f"/rows/{n}")
        wrong += not facts["agrees"]
    if wrong != data.wrong:
        raise InvalidRecord(f"the rows give {wrong}", pointer="/data/wrong")
    return True


def _facts(rows: Rows) -> list[tuple[int, Mapping[str, Any]]]:
    return [(n, manifest.parse_row(row, n)) for n, row in enumerate(rows) if row is not None]
