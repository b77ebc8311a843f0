"""The index behind search: one row a published offer, with what it was judged to be last.

Who may see the offer, how many pieces are free and whether it is paused is kept elsewhere; the row has a
copy of it, made in the transaction that changes it (``store.catalogue_copies``). Counts go by the copies.
What is shown one by one is joined with the originals as well, so that no list is ever behind them.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    func,
    or_,
    select,
    tuple_,
)

from gateway.store import audiences, catalogue_tables, price_tables, trade
from gateway.store import catalogue_copies as copies
from gateway.store.stock_levels import LEVELS
from gateway.store.trade import LISTINGS, STOCK, Listing
from gateway.trade.search import FACETS, Facet, Search, tokens
from gateway.trade.visibility import Viewer
from ledger.lots.coverage import LEVELS as INSPECTIONS
from ledger.store.log import ENTRIES, SUBJECTS
from ledger.store.tables import table

TRAITS: Final = tuple(facet for facet in FACETS if facet != "brand")
assert catalogue_tables.TRAITS == TRAITS
INDEX = table(catalogue_tables.CatalogueRow)
EVENTS = table(price_tables.SaleEventRow)
UNLIMITED: Final = 10**15  # pieces: where nothing but the stock row sets a limit
OPENING: Final = ("planned", "open")  # states of a sale whose goods are shown
# Records that may change what is offered without being about the lot itself.
AT_LARGE: Final = (
    "authorization.narrowed", "authorization.revoked", "key.revoked", "lot.recalled", "lot.released",
)  # fmt: skip
UNSEEN: Final = {"reach": copies.HIDDEN, "available": 0, "event": "", "until": ""}  # until it is copied
Position = tuple[int, str]  # value that is sorted by, id of the listing


@dataclass(frozen=True, slots=True)
class Card:
    """What a list shows of an offer beside what it is searched by. names: by language (zh, en, vi)."""

    names: Mapping[str, str]
    brand: str
    model: str
    records: int
    products: int


@dataclass(frozen=True, slots=True)
class Indexed:
    """As of ``CatalogueRow``. hs: prefixes of six digits."""

    listing: str
    lot: str
    market: str
    head: str
    judged_on: str
    judged_size: int
    standing: bool
    published_us: int
    category: str
    brand: str
    condition: str
    grade: str
    grade_rank: int
    inspection: str
    inspection_rank: int
    hs: tuple[str, ...]
    piece_minor: int
    cap: int
    permitted: int
    warehouse: str
    verified_since: str
    depth: str
    words: str
    card: Card


@dataclass(frozen=True, slots=True)
class Found:
    """One result. available: pieces, now. lot_head: of the lot's last record, now. why: it may be seen."""

    indexed: Indexed
    listing: Listing
    available: int
    lot_head: str
    why: str
    position: Position


def put(connection: Connection, one: Indexed) -> bool:
    """Replace what was known of the offer; False where it was the very same."""
    values = row_of(one)
    where = INDEX.c.listing == one.listing
    standing = connection.execute(INDEX.select().where(where)).mappings().one_or_none()
    if standing is not None and values.items() <= dict(standing).items():
        return False
    if standing is None:
        connection.execute(INDEX.insert(), [{**values, **UNSEEN}])
    else:
        connection.execute(INDEX.update().where(where).values(values))
    copies.of_listing(connection, one.listing)
    return True


def get(connection: Connection, listing: str) -> Indexed | None:
    row = connection.execute(INDEX.select().where(INDEX.c.listing == listing)).one_or_none()
    return None if row is None else _indexed(row)


def follow(connection: Connection, lot: str, *, before: str, after: str) -> None:
    """A record of a lot changed nothing that was judged: rows of its head before stand at the one after."""
    connection.execute(INDEX.update().where(INDEX.c.lot == lot, INDEX.c.head == before).values(head=after))


def confirm(connection: Connection, listings: Sequence[str], size: int) -> None:
    """Nothing in the log up to ``size`` entries concerns these offers."""
    if listings:
        stale = (INDEX.c.listing.in_(listings), INDEX.c.judged_size < size)
        connection.execute(INDEX.update().where(*stale).values(judged_size=size))


