"""Which queue every lot stands in, kept in memory and carried forward by what the log added since.

A lot is placed anew when a record changes it, its work or what the gate looks at. What the gate asks of
the goods themselves (customs data, prices) is asked of those alone whose records stand in no way: so "may
be offered" counts what may be.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from gateway.console.placing import QUEUES, Around, Flag, Stage, flags, next_step, stage
from gateway.policies import load
from gateway.store import statements
from gateway.trade.eligibility import Goods, Reason, Supplier, eligible
from gateway.wiring import Installation
from gateway.workflows.gate import Verdict, facts_of, judge_lot, suppliers_of, today
from gateway.workflows.links import link_of
from ledger.core.subjects import kind_of
from ledger.lots.permission import Link
from ledger.lots.state import LotState, WorkState
from ledger.store import log
from ledger.store.database import Database

AT_ONCE = 500  # states read together
# A page of the queue says what a broken history hides.
_AS_RECORDED = Verdict(verified=True, distrusted=False)
_UNASKED = Goods(frozenset(), (), un38_3_missing=False, articles=0, price_ratio_in_band=True)


@dataclass(frozen=True, slots=True)
class OpenWork:
    """A work order that is not done. id: ``work:…``; party: who does it."""

    id: str
    kind: str
    party: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A lot in its queue. index: log index of its last record, which orders the queues: oldest first.

    reasons: why it may be offered nowhere, by the market that asks least. step, why: what to do next.
    """

    lot: str
    index: int
    stage: Stage
    flags: frozenset[Flag]
    step: str
    why: str
    category: str
    brand: str
    condition: str
    grade: str
    quantity: int
    site: str
    produced_from: str
    reasons: tuple[Reason, ...]
    works: tuple[OpenWork, ...]

    def stands_in(self, queue: str) -> bool:
        return self.stage == queue or queue in self.flags


class Places:
    """Every lot that is here or due, as one snapshot."""

    def __init__(self, placed: Mapping[str, Placed], ended: Mapping[str, int]) -> None:
        """ended: units that are not here any more, by the way in which they ended."""
        self._placed = placed
        self.ended = ended
        self._queues: dict[str, list[Placed]] = {queue: [] for queue in QUEUES}
        for one in sorted(placed.values(), key=lambda one: (one.index, one.lot)):
            for queue in {one.stage, *one.flags} & self._queues.keys():
                self._queues[queue].append(one)

    def of(self, lot: str) -> Placed | None:
        return self._placed.get(lot)

    def all(self) -> Iterator[Placed]:
        return iter(self._placed.values())

    def counts(self) -> dict[str, int]:
        """Lots in each queue, in the order of the work."""
        return {queue: len(found) for queue, found in self._queues.items()}

    def queue(self, name: str, after: tuple[int, str], limit: int) -> list[Placed]:
        """The next lots of a queue. after: (index, lot) of the last one seen, (-1, "") at the beginning."""
        found = self._queues[name]
        start = bisect_right(found, after, key=lambda one: (one.index, one.lot))
        return found[start : start + limit]


@dataclass(slots=True)
class _Lot:
    """What is kept of a lot. left: units of it by the way in which they ended, sold ones included."""

    index: int
    state: LotState | None  # None: nothing of it is here; only its family matters
    children: Sequence[str]
    recalls: int
    left: Mapping[str, int]


@dataclass(slots=True)
class _Known:
    """size: entries looked at, of which ``last`` (a leaf hash) is the last. seen: day and waiting lots."""

    size: int = 0
    last: bytes = b""
    lots: dict[str, _Lot] = field(default_factory=dict)
    works: dict[str, tuple[str, OpenWork]] = field(default_factory=dict)  # open ones: id -> lot, work
    judged: dict[str, tuple[int, date, bool, tuple[Reason, ...]]] = field(default_factory=dict)
    places: Places | None = None
    seen: tuple[date, frozenset[str]] | None = None
    lock: Lock = field(default_factory=Lock)


_KNOWN: WeakKeyDictionary[Database, _Known] = WeakKeyDictionary()
_ADDING = Lock()


def places(installation: Installation, connection: Connection) -> Places:
    """Where every lot stands. The first call reads every lot, later ones what changed.

    A log that was put back is read anew.
    """
    with _ADDING:
        known = _KNOWN.setdefault(installation.database, _Known())
    head = log.read_head(connection)
    size = head.size if head else 0
    with known.lock:
        if known.size > size or (known.size and _last(connection, known.size) != known.last):
            known.size, known.last, known.lots, known.works, known.places = 0, b"", {}, {}, None
            known.judged.clear()
        if size > known.size:
            _take(connection, known)
            known.size, known.last, known.places = size, _last(connection, size), None
        seen = (today(installation), frozenset(statements.waiting_subjects(connection)))
        if known.places is None or known.seen != seen:
            known.places = _place(installation, connection, known, *seen)
            known.seen = seen
        return known.places


def _left(state: LotState) -> dict[str, int]:
    found = {"sold": state.sold or 0, "unidentified": state.unidentified}
    if state.intake is not None and state.parent is None:
        found["short"] = max(0, state.declared - state.intake.counted)
    if state.exit is not None and state.exit != "merged":
        found[state.exit] = state.exited
    return {place: units for place, units in found.items() if units}


def _last(connection: Connection, size: int) -> bytes:
    return next(iter(log.leaf_hashes(connection, size - 1, size)), b"")


