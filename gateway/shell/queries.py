"""Addresses and forms as strangers send them: read one way only, or refused by name."""

import re
from collections.abc import Iterable
from typing import Any, Final, get_args, get_origin
from urllib.parse import unquote_to_bytes

from fastapi import Request
from fastapi.params import Form
from starlette.datastructures import FormData, QueryParams
from starlette.types import Scope

from gateway.errors import NotFound, RequestRefused
from gateway.shell import cors
from qrcodes.gs1 import PRIMARY_KEYS

ADDRESS_BYTES_MAX: Final = 8_000
PARAMETERS_MAX: Final = 50
FORM_TYPES: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
LANGUAGE: Final = "lang"  # every page takes it
# What strangers' programs add to a link that was shared or scanned must not close it.
DOORS: Final = re.compile(
    rf"/|/q/.*|/({'|'.join(PRIMARY_KEYS)})/.*|/(?=[a-z-]*[A-Z0-9_])[A-Za-z0-9_-]+|/lots/[^/]*|/goods/.*"
    r"|/offers/[^/]*|/l/[^/]*|/auditor/subjects/.*|/d/.*|/login.*|/invitations?/.*|/static/.*"
)

# Links of GS1, whose readers are told what is wrong with them rather than that nothing is there.
_NUMBERED: Final = re.compile(rb"/(%s)/" % "|".join(PRIMARY_KEYS).encode())
_LONE_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
# Control characters but tab and the ends of lines; halves of characters; what stands for unreadable bytes.
CONTROLS: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_UNTYPED = re.compile(f"[{CONTROLS}\ud800-\udfff\ufffd]")


def check_address(scope: Scope) -> None:
    """Judge the raw address: length, percent-encoding, UTF-8, control characters.

    Raises RequestRefused for a query, NotFound for a path: no such thing was ever named so.
    """
    raw_path, query = scope.get("raw_path") or b"", scope["query_string"]
    is_numbered = _NUMBERED.match(raw_path) is not None
    if len(raw_path) + len(query) > ADDRESS_BYTES_MAX:
        raise _unreadable() if is_numbered else RequestRefused("address-too-long")
    if not (_is_text(raw_path) and scope["path"].isprintable()):
        if is_numbered:
            raise _unreadable()
        raise NotFound("an address that is no text")
    if not _is_text(query.replace(b"+", b" ")):
        raise RequestRefused("bad-encoding")


def _unreadable() -> RequestRefused:
    return RequestRefused("gs1-link-unreadable", headers=cors.RESOLVER)


async def well_mannered(request: Request) -> None:
    """A dependency of every route: it gets the parameters that it knows, each once, as clean text.

    Raises RequestRefused ``unknown-parameter``, ``repeated-parameter``, ``bad-encoding``,
    ``unsupported-media-type``.
    """
    route: Any = request.scope["route"]
    if request.url.query and not DOORS.fullmatch(request.url.path):
        _check_parameters(request.query_params, _known(route))
    if _takes_form(route):
        media_type = request.headers.get("content-type", FORM_TYPES[0]).partition(";")[0].strip().lower()
        if media_type not in FORM_TYPES:
            raise RequestRefused("unsupported-media-type", expected=FORM_TYPES[0])
        _check_form(getattr(request, "_form", None))


def _check_parameters(parameters: QueryParams, known: dict[str, bool]) -> None:
    seen = set()
    for name, _ in parameters.multi_items()[:PARAMETERS_MAX]:
        if name not in known:
            raise RequestRefused("unknown-parameter", parameter=name)
        if name in seen and not known[name]:
            raise RequestRefused("repeated-parameter", parameter=name)
        seen.add(name)


def _known(route: Any) -> dict[str, bool]:
    """Names of a route's parameters, and whether each may be repeated."""
    found = {LANGUAGE: False}
    waiting = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        waiting += dependant.dependencies
        for one in dependant.query_params:
            found[one.alias] = _is_several(one.field_info.annotation)
    return found


def _is_several(annotation: Any) -> bool:
    """Whether a parameter is a list, or a list that may be absent."""
    return any(get_origin(one) in (list, tuple, set) for one in (annotation, *get_args(annotation)))


def _takes_form(route: Any) -> bool:
    return route.body_field is not None and isinstance(route.body_field.field_info, Form)


def _check_form(form: FormData | None) -> None:
    items = form.multi_items() if form is not None else ()
    check_typed((name, value if isinstance(value, str) else "") for name, value in items)


def check_typed(fields: Iterable[tuple[str, str]]) -> None:
    """Names of a form's fields and what was typed: text that a database takes and a page can show.

    Raises RequestRefused ``bad-encoding`` with the field. NUL and half characters stop a database, other
    control characters steer a terminal, and U+FFFD stands where bytes were no UTF-8.
    """
    for name, text in fields:
        if _UNTYPED.search(name) or _UNTYPED.search(text):
            pointer = f"/{name.encode('ascii', 'backslashreplace').decode()[:80]}"
            broken = {"pointer": pointer, "code": "text-unreadable", "facts": {}}
            raise RequestRefused("bad-encoding", errors=[broken])


def _is_text(raw: bytes) -> bool:
    """Whether bytes of an address are the percent-encoding of UTF-8 without control characters."""
    if _LONE_PERCENT.search(raw):
        return False
    try:
        text = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(c < " " or c == "\x7f" for c in text)
