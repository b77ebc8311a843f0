"""What the goods are worth at the border: FOB and CIF from the invoice's total, each with its formula.

Only charges that the dossier itemises are used. A value that would need one that nobody stated is
missing, with what is missing; it is never taken as nought (trade-documents.md 6.4).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from exporters import fields
from exporters.arithmetic import money
from exporters.dossier import ShipmentDossier
from exporters.totals import totals
from ledger.lots.cost import allocate

FREIGHT = frozenset({"FC", "FAA"})  # UNCL7161: freight charge, fuel surcharge
INSURANCE = frozenset({"IN"})
_WITH_INSURANCE = frozenset({"CIF", "CIP", "DAP", "DPU", "DDP"})
_WITH_FREIGHT = _WITH_INSURANCE | {"CFR", "CPT"}
_UNITEMISED = {
    **dict.fromkeys(("EXW", "FCA"), "charges.pre_carriage"),
    **dict.fromkeys(("DAP", "DPU", "DDP"), "charges.on_carriage"),
}
Basis = Literal["FOB", "CIF"]


@dataclass(frozen=True)
class Term:
    """One part of a formula; a subtracted part is negative."""

    name: str
    amount_minor: int


@dataclass(frozen=True)
class Valuation:
    """missing: paths of the facts without which there is no value; then ``amount_minor`` is None."""

    basis: Basis
    amount_minor: int | None
    formula: tuple[Term, ...]
    missing: tuple[str, ...]

    def printed(self, currency: str) -> str:
        """``100.00 - 20.00 + 5.00``, in the order of the formula."""
        signs = ("- " if term.amount_minor < 0 else "+ " for term in self.formula)
        parts = (
            sign + money(abs(term.amount_minor), currency)
            for sign, term in zip(signs, self.formula, strict=True)
        )
        return " ".join(parts).removeprefix("+ ")


def valuation(dossier: ShipmentDossier, basis: Basis) -> Valuation:
    """The value of the whole shipment on one basis, in minor units of the dossier's currency.

    From the invoice's total: what the term includes beyond the basis is subtracted, what it lacks is
    added. EXW and FCA lack the way to the border, and D terms hold the way after it: no charge of ours
    itemises these, so they give no value unless the dossier states that there is no such way.
    """
    sums = totals(dossier)
    lacking = [] if sums.total_minor is not None else ["lines.*.amount_minor"]
    if dossier.terms is None:
        lacking.append("terms")
    else:
        way = _UNITEMISED.get(dossier.terms.incoterm)
        lacking += [way] if way and not _inapplicable(dossier, way) else []
    wanted, has = _parts(basis), _included(dossier)
    formula = [Term("total", sums.total_minor or 0)]
    for name, codes, path in (
        ("freight", FREIGHT, "charges.freight"),
        ("insurance", INSURANCE, "charges.insurance"),
    ):
        amount = _of(dossier, codes)
        if name in wanted and name not in has:
            lacking += [path] if amount is None else []
            formula.append(Term(name, amount or 0))
        elif name in has and name not in wanted:
            lacking += [path] if amount is None else []
            formula.append(Term(name, -(amount or 0)))
    formula = [formula[0], *(term for term in formula[1:] if term.amount_minor)]
    total = None if lacking else sum(term.amount_minor for term in formula)
    return Valuation(basis, total, tuple(formula), tuple(lacking))


def by_line(dossier: ShipmentDossier, amount_minor: int) -> list[int]:
    """Divide an amount over the lines by their value, by largest remainder: the shares sum to it exactly."""
    return allocate(amount_minor, [line.amount_minor or 0 for line in dossier.lines])


def charged(dossier: ShipmentDossier, codes: Iterable[str]) -> int | None:
    """The sum of the charges with these UNCL7161 codes; None when there is no such charge."""
    return _of(dossier, frozenset(codes))


def _parts(basis: Basis) -> frozenset[str]:
    return frozenset() if basis == "FOB" else frozenset({"freight", "insurance"})


def _included(dossier: ShipmentDossier) -> set[str]:
    """What the invoice's total holds: by its term, or because it was charged on top."""
    term = dossier.terms.incoterm if dossier.terms else "FOB"
    held = set()
    if term in _WITH_FREIGHT or _on_top(dossier, FREIGHT):
        held.add("freight")
    if term in _WITH_INSURANCE or _on_top(dossier, INSURANCE):
        held.add("insurance")
    return held


def _on_top(dossier: ShipmentDossier, codes: frozenset[str]) -> bool:
    return any(charge.code in codes and not charge.included for charge in dossier.charges)


def _of(dossier: ShipmentDossier, codes: frozenset[str]) -> int | None:
    amounts = [
        charge.amount_minor if charge.kind == "charge" else -charge.amount_minor
        for charge in dossier.charges
        if charge.code in codes
    ]
    if amounts:
        return sum(amounts)
    stated = {"FC": "charges.freight", "IN": "charges.insurance"}
    return 0 if any(code in codes and _inapplicable(dossier, path) for code, path in stated.items()) else None


def _inapplicable(dossier: ShipmentDossier, path: str) -> bool:
    return isinstance(fields.state(dossier, path), fields.Inapplicable)
