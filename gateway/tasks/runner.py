"""Take a job that is due, do it, settle it: the same under ``serve``, ``worker`` and behind a broker.

The order of its steps: the lease is durable before the work begins; the end is durable after it, guarded
by the lease's token. A crash in between leaves a lease that runs out, and the next attempt begins.
"""

import json
import logging
import random
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Literal

from gateway.errors import GatewayError
from gateway.shell.logs import carrying
from gateway.store import job_leases
from gateway.store.jobs import Job, State
from gateway.tasks import owner
from gateway.tasks.attempt import Attempt, Cancelled, Interrupted, Later, LeaseLost
from gateway.tasks.kinds import Arguments, Kind
from gateway.tasks.outbox import CAUSED
from gateway.wiring import Installation
from gateway.workflows.work import Work
from ledger.errors import LedgerError, NotVisible, Rollback, StorageUnavailable
from ledger.record import Ledger

Outcome = Literal["nothing", "done", "retrying", "waiting", "parked", "cancelled", "lost"]
Result = dict[str, Any] | None  # ids, names and numbers, for the job's page
Act = Callable[[Attempt, Any], Result]
InTransaction = Callable[[Attempt, Work, Any], Result]
OUTAGE: Final = timedelta(seconds=5)  # between looks at something that does not answer
DETAIL_MAX: Final = 500  # characters of an error's words that are kept
logger = logging.getLogger("lotproof.jobs")


@dataclass(frozen=True, slots=True)
class Duty:
    """A kind with the code that does it: exactly one of the two, as the kind's effect says."""

    kind: Kind[Any]
    act: Act | None = None
    in_transaction: InTransaction | None = None

    def __post_init__(self) -> None:
        assert (self.act is None) == (self.kind.effect == "database"), self.kind.name
        assert (self.in_transaction is None) == (self.kind.effect == "outside"), self.kind.name


Duties = Mapping[str, Duty]


