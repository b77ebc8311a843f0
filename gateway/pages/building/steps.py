"""A verified history as the steps of a page: who signed, where, what the record says in public."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from gateway.pages import words
from gateway.pages.building.erased import Erasure, about
from gateway.pages.building.grade import in_words
from gateway.pages.building.reading import author_time, short
from gateway.pages.views import (
    Correction,
    Fact,
    Hash,
    Mass,
    Reason,
    Signer,
    Step,
    Territory,
    Value,
    Word,
)
from gateway.store import tables
from gateway.workflows.gate import distrusted_of
from ledger.core.envelope import Signer as SignedBy
from ledger.core.leaf import Leaf
from ledger.lots.distrust import distrusted_keys
from ledger.lots.state import KeyState
from ledger.records.parties import Custody
from ledger.store import log
from ledger.store.tables import table
from ledger.verify import History, Standing

PARTIES = table(tables.PartyRow)
WORSE = (
    "",
    "unpublished",
    "distrusted",
    "changed",
    "missing",
)  # of two links of one record, the worse counts

_WORDS = {
    "condition": "conditions",
    "surplus_cause": "surplus_causes",
    "origin_channel": "channels",
    "category": "categories",
    "supply_mode": "supply_modes",
    "goods": "goods_kinds",
    "coverage": "coverages",
    "custody": "custodies",
    "grade": "grades",
    "level": "code_levels",
    "label_clause": "label_clauses",
    "outcome": "outcomes",
    "cause": "causes",
    "supplier_type": "supplier_types",
    "verdict": "audit_verdicts",
    "label_state": "label_states",
    "boots": "yes_no",
    "locked": "yes_no",
    "damage": "findings",
    "function": "findings",
    "wear": "findings",
    "part_origin": "part_origins",
    "wipe_method": "wipe_methods",
    "severity": "severities",
    "lot_grade": "grades",
    "minimum_grade": "grades",
    "safety": "safety_classes",
    "purpose": "label_purposes",
    "site": "sites",
}
# A member may mean different things in different types; the first table that knows the word says it.
_WORDS_OF_SEVERAL = {
    "kind": ("party_kinds", "work_kinds", "exits", "document_kinds"),
    "reason": ("record_reasons", "reasons"),
    "method": ("destruction_methods", "wipe_methods"),
    "format": ("label_formats",),
}
_TERRITORIES = {"country", "origin_country"}
_COUNTED = {"children", "codes", "rows"}
_DAYS = {
    "measured_at", "produced_on", "produced_from", "produced_until", "valid_from", "valid_until", "until",
    "window_start", "received_on", "consigned_until",
}  # fmt: skip


class People:
    """What the public may know of signers; asked once a page."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._kinds: dict[str, str] = {}
        self._keys: dict[str, KeyState | None] = {}
        self._places: dict[str, tuple[str, str]] = {}

    def signers(self, leaf: Leaf) -> tuple[Signer, ...]:
        """The author first; the worker's pseudonym stands with the author."""
        body = leaf.record.body
        distrusted = distrusted_keys(body, leaf.index, self._key)
        return tuple(
            self._signer(by, body.performed_by if by == body.author else None, by.key in distrusted)
            for by in body.signers
        )

    def _signer(self, by: SignedBy, performed_by: str | None, is_distrusted: bool) -> Signer:
        return Signer(
            role=by.role,
            party_kind=self.kind_of(by.party),
            party_short=short(by.party),
            key_id=by.key,
            custody=self._custody_of(by.key),
            performed_by=short(performed_by) if performed_by else "",
            distrusted=is_distrusted,
        )

    def place(self, party: str) -> tuple[str, str]:
        """(city, country) of a party, empty where it is not known."""
        if party not in self._places:
            row = self._connection.execute(PARTIES.select().where(PARTIES.c.party == party)).one_or_none()
            self._places[party] = (row.city, row.country) if row else ("", "")
        return self._places[party]

    def kind_of(self, party: str) -> str:
        if party not in self._kinds:
            subject = log.subject(self._connection, party)
            self._kinds[party] = subject.state.kind if subject else "registrar"
        return self._kinds[party]

    def _custody_of(self, key_id: str) -> Custody:
        """The operator's own roots (registrar, log, heads) are registered in entry 0, not as keys."""
        key = self._key(key_id)
        return "operator" if key is None else key.custody

    def _key(self, key_id: str) -> KeyState | None:
        if key_id not in self._keys:
            self._keys[key_id] = log.key(self._connection, key_id)
        return self._keys[key_id]


