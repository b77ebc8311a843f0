"""By what goods are priced and in which steps they are ordered. Stock is always counted in pieces."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final, Literal

Basis = Literal["piece", "kg", "carton", "lot"]
BASES: Final[tuple[Basis, ...]] = ("piece", "kg", "carton", "lot")
GRAMS_OF_A_KG: Final = 1000


@dataclass(frozen=True, slots=True)
class Pack:
    """The unit that a price is for, and the stated fact that turns it into pieces.

    size: grams of one piece by kg, pieces of a carton or of the lot, 1 by the piece. At least 1.
    """

    basis: Basis = "piece"
    size: int = 1

    @property
    def pieces(self) -> Fraction:
        """Pieces of one unit: a kilogram of pieces of 250 g is four."""
        return Fraction(GRAMS_OF_A_KG, self.size) if self.basis == "kg" else Fraction(self.size)

    def units(self, pieces: int) -> Fraction:
        """Units that ``pieces`` are: fifty of 250 g are 12.5 kg."""
        return pieces / self.pieces

    def whole_pieces(self, units: Decimal) -> int | None:
        """Pieces of so many units; None where they are no whole number of pieces."""
        exact = Fraction(units) * self.pieces
        return int(exact) if exact.denominator == 1 else None

    def amount_minor(self, pieces: int, unit_price_minor: int) -> int:
        """The price of a line in minor units, rounded half up, once."""
        return half_up(self.units(pieces) * unit_price_minor)

    def piece_price_minor(self, unit_price_minor: int) -> Fraction:
        return unit_price_minor / self.pieces


BY_PIECE: Final = Pack()


def pack_of(
    basis: Basis, *, pieces: int, piece_masses_g: Collection[int | None], carton_pieces: int | None
) -> Pack | None:
    """The pack of a lot; None where the fact that it needs is not stated, or not one for all pieces.

    pieces: of the whole lot. piece_masses_g: net masses of its pieces, None for a piece without one.
    """
    match basis:
        case "piece":
            return BY_PIECE
        case "kg":
            masses = set(piece_masses_g)
            mass = masses.pop() if len(masses) == 1 else None
            return Pack("kg", mass) if mass else None
        case "carton":
            return Pack("carton", carton_pieces) if carton_pieces else None
        case "lot":
            return Pack("lot", pieces) if pieces > 0 else None


@dataclass(frozen=True, slots=True)
class Nearest:
    """The allowed quantities around one that is not, in pieces. None: there is none on that side."""

    below: int | None
    above: int | None


@dataclass(frozen=True, slots=True)
class Steps:
    """What may be ordered of a lot: ``moq`` pieces or more, in multiples of ``multiple``. Both at least 1.

    Whatever is left may always be taken whole: nothing remains that nobody can order.
    """

    moq: int
    multiple: int = 1

    def smallest(self, left: int) -> int:
        """The least that may be ordered while ``left`` pieces are there."""
        return min(_up(self.moq, self.multiple), left) or self.moq

    def allows(self, pieces: int, left: int) -> bool:
        """Whether the step is kept; ``pieces`` may be more than ``left``, which is another question."""
        if pieces == left > 0:
            return True
        return pieces >= self.smallest(left) and pieces % self.multiple == 0

    def nearest(self, pieces: int, left: int) -> Nearest:
        """Around ``pieces``, both sides within what is left."""
        below = min(pieces, left) // self.multiple * self.multiple
        above = min(_up(max(pieces, self.moq), self.multiple), left)
        return Nearest(
            below if below >= self.smallest(left) else None,
            above if above >= pieces and above > 0 else None,
        )


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes up. Of nothing below zero."""
    assert value >= 0
    return floor(value + Fraction(1, 2))


def _up(pieces: int, multiple: int) -> int:
    return -(-pieces // multiple) * multiple
