"""The home of a party: what waits for it, what it has, what it may state; a lot as its parties see it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Final

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.i18n import Formatter
from gateway.pages.building.permissions import Book
from gateway.pages.building.reading import short
from gateway.pages.building.statements import statement_lines
from gateway.pages.building.steps import facts_of
from gateway.pages.views.party import (
    Door,
    GoodsLine,
    PartyLotView,
    PartyView,
    PermissionView,
    WorkLine,
)
from gateway.pages.views.values import Fact, Link, Measurement, Percent, Reason, Value, Word
from gateway.people.identity import Identity
from gateway.policies import load
from gateway.statements import asking, catalogue
from gateway.statements.action import Ask
from gateway.store import own_subjects, party_names, statements
from gateway.wiring import Installation
from gateway.workflows.links import UNKNOWN
from ledger.lots.permission import permission_of
from ledger.lots.state import LotState, PartyState
from ledger.store import log
from ledger.store.dependents import names_under

LINES: Final = 50
WORKS_MAX: Final = 100
UNDER_MAX: Final = 200
_FACTS: Final = (
    "category", "brand", "model", "condition", "quantity", "unit", "produced_from", "produced_until",
    "origin_country", "surplus_cause", "supply_mode",
)  # fmt: skip


def party_view(
    installation: Installation,
    connection: Connection,
    identity: Identity,
    language: str,
    *,
    after: str = "",
    lot_query: str = "",
    lot_error: str = "",
) -> PartyView:
    ask = asking.ask_of(installation, connection, identity, "")
    party = ask.party
    subject = log.subject(connection, party)
    kind = subject.state.kind if subject is not None else ""
    book = Book.of(connection, language, ask.today)
    lots = list(own_lots(connection, party, kind))
    page, next_href = _page(lots, "/party", after)
    return PartyView(
        kind=kind,
        name=party_names.name_of(connection, party, language) or short(party),
        waiting=statement_lines(connection, statements.waiting_for(connection, party), language),
        doors=tuple(doors(ask, "nothing")),
        goods=tuple(goods_line(ask, name, lot) for name, lot in page),
        goods_total=len(lots),
        works=tuple(islice(_works(ask), WORKS_MAX)),
        permissions=tuple(
            book.line(name, with_below=False) for name in book.grants if book.link(name).grantee == party
        )
        if kind in ("agent", "supplier")
        else (),
        next_href=next_href,
        asks_lot=kind in ("insurer", "brand"),
        lot_query=lot_query,
        lot_error=lot_error,
    )


def own_lots(connection: Connection, party: str, kind: str) -> Iterator[tuple[str, LotState]]:
    """Lots of the party that are there; a brand's goods have a page of their own."""
    if kind == "insurer":
        yield from own_subjects.lots_insured_by(connection, party)
    elif kind != "brand":
        yield from (
            (name, lot) for name, lot in own_subjects.lots_of(connection, party) if lot.is_leaf or lot.exit
        )


def permission_view(
    installation: Installation, connection: Connection, identity: Identity, name: str, language: str
) -> PermissionView:
    """Raises NotFound for who neither granted it, nor was granted it, nor stands above it."""
    ask = asking.ask_of(installation, connection, identity, name)
    book = Book.of(connection, language, ask.today)
    if name not in book.grants:
        raise NotFound(name)
    names = names_under(connection, name)
    found = log.subjects_named(connection, names)
    under = [one for one in names if one in found and (found[one].state.is_leaf or found[one].state.exit)]
    state = book.grants[name]
    index = log.index_of(connection, state.granted)
    return PermissionView(
        line=book.line(name),
        above=tuple(_above(ask, book, name)),
        facts=tuple(_limits(book, name, language)),
        doors=tuple(doors(ask, "authorization")),
        lots=tuple(goods_line(ask, one, found[one].state) for one in under[:UNDER_MAX]),
        lots_total=len(under),
        entry_href=f"/auditor/entries/{index}" if index is not None else "",
    )


