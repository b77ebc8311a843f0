"""A pack opens what its receiver may see and nothing else: by role, and by whose order it is."""

import json
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Any, get_args

import pytest

from exporters.audit_pack import check_words
from exporters.pack import verify_lot
from gateway.errors import NotFound, Refused
from gateway.store import trade
from gateway.store.trade import Order
from gateway.wiring import Installation
from gateway.workflows import disclosure, export_lot
from gateway.workflows.disclosure import RECEIVERS, Receiver, may_see
from gateway.workflows.ship_order import parts_of
from ledger import pack as packs
from ledger.core import pack
from ledger.core.policy import Policy
from ledger.records.registry import TYPES


def first_order(installation: Installation) -> Order:
    with installation.database.reading() as connection:
        return trade.orders(connection)[0]


PAPERS = {
    "commercial_invoice", "packing_list", "package_labels", "origin_declaration", "inspection_certificate",
    "brand_authorization", "battery_declaration",
}  # fmt: skip


def kinds_in(names: Iterable[str]) -> set[str]:
    """Of the PDFs in a pack, each kind once."""
    kinds = [re.fullmatch(r"documents/[0-9]+-(\w+)\.pdf", name) for name in names]
    found = [one[1] for one in kinds if one]
    assert len(found) == len(set(found)) == len(kinds)
    return set(found)


def opened(installation: Installation, receiver: Receiver, company: str | None = None) -> packs.Verified:
    content = export_lot.export_lot(installation, first_order(installation).lot, receiver, company).content
    verified = packs.verify(content, Policy.trusting(installation.config.vkey), check_words)
    assert verify_lot.verify(content, installation.policy_path.read_bytes())["exit"] == 0
    return verified


def fields(verified: packs.Verified) -> set[tuple[str, str]]:
    types = {leaf.record.event_id: leaf.record.body.type for leaf in verified.shown.leaves}
    return {(types[one["event_id"]], one["field"]) for one in verified.shown.openings}


def test_every_committed_field_stands_in_the_table_and_no_other() -> None:
    committed = {(type_.name, field) for type_ in TYPES.values() for field in type_.commits}
    assert committed == {(type_, field) for type_, of in disclosure.FIELDS.items() for field in of}
    assert set(get_args(Receiver)) == set(RECEIVERS)


def test_a_field_that_stands_nowhere_is_opened_to_nobody() -> None:
    assert not any(may_see(one, "lot.sold", "margin", own=True) for one in RECEIVERS)
    assert not any(may_see(one, "lot.lost", "price", own=True) for one in RECEIVERS)


def test_the_public_pack_holds_nothing_that_is_committed(told: Installation) -> None:
    verified = opened(told, "public")
    assert (verified.shown.openings, verified.shown.rows, verified.documents) == ([], [], ())


def test_a_buyer_sees_the_own_order_its_pieces_and_its_papers(told: Installation) -> None:
    order = first_order(told)
    verified = opened(told, "buyer", order.company)
    seen = fields(verified)
    assert {("lot.sold", "price"), ("document.issued", "number")} <= seen
    assert not {field for type_, field in seen if type_ in ("party.registered", "lot.declared", "lot.listed")}
    assert kinds_in(verified.documents) == PAPERS
    with told.database.reading() as connection:
        pieces = {(p.item.source_event, p.item.source_n) for p in parts_of(connection, order)}
    shown = {(one["event_id"], one["row"]["n"]) for one in verified.shown.rows}
    own = verified.state.manifest_event
    assert {place for place in shown if place[0] == own} == pieces


def test_another_company_sees_no_more_than_may_be_resold(told: Installation) -> None:
    with told.database.reading() as connection:
        order = trade.orders(connection)[0]
        buyers = {one.company for one in trade.orders(connection, lot=order.lot)}
        stranger = next(one.id for one in trade.companies(connection) if one.id not in buyers)
    verified = opened(told, "buyer", stranger)
    assert (verified.shown.rows, verified.documents) == ([], ())
    assert {type_ for type_, _ in fields(verified)} <= {
        "authorization.granted",
        "lot.inspected",
        "lot.refurbished",
    }


