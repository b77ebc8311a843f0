"""The figures of trade as a page and as a sheet."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection

from gateway.pages.building.console import bars
from gateway.pages.building.landed import SHARE_TONES, percent_of
from gateway.pages.building.orders import STAFF_ORDERS, bare, order_number
from gateway.pages.views.offer_desk import FreightLine, FreightShare, TradeFiguresView, Week
from gateway.pages.views.values import Measurement, Money
from gateway.policies import load
from gateway.trade.quantities import half_up
from gateway.wiring import Installation
from gateway.workflows.order_freight import OrderFreight, overall
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
        freight=_freight(found.freight),
        outside=found.outside,
        sold=found.sold,
        csv_href=f"{HREF}.csv",
    )


def _freight(found: Sequence[OrderFreight]) -> FreightShare:
    share, known = overall(found), [one for one in found if one.share is not None]
    return FreightShare(
        percent=None if share is None else half_up(share * 100),
        orders=len(known),
        high=sum(one.verdict == "high" for one in known),
        warn=Measurement(value=str(load.freight().warn_percent), unit="P1"),
        lines=tuple(
            FreightLine(
                href=f"{STAFF_ORDERS}/{bare(one.order.id)}",
                number=order_number(one.order),
                price=Money(amount_minor=one.order.total_minor, currency=one.order.currency),
                freight=None
                if one.freight_minor is None
                else Money(amount_minor=one.freight_minor, currency=one.order.currency),
                share=None if one.share is None else percent_of(one.share),
                tone=SHARE_TONES[one.verdict],
            )
            for one in found
        ),
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
    for one in found.freight:
        if one.share is not None:
            yield "freight-share-percent", one.order.id, str(half_up(one.share * 100))
    yield "units-sold", "", str(found.sold)
    yield "units-outside-allowed-channels", "", str(found.outside)
