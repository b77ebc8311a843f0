"""Headers: the names this server answers to, what every answer carries, and how long it may be kept."""

import re
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
COUNT_MAX: Final = 100
BYTES_MAX: Final = 32 * 1024  # of all headers together
PRIVATE: Final = "no-store"
STATIC: Final = "public, max-age=300"  # then asked for again by ETag: the names carry no version

SECURITY: Final = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
}
YEAR: Final = "max-age=31536000"

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s/?#@\\\[\]:]+)(:[0-9]{1,5})?")  # RFC 3986 host and port, no more


class AnswerHeaders:
    """What every answer of one installation carries."""

    def __init__(self, public_url: str) -> None:
        public = urlsplit(public_url)
        self._hosts = LOOPBACK | {host_name(public.netloc)}
        self._always = dict(SECURITY)
        if public.scheme == "https":
            self._always["strict-transport-security"] = YEAR

    def is_ours(self, headers: Headers) -> bool:
        """Whether the one Host header names this server: links and cookies are made for these names."""
        hosts = headers.getlist("host")
        return (
            len(hosts) == 1 and _HOST.fullmatch(hosts[0]) is not None and host_name(hosts[0]) in self._hosts
        )

    def put(self, headers: MutableHeaders, *, path: str, request_id: str) -> None:
        """A route's own Cache-Control and Content-Security-Policy stand: it may be stricter."""
        for name, value in self._always.items():
            headers.setdefault(name, value)
        headers["x-request-id"] = request_id
        headers.setdefault("cache-control", STATIC if path.startswith("/static/") else PRIVATE)
        if "content-language" in headers:
            headers.add_vary_header("Accept-Language")
            headers.add_vary_header("Cookie")


def host_name(host: str) -> str:
    """The name of a Host header without its port."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()


def is_loopback(host: str) -> bool:
    return host_name(host) in LOOPBACK


def too_many(raw: list[tuple[bytes, bytes]]) -> bool:
    return len(raw) > COUNT_MAX or sum(len(name) + len(value) for name, value in raw) > BYTES_MAX
