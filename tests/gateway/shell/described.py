"""Requests derived from our own description, by three callers, each judged against what it promises."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.gateway.shell.conftest import Program
from tests.gateway.web import Caller

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
PROGRAMS = ("/v1/", "/livez", "/readyz")
ENDS_SESSIONS = ("/logout", "/account/sessions")  # later requests would be a stranger's


def operations(caller: Caller) -> Iterator[Any]:
    """Every operation of the description; the callers' own sessions are left alone."""
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", caller.app, headers=_host())
    for found in schema.get_all_operations():
        operation = found.ok()
        if not operation.path.startswith(ENDS_SESSIONS):
            yield operation


def try_operation(operation: Any, caller: Caller, *, examples: int, seeded: int) -> int:
    """Send ``examples`` well-formed and as many ill-formed requests; returns how many were sent."""
    sent = 0
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    for mode in modes if _may_be_ill_formed(operation) else modes[:1]:
        strategy = operation.as_strategy(mode)

        @seed(seeded)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def run(case: Case) -> None:
            nonlocal sent
            sent += 1
            is_program = operation.path.startswith(PROGRAMS)
            case.call_and_validate(headers=_headers(caller), checks=CHECKS if is_program else CHECKS[:1])

        with suppress(Unsatisfiable):  # where nothing is ill-formed after all, which takes long to find out
            run()
    assert sent, operation.label
    return sent


def _may_be_ill_formed(operation: Any) -> bool:
    """Any text is a well-formed part of an address: it names something, or nothing."""
    others = [
        parameter
        for parameter in operation.iter_parameters()
        if parameter.location != ParameterLocation.PATH
        or parameter.definition["schema"].keys() - {"title"} != {"type"}
        or parameter.definition["schema"]["type"] != "string"
    ]
    return bool(operation.body or others)


def _host() -> dict[str, str]:
    return {"host": "localhost"}


def _headers(caller: Caller) -> dict[str, str]:
    cookies = "; ".join(f"{one.name}={one.value}" for one in caller.cookies.jar)
    token = {"x-csrf-token": caller.headers["x-csrf-token"]} if isinstance(caller, Program) else {}
    return _host() | token | ({"cookie": cookies} if cookies else {})
