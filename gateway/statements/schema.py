"""The fields of an action as JSON Schema (2020-12), for programs that fill them in."""

from typing import Any, Final

from gateway.statements.action import Action, Ask, Field
from gateway.statements.answers import TEXT_BYTES_MAX

MONEY: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["amount_minor", "currency"],
    "additionalProperties": False,
    "properties": {
        "amount_minor": {"type": "integer", "minimum": 0},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
}
COUNTRY: Final = {"type": "string", "pattern": "^[A-Z]{2}$"}
SHAPES: Final[dict[str, dict[str, Any]]] = {
    "text": {"type": "string", "maxLength": TEXT_BYTES_MAX},
    "lines": {"type": "array", "items": {"type": "string", "maxLength": TEXT_BYTES_MAX}},
    "count": {"type": "integer", "minimum": 1},
    "money": MONEY,
    "day": {"type": "string", "format": "date"},
    "mass": {"type": "integer", "minimum": 1, "description": "Grams."},
    "decimal": {"type": "string", "pattern": r"^[0-9]{1,15}(\.[0-9]{1,6})?$"},
    "choice": {"type": "string"},
    "choices": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    "party": {"type": "string", "pattern": "^party:[0-9a-z]{20}$"},
    "lot": {"type": "string", "pattern": "^lot:[0-9a-z]{20}$"},
    "lots": {"type": "array", "items": {"type": "string", "pattern": "^lot:[0-9a-z]{20}$"}},
    "file": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the file."},
    "countries": {"type": "array", "items": COUNTRY, "description": "ISO 3166-1 alpha-2."},
    "yes": {"type": "boolean"},
    "worker": {"type": "string", "pattern": "^worker:[0-9a-z]{20}$"},
}


def schema_of(action: Action, ask: Ask) -> dict[str, Any]:
    """One closed object; where there are options, exactly those that are offered now."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [one.name for one in action.fields if one.required],
        "properties": {one.name: _member(one, ask) for one in action.fields},
    }


def _member(one: Field, ask: Ask) -> dict[str, Any]:
    shape = dict(SHAPES[one.kind])
    shape["title"] = one.label
    if one.hint:
        shape["description"] = one.hint
    if one.kind in ("count", "mass"):
        shape |= {} if one.minimum is None else {"minimum": one.minimum}
        shape |= {} if one.maximum is None else {"maximum": one.maximum}
    if one.options is not None:
        values = [option.value for option in one.options(ask)]
        if shape["type"] == "array":
            shape["items"] = {"enum": values}
        else:
            shape["enum"] = values
    return shape
