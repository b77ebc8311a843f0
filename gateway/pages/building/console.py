"""Queues, the next step of a lot, and what the bench's figures are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

from sqlalchemy import Connection

from gateway.console.placing import AGEING_MONTHS, QUEUES, age_months
from gateway.pages.building.reading import short
from gateway.pages.views import Link, Reason
from gateway.pages.views.console import (
    ActionLine,
    Bar,
    ConsoleView,
    FiguresView,
    GradeMix,
    QueueLine,
    QueueTile,
    QueueView,
    ShiftLine,
    StepLine,
)
from gateway.pages.views.forms import Form
from gateway.permissions import may
from gateway.policies import load
from gateway.statements.lots import named
from gateway.store import statements
from gateway.trade.eligibility import Reason as Refusal
from gateway.wiring import Installation
from gateway.workflows.find_lot import Found
from gateway.workflows.gate import Verdict, judge_lot, rests_on_distrusted, today
from gateway.workflows.lot_places import OpenWork, Placed, Places, places
from gateway.workflows.throughput import throughput
from ledger.core.envelope import parse_at
from ledger.core.leaf import Leaf
from ledger.store import log

LINES_PER_PAGE: Final = 25
NEXT_SHOWN: Final = 5
SHIFTS_SHOWN: Final = 31
URGENT: Final = frozenset({"recalled", "waiting"})
# Queues whose lots may be done together, and how.
TOGETHER: Final[Mapping[str, tuple[str, ...]]] = {
    "receive": ("receive",),
    "assign": ("assign-inspection", "assign-refurbishment", "move"),
    "split": ("split-found",),
    "label": ("issue-codes",),
    "offer": ("issue-codes", "move"),
    "blocked": ("assign-inspection", "assign-refurbishment", "classify", "dispose"),
    "overage": ("dispose", "move"),
    "ageing": ("dispose", "move"),
}
# The order of what somebody who only wants to go on is shown.
_DUE: Final = ("receive", "split", "label", "assign")
AGES: Final = ((6, "half-year"), (12, "year"), (24, "two-years"), (36, "three-years"))


def console_view(
    installation: Installation,
    connection: Connection,
    *,
    form: Form | None = None,
    found: Sequence[Found] = (),
) -> ConsoleView:
    known = places(installation, connection)
    due = [one for queue in _DUE for one in known.queue(queue, (-1, ""), NEXT_SHOWN)][:NEXT_SHOWN]
    return ConsoleView(
        queues=_tiles(known),
        next=_lines(installation, connection, due),
        total=sum(known.counts()[queue] for queue in _DUE),
        form=form or Form(),
        found=tuple(Link(text=f"{short(one.lot)} · {one.text}", href=lot_href(one.lot)) for one in found),
    )


def queue_view(
    installation: Installation, connection: Connection, queue: str, after: tuple[int, str]
) -> QueueView:
    """queue: one of QUEUES. after: position of the last lot on the page before."""
    known = places(installation, connection)
    found = known.queue(queue, after, LINES_PER_PAGE + 1)
    shown = found[:LINES_PER_PAGE]
    more = f"{shown[-1].index}.{shown[-1].lot.partition(':')[2]}" if len(found) > len(shown) else ""
    return QueueView(
        slug=queue,
        tiles=_tiles(known),
        lines=_lines(installation, connection, shown, full=queue in ("offer", "blocked")),
        total=known.counts()[queue],
        together=tuple(
            ActionLine(slug=slug, href="/console/codes" if slug == "issue-codes" else f"/do/{slug}")
            for slug in TOGETHER.get(queue, ())
        ),
        next_href=f"/console/queues/{queue}?{urlencode({'after': more})}" if more else "",
        shows_age=queue in ("overage", "ageing"),
    )


def figures_view(installation: Installation, connection: Connection) -> FiguresView:
    known, day = places(installation, connection), today(installation)
    here = [one for one in known.all() if one.stage not in ("receive", "sold")]
    months = {one.lot: age_months(one.produced_from, day) for one in here}
    ages: Counter[str] = Counter()
    for one in here:
        ages[_age(months[one.lot])] += one.quantity
    exits = Counter({"here": sum(one.quantity for one in known.all()) - known.ended.get("sold", 0)})
    exits.update(known.ended)
    return FiguresView(
        shifts=_shifts(installation, connection),
        ages=bars([(slug, ages[slug]) for slug in (*(slug for _, slug in AGES), "older")]),
        ageing=sum(one.quantity for one in here if months[one.lot] >= AGEING_MONTHS),
        grades=_grades(here),
        exits=bars(sorted(exits.items(), key=lambda pair: -pair[1])),
    )


def bars(counts: Iterable[tuple[str, int]]) -> tuple[Bar, ...]:
    """Each as a share of the largest; what is nothing is left out."""
    some = [(text, value) for text, value in counts if value > 0]
    most = max((value for _, value in some), default=1)
    return tuple(Bar(text=text, value=value, share=round(100 * value / most, 1)) for text, value in some)


def step_line(connection: Connection, placed: Placed) -> StepLine:
    """The next step with its address, and who else has to act."""
    detail = ""
    href = action_href(placed.step, placed.lot) if placed.step else ""
    if placed.why in ("inspect", "repair"):
        kind = "inspection" if placed.why == "inspect" else "refurbishment"
        work = next(one for one in placed.works if one.kind == kind)
        href, detail = "", _name(connection, work)
        if may("operator", "GET /measure/{work}"):
            href = f"/measure/{quote(work.id.partition(':')[2])}"
    elif placed.why == "waits-for-signature":
        waiting = statements.of_subject(connection, placed.lot)
        if waiting:
            owed = {one.party for one in waiting[0].waits_for}
            href = f"/statements/{waiting[0].id}"
            detail = ", ".join(named(connection, owed).values())
    return StepLine(slug=placed.step, why=placed.why, href=href, detail=detail)


def action_href(slug: str, lot: str) -> str:
    """Where an action on a lot begins."""
    place = "/console/codes" if slug == "issue-codes" else f"/do/{slug}"
    return f"{place}?{urlencode({'on': lot})}"


def lot_href(lot: str) -> str:
    return f"/operator/lots/{lot.partition(':')[2]}"


def _name(connection: Connection, work: OpenWork) -> str:
    return named(connection, {work.party})[work.party]


def _tiles(known: Places) -> tuple[QueueTile, ...]:
    counts = known.counts()
    return tuple(
        QueueTile(
            slug=queue,
            href=f"/console/queues/{queue}",
            count=counts[queue],
            urgent=queue in URGENT and counts[queue] > 0,
        )
        for queue in QUEUES
    )


def _lines(
    installation: Installation, connection: Connection, placed: Sequence[Placed], *, full: bool = False
) -> tuple[QueueLine, ...]:
    """full: ask the gate about the goods of these lots, too."""
    return tuple(_line(installation, connection, one, full=full) for one in placed)


def _line(installation: Installation, connection: Connection, placed: Placed, *, full: bool) -> QueueLine:
    reasons = _reasons(installation, connection, placed.lot) if full else placed.reasons
    return QueueLine(
        lot=placed.lot,
        link=Link(text=short(placed.lot), href=lot_href(placed.lot)),
        category=placed.category,
        brand=placed.brand,
        condition=placed.condition or "mixed",
        grade=placed.grade,
        quantity=placed.quantity,
        site=placed.site,
        since=_recorded_at(connection, placed.index),
        step=step_line(connection, placed),
        reasons=tuple(Reason(slug=slug) for slug in dict.fromkeys(one.slug for one in reasons)),
        months=age_months(placed.produced_from, today(installation)),
    )


def _reasons(installation: Installation, connection: Connection, lot: str) -> Sequence[Refusal]:
    """Everything that the gate says of it in the market that asks least, its goods' own facts included."""
    verdict = Verdict(verified=True, distrusted=rests_on_distrusted(connection, lot))
    judged = judge_lot(installation, connection, lot, verdict)
    if judged is None:
        return ()
    day = today(installation)
    found = [judged.reasons(market, day) for market in load.markets().markets]
    return min(found, key=len, default=[])


