"""Taking goods in: received, counted again, and corrected where a record is wrong."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.statements import hands
from gateway.statements.action import HIDDEN, Action, Ask, Field, FieldRefused, Option, Proposal, Shown
from gateway.statements.lots import (
    OPERATOR,
    last_record,
    lot,
    own_place,
    records_of,
    signers_of,
    sites,
    whole,
    worded,
)
from gateway.workflows.prepare import Wanted

COUNTS: Final = frozenset({"lot.received", "lot.recounted"})
COUNT_HEADS: Final = ("What", "Units")


def _receivable(ask: Ask) -> str:
    state = lot(ask)
    if state.received or state.supply_mode == "direct" or not state.is_leaf:
        return HIDDEN
    return "" if state.custody != ask.party else HIDDEN


def _receive(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    state, counted, unidentified = lot(ask), answers["counted"], answers["unidentified"]
    if unidentified >= counted:
        raise FieldRefused("unidentified", "nothing-left")
    if answers["damaged"] > counted:
        raise FieldRefused("damaged", "more-than-counted")
    type_ = "lot.received"
    places = [
        own_place(ask, type_, "custodian"),
        hands.place(ask.connection, state.custody, type_, "releasing"),
    ]
    data = {
        "declared": state.declared,
        "counted": counted,
        "unidentified": unidentified,
        "damaged": answers["damaged"],
        "site": answers["site"],
    }
    note = answers["delivery_note"]
    committed = {"delivery_note": note} if note else {}
    wanted = Wanted(type_, [ask.subject], places, data, committed=committed)
    as_declared = counted == state.declared and not unidentified and not answers["damaged"]
    return Proposal(wanted, shown=() if as_declared else (_balance(state.declared, answers),))


def _balance(declared: int, answers: Mapping[str, Any]) -> Shown:
    """Declared against counted, and what remains to work on."""
    counted, unidentified = answers["counted"], answers["unidentified"]
    difference = counted - declared
    rows = [("Declared", declared), ("Counted", counted)]
    if difference:
        rows.append(("Missing" if difference < 0 else "More than declared", abs(difference)))
    rows += [("Not identified", unidentified), ("Left to work on", counted - unidentified)]
    if "damaged" in answers:
        rows.append(("Of these damaged", answers["damaged"]))
    return Shown("How the units add up", COUNT_HEADS, tuple(rows), worded=True)


def _recountable(ask: Ask) -> str:
    state = lot(ask)
    if not state.received or state.parent is not None or state.merged_from:
        return HIDDEN
    if state.children or state.came_back or state.inspection is not None:
        return HIDDEN if not state.is_leaf else "worked-on"
    return whole(ask)


def _recount(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    state, counted, unidentified = lot(ask), answers["counted"], answers["unidentified"]
    if unidentified >= counted or counted < state.damaged:
        raise FieldRefused("counted", "nothing-left")
    if state.manifest is not None and counted - unidentified > state.declared:
        raise FieldRefused("unidentified", "more-than-rows")
    before = last_record(ask.connection, ask.subject, COUNTS)
    assert before is not None  # it was received
    type_ = "lot.recounted"
    wanted = Wanted(
        type_,
        [ask.subject],
        [
            own_place(ask, type_, "custodian"),
            hands.place(ask.connection, answers["witness"], type_, "witness"),
        ],
        {"record": before.record.event_id, "counted": counted, "unidentified": unidentified},
    )
    return Proposal(wanted, shown=(_balance(state.declared, answers),))


def _correctable(ask: Ask) -> str:
    return HIDDEN if lot(ask).custody != ask.party else ""


def _records(ask: Ask) -> Sequence[Option]:
    """The lot's own records that a correction can be about, newest first."""
    return [
        Option(one.record.event_id, one.record.body.type, "record_types")
        for one in records_of(ask.connection, ask.subject)
        if one.record.body.type != "correction.recorded"
    ]


def _correct(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    about = next(
        one for one in records_of(ask.connection, ask.subject) if one.record.event_id == answers["record"]
    )
    type_ = "correction.recorded"
    wanted = Wanted(
        type_,
        [link.id for link in about.record.body.subjects],
        [own_place(ask, type_, "corrector")],
        {"record": answers["record"], "reason": answers["reason"]},
    )
    return Proposal(wanted)


_UNIDENTIFIED: Final = Field(
    "unidentified",
    "count",
    "Not identified",
    "Of the units counted: those that nobody can say what they are.",
    minimum=0,
    default=lambda _ask: "0",
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "receive",
        "lot.received",
        OPERATOR,
        "lot",
        (
            Field(
                "counted",
                "count",
                "Units counted",
                "All that came, also damaged ones.",
                minimum=1,
                default=lambda ask: str(lot(ask).declared),
            ),
            _UNIDENTIFIED,
            Field(
                "damaged",
                "count",
                "Damaged",
                "Of the units counted: damaged on the way.",
                minimum=0,
                default=lambda _ask: "0",
            ),
            Field("site", "choice", "Site", options=sites),
            Field(
                "delivery_note", "text", "Delivery note", "Its number. Only a commitment is public.", False
            ),
        ),
        _receivable,
        _receive,
        undone_by="recount",
        batch=True,
    ),
    Action(
        "recount",
        "lot.recounted",
        OPERATOR,
        "lot",
        (
            Field(
                "counted",
                "count",
                "Units counted",
                "This count takes the place of the one before, which stays readable.",
                minimum=1,
                default=lambda ask: str(_counted(ask)),
            ),
            _UNIDENTIFIED,
            Field(
                "witness",
                "party",
                "Witness",
                "Another company that has seen the count, and signs it.",
                options=signers_of("lot.recounted", "witness"),
            ),
        ),
        _recountable,
        _recount,
        undone_by="recount",
    ),
    Action(
        "correct",
        "correction.recorded",
        OPERATOR,
        "lot",
        (
            Field(
                "record",
                "choice",
                "Which record is wrong",
                "It stays where it is, marked as wrong.",
                options=_records,
            ),
            Field(
                "reason",
                "choice",
                "What is wrong with it",
                options=worded("correction_reasons", ("did_not_occur", "incorrect_data")),
            ),
        ),
        _correctable,
        _correct,
        is_grave=True,
    ),
)


def _counted(ask: Ask) -> int:
    intake = lot(ask).intake
    return intake.counted if intake else lot(ask).quantity
