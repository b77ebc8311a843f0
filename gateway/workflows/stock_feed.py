"""Take a supplier's statement of its stock. The same one twice changes nothing; an older one is refused."""

import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection

from gateway.errors import Refused
from gateway.policies import load
from gateway.store import goods, stock_levels
from gateway.store.stock_levels import Level, StoredFeed
from gateway.trade.eligibility import LotFacts
from gateway.trade.stock_feed import Item, Resolved, Stated, resolve
from gateway.wiring import Installation
from ledger.core import canonical
from ledger.core.leaf import Leaf
from ledger.core.subjects import base32
from ledger.lots.state import LotState
from ledger.record import Ledger
from ledger.store import log

ITEMS_MAX: Final = 50_000
ITEM_CHARS_MAX: Final = 60
QUANTITY_MAX: Final = 10**9
TROUBLES_KEPT: Final = 1_000
ID_BYTES: Final = 13


@dataclass(frozen=True, slots=True)
class Taken:
    feed: StoredFeed
    is_new: bool


def taking(
    installation: Installation, supplier: str, as_of: datetime, items: Sequence[Item], *, by: str
) -> Callable[[Ledger], Taken]:
    """The unit of work behind a statement. supplier: party id. as_of: when the stock was counted.

    Raises Refused ``stock-feed-ahead``, ``stock-feed-out-of-order``.
    """
    as_of = as_of.astimezone(UTC)
    policy, now = load.stock(), installation.clock.now()
    if as_of > now + timedelta(minutes=policy.minutes_ahead_max):
        raise Refused("stock-feed-ahead", "the stock was counted later than now", now=now.isoformat())
    digest = _digest(as_of, items)

    def unit(ledger: Ledger) -> Taken:
        connection = ledger.connection
        same = stock_levels.same_feed(connection, supplier, digest)
        if same is not None:
            return Taken(same, is_new=False)
        last = stock_levels.last_feed(connection, supplier)
        if last is not None and last.as_of >= as_of:
            message = f"the stock of {last.as_of.isoformat()} is here already"
            raise Refused("stock-feed-out-of-order", message, last=last.as_of.isoformat())
        lots = direct_lots(connection, supplier)
        resolved = resolve(items, lots, _numbers(connection, lots))
        feed = StoredFeed(
            id=f"stf-{base32(secrets.token_bytes(ID_BYTES))}",
            supplier=supplier,
            as_of=as_of,
            received_at=now,
            added_by=by,
            sha256=digest,
            report=_report(items, resolved, lots),
        )
        stock_levels.add_feed(connection, feed)
        for lot, quantity in resolved.quantities.items():
            stock_levels.put(connection, Level(lot, supplier, quantity, as_of, feed.id))
        return Taken(feed, is_new=True)

    return unit


def direct_lots(connection: Connection, supplier: str | None = None) -> dict[str, LotState]:
    """The lots that lie with this supplier until they are sold; None: with any."""
    return {
        name: subject.state
        for name, subject in log.subjects_of_kind(connection, "lot")
        if subject.state.supply_mode == "direct"
        and subject.state.is_leaf
        and subject.state.supplier is not None
        and supplier in (None, subject.state.supplier)
    }


def with_statement(installation: Installation, connection: Connection, lot: str, facts: LotFacts) -> LotFacts:
    """What the gate is asked about a direct lot, with when its supplier last counted it.

    Before the first statement the declaration counts: it said what there is.
    """
    if facts.lot.supply_mode != "direct":
        return facts
    return replace(facts, stated=stated_of(installation, connection, lot))


def stated_of(installation: Installation, connection: Connection, lot: str) -> Stated:
    said = stock_levels.level(connection, lot)
    as_of = said.as_of if said is not None else _declared_at(connection, lot)
    age = max(timedelta(0), installation.clock.now() - as_of)
    hours = int(age.total_seconds() // 3_600)
    return Stated(as_of.isoformat(), hours, load.stock().hours_max)


def _declared_at(connection: Connection, lot: str) -> datetime:
    """When the lot's own first record was made; long ago where it cannot be read."""
    chain = log.chain(connection, lot)
    leaf = log.leaf(connection, chain[0][0]) if chain else None
    if leaf is None:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.fromisoformat(Leaf.parse(leaf).record.body.at)


def _numbers(connection: Connection, lots: dict[str, LotState]) -> dict[str, frozenset[str]]:
    """Number of goods, folded -> the lots that have such goods."""
    found: dict[str, set[str]] = defaultdict(set)
    for lot in lots:
        for item in goods.of_lot(connection, lot):
            for name in ("identifier", "gtin", "imei"):
                text = item.facts.get(name)
                if text:
                    found[text.casefold()].add(lot)
                    found[text.casefold().lstrip("0")].add(lot)  # a GTIN with and without its padding
    return {number: frozenset(names) for number, names in found.items()}


def _report(items: Sequence[Item], resolved: Resolved, lots: dict[str, LotState]) -> dict[str, Any]:
    return {
        "items": len(items),
        "lots": {
            lot: {"stated": quantity, "ledger": left_in(lots[lot])}
            for lot, quantity in resolved.quantities.items()
        },
        "absent": sorted(set(lots) - set(resolved.quantities)),
        "troubles": [
            {"item": item, "trouble": trouble} for item, trouble in resolved.troubles[:TROUBLES_KEPT]
        ],
        "troubles_total": len(resolved.troubles),
    }


def left_in(lot: LotState) -> int:
    """Units that the ledger knows to be there and not sold."""
    return max(0, lot.quantity - (lot.sold or 0))


def _digest(as_of: datetime, items: Sequence[Item]) -> str:
    """The same statement in another order of its lines is the same statement."""
    lines = sorted((one.item, -1 if one.quantity is None else one.quantity) for one in items)
    said: canonical.JsonValue = {
        "as_of": as_of.isoformat(),
        "items": [{"item": item, "quantity": quantity} for item, quantity in lines],
    }
    return sha256(canonical.dumps(said)).hexdigest()
