"""The exporter's own declaration of non-preferential origin. It is no certificate and claims no preference.

Every line needs a record of its origin in the ledger: origin is proved or missing, never assumed
(trade-documents.md 1.4).
"""

from exporters import codes
from exporters.arithmetic import kilograms
from exporters.dossier import ShipmentDossier
from exporters.goods import Line
from exporters.paper import Paper
from exporters.sheet import (
    Column,
    Fields,
    FixedWord,
    Gap,
    Reader,
    Row,
    Said,
    Section,
    Sheet,
    Signature,
    Statement,
    Table,
    Value,
)

KIND = "origin_declaration"
_COLUMNS = (
    Column("line"),
    Column("description", 5),
    Column("hs", 2),
    Column("origin", 2),
    Column("criterion", 3),
    Column("quantity", 2, number=True),
    Column("gross", 2, number=True, unit="kg"),
    Column("record", 2),
)


def sheet(dossier: ShipmentDossier) -> Sheet:
    it = Reader(dossier)
    lines = tuple(_line(it, n, line) for n, line in enumerate(dossier.lines))
    sections: tuple[Section, ...] = (
        Table("goods_by_origin", _COLUMNS, lines),
        Fields(None, (*it.optional("marks", "packages.0.marks"), _invoice(it), _packages(it))),
        Statement("declaration", FixedWord("origin_text")),
        Statement("note", FixedWord("origin_note")),
        signature(it),
    )
    return Sheet(sections)


def signature(it: Reader) -> Signature:
    """Who answers for a paper: the signatory of the dossier's declaration."""
    position = it.value("declaration.position")
    place = it.value("declaration.place")
    return Signature(
        it.value("declaration.signatory"),
        None if isinstance(position, Gap) else position,
        None if isinstance(place, Gap) else place,
    )


def goods_said(it: Reader, line: Line, path: str) -> Value:
    """Brand, model and description as one cell."""
    described = it.value(f"{path}.description")
    name = " ".join(filter(None, (line.brand, line.model)))
    if isinstance(described, Said) and name:
        return Said(f"{name}: {described.en}", described.local)
    return described


def _line(it: Reader, n: int, line: Line) -> tuple[Value, ...]:
    path = f"lines.{n}"
    return (
        str(n + 1),
        goods_said(it, line, path),
        it.value(f"{path}.hs6"),
        it.value(f"{path}.origin", lambda code: it.said(codes.country(code))),
        it.value(f"{path}.origin_criterion"),
        f"{line.quantity} {codes.unit(line.unit)['en']}",
        it.value(f"{path}.gross_mass_g", kilograms),
        _record(it, line),
    )


def _record(it: Reader, line: Line) -> Value:
    """The ledger's entry behind the origin of the line's lot; without one the origin is only said."""
    for evidence in it.dossier.evidence:
        if evidence.kind == "origin" and evidence.lot == line.lot:
            return f"#{evidence.index}"
    return Gap(f"evidence.origin.{line.lot}")


def _invoice(it: Reader) -> Row:
    return it.row("commercial_invoice", "documents.commercial_invoice.number")


def _packages(it: Reader) -> Row:
    return Row("packages", str(sum(group.count for group in it.dossier.packages)))


PAPER = Paper(
    kind=KIND,
    title="Declaration of origin",
    version=1,
    required_facts=(
        "documents.origin_declaration",
        "documents.commercial_invoice",
        "parties.seller",
        "parties.buyer",
        "lines",
        "packages",
        "declaration",
    ),
    sheet=sheet,
)
