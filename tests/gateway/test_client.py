"""A buyer's programmer makes a client from our own description, and does all business through it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from gateway.app import description
from gateway.shell.openapi import METHODS, of_programs
from gateway.wiring import Installation
from gateway.workflows import shipments as steps
from gateway.workflows.shipments import Wish
from tests.gateway.generated import Api, key_of, once
from tests.gateway.workflows.test_shipments import BY, sent
from tests.gateway.workflows.test_story import KINDS

COMPANY = "cmp_vn"


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in of_programs(description())["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def test_every_operation_of_programs_is_named_once_summed_up_and_says_how_it_fails() -> None:
    found = dict(operations())
    ids = [operation["operationId"] for operation in found.values()]
    assert len(found) > 60
    assert sorted(ids) == sorted(set(ids))
    assert [name for name, one in found.items() if not one.get("summary")] == []
    assert [name for name, one in found.items() if not any(code[0] == "4" for code in one["responses"])] == []
    assert [name for name, one in found.items() if not any(code[0] == "2" for code in one["responses"])] == []


def test_every_model_has_one_name_and_every_reference_leads_somewhere() -> None:
    described = description()
    models = described["components"]["schemas"]
    assert [name for name in models if "__" in name] == [], "two modules call different models the same"
    found = set(_references(described))
    assert found <= {f"#/components/schemas/{name}" for name in models}


def test_what_is_written_down_is_what_is_served(tmp_path: Path) -> None:
    out = tmp_path / "openapi.json"
    command = [Path(sys.executable).with_name("lotproof"), "openapi", "--out", out]
    subprocess.run(command, check=True, cwd=tmp_path)
    assert json.loads(out.read_text("utf-8")) == json.loads(json.dumps(description()))


def test_the_wholesale_story_is_told_through_a_generated_client(
    generated: ModuleType, address: str, copied: Installation
) -> None:
    with generated.AuthenticatedClient(base_url=address, token=key_of(copied)) as client:
        api = Api(generated, client)
        offers = api("trade", "get_v1_listings", category="phone", limit=50).data
        offer = max(offers, key=lambda one: one.available)
        assert (offer.market, offer.category) == ("VN", "phone")

        cost = api("trade", "get_v1_listings_by_listing_landed_cost", offer.id, pieces=offer.moq)
        assert cost.pieces == offer.moq
        assert cost.known_minor >= offer.moq * offer.piece_price_minor
        assert {line.payer for line in cost.lines} >= {"buyer"}

        pieces = -(-offer.moq // offer.multiple) * offer.multiple
        wanted = api.models.ReservationIn(listing=offer.id, quantity=pieces)
        key = once()
        hold = api("trade", "post_v1_reservations", body=wanted, idempotency_key=key)
        assert (hold.state, hold.quantity) == ("active", pieces)
        again = api("trade", "post_v1_reservations", body=wanted, idempotency_key=key)
        assert again.id == hold.id, "a request that is sent twice holds once"

        named = api.models.OrderIn(reservation=hold.id, po_number="PO-ERP-1", incoterm="FCA", place="Yantian")
        order = api("trade", "post_v1_orders", body=named, idempotency_key=once())
        assert (order.lot, order.quantity, order.state) == (offer.lot, pieces, "confirmed")

        sent(copied, steps.plan(copied, [Wish(order.id)], by=BY))
        assert api("trade", "get_v1_orders_by_order", order.id).state == "shipped"
        (brief,) = [
            one
            for one in api("shipments", "get_v1_shipments").data
            if api("shipments", "get_v1_shipments_by_shipment", one.id).lines[0].order == order.id
        ]
        assert (brief.state, brief.pieces) == ("dispatched", pieces)
        way = api("shipments", "get_v1_shipments_by_shipment_way", brief.id)
        assert next(leg.progress for leg in way.legs) == "now"

        shipment = api("shipments", "get_v1_shipments_by_shipment", brief.id)
        assert {paper.kind for paper in shipment.documents} == KINDS[COMPANY]
        for paper in shipment.documents:
            file = client.get_httpx_client().get(paper.href)
            start = b"<?xml" if paper.kind == "despatch_advice" else b"%PDF-"
            assert (file.status_code, file.content[:5]) == (200, start), paper.kind


def test_a_refusal_is_a_problem_with_its_slug(
    generated: ModuleType, address: str, copied: Installation
) -> None:
    with generated.AuthenticatedClient(base_url=address, token=key_of(copied)) as client:
        api = Api(generated, client)
        offer = api("trade", "get_v1_listings", limit=1).data[0]
        many = api.models.ReservationIn(listing=offer.id, quantity=10**8)
        answer = api.asked("trade", "post_v1_reservations", body=many, idempotency_key='"one"')
        assert answer.status_code == 409
        assert isinstance(answer.parsed, api.models.Problem)
        assert answer.parsed.slug == "insufficient-quantity"


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name == "$ref" and isinstance(one, str):
                yield one
            else:
                yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)
