"""Measuring at a bench: whose work it is, what was found on each article, taken back or written over.

Nothing of it is in the ledger before the result is stated (``gateway.statements.measuring``).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

from sqlalchemy import Connection

from gateway.errors import NotFound, Refused
from gateway.files.intake import Accepted
from gateway.measuring.findings import Article, Finding, lowest_of, units_of
from gateway.people.identity import Identity
from gateway.policies import load
from gateway.store import drafts, files, statements
from gateway.store.drafts import Draft, Line
from gateway.store.statements import Statement
from gateway.wiring import Installation
from gateway.workflows import keep_file
from ledger.author import new_id
from ledger.core.subjects import is_subject_id
from ledger.lots import sampling
from ledger.lots.rules.inspection import unsold
from ledger.lots.schemes import Scheme, load_schemes
from ledger.lots.state import LotState, PartyState, Sample, WorkState
from ledger.record import Ledger
from ledger.store import log

PHOTOS_MAX: Final = 20  # of one article
ROLES: Final[Mapping[str, str]] = {"inspection": "inspector", "refurbishment": "refurbisher"}
WHOLE_LOT: Final = "all"


class MeasuredMeanwhile(Refused):
    """The article was measured by somebody else since the form was opened. standing: None: taken back."""

    def __init__(self, standing: Draft | None) -> None:
        super().__init__("measured-meanwhile", "somebody else measured this article meanwhile")
        self.standing = standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """An open work order and the lot on it.

    scheme: None for a category that no scheme is set for. units: to be measured, of the sample or of
    what is not sold. has_rows: the lot's articles are known one by one. waits: the statement of the
    result that waits for a signature.
    """

    work: str
    state: WorkState
    lot: str
    goods: LotState
    scheme: Scheme | None
    units: int
    has_rows: bool
    waits: Statement | None

    @property
    def kind(self) -> str:
        return self.state.kind

    @property
    def sample(self) -> Sample | None:
        return self.state.sample

    @property
    def is_open(self) -> bool:
        return not self.state.closed and self.waits is None

    @property
    def drawn(self) -> list[int]:
        """The units of the planned sample, ascending."""
        assert self.sample is not None
        seed = bytes.fromhex(self.sample.seed)
        return sampling.draw(seed, lot_size=self.sample.lot_size, sample_size=self.sample.sample_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one form says of one article.

    findings: all that is known of it now. seen: the version that the form was filled in on, 0 for none.
    token: the same when the form is sent again. kept: ids of photos that stay; photos: new ones.
    """

    findings: tuple[Finding, ...]
    seen: int
    token: str
    kept: tuple[str, ...] = ()
    photos: tuple[Accepted, ...] = ()


def open_bench(connection: Connection, work: str, party: str, role: str) -> Bench:
    """The work order, for the party that it was given to. Raises NotFound for whoever it was not."""
    found = log.subject(connection, work) if is_subject_id(work) and work.startswith("work:") else None
    if found is None or not isinstance(found.state, WorkState) or found.state.worker_party != party:
        raise NotFound(work)
    state = found.state
    if role not in (ROLES[state.kind], "device"):
        raise NotFound(work)
    lot = log.subject(connection, state.lot)
    assert lot is not None
    assert isinstance(lot.state, LotState)
    left = unsold(lot.state)
    waiting = [one for one in statements.of_subject(connection, state.lot) if one.told.get("work") == work]
    return Bench(
        work=work,
        state=state,
        lot=state.lot,
        goods=lot.state,
        scheme=scheme_of(lot.state.category),
        units=state.sample.sample_size if state.sample else left if left is not None else lot.state.quantity,
        has_rows=drafts.has_rows(connection, state.lot),
        waits=waiting[0] if waiting else None,
    )


def parties(connection: Connection) -> Iterator[tuple[str, PartyState]]:
    """Every registered party, by id."""
    return ((name, subject.state) for name, subject in log.subjects_of_kind(connection, "party"))


def scheme_of(category: str) -> Scheme | None:
    """The last version of the scheme that goods of a category are graded by."""
    return load_schemes().get(load.schemes().get(category.replace("-", "_"), ""))


def work_of(connection: Connection, party: str) -> list[tuple[str, WorkState]]:
    """The work orders of a party, open ones first."""
    found = [
        (name, subject.state)
        for name, subject in log.subjects_of_kind(connection, "work")
        if subject.state.worker_party == party
    ]
    return sorted(found, key=lambda one: one[1].closed)


def article(connection: Connection, bench: Bench, slot: str) -> Article:
    """Raises NotFound for a slot that is no article of this work order."""
    kind, number = slot[:1], slot[1:]
    if slot == WHOLE_LOT and not bench.has_rows and bench.sample is None:
        return Article(slot, 0, 0, bench.units)
    if not (number.isascii() and number.isdigit() and len(number) <= 9 and str(int(number)) == number):
        raise NotFound(slot)
    if kind == "u" and bench.sample is not None and int(number) in set(bench.drawn):
        return drawn_articles(connection, bench, [int(number)])[0]
    if kind == "r" and bench.sample is None:
        found = drafts.lines(connection, bench.lot, ns=[int(number)])
        if found:
            before = drafts.units_before(connection, bench.lot, found[0].n)
            return _of_line(bench, found[0], before)
    raise NotFound(slot)


def articles(connection: Connection, bench: Bench) -> list[Article]:
    """Every article of the work order, in the order of the lot."""
    if bench.sample is not None:
        return drawn_articles(connection, bench, bench.drawn)
    if not bench.has_rows:
        return [article(connection, bench, WHOLE_LOT)]
    lines = drafts.lines(connection, bench.lot)
    firsts = accumulate((line.quantity for line in lines), initial=0)
    return [_of_line(bench, line, first) for line, first in zip(lines, firsts, strict=False)]


