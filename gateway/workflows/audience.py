"""Who may learn that an offer exists: the one rule behind lists, pages, counts, exports, holds and orders."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from gateway.store import audiences
from gateway.store.audiences import Exposure
from gateway.store.trade import Company, Listing
from gateway.trade.visibility import Viewer
from gateway.wiring import Installation
from ledger.record import Ledger

NAMELESS = "everybody"  # why an offer is seen that leaves nothing to write down


def may_see(connection: Connection, listing: Listing, buyer: Company, now: datetime) -> bool:
    """Whether the offer exists for this buyer at ``now``; what does not is answered as not found.

    The window of a sale is no part of it: whoever held goods in time may order them afterwards. Lists
    leave an offer out once its window is over, and holding is refused outside it.
    """
    del now  # today's rules know no hours; whoever asks says when all the same
    return audiences.audience_of(connection, listing).why(viewer_of(buyer)) is not None


def viewer_of(buyer: Company) -> Viewer:
    return Viewer(buyer.id, buyer.country, buyer.tier)


def is_public(listing: Listing) -> bool:
    """Whether strangers may be told of the goods; never of their price."""
    return listing.status == "published" and listing.visibility == "public"


def note_shown(installation: Installation, connection: Connection, shown: Sequence[Exposure]) -> None:
    """Write down who was shown what not everybody sees, once a company, an offer and a day.

    connection: of the request, for looking what is written already; the rest is a unit of its own.
    """
    told = [one for one in shown if one.why != NAMELESS]
    missing = audiences.unlogged(connection, told)
    if not missing:
        return

    def unit(ledger: Ledger) -> None:
        audiences.log_exposures(ledger.connection, missing)

    installation.writer.do(unit)