def party_lot_view(
    installation: Installation, connection: Connection, identity: Identity, name: str, language: str
) -> PartyLotView:
    """Public facts, and why the lot may not be sold where it may not. Raises NotFound, as ``ask_of``."""
    ask = asking.ask_of(installation, connection, identity, name)
    lot = ask.state
    if not isinstance(lot, LotState):
        raise NotFound(name)
    book = Book.of(connection, language, ask.today)
    line = goods_line(ask, name, lot)
    markets, faults = _permitted(ask, lot, book)
    waiting = [one for one in statements.of_subject(connection, name) if ask.party in one.parties]
    return PartyLotView(
        text=short(name),
        lot=name,
        facts=tuple(_facts(lot)),
        ties=line.ties,
        state=line.state,
        tone=line.tone,
        doors=tuple(doors(ask, "lot")),
        waiting=statement_lines(connection, waiting, language),
        permissions=tuple(
            book.line(one, with_below=False)
            for one in lot.authorizations
            if one in book.grants and ask.party in asking.parties_of_chain(connection, one)
        ),
        faults=tuple(faults),
        markets=tuple(markets),
        history_href=f"/auditor/subjects/{name}",
    )


def doors(ask: Ask, on: str) -> Iterator[Door]:
    """What may be stated about ``ask.subject``: what can be done now first, what is grave last."""
    first = "grant" if ask.role == "brand" else ""
    found = [
        Door(
            action=action.slug,
            href=f"/do/{action.slug}" + (f"?on={ask.subject}" if ask.subject else ""),
            why_not=why,
            is_grave=action.is_grave,
        )
        for action, why in catalogue.offered(ask, on)
    ]
    yield from sorted(found, key=lambda door: (bool(door.why_not), door.is_grave, door.action != first))


def goods_line(ask: Ask, name: str, lot: LotState) -> GoodsLine:
    state, tone = place_of(lot)
    bare = name.partition(":")[2]
    return GoodsLine(
        href=f"/operator/lots/{bare}" if ask.role == "operator" else f"/party/lots/{bare}",
        text=short(name),
        category=lot.category,
        brand=lot.brand or "",
        grade=lot.grade or "",
        quantity=lot.quantity,
        ties=tuple(ties(ask.party, lot)),
        state=state,
        tone=tone,
    )


def ties(party: str, lot: LotState) -> Iterator[str]:
    """What a party is to a lot: slugs of ``party_ties``."""
    for slug, holder in (
        ("title", lot.title), ("custody", lot.custody), ("supplier", lot.supplier), ("agent", lot.agent),
    ):  # fmt: skip
        if holder == party:
            yield slug


def place_of(lot: LotState) -> tuple[str, str]:
    """Where a lot stands, as slug of ``lot_stages``, and its tone."""
    if lot.exit is not None:
        return ("lost" if lot.exit == "lost" else "gone", "bad")
    if lot.recalls:
        return "recalled", "bad"
    if not lot.is_leaf:
        return "divided", ""
    if lot.sold is not None and lot.sold >= lot.quantity:
        return ("delivered" if lot.delivered else "sold", "good")
    if lot.listings:
        return "on-offer", "good"
    if lot.inspection is not None and lot.grade is not None:
        return "graded", "good"
    return ("received" if lot.received else "declared", "busy")


def _page(lots: list[tuple[str, LotState]], path: str, after: str) -> tuple[list[tuple[str, LotState]], str]:
    """One page, beginning after the lot that is named. What moved up meanwhile is not shown twice."""
    names = [name for name, _ in lots]
    start = names.index(f"lot:{after}") + 1 if f"lot:{after}" in names else 0
    page = lots[start : start + LINES]
    more = len(lots) > start + LINES
    return page, f"{path}?after={page[-1][0].partition(':')[2]}" if more else ""


def brand_page(
    connection: Connection, ask: Ask, brands: Iterable[str], after: str
) -> tuple[list[GoodsLine], str]:
    lots = [
        (name, lot)
        for name, lot in own_subjects.lots_of_brands(connection, list(brands))
        if lot.is_leaf or lot.exit
    ]
    page, next_href = _page(lots, "/party/goods", after)
    return [goods_line(ask, name, lot) for name, lot in page], next_href


