"""G7, G8, G10, G13: what is agreed is what is paid, when a sale is open, and who is asked first."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.errors import LotNotVerified, Refused
from gateway.policies import load
from gateway.store import audiences, goods, matches, offer_states, price_lists, sale_events, trade
from gateway.store.trade import Company, Listing
from gateway.trade.events import state_at
from gateway.trade.price_lists import Rung
from gateway.wiring import Installation
from gateway.workflows import match_listing, pools, stated_prices
from gateway.workflows import price_lists as lists
from gateway.workflows import sale_events as sales
from gateway.workflows.agreed_prices import price_for, steps_for
from gateway.workflows.audience import may_see
from gateway.workflows.price_lists import ListWanted, PriceWanted
from gateway.workflows.references import told
from gateway.workflows.sale_events import EventWanted
from gateway.workflows.sample_orders import holding_sample
from gateway.workflows.sell import Terms, confirm, reserve
from gateway.workflows.stated_prices import StatedWanted
from ledger.store import log

BY = "user:usr_test"
FOR_VN = ListWanted("Viet Nam", "market", "VN", "", "USD", date(2026, 11, 1), None, 0)
TERMS = Terms("PO-1", "FCA", "Shenzhen")


def phones(installation: Installation) -> tuple[Listing, Company, str]:
    """A standing offer of phones in Viet Nam with many left, a company there, and their model."""
    with installation.database.reading() as connection:
        buyer = next(one for one in trade.companies(connection) if one.country == "VN")
        for listing in trade.listings(connection):
            subject, stock = log.subject(connection, listing.lot), trade.stock(connection, listing.lot)
            assert subject is not None
            is_phone = (subject.state.category, subject.state.grade) == ("phone", "A")
            if listing.market == "VN" and is_phone and stock and stock.available >= 60:
                models = {str(item.facts["model"]) for item in goods.of_lot(connection, listing.lot)}
                if len(models) == 1:
                    return listing, buyer, models.pop()
    raise AssertionError("no phones for Viet Nam")


def local_price(
    installation: Installation, model: str, *, kind: Any = "local_new", minor: int = 16_000
) -> str:
    wanted = StatedWanted(model, "VN", kind, minor, "USD", "three shops in Hai Phong", date(2026, 11, 19))
    return stated_prices.state(installation, wanted, BY).id


def slug_of(error: pytest.ExceptionInfo[Refused]) -> tuple[str, dict[str, object]]:
    return error.value.code, error.value.facts


def test_g13_phones_for_80_usd_in_viet_nam_are_half_of_the_local_price_of_160(copied: Installation) -> None:
    listing, buyer, model = phones(copied)
    agreement = lists.make(copied, FOR_VN, BY).list.id
    against_local = PriceWanted(listing.id, 5, 8_000, "local_new")
    with pytest.raises(Refused) as unstated:
        lists.enter(copied, agreement, against_local, BY)
    assert slug_of(unstated)[0] == "price-without-reference"
    stated = local_price(copied, model)
    price = lists.enter(copied, agreement, against_local, BY)
    assert price.percent == 50
    assert price.price_policy == load.versions()["prices"]
    reference = told(price.reference)
    assert reference is not None
    assert (reference.kind, reference.source, reference.on) == (
        "local_new", "three shops in Hai Phong", date(2026, 11, 19),
    )  # fmt: skip
    assert (reference.piece_minor, reference.currency) == (16_000, "USD")
    hold = reserve(copied, listing.id, buyer.id, 20)
    assert (hold.unit_price_minor, hold.price_list) == (8_000, agreement)
    lists.close(copied, agreement)  # the hold keeps what was promised
    assert confirm(copied, hold.id, buyer.id, TERMS).total_minor == 20 * 8_000
    assert reserve(copied, listing.id, buyer.id, 5).unit_price_minor == listing.unit_price_minor
    stated_prices.withdraw(copied, stated, BY)
    again = lists.make(copied, FOR_VN, BY).list.id
    with pytest.raises(Refused) as withdrawn:
        lists.enter(copied, again, against_local, BY)
    assert slug_of(withdrawn)[0] == "price-without-reference"


def test_a_price_is_held_against_its_band_when_it_is_entered_and_again_when_goods_are_held(
    copied: Installation,
) -> None:
    listing, buyer, model = phones(copied)
    local_price(copied, model)
    agreement = lists.make(copied, FOR_VN, BY).list.id

    def enter(pieces: int, minor: int, reason: str = "") -> None:
        lists.enter(copied, agreement, PriceWanted(listing.id, pieces, minor, "local_new", reason), BY)

    with pytest.raises(Refused) as below:
        enter(5, 7_999)
    slug, facts = slug_of(below)
    assert (slug, facts["least_minor"], facts["most_minor"]) == ("price-out-of-band", 8_000, 11_200)
    enter(5, 9_000)
    with pytest.raises(Refused) as rising:
        enter(20, 9_001)
    assert slug_of(rising) == ("dearer-for-more", {"fewer": 5, "more": 20})
    enter(20, 8_500)
    enter(50, 4_000, "last pieces")  # a reason lets it through, and stays with it
    now = copied.clock.now()
    with copied.database.reading() as connection:
        steps = steps_for(connection, listing, buyer, now)
        reasons = [one.override_reason for one in price_lists.prices(connection, agreement)]
        other = next(one for one in trade.companies(connection) if one.country != "VN")
        assert price_for(connection, replace(listing, market="US"), other, 99, now).price_list == ""
    assert steps == (Rung(5, 9_000, agreement), Rung(20, 8_500, agreement), Rung(50, 4_000, agreement))
    assert reasons == ["", "", "last pieces"]
    assert reserve(copied, listing.id, buyer.id, 50).unit_price_minor == 4_000
    held = reserve(copied, listing.id, buyer.id, 5)
    newer = StatedWanted(model, "VN", "local_new", 40_000, "USD", "the same shops", date(2026, 11, 20))
    stated_prices.state(copied, newer, BY)  # 90 of 400 is under a quarter now
    for act in (
        lambda: reserve(copied, listing.id, buyer.id, 5),
        lambda: confirm(copied, held.id, buyer.id, TERMS),
    ):
        with pytest.raises(Refused, match="is not within") as moved:
            act()
        assert slug_of(moved)[0] == "price-out-of-band"
    lists.close(copied, agreement)
    own = reserve(copied, listing.id, buyer.id, 5)
    assert own.unit_price_minor == listing.unit_price_minor, "that is held against another reference"


def test_a_sample_that_is_dearer_than_its_band_is_neither_held_nor_sold(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing, buyer, _ = phones(copied)
    dear = load.samples().model_copy(update={"price_factor": Decimal(2)})
    with monkeypatch.context() as patched:
        patched.setattr(load, "samples", lambda: dear)
        with pytest.raises(Refused, match="is not within") as refused:
            copied.writer.do(holding_sample(copied, listing.id, buyer.id, 1))
    assert slug_of(refused)[0] == "price-out-of-band"
    held = copied.writer.do(holding_sample(copied, listing.id, buyer.id, 1))
    assert held.unit_price_minor == listing.unit_price_minor
    table = trade.RESERVATIONS
    dearer = table.update().where(table.c.id == held.id).values(unit_price_minor=2 * held.unit_price_minor)
    copied.writer.do(lambda ledger: ledger.connection.execute(dearer))
    with pytest.raises(Refused, match="is not within"):
        confirm(copied, held.id, buyer.id, TERMS)


def test_a_brands_minimum_stands_against_any_reason_and_against_an_offer_below_it(
    copied: Installation,
) -> None:
    listing, buyer, model = phones(copied)
    local_price(copied, model)
    agreement = lists.make(copied, FOR_VN, BY).list.id
    local_price(copied, model, kind="brand_minimum", minor=8_500)
    wanted = PriceWanted(listing.id, 5, 8_499, "local_new", "everybody sells it so")
    with pytest.raises(Refused) as below:
        lists.enter(copied, agreement, wanted, BY)
    assert slug_of(below) == ("below-brand-minimum", {"least_minor": 8_500, "currency": "USD"})
    lists.enter(copied, agreement, replace(wanted, unit_price_minor=8_500), BY)
    local_price(copied, model, kind="brand_minimum", minor=listing.unit_price_minor + 1)
    with pytest.raises(LotNotVerified) as offer:
        reserve(copied, listing.id, buyer.id, 5)
    assert [reason.slug for reason in offer.value.reasons] == ["below-brand-minimum"]


def test_rows_of_a_sheet_that_cannot_stand_come_back_and_the_others_are_taken(copied: Installation) -> None:
    listing, _, model = phones(copied)
    local_price(copied, model)
    agreement = lists.make(copied, FOR_VN, BY).list.id
    sheet = (
        "\ufeffListing,min_qty,price,reference,reason\r\n"
        f"{listing.id},5,90.00,local_new,\r\n"
        f"{listing.id},50,95,local_new,\r\n"
        f"{listing.id},500,80.005,local_new,\r\n"
        f"{listing.id},x,80,local_new,\r\n"
        "lst_nothing,5,80,,\r\n"
        f"{listing.id},50,80,guess,\r\n"
        "\r\n"
        f"{listing.id},100,10,local_new,the season ends\r\n"
    )
    result = lists.read(copied, agreement, sheet.encode(), BY)
    assert result.taken == 2
    assert [(one.row, one.slug) for one in result.rejected] == [
        (3, "dearer-for-more"), (4, "amount-unreadable"), (5, "count-unreadable"), (6, "listing-not-priced"),
        (7, "choice-unknown"),
    ]  # fmt: skip


def event_of(installation: Installation, starts_at: datetime, hours: int) -> str:
    wanted = EventWanted("手机专场", "Phones", "Điện thoại", starts_at, starts_at + timedelta(hours=hours))
    return sales.plan(installation, wanted, BY).id


def test_g10_goods_of_an_event_are_held_within_its_hours_and_what_is_left_goes_into_the_pool(
    copied: Installation,
) -> None:
    listing, buyer, _ = phones(copied)
    now = copied.clock.now()
    later = event_of(copied, now + timedelta(hours=1), 48)
    sales.put(copied, later, listing.id, BY)
    with pytest.raises(Refused) as early:
        reserve(copied, listing.id, buyer.id, 5)
    assert slug_of(early)[0] == "sale-not-open"
    assert early.value.facts["starts_at"] == (now + timedelta(hours=1)).isoformat(timespec="minutes")
    sales.end(copied, later, cancelled=True)
    event = event_of(copied, now - timedelta(hours=1), 48)
    sales.put(copied, event, listing.id, BY)
    hold = reserve(copied, listing.id, buyer.id, 20)
    with pytest.raises(Refused) as still:
        sales.pool_unsold(copied, event, BY)
    assert slug_of(still)[0] == "sale-still-open"
    sales.end(copied, event, cancelled=False)
    with pytest.raises(Refused) as late:
        reserve(copied, listing.id, buyer.id, 5)
    assert slug_of(late)[0] == "sale-closed"
    confirm(copied, hold.id, buyer.id, TERMS)  # held in time
    with copied.database.reading() as connection:
        lot = next(one for one in sale_events.lots(connection, event) if one.listing == listing.id)
        assert sales.sold_through(connection, event) == round(100 * 20 / lot.offered)
        found = sale_events.find(connection, event)
        assert found is not None
        assert state_at(found, now) == "closed"
    assert [sales.pool_unsold(copied, event, BY) for _ in range(2)] == [1, 0]
    with copied.database.reading() as connection:
        moved = trade.listing(connection, listing.id)
        assert moved is not None
        assert (moved.visibility, moved.tier_min, moved.event) == ("tier", 2, "")
        assert [one.reason for one in matches.pool_moves(connection, listing.id)] == [f"unsold:{event}"]
        assert offer_states.changes(connection, listing.id)[-1].note == f"unsold:{event}"
        seen = {tier: may_see(connection, moved, replace(buyer, tier=tier), now) for tier in (1, 2, 3)}
    assert seen == {1: False, 2: True, 3: True}
    pools.move(copied, listing.id, "private", 1, "for chosen ones", BY)
    again = event_of(copied, now - timedelta(hours=1), 48)
    sales.put(copied, again, listing.id, BY)
    sales.end(copied, again, cancelled=False)
    assert sales.pool_unsold(copied, again, BY) == 0, "what chosen companies saw is not opened to a tier"
    with copied.database.reading() as connection:
        kept = trade.listing(connection, listing.id)
        assert kept is not None
        assert (kept.visibility, kept.event) == ("private", "")


def test_g7_a_private_offer_is_shown_to_those_chosen_and_a_person_may_add_and_remove(
    copied: Installation,
) -> None:
    listing, buyer, _ = phones(copied)
    pools.move(copied, listing.id, "private", 1, "a small lot", BY)
    with copied.database.reading() as connection:
        last = offer_states.changes(connection, listing.id)[-1]
    assert (last.version, last.who, last.note) == (listing.version + 1, BY, "a small lot")
    first = match_listing.push(copied, listing.id)
    again = match_listing.push(copied, listing.id)
    assert first.hash == again.hash
    with copied.database.reading() as connection:
        assert len(matches.runs(connection, listing.id)) == 1, "the same facts make no second run"
        chosen = audiences.chosen_of(connection, listing.id)
        assert {one.company for one in chosen} == {one.company for one in first.chosen}
        assert buyer.id in {one.company for one in chosen}
        assert all(one.reasons and one.added_by == "matching" for one in chosen if one.score)
    pools.remove_company(copied, listing.id, buyer.id, "in arrears", BY)
    match_listing.push(copied, listing.id)
    now = copied.clock.now()
    with copied.database.reading() as connection:
        private = trade.listing(connection, listing.id)
        assert private is not None
        assert not may_see(connection, private, buyer, now), "whom a person took out stays out"
    pools.add_company(copied, listing.id, buyer.id, "paid", BY)
    with copied.database.reading() as connection:
        assert may_see(connection, private, buyer, now)
        moves = [(one.kind, one.reason) for one in matches.audience_moves(connection, listing.id)]
    assert moves == [("removed", "in arrears"), ("added", "paid")]
