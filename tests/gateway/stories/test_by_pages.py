"""Both stories of the trade as people live them, in Chromium: what they see, press and are refused."""

import re

import pytest

from gateway.store import people, trade
from gateway.store.trade import Listing
from gateway.wiring import Installation
from tests.gateway.pages.browsing import CHROMIUM
from tests.gateway.stories.goods import garments, lots
from tests.gateway.stories.people import PASSPHRASE, House, Person
from tests.gateway.workflows.test_agreed_prices import phones

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium on this machine: no story told")
VN, US, NG = "cmp_vn", "cmp_us", "cmp_ng"
MARKETS = {"VN": "Vietnam", "US": "United States", "NG": "Nigeria"}
PIECES = 60


def test_phones_at_80_dollars_go_to_viet_nam_by_sea_and_land_in_seven_days(open_house: House) -> None:
    listing, _, model = phones(open_house.installation)
    staff, buyer = open_house.signed_in("operator"), open_house.signed_in("buyer", VN)
    _price_at_80_dollars(staff, listing, model)
    _refurbished_ones_are_refused(staff, open_house.installation)

    approver = _colleague_who_approves(open_house, buyer)
    _know_what_it_costs(buyer, listing)
    buyer.send("/reserve", quantity=str(PIECES))
    assert "US$4,800.00" in buyer.reads()
    buyer.go("/basket")
    buyer.send("/basket", po_number="SB-2026-80", incoterm="FCA Shenzhen")
    purchase = buyer.page.url
    assert "Waiting for approval" in buyer.reads()
    assert buyer.form("/approve").count() == 0, "nobody approves what they placed"
    approver.go(purchase)
    approver.send("/approve")
    assert "Confirmed" in approver.reads()

    shipment = _pack_and_dispatch(staff, "SB-2026-80")
    _late_on_its_last_leg(staff, shipment)
    mine = shipment.replace("/operator/", "/")
    buyer.go("/shipments")
    row = buyer.page.locator("main tr", has=buyer.page.locator(f'a[href="{_path(mine)}"]'))
    assert "Ha Noi" in row.inner_text(), "where they go, not where they are handed over"
    buyer.go(mine)
    seen = buyer.reads()
    for expected in ("By road", "By sea", "Hai Phong → Ha Noi", "2 days late", "Commercial invoice", "SSCC"):
        assert expected in seen, expected
    for state in ("at_border", "in_transit"):
        staff.send("/turn", state=state, reason="the carrier says so")
    staff.send("/deliver")
    buyer.go(mine)
    assert "Delivered" in buyer.page.locator("h1").inner_text()

    staff.go(f"/operator{purchase.removeprefix(staff.address)}")
    staff.send("/payments", amount="4800.00", paid_on="2026-11-20", reference="VCB 80")
    buyer.go(purchase)
    seen = buyer.reads()
    assert "Completed" in seen
    assert "VCB 80" in seen


def test_a_whole_warehouse_of_apparel_leaves_by_grade_through_three_channels(open_house: House) -> None:
    installation = open_house.installation
    staff = open_house.signed_in("operator")
    a, b, c = (garments(installation, grade) for grade in "ABC")
    staff.go(f"/operator/lots/{_bare(a.lot)}")
    assert "CN¥50.00 a unit" in staff.reads(), "5,000,000 for 100,000, split evenly"

    _offer(staff, a, "VN", "outlet", price="10.00")
    assert "The price is outside its band" in staff.reads()
    _offer_again(staff, price="")  # what the band proposes
    _offer(staff, b, "US", "wholesale")
    _offer(staff, c, "NG", "market_trader", price="1.40")  # 10 CNY at 0.14

    _buy(open_house, VN, a, "60% of reference price", 40)
    _buy(open_house, NG, c, "US$1.40", 40)
    purchase = _buy(open_house, US, b, "40% of reference price", 5_000)
    staff.go(f"/operator{purchase}")
    assert "Placed" in staff.reads()
    deposit = re.search(r"Deposit first\s+US\$([\d,.]+)", staff.reads())
    assert deposit, staff.reads()
    staff.send("/payments", amount=deposit[1].replace(",", ""), paid_on="2026-11-20", reference="HDG 30 %")
    assert "Confirmed" in staff.reads(), "the deposit sells the goods"

    staff.go("/operator/figures")
    seen = staff.reads()
    assert re.search(r"(?i)outside the allowed channels\D+0", seen), seen


def _price_at_80_dollars(staff: Person, listing: Listing, model: str) -> None:
    """Half of what new ones cost there, with who says so; a cent less is refused with the limits."""
    staff.go("/operator/references")
    staff.send(
        "/operator/references", subject=model, kind="local_new", amount="160.00", currency="USD",
        market="VN", source="three shops in Hai Phong", stated_on="2026-11-19",
    )  # fmt: skip
    staff.go("/operator/prices")
    staff.send(
        "/operator/prices", name="Viet Nam", holder_kind="market", market="VN", valid_from="2026-11-01"
    )
    page = staff.page.url.removeprefix(staff.address)
    step = {"listing": listing.id, "min_qty": "5", "against": "local_new"}
    staff.send(page, **step, price="79.99")
    assert "Between US$80.00 and US$112.00" in staff.reads()
    staff.send(page, **step, price="80.00")
    assert "50% of the reference" in staff.reads()


