"""What the pages about jobs show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.pages.views.forms import Form
from gateway.pages.views.values import Link, Value

Tone = Literal["", "good", "warn", "bad", "busy"]  # of ui.state


@dataclass(frozen=True, kw_only=True)
class JobLine:
    """One job. kind, state, wait, reason: slugs of ``words.JOB_…``; empty where there is nothing to say."""

    href: str
    kind: str
    state: str
    tone: Tone
    since: datetime  # when it came into this state, as far as a person cares
    about: Link | None
    done: int
    total: int  # 0: no progress is told
    unit: str
    wait: str
    wait_at: datetime | None
    wait_href: str  # the job that it waits for
    reason: str
    detail: str
    attempts: int
    max_attempts: int


@dataclass(frozen=True, kw_only=True)
class BrokerLine:
    """silent_since: None while it answers. refused: (why, how many, the last one)."""

    silent_since: datetime | None
    refused: tuple[tuple[str, int, datetime], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScheduleLine:
    name: str
    last_at: datetime | None
    next_due: datetime


@dataclass(frozen=True, kw_only=True)
class JobsView:
    """``/operator/jobs``. tabs: (address, slug of words.JOB_STATES or "", is this one, how many)."""

    lines: tuple[JobLine, ...]
    tabs: tuple[tuple[str, str, bool, int], ...]
    state: str
    kind: str
    kinds: tuple[str, ...]
    broker: BrokerLine | None
    schedules: tuple[ScheduleLine, ...]
    oldest_at: datetime | None  # since when the oldest open job waits or runs
    is_live: bool  # something may change by itself
    export_action: str = ""  # empty: not for this visitor
    export_form: Form | None = None
    next_href: str = ""


@dataclass(frozen=True, kw_only=True)
class JobView:
    """``/operator/jobs/{job}``. An empty action is one that is not possible now."""

    id: str
    line: JobLine
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    started_by: str
    request_id: str
    owner: str  # process that has it
    facts: tuple[tuple[str, Value], ...]  # (slug of words.JOB_FACTS, value)
    is_live: bool
    is_cancelling: bool
    retry_action: str = ""
    cancel_action: str = ""
    file_href: str = ""
