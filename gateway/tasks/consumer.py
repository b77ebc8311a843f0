"""What a worker takes from the broker: messages of our one form. Everything else is refused and counted.

Checked before any of Celery's own handling, in the process that runs no job: whoever can write to the
queue can at most name a job that is due anyway.
"""

import json
import logging
import re
from collections.abc import Callable
from typing import Any, ClassVar, Final

from celery.worker.consumer import Consumer as CeleryConsumer

from gateway.store import jobs
from gateway.tasks.broker import TASK
from ledger.errors import LedgerError

BODY_MAX: Final = 4096  # bytes; ours have about 200
JOB_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
REQUEST_ID: Final = re.compile(r"[\w.:-]{0,64}", re.ASCII)
# What Celery would act upon beside running the task: other tasks, other times, an answer to somebody.
_ACTED_UPON: Final = ("chain", "callbacks", "errbacks", "chord")
_HEADERS: Final = ("eta", "expires", "group", "reply_to")
logger = logging.getLogger("lotproof.worker")


def refusal(message: Any) -> str | None:
    """Why a message is none of ours, as a slug of ``words.REFUSED_MESSAGES``; None for ours."""
    headers = message.headers if isinstance(message.headers, dict) else {}
    if message.content_type != "application/json" or str(message.content_encoding).lower() != "utf-8":
        return "undecodable"
    if len(message.body) > BODY_MAX:
        return "malformed"
    try:
        body = json.loads(message.body)
    except (ValueError, RecursionError):
        return "undecodable"
    if headers.get("task") != TASK:
        return "unknown-task" if isinstance(headers.get("task"), str) else "malformed"
    if any(headers.get(name) is not None for name in _HEADERS):
        return "malformed"
    match body:
        case [[str(job), str(request)], {**kwargs}, {**embed}] if not kwargs:
            acted_upon = any(embed.get(name) for name in _ACTED_UPON)
            is_ours = JOB_ID.fullmatch(job) and REQUEST_ID.fullmatch(request)
            return None if is_ours and not acted_upon else "malformed"
        case _:
            return "malformed"


class Consumer(CeleryConsumer):  # type: ignore[misc]  # celery has no types
    """Without the queues in which Celery would delay messages: what is for later stands in the database."""

    class Blueprint(CeleryConsumer.Blueprint):  # type: ignore[misc]
        default_steps: ClassVar = [
            step for step in CeleryConsumer.Blueprint.default_steps if "delayed_delivery" not in step
        ]

    def create_task_handler(self, *arguments: Any, **options: Any) -> Callable[[Any], None]:
        handle = super().create_task_handler(*arguments, **options)

        def received(message: Any) -> None:
            why = refusal(message)
            if why is None:
                handle(message)
                return
            logger.warning("a message was refused: %s", why)
            message.reject_log_error(logger, self.connection_errors)
            self._count(why)

        return received

    def _count(self, why: str) -> None:
        """Opened and closed for this alone: the process forks, and a connection must not be shared."""
        try:
            installation = self.app.open_installation()
            try:
                installation.writer.do(
                    lambda ledger: jobs.count_refused(ledger.connection, why, installation.clock.now())
                )
            finally:
                installation.close()
        except LedgerError as error:
            logger.warning("a refused message could not be counted: %s", error)
