"""Issue the papers of a shipment: assemble, ask the rules, make, validate, keep, and record each by its hash.

One action, as often as one likes. Where nothing changed, nothing happens; where facts changed since, the next
version supersedes the one before. Where the rules leave something open, drafts are made, and nothing is
recorded. Cut off anywhere, it begins again: files are kept by content, records are one transaction.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, select

from exporters.document import Document
from exporters.dossier import ShipmentDossier, assemble, canonical_json, dossier_hash, parse
from exporters.readiness import Level, Readiness
from gateway.errors import NotFound, Refused
from gateway.people.identity import Identity
from gateway.statements import hands
from gateway.store import dossiers, shipments, trade
from gateway.store import statements as stored
from gateway.store.dossiers import Dossier
from gateway.store.shipments import Shipment
from gateway.trade.shipment_states import UNDER_WAY, State
from gateway.wiring import Installation
from gateway.workflows import dossier_zip
from gateway.workflows.dossier_facts import NUMBER_ENDINGS, Named, facts_of, serial_lists
from gateway.workflows.dossier_snapshot import Snapshot, snapshot
from gateway.workflows.make_papers import Papers, Progress, make, why_not
from gateway.workflows.paper_rows import data_of, file_of, number_of, rows_of
from gateway.workflows.parties import operator_hand
from gateway.workflows.prepare import Wanted
from gateway.workflows.shipment_moves import moved, not_now, standing
from gateway.workflows.shipment_papers import object_key, required_kinds
from gateway.workflows.shipment_readiness import readiness_of, rule_pack
from gateway.workflows.shipment_waiting import wait
from gateway.workflows.work import STEPS, Work, once
from ledger.core.canonical import dumps
from ledger.errors import MissingEvidence
from ledger.record import Ledger
from qrcodes.serial import new_code

ISSUABLE: Final = frozenset[State]({"packed", "documents_ready", "delivered"}) | UNDER_WAY
SERIALS_MEDIA: Final = "text/csv; charset=utf-8"
# What two versions differ in without any fact of the goods having changed.
_OF_THE_MOMENT: Final = frozenset(
    {"version", "supersedes", "issue_date", "documents", "ledger", "balances", "evidence"}
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What would be issued now. previous: the newest issued version; is_new: whether anything changed."""

    told: Snapshot
    dossier: ShipmentDossier
    readiness: Readiness
    previous: Dossier | None
    is_new: bool


def check(installation: Installation, shipment: Shipment, *, draw: bool = True) -> Checked:
    """Assemble the next version and ask the rules of it; writes nothing but its codes, once.

    draw: False for a look, which writes nothing at all: its pages have no codes that lead anywhere.
    Raises InvalidDossier where facts do not fit together, naming each field.
    """
    with installation.database.reading() as connection:
        told = snapshot(installation, connection, shipment)
        previous = dossiers.issued(connection, shipment.id)
        asked = _asked_for(connection, shipment.id)
    begun = dossier_of(installation, asked) if asked else None
    number = previous.version + 1 if previous else 1
    kinds = _kinds(installation, shipment)
    codes = _codes(installation, shipment, number, kinds) if draw else _no_codes(kinds)
    named = Named(number, previous.sha256 if previous else None, codes)
    facts = facts_of(told, named)
    whole = assemble(facts)
    left = [entry for entry in facts["documents"] if not why_not(whole, entry["kind"])]
    dossier = assemble(facts | {"documents": left})
    if begun is not None and not _differs(begun, dossier):
        return Checked(told, begun, readiness_of(told), previous, is_new=True)  # the rest of it is asked for
    before = None if previous is None else dossier_of(installation, previous)
    is_revoked = previous is not None and previous.revoked_at is not None
    is_new = before is None or is_revoked or _differs(before, dossier)
    return Checked(told, dossier, readiness_of(told), previous, is_new)


