"""The pages about jobs, with one line of everything that can be said of a job."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateway.pages.views import Hash, JobsView, JobView, Link
from gateway.pages.views.forms import form_of
from gateway.pages.views.jobs import BrokerLine, JobLine, ScheduleLine

NOW = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
_JOB = "/operator/jobs/7d1f0c2b9a8e4d3f6b5a4c3d2e1f0a9b"

LINE = JobLine(
    href=_JOB, kind="mail", state="done", tone="good", since=NOW, about=None, done=0, total=0, unit="",
    wait="", wait_at=None, wait_href="", reason="", detail="", attempts=1, max_attempts=8,
)  # fmt: skip
ORDER = Link(text="q7m2x9kd", href="/operator/orders/q7m2x9kd4t0v6w58nbxq")
LOT = Link(text="58nbx7q4", href="/operator/lots/58nbx7q4hxm29kdt0v6w")
FAILED = "the mail server refused it with 451"

LINES = (
    replace(LINE, kind="export_log", state="running", tone="busy", done=740, total=1912, unit="tiles"),
    replace(LINE, kind="ship_order", state="waiting", tone="", about=ORDER, wait="line", wait_href=_JOB),
    replace(LINE, kind="ship_order", state="waiting", tone="", about=ORDER, wait="broker", wait_at=NOW),
    replace(
        LINE, state="retrying", tone="warn", wait="again", wait_at=NOW + MINUTE, reason="storage",
        detail=FAILED, attempts=3,
    ),
    replace(LINE, kind="import_file", state="waiting", tone="", wait="line-parked", wait_href=_JOB),
    replace(
        LINE, kind="import_file", state="parked", tone="bad", reason="refused",
        detail="goods of another file stand in this one too: row 17 (354823090001234) and 12 more",
    ),
    replace(LINE, kind="export_lot", about=LOT, state="cancelled", tone="", reason="cancelled"),
    replace(LINE, kind="recheck"),
)  # fmt: skip

JOBS = JobsView(
    lines=LINES,
    tabs=(
        ("/operator/jobs", "", True, 1412),
        ("/operator/jobs?state=running", "running", False, 1),
        ("/operator/jobs?state=waiting", "waiting", False, 3),
        ("/operator/jobs?state=retrying", "retrying", False, 1),
        ("/operator/jobs?state=parked", "parked", False, 1),
        ("/operator/jobs?state=done", "done", False, 1405),
        ("/operator/jobs?state=cancelled", "cancelled", False, 1),
    ),
    state="",
    kind="",
    kinds=("ship_order", "mail", "export_lot"),
    broker=BrokerLine(silent_since=NOW, refused=(("undecodable", 3, NOW), ("unknown-task", 1, NOW))),
    schedules=(
        ScheduleLine(name="recheck", last_at=NOW, next_due=NOW + 10 * MINUTE),
        ScheduleLine(name="clean", last_at=None, next_due=NOW + 60 * MINUTE),
    ),
    oldest_at=NOW - 3 * MINUTE,
    is_live=True,
    export_action="/operator/jobs/exports",
    export_form=form_of({"lot": "58nbx", "receiver": "auditor"}, {"lot": "lot-unknown"}),
    next_href="/operator/jobs?before=1400",
)
NO_JOBS = replace(
    JOBS, lines=(), tabs=tuple((href, slug, current, 0) for href, slug, current, _ in JOBS.tabs), broker=None,
    schedules=(), oldest_at=None, is_live=False, export_action="", export_form=None, next_href="",
)  # fmt: skip
NO_PARKED_JOBS = replace(NO_JOBS, state="parked")

PARKED_JOB = JobView(
    id="7d1f0c2b9a8e4d3f6b5a4c3d2e1f0a9b",
    line=LINES[5],
    created_at=NOW,
    started_at=NOW + MINUTE,
    finished_at=NOW + 2 * MINUTE,
    started_by="user:usr_7q4hxm29kd",
    request_id="3f6b5a4c3d2e1f0a",
    owner="",
    facts=(),
    is_live=False,
    is_cancelling=False,
    retry_action=f"{_JOB}/retry",
    cancel_action=f"{_JOB}/cancel",
)
RUNNING_JOB = replace(
    PARKED_JOB, line=LINES[0], finished_at=None, owner="warehouse-1.4026531836/4711/88123", is_live=True,
    is_cancelling=True, retry_action="", cancel_action="",
)  # fmt: skip
EXPORTED = replace(
    PARKED_JOB,
    line=replace(LINE, kind="export_lot", about=LOT),
    facts=(
        ("filename", "lot-58nbx7q4hxm29kdt0v6w.zip"),
        ("size", 48_211),
        ("sha256", Hash(text="9f2c" * 16)),
    ),
    file_href=f"{_JOB}/file",
    retry_action="",
    cancel_action="",
)

JOB_PAGES = {
    "jobs": JOBS,
    "jobs-none": NO_JOBS,
    "jobs-none-parked": NO_PARKED_JOBS,
    "job-parked": PARKED_JOB,
    "job-running": RUNNING_JOB,
    "job-exported": EXPORTED,
}
