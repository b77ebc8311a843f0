"""One table says who may open what; every route is in it, and every role meets what it says (A26-A30)."""

import re
from dataclasses import replace

import pytest
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.routing import Mount, Route

from gateway.deps import enforce
from gateway.errors import NotFound, Refused
from gateway.pages.navigation import DOORS
from gateway.people.identity import Identity
from gateway.people.printed_logins import issue_login
from gateway.permissions import PERSON, ROLES, ROUTES, SECOND_FACTOR, Role, Rule, may
from gateway.problems import Forbidden
from gateway.routes import resolver
from tests.gateway.web import Caller

LEDGER: set[Role] = {
    "operator", "inspector", "refurbisher", "supplier", "brand", "carrier", "insurer",
}  # fmt: skip
# Said a second time, in other words, so that a slip in the table is seen: what stands below an address.
ROOMS: list[tuple[str, set[Role]]] = [
    (r"/(v1/)?(catalogue|offers|reservations|orders|listings|saved-searches)\b.*", {"buyer"}),
    (r"/(v1/)?(basket|purchases|company)\b.*", {"buyer"}),
    (r"/(shipments/[^/]+/dossier\.zip|v1/shipments/[^/]+/papers)", {"buyer", "operator"}),
    (r"/shipments\b.*", {"buyer"}),
    (r"/v1/shipments(/[^/]+(/way)?)?", {"buyer", "operator"}),
    (r"/v1/shipments\b.*", {"operator"}),
    (r"/documents/.*", {"buyer", "operator"}),
    (r"/operator/jobs\b(?!.*(exports|file)$).*", {"operator", "administrator"}),
    (r"/(operator|console|v1/operator)\b.*", {"operator"}),
    (r"/v1/(imports|import-profiles)\b.*", {"operator"}),
    (r"/v1/(price-lists|references)\b.*", {"operator"}),
    (r"/events\b.*", {"buyer"}),
    (r"/stock|/v1/stock-feeds", {"supplier", "brand"}),
    (r"/files/.*", {"operator", "inspector", "refurbisher"}),
    (r"/measure/bench-worker\.js", set()),
    (r"/measure/(devices\b.*|[^/]+/(sample|accept))", {"inspector"}),
    (r"/measure\b.*", {"inspector", "refurbisher"}),
    (r"/v1/work/[^/]+/measurements", {"inspector", "device"}),
    (r"/v1/work/[^/]+/accept", {"inspector"}),
    (r"/v1/lots/[^/]+/codes", {"operator"}),
    (r"/v1/work\b.*", {"inspector", "refurbisher", "device"}),
    (r"/v1/files", {"operator", "device"}),
    (r"/v1/records:prepare", {"operator", "device", "auditor"}),
    (r"/do/.*|/statements\b.*|/party/lots/.*", LEDGER),
    (r"/v1/(actions|statements|lots/[^/]+/actions)\b.*", LEDGER | {"device"}),
    (r"/party", LEDGER - {"operator"}),
    (r"/party/permissions", {"brand", "supplier"}),
    (r"/party/permissions/.*", {"brand", "supplier", "operator"}),
    (r"/party/goods", {"brand"}),
    (r"/people\b.*", {"administrator"}),
    (r"/(account|second-factor|logout)\b.*", set(PERSON)),
]


def _routes(caller: Caller) -> set[str]:
    """Every route of the application, from its description and, for pages, from its routers."""
    found = {
        f"{method.upper()} {path}"
        for path, methods in caller.app.openapi()["paths"].items()
        for method in methods
    }
    for route in (*caller.app.routes, *resolver.router.routes):  # those stand in no description
        if isinstance(route, Mount):
            found.add(f"GET {route.path}")
        elif isinstance(route, Route):
            found |= {f"{method} {route.path}" for method in route.methods or () if method != "HEAD"}
    return {re.sub(r"{path(:\w+)?}", "{path:path}", route) for route in found}


def _path(route: str) -> str:
    """With ids that nothing has."""
    path = route.partition(" ")[2]
    path = path.replace("{index}", "999999").replace("{page}", "1").replace("{subject}", f"lot:{'0' * 20}")
    return re.sub(r"{\w+(:path)?}", "0" * 20, path)


def _asked(route: str) -> Request:
    method, _, path = route.partition(" ")
    found = APIRoute(path, lambda: None)
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": []}
    return Request({**scope, "server": ("127.0.0.1", 8000), "route": found})


def _known(role: Role, **more) -> Identity:
    return Identity(principal="user:x", name="", role=role, organisation="", **more)


