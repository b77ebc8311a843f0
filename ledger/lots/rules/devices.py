"""Devices: calibrated by others, measuring for an open inspection, measured again by a person."""

from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots import authorization
from ledger.lots.rules.inspection import open_work
from ledger.lots.rules.step import Rules, States, Step
from ledger.lots.state import Batch, DeviceState, PartyState, Signed
from ledger.records.devices import DeviceAudited, DeviceCalibrated, DeviceMeasured


def _device(step: Step) -> tuple[str, PartyState]:
    """The device whose chain the record extends; it never speaks for itself there."""
    step.only("party")
    name = step.one("party")
    state: PartyState = step.state(name)
    if state.kind != "device":
        raise InvalidRecord("is no device", pointer="/subjects/0")
    if step.author.party == name:
        raise NotYourLot("a device does not vouch for itself", pointer="/signers/0/party")
    return name, state


def _calibrated(step: Step) -> States:
    name, state = _device(step)
    data = step.data
    assert isinstance(data, DeviceCalibrated)
    if "certificate" not in step.typed.record.body.commit:
        raise InvalidRecord("a calibration commits to its certificate", pointer="/commit")
    if data.valid_until < data.valid_from:
        raise InvalidRecord("ends before it begins", pointer="/data/valid_until")
    by = Signed(index=step.index, keys=[signer.key for signer in step.typed.record.body.signers])
    return {name: state.model_copy(update={"device": DeviceState(**data.model_dump(), by=by)})}


def _measured(step: Step) -> States:
    name, work, _, lot = open_work(step, "inspection")
    data = step.data
    assert isinstance(data, DeviceMeasured)
    party = step.view.subject(step.author.party)
    device = party.state.device if party is not None else None
    if device is None:
        raise NotYourLot("the author is no calibrated device", pointer="/signers/0/party")
    if any(authorization.distrusted(step.view, key, device.by.index) for key in device.by.keys):
        raise InvalidRecord("a key behind the calibration is distrusted", pointer="/signers/0/party")
    if data.model_version != device.model_version:
        raise InvalidRecord(f"calibrated is {device.model_version}", pointer="/data/model_version")
    if data.confidence_min != device.confidence_min:
        raise InvalidRecord(f"its threshold is {device.confidence_min}", pointer="/data/confidence_min")
    if not device.valid_from <= data.measured_at <= step.day:
        raise InvalidRecord("is before the calibration or after the record", pointer="/data/measured_at")
    if step.day > device.valid_until:
        raise InvalidRecord(f"the calibration ended on {device.valid_until}", pointer="/signers/0/party")
    if data.manifest.count + data.referred > lot.quantity:
        raise InvalidRecord(f"the lot has {lot.quantity} units", pointer="/data/referred")
    batch = Batch(
        event_id=step.typed.record.event_id,
        index=step.index,
        device=step.author.party,
        key=step.author.key,
        rows=data.manifest.count,
    )
    return {name: work.model_copy(update={"batches": [*work.batches, batch]})}


def _audited(step: Step) -> States:
    name, state = _device(step)
    data, device = step.data, state.device
    assert isinstance(data, DeviceAudited)
    event = step.view.event(data.batch)
    if event is None or event.type != "device.measured" or event.author != name:
        raise InvalidRecord("is no result of this device", pointer="/data/batch")
    if device is None or event.index < device.by.index:
        raise InvalidRecord("the device was calibrated again since", pointer="/data/batch")
    if data.sampled > data.rows:
        raise InvalidRecord("more than there are", pointer="/data/sampled")
    if data.wrong > data.sampled:
        raise InvalidRecord("more than were looked at", pointer="/data/wrong")
    if data.manifest.count != data.sampled:
        raise InvalidRecord("one row for each result looked at", pointer="/data/manifest/count")
    counted = {"sampled": device.sampled + data.sampled, "wrong": device.wrong + data.wrong}
    return {name: state.model_copy(update={"device": device.model_copy(update=counted)})}


RULES: Rules = {
    "device.calibrated": _calibrated,
    "device.measured": _measured,
    "device.audited": _audited,
}
