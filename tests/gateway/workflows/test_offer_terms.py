"""G2, G4, G5, G29, G31: an offer is held against its band, and its steps and units hold when it is bought."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from gateway.errors import LotNotVerified, NotFound, Refused
from gateway.pages.building.manifest import manifest_of
from gateway.pages.building.offers import offered as shown
from gateway.policies import load
from gateway.store import goods, trade
from gateway.store.trade import LISTINGS, Listing
from gateway.trade.eligibility import Market
from gateway.wiring import Installation
from gateway.workflows.gate import Judged, judge_lot, verdict_on
from gateway.workflows.list_lot import list_lot
from gateway.workflows.offer_terms import Stated
from gateway.workflows.order_steps import Amount
from gateway.workflows.references import told as reference_of
from gateway.workflows.sell import Terms, confirm, reserve
from gateway.workflows.ship_order import ship_order
from gateway.workflows.work import Work
from ledger.store import log

TERMS = Terms("PO-1", "FCA", "Shenzhen")
COMPANY = "cmp_us"


def market() -> Market:
    found = load.markets().market("US")
    assert found is not None
    return found


def offered(
    installation: Installation,
    at_least: int,
    choose: Callable[[Any], bool] = lambda _state: True,
    *,
    but: str = "",
) -> Listing:
    """A standing offer in the US of a lot that ``choose`` takes, with so many pieces left. but: not this."""
    with installation.database.reading() as connection:
        for listing in trade.listings(connection):
            stock = trade.stock(connection, listing.lot)
            subject = log.subject(connection, listing.lot)
            assert subject is not None
            fits = listing.market == "US" and listing.lot != but and choose(subject.state)
            if fits and stock and stock.available >= at_least:
                return listing
    raise AssertionError("no such offer")


def cheap(state: Any) -> bool:
    return bool((state.category, state.grade) == ("apparel", "C"))


def judged(installation: Installation, lot: str) -> Judged:
    with installation.database.reading() as connection:
        found = judge_lot(installation, connection, lot, verdict_on(installation, connection, lot))
    assert found is not None
    return found


def list_again(installation: Installation, lot: str, stated: Stated) -> Listing:
    with installation.database.reading() as connection:
        verdict = verdict_on(installation, connection, lot)
    listing = installation.writer.do(
        lambda ledger: list_lot(Work(installation, ledger), lot, market(), verdict, stated)
    )
    installation.publisher.publish()
    return listing


def test_g31_a_listing_keeps_the_reference_and_the_policy_of_its_price(copied: Installation) -> None:
    phone = offered(copied, 5, lambda state: state.category == "phone")
    garment = offered(copied, 5, lambda state: state.category == "apparel")
    found = {one.id: reference_of(one.reference) for one in (phone, garment)}
    kinds = {reference.kind for reference in found.values() if reference is not None}
    assert kinds == {"official_site", "list_price"}
    assert all(reference is not None and reference.source and reference.on for reference in found.values())
    assert phone.price_policy == load.versions()["prices"]


def test_g2_a_price_outside_its_band_is_refused_with_the_limits(copied: Installation) -> None:
    lot = offered(copied, 5).lot
    quote = judged(copied, lot).quote(market())
    assert quote is not None
    least, most = quote.limits_minor
    for price in (least - 1, most + 1):
        with pytest.raises(Refused) as refused:
            list_again(copied, lot, Stated(price_minor=price))
        assert refused.value.code == "price-out-of-band"
        assert (refused.value.facts["least_minor"], refused.value.facts["most_minor"]) == (least, most)
    assert list_again(copied, lot, Stated(price_minor=most)).override_reason == ""


def test_g2_a_reason_lets_a_price_out_of_its_band_and_stays_with_the_listing(copied: Installation) -> None:
    lot = offered(copied, 5).lot
    quote = judged(copied, lot).quote(market())
    assert quote is not None
    most = quote.limits_minor[1]
    listing = list_again(copied, lot, Stated(price_minor=most + 1, override_reason="the last of its kind"))
    assert listing.override_reason == "the last of its kind"
    assert reserve(copied, listing.id, COMPANY, 5).quantity == 5

    def forget_why(ledger: Any) -> None:
        ledger.connection.execute(
            LISTINGS.update().where(LISTINGS.c.id == listing.id).values(override_reason="")
        )

    copied.writer.do(forget_why)
    with pytest.raises(LotNotVerified, match="price-out-of-band"):
        reserve(copied, listing.id, COMPANY, 5)


def test_g29_a_channel_outside_the_grant_or_without_a_band_is_refused(copied: Installation) -> None:
    lot = offered(copied, 5, lambda state: (state.category, state.grade) == ("phone", "A")).lot
    with pytest.raises(LotNotVerified, match="channel-excluded"):
        list_again(copied, lot, Stated(channel="outlet"))
    with pytest.raises(LotNotVerified) as refused:
        list_again(copied, lot, Stated(channel="wholesale"))
    assert {(reason.slug, reason.detail) for reason in refused.value.reasons} == {
        ("channel-without-band", "A wholesale")
    }
    lot = offered(copied, 5, lambda state: state.grade == "B").lot
    assert list_again(copied, lot, Stated(channel="wholesale")).channel == "wholesale"


def test_g5_steps_of_24_from_48_on_hold_when_goods_are_reserved(copied: Installation) -> None:
    lot = offered(copied, 200).lot
    listing = list_again(copied, lot, Stated(moq=48, multiple=24))
    with pytest.raises(Refused, match="smallest order is 48"):
        reserve(copied, listing.id, COMPANY, 47)
    with pytest.raises(Refused) as refused:
        reserve(copied, listing.id, COMPANY, 50)
    assert refused.value.code == "not-a-multiple"
    assert {name: refused.value.facts[name] for name in ("multiple", "below", "above")} == {
        "multiple": 24, "below": 48, "above": 72,
    }  # fmt: skip
    assert [reserve(copied, listing.id, COMPANY, pieces).quantity for pieces in (48, 72)] == [48, 72]


def test_g5_fewer_than_the_usual_five_are_allowed_together_with_other_lots_alone(
    copied: Installation,
) -> None:
    lot = offered(copied, 20).lot
    with pytest.raises(Refused, match="smallest order is 5"):
        list_again(copied, lot, Stated(moq=2))
    assert list_again(copied, lot, Stated(moq=2, mixed=True)).moq == 2


def test_g5_an_order_over_two_lots_reaches_the_minimum_that_neither_does_alone(
    copied: Installation,
) -> None:
    """Three cheap pieces of each: refused one by one, then both are ordered or none is."""
    first = offered(copied, 20, cheap).lot
    chosen = [first, offered(copied, 20, cheap, but=first).lot]
    listings = [list_again(copied, lot, Stated(moq=2, mixed=True)) for lot in chosen]
    assert all(3 * listing.unit_price_minor < 7000 for listing in listings), "or the amount reaches it"
    one, other = (reserve(copied, listing.id, COMPANY, 3).id for listing in listings)
    with pytest.raises(Refused) as refused:
        confirm(copied, one, COMPANY, TERMS)
    assert (refused.value.code, refused.value.facts["pieces"]) == ("below-order-minimum", 5)
    with pytest.raises(NotFound):
        confirm(copied, one, COMPANY, TERMS, ["rsv_of_somebody_else"])
    order = confirm(copied, one, COMPANY, TERMS, [other])
    with copied.database.reading() as connection:
        beside = trade.order_of_reservation(connection, other)
    assert beside is not None
    assert {order.lot, beside.lot} == set(chosen)
    assert order.po_number == beside.po_number
    assert confirm(copied, one, COMPANY, TERMS, [other]) == order, "repeated, it is the same order"


def test_g4_goods_are_sold_by_the_carton_and_counted_in_pieces(copied: Installation) -> None:
    lot = offered(copied, 120, lambda state: state.category == "phone" and state.grade == "A").lot
    with pytest.raises(Refused) as refused:
        list_again(copied, lot, Stated(basis="carton", multiple=50))
    assert refused.value.facts == {"multiple": 40, "below": 40, "above": 80}
    by_piece = judged(copied, lot).quote(market())
    assert by_piece is not None
    carton = by_piece.unit_price_minor * 40
    listing = list_again(copied, lot, Stated(basis="carton", price_minor=carton))
    assert (listing.size, listing.multiple, listing.moq) == (40, 40, 40)
    hold = reserve(copied, listing.id, COMPANY, Amount(Decimal(2), "carton"))
    order = confirm(copied, hold.id, COMPANY, TERMS)
    assert (order.quantity, order.total_minor) == (80, 2 * carton)
    with pytest.raises(Refused, match="priced by carton"):
        reserve(copied, listing.id, COMPANY, Amount(Decimal(2), "kg"))
    assert ship_order(copied, order.id).startswith("shipment:"), "its invoice adds up, or it were refused"


def test_g4_what_one_piece_weighs_has_to_be_stated_for_goods_by_weight(copied: Installation) -> None:
    """Garments of several masses; then all of 250 g, sold at 12.5 kg to the cent."""
    lot = offered(copied, 100, cheap).lot
    with pytest.raises(Refused, match="is not known") as refused:
        list_again(copied, lot, Stated(basis="kg"))
    assert refused.value.code == "unit-not-stated"

    def weigh(ledger: Any) -> None:
        items = goods.of_lot(ledger.connection, lot)
        goods.update(ledger.connection, [item.with_facts(net_mass_g=250) for item in items])

    copied.writer.do(weigh)
    piece = judged(copied, lot).quote(market())
    assert piece is not None
    each = piece.unit_price_minor
    with pytest.raises(Refused) as refused:
        list_again(copied, lot, Stated(basis="kg", price_minor=4 * each + 1))
    assert (refused.value.code, refused.value.facts["below_minor"], refused.value.facts["above_minor"]) == (
        "price-not-divisible", 4 * each, 4 * each + 4,
    )  # fmt: skip
    listing = list_again(copied, lot, Stated(basis="kg", price_minor=4 * each))
    with pytest.raises(Refused) as refused:
        reserve(copied, listing.id, COMPANY, Amount(Decimal("12.6"), "kg"))
    assert (refused.value.facts["below"], refused.value.facts["above"]) == (50, 51)
    hold = reserve(copied, listing.id, COMPANY, Amount(Decimal("12.5"), "kg"))
    order = confirm(copied, hold.id, COMPANY, TERMS)
    assert (order.quantity, order.total_minor) == (50, 50 * each)


def test_g4_a_whole_lot_is_one_price(copied: Installation) -> None:
    lot = offered(copied, 5, lambda state: state.category == "sofa" and state.grade == "B").lot
    listing = list_again(copied, lot, Stated(basis="lot"))
    pieces = listing.size
    assert (listing.moq, listing.multiple) == (pieces, pieces)
    with pytest.raises(Refused, match="smallest order"):
        reserve(copied, listing.id, COMPANY, pieces - 1)
    order = confirm(copied, reserve(copied, listing.id, COMPANY, pieces).id, COMPANY, TERMS)
    assert order.total_minor == listing.unit_price_minor


def test_g6_an_assortment_is_sold_as_one_line_with_a_manifest_of_all_that_is_in_it(
    copied: Installation,
) -> None:
    """Few pieces of many garments: one price, one line of the order, a row for each of them."""
    lot = offered(copied, 5, lambda state: cheap(state) and state.quantity < 1_000).lot
    listing = list_again(copied, lot, Stated(basis="lot"))
    with copied.database.reading() as connection:
        seen = shown(copied, connection, COMPANY, listing.id)
        assert seen is not None
        manifest = manifest_of(copied, connection, seen)
    assert len(manifest.rows) > 1
    assert (manifest.pieces, manifest.price_basis) == (listing.size, "lot")
    order = confirm(
        copied, reserve(copied, listing.id, COMPANY, Amount(Decimal(1), "lot")).id, COMPANY, TERMS
    )
    assert (order.lot, order.total_minor) == (lot, listing.unit_price_minor)
    assert order.quantity == sum(row.quantity for row in manifest.rows)