def issue(
    installation: Installation,
    shipment_id: str,
    *,
    by: Identity,
    progress: Progress = lambda _done, _total: None,
    begun: Callable[[str], None] = lambda _sha256: None,
    begun_with: str = "",
) -> Shipment:
    """Make, keep and record every paper that applies; drafts, unrecorded, where the rules leave a fact open.

    begun: is told the hash of the dossier before any paper is made of it; begun_with: what an attempt before
    this one told, which is gone on with where no fact changed since. Raises Refused (shipment-not-now;
    papers-refused with what the rules forbid), InvalidDossier, IncompleteDossier, UnprintableText,
    FailedValidation: then nothing is recorded.
    """
    with installation.database.reading() as connection:
        shipment = _found(connection, shipment_id)
    if shipment.state not in ISSUABLE or shipment.waits_for:
        raise not_now(shipment)
    installation.publisher.publish()  # the papers name a tree head that shows what they rest on
    checked = check(installation, shipment)
    if not checked.is_new:
        _bundled(installation, shipment_id)  # an attempt before this one may have been cut off before it
        return shipment
    refuse_forbidden(checked.readiness)
    dossier = _go_on(installation, begun_with, checked.dossier)
    content = canonical_json(dossier)
    installation.files.create(object_key(sha256(content).hexdigest()), content)
    begun(sha256(content).hexdigest())
    papers = make(
        dossier,
        checked.readiness,
        rule_pack=rule_pack(),
        must=required_kinds(shipment.market),
        only=_renderers(installation, shipment),
        attached=_serials(checked.told),
        schemas_dir=installation.settings.schemas_dir,
        progress=progress,
    )
    for one in papers.made:
        installation.files.create(object_key(one.document.sha256.hex()), one.document.content)
    # Durable before it is recorded: a crash here leaves files that nothing names, and the next run makes
    # the papers again.
    after = installation.writer.do(lambda ledger: _noted(Work(installation, ledger), checked, papers, by))
    _bundled(installation, shipment_id)
    return after


def _bundled(installation: Installation, shipment_id: str) -> None:
    """Keep the zip of the newest version, once all of its papers are recorded."""
    installation.publisher.publish()
    with installation.database.reading() as connection:
        current = dossiers.issued(connection, shipment_id)
        shipment = _found(connection, shipment_id)
    if current is not None and not shipment.waits_for:
        dossier_zip.keep(installation, current)


def revoke(installation: Installation, shipment_id: str, *, by: Identity, reason: str) -> Dossier:
    """Take back the papers that were issued last: they count no more, until they are issued anew.

    Raises NotFound, Refused ``papers-not-issued`` where there are none, or they were revoked before.
    """
    return installation.writer.do(revoking(installation, shipment_id, by=by, reason=reason))


def revoking(
    installation: Installation, shipment_id: str, *, by: Identity, reason: str
) -> Callable[[Ledger], Dossier]:
    """The unit behind ``revoke``."""

    def unit(ledger: Ledger) -> Dossier:
        work = Work(installation, ledger)
        shipment = standing(work, shipment_id)
        current = dossiers.issued(work.connection, shipment_id)
        now = installation.clock.now()
        done = current and dossiers.revoke(work.connection, current, at=now, by=by.principal, reason=reason)
        if not done:
            raise Refused("papers-not-issued", "there are no papers that count")
        moved(work, shipment, shipment.state, by=by.principal, what="documents-revoked", reason=reason)
        return done

    return unit


def state_facts(
    installation: Installation, shipment_id: str, stated: Mapping[str, str], *, by: Identity
) -> Shipment:
    """Keep what a person says of a shipment; values as ``trade.papers.read_fact`` gives them."""
    return installation.writer.do(stating(installation, shipment_id, stated, by=by))


def stating(
    installation: Installation, shipment_id: str, stated: Mapping[str, str], *, by: Identity
) -> Callable[[Ledger], Shipment]:
    """The unit behind ``state_facts``."""

    def unit(ledger: Ledger) -> Shipment:
        work = Work(installation, ledger)
        shipment = standing(work, shipment_id)
        if shipment.state in ("cancelled", "returned", "lost"):
            raise not_now(shipment)
        now = installation.clock.now()
        if not dossiers.state_facts(work.connection, shipment_id, stated, at=now, by=by.principal):
            return shipment
        names = ", ".join(sorted(stated))[:500]
        return moved(
            work, shipment, shipment.state, by=by.principal, what="papers-facts-stated", reason=names
        )

    return unit


