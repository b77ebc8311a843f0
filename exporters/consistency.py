"""What must agree inside a dossier, whatever is still missing from it.

A missing fact is never a contradiction: each rule speaks only where all the facts it compares are
there. Tolerances are zero (trade-documents.md 6.4).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from exporters import fields, loading, statements
from exporters.arithmetic import CURRENCIES, line_amount
from exporters.errors import Problem
from qrcodes import CodeLink, InvalidLink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exporters.dossier import ShipmentDossier
    from exporters.goods import Line, PackageGroup


def problems_of(dossier: ShipmentDossier) -> list[Problem]:
    """Every contradiction in the dossier, in the order of its members."""
    return [
        *_header(dossier),
        *_repeated("documents", "kind", (entry.kind for entry in dossier.documents)),
        *_repeated("documents", "code", (entry.code for entry in dossier.documents)),
        *_repeated("parties", "role", (role for party in dossier.parties for role in party.roles)),
        *_repeated("containers", "number", (container.number for container in dossier.containers)),
        *(problem for n, line in enumerate(dossier.lines) for problem in _line(f"lines.{n}", line, dossier)),
        *(problem for n, group in enumerate(dossier.packages) for problem in _group(n, group, dossier)),
        *_package_numbers(dossier),
        *loading.problems_of(dossier),
        *_packed_as_invoiced(dossier),
        *_masses(dossier),
        *_charges(dossier),
        *statements.problems_of(dossier),
        *_evidence(dossier),
        *_not_applicable(dossier),
    ]


def _header(dossier: ShipmentDossier) -> Iterator[Problem]:
    if (dossier.version > 1) != (dossier.supersedes is not None):
        yield Problem(
            "supersedes", "a first version supersedes nothing, a later one names the dossier before it"
        )
    try:
        CodeLink(dossier.base_url, "0" * 20)
    except InvalidLink as error:
        yield Problem("base_url", str(error))


def _repeated(field: str, what: str, values: Iterable[str]) -> Iterator[Problem]:
    for value, times in Counter(values).items():
        if times > 1:
            yield Problem(field, f"{what} {value} stands {times} times")


def _line(path: str, line: Line, dossier: ShipmentDossier) -> Iterator[Problem]:
    if (line.unit_price is None) != (line.amount_minor is None):
        yield Problem(f"{path}.amount_minor", "a unit price and an amount go together")
    elif line.unit_price is not None:
        expected = line_amount(line.quantity, line.unit_price, dossier.currency)
        if line.amount_minor != expected:
            yield Problem(
                f"{path}.amount_minor", f"quantity x unit price is {expected}, not {line.amount_minor}"
            )
    yield from _net_within_gross(path, line)
    if line.serials and line.serials.count != line.quantity:
        yield Problem(f"{path}.serials.count", f"{line.serials.count} serials for {line.quantity} pieces")
    percents: defaultdict[str, Decimal] = defaultdict(Decimal)
    for fibre in line.composition:
        percents[fibre.part.en if fibre.part else ""] += Decimal(fibre.percent)
    for part, percent in percents.items():
        if percent != 100:
            yield Problem(
                f"{path}.composition", f"the fibres of {part or 'the whole'} make {percent} %, not 100 %"
            )


def _group(n: int, group: PackageGroup, dossier: ShipmentDossier) -> Iterator[Problem]:
    path = f"packages.{n}"
    yield from _net_within_gross(path, group)
    if group.sscc and group.count != 1:
        yield Problem(f"{path}.sscc", "an SSCC names one package, not a group")
    if group.container and group.container not in {container.number for container in dossier.containers}:
        yield Problem(f"{path}.container", f"{group.container} is not one of the containers")
    yield from _repeated(f"{path}.contents", "line", (str(content.line) for content in group.contents))
    for content in group.contents:
        if content.line > len(dossier.lines):
            yield Problem(f"{path}.contents", f"there is no line {content.line}")


def _net_within_gross(path: str, item: Line | PackageGroup) -> Iterator[Problem]:
    if item.net_mass_g is not None and item.gross_mass_g is not None and item.gross_mass_g < item.net_mass_g:
        yield Problem(f"{path}.gross_mass_g", f"gross {item.gross_mass_g} g is below net {item.net_mass_g} g")


def _package_numbers(dossier: ShipmentDossier) -> Iterator[Problem]:
    numbered = sorted((group.first, group.first + group.count, n) for n, group in enumerate(dossier.packages))
    last = 0
    for first, end, n in numbered:
        if first <= last:
            yield Problem(f"packages.{n}.first", f"package number {first} is given twice")
        last = max(last, end - 1)


def _packed_as_invoiced(dossier: ShipmentDossier) -> Iterator[Problem]:
    if not dossier.packages:
        return
    packed: Counter[int] = Counter()
    for group in dossier.packages:
        for content in group.contents:
            packed[content.line] += group.count * content.quantity
    for number, line in enumerate(dossier.lines, start=1):
        if packed[number] != line.quantity:
            reason = f"{line.quantity} invoiced, {packed[number]} packed"
            yield Problem(f"lines.{number - 1}.quantity", reason)


def _masses(dossier: ShipmentDossier) -> Iterator[Problem]:
    if not dossier.packages:
        return
    line_net = _sum(line.net_mass_g for line in dossier.lines)
    package_net = _sum(_times(group.net_mass_g, group.count) for group in dossier.packages)
    if line_net is not None and package_net is not None and line_net > package_net:
        yield Problem("packages", f"the lines weigh {line_net} g net, the packages only {package_net} g net")
    line_gross = _sum(line.gross_mass_g for line in dossier.lines)
    package_gross = _sum(_times(group.gross_mass_g, group.count) for group in dossier.packages)
    if line_gross is not None and package_gross is not None and line_gross != package_gross:
        yield Problem(
            "packages", f"the lines weigh {line_gross} g gross, the packages {package_gross} g gross"
        )


def _charges(dossier: ShipmentDossier) -> Iterator[Problem]:
    goods = _sum(line.amount_minor for line in dossier.lines)
    allowed = sum(charge.amount_minor for charge in dossier.charges if charge.kind == "allowance")
    charged = sum(
        charge.amount_minor for charge in dossier.charges if charge.kind == "charge" and not charge.included
    )
    if goods is not None and allowed > goods + charged:
        yield Problem("charges", f"allowances of {allowed} exceed goods and charges of {goods + charged}")
    rate = dossier.exchange_rate
    if rate and (rate.to not in CURRENCIES or rate.to == dossier.currency):
        yield Problem("exchange_rate.to", f"{rate.to} is no other currency of ISO 4217 that we know")


def _sum(masses: Iterable[int | None]) -> int | None:
    """None as soon as one is missing: a sum of some is not a fact."""
    total = 0
    for mass in masses:
        if mass is None:
            return None
        total += mass
    return total


def _times(mass_g: int | None, count: int) -> int | None:
    return None if mass_g is None else mass_g * count


def _evidence(dossier: ShipmentDossier) -> Iterator[Problem]:
    for n, evidence in enumerate(dossier.evidence):
        if evidence.index >= dossier.ledger.tree_size:
            reason = f"entry {evidence.index} is outside a tree of {dossier.ledger.tree_size}"
            yield Problem(f"evidence.{n}.index", reason)


def _not_applicable(dossier: ShipmentDossier) -> Iterator[Problem]:
    for n, stated in enumerate(dossier.not_applicable):
        found = fields.values(dossier, stated.field)
        if not found:
            yield Problem(f"not_applicable.{n}", f"{stated.field} names no field of this dossier")
        for path, value in found:
            if not fields.is_absent(value):
                yield Problem(f"not_applicable.{n}", f"{path} has a value")
