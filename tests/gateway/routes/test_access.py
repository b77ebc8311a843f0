"""One table says who may open what; a route that is not in it answers to nobody."""

import pytest
from starlette.routing import Mount

from gateway.deps import ACCESS, EVERYBODY
from tests.gateway.web import Caller

IDS = {
    "{code}": "0" * 20,
    "{page}": "1",
    "{token}": "0" * 64,
    "{path:path}": "9/999",
    "{listing}": "lst_0",
    "{reservation}": "rsv_0",
    "{order}": "0" * 20,
    "{lot}": "0" * 20,
    "{gtin}": "0" * 14,
    "{index}": "999999",
    "{subject}": "lot:" + "0" * 20,
    "{item}": "999999",
    "{event_id}": "0" * 64,
}


def _routes(caller: Caller) -> set[str]:
    """Every route of the application, from its description and, for pages, from its routers."""
    found = {
        f"{method.upper()} {path}"
        for path, methods in caller.app.openapi()["paths"].items()
        for method in methods
    }
    found |= {f"GET {route.path}" for route in caller.app.routes if isinstance(route, Mount)}
    found.add(f"GET {caller.app.openapi_url}")
    return {route.replace("{path}", "{path:path}") for route in found}


def _path(route: str) -> str:
    path = route.partition(" ")[2]
    for name, value in IDS.items():
        path = path.replace(name, value)
    return path


def test_every_route_stands_in_the_table_and_nothing_else_does(looker: Caller) -> None:
    assert _routes(looker) == set(ACCESS)


@pytest.mark.parametrize("route", sorted(ACCESS))
def test_a_stranger_is_asked_to_sign_in_and_sent_nowhere(looker: Caller, route: str) -> None:
    method, path = route.partition(" ")[0], _path(route)
    answer = looker.request(method, path)
    assert "location" not in answer.headers
    if ACCESS[route] == EVERYBODY:
        assert answer.status_code != 403
    elif answer.status_code != 422:  # a JSON body is read before anybody is asked for
        assert answer.status_code == 403
        assert "login-needed" in answer.text


@pytest.mark.parametrize(("role", "company"), [("buyer", "cmp_vn"), ("operator", None), ("auditor", None)])
def test_a_page_of_another_role_is_not_there(caller: Caller, role: str, company: str | None) -> None:
    caller.signed_in(role, company)
    missing = caller.get("/no-such-page")
    for route, allowed in ACCESS.items():
        if allowed == EVERYBODY or role in allowed or not route.startswith("GET "):
            continue
        answer = caller.get(_path(route))
        assert answer.status_code == 404, route
        assert ("not-found" in answer.text) == ("not-found" in missing.text)
    home = {"buyer": "/catalogue", "operator": "/operator", "auditor": "/auditor"}[role]
    assert caller.get(home).status_code == 200
