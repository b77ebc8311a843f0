"""Row G23: a supplier states its stock; twice is once, a later word replaces, an older one is refused."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.errors import LotNotVerified
from gateway.people.printed_logins import issue_login
from gateway.store import goods, stock_levels, trade
from gateway.store.trade import Listing
from gateway.workflows.gate import judge_lot, verdict_on
from gateway.workflows.sell import reserve
from tests.gateway.routes import import_journey as journey
from tests.gateway.routes.import_journey import GOODS, described, sheet, supplier
from tests.gateway.tasks.test_housekeeping import drained
from tests.gateway.web import Caller, ask

FEED = "/v1/stock-feeds"


@pytest.fixture
def direct(caller: Caller) -> Caller:
    """Signed in as the supplier of two direct lots: sofas and tables."""
    caller.signed_in("operator")
    rehearsal = described(caller, sheet(GOODS[:2]), supply_mode="direct", **{"w-condition-1": "used"})
    assert caller.send(journey.action(caller.get(rehearsal))).status_code == 303
    drained(caller.installation)
    caller.cookies = httpx.Cookies()
    return signed_in_as(caller, supplier(caller))


def signed_in_as(caller: Caller, party: str) -> Caller:
    assert caller.post(issue_login(caller.installation, "supplier", party=party)).status_code == 303
    return caller


def moment(caller: Caller, hours_ago: float = 0) -> str:
    return (caller.installation.clock.now() - timedelta(hours=hours_ago)).isoformat()


def send(caller: Caller, as_of: str, *items: tuple[str, int]) -> httpx.Response:
    said = {"as_of": as_of, "items": [{"item": item, "quantity": quantity} for item, quantity in items]}
    return caller.post(FEED, json=said, headers={"x-csrf-token": caller.token})


def sofas(caller: Caller) -> str:
    return str(ask(caller.installation.home, "SELECT lot FROM articles WHERE identifier = 'SF-1'"))


def level(caller: Caller, lot: str) -> Any:
    with caller.installation.database.reading() as connection:
        return stock_levels.level(connection, lot)


def test_l5_direct_goods_are_declared_and_stay_with_their_supplier(direct: Caller) -> None:
    lot = sofas(direct)
    with direct.installation.database.reading() as connection:
        judged = judge_lot(
            direct.installation, connection, lot, verdict_on(direct.installation, connection, lot)
        )
    assert judged is not None
    state, party = judged.facts.lot, supplier(direct)
    assert (state.title, state.custody, state.received) == (party, party, False)
    assert state.agent == direct.installation.config.operator


def test_g23_the_same_feed_twice_changes_nothing(direct: Caller) -> None:
    as_of, lot = moment(direct, 2), sofas(direct)
    first = send(direct, as_of, ("SF-1", 2), ("SF-2", 2))
    assert (first.status_code, first.json()["is_new"]) == (201, True), first.text
    assert {one["lot"]: (one["stated"], one["ledger"]) for one in first.json()["lots"]}[lot] == (2, 3)
    second = send(direct, as_of, ("SF-2", 2), ("SF-1", 2))
    assert (second.status_code, second.json()["is_new"]) == (200, False)
    assert second.json()["id"] == first.json()["id"]
    assert ask(direct.installation.home, "SELECT count(*) FROM stock_feeds") == 1


def test_g23_a_later_feed_replaces_and_an_older_one_is_refused(direct: Caller) -> None:
    lot = sofas(direct)
    assert send(direct, moment(direct, 2), ("SF-1", 2)).status_code == 201
    assert send(direct, moment(direct, 1), ("SF-1", 1)).status_code == 201
    assert level(direct, lot).quantity == 1
    late = send(direct, moment(direct, 3), ("SF-1", 3))
    assert (late.status_code, late.json()["slug"]) == (409, "stock-feed-out-of-order")
    assert level(direct, lot).quantity == 1
    assert [len(one["lots"]) for one in direct.get(FEED).json()] == [1, 1]


def test_g23_unknown_items_are_listed_and_lots_left_out_keep_their_last_word(direct: Caller) -> None:
    send(direct, moment(direct, 2), ("SF-1", 3), ("SF-2", 2))
    told = send(direct, moment(direct, 1), ("SF-1", 3), ("NOBODY-1", 9)).json()
    assert told["troubles"] == [{"item": "NOBODY-1", "trouble": "unknown"}]
    assert len(told["absent"]) == 1
    assert level(direct, told["absent"][0]).quantity == 2


def test_g23_as_csv_and_by_the_form_in_any_words(direct: Caller) -> None:
    as_of = moment(direct, 3)
    headers = {"x-csrf-token": direct.token, "content-type": "text/csv"}
    content = "货号;库存数量\nSF-1;2\nSF-2;0\n".encode()
    answer = direct.post(FEED, params={"as_of": as_of}, content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    assert level(direct, sofas(direct)).quantity == 2
    page = direct.get("/stock")
    assert "fewer than in the ledger" in page.text
    fields = {"csrf_token": direct.token, "as_of": journey.filled(page)["as_of"]}
    sent = direct.post(
        "/stock", data=fields, files={"file": ("a.csv", b"sku,qty\nSF-1,3\nSF-2,2\n", "text/csv")}
    )
    assert sent.status_code == 303, sent.text
    assert "as in the ledger" in direct.get("/stock").text


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"as_of": "2026-11-20T00:00:00Z"}, "invalid-request"),
        ({"as_of": "2026-11-20T00:00:00", "items": [{"item": "a", "quantity": 1}]}, "invalid-parameter"),
        ({"as_of": "2026-11-20T00:00:00Z", "items": [{"item": "a", "quantity": -1}]}, "invalid-request"),
        ({"as_of": "2026-11-20T00:00:00Z", "items": [{"item": "a", "quantity": 1.5}]}, "invalid-request"),
        ({"as_of": "2126-11-20T00:00:00Z", "items": [{"item": "a", "quantity": 1}]}, "stock-feed-ahead"),
    ],
)
def test_g23_what_is_no_feed_is_refused(direct: Caller, body: dict[str, Any], slug: str) -> None:
    answer = direct.post(FEED, json=body, headers={"x-csrf-token": direct.token})
    assert (answer.status_code, answer.json()["slug"]) == (422, slug)
    assert ask(direct.installation.home, "SELECT count(*) FROM stock_feeds") == 0


def test_g23_a_direct_lot_with_an_old_feed_cannot_be_reserved(direct: Caller) -> None:
    """The offer is put up by hand: what else such a lot lacks is of no matter here."""
    installation, lot = direct.installation, sofas(direct)
    listing = Listing(
        id="lst_" + "a" * 20, lot=lot, market="VN", channel="export", currency="USD", unit_price_minor=100,
        moq=1, head="0" * 64, status="published",
    )  # fmt: skip

    def put_up(ledger: Any) -> None:
        trade.open_stock(ledger.connection, lot, 3, installation.clock.now())
        trade.add_listing(ledger.connection, listing)

    installation.writer.do(put_up)
    hours = {"old": 49, "new": 1}
    found = {}
    for name, age in hours.items():
        assert send(direct, moment(direct, age), ("SF-1", 2)).status_code == 201
        with pytest.raises(LotNotVerified) as refused:
            reserve(installation, listing.id, "cmp_vn", 1)
        found[name] = {reason.slug for reason in refused.value.reasons}
    assert found["old"] - found["new"] == {"stock-feed-stale"}
    with installation.database.reading() as connection:
        stock = stock_levels.sellable(connection, lot)
        assert stock is not None
        assert stock.available == 2, "never more than the supplier says to have"
        assert goods.of_lot(connection, lot)


def test_stock_of_others_is_not_there(direct: Caller) -> None:
    direct.cookies = httpx.Cookies()
    other = str(
        ask(
            direct.installation.home,
            "SELECT party FROM parties WHERE kind = 'supplier' AND party != ?",
            supplier(direct),
        )
    )
    signed_in_as(direct, other)
    assert "SF-1" not in direct.get("/stock").text
    assert direct.get(FEED).json() == []
    told = send(direct, moment(direct, 1), ("SF-1", 0)).json()
    assert told["troubles"] == [{"item": "SF-1", "trouble": "unknown"}]
    assert level(direct, sofas(direct)) is None


def test_staff_sees_every_suppliers_stock(direct: Caller) -> None:
    send(direct, moment(direct, 1), ("SF-1", 3))
    direct.cookies = httpx.Cookies()
    page = direct.signed_in("operator").get("/operator/stock").text
    assert "Hangzhou Jinghe" in page
    assert "not in the last statement" in page