def test_customs_see_who_stands_behind_the_goods_and_no_purchase_price(told: Installation) -> None:
    seen = fields(opened(told, "customs"))
    assert {("party.registered", "legal_name"), ("lot.sold", "price")} <= seen
    assert ("lot.declared", "price") not in seen
    assert ("authorization.granted", "fee_rate") not in seen


@pytest.mark.parametrize("receiver", ["auditor", "operator"])
def test_who_checks_or_runs_it_sees_everything_that_is_still_there(
    told: Installation, receiver: Receiver
) -> None:
    verified = opened(told, receiver)
    committed = sum(len(leaf.record.body.commit) for leaf in verified.shown.leaves)
    assert len(verified.shown.openings) == committed
    assert verified.grades > 0


def test_the_same_request_gives_the_same_bytes(told: Installation) -> None:
    lot = first_order(told).lot
    one, two = (export_lot.export_lot(told, lot, "operator").content for _ in range(2))
    assert one == two


def test_a_lot_that_several_bought_needs_a_name(copied: Installation) -> None:
    order = first_order(copied)
    with closing(sqlite3.connect(copied.home / "ledger.db")) as database:
        row: dict[str, Any] = dict(
            zip(
                [name for _, name, *_ in database.execute("PRAGMA table_info(orders)")],
                database.execute("SELECT * FROM orders WHERE id = ?", (order.id,)).fetchone(),
                strict=True,
            )
        )
        row |= {"id": "order:other", "company": "another", "reservation": "r9", "po_number": "PO 9"}
        row |= {"sold_event": "ab" * 32, "shipment": None}
        marks = ", ".join(f":{name}" for name in row)
        database.execute(f"INSERT INTO orders VALUES ({marks})", row)
        database.commit()
    with pytest.raises(Refused, match="name one with --company"):
        export_lot.export_lot(copied, order.lot, "customs")
    assert kinds_in(opened(copied, "customs", order.company).documents) == PAPERS


def test_a_lot_that_is_not_there_is_not_found(told: Installation) -> None:
    with pytest.raises(NotFound):
        export_lot.export_lot(told, "lot:" + "0" * 20, "public")


def test_a_file_that_is_gone_is_told_and_the_rest_is_handed_out(copied: Installation) -> None:
    order = first_order(copied)
    with copied.database.reading() as connection:
        papers = trade.documents(connection, order_id=order.id)
    document = next(one for one in papers if one.kind == "packing_list")
    (copied.home / "objects" / "documents" / document.sha256[:2] / document.sha256).unlink()
    made = export_lot.export_lot(copied, order.lot, "operator")
    assert made.missing == (document.number,)
    there = [n for n in pack.read(made.content).members if n.startswith(pack.DOCUMENTS)]
    assert kinds_in(there) == PAPERS - {"packing_list"}


def test_a_pack_that_would_not_verify_is_not_handed_out(copied: Installation) -> None:
    """Somebody with the database in hand changed what opens a commitment."""
    order = first_order(copied)
    with closing(sqlite3.connect(copied.home / "ledger.db")) as database:
        changed = database.execute(
            "UPDATE openings SET value = ? WHERE field = 'price' AND event_id = ?",
            (
                json.dumps({"amount_minor": 1, "currency": "USD"}).replace(" ", "").encode(),
                bytes.fromhex(order.sold_event),
            ),
        )
        assert changed.rowcount == 1
        database.commit()
    with pytest.raises(packs.ProofError, match="is not what was committed to"):
        export_lot.export_lot(copied, order.lot, "operator")
    assert export_lot.export_lot(copied, order.lot, "public").records > 10


def test_waiting_for_a_publication_ends(told: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise packs_not_visible

    from ledger.errors import NotVisible

    packs_not_visible = NotVisible("busy")
    monkeypatch.setattr(export_lot, "PATIENCE_S", 0.0)
    monkeypatch.setattr(export_lot, "_export", busy)
    with pytest.raises(NotVisible):
        export_lot.export_lot(told, "lot:" + "0" * 20, "public")
