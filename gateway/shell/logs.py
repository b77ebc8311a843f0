"""Logs: one JSON object a line for machines, coloured words in a terminal, and no secret in either.

``request_id`` goes with a request into its threads, and into the jobs that it causes. A unit of work
may be run by another request's thread (ledger/writer.py): read the id before handing the unit over.
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final, Literal, TextIO

import structlog

from gateway.shell.redaction import redact

Format = Literal["auto", "json", "console"]
OURS: Final = ("ledger.", "gateway.", "exporters.", "qrcodes.")  # whose errors' texts we wrote ourselves
FRAMES_MAX: Final = 40  # of one traceback

_REQUEST_ID: ContextVar[str] = ContextVar("lotproof_request_id", default="")


def request_id() -> str:
    """Of the request that runs now, or that caused the job that runs now; "" outside of both."""
    return _REQUEST_ID.get()


@contextmanager
def carrying(id_: str, **facts: str) -> Iterator[None]:
    """Log everything inside under a request's id. facts: what else stands on every line."""
    token = _REQUEST_ID.set(id_)
    try:
        with structlog.contextvars.bound_contextvars(**facts):
            yield
    finally:
        _REQUEST_ID.reset(token)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    made: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return made


def configure(format_: Format = "auto", *, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every log of this process, ours and the libraries', to ``stream`` (stderr).

    auto: coloured where a person looks, JSON everywhere else.
    """
    target = stream or sys.stderr
    coloured = format_ == "console" or (format_ == "auto" and target.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=target.isatty())
        if coloured
        else structlog.processors.JSONRenderer(ensure_ascii=True)
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_CHAIN,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for noisy in ("botocore", "boto3", "s3transfer", "urllib3", "amqp", "kombu"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _add_request_id(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    if request_id():
        event.setdefault("request_id", request_id())
    return event


def _tell_failure(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """An exception as its kind and its places. A library's text is left out: it repeats what was sent."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"] = failure_of(error)
    return event


def failure_of(error: BaseException) -> Mapping[str, Any]:
    """kind, at (innermost place last), the text where we wrote it, and what it was caused by."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    told: dict[str, Any] = {"kind": kind, "at": _places(error.__traceback__)}
    if kind.startswith(OURS):
        told["text"] = str(error)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        told["caused_by"] = failure_of(cause)
    return told


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-FRAMES_MAX:]


_CHAIN: Final[list[Any]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _add_request_id,
    _tell_failure,
    redact,
]

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_CHAIN,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
