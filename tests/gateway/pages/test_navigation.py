"""The head of a page shows the doors that open, and no others."""

from dataclasses import replace

import pytest

from gateway.pages import words
from gateway.pages.navigation import DOORS, OPEN_DOORS_MAX, account_href, doors, rooms
from gateway.pages.render import render
from gateway.permissions import ROLES, ROUTES, Role
from tests.gateway.pages.frames import PUBLIC, STAFF, signed_in
from tests.gateway.pages.samples import PAGES
from tests.gateway.pages.shown import Page


@pytest.mark.parametrize("role", ROLES)
def test_every_door_of_a_role_opens_to_it(role: Role) -> None:
    shown = doors(signed_in(role, "", "/"))
    for door in shown:
        rule = ROUTES[f"GET {door.href}"]
        assert rule.is_public or role in rule.roles
    assert any(door.href == "/auditor" for door in shown), "whoever is signed in may audit"


def test_every_door_leads_somewhere_and_has_a_name() -> None:
    assert [door.href for door in DOORS if f"GET {door.href}" not in ROUTES] == []
    said = {door.label for door in DOORS} | {door.room for door in DOORS if door.room}
    assert all(words.message_id("navigation", label) for label in said)


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
        ("/operator/audiences/0", ["/operator/prices"]),
        ("/operatorish", []),
        ("/", []),
    ],
)
def test_the_door_behind_which_a_page_hangs_is_marked(path: str, current: list[str]) -> None:
    assert [door.href for door in doors(replace(STAFF, path=path)) if door.current] == current


@pytest.mark.parametrize("role", ROLES)
def test_rooms_leave_no_door_out_and_few_things_stand_in_the_head(role: Role) -> None:
    frame = signed_in(role, "", "/")
    shown = rooms(frame)
    assert [door for room in shown for door in room.doors] == doors(frame)
    assert sum(1 if room.label else len(room.doors) for room in shown) <= OPEN_DOORS_MAX
    assert all(len(room.doors) > 1 for room in shown if room.label), "one door needs no room around it"


def test_a_folded_room_says_that_this_page_hangs_in_it_and_what_waits_there() -> None:
    frame = replace(STAFF, path="/operator/events/0")
    assert [room.label for room in rooms(frame) if room.current] == ["selling"]
    view, _ = PAGES["orders"]
    page = Page(render(view, language="en", frame=frame))
    assert len(page.all("summary")) == len([room for room in rooms(frame) if room.label]) + 1, (
        "and the account"
    )
    assert [a["aria-current"] for a in page.all("summary") if "aria-current" in a] == ["true"]
    marked = [a["href"] for a in page.all("a") if "aria-current" in a and "hreflang" not in a]
    assert marked == ["/operator/prices"]
