"""Searches that buyers keep, and the letter about what is new in them: at most one a day and search."""

from collections.abc import Callable

from sqlalchemy import Connection

from gateway.errors import NotFound, Refused
from gateway.store import catalogue, companies, saved_searches
from gateway.store.saved_searches import Saved
from gateway.tasks.kinds import MAIL, Letter
from gateway.tasks.outbox import Cause, enqueue
from gateway.trade.search import Search, query_of, search_of
from gateway.wiring import Installation
from gateway.workflows.audience import viewer_of
from gateway.workflows.companies import USER
from gateway.workflows.search_offers import buyer_of
from ledger.author import new_id
from ledger.record import Ledger

SEARCHES_MAX = 30  # of one account
TOLD_MAX = 20  # offers that a letter counts; more are "20 or more"


def keep(
    installation: Installation, account: str, company: str, name: str, search: Search, *, letters: bool
) -> Saved:
    """Keep a search; what is offered already counts as seen. Raises Refused ``searches-full``."""
    return installation.writer.do(keeping(installation, account, company, name, search, letters=letters))


def keeping(
    installation: Installation, account: str, company: str, name: str, search: Search, *, letters: bool
) -> Callable[[Ledger], Saved]:
    """``keep`` as a unit of work, for whoever keeps more in its transaction."""
    now = installation.clock.now()
    saved = Saved(
        id=f"sch_{new_id('work').partition(':')[2]}",
        account=account,
        company=company,
        name=name,
        query=query_of(search),
        letters=letters,
        created_at=now,
        told_us=_micros(installation),
        told_on="",
    )

    def unit(ledger: Ledger) -> Saved:
        if saved_searches.count(ledger.connection, account) >= SEARCHES_MAX:
            raise Refused("searches-full", f"at most {SEARCHES_MAX} searches are kept", most=SEARCHES_MAX)
        saved_searches.add(ledger.connection, saved)
        return saved

    return unit


def forget(installation: Installation, account: str, search: str) -> None:
    """Raises NotFound, also for another's."""

    def unit(ledger: Ledger) -> None:
        if saved_searches.find(ledger.connection, search, account) is None:
            raise NotFound(search)
        saved_searches.delete(ledger.connection, search)

    installation.writer.do(unit)


def tell(installation: Installation, account: str, search: str, *, letters: bool) -> None:
    """Begin or stop to write letters about a search. Raises NotFound, also for another's."""

    def unit(ledger: Ledger) -> None:
        if saved_searches.find(ledger.connection, search, account) is None:
            raise NotFound(search)
        saved_searches.set_letters(ledger.connection, search, letters=letters)

    installation.writer.do(unit)


def new_in(installation: Installation, connection: Connection, saved: Saved) -> int:
    """How many offers came into a search since the last letter, as its company may see them now.

    Whoever left the company is told nothing any more.
    """
    buyer = buyer_of(connection, saved.company)
    if buyer is None or companies.member(connection, saved.company, saved.account.removeprefix(USER)) is None:
        return 0
    found = catalogue.find(
        connection,
        viewer_of(buyer),
        search_of(saved.query),
        installation.clock.now(),
        since_us=saved.told_us,
        limit=TOLD_MAX,
    )
    return len(found)


def write_letters(installation: Installation, connection: Connection) -> int:
    """Cause the letters of today; returns how many. One transaction: a search is told of once or not at all.

    The letter itself counts again when it is written: what went meanwhile stands in none.
    """
    now = installation.clock.now()
    day, caused = now.date().isoformat(), 0
    for saved in saved_searches.untold(connection, day):
        user = saved.account.removeprefix("user:")
        if user == saved.account or not new_in(installation, connection, saved):
            continue
        letter = Letter(template="search_found", about=f"{saved.id}:{saved.told_us}", to=user)
        enqueue(connection, MAIL, letter, now=now, by=Cause("schedule"), once=f"{saved.id}:{day}")
        saved_searches.told(connection, saved.id, until_us=_micros(installation), day=day)
        caused += 1
    return caused


def _micros(installation: Installation) -> int:
    """Now, in microseconds since 1970."""
    now = installation.clock.now()
    return int(now.timestamp()) * 10**6 + now.microsecond
