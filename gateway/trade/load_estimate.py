"""What some pieces of a lot weigh and fill, from what is stated of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gateway.trade.freight import Load
from gateway.trade.quantities import half_up
from ledger.lots.cost import allocate


@dataclass(frozen=True, slots=True)
class Carton:
    """pieces: that a full one holds. dimensions_mm: outer, length, width, height."""

    pieces: int
    dimensions_mm: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Parcel:
    """Like pieces of a lot. gross_mass_g, dimensions_mm: of one piece, None where nobody stated them."""

    category: str
    quantity: int
    gross_mass_g: int | None
    dimensions_mm: tuple[int, int, int] | None


def load_of(parcels: Sequence[Parcel], pieces: int, cartons: Mapping[str, Carton]) -> Load:
    """Of ``pieces`` taken from the lot in the proportions that it has, with its mean mass and space.

    cartons: by category; goods of another travel one by one in their own dimensions. Started cartons
    count whole. What is not stated of a single piece is unknown of all.
    """
    total = sum(parcel.quantity for parcel in parcels)
    if not total:
        return Load(None, None)
    return Load(_gross(parcels, pieces, total), _volume(parcels, pieces, cartons))


def _gross(parcels: Sequence[Parcel], pieces: int, total: int) -> int | None:
    mass = 0
    for parcel in parcels:
        if parcel.gross_mass_g is None:
            return None
        mass += parcel.quantity * parcel.gross_mass_g
    return half_up(Fraction(mass * pieces, total))


def _volume(parcels: Sequence[Parcel], pieces: int, cartons: Mapping[str, Carton]) -> int | None:
    categories = sorted({parcel.category for parcel in parcels})
    held = [sum(one.quantity for one in parcels if one.category == name) for name in categories]
    space = 0
    for name, taken in zip(categories, allocate(pieces, held), strict=True):
        carton = cartons.get(name)
        if carton is not None:
            space += -(-taken // carton.pieces) * _product(carton.dimensions_mm)
            continue
        own = _mean([one for one in parcels if one.category == name])
        if own is None:
            return None
        space += half_up(own * taken)
    return space


def _mean(parcels: Sequence[Parcel]) -> Fraction | None:
    """Space of one piece in mm³."""
    space = 0
    for parcel in parcels:
        if parcel.dimensions_mm is None:
            return None
        space += parcel.quantity * _product(parcel.dimensions_mm)
    return Fraction(space, sum(parcel.quantity for parcel in parcels))


def _product(sides: tuple[int, int, int]) -> int:
    return sides[0] * sides[1] * sides[2]
