"""For whom offers are, as rows; and the rule of ``trade.visibility`` as SQL, for lists and counts."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)

from gateway.store import catalogue_copies, catalogue_tables
from gateway.store.trade import LISTINGS, Listing
from gateway.trade.visibility import Audience, Viewer, Visibility
from ledger.store.statements import Statement
from ledger.store.tables import table

CHOSEN = table(catalogue_tables.AudienceRow)
ACCESS = table(catalogue_tables.AccessRow)
EXPOSURES = table(catalogue_tables.ExposureRow)
Effect = Literal["allow", "deny"]
Kind = Literal["market", "company"]
_ACCESS_OF = Statement(
    select(ACCESS.c.effect, ACCESS.c.kind, ACCESS.c.value).where(ACCESS.c.listing == bindparam("of_listing"))
)
WHY_MAX: Final = 500  # lines of an exposure log that are read at once


@dataclass(frozen=True, slots=True)
class Chosen:
    """A company that a private offer is shown to. score: 0..1000; reasons: slugs or texts, in order."""

    listing: str
    company: str
    score: int
    reasons: tuple[str, ...]
    since: datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """A company was shown an offer on a day. day: ISO 8601; why: of ``visibility.Why``."""

    listing: str
    company: str
    day: str
    why: str


def audience_of(connection: Connection, listing: Listing) -> Audience:
    access = _ACCESS_OF.rows(connection, of_listing=listing.id)
    chosen: frozenset[str] = frozenset()
    if listing.visibility == "private":
        named = select(CHOSEN.c.company).where(CHOSEN.c.listing == listing.id)
        chosen = frozenset(connection.execute(named).scalars())

    def named_by(effect: Effect, kind: Kind) -> frozenset[str]:
        return frozenset(value for *what, value in access if what == [effect, kind])

    return Audience(
        listing.market,
        listing.visibility,
        listing.tier_min,
        chosen,
        denied_companies=named_by("deny", "company"),
        denied_markets=named_by("deny", "market"),
        allowed_companies=named_by("allow", "company"),
        allowed_markets=named_by("allow", "market"),
    )


def seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """``Audience.why(viewer) is not None`` for rows of ``listings``, as SQL."""
    is_chosen = _among(CHOSEN, company=viewer.company)
    return and_(
        LISTINGS.c.market == viewer.country,
        or_(
            LISTINGS.c.visibility.in_(("public", "members")),
            and_(LISTINGS.c.visibility == "tier", LISTINGS.c.tier_min <= viewer.tier),
            and_(LISTINGS.c.visibility == "private", is_chosen),
        ),
        ~_named("deny", "company", viewer.company),
        ~_named("deny", "market", viewer.country),
        or_(~_some("company"), _named("allow", "company", viewer.company)),
        or_(~_some("market"), _named("allow", "market", viewer.country)),
    )


def special_for(viewer: Viewer) -> Select[tuple[str]]:
    """Ids of the offers that this company sees and of which something is said by name, as SQL.

    Looked for from what is said: most offers have no such line.
    """
    chosen = select(CHOSEN.c.listing).where(CHOSEN.c.company == viewer.company)
    return select(LISTINGS.c.id).where(
        LISTINGS.c.id.in_(chosen.union(select(ACCESS.c.listing))), seen_by(viewer)
    )


def why_seen() -> ColumnElement[str]:
    """``Audience.why`` of a row of ``listings`` that ``seen_by`` lets through."""
    return case(
        (LISTINGS.c.visibility == "private", literal("audience")),
        (LISTINGS.c.visibility == "tier", literal("tier")),
        (_some("company"), literal("allowed")),
        else_=literal("everybody"),
    )


def set_visibility(connection: Connection, listing: str, visibility: Visibility, tier_min: int = 1) -> None:
    """tier_min: counts while the offer is ``tier``."""
    values = {"visibility": visibility, "tier_min": tier_min}
    connection.execute(LISTINGS.update().where(LISTINGS.c.id == listing).values(values))
    catalogue_copies.of_listing(connection, listing)


def choose(connection: Connection, one: Chosen) -> None:
    """Show a private offer to a company; what was said of it before is replaced."""
    leave_out(connection, one.listing, one.company)
    row = {
        "listing": one.listing,
        "company": one.company,
        "score": one.score,
        "reasons": json.dumps(one.reasons, ensure_ascii=False),
        "since": one.since,
        "added_by": one.added_by,
    }
    connection.execute(CHOSEN.insert(), [row])


def leave_out(connection: Connection, listing: str, company: str) -> None:
    connection.execute(CHOSEN.delete().where(CHOSEN.c.listing == listing, CHOSEN.c.company == company))


def chosen_of(connection: Connection, listing: str) -> list[Chosen]:
    """Those that fit best first."""
    statement = CHOSEN.select().where(CHOSEN.c.listing == listing)
    rows = connection.execute(statement.order_by(CHOSEN.c.score.desc(), CHOSEN.c.company))
    return [
        Chosen(row.listing, row.company, row.score, tuple(json.loads(row.reasons)), _utc(row.since),
               row.added_by)
        for row in rows
    ]  # fmt: skip


def set_access(
    connection: Connection, listing: str, effect: Effect, kind: Kind, values: Collection[str]
) -> None:
    """Replace one list of an offer."""
    mine = (ACCESS.c.listing == listing, ACCESS.c.effect == effect, ACCESS.c.kind == kind)
    connection.execute(ACCESS.delete().where(*mine))
    rows = [
        {"listing": listing, "effect": effect, "kind": kind, "value": value} for value in sorted(set(values))
    ]
    if rows:
        connection.execute(ACCESS.insert(), rows)
    catalogue_copies.of_listing(connection, listing)


def access_of(connection: Connection, listing: str, effect: Effect, kind: Kind) -> list[str]:
    """Ascending."""
    statement = select(ACCESS.c.value).where(
        ACCESS.c.listing == listing, ACCESS.c.effect == effect, ACCESS.c.kind == kind
    )
    return list(connection.execute(statement.order_by(ACCESS.c.value)).scalars())


def unlogged(connection: Connection, shown: Sequence[Exposure]) -> list[Exposure]:
    """Those of ``shown`` that are not written down yet; they are of one company and one day."""
    if not shown:
        return []
    known = select(EXPOSURES.c.listing).where(
        EXPOSURES.c.company == shown[0].company,
        EXPOSURES.c.day == shown[0].day,
        EXPOSURES.c.listing.in_([one.listing for one in shown]),
    )
    logged = set(connection.execute(known).scalars())
    return [one for one in shown if one.listing not in logged]


def log_exposures(connection: Connection, shown: Sequence[Exposure]) -> None:
    rows = [
        {"listing": one.listing, "company": one.company, "day": one.day, "why": one.why}
        for one in unlogged(connection, shown)
    ]
    if rows:
        connection.execute(EXPOSURES.insert(), rows)


def exposures_of(connection: Connection, listing: str) -> list[Exposure]:
    """The latest day first, at most ``WHY_MAX``."""
    statement = (
        EXPOSURES.select()
        .where(EXPOSURES.c.listing == listing)
        .order_by(EXPOSURES.c.day.desc(), EXPOSURES.c.company)
        .limit(WHY_MAX)
    )
    return [Exposure(row.listing, row.company, row.day, row.why) for row in connection.execute(statement)]


class Seen(NamedTuple):
    """Where a line of the exposure log stands."""

    day: str
    listing: str
    company: str


def exposures_page(
    connection: Connection, *, listing: str = "", company: str = "", after: Seen | None = None, limit: int
) -> list[Exposure]:
    """The latest day first, then by offer and company. after: the last line seen."""
    key = (EXPOSURES.c.listing, EXPOSURES.c.company)
    statement = select(EXPOSURES).order_by(EXPOSURES.c.day.desc(), *key).limit(limit)
    if listing:
        statement = statement.where(EXPOSURES.c.listing == listing)
    if company:
        statement = statement.where(EXPOSURES.c.company == company)
    if after is not None:
        same_day = and_(
            EXPOSURES.c.day == after.day,
            or_(
                EXPOSURES.c.listing > after.listing,
                and_(EXPOSURES.c.listing == after.listing, EXPOSURES.c.company > after.company),
            ),
        )
        statement = statement.where(or_(EXPOSURES.c.day < after.day, same_day))
    return [Exposure(row.listing, row.company, row.day, row.why) for row in connection.execute(statement)]


def exposed_offers(connection: Connection, limit: int) -> list[str]:
    """Ids of the offers in the log, those that were shown last before the others."""
    last = func.max(EXPOSURES.c.day)
    statement = select(EXPOSURES.c.listing).group_by(EXPOSURES.c.listing)
    ordered = statement.order_by(last.desc(), EXPOSURES.c.listing).limit(limit)
    return list(connection.execute(ordered).scalars())


def exposed_companies(connection: Connection) -> list[str]:
    """Ids of the companies in the log."""
    return list(connection.execute(select(EXPOSURES.c.company).distinct()).scalars())


def exposed(connection: Connection, listing: str) -> tuple[int, int]:
    """(companies that were shown the offer, days on which any was)."""
    counts = select(func.count(EXPOSURES.c.company.distinct()), func.count(EXPOSURES.c.day.distinct())).where(
        EXPOSURES.c.listing == listing
    )
    companies, days = connection.execute(counts).one()
    return int(companies), int(days)


def _among(source: Table, **said: str) -> ColumnElement[bool]:
    """Whether such a line of the offer stands in ``source``; found by its key, once for each offer."""
    line = source.alias()  # the statement around may read the same table
    same = [line.c[name] == value for name, value in said.items()]
    return exists().where(line.c.listing == LISTINGS.c.id, *same).correlate(LISTINGS)


def _named(effect: Effect, kind: Kind, value: str) -> ColumnElement[bool]:
    return _among(ACCESS, effect=effect, kind=kind, value=value)


def _some(kind: Kind) -> ColumnElement[bool]:
    return _among(ACCESS, effect="allow", kind=kind)


def _utc(moment: datetime) -> datetime:
    """SQLite forgets the zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
