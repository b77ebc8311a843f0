"""Rows that were rejected, mended and sent again: only they are imported, and linked to the first file.

The sheet that goes to the supplier names the file and each row's number in it, so what comes back is
known by them. A whole file that comes back without them is known by its goods.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, select

from gateway.consignments.consignment import Article, Consignment, DeclaredLot
from gateway.store import tables, waiting
from ledger.store.tables import table

CONSIGNMENTS, ARTICLES = table(tables.ConsignmentRow), table(tables.ArticleRow)
FILE_DIGITS: Final = 12
_FILE = re.compile(rf"\(([0-9a-f]{{{FILE_DIGITS}}})\)")
_AT_ONCE: Final = 500  # below SQLite's limit of bound values


@dataclass(frozen=True, slots=True)
class Mended:
    """What is left of a file that mends another. skipped: rows that stand in the ledger already.

    rows: of the first file, those that this one brings.
    """

    consignment: Consignment
    skipped: int
    rows: tuple[int, ...]


def row_header(label: str, sha256: str) -> str:
    """Header of the column of row numbers, in the sheet that goes to the supplier."""
    return f"{label} ({sha256[:FILE_DIGITS]})"


def first_file(connection: Connection, headers: Iterable[str]) -> str:
    """SHA-256 of the file whose rejected rows a sheet says that it brings again; "" for none."""
    for header in headers:
        if match := _FILE.search(header):
            statement = select(CONSIGNMENTS.c.sha256).where(CONSIGNMENTS.c.sha256.startswith(match[1]))
            found = connection.execute(statement).scalars().all()
            if len(found) == 1:
                return str(found[0])
    return ""


def left_over(connection: Connection, read: Consignment, first: str) -> Mended:
    """Leave out what was imported with the first file, or with another that mended it.

    Pieces that are still unidentified were counted with the first file and are not counted again.
    """
    family = _family(connection, first)
    done = {row for report in family.values() for row in report.get("mended_rows", [])}
    due = set(_rejected_rows(family[first])) - done if first in family else set()
    known = _known(connection, set(family), read.articles)
    kept, rows = [], []
    for article in read.articles:
        number = row_in_first(article)
        is_new = (
            _key(article) not in known if number is None or article.style_number is None else number in due
        )
        if is_new and not (article.style_number is None and _key(article) in known):
            kept.append(article)
            rows += [] if number is None else [number]
    chosen = {article.row for article in kept}
    lots = tuple(
        DeclaredLot(lot.key, 0, goods)
        for lot in read.lots
        if (goods := tuple(article for article in lot.articles if article.row in chosen))
    )
    left = replace(read, articles=tuple(kept), lots=lots, unassigned=0)
    return Mended(left, len(read.articles) - len(kept), tuple(sorted(rows)))


def family_of(connection: Connection, first: str) -> list[str]:
    """The first file and those that mended it, by SHA-256."""
    return sorted(_family(connection, first))


def _family(connection: Connection, first: str) -> dict[str, Mapping[str, Any]]:
    reports = {
        row.sha256: json.loads(row.report)
        for row in connection.execute(select(CONSIGNMENTS.c.sha256, CONSIGNMENTS.c.report))
        if row.sha256 == first or first in row.report
    }
    return {name: report for name, report in reports.items() if name == first or report.get("mends") == first}


def _rejected_rows(report: Mapping[str, Any]) -> Iterable[int]:
    return (rejection["row"] for rejection in report["rejections"])


Key = tuple[str, ...]


def _known(connection: Connection, family: set[str], articles: Iterable[Article]) -> set[Key]:
    identifiers = sorted({article.identifier for article in articles})
    found: set[Key] = set()
    for start in range(0, len(identifiers), _AT_ONCE):
        statement = select(ARTICLES.c.consignment, ARTICLES.c.serialised, ARTICLES.c.facts).where(
            ARTICLES.c.identifier.in_(identifiers[start : start + _AT_ONCE])
        )
        for row in connection.execute(statement):
            if row.consignment in family:
                facts = json.loads(row.facts)
                found.add(_key_of(facts["identifier"], bool(row.serialised), facts))
    for serialised, facts in waiting.of_files(connection, family, identifiers):
        found.add(_key_of(facts["identifier"], serialised, facts))
    return found


def _key(article: Article) -> Key:
    facts = {
        "attributes": article.attributes,
        "condition": article.condition,
        "gtin": article.gtin14,
        "label_state": article.label_state,
    }
    return _key_of(article.identifier, article.style_number is None, facts)


def _key_of(identifier: str, serialised: bool, facts: Mapping[str, Any]) -> Key:
    """A serial stands for one article; a style comes in colours and sizes."""
    if serialised:
        return (identifier,)
    attributes = sorted(f"{name}={value}" for name, value in facts["attributes"].items())
    return (
        identifier,
        facts["gtin"] or "",
        facts["condition"],
        facts["label_state"] or "",
        *attributes,
    )


def row_in_first(article: Article) -> int | None:
    """Its number in the first file, where the sheet still says it."""
    for header, text in article.raw:
        if _FILE.search(header) and text.isascii() and text.isdigit():
            return int(text)
    return None
