"""Shipments carry what was sold and no more, leave only past the gate, and add up on every paper."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from exporters.dossier import parse
from gateway.consignments.spec import PartySpec
from gateway.errors import LotNotVerified, Refused
from gateway.people.identity import Identity
from gateway.store import dossiers, goods, purchases, shipments, trade
from gateway.store import statements as stored
from gateway.store.shipments import Container, Shipment
from gateway.store.trade import MOVEMENTS, Order
from gateway.trade.eligibility import Reason
from gateway.trade.packing import Carton, Content
from gateway.wiring import Installation
from gateway.workflows import (
    issue_papers,
    parties,
    pick_and_pack,
    purchase_stops,
    shipment_gate,
    shipment_moves,
    statements,
)
from gateway.workflows import shipments as steps
from gateway.workflows.companies import Actor
from gateway.workflows.gate import Judged
from gateway.workflows.parties import hand, operator_hand, register
from gateway.workflows.sell import Terms, confirm, reserve
from gateway.workflows.ship_order import plan_order, ship_order
from gateway.workflows.shipments import Wish
from gateway.workflows.work import Work, note_of
from ledger.record import Ledger
from ledger.store import log
from tests.gateway.web import Caller

BY = "user:packer"


def staff(installation: Installation) -> Identity:
    return Identity(principal=BY, name="Packer", role="operator", organisation=installation.config.operator)


def bought(
    installation: Installation,
    quantity: int,
    company: str = "cmp_us",
    po: str = "PO-7",
    category: str = "",
    lot: str = "",
) -> Order:
    """A confirmed order of pieces of the largest lot that its company may buy; of ``lot`` where named."""
    market = company.removeprefix("cmp_").upper()
    with installation.database.reading() as connection:
        found = [
            (stock.available, one.id)
            for one in trade.listings(connection)
            if one.market == market
            and lot in ("", one.lot)
            and (stock := trade.stock(connection, one.lot))
            and stock.available >= 3 * quantity
            and category in ("", log.subject(connection, one.lot).state.category)  # type: ignore[union-attr]
        ]
    hold = reserve(installation, max(found)[1], company, quantity)
    return confirm(installation, hold.id, company, Terms(po, "FCA", "Shenzhen"))


def ready(installation: Installation, shipment: Shipment) -> Shipment:
    """Picked, packed as proposed, signed for, with its documents."""
    pick_and_pack.pick_all(installation, shipment.id, by=BY)
    pick_and_pack.propose(installation, shipment.id, by=BY)
    steps.pack(installation, shipment.id, by=staff(installation))
    return issued(installation, shipment)


def issued(installation: Installation, shipment: Shipment) -> Shipment:
    """With what only a person can state: of used appliances, that nothing of them is waste."""
    stated = {"holder_declaration": "yes", "contract_states_function": "yes"}
    issue_papers.state_facts(installation, shipment.id, stated, by=staff(installation))
    return steps.issue(installation, shipment.id, by=staff(installation))


def sent(installation: Installation, shipment: Shipment) -> Shipment:
    return steps.dispatch(installation, ready(installation, shipment).id, by=staff(installation))


def refused(act: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value


def state_of(installation: Installation, order: Order) -> str:
    with installation.database.reading() as connection:
        found = trade.order(connection, order.id)
    assert found is not None
    return found.state


def test_an_order_is_shipped_in_parts_and_each_part_has_papers_and_records_of_its_own(
    copied: Installation,
) -> None:
    order = bought(copied, 30)
    first = steps.plan(copied, [Wish(order.id, 10)], by=BY)
    second = steps.plan(copied, [Wish(order.id, 15)], by=BY)
    many = refused(lambda: steps.plan(copied, [Wish(order.id, 6)], by=BY))
    assert (many.code, many.facts["left"]) == ("more-than-allocated", 5)
    with copied.database.reading() as connection:
        before = trade.stock(connection, order.lot)
        articles = [{part.article for part in shipments.parts(connection, s.id)} for s in (first, second)]
        counts = [sum(p.quantity for p in shipments.parts(connection, s.id)) for s in (first, second)]
    assert counts == [10, 15]
    if all(item.quantity == 1 for item in _items(copied, order)):
        assert not articles[0] & articles[1], "no piece leaves twice"
    assert sent(copied, first).state == "dispatched"
    assert state_of(copied, order) == "partially_shipped"
    assert sent(copied, second).state == "dispatched"
    assert state_of(copied, order) == "partially_shipped"
    third = steps.plan(copied, [Wish(order.id)], by=BY)
    sent(copied, third)
    assert state_of(copied, order) == "shipped"
    with copied.database.reading() as connection:
        stock = trade.stock(connection, order.lot)
        assert before is not None
        assert stock is not None
        assert stock.shipped - before.shipped == 30 == before.allocated - stock.allocated
        assert shipments.shipped_of(connection, order.id) == 30
        papers = trade.documents(connection, order_id=order.id)
        assert len({one.number for one in papers}) == len(papers)
        for kind in ("commercial_invoice", "packing_list"):
            assert {one.shipment for one in papers if one.kind == kind} == {first.id, second.id, third.id}
        recorded = [log.subject(connection, one.id).state for one in (first, second, third)]  # type: ignore[union-attr]
        for one, state, pieces in zip((first, second, third), recorded, (10, 15, 5), strict=True):
            dossier = parse(note_of(copied, f"dossier:{one.id}").encode())
            assert sum(line.quantity for line in dossier.lines) == pieces
            cartons = shipments.cartons(connection, one.id)
            assert (state.packages, state.mass_g) == (
                len(cartons),
                sum(carton.gross_mass_g for carton in cartons),
            )
            assert state.shipped


def _items(installation: Installation, order: Order) -> list[Any]:
    with installation.database.reading() as connection:
        return goods.of_lot(connection, order.lot)


def test_wishes_about_one_order_are_summed_before_they_are_judged(copied: Installation) -> None:
    """I10: 20 and 20 of 30 are 40."""
    order = bought(copied, 30)
    wishes = [Wish(order.id, 20), Wish(order.id, 20)]
    assert refused(lambda: steps.plan(copied, wishes, by=BY)).code == "more-than-allocated"
    made = steps.plan(copied, [Wish(order.id, 20), Wish(order.id, 10)], by=BY)
    with copied.database.reading() as connection:
        assert [line.quantity for line in shipments.lines(connection, made.id)] == [30]


def test_orders_of_one_company_leave_together_and_those_of_two_do_not(copied: Installation) -> None:
    one = bought(copied, 5, po="PO-A")
    two = bought(copied, 6, po="PO-B", lot=one.lot)  # other lots may lie elsewhere
    other = bought(copied, 5, "cmp_ng")
    wishes = [Wish(one.id), Wish(other.id)]
    assert refused(lambda: steps.plan(copied, wishes, by=BY)).code == "orders-differ"
    together = sent(copied, steps.plan(copied, [Wish(one.id), Wish(two.id)], by=BY))
    dossier = parse(note_of(copied, f"dossier:{together.id}").encode())
    assert sum(line.quantity for line in dossier.lines) == 11
    assert {one.number for one in dossier.references} == {"PO-A", "PO-B"}
    assert {state_of(copied, one), state_of(copied, two)} == {"shipped"}
    with copied.database.reading() as connection:
        for order in (one, two):
            papers = [one.kind for one in trade.documents(connection, order_id=order.id)]
            assert len(papers) == len(set(papers)), "both orders have the papers, each once"
            assert {"commercial_invoice", "packing_list"} <= set(papers)
        assert shipments.loaded_of(connection, other.id) == 0, "a refused plan takes nothing"


def test_sixteen_planners_never_ship_more_than_was_sold(copied: Installation) -> None:
    plan_with_sixteen(copied)


def plan_with_sixteen(installation: Installation) -> None:
    """Each wants seven of forty pieces: five get them, and the naive sum would have been 112 (I7)."""
    order = bought(installation, 40)

    def plan(_number: int) -> int:
        try:
            made = steps.plan(installation, [Wish(order.id, 7)], by=BY)
        except Refused as error:
            return {"more-than-allocated": 0}[error.code]
        with installation.database.reading() as connection:
            return sum(part.quantity for part in shipments.parts(connection, made.id))

    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(plan, range(16)))
    assert sorted(taken, reverse=True)[:6] == [7, 7, 7, 7, 7, 0]
    with installation.database.reading() as connection:
        assert shipments.loaded_of(connection, order.id) == 35
        for item in goods.of_lot(connection, order.lot):
            assert shipments.taken_of(connection, order.id).get(item.id, 0) <= item.quantity


def test_two_trucks_cannot_leave_with_the_same_goods(copied: Installation) -> None:
    """Of sixteen who let one shipment leave at once, one does; the stock moves once."""
    shipment = ready(copied, steps.plan(copied, [Wish(bought(copied, 8).id)], by=BY))

    def leave(_number: int) -> bool:
        try:
            steps.dispatch(copied, shipment.id, by=staff(copied))
        except Refused as error:
            return {"shipment-not-now": False, "shipment-moved": False}[error.code]
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(leave, range(16))) == 1
    with copied.database.reading() as connection:
        moved = [row for row in connection.execute(MOVEMENTS.select()) if row.cause == shipment.id]
    assert [(row.kind, row.quantity) for row in moved] == [("ship", 8)]


def test_a_recall_after_payment_stops_the_truck_with_every_reason(copied: Installation) -> None:
    order = bought(copied, 5)
    shipment = ready(copied, steps.plan(copied, [Wish(order.id)], by=BY))

    def recall(ledger: Ledger) -> None:
        authority = operator_hand(copied, "warehouse", "authority")
        data = {"reason": "safety"}
        Work(copied, ledger).record("lot.recalled", [authority], data, subjects=[order.lot])

    copied.writer.do(recall)
    copied.publisher.publish()
    with pytest.raises(LotNotVerified) as stopped:
        steps.dispatch(copied, shipment.id, by=staff(copied))
    assert "recalled" in {reason.slug for reason in stopped.value.reasons}
    with copied.database.reading() as connection:
        after = shipments.get(connection, shipment.id)
        events = shipments.events(connection, shipment.id)
        stock = trade.stock(connection, order.lot)
    assert after is not None
    assert after.state == "documents_ready"
    assert (events[-1].what, "recalled" in events[-1].reason) == ("stopped", True)
    assert stock is not None
    assert stock.allocated >= 5, "the goods are still here"


def test_a_permission_taken_back_after_payment_stops_the_truck(copied: Installation) -> None:
    order = bought(copied, 5)
    shipment = ready(copied, steps.plan(copied, [Wish(order.id)], by=BY))
    with copied.database.reading() as connection:
        name = log.subject(connection, order.lot).state.authorizations[0]  # type: ignore[union-attr]
        grantor = log.subject(connection, name).state.grantor  # type: ignore[union-attr]

    def revoke(ledger: Ledger) -> None:
        data = {"reason": "withdrawn"}
        hands = [hand(copied, grantor, "grantor")]
        Work(copied, ledger).record("authorization.revoked", hands, data, subjects=[name])

    copied.writer.do(revoke)
    copied.publisher.publish()
    with pytest.raises(LotNotVerified) as stopped:
        steps.dispatch(copied, shipment.id, by=staff(copied))
    assert any(reason.slug.startswith("authorization") for reason in stopped.value.reasons)


def test_goods_that_were_moved_do_not_leave_from_where_they_were(copied: Installation) -> None:
    """G28: a site without custody by the ledger."""
    order = bought(copied, 5)
    shipment = ready(copied, steps.plan(copied, [Wish(order.id)], by=BY))
    moved(copied, order.lot, operator_hand(copied, "warehouse", "custodian"), shipment.site, "yiwu")
    error = refused(lambda: steps.dispatch(copied, shipment.id, by=staff(copied)))
    assert (error.code, error.facts["lot"]) == ("site-without-custody", order.lot)
    _nothing_leaves_on_revoked_papers(copied, shipment)


def _nothing_leaves_on_revoked_papers(installation: Installation, shipment: Shipment) -> None:
    """Neither when somebody lets it leave, nor when a holder elsewhere signs for it later."""
    issue_papers.revoke(installation, shipment.id, by=staff(installation), reason="wrong container")

    def unit(ledger: Ledger) -> None:
        work = Work(installation, ledger)
        shipment_moves.dispatched(work, _now(installation, shipment), BY)

    for act in (
        lambda: steps.dispatch(installation, shipment.id, by=staff(installation)),
        lambda: installation.writer.do(unit),
    ):
        assert refused(act).code == "papers-not-issued"
    page = Caller(installation).signed_in("operator")
    answer = page.send(f"/operator/shipments/{shipment.id.partition(':')[2]}/dispatch")
    assert (answer.status_code, "no papers that count" in answer.text) == (422, True)


def moved(installation: Installation, lot: str, receiver: Any, here: str, there: str, *more: Any) -> None:
    def unit(ledger: Ledger) -> None:
        data = {"from_site": here, "to_site": there}
        Work(installation, ledger).record("lot.moved", [receiver, *more], data, subjects=[lot])

    installation.writer.do(unit)


def test_goods_that_changed_after_their_inspection_do_not_leave(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X6. The ledger refuses such a change of packed goods, so the gate is shown one that it let through."""
    order = bought(copied, 5)
    shipment = ready(copied, steps.plan(copied, [Wish(order.id)], by=BY))
    real = shipment_gate.judge_lot

    def changed(*asked: Any) -> Any:
        judged = real(*asked)
        state = judged.facts.lot.model_copy(update={"changed_since_inspection": True})
        return type(judged)(
            judged.lot,
            judged.head,
            type(judged.facts)(
                **{n: getattr(judged.facts, n) for n in judged.facts.__slots__} | {"lot": state}
            ),
            judged.reference,
            judged.items,
            judged.level,
        )

    monkeypatch.setattr(shipment_gate, "judge_lot", changed)
    with pytest.raises(LotNotVerified) as stopped:
        steps.dispatch(copied, shipment.id, by=staff(copied))
    assert [reason.slug for reason in stopped.value.reasons] == ["needs-reinspection"]


