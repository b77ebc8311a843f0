"""Cost of a whole-warehouse purchase, divided so that the parts sum to the price to the last cent.

Everything that was bought carries cost, sold or not: rejected rows and goods too old to list too.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

UNIT_COST_PLACES = 4  # decimals of a unit cost in the major unit, as unit prices on invoices carry


def allocate(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Divide ``total_minor`` in proportion to ``weights`` by largest remainder.

    total_minor: minor units; a negative total (a discount) is divided as its mirror image.
    weights: each >= 0, in any unit: pieces, expected sales value, face value.
    Returns one share per weight, in order: ``sum(shares) == total_minor`` exactly, each within
    one minor unit of its exact share; equal remainders go to the earlier weight. A weight of
    zero gets nothing, unless all are zero: then the shares are as equal as they can be.

    Raises ValueError for a negative weight, or an amount without anything to carry it.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is negative")
    if not weights:
        if total_minor:
            raise ValueError(f"nothing to carry {total_minor}")
        return []
    if total_minor < 0:
        return [-share for share in allocate(-total_minor, weights)]

    weights = weights if any(weights) else [1] * len(weights)
    weight_sum = sum(weights)
    parts = [divmod(total_minor * weight, weight_sum) for weight in weights]
    shares = [share for share, _ in parts]
    by_remainder = sorted(range(len(parts)), key=lambda index: -parts[index][1])  # stable: ties by index
    for index in by_remainder[: total_minor - sum(shares)]:
        shares[index] += 1
    return shares


def unit_cost(total_minor: int, quantity: int, *, minor_digits: int = 2) -> str:
    """Cost of one piece in the major unit, as a decimal string.

    ``unit_cost(500_000_000, 100_000) == "50.00"``, ``unit_cost(64_000_000, 1200) == "533.3333"``.
    minor_digits: decimals of the currency (ISO 4217: 2 for CNY, 0 for VND). At least that many
    decimals are printed and at most four (or the currency's own), rounded half-even. For reading,
    never multiplied back: ``allocate`` is what sums.

    Raises ValueError when quantity is not positive.
    """
    if quantity <= 0:
        raise ValueError(f"a unit cost needs a positive quantity, not {quantity}")
    places = max(UNIT_COST_PLACES, minor_digits)
    scaled = round(Fraction(total_minor * 10 ** (places - minor_digits), quantity))  # exact, half-even
    text = f"{Decimal(scaled).scaleb(-places):.{places}f}"
    while text[-1] == "0" and places > minor_digits:
        text, places = text[:-1], places - 1
    return text.removesuffix(".")
