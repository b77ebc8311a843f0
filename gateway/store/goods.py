"""Articles and styles with their private facts: which lot holds them now, and what is known of each."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, func, or_, select

from gateway.store import tables
from ledger.store.tables import table

ARTICLES, CODES = table(tables.ArticleRow), table(tables.CodeLinkRow)
_NEW_BATTERY = ('"battery_replaced"', '"battery_after"')  # as rows of repairs/2 and of older ones say it


@dataclass(frozen=True, slots=True)
class Item:
    """An article (serialised, quantity 1) or a style of ``quantity`` pieces.

    source_event, source_n: the manifest row that stands for it now. facts: see ``item_facts``.
    """

    id: int
    consignment: str
    lot: str
    source_event: str
    source_n: int
    quantity: int
    category: str
    grade: str
    serialised: bool
    facts: dict[str, Any]

    def with_facts(self, **changes: Any) -> "Item":
        return replace(self, facts={**self.facts, **changes})

    def moved(self, lot: str, source_event: str, source_n: int) -> "Item":
        """In another lot, or under another row of the same."""
        return replace(self, lot=lot, source_event=source_event, source_n=source_n)


@dataclass(frozen=True, slots=True)
class CodeLink:
    """What a printed code stands for. article: None for a lot's own code."""

    code: str
    lot: str
    level: str
    article: int | None


def add(connection: Connection, items: Iterable[Item]) -> None:
    """Insert; ids are given by the database."""
    rows = [{name: value for name, value in _row(item).items() if name != "id"} for item in items]
    if rows:
        connection.execute(ARTICLES.insert(), rows)


def known(connection: Connection, identifiers: Sequence[str]) -> list[str]:
    """Those of ``identifiers`` under which serialised goods stand here already, ascending."""
    found: list[str] = []
    for start in range(0, len(identifiers), 500):  # below SQLite's limit of bound values
        chunk = identifiers[start : start + 500]
        statement = select(ARTICLES.c.identifier).where(
            ARTICLES.c.serialised, ARTICLES.c.identifier.in_(chunk)
        )
        found += connection.execute(statement).scalars()
    return sorted(found)


def update(connection: Connection, items: Iterable[Item]) -> None:
    """Write back what changed of existing items."""
    rows = [
        {
            "of_id": item.id,
            "new_lot": item.lot,
            "new_event": item.source_event,
            "new_n": item.source_n,
            "new_grade": item.grade,
            "new_facts": json.dumps(item.facts, ensure_ascii=False),
        }
        for item in items
    ]
    if rows:
        connection.execute(_UPDATE, rows)


def forget(connection: Connection, id_: int, facts: Mapping[str, Any]) -> None:
    """Replace the facts of an item whose own ones were erased, its identifier among them."""
    text = json.dumps(facts, ensure_ascii=False)
    values = {"identifier": facts["identifier"], "facts": text}
    connection.execute(ARTICLES.update().where(ARTICLES.c.id == id_).values(values))


def of_lot(connection: Connection, lot: str) -> list[Item]:
    """In the order of the manifest's rows."""
    statement = select(ARTICLES).where(ARTICLES.c.lot == lot).order_by(ARTICLES.c.source_n)
    return [_item(row) for row in connection.execute(statement)]


def one(connection: Connection, id_: int) -> Item | None:
    row = connection.execute(select(ARTICLES).where(ARTICLES.c.id == id_)).one_or_none()
    return None if row is None else _item(row)


def with_ids(connection: Connection, ids: Collection[int]) -> dict[int, Item]:
    """Items by their id; those that are not there are left out."""
    found: dict[int, Item] = {}
    listed = sorted(ids)
    for start in range(0, len(listed), 500):  # below SQLite's limit of bound values
        statement = select(ARTICLES).where(ARTICLES.c.id.in_(listed[start : start + 500]))
        found.update((row.id, _item(row)) for row in connection.execute(statement))
    return found


def counts(connection: Connection) -> tuple[int, int]:
    """(serialised articles, pieces of everything)."""
    row = connection.execute(
        select(
            func.coalesce(func.sum(ARTICLES.c.quantity).filter(ARTICLES.c.serialised), 0),
            func.coalesce(func.sum(ARTICLES.c.quantity), 0),
        )
    ).one()
    return int(row[0]), int(row[1])


