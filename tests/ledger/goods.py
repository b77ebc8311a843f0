"""Lots that are split, merged, sold, lost and returned in any order: drafts, and two logs to write them in.

A ``Floor`` makes drafts from numbers; what they ask for is mostly possible and sometimes not. The log
decides: ``MemoryLog`` judges as an auditor does and signs nothing, ``WorldLog`` is a whole installation.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ledger.author import Draft, Hand, compose, described, salted_rows
from ledger.core import canonical
from ledger.core.envelope import SignedRecord
from ledger.core.leaf import sequenced
from ledger.core.subjects import kind_of
from ledger.errors import InvalidRecord
from ledger.lots import rows as row_rules
from ledger.lots.book import Book
from ledger.lots.judge import judge
from ledger.lots.movements import movements
from ledger.lots.state import LotState, Subject, View, printed
from ledger.records.registry import check_for_writing, typed
from ledger.replay import Replay, Sealed
from ledger.store.database import Database
from ledger.store.log import Rows, read_head
from ledger.store.view import StoredView
from tests.ledger.fakes import MemoryClock
from tests.ledger.world import (
    JOURNEY,
    ORIGIN,
    PARTIES,
    World,
    hand,
    ident,
    measured,
    scheme_used,
)

SITES = ("shenzhen", "yiwu")
SCRATCHES = {"A": "0", "B": "9", "C": "24"}
SCORES = {"A": 100, "B": 85, "C": 75}
PRICE_MINOR = 100_003  # divides evenly by nothing
# Keys of their own: what they may do stands in no other world.
KEYS: dict[tuple[str, str], list[str]] = {
    ("operator", "floor"): [
        "codes.issued:custodian",
        "labels.printed:custodian",
        "lot.bundled:custodian",
        "lot.classified:custodian",
        "lot.destroyed:custodian",
        "lot.found:custodian",
        "lot.lost:custodian",
        "lot.merged:custodian",
        "lot.moved:custodian",
        "lot.moved:releasing",
        "lot.recalled:authority",
        "lot.recounted:custodian",
        "lot.released:authority",
        "lot.returned:custodian",
        "lot.unpacked:custodian",
    ],
    ("operator", "shop"): ["lot.disposed:seller"],
    ("supplier", "owner"): [
        "lot.destroyed:owner",
        "lot.disposed:seller",
        "lot.recalled:authority",
        "lot.recounted:witness",
        "lot.released:authority",
    ],
    ("brand", "safety"): ["lot.recalled:authority", "lot.released:authority"],
    ("third", "witness"): ["lot.destroyed:witness", "lot.recounted:witness"],
    ("carrier", "yard"): ["lot.moved:custodian", "lot.moved:releasing"],
    ("stranger", "thief"): [
        "labels.printed:custodian",
        "lot.destroyed:custodian",
        "lot.disposed:seller",
        "lot.lost:custodian",
        "lot.merged:custodian",
        "lot.recalled:authority",
        "lot.released:authority",
        "lot.returned:custodian",
    ],
}
FLOOR = [hand("operator", "custodian", "floor")]
BEFORE = ("opened", "parties", "keys", "granted")


class Accepted(NamedTuple):
    """A record that was taken. before: its subjects as it found them."""

    typed: Any
    before: Mapping[str, Subject | None]
    opened: Mapping[str, Any]


class Log(Protocol):
    def view(self) -> View: ...
    def record(self, draft: Draft) -> Accepted: ...
    def printed(self) -> dict[str, str]:
        """Every subject's state as it would be stored."""


