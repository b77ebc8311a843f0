"""Load what the gate looks at, ask it, remember what it was asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import Connection, select

from gateway.people import registration
from gateway.policies import load
from gateway.store import goods, tables, trade
from gateway.store.goods import Item
from gateway.store.trade import Stock
from gateway.trade.eligibility import Goods, LotFacts, Market, Reason, Supplier, eligible
from gateway.trade.pricing import Quote, unit_price
from gateway.wiring import Installation
from gateway.workflows.links import link_of
from gateway.workflows.score_suppliers import catch_up, tally_of
from ledger.core import canonical
from ledger.core.leaf import Leaf
from ledger.family import line_of, lots_of
from ledger.lots import coverage, lineage
from ledger.lots.distrust import distrusted_keys, rests_on
from ledger.lots.permission import left_under
from ledger.lots.state import LotState, PartyState, Recall
from ledger.lots.suppliers import score
from ledger.store import log
from ledger.store.log import ROWS
from ledger.store.tables import table
from ledger.verify import History, Standing

PARTIES = table(tables.PartyRow)
CUSTOMS_FACTS = ("hs_code", "origin_country", "net_mass_g", "gross_mass_g")


@dataclass(frozen=True, slots=True)
class Judged:
    """A lot as the gate saw it. head: event id of its last record; price: None where it has none.

    level: how well it was looked at, as of today.
    """

    lot: str
    head: str
    facts: LotFacts
    price: Quote | None
    items: tuple[Item, ...]
    level: coverage.Level

    def reasons(self, market: Market, today: date) -> list[Reason]:
        return eligible(self.facts, market, load.markets().bans, load.permission(), today)

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
    catch_up(installation.database, connection)  # a long log is not read for the first time inside a unit
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
    for name, until in line_of(connection, lot):
        for index, _, event_id in log.chain(connection, name):
            leaf = log.leaf(connection, index) if index <= until else None
            body = None if leaf is None else Leaf.parse(leaf).record.body
            if (
                body is not None
                and distrusted_keys(body, index, known.get)
                and rests_on(lot, subject.state, subject=name, type_=body.type, event_id=event_id)
            ):
                return True
    return False


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
    chain = tuple(link_of(connection, name) for name in state.authorizations)
    facts = LotFacts(
        lot=state,
        chain=chain,
        goods=_goods(items, price, erased=_erased(connection, lot, items)),
        verified=verdict.verified,
        distrusted=verdict.distrusted,
        seller=installation.config.operator,
        available=_available(free_units(state, stock), left_under(chain)),
        suppliers=_suppliers(installation, connection, state),
        consent_distrusted=_consent_distrusted(connection, state),
        recalled=is_recalled(connection, lot),
        safety_required=load.safety().get(state.category),
    )
    level = coverage.level(state, today(installation).isoformat())
    return Judged(lot, subject.head.event_id, facts, price, tuple(items), level)


def is_recalled(connection: Connection, lot: str) -> bool:
    """Whether a recall of the lot, or of one that it came of, stands under a key that is trusted."""
    return any(standing_recalls(connection, lot))


def standing_recalls(connection: Connection, lot: str) -> Iterator[tuple[str, Recall]]:
    """The recalls behind ``is_recalled``, the lot's own first: (the lot that was recalled, the recall).

    From the working copy: what was recalled after a split stands in no history of the child.
    """
    for name, recall in lineage.recalls(lot, lots_of(connection)):
        key = log.key(connection, recall.key)
        if key is None or key.distrust_from is None or key.distrust_from > recall.index:
            yield name, recall


def free_units(lot: LotState, stock: Stock | None) -> int:
    """Units to promise: what the stock row has, and never more than the ledger knows to be here.

    The ledger counts out at once what is destroyed, lost, merged or split off; the row follows with the
    next recheck.
    """
    counted = lot.quantity if stock is None else stock.available
    if lot.sold is None:  # some sale's quantity was never opened here: the row alone knows
        return counted
    return min(counted, lot.quantity - lot.sold - (0 if stock is None else stock.reserved))


def today(installation: Installation) -> date:
    return installation.clock.now().date()


def _available(in_stock: int, permitted: int | None) -> int:
    """Units to offer: never more than the brand's ceiling leaves."""
    return in_stock if permitted is None else min(in_stock, permitted)


def _suppliers(installation: Installation, connection: Connection, lot: LotState) -> tuple[Supplier, ...]:
    """Who declared the goods, each with its record: several where lots of several were put together."""
    weights, found = load.permission().score.weights(), []
    for name in _declared_by(connection, lot):
        subject = log.subject(connection, name)
        if subject is not None and isinstance(subject.state, PartyState):
            poor = score(tally_of(installation.database, connection, name), weights).full_inspection
            registered = _registered(connection, name, subject.state)
            found.append(Supplier(subject.state, registered=registered, score_poor=poor))
    return tuple(found)


def _declared_by(connection: Connection, lot: LotState) -> list[str]:
    """Party ids, ascending."""
    names, waiting, seen = set(), [lot], set()
    while waiting:
        state = waiting.pop()
        if state.supplier is not None:
            names.add(state.supplier)
            continue
        for source in state.sources:
            subject = log.subject(connection, source) if source not in seen else None
            seen.add(source)
            if subject is not None:
                waiting.append(subject.state)
    return sorted(names)


def _registered(connection: Connection, name: str, party: PartyState) -> bool:
    """A registrar checked its number, or the number that we know of it fits its country's rules."""
    if party.registration_scheme is not None:
        return True
    number = connection.execute(
        select(PARTIES.c.registration_number).where(PARTIES.c.party == name)
    ).scalar_one_or_none()
    return number is not None and registration.check(party.country, number) != "invalid"


def _consent_distrusted(connection: Connection, lot: LotState) -> bool:
    consent = lot.brand_consent
    keys = [] if consent is None else [log.key(connection, key) for key in consent.keys]
    return any(
        key is not None and key.distrust_from is not None and consent.index >= key.distrust_from
        for key in keys
        if consent is not None
    )


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
