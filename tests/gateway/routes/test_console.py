"""The workbench: what is scanned leads to its lot, queues are paged, figures are counted from records."""

import pytest

from gateway.console.placing import QUEUES
from gateway.store import goods, trade
from gateway.workflows.lot_places import places
from gateway.workflows.throughput import throughput
from tests.gateway.web import Caller, ask, find, tamper


@pytest.fixture
def staff(looker: Caller) -> Caller:
    return looker.signed_in("operator")


def test_whatever_names_a_lot_leads_to_it(staff: Caller) -> None:
    with staff.installation.database.reading() as connection:
        order = trade.orders(connection)[0]
        link = next(one for one in goods.codes_of(connection, order.lot) if one.article)
        item = goods.one(connection, link.article or 0)
    assert item is not None
    page = f"/operator/lots/{order.lot[4:]}"
    texts = [order.lot, order.lot[4:], order.lot[4:16], link.code, f" {order.po_number} "]
    texts += [f"{staff.installation.public_url}/q/{link.code}"]
    if item.serialised:
        texts.append(item.facts["identifier"])
    for text in texts:
        answer = staff.send("/console/find", q=text)
        assert (answer.status_code, answer.headers["location"]) == (303, page), text


def test_what_lies_in_several_lots_is_shown_with_all_of_them(caller: Caller) -> None:
    tamper(caller.installation.home, "UPDATE articles SET identifier = 'KZ-1' WHERE serialised = 0")
    answer = caller.signed_in("operator").send("/console/find", q="KZ-1")
    assert answer.status_code == 200
    assert answer.text.count('href="/operator/lots/') > 1


@pytest.mark.parametrize(
    "text", ["", "  ", "860000000000000", "lot:nothing", "%27 OR 1=1", "https://evil.example/q/x"]
)
def test_what_is_not_known_is_said_and_typed_again(staff: Caller, text: str) -> None:
    answer = staff.send("/console/find", q=text)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_every_queue_is_paged_to_its_end_without_a_lot_twice(staff: Caller) -> None:
    with staff.installation.database.reading() as connection:
        counts = places(staff.installation, connection).counts()
    assert tuple(counts) == QUEUES
    assert counts["ageing"] > 25
    seen: list[str] = []
    href = "/console/queues/ageing"
    for _ in range(counts["ageing"]):
        page = staff.get(href).text
        seen += [part.partition('"')[0] for part in page.split('name="on" value="')[1:]]
        if 'rel="next"' not in page:
            break
        href = find(r'href="([^"]+)" rel="next"', page).replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == counts["ageing"]


def test_an_unknown_queue_and_a_forged_cursor_are_refused(staff: Caller) -> None:
    assert staff.get("/console/queues/everything").status_code == 404
    assert staff.get("/console/queues/ageing", params={"after": "x' OR 1"}).status_code == 422
    assert staff.get("/console/queues/ageing", params={"after": "zzz"}).status_code == 200


def test_l21_throughput_is_counted_from_the_records_alone(staff: Caller) -> None:
    home = staff.installation.home
    with staff.installation.database.reading() as connection:
        found = throughput(staff.installation.database, connection)
    counted = sum(done.units for shift, done in found.items() if shift.what == "received")
    recorded = ask(home, "SELECT sum(json_extract(leaf, '$.body.data.counted')) FROM entries "
                         "WHERE type = 'lot.received'")  # fmt: skip
    assert counted == recorded
    inspected = [done for shift, done in found.items() if shift.what == "inspected"]
    assert all(done.workers and done.per_worker for done in inspected)
    assert "Units a person" in staff.get("/console/figures").text


def test_articles_of_a_lot_are_paged_in_the_order_of_its_rows(staff: Caller) -> None:
    home = staff.installation.home
    lot = ask(home, "SELECT lot FROM articles GROUP BY lot ORDER BY count(*) DESC")
    total = ask(home, "SELECT count(*) FROM articles WHERE lot = ?", lot)
    first = staff.get(f"/console/lots/{lot[4:]}/articles").text
    assert first.count("<tr><th") == 1 + min(100, total)
    second = staff.get(f"/console/lots/{lot[4:]}/articles", params={"after": "99"}).text
    assert second.count('<th scope="row"') == min(100, total - 100)
    assert staff.get("/console/lots/00000000000000000000/articles").status_code == 404


def test_the_workbench_is_staffs_alone(looker: Caller) -> None:
    assert looker.get("/console").status_code == 403
    inspector = looker.signed_in("inspector")
    for path in ("/console", "/console/queues/ageing", "/console/figures", "/console/codes"):
        assert inspector.get(path).status_code == 404