def test_goods_that_lie_elsewhere_leave_when_their_holder_has_signed(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G28: the records are the holder's; ours would be refused, and nothing moves before they sign."""
    scopes = (*parties.SCOPES["supplier"], "lot.moved:custodian")
    monkeypatch.setitem(parties.SCOPES, "supplier", scopes)
    spec = PartySpec(
        key="holder", role="supplier", name_zh="远仓", name_en="Faraway Storage", country="CN",
        address="1 Dock Road; Ningbo", registration_number="91330200MA2AAAAA1X", supplier_type="dealer",
    )  # fmt: skip
    holder = register(copied, spec, "Ningbo")
    order = bought(copied, 5)
    with copied.database.reading() as connection:
        site = steps.place_of(connection, order.lot)[1]
    ours = operator_hand(copied, "warehouse", "releasing")
    moved(copied, order.lot, hand(copied, holder, "custodian"), site, "ningbo", ours)
    shipment = steps.plan(copied, [Wish(order.id)], by=BY)
    assert (shipment.custodian, shipment.site) == (holder, "ningbo")
    pick_and_pack.pick_all(copied, shipment.id, by=BY)
    pick_and_pack.propose(copied, shipment.id, by=BY)
    waiting = steps.pack(copied, shipment.id, by=staff(copied))
    assert (waiting.state, bool(waiting.waits_for)) == ("planned", True)
    assert refused(lambda: steps.pack(copied, shipment.id, by=staff(copied))).code == "shipment-not-now"
    signed(copied, holder)
    assert _now(copied, shipment).state == "packed"
    issued(copied, shipment)
    with copied.database.reading() as connection:
        one, *_others = stored.waiting_for(connection, holder)
        assert dossiers.issued(connection, shipment.id) is None, "nothing counts before they signed"
    statements.decline(copied, one.id, holder, "not now", by="user:holder")
    issued(copied, shipment)
    signed(copied, holder)
    assert _now(copied, shipment).state == "documents_ready"
    with copied.database.reading() as connection:
        counts = dossiers.issued(connection, shipment.id)
        assert counts is not None
        assert len([one for one in dossiers.files(connection, shipment.id, 1) if one.event_id]) == 2
    steps.dispatch(copied, shipment.id, by=staff(copied))
    assert state_of(copied, order) == "packed", "it has not left before they signed"
    with copied.database.reading() as connection:
        purchase = purchases.of_order(connection, order.id)
    assert purchase is not None
    copied.writer.do(purchase_stops.holding_up(copied, purchase.id, Actor(BY), "fraud"))
    assert refused(lambda: signed(copied, holder)).code == "purchase-state"
    assert (_now(copied, shipment).state, state_of(copied, order)) == ("documents_ready", "packed")
    copied.writer.do(purchase_stops.resuming(copied, purchase.id, Actor(BY)))
    _months_later_nothing_leaves(copied, shipment, holder)
    copied.writer.do(purchase_stops.resuming(copied, purchase.id, Actor(BY)))
    signed(copied, holder)
    assert (_now(copied, shipment).state, state_of(copied, order)) == ("dispatched", "shipped")
    with copied.database.reading() as connection:
        assert log.subject(connection, shipment.id).state.owner == holder  # type: ignore[union-attr]


def _months_later_nothing_leaves(installation: Installation, shipment: Shipment, holder: str) -> None:
    """The whole gate is asked once more when the holder signs, by pages and by whoever records it."""
    late = [Reason("inspection-stale", "2026-11-19"), Reason("permission-ended")]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Judged, "reasons", lambda *_asked: late)

        def unit(ledger: Ledger) -> None:
            work = Work(installation, ledger)
            shipment_moves.dispatched(work, _now(installation, shipment), BY)

        with pytest.raises(LotNotVerified):
            installation.writer.do(unit)
        with pytest.raises(LotNotVerified) as stopped:
            signed(installation, holder)
        assert list(stopped.value.reasons) == late
    with installation.database.reading() as connection:
        last = shipments.events(connection, shipment.id)[-1]
    assert (last.what, last.reason) == ("stopped", "inspection-stale, permission-ended")
    assert _now(installation, shipment).state == "documents_ready"


