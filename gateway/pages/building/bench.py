"""The upper part of a lot's page for staff: its next step, what else can be done, how it adds up."""

from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from babel.numbers import get_currency_precision
from sqlalchemy import Connection

from gateway.pages.building.console import action_href, bars, step_line
from gateway.pages.views.console import (
    ActionLine,
    Balance,
    BenchView,
    CostLine,
    ScoreLine,
    StepLine,
    UndoLine,
)
from gateway.pages.views.values import Money, UnitPrice
from gateway.people.identity import Identity
from gateway.policies import load
from gateway.statements.action import Ask
from gateway.statements.catalogue import offered
from gateway.statements.lots import named, records_of
from gateway.wiring import Installation
from gateway.workflows.costs import Costs, costs_of
from gateway.workflows.gate import declared_by, today
from gateway.workflows.lot_places import places
from gateway.workflows.score_suppliers import tally_of
from ledger.core.envelope import parse_at
from ledger.errors import MissingEvidence
from ledger.lots.movements import HERE, SHORT, SOLD, SOURCE, Account
from ledger.lots.state import LotState
from ledger.lots.suppliers import score

UNDO_SHOWN: Final = 8
# What takes a record back; every other one can only be marked as wrong.
TAKEN_BACK_BY: Final = {
    "lot.received": "recount",
    "lot.recounted": "recount",
    "lot.lost": "found",
    "lot.sold": "take-back",
    "lot.packed": "unpack",
    "lot.recalled": "release",
    "lot.moved": "move",
    "lot.classified": "classify",
    "lot.listed": "withdraw",
}
_LAST: Final = frozenset({"correct"})  # offered with the records themselves


def bench_view(
    installation: Installation, connection: Connection, identity: Identity, lot: str, state: LotState
) -> BenchView:
    placed = places(installation, connection).of(lot)
    step = step_line(connection, placed) if placed else StepLine(slug="", why="gone")
    ask = ask_of(installation, connection, identity, lot, state)
    every = [
        ActionLine(slug=row.slug, href=action_href(row.slug, lot), why=why, grave=row.is_grave)
        for row, why in offered(ask, "lot")
        if row.slug not in _LAST
    ]
    found = _accounts(connection, lot)
    return BenchView(
        step=step,
        actions=tuple(one for one in every if not one.why and one.slug != step.slug),
        not_now=tuple(one for one in every if one.why),
        balance=_balance(found, lot, state),
        costs=tuple(_costs(found, lot)),
        scores=tuple(_scores(installation, connection, state)),
        undo=tuple(_undo(connection, lot)) if state.custody == identity.organisation else (),
    )


def ask_of(
    installation: Installation, connection: Connection, identity: Identity, lot: str, state: LotState
) -> Ask:
    return Ask(
        installation,
        connection,
        identity,
        identity.organisation,
        identity.role,
        lot,
        state,
        today(installation),
    )


def _accounts(connection: Connection, lot: str) -> Costs | None:
    """None where a price or a sold quantity is not open any more: then nothing would add up."""
    try:
        return costs_of(connection, [lot])
    except MissingEvidence:
        return None


def _balance(found: Costs | None, lot: str, state: LotState) -> Balance | None:
    """What came, and what became of it; what went over to other lots is the difference."""
    if found is None or lot in found.book.unknown:
        return None
    places = {place: units for place, units in found.book.lot(lot).items() if place != SOURCE}
    came = -found.book.units[Account(lot, SOURCE)] or state.declared
    # A later count may have found what an earlier one missed: those did not come twice.
    twice = min(max(0, came - state.declared), places.get(SHORT, 0))
    if twice:
        came, places[SHORT] = came - twice, places[SHORT] - twice
    places["divided"] = came - sum(places.values())
    return Balance(came=came, parts=bars(places.items()))


def _costs(found: Costs | None, lot: str) -> Iterator[CostLine]:
    """Of what is here or sold; what went over to other lots took its cost along."""
    if found is None:
        return
    held = found.book.lot(lot)
    units = held.get(HERE, 0) + held.get(SOLD, 0)
    total: Counter[str] = Counter()
    for place in (HERE, SOLD):
        total.update(found.book.cost(Account(lot, place)))
    for currency, amount in sorted(total.items()) if units else ():
        each = Decimal(amount).scaleb(-get_currency_precision(currency)) / units
        yield CostLine(
            total=Money(amount_minor=amount, currency=currency),
            unit=UnitPrice(amount=each.quantize(Decimal("0.01"), ROUND_HALF_UP), currency=currency),
        )
    for currency, amount in sorted(found.freight.get(lot, {}).items()):
        yield CostLine(total=Money(amount_minor=amount, currency=currency), unit=None)


def _scores(installation: Installation, connection: Connection, state: LotState) -> Iterator[ScoreLine]:
    weights = load.permission().score.weights()
    suppliers = declared_by(connection, state)
    names = named(connection, set(suppliers))
    for supplier in suppliers:
        tally = tally_of(installation.database, connection, supplier)
        result = score(tally, weights)
        yield ScoreLine(
            supplier=names[supplier],
            points=result.points,
            full=result.full_inspection,
            counted=tally.received,
            rejected=tally.rejected,
            returned=tally.returned,
            disputed=tally.disputed,
        )


def _undo(connection: Connection, lot: str) -> Iterator[UndoLine]:
    """The last records of the lot itself, newest first."""
    shown = 0
    for leaf in records_of(connection, lot):
        if leaf.record.body.type == "correction.recorded":
            continue
        yield UndoLine(
            type=leaf.record.body.type,
            at=parse_at(leaf.recorded_at),
            href=f"/console/undo/{leaf.record.event_id}?on={lot.partition(':')[2]}",
        )
        shown += 1
        if shown == UNDO_SHOWN:
            return
