"""The doors of the house, in the order in which they stand in every page's head.

A door is shown to whoever its route answers to: ``gateway.permissions`` alone says who that is.
"""

from dataclasses import dataclass
from typing import Final

from gateway.pages.views.frame import Frame
from gateway.permissions import may


@dataclass(frozen=True, slots=True)
class Door:
    """href: also the route, without parameters. label: slug of words.NAVIGATION. count: what waits there."""

    href: str
    label: str
    current: bool = False
    count: int = 0


STATEMENTS: Final = "/statements"
DOORS: Final = (
    Door("/catalogue", "catalogue"),
    Door("/events", "events"),
    Door("/basket", "basket"),
    Door("/purchases", "purchases"),
    Door("/orders", "orders"),
    Door("/shipments", "shipments"),
    Door("/company", "company"),
    Door("/console", "console"),
    Door("/console/figures", "figures"),
    Door("/operator/offers", "offer-desk"),
    Door("/operator/figures", "trade-figures"),
    Door("/operator", "lots"),
    Door("/operator/purchases", "purchases"),
    Door("/operator/orders", "orders"),
    Door("/operator/shipments", "shipments"),
    Door("/operator/labels", "labels"),
    Door("/operator/import", "import"),
    Door("/operator/refusals", "refusals"),
    Door("/operator/stock", "stock"),
    Door("/operator/prices", "prices"),
    Door("/stock", "stock-own"),
    Door("/operator/rejected", "rejected"),
    Door("/operator/private", "private"),
    Door("/operator/reports", "reports"),
    Door("/operator/scans", "scans"),
    Door("/operator/jobs", "jobs"),
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
    above = [door.href for door in open_ if f"{frame.path}/".startswith(f"{door.href}/")]
    current = max(above, key=len, default="")
    waiting = {STATEMENTS: frame.visitor.waiting}
    return [Door(door.href, door.label, door.href == current, waiting.get(door.href, 0)) for door in open_]


def account_href(frame: Frame) -> str:
    """Where the visitor finds what concerns nobody else; "" for a session that is no user's."""
    role = frame.visitor.role if frame.visitor else None
    return ACCOUNT if role is not None and may(role, f"GET {ACCOUNT}") else ""
