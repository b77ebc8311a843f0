"""Load what the gate looks at, ask it, remember what it was asked."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import Connection, select

from gateway.policies import load
from gateway.store import goods, tables, trade
from gateway.store.goods import Item
from gateway.trade.eligibility import Goods, Link, LotFacts, Market, Reason, eligible
from gateway.trade.pricing import Quote, unit_price
from gateway.wiring import Installation
from gateway.workflows.parties import channels_hash
from ledger.core import canonical
from ledger.core.commitments import check_opening
from ledger.core.leaf import Leaf
from ledger.errors import LedgerError
from ledger.lots.distrust import distrusted_keys, rests_on
from ledger.lots.state import LotState
from ledger.store import log
from ledger.store.log import ROWS
from ledger.store.tables import table
from ledger.verify import History, Standing

GRANTS = table(tables.GrantRow)
CUSTOMS_FACTS = ("hs_code", "origin_country", "net_mass_g", "gross_mass_g")


@dataclass(frozen=True, slots=True)
class Judged:
    """A lot as the gate saw it. head: event id of its last record; price: None where it has none."""

    lot: str
    head: str
    facts: LotFacts
    price: Quote | None
    items: tuple[Item, ...]

    def reasons(self, market: Market, today: date) -> list[Reason]:
        return eligible(self.facts, market, load.markets().bans, today)

    def verification(self, market: Market) -> str:
        """SHA-256 over the canonical inputs of the decision: lot head, market, policies."""
        inputs: canonical.JsonValue = {
            "lot": self.lot,
            "head": self.head,
            "market": market.code,
            "channel": market.channel,
            "policies": load.versions(),
        }
        return sha256(canonical.dumps(inputs)).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a lot's history holds, and whether the lot rests on a record of a distrusted key."""

    verified: bool
    distrusted: bool


def verdict_on(installation: Installation, connection: Connection, lot: str) -> Verdict:
    """Verify a lot's whole history. Reads tiles: ask before a unit of work, not inside one."""
    history = installation.verifier().history(connection, lot)
    if history is None:
        return Verdict(verified=False, distrusted=False)
    return verdict_of(history)


def verdict_of(history: History) -> Verdict:
    return Verdict(history.verdict == "unaltered", any(distrusted_of(history)))


def distrusted_of(history: History) -> Iterator[Standing]:
    """The distrusted records that the lot as it is now rests on; the others are history."""
    for record in history.records:
        if record.trouble != "distrusted":
            continue
        type_ = record.leaf.record.body.type if record.leaf is not None else ""
        if rests_on(
            history.lot, history.state, subject=record.subject, type_=type_, event_id=record.event_id
        ):
            yield record


def rests_on_distrusted(connection: Connection, lot: str) -> bool:
    """As ``Verdict.distrusted``, from the working copy alone: for lists, that verify no history."""
    known = {key.id: key for key in log.keys(connection) if key.distrust_from is not None}
    subject = log.subject(connection, lot)
    if not known or subject is None:
        return False
    name, until, state = lot, 2**63, subject.state
    while True:
        chain = log.chain(connection, name)
        for index, _, event_id in chain:
            leaf = log.leaf(connection, index) if index <= until else None
            body = None if leaf is None else Leaf.parse(leaf).record.body
            if (
                body is not None
                and distrusted_keys(body, index, known.get)
                and rests_on(lot, subject.state, subject=name, type_=body.type, event_id=event_id)
            ):
                return True
        parent = None if state.parent is None else log.subject(connection, state.parent)
        if parent is None or not chain:
            return False
        name, until, state = state.parent, chain[0][0], parent.state  # up to the split that made the child


