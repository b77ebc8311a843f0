"""Printing labels: nothing of the goods changes, but every code labelled again shows."""

from ledger.errors import InvalidRecord
from ledger.lots.rules.step import Rules, States, Step
from ledger.records.labels import LABELS, LabelsPrinted


def _printed(step: Step) -> States:
    """The lot may be split or sold: its codes are on goods that need a new label wherever they are."""
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, LabelsPrinted)
    step.must_be(lot.custody, "custodian")
    if data.manifest.schema_ != LABELS or data.manifest.count > data.labels:
        raise InvalidRecord(f"has one row of {LABELS} a code, and labels of each", pointer="/data")
    if (data.reason is not None) != (data.purpose == "reprint"):
        raise InvalidRecord("a reprint, and nothing else, says why", pointer="/data/reason")
    printed = lot.labels.get(data.purpose, 0) + data.manifest.count
    issued = sum(lot.codes.values())
    if data.purpose == "first" and printed > issued:
        message = f"{printed} codes labelled for the first time, {issued} issued: the others are reprints"
        raise InvalidRecord(message, pointer="/data/manifest")
    if not issued:
        raise InvalidRecord("the lot has no codes to print", pointer="/subjects/0")
    return {name: lot.model_copy(update={"labels": {**lot.labels, data.purpose: printed}})}


RULES: Rules = {"labels.printed": _printed}
