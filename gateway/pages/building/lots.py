"""What the operator's staff sees: consignments, lots, their families, and why a lot is not offered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from sqlalchemy import Connection

from gateway.pages.building import files
from gateway.pages.building.article import MIXED, common, history_href, measured_of, name_of, pack_href
from gateway.pages.building.bench import bench_view
from gateway.pages.building.consignments import consignments
from gateway.pages.building.erased import Erased, Erasure, erasures_of, line_of
from gateway.pages.building.grade import distrusted_events, grade_of, recorded_grade
from gateway.pages.building.offers import reference_price, unit_price
from gateway.pages.building.reading import checking, completeness_of, history_of, short
from gateway.pages.building.rows import RowBook
from gateway.pages.building.steps import People, steps_of
from gateway.pages.views import (
    CodeLine,
    Form,
    Grade,
    LineageNode,
    Link,
    LotLine,
    LotView,
    MarketState,
    OperatorView,
    Reason,
    RecallNote,
    RefusalRow,
    RefusalsView,
)
from gateway.people.identity import Identity
from gateway.policies import load
from gateway.store import goods, tables, trade
from gateway.store.goods import Item
from gateway.store.trade import Listing
from gateway.trade.eligibility import Reason as Refusal
from gateway.trade.pricing import PROPOSED
from gateway.wiring import Installation
from gateway.workflows.gate import Judged, Verdict, judge_lot, standing_recalls, today, verdict_of
from gateway.workflows.references import asked_by
from ledger import family
from ledger.errors import LedgerError
from ledger.lots.coverage import Level
from ledger.lots.state import LotState
from ledger.store import log
from ledger.store.tables import table
from ledger.verify import History
from qrcodes.serial import printed

CONSIGNMENTS = table(tables.ConsignmentRow)
LOTS_PER_PAGE = 25  # each is verified and judged against every market
ROWS_PER_PAGE = 100
CODES_SHOWN = 60
RECOMPUTED_AT_ONCE = 500  # articles; of more, the grade is shown as recorded until somebody asks
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝")  # what spreadsheets would compute

DETAIL_TABLES = {
    "customs-data-missing": "fields",
    "grade-not-sellable": "grades",
    "goods-not-sellable": "goods_kinds",
    "lot-gone": "exits",
    "not-inspected": "coverages",
    "safety-unclassified": "safety_classes",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A lot with what the gate says of it in every market."""

    lot: str
    state: LotState
    items: tuple[Item, ...]
    markets: tuple[MarketState, ...]
    sold: int
    level: Level


def operator_view(installation: Installation, connection: Connection, query: str, after: str) -> OperatorView:
    with checking("lots"):
        found = [one for one in _leaf_lots(connection) if _matches(*one, query)]
        page = [one for one in found if one[0] > f"lot:{after}"][:LOTS_PER_PAGE]
        lines = tuple(_line(see(installation, connection, name, state)) for name, state in page)
        more = bool(page) and page[-1][0] != found[-1][0]
        return OperatorView(
            consignments=tuple(consignments(connection)),
            lots=lines,
            lots_total=len(found),
            query=query,
            next_href=_next("/operator", page[-1][0], q=query) if more else "",
        )


def refusals_view(installation: Installation, connection: Connection, after: str) -> RefusalsView:
    with checking("lots"):
        found = list(_leaf_lots(connection))
        page = [one for one in found if one[0] > f"lot:{after}"][:LOTS_PER_PAGE]
        more = bool(page) and page[-1][0] != found[-1][0]
        policy = load.markets()
        return RefusalsView(
            markets=tuple(market.code for market in policy.markets),
            rows=tuple(_refusal_row(see(installation, connection, name, state)) for name, state in page),
            policy=f"{policy.id}/{policy.version}",
            judged_at=installation.clock.now(),
            next_href=_next("/operator/refusals", page[-1][0]) if more else "",
        )