def graded(connection: Connection) -> dict[str, dict[str, int]]:
    """Pieces by category and present grade."""
    columns = (ARTICLES.c.category, ARTICLES.c.grade)
    statement = select(*columns, func.sum(ARTICLES.c.quantity)).group_by(*columns).order_by(*columns)
    result: dict[str, dict[str, int]] = {}
    for category, grade, pieces in connection.execute(statement):
        result.setdefault(category, {})[grade] = int(pieces)
    return result


def add_codes(connection: Connection, links: Sequence[CodeLink]) -> None:
    if links:
        rows = [{"code": x.code, "lot": x.lot, "level": x.level, "article": x.article} for x in links]
        connection.execute(CODES.insert(), rows)


def code(connection: Connection, text: str) -> CodeLink | None:
    row = connection.execute(select(CODES).where(CODES.c.code == text)).one_or_none()
    return None if row is None else CodeLink(row.code, row.lot, row.level, row.article)


def page_of_lot(connection: Connection, lot: str, after: int, limit: int) -> list[Item]:
    """In the order of the manifest's rows. after: number of the last row on the page before, -1 at first."""
    statement = select(ARTICLES).where(ARTICLES.c.lot == lot, ARTICLES.c.source_n > after)
    return [_item(row) for row in connection.execute(statement.order_by(ARTICLES.c.source_n).limit(limit))]


def rows_of(connection: Connection, lot: str) -> int:
    """How many articles and styles are in a lot."""
    return int(connection.execute(select(func.count()).where(ARTICLES.c.lot == lot)).scalar_one())


def codes_by_article(connection: Connection, articles: Sequence[int]) -> dict[int, str]:
    statement = select(CODES.c.article, CODES.c.code).where(CODES.c.article.in_(articles))
    return {row.article: row.code for row in connection.execute(statement)}


def codes_in(connection: Connection, lot: str) -> int:
    return int(connection.execute(select(func.count()).where(CODES.c.lot == lot)).scalar_one())


def codes_of(connection: Connection, lot: str, limit: int | None = None) -> list[CodeLink]:
    """The lot's own first."""
    statement = select(CODES).where(CODES.c.lot == lot).order_by(CODES.c.article.nulls_first()).limit(limit)
    return [CodeLink(row.code, row.lot, row.level, row.article) for row in connection.execute(statement)]


def repaired(connection: Connection) -> list[Item]:
    """Serialised articles of a sellable grade whose battery was replaced, best first."""
    statement = (
        select(ARTICLES)
        .where(or_(*(ARTICLES.c.facts.contains(said) for said in _NEW_BATTERY)))
        .where(ARTICLES.c.grade.in_(("A", "B", "C")))
        .order_by(ARTICLES.c.grade, ARTICLES.c.id)
    )
    return [_item(row) for row in connection.execute(statement)]


def any_code(connection: Connection) -> str:
    """The first code there is, "" when none was issued."""
    found = connection.execute(select(CODES.c.code).order_by(CODES.c.level, CODES.c.code).limit(1))
    return found.scalar_one_or_none() or ""


def code_count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(CODES)).scalar_one())


_UPDATE = (
    ARTICLES.update()
    .where(ARTICLES.c.id == bindparam("of_id"))
    .values(
        lot=bindparam("new_lot"),
        source_event=bindparam("new_event"),
        source_n=bindparam("new_n"),
        grade=bindparam("new_grade"),
        facts=bindparam("new_facts"),
    )
)


def _row(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "consignment": item.consignment,
        "lot": item.lot,
        "source_event": item.source_event,
        "source_n": item.source_n,
        "quantity": item.quantity,
        "category": item.category,
        "grade": item.grade,
        "serialised": item.serialised,
        "identifier": item.facts["identifier"],
        "facts": json.dumps(item.facts, ensure_ascii=False),
    }


def _item(row: Any) -> Item:
    return Item(
        row.id,
        row.consignment,
        row.lot,
        row.source_event,
        row.source_n,
        row.quantity,
        row.category,
        row.grade,
        bool(row.serialised),
        orjson.loads(row.facts),
    )
