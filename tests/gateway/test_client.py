"""A buyer's programmer makes a client from our own description, and does all business through it."""

import importlib
import json
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn

from gateway.app import create_app, description
from gateway.people.identity import Identity
from gateway.people.keys import Wanted, make
from gateway.shell.openapi import METHODS, of_programs
from gateway.wiring import Installation
from gateway.workflows import shipments as steps
from gateway.workflows.shipments import Wish
from tests.conftest import REPOSITORY
from tests.gateway.workflows.test_shipments import BY, sent

CONFIG = REPOSITORY / "tests" / "openapi_client.yml"
COMPANY = "cmp_vn"
PACKAGE = "lotproof_client"


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


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The client that ``make client`` makes; a warning of the generator is an error."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(of_programs(description())), "utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    command += ["--meta", "none", "--path", "openapi.json", "--output-path", PACKAGE, "--config", str(CONFIG)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def address(copied: Installation) -> Iterator[str]:
    """The gateway on loopback, at a port that the system chose."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(copied), log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def key_of(installation: Installation) -> str:
    buyer = Identity(principal="user:buyer", name="Lan", role="buyer", organisation=COMPANY)
    scopes = frozenset({"catalogue:read", "orders:read", "orders:write", "documents:read"})
    return make(installation, buyer, Wanted(name="ERP", role="buyer", scopes=scopes, lifetime="30-days"))  # type: ignore[arg-type]


class Api:
    """The generated functions, called by the names of their operations."""

    def __init__(self, package: ModuleType, client: Any) -> None:
        self.client = client
        self.models = importlib.import_module(f"{PACKAGE}.models")
        self._package = package

    def __call__(self, tag: str, operation: str, *path: str, **options: Any) -> Any:
        """Returns the model of the answer; one that was not 2xx fails with the problem."""
        module = importlib.import_module(f"{PACKAGE}.api.{tag}.{operation}")
        answer = module.sync_detailed(*path, client=self.client, **options)
        assert answer.status_code < 300, answer.content.decode()
        assert answer.parsed is not None
        return answer.parsed


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
        once = f'"{secrets.token_hex(8)}"'
        hold = api("trade", "post_v1_reservations", body=wanted, idempotency_key=once)
        assert (hold.state, hold.quantity) == ("active", pieces)
        again = api("trade", "post_v1_reservations", body=wanted, idempotency_key=once)
        assert again.id == hold.id, "a request that is sent twice holds once"

        named = api.models.OrderIn(reservation=hold.id, po_number="PO-ERP-1", incoterm="FCA", place="Yantian")
        order = api("trade", "post_v1_orders", body=named, idempotency_key=f'"{secrets.token_hex(8)}"')
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
        assert {paper.kind for paper in shipment.documents} == {"commercial_invoice", "packing_list"}
        for paper in shipment.documents:
            file = client.get_httpx_client().get(paper.href)
            assert (file.status_code, file.content[:5]) == (200, b"%PDF-")


def test_a_refusal_is_a_problem_with_its_slug(
    generated: ModuleType, address: str, copied: Installation
) -> None:
    with generated.AuthenticatedClient(base_url=address, token=key_of(copied)) as client:
        api = Api(generated, client)
        module = importlib.import_module(f"{PACKAGE}.api.trade.post_v1_reservations")
        offer = api("trade", "get_v1_listings", limit=1).data[0]
        many = api.models.ReservationIn(listing=offer.id, quantity=10**8)
        answer = module.sync_detailed(client=client, body=many, idempotency_key='"one"')
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
