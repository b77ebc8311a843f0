"""A small world with everyone in it: fixed toy keys, a settable clock, one lot's whole journey.

``World(folder)`` has tables and no log. ``play(stage)`` records everything up to and including a
stage of JOURNEY; ``next_draft(stage)`` is that stage's record, unwritten, so that a test can bend it.
The lot: six phones declared, one of them unidentified, five inspected (A A A B C), split by grade.
"""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from ledger.audit import Report, audit
from ledger.audit_database import DatabaseSource
from ledger.author import Draft, Hand, described, salted_rows, write
from ledger.core.envelope import SignedRecord
from ledger.core.keys import VerifierKey
from ledger.core.policy import Policy
from ledger.core.subjects import subject_id
from ledger.lots.judge import Changes, judge
from ledger.lots.regrade import known_schemes
from ledger.lots.schemes import load_schemes
from ledger.lots.state import Subject
from ledger.ports import ObjectStore
from ledger.publish import Publisher
from ledger.record import Entry, Submission
from ledger.records.registry import typed
from ledger.store.database import Database
from ledger.store.log import Rows, read_head
from ledger.store.tables import LEDGER_TABLES
from ledger.store.view import StoredView
from ledger.writer import Writer
from tests.ledger.fakes import MemoryClock, MemoryObjectStore, MemorySigner

ORIGIN = "log.example/lots"
LOG_KEY, HEADS_KEY = MemorySigner("log"), MemorySigner("heads")


def ident(kind: str, name: str) -> str:
    """The same id in every run."""
    return subject_id(kind, sha256(f"{kind} {name}".encode()).digest()[:13])


# Role of a key -> its scopes. One key a role and party: operator keys of different roles differ.
SCOPES: dict[str, dict[str, list[str]]] = {
    "operator": {
        "custodian": [
            "codes.issued:custodian",
            "lot.packed:custodian",
            "lot.received:custodian",
            "lot.received:releasing",
            "lot.shipped:custodian",
            "lot.split:custodian",
            "work.assigned:custodian",
        ],
        "seller": ["lot.listed:seller", "lot.sold:seller", "lot.withdrawn:seller"],
        "exporter": ["document.issued:exporter"],
        "eraser": ["correction.recorded:corrector", "erasure.recorded:operator"],
    },
    "brand": {"grantor": ["authorization.granted:grantor", "authorization.revoked:grantor"]},
    "agent": {"grantor": ["authorization.granted:grantor", "authorization.revoked:grantor"]},
    "supplier": {
        "supplier": [
            "authorization.granted:grantor",
            "correction.recorded:corrector",
            "lot.declared:supplier",
            "lot.listed:seller",
            "lot.received:releasing",
            "lot.sold:seller",
        ],
    },
    "inspector": {
        "inspector": ["lot.inspected:inspector", "lot.listed:seller", "lot.refurbished:refurbisher"]
    },
    "third": {"third_party": ["lot.inspected:third_party"]},
    "refurbisher": {"refurbisher": ["lot.inspected:inspector", "lot.refurbished:refurbisher"]},
    "carrier": {"carrier": ["lot.delivered:carrier", "lot.delivered:receiver", "lot.shipped:carrier"]},
    "stranger": {
        "everything": [
            "codes.issued:custodian",
            "correction.recorded:corrector",
            "document.issued:exporter",
            "erasure.recorded:operator",
            "lot.declared:supplier",
            "lot.inspected:inspector",
            "lot.listed:seller",
            "lot.packed:custodian",
            "lot.received:custodian",
            "lot.received:releasing",
            "lot.refurbished:refurbisher",
            "lot.shipped:custodian",
            "lot.sold:seller",
            "lot.split:custodian",
            "lot.withdrawn:seller",
            "work.assigned:custodian",
            "authorization.revoked:grantor",
        ],
    },
}
KINDS = {"third": "auditor", "stranger": "supplier"}
REGISTRARS = ("registrar one", "registrar two")
PARTIES = {name: ident("party", name) for name in (*SCOPES, *REGISTRARS)}
GRANT, LOT, SHIPMENT = ident("authorization", "grant"), ident("lot", "lot"), ident("shipment", "shipment")
CHILDREN = sorted(ident("lot", name) for name in ("child one", "child two"))
CHILD_A, CHILD_B = CHILDREN  # three phones of grade A; one of grade B, repaired to A
SCRATCHES = ("0", "1", "2", "9", "24")  # A A A B C
CODES = sorted(sha256(f"code {n}".encode()).hexdigest() for n in range(8))
WORKER = ident("worker", "careful")


