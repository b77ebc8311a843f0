"""A58: what is no amount is refused where it stands, whatever asks for one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.wiring import Installation
from tests.gateway.shell.test_controls import MARKET_COMPANY, Known, _path, _who, _writing

MARK = "here goes the number"
# As JSON texts: what is less than nothing, parts of a cent, more than any database holds, and no numbers.
NO_AMOUNTS = ("-1", "0.001", "1e400", "1e2", "9" * 30, '"1"', "true", "NaN")
COUNTED = ("_minor", "quantity", "moq", "multiple", "units", "pieces")


@pytest.fixture(scope="module")
def callers(shop: Installation) -> dict[str, Known]:
    found = {role: Known(shop) for role in ("buyer", "operator", "inspector", "administrator", "supplier")}
    for role, caller in found.items():
        caller.signed_in(role, MARKET_COMPANY if role == "buyer" else None)
    return found


def _amounts(
    schema: dict[str, Any], whole: dict[str, Any], name: str = "", depth: int = 0
) -> Iterator[tuple[str, Any]]:
    """Pointers to the amounts of a JSON body, each with a body that has ``MARK`` there."""
    if "$ref" in schema:
        schema = whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for one in schema.get("anyOf", []):
        yield from _amounts(one, whole, name, depth)
    if schema.get("type") == "integer" and name.endswith(COUNTED):
        yield "", MARK
    elif schema.get("type") == "array" and depth < 4:
        items = _amounts(schema["items"], whole, name, depth + 1)
        yield from ((f"/0{path}", [body]) for path, body in items)
    elif depth < 4:
        for member, inner in schema.get("properties", {}).items():
            for path, body in _amounts(inner, whole, member, depth + 1):
                yield f"/{member}{path}", {member: body}


def test_a58_no_amount_is_refused_where_it_stands(callers: dict[str, Known]) -> None:
    whole, found = callers["buyer"].app.openapi(), 0
    for method, route in _writing(callers["buyer"]):
        operation = whole["paths"].get(route.path, {}).get(method.lower(), {})
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        caller = _who(f"{method} {route.path}", callers)
        token = {"x-csrf-token": caller.form_token, "content-type": "application/json", "if-match": '"x"'}
        for pointer, body in _amounts(schema or {}, whole):
            for number in NO_AMOUNTS:
                found += 1
                headers = token | {"idempotency-key": f'"amount-{found}"'}
                text = json.dumps(body).replace(f'"{MARK}"', number)
                answer = caller.request(method, _path(route), content=text, headers=headers)
                where = (route.path, text, answer.text)
                assert (answer.status_code, answer.json()["slug"]) == (422, "invalid-request"), where
                assert pointer in {error["pointer"] for error in answer.json()["errors"]}, where
    assert found > 100