def refuse_forbidden(found: Readiness) -> None:
    """Raises Refused ``papers-refused`` naming each rule that the goods are known to break."""
    broken = [one for one in found.findings if one.rule.weighs == "block" and one.outcome == "fail"]
    if broken:
        told = [
            {
                "rule": one.rule.id,
                "facts": list(one.facts),
                "goods": list(one.goods),
                "source": one.rule.source,
            }
            for one in broken
        ]
        said = "; ".join(f"{one.rule.id}: {', '.join(one.facts)}" for one in broken)
        raise Refused("papers-refused", said, findings=told)


def _noted(work: Work, checked: Checked, papers: Papers, by: Identity) -> Shipment:
    """Write the version down with all its files: drafts alone, or each finished one with its record."""
    shipment = standing(work, checked.told.shipment.id)
    current = dossiers.issued(work.connection, shipment.id)
    if shipment.state not in ISSUABLE or shipment.waits_for or current != checked.previous:
        return shipment  # somebody else was first
    row = Dossier(
        shipment=shipment.id,
        version=papers.dossier.version,
        is_draft=papers.level != Level.READY,
        sha256=dossier_hash(papers.dossier).hex(),
        rule_pack=rule_pack(),
        level=papers.level.slug,
        manifest=papers.manifest.decode(),
        at=work.installation.clock.now(),
        by=by.principal,
    )
    if row.is_draft:
        dossiers.put(work.connection, row, [file_of(papers, one) for one in papers.made])
        return moved(work, shipment, shipment.state, by=by.principal, what="drafts-made")
    note = f"dossier:{shipment.id}" + (f":{row.version}" if row.version > 1 else "")
    text = canonical_json(papers.dossier).decode()
    # Papers that were issued before there were versions left their note: it stays what was printed then.
    if work.connection.execute(select(STEPS.c.step).where(STEPS.c.step == note)).first() is None:
        work.connection.execute(STEPS.insert(), [{"step": note, "result": dumps(text).decode()}])
    if shipment.custodian != work.installation.config.operator:
        # It counts once they have signed (``gateway.statements.shipping``); until then it is a draft.
        signed = {
            one.sha256: one.event_id for one in dossiers.files(work.connection, shipment.id, row.version)
        }
        files = [file_of(papers, one) for one in papers.made]
        kept = [replace(one, event_id=signed.get(one.sha256, "")) for one in files]
        dossiers.put(work.connection, replace(row, is_draft=True), kept)
        return _asked(work, shipment, papers, by)
    return _recorded(work, shipment, row, papers, by)


def _recorded(work: Work, shipment: Shipment, row: Dossier, papers: Papers, by: Identity) -> Shipment:
    before = {
        file.name: file.event_id for file in dossiers.files(work.connection, shipment.id, row.version - 1)
    }
    hand = operator_hand(work.installation, "sales", "exporter")
    files = []
    for one in papers.made:
        file = file_of(papers, one)
        if one.renderer is not None and not one.is_draft:
            data = data_of(papers, one, before.get(one.name, ""))
            committed = {"number": number_of(papers, one)}
            entry = work.record("document.issued", [hand], data, subjects=[shipment.id], committed=committed)
            file = replace(file, event_id=entry.event_id)
        files.append(file)
    dossiers.put(work.connection, row, files)
    _list(work, shipment, papers, {file.name: file.event_id for file in files})
    first = shipment.state == "packed"
    state: State = "documents_ready" if first else shipment.state
    what = "documents-issued" if row.version == 1 else "documents-amended"
    return moved(work, shipment, state, by=by.principal, what=what, waits_for="")


def _list(work: Work, shipment: Shipment, papers: Papers, events: Mapping[str, str]) -> None:
    """One row a paper, its PDF where it has one, and the papers before it are superseded by it."""
    old = [one for one in trade.documents_of_shipment(work.connection, shipment.id) if not one.superseded_by]
    new = rows_of(work.connection, shipment, papers, events)
    for row in new:
        trade.add_document(work.connection, row)
    by_kind = {row.kind: row.code for row in new}
    for one in old:
        # A kind that is not issued any more is superseded all the same: the invoice leads to the others.
        after = by_kind.get(one.kind) or by_kind["commercial_invoice"]
        trade.supersede(work.connection, one.code, after)


