"""Work orders for programs: what is asked, and what a station measured, as proposals signed by nobody."""

from typing import Any, Literal

from fastapi import APIRouter, Response, status
from pydantic import Field
from starlette.responses import JSONResponse

from gateway.deps import HeaderDep, Visit, VisitDep
from gateway.errors import NotFound
from gateway.measuring.questions import Question
from gateway.problems import as_json
from gateway.routes.strict import Closed, StrictRoute
from gateway.shell import idempotency
from gateway.shell.idempotency import Once
from gateway.store import drafts
from gateway.workflows import measure, stations
from gateway.workflows.measure import Bench
from gateway.workflows.measure_sheet import asked_of
from gateway.workflows.stations import StationRow
from ledger.core.subjects import is_subject_id

ROWS_MAX = 20_000
SHARE = r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)?$"

router = APIRouter(prefix="/v1/work", tags=["work"], route_class=StrictRoute)


class QuestionOut(Closed):
    """One input. words: what may be said; empty: a quantity in unit (UN/ECE Rec 20). open: others, too."""

    input: str
    words: list[str]
    unit: str
    maximum: str
    open: bool

    @classmethod
    def of(cls, one: Question) -> "QuestionOut":
        return cls(
            input=one.input, words=list(one.words), unit=one.unit, maximum=one.maximum, open=one.is_open
        )


class WorkOut(Closed):
    """A work order of the caller's party. units: to be measured; done: measured by people.

    asked: articles with proposals, or on which a person decides. sample: the drawn units, null without one.
    """

    work: str
    lot: str
    kind: Literal["inspection", "refurbishment"]
    state: Literal["open", "waits", "closed"]
    scheme: str | None
    units: int
    done: int
    asked: int
    sample: list[int] | None
    questions: list[QuestionOut]


class QuantityIn(Closed):
    value: str = Field(max_length=20)
    unit: str = Field(max_length=3)


class RowIn(Closed):
    """What was measured on one article. article: its identifier; or number: of its row, or drawn unit.

    confidence: how sure the station is, 0 to 1. photos: ids of files that were sent before.
    """

    article: str = Field("", max_length=120)
    number: int | None = Field(None, ge=0, le=999_999_999)
    measured: dict[str, str | QuantityIn] = Field(min_length=1, max_length=32)
    confidence: str = Field("", max_length=10, pattern=SHARE)
    photos: list[str] = Field(default_factory=list, max_length=20)

    def row(self) -> StationRow:
        measured: dict[str, Any] = {
            name: value if isinstance(value, str) else value.model_dump()
            for name, value in self.measured.items()
        }
        return StationRow(self.article, self.number, measured, self.confidence, self.photos)


class MeasurementsIn(Closed):
    """confidence_min: rows that are less sure are left to a person."""

    rows: list[RowIn] = Field(min_length=1, max_length=ROWS_MAX)
    confidence_min: str = Field("", max_length=10, pattern=SHARE)


class MeasurementsOut(Closed):
    """taken: rows that were kept; every row or none is."""

    taken: int


class AcceptIn(Closed):
    """ungraded: also take over articles that lack a measurement; they have no grade then."""

    ungraded: bool = Field(False, examples=[True])


class WorksOut(Closed):
    items: list[WorkOut]


@router.get("")
def works(visit: VisitDep) -> WorksOut:
    """The open work orders of the caller's party."""
    found = [name for name, state in measure.work_of(visit.connection, visit.party) if not state.closed]
    return WorksOut(items=[_out(visit, bench) for name in found if (bench := _one(visit, name)) is not None])


@router.get("/{work}")
def work(work: str, visit: VisitDep) -> WorkOut:
    return _out(visit, _bench(visit, work))


@router.post(
    "/{work}/measurements",
    status_code=status.HTTP_201_CREATED,
    response_model=MeasurementsOut,
)
def send(work: str, sent: MeasurementsIn, visit: HeaderDep) -> Response:
    """Propose measurements: a person takes them over, or puts them right, before anything is stated.

    A station needs no key of the ledger for this; a device that signs its results sends device.measured
    to /v1/records instead. All rows are kept, or none: errors names each that cannot be. What a person
    measured is not written over. 409 work-closed once the result was stated.
    """
    bench = _inspection(visit, work)
    rows = [row.row() for row in sent.rows]
    return _once(visit, sent).do(
        lambda: stations.sending(visit.installation, visit.known, bench.work, rows, sent.confidence_min),
        lambda taken: JSONResponse({"taken": taken}, status.HTTP_201_CREATED),
    )


@router.post("/{work}/accept", response_model=MeasurementsOut)
def accept(work: str, wanted: AcceptIn, visit: HeaderDep) -> Response:
    """Take over what stations and devices were sure of: from here on the caller's party vouches for it.

    What was below confidence_min stays for a person, who measures it at the bench. State the result with
    ``POST /v1/actions/state-inspection``, its ``on`` this work order. 409 work-closed once it was stated.
    """
    bench = _inspection(visit, work)
    return _once(visit, wanted).do(
        lambda: stations.taking_over(visit.installation, visit.known, bench.work, ungraded=wanted.ungraded),
        lambda taken: JSONResponse({"taken": taken}),
    )


def _once(visit: Visit, sent: Closed) -> Once:
    request = visit.request
    return Once(
        visit.installation,
        request.app.state.in_flight,
        key=idempotency.key_of(request.headers, required=True),
        where=(visit.principal, request.method, request.url.path),
        asked=sent.model_dump(),
        said=lambda problem: as_json(problem, request.state.request_id, visit.language),
    )


def _inspection(visit: Visit, work: str) -> Bench:
    bench = _bench(visit, work)
    if bench.kind != "inspection" or bench.scheme is None:
        raise NotFound(work)
    return bench


def _bench(visit: Visit, work: str) -> Bench:
    found = _one(visit, f"work:{work}") if is_subject_id(f"work:{work}") else None
    if found is None:
        raise NotFound(work)
    return found


def _one(visit: Visit, name: str) -> Bench | None:
    """None for a work order of another kind than the caller's role does."""
    try:
        return measure.open_bench(visit.connection, name, visit.party, visit.known.role)
    except NotFound:
        return None


def _out(visit: Visit, bench: Bench) -> WorkOut:
    progress = drafts.progress(visit.connection, bench.work)
    return WorkOut(
        work=bench.work,
        lot=bench.lot,
        kind="inspection" if bench.kind == "inspection" else "refurbishment",
        state="closed" if bench.state.closed else "waits" if bench.waits else "open",
        scheme=f"{bench.scheme.id}/{bench.scheme.version}" if bench.scheme else None,
        units=bench.units,
        done=progress.units,
        asked=progress.asked,
        sample=bench.drawn if bench.sample else None,
        questions=[QuestionOut.of(one) for one in asked_of(bench)],
    )
