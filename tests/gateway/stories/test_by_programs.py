"""Both stories of the trade as programs do them: staff's and buyers' own, through the generated client."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import ModuleType
from typing import Any

import pytest

from gateway.store import trade
from gateway.wiring import Installation
from ledger.lots.state import LotState
from ledger.store import log
from tests.gateway.generated import Api, key_of, once
from tests.gateway.stories.goods import garments, lots
from tests.gateway.workflows.test_agreed_prices import phones

PIECES = 60
Opened = Callable[..., Api]


@pytest.fixture
def program(generated: ModuleType, address: str, copied: Installation) -> Iterator[Opened]:
    """A program of the house, or of a company."""
    with ExitStack() as open_:

        def of(company: str = "") -> Api:
            key = (
                key_of(copied, "buyer", company)
                if company
                else key_of(copied, "operator", copied.config.operator)
            )
            return Api(
                generated,
                open_.enter_context(generated.AuthenticatedClient(base_url=address, token=key)),
            )

        yield of


def test_phones_at_80_dollars_go_to_viet_nam_by_sea_and_land_in_seven_days(
    program: Opened, copied: Installation
) -> None:
    """G13, G14, G22: the price beside its reference, legs beside the promise, and all of it in sight."""
    listing, _, model = phones(copied)
    staff, buyer = program(), program("cmp_vn")
    _priced_at_80_dollars(staff, listing.id, model)
    seen = buyer("trade", "get_v1_listings_by_listing", listing.id)
    assert (seen.unit_price_minor, seen.reference.kind, seen.reference.percent) == (8_000, "local_new", 50)
    assert (seen.reference.source, seen.reference.amount_minor) == ("three shops in Hai Phong", 16_000)
    cost = buyer("trade", "get_v1_listings_by_listing_landed_cost", listing.id, pieces=PIECES)
    assert cost.unknown == ["duty", "import_tax"], "what nobody stated is not nothing"
    assert cost.known_minor > PIECES * 8_000

    wanted = buyer.body("ReservationIn", listing=listing.id, quantity=PIECES)
    hold = buyer.once("trade", "post_v1_reservations", body=wanted)
    purchase = buyer.once(
        "purchases",
        "post_v1_purchases",
        body=buyer.body(
            "PurchaseIn", reservations=[hold.id], po_number="SB-2026-80", incoterm="FCA", place="Shenzhen"
        ),
    )
    assert (purchase.state, purchase.total_minor) == ("confirmed", PIECES * 8_000)
    (line,) = purchase.lines

    plan = staff.body("PlanIn", lines=[{"order": line.order}])
    answer = staff.asked("shipments", "post_v1_shipments_plan", body=plan, idempotency_key=once())
    assert answer.status_code == 201, answer.content.decode()
    shipment = answer.parsed
    assert [leg.mode for leg in shipment.legs] == ["land", "sea", "land"]
    answer = _changed(staff, answer, "put_v1_shipments_by_shipment_packages", staff.body("PackagesIn"))
    for step in ("pack", "issue", "dispatch"):
        answer = _step(staff, answer, step)
    late = staff.body("TimesIn", eta="2026-11-28T12:00:00Z")
    answer = staff.asked(
        "shipments", "put_v1_shipments_by_shipment_legs_by_leg", shipment.id, 3, body=late,
        if_match=answer.headers["etag"],
    )  # fmt: skip
    way = buyer("shipments", "get_v1_shipments_by_shipment_way", shipment.id)
    assert [leg.progress for leg in way.legs] == ["now", "next", "next"]
    assert (way.late_hours, way.legs[-1].behind_promise_hours) == (way.late_hours, way.late_hours) != (0, 0)
    answer = _step(staff, answer, "deliver")
    seen = buyer("shipments", "get_v1_shipments_by_shipment", shipment.id)
    assert seen.state == "delivered"
    assert {paper.kind for paper in seen.documents} >= {"commercial_invoice", "packing_list"}
    _all_is_in_sight(buyer, line.order, shipment.id, purchase.id)


def test_g1_a_refurbished_phone_for_viet_nam_is_a_problem_with_the_rule_and_its_law(
    program: Opened, copied: Installation
) -> None:
    """409 ``lot-not-verified`` names every failing check; a ban says who says so, and when that was read."""
    lot = next(name for name, state in lots(copied) if _is_refurbished_phone(state))
    staff = program()
    draft = staff.once("offers", "post_v1_operator_offers", body=staff.body("DraftIn", lot=lot, market="VN"))
    for state in ("in_review", "published"):
        offer = staff.asked("offers", "get_v1_operator_offers_by_offer", draft.id)
        answer = staff.asked(
            "offers", "post_v1_operator_offers_by_offer_moves", draft.id,
            body=staff.body("MoveIn", to=state), if_match=offer.headers["etag"],
        )  # fmt: skip
    assert (answer.status_code, answer.parsed.slug) == (409, "lot-not-verified")
    [reason] = [one for one in answer.parsed["reasons"] if one["slug"] == "import-ban"]
    assert reason["detail"] == "VN-USED-IT"
    assert reason["source"].startswith("Circular 11/2018/TT-BTTTT")
    assert reason["checked_on"] == "2026-11-21"


def test_a_whole_warehouse_of_apparel_leaves_by_grade_through_three_channels(
    program: Opened, copied: Installation
) -> None:
    """G2, G3, G29: each grade in its own trade, at a price within its band, to another kind of buyer."""
    staff = program()
    ways = (
        ("A", "US", "cmp_us", "outlet", None),
        ("B", "VN", "cmp_vn", "wholesale", None),
        ("C", "NG", "cmp_ng", "market_trader", 140),  # 10 CNY at 0.14
    )
    for grade, market, company, channel, price in ways:
        lot = garments(copied, grade).lot
        _ended(staff, copied, lot, market)
        if grade == "A":
            refused = _offer(staff, lot, market, channel, 1_000)
            assert refused.status_code == 422, refused.content
            [error] = refused.parsed.errors
            assert (error.pointer, error.code) == ("/answers/price", "price-out-of-band")
        assert _offer(staff, lot, market, channel, price).status_code == 201
        buyer = program(company)
        offer = next(
            one for one in buyer("trade", "get_v1_listings", category="apparel").data if one.lot == lot
        )
        assert offer.channel == channel
        if price is None:
            assert offer.reference.percent == {"A": 60, "B": 40}[grade]
        else:
            assert offer.unit_price_minor == price
        wanted = buyer.body("ReservationIn", listing=offer.id, quantity=40)
        hold = buyer.once("trade", "post_v1_reservations", body=wanted)
        named = buyer.body(
            "OrderIn", reservation=hold.id, po_number=f"B-{grade}", incoterm="FCA", place="Guangzhou"
        )
        order = buyer.once("trade", "post_v1_orders", body=named)
        assert (order.state, order.total_minor) == ("confirmed", 40 * offer.unit_price_minor)


def _all_is_in_sight(buyer: Api, order: str, shipment: str, purchase: str) -> None:
    """G22: what was ordered, where it is and what is owed, in lists and one by one, to its buyer."""
    kept = buyer("purchases", "get_v1_purchases_by_purchase", purchase)
    assert (kept.state, kept.paid_minor) == ("delivered", 0), "arrived, and not paid"
    assert buyer("trade", "get_v1_orders_by_order", order).state == "shipped", "its own last state"
    assert order in {one.id for one in buyer("trade", "get_v1_orders").data}
    assert shipment in {one.id for one in buyer("shipments", "get_v1_shipments").data}
    assert purchase in {one.id for one in buyer("purchases", "get_v1_purchases").data}


def _priced_at_80_dollars(staff: Api, listing: str, model: str) -> None:
    staff.once(
        "prices",
        "post_v1_references",
        body=staff.body("ReferenceIn",
            subject=model, market="VN", kind="local_new", amount_minor=16_000, currency="USD",
            source="three shops in Hai Phong", stated_on="2026-11-19",
        ),
    )  # fmt: skip
    agreement = staff.once(
        "prices",
        "post_v1_price_lists",
        body=staff.body(
            "PriceListIn",
            name="Viet Nam",
            holder_kind="market",
            holder="VN",
            currency="USD",
            valid_from="2026-11-01",
        ),
    )
    steps = "post_v1_price_lists_by_price_list_prices"

    def step(minor: int) -> Any:
        return staff.body("PriceIn", listing=listing, min_qty=5, unit_price_minor=minor, against="local_new")

    refused = staff.asked("prices", steps, agreement.id, body=step(7_999))
    assert (refused.status_code, refused.parsed.slug) == (422, "price-out-of-band")
    assert (refused.parsed["least_minor"], refused.parsed["most_minor"]) == (8_000, 11_200)
    staff("prices", steps, agreement.id, body=step(8_000))


def _is_refurbished_phone(state: LotState) -> bool:
    return (state.category, state.condition) == ("phone", "refurbished") and bool(state.listings)


def _changed(staff: Api, before: Any, operation: str, body: Any) -> Any:
    tag = before.headers["etag"]
    answer = staff.asked("shipments", operation, before.parsed.id, body=body, if_match=tag)
    assert answer.status_code == 200, answer.content.decode()
    return answer


def _step(staff: Api, before: Any, step: str) -> Any:
    return _changed(staff, before, "post_v1_shipments_by_shipment_steps", staff.body("StepIn", step=step))


def _ended(staff: Api, installation: Installation, lot: str, market: str) -> None:
    """The export offer of that market is withdrawn."""
    with installation.database.reading() as connection:
        listing = next(one for one in trade.listings(connection) if (one.lot, one.market) == (lot, market))
        assert log.subject(connection, lot) is not None
    answer = _stated(staff, lot, "withdraw", {"listing": listing.id, "reason": "goods_needed"})
    assert answer.status_code == 201, answer.content.decode()


def _offer(staff: Api, lot: str, market: str, channel: str, price: int | None) -> Any:
    money = {"price": {"amount_minor": price, "currency": "USD"}} if price else {}
    return _stated(staff, lot, "offer", {"market": market, "channel": channel, **money})


def _stated(staff: Api, lot: str, action: str, answers: dict[str, Any]) -> Any:
    body = staff.body("AnswersIn", answers=answers)
    name = lot.partition(":")[2]
    operation = "post_v1_lots_by_lot_actions_by_action"
    return staff.asked("statements", operation, name, action, body=body, idempotency_key=once())
