"""The head of a page shows the doors that open, and no others."""

from dataclasses import replace

import pytest

from gateway.pages import words
from gateway.pages.navigation import DOORS, account_href, doors
from gateway.permissions import ROLES, ROUTES, Role
from tests.gateway.pages.samples import PUBLIC, STAFF, signed_in


@pytest.mark.parametrize("role", ROLES)
def test_every_door_of_a_role_opens_to_it(role: Role) -> None:
    shown = doors(signed_in(role, "", "/"))
    for door in shown:
        rule = ROUTES[f"GET {door.href}"]
        assert rule.is_public or role in rule.roles
    assert any(door.href == "/auditor" for door in shown), "whoever is signed in may audit"


def test_every_door_leads_somewhere_and_has_a_name() -> None:
    assert [door.href for door in DOORS if f"GET {door.href}" not in ROUTES] == []
    assert all(words.message_id("navigation", door.label) for door in DOORS)


def test_a_stranger_sees_no_doors() -> None:
    assert doors(PUBLIC) == []
    assert account_href(PUBLIC) == ""


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/operator", ["/operator"]),
        ("/operator/lots/0", ["/operator"]),
        ("/operator/orders", ["/operator/orders"]),
        ("/operator/orders/0", ["/operator/orders"]),
        ("/operatorish", []),
        ("/", []),
    ],
)
def test_the_door_behind_which_a_page_hangs_is_marked(path: str, current: list[str]) -> None:
    assert [door.href for door in doors(replace(STAFF, path=path)) if door.current] == current
