"""Everything exporters may raise.

ExportersError
├── InvalidDossier     its facts have the wrong shape or contradict each other; correct them
├── IncompleteDossier  consistent, but a document needs facts that are missing; supply them
├── UnprintableText    a text holds characters that our fonts do not have; spell it otherwise
├── SymbolTooSmall     a symbol's modules would be too narrow on this label; take larger labels
├── UnreadableLabels   labels that were made do not read back as what they should say; release none
├── UnknownCode        a currency, country, unit, package or Incoterm that no list we hold knows
├── FailedValidation   a finished document breaks a rule of its own format; it is not to be released
└── TypesettingFailed  the typesetter refused our own template: a defect of ours, nothing to correct
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to correct. field: dotted path into the dossier, ``lines.0.amount_minor``."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


class ExportersError(Exception):
    """Root of every error this package raises on purpose."""

    code = "exporters-error"  # stable, published: clients match on it, never on the text


class InvalidDossier(ExportersError):
    """problems: all of them, in the order of the dossier's members."""

    code = "invalid-dossier"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


class IncompleteDossier(ExportersError):
    """missing: dotted paths of every fact the document still needs."""

    code = "incomplete-dossier"

    def __init__(self, document: str, *, missing: Sequence[str]) -> None:
        super().__init__(f"the {document} still needs {', '.join(missing)}")
        self.document = document
        self.missing = tuple(missing)


class UnprintableText(ExportersError):
    """problems: each field with the characters in it that no font of ours has."""

    code = "unprintable-text"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


class SymbolTooSmall(ExportersError):
    """module_um: how wide a module would be, in micrometres."""

    code = "symbol-too-small"

    def __init__(self, stock: str, *, module_um: int, module_min_um: int) -> None:
        super().__init__(f"modules of {module_um} µm on {stock}; at least {module_min_um} µm read well")
        self.stock = stock
        self.module_um = module_um


class UnreadableLabels(ExportersError):
    """numbers: 0-based places in the run, as far as they were looked at."""

    code = "unreadable-labels"

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(f"{len(numbers)} labels do not read back: {', '.join(map(str, numbers[:10]))}")
        self.numbers = tuple(numbers)


class FailedValidation(ExportersError):
    """failed: what each validator that failed found, ``validator: rule at place: reason``."""

    code = "failed-validation"

    def __init__(self, document: str, failed: Sequence[str]) -> None:
        super().__init__(f"{document}: {'; '.join(failed)}")
        self.document = document
        self.failed = tuple(failed)


class UnknownCode(ExportersError):
    code = "unknown-code"


class TypesettingFailed(ExportersError):
    code = "typesetting-failed"
