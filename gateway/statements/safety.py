"""Goods that can hurt people: classified, called back, released."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.pages.views.values import Value
from gateway.permissions import Role
from gateway.policies import load
from gateway.statements.action import HIDDEN, Action, Ask, Field, Option, Proposal, Shown
from gateway.statements.lots import OPERATOR, lot, own_place, worded
from gateway.workflows.prepare import Wanted
from ledger.family import lots_of
from ledger.lots import lineage
from ledger.lots.state import LotState, PartyState
from ledger.recall import sales_reached
from ledger.store import log

CLASSES: Final = ("children", "electrical", "fire", "food_contact", "pressure", "protective")
DANGERS: Final = ("safety", "counterfeit", "legal", "quality")
ENDINGS: Final = ("unfounded", "remedied")
AUTHORITIES: Final[frozenset[Role]] = frozenset({"operator", "brand", "supplier"})
SHOWN_MAX: Final = 50  # lots named before a recall; the rest is counted


def _classifiable(ask: Ask) -> str:
    state = lot(ask)
    return "" if ask.party in (state.custody, state.title) and state.is_leaf else HIDDEN


def _classify(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    places = [own_place(ask, "lot.classified", "custodian")]
    committed = {"recall_contact": answers["recall_contact"]}
    data = {"safety": answers["safety"]}
    return Proposal(Wanted("lot.classified", [ask.subject], places, data, committed=committed))


def _has_authority(ask: Ask) -> str:
    state = lot(ask)
    own = ask.party in (state.title, state.custody, state.supplier)
    return "" if own or _speaks_for(ask, state) else HIDDEN


def _speaks_for(ask: Ask, state: LotState) -> bool:
    subject = log.subject(ask.connection, ask.party)
    party = subject.state if subject else None
    brands = {part.brand for part in state.bundle} or {state.brand}
    return isinstance(party, PartyState) and party.kind == "brand" and not brands.isdisjoint(party.brands)


def _recall(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    committed = {name: answers[name] for name in ("notice", "remark") if answers[name]}
    places = [own_place(ask, "lot.recalled", "authority")]
    data = {"reason": answers["reason"]}
    wanted = Wanted("lot.recalled", [ask.subject], places, data, committed=committed)
    return Proposal(wanted, shown=_reached(ask))


def _reached(ask: Ask) -> tuple[Shown, ...]:
    """The lots that the recall holds for, and to the house whose orders it concerns."""
    state_of, rows, units = lots_of(ask.connection), [], 0
    names = lineage.reach(ask.subject, state_of)
    for name in names:
        state = state_of(name)
        if state is not None and state.is_leaf:
            units += state.quantity
            rows.append((name.partition(":")[2][:6], state.grade or "", state.quantity))
    shown = Shown("Lots that the recall reaches", ("Lot", "Grade", "Units"), tuple(rows[:SHOWN_MAX]))
    sums: list[tuple[Value, ...]] = [("Lots here or sold", len(rows)), ("Units", units)]
    if ask.party == ask.installation.config.operator:
        sales = list(sales_reached(ask.connection, ask.subject))
        sums += [
            ("Sales", len(sales)),
            ("Buyers who will be told", len({sale.buyer for sale in sales if sale.buyer})),
        ]
    return (shown, Shown("Whom it reaches", ("What", "How many"), tuple(sums), worded=True))


def _own_recalls(ask: Ask) -> Sequence[Option]:
    return [
        Option(one.event_id, one.reason, "record_reasons") for one in lot(ask).recalls if one.by == ask.party
    ]


def _releasable(ask: Ask) -> str:
    return "" if _own_recalls(ask) else HIDDEN


def _release(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    committed = {name: answers[name] for name in ("notice", "remark") if answers[name]}
    places = [own_place(ask, "lot.released", "authority")]
    data = {"record": answers["record"], "reason": answers["reason"]}
    return Proposal(Wanted("lot.released", [ask.subject], places, data, committed=committed))


def _class_asked(ask: Ask) -> str:
    """What the house's policy says of such goods."""
    return load.safety().get(lot(ask).category, "")


_NOTICE: Final = Field("notice", "file", "Recall notice", "Its hash is committed to.", False)
_REMARK: Final = Field("remark", "text", "Remark", "Only a commitment to it is public.", False)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "classify",
        "lot.classified",
        OPERATOR,
        "lot",
        (
            Field(
                "safety",
                "choice",
                "What safety it touches",
                "Every unit then needs a code of its own.",
                options=worded("safety_classes", CLASSES),
                default=_class_asked,
            ),
            Field(
                "recall_contact",
                "text",
                "Whom to call in a recall",
                "Name and telephone number. Only a commitment to it is public.",
            ),
        ),
        _classifiable,
        _classify,
        undone_by="classify",
        batch=True,
    ),
    Action(
        "recall",
        "lot.recalled",
        AUTHORITIES,
        "lot",
        (
            Field(
                "reason", "choice", "What is wrong with the goods", options=worded("record_reasons", DANGERS)
            ),
            _NOTICE,
            _REMARK,
        ),
        _has_authority,
        _recall,
        is_grave=True,
        undone_by="release",
        batch=True,
    ),
    Action(
        "release",
        "lot.released",
        AUTHORITIES,
        "lot",
        (
            Field("record", "choice", "Which recall ends", options=_own_recalls),
            Field("reason", "choice", "Why it ends", options=worded("record_reasons", ENDINGS)),
            _NOTICE,
            _REMARK,
        ),
        _releasable,
        _release,
        is_grave=True,
    ),
)