RESTRICTED = sorted(route for route, rule in ROUTES.items() if not rule.is_public)


def test_every_route_stands_in_the_table_and_nothing_else_does(looker: Caller) -> None:
    assert _routes(looker) == set(ROUTES)


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_a_room_is_open_to_those_who_work_there(route: str) -> None:
    path = route.partition(" ")[2]
    room = next((roles for pattern, roles in ROOMS if re.fullmatch(pattern, path)), set())
    assert ROUTES[route].roles == room


def test_whoever_changes_something_is_known() -> None:
    """But for coming in, for what a stranger says of goods, and for records, which are signed."""
    reading = ("GET ", "OPTIONS ")
    public = {route for route, rule in ROUTES.items() if rule.is_public and not route.startswith(reading)}
    assert public == {
        "POST /login/{token}", "POST /sign-in", "POST /invitations/{token}", "POST /join",
        "POST /q/{code}/claim", "POST /q/{code}/report", "POST /v1/records",
    }  # fmt: skip


def test_roles_with_rights_over_keys_and_people_have_no_keys_of_programs() -> None:
    for route, rule in ROUTES.items():
        if rule.scope is not None:
            assert not rule.roles & SECOND_FACTOR, route


@pytest.mark.parametrize("role", ROLES)
def test_every_role_meets_what_the_table_says(role: Role) -> None:
    for route, rule in ROUTES.items():
        asked = _asked(route)
        assert may(role, route) == (rule.is_public or role in rule.roles)
        if may(role, route):
            enforce(asked, _known(role))
        else:
            with pytest.raises(NotFound):
                enforce(asked, _known(role))
        if rule.is_public:
            enforce(asked, None)
            continue
        with pytest.raises(Forbidden) as stranger:
            enforce(asked, None)
        assert stranger.value.code == "login-needed"
        _meets_what_it_owes(asked, role, rule)


def _meets_what_it_owes(asked: Request, role: Role, rule: Rule) -> None:
    """Before the second factor, before approval, and with a key that carries no scope."""
    if not rule.before_factor:
        with pytest.raises(Forbidden) as owing:
            enforce(asked, _known(role, owes="second-factor"))
        assert owing.value.code == "second-factor-needed"
    if not rule.before_approval:
        with pytest.raises(Refused) as waiting:
            enforce(asked, _known(role, owes="approval"))
        assert waiting.value.code == "buyer-not-approved"
    if role not in rule.roles:
        return
    program = _known(role, scopes=frozenset())
    with pytest.raises(Forbidden) as unscoped:
        enforce(asked, program)
    assert unscoped.value.code == ("scope-needed" if rule.scope else "key-not-here")
    if rule.scope:
        enforce(asked, replace(program, scopes=frozenset({rule.scope})))


@pytest.mark.parametrize("route", RESTRICTED)
def test_a_stranger_is_asked_to_sign_in_and_sent_nowhere(looker: Caller, route: str) -> None:
    answer = looker.request(route.partition(" ")[0], _path(route))
    assert "location" not in answer.headers
    if answer.status_code not in (415, 422, 400):  # a JSON body is read before anybody is asked for
        assert answer.status_code == 403
        assert "login-needed" in answer.text


@pytest.mark.parametrize("role", ["administrator", "registrar", "operator", "supplier", "brand", "inspector",
                                  "refurbisher", "buyer", "auditor"])  # fmt: skip
def test_a_page_of_another_role_is_not_there(caller: Caller, role: Role) -> None:
    company = "cmp_vn" if role == "buyer" else None
    assert caller.post(issue_login(caller.installation, role, company)).status_code == 303
    missing = _words(caller.get("/no-such-page").text)
    opened = 0
    for route in RESTRICTED:
        if not route.startswith("GET "):
            continue
        if not may(role, route):
            answer = caller.get(_path(route))
            assert answer.status_code == 404, route
            if not route.startswith("GET /v1/"):
                assert _words(answer.text) == missing, route
        elif "{" not in route and route not in ("GET /second-factor.svg", "GET /account/keys"):
            assert caller.get(_path(route)).status_code in (200, 303), route
            opened += 1
    assert opened >= 1


def test_the_doors_in_the_head_are_those_that_open() -> None:
    assert all(f"GET {door.href}" in ROUTES for door in DOORS)


def _words(page: str) -> str:
    """The answer without what names the request and the address that was asked for."""
    body = page.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"<bdi>\w{16}</bdi>|\b[0-9a-f]{16}\b", "", body)
