"""A sample below the smallest order: a hold as any other, once a company and lot."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, select

from gateway.errors import InsufficientQuantity, NotFound, Refused
from gateway.policies import load
from gateway.store import offer_state_tables, trade
from gateway.store.trade import Listing, Reservation
from gateway.trade.samples_policy import SampleTerms, sample_terms
from gateway.wiring import Installation
from gateway.workflows.agreed_prices import check_agreed, price_for
from gateway.workflows.gate import free_units
from gateway.workflows.holding import seen_now, standing, written
from gateway.workflows.links import left_to_hold
from gateway.workflows.sale_events import check_sale
from gateway.workflows.shared_verdicts import shared_verdict
from ledger.author import new_id
from ledger.record import Ledger
from ledger.store.tables import table

SAMPLES = table(offer_state_tables.SampleOrderRow)


def sample_of(connection: Connection, listing: Listing, company: str, left: int) -> SampleTerms | None:
    """The sample that a company may still order of an offer; None where none is due."""
    return sample_terms(
        load.samples(),
        listing.steps,
        listing.pack,
        unit_price_minor=listing.unit_price_minor,
        left=left,
        taken=_taken(connection, company, listing.lot),
    )


def holding_sample(
    installation: Installation, listing_id: str, company: str, pieces: int
) -> Callable[[Ledger], Reservation]:
    """The unit that holds a sample. It is ordered as every hold is.

    Raises as ``holding.reserving``; Refused ``sample-taken``, ``sample-not-offered``, ``sample-too-large``
    with the most pieces.
    """
    with installation.database.reading() as connection:
        found = trade.listing(connection, listing_id)
    if found is None:
        raise NotFound(listing_id)
    verdict = shared_verdict(installation, found.lot)

    def unit(ledger: Ledger) -> Reservation:
        connection, now = ledger.connection, installation.clock.now()
        listing, buyer, judged = standing(installation, connection, listing_id, company, verdict)
        check_sale(connection, listing, now)
        stock = trade.stock(connection, listing.lot)
        left = 0 if stock is None else max(0, free_units(judged.facts.lot, stock))
        if _taken(connection, company, listing.lot):
            raise Refused("sample-taken", "one sample a company and lot", lot=listing.lot)
        terms = sample_of(connection, listing, company, left)
        if terms is None:
            raise Refused("sample-not-offered", "no sample of this offer is sold")
        if not 1 <= pieces <= terms.pieces:
            raise Refused("sample-too-large", f"a sample is {terms.pieces} pieces", most=terms.pieces)
        permitted = left_to_hold(connection, judged.facts.chain, now)
        if permitted is not None and pieces > permitted:
            raise InsufficientQuantity(max(0, permitted))
        if not trade.try_reserve(connection, listing.lot, pieces):
            raise InsufficientQuantity(left)
        agreed = price_for(connection, listing, buyer, pieces, now)
        if terms.unit_price_minor > agreed.unit_price_minor:  # nobody gave a reason for this one
            agreed = replace(agreed, unit_price_minor=terms.unit_price_minor, is_overridden=False)
        check_agreed(judged, listing, agreed)
        hold = Reservation(
            id=f"rsv_{new_id('work').partition(':')[2]}",
            lot=listing.lot,
            listing=listing_id,
            company=company,
            quantity=pieces,
            expires_at=now + load.purchases().hold,
            state="active",
            unit_price_minor=agreed.unit_price_minor,
            currency=listing.currency,
            price_list=agreed.price_list,
            head=judged.head,
            seen=written(seen_now(judged)),
        )
        trade.add_reservation(connection, hold, now)
        row = {"company": company, "lot": listing.lot, "reservation": hold.id, "quantity": pieces}
        connection.execute(SAMPLES.delete().where(*_mine(company, listing.lot)))  # of a hold that ran out
        connection.execute(SAMPLES.insert(), [row])
        return hold

    return unit


def _taken(connection: Connection, company: str, lot: str) -> bool:
    """A sample that was given back or ran out was none."""
    statement = select(SAMPLES.c.reservation).where(*_mine(company, lot))
    name = connection.execute(statement).scalar_one_or_none()
    hold = trade.reservation(connection, name) if name else None
    return hold is not None and hold.state in ("active", "converted")


def _mine(company: str, lot: str) -> tuple[ColumnElement[bool], ...]:
    return SAMPLES.c.company == company, SAMPLES.c.lot == lot
