"""What an audit may use, and what it keeps for the next one: processes, memory, a state to go on from."""

import os
import resource
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledger.audit_source import Source
from ledger.core.checkpoint import Checkpoint
from ledger.core.envelope import print_at
from ledger.errors import StorageError
from ledger.replay_file import StoredState, rules_version
from ledger.replay_state import ReplayState

SAVED_EVERY = 10_240  # entries between two points to go on from
IN_MEMORY_MAX = 20_000  # entries of a log whose state needs no file
WORTH_A_PROCESS = 1_500  # entries: below, starting one takes longer than it saves
MEMORY_MB = 200
_MB = 1_000_000
_WORKER_BYTES = 30 * _MB
_SLACK_BYTES = 24 * _MB  # rows on their way, tiles, what the allocator does not give back
_ROOM_MIN_BYTES = 4 * _MB


@dataclass(slots=True)
class Kept:
    """The state of one audit. stored: it is saved as the audit goes.

    whole: False when only what is new is looked at. not_again: what the report says about it.
    """

    state: ReplayState
    stored: bool = False
    whole: bool = True
    not_again: list[str] = field(default_factory=list)
    is_verified: bool = False

    def verified(self) -> None:
        """The audit ended, and everything held: the next one may go on from here."""
        self.is_verified = True


@dataclass(frozen=True, slots=True)
class Keeping:
    """processes: this one included. memory_mb: of all of them together; None: as much as it takes.

    state: the auditor's own file, None for none; may_do_without: an audit goes on without it where it
    cannot be had. incremental: go on from where an earlier audit was verified; otherwise the file only
    serves an audit of everything in the same source that was killed.
    """

    processes: int = 1
    memory_mb: int | None = None
    state: Path | None = None
    incremental: bool = False
    may_do_without: bool = False

    def workers(self, entries: int) -> int:
        """Processes to start beside this one for so many entries, as far as the memory goes."""
        wanted = self.processes - 1 if entries >= WORTH_A_PROCESS else 0
        if self.memory_mb is None:
            return wanted
        left = self.memory_mb * _MB - _used_bytes() - _SLACK_BYTES - _ROOM_MIN_BYTES
        return max(0, min(wanted, left // _WORKER_BYTES))

    @contextmanager
    def kept(self, checkpoint: Checkpoint, log_key: bytes, source: Source) -> Iterator[Kept]:
        """The state to judge with. Raises StorageError when the file cannot serve."""
        state = self._state(checkpoint, log_key, source)
        if state is not None:
            with self._stored(state, source) as kept:
                yield kept
        elif self.memory_mb is None or checkpoint.size <= IN_MEMORY_MAX:
            yield Kept(ReplayState())
        else:
            with tempfile.TemporaryDirectory(prefix="lotproof-audit-") as folder:
                state = self._open(Path(folder) / "state", {})
                try:
                    yield Kept(state)
                finally:
                    state.close()

    def _state(self, checkpoint: Checkpoint, log_key: bytes, source: Source) -> StoredState | None:
        if self.state is None:
            return None
        bound_to = {
            "origin": checkpoint.origin,
            "log key": log_key.hex(),
            "version of the rules": rules_version(),
            "kind of source": source.kind,
        }
        try:
            return self._open(self.state, bound_to, source.name)
        except StorageError:
            if self.may_do_without:
                return None
            raise

    @contextmanager
    def _stored(self, state: StoredState, source: Source) -> Iterator[Kept]:
        kept = Kept(state, stored=True)
        if not state.point.size:
            if self.incremental and state.fresh:
                kept.not_again.append(f"nothing was gone on from: {state.fresh}")
            state.about = {"source": source.name, "whole": True, "begun": print_at(datetime.now(UTC))}
        elif _was_cut_off(state.about, source.name):
            since = f"this audit judged them from {state.about['begun']} on, before it was cut off"
            kept.not_again = [f"entries before {state.point.size} a second time: {since}"]
        else:
            kept.whole = state.about["whole"] = False
            kept.not_again = _not_again(state, source)
        state.about["finished"] = False
        try:
            yield kept
        except StorageError:
            if source.kind == "database":  # damage: whatever comes next looks at everything
                state.discard()
            raise
        else:
            if kept.is_verified:
                state.finish(finished=True, verified=print_at(datetime.now(UTC)))
            elif kept.whole:
                state.discard()
        finally:
            state.close()

    def _open(self, path: Path, bound_to: Mapping[str, str], name: str = "") -> StoredState:
        def refuse(about: Mapping[str, Any]) -> str:
            wanted = self.incremental or _was_cut_off(about, name)
            return "" if wanted else "everything is looked at"

        return StoredState(path, bound_to=bound_to, room_bytes=self._room_bytes(), refuse=refuse)

    def _room_bytes(self) -> int:
        if self.memory_mb is None:
            return MEMORY_MB * _MB
        left = self.memory_mb * _MB - _used_bytes() - _SLACK_BYTES - (self.processes - 1) * _WORKER_BYTES
        return max(_ROOM_MIN_BYTES, left)


def _was_cut_off(about: Mapping[str, Any], name: str) -> bool:
    """Whether a state was left by an audit of everything in this very source that did not end."""
    return not about["finished"] and bool(about["whole"]) and about["source"] == name


def _not_again(state: StoredState, source: Source) -> list[str]:
    size, when = state.point.size, state.about.get("verified", state.about["begun"])
    said = [f"entries and tiles before {size}: verified by an audit of {when}, not looked at again"]
    if source.kind == "database":
        said.append(
            f"index, openings and rows of the entries before {size}, heads nodes, working copies, the "
            "database file: only an audit of everything compares them"
        )
    return said


def _used_bytes() -> int:
    """Resident memory of this process now; its peak so far where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
