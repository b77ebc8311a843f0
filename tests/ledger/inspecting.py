"""A larger lot, devices and an insurer beside the small world: sixty phones to draw samples from."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from ledger.author import Draft, Hand, described, salted_rows
from ledger.core import manifest
from ledger.lots.grading import grade
from ledger.lots.plans import known_tables
from ledger.lots.sampling import draw
from ledger.lots.schemes import load_schemes
from ledger.store.log import Rows, manifest_rows
from tests.ledger.world import LOT, WORKER, World, but, ident, measured, registrar, scheme_used, signer

UNITS = 60
SEED = sha256(b"drawn by dice").hexdigest()
BENCH = ("device.audited:inspector", "inspection.planned:inspector", "lot.inspected:inspector")
JOINING: dict[str, tuple[str, tuple[str, ...]]] = {
    "house": ("inspector", BENCH),
    "tester": ("device", ("device.measured:device",)),
    "laboratory": ("auditor", ("device.calibrated:calibrator", "lot.inspected:third_party")),
    "underwriter": ("insurer", ("lot.insured:insurer",)),
}
SECOND_WORKER = ident("worker", "second")


def party(name: str) -> str:
    return ident("party", name)


def by(name: str, role: str) -> Hand:
    return Hand(party(name), signer(name, name), role)


def joined(world: World) -> World:
    """``world`` with the parties of JOINING and a received lot of UNITS phones, one row each."""
    for name, (kind, scopes) in JOINING.items():
        data = {"kind": kind, "country": "CN"}
        committed = {"legal_name": f"{name} company"}
        world.record(Draft("party.registered", [registrar()], data, [party(name)], committed=committed))
        new = signer(name, name)
        facts = {"public_key": new.public_key.hex(), "scopes": list(scopes), "custody": "self"}
        hands = [registrar(), Hand(party(name), new, "new_key")]
        world.record(Draft("key.registered", hands, facts, [party(name)]))
    rows = salted_rows([{"serial": f"36{n:013d}"} for n in range(UNITS)])
    data = {"quantity": UNITS, "manifest": described(rows, "phone-declared/1")}
    world.record(world.declared(data=data, rows=[rows]))
    world.record(world.received(data={"declared": UNITS, "counted": UNITS, "unidentified": 0}))
    return world


def assigned(world: World, name: str = "inspection", worker: str = "house", lot: str = LOT) -> str:
    """Assign an inspection (or, by its name's first word, a refurbishment); returns the work's id."""
    draft = world.assigned(name, "inspector", lot)
    world.record(but(draft, data={"worker_party": party(worker)}))
    return ident("work", name)


def planned(world: World, work: str = "inspection", **changes: Any) -> Draft:
    """The plan of a sample of the lot: level II, normal, AQL 4.0, grade B or better: 13, one may fail."""
    (tables,) = known_tables().values()
    lot_size = world.state(LOT).quantity
    data = {
        "tables": {"id": tables.id, "version": tables.version, "sha256": tables.sha256},
        "inspection_level": "II",
        "severity": "normal",
        "aql": "4.0",
        "minimum_grade": "B",
        "lot_size": lot_size,
        "sample_size": 13,
        "accept": 1,
        "reject": 2,
        "seed": SEED,
    }
    subjects = sorted([LOT, ident("work", work)])
    return but(Draft("inspection.planned", [by("house", "inspector")], data, subjects), **changes)


def sample() -> list[int]:
    """The units that the plan draws."""
    return draw(bytes.fromhex(SEED), lot_size=UNITS, sample_size=13)


def results(world: World, scratches: Mapping[int, str], lot: str = LOT) -> list[dict[str, Any]]:
    """One row of results a unit: unit -> length of its scratch."""
    event = world.state(lot).manifest_event
    return [
        {
            "src": {"event_id": event, "n": unit},
            "unit": unit,
            "measured": measured(scratch),
            "label_state": "intact",
        }
        for unit, scratch in scratches.items()
    ]


def inspected(
    world: World, facts: Sequence[Mapping[str, Any]], *, work: str = "inspection", lot: str = LOT, **data: Any
) -> Draft:
    """An inspection whose public data are what the rows give. data: members that say something else."""
    rows = salted_rows(facts)
    scheme = load_schemes()["electronics"]
    gradings = [(grade(scheme, row["measured"]), row) for row in facts]
    letters = [row.get("override", {}).get("grade", grading.grade) for grading, row in gradings]
    scores = [grading.score for grading, _ in gradings if grading.score is not None]
    told = {
        "coverage": "full",
        "scheme": scheme_used(),
        "grades": [{"grade": letter, "count": letters.count(letter)} for letter in sorted(set(letters))],
        "label_states": sorted({row["label_state"] for row in facts if "label_state" in row}),
        "score_min": min(scores) if scores else None,
        "measured_at": "2026-11-20",
        "manifest": described(rows, "measurements/2"),
        **data,
    }
    hands = [by("house", "inspector")]
    subjects = sorted([lot, ident("work", work)])
    return Draft("lot.inspected", hands, told, subjects, rows=[rows], performed_by=WORKER)


def calibrated(world: World, **changes: Any) -> Draft:
    data = {
        "model_version": "BT-200.3",
        "valid_from": "2026-11-01",
        "valid_until": "2027-10-31",
        "confidence_min": "0.95",
        "error_max": "0.03",
    }
    committed = {"certificate": "ce" * 32, "serial": "BT 7"}
    draft = Draft("device.calibrated", [by("laboratory", "calibrator")], data, [party("tester")])
    return but(but(draft, committed=committed), **changes)


def device_rows(world: World, confidences: Mapping[int, str]) -> list[dict[str, Any]]:
    """Batteries as the device measured them: unit -> how sure it is."""
    event = world.state(LOT).manifest_event
    battery = {"value": "98", "unit": "P1"}
    return [
        {
            "src": {"event_id": event, "n": unit},
            "unit": unit,
            "measured": {"battery": battery},
            "confidence": sure,
        }
        for unit, sure in confidences.items()
    ]


def batch(world: World, facts: Sequence[Mapping[str, Any]], *, referred: int = 0, **changes: Any) -> Draft:
    rows = salted_rows(facts)
    data = {
        "model_version": "BT-200.3",
        "confidence_min": "0.95",
        "measured_at": "2026-11-20",
        "referred": referred,
        "manifest": described(rows, "device/1"),
    }
    subjects = sorted([LOT, ident("work", "inspection")])
    draft = Draft("device.measured", [by("tester", "device")], data, subjects, rows=[rows])
    return but(draft, **changes)


def audited(world: World, event_id: str, rows_there: int, wrong: Sequence[int], **changes: Any) -> Draft:
    """A person measures a tenth of a batch again; wrong: which of the results looked at are wrong."""
    sampled = rows_there // 10
    drawn = draw(bytes.fromhex(SEED), lot_size=rows_there, sample_size=sampled)
    battery = {"value": "61", "unit": "P1"}
    facts = [
        {"src": {"event_id": event_id, "n": n}, "measured": {"battery": battery}, "agrees": at not in wrong}
        for at, n in enumerate(drawn)
    ]
    rows = salted_rows(facts)
    data = {
        "batch": event_id,
        "rows": rows_there,
        "seed": SEED,
        "sampled": sampled,
        "wrong": len(wrong),
        "manifest": described(rows, "device-audit/1"),
    }
    draft = Draft("device.audited", [by("house", "inspector")], data, [party("tester")], rows=[rows])
    return but(draft, **changes)


def insured(**changes: Any) -> Draft:
    data = {"valid_from": "2026-11-01", "valid_until": "2027-01-31"}
    committed = {"policy_number": "P 88", "cover": {"amount_minor": 5_000_000, "currency": "CNY"}}
    draft = Draft("lot.insured", [by("underwriter", "insurer")], data, [LOT], committed=committed)
    return but(draft, **changes)


def stored(world: World, event_id: str) -> list[dict[str, Any]]:
    """The facts behind a record with one manifest."""
    with world.database.reading() as connection:
        rows = manifest_rows(connection, event_id)
    return [manifest.parse_row(row, n) for n, row in enumerate(rows) if row is not None]


def with_rows(draft: Draft, facts: Sequence[Mapping[str, Any]]) -> Draft:
    """``draft`` on other rows, whose root and count it states."""
    rows: Rows = salted_rows(facts)
    described_ = described(rows, draft.data["manifest"]["schema"])
    return but(draft, data={"manifest": described_}, rows=[rows])
