"""What a rule is given: one record, its subjects as they are, and the log before it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.core.canonical import JsonValue
from ledger.core.envelope import Closed, Signer
from ledger.core.subjects import kind_of
from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots import authorization
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


def check_trusted(step: Step, inspection: Inspection) -> None:
    """No rule relies on a record of a key that is distrusted since (records.md 3)."""
    for hand in inspection.by:
        if authorization.distrusted(step.view, hand.key, inspection.index):
            raise InvalidRecord("a key behind the inspection is distrusted", pointer="/subjects/0")
