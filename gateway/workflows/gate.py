"""Load what the gate looks at, ask it, remember what it was asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from hashlib import sha256

from sqlalchemy import Connection, select

from gateway.people import registration
from gateway.policies import load
from gateway.store import goods, stated_prices, stock_levels, tables
from gateway.store.goods import Item
from gateway.store.stated_prices import StatedPrice
from gateway.store.trade import Stock
from gateway.trade import pricing
from gateway.trade.eligibility import Goods, LotFacts, Market, Reason, Supplier, eligible
from gateway.trade.pricing import PROPOSED, Asked, Quote, Reference
from gateway.trade.quantities import Basis, Pack, pack_of
from gateway.wiring import Installation
from gateway.workflows.links import link_of
from gateway.workflows.references import brand_minimum, reference_against, reference_of, subjects_of
from gateway.workflows.score_suppliers import catch_up, tally_of
from gateway.workflows.stock_feed import with_statement
from ledger.core import canonical
from ledger.core.leaf import Leaf
from ledger.family import line_of, lots_of
from ledger.lots import coverage, lineage
from ledger.lots.distrust import distrusted_keys, rests_on
from ledger.lots.permission import Link, left_under
from ledger.lots.rules import SELLABLE_GRADES
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
    """A lot as the gate saw it. head: event id of its last record.

    reference: None where no single one stands for all of its pieces. level: how well it was looked at,
    as of today. stated: prices that somebody stated of the lot or of its models, the newest first.
    """

    lot: str
    head: str
    facts: LotFacts
    reference: Reference | None
    items: tuple[Item, ...]
    level: coverage.Level
    stated: tuple[StatedPrice, ...] = ()

    def reasons(self, market: Market, today: date, asked: Asked = PROPOSED) -> list[Reason]:
        """Every reason why it may not be offered there at that price."""
        facts = replace(self.facts, goods=self._priced(market, asked))
        return eligible(facts, market, load.markets().bans, load.permission(), today)

    def quote(self, market: Market, asked: Asked = PROPOSED) -> Quote | None:
        """The price in a market, None where nobody may name one."""
        reference = self.reference_for(market, asked)
        if reference is None:
            return None
        return pricing.quote(
            load.prices(),
            category=self.facts.lot.category,
            grade=self.facts.lot.grade or "",
            channel=market.channel,
            condition=self.facts.lot.condition,
            currency=market.currency,
            reference=reference,
            pack=asked.pack,
            asked_minor=asked.price_minor,
        )

    def reference_for(self, market: Market, asked: Asked = PROPOSED) -> Reference | None:
        """What a price is held against in a market."""
        return reference_against(self.items, self.reference, self.stated, market.code, asked.against)

    def minimum_minor(self, market: Market) -> Fraction | None:
        """The least that the brand lets a piece be sold for there, None where it said nothing."""
        return brand_minimum(self.items, self.stated, market.code, market.currency)

    def pack(self, basis: Basis) -> Pack | None:
        """None where what turns the unit into pieces is not stated for the whole lot."""
        cartons = {load.packing()["cartons"].get(item.category, {}).get("pieces") for item in self.items}
        return pack_of(
            basis,
            pieces=sum(item.quantity for item in self.items),
            piece_masses_g={item.facts["net_mass_g"] for item in self.items},
            carton_pieces=cartons.pop() if len(cartons) == 1 else None,
        )

    def _priced(self, market: Market, asked: Asked) -> Goods:
        goods_, grade = self.facts.goods, self.facts.lot.grade
        if not self.items or grade not in SELLABLE_GRADES:
            return goods_  # why it has no price stands in other reasons
        if self.reference_for(market, asked) is None:
            return replace(goods_, unpriced=("reference-missing", ""))
        quote = self.quote(market, asked)
        if quote is None:
            return replace(goods_, unpriced=("channel-without-band", f"{grade} {market.channel}"))
        least = self.minimum_minor(market)
        if least is not None and quote.pack.piece_price_minor(quote.unit_price_minor) < least:
            return replace(goods_, unpriced=("below-brand-minimum", ""))
        return replace(goods_, price_ratio_in_band=asked.is_overridden or quote.in_band)

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
    judged = judge_uncounted(installation, connection, lot, verdict)
    return None if judged is None else counted(judged, stock_levels.sellable(connection, lot))


def counted(judged: Judged, stock: Stock | None) -> Judged:
    """With the units that may be offered now."""
    facts = judged.facts
    available = _available(free_units(facts.lot, stock), left_under(facts.chain))
    return replace(judged, facts=replace(facts, available=available))


def judge_uncounted(
    installation: Installation, connection: Connection, lot: str, verdict: Verdict
) -> Judged | None:
    """As ``judge_lot`` without a look at the stock row, which moves with every hold: see ``counted``."""
    subject = log.subject(connection, lot)
    if subject is None or not isinstance(subject.state, LotState):
        return None
    state = subject.state
    items = goods.of_lot(connection, lot)
    facts = facts_of(
        installation,
        connection,
        state,
        _goods(items, erased=_erased(connection, lot, items)),
        verdict,
        chain=tuple(link_of(connection, name) for name in state.authorizations),
        suppliers=suppliers_of(installation, connection, state),
        stock=None,
        recalled=is_recalled(connection, lot),
    )
    facts = with_statement(installation, connection, lot, facts)
    level = coverage.level(state, today(installation).isoformat())
    reference = reference_of(connection, lot, items)
    stated = tuple(stated_prices.of_subjects(connection, subjects_of(lot, items)))
    return Judged(lot, subject.head.event_id, facts, reference, tuple(items), level, stated)


def facts_of(
    installation: Installation,
    connection: Connection,
    state: LotState,
    goods_: Goods,
    verdict: Verdict,
    *,
    chain: tuple[Link, ...],
    suppliers: tuple[Supplier, ...],
    stock: Stock | None,
    recalled: bool,
) -> LotFacts:
    """What the gate is asked about, from parts that whoever judges many lots looks up once."""
    return LotFacts(
        lot=state,
        chain=chain,
        goods=goods_,
        verified=verdict.verified,
        distrusted=verdict.distrusted,
        seller=installation.config.operator,
        available=_available(free_units(state, stock), left_under(chain)),
        suppliers=suppliers,
        consent_distrusted=_consent_distrusted(connection, state),
        recalled=recalled,
        safety_required=load.safety().get(state.category),
    )


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


def suppliers_of(installation: Installation, connection: Connection, lot: LotState) -> tuple[Supplier, ...]:
    """Who declared the goods, each with its record: several where lots of several were put together."""
    weights, found = load.permission().score.weights(), []
    for name in declared_by(connection, lot):
        subject = log.subject(connection, name)
        if subject is not None and isinstance(subject.state, PartyState):
            poor = score(tally_of(installation.database, connection, name), weights).full_inspection
            registered = _registered(connection, name, subject.state)
            found.append(Supplier(subject.state, registered=registered, score_poor=poor))
    return tuple(found)


def declared_by(connection: Connection, lot: LotState) -> list[str]:
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


def _goods(items: list[Item], *, erased: int) -> Goods:
    missing = tuple(name for name in CUSTOMS_FACTS if any(item.facts[name] is None for item in items))
    phones = [item for item in items if item.category == "phone"]
    return Goods(
        hs_codes=frozenset(item.facts["hs_code"] for item in items if item.facts["hs_code"]),
        missing=missing,
        un38_3_missing=any(not item.facts["un38_3"] for item in phones),
        articles=sum(item.serialised for item in items),
        price_ratio_in_band=True,  # a price is judged with the market it is for
        erased=erased,
    )