def doubt(connection: Connection, listing: str) -> None:
    """Show an offer in no list until it was judged anew."""
    connection.execute(INDEX.update().where(INDEX.c.listing == listing).values(standing=False))
    copies.of_listing(connection, listing)


def drop_ended(connection: Connection) -> int:
    """Remove what no list would show any more; returns how many rows that were."""
    standing = select(LISTINGS.c.id).where(LISTINGS.c.status.in_(("published", "paused")))
    return connection.execute(INDEX.delete().where(INDEX.c.listing.not_in(standing))).rowcount


def find(
    connection: Connection,
    viewer: Viewer,
    search: Search,
    now: datetime,
    *,
    after: Position | None = None,
    since_us: int | None = None,
    limit: int,
) -> list[Found]:
    """Offers in the order of ``search.sort``, then id. after: position of the last one seen.

    since_us: those alone that were published later, in microseconds since 1970.
    """
    found: list[Found] = []
    while len(found) < limit:
        places = _places(connection, viewer, search, now, after=after, since_us=since_us, limit=limit)
        found += _found(connection, viewer, search, now, places)
        if len(places) < limit:
            break
        after = places[-1]
    return found[:limit]


def count(connection: Connection, viewer: Viewer, search: Search, now: datetime) -> int:
    statement = (
        select(func.count()).select_from(INDEX).where(_narrowed(viewer, search, now), *_chosen(search))
    )
    return int(connection.execute(statement).scalar_one())


def facets(
    connection: Connection, viewer: Viewer, search: Search, now: datetime, wanted: Collection[Facet] = FACETS
) -> dict[Facet, Counter[str]]:
    """How many offers each value leaves, given every other choice; a facet ignores its own.

    ``inspection`` counts what is inspected at least so well.
    """
    found: dict[Facet, Counter[str]] = {facet: Counter() for facet in FACETS if facet in wanted}
    by_brand = "brand" in found
    if search.q or search.hs or search.verified_since:  # no index has these: each row is read, and only once
        names = FACETS if by_brand else TRAITS
    else:
        names = TRAITS
        if by_brand:
            found["brand"] = _brands(connection, viewer, search, now)
    if found.keys() & set(names):
        groups = _groups(connection, viewer, search, now, names)
        found |= {facet: _counted(facet, names, groups, search) for facet in found if facet in names}
    if "inspection" in found:
        found["inspection"] = _at_least(found["inspection"])
    return found


def is_on_sale(connection: Connection, listing: Listing, now: datetime) -> bool:
    """Whether its days last: the same rule as lists have, for one offer."""
    days = (LISTINGS.c.event, LISTINGS.c.offered_until)
    statement = select(LISTINGS.c.id).where(LISTINGS.c.id == listing.id, _on_sale(*days, now))
    return connection.execute(statement).first() is not None


def last_at_large(connection: Connection, since: int) -> int:
    """Index of the last record from ``since`` on that may concern goods it does not name; -1 for none."""
    statement = select(func.max(ENTRIES.c.idx)).where(ENTRIES.c.idx >= since, ENTRIES.c.type.in_(AT_LARGE))
    found = connection.execute(statement).scalar()
    return -1 if found is None else int(found)


def _groups(
    connection: Connection, viewer: Viewer, search: Search, now: datetime, names: Sequence[Facet]
) -> list[tuple[tuple[str, ...], int]]:
    """(values of ``names``, offers): what is found where none is chosen, a line for each combination.

    Traits are read in the order of one index, and counted in it: what each facet leaves is added up from
    here. With brands there are almost as many combinations as offers; those are counted here.
    """
    values: list[ColumnElement[Any]] = [INDEX.c[name] for name in names]
    found = and_(_narrowed(viewer, search, now), *_chosen(search, but=names))
    if "brand" in names:
        rows = connection.execute(select(*values).where(found).order_by(INDEX.c.published_us))
        return list(Counter(tuple(row) for row in rows).items())
    if search.brand:  # few offers, which the index of brands finds
        values = [column + "" for column in values]
    rows = connection.execute(select(*values, func.count()).where(found).group_by(*values))
    return [(tuple(row[:-1]), int(row[-1])) for row in rows]


