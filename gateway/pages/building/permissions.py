"""The brand's permission as its grantors and grantees see it: trees, states, fees, goods by market."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.pages.building.reading import short
from gateway.pages.views.party import (
    BrandGoodsView,
    Door,
    FeeLine,
    GoodsLine,
    GrantLine,
    GrantState,
    MarketLine,
    PermissionsView,
    StockLine,
)
from gateway.pages.views.values import Link as Anchor
from gateway.pages.views.values import Money
from gateway.store import own_subjects, party_names, trade
from gateway.workflows import accrue_fees
from gateway.workflows.links import link_of
from ledger.errors import MissingEvidence
from ledger.lots.permission import Link
from ledger.lots.state import AuthorizationState, LotState, PartyState
from ledger.store import log

SOON_DAYS: Final = 30
TREES_MAX: Final = 200
TONES: Final[Mapping[GrantState, str]] = {
    "valid": "good",
    "expires-soon": "warn",
    "not-begun": "warn",
    "exhausted": "warn",
    "expired": "bad",
    "revoked": "bad",
    "distrusted": "bad",
    "above-broken": "bad",
    "unreadable": "bad",
}
HOLDS: Final = ("valid", "expires-soon")


@dataclass(frozen=True, slots=True)
class Book:
    """Every grant there is, looked at once a page. names: of parties."""

    connection: Connection
    grants: Mapping[str, AuthorizationState]
    links: dict[str, Link]
    names: dict[str, str]
    language: str
    today: date

    @classmethod
    def of(cls, connection: Connection, language: str, today: date) -> "Book":
        return cls(connection, own_subjects.grants(connection), {}, {}, language, today)

    def link(self, name: str) -> Link:
        if name not in self.links:
            self.links[name] = link_of(self.connection, name)
        return self.links[name]

    def name(self, party: str | None) -> str:
        if not party:
            return ""
        if party not in self.names:
            known = party_names.name_of(self.connection, party, self.language)
            self.names[party] = known or short(party)
        return self.names[party]

    def below(self, name: str) -> list[str]:
        return [one for one, state in self.grants.items() if state.parent == name]

    def line(self, name: str, *, with_below: bool = True) -> GrantLine:
        link, state = self.link(name), self.grants[name]
        how = self.state(name)
        until = date.fromisoformat(state.valid_until)
        return GrantLine(
            href=f"/party/permissions/{name.partition(':')[2]}",
            text=short(name),
            grantee=self.name(link.grantee),
            grantor=self.name(state.grantor),
            brands=tuple(state.brands),
            categories=tuple(state.categories),
            valid_until=until,
            state=how,
            tone=TONES[how],
            days=(until - self.today).days,
            narrowed=bool(state.narrowed),
            sold=link.sold if link.ceiling is not None else None,
            ceiling=link.ceiling,
            below=tuple(self.line(one) for one in self.below(name)) if with_below else (),
        )

    def state(self, name: str) -> GrantState:
        """The first thing that is wrong with the link itself, else with one above it."""
        state, link = self.grants[name], self.link(name)
        day = self.today.isoformat()
        own: list[tuple[bool, GrantState]] = [
            (state.revoked, "revoked"),
            (link.distrusted, "distrusted"),
            (not link.readable, "unreadable"),
            (day > state.valid_until, "expired"),
            (state.parent is not None and self._is_broken(state.parent), "above-broken"),
            (day < state.valid_from, "not-begun"),
            (link.left == 0, "exhausted"),
            ((date.fromisoformat(state.valid_until) - self.today).days <= SOON_DAYS, "expires-soon"),
        ]
        return next((slug for applies, slug in own if applies), "valid")

    def _is_broken(self, name: str) -> bool:
        return name not in self.grants or self.state(name) not in HOLDS


def permissions_view(book: Book, party: str, *, doors: Sequence[Door] = ()) -> PermissionsView:
    """The chains that the party granted, and the links that it was granted itself."""
    given = [name for name, state in book.grants.items() if state.grantor == party]
    received = [name for name in book.grants if book.link(name).grantee == party]
    under_received = {one for name in received for one in book.below(name)}
    fees, fees_open = _fees(book, party)
    return PermissionsView(
        given=tuple(book.line(name) for name in given if name not in under_received)[:TREES_MAX],
        received=tuple(book.line(name) for name in received)[:TREES_MAX],
        fees=fees,
        fees_open=fees_open,
        doors=tuple(doors),
    )


def _fees(book: Book, party: str) -> tuple[tuple[FeeLine, ...], bool]:
    """What is payable to the party, by link and currency; False where something is not open any more."""
    totals: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    try:
        for one in accrue_fees.fees(book.connection):
            if one.payee == party:
                total = totals[one.authorization, one.currency]
                total[0] += 1
                total[1] += one.base_minor
                total[2] += one.amount_minor
    except MissingEvidence:
        return (), False
    lines = (
        FeeLine(
            permission=Anchor(text=short(name), href=f"/party/permissions/{name.partition(':')[2]}"),
            sales=sales,
            base=Money(amount_minor=base, currency=currency),
            fee=Money(amount_minor=fee, currency=currency),
        )
        for (name, currency), (sales, base, fee) in totals.items()
    )
    return tuple(lines), True


def own_brands(connection: Connection, party: str) -> list[str]:
    """Raises NotFound for a party that speaks for no brand."""
    subject = log.subject(connection, party)
    state = subject.state if subject else None
    if not isinstance(state, PartyState) or state.kind != "brand":
        raise NotFound(party)
    return list(state.brands)


def brand_goods_view(
    connection: Connection, party: str, lines: Sequence[GoodsLine], next_href: str
) -> BrandGoodsView:
    """lines: one page of the brand's lots."""
    brands = own_brands(connection, party)
    lots = dict(own_subjects.lots_of_brands(connection, brands))
    return BrandGoodsView(
        brands=tuple(brands),
        markets=tuple(_markets(connection, lots)),
        stock=tuple(_stock(lots.values())),
        lots=tuple(lines),
        next_href=next_href,
    )


def _markets(connection: Connection, lots: Mapping[str, LotState]) -> Iterator[MarketLine]:
    """Pieces on offer now and sold until now, by market and channel; most sold first."""
    rows: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for offer in trade.listings(connection):
        lot = lots.get(offer.lot)
        if lot is not None:
            row = rows[offer.market, offer.channel]
            row[0] += 1
            row[1] += max(0, lot.quantity - (lot.sold or 0))
    for (lot_name, market, channel), units in own_subjects.sold_by_market(connection).items():
        if lot_name in lots:
            rows[market, channel][2] += units
    largest = max((offered + sold for _, offered, sold in rows.values()), default=0)
    for (market, channel), (count, offered, sold) in sorted(rows.items(), key=lambda row: -row[1][2]):
        share = 100 * (offered + sold) // largest if largest else 0
        yield MarketLine(market=market, channel=channel, lots=count, offered=offered, sold=sold, share=share)


def _stock(lots: Iterable[LotState]) -> Iterator[StockLine]:
    """Declared = here + sold + gone (missing, lost, destroyed, given away), by category."""
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for lot in lots:
        row = rows[lot.category]
        row[0] += lot.declared if not lot.sources else 0
        row[1] += lot.quantity - (lot.sold or 0)
        row[2] += lot.sold or 0
    for category, (declared, here, sold) in sorted(rows.items()):
        yield StockLine(
            category=category, declared=declared, here=here, sold=sold, gone=max(0, declared - here - sold)
        )
