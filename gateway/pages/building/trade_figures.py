"""The figures of trade as a page and as a sheet."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from gateway.pages.building.console import bars
from gateway.pages.views.offer_desk import FreightShare, TradeFiguresView, Week
from gateway.wiring import Installation
from gateway.workflows.trade_figures import TradeFigures, trade_figures

HREF: Final = "/operator/figures"
GRADES: Final = ("A", "B", "C", "X", "ungraded")


def figures_page(installation: Installation, connection: Connection) -> TradeFiguresView:
    found = trade_figures(installation, connection)
    return TradeFiguresView(
        weeks=tuple(
            Week(
                monday=week.monday,
                offered=week.offered,
                sold=week.sold,
                percent=week.percent,
                share=float(min(100, week.percent or 0)),
            )
            for week in found.weeks
        ),
        ages=bars(found.ages.items()),
        grades=tuple(
            (category, bars((grade, counts.get(grade, 0)) for grade in GRADES), sum(counts.values()))
            for category, counts in sorted(found.grades.items())
        ),
        freight=FreightShare(percent=None, orders=0),
        outside=found.outside,
        sold=found.sold,
        csv_href=f"{HREF}.csv",
    )


def figures_sheet(installation: Installation, connection: Connection) -> bytes:
    """UTF-8 CSV: figure, of what, value. Names are slugs, for programs; weeks begin on the Monday named."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    table.writerow(("figure", "of", "value"))
    table.writerows(_rows(trade_figures(installation, connection)))
    return text.getvalue().encode()


def _rows(found: TradeFigures) -> Iterator[tuple[str, str, str]]:
    for week in found.weeks:
        yield "offered", week.monday.isoformat(), str(week.offered)
        yield "sold", week.monday.isoformat(), str(week.sold)
        if week.percent is not None:
            yield "sell-through-percent", week.monday.isoformat(), str(week.percent)
    for slug, units in found.ages.items():
        yield "units-by-days-since-intake", slug, str(units)
    for category, counts in sorted(found.grades.items()):
        for grade, units in sorted(counts.items()):
            yield "units-by-grade", f"{category} {grade}", str(units)
    yield "units-sold", "", str(found.sold)
    yield "units-outside-allowed-channels", "", str(found.outside)