def steps_of(history: History, people: People, erasures: Sequence[Erasure] = ()) -> tuple[Step, ...]:
    """One step a record; a split stands in the chains of parent and child and is shown once."""
    corrections = _corrections(history)
    steps = (_step(record, history.lot, people, corrections) for record in merged(history.records))
    return tuple(
        replace(step, erased=tuple(one.note for one in about(erasures, step.event_id))) for step in steps
    )


def merged(records: Sequence[Standing]) -> list[Standing]:
    """Records by index, each once, with the worst that was found in any of its chains."""
    found: dict[int, Standing] = {}
    for record in records:
        known = found.get(record.index)
        if known is None or WORSE.index(record.trouble) > WORSE.index(known.trouble):
            found[record.index] = record
    return [found[index] for index in sorted(found)]


def troubles_of(history: History) -> tuple[Reason, ...]:
    """Why the verdict is not "unaltered": one reason a record, and one for a chain not proved whole.

    A distrusted record that the goods no longer rest on is none; its own step shows it for ever.
    """
    slugs = {"missing": "record-missing", "changed": "record-changed", "distrusted": "key-distrusted"}
    resting = {record.index for record in distrusted_of(history)}
    reasons = [
        Reason(slug=slugs[record.trouble], entry=record.index)
        for record in merged(history.records)
        if record.trouble in slugs and (record.trouble != "distrusted" or record.index in resting)
    ]
    told = {record.message for record in history.records}
    if any(problem not in told for problem in history.problems):
        reasons.append(Reason(slug="not-whole"))
    return tuple(reasons)


def _step(record: Standing, lot: str, people: People, corrections: dict[str, Correction]) -> Step:
    leaf = record.leaf
    if leaf is None:
        is_missing = record.trouble == "missing"
        return Step(
            index=record.index,
            type="unreadable",
            event_id=record.event_id,
            trouble="missing" if is_missing else "changed",
        )
    body = leaf.record.body
    city, country = people.place(body.author.party)
    return Step(
        index=record.index,
        type=body.type,
        at=author_time(body),
        city=city,
        country=country,
        signers=people.signers(leaf),
        event_id=leaf.record.event_id,
        record_href=f"/v1/entries/{record.index}",
        facts=tuple(brief_facts(body.type, body.data, lot)),
        correction=corrections.get(leaf.record.event_id),
        trouble=record.trouble,
    )


def _corrections(history: History) -> dict[str, Correction]:
    return {
        record.leaf.record.body.data["record"]: Correction(
            index=record.index, reason=record.leaf.record.body.data["reason"]
        )
        for record in history.records
        if record.leaf is not None and record.leaf.record.body.type == "correction.recorded"
    }


