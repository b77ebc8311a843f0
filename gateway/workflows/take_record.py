"""Take a record that was signed and sent ready-made, and do what its form would have done beside it.

Most parties have no page here: their programs sign and send. The goods on our pages follow what the
ledger says all the same, and a statement whose very bytes come by this road is recorded with them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from gateway.measuring.findings import best_first, letter_of
from gateway.measuring.questions import label_state_of
from gateway.statements.after import AFTER
from gateway.store import drafts, goods
from gateway.store import statements as store
from gateway.store.goods import Item
from gateway.wiring import Installation
from gateway.workflows import statements
from gateway.workflows.list_lot import listed_elsewhere, withdrawn_elsewhere
from gateway.workflows.work import Work
from ledger.core.manifest import parse_row
from ledger.core.subjects import kind_of
from ledger.lots.regrade import known_schemes
from ledger.record import Entry, Ledger, Prepared, Submission

IDENTIFIER_MAX: Final = 60
Row = Mapping[str, Any]
Source = tuple[str, str, int]  # lot, event id and number of the row in its manifest


def take(installation: Installation, submission: Submission) -> Entry:
    """Record one signed statement: durable and sequenced on return. Raises as ``Writer.record``."""
    prepared = installation.writer.prepare(submission)
    event_id = prepared.typed.record.event_id
    with installation.database.reading() as connection:
        waits = store.waiting_with(connection, event_id) is not None
    if not waits and prepared.typed.type.name not in _FOLLOW:  # most records: committed in groups
        return _plain(installation, prepared)

    def unit(ledger: Ledger) -> Entry:
        entry = ledger.record(prepared)
        if entry.created:
            _followed(Work(installation, ledger), entry, prepared)
        return entry

    return installation.writer.do(unit)


def _plain(installation: Installation, prepared: Prepared) -> Entry:
    (answer,) = installation.writer.record_all([prepared])
    if isinstance(answer, Entry):
        return answer
    raise answer


def _followed(work: Work, entry: Entry, prepared: Prepared) -> None:
    waiting = store.waiting_with(work.connection, entry.event_id)
    if waiting is not None:
        statements.recorded_elsewhere(work, waiting, entry)
        return
    follow = _FOLLOW.get(prepared.typed.type.name)
    if follow is not None:
        follow(work, entry, prepared)


def _declared(work: Work, entry: Entry, prepared: Prepared) -> None:
    """The articles as the bench works on them, as far as the rows tell."""
    lot, data = prepared.typed.record.body.subjects[0].id, prepared.typed.data
    if data.manifest is None or goods.rows_of(work.connection, lot):
        return
    goods.add(
        work.connection,
        (
            Item(
                0,
                entry.event_id,
                lot,
                entry.event_id,
                n,
                row.get("quantity", 1),
                data.category,
                "ungraded",
                "imei" in row or "serial" in row,
                _facts(row, data),
            )
            for _, n, row in _rows(prepared)
        ),
    )


def _facts(row: Row, data: Any) -> dict[str, Any]:
    """What the rest of the house reads of an article; rows of declarations have no form, so each is asked."""
    said = {name: value for name, value in row.items() if isinstance(value, str)}
    model = said.get("model") or data.model or ""
    name = next((said[one] for one in ("imei", "serial", "style") if one in said), "")
    return {
        "identifier": name[:IDENTIFIER_MAX],
        "imei": said.get("imei"),
        "brand": said.get("brand") or data.brand or "",
        "model": model,
        "goods": {"zh": model, "en": model},
        "condition": data.condition,
        "produced_on": data.produced_from,
        "origin_channel": data.origin_channel,
        "origin_country": data.origin_country,
        "hs_code": said.get("hs_code"),
        "net_mass_g": None,
        "gross_mass_g": None,
        "list_price_minor": None,
        "attributes": {},
        "measurement": {},
        "gtin": None,
        "over_age": False,
        "label_state": None,
        "dimensions_mm": None,
        "un38_3": None,
        "battery_wh": None,
        "repair": None,
    }


def _moved(work: Work, entry: Entry, prepared: Prepared) -> None:
    """A split, a merge, a return: the goods go where their rows went."""
    body = prepared.typed.record.body
    parents = [link.id for link in body.subjects if link.seq > 0 and kind_of(link.id) == "lot"]
    items = _by_source(work, parents)
    moved = []
    for part, n, row in _rows(prepared):
        lot = str(row["src"].get("lot", "")) if len(parents) > 1 else parents[0]
        item = items.get(_source(lot, row))
        if item is not None:
            moved.append(item.moved(part or parents[0], entry.event_id, n))
    goods.update(work.connection, moved)


def _inspected(work: Work, _entry: Entry, prepared: Prepared) -> None:
    lot, data = _lot(prepared), prepared.typed.data
    scheme, items = known_schemes()[data.scheme.sha256], _by_source(work, [lot])
    found: dict[Source, list[Row]] = defaultdict(list)
    for _, _, row in _rows(prepared):
        if "src" in row:
            found[_source(lot, row)].append(row)
    changed = []
    for source, rows in found.items():
        if source in items:
            worst = best_first(scheme, rows)[-1]
            letter, grading = letter_of(scheme, worst)
            label = worst.get("label_state") or label_state_of(worst["measured"])
            told = {"measurement": worst["measured"], "score": grading.score, "scheme": scheme.id}
            item = replace(items[source], grade=letter)
            changed.append(item.with_facts(**told, **({"label_state": label} if label else {})))
    goods.update(work.connection, changed)
    _clear_bench(work, prepared)


def _refurbished(work: Work, _entry: Entry, prepared: Prepared) -> None:
    """What was measured before the repair holds no more."""
    lot = _lot(prepared)
    items, repaired = _by_source(work, [lot]), []
    for _, _, row in _rows(prepared):
        item = items.get(_source(lot, row)) if "src" in row else None
        if item is not None:
            steps = {"steps": row["steps"]} if "steps" in row else dict(row.get("repair", {}))
            item = replace(item, grade="ungraded")
            repaired.append(item.with_facts(repair=steps, condition="refurbished", measurement={}))
    goods.update(work.connection, repaired)
    _clear_bench(work, prepared)


def _clear_bench(work: Work, prepared: Prepared) -> None:
    """Nothing that was typed at the bench belongs to this work order any more."""
    for link in prepared.typed.record.body.subjects:
        if kind_of(link.id) == "work":
            drafts.clear(work.connection, link.id)


def _recheck(work: Work, entry: Entry, _prepared: Prepared) -> None:
    AFTER["recheck"](work, entry, {})


def _listed(work: Work, entry: Entry, prepared: Prepared) -> None:
    listed_elsewhere(work, entry, prepared)
    _recheck(work, entry, prepared)  # the gate publishes it, or ends it


def _unpacked(work: Work, entry: Entry, prepared: Prepared) -> None:
    for link in prepared.typed.record.body.subjects:
        if kind_of(link.id) == "shipment":
            AFTER["unpacked"](work, entry, {"shipment": link.id})


def _lot(prepared: Prepared) -> str:
    return next(link.id for link in prepared.typed.record.body.subjects if kind_of(link.id) == "lot")


def _rows(prepared: Prepared) -> Iterator[tuple[str, int, Row]]:
    """(part, number, row) of every row that came with the record."""
    for part in prepared.submission.rows:
        for n, row in enumerate(part.rows):
            yield part.part, n, parse_row(row, n)


def _by_source(work: Work, lots: Sequence[str]) -> dict[Source, Item]:
    found = (item for lot in lots for item in goods.of_lot(work.connection, lot))
    return {(item.lot, item.source_event, item.source_n): item for item in found}


def _source(lot: str, row: Row) -> Source:
    return lot, row["src"]["event_id"], row["src"]["n"]


_FOLLOW: Final[Mapping[str, Callable[[Work, Entry, Prepared], None]]] = {
    "lot.declared": _declared,
    "lot.split": _moved,
    "lot.merged": _moved,
    "lot.bundled": _moved,
    "lot.returned": _moved,
    "lot.inspected": _inspected,
    "lot.refurbished": _refurbished,
    "inspection.planned": lambda work, _entry, prepared: _clear_bench(work, prepared),
    "authorization.narrowed": _recheck,
    "authorization.revoked": _recheck,
    "lot.unpacked": _unpacked,
    "lot.listed": _listed,
    "lot.withdrawn": withdrawn_elsewhere,
}
