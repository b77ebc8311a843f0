"""Sums of a dossier, derived and never stored."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from exporters.dossier import ShipmentDossier


@dataclass(frozen=True)
class Totals:
    """None where a single part of the sum is missing. pieces: unit -> quantity, in order of the lines."""

    pieces: dict[str, int]
    packages: int
    net_mass_g: int | None
    gross_mass_g: int | None
    goods_minor: int | None  # sum of rounded lines
    total_minor: int | None  # with the charges and allowances that are not inside the prices


def totals(dossier: ShipmentDossier) -> Totals:
    """Sum a dossier up. Masses are those of the packages, or of the lines while packages are not weighed."""
    pieces: Counter[str] = Counter()
    for line in dossier.lines:
        pieces[line.unit] += line.quantity
    goods = _sum([line.amount_minor for line in dossier.lines])
    added = sum(
        charge.amount_minor if charge.kind == "charge" else -charge.amount_minor
        for charge in dossier.charges
        if not charge.included
    )
    return Totals(
        pieces=dict(pieces),
        packages=sum(group.count for group in dossier.packages),
        net_mass_g=_mass(dossier, "net_mass_g"),
        gross_mass_g=_mass(dossier, "gross_mass_g"),
        goods_minor=goods,
        total_minor=None if goods is None else goods + added,
    )


def _mass(dossier: ShipmentDossier, member: Literal["net_mass_g", "gross_mass_g"]) -> int | None:
    packed = [(group.count, getattr(group, member)) for group in dossier.packages]
    packages = _sum([None if mass is None else count * mass for count, mass in packed])
    if dossier.packages and packages is not None:
        return packages
    return _sum([getattr(line, member) for line in dossier.lines])


def _sum(parts: list[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
