"""One effect for one Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), however often it is sent.

The answer is kept in the very transaction of its effect: both are there, or neither. A key belongs to
who sent it, the method and the address, for 24 hours::

    finished                same status, headers and body, with Idempotent-Replayed: true
    another body            422 idempotency-key-reused
    still being worked on   409 idempotency-key-in-progress, Retry-After (of this process; another one waits)
    a rule said no          kept like an answer: the same key never does later what it was refused
    our side failed         not kept: nothing was done, the same key may be sent again
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, TypeVar

from starlette.datastructures import Headers
from starlette.responses import Response

from gateway.errors import GatewayError, RequestRefused
from gateway.problems import Problem, problem_of
from gateway.store import requests
from gateway.store.requests import KeptAnswer
from gateway.wiring import Installation
from ledger.errors import LedgerError
from ledger.record import Ledger

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "idempotent-replayed"
LIFETIME: Final = timedelta(hours=24)
KEY_LENGTH_MAX: Final = 255
KEPT_HEADERS: Final = ("content-type", "content-language", "location", "etag", "cache-control", "vary")
AGAIN_S: Final = 1

_QUOTED = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"')  # RFC 8941 string
_TOKEN = re.compile(r"[A-Za-z0-9*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*")

Value = TypeVar("Value")
Unit = Callable[[Ledger], Value]


def key_of(headers: Headers, *, required: bool) -> str | None:
    """The key of a request: an RFC 8941 string, or a bare token.

    Raises RequestRefused ``idempotency-key-missing``, ``invalid-header``.
    """
    sent = headers.getlist(HEADER)
    if not sent:
        if required:
            raise RequestRefused("idempotency-key-missing")
        return None
    quoted = _QUOTED.fullmatch(sent[0].strip())
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else sent[0].strip()
    if len(sent) > 1 or len(key) > KEY_LENGTH_MAX or not (quoted or _TOKEN.fullmatch(key)):
        raise RequestRefused("invalid-header", header=HEADER)
    return key


class InFlight:
    """The requests with a key that this process works on now."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._changed = threading.Condition()

    @contextmanager
    def holding(self, id_: str, *, wait_s: float) -> Iterator[None]:
        """Raises RequestRefused while another request holds it for longer than ``wait_s``."""
        with self._changed:
            if not self._changed.wait_for(lambda: id_ not in self._ids, wait_s):
                raise RequestRefused("idempotency-key-in-progress", headers={"retry-after": str(AGAIN_S)})
            self._ids.add(id_)
        try:
            yield
        finally:
            with self._changed:
                self._ids.discard(id_)
                self._changed.notify_all()


class Once:
    """One request that may be sent again.

    said: how a refusal of the domain is answered, to be kept; None: it is raised, and the key stays
    fresh. wait_s: how long a second one waits for the first: a person who clicked twice sees the answer.
    Without a key everything is done plainly.
    """

    def __init__(
        self,
        installation: Installation,
        in_flight: InFlight,
        *,
        key: str | None,
        where: tuple[str, str, str],
        asked: Mapping[str, Any],
        said: Callable[[Problem], Response] | None,
        wait_s: float = 0,
    ) -> None:
        """where: principal, method, path. asked: what the body says, JSON values."""
        self._installation = installation
        self._in_flight = in_flight
        self._said = said
        self._wait_s = wait_s
        self._id = "" if key is None else _digest([*where, key])
        self._asked = _digest(asked)

    def standing(self) -> Response | None:
        """The answer of a request that was done before; None for one that is new, or still worked on.

        For whoever has to look at things that the first request changed. Raises RequestRefused
        ``idempotency-key-reused``.
        """
        kept = self._found() if self._id else None
        return None if kept is None else self._replay(kept)

    def do(self, prepare: Callable[[], Unit[Value]], answer: Callable[[Value], Response]) -> Response:
        """Prepare a unit of work, do it, and answer; or answer as before.

        prepare: what is looked at before the transaction, and may refuse. answer: pure.
        """
        if not self._id:
            return answer(self._installation.writer.do(prepare()))
        with self._in_flight.holding(self._id, wait_s=self._wait_s):
            kept = self._found()  # whoever waited finds what the first one left, and prepares nothing
            if kept is not None:
                return self._replay(kept)
            try:
                unit = prepare()
            except (GatewayError, LedgerError) as error:
                unit = _raising(error)
            kept, is_new = self._installation.writer.do(self._kept(unit, answer))
        return _response(kept) if is_new else self._replay(kept)

    def _now(self) -> datetime:
        return self._installation.wall_clock.now()

    def _found(self) -> KeptAnswer | None:
        with self._installation.database.reading() as connection:
            return requests.find(connection, self._id, self._now())

    def _kept(self, unit: Unit[Value], answer: Callable[[Value], Response]) -> Unit[tuple[KeptAnswer, bool]]:
        def once(ledger: Ledger) -> tuple[KeptAnswer, bool]:
            standing = requests.find(ledger.connection, self._id, self._now())
            if standing is not None:  # another process was quicker
                return standing, False
            made = self._keepable(self._attempt(ledger, unit, answer))
            requests.keep(ledger.connection, made)
            return made, True

        return once

    def _attempt(self, ledger: Ledger, unit: Unit[Value], answer: Callable[[Value], Response]) -> Response:
        """The unit's answer; a final refusal leaves nothing of the unit behind and is an answer, too."""
        mark, savepoint = ledger.mark(), ledger.connection.begin_nested()
        try:
            response = answer(unit(ledger))
            savepoint.commit()
        except (GatewayError, LedgerError) as error:
            savepoint.rollback()
            ledger.rollback(mark)
            problem = problem_of(error)
            if self._said is None or problem.status >= 500:
                raise
            response = self._said(problem)
        return response

    def _keepable(self, response: Response) -> KeptAnswer:
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        return KeptAnswer(
            self._id, self._asked, response.status_code, headers, bytes(response.body), self._now() + LIFETIME
        )

    def _replay(self, kept: KeptAnswer) -> Response:
        if kept.asked != self._asked:
            raise RequestRefused("idempotency-key-reused")
        response = _response(kept)
        response.headers[REPLAYED] = "true"
        return response


def _response(kept: KeptAnswer) -> Response:
    return Response(kept.body, kept.status, dict(kept.headers))


def _raising(error: Exception) -> Unit[Any]:
    def unit(_ledger: Ledger) -> Any:
        raise error

    return unit


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
