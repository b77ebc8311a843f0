"""Measuring devices: parties with a key, whose results count as long as somebody else calibrated them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from ledger.core.envelope import Closed, Count
from ledger.core.subjects import Hash
from ledger.records.model import HASH, TEXT, Day, Manifest, Positive, RecordType

ModelVersion = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}\z")]
SAMPLED_MAX = 10_000  # results that one record looks at again
Share = Annotated[str, StringConstraints(pattern=r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)\z")]  # 0 … 1


class DeviceCalibrated(Closed):
    """From here to valid_until the device measures with this version of its model.

    confidence_min: what it is less sure of, a person decides. error_max: target for the share of its
    results that a person finds wrong.
    """

    model_version: ModelVersion
    valid_from: Day
    valid_until: Day
    confidence_min: Share
    error_max: Share


class DeviceMeasured(Closed):
    """manifest: one row a unit of which the device was sure enough. referred: units left to a person."""

    model_version: ModelVersion
    confidence_min: Share
    measured_at: Day
    referred: Count
    manifest: Manifest


class DeviceAudited(Closed):
    """A person measured some of a device's results again.

    batch: event id of the ``device.measured``, of ``rows`` rows; seed draws ``sampled`` of them
    (``ledger.lots.sampling``), chosen when the results stood. wrong: of those. manifest: a row for each.
    """

    batch: Hash
    rows: Positive
    seed: Hash
    sampled: Annotated[int, Field(ge=1, le=SAMPLED_MAX)]
    wrong: Count
    manifest: Manifest


TYPES = (
    RecordType(
        "device.calibrated", DeviceCalibrated, "calibrator", commits={"certificate": HASH, "serial": TEXT}
    ),
    RecordType("device.measured", DeviceMeasured, "device"),
    RecordType("device.audited", DeviceAudited, "inspector"),
)
