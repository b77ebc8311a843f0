"""What was erased, as signed records of it say: only these tell an erasure from a loss."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from gateway.pages.building.reading import published_leaf
from gateway.pages.views import ErasedNote
from gateway.problems import CouldNotCheck
from gateway.wiring import Installation
from ledger import family
from ledger.core.envelope import parse_at
from ledger.core.leaf import Leaf
from ledger.errors import LedgerError, MissingEvidence
from ledger.lots import trust
from ledger.records.evidence import ErasureRecorded
from ledger.records.registry import typed
from ledger.store import log
from ledger.store.log import CHAIN, ENTRIES, LogHead
from ledger.store.view import StoredView


class Erased(MissingEvidence):
    """Something is not there any more, and an ``erasure.recorded`` says so."""

    def __init__(self, erasure: "Erasure") -> None:
        super().__init__(f"erased by entry {erasure.note.index}")
        self.erasure = erasure


@dataclass(frozen=True, slots=True)
class Erasure:
    """One verified ``erasure.recorded``. record: event id of what lost something; rows: counted through."""

    note: ErasedNote
    record: str
    fields: frozenset[str]
    rows: frozenset[int]


def erasures_of(
    installation: Installation, connection: Connection, subjects: Collection[str]
) -> tuple[Erasure, ...]:
    """The erasures in the chains of ``subjects``, oldest first; one that does not verify is none."""
    head = log.read_head(connection)
    if head is None:
        return ()
    statement = (
        select(ENTRIES.c.idx)
        .join(CHAIN, CHAIN.c.idx == ENTRIES.c.idx)
        .where(CHAIN.c.subject.in_(sorted(subjects)), ENTRIES.c.type == "erasure.recorded")
        .distinct()
        .order_by(ENTRIES.c.idx)
    )
    found = (_verified(installation, connection, head, i) for i in connection.execute(statement).scalars())
    return tuple(one for one in found if one is not None)


def line_of(connection: Connection, lot: str) -> list[str]:
    """A lot and the lots that it was split from."""
    return [name for name, _ in reversed(family.line_of(connection, lot))]


def about(erasures: Sequence[Erasure], event_id: str) -> Iterator[Erasure]:
    return (one for one in erasures if one.record == event_id)


def _verified(
    installation: Installation, connection: Connection, head: LogHead, index: int
) -> Erasure | None:
    """The same checks as of any record of a history: bytes, tree, signatures, scopes, who may erase."""
    try:
        leaf = published_leaf(installation, connection, index)
        typed_ = typed(leaf.record)
        view = StoredView(connection, head)
        trust.check_signers(typed_, view, leaf.index)
        leaf.record.verify(lambda key: trust.public_key(typed_, view, key))
    except (LedgerError, CouldNotCheck):
        return None
    data = typed_.data
    if not isinstance(data, ErasureRecorded) or leaf.record.body.author.party != head.state.operator:
        return None
    return Erasure(_note(leaf, data), data.record, frozenset(data.fields), frozenset(data.rows))


def _note(leaf: Leaf, data: ErasureRecorded) -> ErasedNote:
    return ErasedNote(index=leaf.index, at=parse_at(leaf.recorded_at), reason=data.reason)