def signed(installation: Installation, party: str) -> None:
    """The party signs all that waits for it, on the key that stands in for its own computer."""
    who = Identity(principal="user:holder", name="Holder", role="supplier", organisation=party)
    for _ in range(5):
        with installation.database.reading() as connection:
            waiting = stored.waiting_for(connection, party)
        if not waiting:
            return
        statements.sign_here(installation, waiting[0].id, who)
    raise AssertionError("still waiting")


def _now(installation: Installation, shipment: Shipment) -> Shipment:
    with installation.database.reading() as connection:
        found = shipments.get(connection, shipment.id)
    assert found is not None
    return found


def test_the_bench_takes_what_belongs_there_and_says_what_does_not(copied: Installation) -> None:
    order = bought(copied, 5, category="phone")
    shipment = steps.plan(copied, [Wish(order.id)], by=BY)
    with copied.database.reading() as connection:
        parts = shipments.parts(connection, shipment.id)
        codes = goods.codes_by_article(connection, [part.article for part in parts])
        items = goods.with_ids(connection, [part.article for part in parts])
    first, second = parts[0], parts[1]
    scan = lambda text: pick_and_pack.pick_by_code(copied, shipment.id, text, by=BY)  # noqa: E731
    assert scan(f"{copied.public_url}/q/{codes[first.article]}").number == first.number
    assert scan(str(items[second.article].facts["identifier"])).number == second.number
    assert refused(lambda: scan(codes[first.article])).code == "picked-already"
    assert refused(lambda: scan("  ")).code == "code-unreadable"
    assert refused(lambda: scan("https://elsewhere.example/q/0123456789abcdefghjk")).code == (
        "code-not-in-shipment"
    )
    early = refused(lambda: steps.pack(copied, shipment.id, by=staff(copied)))
    assert (early.code, early.facts["left"]) == ("not-picked", 3)
    pick_and_pack.pick_all(copied, shipment.id, by=BY)
    (carton,) = pick_and_pack.propose(copied, shipment.id, by=BY)
    light = refused(lambda: pick_and_pack.weigh(copied, shipment.id, 1, carton.net_mass_g - 1, by=BY))
    assert (light.code, light.facts["carton"]) == ("gross-below-net", 1)
    assert refused(lambda: pick_and_pack.weigh(copied, shipment.id, 9, 500, by=BY)).code == "carton-unknown"
    pick_and_pack.put_back(copied, shipment.id, second.number, by=BY)
    with copied.database.reading() as connection:
        assert shipments.cartons(connection, shipment.id) == (), "no carton says it holds what went back"
    pick_and_pack.pick(copied, shipment.id, second.number, by=BY)
    pick_and_pack.propose(copied, shipment.id, by=BY)
    heavy = carton.gross_mass_g + 777
    pick_and_pack.weigh(copied, shipment.id, 1, heavy, by=BY)
    (pallet,) = pick_and_pack.stack(copied, shipment.id, on_pallets=True, by=BY)
    assert pallet.gross_mass_g > heavy
    wrong = [Container("CSQU3054384", "S1")]
    assert refused(lambda: pick_and_pack.contain(copied, shipment.id, wrong, by=BY)).code == (
        "container-number-wrong"
    )
    pick_and_pack.contain(copied, shipment.id, [Container("CSQU3054383", "S1")], by=BY)
    steps.pack(copied, shipment.id, by=staff(copied))
    issued(copied, shipment)
    dossier = parse(note_of(copied, f"dossier:{shipment.id}").encode())
    assert sum(line.gross_mass_g or 0 for line in dossier.lines) == heavy, (
        "the papers say what the scale said"
    )
    assert [one.number for one in dossier.containers] == ["CSQU3054383"]
    assert refused(lambda: pick_and_pack.propose(copied, shipment.id, by=BY)).code == "shipment-not-now"


