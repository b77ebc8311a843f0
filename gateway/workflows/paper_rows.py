"""What is written down of papers: a row a paper, a row a file, and the data of each record."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from exporters.dossier import dossier_hash
from gateway.store import shipments
from gateway.store.dossiers import DossierFile
from gateway.store.shipments import Shipment
from gateway.store.trade import IssuedDocument
from gateway.workflows.make_papers import Made, Papers
from gateway.workflows.shipment_readiness import rule_pack


def rows_of(
    connection: Connection, shipment: Shipment, papers: Papers, events: Mapping[str, str]
) -> list[IssuedDocument]:
    """One a paper, its PDF where it has one. events: event id by the name of a file that is recorded."""
    first = shipments.lines(connection, shipment.id)[0].order_id
    found: dict[str, IssuedDocument] = {}
    for one in sorted(papers.made, key=lambda one: not one.name.endswith(".pdf")):
        entry = papers.dossier.document(one.kind)
        if one.is_draft or one.renderer is None or entry is None or one.kind in found:
            continue
        document = one.document
        found[one.kind] = IssuedDocument(
            code=entry.code,
            shipment=shipment.id,
            order_id=first,
            kind=one.kind,
            number=entry.number,
            filename=document.filename,
            media_type=document.media_type,
            pages=document.pages,
            sha256=document.sha256.hex(),
            dossier_sha256=dossier_hash(papers.dossier).hex(),
            event_id=events.get(one.name, ""),
            issued_on=papers.dossier.issue_date.isoformat(),
            superseded_by=None,
        )
    return list(found.values())


def data_of(papers: Papers, one: Made, supersedes: str) -> dict[str, Any]:
    """Of ``document.issued``. supersedes: event id of the record of the same file before, "" of none."""
    assert one.renderer is not None
    data = {
        "kind": one.kind,
        "renderer": one.renderer.name,
        "rule_pack": rule_pack(),
        "sha256": one.document.sha256.hex(),
        "dossier_sha256": dossier_hash(papers.dossier).hex(),
    }
    return data | ({"supersedes": supersedes} if supersedes else {})


def number_of(papers: Papers, one: Made) -> str:
    entry = papers.dossier.document(one.kind)
    assert entry is not None  # it was rendered for that entry
    return entry.number


def file_of(papers: Papers, one: Made) -> DossierFile:
    document, entry = one.document, papers.dossier.document(one.kind)
    return DossierFile(
        name=one.name,
        kind=one.kind,
        code=entry.code if entry else "",
        filename=document.filename,
        media_type=document.media_type,
        pages=document.pages,
        size=len(document.content),
        sha256=document.sha256.hex(),
        renderer=one.renderer.name if one.renderer else "",
    )
