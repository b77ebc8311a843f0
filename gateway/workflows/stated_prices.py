"""State what goods cost elsewhere, or the least that their brand lets them be sold for; and take it back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from sqlalchemy import Connection

from gateway.errors import NotFound, Refused
from gateway.people.tokens import new_id
from gateway.policies import load
from gateway.store import stated_prices
from gateway.store.stated_prices import StatedPrice
from gateway.trade.pricing import REFERENCE_KINDS, ReferenceKind
from gateway.wiring import Installation
from gateway.workflows.references import BRAND_MINIMUM
from ledger.record import Ledger
from ledger.store import log

StatedKind = ReferenceKind | Literal["brand_minimum"]
STATABLE: Final[tuple[str, ...]] = (*REFERENCE_KINDS, BRAND_MINIMUM)


@dataclass(frozen=True, slots=True)
class StatedWanted:
    """As of ``StatedPrice``, of one piece. market: "" for all; a local price names its market."""

    subject: str
    market: str
    kind: StatedKind
    amount_minor: int
    currency: str
    source: str
    stated_on: date


def state(installation: Installation, wanted: StatedWanted, by: str) -> StatedPrice:
    """Raises Refused: lot-unknown, market-needed, other-currency, day-ahead."""
    return installation.writer.do(stating(installation, wanted, by))


def stating(installation: Installation, wanted: StatedWanted, by: str) -> Callable[[Ledger], StatedPrice]:
    """The unit behind ``state``."""
    now = installation.clock.now()
    stored = StatedPrice(
        new_id("ref"), wanted.subject, wanted.market, wanted.kind, wanted.amount_minor, wanted.currency,
        wanted.source, wanted.stated_on, by, now,
    )  # fmt: skip

    def unit(ledger: Ledger) -> StatedPrice:
        _check(ledger.connection, wanted, now.date())
        stated_prices.add(ledger.connection, stored)
        return stored

    return unit


def _check(connection: Connection, wanted: StatedWanted, today: date) -> None:
    if wanted.subject.startswith("lot:") and log.subject(connection, wanted.subject) is None:
        raise Refused("lot-unknown", "there is no such lot")
    markets = {market.code: market for market in load.markets().markets}
    if wanted.market not in ("", *markets) or (wanted.kind == "local_new" and not wanted.market):
        raise Refused("market-needed", "a local price is one of a market")
    where = [market for code, market in markets.items() if wanted.market in ("", code)]
    known = [load.prices().rate(market.currency, wanted.currency) for market in where]
    if not any(rate is not None for rate in known):
        raise Refused("other-currency", "nobody said what this currency buys of the market's")
    if wanted.stated_on > today:
        raise Refused("day-ahead", "nobody has looked it up yet")


def withdraw(installation: Installation, id_: str, by: str) -> None:
    """Prices that stand on it alone are refused from now on. Raises NotFound."""

    def unit(ledger: Ledger) -> None:
        if not stated_prices.withdraw(ledger.connection, id_, by, installation.clock.now()):
            raise NotFound(id_)

    installation.writer.do(unit)
