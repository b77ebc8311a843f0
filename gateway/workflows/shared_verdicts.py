"""Look at a lot once for all who ask at the same time, and verify again only what is not as it was.

A verification reads tiles and holds a reading connection; eighty buyers of one lot would take them all.
An asker is answered by a look that began after he asked, never by an older one, so a history that was
altered meanwhile is found as if everybody had looked alone.

A look reads everything again: each row that the last verification and judgement of the lot read, down
to the signed bytes, is selected anew, and their SHA-256 compared. Signatures, proofs and rules give the
same for the same bytes under the same published tree, on the same day, by policies that a process reads
once; so while all of that is the same, the verdict is kept. One altered byte, one new row or record,
another checkpoint or another day, and everything is verified from the beginning. What did not hold is
never kept, nor are goods that lie with their supplier: how old his word is depends on the hour.
"""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, replace
from datetime import date
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from gateway.store import stock_levels
from gateway.wiring import Installation
from gateway.workflows.gate import Judged, Verdict, counted, judge_lot, judge_uncounted, today, verdict_on
from gateway.workflows.score_suppliers import catch_up
from ledger.store.log import read_head
from ledger.store.reads import Reads, noted
from ledger.verify import Verifier

AT_ONCE = 4  # verifications of different lots that run at a time; they are work of the processor
KEPT_MAX = 64  # lots; one of a thousand articles takes a megabyte or two


@dataclass(frozen=True, slots=True)
class Looked(Verdict):
    """The verdict with all that the gate knew of the lot then. size: of the log, in entries."""

    judged: Judged | None
    size: int


def judged_now(
    installation: Installation, connection: Connection, lot: str, verdict: Verdict
) -> Judged | None:
    """As ``gate.judge_lot``; what was looked at is taken while nothing was recorded since.

    The lot's stock row may have moved: whoever promises units reads it himself.
    """
    if isinstance(verdict, Looked) and verdict.size == _size(connection):
        return verdict.judged
    return judge_lot(installation, connection, lot, verdict)


def _size(connection: Connection) -> int:
    head = read_head(connection)
    return 0 if head is None else head.size


@dataclass(frozen=True, slots=True)
class _Kept:
    """A look that found nothing wrong, and what it rests on. digest: of the rows that ``reads`` found."""

    verifier: Verifier
    day: date
    reads: Reads
    digest: bytes
    looked: Looked


class _Asked:
    def __init__(self) -> None:
        self.verdict: Looked | None = None
        self.error: BaseException | None = None
        self.done = False


class _Lot:
    """Those that wait for one lot. askers: how many look at this entry, so that it can go."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: deque[_Asked] = deque()
        self.askers = 0


class _Desk:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lots: dict[str, _Lot] = {}
        self.places = threading.BoundedSemaphore(AT_ONCE)
        self.kept: OrderedDict[str, _Kept] = OrderedDict()  # verified last comes last

    def ask(self, installation: Installation, name: str) -> Looked:
        with self.lock:
            lot = self.lots.setdefault(name, _Lot())
            lot.askers += 1
        try:
            return self._wait(installation, name, lot)
        finally:
            with self.lock:
                lot.askers -= 1
                if not lot.askers:
                    self.lots.pop(name, None)

    def _wait(self, installation: Installation, name: str, lot: _Lot) -> Looked:
        mine = _Asked()
        lot.waiting.append(mine)
        while not mine.done:
            with lot.lock:
                if not mine.done:  # whoever was before us may have looked for us, too
                    self._look(installation, name, lot)
        if mine.error is not None:
            raise mine.error
        assert mine.verdict is not None
        return mine.verdict

    def _look(self, installation: Installation, name: str, lot: _Lot) -> None:
        with self.places:
            served = [lot.waiting.popleft() for _ in range(len(lot.waiting))]
            verdict, error = None, None
            try:
                with installation.database.reading() as connection:
                    verdict = self._looked(installation, connection, name)
            except BaseException as raised:  # noqa: BLE001 - each asker is told, whatever it was
                error = raised
        for one in served:
            one.verdict, one.error = verdict, error
            one.done = True

    def _looked(self, installation: Installation, connection: Connection, name: str) -> Looked:
        """Within one snapshot."""
        catch_up(installation.database, connection)  # before, so that a long log is not among the reads
        kept = self.kept.get(name)
        if kept is None or not _holds(installation, connection, kept):
            kept = _look(installation, connection, name)
            self._keep(installation, name, kept)
        looked = kept.looked
        if looked.judged is None:
            return looked
        return replace(looked, judged=counted(looked.judged, stock_levels.sellable(connection, name)))

    def _keep(self, installation: Installation, name: str, made: _Kept) -> None:
        with self.lock:
            self.kept.pop(name, None)
            if _may_keep(installation, made):
                self.kept[name] = made
            while len(self.kept) > KEPT_MAX:
                self.kept.popitem(last=False)


def _look(installation: Installation, connection: Connection, lot: str) -> _Kept:
    """Verify and judge from the beginning, within one snapshot."""
    verifier, day = installation.verifier(), today(installation)
    with noted(connection) as reads:
        found = verdict_on(installation, connection, lot)
        judged = judge_uncounted(installation, connection, lot, found)
        looked = Looked(found.verified, found.distrusted, judged, _size(connection))
    return _Kept(verifier, day, reads, reads.digest(connection), looked)


def _holds(installation: Installation, connection: Connection, kept: _Kept) -> bool:
    """Whether a look would find the same now."""
    return (
        kept.verifier is installation.verifier()  # it gives another one with another checkpoint
        and kept.day == today(installation)
        and kept.digest == kept.reads.digest(connection)
    )


def _may_keep(installation: Installation, made: _Kept) -> bool:
    judged = made.looked.judged
    return (
        made.looked.verified
        and judged is not None
        and judged.facts.stated is None
        # neither became visible nor dawned while we looked
        and made.verifier is installation.verifier()
        and made.day == today(installation)
    )


_DESKS: WeakKeyDictionary[Installation, _Desk] = WeakKeyDictionary()
_MAKING = threading.Lock()


def shared_verdict(installation: Installation, lot: str) -> Looked:
    """As ``gate.verdict_on``, with a reading connection of its own; ask before a unit of work.

    What the gate needs beside is read with it, for ``judged_now`` inside the unit.
    """
    with _MAKING:
        desk = _DESKS.setdefault(installation, _Desk())
    return desk.ask(installation, lot)