def _works(ask: Ask) -> Iterator[WorkLine]:
    """Open orders first, each kind newest first."""
    found = list(own_subjects.works_of(ask.connection, ask.party))
    for name, work in sorted(found, key=lambda one: one[1].closed):
        bare = name.partition(":")[2]
        yield WorkLine(
            href=f"/measure/{bare}" if ask.role in ("inspector", "refurbisher") else "",
            text=short(name),
            kind=work.kind,
            closed=work.closed,
            lot=short(work.lot),
        )


def _above(ask: Ask, book: Book, name: str) -> Iterator[Link]:
    """The links above, from the brand's down; a page of them only for whoever may see it."""
    chain, parent = [], book.grants[name].parent
    while parent is not None and parent in book.grants:
        chain.append(parent)
        parent = book.grants[parent].parent
    for one in reversed(chain):
        mine = ask.party in asking.parties_of_chain(ask.connection, one)
        href = f"/party/permissions/{one.partition(':')[2]}" if mine else ""
        yield Link(text=book.name(book.grants[one].grantor), href=href)


def _limits(book: Book, name: str, language: str) -> Iterator[Fact]:
    """Everything that the link allows, public and committed, as it is now."""
    state, link = book.grants[name], book.link(name)
    territory = Formatter(language).territory
    yield Fact(name="grantor", value=book.name(state.grantor))
    yield Fact(name="grantee", value=book.name(link.grantee))
    yield Fact(name="brands", value=", ".join(state.brands))
    for category in state.categories:
        yield from facts_of("category", category)
    for channel in link.channels:
        if channel != UNKNOWN:
            yield Fact(name="channels", value=Word(table="sales_channels", slug=channel))
    lists: Mapping[str, tuple[str, ...]] = {
        "territories_allowed": tuple(territory(one) for one in link.territories_allowed),
        "territories_denied": tuple(territory(one) for one in link.territories_denied),
    }
    for field, values in lists.items():
        if values:
            yield Fact(name=field, value=", ".join(values))
    if link.ceiling is not None:
        yield Fact(name="quantity_ceiling", value=link.ceiling)
    rate = log.opening(book.connection, state.granted, "fee_rate")
    if rate is not None:
        yield Fact(name="fee_rate", value=_share(str(rate.value)))
    days: tuple[tuple[str, Value], ...] = (
        ("valid_from", date.fromisoformat(state.valid_from)),
        ("valid_until", date.fromisoformat(state.valid_until)),
    )
    for field, day in days:
        yield Fact(name=field, value=day)
    yield from facts_of("label_clause", state.label_clause or "intact_only")
    yield from facts_of("may_delegate", state.may_delegate)
    yield from facts_of("no_co_bundling", state.no_co_bundling)


def _share(rate: str) -> Value:
    """A rate as a percentage: 0.05 is 5 %."""
    percent = Decimal(rate) * 100
    if percent == percent.to_integral_value():
        return Percent(value=int(percent))
    return Measurement(value=str(percent).rstrip("0"), unit="P1")


def _facts(lot: LotState) -> Iterator[Fact]:
    for name in _FACTS:
        value = getattr(lot, name)
        if value is not None:
            yield from facts_of(name, value)
    if lot.grade is not None:
        yield from facts_of("grade", lot.grade)
    if lot.inspection is not None:
        yield from facts_of("coverage", lot.inspection.coverage)


def _permitted(ask: Ask, lot: LotState, book: Book) -> tuple[list[str], list[Reason]]:
    """Markets of the policy where the permission holds today, and what stands against the others."""
    supplier = log.subject(ask.connection, lot.supplier) if lot.supplier else None
    state = supplier.state if supplier is not None and isinstance(supplier.state, PartyState) else None
    names = {one for part in lot.bundle for one in part.authorizations} | set(lot.authorizations)
    links = {one: book.link(one) for one in names if one in book.grants}
    markets: list[str] = []
    faults: dict[Reason, None] = {}
    for market in load.markets().markets:
        broken = permission_of(
            lot,
            links,
            supplier=state,
            day=ask.today.isoformat(),
            market=market.code,
            channel=market.channel,
            depth_max=load.permission().depth_max,
        )
        if not broken:
            markets.append(market.code)
        for one in broken:
            faults[Reason(slug=one.fault, detail=short(one.link) if one.link else one.detail)] = None
    return markets, list(faults)
