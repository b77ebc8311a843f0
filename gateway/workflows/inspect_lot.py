"""Inspect a lot, and split it by what was found; refurbish what is worth it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from gateway.files.intake import accept
from gateway.files.media import EVIDENCE
from gateway.store import goods
from gateway.store.goods import Item
from gateway.wiring import Installation
from gateway.workflows import keep_file
from gateway.workflows.parties import hand, operator_hand
from gateway.workflows.work import Work
from ledger.author import described, new_id, salted_rows
from ledger.lots.grading import grade
from ledger.lots.schemes import Scheme
from ledger.records.refurbishment import REPAIRS

MEASURED_ROWS = "measurements/2"
CHILD_ROWS = "child-article/1"
BATTERY_WORN_BELOW = 80  # per cent of its capacity


def inspect(work: Work, lot: str, *, inspector: str, worker: str, scheme: Scheme, today: date) -> None:
    """Assign the inspection and record what was measured on every unit, one row each."""
    items = goods.of_lot(work.connection, lot)
    order = assign(work, lot, "inspection", inspector)
    gradings = [grade(scheme, item.facts["measurement"]) for item in items]
    counts: Counter[str] = Counter()
    for item, grading in zip(items, gradings, strict=True):
        counts[grading.grade] += item.quantity
    rows = salted_rows([_measured(item) for item in items])
    scores = [grading.score for grading in gradings if grading.score is not None]
    labels = {item.facts["label_state"] for item in items} - {None}
    work.record(
        "lot.inspected",
        [hand(work.installation, inspector, "inspector")],
        {
            "coverage": "full",
            "scheme": {"id": scheme.id, "version": scheme.version, "sha256": scheme.sha256},
            "grades": [{"grade": letter, "count": counts[letter]} for letter in sorted(counts)],
            "label_states": sorted(labels),
            "score_min": min(scores) if scores else None,
            "measured_at": today.isoformat(),
            "manifest": described(rows, MEASURED_ROWS),
        },
        subjects=[lot, order],
        rows=[rows],
        performed_by=worker,
    )
    goods.update(
        work.connection,
        (
            replace(item, grade=grading.grade).with_facts(score=grading.score, scheme=scheme.id)
            for item, grading in zip(items, gradings, strict=True)
        ),
    )


def split(work: Work, lot: str) -> list[str]:
    """Split by (GTIN or category, brand, condition, grade, label state), over-age goods apart.

    Returns the children, which together are the whole lot.
    """
    parts: dict[tuple[Any, ...], list[Item]] = defaultdict(list)
    for item in goods.of_lot(work.connection, lot):
        parts[key_of(item)].append(item)
    children = sorted(
        ((new_id("lot"), key, items) for key, items in parts.items()), key=lambda child: child[0]
    )
    rows = [salted_rows([_child_row(item) for item in items], part=name) for name, _, items in children]
    entry = work.record(
        "lot.split",
        [operator_hand(work.installation, "warehouse", "custodian")],
        {
            "children": [
                {
                    "id": name,
                    "quantity": sum(item.quantity for item in items),
                    "key": {member: value for member, value in key if value is not None},
                    "manifest": described(part, CHILD_ROWS),
                }
                for (name, key, items), part in zip(children, rows, strict=True)
            ],
            "remaining": {"quantity": 0},
        },
        subjects=[lot, *(name for name, _, _ in children)],
        rows=rows,
    )
    for name, _, items in children:
        goods.update(
            work.connection,
            (
                replace(item, lot=name, source_event=entry.event_id, source_n=n)
                for n, item in enumerate(items)
            ),
        )
    return [name for name, _, _ in children]


def wipe_report(installation: Installation, lot: str, refurbisher: str) -> str:
    """Keep the wiping tool's report on a lot, as its workshop would send it; its SHA-256."""
    with installation.database.reading() as connection:
        items = goods.of_lot(connection, lot)
    lines = [f"{item.facts['identifier']},purge,verified" for item in items]
    report = "\r\n".join(["identifier,method,result", *lines, ""]).encode()
    accepted = accept(report, EVIDENCE)
    kept = keep_file.keep(installation, accepted, owner=refurbisher, lot=lot, added_by=refurbisher)
    return kept.sha256


