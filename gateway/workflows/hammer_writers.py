"""Writers that sign and record statements at a pace, as many parties at once would."""

import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

from gateway.wiring import Installation
from gateway.workflows.work import Work, once
from ledger.author import Draft, Hand, new_id, write
from ledger.core.canonical import JsonValue
from ledger.errors import LedgerError, StorageUnavailable
from ledger.record import Entry
from ledger.store.log import read_head
from ledger.store.view import StoredView

KEPT = 100_000  # latencies; older ones are forgotten
GRACE_S = 1.0  # for what was due at the very end
PAUSE_S = 0.05  # before a statement is sent again
STEP = "hammer"
FACTS = {
    "category": "phone",
    "goods": "finished",
    "quantity": 1,
    "unit": "H87",
    "produced_from": "2026-01-01",
    "produced_until": "2026-01-02",
    "origin_country": "CN",
    "surplus_cause": "season_end",
    "supply_mode": "direct",
}


def hammering_party(installation: Installation) -> Hand:
    """A supplier whose key is at hand; registered when the home has none yet."""
    signer = installation.new_signer(STEP)
    registrar = Hand(installation.config.registrar, installation.signer("registrar"), "registrar")

    def unit(work: Work) -> str:
        party = new_id("party")
        facts = {"kind": "supplier", "country": "CN"}
        named: dict[str, JsonValue] = {"legal_name": "Hammer", "address": ["made by lotproof hammer"]}
        work.record("party.registered", [registrar], facts, subjects=[party], committed=named)
        scopes = ["lot.declared:supplier"]
        key = {"public_key": signer.public_key.hex(), "scopes": scopes, "custody": "operator"}
        work.record("key.registered", [registrar, Hand(party, signer, "new_key")], key, subjects=[party])
        return party

    party: str = once(installation, STEP, unit)
    return Hand(party, signer, "supplier")


@dataclass(slots=True)
class Written:
    """What was acknowledged. leaves: index -> leaf hash; took_s: seconds of each; retried: sent again.

    size: of the smallest tree that holds all of it.
    """

    leaves: dict[int, bytes] = field(default_factory=dict)
    took_s: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    size: int = 0
    retried: int = 0
    failure: str = ""


class Writers:
    """Threads that declare lots. goal: a second, all together; 0 as many as they can."""

    def __init__(
        self, installation: Installation, hand: Hand, *, goal: float, seconds: float, threads: int
    ) -> None:
        self.written = Written()
        self.due = int(goal * seconds)
        self._installation = installation
        self._hand = hand
        self._goal = goal
        self._seconds = seconds
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._taken = 0
        self._acknowledged_at: dict[int, float] = {}
        self._begun = 0.0
        self._threads = [threading.Thread(target=self._write, daemon=True) for _ in range(threads)]

    def start(self) -> None:
        self._begun = time.monotonic()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def are_done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def showed(self, tree_size: int) -> list[float]:
        """A tree of this size is visible: how long those waited who see their entry in it only now."""
        now = time.monotonic()
        with self._lock:
            shown = [i for i in self._acknowledged_at if i < tree_size]
            return [now - self._acknowledged_at.pop(i) for i in shown]

    def longest_wait_s(self) -> float:
        """Of the acknowledged entries that no visible tree holds yet."""
        with self._lock:
            oldest = min(self._acknowledged_at.values(), default=None)
        return 0.0 if oldest is None else time.monotonic() - oldest

    def _write(self) -> None:
        while (due_at := self._next()) is not None:
            if self._stopped.wait(max(0.0, due_at - time.monotonic())):
                return
            try:
                entry, took_s = self._record()
            except LedgerError as error:
                self._fail(f"{type(error).__name__}: {error}")
                return
            if entry is not None:
                with self._lock:
                    self.written.leaves[entry.index] = entry.leaf_hash
                    self.written.took_s.append(took_s)
                    self.written.size = max(self.written.size, entry.index + 1)
                    self._acknowledged_at[entry.index] = time.monotonic()

    def _next(self) -> float | None:
        """When the next statement is due, in monotonic seconds; None when there is none any more."""
        now = time.monotonic()
        if self._stopped.is_set() or now > self._begun + self._seconds + (GRACE_S if self._goal else 0):
            return None
        if not self._goal:
            return now
        with self._lock:
            if self._taken >= self.due:
                return None
            self._taken += 1
            return self._begun + (self._taken - 1) / self._goal

    def _record(self) -> tuple[Entry | None, float]:
        """Sign and record one statement; the very same is sent again while the storage is away."""
        installation = self._installation
        draft = Draft("lot.declared", [self._hand], FACTS, [new_id("lot")])
        with installation.database.reading() as connection:
            view = StoredView(connection, read_head(connection))
            submission = write(
                draft, origin=installation.config.origin, at=installation.clock.now(), view=view
            )
        begun = time.monotonic()
        while not self._stopped.is_set():
            with suppress(StorageUnavailable):
                return installation.writer.record(submission), time.monotonic() - begun
            with self._lock:
                self.written.retried += 1
            self._stopped.wait(PAUSE_S)
        return None, 0.0

    def _fail(self, message: str) -> None:
        with self._lock:
            self.written.failure = self.written.failure or message
        self._stopped.set()
