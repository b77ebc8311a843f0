"""A replay's state in a file of the auditor's own: bounded in memory, and there again after a kill.

Everything since the last ``save`` is one open transaction. A process that dies leaves the file as the
last ``save`` made it, so it never claims an entry that was not verified.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger.core import canonical, heads
from ledger.core.subjects import kind_of
from ledger.errors import ProofError, StorageError, StorageUnavailable
from ledger.lots.state import MODELS, Head, KeyState, LogState, Subject, printed
from ledger.replay_state import Code, Gone, Point, ReplayState
from ledger.spilled import Codec, Spilled, StateFile
from ledger.tile_tree import TileTree

_APPLICATION = int.from_bytes(b"LPas", "big")  # marks our files: nobody else's is ever discarded
_READ = "SELECT value, hash FROM point WHERE id = 1"
# What a value takes in memory, roughly, and the share of the room that its table gets.
_ROOM = {
    "subjects": (4_000, 0.45), "nodes": (1_100, 0.35), "codes": (500, 0.06), "keys": (2_000, 0.04),
    "changed": (350, 0.05), "grants": (2_000, 0.03), "gone": (500, 0.02),
}  # fmt: skip
# By prefix, the nodes on the lower part of a path are neighbours: a changed key touches two pages, not ten.
_CLUSTERED = frozenset({"nodes", "changed"})
HELD_MIN = 64  # values of a generation
_FOREIGN = (ValueError, TypeError, KeyError, AttributeError, IndexError, ProofError, StorageError)


class _Unfit(StorageError):
    """What stands in the file cannot be gone on from; the message says why."""


Refusal = Callable[[Mapping[str, Any]], str]  # about -> why this state is not gone on from, or ""


class StoredState(ReplayState):
    """The state in the file at ``path``; one process at a time.

    about: what the caller wants to find again, saved with the rest. fresh: why a file that was there
    is not gone on from, or "".
    """

    def __init__(
        self, path: Path, *, bound_to: Mapping[str, str], room_bytes: int, refuse: Refusal | None = None
    ) -> None:
        """A file that was made for others, or that ``refuse`` gives a reason against, is discarded.

        bound_to: origin, key and rules. room_bytes: for values in memory.

        Raises StorageUnavailable when another process has the file, or there is no place for one.
        """
        super().__init__()
        self.path = path
        self.about: dict[str, Any] = {}
        self.fresh = ""
        self._bound_to = dict(bound_to)
        self._room_bytes = room_bytes
        self._new_events: dict[int, list[int]] = {}
        self._stood = False
        self._file = self._connected()
        try:
            kept = self._kept(refuse)
        except _Unfit as error:
            self.fresh, kept = str(error), None
        if kept is None and self._stood:  # whatever is in it belongs to no place in the log
            self.discard()
            self._file = self._connected()
        self._make_tables()
        if kept is not None:
            self.point = _point_from(kept["point"])
            self.tree = TileTree.from_json(kept["tree"])
            self.about = dict(kept["about"])

    def note_event(self, event_id: str) -> None:
        self._new_events.setdefault(_prefix(event_id), []).append(self.point.size)

    def indexes_of(self, event_id: str) -> Iterable[int]:
        prefix = _prefix(event_id)
        rows = self._file.stream("SELECT idx FROM events WHERE prefix = ? ORDER BY idx", (prefix,))
        return [*(index for (index,) in rows), *self._new_events.get(prefix, ())]

    def save(self) -> None:
        """Durable on return: a start from here on goes on behind the last entry taken."""
        for table in self._tables:
            table.write()
        events = [(p, index) for p in sorted(self._new_events) for index in self._new_events[p]]
        self._file.do_many("INSERT INTO events (prefix, idx) VALUES (?, ?)", events)
        self._new_events = {}
        kept = {"bound_to": self._bound_to, "tree": self.tree.to_json(), "point": _point_to(self.point)}
        self._write(kept)

    def finish(self, **about: Any) -> None:
        """Forget what was not saved, note ``about`` beside what was, and close."""
        self._file.do("ROLLBACK")
        self._file.do("BEGIN IMMEDIATE")
        row = self._file.row(_READ)
        if row is not None:
            self.about.update(about)
            self._write(json.loads(row[0]))
        self.close()

    def close(self) -> None:
        """Roll back to the last ``save`` and let go of the file."""
        self._file.close()

    def discard(self) -> None:
        """Close, and remove the file: nothing in it is to be gone on from."""
        self._file.close()
        for end in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)

    def _connected(self) -> StateFile:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return StateFile(self._locked(), str(self.path))
        except OSError as error:
            raise StorageUnavailable(f"{self.path}: {error}") from error
        except sqlite3.OperationalError as error:
            busy = "is in use by another audit" if "locked" in str(error) else str(error)
            raise StorageUnavailable(f"{self.path}: {busy}") from error
        except sqlite3.DatabaseError as error:
            raise StorageError(
                f"{self.path} is no state of an audit ({error}): name another file, or remove it"
            ) from error

    def _locked(self) -> sqlite3.Connection:
        self._stood = self.path.exists() and self.path.stat().st_size > 0
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=1)
        try:
            if self._stood:
                _check_ours(connection)
            for statement in (
                "PRAGMA locking_mode=EXCLUSIVE",
                f"PRAGMA application_id={_APPLICATION}",
                "PRAGMA journal_mode=WAL",
                "PRAGMA synchronous=NORMAL",  # a power cut may cost the last save, never a part of one
                f"PRAGMA cache_size=-{max(2_000, self._room_bytes // 4_096)}",
                "BEGIN IMMEDIATE",
                "CREATE TABLE IF NOT EXISTS point (id INTEGER PRIMARY KEY, value TEXT, hash TEXT)",
            ):
                connection.execute(statement)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _kept(self, refuse: Refusal | None) -> dict[str, Any] | None:
        """What the last ``save`` wrote, or None in a new file."""
        try:
            row = self._file.row(_READ)
            if row is None:
                return None
            kept: dict[str, Any] = json.loads(row[0])
            reason = self._misfit(kept, row) or (refuse(kept["about"]) if refuse else "")
        except _FOREIGN as error:
            raise _Unfit(f"{self.path} cannot be read: {error}") from error
        if reason:
            raise _Unfit(reason)
        return kept

    def _misfit(self, kept: Mapping[str, Any], row: Sequence[str]) -> str:
        if sha256(row[0].encode()).hexdigest() != row[1]:
            return f"{self.path} is damaged"
        for name, value in self._bound_to.items():
            if kept["bound_to"].get(name) != value:
                return f"{self.path} was made for another {name}"
        if _point_from(kept["point"]).size != TileTree.from_json(kept["tree"]).size:
            return f"{self.path} does not agree with itself"
        return ""

    def _write(self, kept: dict[str, Any]) -> None:
        text = json.dumps(kept | {"about": self.about})
        self._file.do(
            "INSERT INTO point (id, value, hash) VALUES (1, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET value = excluded.value, hash = excluded.hash",
            (text, sha256(text.encode()).hexdigest()),
        )
        self._file.do("COMMIT")
        self._file.do("BEGIN IMMEDIATE")

    def _make_tables(self) -> None:
        made: dict[str, Spilled[Any, Any]] = {}
        for name, codec in _CODECS.items():
            each, share = _ROOM[name]
            held = max(HELD_MIN, int(self._room_bytes * share / each / 2))  # two generations
            clustered = name in _CLUSTERED
            made[name] = Spilled(self._file, name, codec, held_max=held, clustered=clustered)
        self._file.do(
            "CREATE TABLE IF NOT EXISTS events (prefix INTEGER, idx INTEGER, PRIMARY KEY (prefix, idx)) "
            "WITHOUT ROWID"
        )
        self._tables = list(made.values())
        self.subjects, self.keys, self.codes = made["subjects"], made["keys"], made["codes"]
        self.nodes, self.changed = made["nodes"], made["changed"]
        self.grants, self.gone = made["grants"], made["gone"]


@lru_cache(maxsize=1)
def rules_version() -> str:
    """A hash over the program text that judges entries: with other rules a state means something else."""
    root, found = Path(__file__).parent, sha256()
    files = [path for part in ("core", "records", "lots") for path in (root / part).rglob("*")]
    files += [root / name for name in ("replay.py", "replay_state.py", "replay_file.py", "tile_tree.py")]
    for path in sorted(path for path in files if path.suffix in (".py", ".toml")):
        text = path.read_bytes()
        found.update(f"{path.relative_to(root).as_posix()} {len(text)}\n".encode() + text)
    return found.hexdigest()


def _check_ours(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise sqlite3.NotSupportedError("it belongs to another program")


def _prefix(event_id: str) -> int:
    return int.from_bytes(bytes.fromhex(event_id[:16]), "big", signed=True)


def _subject_to(subject: Subject) -> bytes:
    head = subject.head
    place = head.seq.to_bytes(8, "big") + head.index.to_bytes(8, "big") + bytes.fromhex(head.event_id)
    return place + printed(subject.state).encode()


def _subject_from(name: str, stored: bytes) -> Subject:
    seq, index = int.from_bytes(stored[:8], "big"), int.from_bytes(stored[8:16], "big")
    state = MODELS[kind_of(name)].model_validate_json(stored[48:])
    return Subject(head=Head(seq=seq, event_id=stored[16:48].hex(), index=index), state=state)


def _node_to(node: heads.Node) -> bytes:
    return b"".join(
        child.place.to_bytes(2, "big") + child.prefix + child.hash + (child.value or bytes(32))
        for child in (node.left, node.right)
    )


def _node_from(key: tuple[int, bytes], stored: bytes) -> heads.Node:
    left, right = (
        heads.Child(
            int.from_bytes(part[:2], "big"),
            part[2:34],
            part[34:66],
            part[66:] if part[:2] == _LEAF_PLACE else b"",
        )
        for part in (stored[:98], stored[98:])
    )
    return heads.Node(*key, left, right)


_LEAF_PLACE = heads.KEY_BITS.to_bytes(2, "big")


def _code_to(code: Code) -> bytes:
    index, lot, event_id = code
    return index.to_bytes(8, "big") + bytes.fromhex(event_id) + lot.encode()


def _code_from(_: bytes, stored: bytes) -> Code:
    return int.from_bytes(stored[:8], "big"), stored[40:].decode(), stored[8:40].hex()


def _gone_to(key: Gone) -> bytes:
    return "\n".join(key).encode()


def _gone_from(raw: bytes) -> Gone:
    event_id, _, part = raw.decode().partition("\n")
    return event_id, part


def _same(raw: bytes) -> bytes:
    return raw


_CODECS: dict[str, Codec[Any, Any]] = {
    "subjects": Codec(str.encode, bytes.decode, _subject_to, _subject_from),
    "keys": Codec(
        str.encode,
        bytes.decode,
        lambda key: key.model_dump_json().encode(),
        lambda _, stored: KeyState.model_validate_json(stored),
    ),
    "codes": Codec(_same, _same, _code_to, _code_from),
    "nodes": Codec(
        lambda key: key[1] + key[0].to_bytes(1, "big"), lambda raw: (raw[-1], raw[:-1]), _node_to, _node_from
    ),
    "changed": Codec(_same, _same, _same, lambda _, stored: stored),
    "grants": Codec(str.encode, bytes.decode, canonical.dumps, lambda _, stored: canonical.loads(stored)),
    "gone": Codec(
        _gone_to,
        _gone_from,
        lambda index: index.to_bytes(8, "big"),
        lambda _, stored: int.from_bytes(stored, "big"),
    ),
}


def _point_to(point: Point) -> dict[str, Any]:
    top = point.heads.top
    return {
        "size": point.size,
        "last_leaf": point.last_leaf,
        "last_rec": point.last_rec,
        "log": point.log.model_dump_json() if point.log else None,
        "log_keys": [[index, key.hex()] for index, key in point.log_keys],
        "heads": [point.heads.root.hex(), point.heads.count],
        "heads_top": [top.place, top.prefix.hex(), top.hash.hex(), top.value.hex()] if top else None,
        "heads_through": point.heads_through,
        "unopened_sales": point.unopened_sales,
        "tallies": point.tallies,
    }


def _point_from(value: dict[str, Any]) -> Point:
    top = value["heads_top"]
    child = heads.Child(top[0], *(bytes.fromhex(text) for text in top[1:])) if top else None
    root, count = value["heads"]
    return Point(
        size=value["size"],
        last_leaf=value["last_leaf"],
        last_rec=value["last_rec"],
        log=LogState.model_validate_json(value["log"]) if value["log"] else None,
        log_keys=[(index, bytes.fromhex(text)) for index, text in value["log_keys"]],
        heads=heads.Head(bytes.fromhex(root), count, child),
        heads_through=value["heads_through"],
        unopened_sales=value["unopened_sales"],
        tallies=dict(value["tallies"]),
    )
