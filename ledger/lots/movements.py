"""What a record moves, as double entry: units leave one account and enter another, and none appears.

An account is a lot and a place in it. Units come from ``source`` at their declaration, are ``here``
until they go over to another lot, and end in exactly one of the other places, as sold, lost or destroyed.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from ledger.core.canonical import JsonValue
from ledger.lots.state import LotState, Subject
from ledger.records.registry import Typed

SOURCE: Final = "source"
HERE: Final = "here"
SHORT: Final = "short"  # declared, and never arrived
UNIDENTIFIED: Final = "unidentified"
SOLD: Final = "sold"
LOST: Final = "lost"
TO_OWNER: Final = "returned_to_owner"  # unsold at the end of a consignment


class Account(NamedTuple):
    lot: str
    place: str


class Movement(NamedTuple):
    """quantity: units, > 0; None where a sale is not opened."""

    source: Account
    target: Account
    quantity: int | None


Before = Mapping[str, Subject | None]
_Rule = Callable[[Typed, Before, Mapping[str, JsonValue]], Iterator[Movement]]


def movements(typed: Typed, before: Before, opened: Mapping[str, JsonValue]) -> list[Movement]:
    """The movements of an accepted record, in its order; none for records that move nothing.

    before: its subjects as it found them. opened: its committed values, as far as they are to be had.
    """
    rule = _RULES.get(typed.type.name)
    if rule is None:
        return []
    return [move for move in rule(typed, before, opened) if move.quantity is None or move.quantity > 0]


def _declared(typed: Typed, before: Before, _: Mapping[str, JsonValue]) -> Iterator[Movement]:
    (name,) = before
    yield Movement(Account(name, SOURCE), Account(name, HERE), typed.data.quantity)


def _received(typed: Typed, before: Before, _: Mapping[str, JsonValue]) -> Iterator[Movement]:
    (name,) = before
    yield from _counted(name, typed.data.declared, typed.data.counted)
    yield Movement(Account(name, HERE), Account(name, UNIDENTIFIED), typed.data.unidentified)


def _recounted(typed: Typed, before: Before, _: Mapping[str, JsonValue]) -> Iterator[Movement]:
    """The earlier count goes back, and this one takes its place."""
    name, lot = _lot(before)
    yield Movement(Account(name, UNIDENTIFIED), Account(name, HERE), lot.unidentified)
    yield from _counted(name, lot.quantity + lot.unidentified, typed.data.counted)
    yield Movement(Account(name, HERE), Account(name, UNIDENTIFIED), typed.data.unidentified)


def _counted(name: str, expected: int, counted: int) -> Iterator[Movement]:
    """Fewer than expected never arrived; more came from where the others did."""
    yield Movement(Account(name, HERE), Account(name, SHORT), max(0, expected - counted))
    yield Movement(Account(name, SOURCE), Account(name, HERE), max(0, counted - expected))


def _split(typed: Typed, before: Before, _: Mapping[str, JsonValue]) -> Iterator[Movement]:
    name, _lot_state = _lot(before)
    for child in typed.data.children:
        yield Movement(Account(name, HERE), Account(child.id, HERE), child.quantity)


def _merged(typed: Typed, _: Before, __: Mapping[str, JsonValue]) -> Iterator[Movement]:
    for parent in typed.data.parents:
        yield Movement(Account(parent.id, HERE), Account(typed.data.child.id, HERE), parent.quantity)


def _sold(_: Typed, before: Before, opened: Mapping[str, JsonValue]) -> Iterator[Movement]:
    name, lot = _lot(before)
    quantity = opened.get("quantity")
    known = quantity if isinstance(quantity, int) and lot.sold is not None else None
    yield Movement(Account(name, HERE), Account(name, SOLD), known)


def _returned(typed: Typed, before: Before, _: Mapping[str, JsonValue]) -> Iterator[Movement]:
    name, lot = _lot(before)
    place = HERE if lot.sold is None else SOLD
    yield Movement(Account(name, place), Account(typed.data.child.id, HERE), typed.data.child.quantity)


def _found(typed: Typed, before: Before, _: Mapping[str, JsonValue]) -> Iterator[Movement]:
    name, _lot_state = _lot(before)
    yield Movement(Account(name, LOST), Account(name, HERE), typed.data.quantity)


def _left(place: Callable[[Any], str]) -> _Rule:
    def rule(typed: Typed, before: Before, _: Mapping[str, JsonValue]) -> Iterator[Movement]:
        name, _lot_state = _lot(before)
        yield Movement(Account(name, HERE), Account(name, place(typed.data)), typed.data.quantity)

    return rule


def _consignment(typed: Typed, before: Before, _: Mapping[str, JsonValue]) -> Iterator[Movement]:
    name, lot = _lot(before)
    if typed.data.outcome == "returned":
        yield Movement(Account(name, HERE), Account(name, TO_OWNER), lot.quantity)


def _lot(before: Before) -> tuple[str, LotState]:
    """The one lot that was there before the record."""
    for name, subject in before.items():
        if subject is not None and isinstance(subject.state, LotState):
            return name, subject.state
    raise LookupError("the record found no lot")


_RULES: dict[str, _Rule] = {
    "lot.declared": _declared,
    "lot.received": _received,
    "lot.recounted": _recounted,
    "lot.split": _split,
    "lot.merged": _merged,
    "lot.bundled": _merged,
    "lot.sold": _sold,
    "lot.returned": _returned,
    "lot.lost": _left(lambda _: LOST),
    "lot.found": _found,
    "lot.destroyed": _left(lambda _: "destroyed"),
    "lot.disposed": _left(lambda data: str(data.kind)),
    "consignment.ended": _consignment,
}

MOVING: Final = frozenset(_RULES)  # the types of records that move units
