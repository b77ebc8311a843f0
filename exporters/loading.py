"""Packages on pallets in containers: every package stands once, and every mass is the sum of its parts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from exporters.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exporters.carriage import Pallet
    from exporters.dossier import ShipmentDossier
    from exporters.goods import PackageGroup


def problems_of(dossier: ShipmentDossier) -> Iterator[Problem]:
    """Contradictions of pallets and containers, in their order."""
    pallets = dossier.pallets or ()
    by_number = packages_by_number(dossier)
    known = {container.number for container in dossier.containers}
    for number, times in Counter(pallet.number for pallet in pallets).items():
        if times > 1:
            yield Problem("pallets", f"pallet {number} stands {times} times")
    yield from _names_once(dossier)
    placed: dict[int, int] = {}
    for n, pallet in enumerate(pallets):
        path = f"pallets.{n}"
        if pallet.container and pallet.container not in known:
            yield Problem(f"{path}.container", f"{pallet.container} is not one of the containers")
        for number in range(pallet.first, pallet.first + pallet.count):
            if number not in by_number:
                yield Problem(f"{path}.first", f"there is no package {number}")
                break
            if number in placed:
                yield Problem(f"{path}.first", f"package {number} stands on pallet {placed[number]} already")
                break
            placed[number] = pallet.number
            other = by_number[number].container
            if other and pallet.container and other != pallet.container:
                yield Problem(f"{path}.container", f"package {number} lies in {other}")
                break
        yield from _pallet_mass(path, pallet, by_number)
    yield from _container_masses(dossier, by_number, placed)


def packages_by_number(dossier: ShipmentDossier) -> dict[int, PackageGroup]:
    """Each package's number with the group that describes it."""
    return {
        number: group
        for group in dossier.packages
        for number in range(group.first, group.first + group.count)
    }


def _names_once(dossier: ShipmentDossier) -> Iterator[Problem]:
    names = [group.sscc for group in dossier.packages] + [pallet.sscc for pallet in dossier.pallets or ()]
    for name, times in Counter(filter(None, names)).items():
        if times > 1:
            yield Problem("packages", f"SSCC {name} stands {times} times")


def _pallet_mass(path: str, pallet: Pallet, by_number: dict[int, PackageGroup]) -> Iterator[Problem]:
    inside = _gross(by_number.get(n) for n in range(pallet.first, pallet.first + pallet.count))
    if inside is None or pallet.tare_mass_g is None or pallet.gross_mass_g is None:
        return
    expected = inside + pallet.tare_mass_g
    if pallet.gross_mass_g != expected:
        reason = f"its packages and its tare weigh {expected} g, not {pallet.gross_mass_g} g"
        yield Problem(f"{path}.gross_mass_g", reason)


def _container_masses(
    dossier: ShipmentDossier, by_number: dict[int, PackageGroup], placed: dict[int, int]
) -> Iterator[Problem]:
    """Source: SOLAS VI/2.4.2: the verified gross mass is cargo, pallets and dunnage, and the tare."""
    for n, container in enumerate(dossier.containers):
        if container.vgm_g is None or container.tare_mass_g is None:
            continue
        loose = [
            group
            for number, group in by_number.items()
            if group.container == container.number and number not in placed
        ]
        cargo = _gross(loose)
        for pallet in dossier.pallets or ():
            if pallet.container == container.number:
                cargo = None if cargo is None or pallet.gross_mass_g is None else cargo + pallet.gross_mass_g
        if cargo is not None and container.vgm_g < cargo + container.tare_mass_g:
            least = cargo + container.tare_mass_g
            reason = f"its load and its tare weigh {least} g, more than {container.vgm_g} g"
            yield Problem(f"containers.{n}.vgm_g", reason)


def _gross(groups: Iterator[PackageGroup | None] | list[PackageGroup]) -> int | None:
    masses = [None if group is None else group.gross_mass_g for group in groups]
    known = [mass for mass in masses if mass is not None]
    return sum(known) if len(known) == len(masses) else None