def hand(party: str, role: str, key: str = "") -> Hand:
    """``party`` signing as ``role`` with its key of that name."""
    return Hand(PARTIES[party], signer(party, key or role), role)


def signer(party: str, key: str) -> MemorySigner:
    return MemorySigner(f"{party}/{key}")


def registrar(number: int = 1) -> Hand:
    name = REGISTRARS[number - 1]
    return Hand(PARTIES[name], MemorySigner(name), "registrar")


def but(draft: Draft, **changes: Any) -> Draft:
    """``draft`` with members replaced; of ``data`` and ``committed`` only those given (None removes)."""
    for name in ("data", "committed"):
        if name in changes:
            merged = {**getattr(draft, name), **changes[name]}
            changes[name] = {key: value for key, value in merged.items() if value is not None}
    return replace(draft, **changes)


def scheme_used(scheme_id: str = "electronics") -> dict[str, Any]:
    scheme = load_schemes()[scheme_id]
    assert scheme.sha256 in known_schemes()
    return {"id": scheme.id, "version": scheme.version, "sha256": scheme.sha256}


def measured(scratch: str, battery: str = "98") -> dict[str, Any]:
    return {
        "boots": "yes",
        "locked": "no",
        "scratch": {"value": scratch, "unit": "MMT"},
        "battery": {"value": battery, "unit": "P1"},
    }


