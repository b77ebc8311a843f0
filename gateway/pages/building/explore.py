"""Find entries in a log of any size: every page looks at a bounded number of them.

Subjects have an index of their own. Types, parties and keys do not, so a search goes down from the
newest entry, says how far it got, and goes on from there when it is asked to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import Connection, Select, func, select

from gateway.pages.building.article import pack_href
from gateway.pages.building.reading import SHORT, checking
from gateway.pages.views import EntriesView, EntryLine, TypeCount
from ledger.core.envelope import parse_at
from ledger.core.leaf import Leaf
from ledger.core.subjects import kind_of
from ledger.store import log
from ledger.store.log import CHAIN, ENTRIES

PAGE_SIZE: Final = 50
LOOKED_AT_MAX: Final = 10_000  # entries of one page, where nothing but their bytes says what they are
CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Filters:
    """subject, party: exact ids; key: exact key id. before: only entries below this; None: the newest."""

    subject: str = ""
    type: str = ""
    before: int | None = None
    party: str = ""
    key: str = ""

    def href(self, before: int | None) -> str:
        values = {"subject": self.subject, "type": self.type, "party": self.party, "key": self.key}
        kept = {name: value for name, value in values.items() if value}
        if before is not None:
            kept["before"] = str(before)
        return f"/auditor/entries?{urlencode(kept, safe=':')}" if kept else "/auditor/entries"


class TypeCounts:
    """How many entries there are of each type, and the last of each; counts only what is new.

    For one log, whose entries are never changed; another log's head makes it begin again.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, tuple[int, int]] = {}  # type -> (count, index of the last)
        self._size, self._last_leaf = 0, b""

    def at(self, connection: Connection) -> dict[str, tuple[int, int]]:
        with self._lock:
            head = log.read_head(connection)
            size = head.size if head else 0
            if size < self._size or (self._size and self._leaf(connection) != self._last_leaf):
                self._counts, self._size = {}, 0
            if size > self._size:
                self._add(connection, size)
            return dict(self._counts)

    def _add(self, connection: Connection, size: int) -> None:
        statement = (
            select(ENTRIES.c.type, func.count(), func.max(ENTRIES.c.idx))
            .where(ENTRIES.c.idx >= self._size, ENTRIES.c.idx < size)
            .group_by(ENTRIES.c.type)
        )
        for type_, count, last in connection.execute(statement):
            self._counts[type_] = (self._counts.get(type_, (0, 0))[0] + count, last)
        self._size = size
        self._last_leaf = self._leaf(connection)

    def _leaf(self, connection: Connection) -> bytes:
        hashes = log.leaf_hashes(connection, self._size - 1, self._size)
        return hashes[0] if hashes else b""


class Distrust:
    """Which keys are distrusted, and from which index."""

    def __init__(self, connection: Connection) -> None:
        self._from = {key.id: key.distrust_from for key in log.keys(connection)}

    def signed(self, leaf: Leaf) -> bool:
        since = [self._from.get(signer.key) for signer in leaf.record.body.signers]
        return any(index is not None and index <= leaf.index for index in since)


def type_lines(counts: dict[str, tuple[int, int]]) -> Iterator[TypeCount]:
    """The most frequent first."""
    for type_, (count, _) in sorted(counts.items(), key=lambda item: (-item[1][0], item[0])):
        yield TypeCount(type=type_, count=count)


def entries_view(connection: Connection, filters: Filters, counts: TypeCounts) -> EntriesView:
    """Newest first."""
    types = counts.at(connection)
    head = log.read_head(connection)
    size = head.size if head else 0
    below = size if filters.before is None else min(filters.before, size)
    if filters.type:
        below = min(below, types.get(filters.type, (0, -1))[1] + 1)
    with checking("entries"):
        found, looked_down_to = _found(connection, filters, below)
        distrust = Distrust(connection)
        lines = tuple(_line(leaf, distrust) for leaf in found[:PAGE_SIZE])
    more = len(found) > PAGE_SIZE
    stopped = looked_down_to > 0 and not more
    next_before = lines[-1].index if more else looked_down_to
    return EntriesView(
        entries=lines,
        total=_total(connection, filters, types, size),
        types=tuple(sorted(types)),
        subject=filters.subject,
        type=filters.type,
        party=filters.party,
        key=filters.key,
        pack_href=pack_href(filters.subject) if kind_of(filters.subject) == "lot" and lines else "",
        looked_down_to=looked_down_to if stopped else None,
        next_href=filters.href(next_before) if more or stopped else "",
        previous_href=filters.href(None) if filters.before is not None else "",
    )


