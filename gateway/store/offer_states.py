"""Offers by state, and the append-only account of what moved them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from gateway.errors import Refused
from gateway.store import catalogue_copies, offer_state_tables
from gateway.store.trade import LISTINGS, Listing, listing
from gateway.trade.offer_states import BEGINS, OPEN, State, may_move, state_of
from ledger.store.tables import table

CHANGES = table(offer_state_tables.OfferChangeRow)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an offer. before: "" where it began; equal to after where its wording changed.

    who: a principal, or ``gate``. reason: a slug. note: in somebody's own words.
    """

    listing: str
    version: int
    before: str
    after: str
    at: datetime
    who: str
    reason: str
    note: str = ""


def begin(connection: Connection, value: Listing, *, who: str, reason: str, at: datetime) -> Listing:
    """Add an offer with the first row of its history; returns it with its version, 1."""
    assert state_of(value.status) in BEGINS
    made = replace(value, version=1)
    connection.execute(LISTINGS.insert(), [{name: getattr(made, name) for name in made.__slots__}])
    _note(connection, Change(made.id, 1, "", made.status, at, who, reason))
    return made


def move(
    connection: Connection,
    value: Listing,
    after: State,
    *,
    who: str,
    reason: str,
    at: datetime,
    note: str = "",
    **values: Any,
) -> Listing:
    """Bring an offer into another state, by one conditional UPDATE. values: columns that change with it.

    Raises Refused ``offer-state`` where there is no such way, or where somebody was quicker.
    """
    if not may_move(state_of(value.status), after):
        raise Refused("offer-state", f"{value.id} is {value.status}", state=value.status, wanted=after)
    return _changed(connection, value, after, who=who, reason=reason, at=at, note=note, **values)


def amend(
    connection: Connection,
    value: Listing,
    *,
    who: str,
    reason: str,
    at: datetime,
    note: str = "",
    **values: Any,
) -> Listing:
    """Change what an offer says while it stays in its state. Raises Refused ``offer-state``."""
    return _changed(
        connection, value, state_of(value.status), who=who, reason=reason, at=at, note=note, **values
    )


def changes(connection: Connection, id_: str) -> list[Change]:
    """Oldest first."""
    statement = select(CHANGES).where(CHANGES.c.listing == id_).order_by(CHANGES.c.version)
    return [Change(**_aware(row._mapping)) for row in connection.execute(statement)]  # noqa: SLF001


def in_states(
    connection: Connection,
    states: Collection[State],
    *,
    lot: str | None = None,
    after: str = "",
    limit: int | None = None,
) -> list[Listing]:
    """By id. lot: of this one alone. after: id of the last one seen."""
    statement = select(LISTINGS.c.id).where(LISTINGS.c.status.in_(sorted(states))).order_by(LISTINGS.c.id)
    if lot is not None:
        statement = statement.where(LISTINGS.c.lot == lot)
    if after:
        statement = statement.where(LISTINGS.c.id > after)
    if limit is not None:
        statement = statement.limit(limit)
    found = (listing(connection, id_) for id_ in list(connection.execute(statement).scalars()))
    return [one for one in found if one is not None]


def count(connection: Connection, states: Collection[State]) -> int:
    statement = select(func.count()).select_from(LISTINGS).where(LISTINGS.c.status.in_(sorted(states)))
    return int(connection.execute(statement).scalar_one())


def standing(connection: Connection, *, lot: str | None = None) -> list[Listing]:
    """Offers that are recorded and have not ended: published and paused ones."""
    return in_states(connection, OPEN, lot=lot)


def _changed(
    connection: Connection,
    value: Listing,
    after: str,
    *,
    who: str,
    reason: str,
    at: datetime,
    note: str,
    **values: Any,
) -> Listing:
    version = value.version + 1
    done = connection.execute(
        LISTINGS.update()
        .where(
            LISTINGS.c.id == value.id,
            LISTINGS.c.status == value.status,
            LISTINGS.c.version == value.version,
        )
        .values(status=after, version=version, **values)
    )
    if done.rowcount != 1:
        raise Refused("offer-state", f"{value.id} changed meanwhile", state=value.status, wanted=after)
    _note(connection, Change(value.id, version, value.status, after, at, who, reason, note))
    catalogue_copies.of_listing(connection, value.id)
    return replace(value, status=after, version=version, **values)


def _note(connection: Connection, change: Change) -> None:
    connection.execute(CHANGES.insert(), [{name: getattr(change, name) for name in change.__slots__}])


def _aware(row: Any) -> dict[str, Any]:
    """SQLite forgets time zones; what we store is UTC."""
    at = row["at"]
    return {**row, "at": at if at.tzinfo else at.replace(tzinfo=UTC)}