class MemoryLog:
    """Judges and folds; no signatures, no database."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.sealed: dict[str, dict[str, Sealed]] = {}
        self.clock = MemoryClock()
        self.replay = self.again()
        for stage in BEFORE:
            for draft in JOURNEY[stage]:
                self.record(draft(World.__new__(World)))
        for (party, key), scopes in KEYS.items():
            self.record(World.key(World.__new__(World), party, key, scopes))

    def again(self) -> Replay:
        """A replay from entry 0 that has taken nothing yet."""
        return Replay(
            origin=ORIGIN,
            log_key=None,
            opening=lambda event_id: self.sealed.get(event_id, {}),
            leaf_at=self.leaves.__getitem__,
            verify=lambda *_: None,
        )

    def view(self) -> View:
        return self.replay

    def printed(self) -> dict[str, str]:
        return {name: printed(subject.state) for name, subject in self.replay.state.subjects.items()}

    def record(self, draft: Draft) -> Accepted:
        submission = compose(draft, origin=ORIGIN, at=self.clock.now(), view=self.replay)
        signed = SignedRecord.parse(submission.body, [bytes(64)] * len(draft.hands))
        typed_ = typed(signed)
        check_for_writing(typed_, dict(submission.open))
        parts = {item.part: item.rows for item in submission.rows}
        row_rules.check_roots(typed_, parts)
        leaf = sequenced(
            signed,
            index=self.replay.size,
            previous=self.replay.point.last_leaf,
            recorded_at=self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        values = {name: opening.value for name, opening in submission.open.items()}
        judge(
            typed_, index=leaf.index, recorded_at=leaf.recorded_at, view=self.replay, opened=values
        )  # before the rows, as the writer does
        row_rules.check_sources(typed_, parts, self.replay.subject)
        self.sealed[signed.event_id] = {
            name: Sealed(canonical.dumps(opening.value), opening.salt)
            for name, opening in submission.open.items()
        }
        self.replay.take(leaf.encoded)
        self.leaves.append(leaf.encoded)
        self.clock.move(seconds=1)
        return Accepted(typed_, self.replay.before, self.replay.opened)


class WorldLog:
    """Every record through the writer, with all its checks."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.database: Database = world.database
        world.play("granted")
        register_keys(world)

    def view(self) -> View:
        """Of now; whoever asks reads from a connection of its own."""
        return _WorldView(self.world)

    def printed(self) -> dict[str, str]:
        with self.database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT subject, state FROM subjects").all()
        return dict(rows)

    def record(self, draft: Draft) -> Accepted:
        view = self.view()
        before = {name: view.subject(name) for name in sorted(draft.subjects)}
        self.world.record(draft)
        submission = self.world.submissions[-1]
        typed_ = typed(SignedRecord.parse(submission.body, submission.signatures))
        return Accepted(typed_, before, {name: one.value for name, one in submission.open.items()})


class _WorldView:
    """What drafts ask of a log: its subjects."""

    def __init__(self, world: World) -> None:
        self._world = world

    def subject(self, name: str) -> Subject | None:
        with self._world.database.reading() as connection:
            return StoredView(connection, read_head(connection)).subject(name)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"no draft asks for {name}")


def register_keys(world: World) -> None:
    for (party, key), scopes in KEYS.items():
        world.record(world.key(party, key, scopes))