def test_packages_that_do_not_add_up_are_not_signed_for(copied: Installation) -> None:
    shipment = steps.plan(copied, [Wish(bought(copied, 5).id)], by=BY)
    pick_and_pack.pick_all(copied, shipment.id, by=BY)
    none = refused(lambda: steps.pack(copied, shipment.id, by=staff(copied)))
    assert {fault["slug"] for fault in none.facts["faults"]} == {"pieces-differ"}  # type: ignore[attr-defined]
    with copied.database.reading() as connection:
        parts = shipments.parts(connection, shipment.id)
    contents = tuple(Content(part.number, part.quantity) for part in parts)
    short = (Content(parts[0].number, parts[0].quantity),) if len(parts) > 1 else (Content(1, 4),)
    pick_and_pack.fill(copied, shipment.id, [Carton(1, short, 0, 9_000_000)], by=BY)
    assert refused(lambda: steps.pack(copied, shipment.id, by=staff(copied))).code == "packing-faults"
    pick_and_pack.fill(copied, shipment.id, [Carton(1, contents, 0, 1)], by=BY)
    light = refused(lambda: steps.pack(copied, shipment.id, by=staff(copied)))
    assert [fault["field"] for fault in light.facts["faults"]] == [  # type: ignore[attr-defined]
        "cartons.1.gross_mass_g"
    ]
    pick_and_pack.fill(copied, shipment.id, [Carton(1, contents, 0, 9_000_000)], by=BY)
    assert steps.pack(copied, shipment.id, by=staff(copied)).state == "packed"
    stranger = [Carton(1, (Content(999, 1),), 0, 500)]
    assert refused(lambda: pick_and_pack.fill(copied, shipment.id, stranger, by=BY)).code == (
        "shipment-not-now"
    )


