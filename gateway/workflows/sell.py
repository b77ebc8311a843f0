"""From an offer to an order in two steps: hold, then buy what is held at once.

A purchase that waits for an approval or a deposit goes through ``purchases``.
"""

from collections.abc import Callable, Sequence

from gateway.store.trade import Order
from gateway.wiring import Installation
from gateway.workflows.companies import HOUSE, Actor
from gateway.workflows.holding import release, releasing, reserve, reserving
from gateway.workflows.purchases import buying
from gateway.workflows.sale import Terms
from ledger.record import Ledger

__all__ = ["Terms", "confirm", "confirming", "release", "releasing", "reserve", "reserving"]


def confirm(
    installation: Installation, reservation_id: str, company: str, terms: Terms, beside: Sequence[str] = ()
) -> Order:
    """Turn a hold into a confirmed order; its ``lot.sold`` is recorded in the same transaction.

    beside: other holds of the company, which become orders of the same purchase, all or none. The same
    reservation confirmed twice is one order. Raises as ``purchases.buying``.
    """
    return installation.writer.do(confirming(installation, reservation_id, company, terms, beside))


def confirming(
    installation: Installation,
    reservation_id: str,
    company: str,
    terms: Terms,
    beside: Sequence[str] = (),
    *,
    by: Actor = HOUSE,
    repeated: bool = False,
) -> Callable[[Ledger], Order]:
    """The unit behind ``confirm``; it gives the order of ``reservation_id``.

    by: who asks, HOUSE for whoever answers to no company. repeated: the number stands on another
    purchase, and that is meant.
    """
    return buying(installation, (reservation_id, *beside), company, terms, by=by, repeated=repeated)
