"""Scan history: what the readings of one code say, to whoever holds the goods and to the operator."""

import hmac
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from gateway.people.address import shortened
from gateway.people.tokens import new_id
from gateway.policies import load
from gateway.store import goods, scans, tables, trade
from gateway.store.goods import CodeLink
from gateway.store.scans import Alert, Reading, State
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.wiring import Installation
from ledger.errors import LedgerError
from ledger.family import line_of
from ledger.record import Ledger
from ledger.store import log
from ledger.store.tables import table
from qrcodes.clones import Finding, Readings, ScanPolicy, judge
from qrcodes.serial import code_hash

HOUR: Final = timedelta(hours=1)
NETWORK_LENGTH: Final = 16  # hex digits: 64 bits tell the networks of one code apart
LETTERS_AN_HOUR: Final = 20  # to each of the staff; what comes above it stands in the list
FORGOTTEN_AT_ONCE: Final = 20_000  # rows; more than one turn of ageing leaves the rest to the next
logger = logging.getLogger("lotproof.scans")
_SCANS: Final = Cause("scans")
_PARTIES = table(tables.PartyRow)


@dataclass(frozen=True, slots=True)
class Seen:
    """first_on: the day of the first reading, None before there was one. first_country: "" unknown.

    count: readings so far; recent, countries: those of the days that are kept, and from how many known
    countries. notice: of ``qrcodes.clones.NOTICES``, "" where nothing is remarkable. Readings of who was
    signed in are in none of them.
    """

    first_on: date | None
    first_country: str
    count: int
    notice: str = ""
    recent: int = 0
    countries: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """One reading as it is noted, before anything of it is kept. address: of a network."""

    code: str
    at: datetime
    country: str
    address: str

    @classmethod
    def of(cls, code: str, at: datetime, country: str, address: str) -> "Note":
        """at: cut down to its slot. address: cut down to its network."""
        slot_s = load.scans().slot_minutes * 60
        began = at - timedelta(seconds=at.timestamp() % slot_s)
        return cls(code, began.replace(microsecond=0), country, shortened(address))


def seen(connection: Connection, code: str, now: datetime) -> Seen:
    """What a code's page may say about its readings. now: wall time."""
    first = scans.first(connection, code)
    if first is None:
        return Seen(None, "", 0)
    recent, countries = scans.kept(connection, code, load.scans().kept_from(now.date()))
    notice = scans.notice_of(connection, code)
    return Seen(first.on, first.country, first.readings, notice, recent, countries)


def write(installation: Installation, noted: Mapping[Note, int]) -> None:
    """Count what was noted, durable on return, and raise the alerts that follow.

    Raises LedgerError while nothing is counted. The rules are asked in a snapshot of their own: the one
    writer of the ledger waits for no rule. A crash or a failure between the two leaves an alert to the
    next reading of that code.
    """
    policy, now = load.scans(), installation.wall_clock.now()
    period = policy.period(now.date())

    def unit(ledger: Ledger) -> None:
        salt = scans.salt(ledger.connection, period, secrets.token_bytes(32))
        scans.add(ledger.connection, _hashed(noted, salt), period)

    installation.writer.do(unit)
    try:
        _judge(installation, policy, sorted({note.code for note in noted}), now)
    except LedgerError as error:  # what is counted must not be counted again
        logger.warning("readings of codes are not judged yet: %s", error)


def _judge(installation: Installation, policy: ScanPolicy, codes: Sequence[str], now: datetime) -> None:
    with installation.database.reading() as connection:
        alerts = [alert for code in codes for alert in _alerts(connection, policy, code, now)]
    if alerts:
        _raise(installation, policy, alerts, now)


def age(installation: Installation, connection: Connection) -> int:
    """Forget what is older than the rules allow; how many rows. First readings and counts stay."""
    policy, now = load.scans(), installation.wall_clock.now()
    return scans.forget(
        connection,
        days=policy.kept_from(now.date()),
        slots=now - 2 * HOUR,
        period=policy.period(now.date()),
        limit=FORGOTTEN_AT_ONCE,
    )


def decide(installation: Installation, alert: str, state: State, *, reason: str, by: str) -> bool:
    """Close an alert as ``expected`` or ``copied``, or open it again; False when it is so already."""
    at = None if state == "open" else installation.wall_clock.now()

    def unit(ledger: Ledger) -> bool:
        return scans.set_state(ledger.connection, alert, state, reason=reason, by=by, at=at)

    return installation.writer.do(unit)


