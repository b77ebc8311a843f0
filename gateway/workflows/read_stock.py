"""A supplier's stock as a sheet -> items and quantities, by the headers that suppliers write."""

from typing import Final

from gateway.consignments.cells import number
from gateway.consignments.propose import Proposed, propose
from gateway.consignments.text import clean, fold, header_key
from gateway.files.errors import FileRefused
from gateway.files.intake import sheet_in
from gateway.sheets import Sheet, SheetError, read_sheet
from gateway.trade.stock_feed import Item
from gateway.workflows.stock_feed import ITEM_CHARS_MAX, ITEMS_MAX, QUANTITY_MAX

ITEM_FIELDS: Final = ("style_number", "serial", "imei", "gtin")  # the first that is there
LOTS: Final = frozenset({"lot", "lotid", "lot_id", "item"})  # as a column of lot ids may be called
QUANTITIES: Final = frozenset({"quantity", "qty", "stock", "onhand"})


def items_of(data: bytes) -> list[Item]:
    """Raises FileRefused when no two columns are an item and its quantity, or there are too many rows."""
    try:
        sheet = read_sheet(sheet_in(data))
        proposal = propose(sheet)
    except SheetError as error:
        raise FileRefused(error.code, str(error)) from error
    named = {one.field: one for one in proposal.columns if one.field}
    item = _called(proposal.columns, LOTS) or next((named[f] for f in ITEM_FIELDS if f in named), None)
    quantity = named.get("quantity") or _called(proposal.columns, QUANTITIES)
    if item is None or quantity is None:
        raise FileRefused(
            "stock-feed-unreadable", "a column for the item and one for the quantity are needed"
        )
    items = list(_items(sheet, proposal.header_row, item.index, quantity))
    if len(items) > ITEMS_MAX:
        raise FileRefused("stock-feed-unreadable", f"more than {ITEMS_MAX} rows")
    return items


def _called(columns: tuple[Proposed, ...], names: frozenset[str]) -> Proposed | None:
    return next((one for one in columns if header_key(one.header) in names), None)


def _items(sheet: Sheet, header_row: int, item: int, quantity: Proposed) -> list[Item]:
    found = []
    for row in sheet.rows:
        name = clean(row.cells[item])[:ITEM_CHARS_MAX] if item < len(row.cells) else ""
        if row.number <= header_row or not name:
            continue
        text = row.cells[quantity.index] if quantity.index < len(row.cells) else ""
        value = number(fold(text), decimals=quantity.shape.decimals)
        is_count = value is not None and value == int(value) and 0 <= value <= QUANTITY_MAX
        found.append(Item(name, int(value) if is_count and value is not None else None))
    return found
