"""The browser that a request came from, as its owner may recognise it in a list."""

import re
from dataclasses import dataclass
from typing import Final

from gateway.people.address import shortened

# The first that fits: Edge and Opera call themselves Chrome, and Chrome calls itself Safari.
_BROWSERS: Final = (
    ("Edge", "Edg"), ("Opera", "OPR"), ("Samsung Internet", "SamsungBrowser"), ("Firefox", "Firefox|FxiOS"),
    ("WeChat", "MicroMessenger"), ("Chrome", "Chrome|CriOS|Chromium"), ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("macOS", "Mac OS X"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Browser:
    """address: of the connection, in full; it is shortened before it is written down."""

    address: str
    agent: str

    @property
    def kept_address(self) -> str:
        return shortened(self.address)

    @property
    def kept_agent(self) -> str:
        """``Firefox, Linux``; what calls itself something else is not repeated."""
        found = (_first(_BROWSERS, self.agent), _first(_SYSTEMS, self.agent))
        return ", ".join(name for name in found if name)


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, agent[:500])), "")
