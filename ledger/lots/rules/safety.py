"""Goods that touch safety, recalls, and their end."""

from collections.abc import Iterator

from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots.rules.permission import parts_of
from ledger.lots.rules.step import Rules, States, Step
from ledger.lots.state import LotState, PartyState, Recall
from ledger.records.safety import LotClassified, LotRecalled, LotReleased


def _classified(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, LotClassified)
    if step.author.party not in (lot.custody, lot.title):
        raise NotYourLot("neither keeps the goods nor owns them", pointer="/signers/0/party")
    if "recall_contact" not in step.typed.record.body.commit:
        raise InvalidRecord("says whom to call when the goods are recalled", pointer="/commit")
    if not lot.is_leaf:
        raise InvalidRecord("nothing of the lot is here", pointer="/subjects/0")
    return {name: lot.model_copy(update={"safety": data.safety})}


def _recalled(step: Step) -> States:
    """By the brand, or whoever declared, owns or keeps the goods; also of goods long gone."""
    step.only("lot")
    data = step.data
    assert isinstance(data, LotRecalled)
    author = step.author
    recall = Recall(
        event_id=step.typed.record.event_id,
        index=step.index,
        by=author.party,
        key=author.key,
        reason=data.reason,
    )
    states: States = {}
    for name in step.names("lot"):
        lot: LotState = step.state(name)
        if author.party not in (lot.title, lot.custody, lot.supplier) and not _speaks_for(step, lot):
            raise NotYourLot(f"has no authority over {name}", pointer="/signers/0/party")
        states[name] = lot.model_copy(update={"recalls": [*lot.recalls, recall]})
    return states


def _released(step: Step) -> States:
    """By whoever recalled: nobody else takes a warning back."""
    step.only("lot")
    data = step.data
    assert isinstance(data, LotReleased)
    states: States = {}
    for name in step.names("lot"):
        lot: LotState = step.state(name)
        recall = next((one for one in lot.recalls if one.event_id == data.record), None)
        if recall is None:
            raise InvalidRecord(f"{name} is not recalled by this record", pointer="/data/record")
        if recall.by != step.author.party:
            raise NotYourLot("another party recalled the goods", pointer="/signers/0/party")
        left = [one for one in lot.recalls if one.event_id != data.record]
        states[name] = lot.model_copy(update={"recalls": left})
    return states


def _speaks_for(step: Step, lot: LotState) -> bool:
    subject = step.view.subject(step.author.party)
    party = subject.state if subject else None
    return (
        isinstance(party, PartyState)
        and party.kind == "brand"
        and any(brand in party.brands for brand in _brands(lot))
    )


def _brands(lot: LotState) -> Iterator[str]:
    return (part.brand for part in parts_of(lot) if part.brand is not None)


RULES: Rules = {
    "lot.classified": _classified,
    "lot.recalled": _recalled,
    "lot.released": _released,
}
