"""One address for everybody; what is opened depends on who asks."""

import json
from io import BytesIO
from zipfile import ZipFile

from exporters.pack import verify_lot
from gateway.store import trade
from gateway.store.trade import Order
from tests.gateway.web import Caller


def _order(caller: Caller) -> Order:
    with caller.installation.database.reading() as connection:
        return trade.orders(connection)[0]


def _openings(caller: Caller, lot: str) -> int:
    answer = caller.get(f"/lots/{lot.partition(':')[2]}/pack.zip")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert "attachment" in answer.headers["content-disposition"]
    policy = caller.installation.policy_path.read_bytes()
    assert verify_lot.verify(answer.content, policy)["exit"] == 0
    with ZipFile(BytesIO(answer.content)) as archive:
        return len(json.loads(archive.read("openings.json")))


def test_a_stranger_gets_the_proofs_and_no_private_value(looker: Caller) -> None:
    assert _openings(looker, _order(looker).lot) == 0


def test_a_buyer_gets_the_own_order_opened_and_another_buyer_does_not(caller: Caller) -> None:
    order = _order(caller)
    own = _openings(caller.signed_in("buyer", order.company), order.lot)
    with caller.installation.database.reading() as connection:
        buyers = {one.company for one in trade.orders(connection, lot=order.lot)}
        other = next(one.id for one in trade.companies(connection) if one.id not in buyers)
    assert own > _openings(caller.signed_in("buyer", other), order.lot)


def test_operator_and_auditor_get_everything(caller: Caller) -> None:
    order = _order(caller)
    counts = {_openings(caller.signed_in(role), order.lot) for role in ("operator", "auditor")}
    assert len(counts) == 1
    assert counts.pop() > _openings(caller.signed_in("buyer", order.company), order.lot)


def test_the_pages_of_a_lot_lead_to_its_pack(caller: Caller) -> None:
    order = _order(caller)
    bare = order.lot.partition(":")[2]
    href = f'href="/lots/{bare}/pack.zip"'
    assert href in caller.get(f"/auditor/entries?subject={order.lot}").text
    assert href in caller.signed_in("buyer", order.company).get(f"/orders/{order.id.partition(':')[2]}").text
    assert href in caller.signed_in("operator").get(f"/operator/lots/{bare}").text


def test_what_is_no_lot_is_not_found(looker: Caller) -> None:
    for path in ("0" * 20, "nonsense", "party:" + "0" * 20):
        assert looker.get(f"/lots/{path}/pack.zip").status_code == 404
