"""What machines measured for a work order: batches that devices signed, rows that stations sent."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection

from gateway.errors import RequestRefused
from gateway.measuring.findings import Article, lowest_of
from gateway.measuring.questions import measured_trouble
from gateway.people.identity import Identity
from gateway.store import drafts, files
from gateway.store.drafts import Draft
from gateway.wiring import Installation
from gateway.workflows import measure
from gateway.workflows.measure import Bench
from gateway.workflows.measure_sheet import asked_of
from ledger.core import manifest
from ledger.record import Ledger
from ledger.store import log

ERRORS_MAX: Final = 100
_SHARE: Final = re.compile(r"0(\.[0-9]{1,6})?|1(\.0{1,6})?")


class RowsRefused(RequestRefused):
    """Rows of a station that cannot be taken; none is. errors: (JSON pointer, slug)."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        listed = [{"pointer": pointer, "code": slug, "facts": {}} for pointer, slug in errors[:ERRORS_MAX]]
        super().__init__("invalid-request", errors=listed)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A device's signed result. place: ``event id:row``, as a form carries it. source: as its row has it."""

    measured: Mapping[str, Any]
    confidence: str
    event_id: str
    n: int

    @property
    def place(self) -> str:
        return f"{self.event_id}:{self.n}"


@dataclass(frozen=True, slots=True)
class StationRow:
    """As a station sends it. article: identifier, or "" with the number of a row or drawn unit.

    confidence: a share, "" where the station states none. photos: ids of files that it sent before.
    """

    article: str
    number: int | None
    measured: Mapping[str, Any]
    confidence: str
    photos: Sequence[str]


def proposals(connection: Connection, bench: Bench) -> dict[str, Proposal]:
    """The devices' signed results by slot; of several the last."""
    found: dict[str, Proposal] = {}
    for batch in bench.state.batches:
        for n, data in enumerate(log.manifest_rows(connection, batch.event_id)):
            facts = None if data is None else manifest.parse_row(data, n)
            slot = None if facts is None else _slot(bench, facts)
            if facts is not None and slot is not None:
                measured, confidence = facts.get("measured", {}), str(facts.get("confidence", ""))
                found[slot] = Proposal(measured, confidence, batch.event_id, n)
    return found


def proposal_for(connection: Connection, bench: Bench, slot: str) -> Proposal | None:
    return proposals(connection, bench).get(slot) if bench.state.batches else None


def _slot(bench: Bench, facts: Mapping[str, Any]) -> str | None:
    """Where a device's row belongs; None where it names its unit in another way than this work does."""
    source, unit = facts.get("src"), facts.get("unit")
    if bench.sample is not None:
        return f"u{unit}" if type(unit) is int and (source is not None) == bench.has_rows else None
    if isinstance(source, dict) and unit is None and type(source.get("n")) is int:
        return f"r{source['n']}"
    return None


def repeated(
    connection: Connection, bench: Bench, place: str, measured: Mapping[str, Any]
) -> dict[str, Any] | None:
    """``{event_id, n}`` of the device's result that ``measured`` repeats; None once a person changed it."""
    for one in proposals(connection, bench).values() if place else ():
        if one.place == place and all(measured.get(name) == value for name, value in one.measured.items()):
            return {"event_id": one.event_id, "n": one.n}
    return None


def take_over(installation: Installation, identity: Identity, work: str) -> int:
    """Take over what devices and stations were sure of, where nothing is missing; how many articles.

    Raises NotFound, Refused ``work-closed``.
    """
    return installation.writer.do(taking_over(installation, identity, work))


def taking_over(
    installation: Installation, identity: Identity, work: str, *, ungraded: bool = False
) -> Callable[[Ledger], int]:
    """The unit of ``take_over``. ungraded: also articles that lack a measurement, and have no grade so."""

    def found(connection: Connection, bench: Bench) -> list[tuple[Article, Mapping[str, Any]]]:
        if bench.scheme is None:
            return []
        signed = proposals(connection, bench)
        articles = measure.articles(connection, bench)
        standing = drafts.at_slots(connection, work, [one.slot for one in articles])
        taken: list[tuple[Article, Mapping[str, Any]]] = []
        for article in articles:
            draft, signed_one = standing.get(article.slot), signed.get(article.slot)
            findings: tuple[Mapping[str, Any], ...] = ()
            if draft is not None:
                findings = draft.findings if draft.state == "proposed" else ()
            elif signed_one is not None and article.quantity == 1:
                device = {"event_id": signed_one.event_id, "n": signed_one.n}
                findings = ({"measured": dict(signed_one.measured), "device": device},)
            grade = lowest_of(bench.scheme, findings)
            if grade and (ungraded or grade != "ungraded"):
                members = {"state": "measured", "source": "station", "findings": findings}
                taken.append((article, {**members, "units": article.quantity, "grade": grade}))
        return taken

    return measure.saving_many(installation, identity, work, found)


