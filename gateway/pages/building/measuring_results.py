"""The pages of a bench on which a whole work order is seen: sheets, samples, the result."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from sqlalchemy import Connection

from gateway.measuring import sheet as sheets
from gateway.measuring.findings import Article, Tally, tally
from gateway.measuring.questions import OVERRIDES
from gateway.measuring.sheet import Refusal
from gateway.pages.building.measuring import head_of, question_field
from gateway.pages.views import Form
from gateway.pages.views.consumer import GradeOverride
from gateway.pages.views.forms import form_of
from gateway.pages.views.measuring import (
    CellRefusal,
    Drawn,
    PlanNumbers,
    ResultView,
    SampleView,
    SheetView,
)
from gateway.people.identity import Identity
from gateway.policies import load
from gateway.statements import measuring as actions
from gateway.store import drafts
from gateway.store.drafts import Draft
from gateway.workflows.measure import Bench
from gateway.workflows.measure_sheet import asked_of
from ledger.errors import InvalidRecord
from ledger.lots import sampling
from ledger.lots.schemes import Scheme
from ledger.records.inspection import Level, Severity

REFUSALS_SHOWN: Final = 100
RECIPE: Final = (
    "seed = {seed}\n"
    'n(i) = SHA-256("lotproof/sample/v1\\n" || seed || u64be(i))[:8]\n'
    "n(i) mod {lot_size}, i = 0, 1, 2, …"
)
Found = Sequence[tuple[Article, Draft]]


def sheet_view(
    connection: Connection,
    bench: Bench,
    identity: Identity,
    *,
    refusals: Sequence[Refusal] = (),
    reason: str = "",
) -> SheetView:
    """refusals: of the sheet just sent. reason: why it is no sheet at all, a slug."""
    is_sample, is_repair = bench.sample is not None, bench.kind != "inspection"
    return SheetView(
        head=head_of(connection, bench, identity),
        form=form_of({}, {"file": reason} if reason else {}),
        columns=tuple(sheets.columns(asked_of(bench), is_sample=is_sample, is_repair=is_repair)),
        asked=() if is_repair else tuple(question_field(one) for one in asked_of(bench)),
        reasons=() if is_repair else OVERRIDES,
        refusals=tuple(
            CellRefusal(row=one.row, column=one.column, value=one.value, slug=one.slug)
            for one in refusals[:REFUSALS_SHOWN]
        ),
        more=max(0, len(refusals) - REFUSALS_SHOWN),
    )


def sample_view(
    connection: Connection,
    bench: Bench,
    identity: Identity,
    chosen: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> SampleView:
    """chosen: of the form; what is not chosen is as the operator's policy offers it."""
    values = {**load.sample(), **{name: value for name, value in chosen.items() if value}}
    known = actions.tables()
    wrong = dict(errors or {})
    plan = None
    if bench.sample is None:
        plan, trouble = _plan(bench, values)
        wrong |= trouble
    return SampleView(
        head=head_of(connection, bench, identity),
        form=form_of(values, wrong),
        levels=get_args(Level),
        severities=get_args(Severity),
        aqls=known.aqls,
        tables=f"{known.id}/{known.version}",
        plan=plan,
        drawn=_drawn(bench, actions.measured(bench, connection)) if bench.sample else None,
    )


def _plan(bench: Bench, values: Mapping[str, str]) -> tuple[PlanNumbers | None, dict[str, str]]:
    known: Mapping[str, tuple[str, ...]] = {
        "inspection_level": get_args(Level),
        "severity": get_args(Severity),
        "minimum_grade": ("A", "B", "C"),
        "aql": actions.tables().aqls,
    }
    wrong = {name: "not-a-choice" for name, choices in known.items() if values[name] not in choices}
    if wrong:
        return None, wrong
    level: Any = values["inspection_level"]
    severity: Any = values["severity"]
    try:
        found = actions.tables().plan(bench.goods.quantity, level=level, severity=severity, aql=values["aql"])
    except InvalidRecord:
        return None, {"aql": "not-a-choice"}
    numbers = PlanNumbers(
        letter=found.letter, sample_size=found.sample_size, accept=found.accept, reject=found.reject
    )
    return numbers, {}


def _drawn(bench: Bench, found: Found) -> Drawn:
    sample = bench.sample
    assert sample is not None
    bad = _nonconforming(bench.scheme, found, sample.minimum_grade) if bench.scheme else 0
    return Drawn(
        recipe=RECIPE.format(seed=sample.seed, lot_size=sample.lot_size),
        lot_size=sample.lot_size,
        sample_size=sample.sample_size,
        accept=sample.accept,
        reject=sample.reject,
        minimum_grade=sample.minimum_grade,
        level=sample.inspection_level,
        severity=sample.severity,
        aql=sample.aql,
        units=tuple(bench.drawn),
        nonconforming=bad,
        verdict=_verdict(bench, found),
    )


def _nonconforming(scheme: Scheme, found: Found, minimum_grade: str) -> int:
    counts = tally(scheme, (finding for _, draft in found for finding in draft.findings)).grades
    return sampling.nonconforming(counts, minimum_grade)


def _verdict(bench: Bench, found: Found) -> str:
    """What the sample says of the lot; "" while units of it are missing."""
    sample = bench.sample
    if sample is None or bench.scheme is None or len(found) < sample.sample_size:
        return ""
    bad = _nonconforming(bench.scheme, found, sample.minimum_grade)
    return sampling.verdict(bad, accept=sample.accept, reject=sample.reject)


def result_view(connection: Connection, bench: Bench, identity: Identity, form: Form) -> ResultView:
    """What would be stated now."""
    found = actions.measured(bench, connection)
    counted = _tally(bench, found)
    done = sum(draft.units for _, draft in found)
    verdict = _verdict(bench, found)
    overrides = counted.overrides if counted else {}
    return ResultView(
        head=head_of(connection, bench, identity),
        form=form,
        grades=tuple(counted.grades.items()) if counted else _steps(found),
        lowest=counted.lowest if counted and counted.grades else "",
        score_min=counted.score_min if counted else None,
        label_states=counted.label_states if counted else (),
        overrides=tuple(
            GradeOverride(found=found_, given=given, reason=reason, count=count)
            for (found_, given, reason), count in overrides.items()
        ),
        missing=max(0, bench.units - done),
        coverage=_coverage(bench, done),
        verdict=verdict,
        may_be_unsorted=bool(counted)
        and (done == bench.units if bench.sample is None else verdict in ("accepted", "accepted_tighten")),
        photos=len({digest for _, draft in found for _, digest in draft.files}),
        people=len({draft.worker for _, draft in found}),
        seen=drafts.version_of(connection, bench.work),
    )


def _tally(bench: Bench, found: Found) -> Tally | None:
    """None for repairs."""
    if bench.kind != "inspection" or bench.scheme is None:
        return None
    return tally(bench.scheme, (finding for _, draft in found for finding in draft.findings))


def _coverage(bench: Bench, done: int) -> str:
    if bench.kind != "inspection":
        return ""
    if bench.sample is not None:
        return "sample"
    return "full" if done == bench.units else "documents"


def _steps(found: Found) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for _, draft in found:
        for finding in draft.findings:
            for step in finding.get("steps", ()):
                counts[step["kind"]] += int(finding.get("quantity", 1))
    return tuple(sorted(counts.items()))
