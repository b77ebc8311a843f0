"""What the actions on lots look up: what stands in the way, who can sign beside, which rows go where."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from gateway.permissions import Role
from gateway.statements import hands
from gateway.statements.action import HIDDEN, Ask, FieldRefused, Option
from gateway.store import goods, tables
from gateway.store.goods import Item
from gateway.wiring import Installation
from gateway.workflows.prepare import Facts
from gateway.workflows.work import Work
from ledger.author import Place
from ledger.core.canonical import JsonValue
from ledger.core.leaf import Leaf
from ledger.core.manifest import parse_row
from ledger.lots.state import KeyState, LotState
from ledger.record import Entry
from ledger.store import log
from ledger.store.tables import table

PARTIES = table(tables.PartyRow)
OPERATOR: Final[frozenset[Role]] = frozenset({"operator"})
CHILD_ROWS: Final = "child-article/1"
Effect = Callable[[Work, Entry, Mapping[str, JsonValue]], None]  # as ``after.AFTER`` holds them
Look = Callable[[Installation, Mapping[str, JsonValue]], None]  # as ``after.BEFORE`` holds them
SITES: Final = ("guangzhou", "hangzhou", "shanghai", "shenzhen", "yiwu")


def lot(ask: Ask) -> LotState:
    state = ask.state
    assert isinstance(state, LotState)
    return state


def kept(ask: Ask) -> str:
    """Why nothing can be done here: "" where units of the lot are here in the caller's custody."""
    state = lot(ask)
    if state.custody != ask.party or not state.is_leaf:
        return HIDDEN
    return "" if state.at_hand else "not-received"


def whole(ask: Ask) -> str:
    """As ``kept``; "" only where all of it is here, and nobody else has a claim to a unit."""
    state = lot(ask)
    return kept(ask) or ("offered" if state.listings else "units-sold" if state.sold else "")


def sells(ask: Ask) -> bool:
    """Whether the caller's party may sell the lot: it owns it, keeps it on consignment, or is its agent."""
    state = lot(ask)
    keeper = state.custody if state.supply_mode == "consign" else state.title
    return ask.party in (state.title, keeper, state.agent)


def own_place(ask: Ask, type_: str, role: str) -> Place:
    return hands.place(ask.connection, ask.party, type_, role)


def signers_of(type_: str, role: str) -> Callable[[Ask], Sequence[Option]]:
    """Other parties with a standing key that may sign so, by name."""
    scope = f"{type_}:{role}"

    def options(ask: Ask) -> Sequence[Option]:
        parties = {key.party for key in log.keys(ask.connection) if scope in key.scopes and _stands(key)}
        names = named(ask.connection, parties - {ask.party})
        return [Option(party, names[party]) for party in sorted(names, key=lambda one: (names[one], one))]

    return options


def named(connection: Connection, parties: set[str]) -> dict[str, str]:
    """Names of registered parties as people write them."""
    statement = select(PARTIES.c.party, PARTIES.c.name_en, PARTIES.c.name_zh)
    rows = connection.execute(statement.where(PARTIES.c.party.in_(sorted(parties)))).all()
    found = {row.party: " · ".join(dict.fromkeys((row.name_en, row.name_zh))) for row in rows}
    return {party: found.get(party) or party.partition(":")[2][:6] for party in parties}


def worded(table_: str, slugs: Sequence[str]) -> Callable[[Ask], Sequence[Option]]:
    """Options whose labels stand in a words table."""
    found = [Option(slug, slug, table_) for slug in slugs]
    return lambda _ask: found


def sites(ask: Ask) -> Sequence[Option]:
    """The house's sites, and where the lot is now."""
    here = site_of(lot(ask)) if isinstance(ask.state, LotState) else ""
    return [Option(one, one, "sites") for one in sorted({*SITES, here} - {""})]


def site_of(state: LotState) -> str:
    return state.site or (state.intake.site if state.intake else "")


def records_of(connection: Connection, name: str) -> Iterator[Leaf]:
    """A lot's own records, newest first."""
    for index, _, _ in reversed(log.chain(connection, name)):
        data = log.leaf(connection, index)
        if data is not None:
            yield Leaf.parse(data)


def last_record(connection: Connection, name: str, types: frozenset[str]) -> Leaf | None:
    """The newest record of one of ``types`` in a lot's own chain."""
    return next((one for one in records_of(connection, name) if one.record.body.type in types), None)


def units_of(items: Sequence[Item]) -> int:
    return sum(item.quantity for item in items)


def present(ask: Ask) -> list[Item]:
    """The rows that stand for the units that are here, in order.

    Of goods that came short the inspection says which: what it did not find is left out. Raises
    FieldRefused ``units-differ`` where the rows and the units cannot be brought together.
    """
    state, items = lot(ask), goods.of_lot(ask.connection, ask.subject)
    if units_of(items) != state.quantity and state.inspection is not None:
        rows = log.manifest_rows(ask.connection, state.inspection.event_id)
        found = {_source(parse_row(row, n)) for n, row in enumerate(rows) if row is not None}
        items = [item for item in items if (item.source_event, item.source_n) in found]
    if units_of(items) != state.quantity:
        raise FieldRefused("", "units-differ")
    return items


def rows_of(items: Sequence[Item], part: str, *, merged: bool = False) -> Facts:
    """The rows of a new part, each with the row that it comes from. merged: from several lots."""
    rows = []
    for item in items:
        source: dict[str, Any] = {"event_id": item.source_event, "n": item.source_n}
        if merged:
            source["lot"] = item.lot
        rows.append({"src": source} | ({"quantity": item.quantity} if item.quantity > 1 else {}))
    return Facts(part, CHILD_ROWS, rows)


def moved(parts: Mapping[str, Sequence[Item]]) -> dict[str, JsonValue]:
    """What ``follow`` is told: which items are the rows of each part, in order. parts: by the lot's id."""
    return {name: [item.id for item in items] for name, items in parts.items()}


def follow(work: Work, entry: Entry, told: Mapping[str, JsonValue]) -> None:
    """The goods go where their rows went.

    What has no row in a part did not come: it stays with a parent of which nothing is left.
    """
    for name, ids in told.items():
        assert isinstance(ids, list)
        items = goods.with_ids(work.connection, [int(str(one)) for one in ids])
        goods.update(
            work.connection,
            (items[int(str(one))].moved(name, entry.event_id, n) for n, one in enumerate(ids)),
        )


def _source(row: Mapping[str, Any]) -> tuple[str, int]:
    source = row.get("src")
    return (str(source["event_id"]), int(source["n"])) if isinstance(source, dict) else ("", -1)


def _stands(key: KeyState) -> bool:
    return key.ended_at is None and key.distrust_from is None
