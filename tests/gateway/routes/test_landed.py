"""G13-G15, X7: landed cost, customs' questions and the list of the goods, over HTTP, for whom they are."""

import csv
import io
import zipfile
from fractions import Fraction
from typing import Any

import pytest
from PIL import Image
from zxingcpp import read_barcodes

from gateway.consignments.written import as_csv
from gateway.sheets import read_sheet
from gateway.store import goods, trade
from gateway.store.trade import LISTINGS, Listing
from ledger.store import log
from tests.gateway.web import Caller, errors

NOBODYS = "lst_00000000000000000000"


def listing_of(caller: Caller, market: str, category: str, least: int = 1) -> Listing:
    with caller.installation.database.reading() as connection:
        for listing in trade.listings(connection):
            subject, stock = log.subject(connection, listing.lot), trade.stock(connection, listing.lot)
            assert subject is not None
            left = stock.available if stock is not None else 0
            if (listing.market, subject.state.category) == (market, category) and left >= least:
                return listing
    raise AssertionError(f"the story offers no {category} in {market}")


@pytest.fixture
def phones(looker: Caller) -> Listing:
    return listing_of(looker, "VN", "phone", 60)


def test_g14_the_cost_the_way_and_the_sources_of_an_order_to_viet_nam(
    looker: Caller, phones: Listing
) -> None:
    buyer = looker.signed_in("buyer", "cmp_vn")
    found: dict[str, Any] = buyer.get(f"/v1/listings/{phones.id}/landed-cost?pieces=50&incoterm=FCA").json()
    lines = found["lines"]
    assert [line["kind"] for line in lines] == [
        "goods", "carriage", "carriage", "carriage", "insurance", "duty", "import_tax", "brand_fee",
    ]  # fmt: skip
    assert lines[0]["amount_minor"] == 50 * phones.unit_price_minor
    assert [line["amount_minor"] for line in lines[5:]] == ["unknown", "unknown", None]
    assert found["unknown"] == ["duty", "import_tax"]
    assert found["known_minor"] == sum(line["amount_minor"] for line in lines[:5])
    freight = sum(line["amount_minor"] for line in lines[1:4])
    assert found["freight_minor"] == freight
    share = Fraction(freight, lines[0]["amount_minor"])
    assert found["freight_share"] == f"{share.numerator}/{share.denominator}"
    assert all(one["source"] and one["on"] for line in lines[1:5] for one in line["sources"])
    assert (found["place"], found["places"][0]) == ("Hai Phong", "Hai Phong")
    time = found["lead_time"]
    assert (time["days_max"], time["promise_days"], time["verdict"]) == (7, 7, "in-time")
    assert [rate["currency"] for rate in found["rates"]] == ["CNY"]
    carried = buyer.get(f"/v1/listings/{phones.id}/landed-cost?pieces=50&incoterm=CPT").json()
    assert carried["known_minor"] == lines[0]["amount_minor"] + lines[4]["amount_minor"]


def test_a_place_without_a_stated_way_and_more_than_is_left(looker: Caller, phones: Listing) -> None:
    buyer = looker.signed_in("buyer", "cmp_vn")
    cost = f"/v1/listings/{phones.id}/landed-cost"
    far = buyer.get(f"{cost}?pieces=50&place=Da+Nang").json()
    assert far["freight_minor"] == "unknown"
    assert far["unknown"] == ["carriage", "insurance", "duty", "import_tax"]
    assert far["lead_time"]["verdict"] == "unknown"
    much = buyer.get(f"{cost}?pieces=1000000")
    assert (much.status_code, much.json()["slug"]) == (409, "insufficient-quantity")
    assert buyer.get(f"{cost}?pieces=0").status_code == 422
    assert buyer.get(f"{cost}?incoterm=XXX").status_code == 422
    assert buyer.get(f"{cost}?when=now").status_code == 400


def test_what_customs_will_ask_stands_in_one_list_by_day_and_mode(looker: Caller, phones: Listing) -> None:
    buyer = looker.signed_in("buyer", "cmp_vn")

    def ask(query: str) -> dict[str, Any]:
        found = buyer.get(f"/v1/listings/{phones.id}/readiness?{query}").json()
        return {one["rule"]: one["outcome"] for one in found["findings"]} | {"": found["level"]}

    sea = ask("")
    assert (sea["VN-USED-IT"], sea["UN383-SUMMARY"], sea["HS2022-VALID"]) == ("pass", "pass", "pass")
    assert (sea["VN-CRYPTO-LICENCE"], sea["ORIGIN-EVIDENCE"]) == ("unknown", "unknown")
    assert sea["EWASTE-FUNCTION"] == "pass", "each phone starts and is not locked"
    assert sea[""] == "customs-ready"
    assert "EWASTE-FUNCTION" not in ask("day=2024-12-31")
    assert ask("incoterm=FOB&mode=air")["INCOTERM-MODE"] == "fail"
    assert ask("incoterm=FOB&mode=air")[""] == "complete"
    assert "IATA-PI967-SOC" in ask("mode=air")
    assert "IATA-PI967-SOC" not in sea


