"""What a rule is given: one record, its subjects as they are, and the log before it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.core.canonical import JsonValue
from ledger.core.envelope import Closed, Signer
from ledger.core.subjects import kind_of
from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots import authorization, lineage
from ledger.lots.state import Hand, Inspection, LotState, Subject, View
from ledger.records.registry import Typed

SELLABLE_GRADES = frozenset({"A", "B", "C"})
States = dict[str, Closed]


@dataclass(slots=True)  # frozen ones take three times as long to make
class Step:
    typed: Typed
    before: Mapping[str, Subject | None]
    index: int
    day: str
    view: View
    opened: Mapping[str, JsonValue]

    @property
    def data(self) -> Any:
        return self.typed.data

    @property
    def author(self) -> Signer:
        return self.typed.record.body.author

    def hand(self, signer: Signer) -> Hand:
        worker = self.typed.record.body.performed_by if signer == self.author else None
        return Hand(party=signer.party, key=signer.key, worker=worker)

    def cosigner(self, role: str) -> Signer | None:
        return next((s for s in self.typed.record.body.signers[1:] if s.role == role), None)

    def names(self, kind: str) -> list[str]:
        return [name for name in self.before if kind_of(name) == kind]

    def one(self, kind: str) -> str:
        names = [name for name in self.before if kind_of(name) == kind]
        if len(names) != 1:
            raise InvalidRecord(f"changes exactly one {kind}", pointer="/subjects")
        return names[0]

    def only(self, *kinds: str) -> None:
        for name in self.before:
            if kind_of(name) not in kinds:
                raise InvalidRecord(f"changes nothing but {' and '.join(kinds)}", pointer="/subjects")

    def new(self, name: str) -> None:
        if self.before[name] is not None:
            raise InvalidRecord(f"{name} exists already", pointer="/subjects")

    def state(self, name: str) -> Any:
        subject = self.before[name]
        if subject is None:
            raise InvalidRecord(f"{name} does not exist", pointer="/subjects")
        return subject.state

    def lot(self) -> tuple[str, LotState]:
        name = self.one("lot")
        return name, self.state(name)

    def must_be(self, party: str, relation: str) -> None:
        if self.author.party != party:
            raise NotYourLot(f"the author is not the lot's {relation}", pointer="/signers/0/party")


Rules = dict[str, Callable[[Step], States]]  # by record type


def check_seller(step: Step, lot: LotState) -> None:
    """Raise NotYourLot unless the author holds title, is its agent, or keeps the goods on consignment."""
    keeper = lot.custody if lot.supply_mode == "consign" else lot.title
    if step.author.party not in (lot.title, keeper, lot.agent):
        raise NotYourLot("the author neither holds title nor sells for who does", pointer="/signers/0/party")


def check_trusted(step: Step, inspection: Inspection) -> None:
    """No rule relies on a record of a key that is distrusted since (records.md 3)."""
    signed = [(hand.key, inspection.index) for hand in inspection.by]
    signed += [(batch.key, batch.index) for batch in inspection.batches]
    if any(authorization.distrusted(step.view, key, index) for key, index in signed):
        raise InvalidRecord("a key behind the inspection is distrusted", pointer="/subjects/0")


def check_inspection(step: Step, lot: LotState) -> None:
    """Raise unless every inspection behind the lot as it is can be relied on.

    Of a merged lot each parent's, by its own index, until the merged lot is inspected itself.
    """
    latest = lot.inspection
    if latest is None:
        return
    merged = any(one.event_id == latest.event_id for one in lot.inspections)
    for one in lot.inspections if merged else (latest,):
        check_trusted(step, one)


def check_not_recalled(step: Step, name: str, lot: LotState) -> None:
    """Raise when a recall holds for the lot, its own or an ancestor's, whose key is not distrusted."""
    known = lineage.states(step.view)
    for _, recall in lineage.recalls(name, lambda other: lot if other == name else known(other)):
        if not authorization.distrusted(step.view, recall.key, recall.index):
            raise InvalidRecord(f"is recalled by record {recall.event_id}", pointer="/subjects")


def check_whole(lot: LotState, quantity: int, pointer: str) -> None:
    """Raise unless all ``quantity`` units of the lot are here, and nobody else has a claim to one."""
    if not lot.at_hand or not lot.is_leaf:
        raise InvalidRecord("the lot is not here", pointer="/subjects")
    if lot.listings:
        raise InvalidRecord("the lot is offered; withdraw it first", pointer="/subjects")
    if lot.sold:
        raise InvalidRecord("units of the lot are sold; split the others off first", pointer="/subjects")
    if quantity != lot.quantity:
        raise InvalidRecord(f"the lot has {lot.quantity} units, and goes whole", pointer=pointer)
