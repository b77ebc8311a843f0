"""Runs of labels: who had what printed, why again, and which file came of it."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, func, select, tuple_

from gateway.store import label_tables
from ledger.store.tables import table

RUNS, LABELS = table(label_tables.LabelRunRow), table(label_tables.LabelRow)
State = Literal["waiting", "released", "refused"]
_AT_ONCE = 500  # below SQLite's limit of bound values


@dataclass(frozen=True, slots=True)
class LabelRun:
    """See ``LabelRunRow``."""

    id: str
    format: str
    variant: str
    purpose: str
    reason: str
    labels: int
    hidden: bool
    language: str
    made_by: str
    made_at: datetime
    state: State = "waiting"
    job: str = ""
    sha256: str = ""
    size: int = 0
    filename: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class RunLabel:
    """One code of a run, see ``LabelRow``."""

    n: int
    code: str
    lot: str
    level: str
    grade: str
    hidden: str = ""
    fragment: str = ""
    copies: int = 1


def add(connection: Connection, run: LabelRun, labels: Sequence[RunLabel]) -> None:
    connection.execute(RUNS.insert(), [asdict(run)])
    connection.execute(LABELS.insert(), [asdict(label) | {"run": run.id} for label in labels])


def given_to(connection: Connection, run: str, job: str) -> None:
    connection.execute(RUNS.update().where(RUNS.c.id == run).values(job=job))


def one(connection: Connection, run: str) -> LabelRun | None:
    row = connection.execute(RUNS.select().where(RUNS.c.id == run)).one_or_none()
    return None if row is None else _run(row)


def latest(connection: Connection, *, before: LabelRun | None = None, limit: int) -> list[LabelRun]:
    """Newest first. before: the last run of the page before."""
    statement = RUNS.select().order_by(RUNS.c.made_at.desc(), RUNS.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(tuple_(RUNS.c.made_at, RUNS.c.id) < (before.made_at, before.id))
    return [_run(row) for row in connection.execute(statement)]


def of_lot(connection: Connection, lot: str) -> list[LabelRun]:
    """Runs that hold a label of this lot, newest first."""
    runs = select(LABELS.c.run).where(LABELS.c.lot == lot).distinct()
    statement = RUNS.select().where(RUNS.c.id.in_(runs)).order_by(RUNS.c.made_at.desc(), RUNS.c.id.desc())
    return [_run(row) for row in connection.execute(statement)]


def labels_of(connection: Connection, run: str) -> list[RunLabel]:
    """In the order in which they are printed."""
    columns = [column for column in LABELS.c if column.name != "run"]
    statement = select(*columns).where(LABELS.c.run == run).order_by(LABELS.c.n)
    return [RunLabel(**row._asdict()) for row in connection.execute(statement)]


def printed(connection: Connection, codes: Collection[str]) -> set[str]:
    """Those of ``codes`` that were released on a label, or wait to be."""
    found: set[str] = set()
    listed = sorted(codes)
    for start in range(0, len(listed), _AT_ONCE):
        statement = (
            select(LABELS.c.code)
            .join(RUNS, RUNS.c.id == LABELS.c.run)
            .where(LABELS.c.code.in_(listed[start : start + _AT_ONCE]), RUNS.c.state != "refused")
        )
        found.update(connection.execute(statement).scalars())
    return found


def lots_of(connection: Connection, runs: Collection[str]) -> dict[str, list[str]]:
    """The lots of each run, ascending."""
    found: dict[str, list[str]] = {run: [] for run in runs}
    columns = (LABELS.c.run, LABELS.c.lot)
    statement = select(*columns).where(LABELS.c.run.in_(list(runs))).distinct().order_by(*columns)
    for run, lot in connection.execute(statement):
        found[run].append(lot)
    return found


def sign(connection: Connection, run: str, fragments: Sequence[tuple[int, str]]) -> None:
    """Keep the signed fragments of a run. fragments: place in the run, fragment."""
    rows = [{"of_n": n, "of_run": run, "new": fragment} for n, fragment in fragments]
    connection.execute(_SIGN, rows)


def released(connection: Connection, run: str, *, sha256: str, size: int, filename: str) -> None:
    """The run stands; its hidden codes are nowhere in clear any more but on paper and in its file."""
    values = {"state": "released", "sha256": sha256, "size": size, "filename": filename}
    connection.execute(RUNS.update().where(RUNS.c.id == run).values(values))
    connection.execute(LABELS.update().where(LABELS.c.run == run).values(hidden=""))


def refused(connection: Connection, run: str, trouble: str) -> None:
    """Nothing of it was released; its codes count as not printed."""
    values = {"state": "refused", "trouble": trouble[:200]}
    connection.execute(RUNS.update().where(RUNS.c.id == run, RUNS.c.state == "waiting").values(values))
    connection.execute(LABELS.update().where(LABELS.c.run == run).values(hidden=""))


def count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(RUNS)).scalar_one())


_SIGN = (
    LABELS.update()
    .where(LABELS.c.run == bindparam("of_run"), LABELS.c.n == bindparam("of_n"))
    .values(fragment=bindparam("new"))
)


def _run(row: Any) -> LabelRun:
    values = row._asdict()
    made_at = values["made_at"]
    values["made_at"] = made_at if made_at.tzinfo else made_at.replace(tzinfo=UTC)  # SQLite forgets the zone
    return LabelRun(**values)
