"""No text that a request brings holds a control character: NUL stops a database, others steer a terminal."""

import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest
from fastapi.params import Form

from gateway.errors import RequestRefused
from gateway.permissions import ROUTES
from gateway.routes.strict import NotStrict, strict_json
from gateway.shell.queries import check_typed
from gateway.wiring import Installation
from tests.gateway.shell.conftest import MARKET_COMPANY
from tests.gateway.web import Caller

TIDIED = {"/q/{code}/report"}  # what a stranger's phone pastes is cleaned instead of refused
# Forms that the route reads by itself, and a field of each: what an ordinary form has, its route declares.
READ_BY_HAND = {
    "/do/{action}": "remark",
    "/operator/lots/{lot}/files": "remark",
    "/operator/import": "supplier",
    "/operator/import/{file}/columns": "column",
    "/operator/import/{file}/facts": "fact",
    "/stock": "supplier",
}
MULTIPART = {"/operator/lots/{lot}/files", "/operator/import", "/stock"}


class Known(Caller):
    """A signed-in caller that asks for its token once."""

    @cached_property
    def form_token(self) -> str:
        return self.token


@pytest.fixture(scope="module")
def callers(shop: Installation) -> dict[str, Known]:
    found = {role: Known(shop) for role in ("buyer", "operator", "inspector", "administrator", "supplier")}
    for role, caller in found.items():
        caller.signed_in(role, MARKET_COMPANY if role == "buyer" else None)
    return found


def _routes(router: Any) -> Iterator[Any]:
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        yield from _routes(inner) if inner is not None else [route]


def _writing(caller: Known) -> list[tuple[str, Any]]:
    return [
        (method, route)
        for route in _routes(caller.app)
        for method in sorted(getattr(route, "methods", None) or ())
        if method in ("POST", "PUT")
    ]


def _who(key: str, callers: dict[str, Known]) -> Known:
    rule = ROUTES[key]
    return next((caller for role, caller in callers.items() if role in rule.roles), callers["buyer"])


def _path(route: Any) -> str:
    return re.sub(r"{\w+(:path)?}", "x" * 20, route.path)


def _texts(schema: dict[str, Any], whole: dict[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Pointers to the texts of a JSON body, each with a body that is NUL there and there alone."""
    if "$ref" in schema:
        schema = whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for one in schema.get("anyOf", []):
        yield from _texts(one, whole, depth)
    if schema.get("type") == "string":
        yield "", "a\0b"
    elif schema.get("type") == "array" and depth < 4:
        yield from ((f"/0{path}", [body]) for path, body in _texts(schema["items"], whole, depth + 1))
    elif depth < 4:
        for name, member in schema.get("properties", {}).items():
            for path, body in _texts(member, whole, depth + 1):
                yield f"/{name}{path}", {name: body}


def test_a_nul_in_any_text_of_a_json_body_is_refused_where_it_stands(callers: dict[str, Known]) -> None:
    whole, found = callers["buyer"].app.openapi(), 0
    for method, route in _writing(callers["buyer"]):
        operation = whole["paths"].get(route.path, {}).get(method.lower(), {})
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            continue
        caller = _who(f"{method} {route.path}", callers)
        token = {"x-csrf-token": caller.form_token, "content-type": "application/json", "if-match": '"x"'}
        for pointer, body in _texts(schema, whole):
            found += 1
            headers = token | {"idempotency-key": f'"nul-{found}"'}
            answer = caller.request(method, _path(route), content=json.dumps(body), headers=headers)
            assert (answer.status_code, answer.json()["slug"]) == (422, "invalid-request"), (route.path, body)
            error = answer.json()["errors"][0]
            assert (error["pointer"], error["code"]) == (pointer, "json-nul"), route.path
    assert found > 60


def test_a_nul_in_any_field_of_a_form_is_refused_by_name(callers: dict[str, Known]) -> None:
    found = 0
    for method, route in _writing(callers["buyer"]):
        declared = route.body_field is not None and isinstance(route.body_field.field_info, Form)
        names = [one.alias for one in route.dependant.body_params] if declared else []
        by_hand = READ_BY_HAND.get(route.path)
        caller = _who(f"{method} {route.path}", callers)
        token = caller.form_token if names or by_hand else ""
        for name in [*names, *([by_hand] if by_hand else [])]:
            found += 1
            data = {"csrf_token": token, name: "a\0b"}
            files = {"file": ("a.csv", b"a\n", "text/csv")} if route.path in MULTIPART else None
            answer = caller.request(method, _path(route), data=data, files=files)
            assert answer.status_code == 400, (route.path, name, answer.status_code)
            assert f"{name}: " in answer.text, (route.path, name)
    assert found > 150


def test_what_is_not_declared_is_known_here(callers: dict[str, Known]) -> None:
    """A new route that reads its form by itself is tried above, or answers without a text of its own."""
    for method, route in _writing(callers["buyer"]):
        if route.path in READ_BY_HAND or route.path in TIDIED or route.body_field is not None:
            continue
        caller = _who(f"{method} {route.path}", callers)
        data = {"csrf_token": caller.form_token, "remark": "a\0b", "reason": "a\0b"}
        for files in (None, {"file": ("a\0.csv", b"a\0", "text/csv")}):
            answer = caller.request(method, _path(route), data=data, files=files)
            assert answer.status_code < 500, route.path


@pytest.mark.parametrize("text", [chr(n) for n in (0, 1, 8, 11, 12, 14, 27, 31, 127, 128, 155, 159)])
def test_every_control_is_refused_but_those_that_end_lines_and_the_tab(text: str) -> None:
    """U+009B alone begins a terminal's command, as ESC [ does."""
    with pytest.raises(NotStrict):
        strict_json(json.dumps({"remark": f"a{text}b"}).encode())
    with pytest.raises(RequestRefused):
        check_typed([("remark", f"a{text}b")])
    said = "a\tb\r\nc"
    check_typed([("remark", said)])
    assert strict_json(json.dumps([said]).encode()) == [said]
