"""The state of a dossier field: a value, missing, or not applicable with a reason.

A field is a dotted path. In a list, an item is named by its 0-based index, by its kind or role
(``parties.buyer.name``, ``documents.packing_list.number``), or ``*`` for each one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exporters.dossier import ShipmentDossier


@dataclass(frozen=True)
class Missing:
    """Nobody has stated it yet."""


@dataclass(frozen=True)
class Inapplicable:
    """It does not exist for this shipment, and this is why."""

    reason: str


def state(dossier: ShipmentDossier, field: str) -> Any | Missing | Inapplicable:
    """The state of one field. field: a path without ``*``."""
    stated = next((item for item in dossier.not_applicable if _covers(item.field, field)), None)
    if stated:
        return Inapplicable(stated.reason)
    found = values(dossier, field)
    return Missing() if not found or is_absent(found[0][1]) else found[0][1]


def missing(dossier: ShipmentDossier, wanted: Iterable[str]) -> list[str]:
    """The paths among ``wanted`` whose state is missing, ``*`` spelled out, in the order given.

    A ``*`` over an empty list wants nothing; ask for the list itself where it must not be empty.
    """
    paths = (path for field in wanted for path in _spelled_out(dossier, field))
    return [path for path in paths if state(dossier, path) == Missing()]


def absent(dossier: ShipmentDossier, wanted: Iterable[str]) -> list[str]:
    """As ``missing``, with those that are stated not to apply: what a document cannot print."""
    paths = (path for field in wanted for path in _spelled_out(dossier, field))
    return [path for path in paths if isinstance(state(dossier, path), Missing | Inapplicable)]


def values(dossier: ShipmentDossier, field: str) -> list[tuple[str, Any]]:
    """Each path that ``field`` stands for, with its value or None; empty when no such field exists."""
    found: list[tuple[str, Any]] = [("", dossier)]
    for name in field.split("."):
        found = [(f"{path}.{key}", member) for path, value in found for key, member in _step(value, name)]
    return [(path.removeprefix("."), value) for path, value in found]


def is_absent(value: Any) -> bool:
    return value is None or value == ()


def _step(value: Any, name: str) -> list[tuple[str, Any]]:
    if isinstance(value, BaseModel):
        return [(name, getattr(value, name))] if name in type(value).model_fields else []
    if not isinstance(value, tuple):
        return []
    if name == "*":
        return [(str(index), item) for index, item in enumerate(value)]
    if name.isdecimal():
        return [(name, value[int(name)])] if int(name) < len(value) else []
    # A kind or role that no item has is a field all the same, so that it can be missing or not applicable.
    return [(name, item) for item in value if name in _names(item)] or [(name, None)]


def _names(item: Any) -> tuple[str, ...]:
    return getattr(item, "roles", None) or (getattr(item, "kind", ""),)


def _spelled_out(dossier: ShipmentDossier, field: str) -> list[str]:
    head, star, tail = field.partition(".*.")
    if not star:
        return [field]
    items = [path for path, _ in values(dossier, f"{head}.*")]
    return [path for item in items for path in _spelled_out(dossier, f"{item}.{tail}")]


def _covers(pattern: str, field: str) -> bool:
    wanted, given = pattern.split("."), field.split(".")
    return len(wanted) == len(given) and all(
        want in {"*", name} for want, name in zip(wanted, given, strict=True)
    )