def lot_view(
    installation: Installation,
    connection: Connection,
    lot: str,
    language: str,
    files_form: Form | None = None,
    *,
    identity: Identity | None = None,
    recompute: bool = False,
) -> LotView:
    """files_form: a refused upload. identity: who may act on the lot.

    recompute: the grade from every measurement, however many there are. Raises NotFound, CouldNotCheck.
    """
    history = history_of(installation, connection, lot)
    people = People(connection)
    with checking(lot):
        seen = see(installation, connection, lot, history.state, history)
        codes = goods.codes_of(connection, lot, CODES_SHOWN)
        recomputes = recompute or len(seen.items) <= RECOMPUTED_AT_ONCE
        erasures = erasures_of(installation, connection, line_of(connection, lot))
        return LotView(
            lot_id=lot,
            line=_line(seen),
            name=name_of(seen.items, language),
            model=common(seen.items, "model") or "",
            grade=_grade(connection, history, seen.items, erasures) if recomputes else _recorded(history),
            regrade_href="" if recomputes else f"/operator/lots/{lot.partition(':')[2]}?recompute=yes",
            articles_href=f"/console/lots/{lot.partition(':')[2]}/articles" if seen.items else "",
            lineage=_family(connection, lot),
            steps=steps_of(history, people, erasures),
            completeness=completeness_of(history),
            markets=seen.markets if seen.state.is_leaf else (),
            codes=tuple(
                CodeLine(
                    level=link.level,
                    code=printed(link.code),
                    page_href=f"/q/{link.code}",
                    symbol_href=f"/operator/codes/{link.code}.svg",
                )
                for link in codes
            ),
            codes_total=goods.codes_in(connection, lot),
            labels_href=f"/operator/labels?lot={lot.partition(':')[2]}" if codes else "",
            bundle_href=history_href(lot),
            pack_href=pack_href(lot),
            erased=tuple(one.note for one in erasures),
            recalls=_recalls(connection, lot),
            bench=bench_view(installation, connection, identity, lot, history.state) if identity else None,
            files=files.lines(connection, lot),
            files_form=files_form or Form(),
            files_action=f"/operator/lots/{lot.partition(':')[2]}/files",
        )


def _recalls(connection: Connection, lot: str) -> tuple[RecallNote, ...]:
    return tuple(
        RecallNote(
            lot=Link(text=short(name), href=f"/operator/lots/{name.partition(':')[2]}"),
            own=name == lot,
            reason=recall.reason,
            index=recall.index,
        )
        for name, recall in standing_recalls(connection, lot)
    )


def see(
    installation: Installation,
    connection: Connection,
    lot: str,
    state: LotState,
    history: History | None = None,
) -> Seen:
    """Verify a lot and ask the gate about every market."""
    try:
        with checking(lot):
            history = history or installation.verifier().history(connection, lot)
    except LedgerError:
        history = None
    verdict = Verdict(verified=False, distrusted=False) if history is None else verdict_of(history)
    judged = judge_lot(installation, connection, lot, verdict)
    offers = {listing.market: listing for listing in trade.listings(connection, lot=lot)}
    markets = [
        _market(installation, judged, market.code, offers.get(market.code))
        for market in load.markets().markets
    ]
    orders = trade.orders(connection, lot=lot)
    sold = sum(order.quantity for order in orders if order.state != "cancelled")
    items = judged.items if judged else tuple(goods.of_lot(connection, lot))
    level = judged.level if judged else "none"
    return Seen(lot, state, items, tuple(markets), sold, level)


def _market(
    installation: Installation, judged: Judged | None, code: str, listing: Listing | None
) -> MarketState:
    """What the gate says of a market: of the offer that stands there, else of what would be proposed."""
    market = load.markets().market(code, listing.channel if listing else None)
    assert market is not None  # the policy's own
    asked = asked_by(listing) if listing else PROPOSED
    reasons = judged.reasons(market, today(installation), asked) if judged else []
    shown = tuple(reason_of(reason) for reason in reasons)
    if listing is None or reasons:
        return MarketState(market=code, reasons=shown)
    return MarketState(
        market=code,
        reasons=(),
        listed=True,
        price=unit_price(listing.unit_price_minor, listing.currency),
        basis=listing.basis,
        channel=listing.channel,
        reference=reference_price(listing),
        override_reason=listing.override_reason,
    )