def judge_lot(
    installation: Installation, connection: Connection, lot: str, verdict: Verdict
) -> Judged | None:
    """Everything the gate needs of one lot; None when there is no such lot."""
    subject = log.subject(connection, lot)
    if subject is None or not isinstance(subject.state, LotState):
        return None
    state = subject.state
    items = goods.of_lot(connection, lot)
    stock = trade.stock(connection, lot)
    price = _price(state, items)
    facts = LotFacts(
        lot=state,
        chain=tuple(_link(connection, name) for name in state.authorizations),
        goods=_goods(items, price, erased=_erased(connection, lot, items)),
        verified=verdict.verified,
        distrusted=verdict.distrusted,
        seller=installation.config.operator,
        available=stock.available if stock else state.quantity,
    )
    return Judged(lot, subject.head.event_id, facts, price, tuple(items))


def today(installation: Installation) -> date:
    return installation.clock.now().date()


def _link(connection: Connection, name: str) -> Link:
    subject = log.subject(connection, name)
    assert subject is not None, name
    state = subject.state
    allowed = _territories(connection, state.granted, "territories_allowed")
    denied = _territories(connection, state.granted, "territories_denied")
    key = [log.key(connection, key_id) for key_id in state.by.keys]
    distrusted = any(
        k is not None and k.distrust_from is not None and k.distrust_from <= state.by.index for k in key
    )
    return Link(
        name,
        state,
        allowed or (),
        denied or (),
        _channels(connection, name, state.channels_hash),
        readable=allowed is not None and denied is not None,
        distrusted=distrusted,
    )


def _territories(connection: Connection, granted: str, field: str) -> tuple[str, ...] | None:
    """Countries that a grant commits to, () where it commits to none; None where they cannot be read.

    A grant whose limits are erased or altered allows nothing.
    """
    index = log.index_of(connection, granted)
    leaf = None if index is None else log.leaf(connection, index)
    if leaf is None:
        return None
    try:
        committed = Leaf.parse(leaf).record.body.commit.get(field)
        if committed is None:
            return ()
        opening = log.opening(connection, granted, field)
        if opening is None:
            return None
        check_opening(field, opening, committed)
    except LedgerError:
        return None
    return tuple(opening.value) if isinstance(opening.value, list) else None


def _channels(connection: Connection, name: str, expected: str | None) -> tuple[str, ...]:
    """The channels of a grant where they are those that the ledger holds a hash of."""
    text = connection.execute(
        select(GRANTS.c.channels).where(GRANTS.c.authorization == name)
    ).scalar_one_or_none()
    channels: list[str] = json.loads(text) if text else []
    if expected is not None and channels_hash(channels) != expected:
        return ("unknown",)  # no market's channel: fails closed
    return tuple(channels)


def _price(state: LotState, items: list[Item]) -> Quote | None:
    policy, total = load.prices(), 0
    for item in items:
        reference = item.facts["list_price_minor"] or policy.reference.get(item.facts["model"])
        if reference is None:
            return None
        total += reference * item.quantity
    return unit_price(
        policy,
        grade=state.grade or "",
        condition=state.condition,
        reference_total_minor=total,
        pieces=sum(item.quantity for item in items),
    )


def _erased(connection: Connection, lot: str, items: Sequence[Item]) -> int:
    """How many of a lot's articles have no row behind them any more."""
    sources = sorted({item.source_event for item in items})
    statement = select(ROWS.c.event_id, ROWS.c.n).where(
        ROWS.c.event_id.in_([bytes.fromhex(event_id) for event_id in sources]),
        ROWS.c.part.in_((lot, "")),
        ROWS.c.data.is_not(None),
    )
    kept = {(row.event_id.hex(), row.n) for row in connection.execute(statement)}
    return sum((item.source_event, item.source_n) not in kept for item in items)


def _goods(items: list[Item], price: Quote | None, *, erased: int) -> Goods:
    missing = tuple(name for name in CUSTOMS_FACTS if any(item.facts[name] is None for item in items))
    phones = [item for item in items if item.category == "phone"]
    return Goods(
        hs_codes=frozenset(item.facts["hs_code"] for item in items if item.facts["hs_code"]),
        missing=missing,
        un38_3_missing=any(not item.facts["un38_3"] for item in phones),
        articles=sum(item.serialised for item in items),
        price_ratio_in_band=price is None or price.in_band,
        erased=erased,
    )
