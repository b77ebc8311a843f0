"""Judge the records of a pack one after the other, by the rules that the writer and the auditor use.

A pack holds whole histories of what a lot rests on, not of other lots. Where a record changes another
lot, too, whether that lot allowed it is its own history: the rules find it as they find this one.
"""

from collections.abc import Sequence

from ledger.core.canonical import JsonValue
from ledger.core.envelope import Body
from ledger.core.leaf import Leaf
from ledger.errors import MissingEvidence, ProofError
from ledger.lots import trust
from ledger.lots.judge import judge
from ledger.lots.state import Event, Head, KeyState, LogState, LotState, Subject
from ledger.pack_private import Private
from ledger.records.registry import typed

STATED = "evidence.stated"


class PackReplay:
    """A View of the log as far as the pack shows it. rests: subjects whose whole history is shown."""

    def __init__(self, rests: frozenset[str], private: Private) -> None:
        self.log_keys: list[bytes] = []  # every key that was the log's, the one in force last
        self._rests = rests
        self._private = private
        self._log: LogState | None = None
        self._subjects: dict[str, Subject] = {}
        self._keys: dict[str, KeyState] = {}
        self._events: dict[str, Event] = {}
        self._codes: set[str] = set()
        self._body: Body | None = None  # of the record that is judged now

    def take(self, leaf: Leaf) -> None:
        """Judge the next record. Raises LedgerError naming its entry."""
        try:
            self._take(leaf)
        except MissingEvidence:
            raise
        except ProofError as error:
            raise ProofError(f"entry {leaf.index}: {error}") from error

    def _take(self, leaf: Leaf) -> None:
        record = leaf.record
        self._body = record.body
        typed_ = typed(record)
        record.verify(lambda key: trust.public_key(typed_, self, key))
        opened = self._private.opened(typed_)
        before = {link.id: self.subject(link.id) for link in record.body.subjects}
        changes = judge(typed_, index=leaf.index, recorded_at=leaf.recorded_at, view=self, opened=opened)
        self._private.check_rows(typed_, before)
        self._subjects.update({name: s for name, s in changes.subjects.items() if name in self._rests})
        self._keys.update({key.id: key for key in changes.keys})
        self._codes.update(changes.codes)
        if changes.log is not None:
            self._log = changes.log
            key = bytes.fromhex(changes.log.log_key)
            if key not in self.log_keys:  # no key becomes the log's twice
                self.log_keys.append(key)
        links = [link.id for link in record.body.subjects]
        author = record.body.author.party
        self._events[record.event_id] = Event(
            index=leaf.index, type=record.body.type, author=author, subjects=links
        )

    def lot(self, name: str) -> LotState:
        """What the records make of the lot."""
        found = self._subjects.get(name)
        if found is None or not isinstance(found.state, LotState):
            raise ProofError(f"{name} is no lot")
        return found.state

    def log(self) -> LogState | None:
        return self._log

    def subject(self, subject: str) -> Subject | None:
        return self._subjects.get(subject) if subject in self._rests else self._stand_in(subject)

    def _stand_in(self, subject: str) -> Subject | None:
        """Another lot of the record at hand, as its link says and otherwise like ours; None when new."""
        assert self._body is not None
        links = {link.id: link for link in self._body.subjects}
        ours = next((self._subjects[name] for name in links if name in self._subjects), None)
        link = links.get(subject)
        if ours is not None and self._body.type == STATED:
            ref = next((one for one in self._body.refs if one.id == subject), None)
            if ref is not None:  # about another lot: whether it was its head is that one's history
                return Subject(head=Head(seq=0, event_id=ref.event_id, index=0), state=ours.state)
        if link is None or link.seq == 0 or ours is None:
            return None
        lots = [self._subjects[name] for name in links if name in self._subjects and name.startswith("lot:")]
        head = Head(seq=link.seq - 1, event_id=link.prev, index=ours.head.index)
        return Subject(head=head, state=(lots or [ours])[0].state)

    def key(self, key_id: str) -> KeyState | None:
        return self._keys.get(key_id)

    def event(self, event_id: str) -> Event | None:
        return self._events.get(event_id)

    def first_issued(self, codes: Sequence[str]) -> str | None:
        return next((code for code in codes if code in self._codes), None)

    def opening(self, event_id: str, field: str) -> JsonValue | None:
        return self._private.value(event_id, field)