def _take(connection: Connection, known: _Known) -> None:
    """Read the lots and the work that the entries from ``known.size`` on changed."""
    changed = [name for name, _, _ in log.heads_since(connection, known.size)]
    if any(kind_of(name) in ("authorization", "party") for name in changed):
        known.judged.clear()  # a grant, a key or a supplier's record may bear on any lot
    wanted = [name for name in changed if kind_of(name) in ("lot", "work")]
    for start in range(0, len(wanted), AT_ONCE):
        for name, subject in log.subjects_named(connection, wanted[start : start + AT_ONCE]).items():
            state = subject.state
            if isinstance(state, LotState):
                here = state if state.is_leaf else None
                known.lots[name] = _Lot(
                    subject.head.index, here, state.children, len(state.recalls), _left(state)
                )
            elif isinstance(state, WorkState):
                known.works.pop(name, None)
                if not state.closed:
                    known.works[name] = (state.lot, OpenWork(name, state.kind, state.worker_party))


def _place(
    installation: Installation,
    connection: Connection,
    known: _Known,
    day: date,
    waiting: frozenset[str],
) -> Places:
    works: dict[str, list[OpenWork]] = {}
    for lot, work in known.works.values():
        works.setdefault(lot, []).append(work)
    recalled, gate = _recalled(known.lots), _Gate(installation, connection)
    placed = {}
    for name, one in known.lots.items():
        if one.state is None:
            continue
        around = Around(
            open_work=frozenset(work.kind for work in works.get(name, ())),
            recalled=name in recalled,
            waiting=name in waiting,
            keeper=installation.config.operator,
        )
        reasons: tuple[Reason, ...] = ()
        if stage(one.state, around) == "offer":
            reasons = _reasons(known, gate, name, one, day, recalled=around.recalled)
        around = Around(
            around.open_work,
            around.recalled,
            around.waiting,
            tuple(reason.slug for reason in reasons),
            around.keeper,
        )
        placed[name] = _placed(name, one.index, one.state, around, reasons, day, works.get(name, ()))
    ended: Counter[str] = Counter()
    for one in known.lots.values():
        ended.update(one.left)
    return Places(placed, ended)


def _reasons(
    known: _Known, gate: "_Gate", name: str, one: _Lot, day: date, *, recalled: bool
) -> tuple[Reason, ...]:
    """As the gate said of the lot as it is today; asked again when that changed."""
    assert one.state is not None  # nothing is asked of what is gone
    last = known.judged.get(name)
    if last is None or last[:3] != (one.index, day, recalled):
        reasons = gate.reasons(one.state, day, recalled=recalled) or gate.of_goods(name, day)
        last = (one.index, day, recalled, reasons)
        known.judged[name] = last
    return last[3]


def _placed(
    name: str,
    index: int,
    state: LotState,
    around: Around,
    reasons: tuple[Reason, ...],
    day: date,
    works: Sequence[OpenWork],
) -> Placed:
    step = next_step(state, around)
    return Placed(
        lot=name,
        index=index,
        stage=stage(state, around),
        flags=flags(state, around, day),
        step=step.slug,
        why=step.why,
        category=state.category,
        brand=state.brand or "",
        condition=state.condition or "",
        grade=state.grade or "",
        quantity=state.quantity,
        site=state.site or (state.intake.site if state.intake else ""),
        produced_from=state.produced_from,
        reasons=reasons,
        works=tuple(works),
    )


def _recalled(lots: Mapping[str, _Lot]) -> set[str]:
    """The lots with a recall of their own, and everything that came of them."""
    found: set[str] = set()
    todo = [name for name, one in lots.items() if one.recalls]
    while todo:
        name = todo.pop()
        if name not in found and name in lots:
            found.add(name)
            todo += lots[name].children
    return found


class _Gate:
    """Asks the gate about many lots, and looks up each grant and supplier once."""

    def __init__(self, installation: Installation, connection: Connection) -> None:
        self._installation = installation
        self._connection = connection
        self._links: dict[str, Link] = {}
        self._suppliers: dict[str, tuple[Supplier, ...]] = {}

    def reasons(self, lot: LotState, day: date, *, recalled: bool) -> tuple[Reason, ...]:
        """Of the market that has the fewest; empty where one has none."""
        facts = facts_of(
            self._installation,
            self._connection,
            lot,
            _UNASKED,
            _AS_RECORDED,
            chain=tuple(self._link(link) for link in lot.authorizations),
            suppliers=self._suppliers_of(lot),
            stock=None,  # nobody holds units of a lot that is not offered
            recalled=recalled,
        )
        policy, markets = load.permission(), load.markets()
        found = [eligible(facts, market, markets.bans, policy, day) for market in markets.markets]
        least: list[Reason] = min(found, key=len, default=[])
        return tuple(least)

    def of_goods(self, name: str, day: date) -> tuple[Reason, ...]:
        """The goods' own facts beside: customs data, tests of batteries, codes, prices."""
        judged = judge_lot(self._installation, self._connection, name, _AS_RECORDED)
        if judged is None:
            return ()
        found = [judged.reasons(market, day) for market in load.markets().markets]
        least: list[Reason] = min(found, key=len, default=[])
        return tuple(least)

    def _link(self, name: str) -> Link:
        if name not in self._links:
            self._links[name] = link_of(self._connection, name)
        return self._links[name]

    def _suppliers_of(self, lot: LotState) -> tuple[Supplier, ...]:
        if lot.supplier is None:
            return suppliers_of(self._installation, self._connection, lot)
        if lot.supplier not in self._suppliers:
            self._suppliers[lot.supplier] = suppliers_of(self._installation, self._connection, lot)
        return self._suppliers[lot.supplier]
