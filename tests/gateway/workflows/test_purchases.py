"""From a basket to sold goods: who agrees, what is paid, what runs out, what is stopped."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from gateway.errors import InsufficientQuantity, NotFound, Refused, ReservationExpired
from gateway.people.identity import Identity
from gateway.people.tokens import new_id
from gateway.policies import load
from gateway.store import api_keys, companies, goods, people, trade
from gateway.store import purchases as store
from gateway.store import shipments as shipments_store
from gateway.store.api_keys import ApiKey
from gateway.store.companies import Member, Rules
from gateway.store.people import Membership, User
from gateway.store.purchases import Purchase
from gateway.store.trade import Listing, Reservation
from gateway.trade.spending import CompanyRole, Limit
from gateway.wiring import Installation
from gateway.workflows import (
    holding,
    pick_and_pack,
    purchase_payments,
    purchase_progress,
    purchase_returns,
    purchase_stops,
    purchases,
    shipments,
)
from gateway.workflows.accrue_fees import fees
from gateway.workflows.companies import HOUSE, Actor, actor_of, setting_member
from gateway.workflows.gate import Verdict, judge_lot
from gateway.workflows.holding import Wanted
from gateway.workflows.order_parts import parts_of
from gateway.workflows.parties import operator_hand
from gateway.workflows.purchase_payments import Paid
from gateway.workflows.sell import Terms, reserve
from gateway.workflows.settle_stock import settle_stock
from gateway.workflows.shipments import Wish
from gateway.workflows.trade_figures import trade_figures
from gateway.workflows.work import Work
from ledger.store import log
from tests.gateway.web import Caller

COMPANY = "cmp_us"
TERMS = Terms("PO-1", "FCA", "Shenzhen")
STAFF = Actor("user:staff")


def offers(installation: Installation, count: int, at_least: int = 20) -> list[Listing]:
    with installation.database.reading() as connection:
        found = [
            listing
            for listing in trade.listings(connection)
            if listing.market == "US"
            and (stock := trade.stock(connection, listing.lot)) is not None
            and stock.available >= at_least
        ]
    return found[:count]


def held(installation: Installation, count: int = 1, pieces: int = 5) -> list[str]:
    return [reserve(installation, one.id, COMPANY, pieces).id for one in offers(installation, count)]


def member(installation: Installation, role: CompanyRole, limit: Limit | None = None) -> Actor:
    """A new member of the company with that role."""
    user = new_id("usr")

    def unit(ledger: Any) -> None:
        now = installation.wall_clock.now()
        row = User(user, f"{user}@example.com", role.title(), "en", None, None, 0, disabled=False, demo=True,
                   created_at=now)  # fmt: skip
        people.add_user(ledger.connection, row)
        people.add_membership(ledger.connection, Membership(new_id("mbr"), user, "buyer", COMPANY, now))
        companies.put_member(ledger.connection, Member(COMPANY, user, role, limit or Limit(), now, ""))

    installation.writer.do(unit)
    with installation.database.reading() as connection:
        return actor_of(connection, COMPANY, f"user:{user}")


def place(installation: Installation, holds: list[str], by: Actor = HOUSE, **more: Any) -> Purchase:
    terms = more.pop("terms", TERMS)
    return installation.writer.do(purchases.placing(installation, holds, COMPANY, terms, by=by, **more))


def now_of(installation: Installation, purchase: Purchase) -> Purchase:
    with installation.database.reading() as connection:
        found = store.get(connection, purchase.id)
    assert found is not None
    return found


def states_of(installation: Installation, purchase: Purchase) -> list[str]:
    with installation.database.reading() as connection:
        return [event.after for event in store.events(connection, purchase.id)]


def hold_of(installation: Installation, name: str) -> Reservation:
    with installation.database.reading() as connection:
        found = trade.reservation(connection, name)
    assert found is not None
    return found


def change(installation: Installation, statement: Any) -> None:
    installation.writer.do(lambda ledger: ledger.connection.execute(statement))


def later(installation: Installation, by: timedelta) -> None:
    """As if so much time had passed: whatever runs out does so earlier."""
    held_, bought = trade.RESERVATIONS, store.PURCHASES
    with installation.database.reading() as connection:
        holds, all_ = trade.holds(connection), store.latest(connection)
    for hold in holds:
        change(
            installation, held_.update().where(held_.c.id == hold.id).values(expires_at=hold.expires_at - by)
        )
    for one in all_:
        if one.hold_until is not None:
            moved = bought.update().where(bought.c.id == one.id).values(hold_until=one.hold_until - by)
            change(installation, moved)


def ask_a_deposit(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = load.purchases()
    first = policy.tiers[0].model_copy(update={"deposit_from": {}})
    made = policy.model_copy(update={"tiers": (first, *policy.tiers[1:])})
    monkeypatch.setattr(load, "purchases", lambda: made)


def recall(installation: Installation, lot: str) -> None:
    def unit(ledger: Any) -> None:
        Work(installation, ledger).record(
            "lot.recalled",
            [operator_hand(installation, "warehouse", "authority")],
            {"reason": "safety"},
            subjects=[lot],
        )

    installation.writer.do(unit)


def test_several_lots_are_one_purchase_with_a_sale_each(copied: Installation) -> None:
    """I8, I9: each line has an order, each order its sale in the log, and the head that the buyer saw."""
    names = held(copied, 2)
    seen = {name: hold_of(copied, name) for name in names}
    purchase = place(copied, names)
    assert purchase.state == "confirmed"
    with copied.database.reading() as connection:
        orders = store.orders(connection, purchase.id)
        events = [log.event(connection, order.sold_event) for order in orders]
        assert [order.reservation for order in orders] == names
        assert [order.head for order in orders] == [seen[name].head for name in names]
        assert [event.subjects for event in events if event] == [[order.lot] for order in orders]
        assert purchase.total_minor == sum(order.total_minor for order in orders)
        assert {order.po_number for order in orders} == {"PO-1"}
    assert states_of(copied, purchase) == ["draft", "placed", "confirmed"]
    assert place(copied, names) == now_of(copied, purchase)


def test_a_purchase_whose_last_line_fails_sells_nothing(copied: Installation) -> None:
    names = held(copied, 2)
    change(copied, trade.LISTINGS.update().where(
        trade.LISTINGS.c.id == hold_of(copied, names[1]).listing).values(status="withdrawn"))  # fmt: skip
    with copied.database.reading() as connection:
        before = log.read_head(connection)
    with pytest.raises(Exception, match="lst_"):
        place(copied, names)
    with copied.database.reading() as connection:
        assert log.read_head(connection) == before
        assert store.latest(connection, company=COMPANY)[:1] == [] or all(
            one.po_number != "PO-1" for one in store.latest(connection, company=COMPANY)
        )
    assert hold_of(copied, names[0]).state == "active"


def test_a_number_stands_on_one_purchase_unless_it_is_meant_twice(copied: Installation) -> None:
    first, second = held(copied, 2)
    place(copied, [first])
    with pytest.raises(Refused) as refused:
        place(copied, [second])
    assert refused.value.code == "po-number-used"
    assert place(copied, [second], repeated=True).state == "confirmed"


def test_a_member_above_the_limit_waits_for_another_one(copied: Installation) -> None:
    clerk = member(copied, "buyer", Limit(amount_minor=100, currency="USD"))
    purchase = place(copied, held(copied), clerk)
    assert purchase.state == "pending_approval"
    hold = store_holds(copied, purchase)[0]
    assert hold.expires_at == purchase.hold_until
    assert purchase.hold_until == purchase.created_at + timedelta(hours=24)
    boss = member(copied, "approver")
    for who, slug in ((clerk, "company-role"), (member(copied, "viewer"), "company-role")):
        with pytest.raises(Refused) as refused:
            copied.writer.do(purchases.approving(copied, purchase.id, COMPANY, who))
        assert refused.value.code == slug
    done = copied.writer.do(purchases.approving(copied, purchase.id, COMPANY, boss))
    assert done.state == "confirmed"
    with copied.database.reading() as connection:
        said = [(event.after, event.by) for event in store.events(connection, purchase.id)]
    assert said[1:] == [
        ("pending_approval", clerk.principal), ("placed", boss.principal), ("confirmed", boss.principal),
    ]  # fmt: skip


def store_holds(installation: Installation, purchase: Purchase) -> list[Reservation]:
    with installation.database.reading() as connection:
        return store.holds(connection, purchase.id)


def test_an_admin_does_not_approve_what_he_placed_while_somebody_else_may(copied: Installation) -> None:
    boss = member(copied, "admin", Limit(amount_minor=0, currency="USD"))
    purchase = place(copied, held(copied), boss)
    other = member(copied, "approver")
    with pytest.raises(Refused, match="another member"):
        copied.writer.do(purchases.approving(copied, purchase.id, COMPANY, boss))
    declined = copied.writer.do(purchases.declining(copied, purchase.id, COMPANY, other, "too dear"))
    assert declined.state == "cancelled"
    assert store_holds(copied, purchase)[0].state == "released"
    with pytest.raises(Refused) as refused:
        copied.writer.do(purchases.approving(copied, purchase.id, COMPANY, other))
    assert refused.value.code == "purchase-state"


def test_what_a_program_placed_its_maker_does_not_approve(copied: Installation) -> None:
    boss = member(copied, "admin", Limit(amount_minor=0, currency="USD"))
    now = copied.clock.now()
    made = ApiKey(
        new_id("key"), "lp_program", "", "program", "buyer", COMPANY, "orders:write", "",
        boss.principal.removeprefix("user:"), now, now + timedelta(days=1),
    )  # fmt: skip
    copied.writer.do(lambda ledger: api_keys.add(ledger.connection, made))
    with copied.database.reading() as connection:
        program = actor_of(connection, COMPANY, f"key:{made.id}")
    purchase = place(copied, held(copied), program)
    assert (purchase.state, program.limit) == ("pending_approval", boss.limit)
    other = member(copied, "approver")
    with pytest.raises(Refused, match="another member"):
        copied.writer.do(purchases.approving(copied, purchase.id, COMPANY, boss))
    assert copied.writer.do(purchases.approving(copied, purchase.id, COMPANY, other)).state == "confirmed"


def test_a_payment_that_is_sent_twice_is_written_down_once(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_a_deposit(copied, monkeypatch)
    purchase = place(copied, held(copied))
    part = Paid(purchase.deposit_minor // 2 + 1, date(2026, 11, 20), "bank 1")
    assert purchase_payments.pay(copied, purchase.id, part, STAFF)[0].state == "placed"
    with pytest.raises(Refused) as refused:
        purchase_payments.pay(copied, purchase.id, part, STAFF)
    assert refused.value.code == "payment-repeated"
    assert now_of(copied, purchase).state == "placed"


def test_a_deposit_that_came_while_a_purchase_was_stopped_counts(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_a_deposit(copied, monkeypatch)
    purchase = place(copied, held(copied))
    copied.writer.do(purchase_stops.holding_up(copied, purchase.id, STAFF, "other"))
    paid = Paid(purchase.total_minor, date(2026, 11, 20), "bank 1")
    assert purchase_payments.pay(copied, purchase.id, paid, STAFF)[0].state == "on_hold"
    assert copied.writer.do(purchase_stops.resuming(copied, purchase.id, STAFF)).state == "deposit_paid"
    assert copied.writer.do(purchase_payments.selling(copied, purchase.id, STAFF)).state == "confirmed"


def test_the_companys_threshold_asks_about_everybody_and_spending_adds_up(copied: Installation) -> None:
    clerk = member(copied, "buyer", Limit(amount_minor=10**9, currency="USD"))
    first, second, third = held(copied, 3)
    assert place(copied, [first], clerk).state == "confirmed"
    spent = now_of(copied, place(copied, [first], clerk)).total_minor
    tight = replace(clerk, limit=Limit(amount_minor=spent, currency="USD"))
    assert place(copied, [second], tight, terms=replace(TERMS, po_number="PO-2")).state == "pending_approval"
    copied.writer.do(lambda ledger: companies.put_rules(ledger.connection, Rules(COMPANY, 1, "USD")))
    assert place(copied, [third], clerk, terms=replace(TERMS, po_number="PO-3")).state == "pending_approval"


def test_whoever_looks_on_orders_nothing_and_a_program_within_its_makers_limit(copied: Installation) -> None:
    with pytest.raises(Refused) as refused:
        place(copied, held(copied), member(copied, "viewer"))
    assert refused.value.code == "company-role"
    with copied.database.reading() as connection:
        assert actor_of(connection, COMPANY, "user:nobody").role is None
        assert not actor_of(connection, COMPANY, "key:none").may_approve


def test_a_deposit_is_paid_before_the_goods_are_sold(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_a_deposit(copied, monkeypatch)
    purchase = place(copied, held(copied))
    assert (purchase.state, purchase.deposit_minor) == ("placed", (purchase.total_minor * 30 + 50) // 100)
    half = Paid(purchase.deposit_minor - 1, date(2026, 11, 20), "bank 1")
    assert purchase_payments.pay(copied, purchase.id, half, STAFF)[0].state == "placed"
    done, why_not = purchase_payments.pay(copied, purchase.id, Paid(1, date(2026, 11, 20), "bank 2"), STAFF)
    assert (done.state, why_not) == ("confirmed", None)
    assert states_of(copied, purchase) == ["draft", "placed", "deposit_paid", "confirmed"]
    with pytest.raises(Refused) as refused:
        purchase_payments.pay(copied, purchase.id, Paid(purchase.total_minor, date(2026, 11, 20), "x"), STAFF)
    assert refused.value.code == "overpaid"


def test_the_old_way_refuses_what_has_to_wait_and_leaves_nothing_behind(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_a_deposit(copied, monkeypatch)
    names = held(copied)
    with pytest.raises(Refused) as refused:
        copied.writer.do(purchases.buying(copied, names, COMPANY, TERMS))
    assert refused.value.code == "purchase-waits"
    assert hold_of(copied, names[0]).purchase == ""


def test_money_stands_though_the_sale_is_refused(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_a_deposit(copied, monkeypatch)
    purchase = place(copied, held(copied))
    recall(copied, store_holds(copied, purchase)[0].lot)
    paid = Paid(purchase.deposit_minor, date(2026, 11, 20), "bank")
    found, why_not = purchase_payments.pay(copied, purchase.id, paid, STAFF)
    assert found.state == "deposit_paid"
    assert "recalled" in str(why_not)
    with copied.database.reading() as connection:
        assert store.paid_minor(connection, purchase.id) == purchase.deposit_minor


def test_what_waits_too_long_is_cancelled_and_its_goods_are_free(copied: Installation) -> None:
    copied.writer.do(lambda ledger: purchase_stops.tidy(copied, ledger))  # what the story shipped is followed
    clerk = member(copied, "buyer", Limit(amount_minor=0, currency="USD"))
    purchase = place(copied, held(copied), clerk)
    lot = store_holds(copied, purchase)[0].lot
    with copied.database.reading() as connection:
        reserved = trade.stock(connection, lot).reserved  # type: ignore[union-attr]
    later(copied, timedelta(hours=25))
    boss = member(copied, "approver")
    with pytest.raises(ReservationExpired):
        copied.writer.do(purchases.approving(copied, purchase.id, COMPANY, boss))
    assert copied.writer.do(lambda ledger: purchase_stops.tidy(copied, ledger)) == 1
    with copied.database.reading() as connection:
        last = store.events(connection, purchase.id)[-1]
        assert trade.stock(connection, lot).reserved == reserved - 5  # type: ignore[union-attr]
    assert (last.after, last.reason, last.by) == ("cancelled", "expired", "")
    assert copied.writer.do(lambda ledger: purchase_stops.tidy(copied, ledger)) == 0


def test_what_is_not_sold_is_cancelled_and_what_is_sold_is_not(copied: Installation) -> None:
    clerk = member(copied, "buyer", Limit(amount_minor=0, currency="USD"))
    first, second = held(copied, 2)
    waiting, sold = (
        place(copied, [first], clerk),
        place(copied, [second], terms=replace(TERMS, po_number="2")),
    )
    with pytest.raises(Refused, match="wait in a purchase"):
        copied.writer.do(holding.releasing(copied, first, COMPANY, lambda _hold: None))
    ended = copied.writer.do(purchases.cancelling(copied, waiting.id, clerk, "customer", company=COMPANY))
    assert (ended.state, hold_of(copied, first).state) == ("cancelled", "released")
    with pytest.raises(Refused) as refused:
        copied.writer.do(purchases.cancelling(copied, sold.id, STAFF, "staff"))
    assert refused.value.code == "purchase-sold"
    with pytest.raises(NotFound):
        copied.writer.do(purchases.cancelling(copied, sold.id, clerk, "customer", company="cmp_vn"))


def phones_for_us(installation: Installation) -> Listing:
    """Every piece has a row of its own, and nothing of the lot has left."""
    with installation.database.reading() as connection:
        return next(
            one
            for one in offers(installation, 99, 20)
            if all(item.serialised for item in goods.of_lot(connection, one.lot))
            and not log.subject(connection, one.lot).state.shipped  # type: ignore[union-attr]
        )


def test_a_sale_is_undone_by_the_ledgers_own_record_before_its_goods_leave(copied: Installation) -> None:
    """Each order's very pieces come back as a lot that may be offered again; other orders keep theirs."""
    listing = phones_for_us(copied)
    names = [reserve(copied, listing.id, COMPANY, 5).id for _ in range(2)]
    gone, stays = (
        place(copied, [name], terms=replace(TERMS, po_number=f"PO-{n}")) for n, name in enumerate(names)
    )
    with copied.database.reading() as connection:
        (order,), (other,) = (store.orders(connection, one.id) for one in (gone, stays))
        pieces = {one.id: [part.item.id for part in parts_of(connection, one)] for one in (order, other)}
        before, sold = trade.stock(connection, listing.lot), trade.sold_units(connection)
        owed = {fee.event_id for fee in fees(connection)}
    assert {order.sold_event, other.sold_event} <= owed
    shipment = shipments.plan(copied, [Wish(order.id)], by="user:staff")
    with pytest.raises(NotFound):
        copied.writer.do(purchase_returns.taking_back(copied, "pur_none", STAFF, "staff"))
    ended = copied.writer.do(purchase_returns.taking_back(copied, gone.id, STAFF, "staff", "wrong buyer"))
    assert ended.state == "cancelled"
    with pytest.raises(Refused, match="is cancelled"):
        copied.writer.do(purchase_returns.taking_back(copied, gone.id, STAFF, "staff"))
    with copied.database.reading() as connection:
        lot, after = log.subject(connection, listing.lot), trade.stock(connection, listing.lot)
        assert lot is not None
        assert before is not None
        assert after is not None
        child = lot.state.children[-1]
        back = log.subject(connection, child)
        assert back is not None
        assert (back.state.quantity, back.state.grade, back.state.sold) == (5, lot.state.grade, 0)
        assert [item.id for item in goods.of_lot(connection, child)] == pieces[order.id]
        assert [part.item.id for part in parts_of(connection, other)] == pieces[other.id]
        assert (before.on_hand - after.on_hand, before.allocated - after.allocated) == (5, 5)
        made = trade.stock(connection, child)
        assert made is not None
        assert (made.on_hand, made.available) == (5, 5)
        assert {fee.event_id for fee in fees(connection)} == owed - {order.sold_event}, "no fee of no sale"
        assert trade.sold_units(connection) == trade_figures(copied, connection).sold == sold - 5
        last = store.events(connection, gone.id)[-1]
        assert (last.after, last.reason, last.remark) == ("cancelled", "staff", "wrong buyer")
        now, planned = trade.order(connection, order.id), shipments_store.get(connection, shipment.id)
        assert (now and now.state, planned and planned.state) == ("cancelled", "cancelled")
        market = load.markets().market("US")
        judged = judge_lot(copied, connection, child, Verdict(verified=True, distrusted=False))
        assert judged is not None
        assert market is not None
        against = judged.reasons(market, copied.clock.now().date())
        assert [one.slug for one in against] == ["unit-codes-missing"], "it needs codes, and nothing else"
    assert settle_stock(copied) == []
    pages = [f"/orders/{order.id.partition(':')[2]}", f"/purchases/{gone.id}", f"/v1/purchases/{gone.id}"]
    buyer = Caller(copied).signed_in("buyer", COMPANY)
    assert [buyer.get(page).status_code for page in pages] == [200, 200, 200]
    staff = Caller(copied).signed_in("operator")
    for page in (*(f"/operator{page}" for page in pages[:2]), "/operator/figures", "/operator/shipments"):
        assert staff.get(page).status_code == 200, page


