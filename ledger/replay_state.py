"""What a replay knows of a log after the entries it has taken: the next entry is judged by nothing else.

``ReplayState()`` keeps all of it in memory; ``ledger.replay_file`` keeps it in a file of the auditor's
own, with a bounded part in memory.
"""

from array import array
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field

from ledger.core.canonical import JsonValue
from ledger.core.heads import EMPTY_HEAD, Head, Node
from ledger.core.leaf import FIRST_PREVIOUS
from ledger.lots.state import KeyState, LogState, Subject
from ledger.tile_tree import TileTree

Code = tuple[int, str, str]  # index, lot and event id of the record that issued it
Gone = tuple[str, str]  # event id; a field, or "#n" for row n of a manifest


@dataclass(slots=True)
class Point:
    """Where a replay stands.

    size: entries taken. last_leaf: hex leaf hash of the last one, last_rec: its log time. log_keys:
    every key that was the log's, behind the index of the entry that names it, the first one first.
    heads_*: as of the last ``log.heads``, -1 before the first. unopened_sales: sales whose quantity was
    not to be had. tallies: counts that a source keeps of its own, by name.
    """

    size: int = 0
    last_leaf: str = FIRST_PREVIOUS
    last_rec: str = ""
    log: LogState | None = None
    log_keys: list[tuple[int, bytes]] = field(default_factory=list)
    heads: Head = EMPTY_HEAD
    heads_through: int = -1
    unopened_sales: int = 0
    tallies: dict[str, int] = field(default_factory=dict)


class ReplayState:
    """Kept in memory, as large as the log has subjects. A replay owns the one that it is given."""

    def __init__(self) -> None:
        self.point = Point()
        self.tree = TileTree()
        self.subjects: MutableMapping[str, Subject] = {}
        self.keys: MutableMapping[str, KeyState] = {}
        self.codes: MutableMapping[bytes, Code] = {}
        self.nodes: MutableMapping[tuple[int, bytes], Node] = {}
        self.changed: MutableMapping[bytes, bytes] = {}  # heads keys since the last log.heads
        self.grants: MutableMapping[str, dict[str, JsonValue]] = {}  # opened values later rules ask for
        self.gone: MutableMapping[Gone, int] = {}  # erased, and no erasure.recorded yet: index of its record
        self._events = array("Q")  # first 8 bytes of each event id: found again without keeping them all

    def note_event(self, event_id: str) -> None:
        """Remember where a record stands; called once an entry, in order."""
        self._events.append(int(event_id[:16], 16))

    def indexes_of(self, event_id: str) -> Iterable[int]:
        """Where the record of this id may stand: whoever asks compares the id itself."""
        start, wanted = 0, int(event_id[:16], 16)
        while True:
            try:
                start = self._events.index(wanted, start) + 1
            except ValueError:
                return
            yield start - 1

    def save(self) -> None:
        """Make everything taken so far durable, where there is a place for it. Here there is none."""

    def close(self) -> None:
        """Give up what is held; what was not saved is lost."""
