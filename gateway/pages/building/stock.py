"""What suppliers say of the goods that lie with them, beside what the ledger knows."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from gateway.pages.building.reading import short
from gateway.pages.views import Form, Link
from gateway.pages.views.forms import form_of
from gateway.pages.views.imports import StockLine, StockOfSupplier, StockTrouble, StockView
from gateway.policies import load
from gateway.store import stock_levels, tables
from gateway.trade.stock_feed import Stated
from gateway.wiring import Installation
from gateway.workflows.stock_feed import direct_lots, left_in, stated_of
from ledger.lots.state import LotState
from ledger.store.tables import table

PARTIES = table(tables.PartyRow)


def own_view(
    installation: Installation, connection: Connection, party: str, form: Form | None = None
) -> StockView:
    now = installation.clock.now()
    lots = direct_lots(connection, party)
    return StockView(
        suppliers=(_supplier(installation, connection, party, "", lots, is_staff=False),),
        hours_max=load.stock().hours_max,
        action="/stock",
        form=form or form_of({"as_of": now.replace(tzinfo=None).isoformat(timespec="minutes")}),
    )


def all_view(installation: Installation, connection: Connection) -> StockView:
    """Every supplier that has goods to send itself, by name."""
    by_supplier: dict[str, dict[str, LotState]] = {}
    for lot, state in direct_lots(connection).items():
        by_supplier.setdefault(state.supplier or "", {})[lot] = state
    names = _names(connection)
    return StockView(
        suppliers=tuple(
            _supplier(
                installation,
                connection,
                party,
                names.get(party, short(party)),
                by_supplier[party],
                is_staff=True,
            )
            for party in sorted(by_supplier, key=lambda party: names.get(party, ""))
        ),
        hours_max=load.stock().hours_max,
        action="",
    )


def _names(connection: Connection) -> Mapping[str, str]:
    return {row.party: row.name_en for row in connection.execute(select(PARTIES.c.party, PARTIES.c.name_en))}


def _supplier(
    installation: Installation,
    connection: Connection,
    party: str,
    name: str,
    lots: Mapping[str, LotState],
    *,
    is_staff: bool,
) -> StockOfSupplier:
    last = stock_levels.last_feed(connection, party)
    troubles = last.report["troubles"] if last else []
    return StockOfSupplier(
        name=name,
        as_of=last.as_of if last else None,
        received_at=last.received_at if last else None,
        lines=tuple(
            _line(connection, lot, lots[lot], stated_of(installation, connection, lot), is_staff=is_staff)
            for lot in sorted(lots)
        ),
        troubles=tuple(StockTrouble(item=one["item"], trouble=one["trouble"]) for one in troubles),
    )


def _line(connection: Connection, lot: str, state: LotState, stated: Stated, *, is_staff: bool) -> StockLine:
    level, ledger = stock_levels.level(connection, lot), left_in(state)
    change = "absent"
    if level is not None:
        change = "same" if level.quantity == ledger else "less" if level.quantity < ledger else "more"
    href = f"/operator/lots/{lot.partition(':')[2]}" if is_staff else ""
    return StockLine(
        lot=Link(text=short(lot), href=href),
        goods=" ".join(part for part in (state.brand, state.model) if part) or state.category,
        in_ledger=ledger,
        stated=None if level is None else level.quantity,
        as_of=None if level is None else level.as_of,
        change=change,
        stale=stated.is_stale,
    )