def test_a_sale_is_not_undone_where_goods_are_packed_or_a_row_would_be_cut(copied: Installation) -> None:
    whole = place(copied, [reserve(copied, phones_for_us(copied).id, COMPANY, 5).id])
    with copied.database.reading() as connection:
        (order,) = store.orders(connection, whole.id)
        styles = [
            one
            for one in offers(copied, 99, 7)
            if all(item.quantity > 7 for item in goods.of_lot(connection, one.lot))
        ]
    shipment = shipments.plan(copied, [Wish(order.id)], by="user:staff")
    who = Identity(principal="user:staff", name="", role="operator", organisation=copied.config.operator)
    pick_and_pack.pick_all(copied, shipment.id, by="user:staff")
    pick_and_pack.propose(copied, shipment.id, by="user:staff")
    shipments.pack(copied, shipment.id, by=who)
    cut = place(
        copied, [reserve(copied, styles[0].id, COMPANY, 7).id], terms=replace(TERMS, po_number="PO-C")
    )
    for purchase, slug in ((whole, "purchase-packed"), (cut, "rows-divided")):
        with pytest.raises(Refused) as refused:
            copied.writer.do(purchase_returns.taking_back(copied, purchase.id, STAFF, "staff"))
        assert refused.value.code == slug
        assert now_of(copied, purchase).state == "confirmed"


