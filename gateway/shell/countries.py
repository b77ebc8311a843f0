"""From which country a request comes, as far as a proxy of ours says so. Nobody else is ever asked."""

from functools import cache
from typing import Final

from babel import Locale
from starlette.datastructures import Headers
from starlette.types import Scope

_UNKNOWN: Final = frozenset({"ZZ", "XX", "EU", "UN", "T1", "AP"})  # no country, a region, or a way to hide


def country_of(scope: Scope, headers: Headers, name: str) -> str:
    """Two letters of ISO 3166; "" where nobody says, or whoever says it is no proxy of ours.

    name: of the header, "" for none. A proxy that the settings trust has given the caller's address
    too, and that has no port (0); whoever connects by himself has one, and would be asked for nothing.
    """
    client = scope.get("client")
    if not name or not client or client[1] != 0:
        return ""
    values = headers.getlist(name)
    if len(values) != 1 or len(values[0]) != 2:
        return ""
    country = values[0].upper()
    return country if country in _territories() else ""


@cache
def _territories() -> frozenset[str]:
    known = {str(code) for code in Locale("en").territories}
    return frozenset(code for code in known if len(code) == 2 and code.isalpha()) - _UNKNOWN
