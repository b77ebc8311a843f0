"""Make price lists, and put prices into them: each held against the bands before it stands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from sqlalchemy import Connection

from gateway.errors import NotFound, Refused
from gateway.files.errors import FileRefused
from gateway.files.intake import sheet_in
from gateway.i18n import EXPONENTS
from gateway.people.tokens import new_id
from gateway.policies import load
from gateway.sheets import SheetError, SheetRow, read_sheet
from gateway.store import price_lists, trade
from gateway.store.price_lists import Price, StoredList
from gateway.store.trade import Listing
from gateway.trade.price_lists import HolderKind, PriceList, Step, dearer_for_more
from gateway.trade.pricing import REFERENCE_KINDS, Asked, ReferenceKind
from gateway.trade.quantities import half_up
from gateway.wiring import Installation
from gateway.workflows.agreed_prices import judge_price
from gateway.workflows.gate import Judged, Verdict, judge_lot
from gateway.workflows.references import kept
from ledger.record import Ledger

TIER_MAX: Final = 9
PRIORITY_MAX: Final = 1000
PRICE_MAX: Final = 10**14  # minor units
SHEET_ROWS_MAX: Final = 5000
PIECES_DIGITS: Final = 10
HEADERS: Final[Mapping[str, frozenset[str]]] = {
    "listing": frozenset({"listing", "offer", "报价编号", "mã chào hàng"}),
    "min_qty": frozenset({"min_qty", "from", "pieces", "起订件数", "từ số lượng"}),
    "price": frozenset({"price", "unit_price", "单价", "đơn giá"}),
    "against": frozenset({"reference", "against", "参考价类型", "loại giá tham khảo"}),
    "reason": frozenset({"reason", "理由", "lý do"}),
}
_PRICED: Final = Verdict(verified=True, distrusted=False)  # a price is judged here, not a history


@dataclass(frozen=True, slots=True)
class ListWanted:
    """As of ``trade.price_lists.PriceList``, without what we give it. name: for the staff."""

    name: str
    holder_kind: HolderKind
    holder: str
    market: str
    currency: str
    valid_from: date
    valid_to: date | None
    priority: int


@dataclass(frozen=True, slots=True)
class PriceWanted:
    """One step. unit_price_minor: of one unit of the offer's pack. against: as of ``Asked``.

    override_reason: why it may lie outside its band, "" for none.
    """

    listing: str
    min_qty: int
    unit_price_minor: int
    against: ReferenceKind | None = None
    override_reason: str = ""


@dataclass(frozen=True, slots=True)
class RejectedPrice:
    """A row of a sheet that was not taken. row: as a spreadsheet shows it. slug: of ``form_errors``."""

    row: int
    cells: tuple[str, ...]
    slug: str


@dataclass(frozen=True, slots=True)
class SheetResult:
    taken: int
    rejected: tuple[RejectedPrice, ...]


def make(installation: Installation, wanted: ListWanted, by: str) -> StoredList:
    """Raises Refused: holder-unknown, other-currency, dates-reversed."""
    return installation.writer.do(making(installation, wanted, by))


def making(installation: Installation, wanted: ListWanted, by: str) -> Callable[[Ledger], StoredList]:
    """The unit behind ``make``."""
    now = installation.clock.now()
    stored = StoredList(
        PriceList(
            new_id("prl"), wanted.holder_kind, wanted.holder, wanted.market, wanted.currency,
            wanted.valid_from, wanted.valid_to, wanted.priority,
        ),
        wanted.name, by, now, None,
    )  # fmt: skip

    def unit(ledger: Ledger) -> StoredList:
        _check_list(ledger.connection, wanted)
        price_lists.add(ledger.connection, stored)
        return stored

    return unit


def _check_list(connection: Connection, wanted: ListWanted) -> None:
    markets = {market.code: market for market in load.markets().markets}
    holders = {
        "company": trade.company(connection, wanted.holder) is not None,
        "tier": wanted.holder in {str(tier) for tier in range(1, TIER_MAX + 1)},
        "market": wanted.holder in markets and wanted.market in ("", wanted.holder),
    }
    if not holders[wanted.holder_kind] or wanted.market not in ("", *markets):
        raise Refused("holder-unknown", "nobody has such an agreement")
    where = wanted.holder if wanted.holder_kind == "market" else wanted.market
    sold_in = {market.currency for code, market in markets.items() if where in ("", code)}
    if wanted.currency not in sold_in:
        raise Refused("other-currency", "nothing is offered there in this currency")
    if wanted.valid_to is not None and wanted.valid_to < wanted.valid_from:
        raise Refused("dates-reversed", "the list ends before it begins")


def close(installation: Installation, list_: str) -> None:
    """None of its prices stands any more. Raises NotFound, Refused (price-list-closed)."""

    def unit(ledger: Ledger) -> None:
        _open_list(ledger.connection, list_)
        price_lists.close(ledger.connection, list_, installation.clock.now())

    installation.writer.do(unit)


def enter(installation: Installation, list_: str, wanted: PriceWanted, by: str) -> Price:
    """Put a step into a list, in the place of one of as many pieces.

    Raises NotFound (list), Refused: price-list-closed, listing-not-priced (no standing offer that the
    list could be for), dearer-for-more, and as ``judge_price``.
    """
    return installation.writer.do(lambda ledger: _entered(installation, ledger.connection, list_, wanted, by))


def _entered(
    installation: Installation, connection: Connection, list_: str, wanted: PriceWanted, by: str
) -> Price:
    agreement = _open_list(connection, list_).list
    listing = trade.listing(connection, wanted.listing)
    if listing is None or not _fits(agreement, listing):
        raise Refused("listing-not-priced", "no standing offer of this list's market and currency")
    judged = judge_lot(installation, connection, listing.lot, _PRICED)
    market = load.markets().market(listing.market, listing.channel)
    if judged is None or market is None:
        raise Refused("listing-not-priced", "the goods of the offer are not known")
    standing = [one.step for one in price_lists.prices(connection, list_, listing.id)]
    others = [step for step in standing if step.min_qty != wanted.min_qty]
    new = Step(wanted.min_qty, wanted.unit_price_minor)
    if (pair := dearer_for_more([*others, new])) is not None:
        raise Refused(
            "dearer-for-more",
            f"{pair[1].min_qty} pieces would cost more a unit than {pair[0].min_qty}",
            fewer=pair[0].min_qty,
            more=pair[1].min_qty,
        )
    price = _judged_price(installation, judged, listing, wanted, list_, by)
    price_lists.put(connection, price)
    return price


def _judged_price(
    installation: Installation, judged: Judged, listing: Listing, wanted: PriceWanted, list_: str, by: str
) -> Price:
    market = load.markets().market(listing.market, listing.channel)
    assert market is not None  # looked up before
    asked = Asked(listing.pack, wanted.unit_price_minor, bool(wanted.override_reason), wanted.against)
    quote = judge_price(judged, market, asked)
    return Price(
        id=new_id("prc"),
        list=list_,
        listing=listing.id,
        min_qty=wanted.min_qty,
        unit_price_minor=wanted.unit_price_minor,
        reference=kept(quote.reference),
        percent=half_up(Fraction(quote.ratio) * 100),
        price_policy=load.versions()["prices"],
        override_reason="" if quote.in_band else wanted.override_reason,
        entered_by=by,
        entered_at=installation.clock.now(),
    )


def remove(installation: Installation, list_: str, price: str, by: str) -> None:
    """Take a step out: what is left still falls. Raises NotFound, Refused (price-list-closed)."""

    def unit(ledger: Ledger) -> None:
        _open_list(ledger.connection, list_)
        if not price_lists.remove(ledger.connection, list_, price, by, installation.clock.now()):
            raise NotFound(price)

    installation.writer.do(unit)


def read(installation: Installation, list_: str, data: bytes, by: str) -> SheetResult:
    """Put every row of a sheet into a list that can stand there; the others are told with their reason.

    Columns: listing, min_qty, price in the list's currency with a point before the decimals, and if need
    be reference (its kind) and reason. Raises NotFound, Refused (price-list-closed), FileRefused.
    """
    try:
        sheet = read_sheet(sheet_in(data))
    except SheetError as error:
        raise FileRefused(error.code, str(error)) from error
    columns = _columns(sheet.rows[0] if sheet.rows else SheetRow(1, ()))
    rows = [row for row in sheet.rows[1:] if any(cell.strip() for cell in row.cells)]
    if len(rows) > SHEET_ROWS_MAX:
        raise FileRefused("sheet-too-large", f"more than {SHEET_ROWS_MAX} rows")

    def unit(ledger: Ledger) -> SheetResult:
        currency = _open_list(ledger.connection, list_).list.currency
        taken, rejected = 0, []
        for row in rows:
            try:
                wanted = _wanted(row, columns, currency)
                _entered(installation, ledger.connection, list_, wanted, by)
                taken += 1
            except Refused as error:
                rejected.append(RejectedPrice(row.number, row.cells[:8], error.code))
        return SheetResult(taken, tuple(rejected))

    return installation.writer.do(unit)


def minor_units(text: str, currency: str) -> int | None:
    """An amount as people write it, with a point before the decimals; None where it is none, or too fine."""
    cleaned = text.strip().replace(" ", "")
    if not cleaned.replace(".", "", 1).isascii() or not cleaned.replace(".", "", 1).isdigit():
        return None
    amount = Decimal(cleaned).scaleb(EXPONENTS.get(currency, 2))
    return int(amount) if amount == int(amount) and 0 < amount <= PRICE_MAX else None


def _columns(head: SheetRow) -> dict[str, int]:
    """Raises FileRefused when one that is needed is not there."""
    named = [cell.strip().lower().removeprefix("\ufeff") for cell in head.cells]
    found = {
        field: named.index(next(name for name in named if name in names))
        for field, names in HEADERS.items()
        if any(name in names for name in named)
    }
    if not {"listing", "min_qty", "price"} <= set(found):
        raise FileRefused("price-sheet-unreadable", "columns listing, min_qty and price are needed")
    return found


def _wanted(row: SheetRow, columns: Mapping[str, int], currency: str) -> PriceWanted:
    """Raises Refused with the slug of what cannot be read."""

    def cell(field: str) -> str:
        index = columns.get(field, len(row.cells))
        return row.cells[index].strip() if index < len(row.cells) else ""

    pieces, price = cell("min_qty"), minor_units(cell("price"), currency)
    is_number = pieces.isascii() and pieces.isdigit() and len(pieces) <= PIECES_DIGITS
    if not (is_number and 0 < int(pieces) <= 10**9):
        raise Refused("count-unreadable", "not a number of pieces")
    if price is None:
        raise Refused("amount-unreadable", "not an amount of money")
    against = next((kind for kind in REFERENCE_KINDS if kind == cell("against")), None)
    if cell("against") and against is None:
        raise Refused("choice-unknown", "no such kind of reference")
    return PriceWanted(cell("listing")[:40], int(pieces), price, against, cell("reason")[:500])


def _open_list(connection: Connection, list_: str) -> StoredList:
    found = price_lists.find(connection, list_)
    if found is None:
        raise NotFound(list_)
    if found.closed_at is not None:
        raise Refused("price-list-closed", "the price list is closed")
    return found


def _fits(agreement: PriceList, listing: Listing) -> bool:
    where = agreement.holder if agreement.holder_kind == "market" else agreement.market
    is_there = where in ("", listing.market)
    return listing.status == "published" and listing.currency == agreement.currency and is_there


def offers_for(connection: Connection, agreement: PriceList) -> Iterator[Listing]:
    """The standing offers that a list may have prices for."""
    return (listing for listing in trade.listings(connection) if _fits(agreement, listing))
