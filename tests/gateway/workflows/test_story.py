"""The main job on the real supplier files: what the newcomer's first command must show."""

import json
from hashlib import sha256
from importlib import resources
from typing import Any

import jsonschema
import pytest
from sqlalchemy import func, select

from gateway import schemas, wiring
from gateway.settings import Settings
from gateway.store import goods, trade
from gateway.wiring import Installation
from gateway.workflows.audit_log import audit_source
from gateway.workflows.ship_order import object_key
from gateway.workflows.story import current_lots, tell
from gateway.workflows.summary import summarise
from ledger.core.leaf import Leaf
from ledger.lots.state import LotState
from ledger.store import log
from ledger.store.log import ENTRIES
from tests.exporters.reading import text as paper


@pytest.fixture(scope="module")
def summary(told_home: Any) -> dict[str, Any]:
    settings = Settings(home=told_home)
    installation = wiring.open_(settings)
    report = audit_source(settings, None, policy_file=None, vkey=None, saved_file=None)
    result = summarise(installation, report, 1.0)
    installation.close()
    return result


def test_the_summary_is_what_its_published_schema_says(summary: dict[str, Any]) -> None:
    schema = json.loads(resources.files(schemas).joinpath("run.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(json.dumps(summary)), schema)


def test_every_good_row_of_the_samples_is_an_article_or_a_style(summary: dict[str, Any]) -> None:
    assert summary["articles"] == 1184 + 260
    assert summary["units"] == 1184 + 100_000 + 260
    assert len({(item["file"], item["row"]) for item in summary["rejected"]}) == 16
    assert sum(sum(grades.values()) for grades in summary["graded"].values()) == summary["units"]


def test_there_is_one_code_a_lot_an_article_and_a_style(summary: dict[str, Any]) -> None:
    assert summary["codes"] == summary["lots"] + 1184 + 260 + 681


def test_every_lot_is_offered_in_a_market_or_refused_there_with_reasons(summary: dict[str, Any]) -> None:
    assert summary["listed"] + len(summary["refused"]) == 3 * summary["lots"]
    assert {item["market"] for item in summary["refused"]} <= {"VN", "NG", "US"}


def test_a_used_or_refurbished_phone_is_not_offered_to_viet_nam_and_a_new_one_is(told: Installation) -> None:
    with told.database.reading() as connection:
        offered = {(x.lot, x.market) for x in trade.listings(connection)}
    phones = [(name, lot) for name, lot in current_lots(told) if lot.category == "phone"]
    conditions = {lot.condition for name, lot in phones if (name, "VN") in offered}
    assert conditions == {"new"}
    abroad = {lot.condition for name, lot in phones if (name, "US") in offered}
    assert {"used", "refurbished"} <= abroad


def test_beichen_is_not_offered_to_viet_nam_at_all(told: Installation) -> None:
    with told.database.reading() as connection:
        offered = {(x.lot, x.market) for x in trade.listings(connection)}
    beichen = [name for name, lot in current_lots(told) if lot.brand == "北辰"]
    assert beichen
    assert not any((name, "VN") in offered for name in beichen)
    assert any((name, "US") in offered for name in beichen)


def test_over_age_goods_were_received_and_are_never_listed(told: Installation) -> None:
    over_age = [(name, lot) for name, lot in current_lots(told) if lot.overage]
    assert sum(lot.quantity for _, lot in over_age) == 52 + 22_634
    assert all(lot.listings == 0 for _, lot in over_age)


def test_quantities_balance_from_the_declarations_to_the_leaves(told: Installation) -> None:
    with told.database.reading() as connection:
        lots: dict[str, LotState] = {n: s.state for n, s in log.subjects_of_kind(connection, "lot")}
    roots = [lot for lot in lots.values() if lot.parent is None]
    leaves = [lot for lot in lots.values() if lot.is_leaf]
    assert sum(lot.declared for lot in roots) == 1200 + 100_000 + 260
    identified = sum(lot.declared - lot.unidentified for lot in roots)
    assert sum(lot.quantity for lot in leaves) == identified


def test_what_was_paid_is_allocated_to_the_cent(told: Installation) -> None:
    total = 0
    with told.database.reading() as connection:
        for row in connection.execute(select(log.OPENINGS).where(log.OPENINGS.c.field == "price")):
            value = json.loads(row.value)
            index = log.index_of(connection, row.event_id.hex())
            kind = connection.execute(select(ENTRIES.c.type).where(ENTRIES.c.idx == index)).scalar_one()
            if kind == "lot.declared":
                total += value["amount_minor"]
    assert total == 64_000_000 + 500_000_000 + 12_800_000


def test_a_second_telling_repeats_nothing(copied: Installation) -> None:
    with copied.database.reading() as connection:
        before = connection.execute(select(func.count()).select_from(ENTRIES)).scalar_one()
    files = sorted(copied.files.keys())
    tell(copied, lambda _what, _share: None)
    with copied.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(ENTRIES)).scalar_one() == before
    assert sorted(copied.files.keys()) == files


ALWAYS = {
    "commercial_invoice", "packing_list", "despatch_advice", "package_labels", "origin_declaration",
    "inspection_certificate", "brand_authorization",
}  # fmt: skip
KINDS = {
    "cmp_vn": ALWAYS | {"battery_declaration"},
    "cmp_ng": ALWAYS | {"battery_declaration", "functionality_protocol", "reuse_declaration"},
    "cmp_us": ALWAYS,
}


def test_every_order_is_shipped_with_documents_whose_bytes_are_recorded(told: Installation) -> None:
    with told.database.reading() as connection:
        orders = trade.orders(connection)
        documents = trade.documents(connection)
        assert {order.state for order in orders} == {"shipped"}
        for order in orders:
            kinds = [document.kind for document in documents if document.order_id == order.id]
            assert len(kinds) == len(set(kinds)), "one paper of a kind"
            assert KINDS[order.company] == set(kinds)
        for document in documents:
            content = told.files.get(object_key(document.sha256))
            assert sha256(content).hexdigest() == document.sha256
            index = log.index_of(connection, document.event_id)
            assert index is not None
            leaf = log.leaf(connection, index)
            assert leaf is not None
            assert Leaf.parse(leaf).record.body.data["sha256"] == document.sha256


def test_g16_the_buyers_order_number_stands_on_every_paper(told: Installation) -> None:
    with told.database.reading() as connection:
        numbers = {order.id: order.po_number for order in trade.orders(connection)}
        documents = trade.documents(connection)
    assert {document.order_id for document in documents} == set(numbers)
    for document in documents:
        content = told.files.get(object_key(document.sha256))
        said = paper(content) if content.startswith(b"%PDF") else content.decode()
        assert numbers[document.order_id] in said, document.kind


def test_refurbished_phones_carry_battery_before_and_after(told: Installation) -> None:
    with told.database.reading() as connection:
        mended = goods.repaired(connection)
    assert mended
    for item in mended:
        steps = {step["kind"]: step for step in item.facts["repair"]["steps"]}
        battery = steps["battery_replaced"]
        assert float(battery["before"]["health"]["value"]) < 80
        assert battery["after"]["health"]["value"] == "100"
        assert steps["data_wiped"]["method"] == "purge"