def refurbish(work: Work, lot: str, *, refurbisher: str, worker: str, certificate: str) -> int:
    """Worn batteries out, new ones in; every phone reset and wiped. Returns how many batteries.

    certificate: SHA-256 of the wiping tool's report.
    """
    items = goods.of_lot(work.connection, lot)
    order = assign(work, lot, "refurbishment", refurbisher)
    done = [{"steps": _steps(item, certificate)} for item in items]
    rows = salted_rows([{"src": _source(item), **repair} for item, repair in zip(items, done, strict=True)])
    counts = Counter(step["kind"] for repair in done for step in repair["steps"])
    serials = [battery["after"]["serial"] for repair in done if (battery := _battery(repair))]
    work.record(
        "lot.refurbished",
        [hand(work.installation, refurbisher, "refurbisher")],
        {
            "steps": [{"kind": kind, "count": counts[kind]} for kind in sorted(counts)],
            "manifest": described(rows, REPAIRS),
        },
        subjects=[lot, order],
        committed={"part_serials": serials} if serials else {},
        rows=[rows],
        performed_by=worker,
    )
    goods.update(work.connection, (_after(item, repair) for item, repair in zip(items, done, strict=True)))
    return len(serials)


def assign(work: Work, lot: str, kind: str, party: str) -> str:
    """Give a party work on a lot: inspection or refurbishment; the work order's id."""
    order = new_id("work")
    work.record(
        "work.assigned",
        [operator_hand(work.installation, "warehouse", "custodian")],
        {"kind": kind, "worker_party": party},
        subjects=[order],
        refs=[lot],
    )
    return order


def _source(item: Item) -> dict[str, Any]:
    return {"event_id": item.source_event, "n": item.source_n}


def _measured(item: Item) -> dict[str, Any]:
    row: dict[str, Any] = {"src": _source(item), "measured": item.facts["measurement"]}
    if item.facts["label_state"]:
        row["label_state"] = item.facts["label_state"]
    if item.quantity > 1:
        row["quantity"] = item.quantity
    return row


def _child_row(item: Item) -> dict[str, Any]:
    return {"src": _source(item)} | ({"quantity": item.quantity} if item.quantity > 1 else {})


def key_of(item: Item) -> tuple[tuple[str, Any], ...]:
    """What the units of a child have in common, as pairs of ``SplitKey``; None where it says nothing."""
    facts = item.facts
    if facts["over_age"]:
        return (("category", item.category), ("brand", facts["brand"]), ("overage", True))
    kind = ("gtin", facts["gtin"]) if item.serialised and facts["gtin"] else ("category", item.category)
    condition = None if facts["repair"] else facts["condition"]
    return (
        kind,
        ("brand", facts["brand"]),
        ("condition", condition),
        ("grade", item.grade),
        ("label_state", facts["label_state"]),
    )


def _steps(item: Item, certificate: str) -> list[dict[str, Any]]:
    """What was done to one phone. New cells come from the maker's spare part stock.

    A phone encrypts its storage: resetting it destroys the key, which NIST SP 800-88 counts as purging.
    """
    wiped = {"kind": "data_wiped", "method": "purge", "certificate": certificate}
    steps: list[dict[str, Any]] = [{"kind": "system_reset"}, wiped]
    health = item.facts["measurement"].get("battery")
    if health is not None and float(health["value"]) < BATTERY_WORN_BELOW:
        before = {"health": health}
        cycles = item.facts["measurement"].get("battery_cycles")
        if cycles is not None:
            before["cycles"] = int(cycles["value"])
        serial = new_id("work").partition(":")[2].upper()
        after = {"health": {"value": "100", "unit": "P1"}, "cycles": 0, "serial": serial}
        part = {"part_origin": "original", "before": before, "after": after}
        steps.insert(0, {"kind": "battery_replaced", **part})
    return steps


def _battery(repair: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The step that put a new battery in."""
    return next((step for step in repair["steps"] if step["kind"] == "battery_replaced"), None)


def _after(item: Item, repair: Mapping[str, Any]) -> Item:
    measurement, battery = dict(item.facts["measurement"]), _battery(repair)
    if battery is not None:
        measurement["battery"] = battery["after"]["health"]
        measurement["battery_cycles"] = {"value": "0", "unit": "C62"}
    return item.with_facts(measurement=measurement, repair=dict(repair), condition="refurbished")