def drop_guards(connection: Connection) -> None:
    """Take every trigger away."""
    if connection.dialect.name == "sqlite":
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        drops = [f"DROP TRIGGER {name}" for name in names.scalars()]
    else:
        found = connection.execute(
            text("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        )
        drops = [f"DROP TRIGGER {name} ON {table}" for name, table in found]
    for drop in drops:
        connection.execute(text(drop))


def back_up(world: "World", path: Path) -> None:
    """A backup of the world's SQLite file, as an operator makes one while everything runs."""
    with closing(sqlite3.connect(path)) as copy, closing(sqlite3.connect(world.folder / "ledger.db")) as own:
        own.backup(copy)


class World:
    """One installation below ``folder``. objects: where the published log goes.

    database: SQLite in the folder when none is given.
    """

    def __init__(
        self, folder: Path, objects: ObjectStore | None = None, *, database: Database | None = None
    ) -> None:
        self.folder = folder
        self.database = Database.at(folder / "ledger.db") if database is None else database
        if not inspect(self.database.writer).has_table("entries"):
            SQLModel.metadata.create_all(self.database.writer, tables=LEDGER_TABLES)
        self.clock = MemoryClock()
        self.writer = Writer(self.database, self.clock)
        self.objects = MemoryObjectStore() if objects is None else objects
        self.log_signer, self.heads_signer = MemorySigner("log"), MemorySigner("heads")
        self.publisher = Publisher(
            self.database,
            self.writer,
            self.objects,
            log_signer=self.log_signer,
            heads_signer=self.heads_signer,
            clock=self.clock,
        )
        self.entries: list[Entry] = []
        self.submissions: list[Submission] = []

    @property
    def policy(self) -> Policy:
        return Policy.trusting(str(VerifierKey(ORIGIN, LOG_KEY.public_key)))

    def close(self) -> None:
        self.database.close()

    def another_database(self) -> Database:
        """The same database as another process opens it; the caller closes it."""
        return Database(self.database.url)

    def tamper(self, statement: str, **values: Any) -> None:
        """What someone with the database in hand does, whom no guard stops.

        statement: SQLite's SQL; its byte literals are put into PostgreSQL's form.
        """
        with self.database.writer.begin() as connection:
            drop_guards(connection)
            if connection.dialect.name == "postgresql":
                statement = re.sub(r"zeroblob\((\d+)\)", r"decode(repeat('00', \1), 'hex')", statement)
                statement = re.sub(r"x'([0-9a-f]*)'", r"decode('\1', 'hex')", statement)
            connection.execute(text(statement), values)

    def submission(self, draft: Draft) -> Submission:
        """The draft, signed on the heads of now."""
        with self.database.reading() as connection:
            view = StoredView(connection, read_head(connection))
            return write(draft, origin=ORIGIN, at=self.clock.now(), view=view)

    def record(self, draft: Draft) -> Entry:
        submission = self.submission(draft)
        entry = self.writer.record(submission)
        self.entries.append(entry)
        self.submissions.append(submission)
        self.clock.move(seconds=1)
        return entry

    def judge(self, draft: Draft, *, opened: Mapping[str, Any] | None = None) -> Changes:
        """What the rules make of the draft; writes nothing."""
        submission = self.submission(draft)
        record = typed(SignedRecord.parse(submission.body, submission.signatures))
        values = {name: item.value for name, item in submission.open.items()} if opened is None else opened
        with self.database.reading() as connection:
            head = read_head(connection)
            return judge(
                record,
                index=head.size if head else 0,
                recorded_at=self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
                view=StoredView(connection, head),
                opened=values,
            )

    def subject(self, name: str) -> Subject:
        with self.database.reading() as connection:
            found = StoredView(connection, read_head(connection)).subject(name)
        assert found is not None, name
        return found

    def state(self, name: str) -> Any:
        return self.subject(name).state

    def last_event(self, name: str) -> str:
        return self.subject(name).head.event_id

    def source(self, name: str = "world") -> DatabaseSource:
        return DatabaseSource(name, self.database, self.objects)

    def audit(self, saved: bytes | None = None) -> Report:
        return audit(self.source(), self.policy, saved=saved)

    def play(self, last: str = "") -> "World":
        """Record the journey up to and including stage ``last``; all of it when empty."""
        for stage, drafts in JOURNEY.items():
            for draft in drafts:
                self.record(draft(self))
            if stage == last:
                break
        return self

    def next_draft(self, stage: str) -> Draft:
        """The last record of a stage, for a world that stands just before it."""
        return JOURNEY[stage][-1](self)

    # The journey, one draft a record, in its order.

    def opened(self) -> Draft:
        registrars = [registrar(1), registrar(2)]
        data = {
            "registrars": [{"party": r.party, "public_key": r.signer.public_key.hex()} for r in registrars],
            "quorum": 1,
            "operator": PARTIES["operator"],
            "log_key": LOG_KEY.public_key.hex(),
            "heads_key": HEADS_KEY.public_key.hex(),
        }
        return Draft("log.opened", registrars, data)

    def party(self, name: str, **data: Any) -> Draft:
        brands = {"brands": ["星野", "Hoshino"]} if name == "brand" else {}
        facts = {"kind": KINDS.get(name, name), "country": "CN", **brands, **data}
        committed = {"legal_name": f"{name} company", "address": ["1 Harbour Road", "Shenzhen"]}
        return Draft("party.registered", [registrar()], facts, [PARTIES[name]], committed=committed)

    def key(self, party: str, key: str, scopes: Sequence[str]) -> Draft:
        new = signer(party, key)
        data = {"public_key": new.public_key.hex(), "scopes": list(scopes), "custody": "operator"}
        hands = [registrar(), Hand(PARTIES[party], new, "new_key")]
        return Draft("key.registered", hands, data, [PARTIES[party]])

    def granted(self, **changes: Any) -> Draft:
        data = {
            "depth": 1,
            "brands": ["星野"],
            "categories": ["phone"],
            "valid_from": "2026-01-01",
            "valid_until": "2027-12-31",
            "may_delegate": True,
            "label_clause": "intact_only",
        }
        committed = {"grantee": PARTIES["supplier"], "territories_denied": ["JP"]}
        draft = Draft("authorization.granted", [hand("brand", "grantor")], data, [GRANT], committed=committed)
        return but(draft, **changes)

    def declared(self, **changes: Any) -> Draft:
        rows = salted_rows([{"serial": f"35{n:013d}"} for n in range(5)])
        data = {
            "category": "phone",
            "goods": "finished",
            "brand": "星野",
            "condition": "returned",
            "quantity": 6,
            "unit": "H87",
            "produced_from": "2025-01-01",
            "produced_until": "2025-06-30",
            "origin_country": "CN",
            "surplus_cause": "customer_returns",
            "supply_mode": "consign",
            "manifest": described(rows, "phone-declared/1"),
        }
        draft = Draft(
            "lot.declared",
            [hand("supplier", "supplier")],
            data,
            [LOT],
            refs=[GRANT],
            committed={"price": {"amount_minor": 120_000, "currency": "CNY"}},
            rows=[rows],
        )
        return but(draft, **changes)

    def received(self, **changes: Any) -> Draft:
        data = {"declared": 6, "counted": 6, "unidentified": 1, "damaged": 0, "site": "shenzhen"}
        hands = [hand("operator", "custodian"), hand("supplier", "releasing", "supplier")]
        draft = Draft("lot.received", hands, data, [LOT], committed={"delivery_note": "DN 7"})
        return but(draft, **changes)

    def assigned(
        self, name: str = "inspection", worker: str = "inspector", lot: str = LOT, kind: str = ""
    ) -> Draft:
        data = {"kind": kind or name.split(maxsplit=1)[0], "worker_party": PARTIES[worker]}
        hands = [hand("operator", "custodian")]
        return Draft("work.assigned", hands, data, [ident("work", name)], refs=[lot])

    def sourced(
        self, lot: str, facts: Sequence[Mapping[str, Any]], *, first: int = 0, part: str = ""
    ) -> Rows:
        """Rows whose sources are the rows ``first`` … of the lot's manifest."""
        event = self.state(lot).manifest_event
        linked = [{**fact, "src": {"event_id": event, "n": first + n}} for n, fact in enumerate(facts)]
        return salted_rows(linked, part=part)

    def inspected(
        self,
        lot: str = LOT,
        scratches: Sequence[str] = SCRATCHES,
        *,
        work: str = "inspection",
        grades: Mapping[str, int] | None = None,
        score_min: int = 75,
        **changes: Any,
    ) -> Draft:
        rows = self.sourced(lot, [{"measured": measured(s), "label_state": "intact"} for s in scratches])
        found = {"A": 3, "B": 1, "C": 1} if grades is None else grades
        data = {
            "coverage": "full",
            "scheme": scheme_used(),
            "grades": [{"grade": grade, "count": count} for grade, count in found.items()],
            "label_states": ["intact"],
            "score_min": score_min,
            "measured_at": "2026-11-20",
            "manifest": described(rows, "phone-inspected/1"),
        }
        draft = Draft(
            "lot.inspected",
            [hand("inspector", "inspector")],
            data,
            sorted([lot, ident("work", work)]),
            committed={"instrument_serials": ["CALIPER 9"]},
            rows=[rows],
            performed_by=WORKER,
        )
        return but(draft, **changes)

    def split(self, **changes: Any) -> Draft:
        parts = [(CHILD_A, 0, 3), (CHILD_B, 3, 1), ("", 4, 1)]
        rows = [self.sourced(LOT, [{}] * count, first=first, part=part) for part, first, count in parts]
        schema = "phone-split/1"
        children = [
            {
                "id": child,
                "quantity": len(rows[n].rows),
                "key": {"grade": grade, "label_state": "intact"},
                "manifest": described(rows[n], schema),
            }
            for n, (child, grade) in enumerate(zip(CHILDREN, "AB", strict=True))
        ]
        data = {
            "children": children,
            "remaining": {"quantity": 1, "manifest": described(rows[2], schema)},
        }
        draft = Draft("lot.split", [hand("operator", "custodian")], data, sorted([LOT, *CHILDREN]), rows=rows)
        return but(draft, **changes)

    def repair_assigned(self) -> Draft:
        return self.assigned("refurbishment", "refurbisher", CHILD_B)

    def refurbished(self, **changes: Any) -> Draft:
        rows = self.sourced(CHILD_B, [{"battery_before": "71", "battery_after": "100"}])
        data = {
            "steps": [{"kind": "battery_replaced", "count": 1}],
            "manifest": described(rows, "phone-refurbished/1"),
        }
        draft = Draft(
            "lot.refurbished",
            [hand("refurbisher", "refurbisher")],
            data,
            sorted([CHILD_B, ident("work", "refurbishment")]),
            committed={"part_serials": ["BATTERY 3"]},
            rows=[rows],
        )
        return but(draft, **changes)

    def regrade_assigned(self) -> Draft:
        return self.assigned("inspection again", "inspector", CHILD_B)

    def regraded(self, **changes: Any) -> Draft:
        return self.inspected(
            CHILD_B, ["1"], work="inspection again", grades={"A": 1}, score_min=95, **changes
        )

    def codes(self, lot: str = CHILD_A, level: str = "article", codes: Sequence[str] = CODES[:3]) -> Draft:
        data = {"level": level, "codes": list(codes)}
        return Draft("codes.issued", [hand("operator", "custodian")], data, [lot])

    def listed(self, lot: str = CHILD_A, **changes: Any) -> Draft:
        committed = {
            "market": "NG",
            "channel": "wholesale",
            "price": {"amount_minor": 9_900, "currency": "USD"},
        }
        draft = Draft(
            "lot.listed",
            [hand("operator", "seller")],
            {"verification": "ab" * 32},
            [lot],
            refs=[GRANT],
            committed=committed,
        )
        return but(draft, **changes)

    def sold(self, quantity: int = 2, lot: str = CHILD_A, **changes: Any) -> Draft:
        committed = {
            "quantity": quantity,
            "order": "order:" + "0" * 20,
            "buyer": "Lagos Wholesale",
            "incoterm": "FCA Shenzhen",
            "price": {"amount_minor": 19_800, "currency": "USD"},
        }
        draft = Draft(
            "lot.sold",
            [hand("operator", "seller")],
            {"grade": "A"},
            [lot],
            refs=[GRANT],
            committed=committed,
        )
        return but(draft, **changes)

    def packed(self, **changes: Any) -> Draft:
        data = {"packages": 1, "mass_g": 1_400}
        committed = {"destination": "Lagos", "seal": "S 11"}
        subjects = sorted([CHILD_A, SHIPMENT])
        hands = [hand("operator", "custodian")]
        return but(Draft("lot.packed", hands, data, subjects, committed=committed), **changes)

    def document(self, **changes: Any) -> Draft:
        data = {
            "kind": "commercial_invoice",
            "renderer": "typst/1",
            "rule_pack": "ng/1",
            "sha256": "cd" * 32,
            "dossier_sha256": "ef" * 32,
        }
        hands = [hand("operator", "exporter")]
        draft = Draft("document.issued", hands, data, [SHIPMENT], committed={"number": "INV 1"})
        return but(draft, **changes)

    def shipped(self, **changes: Any) -> Draft:
        hands = [hand("operator", "custodian"), hand("carrier", "carrier")]
        return but(self.packed(), type="lot.shipped", hands=hands, **changes)

    def delivered(self, **changes: Any) -> Draft:
        return but(
            self.packed(), type="lot.delivered", hands=[hand("carrier", "receiver", "carrier")], **changes
        )


def _parties() -> list[Callable[[World], Draft]]:
    return [lambda world, name=name: world.party(name) for name in SCOPES]


def _keys() -> list[Callable[[World], Draft]]:
    return [
        lambda world, party=party, key=key, scopes=scopes: world.key(party, key, sorted(scopes))
        for party, keys in SCOPES.items()
        for key, scopes in keys.items()
    ]


JOURNEY: dict[str, list[Callable[[World], Draft]]] = {
    "opened": [World.opened],
    "parties": _parties(),
    "keys": _keys(),
    "granted": [World.granted],
    "declared": [World.declared],
    "received": [World.received],
    "assigned": [World.assigned],
    "inspected": [World.inspected],
    "split": [World.split],
    "repair assigned": [World.repair_assigned],
    "refurbished": [World.refurbished],
    "regrade assigned": [World.regrade_assigned],
    "regraded": [World.regraded],
    "codes": [lambda world: world.codes(level="lot", codes=CODES[3:4]), World.codes],
    "listed": [World.listed],
    "sold": [World.sold],
    "packed": [World.packed],
    "document": [World.document],
    "shipped": [World.shipped],
    "delivered": [World.delivered],
}
STAGES = list(JOURNEY)


def before(stage: str) -> str:
    """The stage that ``stage`` follows."""
    return STAGES[STAGES.index(stage) - 1]
