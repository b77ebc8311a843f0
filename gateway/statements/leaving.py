"""Goods move, get lost, turn up, are destroyed, leave by another way than an offer, or come back."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.statements import hands
from gateway.statements.action import HIDDEN, Action, Ask, Field, FieldRefused, Option, Proposal, Shown
from gateway.statements.dividing import chosen_rows, free_rows
from gateway.statements.lots import (
    OPERATOR,
    Effect,
    kept,
    lot,
    moved,
    own_place,
    present,
    rows_of,
    sells,
    signers_of,
    site_of,
    sites,
    units_of,
    whole,
    worded,
)
from gateway.store import shipments, trade
from gateway.store.goods import Item
from gateway.workflows import shipment_moves
from gateway.workflows.prepare import Facts, Wanted
from gateway.workflows.work import Work
from ledger.author import new_id
from ledger.core.canonical import JsonValue
from ledger.lots.state import ShipmentState
from ledger.record import Entry
from ledger.store import log

LOST: Final = ("missing", "stolen", "damaged")
DESTROYED: Final = ("brand_request", "unsafe", "unsellable", "recalled", "authority_order")
METHODS: Final = ("shredded", "incinerated", "dismantled", "recycled", "landfilled")
DISPOSED: Final = ("staff_sale", "public_discount", "third_party_clearance", "donation")
RETURNED: Final = ("cancelled", "refused", "damaged", "not_as_described", "recalled", "other")


def _given(answers: Mapping[str, Any], *names: str) -> dict[str, JsonValue]:
    """The optional answers that were given, to be committed to."""
    return {name: answers[name] for name in names if answers[name]}


def _moves(ask: Ask) -> str:
    return kept(ask) or ("" if site_of(lot(ask)) else "site-unknown")


def _move(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    here = site_of(lot(ask))
    if answers["to_site"] == here:
        raise FieldRefused("to_site", "same-site")
    data = {"from_site": here, "to_site": answers["to_site"]}
    places = [own_place(ask, "lot.moved", "custodian")]
    return Proposal(Wanted("lot.moved", [ask.subject], places, data, committed=_given(answers, "waybill")))


def _takes_over(ask: Ask) -> str:
    state = lot(ask)
    there = state.custody != ask.party and state.at_hand and state.is_leaf and state.received
    return "" if there and not state.shipped else HIDDEN


def _take_over(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    state = lot(ask)
    places = [
        own_place(ask, "lot.moved", "custodian"),
        hands.place(ask.connection, state.custody, "lot.moved", "releasing"),
    ]
    data = {"from_site": site_of(state) or answers["to_site"], "to_site": answers["to_site"]}
    return Proposal(Wanted("lot.moved", [ask.subject], places, data, committed=_given(answers, "waybill")))


def _lose(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    data = {"quantity": lot(ask).quantity, "reason": answers["reason"]}
    committed = _given(answers, "report", "remark")
    places = [own_place(ask, "lot.lost", "custodian")]
    return Proposal(Wanted("lot.lost", [ask.subject], places, data, committed=committed))


def _is_lost(ask: Ask) -> str:
    state = lot(ask)
    return "" if state.exit == "lost" and state.custody == ask.party else HIDDEN


def _find(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    data = {"quantity": lot(ask).exited, "site": answers["site"]}
    places = [own_place(ask, "lot.found", "custodian")]
    committed = _given(answers, "remark")
    return Proposal(Wanted("lot.found", [ask.subject], places, data, committed=committed))


def _destroy(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    state, type_ = lot(ask), "lot.destroyed"
    places = [
        own_place(ask, type_, "custodian"),
        hands.place(ask.connection, answers["witness"], type_, "witness"),
    ]
    if state.title != state.custody:
        places.append(hands.place(ask.connection, state.title, type_, "owner"))
    data = {
        "quantity": state.quantity,
        "reason": answers["reason"],
        "method": answers["method"],
        "mass_g": answers["mass"],
        "certificate": answers["certificate"],
    }
    committed = _given(answers, "place", "contractor")
    return Proposal(Wanted(type_, [ask.subject], places, data, committed=committed))


def _disposable(ask: Ask) -> str:
    return whole(ask) or ("" if sells(ask) else "not-ours-to-sell")


def _dispose(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    state, type_ = lot(ask), "lot.disposed"
    places = [own_place(ask, type_, "seller")]
    if state.custody != ask.party:
        places.append(hands.place(ask.connection, state.custody, type_, "releasing"))
    data = {"kind": answers["kind"], "quantity": state.quantity}
    committed = _given(answers, "price", "recipient", "document")
    wanted = Wanted(
        type_, [ask.subject], places, data, refs=sorted(state.authorizations), committed=committed
    )
    return Proposal(wanted)


def _returnable(ask: Ask) -> str:
    state = lot(ask)
    if state.custody != ask.party or not state.is_leaf:
        return HIDDEN
    return "" if state.sold else HIDDEN


def _orders(ask: Ask) -> Sequence[Option]:
    return [Option(order.id, order.po_number) for order in trade.orders(ask.connection, lot=ask.subject)]


def _take_back(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    """Sold units become a lot of their own; they are the last of those that were sold."""
    state, name, type_ = lot(ask), new_id("lot"), "lot.returned"
    if not state.shipped and answers["reason"] != "cancelled":
        raise FieldRefused("reason", "nothing-shipped")
    if state.manifest is None:
        chosen, rest, count = list[Item](), list[Item](), answers["count"] or 0
    else:
        items = present(ask)
        free = {item.id for item in free_rows(items, state.sold or 0)}
        sold = [item for item in items if item.id not in free]
        gone = chosen_rows(sold, answers["articles"], answers["count"])
        chosen = [item for item in items if item.id in gone]
        rest = [item for item in items if item.id not in gone]
        count = units_of(chosen)
    if not 1 <= count <= (state.sold or 0):
        raise FieldRefused("count", "more-than-sold")
    data = {
        "child": {"id": name, "quantity": count},
        "remaining": {"quantity": state.quantity - count},
        "reason": answers["reason"],
    }
    rows: list[Facts] = []
    if state.manifest is not None:
        rows = [rows_of(chosen, name), *([rows_of(rest, "")] if rest else [])]
    wanted = Wanted(
        type_,
        [ask.subject, name],
        [own_place(ask, type_, "custodian")],
        data,
        committed=_given(answers, "order", "remark"),
        rows=rows,
    )
    shown = Shown(
        "How the units add up",
        ("What", "Units"),
        (
            ("Sold until now", state.sold or 0),
            ("Come back", count),
            ("Still sold", (state.sold or 0) - count),
        ),
        worded=True,
    )
    told = moved({name: chosen, ask.subject: rest}) if rows else {}
    return Proposal(wanted, then="follow" if rows else "", told=told, shown=(shown,))


def _shipment(ask: Ask) -> tuple[str, ShipmentState] | None:
    """What the lot is packed into and has not left in."""
    for shipment in shipments.of_lot(ask.connection, ask.subject):
        found = log.subject(ask.connection, shipment.id)
        if found is not None and not (found.state.shipped or found.state.unpacked):
            return shipment.id, found.state
    return None


def _unpackable(ask: Ask) -> str:
    state = lot(ask)
    return "" if state.packed and state.custody == ask.party and _shipment(ask) else HIDDEN


def _unpack(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    found = _shipment(ask)
    assert found is not None  # else it is not offered
    name, shipment = found
    wanted = Wanted(
        "lot.unpacked",
        [*shipment.lots, name],
        [own_place(ask, "lot.unpacked", "custodian")],
        {"packages": shipment.packages, "mass_g": shipment.mass_g},
        committed=_given(answers, "remark"),
    )
    return Proposal(wanted, then="unpacked", told={"shipment": name})


def _unpacked(work: Work, entry: Entry, told: Mapping[str, JsonValue]) -> None:
    """The orders in it may be packed again: they stand as when they were confirmed."""
    shipment_moves.unpacked(work, str(told["shipment"]), entry.event_id, "")


_REMARK: Final = Field("remark", "text", "Remark", "Only a commitment to it is public.", False)
_WAYBILL: Final = Field("waybill", "text", "Waybill", "Its number. Only a commitment is public.", False)
_COUNT: Final = Field("count", "count", "Units that come back", "Whole rows.", False, None, 1)
_ARTICLES: Final = Field(
    "articles", "lines", "Or these articles", "One a line, as scanned: IMEI, serial number or style.", False
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "move",
        "lot.moved",
        OPERATOR,
        "lot",
        (Field("to_site", "choice", "To site", options=sites), _WAYBILL),
        _moves,
        _move,
        undone_by="move",
        batch=True,
    ),
    Action(
        "take-over",
        "lot.moved",
        OPERATOR,
        "lot",
        (Field("to_site", "choice", "To site", options=sites), _WAYBILL),
        _takes_over,
        _take_over,
        batch=True,
    ),
    Action(
        "lose",
        "lot.lost",
        OPERATOR,
        "lot",
        (
            Field("reason", "choice", "What happened", options=worded("record_reasons", LOST)),
            Field("report", "file", "Report", "For example the police report.", False),
            _REMARK,
        ),
        whole,
        _lose,
        is_grave=True,
        undone_by="found",
        batch=True,
    ),
    Action(
        "found",
        "lot.found",
        OPERATOR,
        "lot",
        (Field("site", "choice", "Site", "Where it is now.", options=sites), _REMARK),
        _is_lost,
        _find,
        undone_by="lose",
        batch=True,
    ),
    Action(
        "destroy",
        "lot.destroyed",
        OPERATOR,
        "lot",
        (
            Field("reason", "choice", "Why", options=worded("record_reasons", DESTROYED)),
            Field("method", "choice", "How it was destroyed", options=worded("destruction_methods", METHODS)),
            Field("mass", "mass", "Mass in kilograms", "As weighed.", minimum=1),
            Field("certificate", "file", "Certificate of destruction", "Its hash is public."),
            Field(
                "witness",
                "party",
                "Witness",
                "Another company that has seen it, and signs.",
                options=signers_of("lot.destroyed", "witness"),
            ),
            Field("place", "text", "Place", "Only a commitment to it is public.", False),
            Field("contractor", "text", "Who destroyed it", "Only a commitment to it is public.", False),
        ),
        whole,
        _destroy,
        is_grave=True,
    ),
    Action(
        "dispose",
        "lot.disposed",
        OPERATOR,
        "lot",
        (
            Field("kind", "choice", "How it leaves", options=worded("exits", DISPOSED)),
            Field("price", "money", "Price of the whole", "Only a commitment to it is public.", False),
            Field("recipient", "text", "Who takes it", "Only a commitment to it is public.", False),
            Field("document", "file", "Contract or receipt", "", False),
        ),
        _disposable,
        _dispose,
        is_grave=True,
        batch=True,
    ),
    Action(
        "take-back",
        "lot.returned",
        OPERATOR,
        "lot",
        (
            _COUNT,
            _ARTICLES,
            Field("reason", "choice", "Why they come back", options=worded("record_reasons", RETURNED)),
            Field("order", "choice", "Order", "", False, options=_orders),
            _REMARK,
        ),
        _returnable,
        _take_back,
        is_grave=True,
    ),
    Action("unpack", "lot.unpacked", OPERATOR, "lot", (_REMARK,), _unpackable, _unpack, is_grave=True),
)
AFTER: Final[Mapping[str, Effect]] = {"unpacked": _unpacked}
