"""Numbers as people type them into forms: ASCII digits, a point before decimals, nothing guessed at."""

import re
from decimal import Decimal
from typing import Final

from gateway.workflows.order_steps import Amount

PIECES_MAX: Final = 10**9


def whole_pieces(text: str) -> int | None:
    """A whole number; None for anything else."""
    stripped = text.strip()
    if not (stripped.isascii() and stripped.isdigit() and len(stripped) <= 10):
        return None
    return min(int(stripped), PIECES_MAX)


def kilograms(text: str) -> Amount | None:
    """With up to six decimals."""
    stripped = text.strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", stripped, re.ASCII) is None:
        return None
    return Amount(Decimal(stripped), "kg")


def amount_minor(text: str) -> int | None:
    """Minor units of an amount with two decimals at most; None for anything else."""
    stripped = text.strip()
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,2})?", stripped, re.ASCII) is None:
        return None
    return int(Decimal(stripped).scaleb(2))
