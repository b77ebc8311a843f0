"""Push shallow stock to the companies most likely to sell it, and to some more each day that it stays."""

from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import Connection

from gateway.errors import NotFound, Refused
from gateway.people.tokens import new_id
from gateway.policies import load
from gateway.store import audiences, goods, matches, stock_levels, trade
from gateway.store.audiences import Chosen
from gateway.store.matches import MatchRun
from gateway.store.trade import Listing, Order
from gateway.trade import matching
from gateway.trade.matching import Bought, Candidate, Goods, Plan
from gateway.trade.quantities import half_up
from gateway.wiring import Installation
from gateway.workflows.pools import BY_MATCHING
from ledger.lots.state import LotState
from ledger.record import Ledger
from ledger.store import log


def push(installation: Installation, listing_id: str) -> Plan:
    """Choose companies for a private offer now. Raises NotFound, Refused (listing-not-private)."""

    def unit(ledger: Ledger) -> Plan:
        listing = trade.listing(ledger.connection, listing_id)
        if listing is None:
            raise NotFound(listing_id)
        if listing.visibility != "private" or listing.status != "published":
            raise Refused("listing-not-private", "only a standing private offer is pushed")
        return push_in(ledger.connection, listing, installation.clock.now())

    return installation.writer.do(unit)


def push_all(connection: Connection, now: datetime) -> int:
    """Every private offer with something left; how many companies were added."""
    added = 0
    for listing in trade.listings(connection):
        stock = stock_levels.sellable(connection, listing.lot)
        if listing.visibility == "private" and stock is not None and stock.available > 0:
            before = len(audiences.chosen_of(connection, listing.id))
            push_in(connection, listing, now)
            added += len(audiences.chosen_of(connection, listing.id)) - before
    return added


def push_in(connection: Connection, listing: Listing, now: datetime) -> Plan:
    """Add the chosen companies. Whoever sees the offer goes on seeing it; whom a person took out stays out.

    The same facts on the same day give the same plan, and no second run of it is kept.
    """
    earlier = matches.runs(connection, listing.id)
    days_open = (now.date() - earlier[0].at.date()).days if earlier else 0
    plan = matching.plan(
        goods_of(connection, listing, now),
        candidates_of(connection, listing),
        load.matching(),
        days_open=days_open,
    )
    seen = {one.company for one in audiences.chosen_of(connection, listing.id)}
    for one in plan.chosen:
        if one.company not in seen:
            why = tuple(part.name for part in one.parts if part.points)
            audiences.choose(connection, Chosen(listing.id, one.company, one.score, why, now, BY_MATCHING))
    if not earlier or earlier[-1].plan_hash != plan.hash:
        policy = load.matching()
        kept = tuple(asdict(one) for one in plan.chosen)
        matches.add_run(
            connection,
            MatchRun(
                new_id("mtc"), listing.id, plan.hash, f"{policy.id}/{policy.version}", days_open, plan.wanted,
                plan.expected, kept, now,
            ),
        )  # fmt: skip
    return plan


def candidates_of(connection: Connection, listing: Listing) -> list[Candidate]:
    """Approved companies of the market that nothing keeps from it, each with its own orders."""
    audience = audiences.audience_of(connection, listing)
    removed = _removed(connection, listing.id)
    found = []
    for company in trade.companies(connection):
        is_let_in = company.country == listing.market and company.status == "approved"
        denied = company.id in audience.denied_companies or company.country in audience.denied_markets
        allowed = not audience.allowed_companies or company.id in audience.allowed_companies
        if is_let_in and not denied and allowed and company.id not in removed:
            orders = trade.orders(connection, company=company.id)
            bought = [_bought(connection, order) for order in orders if order.state != "cancelled"]
            found.append(Candidate(company.id, tuple(one for one in bought if one is not None)))
    return found


def _removed(connection: Connection, listing: str) -> set[str]:
    """Whom a person took out last."""
    last = {move.company: move.kind for move in matches.audience_moves(connection, listing)}
    return {company for company, kind in last.items() if kind == "removed"}


def _bought(connection: Connection, order: Order) -> Bought | None:
    subject = log.subject(connection, order.lot)
    if subject is None or not isinstance(subject.state, LotState):
        return None
    state = subject.state
    return Bought(
        state.category,
        state.brand or "",
        state.grade or "",
        order.quantity,
        half_up(order.pack.piece_price_minor(order.unit_price_minor)),
        order.currency,
    )


def goods_of(connection: Connection, listing: Listing, now: datetime) -> Goods:
    """What the offer is, as of now. How much of its price freight is, nobody knows before it is shipped."""
    subject = log.subject(connection, listing.lot)
    assert subject is not None  # it is offered
    state = subject.state
    assert isinstance(state, LotState)
    stock = stock_levels.sellable(connection, listing.lot)
    since = date.fromisoformat(state.intake.day) if state.intake is not None else None
    items = goods.of_lot(connection, listing.lot)
    return Goods(
        listing.id,
        state.category,
        state.brand or next((str(item.facts["brand"] or "") for item in items), ""),
        state.grade or "",
        0 if stock is None else stock.available,
        half_up(listing.pack.piece_price_minor(listing.unit_price_minor)),
        listing.currency,
        0 if since is None else max(0, (now.date() - since).days),
    )