def test_a_recall_stops_a_purchase_between_payment_and_dispatch(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_a_deposit(copied, monkeypatch)
    first, second = held(copied, 2)
    waiting = place(copied, [first])
    sold = place(copied, [second], terms=replace(TERMS, po_number="PO-2"))
    purchase_payments.pay(copied, sold.id, Paid(sold.deposit_minor, date(2026, 11, 20), "bank"), STAFF)
    for name in (first, second):
        recall(copied, hold_of(copied, name).lot)
    assert {one.id for one in purchase_stops.stop_recalled(copied)} == {waiting.id, sold.id}
    assert purchase_stops.stop_recalled(copied) == []
    assert hold_of(copied, first).state == "released"
    with copied.database.reading() as connection:
        (order,) = store.orders(connection, sold.id)
    with pytest.raises(Refused, match="on_hold"):
        copied.writer.do(lambda ledger: purchase_progress.check_may_leave(Work(copied, ledger), [order.id]))
    with pytest.raises(Refused) as refused:
        copied.writer.do(purchase_stops.resuming(copied, sold.id, STAFF))
    assert refused.value.code == "still-recalled"


def test_a_stopped_purchase_goes_on_with_its_goods_held_again(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_a_deposit(copied, monkeypatch)
    purchase = place(copied, held(copied))
    copied.writer.do(purchase_stops.holding_up(copied, purchase.id, STAFF, "fraud", "the letter looks odd"))
    assert store_holds(copied, purchase)[0].state == "released"
    back = copied.writer.do(purchase_stops.resuming(copied, purchase.id, STAFF))
    assert (back.state, store_holds(copied, purchase)[0].state) == ("placed", "active")
    done, _ = purchase_payments.pay(
        copied, purchase.id, Paid(back.deposit_minor, date(2026, 11, 20), "b"), STAFF
    )
    assert done.state == "confirmed"


def test_a_purchase_follows_its_goods_and_is_complete_when_paid(copied: Installation) -> None:
    purchase = place(copied, held(copied, 2))
    with copied.database.reading() as connection:
        one, two = store.orders(connection, purchase.id)

    def move(order: trade.Order, state: str) -> str:
        def unit(ledger: Any) -> None:
            trade.set_order(ledger.connection, order, state=state)
            purchase_stops.follow(ledger.connection, order.id, copied.clock.now())

        copied.writer.do(unit)
        return now_of(copied, purchase).state

    assert move(one, "packed") == "confirmed"
    assert move(one, "shipped") == "partially_shipped"
    assert move(two, "shipped") == "shipped"
    assert [move(one, "delivered"), move(two, "delivered")] == ["shipped", "delivered"]
    paid = Paid(purchase.total_minor, date(2026, 11, 20), "bank")
    assert purchase_payments.pay(copied, purchase.id, paid, STAFF)[0].state == "completed"


def test_a_hold_is_prolonged_once_and_never_after_its_end(copied: Installation) -> None:
    first, second = held(copied, 2)
    longer = copied.writer.do(holding.extending(copied, first, COMPANY))
    assert longer.expires_at == hold_of(copied, first).expires_at
    assert longer.extended
    with pytest.raises(Refused, match="once"):
        copied.writer.do(holding.extending(copied, first, COMPANY))
    later(copied, timedelta(minutes=31))
    with pytest.raises(ReservationExpired):
        copied.writer.do(holding.extending(copied, second, COMPANY))
    assert place(copied, [first]).state == "confirmed"


def test_what_is_asked_twice_of_one_lot_is_held_once_and_all_or_nothing(copied: Installation) -> None:
    """I10: two lines of one lot are summed before the check."""
    one, two = offers(copied, 2)
    with copied.database.reading() as connection:
        left = trade.stock(connection, one.lot).available  # type: ignore[union-attr]
    both = [Wanted(one.id, left // 2 + 1), Wanted(two.id, 5), Wanted(one.id, left // 2 + 1)]
    with pytest.raises(InsufficientQuantity):
        copied.writer.do(holding.reserving_all(copied, COMPANY, both))
    with copied.database.reading() as connection:
        assert trade.stock(connection, two.lot).reserved == 0  # type: ignore[union-attr]
    asked = [Wanted(one.id, 5), Wanted(two.id, 5), Wanted(one.id, 7)]
    holds = copied.writer.do(holding.reserving_all(copied, COMPANY, asked))
    assert {hold.listing: hold.quantity for hold in holds} == {one.id: 12, two.id: 5}
    assert [hold.lot for hold in holds] == sorted(hold.lot for hold in holds)


def test_nobody_keeps_a_large_lot_from_all_others(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = load.purchases().model_copy(update={"share_applies_from_pieces": 10})
    monkeypatch.setattr(load, "purchases", lambda: policy)
    (offer,) = offers(copied, 1)
    with copied.database.reading() as connection:
        pieces = trade.stock(connection, offer.lot).on_hand  # type: ignore[union-attr]
    most = pieces * 80 // 100
    reserve(copied, offer.id, COMPANY, most - 5)
    with pytest.raises(Refused) as refused:
        reserve(copied, offer.id, COMPANY, 6)
    assert (refused.value.code, refused.value.facts["available"]) == ("share-exceeded", 5)
    assert reserve(copied, offer.id, COMPANY, 5).state == "active"


def test_a_quantity_is_changed_in_place_and_a_refused_one_changes_nothing(copied: Installation) -> None:
    (name,) = held(copied)
    before = hold_of(copied, name)
    with pytest.raises(Refused, match="smallest order"):
        copied.writer.do(holding.changing(copied, name, COMPANY, 4))
    assert hold_of(copied, name) == before
    changed = copied.writer.do(holding.changing(copied, name, COMPANY, 8))
    assert (changed.quantity, changed.expires_at) == (8, before.expires_at)
    assert hold_of(copied, name).state == "released"
    settle_stock(copied)


def test_a_hold_keeps_the_price_that_was_seen(copied: Installation) -> None:
    (name,) = held(copied)
    hold = hold_of(copied, name)
    raised = trade.LISTINGS.update().where(trade.LISTINGS.c.id == hold.listing)
    change(copied, raised.values(unit_price_minor=hold.unit_price_minor + 1))
    purchase = place(copied, [name])
    with copied.database.reading() as connection:
        (order,) = store.orders(connection, purchase.id)
    assert order.unit_price_minor == hold.unit_price_minor


def test_goods_that_changed_are_asked_about_again_and_other_records_are_not(copied: Installation) -> None:
    """I8: a material move forces a confirmation; an immaterial record does not block."""
    first, second = held(copied, 2)
    seen = hold_of(copied, first).seen
    told = seen.replace('"grade": "', '"grade": "better than ')
    assert told != seen
    change(copied, trade.RESERVATIONS.update().where(trade.RESERVATIONS.c.id == first).values(seen=told))
    with pytest.raises(Refused) as refused:
        place(copied, [first])
    assert refused.value.code == "head-changed"
    assert [one["fact"] for one in refused.value.facts["changes"]] == ["grade"]  # type: ignore[attr-defined]
    copied.writer.do(holding.accepting(copied, first, COMPANY))
    assert place(copied, [first]).state == "confirmed"
    lot = hold_of(copied, second).lot
    other = next(one for one in offers(copied, 99) if one.lot == lot)
    place(copied, [reserve(copied, other.id, COMPANY, 5).id], terms=replace(TERMS, po_number="between"))
    assert place(copied, [second], terms=replace(TERMS, po_number="after")).state == "confirmed"


def test_a_company_keeps_one_admin(copied: Installation) -> None:
    boss = member(copied, "admin")
    user = boss.principal.removeprefix("user:")
    with pytest.raises(Refused, match="one admin"):
        copied.writer.do(setting_member(copied, COMPANY, user, "viewer", Limit(), boss.principal))
    member(copied, "admin")
    said = copied.writer.do(setting_member(copied, COMPANY, user, "viewer", Limit(), boss.principal))
    assert said.role == "viewer"
    with pytest.raises(NotFound):
        copied.writer.do(setting_member(copied, COMPANY, "usr_nobody", "viewer", Limit(), boss.principal))


def test_nobody_becomes_admin_because_the_first_one_left(copied: Installation) -> None:
    company = "cmp_left"
    now = copied.wall_clock.now()
    first, second, third = users = [new_id("usr") for _ in range(3)]

    def join(ledger: Any) -> None:
        for n, user in enumerate(users):
            at = now + timedelta(seconds=n)
            people.add_membership(ledger.connection, Membership(f"mbr_left{n}", user, "buyer", company, at))

    copied.writer.do(join)

    def roles() -> dict[str, CompanyRole]:
        with copied.database.reading() as connection:
            return {one.user_id: one.role for one in companies.members(connection, company)}

    assert roles() == {first: "admin", second: "viewer", third: "viewer"}
    copied.writer.do(setting_member(copied, company, third, "admin", Limit(), f"user:{first}"))
    assert roles() == {first: "admin", second: "viewer", third: "admin"}
    copied.writer.do(lambda ledger: people.end_membership(ledger.connection, "mbr_left0", first))
    assert roles() == {second: "viewer", third: "admin"}