def drawn_articles(connection: Connection, bench: Bench, units: Sequence[int]) -> list[Article]:
    """The articles that drawn units are, each as one unit."""
    if not bench.has_rows:
        return [Article(f"u{unit}", unit, unit, 1, is_drawn=True) for unit in units]
    lines = drafts.lines(connection, bench.lot)
    ends = list(accumulate(line.quantity for line in lines))
    found = []
    for unit in units:
        place = bisect_right(ends, unit)
        if place == len(lines):
            raise NotFound(f"u{unit}")
        line = lines[place]
        source = _source(bench, line)
        found.append(Article(f"u{unit}", unit, unit, 1, line.item, source, is_drawn=True))
    return found


def _of_line(bench: Bench, line: Line, first: int) -> Article:
    return Article(f"r{line.n}", line.n, first, line.quantity, line.item, _source(bench, line))


def _source(bench: Bench, line: Line) -> tuple[str, int]:
    assert bench.goods.manifest_event is not None
    return (bench.goods.manifest_event, line.n)


def save(
    installation: Installation, identity: Identity, work: str, slot: str, change: Change
) -> tuple[Bench, Draft | None]:
    """Write what was found on an article; without findings it is not measured (again).

    Raises NotFound; Refused ``work-closed``; MeasuredMeanwhile.
    """
    placed = [
        keep_file.placed(installation, photo, owner=identity.organisation, added_by=identity.principal)
        for photo in change.photos
    ]

    def unit(ledger: Ledger) -> tuple[Bench, Draft | None]:
        connection = ledger.connection
        bench = _writable(connection, identity, work)
        place, standing = article(connection, bench, slot), drafts.find(connection, work, slot)
        if standing is not None and change.token and standing.token == change.token:
            return bench, standing  # its answer was lost on the way, and it came again
        if (standing.version if standing else 0) != change.seen:
            raise MeasuredMeanwhile(standing)
        for file in placed:
            files.add(connection, replace(file, lot=bench.lot))
        kept = [file for file in (standing.files if standing else ()) if file[0] in change.kept]
        kept += [(file.id, file.sha256) for file in placed]
        if not change.findings:
            drafts.remove(connection, work, slot)
            return bench, None
        draft = _draft(connection, bench, place, change, identity, installation.clock.now())
        draft = replace(
            draft,
            version=(standing.version if standing else 0) + 1,
            files=tuple(kept[:PHOTOS_MAX]),
            token=change.token,
        )
        drafts.put(connection, [draft])
        return bench, draft

    return installation.writer.do(unit)


Found = Callable[[Connection, "Bench"], Sequence[tuple[Article, Mapping[str, Any]]]]


def save_many(installation: Installation, identity: Identity, work: str, found: Found) -> int:
    """Write what a sheet says of many articles, all or nothing; how many. See ``saving_many``."""
    return installation.writer.do(saving_many(installation, identity, work, found))


def saving_many(
    installation: Installation, identity: Identity, work: str, found: Found
) -> Callable[[Ledger], int]:
    """A unit that writes what a sheet or a station says of many articles, and how many they are.

    found: (article, members of the Draft beside what is the same for all), asked inside the transaction.
    The unit raises what ``found`` raises, NotFound, Refused ``work-closed``.
    """

    def unit(ledger: Ledger) -> int:
        connection, now = ledger.connection, installation.clock.now()
        bench = _writable(connection, identity, work)
        rows = found(connection, bench)
        standing = drafts.at_slots(connection, work, [place.slot for place, _ in rows])
        worker = "" if identity.role == "device" else worker_of(connection, identity)
        drafts.put(
            connection,
            (
                Draft(
                    work=work,
                    slot=place.slot,
                    position=place.position,
                    version=standing[place.slot].version + 1 if place.slot in standing else 1,
                    by=identity.principal,
                    worker=worker,
                    at=now,
                    **{"files": standing[place.slot].files if place.slot in standing else (), **members},
                )
                for place, members in rows
            ),
        )
        return len(rows)

    return unit


def worker_of(connection: Connection, identity: Identity) -> str:
    """The pseudonym of whoever works, made with the first work at this party."""
    found = drafts.worker(connection, identity.organisation, identity.principal)
    if found is None:
        found = new_id("worker")
        drafts.add_worker(connection, identity.organisation, identity.principal, found)
    return found


def repaired_it(connection: Connection, bench: Bench, identity: Identity) -> bool:
    """Whether the goods were repaired by the caller's party, or by the very person elsewhere."""
    own = set(drafts.pseudonyms(connection, identity.principal))
    return any(
        hand.party == identity.organisation or (hand.worker is not None and hand.worker in own)
        for hand in bench.goods.refurbishers
    )


def _writable(connection: Connection, identity: Identity, work: str) -> Bench:
    bench = open_bench(connection, work, identity.organisation, identity.role)
    if not bench.is_open:
        raise Refused("work-closed", "the result of this work order was stated already")
    return bench


def _draft(
    connection: Connection, bench: Bench, place: Article, change: Change, identity: Identity, at: datetime
) -> Draft:
    units = units_of(change.findings)
    if units > place.quantity:
        raise Refused("work-closed", f"{place.quantity} pieces are there")
    graded = bench.scheme if bench.kind == "inspection" else None
    return Draft(
        work=bench.work,
        slot=place.slot,
        position=place.position,
        version=0,
        state="measured",
        source="person",
        findings=change.findings,
        units=units,
        grade=lowest_of(graded, change.findings) if graded else "",
        by=identity.principal,
        worker=worker_of(connection, identity),
        at=at,
    )
