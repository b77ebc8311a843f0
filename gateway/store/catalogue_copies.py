"""What a search is narrowed by though it is kept elsewhere: copied into the index, in the same transaction.

Whoever changes an offer's state, audience, sale or last day, or its lot's stock, calls this before the
transaction ends; so counts are never behind. What is shown one by one is compared with the originals
all the same (``store.catalogue.find``).
"""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from gateway.store import catalogue_tables, profile_tables, tables
from ledger.store.statements import Statement
from ledger.store.tables import table

INDEX = table(catalogue_tables.CatalogueRow)
ACCESS = table(catalogue_tables.AccessRow)
LISTINGS, STOCK = table(tables.ListingRow), table(tables.StockRow)
LEVELS = table(profile_tables.StockLevelRow)
# ``reach``: from which tier on a company of the market sees the offer, 0 for every one; or
HIDDEN: Final = -1  # nobody does
SPECIAL: Final = 1_000_000  # from here on whom it is for is said by name
NAMED: Final = SPECIAL  # its list of buyers says more
CHOSEN: Final = SPECIAL + 1  # those that were chosen one by one, at most


def of_listing(connection: Connection, listing: str) -> None:
    """After its state, audience, sale or days changed."""
    _copy(connection, INDEX.c.listing == listing)


def of_lot(connection: Connection, lot: str) -> None:
    """After its stock changed, or what its supplier says of it."""
    _OF_LOT.do(connection, of_lot=lot)


def everything(connection: Connection) -> None:
    """Of every row, whether it was right or not."""
    _copy(connection, literal(value=True))


def mend(connection: Connection, listings: Collection[str]) -> int:
    """Copy again what differs from its original; returns how many rows did, none as long as all is well."""
    copies = _copies()
    differs = or_(*(INDEX.c[name] != value for name, value in copies.items()))
    wrong = INDEX.c.listing.in_(list(listings)) & differs
    return connection.execute(INDEX.update().where(wrong).values(copies)).rowcount


def available() -> ColumnElement[int]:
    """Pieces that may be held now, of index, stock and levels: as ``gate.free_units``, and permitted."""
    said = case(
        (and_(LEVELS.c.quantity.is_not(None), LEVELS.c.quantity < STOCK.c.on_hand), LEVELS.c.quantity),
        else_=STOCK.c.on_hand,
    )
    held, unsold = said - STOCK.c.reserved - STOCK.c.allocated, INDEX.c.cap - STOCK.c.reserved
    free = case((held < unsold, held), else_=unsold)
    return case((free < INDEX.c.permitted, free), else_=INDEX.c.permitted)


def _copy(connection: Connection, where: ColumnElement[bool]) -> None:
    connection.execute(INDEX.update().where(where).values(_copies()))


def _copies() -> dict[str, ColumnElement[Any]]:
    return {
        "reach": func.coalesce(_of_its_listing(_reach()), HIDDEN),
        "available": _available(),
        "event": func.coalesce(_of_its_listing(LISTINGS.c.event), ""),
        "until": func.coalesce(_of_its_listing(LISTINGS.c.offered_until), ""),
    }


def _reach() -> ColumnElement[int]:
    has_list = exists().where(ACCESS.c.listing == LISTINGS.c.id).correlate(LISTINGS)
    return case(
        (or_(~INDEX.c.standing, LISTINGS.c.status != "published"), HIDDEN),
        (LISTINGS.c.visibility == "private", CHOSEN),
        (has_list, NAMED),
        (LISTINGS.c.visibility == "tier", LISTINGS.c.tier_min),
        else_=0,
    )


def _of_its_listing(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return select(value).where(LISTINGS.c.id == INDEX.c.listing).correlate(INDEX).scalar_subquery()


def _available() -> ColumnElement[int]:
    """No stock row, nothing to hold."""
    source = STOCK.outerjoin(LEVELS, LEVELS.c.lot == STOCK.c.lot)
    free = select(available()).select_from(source).where(STOCK.c.lot == INDEX.c.lot)
    return func.coalesce(free.correlate(INDEX).scalar_subquery(), literal_column("0"))


_OF_LOT = Statement(
    INDEX.update().where(INDEX.c.lot == bindparam("of_lot")).values(available=_available())
)  # with every movement of stock: compiled once