def test_what_was_packed_may_be_taken_apart_and_shipped_otherwise(copied: Installation) -> None:
    """The ledger says so, too: the packages were unpacked, and the next shipment has an id of its own."""
    order = bought(copied, 12)
    shipment = ready(copied, steps.plan(copied, [Wish(order.id)], by=BY))
    assert state_of(copied, order) == "packed"
    after = steps.cancel(copied, shipment.id, by=staff(copied), reason="two trucks are cheaper")
    assert (after.state, state_of(copied, order)) == ("cancelled", "confirmed")
    with copied.database.reading() as connection:
        assert log.subject(connection, shipment.id).state.unpacked  # type: ignore[union-attr]
        assert shipments.loaded_of(connection, order.id) == 0
        assert shipments.events(connection, shipment.id)[-1].reason == "two trucks are cheaper"
    parts = [steps.plan(copied, [Wish(order.id, 6)], by=BY) for _ in range(2)]
    for one in parts:
        sent(copied, one)
    assert state_of(copied, order) == "shipped"
    assert refused(lambda: steps.cancel(copied, parts[0].id, by=staff(copied), reason="x")).code == (
        "shipment-not-now"
    )


def test_a_shipment_is_followed_to_the_door(copied: Installation) -> None:
    shipment = sent(copied, steps.plan(copied, [Wish(bought(copied, 5, "cmp_vn").id)], by=BY))
    who, now = staff(copied), copied.clock.now()
    with copied.database.reading() as connection:
        first, *_others = shipments.legs(connection, shipment.id)
    assert first.atd is not None
    early = refused(lambda: steps.set_leg(copied, shipment.id, 2, by=who, atd=now))
    assert early.code == "way-does-not-fit"
    assert early.facts["faults"] == [{"field": "legs.2.atd", "slug": "leaves-before-it-is-there"}]
    steps.set_leg(copied, shipment.id, 1, by=who, ata=first.atd, carrier="Lingnan Trucks")
    on_sea = steps.set_leg(copied, shipment.id, 2, by=who, atd=copied.clock.now())
    assert (on_sea.state, on_sea.leg) == ("in_transit", 2)
    assert (
        steps.turn(copied, shipment.id, "at_border", by=who, reason="customs look at it").state == "at_border"
    )
    with copied.database.reading() as connection:
        later = steps.way_of(connection, on_sea, now + timedelta(days=9))
    assert later.late > timedelta(0)
    assert [one.progress for one in later.legs] == ["done", "now", "next"]
    arrived = steps.arrive(copied, shipment.id, by=who)
    assert arrived.state == "delivered"
    with copied.database.reading() as connection:
        state = log.subject(connection, shipment.id).state  # type: ignore[union-attr]
        legs = shipments.legs(connection, shipment.id)
        said = [event.what for event in shipments.events(connection, shipment.id)]
    assert state.delivered
    assert all(leg.ata for leg in legs)
    assert said[-4:] == ["leg-changed", "leg-changed", "at-border", "delivered"]
    assert refused(lambda: steps.arrive(copied, shipment.id, by=who)).code == "shipment-not-now"


def test_an_order_is_planned_once_and_shipped_in_one_go_where_nobody_packs(copied: Installation) -> None:
    order = bought(copied, 5)
    planned = plan_order(copied, order.id)
    assert plan_order(copied, order.id) == planned
    assert ship_order(copied, order.id) == planned == ship_order(copied, order.id)
    assert state_of(copied, order) == "shipped"
