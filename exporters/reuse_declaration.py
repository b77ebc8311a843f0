"""The holder's declaration that used equipment is not waste but goods for direct re-use.

Sources: Dir. 2012/19/EU Annex VI 1(a), (c), (d); Basel Convention, entries Y49 and A1181 since 2025-01-01.
The evidence is the functionality protocol of the same shipment, article by article.
"""

from exporters.dossier import ShipmentDossier
from exporters.goods import Line
from exporters.origin_declaration import goods_said, signature
from exporters.paper import Paper
from exporters.sheet import Column, Fields, FixedWord, Gap, Reader, Row, Sheet, Statement, Table, Value

KIND = "reuse_declaration"
_LINES = (
    Column("line"),
    Column("description", 6),
    Column("hs", 2),
    Column("condition", 2),
    Column("quantity", 2, number=True),
    Column("tested", 2, number=True),
)


def sheet(dossier: ShipmentDossier) -> Sheet:
    it = Reader(dossier)
    contract = dossier.reference(dossier.reuse.contract) if dossier.reuse else None
    return Sheet(
        (
            Table(
                "goods_for_reuse", _LINES, tuple(_line(it, n, line) for n, line in enumerate(dossier.lines))
            ),
            Fields(
                None,
                (
                    Row("contract", contract.number if contract else Gap("reuse.contract")),
                    it.row("functionality_protocol", "documents.functionality_protocol.number"),
                    it.row("protection", "reuse.protection"),
                ),
            ),
            Statement("declaration", FixedWord("reuse_functional")),
            Statement("declaration", FixedWord("reuse_not_waste")),
            Statement("declaration", FixedWord("reuse_liability")),
            signature(it),
        )
    )


def _line(it: Reader, n: int, line: Line) -> tuple[Value, ...]:
    path = f"lines.{n}"
    tested = sum(each.result == "pass" for each in line.tests.articles) if line.tests else None
    return (
        str(n + 1),
        goods_said(it, line, path),
        it.value(f"{path}.hs6"),
        FixedWord(line.condition) if line.condition else Gap(f"{path}.condition"),
        str(line.quantity),
        Gap(f"{path}.tests") if tested is None else str(tested),
    )


PAPER = Paper(
    kind=KIND,
    title="Re-use declaration",
    version=1,
    required_facts=(
        "documents.reuse_declaration",
        "documents.functionality_protocol",
        "parties.seller",
        "parties.buyer",
        "lines",
        "reuse",
        "declaration",
    ),
    sheet=sheet,
)
