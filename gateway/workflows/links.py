"""The grants above a lot, with the committed limits that the operator may open."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from gateway.store import tables, trade
from gateway.workflows.parties import channels_hash
from ledger.core.commitments import check_opening
from ledger.core.envelope import Body
from ledger.core.leaf import Leaf
from ledger.errors import LedgerError
from ledger.lots.permission import Link, sold_under
from ledger.lots.state import AuthorizationState, PartyState
from ledger.store import log
from ledger.store.dependents import lots_under, names_under
from ledger.store.tables import table

GRANTS = table(tables.GrantRow)
UNKNOWN = "unknown"  # no market's channel: fails closed
NOWHERE = "ZZ"  # ISO 3166-1 leaves it to users, so it is no market
UNREADABLE = object()  # committed, and not to be had as it was committed


def link_of(connection: Connection, name: str) -> Link:
    """One grant as the gate looks at it. A grant whose limits are erased or altered allows nothing."""
    subject = log.subject(connection, name)
    assert subject is not None, name
    state: AuthorizationState = subject.state
    records = [(record, _body(connection, record)) for record in (state.granted, *state.narrowed)]
    allowed, denied, ceilings = (
        [_committed(connection, *record, field) for record in records]
        for field in ("territories_allowed", "territories_denied", "quantity_ceiling")
    )
    readable = not any(value is UNREADABLE for value in [*allowed, *denied, *ceilings])
    ceiling = min((value for value in ceilings if isinstance(value, int)), default=None)
    grantee = _committed(connection, *records[0], "grantee")
    grantor = log.subject(connection, state.grantor)
    brand = grantor.state if grantor else None
    return Link(
        name,
        state,
        territories_allowed=_in_all(allowed, nothing=NOWHERE),
        territories_denied=tuple(sorted({one for value in denied for one in _texts(value)})),
        channels=_channels(connection, name, records),
        grantee=grantee if isinstance(grantee, str) else None,
        ceiling=ceiling,
        sold=None if ceiling is None else sold_under(lots_under(connection, name), name),
        speaks_for=tuple(brand.brands) if isinstance(brand, PartyState) and brand.kind == "brand" else (),
        readable=readable,
        distrusted=_distrusted(connection, state),
    )


def channels_at(connection: Connection, name: str, index: int) -> tuple[str, ...]:
    """The channels that a grant left when entry ``index`` was recorded; () where it named none."""
    subject = log.subject(connection, name)
    assert subject is not None, name
    state: AuthorizationState = subject.state
    narrowed = [one for one in state.narrowed if (log.index_of(connection, one) or 0) < index]
    return _channels(connection, name, [(one, _body(connection, one)) for one in (state.granted, *narrowed)])


def left_to_hold(connection: Connection, chain: Sequence[Link], now: datetime) -> int | None:
    """Units that the ceilings of a chain leave beside what is sold and held; None without a ceiling."""
    bounded = [(link.id, link.left) for link in chain if link.left is not None]
    if not bounded:
        return None
    held = trade.held_by_lot(connection, now)
    return min(
        left - sum(held.get(lot, 0) for lot in names_under(connection, name)) for name, left in bounded
    )


def _distrusted(connection: Connection, state: AuthorizationState) -> bool:
    keys = (log.key(connection, key_id) for key_id in state.by.keys)
    return any(k and k.distrust_from is not None and k.distrust_from <= state.by.index for k in keys)


def _body(connection: Connection, record: str) -> Body | None:
    """None where the record cannot be read."""
    index = log.index_of(connection, record)
    leaf = None if index is None else log.leaf(connection, index)
    try:
        return None if leaf is None else Leaf.parse(leaf).record.body
    except LedgerError:
        return None


def _committed(connection: Connection, record: str, body: Body | None, field: str) -> object:
    """The value of a committed field, None where the record has none, UNREADABLE where it is not open."""
    if body is None:
        return UNREADABLE
    committed = body.commit.get(field)
    if committed is None:
        return None
    try:
        opening = log.opening(connection, record, field)
        if opening is None:
            return UNREADABLE
        check_opening(field, opening, committed)
    except LedgerError:
        return UNREADABLE
    return opening.value


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _in_all(values: Sequence[object], *, nothing: str) -> tuple[str, ...]:
    """What every list allows; () where there is no list, ``nothing`` where they have nothing in common."""
    lists = [set(_texts(value)) for value in values if isinstance(value, list)]
    if not lists:
        return ()
    return tuple(sorted(set.intersection(*lists))) or (nothing,)


def _channels(
    connection: Connection, name: str, records: Sequence[tuple[str, Body | None]]
) -> tuple[str, ...]:
    """The channels that the grant and every narrowing of it leave, where they fit the public hashes."""
    lists: list[object] = []
    for record, body in records:
        if body is None:
            return (UNKNOWN,)
        expected = body.data.get("channels_hash")
        if expected is None:
            continue
        channels = _committed(connection, record, body, "channels")
        if channels is None:  # the ledger has the hash alone
            channels = _channels_beside(connection, name)
        if not isinstance(channels, list) or channels_hash(_texts(channels)) != expected:
            return (UNKNOWN,)
        lists.append(channels)
    return _in_all(lists, nothing=UNKNOWN) if lists else ()


def _channels_beside(connection: Connection, name: str) -> list[str]:
    statement = select(GRANTS.c.channels).where(GRANTS.c.authorization == name)
    text = connection.execute(statement).scalar_one_or_none()
    channels: list[str] = json.loads(text) if text else []
    return channels
