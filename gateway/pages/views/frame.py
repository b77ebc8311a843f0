"""What surrounds every page."""

from dataclasses import dataclass

from gateway.permissions import Role


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A signed-in person."""

    role: Role
    name: str  # empty where the role says enough
    waiting: int = 0  # statements that wait for a signature of the visitor's party


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Who looks, at which address, at which tree."""

    path: str  # of this page, for the language links and the mark in the navigation
    query: tuple[tuple[str, str], ...] = ()  # parameters the language links keep; "lang" is replaced
    origin: str
    tree_size: int | None  # of the visible checkpoint; None before the first
    visitor: Visitor | None = None
    csrf_token: str = ""  # hidden member of every form that posts
    demo: bool = False  # a line on every page says that the goods are invented
    flash: str = ""  # slug of words.FLASHES: what was just done
    readable: str = ""  # where this page opens with GET, when it answered a form; "": here
