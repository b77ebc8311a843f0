"""What the bench can state, by its forms: each record stands, the goods follow, and units add up."""

import re

import pytest

from gateway.store import goods, statements, trade
from gateway.wiring import Installation
from gateway.workflows import inspect_lot
from gateway.workflows.gate import today
from gateway.workflows.lot_places import places
from gateway.workflows.work import Work
from ledger.author import new_id
from ledger.lots.schemes import load_schemes
from ledger.store import log
from tests.gateway.statements.bench import PDF, Bench, declared


@pytest.fixture
def bench(copied: Installation) -> Bench:
    return Bench(copied)


def party_of(bench: Bench, kind: str) -> str:
    with bench.installation.database.reading() as connection:
        return log.parties_of_kind(connection, kind)[0]


def received(
    bench: Bench, units: int, *, like: str = "phone", supply_mode: str = "buyout", **more: str
) -> str:
    lot = declared(bench.installation, units, like=like, supply_mode=supply_mode, **more)
    bench.do("receive", lot, counted=units, unidentified=0, damaged=0, site="shenzhen")
    assert bench.signed_by("supplier", str(bench.state_of(lot).supplier)) == 1
    return lot


def inspected(bench: Bench, lot: str) -> None:
    """By the inspection company's own means; the console only assigns it."""
    installation, inspector = bench.installation, party_of(bench, "inspector")
    scheme = load_schemes()["electronics"]
    installation.writer.do(
        lambda ledger: inspect_lot.inspect(
            Work(installation, ledger), lot, inspector=inspector, worker=new_id("worker"), scheme=scheme,
            today=today(installation),
        )
    )  # fmt: skip


def stage(bench: Bench, lot: str) -> str:
    with bench.installation.database.reading() as connection:
        found = places(bench.installation, connection).of(lot)
    return found.stage if found else "gone"


def test_l14_a_short_delivery_waits_for_the_supplier_and_then_adds_up(bench: Bench) -> None:
    lot = declared(bench.installation, 10)
    assert stage(bench, lot) == "receive"
    led = bench.do("receive", lot, counted=9, unidentified=1, damaged=2, site="shenzhen")
    assert led.startswith("/statements/")
    state = bench.state_of(lot)
    assert not state.received
    assert bench.signed_by("supplier", state.custody) == 1
    state = bench.state_of(lot)
    assert (state.declared, state.quantity, state.unidentified, state.damaged) == (10, 8, 1, 2)
    assert (state.custody, state.title) == (bench.installation.config.operator,) * 2
    assert stage(bench, lot) == "assign"
    text = bench.staff.get(f"/operator/lots/{lot[4:]}").text
    assert "did not arrive" in text
    assert "not identified" in text


def test_the_form_shows_what_does_not_balance_before_it_is_stated(bench: Bench) -> None:
    lot = declared(bench.installation, 10)
    data = {"counted": 9, "unidentified": 1, "damaged": 0, "site": "shenzhen"}
    page = bench.staff.post("/do/receive", data={"csrf_token": bench.staff.token, "on": lot, **data}).text
    assert "How the units add up" in page
    assert "Left to work on" in page
    with bench.installation.database.reading() as connection:
        assert statements.of_subject(connection, lot) == []


def test_a_count_is_replaced_by_another_that_somebody_else_has_seen(bench: Bench) -> None:
    lot = received(bench, 6)
    witness = party_of(bench, "inspector")
    bench.do("recount", lot, counted=5, unidentified=0, witness=witness)
    assert bench.signed_by("inspector", witness) == 1
    assert bench.state_of(lot).quantity == 5
    inspected_page = bench.refused("recount", lot, counted=5, unidentified=5, witness=witness)
    assert "Then nothing would be left of the lot." in inspected_page


