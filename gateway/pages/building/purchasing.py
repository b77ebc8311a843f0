"""A company's basket, purchases and members as pages; the same purchases for staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection

from gateway.pages.building import landed
from gateway.pages.building.article import common, name_of, pack_href
from gateway.pages.building.offer import terms_of
from gateway.pages.building.offers import typed, unit_price
from gateway.pages.building.orders import bare, order_documents, order_number
from gateway.pages.building.reading import checking, history_of, short
from gateway.pages.views import Money
from gateway.pages.views.forms import Form, form_of
from gateway.pages.views.purchasing import (
    BasketLine,
    BasketView,
    MemberLine,
    OwnCompanyView,
    PaymentLine,
    PurchaseBrief,
    PurchaseLine,
    PurchaseStep,
    PurchasesView,
    PurchaseView,
    SeenChange,
)
from gateway.policies import load
from gateway.store import api_keys, companies, goods, people, trade
from gateway.store import purchases as store
from gateway.store.companies import Member
from gateway.store.purchases import Purchase
from gateway.store.trade import Listing, Reservation
from gateway.trade.purchase_states import CUSTOMER_REASONS, STAFF_REASONS, UNSOLD
from gateway.trade.spending import MAY_APPROVE, MAY_BUY
from gateway.wiring import Installation
from gateway.workflows.companies import KEY, USER, Actor
from gateway.workflows.holding import Change, as_they_are, changes_in
from gateway.workflows.purchase_flow import amount_minor
from gateway.workflows.purchase_hands import side_of
from gateway.workflows.purchase_returns import UNDONE
from gateway.workflows.purchase_stops import STOPPABLE
from gateway.workflows.purchases import asks_approval, may_approve
from ledger.store import log

OWN, STAFF = "/purchases", "/operator/purchases"
TONES: Final[Mapping[str, str]] = {
    "pending_approval": "busy",
    "placed": "busy",
    "deposit_paid": "busy",
    "on_hold": "bad",
    "cancelled": "",
    "confirmed": "good",
    "completed": "good",
    "delivered": "good",
}
FACT_TABLES: Final[Mapping[str, str]] = {
    "grade": "grades",
    "condition": "conditions",
    "label_state": "label_states",
}
# What a list shows under one heading.
TABS: Final[Mapping[str, tuple[str, ...]]] = {
    "all": (),
    "to-do": ("pending_approval", "placed", "deposit_paid", "on_hold"),
    "under-way": ("confirmed", "partially_shipped", "shipped", "delivered"),
    "done": ("completed",),
    "cancelled": ("cancelled",),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent with the basket, and what is wrong with it. line: of the hold that it is about."""

    form: Form = Form()
    line: str = ""
    number_used: bool = False


def basket_view(
    installation: Installation,
    connection: Connection,
    company: str,
    actor: Actor,
    language: str,
    sent: Typed = Typed(),
) -> BasketView:
    """Every hold that stands and waits in no purchase, what ends first before the others."""
    now = installation.clock.now()
    held = [
        hold for hold in trade.holds(connection, company=company) if hold.stands(now) and not hold.purchase
    ]
    pairs = [
        (hold, listing)
        for hold in sorted(held, key=lambda one: one.expires_at)
        if (listing := trade.listing(connection, hold.listing)) is not None
    ]
    buyer = trade.company(connection, company)
    assert buyer is not None
    tier = load.purchases().of_tier(buyer.tier)
    total = sum(amount_minor(connection, hold) for hold, _ in pairs)
    currency = pairs[0][1].currency if pairs else ""
    deposit = tier.deposit_minor(total, currency) if pairs else 0
    minimum = load.channels().order_minimum
    lines = [(hold.quantity, amount_minor(connection, hold)) for hold, _ in pairs]
    mixed = any(listing.mixed for _, listing in pairs)
    least = minimum.amounts.get(currency)
    shown = tuple(
        _basket_line(installation, connection, hold, listing, language, sent) for hold, listing in pairs
    )
    return BasketView(
        lines=shown,
        landed=landed.summed([line.landed for line in shown if line.landed is not None]),
        total=Money(amount_minor=total, currency=currency) if pairs else None,
        incoterms=_incoterms(installation, connection, pairs),
        form=_order_form(connection, company, sent),
        may_buy=actor.role in MAY_BUY,
        deposit=Money(amount_minor=deposit, currency=currency) if deposit else None,
        needs_approval=bool(pairs) and asks_approval(connection, company, actor, total, currency, now),
        waiting_hours=tier.waiting_hours,
        minimum_pieces=minimum.pieces if mixed else 0,
        minimum_amount=Money(amount_minor=least, currency=currency) if mixed and least else None,
        is_reached=not mixed or minimum.is_reached(lines, currency),
        number_used=sent.number_used,
    )


