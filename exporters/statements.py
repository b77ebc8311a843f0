"""What a dossier states of its goods must agree with itself: tests, inspections, authorizations, balances."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from exporters.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exporters.dossier import ShipmentDossier
    from exporters.goods import Line
    from exporters.proofs import Authorization, Inspection, RecordRef


def problems_of(dossier: ShipmentDossier) -> Iterator[Problem]:
    """Every contradiction in what is stated, in the order of the members."""
    for n, line in enumerate(dossier.lines):
        yield from _tests(f"lines.{n}.tests", line, dossier)
    yield from _balances(dossier)
    for n, inspection in enumerate(dossier.inspections or ()):
        yield from _inspection(f"inspections.{n}", inspection, dossier)
    for n, grant in enumerate(dossier.authorizations or ()):
        yield from _authorization(f"authorizations.{n}", grant, dossier)
    if dossier.reuse and dossier.reference(dossier.reuse.contract) is None:
        yield Problem("reuse.contract", f"there is no {dossier.reuse.contract} among the references")
    for path, record in _records(dossier):
        if record.index >= dossier.ledger.tree_size:
            reason = f"entry {record.index} is outside a tree of {dossier.ledger.tree_size}"
            yield Problem(f"{path}.record.index", reason)


def _tests(path: str, line: Line, dossier: ShipmentDossier) -> Iterator[Problem]:
    if line.tests is None:
        return
    articles = line.tests.articles
    if len(articles) != line.quantity:
        yield Problem(f"{path}.articles", f"{len(articles)} tested of {line.quantity} pieces")
    for article, times in Counter(each.article for each in articles).items():
        if times > 1:
            yield Problem(f"{path}.articles", f"article {article} stands {times} times")
    for n, each in enumerate(articles):
        if each.tested_on > dossier.issue_date:
            yield Problem(f"{path}.articles.{n}.tested_on", "tested after the papers were issued")
        if dossier.reuse and each.result == "fail":
            reason = f"{each.article} failed: an article that does not work is waste, not goods for re-use"
            yield Problem(f"{path}.articles.{n}.result", reason)


def _balances(dossier: ShipmentDossier) -> Iterator[Problem]:
    shipped: Counter[str] = Counter()
    for line in dossier.lines:
        shipped[line.lot] += line.quantity
    for n, balance in enumerate(dossier.balances or ()):
        if shipped[balance.lot] > balance.available:
            reason = f"{shipped[balance.lot]} shipped, {balance.available} left in the ledger"
            yield Problem(f"balances.{n}.available", reason)


def _inspection(path: str, inspection: Inspection, dossier: ShipmentDossier) -> Iterator[Problem]:
    if inspection.lot not in {line.lot for line in dossier.lines}:
        yield Problem(f"{path}.lot", f"{inspection.lot} is not in this shipment")
    if inspection.sample > inspection.quantity:
        yield Problem(f"{path}.sample", f"{inspection.sample} drawn from {inspection.quantity} pieces")
    if inspection.inspected_on > dossier.issue_date:
        yield Problem(f"{path}.inspected_on", "inspected after the papers were issued")
    over = [tally.defect for tally in inspection.tallies if tally.found > tally.allowed]
    if inspection.result == "accepted" and over:
        yield Problem(f"{path}.result", f"accepted with more {', '.join(over)} defects than allowed")


def _authorization(path: str, grant: Authorization, dossier: ShipmentDossier) -> Iterator[Problem]:
    if not grant.valid_from <= dossier.issue_date or (
        grant.valid_to is not None and grant.valid_to < dossier.issue_date
    ):
        yield Problem(f"{path}.valid_to", f"not in force on {dossier.issue_date}")
    destination = dossier.route.destination_country if dossier.route else None
    allowed = not grant.countries or destination in grant.countries
    if destination and (not allowed or destination in grant.excluded_countries):
        yield Problem(f"{path}.countries", f"{destination} is not one of the countries it allows")


def _records(dossier: ShipmentDossier) -> Iterator[tuple[str, RecordRef]]:
    for n, line in enumerate(dossier.lines):
        if line.tests and line.tests.record:
            yield f"lines.{n}.tests", line.tests.record
    for name in ("balances", "inspections", "authorizations"):
        for n, item in enumerate(getattr(dossier, name) or ()):
            if item.record:
                yield f"{name}.{n}", item.record
