"""Fields of forms: which are known, and whether a line of text can be kept."""

import unicodedata
from typing import Annotated, Any, Final

from fastapi import Form, Request

from gateway.errors import RequestRefused

TOKEN_FIELD: Final = "csrf_token"  # noqa: S105 - the name of a field
Typed = Annotated[str, Form()]


def closed_form(request: Request) -> None:
    """A dependency: a form holds the fields of its page and no other, each once unless it is a list.

    Raises RequestRefused ``invalid-request``, as a JSON body with an unknown member does.
    """
    form = getattr(request, "_form", None)
    if form is None:
        return
    known = _known(request.scope["route"].dependant)
    seen = set()
    for name, _ in form.multi_items():
        if name not in known or (name in seen and not known[name]):
            pointer = f"/{name.encode('ascii', 'backslashreplace').decode()[:80]}"
            raise RequestRefused(
                "invalid-request", errors=[{"pointer": pointer, "code": "extra_forbidden", "facts": {}}]
            )
        seen.add(name)


def text_error(text: str, longest: int) -> str:
    """Slug of what keeps a line of text from being kept; "" when nothing does."""
    if not text:
        return "text-missing"
    if len(text) > longest:
        return "text-too-long"
    return "text-unreadable" if any(unicodedata.category(one)[0] == "C" for one in text) else ""


def one_line(text: str) -> str:
    """Lines of an address as one, as documents take it: parted by semicolons. Composed, and trimmed."""
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", text).splitlines())
    return "; ".join(line.rstrip(";") for line in lines if line)


def _known(dependant: Any) -> dict[str, bool]:
    """Names of a route's fields, and whether each is a list."""
    found = {TOKEN_FIELD: False}
    for part in (dependant, *dependant.dependencies):
        if part is not dependant:
            found |= _known(part)
        for one in part.body_params:
            found[one.alias] = getattr(one.field_info.annotation, "__origin__", None) is list
    return found
