"""Buyers hear of their goods without asking: what left, arrived or runs late, what is held no more."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from gateway.i18n import LANGUAGES
from gateway.store import shipments, trade
from gateway.store.shipments import SHIPMENTS, Shipment
from gateway.wiring import Installation
from gateway.workflows import shipments as steps
from gateway.workflows.late_shipments import tell_late
from gateway.workflows.recheck import recheck
from gateway.workflows.sell import reserve
from gateway.workflows.settle_stock import settle_stock
from gateway.workflows.shipments import Wish
from ledger.record import Ledger
from tests.gateway.tasks.test_housekeeping import drained
from tests.gateway.tasks.test_recalls import buyer, templates
from tests.gateway.workflows.test_settle_stock import ended, unsold_offer
from tests.gateway.workflows.test_shipments import BY, bought, ready, staff

COMPANY = "cmp_us"
SUBJECTS = {
    "shipment_dispatched": {"zh-CN": "已发运", "en": "On its way", "vi": "Đang trên đường"},
    "shipment_delivered": {"zh-CN": "已送达", "en": "Delivered", "vi": "Đã giao"},
    "shipment_late": {"zh-CN": "延误", "en": "Late", "vi": "Bị trễ"},
    "hold_released": {"zh-CN": "不再为您保留", "en": "No longer held", "vi": "Không còn giữ"},
}


@pytest.fixture
def readers(copied: Installation) -> dict[str, str]:
    return {tag: buyer(copied, COMPANY, tag) for tag in LANGUAGES}


def letters(installation: Installation, beginning: dict[str, str]) -> dict[str, str]:
    """Language -> text of the one letter in it whose subject begins so, once the jobs have run."""
    drained(installation)
    found: dict[str, str] = {}
    for path in (installation.home / "mail").glob("*.eml"):
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
        tag = str(letter["Content-Language"])
        if letter["To"] == f"{tag}@buyer.example" and letter["Subject"].startswith(beginning[tag]):
            assert tag not in found, "one letter a reader"
            found[tag] = letter.get_content()
    return found


def moved_by(installation: Installation, shipment: Shipment, earlier: timedelta) -> None:
    """As if its promise had been made for an earlier day."""
    promised = SHIPMENTS.update().where(SHIPMENTS.c.id == shipment.id)
    values = promised.values(promised_at=shipment.promised_at - earlier)
    installation.writer.do(lambda ledger: ledger.connection.execute(values))


def late(installation: Installation) -> int:
    def unit(ledger: Ledger) -> int:
        return tell_late(ledger.connection, installation.clock.now())

    return installation.writer.do(unit)


def test_a_buyer_hears_of_a_shipment_that_leaves_runs_late_and_arrives(
    copied: Installation, readers: dict[str, str]
) -> None:
    order = bought(copied, 5, po="PO-MAIL")
    shipment = ready(copied, steps.plan(copied, [Wish(order.id)], by=BY))
    assert late(copied) == 0
    steps.dispatch(copied, shipment.id, by=staff(copied))
    told = letters(copied, SUBJECTS["shipment_dispatched"])
    assert set(told) == set(LANGUAGES)
    for text in told.values():
        assert "PO-MAIL" in text
        assert f"/shipments/{shipment.id.partition(':')[2]}" in text

    moved_by(copied, shipment, timedelta(days=30))
    assert [late(copied), late(copied)] == [1, 1], "asked twice, and told once"
    assert set(letters(copied, SUBJECTS["shipment_late"])) == set(LANGUAGES)
    with copied.database.reading() as connection:
        now = shipments.get(connection, shipment.id)
    assert now is not None
    moved_by(copied, now, timedelta(days=7))
    late(copied)
    assert templates(copied, readers["vi"]).count("shipment_late") == 2, "one more a week later"

    steps.arrive(copied, shipment.id, by=staff(copied))
    told = letters(copied, SUBJECTS["shipment_delivered"])
    assert all("PO-MAIL" in told[tag] for tag in LANGUAGES)
    assert late(copied) == 0


def test_a_buyer_hears_why_goods_are_held_no_more(copied: Installation, readers: dict[str, str]) -> None:
    listing = unsold_offer(copied)
    own = reserve(copied, listing.id, COMPANY, listing.moq)
    copied.writer.do(lambda ledger: trade.release(ledger.connection, own, "released", copied.clock.now()))
    held, now = reserve(copied, listing.id, COMPANY, listing.moq), copied.clock.now()
    late = replace(held, id="rsv_late", quantity=0, expires_at=now - timedelta(hours=1))
    copied.writer.do(lambda ledger: trade.add_reservation(ledger.connection, late, now))
    ended(copied, listing.lot, "recalled")
    recheck(copied)
    assert {one.id for one in settle_stock(copied)} == {late.id, held.id}
    told = letters(copied, SUBJECTS["hold_released"])
    assert "recall" in told["en"].lower()
    assert "triệu hồi" in told["vi"].lower()
    assert "召回" in told["zh-CN"]
    told_of = templates(copied, readers["en"]).count("hold_released")
    assert told_of == 1, "not of what they gave back or let run out"