def test_what_a_later_count_finds_again_did_not_come_twice(bench: Bench) -> None:
    lot = declared(bench.installation, 6)
    bench.do("receive", lot, counted=4, unidentified=0, damaged=0, site="shenzhen")
    supplier = str(bench.state_of(lot).supplier)
    assert bench.signed_by("supplier", supplier) == 1
    witness = party_of(bench, "inspector")
    statement = bench.do("recount", lot, counted=5, unidentified=0, witness=witness)
    assert bench.signed_by("inspector", witness) == 1
    assert bench.staff.get(statement).status_code == 200
    page = bench.staff.get(f"/operator/lots/{lot[4:]}").text
    assert "6 units came into this lot:" in page
    balance = re.search(r'<ul class="balance">(.*?)</ul>', page, re.DOTALL)
    assert balance
    words = " ".join(re.sub(r"<[^>]+>", " ", balance[1]).split())
    assert words == "here 5 did not arrive 1"
    again = page[page.index("Counted again") :]
    assert "Counted: <b>5" in again or "Counted: 5" in re.sub(r"<[^>]+>", "", again)


def test_whoever_signs_reads_the_site_in_words(bench: Bench) -> None:
    lot = declared(bench.installation, 6)
    statement = bench.do("receive", lot, counted=6, unidentified=0, damaged=0, site="shenzhen")
    page = bench.staff.get(f"{statement}?lang=zh-CN").text
    told = re.search(r"<dt>地点</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    assert told
    assert told[1].strip() == "深圳"


def test_l18_what_was_found_is_sorted_and_every_article_follows_its_row(bench: Bench) -> None:
    lot = received(bench, 8)
    bench.do("assign-inspection", lot, worker_party=party_of(bench, "inspector"))
    assert stage(bench, lot) == "inspect"
    page = bench.staff.get(f"/operator/lots/{lot[4:]}").text
    assert "It is being inspected." in page
    inspected(bench, lot)
    before = bench.state_of(lot)
    bench.do("split-found", lot)
    children = [bench.state_of(name) for name in bench.state_of(lot).children]
    assert sum(child.quantity for child in children) == 8
    with bench.installation.database.reading() as connection:
        for name in bench.state_of(lot).children:
            state, items = bench.state_of(name), goods.of_lot(connection, name)
            assert len(items) == state.quantity
            assert {item.grade for item in items} == {state.grade}
            assert {item.source_event for item in items} == {state.manifest_event}
        assert goods.of_lot(connection, lot) == []
    assert before.quantity == 8


def test_units_are_taken_out_by_number_and_by_identifier_and_merged_again(bench: Bench) -> None:
    lot = received(bench, 6)
    bench.do("split-off", lot, count=2, articles="")
    (first,) = bench.state_of(lot).children
    assert (bench.state_of(lot).quantity, bench.state_of(first).quantity) == (4, 2)
    with bench.installation.database.reading() as connection:
        wanted = goods.of_lot(connection, lot)[1].facts["identifier"]
    bench.do("split-off", lot, count="", articles=wanted)
    second = bench.state_of(lot).children[1]
    with bench.installation.database.reading() as connection:
        assert [item.facts["identifier"] for item in goods.of_lot(connection, second)] == [wanted]
    assert "One of these is not in the lot" in bench.refused("split-off", lot, count="", articles=wanted)
    assert "At least one row stays" in bench.refused("split-off", lot, count=3, articles="")
    bench.do("merge", lot, others=[first, second])
    (merged,) = set(bench.state_of(lot).children) - {first, second}
    assert bench.state_of(merged).quantity == 6
    with bench.installation.database.reading() as connection:
        assert len(goods.of_lot(connection, merged)) == 6
    assert [bench.state_of(name).exit for name in (lot, first, second)] == ["merged"] * 3


def test_goods_move_get_lost_and_turn_up_again(bench: Bench) -> None:
    lot = received(bench, 3)
    bench.do("move", lot, to_site="yiwu", waybill="WB-1")
    assert bench.state_of(lot).site == "yiwu"
    assert "The lot is there already." in bench.refused("move", lot, to_site="yiwu", waybill="")
    bench.do("lose", lot, reason="missing", remark="")
    assert bench.state_of(lot).exit == "lost"
    assert stage(bench, lot) == "gone"
    bench.do("found", lot, site="yiwu", remark="")
    assert (bench.state_of(lot).quantity, bench.state_of(lot).exit) == (3, None)


def test_l25_destroyed_goods_end_with_a_witness_and_a_certificate(bench: Bench) -> None:
    lot, witness = received(bench, 2), party_of(bench, "inspector")
    answers = {"reason": "unsellable", "method": "shredded", "mass": "0.4", "witness": witness}
    bench.do("destroy", lot, files={"certificate": PDF}, place="", contractor="", **answers)
    assert bench.state_of(lot).quantity == 2
    assert bench.signed_by("inspector", witness) == 1
    state = bench.state_of(lot)
    assert (state.quantity, state.exit, state.exited) == (0, "destroyed", 2)
    assert bench.staff.get(f"/do/move?on={lot}").status_code == 404


def test_l26_goods_leave_to_staff_and_every_unit_ends_once(bench: Bench) -> None:
    lot = received(bench, 2)
    bench.do("dispose", lot, kind="staff_sale", price="30.00", price_currency="CNY", recipient="canteen")
    assert bench.state_of(lot).exit == "staff_sale"


def test_l24_a_recall_shows_whom_it_reaches_and_only_its_author_ends_it(bench: Bench) -> None:
    with bench.installation.database.reading() as connection:
        order = trade.orders(connection)[0]
    data = {"csrf_token": bench.staff.token, "on": order.lot, "reason": "safety", "remark": ""}
    page = bench.staff.post("/do/recall", data=data).text
    assert "Buyers who will be told" in page
    bench.do("recall", order.lot, reason="safety", remark="")
    (recall,) = bench.state_of(order.lot).recalls
    with bench.installation.database.reading() as connection:
        found = places(bench.installation, connection).of(order.lot)
    assert found is not None
    assert "recalled" in found.flags
    bench.do("release", order.lot, record=recall.event_id, reason="unfounded", remark="")
    assert bench.state_of(order.lot).recalls == []


def test_l24_a_recalled_lot_is_not_offered(bench: Bench) -> None:
    with bench.installation.database.reading() as connection:
        leaves = [one.lot for one in places(bench.installation, connection).all()]
    lot = next(one for one in leaves if _offer_says(bench, one) is None)
    bench.do("recall", lot, reason="safety", remark="")
    assert _offer_says(bench, lot) == "recalled"


def _offer_says(bench: Bench, lot: str) -> str | None:
    """Why the lot cannot be offered now; None where it can."""
    answer = bench.staff.get(f"/v1/lots/{lot.partition(':')[2]}/actions").json()
    return next((one["why_not"] for one in answer["data"] if one["action"] == "offer"), "hidden")


def test_sold_units_come_back_as_a_lot_of_their_own(bench: Bench) -> None:
    with bench.installation.database.reading() as connection:
        order = next(
            one for one in trade.orders(connection) if len(goods.of_lot(connection, one.lot)) > one.quantity
        )
    before = bench.state_of(order.lot)
    assert before.sold is not None
    bench.do("take-back", order.lot, count=1, articles="", reason="damaged", order=order.id, remark="")
    after = bench.state_of(order.lot)
    (child,) = set(after.children) - set(before.children)
    assert (after.sold, after.quantity) == (before.sold - 1, before.quantity - 1)
    assert (bench.state_of(child).quantity, bench.state_of(child).condition) == (1, "returned")
    with bench.installation.database.reading() as connection:
        assert len(goods.of_lot(connection, child)) == 1


def test_l4_a_days_freight_is_shared_to_the_cent(bench: Bench) -> None:
    lots = [received(bench, units) for units in (3, 4, 5)]
    day = bench.state_of(lots[0]).intake
    assert day is not None
    delivery = f"{day.day}/shenzhen/0"
    page = bench.staff.post(
        "/do/bill-freight",
        data={"csrf_token": bench.staff.token, "delivery": delivery, "freight": "100.01",
              "freight_currency": "CNY"},
    ).text  # fmt: skip
    assert "What each lot carries" in page
    bench.do("bill-freight", delivery=delivery, freight="100.01", freight_currency="CNY")
    text = bench.staff.get(f"/operator/lots/{lots[0][4:]}").text
    assert "Freight of its delivery" in text


def test_l32_a_consignment_is_extended_and_bought_with_its_owners_signature(bench: Bench) -> None:
    lot = received(bench, 4, supply_mode="consign", consigned_until="2026-12-31")
    owner = bench.state_of(lot).title
    refused = bench.refused("end-consignment", lot, outcome="extended", until="", price="")
    assert "An extension, and nothing else, names a new last day." in refused
    bench.do("end-consignment", lot, outcome="extended", until="2027-03-31", price="")
    assert bench.signed_by("supplier", owner) == 1
    assert bench.state_of(lot).consigned_until == "2027-03-31"
    bench.do("end-consignment", lot, outcome="bought_out", until="", price="900.00", price_currency="CNY")
    assert bench.signed_by("supplier", owner) == 1
    assert bench.state_of(lot).supply_mode == "buyout"


def test_l19_whoever_repaired_is_not_asked_to_inspect(bench: Bench) -> None:
    with bench.installation.database.reading() as connection:
        lot, state = next(
            (name, one.state)
            for name, one in log.subjects_of_kind(connection, "lot")
            if one.state.refurbishers and one.state.is_leaf and not one.state.listings
        )
    repairer = state.refurbishers[0].party
    assert repairer not in bench.staff.get(f"/do/assign-inspection?on={lot}").text
    assert "Choose one of these" in bench.refused("assign-inspection", lot, worker_party=repairer)


def test_several_lots_are_done_together_or_not_at_all(bench: Bench) -> None:
    lots = [received(bench, 2) for _ in range(3)]
    inspector = party_of(bench, "inspector")
    bench.do("assign-inspection", *lots, worker_party=inspector)
    assert {stage(bench, lot) for lot in lots} == {"inspect"}
    fresh = received(bench, 2)
    page = bench.refused("assign-inspection", fresh, lots[0], worker_party=inspector)
    assert "This one stands in the way:" in page
    assert "Such work is under way already." in page
    assert stage(bench, fresh) == "assign"


def test_a_lot_is_offered_and_the_offer_taken_back(bench: Bench) -> None:
    with bench.installation.database.reading() as connection:
        listed = trade.listings(connection)[0]
        of_lot = trade.listings(connection, lot=listed.lot)
    for one in of_lot:
        bench.do("withdraw", one.lot, listing=one.id, reason="price_changed")
    with bench.installation.database.reading() as connection:
        assert trade.listings(connection, lot=listed.lot) == []
        waiting = places(bench.installation, connection).queue("offer", (-1, ""), 50)
    assert listed.lot in [one.lot for one in waiting]
    page = bench.staff.get(f"/operator/lots/{listed.lot[4:]}").text
    assert "Its records let it be offered." in page
    bench.installation.publisher.publish()
    bench.do("offer", listed.lot, market=listed.market)
    with bench.installation.database.reading() as connection:
        assert listed.market in {one.market for one in trade.listings(connection, lot=listed.lot)}


def test_undo_leads_to_the_opposite_where_there_is_one_else_to_a_correction(bench: Bench) -> None:
    lot = received(bench, 2)
    with bench.installation.database.reading() as connection:
        chain = log.chain(connection, lot)
    undo = [bench.staff.get(f"/console/undo/{event}?on={lot[4:]}").headers["location"] for *_, event in chain]
    assert [href.partition("?")[0] for href in undo] == ["/do/correct", "/do/recount"]
    bench.do("correct", lot, record=chain[0][2], reason="incorrect_data")
    assert "corrected" in bench.staff.get(f"/operator/lots/{lot[4:]}").text.lower()


def test_codes_are_drawn_for_several_lots_once(bench: Bench) -> None:
    lot = received(bench, 8)
    inspected(bench, lot)
    bench.do("split-found", lot)
    children = [name for name in bench.state_of(lot).children if stage(bench, name) == "label"]
    assert children
    page = bench.staff.get("/console/codes", params={"on": [*children, lot]}).text
    assert all(name in page for name in children)
    data = {"csrf_token": bench.staff.token, "on": children}
    assert bench.staff.post("/console/codes", data=data).status_code == 303
    for name in children:
        state = bench.state_of(name)
        assert state.codes == {"lot": 1, "article": state.quantity}
        assert stage(bench, name) != "label"
    assert bench.staff.post("/console/codes", data=data).status_code == 422
