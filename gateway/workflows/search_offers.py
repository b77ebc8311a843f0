"""Search the catalogue as one company: found, judged where something moved, and noted as shown."""

from sqlalchemy import Connection

from gateway.store import catalogue, trade
from gateway.store.audiences import Exposure
from gateway.store.catalogue import Found, Position
from gateway.store.trade import Company
from gateway.trade.search import Search
from gateway.wiring import Installation
from gateway.workflows import index_offer
from gateway.workflows.audience import note_shown, viewer_of


def buyer_of(connection: Connection, company: str) -> Company | None:
    """The company, once it may be shown offers at all."""
    buyer = trade.company(connection, company)
    return None if buyer is None or buyer.status != "approved" else buyer


def search_offers(
    installation: Installation,
    connection: Connection,
    buyer: Company,
    search: Search,
    *,
    after: Position | None = None,
    limit: int,
) -> list[Found]:
    """Up to ``limit`` offers after a position; fewer are left only where there are no more."""
    now, viewer = installation.clock.now(), viewer_of(buyer)
    shown: list[Found] = []
    while len(shown) < limit:
        wanted = limit - len(shown)
        found = catalogue.find(connection, viewer, search, now, after=after, limit=wanted)
        shown += index_offer.shown(installation, connection, found)
        if len(found) < wanted:
            break
        after = found[-1].position
    return shown


def tell_shown(
    installation: Installation, connection: Connection, buyer: Company, found: list[Found]
) -> None:
    """Write down that this company was shown what not everybody sees."""
    day = installation.clock.now().date().isoformat()
    seen = [Exposure(one.listing.id, buyer.id, day, one.why) for one in found]
    note_shown(installation, connection, seen)