class Runner:
    """Does jobs of one installation, one at a time a thread; any number may run beside each other."""

    def __init__(
        self,
        installation: Installation,
        duties: Duties,
        *,
        stopping: threading.Event | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """stopping: ends long attempts between two pieces of work. chance: 0..1, for jitter."""
        self._installation = installation
        self._duties = duties
        self._stopping = stopping or threading.Event()
        self._chance = chance
        self._owner = owner.this_process()

    def run_next(self, job_id: str | None = None) -> Outcome:
        """Do one job that is due; job_id: that one or none. "nothing": none was.

        Raises Rollback, after giving the job back: nothing may be recorded any more. Raises
        StorageUnavailable when the database cannot be asked.
        """
        job = self._take(job_id)
        if job is None:
            return "nothing"
        duty = self._duties[job.kind]
        begun = Attempt(self._installation, job, duty.kind.lease, stopping=self._stopping)
        with carrying(job.request_id, job=job.id), begun as attempt:
            return self._attempt(duty, attempt)

    def sweep(self) -> int:
        """Take back the jobs of those who stopped answering; returns how many."""
        now = self._installation.clock.now()
        with self._installation.database.reading() as connection:
            lapsed = [job for job in job_leases.running(connection) if _is_abandoned(job, now)]
        for job in lapsed:
            self._settle_failure(job, "worker-lost", "")
        return len(lapsed)

    def _take(self, job_id: str | None) -> Job | None:
        installation = self._installation
        with installation.database.reading() as connection:  # most looks find nothing, and lock nothing
            if not job_leases.startable(
                connection, installation.clock.now(), kinds=self._duties, job_id=job_id
            ):
                return None

        def unit(ledger: Ledger) -> Job | None:
            now = installation.clock.now()
            due = job_leases.startable(ledger.connection, now, kinds=self._duties, job_id=job_id)
            if not due:
                return None
            kind: Kind[Arguments] = self._duties[due[0].kind].kind
            token, until = secrets.token_hex(16), now + kind.lease
            taken = job_leases.take(
                ledger.connection, due[0], owner=self._owner, token=token, now=now, until=until,
                frees_key=kind.coalesces,
            )  # fmt: skip
            assert taken, "nobody else writes while this transaction does"
            return replace(due[0], state="running", attempts=due[0].attempts + 1, lease_token=token)

        return installation.writer.do(unit)

    def _attempt(self, duty: Duty, attempt: Attempt) -> Outcome:
        job = attempt.job
        try:
            arguments = duty.kind.arguments.model_validate_json(json.dumps(job.arguments))
            if duty.in_transaction is not None:
                return self._in_transaction(duty.in_transaction, attempt, arguments)
            assert duty.act is not None
            result = duty.act(attempt, arguments)
            # Here the effect stands and is not settled. A crash now runs it again, under the same id.
            return self._settle(job, "done", result=json.dumps(result or {}), finished=True)
        except LeaseLost:
            logger.warning("job %s was taken over by another worker", job.id)
            return "lost"
        except Cancelled:
            return self._settle(job, "cancelled", reason="cancelled", finished=True)
        except Interrupted:
            return self._give_back(job, "interrupted", "", timedelta(0))
        except Later as error:
            return self._give_back(job, error.reason, error.detail, error.wait)
        except Rollback:
            self._give_back(job, "rollback", "", OUTAGE)
            raise
        except NotVisible as error:
            return self._give_back(job, "not-visible", str(error), OUTAGE)
        except StorageUnavailable as error:
            return self._give_back(job, "storage", str(error), OUTAGE)
        except GatewayError as error:  # a refusal: asking again would not change it
            return self._park(job, "refused", str(error))
        except LedgerError as error:
            return self._settle_failure(job, "failed", str(error))
        except Exception as error:
            logger.exception("job %s (%s) failed in a way nobody expected", job.id, job.kind)
            return self._settle_failure(job, "unexpected", type(error).__name__)

    def _in_transaction(self, act: InTransaction, attempt: Attempt, arguments: Any) -> Outcome:
        def unit(ledger: Ledger) -> None:
            result = act(attempt, Work(self._installation, ledger), arguments)
            ended = job_leases.end(
                ledger.connection, attempt.token, state="done", finished_at=self._installation.clock.now(),
                result=json.dumps(result or {}), reason="", detail="",
            )  # fmt: skip
            if not ended:
                raise LeaseLost(attempt.job.id)  # with it goes everything this transaction did

        self._installation.writer.do(unit)
        return "done"

    def _settle_failure(self, job: Job, reason: str, detail: str) -> Outcome:
        if job.is_cancelling:
            return self._settle(job, "cancelled", reason="cancelled", finished=True)
        if job.attempts >= job.max_attempts:
            return self._park(job, reason, detail)
        duty = self._duties.get(job.kind)
        pause = duty.kind.retry.pause(job.attempts, self._chance()) if duty else OUTAGE
        return self._settle(job, "retrying", wait=pause, reason=reason, detail=detail)

    def _give_back(self, job: Job, reason: str, detail: str, wait: timedelta) -> Outcome:
        """Not done, and not failed: the attempt does not count."""
        before = job.attempts - 1
        return self._settle(job, "waiting", wait=wait, reason=reason, detail=detail, attempts=before)

    def _park(self, job: Job, reason: str, detail: str) -> Outcome:
        logger.error("job %s (%s) is parked: %s %s", job.id, job.kind, reason, detail)
        return self._settle(job, "parked", reason=reason, detail=detail, finished=True)

    def _settle(
        self,
        job: Job,
        state: State,
        *,
        wait: timedelta = timedelta(0),
        reason: str = "",
        detail: str = "",
        finished: bool = False,
        **values: Any,
    ) -> Outcome:
        assert job.lease_token is not None
        token = job.lease_token

        def unit(ledger: Ledger) -> bool:
            now = self._installation.clock.now()
            return job_leases.end(
                ledger.connection, token, state=state, run_after=now + wait, reason=reason,
                detail=detail[:DETAIL_MAX], finished_at=now if finished else None, **values,
            )  # fmt: skip

        if not self._installation.writer.do(unit):
            return "lost"
        CAUSED.set()  # whatever stood behind it in line may start
        assert state != "running"
        return state


def _is_abandoned(job: Job, now: Any) -> bool:
    return job_leases.has_lapsed(job, now) or owner.is_gone(job.lease_owner)
