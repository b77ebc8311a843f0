"""An offer that strangers may be shown: its goods, never its price."""

from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.policies import load
from gateway.store import catalogue, trade
from gateway.store.trade import Listing
from gateway.wiring import Installation
from gateway.workflows.audience import is_public
from gateway.workflows.gate import Judged, judge_lot, today, verdict_on
from gateway.workflows.references import asked_by


@dataclass(frozen=True, slots=True)
class PublicOffer:
    listing: Listing
    judged: Judged


def public_offer(installation: Installation, connection: Connection, listing_id: str) -> PublicOffer | None:
    """The offer, if it is public and stands at this moment, its history verified now.

    None for every other one before anything is verified, as for what does not exist.
    """
    listing = trade.listing(connection, listing_id)
    if listing is None or not is_public(listing):
        return None
    if not catalogue.is_on_sale(connection, listing, installation.clock.now()):
        return None
    market = load.markets().market(listing.market, listing.channel)
    judged = judge_lot(
        installation, connection, listing.lot, verdict_on(installation, connection, listing.lot)
    )
    if market is None or judged is None or judged.reasons(market, today(installation), asked_by(listing)):
        return None
    return PublicOffer(listing, judged)
