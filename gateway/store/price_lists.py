"""Price lists and the prices in them. A price is never changed: it is taken out, and another one put in."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, bindparam, select

from gateway.store import price_tables
from gateway.store.people import as_utc
from gateway.trade.price_lists import Offered, PriceList, Step
from ledger.store.statements import Statement
from ledger.store.tables import table

_SAID = ("id", "holder_kind", "holder", "market", "currency", "valid_from", "valid_to", "priority")
LISTS, PRICES = table(price_tables.PriceListRow), table(price_tables.PriceRow)
_ANY_PRICE = Statement(
    select(PRICES.c.id).where(PRICES.c.listing == bindparam("of_listing"), PRICES.c.removed_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class StoredList:
    """list: what it says. closed_at: None while it stands."""

    list: PriceList
    name: str
    created_by: str
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Price:
    """One step of a list for an offer. reference: as ``workflows.references.kept`` wrote it.

    percent: of that reference, half up. price_policy: SHA-256 of the bands it was held against.
    """

    id: str
    list: str
    listing: str
    min_qty: int
    unit_price_minor: int
    reference: str
    percent: int
    price_policy: str
    override_reason: str
    entered_by: str
    entered_at: datetime

    @property
    def step(self) -> Step:
        overridden, kind = bool(self.override_reason), _kind(self.reference)
        return Step(self.min_qty, self.unit_price_minor, overridden, kind, self.reference)


def add(connection: Connection, value: StoredList) -> None:
    said = value.list
    row = {
        "id": said.id,
        "name": value.name,
        "holder_kind": said.holder_kind,
        "holder": said.holder,
        "market": said.market,
        "currency": said.currency,
        "valid_from": said.valid_from,
        "valid_to": said.valid_to,
        "priority": said.priority,
        "created_by": value.created_by,
        "created_at": value.created_at,
        "closed_at": value.closed_at,
    }
    connection.execute(LISTS.insert(), [row])


def find(connection: Connection, id_: str) -> StoredList | None:
    row = connection.execute(select(LISTS).where(LISTS.c.id == id_)).one_or_none()
    return None if row is None else _list(row)


def every(connection: Connection) -> list[StoredList]:
    """Those that stand first, each kind the newest first."""
    rows = connection.execute(select(LISTS).order_by(LISTS.c.created_at.desc(), LISTS.c.id))
    return sorted((_list(row) for row in rows), key=lambda one: one.closed_at is not None)


def page(connection: Connection, after: tuple[datetime, str] | None, limit: int) -> list[StoredList]:
    """Oldest first. after: created_at and id of the last one seen."""
    statement = select(LISTS).order_by(LISTS.c.created_at, LISTS.c.id).limit(limit)
    if after is not None:
        at, id_ = after
        later = (LISTS.c.created_at > at) | ((LISTS.c.created_at == at) & (LISTS.c.id > id_))
        statement = statement.where(later)
    return [_list(row) for row in connection.execute(statement)]


def close(connection: Connection, id_: str, at: datetime) -> bool:
    """Whether it stood until now."""
    result = connection.execute(
        LISTS.update().where(LISTS.c.id == id_, LISTS.c.closed_at.is_(None)).values(closed_at=at)
    )
    return result.rowcount == 1


def put(connection: Connection, value: Price) -> None:
    """In the place of the step of as many pieces, if there is one."""
    connection.execute(
        PRICES.update()
        .where(
            PRICES.c.list == value.list,
            PRICES.c.listing == value.listing,
            PRICES.c.min_qty == value.min_qty,
            PRICES.c.removed_at.is_(None),
        )
        .values(removed_at=value.entered_at, removed_by=value.entered_by)
    )
    row = {name: getattr(value, name) for name in value.__slots__}
    connection.execute(PRICES.insert(), [{**row, "removed_by": "", "removed_at": None}])


def remove(connection: Connection, list_: str, id_: str, by: str, at: datetime) -> bool:
    """Whether it stood until now."""
    result = connection.execute(
        PRICES.update()
        .where(PRICES.c.id == id_, PRICES.c.list == list_, PRICES.c.removed_at.is_(None))
        .values(removed_at=at, removed_by=by)
    )
    return result.rowcount == 1


def prices(connection: Connection, list_: str, listing: str | None = None) -> list[Price]:
    """The steps that stand in a list, by offer and pieces."""
    where = [PRICES.c.list == list_, PRICES.c.removed_at.is_(None)]
    if listing is not None:
        where.append(PRICES.c.listing == listing)
    rows = connection.execute(select(PRICES).where(*where).order_by(PRICES.c.listing, PRICES.c.min_qty))
    return [_price(row) for row in rows]


def entered(connection: Connection, list_: str, listing: str, unit_price_minor: int) -> Price | None:
    """The step that last said this price, whether it still stands or not."""
    statement = (
        select(PRICES)
        .where(
            PRICES.c.list == list_,
            PRICES.c.listing == listing,
            PRICES.c.unit_price_minor == unit_price_minor,
        )
        .order_by(PRICES.c.entered_at.desc(), PRICES.c.id)
        .limit(1)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else _price(row)


def offered(connection: Connection, listings: Iterable[str]) -> dict[str, list[Offered]]:
    """What every list that stands says of these offers: one question for a whole page of them."""
    names = list(dict.fromkeys(listings))
    if not names or (len(names) == 1 and _ANY_PRICE.row(connection, of_listing=names[0]) is None):
        return {}  # most offers are in no list
    statement = (
        select(PRICES, LISTS)
        .join(LISTS, LISTS.c.id == PRICES.c.list)
        .where(PRICES.c.listing.in_(names), PRICES.c.removed_at.is_(None), LISTS.c.closed_at.is_(None))
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )
    lists: dict[str, PriceList] = {}
    steps: defaultdict[tuple[str, str], list[Step]] = defaultdict(list)
    for row in connection.execute(statement):
        said = {name: getattr(row, f"price_lists_{name}") for name in _SAID}
        lists[row.price_lists_id] = PriceList(**said)
        overridden, reference = bool(row.prices_override_reason), row.prices_reference
        price = row.prices_unit_price_minor
        step = Step(row.prices_min_qty, price, overridden, _kind(reference), reference)
        steps[row.prices_listing, row.prices_list].append(step)
    found: dict[str, list[Offered]] = {}
    for (listing, list_), several in steps.items():
        found.setdefault(listing, []).append(Offered(lists[list_], tuple(several)))
    return found


def counts(connection: Connection) -> dict[str, int]:
    """Offers that each list has a price for."""
    rows = connection.execute(
        select(PRICES.c.list, PRICES.c.listing).distinct().where(PRICES.c.removed_at.is_(None))
    )
    found: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        found[row.list] += 1
    return dict(found)


def _list(row: Any) -> StoredList:
    said = PriceList(**{name: getattr(row, name) for name in _SAID}, is_open=row.closed_at is None)
    closed = None if row.closed_at is None else as_utc(row.closed_at)
    return StoredList(said, row.name, row.created_by, as_utc(row.created_at), closed)


def _price(row: Any) -> Price:
    members = {name: getattr(row, name) for name in Price.__slots__}
    return Price(**{**members, "entered_at": as_utc(row.entered_at)})


def _kind(reference: str) -> str:
    """Of the reference that a price was held against."""
    return str(json.loads(reference)["kind"]) if reference else ""