def _order_form(connection: Connection, company: str, sent: Typed) -> Form:
    """What was typed; before that, where the company's goods go otherwise."""
    if sent.form.values and not sent.line:
        return sent.form
    said = companies.rules(connection, company)
    errors = {} if sent.line else dict(sent.form.errors)
    return form_of(
        {"consignee": _in_lines(said.consignee), "notify_party": _in_lines(said.notify_party)}, errors
    )


def _in_lines(text: str) -> str:
    """A name and address as people type it."""
    return text.replace("; ", "\n")


def _basket_line(
    installation: Installation,
    connection: Connection,
    hold: Reservation,
    listing: Listing,
    language: str,
    sent: Typed,
) -> BasketLine:
    buyer = trade.company(connection, hold.company)
    assert buyer is not None
    now = installation.clock.now()
    left = hold.expires_at - now
    judged = as_they_are(installation, connection, hold)
    quantity = typed(listing.pack, hold.quantity)
    return BasketLine(
        id=hold.id,
        offer_href=f"/offers/{listing.id}",
        name=_goods_name(connection, hold.lot, language),
        grade=_grade(connection, hold.lot),
        lot_short=short(hold.lot),
        pieces=hold.quantity,
        quantity=quantity,
        unit="kg" if listing.basis == "kg" else "",
        step="any" if listing.basis == "kg" else str(listing.multiple),
        smallest=listing.moq,
        multiple=listing.multiple,
        price=unit_price(hold.unit_price_minor, listing.currency),
        basis=listing.basis,
        total=Money(amount_minor=amount_minor(connection, hold), currency=listing.currency),
        minutes_left=max(1, -(-int(left.total_seconds()) // 60)),
        expires_at=hold.expires_at,
        can_extend=not hold.extended,
        extension_minutes=load.purchases().of_tier(buyer.tier).extension_minutes,
        changes=seen_changes(changes_in(hold, judged)),
        landed=landed.brief(listing, judged, hold, now, buyer),
        form=sent.form if sent.line == hold.id else form_of({"quantity": quantity}),
    )


def seen_changes(found: Sequence[Change]) -> tuple[SeenChange, ...]:
    return tuple(
        SeenChange(fact=one.fact, table=FACT_TABLES[one.fact], before=one.before, now=one.now)
        for one in found
    )


def _incoterms(
    installation: Installation, connection: Connection, pairs: Sequence[tuple[Reservation, Listing]]
) -> tuple[str, ...]:
    """Terms, with named place, that all lots can leave on."""
    common_terms: list[str] | None = None
    for lot, market_code in dict.fromkeys((hold.lot, listing.market) for hold, listing in pairs):
        market = load.markets().market(market_code)
        if market is None:
            return ()
        with checking(lot):
            terms = terms_of(history_of(installation, connection, lot), market)
        common_terms = [one for one in terms if common_terms is None or one in common_terms]
    return tuple(common_terms or ())


def _goods_name(connection: Connection, lot: str, language: str) -> str:
    items = goods.of_lot(connection, lot)
    name = name_of(items, language)
    brand, model = common(items, "brand") or "", common(items, "model") or ""
    return f"{brand} {model or name}".strip() or short(lot)


def _grade(connection: Connection, lot: str) -> str:
    subject = log.subject(connection, lot)
    return (subject.state.grade if subject else None) or "ungraded"


def purchases_view(
    connection: Connection, chosen: str, *, company: str | None = None, names: Mapping[str, str] | None = None
) -> PurchasesView:
    """company: None for staff, who see everybody's; names: company -> name, for them."""
    chosen = chosen if chosen in TABS else "all"
    counted = store.counts(connection, company)
    path = STAFF if company is None else OWN
    return PurchasesView(
        purchases=tuple(
            _brief(connection, one, path, (names or {}).get(one.company, ""))
            for one in store.latest(connection, company=company, states=TABS[chosen])
        ),
        tabs=tuple(
            (tab, sum(counted.get(state, 0) for state in states or counted)) for tab, states in TABS.items()
        ),
        chosen=chosen,
        path=path,
        is_staff=company is None,
    )


def _brief(connection: Connection, purchase: Purchase, path: str, buyer: str) -> PurchaseBrief:
    return PurchaseBrief(
        href=f"{path}/{purchase.id}",
        po_number=purchase.po_number,
        placed_on=purchase.created_at.date(),
        state=purchase.state,
        tone=TONES.get(purchase.state, "busy"),
        total=Money(amount_minor=purchase.total_minor, currency=purchase.currency),
        lots=len(store.lines(connection, purchase.id)),
        hold_until=purchase.hold_until,
        buyer=buyer,
    )


def purchase_view(
    connection: Connection, purchase: Purchase, actor: Actor | None, language: str, form: Form | None = None
) -> PurchaseView:
    """actor: the member who looks; None for staff."""
    is_staff, state = actor is None, purchase.state
    paid = store.paid_minor(connection, purchase.id)
    sold = bool(store.orders(connection, purchase.id))
    may_cancel = is_staff or (actor is not None and actor.role in MAY_BUY | MAY_APPROVE)
    company = trade.company(connection, purchase.company)
    return PurchaseView(
        id=purchase.id,
        po_number=purchase.po_number,
        state=state,
        tone=TONES.get(state, "busy"),
        terms=f"{purchase.incoterm} {purchase.place}",
        placed_at=purchase.created_at,
        total=_money(purchase, purchase.total_minor),
        lines=tuple(_lines(connection, purchase, STAFF if is_staff else OWN, language)),
        steps=tuple(
            _step(connection, purchase, one, is_staff=is_staff)
            for one in store.events(connection, purchase.id)
            if one.after != "draft"
        ),
        payments=tuple(
            PaymentLine(
                paid_on=one.paid_on, amount=_money(purchase, one.amount_minor), reference=one.reference
            )
            for one in store.payments(connection, purchase.id)
        ),
        documents=tuple(
            document
            for order in store.orders(connection, purchase.id)
            for document in order_documents(connection, order)
        ),
        next=_next(purchase, paid),
        hold_until=purchase.hold_until,
        deposit=_money(purchase, purchase.deposit_minor) if purchase.deposit_minor else None,
        owed=_money(purchase, purchase.total_minor - paid),
        balance_days=purchase.balance_days,
        list_href=STAFF if is_staff else OWN,
        consignee=tuple(_in_lines(purchase.consignee).splitlines()),
        notify_party=tuple(_in_lines(purchase.notify_party).splitlines()),
        form=form or Form(),
        buyer=company.name if is_staff and company else "",
        can_approve=actor is not None
        and state == "pending_approval"
        and may_approve(connection, purchase, actor),
        can_cancel=may_cancel and not sold and (state in UNSOLD or state == "on_hold"),
        can_pay=is_staff
        and state not in ("draft", "pending_approval", "cancelled")
        and paid < purchase.total_minor,
        can_sell=is_staff and state == "deposit_paid",
        can_hold=is_staff and state in STOPPABLE,
        can_take_back=is_staff and sold and state in UNDONE,
        can_resume=is_staff and state == "on_hold",
        is_staff=is_staff,
        reasons=STAFF_REASONS if is_staff else CUSTOMER_REASONS,
    )


def _step(connection: Connection, purchase: Purchase, event: store.Event, *, is_staff: bool) -> PurchaseStep:
    """Staff is told by name to staff alone."""
    hidden = not is_staff and side_of(connection, purchase, event) == "operator"
    return PurchaseStep(
        at=event.at,
        by="" if hidden else _who(connection, event.by),
        by_operator=hidden,
        state=event.after,
        reason=event.reason,
        remark=event.remark,
    )


def _money(purchase: Purchase, amount: int) -> Money:
    return Money(amount_minor=amount, currency=purchase.currency)


def _next(purchase: Purchase, paid: int) -> str:
    """What has to happen now: slug of words.TABLES["purchase_next"]."""
    if purchase.state == "delivered" and paid < purchase.total_minor:
        return "balance"
    return purchase.state


def _lines(connection: Connection, purchase: Purchase, path: str, language: str) -> list[PurchaseLine]:
    lines = []
    for line in store.lines(connection, purchase.id):
        hold = trade.reservation(connection, line.reservation)
        order = trade.order(connection, line.order_id) if line.order_id else None
        assert hold is not None  # holds are never deleted
        listing = trade.listing(connection, hold.listing)
        assert listing is not None
        code = next((link.code for link in goods.codes_of(connection, hold.lot) if link.level == "lot"), "")
        orders = "/operator/orders" if path == STAFF else "/orders"
        lines.append(
            PurchaseLine(
                lot_short=short(hold.lot),
                lot_href=f"/q/{code}" if code else f"/lots/{bare(hold.lot)}",
                pack_href=pack_href(hold.lot),
                name=_goods_name(connection, hold.lot, language),
                grade=_grade(connection, hold.lot),
                pieces=hold.quantity,
                price=unit_price(hold.unit_price_minor, listing.currency),
                basis=listing.basis,
                total=Money(amount_minor=amount_minor(connection, hold), currency=listing.currency),
                state=order.state if order else hold.state,
                sold=order is not None,
                order_href=f"{orders}/{bare(order.id)}" if order else "",
                number=order_number(order) if order else "",
            )
        )
    return lines


def _who(connection: Connection, principal: str) -> str:
    """A person's name, a program's, or "" for the house itself."""
    if principal.startswith(USER):
        user = people.user(connection, principal.removeprefix(USER))
        return user.name if user else ""
    if principal.startswith(KEY):
        key = api_keys.get(connection, principal.removeprefix(KEY))
        return key.name if key else ""
    return ""


def company_view(
    connection: Connection,
    company: str,
    actor: Actor,
    *,
    rules: Form | None = None,
    member: tuple[str, Form] | None = None,
    invitation: Form | None = None,
    invited: str = "",
) -> OwnCompanyView:
    """rules, member, invitation: forms as they were sent and refused. invited: a link that was just made."""
    found, said = trade.company(connection, company), companies.rules(connection, company)
    assert found is not None
    policy = load.purchases()
    tier = policy.of_tier(found.tier)
    return OwnCompanyView(
        name=found.name,
        country=found.country,
        address=found.address,
        registration_number=found.registration_number,
        tier=found.tier,
        extension_minutes=tier.extension_minutes,
        waiting_hours=tier.waiting_hours,
        share_percent=tier.share_percent,
        share_from_pieces=policy.share_applies_from_pieces,
        deposit_percent=tier.deposit_percent,
        deposit_from=tuple(
            Money(amount_minor=amount, currency=currency) for currency, amount in tier.deposit_from.items()
        ),
        balance_days=tier.balance_days,
        members=tuple(
            _member(connection, one, actor, member) for one in companies.members(connection, company)
        ),
        rules=rules
        or form_of(
            {
                "threshold": _major(said.threshold_minor),
                "currency": said.currency,
                "consignee": _in_lines(said.consignee),
                "notify_party": _in_lines(said.notify_party),
                "port": said.port,
            }
        ),
        threshold=None
        if said.threshold_minor is None
        else Money(amount_minor=said.threshold_minor, currency=said.currency),
        consignee=tuple(said.consignee.split("; ")) if said.consignee else (),
        notify_party=tuple(said.notify_party.split("; ")) if said.notify_party else (),
        port=said.port,
        currencies=currencies(),
        is_admin=actor.role == "admin",
        invitation=invitation or Form(),
        invited=invited,
    )


def _major(amount: int | None) -> str:
    """As somebody types it, with two decimals; "" for none."""
    if amount is None:
        return ""
    return str(Decimal(amount).scaleb(-2))


def currencies() -> tuple[str, ...]:
    """Those of the markets; each has two decimals."""
    return tuple(sorted({market.currency for market in load.markets().markets}))


def _member(connection: Connection, one: Member, actor: Actor, sent: tuple[str, Form] | None) -> MemberLine:
    user = people.user(connection, one.user_id)
    amount = one.limit.amount_minor
    form = form_of(
        {
            "role": one.role,
            "limit": _major(amount),
            "currency": one.limit.currency,
            "period": one.limit.period,
        }
    )
    return MemberLine(
        id=one.user_id,
        name=user.name if user else "",
        email=user.email if user else "",
        role=one.role,
        limit=None if amount is None else Money(amount_minor=amount, currency=one.limit.currency),
        period=one.limit.period,
        form=sent[1] if sent is not None and sent[0] == one.user_id else form,
        is_self=f"{USER}{one.user_id}" == actor.principal,
    )
