"""Hand out a lot pack: what the receiver may see, verified before it leaves the house."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from exporters import audit_pack
from exporters.audit_pack import Evidence
from gateway.errors import NotFound, Refused
from gateway.store import shipments, trade
from gateway.store.trade import Order
from gateway.wiring import Installation
from gateway.workflows.disclosure import Receiver, may_see, sees_all_rows
from gateway.workflows.order_parts import parts_of
from gateway.workflows.shipment_papers import object_key
from ledger import pack_evidence
from ledger.core.leaf import Leaf
from ledger.core.policy import Policy
from ledger.errors import MissingEvidence, NotVisible
from ledger.pack import verify
from ledger.pack_evidence import Histories
from ledger.pack_private import Place

PATIENCE_S = 2.0  # how long a pack waits for what is being published at this moment
BOUND_TO_ORDERS = ("buyer", "customs")


@dataclass(frozen=True, slots=True)
class Pack:
    """content: the zip. missing: files that were issued to this receiver and are not here any more."""

    filename: str
    content: bytes
    records: int
    missing: tuple[str, ...]


def export_lot(installation: Installation, lot: str, receiver: Receiver, company: str | None = None) -> Pack:
    """The pack of a lot as of the visible checkpoint. company: the buyer whose orders are opened.

    Raises NotFound when no published record is about the lot, Refused when it was sold to several and
    none is named, NotVisible when publication does not come to rest, and ProofError, MissingEvidence or
    InvalidRecord where the pack would not verify: then none is handed out.
    """
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return _export(installation, lot, receiver, company)
        except NotVisible:
            if time.monotonic() >= until:
                raise
            time.sleep(0.1)


def _export(installation: Installation, lot: str, receiver: Receiver, company: str | None) -> Pack:
    verifier = installation.verifier()
    with installation.database.reading() as connection:
        histories = pack_evidence.collect(connection, verifier, lot)
        if histories is None:
            raise NotFound(lot)
        orders = _orders(connection, lot, receiver, company)
        own = _Own(connection, orders)
        documents, missing = _documents(installation, connection, histories, receiver, own)
        evidence = Evidence(
            histories=histories,
            checkpoint=verifier.checkpoint,
            note=verifier.note,
            policy=_policy(installation),
            openings=pack_evidence.openings(connection, histories, _seen_by(receiver, own)),
            rows=pack_evidence.rows(connection, histories, _rows(connection, receiver, orders)),
            documents=documents,
            handovers=pack_evidence.handovers(connection, verifier, installation.log),
        )
    content = audit_pack.render(evidence)
    verify(content, Policy.trusting(installation.config.vkey), audit_pack.check_words)
    return Pack(f"lot-{lot.partition(':')[2]}.zip", content, len(histories.leaves), missing)


def _orders(connection: Connection, lot: str, receiver: Receiver, company: str | None) -> Sequence[Order]:
    """The orders that are the receiver's own."""
    orders = trade.orders(connection, lot=lot)
    if receiver not in BOUND_TO_ORDERS:
        return []
    buyers = sorted({order.company for order in orders})
    if company is None and len(buyers) > 1:
        raise Refused("company-needed", f"the lot was sold to {', '.join(buyers)}: name one with --company")
    return [order for order in orders if order.company == (company or order.company)]


class _Own:
    """The records that belong to some orders."""

    def __init__(self, connection: Connection, orders: Sequence[Order]) -> None:
        self._sold = {order.sold_event for order in orders}
        self._shipments = {one.id for order in orders for one in shipments.of_order(connection, order.id)}

    def __contains__(self, leaf: Leaf) -> bool:
        links = {link.id for link in leaf.record.body.subjects}
        return leaf.record.event_id in self._sold or not links.isdisjoint(self._shipments)


def _seen_by(receiver: Receiver, own: _Own) -> Callable[[Leaf, str], bool]:
    return lambda leaf, field: may_see(receiver, leaf.record.body.type, field, own=leaf in own)


def _rows(connection: Connection, receiver: Receiver, orders: Sequence[Order]) -> list[Place] | None:
    """Where the goods of the orders stand in the lot's manifest; None: all of it."""
    if sees_all_rows(receiver):
        return None
    items = [part.item for order in orders for part in parts_of(connection, order)]
    return sorted({(item.source_event, item.source_n) for item in items})


def _documents(
    installation: Installation,
    connection: Connection,
    histories: Histories,
    receiver: Receiver,
    own: _Own,
) -> tuple[dict[int, bytes], tuple[str, ...]]:
    """(index of the record -> file, numbers of files that are gone)."""
    found, missing = {}, []
    issued = {document.event_id: document for document in trade.documents(connection)}
    for leaf, _ in histories.leaves:
        document = issued.get(leaf.record.event_id)
        if document is None or document.media_type != "application/pdf":
            continue
        if not may_see(receiver, "document.issued", "number", own=leaf in own):
            continue
        try:
            found[leaf.index] = installation.files.get(object_key(document.sha256))
        except MissingEvidence:
            missing.append(document.number)
    return found, tuple(missing)


def _policy(installation: Installation) -> bytes:
    try:
        return installation.policy_path.read_bytes()
    except OSError as error:
        raise MissingEvidence(f"{installation.policy_path} cannot be read: {error}") from error
