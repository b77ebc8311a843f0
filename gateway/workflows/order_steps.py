"""Whether what a buyer asks for keeps the unit and the steps of an offer, and the minimum of an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from sqlalchemy import Connection

from gateway.errors import Refused
from gateway.policies import load
from gateway.store import trade
from gateway.store.trade import Listing
from gateway.trade.quantities import Basis, Steps


@dataclass(frozen=True, slots=True)
class Amount:
    """What a buyer asks for in a unit other than the piece; it has to be the one of the offer."""

    value: Decimal
    unit: Basis


def pieces_of(listing: Listing, asked: Amount) -> int:
    """Raises Refused (wrong-unit; not-a-multiple where it would cut a piece)."""
    if asked.unit != listing.basis:
        raise Refused("wrong-unit", f"the offer is priced by {listing.basis}", unit=listing.basis)
    pieces = listing.pack.whole_pieces(asked.value)
    if pieces is None:
        below = floor(Fraction(asked.value) * listing.pack.pieces)
        raise Refused(
            "not-a-multiple", "a piece is not divided", multiple=1, below=below or None, above=below + 1
        )
    return pieces


def check_step(steps: Steps, quantity: int, left: int) -> None:
    """Raises Refused (below-moq, not-a-multiple), with what may be ordered instead."""
    if steps.allows(quantity, left):
        return
    smallest = steps.smallest(left)
    if quantity < smallest:
        raise Refused("below-moq", f"the smallest order is {smallest} pieces", minimum=smallest)
    near = steps.nearest(quantity, left)
    raise Refused(
        "not-a-multiple",
        f"orders are multiples of {steps.multiple} pieces",
        multiple=steps.multiple,
        below=near.below,
        above=near.above,
    )


def check_minimum(connection: Connection, reservations: Sequence[str]) -> None:
    """Raises Refused (below-order-minimum) where a lot that may be mixed stands in an order too small."""
    holds = [hold for name in reservations if (hold := trade.reservation(connection, name)) is not None]
    pairs = [
        (hold, listing) for hold in holds if (listing := trade.listing(connection, hold.listing)) is not None
    ]
    minimum = load.channels().order_minimum
    lines = [
        (hold.quantity, listing.pack.amount_minor(hold.quantity, hold.unit_price_minor))
        for hold, listing in pairs
    ]
    currency = pairs[0][1].currency  # of one market, the buyer's
    if any(listing.mixed for _, listing in pairs) and not minimum.is_reached(lines, currency):
        raise Refused(
            "below-order-minimum",
            f"an order has at least {minimum.pieces} pieces",
            pieces=minimum.pieces,
            amount_minor=minimum.amounts.get(currency),
            currency=currency,
        )