def test_the_page_is_a_plain_form_whose_answer_can_be_sent_on(looker: Caller, phones: Listing) -> None:
    buyer = looker.signed_in("buyer", "cmp_vn")
    path = f"/offers/{phones.id}/landed"
    page = buyer.get(f"{path}?pieces=50&incoterm=DDP&place=Ho+Chi+Minh+City").text
    for text in ("Not included", "Later than promised", "What customs will ask", "manifest.xlsx"):
        assert (text in page) == (text != "Not included"), text
    assert "Not included: Import duty · Import tax." in buyer.get(f"{path}?pieces=50").text
    assert buyer.get(path).status_code == 200
    wrong = buyer.get(f"{path}?pieces=1.000")
    assert (wrong.status_code, len(errors(wrong))) == (422, 1)
    assert "fewer" in buyer.get(f"{path}?pieces=99999").text.lower()


def test_a_list_of_phones_shows_models_and_masks_every_number(looker: Caller, phones: Listing) -> None:
    buyer = looker.signed_in("buyer", "cmp_vn")
    answer = buyer.get(f"/v1/listings/{phones.id}/manifest.json")
    found = answer.json()
    with buyer.installation.database.reading() as connection:
        items = goods.of_lot(connection, phones.lot)
    assert len(found["rows"]) == len(items) == found["totals"]["pieces"]
    assert found["totals"]["net_mass_g"] == sum(row["net_mass_g"] for row in found["rows"])
    assert all(item.facts["imei"] not in answer.text for item in items)
    assert found["rows"][0]["identifier"] == items[0].facts["imei"][:8] + "*******"
    assert found["rows"][0]["hs_code"] == "851713"
    assert found["reference"]["kind"] == "official_site"
    assert found["unit_price_minor"] == phones.unit_price_minor
    again = buyer.get(
        f"/v1/listings/{phones.id}/manifest.json", headers={"if-none-match": answer.headers["etag"]}
    )
    assert again.status_code == 304


def test_sheets_hold_the_same_rows_as_texts(looker: Caller) -> None:
    """Every cell of the workbook is a string; totals stand below the rows."""
    apparel = listing_of(looker, "VN", "apparel", 100)
    buyer = looker.signed_in("buyer", "cmp_vn")
    path = f"/v1/listings/{apparel.id}/manifest"
    rows = buyer.get(f"{path}.json").json()
    text = buyer.get(f"{path}.csv").content.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    book = buyer.get(f"{path}.xlsx")
    with zipfile.ZipFile(io.BytesIO(book.content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f" not in sheet
    assert sheet.count("<c ") == sheet.count('t="inlineStr"') > 0
    read = [list(row.cells) for row in read_sheet(book.content).rows]
    assert read[0] == table[0]
    quantity = table[0].index("quantity")
    counted = [int(row[quantity]) for row in table[1 : 1 + len(rows["rows"])]]
    assert sum(counted) == int(table[1 + len(rows["rows"])][quantity]) == rows["totals"]["pieces"]
    assert ["currency", "USD"] in table


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0", "＝"])
def test_a21_what_a_spreadsheet_would_compute_is_marked_as_text(start: str) -> None:
    [row] = csv.reader(io.StringIO(as_csv([[f"{start}cmd|' /c calc'!A1"]]).decode("utf-8-sig"), newline=""))
    assert row[0].startswith("'")


@pytest.mark.parametrize(
    "path",
    [
        "/offers/{}/landed", "/v1/listings/{}/landed-cost", "/v1/listings/{}/readiness",
        "/v1/listings/{}/manifest.json", "/v1/listings/{}/manifest.csv", "/v1/listings/{}/manifest.xlsx",
    ],
)  # fmt: skip
def test_g8_what_is_not_for_a_company_is_not_there_for_it(looker: Caller, phones: Listing, path: str) -> None:
    assert looker.get(path.format(phones.id)).status_code == 403, "a stranger signs in first"
    other = looker.signed_in("buyer", "cmp_us")
    for id_ in (phones.id, NOBODYS):
        assert other.get(path.format(id_)).status_code == 404


def test_g9_a_card_is_shown_of_public_offers_alone_and_never_with_a_price(caller: Caller) -> None:
    listing = listing_of(caller, "VN", "phone", 60)
    for path in ("", "/card.png", "/card.svg"):
        assert caller.get(f"/l/{listing.id}{path}").status_code == 404, "it is for members"

    def publish(ledger: Any) -> None:
        ledger.connection.execute(
            LISTINGS.update().where(LISTINGS.c.id == listing.id).values(visibility="public")
        )

    caller.installation.writer.do(publish)
    page = caller.get(f"/l/{listing.id}?lang=en")
    assert page.status_code == 200
    picture = f"{caller.installation.public_url}/l/{listing.id}/card.png?lang=en"
    assert f'<meta property="og:image" content="{picture}">' in page.text
    price = str(listing.unit_price_minor // 100)
    drawing = caller.get(f"/l/{listing.id}/card.svg?lang=en").text
    for text in (page.text, drawing):
        assert price not in text
        assert "USD" not in text
        assert "US$" not in text
    assert "Grade A" in drawing
    png = caller.get(f"/l/{listing.id}/card.png?lang=vi")
    assert png.headers["content-type"] == "image/png"
    image = Image.open(io.BytesIO(png.content))
    assert image.size == (1200, 630)
    assert [code.text for code in read_barcodes(image)] == [
        f"{caller.installation.public_url}/l/{listing.id}"
    ]
    assert caller.get(f"/l/{NOBODYS}").status_code == 404
