"""What /v1/openapi.json says is what happens: of every operation, and to requests made from its own words."""

from typing import Any

import pytest
from fastapi.params import Form

from gateway.problems import MEDIA_TYPE
from gateway.routes.strict import StrictRoute
from gateway.wiring import Installation
from tests.gateway.shell.conftest import Program
from tests.gateway.shell.described import PROGRAMS, operations, try_operation
from tests.gateway.web import Caller

METHODS = {"get", "post", "put", "patch", "delete"}
EXAMPLES = 4  # well-formed, and as many ill-formed; ``make torture`` tries more, and the pages
SEED = 20261122


@pytest.fixture(scope="module")
def description(stranger: Caller) -> dict[str, Any]:
    found: dict[str, Any] = stranger.get("/v1/openapi.json").json()
    return found


def _all(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_every_operation_has_one_name_a_tag_and_its_refusals(description: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in _all(description)]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name.islower() for name in names)
    for path, method, operation in _all(description):
        assert operation["tags"], path
        wanted = {"400", "404", "429", "500", "503"} | (
            {"413", "415", "422"} if "requestBody" in operation else set()
        )
        assert wanted <= operation["responses"].keys(), (method, path)


def test_programs_are_told_what_a_problem_looks_like(description: dict[str, Any]) -> None:
    for path, _, operation in _all(description):
        if path.startswith("/v1/"):
            assert operation.get("description") or operation.get("summary"), path
            for status in ("400", "429"):
                content = operation["responses"][status]["content"]
                assert content == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert description["components"]["schemas"]["Problem"]["required"]


def test_what_must_be_sent_is_described_as_such(description: dict[str, Any]) -> None:
    for path, method, name in (
        ("/v1/reservations", "post", "Idempotency-Key"),
        ("/v1/orders", "post", "Idempotency-Key"),
        ("/v1/reservations/{reservation}", "delete", "If-Match"),
    ):
        parameters = description["paths"][path][method]["parameters"]
        assert [one["required"] for one in parameters if one["name"] == name] == [True]


def test_examples_stand_where_a_programmer_looks_for_them(description: dict[str, Any]) -> None:
    for model in ("ReservationIn", "OrderIn"):
        for name, member in description["components"]["schemas"][model]["properties"].items():
            assert member["examples"], (model, name)


def test_every_json_body_is_read_strictly(stranger: Caller) -> None:
    def routes(router: Any) -> Any:
        for route in router.routes:
            inner = getattr(route, "original_router", None)
            yield from routes(inner) if inner is not None else [route]

    lax = [
        route.path
        for route in routes(stranger.app)
        if getattr(route, "body_field", None) is not None
        and not isinstance(route.body_field.field_info, Form)
        and not isinstance(route, StrictRoute)
    ]
    assert lax == []


@pytest.mark.parametrize("who", ["stranger", "buyer", "operator"])
def test_programs_meet_no_5xx_and_nothing_undescribed(
    who: str, shop: Installation, stranger: Caller, buyer: Program
) -> None:
    operator = Caller(shop)
    caller = {"stranger": stranger, "buyer": buyer}.get(who) or operator.signed_in("operator")
    sent = [
        try_operation(operation, caller, examples=EXAMPLES, seeded=SEED)
        for operation in operations(caller)
        if operation.path.startswith(PROGRAMS)
    ]
    assert len(sent) > 15
