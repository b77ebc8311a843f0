"""Who works on a lot: inspections and repairs are assigned."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gateway.statements.action import Action, Ask, Field, FieldRefused, Option, Proposal
from gateway.statements.lots import OPERATOR, kept, lot, own_place, signers_of
from gateway.workflows.lot_places import places
from gateway.workflows.prepare import Wanted

TYPE: Final = "work.assigned"
_DOES: Final[Mapping[str, tuple[str, str]]] = {
    "inspection": ("lot.inspected", "inspector"),
    "refurbishment": ("lot.refurbished", "refurbisher"),
}


def _assignable(kind: str) -> Callable[[Ask], str]:
    def offered(ask: Ask) -> str:
        state = lot(ask)
        why = kept(ask)
        if why:
            return why
        if state.listings:
            return "offered"
        if state.sold is not None and state.sold >= state.quantity:
            return "units-sold"
        if kind == "refurbishment" and state.sold:
            return "units-sold"
        return "work-open" if _open(ask, kind) else ""

    return offered


def _open(ask: Ask, kind: str) -> bool:
    place = places(ask.installation, ask.connection).of(ask.subject)
    return place is not None and any(work.kind == kind for work in place.works)


def _workers(kind: str) -> Callable[[Ask], Sequence[Option]]:
    """Who may do it; whoever repaired the lot grades nothing of it."""
    every = signers_of(*_DOES[kind])

    def options(ask: Ask) -> Sequence[Option]:
        barred = {hand.party for hand in lot(ask).refurbishers} if kind == "inspection" else set()
        return [option for option in every(ask) if option.value not in barred]

    return options


def _assign(kind: str) -> Callable[[Ask, Mapping[str, Any]], Proposal]:
    def propose(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
        party = answers["worker_party"]
        if kind == "inspection" and any(hand.party == party for hand in lot(ask).refurbishers):
            raise FieldRefused("worker_party", "repaired-it")
        places_ = [own_place(ask, TYPE, "custodian")]
        data = {"kind": kind, "worker_party": party}
        return Proposal(Wanted(TYPE, ["work"], places_, data, refs=[ask.subject]))

    return propose


def _action(slug: str, kind: str, label: str, hint: str) -> Action:
    fields = (Field("worker_party", "party", label, hint, options=_workers(kind)),)
    return Action(slug, TYPE, OPERATOR, "lot", fields, _assignable(kind), _assign(kind), batch=True)


ACTIONS: Final[tuple[Action, ...]] = (
    _action(
        "assign-inspection",
        "inspection",
        "Who inspects",
        "Nobody inspects what they repaired, and nobody offers what they inspected.",
    ),
    _action("assign-refurbishment", "refurbishment", "Who repairs", "Afterwards others inspect it again."),
)
