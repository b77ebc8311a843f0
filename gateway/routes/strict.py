"""JSON as strangers send it, read one way only: what two parsers could read differently is refused."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from ledger.core.canonical import INTEGER_MAX

DIGITS_MAX = 17  # of an integer that is looked at
DEPTH_MAX = 16


class Closed(BaseModel):
    """A request that says exactly what its model says: no unknown member, no number for a text."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class StrictRoute(APIRoute):
    """A route whose JSON body is read by ``strict_json``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict


class StrictRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            try:
                self._json = strict_json(await self.body())
            except ValueError as error:
                raise HTTPException(422, str(error)) from error
        return self._json


def strict_json(data: bytes) -> Any:
    """Decode JSON without floats, duplicate members, lone surrogates, huge integers or great depth.

    Raises ValueError with the rule that was broken.
    """
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_members,
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON at position {error.pos}") from error
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8") from error
    _check(value, 0)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _integer(text: str) -> int:
    if len(text) > DIGITS_MAX or abs(int(text)) > INTEGER_MAX:
        raise ValueError("an integer beyond 2^53 - 1")
    return int(text)


def _no_float(_text: str) -> Any:
    raise ValueError("a number that is no integer")


def _check(value: Any, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("a lone surrogate")
    elif isinstance(value, dict):
        for name, member in value.items():
            _check(name, depth)
            _check(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            _check(member, depth + 1)
