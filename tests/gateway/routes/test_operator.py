"""Staff sees every lot, its family, its codes, and every reason against it in every market."""

import re
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from qrcodes import symbol
from tests.gateway.web import Caller, ask, tamper


@pytest.fixture
def staff(caller: Caller) -> Caller:
    return caller.signed_in("operator")


def _refusals(staff: Caller) -> str:
    path, text = "/operator/refusals", ""
    while path:
        page = staff.get(path).text
        more = re.search(r'href="([^"]+)" rel="next"', page)
        path, text = (more[1] if more else ""), text + page
    return text


def test_the_console_shows_what_became_of_every_file(staff: Caller) -> None:
    text = staff.get("/operator").text
    for part in ("phones-cancelled-order.xlsx", "apparel-whole-warehouse.csv", "1,184", "100,000"):
        assert part in text


@pytest.mark.parametrize(
    ("query", "some"),
    [
        ("星野 a", True),
        ("phone", True),
        ("washing", False),
        ("sofa b", True),
        ("not-in-any-id", False),
        ("%", False),
        ("'", False),
    ],
)
def test_lots_are_found_by_words(staff: Caller, query: str, some: bool) -> None:
    text = staff.get("/operator", params={"q": query}).text
    assert bool(re.search(r'href="/operator/lots/\w+"', text)) == some


def test_pages_show_each_lot_once(staff: Caller, home: Path) -> None:
    found = re.findall(r'href="/operator/lots/(\w+)"', _refusals(staff))
    leaves = ask(
        home,
        "SELECT count(*) FROM subjects WHERE subject LIKE 'lot:%' AND json_extract(state, '$.quantity') > 0",
    )
    assert len(found) == len(set(found)) == leaves


def test_every_reason_is_said_in_words(staff: Caller) -> None:
    text = _refusals(staff)
    for part in (
        "Import is forbidden there",
        "The brand does not license this market",
        "Older than the policy allows",
    ):
        assert part in text
    assert not re.search(r"<li>[a-z0-9]+(-[a-z0-9]+)+ ", text), "a slug without words"


def test_a_broken_history_is_a_reason_in_every_market(staff: Caller, home: Path) -> None:
    lot = ask(home, "SELECT lot FROM listings ORDER BY lot")
    index = ask(home, "SELECT max(idx) FROM chain WHERE subject = ?", lot)
    tamper(home, "DELETE FROM entries WHERE idx = ?", index)
    text = staff.get(f"/operator/lots/{lot.partition(':')[2]}").text
    assert text.count("The chain of records is broken") == 3


def test_a_lots_page_shows_its_family_and_codes_that_scan(staff: Caller, home: Path) -> None:
    lot = ask(home, "SELECT lot FROM orders")
    text = staff.get(f"/operator/lots/{lot.partition(':')[2]}").text
    assert 'class="current"' in text
    path = re.findall(r'href="(/operator/codes/\w+\.svg)"', text)[0]
    svg = staff.get(path)
    assert svg.headers["content-type"] == "image/svg+xml"
    code = path.removesuffix(".svg").rpartition("/")[2]
    link = f"{staff.installation.public_url}/q/{code}"
    assert svg.content in (symbol.svg(link, symbol.CARTON_LEVEL), symbol.svg(link, symbol.ARTICLE_LEVEL))
    assert staff.get(f"/operator/codes/{'0' * 20}.svg").status_code == 404


def test_the_symbol_of_a_code_decodes_to_its_page(staff: Caller, home: Path, tmp_path: Path) -> None:
    code = ask(home, "SELECT code FROM code_links WHERE level = 'article'")
    link = f"{staff.installation.public_url}/q/{code}"
    (tmp_path / "code.png").write_bytes(symbol.png(link, symbol.ARTICLE_LEVEL, 4))
    with Image.open(tmp_path / "code.png") as image:
        (found,) = zxingcpp.read_barcodes(image.convert("L"))
    assert found.text == link
    assert staff.get(found.text.removeprefix(staff.installation.public_url)).status_code == 200


def test_rejected_rows_go_back_to_the_supplier_as_inert_text(staff: Caller, home: Path) -> None:
    assert "The check digit of the IMEI is wrong" in staff.get("/operator/rejected").text
    tamper(home, "UPDATE consignments SET report = replace(report, '866927073136333', '=1+1')")
    answer = staff.get("/operator/rejected.csv")
    text = answer.content.decode("utf-8-sig")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert len(text.splitlines()) == 17
    assert ",'=1+1," in text


def test_orders_of_every_buyer_are_shown(staff: Caller, home: Path) -> None:
    text = staff.get("/operator/orders").text
    paths = re.findall(r'href="(/operator/orders/\w+)"', text)
    assert len(paths) == 3
    for path in paths:
        order = f"%{path.rpartition('/')[2]}"
        papers = ask(home, "SELECT count(*) FROM documents WHERE order_id LIKE ?", order)
        assert staff.get(path).text.count("/documents/") == papers >= 2


@pytest.mark.parametrize(
    "path", ["lots/x", "lots/" + "0" * 20, "orders/x", "rejected?page=99999", "rejected?file=x"]
)
def test_odd_addresses_are_refused(staff: Caller, path: str) -> None:
    assert staff.get(f"/operator/{path}").status_code in (404, 422)
