"""What a supplier's file declares while its supplier has not signed: lots, their goods, how they ended."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, func, literal, select

from gateway.store import statement_tables, tables, waiting_tables
from gateway.store.goods import Item
from gateway.store.statements import State
from ledger.store.tables import table

ARTICLES = table(tables.ArticleRow)
DECLARATIONS = table(waiting_tables.ImportDeclarationRow)
GOODS = table(waiting_tables.WaitingArticleRow)
STATEMENTS = table(statement_tables.StatementRow)
SIGNERS = table(statement_tables.StatementSignerRow)
STANDING: Final = frozenset({"waiting", "recorded"})
TYPED: Final = "declared"  # ``then`` of declarations by form, which keep their goods with the statement
AT_ONCE: Final = 500  # below SQLite's limit of bound values


@dataclass(frozen=True, slots=True)
class Share:
    """What one lot adds to its file's report. rows: of the file; mended: of the file that it mends."""

    rows: tuple[int, ...]
    mended: tuple[int, ...]
    declared: int
    unidentified: int
    over_age: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """One lot of a file. state, reason: of its statement. waits_for: parties, while it waits."""

    statement: str
    lot: str
    share: Share
    state: State
    reason: str
    waits_for: tuple[str, ...]


def declare(connection: Connection, statement: str, lot: str, consignment: str, share: Share) -> None:
    told = {
        "rows": share.rows,
        "mended": share.mended,
        "declared": share.declared,
        "unidentified": share.unidentified,
        "over_age": share.over_age,
    }
    row = {"statement": statement, "lot": lot, "consignment": consignment, "share": json.dumps(told)}
    connection.execute(DECLARATIONS.insert(), [row])


def of_consignment(connection: Connection, consignment: str) -> list[Declaration]:
    """Every declaration of a file that was ever made, the oldest first. Empty where nobody had to wait."""
    wanted = (
        select(DECLARATIONS, STATEMENTS.c.state, STATEMENTS.c.reason)
        .join(STATEMENTS, STATEMENTS.c.id == DECLARATIONS.c.statement)
        .where(DECLARATIONS.c.consignment == consignment)
        .order_by(STATEMENTS.c.created_at, DECLARATIONS.c.statement)
    )
    rows = connection.execute(wanted).all()
    owed = _owed(connection, consignment)
    return [
        Declaration(
            row.statement, row.lot, _share(row.share), row.state, row.reason, owed.get(row.statement, ())
        )
        for row in rows
    ]


def share_of(connection: Connection, lot: str) -> Share | None:
    found = connection.execute(select(DECLARATIONS.c.share).where(DECLARATIONS.c.lot == lot))
    text = found.scalar_one_or_none()
    return None if text is None else _share(text)


def ended(connection: Connection, consignment: str) -> int:
    """How many declarations of a file ended unrecorded."""
    wanted = (
        select(func.count())
        .select_from(DECLARATIONS.join(STATEMENTS, STATEMENTS.c.id == DECLARATIONS.c.statement))
        .where(DECLARATIONS.c.consignment == consignment, STATEMENTS.c.state.not_in(STANDING))
    )
    return int(connection.execute(wanted).scalar_one())


def keep(connection: Connection, items: Iterable[Item]) -> None:
    """Goods of a lot that is not declared yet; their source_event is none yet."""
    rows = [
        {
            "lot": item.lot,
            "source_n": item.source_n,
            "consignment": item.consignment,
            "quantity": item.quantity,
            "category": item.category,
            "serialised": item.serialised,
            "identifier": item.facts["identifier"],
            "facts": json.dumps(item.facts, ensure_ascii=False),
        }
        for item in items
    ]
    if rows:
        connection.execute(GOODS.insert(), rows)


def take_in(connection: Connection, lot: str, source_event: str) -> None:
    """The lot is declared: its goods are goods of the house."""
    names = ("lot", "source_n", "consignment", "quantity", "category", "serialised", "identifier", "facts")
    chosen = select(*(GOODS.c[name] for name in names), literal(source_event), literal("ungraded"))
    chosen = chosen.where(GOODS.c.lot == lot).order_by(GOODS.c.source_n)
    connection.execute(ARTICLES.insert().from_select([*names, "source_event", "grade"], chosen))
    forget(connection, lot)


def forget(connection: Connection, lot: str) -> None:
    connection.execute(delete(GOODS).where(GOODS.c.lot == lot))


def known(connection: Connection, identifiers: Sequence[str]) -> list[str]:
    """Those of ``identifiers`` under which serialised goods wait to be declared, by a file or by a form."""
    wanted, found = set(identifiers), set[str]()
    for chunk in _chunks(identifiers):
        statement = select(GOODS.c.identifier).where(GOODS.c.serialised, GOODS.c.identifier.in_(chunk))
        found |= set(connection.execute(statement).scalars())
    typed = select(STATEMENTS.c.told).where(STATEMENTS.c.then == TYPED, STATEMENTS.c.state == "waiting")
    for text in connection.execute(typed).scalars():
        items = json.loads(text).get("items", []) if text else []
        found |= {one["identifier"] for one in items if one["serialised"]} & wanted
    return sorted(found)


def of_files(
    connection: Connection, consignments: Iterable[str], identifiers: Sequence[str]
) -> Iterator[tuple[bool, Mapping[str, Any]]]:
    """(serialised, facts) of what waits under these identifiers in these files."""
    files = list(consignments)
    for chunk in _chunks(identifiers):
        statement = select(GOODS.c.serialised, GOODS.c.facts).where(
            GOODS.c.identifier.in_(chunk), GOODS.c.consignment.in_(files)
        )
        for row in connection.execute(statement):
            yield bool(row.serialised), json.loads(row.facts)


def _owed(connection: Connection, consignment: str) -> dict[str, tuple[str, ...]]:
    wanted = (
        select(SIGNERS.c.statement, SIGNERS.c.party)
        .join(DECLARATIONS, DECLARATIONS.c.statement == SIGNERS.c.statement)
        .join(STATEMENTS, STATEMENTS.c.id == SIGNERS.c.statement)
        .where(DECLARATIONS.c.consignment == consignment, SIGNERS.c.waits, STATEMENTS.c.state == "waiting")
        .order_by(SIGNERS.c.statement, SIGNERS.c.position)
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(wanted):
        found[row.statement] = (*found.get(row.statement, ()), row.party)
    return found


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE))


def _share(text: str) -> Share:
    told = json.loads(text)
    return Share(
        tuple(told["rows"]), tuple(told["mended"]), told["declared"], told["unidentified"], told["over_age"]
    )
