"""How goods are supplied: freight of a day, the end of a consignment, title, disputes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.pages.views.values import Money, Value
from gateway.statements import hands
from gateway.statements.action import HIDDEN, Action, Ask, Field, FieldRefused, Option, Proposal, Shown
from gateway.statements.lots import OPERATOR, lot, own_place, sells, worded
from gateway.store import trade
from gateway.workflows.prepare import Wanted
from ledger.core.envelope import SUBJECTS_MAX
from ledger.core.leaf import Leaf
from ledger.lots.purchase import Delivery, in_records, spread_freight
from ledger.lots.state import LotState
from ledger.store import log

OUTCOMES: Final = ("returned", "extended", "bought_out")
CAUSES: Final = ("not_as_described", "quantity", "damaged", "counterfeit", "late", "other")
SETTLED: Final = ("upheld", "rejected")


def deliveries(ask: Ask) -> dict[tuple[str, str], list[Delivery]]:
    """Lots that came in, by (day, site), each day's ascending by id; what is in the caller's custody."""
    found: dict[tuple[str, str], list[Delivery]] = {}
    for name, subject in log.subjects_of_kind(ask.connection, "lot"):
        state: LotState = subject.state
        if state.custody == ask.party and state.intake and not state.sources:
            place = (state.intake.day, state.intake.site)
            found.setdefault(place, []).append(Delivery(name, state.intake.counted))
    return {
        place: sorted(lots, key=lambda one: one.lot) for place, lots in sorted(found.items(), reverse=True)
    }


def _days(ask: Ask) -> Sequence[Option]:
    """A day at a site; of one with more lots than a record holds, each part of it."""
    return [
        Option(f"{day}/{site}/{start}", _written(day, site, start, len(lots)))
        for (day, site), lots in deliveries(ask).items()
        for start in range(0, len(lots), SUBJECTS_MAX)
    ]


def _written(day: str, site: str, start: int, lots: int) -> str:
    part = f"{start + 1}-{min(start + SUBJECTS_MAX, lots)}/{lots}" if lots > SUBJECTS_MAX else str(lots)
    return f"{day} · {site} · {part}"


def _delivered(ask: Ask) -> str:
    return "" if deliveries(ask) else "nothing-delivered"


def _freight(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    day, site, start = answers["delivery"].split("/")
    bill = answers["freight"]
    parts = in_records(bill["amount_minor"], deliveries(ask)[day, site], most=SUBJECTS_MAX)
    share, lots = parts[int(start) // SUBJECTS_MAX]
    freight = {"amount_minor": share, "currency": bill["currency"]}
    shares = spread_freight(share, lots)
    rows: list[tuple[Value, ...]] = [
        (
            one.lot.partition(":")[2][:6],
            one.quantity,
            Money(amount_minor=shares[one.lot], currency=freight["currency"]),
        )
        for one in lots
    ]
    committed: dict[str, Any] = {"freight": freight}
    if answers["document"]:
        committed["document"] = answers["document"]
    wanted = Wanted(
        "freight.billed",
        [one.lot for one in lots],
        [own_place(ask, "freight.billed", "custodian")],
        {"site": site, "received_on": day},
        committed=committed,
    )
    return Proposal(wanted, shown=(Shown("What each lot carries", ("Lot", "Units", "Share"), tuple(rows)),))


def _on_consignment(ask: Ask) -> str:
    state = lot(ask)
    here = state.supply_mode == "consign" and state.received and state.is_leaf
    return "" if here and state.custody == ask.party else HIDDEN


def _end_consignment(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    state, outcome, until = lot(ask), answers["outcome"], answers["until"]
    if (until is not None) != (outcome == "extended"):
        raise FieldRefused("until", "until-of-extension")
    if until is not None and state.consigned_until is not None and until.isoformat() <= state.consigned_until:
        raise FieldRefused("until", "day-too-early")
    if outcome == "returned" and (state.sold or state.listings):
        raise FieldRefused("outcome", "not-whole")
    type_ = "consignment.ended"
    places = [
        own_place(ask, type_, "custodian"),
        hands.place(ask.connection, state.title, type_, "consignor"),
    ]
    unsold = state.quantity - (state.sold or 0)
    committed: dict[str, Any] = {"unsold": unsold} if unsold else {}
    committed |= {name: answers[name] for name in ("price", "document") if answers[name]}
    data = {"outcome": outcome, "until": until.isoformat() if until else None}
    wanted = Wanted(
        type_,
        [ask.subject],
        places,
        {name: value for name, value in data.items() if value is not None},
        committed=committed,
    )
    rows: tuple[tuple[Value, ...], ...] = (("Sold", state.sold or 0), ("Not sold", unsold))
    return Proposal(wanted, shown=(Shown("How the units add up", ("What", "Units"), rows, worded=True),))


def _passes_title(ask: Ask) -> str:
    """Title passes right after a sale, in the units of that sale."""
    if not sells(ask) or not lot(ask).sold:
        return HIDDEN
    chain = log.chain(ask.connection, ask.subject)
    data = log.leaf(ask.connection, chain[-1][0]) if chain else None
    sold = data is not None and Leaf.parse(data).record.body.type == "lot.sold"
    return "" if sold else "no-sale-just-now"


def _transfer(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    state = lot(ask)
    committed = {name: answers[name] for name in ("transferee", "order") if answers[name]}
    wanted = Wanted(
        "title.transferred",
        [ask.subject],
        [own_place(ask, "title.transferred", "seller")],
        {"supply_mode": state.supply_mode, "transferor": state.title},
        committed=committed,
    )
    return Proposal(wanted)


def _disputable(ask: Ask) -> str:
    return "" if sells(ask) and lot(ask).sold != 0 else HIDDEN


def _settle(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    sold = lot(ask).sold
    if sold is not None and answers["quantity"] > sold:
        raise FieldRefused("quantity", "more-than-sold")
    committed = {name: answers[name] for name in ("quantity", "order", "document") if answers[name]}
    wanted = Wanted(
        "dispute.settled",
        [ask.subject],
        [own_place(ask, "dispute.settled", "seller")],
        {"cause": answers["cause"], "outcome": answers["outcome"]},
        committed=committed,
    )
    return Proposal(wanted)


def _orders(ask: Ask) -> Sequence[Option]:
    return [Option(order.id, order.po_number) for order in trade.orders(ask.connection, lot=ask.subject)]


_ORDER: Final = Field("order", "choice", "Order", "", False, options=_orders)
_DOCUMENT: Final = Field("document", "file", "Contract or receipt", "", False)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "bill-freight",
        "freight.billed",
        OPERATOR,
        "nothing",
        (
            Field(
                "delivery", "choice", "Which day's deliveries", "Day, site and how many lots.", options=_days
            ),
            Field(
                "freight",
                "money",
                "Freight",
                "Of the whole day. Shared by the units that were counted, to the cent.",
            ),
            _DOCUMENT,
        ),
        _delivered,
        _freight,
    ),
    Action(
        "end-consignment",
        "consignment.ended",
        OPERATOR,
        "lot",
        (
            Field(
                "outcome", "choice", "What becomes of what is not sold", options=worded("outcomes", OUTCOMES)
            ),
            Field("until", "day", "New last day", "Of an extension only.", False),
            Field("price", "money", "Price", "Where the goods are bought.", False),
            _DOCUMENT,
        ),
        _on_consignment,
        _end_consignment,
        is_grave=True,
    ),
    Action(
        "transfer-title",
        "title.transferred",
        OPERATOR,
        "lot",
        (
            Field("transferee", "text", "To whom title goes", "Only a commitment to it is public.", False),
            _ORDER,
        ),
        _passes_title,
        _transfer,
        is_grave=True,
    ),
    Action(
        "settle-dispute",
        "dispute.settled",
        OPERATOR,
        "lot",
        (
            Field("cause", "choice", "What the buyer complains of", options=worded("causes", CAUSES)),
            Field("outcome", "choice", "Who was right", options=worded("outcomes", SETTLED)),
            Field("quantity", "count", "Units in dispute", minimum=1),
            _ORDER,
            _DOCUMENT,
        ),
        _disputable,
        _settle,
        is_grave=True,
    ),
)