def link_of(connection: Connection, code: str) -> CodeLink | None:
    """What a code stands for, also where only the ledger remembers it."""
    link = goods.code(connection, code)
    if link is not None:
        return link
    issued = log.code_record(connection, code_hash(code))
    return None if issued is None else CodeLink(code, issued[0], "article", None)


def _hashed(noted: Mapping[Note, int], salt: bytes) -> list[Reading]:
    ordered = sorted(noted.items(), key=lambda one: (one[0].at, one[0].code, one[0].country, one[0].address))
    return [
        Reading(note.code, note.at, note.country, _network(salt, note.address), count)
        for note, count in ordered
    ]


def _network(salt: bytes, address: str) -> str:
    return hmac.digest(salt, address.encode(), "sha256").hex()[:NETWORK_LENGTH]


def _alerts(connection: Connection, policy: ScanPolicy, code: str, now: datetime) -> Iterable[Alert]:
    """One for each notice, with the first rule that was broken."""
    link = link_of(connection, code)
    if link is None:
        return
    readings = _readings(connection, policy, link, now)
    many = policy.limits(link.level).foreign_places
    asked = any(places > many for places in readings.countries.values())  # else nothing would depend on it
    expected = _expected(connection, link.lot) if asked else frozenset()
    found: dict[str, Finding] = {}
    for finding in judge(policy, link.level, readings, expected):
        found.setdefault(finding.notice, finding)
    if not found:
        return
    total, countries = scans.kept(connection, code, policy.kept_from(now.date()))
    for finding in found.values():
        yield Alert(
            id=new_id("scn"),
            code=code,
            lot=link.lot,
            level=link.level,
            notice=finding.notice,
            rule=finding.rule,
            measured=finding.measured,
            allowed=finding.allowed,
            detail=finding.detail,
            readings=total,
            places=readings.places_week,
            countries=countries,
            policy=f"{policy.id} {policy.version}",
            policy_sha256=policy.sha256,
            raised_at=now,
        )


def _readings(connection: Connection, policy: ScanPolicy, link: CodeLink, now: datetime) -> Readings:
    period = policy.period(now.date())
    places_hour, countries_hour = scans.last_hour(connection, link.code, now - HOUR, period)
    return Readings(
        pieces=_pieces(connection, link),
        places_hour=places_hour,
        countries_hour=countries_hour,
        places_week=scans.places(connection, link.code, period),
        countries=scans.by_country(connection, link.code, policy.kept_from(now.date()), period),
    )


def _pieces(connection: Connection, link: CodeLink) -> int:
    """That carry the code, or that it leads to."""
    articles = goods.ARTICLES
    mine = articles.c.lot == link.lot if link.article is None else articles.c.id == link.article
    statement = select(func.coalesce(func.sum(articles.c.quantity), 1)).where(mine)
    return int(connection.execute(statement).scalar_one())


def _expected(connection: Connection, lot: str) -> frozenset[str]:
    """Where the goods were offered or sold, and where those work who handle them; empty before any offer."""
    lots = {lot, *(name for name, _ in line_of(connection, lot))}
    statements = (
        select(trade.LISTINGS.c.market).where(trade.LISTINGS.c.lot.in_(lots)),
        select(trade.ORDERS.c.market).where(trade.ORDERS.c.lot.in_(lots)),
    )
    markets = {market for one in statements for market in connection.execute(one).scalars()}
    if not markets:
        return frozenset()
    return frozenset(markets | set(connection.execute(select(_PARTIES.c.country).distinct()).scalars()))


def _raise(installation: Installation, policy: ScanPolicy, alerts: list[Alert], now: datetime) -> None:
    """Each alert with the job that tells the operator of it, in one transaction.

    Whoever opens many codes from many places fills the list, and not the letter boxes.
    """
    again_after = now - timedelta(days=policy.again_days)

    def unit(ledger: Ledger) -> None:
        told = scans.raised_since(ledger.connection, now - HOUR)
        for alert in alerts:
            if scans.raise_alert(ledger.connection, alert, again_after):
                told += 1
                if told <= LETTERS_AN_HOUR:
                    causes.scans_remarkable(ledger.connection, alert.id, installation.clock.now(), _SCANS)

    installation.writer.do(unit)
