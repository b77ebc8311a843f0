"""What a compromised key takes with it: which records count as distrusted, and what still rests on them.

A record stays in its chain for ever and so does its mark. What a lot *is* may cease to rest on it: a
whole inspection by a good key replaces what a distrusted one found.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ledger.core.envelope import Body
from ledger.lots.state import KeyState, LotState

# They state something about another record and change nothing of the lot.
_ABOUT_RECORDS = frozenset({"correction.recorded", "erasure.recorded"})
_BEHIND_INSPECTIONS = frozenset({"inspection.planned", "device.measured", "lot.insured"})


@dataclass(frozen=True, slots=True)
class Distrusted:
    """One record that counts as distrusted. keys: ids of its signers' keys that do, in their order."""

    index: int
    type: str
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return f"entry {self.index} ({self.type}) is signed by the distrusted key {', '.join(self.keys)}"


def distrusted_keys(body: Body, index: int, key: Callable[[str], KeyState | None]) -> tuple[str, ...]:
    """The keys among the signers of the record at ``index`` that are distrusted from there or before.

    key: what the log says of a key id by now, None where it is no party's (records.md 3).
    """
    found = ((signer.key, key(signer.key)) for signer in body.signers)
    return tuple(
        identity
        for identity, state in found
        if state is not None and state.distrust_from is not None and state.distrust_from <= index
    )


def distrusted_records(entries: Iterable[tuple[int, Body]], keys: Iterable[KeyState]) -> Iterator[Distrusted]:
    """Every distrusted record among ``entries``, in their order.

    entries: index and body, from the lowest ``first_distrusted`` on; earlier ones do no harm. keys: as
    they stand at the end of the log, since a later record may reach back.
    """
    known = {key.id: key for key in keys if key.distrust_from is not None}
    for index, body in entries:
        bad = distrusted_keys(body, index, known.get)
        if bad:
            yield Distrusted(index, body.type, bad)


def first_distrusted(keys: Iterable[KeyState]) -> int | None:
    """The lowest index at which a record may count as distrusted; None when no key is distrusted."""
    return min((key.distrust_from for key in keys if key.distrust_from is not None), default=None)


# Accounts of what was sold or delivered: the goods are the same without them. A consent that is
# distrusted is no consent, which the gate looks at by itself.
_BESIDE_THE_GOODS = frozenset(
    {"brand.consented", "title.transferred", "freight.billed", "dispute.settled", "labels.printed"}
)


def rests_on(lot: str, state: LotState, *, subject: str, type_: str, event_id: str) -> bool:
    """Whether ``lot`` as it is now rests on a record of its history.

    state: the lot's. subject: the lot whose chain the record stands in, ``lot`` or an ancestor.

    False for an inspection that another one of the whole lot replaced, and whose label state that
    one found again; for samples, device results and policies that the latest inspection does not have;
    for a recall; for an offer that is withdrawn; for codes and offers of an ancestor; for what is
    said about other records. Everything else made the lot what it is.
    """
    if type_ in _ABOUT_RECORDS or type_ in _BESIDE_THE_GOODS:
        return False
    if type_ == "lot.recalled":
        return False  # under a distrusted key it holds nobody back (``rules.step.check_not_recalled``)
    if type_ == "lot.inspected":
        return not _replaced(state, event_id)
    if type_ in _BEHIND_INSPECTIONS:
        return _is_behind(state, event_id)
    if type_ in ("lot.listed", "lot.withdrawn"):
        return subject == lot and state.listings > 0
    if type_ == "codes.issued":
        return subject == lot
    return True


def _is_behind(state: LotState, event_id: str) -> bool:
    """Whether a plan, a device's batch or a policy is part of what the latest inspection stands on."""
    latest, insurance = state.inspection, state.insurance
    known = [insurance.event_id] if insurance is not None else []
    if latest is not None:
        known += [batch.event_id for batch in latest.batches]
        known += [latest.sample.sample.planned] if latest.sample is not None else []
    return event_id in known


def _replaced(state: LotState, event_id: str) -> bool:
    latest = state.inspection
    if any(one.event_id == event_id for one in state.inspections):
        return False  # of a lot that was merged, each parent's stands beside the others
    if latest is None or latest.event_id == event_id or latest.coverage != "full":
        return False
    # A split wrote the label state that an earlier inspection found into the child's key.
    return state.label_state is None or latest.label_states == [state.label_state]
