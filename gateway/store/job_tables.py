"""What is to be done outside a request: the outbox, its schedules, its effects."""

from datetime import datetime

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import text_column
from ledger.store.tables import BIGINT, table, words


class JobRow(SQLModel, table=True):
    """One effect that is owed. A row is written in the transaction that causes it.

    n: the order in which jobs were caused; a transaction that writes one holds the log's lock, so that
    a smaller number was committed earlier. id: what messages and addresses carry. subject: what jobs of
    an ordered kind stand in line for, "" for nothing. unique_key: the same cause is enqueued once.
    arguments, result, resume_at: JSON, ids and numbers only. lease_token: new with every attempt; whoever
    settles an attempt must still hold its token. handed_over_at: when the broker confirmed a message
    about it. reason: slug of ``words.JOB_REASONS``; detail: an error's own words, never a secret.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("jobs_in_line", "subject", "n"),
        Index("jobs_by_state", "state", "run_after"),
        Index("jobs_finished", "finished_at"),
    )
    n: int | None = Field(default=None, sa_column=Column(BIGINT, primary_key=True))
    id: str = Field(sa_column=text_column(40, unique=True))
    kind: str = Field(sa_column=text_column(40))
    subject: str = Field(sa_column=text_column(80))
    line: str = Field(sa_column=text_column(8))
    unique_key: str | None = Field(sa_column=Column(words(160), unique=True))
    arguments: str = Field(sa_column=text_column())
    state: str = Field(sa_column=text_column(10))
    run_after: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    attempts: int = Field(sa_column=Column(Integer, nullable=False))
    max_attempts: int = Field(sa_column=Column(Integer, nullable=False))
    lease_owner: str = Field(sa_column=text_column(120))
    lease_token: str | None = Field(sa_column=Column(words(32)))
    lease_until: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    handed_over_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    is_cancelling: bool = Field(sa_column=Column(Boolean, nullable=False))
    progress_done: int = Field(sa_column=Column(BIGINT, nullable=False))
    progress_total: int = Field(sa_column=Column(BIGINT, nullable=False))
    progress_unit: str = Field(sa_column=text_column(20))
    resume_at: str = Field(sa_column=text_column())
    result: str = Field(sa_column=text_column())
    reason: str = Field(sa_column=text_column(30))
    detail: str = Field(sa_column=text_column())
    request_id: str = Field(sa_column=text_column(64))
    started_by: str = Field(sa_column=text_column(80))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    started_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    finished_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))


class ScheduleRow(SQLModel, table=True):
    """Periodic work. next_due moves on in the transaction that enqueues it, so that one process wins.

    mark: how far the log was followed, for the schedule that follows it.
    """

    __tablename__ = "schedules"
    name: str = Field(sa_column=Column(words(40), primary_key=True))
    next_due: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    last_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    mark: int = Field(sa_column=Column(BIGINT, nullable=False))


class RelayRow(SQLModel, table=True):
    """Who hands jobs to the broker, and since when it does not answer. One row."""

    __tablename__ = "relay"
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    holder: str = Field(sa_column=text_column(120))
    until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    silent_since: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))


class RefusedMessageRow(SQLModel, table=True):
    """Messages of the broker that are none of ours, by why; they are counted and never run."""

    __tablename__ = "refused_messages"
    why: str = Field(sa_column=Column(words(30), primary_key=True))
    count: int = Field(sa_column=Column(BIGINT, nullable=False))
    last_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


JOBS: list[Table] = [table(row) for row in (JobRow, ScheduleRow, RelayRow, RefusedMessageRow)]