_BRIEF: dict[str, tuple[str, ...]] = {
    "lot.declared": ("quantity", "condition", "surplus_cause", "origin_country"),
    "lot.received": ("declared", "counted", "unidentified"),
    "lot.recounted": ("counted", "unidentified"),
    "inspection.planned": ("aql", "lot_size", "sample_size"),
    "lot.inspected": ("coverage", "grades", "lot_grade", "overrides"),
    "lot.insured": ("valid_from", "valid_until"),
    "device.measured": ("model_version", "referred"),
    "lot.refurbished": ("steps",),
    "codes.issued": ("level", "codes"),
    "labels.printed": ("labels", "purpose", "reason"),
    "lot.sold": ("grade",),
    "lot.packed": ("packages", "mass_g"),
    "lot.shipped": ("packages", "mass_g"),
    "lot.delivered": ("packages", "mass_g"),
    "lot.withdrawn": ("reason",),
    "lot.lost": ("quantity", "reason"),
    "lot.destroyed": ("quantity", "reason", "method"),
    "lot.disposed": ("kind", "quantity"),
    "lot.classified": ("safety",),
    "lot.recalled": ("reason",),
    "lot.released": ("reason",),
    "brand.consented": ("cause",),
    "consignment.ended": ("outcome", "until"),
    "dispute.settled": ("cause", "outcome"),
    "freight.billed": ("received_on", "site"),
    "title.transferred": ("supply_mode",),
    "correction.recorded": ("reason",),
    "erasure.recorded": ("reason", "rows"),
}


def brief_facts(type_: str, data: dict[str, Any], lot: str) -> Iterator[Fact]:
    """The few public facts that a timeline shows. lot: whose timeline it is."""
    if type_ == "lot.split":
        yield Fact(name="children", value=len(data["children"]))
        own = next((child for child in data["children"] if child["id"] == lot), None)
        if own is not None:
            yield Fact(name="this_lot", value=own["quantity"])
        return
    for name in _BRIEF.get(type_, ()):
        if name in data:
            yield from facts_of(name, data[name])


def all_facts(data: dict[str, Any]) -> Iterator[Fact]:
    """Every public fact of a record, in the order in which it is hashed."""
    for name, value in data.items():
        yield from facts_of(name, value)


def facts_of(name: str, value: Any) -> Iterator[Fact]:
    """One member of a record's data as facts in words."""
    match name, value:
        case "grades", [*items]:
            for item in items:
                yield Fact(name=item["grade"], table="grades", value=item["count"])
        case "steps", [*items]:
            for item in items:
                yield Fact(name=item["kind"], table="steps", value=item["count"])
        case "scheme" | "tables", {"id": id_, "version": version, "sha256": sha256}:
            yield Fact(name=name, value=f"{id_}/{version}")
            yield Fact(name=f"{name}_sha256", value=Hash(text=sha256))
        case "overrides", [*items]:
            for item in items:
                reason = in_words(item["reason"])
                told = f"{item['found']} → {item['given']} ({reason}): {item['count']}"
                yield Fact(name="overrides", value=told)
        case "manifest", {"schema": schema, "count": count, "rows_root": root}:
            yield Fact(name="manifest", value=schema)
            yield Fact(name="rows", value=count)
            yield Fact(name="rows_root", value=Hash(text=root))
        case "remaining", {"quantity": quantity}:
            yield Fact(name="remaining", value=quantity)
        case "categories", [*items]:
            for item in items:
                yield Fact(name="category", value=Word(table="categories", slug=str(item)))
        case "registrars", [*items]:
            for item in items:
                yield Fact(name="registrar", value=item["party"])
        case _:
            yield Fact(name=name, value=_value(name, value))


def _value(name: str, value: Any) -> Value:
    if name in _COUNTED and isinstance(value, list):
        return len(value)
    if isinstance(value, bool):
        return Word(table="yes_no", slug="yes" if value else "no")
    if isinstance(value, int):
        return Mass(mass_g=value) if name == "mass_g" else value
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return _word(name, str(value))


def _word(name: str, text: str) -> Value:
    if name in _WORDS:
        return Word(table=_WORDS[name], slug=text)
    for table_ in _WORDS_OF_SEVERAL.get(name, ()):
        if words.message_id(table_, text):
            return Word(table=table_, slug=text)
    if name in _DAYS:
        return date.fromisoformat(text)
    if name in _TERRITORIES:
        return Territory(code=text)
    if len(text) == 64 and set(text) <= set("0123456789abcdef"):
        return Hash(text=text)
    return text
