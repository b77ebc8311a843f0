"""The functionality protocol: each article of equipment for re-use, its tests, and who answers for them.

Source: Dir. 2012/19/EU Annex VI 1(b) and 3 (a)-(f): name and category, identification number, year of
production where it is known, name and address of who is responsible for the evidence, result with its
date, kinds of tests.
"""

from exporters.dossier import ShipmentDossier
from exporters.goods import Line
from exporters.origin_declaration import goods_said
from exporters.paper import Paper
from exporters.proofs import ArticleTest
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
    Statement,
    Table,
    Value,
)

KIND = "functionality_protocol"
_ARTICLES = (
    Column("line"), Column("article", 5), Column("year", 2), Column("test_result", 2), Column("tested_on", 2),
)  # fmt: skip


def sheet(dossier: ShipmentDossier) -> Sheet:
    it = Reader(dossier)
    sections: list[Section] = []
    for n, line in enumerate(dossier.lines):
        sections += _line(it, f"lines.{n}", n + 1, line)
    return Sheet((*sections, Statement("note", FixedWord("protocol_note"))))


def _line(it: Reader, path: str, number: int, line: Line) -> list[Section]:
    tests = line.tests
    if tests is None:
        return [Fields("tests", (Row("line", str(number)), it.row("tests", f"{path}.tests")))]
    kinds = [it.said(kind) for kind in tests.kinds]
    rows = (
        Row("line", str(number)),
        Row("description", goods_said(it, line, path)),
        it.row("category", f"{path}.tests.category"),
        it.row("tester", f"{path}.tests.tester"),
        it.row("tester_address", f"{path}.tests.tester_address"),
        Row("record", f"#{tests.record.index}" if tests.record else Gap(f"{path}.tests.record")),
    )
    articles = tuple(_article(each, number) for each in tests.articles)
    return [
        Fields("tests", rows),
        Statement("test_kinds", _joined(kinds)),
        Table("articles", _ARTICLES, articles),
    ]


def _article(each: ArticleTest, number: int) -> tuple[Value, ...]:
    return (
        str(number),
        each.article,
        FixedWord("not_known") if each.year is None else str(each.year),
        FixedWord(each.result),
        each.tested_on.isoformat(),
    )


def _joined(kinds: list[Said]) -> Said:
    local = [kind.local for kind in kinds if kind.local]
    return Said("; ".join(kind.en for kind in kinds), "；".join(local) if len(local) == len(kinds) else None)


PAPER = Paper(
    kind=KIND,
    title="Functionality protocol",
    version=1,
    required_facts=("documents.functionality_protocol", "parties.seller", "lines"),
    sheet=sheet,
)
