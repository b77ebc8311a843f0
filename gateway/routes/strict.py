"""JSON as strangers send it, read one way only: what two parsers could read differently is refused."""

import json
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from gateway.errors import RequestRefused
from gateway.problem_kinds import MEMBER_ERRORS
from gateway.problems import escaped
from gateway.shell.queries import CONTROLS
from ledger.core.canonical import INTEGER_MAX

DIGITS_MAX: Final = 17  # of an integer that is looked at
DEPTH_MAX: Final = 16
JSON: Final = "application/json"
CHARSETS: Final = frozenset({"", "utf-8", '"utf-8"', "utf8"})
_CONTROL: Final = re.compile(f"[{CONTROLS}]")


class Closed(BaseModel):
    """A request that says exactly what its model says: no unknown member, no number for a text."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class StrictRoute(APIRoute):
    """A route whose JSON body is read by ``strict_json``.

    Who may ask is judged first: a stranger learns nothing of how a body would have been read.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, Form)

        async def strict(request: Request) -> Response:
            read = StrictRequest(request.scope, request.receive)
            if takes_json:
                read.refusal = json_type_refusal(request.headers.getlist("content-type"))
            try:
                return await handler(read)
            except RequestValidationError:
                if takes_json and not await read.body():
                    await read.json()  # nothing is no JSON, and is told so
                if read.refusal is not None:
                    raise read.refusal from None
                raise

        return strict


class StrictRequest(Request):
    """refusal: why the body was not read; the route's model then finds nothing in it."""

    refusal: RequestRefused | None = None

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = None if self.refusal else self._strictly(await self.body())
        return self._json

    def _strictly(self, data: bytes) -> Any:
        try:
            return strict_json(data)
        except NotStrict as error:
            facts = {} if error.position is None else {"position": error.position}
            broken = {"pointer": error.pointer, "code": error.code, "facts": facts}
            self.refusal = RequestRefused("invalid-request", errors=[broken])
            return None


def json_type_refusal(content_types: list[str]) -> RequestRefused | None:
    """``unsupported-media-type`` unless the one type is JSON in UTF-8."""
    media_type, _, parameters = (content_types[0] if len(content_types) == 1 else "").partition(";")
    name, _, charset = parameters.partition("=")
    is_utf8 = name.strip().lower() in ("", "charset") and charset.strip().lower() in CHARSETS
    if media_type.strip().lower() == JSON and is_utf8:
        return None
    return RequestRefused("unsupported-media-type", expected=JSON, headers={"accept": JSON})


class NotStrict(ValueError):
    """code: of ``problem_kinds.MEMBER_ERRORS``. position: in characters, where it is known.

    pointer: to the member that is meant, RFC 6901; "" for the whole.
    """

    def __init__(self, code: str, position: int | None = None, pointer: str = "") -> None:
        super().__init__(MEMBER_ERRORS[code] % {"position": position})
        self.code = code
        self.position = position
        self.pointer = pointer


def strict_json(data: bytes) -> Any:
    """Decode JSON without floats, duplicate members, lone surrogates, controls, huge integers or great depth.

    Raises NotStrict with the rule that was broken.
    """
    if not data:
        raise NotStrict("json-empty")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_members,
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except RecursionError as error:
        raise NotStrict("json-too-deep") from error
    except json.JSONDecodeError as error:
        raise NotStrict("json-syntax", error.pos) from error
    except UnicodeDecodeError as error:
        raise NotStrict("json-not-utf-8") from error
    _check(value, ())
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("json-member-twice")
    return found


@dataclass(frozen=True, slots=True)
class _Broken:
    """Stands in the place of a number, which its reader is not told, until the place is known."""

    code: str


def _integer(text: str) -> int | _Broken:
    if len(text) > DIGITS_MAX or abs(int(text)) > INTEGER_MAX:
        return _Broken("json-integer-too-large")
    return int(text)


def _no_float(_text: str) -> _Broken:
    return _Broken("json-not-an-integer")


def _check(value: Any, path: tuple[str | int, ...]) -> None:
    """path: members and positions that lead to the value."""
    if len(path) > DEPTH_MAX:
        raise NotStrict("json-too-deep")
    if isinstance(value, _Broken):
        raise NotStrict(value.code, pointer=_pointer(path))
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_text(name, path)
            _check(member, (*path, name))
    elif isinstance(value, list):
        for n, member in enumerate(value):
            _check(member, (*path, n))


def _check_text(text: str, path: tuple[str | int, ...]) -> None:
    if text.isprintable():  # most of them, and then no other look is needed
        return
    code = "json-nul" if "\0" in text else "json-control" if _CONTROL.search(text) else ""
    if any("\ud800" <= character <= "\udfff" for character in text):
        code = code or "json-surrogate"
    if code:
        raise NotStrict(code, pointer=_pointer(path))


def _pointer(path: tuple[str | int, ...]) -> str:
    return "".join("/" + escaped(part) for part in path)