def _counted(
    facet: Facet, names: Sequence[Facet], groups: Sequence[tuple[tuple[str, ...], int]], search: Search
) -> Counter[str]:
    """One facet of ``_groups``, given every choice but its own."""
    place = names.index(facet)
    choices = [
        (n, _accepted(name, search)) for n, name in enumerate(names) if n != place and search.chosen(name)
    ]
    found: Counter[str] = Counter()
    for traits, offers in groups:
        if traits[place] and all(traits[n] in accepted for n, accepted in choices):
            found[traits[place]] += offers
    return found


def _brands(connection: Connection, viewer: Viewer, search: Search, now: datetime) -> Counter[str]:
    statement = (
        select(INDEX.c.brand, func.count())
        .where(_narrowed(viewer, search, now), *_chosen(search, but=("brand",)))
        .group_by(INDEX.c.brand)
    )
    return Counter({brand: int(offers) for brand, offers in connection.execute(statement) if brand})


def _places(
    connection: Connection,
    viewer: Viewer,
    search: Search,
    now: datetime,
    *,
    after: Position | None,
    since_us: int | None,
    limit: int,
) -> list[Position]:
    """Where the next offers stand, by the index alone: it is read in its order until there are enough."""
    key, falls = _sorted_by(search)
    if search.brand:  # few offers, which the index of brands finds; the one of the order would be read whole
        key = _unordered(key)
    statement = select(key, INDEX.c.listing).where(_narrowed(viewer, search, now), *_chosen(search))
    if after is not None:
        statement = statement.where(_beyond(key, after, falls=falls))
    if since_us is not None:
        statement = statement.where(INDEX.c.published_us > since_us)
    order = (key.desc(), INDEX.c.listing.desc()) if falls else (key, INDEX.c.listing)
    rows = connection.execute(statement.order_by(*order).limit(limit))
    return [(int(value), str(listing)) for value, listing in rows]


def _shown(viewer: Viewer, search: Search, now: datetime, ids: Collection[str]) -> Select[Any]:
    """Those of ``ids`` that the originals let this company see, with pieces and why."""
    source: FromClause = (
        INDEX.join(LISTINGS, LISTINGS.c.id == INDEX.c.listing)
        .join(STOCK, STOCK.c.lot == INDEX.c.lot)
        .outerjoin(LEVELS, LEVELS.c.lot == INDEX.c.lot)
    )
    available = copies.available()
    return (
        select(INDEX, available.label("left"), audiences.why_seen().label("why"))
        .select_from(source)
        .where(
            INDEX.c.listing.in_(ids),
            INDEX.c.standing,
            LISTINGS.c.status == "published",
            audiences.seen_by(viewer),
            _on_sale(LISTINGS.c.event, LISTINGS.c.offered_until, now),
            available >= (search.qty_min or 1),
        )
    )


def _narrowed(viewer: Viewer, search: Search, now: datetime) -> ColumnElement[bool]:
    """What this company is shown, by the copies alone; where names decide, by those who are named."""
    return and_(
        INDEX.c.market == viewer.country,
        or_(
            INDEX.c.reach.between(0, viewer.tier),
            and_(INDEX.c.reach >= copies.SPECIAL, INDEX.c.listing.in_(audiences.special_for(viewer))),
        ),
        _unordered(INDEX.c.available) >= (search.qty_min or 1),
        _on_sale(INDEX.c.event, INDEX.c.until, now),
    )


