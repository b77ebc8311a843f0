"""Who may see an offer: the pool of the higher tiers, chosen companies, and back; each with a reason."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from gateway.errors import NotFound, Refused
from gateway.people.tokens import new_id
from gateway.store import audiences, matches, offer_states, trade
from gateway.store.audiences import Chosen
from gateway.store.matches import AudienceMove, PoolMove
from gateway.store.trade import Listing
from gateway.trade.visibility import Visibility
from gateway.wiring import Installation
from ledger.record import Ledger

POOL_TIER: Final = 2  # the long-term pool begins with the second tier
TIER_MAX: Final = 9
BY_MATCHING: Final = "matching"


def move(
    installation: Installation, listing_id: str, visibility: Visibility, tier_min: int, reason: str, by: str
) -> None:
    """Change who may see a standing offer, as a version of it. tier_min: counts for ``tier`` alone.

    Raises NotFound, Refused (listing-not-standing, why-missing, tier-unknown).
    """

    def unit(ledger: Ledger) -> None:
        listing = trade.listing(ledger.connection, listing_id)
        if listing is None:
            raise NotFound(listing_id)
        if listing.status in ("withdrawn", "expired"):
            raise Refused("listing-not-standing", "the offer is gone")
        if not reason:
            raise Refused("why-missing", "say why")
        if not 1 <= tier_min <= TIER_MAX:
            raise Refused("tier-unknown", f"tiers go from 1 to {TIER_MAX}")
        moved(ledger.connection, listing, visibility, tier_min, reason, by, installation.clock.now())

    installation.writer.do(unit)


def moved(  # who, what, why, when
    connection: Connection,
    listing: Listing,
    visibility: Visibility,
    tier_min: int,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """As ``to_pool``, as a version of the offer with a row of its history."""
    tier = tier_min if visibility == "tier" else 1
    if (listing.visibility, listing.tier_min) != (visibility, tier):
        to_pool(connection, listing, visibility, tier, reason, by, now)
        offer_states.amend(connection, listing, who=by, reason="shown-to-others", note=reason, at=now)


def to_pool(  # who, what, why, when
    connection: Connection,
    listing: Listing,
    visibility: Visibility,
    tier_min: int,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """Write the change and its note. What changes nothing leaves no note."""
    tier = tier_min if visibility == "tier" else 1
    if (listing.visibility, listing.tier_min) == (visibility, tier):
        return
    audiences.set_visibility(connection, listing.id, visibility, tier)
    matches.add_pool_move(
        connection,
        PoolMove(
            new_id("pool"),
            listing.id,
            listing.visibility,
            listing.tier_min,
            visibility,
            tier,
            reason,
            by,
            now,
        ),
    )


def add_company(installation: Installation, listing_id: str, company: str, reason: str, by: str) -> None:
    """Show a private offer to one more company.

    Raises NotFound, Refused (company-unfit, why-missing).
    """

    def unit(ledger: Ledger) -> None:
        connection, now = ledger.connection, installation.clock.now()
        listing, buyer = trade.listing(connection, listing_id), trade.company(connection, company)
        if listing is None:
            raise NotFound(listing_id)
        if buyer is None or buyer.country != listing.market or buyer.status != "approved":
            raise Refused("company-unfit", "no approved company of the offer's market")
        if not reason:
            raise Refused("why-missing", "say why")
        audiences.choose(connection, Chosen(listing_id, company, 0, (reason,), now, by))
        _note(connection, listing_id, company, "added", reason, by, now)

    installation.writer.do(unit)


def remove_company(installation: Installation, listing_id: str, company: str, reason: str, by: str) -> None:
    """Show it to that company no more, whatever the matching says later.

    Raises NotFound, Refused (why-missing).
    """

    def unit(ledger: Ledger) -> None:
        connection = ledger.connection
        if company not in {one.company for one in audiences.chosen_of(connection, listing_id)}:
            raise NotFound(company)
        if not reason:
            raise Refused("why-missing", "say why")
        audiences.leave_out(connection, listing_id, company)
        _note(connection, listing_id, company, "removed", reason, by, installation.clock.now())

    installation.writer.do(unit)


def _note(
    connection: Connection, listing: str, company: str, kind: str, reason: str, by: str, now: datetime
) -> None:
    moved = AudienceMove(new_id("aud"), listing, company, kind, reason, by, now)
    matches.add_audience_move(connection, moved)
