"""Every control in every state, for those who build pages."""

from datetime import datetime, timedelta
from typing import Final

from gateway.pages.views import ComponentsView
from gateway.pages.views.forms import form_of

TYPED: Final = {
    "text": "CI-2026",
    "long": "PO 4711\nPO 4712",
    "choice": "used",
    "radio": "VN",
    "tick": "yes",
}
WRONG: Final = {
    "text": "po-number-unreadable",
    "long": "po-number-used",
    "choice": "incoterm-unknown",
    "radio": "incoterm-unknown",
    "tick": "not-understood",
    "file": "file-heic",
}


def components_view(now: datetime) -> ComponentsView:
    return ComponentsView(
        empty=form_of({}),
        refused=form_of(TYPED, WRONG),
        moments=tuple(now - timedelta(hours=hours) for hours in (26, 3, 1)),
        counts=(("phone", 1_187), ("garment", 640), ("washing-machine", 212), ("sofa", 48)),
    )