def sending(
    installation: Installation, identity: Identity, work: str, rows: Sequence[StationRow], threshold: str
) -> Callable[[Ledger], int]:
    """The unit that keeps a station's rows as proposals; how many. All or nothing, signed by nobody.

    threshold: confidence under which a person decides, "" for none. The unit raises NotFound,
    RowsRefused, Refused ``work-closed``.
    """

    def found(connection: Connection, bench: Bench) -> list[tuple[Article, Mapping[str, Any]]]:
        articles = measure.articles(connection, bench)
        names = {line.n: line.identifier for line in drafts.lines(connection, bench.lot)}
        named = {names[one.source[1]]: one for one in articles if one.source}
        numbered: dict[int | None, Article] = {one.position: one for one in articles}
        standing = drafts.at_slots(connection, work, [one.slot for one in articles])
        taken: dict[str, tuple[Article, Mapping[str, Any]]] = {}
        errors: list[tuple[str, str]] = []
        for n, row in enumerate(rows):
            member = "article" if row.article else "number"
            article = named.get(row.article) if row.article else numbered.get(row.number)
            slug = _place_trouble(article, taken, standing)
            wrong = [(f"/rows/{n}/{member}", slug)] if slug else []
            wrong += _troubles(connection, bench, identity, n, row)
            if article is not None and not wrong:
                taken[article.slot] = (article, _members(connection, bench, article, row, threshold))
            errors += wrong
        if errors:
            raise RowsRefused(errors)
        return list(taken.values())

    return measure.saving_many(installation, identity, work, found)


def _place_trouble(article: Article | None, taken: Collection[str], standing: Mapping[str, Draft]) -> str:
    """Why a row cannot be about this article. What a person measured, no station writes over."""
    if article is None:
        return "article-unknown"
    if article.slot in taken:
        return "article-twice"
    found = standing.get(article.slot)
    return "measured-already" if found is not None and found.state == "measured" else ""


def _troubles(
    connection: Connection, bench: Bench, identity: Identity, n: int, row: StationRow
) -> list[tuple[str, str]]:
    assert bench.scheme is not None
    errors = []
    trouble = measured_trouble(bench.scheme, asked_of(bench), row.measured)
    if trouble:
        errors.append((f"/rows/{n}/measured/{trouble[0]}", trouble[1]))
    if row.confidence and not _SHARE.fullmatch(row.confidence):
        errors.append((f"/rows/{n}/confidence", "not-a-share"))
    for place, photo in enumerate(row.photos):
        file = files.find(connection, photo, owner=identity.organisation)
        if file is None or file.erased_at is not None or file.lot != bench.lot or not file.thumbnail:
            errors.append((f"/rows/{n}/photos/{place}", "file-not-yours"))
    return errors


def _members(
    connection: Connection, bench: Bench, article: Article, row: StationRow, threshold: str
) -> Mapping[str, Any]:
    assert bench.scheme is not None
    unsure = threshold and row.confidence and Decimal(row.confidence) < Decimal(threshold)
    finding: dict[str, Any] = {"measured": dict(row.measured)}
    if article.quantity > 1:
        finding["quantity"] = article.quantity
    return {
        "state": "referred" if unsure else "proposed",
        "source": "station",
        "findings": (finding,),
        "units": article.quantity,
        "grade": lowest_of(bench.scheme, [finding]),
        "confidence": row.confidence,
        "files": tuple((id_, _digest(connection, id_)) for id_ in row.photos),
    }


def _digest(connection: Connection, file_id: str) -> str:
    file = files.find(connection, file_id, owner=None)
    assert file is not None  # looked at before
    return file.sha256
