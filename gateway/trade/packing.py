"""Cartons and pallets: what a proposal puts into which, and whether what was packed adds up.

Masses are grams, sizes millimetres; a carton's number is its place from 1 on. Pure: the same pieces and
policy give the same proposal.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

Size = tuple[int, int, int]  # length, width, height in mm


@dataclass(frozen=True, slots=True)
class Piece:
    """``quantity`` equal pieces. part: which of the shipment's. line: pieces of one line share a carton.

    net_mass_g, gross_mass_g: of one piece. size: of one that travels without a carton of the policy.
    """

    part: int
    line: int
    quantity: int
    category: str
    net_mass_g: int
    gross_mass_g: int
    size: Size | None = None


@dataclass(frozen=True, slots=True)
class CartonKind:
    """The usual carton of a category. pieces: as many as it holds."""

    pieces: int
    size: Size


@dataclass(frozen=True, slots=True)
class Content:
    part: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Carton:
    """pallet: its number, 0 on none. is_weighed: the gross mass came from a scale."""

    number: int
    contents: tuple[Content, ...]
    net_mass_g: int
    gross_mass_g: int
    size: Size | None = None
    pallet: int = 0
    is_weighed: bool = False
    sscc: str = ""

    @property
    def pieces(self) -> int:
        return sum(content.quantity for content in self.contents)


@dataclass(frozen=True, slots=True)
class Pallet:
    """gross_mass_g: with all that stands on it."""

    number: int
    gross_mass_g: int
    size: Size | None = None
    sscc: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not add up. field: a path as ``cartons.3.gross_mass_g``; slug: of words packing_faults."""

    field: str
    slug: str
    expected: int
    found: int


def propose(pieces: Sequence[Piece], kinds: Mapping[str, CartonKind]) -> tuple[Carton, ...]:
    """Cartons line by line, each filled before the next; what has no carton kind travels one by one."""
    cartons: list[Carton] = []
    for _, line in groupby(pieces, key=lambda piece: piece.line):
        same = list(line)
        kind = kinds.get(same[0].category)
        for contents in _fill(same, kind.pieces if kind else 1):
            by_part = {piece.part: piece for piece in same}
            cartons.append(
                Carton(
                    len(cartons) + 1,
                    contents,
                    sum(by_part[one.part].net_mass_g * one.quantity for one in contents),
                    sum(by_part[one.part].gross_mass_g * one.quantity for one in contents),
                    kind.size if kind else same[0].size,
                )
            )
    return tuple(cartons)


def _fill(pieces: Sequence[Piece], room: int) -> Iterator[tuple[Content, ...]]:
    contents: list[Content] = []
    free = room
    for piece in pieces:
        left = piece.quantity
        while left:
            taken = min(left, free)
            contents.append(Content(piece.part, taken))
            left, free = left - taken, free - taken
            if not free:
                yield tuple(contents)
                contents, free = [], room
    if contents:
        yield tuple(contents)


def stack(
    cartons: Sequence[Carton], *, per_pallet: int, tare_g: int, footprint: tuple[int, int], base_mm: int
) -> tuple[tuple[Carton, ...], tuple[Pallet, ...]]:
    """Put cartons on pallets in their order. tare_g, base_mm: mass and height of an empty pallet.

    The height is that of as many layers as the footprint needs; unknown sizes give none.
    """
    stacked: list[Carton] = []
    pallets: list[Pallet] = []
    for start in range(0, len(cartons), per_pallet):
        number = len(pallets) + 1
        group = [replace(carton, pallet=number) for carton in cartons[start : start + per_pallet]]
        mass = sum(carton.gross_mass_g for carton in group) + tare_g
        height = _height(group, footprint)
        size = (*footprint, base_mm + height) if height else None
        pallets.append(Pallet(number, mass, size))
        stacked += group
    return tuple(stacked), tuple(pallets)


def _height(cartons: Sequence[Carton], footprint: tuple[int, int]) -> int:
    sizes = [carton.size for carton in cartons if carton.size is not None]
    if len(sizes) < len(cartons):
        return 0
    length, width = max(size[0] for size in sizes), max(size[1] for size in sizes)
    along = footprint[0] // length * (footprint[1] // width)
    across = footprint[0] // width * (footprint[1] // length)
    layer = max(1, along, across)
    return -(-len(cartons) // layer) * max(size[2] for size in sizes)


def faults(pieces: Sequence[Piece], cartons: Sequence[Carton], pallets: Sequence[Pallet]) -> list[Fault]:
    """Everything that does not add up, in the order in which somebody would mend it."""
    return [
        *_counted(pieces, cartons),
        *(fault for carton in cartons for fault in _weighed(carton)),
        *_stacked(cartons, pallets),
    ]


def _counted(pieces: Sequence[Piece], cartons: Sequence[Carton]) -> Iterator[Fault]:
    wanted = {piece.part: piece.quantity for piece in pieces}
    packed: Counter[int] = Counter()
    for carton in cartons:
        if not carton.contents:
            yield Fault(f"cartons.{carton.number}", "carton-empty", 1, 0)
        for content in carton.contents:
            packed[content.part] += content.quantity
    for part in sorted(wanted.keys() | packed.keys()):
        if packed[part] != wanted.get(part, 0):
            yield Fault(f"parts.{part}", "pieces-differ", wanted.get(part, 0), packed[part])


def _weighed(carton: Carton) -> Iterator[Fault]:
    field = f"cartons.{carton.number}.gross_mass_g"
    if carton.gross_mass_g < 1:
        yield Fault(field, "mass-missing", 1, carton.gross_mass_g)
    elif carton.gross_mass_g < carton.net_mass_g:
        yield Fault(field, "gross-below-net", carton.net_mass_g, carton.gross_mass_g)


def _stacked(cartons: Sequence[Carton], pallets: Sequence[Pallet]) -> Iterator[Fault]:
    numbers = {pallet.number for pallet in pallets}
    for carton in cartons:
        if carton.pallet and carton.pallet not in numbers:
            yield Fault(f"cartons.{carton.number}.pallet", "pallet-unknown", len(numbers), carton.pallet)
        if pallets and not carton.pallet:
            yield Fault(f"cartons.{carton.number}.pallet", "carton-on-no-pallet", 1, 0)
    for pallet in pallets:
        standing = sum(carton.gross_mass_g for carton in cartons if carton.pallet == pallet.number)
        if not standing:
            yield Fault(f"pallets.{pallet.number}", "pallet-empty", 1, 0)
        elif pallet.gross_mass_g < standing:
            field = f"pallets.{pallet.number}.gross_mass_g"
            yield Fault(field, "pallet-too-light", standing, pallet.gross_mass_g)
