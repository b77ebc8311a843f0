"""The brand's disposal fee: what a grant's rate accrues on each sale under it.

Fees are rounded on the running total of a grant and currency, half up, and each sale takes the
difference: a statement over many small sales is never off by more than half a minor unit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Licence:
    """A grant with a fee. payee: its grantor. rate: "0.05" is five per cent. base: what it is taken of."""

    authorization: str
    payee: str
    rate: str
    base: Literal["sale", "purchase"] = "sale"


@dataclass(frozen=True, slots=True)
class Sale:
    """event_id: of the ``lot.sold``. amount_minor: the whole sale. cost_minor: what its units had cost.

    A purchase may have been paid in another currency than the sale is: cost_currency.
    """

    event_id: str
    amount_minor: int
    currency: str
    licences: tuple[Licence, ...]
    cost_minor: int | None = None
    cost_currency: str = ""


@dataclass(frozen=True, slots=True)
class Accrual:
    """What one sale makes payable under one grant. base_minor: the amount that the rate was taken of."""

    event_id: str
    authorization: str
    payee: str
    base_minor: int
    amount_minor: int
    currency: str


def accruals(sales: Iterable[Sale]) -> Iterator[Accrual]:
    """The fees of ``sales``, which come in log order.

    ``10,000.00`` sold at ``0.05`` accrues ``500.00``. Raises ValueError for a rate outside 0…1, or a fee
    on the purchase value of goods whose cost is not given.
    """
    totals: dict[tuple[str, str], Decimal] = {}
    for sale in sales:
        for licence in sale.licences:
            rate, (base, currency) = Decimal(licence.rate), _base(sale, licence)
            if not 0 <= rate <= 1:
                raise ValueError(f"{licence.authorization}: a rate of {licence.rate} is no share")
            key = licence.authorization, currency
            before = totals.get(key, Decimal(0))
            totals[key] = before + rate * base
            yield Accrual(
                event_id=sale.event_id,
                authorization=licence.authorization,
                payee=licence.payee,
                base_minor=base,
                amount_minor=_rounded(totals[key]) - _rounded(before),
                currency=currency,
            )


def _base(sale: Sale, licence: Licence) -> tuple[int, str]:
    if licence.base == "sale":
        return sale.amount_minor, sale.currency
    if sale.cost_minor is None:
        raise ValueError(f"{licence.authorization}: the cost of what {sale.event_id} sold is not known")
    return sale.cost_minor, sale.cost_currency


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
