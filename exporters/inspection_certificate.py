"""The inspection certificate: what an inspector drew, found and decided, as the ledger's records state it.

It repeats signed records and adds nothing: each inspection names the entry that anyone can check.
"""

from exporters.dossier import ShipmentDossier
from exporters.origin_declaration import goods_said
from exporters.paper import Paper
from exporters.proofs import Inspection
from exporters.sheet import (
    Column,
    Fields,
    FixedWord,
    Gap,
    Reader,
    Row,
    Section,
    Sheet,
    Statement,
    Table,
    Value,
)

KIND = "inspection_certificate"
_TALLIES = (
    Column("defect", 3), Column("found", 1, number=True), Column("allowed", 1, number=True),
)  # fmt: skip


def sheet(dossier: ShipmentDossier) -> Sheet:
    it = Reader(dossier)
    sections: list[Section] = []
    for n, inspection in enumerate(dossier.inspections or ()):
        sections += _inspection(it, f"inspections.{n}", inspection)
    return Sheet((*sections, Statement("note", FixedWord("inspection_note"))))


def _inspection(it: Reader, path: str, inspection: Inspection) -> list[Section]:
    rows = (
        Row("lot", inspection.lot.removeprefix("lot:")),
        Row("description", _goods(it, inspection)),
        it.row("inspector", f"{path}.inspector"),
        it.row("inspected_on", f"{path}.inspected_on"),
        *it.optional("inspection_place", f"{path}.place"),
        it.row("scheme", f"{path}.scheme"),
        *it.optional("sampling_level", f"{path}.level"),
        it.row("lot_size", f"{path}.quantity"),
        it.row("sample", f"{path}.sample"),
        *it.optional("grade", f"{path}.grade"),
        Row("record", f"#{inspection.record.index}"),
    )
    tallies = tuple(
        (FixedWord(tally.defect), str(tally.found), str(tally.allowed)) for tally in inspection.tallies
    )
    return [
        Fields("inspection", rows),
        *([Table(None, _TALLIES, tallies)] if tallies else []),
        Statement("result", FixedWord(inspection.result), strong=True),
        Statement("leaf_hash", inspection.record.leaf_hash),
    ]


def _goods(it: Reader, inspection: Inspection) -> Value:
    for n, line in enumerate(it.dossier.lines):
        if line.lot == inspection.lot:
            return goods_said(it, line, f"lines.{n}")
    return Gap(f"lines.{inspection.lot}")


PAPER = Paper(
    kind=KIND,
    title="Inspection certificate",
    version=1,
    required_facts=("documents.inspection_certificate", "parties.seller", "lines", "inspections"),
    sheet=sheet,
)