class Floor:
    """The people of a warehouse, and the book they keep. lots: every lot that came to be, in order."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.book = Book()
        self.entered = Book()  # the same, from the records alone
        self.paid = 0
        self.lots: list[str] = []
        self.recalls: list[tuple[str, str]] = []  # lot, event id of the recall
        self.shipments: list[tuple[str, str]] = []  # shipment, lot
        self.made = 0

    def state(self, lot: str) -> LotState:
        subject = self.log.view().subject(lot)
        assert subject is not None, lot
        state: LotState = subject.state
        return state

    def do(self, action: str, a: int, b: int, c: int) -> bool:
        """Try one record; returns whether it was taken. Keeps the book and the lists in step."""
        draft = ACTIONS[action](self, a, b, c)
        if draft is None:
            return False
        try:
            accepted = self.log.record(draft)
        except InvalidRecord:
            return False
        self.note(draft, accepted)
        return True

    def note(self, draft: Draft, accepted: Accepted) -> None:
        moves = movements(accepted.typed, accepted.before, accepted.opened)
        self.book.post(moves)
        self.entered.enter(accepted.typed, accepted.opened)
        self.lots += [s for s in draft.subjects if kind_of(s) == "lot" and s not in self.lots]
        if draft.type == "lot.declared":
            self.book.carry(draft.subjects[0], {"CNY": PRICE_MINOR})
            self.paid += PRICE_MINOR
        assert (self.entered.units, self.entered.costs) == (self.book.units, self.book.costs), draft.type
        if draft.type == "lot.recalled":
            self.recalls.append((draft.subjects[0], accepted.typed.record.event_id))
        if draft.type == "lot.packed":
            lot, shipment = sorted(draft.subjects, key=kind_of)
            self.shipments.append((shipment, lot))

    def take(self, draft: Draft) -> list[str]:
        """Record what must be accepted; returns the lots that it made."""
        known = list(self.lots)
        self.note(draft, self.log.record(draft))
        return [lot for lot in self.lots if lot not in known]

    def refused(self, draft: Draft, error: type[InvalidRecord] = InvalidRecord) -> str:
        """The words, with the pointer, by which the log refuses ``draft``; nothing may change."""
        before = self.log.printed()
        try:
            self.log.record(draft)
        except error as refusal:
            assert self.log.printed() == before, "a refused record left a trace"
            return str(refusal)
        raise AssertionError(f"{draft.type} was accepted")

    def lot(self, letters: str = "AAA", **data: Any) -> str:
        """A lot received and inspected. letters: a grade for each unit; "" leaves it uninspected."""
        (lot,) = self.take(self.declared(data.pop("quantity", len(letters)), **data))
        self.take(self.received(lot))
        if letters:
            self.inspect(lot, letters)
        return lot

    def inspect(self, lot: str, letters: str) -> None:
        work = self.fresh("work")
        self.log.record(self.assigned(lot, work))
        self.take(self.inspected(lot, work, letters))

    def sell(self, lot: str, quantity: int, *, ship: bool = True) -> None:
        self.take(self.listed(lot))
        self.take(self.sold(lot, quantity))
        if ship:
            shipment = self.fresh("shipment")
            self.take(self.packed(lot, shipment))
            self.take(self.packed(lot, shipment, "lot.shipped"))

    def fresh(self, kind: str = "lot") -> str:
        self.made += 1
        return ident(kind, f"goods {self.made}")

    def pick(
        self, n: int, wanted: Callable[[LotState], bool] = lambda lot: lot.at_hand and lot.is_leaf
    ) -> str:
        """Mostly a lot that is as wanted, and every fifth time any."""
        fitting = [name for name in self.lots if wanted(self.state(name))]
        lots = fitting if fitting and n % 5 else self.lots
        return lots[n % len(lots)]

    # Drafts: each from the state that the log has now.

    def declared(self, quantity: int = 6, lot: str = "", **data: Any) -> Draft:
        rows = salted_rows([{"serial": f"35{n:013d}"} for n in range(quantity)])
        facts = {
            "category": "phone",
            "goods": "finished",
            "brand": "星野",
            "condition": "new",
            "quantity": quantity,
            "unit": "H87",
            "produced_from": "2025-01-01",
            "produced_until": "2025-06-30",
            "origin_country": "CN",
            "surplus_cause": "promotion_overstock",
            "supply_mode": "consign",
            "manifest": described(rows, "phone-declared/1"),
            **data,
        }
        committed = {"price": {"amount_minor": PRICE_MINOR, "currency": "CNY"}}
        hands = [hand("supplier", "supplier")]
        refs = [ident("authorization", "grant")] if facts["brand"] == "星野" else []
        draft = Draft("lot.declared", hands, facts, [lot or self.fresh()], refs=refs, committed=committed)
        return Draft(**{**_members(draft), "rows": [rows]})

    def received(self, lot: str, counted: int | None = None) -> Draft:
        declared = self.state(lot).declared
        data = {
            "declared": declared,
            "counted": declared if counted is None else counted,
            "unidentified": 0,
            "damaged": 0,
            "site": SITES[0],
        }
        hands = [hand("operator", "custodian"), hand("supplier", "releasing", "supplier")]
        return Draft("lot.received", hands, data, [lot])

    def assigned(self, lot: str, work: str) -> Draft:
        data = {"kind": "inspection", "worker_party": PARTIES["inspector"]}
        return Draft("work.assigned", [hand("operator", "custodian")], data, [work], refs=[lot])

    def inspected(self, lot: str, work: str, letters: Sequence[str]) -> Draft:
        """letters: a grade for each row of the lot."""
        facts = [{"measured": measured(SCRATCHES[x]), "label_state": "intact"} for x in letters]
        rows = salted_rows(
            [{**fact, "src": source} for fact, source in zip(facts, self.sources(lot), strict=False)]
        )
        data = {
            "coverage": "full",
            "scheme": scheme_used(),
            "grades": [{"grade": x, "count": letters.count(x)} for x in sorted(set(letters))],
            "label_states": ["intact"],
            "score_min": min(SCORES[x] for x in letters),
            "measured_at": "2026-11-20",
            "manifest": described(rows, "phone-inspected/1"),
        }
        subjects = sorted([lot, work])
        return Draft("lot.inspected", [hand("inspector", "inspector")], data, subjects, rows=[rows])

    def split(self, lot: str, quantities: Sequence[int], **key: Any) -> Draft:
        """The last of ``quantities`` remains; rows go to the parts in their order."""
        *parts, remaining = quantities
        children = sorted(self.fresh() for _ in parts)
        sources = self.sources(lot)
        rows, made, start = [], [], 0
        for child, quantity in zip(children, parts, strict=True):
            own = _rows(sources[start : start + quantity], child)
            made.append({"id": child, "quantity": quantity, "key": key, **_described(own)})
            rows += own
            start += quantity
        left = _rows(sources[start:], "")
        data = {"children": made, "remaining": {"quantity": remaining, **_described(left)}}
        return Draft("lot.split", FLOOR_SPLIT, data, sorted([lot, *children]), rows=[*rows, *left])

    def merged(self, lots: Sequence[str], type_: str = "lot.merged", **changes: Any) -> Draft:
        lots, child = sorted(set(lots)), self.fresh()
        parents = [{"id": lot, "quantity": self.state(lot).quantity} for lot in lots]
        sources = [{**source, "lot": lot} for lot in lots for source in self.sources(lot)]
        rows = _rows(sources, child)
        whole = {"id": child, "quantity": sum(p["quantity"] for p in parents), **_described(rows)}
        data = {"parents": parents, "child": whole, **changes}
        refs = sorted({name for lot in lots for name in self.state(lot).authorizations})
        refs = refs if type_ == "lot.bundled" else []
        return Draft(type_, FLOOR, data, sorted([*lots, child]), refs=refs, rows=rows)

    def returned(self, lot: str, quantity: int, reason: str = "refused", **changes: Any) -> Draft:
        child, sources, left = self.fresh(), self.sources(lot), self.state(lot).quantity - quantity
        back, stays = _rows(sources[:quantity], child), _rows(sources[quantity:], "")
        data = {
            "child": {"id": child, "quantity": quantity, **_described(back)},
            "remaining": {"quantity": max(left, 0), **_described(stays)},
            "reason": reason,
            **changes,
        }
        committed = {"remark": "the carton was wet"}
        subjects = sorted([lot, child])
        return Draft("lot.returned", FLOOR, data, subjects, committed=committed, rows=[*back, *stays])

    def listed(self, lot: str) -> Draft:
        hands = [hand("operator", "seller")]
        refs = self.state(lot).authorizations
        return Draft("lot.listed", hands, {"verification": "ab" * 32}, [lot], refs=refs)

    def withdrawn(self, lot: str) -> Draft:
        return Draft("lot.withdrawn", [hand("operator", "seller")], {"reason": "changed"}, [lot])

    def sold(self, lot: str, quantity: int) -> Draft:
        state = self.state(lot)
        data = {"grade": state.grade or "A"}
        hands, committed = [hand("operator", "seller")], {"quantity": quantity, "buyer": "Lagos Wholesale"}
        return Draft("lot.sold", hands, data, [lot], refs=state.authorizations, committed=committed)

    def packed(self, lot: str, shipment: str = "", type_: str = "lot.packed") -> Draft:
        data = {"packages": 1, "mass_g": 700}
        hands = FLOOR if type_ == "lot.unpacked" else [hand("operator", "custodian")]
        return Draft(type_, hands, data, sorted([lot, shipment or self.fresh("shipment")]))

    def lost(self, lot: str, **data: Any) -> Draft:
        quantity = self.state(lot).quantity or 1
        return Draft("lot.lost", FLOOR, {"quantity": quantity, "reason": "missing", **data}, [lot])

    def found(self, lot: str, **data: Any) -> Draft:
        quantity = self.state(lot).exited or 1
        return Draft("lot.found", FLOOR, {"quantity": quantity, "site": SITES[0], **data}, [lot])

    def destroyed(self, lot: str, hands: Sequence[Hand] = (), **data: Any) -> Draft:
        facts = {
            "quantity": self.state(lot).quantity or 1,
            "reason": "unsafe",
            "method": "shredded",
            "mass_g": 900,
            "certificate": "ce" * 32,
            **data,
        }
        hands = hands or [*FLOOR, hand("third", "witness"), hand("supplier", "owner")]
        return Draft("lot.destroyed", hands, facts, [lot], committed={"contractor": "Shredders"})

    def disposed(self, lot: str, kind: str = "staff_sale", **data: Any) -> Draft:
        state = self.state(lot)
        facts = {"kind": kind, "quantity": state.quantity or 1, **data}
        committed = {"price": {"amount_minor": 5_000, "currency": "CNY"}, "recipient": "Staff shop"}
        hands = [hand("operator", "seller", "shop")]
        return Draft("lot.disposed", hands, facts, [lot], refs=state.authorizations, committed=committed)

    def moved(self, lots: Sequence[str], there: str = SITES[1], here: str = "", **members: Any) -> Draft:
        state = self.state(lots[0])
        data = {"from_site": here or state.site or SITES[0], "to_site": there}
        return Draft(**{**_members(Draft("lot.moved", FLOOR, data, sorted(set(lots)))), **members})

    def recounted(self, lot: str, counted: int, record: str) -> Draft:
        data = {"record": record, "counted": counted, "unidentified": 0}
        hands = [*FLOOR, hand("supplier", "witness", "owner")]
        return Draft("lot.recounted", hands, data, [lot])

    def recalled(self, lots: Sequence[str], by: tuple[str, str] = ("brand", "safety")) -> Draft:
        hands = [hand(by[0], "authority", by[1])]
        return Draft("lot.recalled", hands, {"reason": "safety"}, sorted(lots), committed={"remark": "fire"})

    def released(self, lot: str, record: str, by: tuple[str, str] = ("brand", "safety")) -> Draft:
        hands = [hand(by[0], "authority", by[1])]
        return Draft("lot.released", hands, {"record": record, "reason": "unfounded"}, [lot])

    def classified(self, lot: str) -> Draft:
        committed = {"recall_contact": "Recall desk, Shenzhen"}
        return Draft("lot.classified", FLOOR, {"safety": "electrical"}, [lot], committed=committed)

    def sources(self, lot: str) -> list[dict[str, Any]]:
        state = self.state(lot)
        count = min(state.manifest.count, state.quantity) if state.manifest else 0  # fewer may have come
        return [{"event_id": state.manifest_event, "n": n} for n in range(count)]


FLOOR_SPLIT = [hand("operator", "custodian")]
Action = Callable[[Floor, int, int, int], Draft | None]
ALIKE = ("brand", "condition", "authorizations", "bundle", "gtin", "label_state", "overage", "safety", "site")


def _unoffered(lot: LotState) -> bool:
    return lot.at_hand and lot.is_leaf and not lot.listings and not lot.sold


def _alike(first: LotState) -> Callable[[LotState], bool]:
    return lambda lot: _unoffered(lot) and all(getattr(lot, name) == getattr(first, name) for name in ALIKE)


def _inspect(floor: Floor, a: int, b: int, c: int) -> Draft | None:
    """Assigns the work and draws grades from the bits of b; c bends the count."""
    lot = floor.pick(a, lambda state: state.at_hand and state.is_leaf and state.grade is None)
    work = floor.fresh("work")
    try:
        floor.log.record(floor.assigned(lot, work))
    except InvalidRecord:
        return None
    state = floor.state(lot)
    units = state.quantity - (state.sold or 0) + (c % 7 == 0)
    letters = ["ABC"[(b >> n) % 3 if b % 2 else b % 3] for n in range(units)]
    return floor.inspected(lot, work, letters) if 0 < units <= len(floor.sources(lot)) else None


def _split(floor: Floor, a: int, b: int, c: int) -> Draft:
    lot = floor.pick(a, lambda state: _unoffered(state) and state.quantity > 1)
    state = floor.state(lot)
    first = b % (state.quantity + 1)
    parts = [first, (state.quantity - first) // 2] if c % 3 == 0 else [first]
    left = state.quantity - sum(parts) + (c % 11 == 0)
    grade = {} if state.grade or c % 2 else {"grade": "ABC"[c % 3]}
    return floor.split(lot, [*(part for part in parts if part), left], **grade)


def _merge(floor: Floor, a: int, b: int, c: int) -> Draft:
    first = floor.pick(a, _unoffered)
    like = _alike(floor.state(first)) if c % 3 else _unoffered
    lots = [first, floor.pick(b, like), floor.pick(a + b, like)][: 2 + c % 2]
    return floor.merged(lots, "lot.bundled" if c % 3 == 0 else "lot.merged")


def _ship(floor: Floor, a: int, b: int, _: int) -> Draft | None:
    if not floor.shipments:
        return None
    shipment, lot = floor.shipments[a % len(floor.shipments)]
    return floor.packed(lot, shipment, ("lot.shipped", "lot.unpacked")[b % 5 == 0])


def _receive(floor: Floor, lot: str, b: int, c: int) -> Draft:
    return floor.received(lot, None if b % 3 else floor.state(lot).declared + c % 3 - 1)


def _recount(floor: Floor, a: int, b: int, _: int) -> Draft:
    subject = floor.log.view().subject(floor.pick(a))
    assert subject is not None
    return floor.recounted(floor.pick(a), b % 9, subject.head.event_id)


def _release(floor: Floor, a: int, b: int, _: int) -> Draft | None:
    if not floor.recalls:
        return None
    lot, record = floor.recalls[a % len(floor.recalls)]
    return floor.released(lot, record, (("brand", "safety"), ("supplier", "owner"))[b % 4 == 0])


def _returned(floor: Floor, a: int, b: int, c: int) -> Draft | None:
    lot = floor.pick(a, lambda state: bool(state.sold))
    quantity = 1 + b % max(1, floor.state(lot).sold or 1)
    return floor.returned(lot, quantity + (c % 9 == 0), "cancelled" if c % 4 == 0 else "refused")


ACTIONS: dict[str, Action] = {
    "declare": lambda floor, a, b, c: floor.declared(
        1 + a % 9, brand=("星野", "Other")[c % 5 == 0], condition=("new", "used")[b % 4 == 0]
    ),
    "receive": lambda floor, a, b, c: _receive(floor, floor.pick(a, lambda lot: not lot.received), b, c),
    "recount": _recount,
    "inspect": _inspect,
    "split": _split,
    "merge": _merge,
    "list": lambda floor, a, b, c: floor.listed(floor.pick(a)),
    "withdraw": lambda floor, a, b, c: floor.withdrawn(floor.pick(a, lambda lot: lot.listings > 0)),
    "sell": lambda floor, a, b, c: floor.sold(floor.pick(a, lambda lot: lot.listings > 0), 1 + b % 4),
    "pack": lambda floor, a, b, c: floor.packed(floor.pick(a, lambda lot: bool(lot.sold))),
    "ship": _ship,
    "return": _returned,
    "lose": lambda floor, a, b, c: floor.lost(floor.pick(a), **({"quantity": 1 + b} if c % 5 == 0 else {})),
    "find": lambda floor, a, b, c: floor.found(floor.pick(a, lambda lot: lot.exit == "lost")),
    "destroy": lambda floor, a, b, c: floor.destroyed(floor.pick(a)),
    "dispose": lambda floor, a, b, c: floor.disposed(
        floor.pick(a), ("staff_sale", "public_discount", "third_party_clearance")[b % 3]
    ),
    "move": lambda floor, a, b, c: floor.moved([floor.pick(a), floor.pick(b)], SITES[c % 2]),
    "recall": lambda floor, a, b, c: floor.recalled([floor.pick(a)]) if c % 4 == 0 else None,
    "release": _release,
    "classify": lambda floor, a, b, c: floor.classified(floor.pick(a)) if c % 8 == 0 else None,
}
# Most of what happens, and now and then an end.
OFTEN = ("declare", "receive", "inspect", "list", "sell", "split", "merge", "return", "pack", "ship")
CHOICES = sorted([*ACTIONS, *OFTEN, *OFTEN])


def _rows(sources: Sequence[Mapping[str, Any]], part: str) -> list[Rows]:
    """The rows of one part; none where it has no units."""
    return [salted_rows([{"src": source} for source in sources], part=part)] if sources else []


def _described(rows: Sequence[Rows]) -> dict[str, Any]:
    return {"manifest": described(rows[0], "phone-part/1")} if rows else {}


def _members(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in Draft.__slots__}
