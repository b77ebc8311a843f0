"""Keep the catalogue's index: what each offer was judged to be, written where it is published or judged.

A list is chosen from the index and shows it as long as nothing happened since: same lot head, same day,
no record at large (``store.catalogue.AT_LARGE``). Everything else is judged anew before it is shown;
whoever looks at one offer, holds or orders it has it judged in any case.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from gateway.i18n import LANGUAGES, translations
from gateway.pages.building.article import common, name_of
from gateway.pages.words import CATEGORIES
from gateway.policies import load
from gateway.store import catalogue, catalogue_copies, stock_levels, trade
from gateway.store.catalogue import UNLIMITED, Card, Found, Indexed
from gateway.store.tables import PartyRow
from gateway.store.trade import Listing
from gateway.trade.quantities import half_up
from gateway.trade.search import GRADES, depth_of, searchable
from gateway.wiring import Installation
from gateway.workflows.gate import (
    Judged,
    Verdict,
    free_units,
    judge_lot,
    rests_on_distrusted,
    today,
    verdict_on,
)
from gateway.workflows.references import asked_by
from gateway.workflows.work import Work
from ledger.errors import LedgerError
from ledger.family import line_of
from ledger.lots.coverage import LEVELS
from ledger.lots.permission import left_under
from ledger.lots.state import LotState
from ledger.record import Ledger
from ledger.store import log
from ledger.store.tables import table

PARTIES = table(PartyRow)
PASSING = frozenset({"no-stock"})  # nothing left is no reason against an offer; lists leave it out by count
VERIFIED = Verdict(verified=True, distrusted=False)
AT_ONCE = 200  # rows written in one transaction
logger = logging.getLogger("lotproof.catalogue")


def enter(work: Work, listing: Listing, judged: Judged | None = None) -> None:
    """Index an offer in the transaction that publishes or changes it.

    The gate let it through for that, on a history that was verified before the transaction. judged: the
    lot as it was let through, where the caller has it; the record of the offer is its head by now.
    """
    if judged is None:
        judged = judge_lot(work.installation, work.connection, listing.lot, VERIFIED)
    else:
        judged = replace(judged, head=listing.head)
    if judged is not None:
        one = index_of(work.installation, work.connection, listing, judged)
        catalogue.put(work.connection, one)
        _follow(work.connection, listing)


def _follow(connection: Connection, listing: Listing) -> None:
    """Its record is no news about the goods: offers in other markets stand as judged before it."""
    chain = log.chain(connection, listing.lot)
    if len(chain) > 1 and chain[-1][2] == listing.head:
        catalogue.follow(connection, listing.lot, before=chain[-2][2], after=listing.head)


def doubt(installation: Installation, listing: str) -> None:
    """Show an offer in no list until it was judged anew."""
    installation.writer.do(lambda ledger: catalogue.doubt(ledger.connection, listing))


def index_of(installation: Installation, connection: Connection, listing: Listing, judged: Judged) -> Indexed:
    """What is known of an offer at this moment."""
    state, items = judged.facts.lot, judged.items
    names = {language: name_of(items, language) for language in ("zh", "en", "vi")}
    brand = common(items, "brand") or state.brand or ""
    model = common(items, "model") or ""
    permitted = left_under(judged.facts.chain)
    products = len({(item.facts["model"], item.facts["gtin"]) for item in items})
    since = listing.published_at.date().isoformat()
    texts = (brand, model, *names.values(), *_categories(state.category), *(i.facts["model"] for i in items))
    return Indexed(
        listing=listing.id,
        lot=listing.lot,
        market=listing.market,
        head=judged.head,
        judged_on=today(installation).isoformat(),
        judged_size=_size(connection),
        standing=_passes(installation, listing, judged),
        published_us=int(listing.published_at.timestamp()) * 10**6 + listing.published_at.microsecond,
        category=state.category,
        brand=brand,
        condition=state.condition or common(items, "condition") or "mixed",
        grade=state.grade or "ungraded",
        grade_rank=GRADES.index(state.grade) + 1 if state.grade in GRADES else 0,
        inspection=judged.level,
        inspection_rank=LEVELS.index(judged.level),
        hs=tuple(sorted({item.facts["hs_code"][:6] for item in items if item.facts["hs_code"]})),
        piece_minor=half_up(listing.pack.piece_price_minor(listing.unit_price_minor)),
        cap=UNLIMITED if state.sold is None else state.quantity - state.sold,
        permitted=UNLIMITED if permitted is None else permitted,
        warehouse=_warehouse(connection, state),
        verified_since=since,
        depth=depth_of(load.depth(), products=products, pieces=sum(item.quantity for item in items)),
        words=searchable(str(text) for text in texts if text),
        card=Card(names, brand, model, records_of(connection, listing.lot, state), products),
    )


def records_of(connection: Connection, lot: str, state: LotState) -> int:
    """Records of the lot and of those it was split from, up to the split; each once."""
    line = line_of(connection, lot) if state.sources else [(lot, 2**63)]
    return len(
        {index for name, until in line for index, _, _ in log.chain(connection, name) if index <= until}
    )


def shown(installation: Installation, connection: Connection, found: list[Found]) -> list[Found]:
    """Those of ``found`` that may be shown now, each as it is now.

    Whatever moved since it was indexed is judged anew, its history verified: in memory, nothing is written.
    """
    if not found:
        return []
    moved_at = catalogue.last_at_large(connection, min(one.indexed.judged_size for one in found))
    day = today(installation).isoformat()
    current = (
        one if _is_current(one, day, moved_at) else _anew(installation, connection, one) for one in found
    )
    return [one for one in current if one is not None]


def refresh(installation: Installation, *, everything: bool = False) -> int:
    """Bring the index to what is offered now; returns how many rows were written.

    Runs after the offers were judged, histories and all, so that what stands is verified. everything:
    also what nothing says has moved. Safe to repeat and to stop.
    """
    with installation.database.reading() as connection:
        listings = trade.listings(connection)
    written = 0
    for start in range(0, len(listings), AT_ONCE):
        with installation.database.reading() as connection:
            part = listings[start : start + AT_ONCE]
            rows = list(_moved(installation, connection, part, everything=everything))
            size = _size(connection)
        moved = {row.listing for row in rows}
        still = [one.id for one in part if one.id not in moved]
        written += installation.writer.do(partial(_put, rows, still, size))
    installation.writer.do(lambda ledger: catalogue.drop_ended(ledger.connection))
    return written


def _put(rows: list[Indexed], still: list[str], size: int, ledger: Ledger) -> int:
    catalogue.confirm(ledger.connection, still, size)
    mended = catalogue_copies.mend(ledger.connection, still)
    if mended:
        logger.error("%d rows of the catalogue differed from what they are a copy of", mended)
    return mended + sum(catalogue.put(ledger.connection, row) for row in rows)


def _moved(
    installation: Installation, connection: Connection, listings: list[Listing], *, everything: bool
) -> Iterator[Indexed]:
    """What the index should say of offers of which it says something else."""
    day = today(installation).isoformat()
    at_large = catalogue.last_at_large(connection, 0)
    heads = catalogue.heads(connection, {one.lot for one in listings})
    for listing in listings:
        known = catalogue.get(connection, listing.id)
        if known is not None and not everything and _stands(known, listing, heads, day, at_large):
            continue
        try:
            verdict = Verdict(True, rests_on_distrusted(connection, listing.lot))
            judged = judge_lot(installation, connection, listing.lot, verdict)
        except (LedgerError, ValueError):  # a working copy that is no longer what we wrote
            logger.exception("%s cannot be judged, so no list shows it", listing.id)
            judged = None
        if judged is not None:
            yield index_of(installation, connection, listing, judged)
        elif known is not None and known.standing:
            yield replace(known, standing=False)


def _stands(known: Indexed, listing: Listing, heads: dict[str, str], day: str, at_large: int) -> bool:
    return (
        known.standing
        and known.head == heads.get(listing.lot)
        and known.judged_on == day
        and known.judged_size > at_large
        and known.piece_minor == half_up(listing.pack.piece_price_minor(listing.unit_price_minor))
    )


def _is_current(one: Found, day: str, moved_at: int) -> bool:
    known = one.indexed
    return known.head == one.lot_head and known.judged_on == day and known.judged_size > moved_at


def _anew(installation: Installation, connection: Connection, one: Found) -> Found | None:
    """None for whatever may not be shown: an offer that cannot be judged is no offer."""
    try:
        verdict = verdict_on(installation, connection, one.listing.lot)
        judged = judge_lot(installation, connection, one.listing.lot, verdict)
    except (LedgerError, ValueError):
        logger.exception("%s cannot be judged, so no list shows it", one.listing.id)
        return None
    if judged is None or not _passes(installation, one.listing, judged):
        return None
    stock = stock_levels.sellable(connection, one.listing.lot)
    available = min(free_units(judged.facts.lot, stock), judged.facts.available)
    if available < 1:
        return None
    indexed = index_of(installation, connection, one.listing, judged)
    return replace(one, indexed=indexed, available=available)


def _passes(installation: Installation, listing: Listing, judged: Judged) -> bool:
    market = load.markets().market(listing.market, listing.channel)
    if market is None:
        return False
    reasons = judged.reasons(market, today(installation), asked_by(listing))
    return all(reason.slug in PASSING for reason in reasons)


def _size(connection: Connection) -> int:
    head = log.read_head(connection)
    return 0 if head is None else head.size


def _categories(slug: str) -> list[str]:
    """What a category is called, in every language."""
    name = CATEGORIES.get(slug)
    return [slug] if name is None else [translations(tag).gettext(name) for tag in LANGUAGES]


def _warehouse(connection: Connection, state: LotState) -> str:
    """The place that the goods were moved to, else the city of whoever holds them; "" where nobody says."""
    if state.site:
        return state.site[:60]
    city = connection.execute(PARTIES.select().where(PARTIES.c.party == state.custody)).one_or_none()
    return "" if city is None else str(city.city)
