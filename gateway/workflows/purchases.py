"""A purchase: what a company buys at once, from its holds to sold goods, with everybody who has to agree.

Each function in -ing prepares a unit of work: the way of the states, the goods and the ledger's sales are
one transaction. What waits for an approval or a deposit keeps its goods until ``hold_until``.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from gateway.errors import Refused, ReservationExpired
from gateway.policies import load
from gateway.store import companies, trade
from gateway.store import purchases as store
from gateway.store.purchases import Event, Purchase
from gateway.store.trade import Order, Reservation
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.trade.purchase_states import UNSOLD, Reason
from gateway.trade.spending import MAY_APPROVE, needs_approval
from gateway.wiring import Installation
from gateway.workflows.companies import HOUSE, USER, Actor, person_of
from gateway.workflows.gate import Verdict
from gateway.workflows.holding import own_hold, standing
from gateway.workflows.order_steps import check_minimum
from gateway.workflows.purchase_flow import (
    Check,
    Step,
    amount_minor,
    end,
    not_now,
    proceed,
    theirs,
    unconditional,
    verdicts_of,
    wait,
)
from gateway.workflows.sale import Terms, check_unchanged, verdicts_on
from gateway.workflows.work import Work
from ledger.author import new_id
from ledger.record import Ledger


def buying(
    installation: Installation,
    reservations: Sequence[str],
    company: str,
    terms: Terms,
    *,
    by: Actor = HOUSE,
    repeated: bool = False,
) -> Callable[[Ledger], Order]:
    """A purchase that is sold in the same transaction; it gives the order of the first hold.

    The unit raises as ``placing``, and Refused (purchase-waits) where somebody has to agree or pay first;
    then nothing was done.
    """
    place = placing(installation, reservations, company, terms, by=by, repeated=repeated)

    def unit(ledger: Ledger) -> Order:
        sold = trade.order_of_reservation(ledger.connection, reservations[0])
        if sold is not None:
            return sold
        purchase = place(ledger)
        if purchase.state in UNSOLD:
            raise Refused(
                "purchase-waits",
                "somebody has to agree or to pay first: place it as a purchase",
                state=purchase.state,
                deposit_minor=purchase.deposit_minor,
                currency=purchase.currency,
            )
        order = trade.order_of_reservation(ledger.connection, reservations[0])
        assert order is not None  # a purchase that is not unsold was just sold
        return order

    return unit


def placing(
    installation: Installation,
    reservations: Sequence[str],
    company: str,
    terms: Terms,
    *,
    by: Actor = HOUSE,
    repeated: bool = False,
) -> Callable[[Ledger], Purchase]:
    """Buy what is held, all or nothing; the same first hold placed twice is one purchase.

    by: who asks, HOUSE for whoever answers to no company. repeated: the number stands on another purchase,
    and that is meant. The unit raises NotFound, ReservationExpired, ListingWithdrawn, LotNotVerified,
    InsufficientQuantity, Refused (company-role, po-number-used, below-order-minimum, mixed-currencies,
    head-changed, reservation-waits).
    """
    names = tuple(dict.fromkeys(reservations))
    assert names
    verdicts = verdicts_on(installation, company, names)
    cause = Cause.of(by.principal or company)

    def unit(ledger: Ledger) -> Purchase:
        work = Work(installation, ledger)
        connection, now = work.connection, installation.clock.now()
        standing_one = store.of_reservation(connection, names[0])
        if standing_one is not None and standing_one.state != "cancelled":
            return standing_one
        if by != HOUSE and not by.may_buy:
            raise Refused("company-role", "your role in the company does not buy")
        holds = [own_hold(connection, name, company) for name in names]
        _check_number(connection, company, terms.po_number, repeated=repeated)
        _check_holds(installation, connection, holds, verdicts)
        drawn = _drawn(connection, holds, terms, by, now)
        is_asked = by != HOUSE and asks_approval(
            connection, company, by, drawn.total_minor, drawn.currency, now
        )
        store.add(connection, drawn, names)
        store.note(connection, Event(drawn.id, now, by.principal, "", "draft"))
        step = Step(connection, now, by.principal)
        if is_asked:
            waiting = step.become(drawn, "pending_approval")
            waiting = wait(connection, waiting, now)
            causes.purchase_told(
                connection, "purchase_approval", waiting.id, _approvers(connection, waiting), now, cause
            )
            return waiting
        return proceed(work, step.become(drawn, "placed"), verdicts, step, cause)

    return unit


def _check_number(connection: Connection, company: str, po_number: str, *, repeated: bool) -> None:
    used = [one.id for one in store.with_number(connection, company, po_number)]
    if used and not repeated:
        raise Refused("po-number-used", f"{po_number} stands on another purchase", purchases=used)


def _check_holds(
    installation: Installation,
    connection: Connection,
    holds: Sequence[Reservation],
    verdicts: dict[str, Verdict],
) -> None:
    """That each stands, on an offer that still does, as the buyer saw it; and all of them together."""
    now, places = installation.clock.now(), set()
    for hold in holds:
        if hold.purchase:
            raise Refused("reservation-waits", "these goods wait in another purchase", purchase=hold.purchase)
        if not hold.stands(now):
            raise ReservationExpired(hold.id)
        listing, _, judged = standing(
            installation, connection, hold.listing, hold.company, verdicts[hold.lot], held=True
        )
        check_unchanged(hold, judged)
        places.add((listing.market, listing.currency))
    if len(places) > 1:
        raise Refused("mixed-currencies", "one purchase is of one market and one currency")
    check_minimum(connection, [hold.id for hold in holds])


def _drawn(
    connection: Connection, holds: Sequence[Reservation], terms: Terms, by: Actor, now: datetime
) -> Purchase:
    """The draft, with what it comes to."""
    first, buyer = trade.listing(connection, holds[0].listing), trade.company(connection, holds[0].company)
    assert first is not None  # it was just looked at
    assert buyer is not None
    total = sum(amount_minor(connection, hold) for hold in holds)
    tier, rules = load.purchases().of_tier(buyer.tier), companies.rules(connection, buyer.id)
    return Purchase(
        id=f"pur_{new_id('work').partition(':')[2]}",
        company=buyer.id,
        po_number=terms.po_number,
        incoterm=terms.incoterm,
        place=terms.place,
        market=first.market,
        currency=first.currency,
        total_minor=total,
        deposit_minor=tier.deposit_minor(total, first.currency),
        balance_days=tier.balance_days,
        state="draft",
        before_hold="",
        version=1,
        placed_by=by.principal,
        created_at=now,
        hold_until=None,
        consignee=rules.consignee if terms.consignee is None else terms.consignee,
        notify_party=rules.notify_party if terms.notify_party is None else terms.notify_party,
    )


def asks_approval(  # who spends how much of what, when
    connection: Connection, company: str, by: Actor, total_minor: int, currency: str, now: datetime
) -> bool:
    """Whether somebody else of the company would have to agree to a purchase of so much."""
    rules, limit = companies.rules(connection, company), by.limit
    spent = 0
    if limit.period != "purchase":
        spent = store.spent(connection, company, by.same, currency, limit.begins(now))
    return needs_approval(
        limit=limit,
        spent_minor=spent,
        threshold_minor=rules.threshold_minor,
        threshold_currency=rules.currency,
        total_minor=total_minor,
        currency=currency,
    )


def _approvers(connection: Connection, purchase: Purchase) -> list[str]:
    """Ids of users that may agree: all that have the role, but whoever placed it while there is another.

    What a program placed, the user placed who made its key.
    """
    placer = person_of(connection, purchase.company, purchase.placed_by)
    able = [one for one in companies.members(connection, purchase.company) if one.role in MAY_APPROVE]
    others = [one.user_id for one in able if one.user_id != placer]
    return others or [one.user_id for one in able]


def may_approve(connection: Connection, purchase: Purchase, by: Actor) -> bool:
    return by.may_approve and by.principal.removeprefix(USER) in _approvers(connection, purchase)


def approving(
    installation: Installation, id_: str, company: str, by: Actor, check: Check = unconditional
) -> Callable[[Ledger], Purchase]:
    """Agree to a purchase that waits for it; it is placed, and sold where no deposit is owed.

    The unit raises NotFound, Refused (purchase-state, company-role, own-approval), and as ``placing``.
    """
    verdicts, cause = verdicts_of(installation, id_, company), Cause.of(by.principal)

    def unit(ledger: Ledger) -> Purchase:
        work, now = Work(installation, ledger), installation.clock.now()
        purchase = theirs(work.connection, id_, company)
        check(purchase)
        if purchase.state != "pending_approval":
            raise not_now(purchase)
        if not by.may_approve:
            raise Refused("company-role", "your role in the company approves nothing")
        if not may_approve(work.connection, purchase, by):
            raise Refused("own-approval", "another member has to approve what you placed")
        step = Step(work.connection, now, by.principal)
        return proceed(work, step.become(purchase, "placed"), verdicts, step, cause)

    return unit


def declining(
    installation: Installation, id_: str, company: str, by: Actor, remark: str, check: Check = unconditional
) -> Callable[[Ledger], Purchase]:
    """Refuse what waits for an approval; its goods go back. The unit raises as ``approving``."""
    cause = Cause.of(by.principal)

    def unit(ledger: Ledger) -> Purchase:
        connection = ledger.connection
        purchase = theirs(connection, id_, company)
        check(purchase)
        if purchase.state != "pending_approval":
            raise not_now(purchase)
        if not by.may_approve:
            raise Refused("company-role", "your role in the company approves nothing")
        step = Step(connection, installation.clock.now(), by.principal, "declined", remark)
        return end(purchase, step, cause)

    return unit


def cancelling(
    installation: Installation,
    id_: str,
    by: Actor,
    reason: Reason,
    remark: str = "",
    *,
    company: str | None = None,
    check: Check = unconditional,
) -> Callable[[Ledger], Purchase]:
    """End a purchase that is not sold; its goods go back to the others.

    company: whose it has to be; None for staff. What is sold stands in the ledger as sold: the units have
    to come back as a lot of their own (``purchase_returns.taking_back``), so it is refused here.
    The unit raises NotFound, Refused (purchase-state, purchase-sold, company-role).
    """
    cause = Cause.of(by.principal)

    def unit(ledger: Ledger) -> Purchase:
        connection = ledger.connection
        purchase = theirs(connection, id_, company)
        check(purchase)
        if company is not None and not (by.may_buy or by.may_approve):
            raise Refused("company-role", "your role in the company changes no purchase")
        if store.orders(connection, purchase.id):  # a sale in the ledger is not undone by a mark of ours
            raise Refused("purchase-sold", "the sale stands in the ledger", state=purchase.state)
        step = Step(connection, installation.clock.now(), by.principal, reason, remark)
        return end(purchase, step, cause)

    return unit