def _recorded_at(connection: Connection, index: int) -> datetime | None:
    data = log.leaf(connection, index)
    return None if data is None else parse_at(Leaf.parse(data).recorded_at)


def _shifts(installation: Installation, connection: Connection) -> tuple[ShiftLine, ...]:
    done = list(throughput(installation.database, connection).items())[-SHIFTS_SHOWN:]
    most = max((one.units for _, one in done), default=1)
    return tuple(
        ShiftLine(
            day=shift.day,
            site=shift.site,
            what=shift.what,
            units=one.units,
            share=round(100 * one.units / max(most, 1), 1),
            workers=one.workers,
            per_worker=one.per_worker,
        )
        for shift, one in reversed(done)
    )


def _grades(here: Sequence[Placed]) -> tuple[GradeMix, ...]:
    counts: dict[str, Counter[str]] = {}
    for one in here:
        counts.setdefault(one.category, Counter())[one.grade or "ungraded"] += one.quantity
    return tuple(
        GradeMix(
            category=category,
            bars=bars((grade, found[grade]) for grade in ("A", "B", "C", "X", "ungraded")),
            total=found.total(),
        )
        for category, found in sorted(counts.items())
    )


def _age(months: int) -> str:
    return next((slug for below, slug in AGES if months < below), "older")