def _chosen(search: Search, but: Collection[str] = ()) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        INDEX.c[facet].in_(_accepted(facet, search))
        for facet in FACETS
        if facet not in but and search.chosen(facet)
    ]
    conditions += [INDEX.c.words.contains(token, autoescape=True) for token in tokens(search.q)]
    if search.hs:
        conditions.append(INDEX.c.hs.contains(f" {search.hs[:6]}", autoescape=True))
    price = INDEX.c.piece_minor if search.sort in ("price", "-price") else _unordered(INDEX.c.piece_minor)
    if search.price_min is not None:
        conditions.append(price >= search.price_min)
    if search.price_max is not None:
        conditions.append(price <= search.price_max)
    if search.verified_since:
        conditions.append(INDEX.c.verified_since >= search.verified_since)
    return conditions


def _accepted(facet: Facet, search: Search) -> tuple[str, ...]:
    """Values that a choice lets through."""
    values = search.chosen(facet)
    return INSPECTIONS[INSPECTIONS.index(values[0]) :] if facet == "inspection" else values


def _on_sale(event: ColumnElement[Any], until: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    """Until its last day; an offer of a sale from its announcement until its end."""
    running = select(EVENTS.c.id).where(EVENTS.c.state.in_(OPENING), EVENTS.c.ends_at > now)
    return and_(or_(event == "", event.in_(running)), or_(until == "", until >= now.date().isoformat()))


def _unordered(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The same number, for which no index is read: most offers pass, and SQLite takes none for few.

    https://www.sqlite.org/optoverview.html, "Manual Control Of Query Plans".
    """
    return column + 0


def _sorted_by(search: Search) -> tuple[ColumnElement[Any], bool]:
    """(what is sorted by, whether the greatest comes first)."""
    match search.sort:
        case "price" | "-price":
            return INDEX.c.piece_minor, search.sort == "-price"
        case "-available":
            return INDEX.c.available, True
    return INDEX.c.published_us, True


def _beyond(key: ColumnElement[Any], after: Position, *, falls: bool) -> ColumnElement[bool]:
    """One range of the index of the order: both databases compare such pairs by it."""
    place, seen = tuple_(key, INDEX.c.listing), tuple_(*after)
    return place < seen if falls else place > seen


def _at_least(exact: Counter[str]) -> Counter[str]:
    """From offers of each level to offers of that level or better."""
    found: Counter[str] = Counter()
    total = 0
    for level in reversed(INSPECTIONS):
        total += exact[level]
        if exact[level] and level != "none":
            found[level] = total
    return found


def _found(
    connection: Connection, viewer: Viewer, search: Search, now: datetime, places: Sequence[Position]
) -> list[Found]:
    """Results with all that is known of each, as the originals are."""
    if not places:
        return []
    rows = {
        row.listing: row
        for row in connection.execute(_shown(viewer, search, now, [listing for _, listing in places]))
    }
    listings = trade.listings_with(connection, list(rows))
    lot_heads = heads(connection, {row.lot for row in rows.values()})
    return [
        Found(
            _indexed(rows[place[1]]),
            listings[place[1]],
            int(rows[place[1]].left),
            lot_heads.get(rows[place[1]].lot, ""),
            rows[place[1]].why,
            place,
        )
        for place in places
        if place[1] in rows
    ]


def heads(connection: Connection, lots: Collection[str]) -> dict[str, str]:
    """Lot -> event id of its last record."""
    statement = select(SUBJECTS.c.subject, SUBJECTS.c.event_id).where(SUBJECTS.c.subject.in_(sorted(lots)))
    return {name: event_id.hex() for name, event_id in connection.execute(statement)}


def row_of(one: Indexed) -> dict[str, Any]:
    """The columns of its row."""
    values = {name: getattr(one, name) for name in one.__slots__}
    hs = f" {' '.join(one.hs)} " if one.hs else ""
    return {**values, "hs": hs, "card": json.dumps(asdict(one.card), ensure_ascii=False, sort_keys=True)}


def _indexed(row: Any) -> Indexed:
    values = {name: getattr(row, name) for name in Indexed.__slots__}
    return Indexed(
        **{
            **values,
            "standing": bool(row.standing),
            "hs": tuple(row.hs.split()),
            "card": Card(**json.loads(row.card)),
        }
    )
