"""Everything that a shipment's dossier is assembled from, read at one moment and never looked at again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from gateway.policies import load
from gateway.store import dossiers, party_names, purchases, shipments, tables, trade
from gateway.store.companies import Rules
from gateway.store.purchases import Purchase
from gateway.store.shipments import Container, Shipment
from gateway.store.trade import Company, Order
from gateway.trade.lateness import Leg
from gateway.trade.packing import Carton, Pallet
from gateway.trade.shipment_states import LEFT
from gateway.wiring import Installation
from gateway.workflows.delivery import delivery_of
from gateway.workflows.links import link_of
from gateway.workflows.shipment_papers import Loaded, load_of
from ledger.core.leaf import Leaf
from ledger.family import line_of
from ledger.lots.permission import Link
from ledger.lots.state import LotState
from ledger.store import log
from ledger.store.tables import table

PARTIES = table(tables.PartyRow)


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """A party of the ledger as papers name it."""

    party: str
    name: str
    name_local: str
    address: tuple[str, ...]
    country: str
    registration: str


@dataclass(frozen=True, slots=True)
class RecordAt:
    """A published record. type: as ``lot.inspected``."""

    type: str
    index: int
    event_id: str
    leaf_hash: str


@dataclass(frozen=True, slots=True)
class LotFacts:
    """A lot of the shipment. records: of it and of those it came from, published, in the log's order.

    available: pieces that the ledger has for this shipment: those that no other took away. tester: who
    inspected it. grants: with the name of each grantor and grantee.
    """

    lot: str
    state: LotState
    records: tuple[RecordAt, ...]
    available: int
    tester: PartyFacts | None
    supplier: PartyFacts | None
    grants: tuple[tuple[Link, RecordAt, str, str], ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """stated: what people said of it, by the names of ``trade.papers.STATABLE``. day: of issue."""

    shipment: Shipment
    language: Any
    base_url: str
    day: date
    seller: PartyFacts
    buyer: Company
    rules: Rules
    loaded: tuple[Loaded, ...]
    cartons: tuple[Carton, ...]
    pallets: tuple[Pallet, ...]
    containers: tuple[Container, ...]
    legs: tuple[Leg, ...]
    purchases: tuple[Purchase, ...]
    lots: Mapping[str, LotFacts]
    stated: Mapping[str, str]
    origin: str
    tree_size: int
    root: str

    @property
    def orders(self) -> list[Order]:
        return list({one.order.id: one.order for one in self.loaded}.values())

    @property
    def main_leg(self) -> Leg | None:
        """On which the goods cross the border: by air or sea where any leg is, else the longest."""
        for mode in ("air", "sea", "rail"):
            for leg in self.legs:
                if leg.mode == mode:
                    return leg
        return max(self.legs, key=lambda leg: leg.eta - leg.etd, default=None)

    @property
    def mode(self) -> str:
        """As the readiness rules call it, "" where no leg is known."""
        leg = self.main_leg
        if leg is None:
            return ""
        return "road" if leg.mode == "land" else leg.mode


def snapshot(installation: Installation, connection: Connection, shipment: Shipment) -> Snapshot:
    """Read it all in one transaction; the tree is the one that is visible now."""
    market = load.markets().market(shipment.market)
    buyer = trade.company(connection, shipment.company)
    seller = _party(connection, installation.config.operator)
    assert market is not None
    assert buyer is not None
    assert seller is not None
    loaded = load_of(connection, shipment.id)
    checkpoint = installation.verifier().checkpoint
    orders = list({one.order.id: one.order for one in loaded}.values())
    bought = [purchases.of_order(connection, order.id) for order in orders]
    return Snapshot(
        shipment=shipment,
        language=market.language,
        base_url=installation.public_url,
        day=installation.clock.now().date(),
        seller=seller,
        buyer=buyer,
        rules=delivery_of(connection, shipment.company, [order.id for order in orders]),
        loaded=tuple(loaded),
        cartons=shipments.cartons(connection, shipment.id),
        pallets=shipments.pallets(connection, shipment.id),
        containers=tuple(shipments.containers(connection, shipment.id)),
        legs=tuple(shipments.legs(connection, shipment.id)),
        purchases=tuple({one.id: one for one in bought if one is not None}.values()),
        lots={
            lot: _lot(connection, lot, shipment, checkpoint.size)
            for lot in dict.fromkeys(order.lot for order in orders)
        },
        stated=dossiers.facts(connection, shipment.id),
        origin=checkpoint.origin,
        tree_size=checkpoint.size,
        root=checkpoint.root.hex(),
    )


def _lot(connection: Connection, lot: str, shipment: Shipment, tree_size: int) -> LotFacts:
    subject = log.subject(connection, lot)
    assert subject is not None  # it was sold
    state: LotState = subject.state
    records = _records(connection, lot, tree_size)
    hands = state.inspection.by if state.inspection else []
    away = sum(
        line.quantity
        for other in shipments.of_lot(connection, lot)
        if other.state in LEFT and other.id != shipment.id
        for line in shipments.lines(connection, other.id)
        if line.lot == lot
    )
    return LotFacts(
        lot=lot,
        state=state,
        records=records,
        available=max(0, state.quantity - away),
        tester=_party(connection, hands[0].party) if hands else None,
        supplier=_party(connection, state.supplier) if state.supplier else None,
        grants=tuple(_grants(connection, state, tree_size)),
    )


def _records(connection: Connection, lot: str, tree_size: int) -> tuple[RecordAt, ...]:
    found = []
    for name, until in line_of(connection, lot):
        for index, _, _ in log.chain(connection, name):
            record = _record(connection, index) if index <= until and index < tree_size else None
            if record is not None:
                found.append(record)
    return tuple(sorted(found, key=lambda one: one.index))


def _record(connection: Connection, index: int) -> RecordAt | None:
    data = log.leaf(connection, index)
    if data is None:
        return None
    leaf = Leaf.parse(data)
    return RecordAt(leaf.record.body.type, index, leaf.record.event_id, leaf.hash.hex())


def _grants(
    connection: Connection, state: LotState, tree_size: int
) -> Sequence[tuple[Link, RecordAt, str, str]]:
    """Grants whose limits are open and whose record is published; the others prove nothing on paper."""
    found = []
    for name in state.authorizations:
        link = link_of(connection, name)
        index = log.index_of(connection, link.state.granted)
        record = None if index is None or index >= tree_size else _record(connection, index)
        names = party_names.names_of(connection, [link.state.grantor, link.grantee or ""], "en")
        grantor, grantee = names.get(link.state.grantor, ""), names.get(link.grantee or "", "")
        if link.readable and record is not None and grantor and grantee and not link.state.revoked:
            found.append((link, record, grantor, grantee))
    return found


def _party(connection: Connection, party: str) -> PartyFacts | None:
    """None of one that nobody can name any more."""
    row = connection.execute(select(PARTIES).where(PARTIES.c.party == party)).one_or_none()
    if row is None or not (row.name_en or row.name_zh):
        return None
    return PartyFacts(
        party=row.party,
        name=row.name_en or row.name_zh,
        name_local=row.name_zh,
        address=tuple(part for part in (row.address or "").split("; ") if part),
        country=row.country,
        registration=row.registration_number or "",
    )
