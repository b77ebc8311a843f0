"""A long page made short: what a page of a code leaves out, and where it stands instead.

The page must stay small for any history. What comes first in ``_order`` stays as long as there is room;
whatever is left out is counted on the page, and stands whole under ``all_href``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from gateway.pages.views import ConsumerView, Step, TimelineView

ROOM: Final = 8_000  # bytes of timeline; the rest of 30 kB is for the style sheet and the other parts
NEWEST, FIRST = 3, 2  # steps that always stand
LINES_MAX: Final = 8  # certificates, keys, reasons, erasures, witnesses: of each that many
PART_MAX: Final = 6  # signers or facts of one step, and what else a line lists
PAGE_MAX: Final = 100  # steps on one page of all
CORRECTION: Final = "correction.recorded"
_GRAVE: Final = ("missing", "changed", "distrusted")


def folded(view: ConsumerView, all_href: str) -> ConsumerView:
    """The view with room for a phone. all_href: where all steps are. The verdict stays that of all."""
    chosen = _chosen(view)
    left_out = len(view.steps) - len(chosen)
    cut_lists = any(
        len(one) > LINES_MAX for one in (view.certificates, view.key_holders, view.reasons, view.erased)
    )
    completeness = view.completeness
    if completeness is not None:
        completeness = replace(completeness, witnesses=completeness.witnesses[:LINES_MAX])
    grade = view.grade
    if grade is not None:
        grade = replace(grade, overrides=grade.overrides[:PART_MAX])
    return replace(
        view,
        steps=tuple(_gapped(view.steps, chosen)),
        reasons=view.reasons[:LINES_MAX],
        erased=view.erased[-LINES_MAX:],
        certificates=view.certificates[-LINES_MAX:],
        key_holders=view.key_holders[:LINES_MAX],
        completeness=completeness,
        grade=grade,
        all_href=all_href if left_out or cut_lists else "",
        all_steps=len(view.steps),
    )


def timeline(view: ConsumerView, page_href: str, after: int) -> TimelineView:
    """Up to a hundred steps from the one after entry ``after`` on. page_href: of the short page."""
    places = [n for n, step in enumerate(view.steps) if step.index > after]
    start = places[0] if places else 0
    shown = view.steps[start : start + PAGE_MAX]
    rest = view.steps[start + PAGE_MAX :]
    before = view.steps[max(start - PAGE_MAX, 0)] if start else None
    return TimelineView(
        article=view.article,
        page_href=page_href,
        steps=shown,
        all_steps=len(view.steps),
        first=start + 1 if shown else 0,
        earlier_href="" if before is None else f"{page_href}?all=yes&after={before.index - 1}",
        later_href=f"{page_href}?all=yes&after={shown[-1].index}" if rest else "",
    )


def _chosen(view: ConsumerView) -> set[int]:
    """Entries of the steps that stay: all where there is room for all."""
    room = ROOM - sum(_bytes(step) for step in view.steps)
    if room >= 0:
        return {step.index for step in view.steps}
    chosen: set[int] = set()
    room = ROOM
    for step in _order(view):
        weight = _bytes(step) + 150  # with the line that says how many are left out before it
        if step.index not in chosen and weight <= room:
            chosen.add(step.index)
            room -= weight
    return chosen


def _order(view: ConsumerView) -> Iterator[Step]:
    """What a reader needs first, first."""
    steps = view.steps
    rests_on = set(view.rests_on) | {one.entry for one in view.reasons if one.entry is not None}
    yield steps[-1]
    yield steps[0]
    yield from [step for step in steps if step.trouble in _GRAVE][:LINES_MAX]
    yield from reversed([step for step in steps if step.index in rests_on])
    yield from reversed(steps[-NEWEST:])
    yield from steps[:FIRST]
    yield from reversed([step for step in steps if step.correction or step.type == CORRECTION])


def _gapped(steps: Sequence[Step], chosen: set[int]) -> Iterator[Step]:
    left_out = 0
    for step in steps:
        if step.index not in chosen:
            left_out += 1
            continue
        yield replace(
            step,
            left_out=left_out,
            signers=step.signers[:PART_MAX],
            facts=step.facts[:PART_MAX],
            erased=step.erased[-1:],
        )
        left_out = 0


def _bytes(step: Step) -> int:
    """About what a step weighs on the page, in the language that takes most."""
    of_operator = sum(one.custody == "operator" for one in step.signers[:PART_MAX])
    return (
        250
        + 110 * min(len(step.signers), PART_MAX)
        + 50 * of_operator
        + 55 * min(len(step.facts), PART_MAX)
        + (130 if step.correction else 0)
        + (150 if step.trouble else 0)
        + (230 if step.erased else 0)
    )
