"""How often one caller may ask, in a minute: moving windows by address, and by whoever is signed in.

Counted in this process's memory: with N processes behind one name a caller gets up to N times as
much. What fails on our side is given back, so that an outage locks nobody out afterwards. The answer says
what is left (draft-ietf-httpapi-ratelimit-headers): ``RateLimit-Policy: "read";q=600;w=60`` and
``RateLimit: "read";r=599;t=60``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter

from gateway.people.address import ADDRESSES_KEPT, counted, shortened
from gateway.problems import TooManyRequests
from gateway.shell.windows import Windows

WINDOW_S: Final = 60
# Requests a minute of one principal. An address may hold several people behind one router.
AMOUNTS: Final[Mapping[str, int]] = {
    "read": 600,
    "write": 120,
    "records": 3_000,  # a supplier's night run; each is signed, and refused cheaply when it is not
    "costly": 60,  # verified or built for this very answer
    "pack": 20,
    "guess": 60,  # codes that do not exist
    "guess-network": 240,  # the same of a whole /24 or /48, whose addresses one guesser may rent together
    "report": 3,  # of strangers: each is read by somebody
}
ADDRESS_FACTOR: Final = 2
_CLASSES: Final = (
    # Files behind immutable addresses, and what watches us.
    (re.compile(r"\w+ (/log/.*|/static/.*|/livez|/metrics)"), ""),
    (re.compile(r"GET (/lots/[^/]*/pack\.zip|/auditor/log\.zip)"), "pack"),
    (re.compile(r"GET (/catalogue|/v1/listings.*|/v1/lots/.*)|POST /v1/records:prepare"), "costly"),
    (re.compile(r"GET /v1/codes/[^/]+/proof"), "costly"),
    (re.compile(r"POST /v1/records"), "records"),
    (re.compile(r"POST /q/[^/]+/report"), "report"),
    (re.compile(r"(GET|OPTIONS) .*"), "read"),
)  # fmt: skip


def class_of(method: str, path: str) -> str:
    """A name of ``AMOUNTS``; "" for what is never counted."""
    asked = f"{'GET' if method == 'HEAD' else method} {path}"  # HEAD does all the work of GET
    return next((name for pattern, name in _CLASSES if pattern.fullmatch(asked)), "write")


class Rates:
    """The counts of one process. factor: multiplies every amount; 0 counts nothing."""

    def __init__(self, factor: float = 1, *, now: Callable[[], float] | None = None) -> None:
        self._windows = Windows(now=now) if now else Windows()
        self._limiter = MovingWindowRateLimiter(self._windows)
        self._items = {
            name: RateLimitItemPerMinute(max(1, round(amount * factor)))
            for name, amount in _with_addresses(AMOUNTS).items()
            if factor > 0
        }

    def toll(self, method: str, path: str) -> "Toll":
        """What one request will be charged."""
        return Toll(self, class_of(method, path))

    def check_guesses(self, address: str) -> None:
        """Raises TooManyRequests when the address or its network asked for too many that do not exist."""
        for name, who in _guessers(address):
            if name in self._items and not self._limiter.test(self._items[name], name, who):
                raise TooManyRequests(self.reset_s(name, who))

    def missed(self, address: str) -> None:
        for name, who in _guessers(address):
            self.hit(name, who)

    def hit(self, name: str, who: str) -> bool:
        return name not in self._items or self._limiter.hit(self._items[name], name, who)

    def give_back(self, name: str, who: str) -> None:
        if name in self._items:
            self._windows.give_back(self._items[name].key_for(name, who))

    def left(self, name: str, who: str) -> int:
        return self._limiter.get_window_stats(self._items[name], name, who).remaining

    def reset_s(self, name: str, who: str) -> float:
        """Seconds until the oldest counted request leaves the window."""
        began = self._limiter.get_window_stats(self._items[name], name, who).reset_time
        return max(0.0, began - self._windows.now())

    def amount(self, name: str) -> int | None:
        return self._items[name].amount if name in self._items else None


@dataclass(slots=True)
class Toll:
    """One request's charges. name: its class, "" for none."""

    rates: Rates
    name: str
    charged: list[tuple[str, str]] = field(default_factory=list)

    def address(self, address: str) -> None:
        """Raises TooManyRequests."""
        self._charge(f"{self.name}-address", masked(address))

    def principal(self, principal: str) -> None:
        """Raises TooManyRequests. An address was charged when it came in."""
        if not principal.startswith("address:"):
            self._charge(self.name, principal)

    def refund(self) -> None:
        """It was our failure, not the caller's use."""
        for name, who in self.charged:
            self.rates.give_back(name, who)

    def headers(self) -> dict[str, str]:
        policies, left = [], []
        for name, who in self.charged:
            policies.append(f'"{name}";q={self.rates.amount(name)};w={WINDOW_S}')
            reset_s = max(1, round(self.rates.reset_s(name, who)))
            left.append(f'"{name}";r={self.rates.left(name, who)};t={reset_s}')
        if not policies:
            return {}
        return {"ratelimit-policy": ", ".join(policies), "ratelimit": ", ".join(left)}

    def _charge(self, name: str, who: str) -> None:
        if not self.name or self.rates.amount(name) is None:
            return
        if not self.rates.hit(name, who):
            raise TooManyRequests(self.rates.reset_s(name, who))
        self.charged.append((name, who))


@lru_cache(maxsize=ADDRESSES_KEPT)
def masked(address: str) -> str:
    """An address as far as it tells callers apart: one of IPv6 rents 2^64 of them at once."""
    return counted(address)


def _guessers(address: str) -> tuple[tuple[str, str], ...]:
    return ("guess", masked(address)), ("guess-network", shortened(address))


def _with_addresses(amounts: Mapping[str, int]) -> dict[str, int]:
    return dict(amounts) | {f"{name}-address": ADDRESS_FACTOR * amount for name, amount in amounts.items()}