def _asked(work: Work, shipment: Shipment, papers: Papers, by: Identity) -> Shipment:
    """Where somebody else holds the goods, they are the exporter: each paper waits for their signature."""
    current = shipment
    place = hands.place(work.connection, shipment.custodian, "document.issued", "exporter")
    finished = {one.kind: one for one in papers.made if one.renderer is not None and not one.is_draft}
    there = {one.sha256 for one in trade.documents_of_shipment(work.connection, shipment.id)}
    waiting = stored.waiting_for(work.connection, shipment.custodian)
    there |= {one.draft["data"]["sha256"] for one in waiting if one.type == "document.issued"}
    for row in rows_of(work.connection, shipment, papers, {}):
        if row.sha256 in there:
            continue  # signed, or still asked for, when another one was declined
        one = finished[row.kind]
        data, committed = data_of(papers, one, ""), {"number": row.number}
        wanted = Wanted("document.issued", [shipment.id], [place], data, committed=committed)
        told = {"document": {name: getattr(row, name) for name in row.__slots__}, "file": one.name}
        current = wait(work, current, wanted, by, then="shipment-document", what="issue", told=told)
    return current


def _kinds(installation: Installation, shipment: Shipment) -> tuple[str, ...]:
    if shipment.custodian == installation.config.operator:
        return tuple(NUMBER_ENDINGS)
    return required_kinds(shipment.market)


def _renderers(installation: Installation, shipment: Shipment) -> tuple[str, ...] | None:
    """Where others have to sign for each paper, those that the market asks for; of our own goods all."""
    if shipment.custodian == installation.config.operator:
        return None
    return tuple(f"{kind}.pdf" for kind in required_kinds(shipment.market))


def _codes(
    installation: Installation, shipment: Shipment, version: int, kinds: tuple[str, ...]
) -> dict[str, str]:
    """Kind -> the code on its pages, given once for each version."""
    step = f"paper-codes:{shipment.id}:{version}"
    codes: dict[str, str] = once(
        installation, step, lambda _work: {kind: new_code(secrets.token_bytes(13)) for kind in kinds}
    )
    return codes


def _asked_for(connection: Connection, shipment_id: str) -> Dossier | None:
    """A version that is finished and waits, or waited, for whoever holds the goods to sign all of it."""
    versions = dossiers.of_shipment(connection, shipment_id)
    waits = versions and versions[-1].is_draft and versions[-1].level == Level.READY.slug
    return versions[-1] if waits else None


def _no_codes(kinds: tuple[str, ...]) -> dict[str, str]:
    return {kind: f"{number:020d}" for number, kind in enumerate(kinds)}


def _serials(told: Snapshot) -> dict[str, Document]:
    """One list a line; the dossier names each by its hash."""
    number = told.shipment.number
    return {
        f"serials.{line}": Document(f"{number}-serials-line-{line}.csv", SERIALS_MEDIA, content, pages=1)
        for line, content in serial_lists(told).items()
    }


def _go_on(installation: Installation, begun_with: str, now: ShipmentDossier) -> ShipmentDossier:
    """The dossier that was begun with, if it still says the same of the goods in the same version."""
    before = _parsed(installation, begun_with) if begun_with else None
    if before is None or before.version != now.version or _differs(before, now):
        return now
    return before


def _differs(before: ShipmentDossier, now: ShipmentDossier) -> bool:
    return before.model_dump(exclude=set(_OF_THE_MOMENT)) != now.model_dump(exclude=set(_OF_THE_MOMENT))


def dossier_of(installation: Installation, dossier: Dossier) -> ShipmentDossier | None:
    """As it was issued, from its file; None where the file is gone."""
    return _parsed(installation, dossier.sha256)


def _parsed(installation: Installation, sha256_: str) -> ShipmentDossier | None:
    """None where the file is gone."""
    try:
        return parse(installation.files.get(object_key(sha256_)))
    except MissingEvidence:
        return None


def _found(connection: Connection, shipment_id: str) -> Shipment:
    found = shipments.get(connection, shipment_id)
    if found is None:
        raise NotFound(shipment_id)
    return found
