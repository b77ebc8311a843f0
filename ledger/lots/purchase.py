"""What was paid for a warehouse, carried down to children and grandchildren without losing a cent.

Every lot's cost is divided among its parts: its children and what stayed with it. A part's cost is
fixed by the split that made it; dividing it further changes no other part.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ledger.lots.cost import allocate

Method = Literal["unit", "expected_value", "face_value"]


@dataclass(frozen=True, slots=True)
class Worth:
    """How much cost a part can carry. expected_minor: what it should sell for; face_minor: its tag price.

    Both in minor units of one currency, for the whole part.
    """

    quantity: int
    expected_minor: int = 0
    face_minor: int = 0

    def weight(self, method: Method) -> int:
        if method == "unit":
            return self.quantity
        return self.expected_minor if method == "expected_value" else self.face_minor


@dataclass(frozen=True, slots=True)
class Held:
    """A lot and what was split from it, in the order of the splits. own: what stayed with it."""

    lot: str
    own: Worth
    children: tuple["Held", ...] = ()

    def weight(self, method: Method) -> int:
        """Of everything that the lot was before it was split."""
        return self.own.weight(method) + sum(child.weight(method) for child in self.children)


@dataclass(frozen=True, slots=True)
class Cost:
    """total_minor: of the lot with all that was split from it; own_minor: of what stayed."""

    total_minor: int
    own_minor: int


def allocate_down(root: Held, total_minor: int, method: Method) -> dict[str, Cost]:
    """The cost of every lot below ``root``, itself included; ``total_minor`` was paid for all of it.

    For every lot: ``total_minor == own_minor + sum(children's total_minor)``. Largest remainder at each
    split; where no part has worth by the method, the parts carry as equally as they can.
    """
    return dict(_down(root, total_minor, method))


def _down(root: Held, total_minor: int, method: Method) -> Iterator[tuple[str, Cost]]:
    waiting = [(root, total_minor)]  # no recursion: a lot may be split a thousand times over
    while waiting:
        held, total = waiting.pop()
        stays = [held.own.weight(method)] if held.own.quantity or not held.children else []
        shares = allocate(total, [*stays, *(child.weight(method) for child in held.children)])
        own = shares[0] if stays else 0
        yield held.lot, Cost(total, own)
        waiting += zip(held.children, shares[len(stays) :], strict=True)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A lot as it came in. quantity: units counted."""

    lot: str
    quantity: int


def spread_freight(bill_minor: int, deliveries: Sequence[Delivery]) -> dict[str, int]:
    """One freight bill over a day's deliveries by their quantities; the shares sum to the bill."""
    shares = allocate(bill_minor, [delivery.quantity for delivery in deliveries])
    return {delivery.lot: share for delivery, share in zip(deliveries, shares, strict=True)}


def in_records(
    bill_minor: int, deliveries: Sequence[Delivery], *, most: int
) -> list[tuple[int, list[Delivery]]]:
    """A bill in parts of at most ``most`` deliveries, as records hold them, each with its share.

    Ascending by lot id. The parts' shares sum to the bill; each is spread by ``spread_freight``.
    """
    ordered = sorted(deliveries, key=lambda delivery: delivery.lot)
    parts = [ordered[start : start + most] for start in range(0, len(ordered), most)]
    shares = allocate(bill_minor, [sum(delivery.quantity for delivery in part) for part in parts])
    return list(zip(shares, parts, strict=True))
