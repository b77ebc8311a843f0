"""The doors of the house, in the order in which they stand in every page's head.

A door is shown to whoever its route answers to: ``gateway.permissions`` alone says who that is. Whoever may
open many finds them in rooms, which fold.
"""

from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from gateway.pages.views.frame import Frame
from gateway.permissions import may


@dataclass(frozen=True, slots=True)
class Door:
    """href: also the route, without parameters. label: slug of words.NAVIGATION. count: what waits there.

    room: slug of words.NAVIGATION; "" for a door that never folds. beside: where pages hang that belong
    here by their meaning, though not by their address.
    """

    href: str
    label: str
    room: str = ""
    beside: tuple[str, ...] = ()
    current: bool = False
    count: int = 0

    def above(self, path: str) -> int:
        """How much of a page's path leads through this door: characters, 0 for none."""
        return max(
            (len(base) for base in (self.href, *self.beside) if f"{path}/".startswith(f"{base}/")), default=0
        )


@dataclass(frozen=True, slots=True)
class Room:
    """label: slug of words.NAVIGATION, "" for doors that stand in the open."""

    label: str
    doors: tuple[Door, ...]

    @property
    def current(self) -> bool:
        return any(door.current for door in self.doors)

    @property
    def count(self) -> int:
        return sum(door.count for door in self.doors)


OPEN_DOORS_MAX: Final = 9  # more would push a page off a phone
STATEMENTS: Final = "/statements"
DOORS: Final = (
    Door("/catalogue", "catalogue", beside=("/offers",)),
    Door("/events", "events"),
    Door("/basket", "basket"),
    Door("/purchases", "purchases"),
    Door("/orders", "orders"),
    Door("/shipments", "shipments"),
    Door("/company", "company"),
    Door("/console", "console", "warehouse"),
    Door("/operator", "lots", "warehouse"),
    Door("/operator/labels", "labels", "warehouse"),
    Door("/console/figures", "figures", "warehouse"),
    Door("/operator/import", "import", "supply"),
    Door("/operator/rejected", "rejected", "supply"),
    Door("/operator/stock", "stock", "supply"),
    Door("/operator/offers", "offer-desk", "selling"),
    Door(
        "/operator/prices",
        "prices",
        "selling",
        beside=("/operator/references", "/operator/events", "/operator/audiences", "/operator/exposures"),
    ),
    Door("/operator/refusals", "refusals", "selling"),
    Door("/operator/figures", "trade-figures", "selling"),
    Door("/operator/purchases", "purchases", "delivery"),
    Door("/operator/orders", "orders", "delivery"),
    Door("/operator/shipments", "shipments", "delivery"),
    Door("/stock", "stock-own"),
    Door("/operator/reports", "reports", "oversight"),
    Door("/operator/scans", "scans", "oversight"),
    Door("/operator/private", "private", "oversight"),
    Door("/operator/jobs", "jobs", "oversight"),
    Door("/measure", "measure"),
    Door("/people", "people"),
    Door("/party", "party"),
    Door("/party/permissions", "permissions"),
    Door("/party/goods", "goods"),
    Door(STATEMENTS, "statements"),
    Door("/auditor", "log"),
)


ACCOUNT: Final = "/account"


def doors(frame: Frame) -> list[Door]:
    """What the visitor may open; the door that leads to this page, or to where it hangs, is current."""
    if frame.visitor is None:
        return []
    role = frame.visitor.role
    open_ = [door for door in DOORS if may(role, f"GET {door.href}")]
    nearest = max((door.above(frame.path) for door in open_), default=0)
    waiting = {STATEMENTS: frame.visitor.waiting}
    return [
        replace(
            door,
            current=0 < nearest == door.above(frame.path),
            count=waiting.get(door.href, 0),
        )
        for door in open_
    ]


def rooms(frame: Frame) -> list[Room]:
    """The doors as a page's head shows them: few stand open, many are put into rooms; none is left out."""
    open_ = doors(frame)
    if len(open_) <= OPEN_DOORS_MAX:
        return [Room("", tuple(open_))]
    return [Room(label, tuple(inside)) for label, inside in groupby(open_, key=lambda door: door.room)]


def account_href(frame: Frame) -> str:
    """Where the visitor finds what concerns nobody else; "" for a session that is no user's."""
    role = frame.visitor.role if frame.visitor else None
    return ACCOUNT if role is not None and may(role, f"GET {ACCOUNT}") else ""