def _found(connection: Connection, filters: Filters, below: int) -> tuple[list[Leaf], int]:
    """One more than a page, and the index down to which everything was looked at."""
    if filters.subject:
        leaves = (leaf for leaf in _of_subject(connection, filters, below) if _is_by(leaf, filters))
        return [leaf for leaf, _ in zip(leaves, range(PAGE_SIZE + 1), strict=False)], 0
    found: list[Leaf] = []
    needle = f'"{filters.key or filters.party}"'.encode()
    lowest = max(0, below - LOOKED_AT_MAX)
    while below > lowest:
        start = max(lowest, below - CHUNK)
        for (data,) in connection.execute(_between(filters, start, below)):
            leaf = Leaf.parse(data) if needle == b'""' or needle in data else None
            if leaf is not None and _is_by(leaf, filters):
                found.append(leaf)
                if len(found) > PAGE_SIZE:
                    return found, leaf.index
        below = start
    return found, lowest


def _between(filters: Filters, start: int, end: int) -> Select[Any]:
    statement = select(ENTRIES.c.leaf).where(ENTRIES.c.idx >= start, ENTRIES.c.idx < end)
    if filters.type:
        statement = statement.where(ENTRIES.c.type == filters.type)
    statement = statement.order_by(ENTRIES.c.idx.desc())
    return statement if filters.party or filters.key else statement.limit(PAGE_SIZE + 1)


def _of_subject(connection: Connection, filters: Filters, below: int) -> Iterator[Leaf]:
    """Along the chain's own index, in chunks: a chain may be as long as the log."""
    statement = select(CHAIN.c.seq).where(CHAIN.c.subject == filters.subject, CHAIN.c.idx < below)
    seq = connection.execute(statement.order_by(CHAIN.c.seq.desc()).limit(1)).scalar_one_or_none()
    while seq is not None and seq >= 0:
        chunk = (
            select(ENTRIES.c.leaf)
            .join(CHAIN, CHAIN.c.idx == ENTRIES.c.idx)
            .where(CHAIN.c.subject == filters.subject, CHAIN.c.seq <= seq, CHAIN.c.seq > seq - PAGE_SIZE)
        )
        if filters.type:
            chunk = chunk.where(ENTRIES.c.type == filters.type)
        for (data,) in connection.execute(chunk.order_by(CHAIN.c.seq.desc())):
            yield Leaf.parse(data)
        seq -= PAGE_SIZE


def _is_by(leaf: Leaf, filters: Filters) -> bool:
    """One and the same signer has the party and the key that were asked for."""
    return any(
        filters.party in ("", signer.party) and filters.key in ("", signer.key)
        for signer in leaf.record.body.signers
    )


def _total(
    connection: Connection, filters: Filters, types: dict[str, tuple[int, int]], size: int
) -> int | None:
    """How many match; None where that would have to be counted."""
    if filters.party or filters.key or (filters.subject and filters.type):
        return None
    if filters.subject:
        statement = select(func.count()).select_from(CHAIN).where(CHAIN.c.subject == filters.subject)
        total: int = connection.execute(statement).scalar_one()
        return total
    return types.get(filters.type, (0, 0))[0] if filters.type else size


def _line(leaf: Leaf, distrust: Distrust) -> EntryLine:
    body = leaf.record.body
    return EntryLine(
        href=f"/auditor/entries/{leaf.index}",
        index=leaf.index,
        type=body.type,
        recorded_at=parse_at(leaf.recorded_at),
        subjects=tuple(_shortened(link.id) for link in body.subjects),
        roles=tuple(dict.fromkeys(signer.role for signer in body.signers)),
        distrusted=distrust.signed(leaf),
    )


def _shortened(subject: str) -> str:
    kind, _, rest = subject.partition(":")
    return f"{kind}:{rest[:SHORT]}"