def _leaf_lots(connection: Connection) -> list[tuple[str, LotState]]:
    lots = log.subjects_of_kind(connection, "lot")
    return [(name, subject.state) for name, subject in lots if subject.state.is_leaf]


def _matches(name: str, state: LotState, query: str) -> bool:
    """Every word is the beginning of the id, or one of the brand, category, condition or grade."""
    facts = {(state.brand or "").casefold(), state.category, state.condition or MIXED}
    facts |= {state.category.replace("_", " "), (state.grade or "ungraded").casefold()}
    return all(word in facts or name.startswith((word, f"lot:{word}")) for word in query.casefold().split())


def _line(seen: Seen) -> LotLine:
    state = seen.state
    return LotLine(
        href=f"/operator/lots/{seen.lot.partition(':')[2]}",
        lot_short=short(seen.lot),
        category=state.category,
        brand=state.brand or "",
        condition=state.condition or common(seen.items, "condition") or MIXED,
        grade=state.grade or "ungraded",
        quantity=state.quantity,
        sold=seen.sold,
        markets=tuple(market.market for market in seen.markets if market.listed),
        inspection=seen.level,
    )


def _refusal_row(seen: Seen) -> RefusalRow:
    line = _line(seen)
    return RefusalRow(
        lot=Link(text=line.lot_short, href=line.href),
        category=line.category,
        brand=line.brand,
        condition=line.condition,
        grade=line.grade,
        quantity=line.quantity,
        cells=seen.markets,
    )


def reason_of(refusal: Refusal) -> Reason:
    """An id is shortened; a slug is said in words; a ban names its law, and when that was looked up."""
    kind, _, rest = refusal.detail.partition(":")
    detail = rest[:6] if kind == "authorization" and rest else refusal.detail
    ban = load.markets().ban(detail) if refusal.slug == "import-ban" else None
    return Reason(
        slug=refusal.slug,
        detail=detail,
        table=DETAIL_TABLES.get(refusal.slug, "") if detail else "",
        source=ban.source if ban else "",
        checked_on=ban.checked_on if ban else None,
    )


def _grade(
    connection: Connection, history: History, items: Sequence[Item], erasures: Sequence[Erasure]
) -> Grade | None:
    """Recomputed from the signed rows; as recorded where some are erased, none where they are lost."""
    book = RowBook(connection, history, erasures)
    try:
        return grade_of(measured_of([book.trace(item) for item in items]), distrusted_events(history))
    except Erased:
        return recorded_grade(history)
    except LedgerError:
        return None


def _recorded(history: History) -> Grade | None:
    """As recorded, because there are many of them: nothing of it is lost."""
    found = recorded_grade(history)
    return None if found is None else replace(found, recomputed=True)


def _family(connection: Connection, lot: str) -> LineageNode:
    """The whole tree from the eldest ancestor down, with this lot marked."""
    eldest = family.line_of(connection, lot)[0][0]
    return _node(connection, eldest, lot)


def _node(connection: Connection, name: str, current: str) -> LineageNode:
    state = _state(connection, name)
    children = tuple(_node(connection, child, current) for child in state.children)
    return LineageNode(
        lot_short=short(name),
        href=f"/operator/lots/{name.partition(':')[2]}",
        label=state.category,
        grade=(state.grade or "") if state.is_leaf else "",
        quantity=state.quantity if state.is_leaf else state.declared,
        current=name == current,
        overage=state.overage,
        children=children,
    )


def _state(connection: Connection, name: str) -> LotState:
    subject = log.subject(connection, name)
    assert subject is not None, name
    state: LotState = subject.state
    return state


def _next(path: str, last: str, **kept: str) -> str:
    values = {name: value for name, value in kept.items() if value}
    return f"{path}?{urlencode({**values, 'after': last.partition(':')[2]})}"