def _refurbished_ones_are_refused(staff: Person, installation: Installation) -> None:
    """With the rule, the law behind it, and the day on which somebody looked it up."""
    lot = next(
        name
        for name, state in lots(installation)
        if (state.category, state.condition) == ("phone", "refurbished") and state.listings
    )
    staff.go(f"/do/offer?on={lot}")
    staff.send("/do/offer", market="VN")
    assert "The gate does not let it into this market" in staff.reads()
    staff.go(f"/operator/lots/{_bare(lot)}")
    seen = staff.reads()
    for expected in ("Import is forbidden there", "VN-USED-IT", "Circular 11/2018/TT-BTTTT", "21 Nov 2026"):
        assert expected in seen, expected


def _colleague_who_approves(house: House, buyer: Person) -> Person:
    """The buyer's company wants to be asked from 4,000 dollars on, and invites somebody to ask."""
    buyer.go("/company")
    buyer.send("/company", threshold="4000")
    buyer.send("/company/invitations", email="boss@saobien.example")
    link = re.search(r"\S+/invitations/[0-9a-f]{64}", buyer.reads())
    assert link, buyer.reads()
    boss = house.somebody()
    boss.go(f"/invitations/{link[0].rpartition('/')[2]}?lang=en")
    form = f"/invitations/{link[0].rpartition('/')[2]}"
    boss.send(form, name="Boss", password=PASSPHRASE, password_again=PASSPHRASE)
    buyer.go("/company")
    with house.installation.database.reading() as connection:
        user = people.user_by_email(connection, "boss@saobien.example")
    assert user is not None
    buyer.send(f"/company/members/{user.id}", role="approver")
    return boss


def _know_what_it_costs(buyer: Person, listing: Listing) -> None:
    """The agreed price with its reference, then what it comes to in Hai Phong, and when."""
    buyer.go("/catalogue?category=phone")
    buyer.press(buyer.page.locator(f'main a[href="/offers/{listing.id}"]').first)
    seen = buyer.reads()
    for expected in ("US$80.00", "your agreed price", "50% of reference price", "three shops in Hai Phong"):
        assert expected in seen, expected
    buyer.follow("Work it out for your order")
    form = buyer.page.locator('main form[method="get"]')
    form.locator('[name="pieces"]').fill(str(PIECES))
    buyer.press(form.locator("button"))
    seen = buyer.reads()
    for expected in ("US$4,800.00", "Sea: Yantian – Hai Phong", "Within the promise", "promised: 7 days"):
        assert expected in seen, expected
    assert "unknown" in seen, "duty that nobody stated is not nothing"
    buyer.follow("Reserve")


def _pack_and_dispatch(staff: Person, po_number: str) -> str:
    """Returns the address of its page."""
    staff.go("/operator/purchases?show=under-way")
    staff.follow(po_number)
    number = re.search(r"LP-\d{8}-\w{6}", staff.reads())
    assert number
    staff.until(number[0], "/operator/shipments?group=here")  # the house plans it by itself
    staff.follow(number[0])
    shipment = staff.page.url
    staff.follow("Pick and pack")
    for step in ("/pick/lot", "/pick/cartons", "/pick/done"):
        staff.press(staff.form(step).locator("button").first)
    for step in ("/documents", "/dispatch"):
        staff.send(step)
    seen = staff.reads()
    assert "Sent off" in seen
    assert po_number in seen
    return shipment


def _late_on_its_last_leg(staff: Person, shipment: str) -> None:
    staff.go(shipment)
    assert "On time" in staff.reads()
    staff.send("/legs", leg="3", carrier="Delta Trucking", eta="2026-11-28T12:00")
    assert "2 days late" in staff.reads()


def _path(address: str) -> str:
    return "/" + address.split("/", 3)[3]


def _bare(lot: str) -> str:
    return lot.partition(":")[2]


def _offer(staff: Person, listing: Listing, market: str, channel: str, *, price: str = "") -> None:
    """Take it off the export offer of that market, and offer it there through another trade."""
    on = f"?on={listing.lot}"
    staff.go(f"/do/withdraw{on}")
    choice = staff.page.locator('select[name="listing"] option', has_text=MARKETS[market])
    value = choice.get_attribute("value")
    assert value
    staff.send("/do/withdraw", listing=value, reason="goods_needed")
    staff.go(f"/do/offer{on}")
    assert staff.page.locator('[name="price_currency"]').input_value() == "USD"
    _offer_again(staff, market=market, channel=channel, price=price)


def _offer_again(staff: Person, **fields: str) -> None:
    staff.send("/do/offer", **fields)
    if staff.page.locator('[name="confirmed"]').count():
        staff.send("/do/offer")
        assert "/operator/lots/" in staff.page.url


def _buy(house: House, company: str, listing: Listing, said: str, pieces: int) -> str:
    """Find it, hold it, order it under a number of one's own; returns the purchase's path."""
    buyer = house.signed_in("buyer", company)
    with house.installation.database.reading() as connection:
        market = next(one.country for one in trade.companies(connection) if one.id == company)
        offers = trade.listings(connection)
        offer = next(one.id for one in offers if one.lot == listing.lot and one.market == market)
    buyer.go("/catalogue?category=apparel&brand=木屿")
    buyer.press(buyer.page.locator(f'main a[href="/offers/{offer}"]').first)
    assert said in buyer.reads()
    buyer.send("/reserve", quantity=str(pieces))
    buyer.go("/basket")
    place = buyer.form("/basket").locator('[name="incoterm"]').first.get_attribute("value")
    assert place
    buyer.send("/basket", po_number=f"B-{market}", incoterm=place)
    path = buyer.page.url.removeprefix(buyer.address)
    assert path.startswith("/purchases/"), buyer.reads()
    buyer.leaves()
    return path
