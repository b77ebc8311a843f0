"""Signed tree heads: when the log grew, who cosigned, how far behind each witness is."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, func, select

from gateway.errors import NotFound
from gateway.pages.views import CheckpointLine, CheckpointsView, Growth, WitnessLine
from gateway.wiring import Installation
from ledger.core import tiles
from ledger.core.checkpoint import open_checkpoint
from ledger.core.cosignature import open_cosignature
from ledger.core.envelope import parse_at
from ledger.core.keys import VerifierKey
from ledger.core.note import Note
from ledger.errors import LedgerError, MissingEvidence
from ledger.store import checkpoints
from ledger.store.checkpoints import CHECKPOINTS, COSIGNATURES, PUBLISHED, SignedHead

POINTS_MAX: Final = 120
LINES_MAX: Final = 25
WIDTH, HEIGHT = 600, 150  # of the drawing's own units


def growth(connection: Connection, until: int) -> Growth | None:
    """Tree size over the log's own time, up to a size; None before there are two heads to draw."""
    first, last, count = connection.execute(
        select(func.min(CHECKPOINTS.c.size), func.max(CHECKPOINTS.c.size), func.count()).where(
            CHECKPOINTS.c.size <= until
        )
    ).one()
    if count < 2:
        return None
    heads = list(_sampled(connection, first, last, count))
    began, ended = heads[0][1], heads[-1][1]
    span = max((ended - began).total_seconds(), 1.0)
    points = [
        (round(WIDTH * (at - began).total_seconds() / span), round(HEIGHT * (1 - size / last)))
        for size, at in heads
    ]
    return Growth(
        path=_steps(points),
        points=tuple(points),
        began=began,
        ended=ended,
        tree_size=last,
        checkpoints=count,
    )


def checkpoints_view(
    installation: Installation, connection: Connection, below: int | None
) -> CheckpointsView:
    """Newest first, each checked again: its signature, and its root against the published tiles."""
    lines, more = checkpoint_lines(installation, connection, below)
    if not lines and below is not None:
        raise NotFound(str(below))
    return CheckpointsView(
        lines=lines,
        next_href=f"/auditor/checkpoints?before={lines[-1].size}" if more else "",
        previous_href="/auditor/checkpoints" if below is not None else "",
    )


def checkpoint_lines(
    installation: Installation, connection: Connection, below: int | None, limit: int = LINES_MAX
) -> tuple[tuple[CheckpointLine, ...], bool]:
    """The heads below a size, newest first, and whether there are more."""
    statement = select(CHECKPOINTS).order_by(CHECKPOINTS.c.size.desc()).limit(limit + 1)
    if below is not None:
        statement = statement.where(CHECKPOINTS.c.size < below)
    rows = [SignedHead(r.size, r.root, r.note, r.signed_at) for r in connection.execute(statement)]
    shown = rows[:limit]
    published = _published_at(connection, [head.size for head in shown])
    lines = tuple(_line(installation, connection, head, published.get(head.size)) for head in shown)
    return lines, len(rows) > limit


def witness_lines(installation: Installation, connection: Connection) -> Iterator[WitnessLine]:
    """Every witness of the publication policy, and every other that ever cosigned."""
    visible = installation.verifier().checkpoint.size
    newest = select(COSIGNATURES.c.witness, func.max(COSIGNATURES.c.ts)).group_by(COSIGNATURES.c.witness)
    heard: dict[str, int] = {row[0]: row[1] for row in connection.execute(newest)}
    sizes = checkpoints.witnessed_sizes(connection)
    policy = installation.publication_policy
    wanted = {str(key): name for name, key in policy.witnesses.items()} if policy else {}
    for vkey in sorted({*wanted, *heard, *sizes}):
        size = sizes.get(vkey)
        yield WitnessLine(
            name=VerifierKey.parse(vkey).name,
            vkey=vkey,
            size=size,
            lag=None if size is None else max(0, visible - size),
            cosigned_at=datetime.fromtimestamp(heard[vkey], UTC) if vkey in heard else None,
            wanted=vkey in wanted,
        )


def _sampled(connection: Connection, first: int, last: int, count: int) -> Iterator[tuple[int, datetime]]:
    """At most ``POINTS_MAX`` heads, evenly over the sizes: each is found by the table's own key."""
    columns = select(CHECKPOINTS.c.size, CHECKPOINTS.c.signed_at).order_by(CHECKPOINTS.c.size)
    if count <= POINTS_MAX:
        for size, at in connection.execute(columns.where(CHECKPOINTS.c.size <= last)):
            yield size, parse_at(at)
        return
    seen = -1
    for n in range(POINTS_MAX):
        wanted = first + (last - first) * n // (POINTS_MAX - 1)
        size, at = connection.execute(columns.where(CHECKPOINTS.c.size >= wanted).limit(1)).one()
        if size != seen:
            yield size, parse_at(at)
        seen = size


def _steps(points: Sequence[tuple[int, int]]) -> str:
    """An SVG path that stands still between two heads: nothing is known of what was between."""
    x, y = points[0]
    return f"M{x} {y}" + "".join(f"H{x}V{y}" for x, y in points[1:])


def _published_at(connection: Connection, sizes: Sequence[int]) -> dict[int, datetime]:
    statement = select(PUBLISHED).where(PUBLISHED.c.size.in_(sizes))
    return {row.size: parse_at(row.published_at) for row in connection.execute(statement)}


def _line(
    installation: Installation, connection: Connection, head: SignedHead, published_at: datetime | None
) -> CheckpointLine:
    return CheckpointLine(
        size=head.size,
        root=head.root.hex(),
        signed_at=parse_at(head.signed_at),
        published_at=published_at,
        cosigners=tuple(_cosigners(connection, head)),
        verdict=_verdict(installation, head),
    )


def _cosigners(connection: Connection, head: SignedHead) -> Iterator[tuple[str, datetime]]:
    """Those whose cosignature verifies now: (name, when it was made)."""
    text = Note.parse(head.note).text
    for vkey, given in sorted(checkpoints.cosignatures(connection, head.size).items()):
        try:
            key = VerifierKey.parse(vkey)
            opened = open_cosignature(text, given.line.encode(), key)
        except LedgerError:
            continue
        yield key.name, datetime.fromtimestamp(opened.timestamp, UTC)


def _verdict(installation: Installation, head: SignedHead) -> str:
    """Slug of words.CHECKPOINT_VERDICTS."""
    verifier = installation.verifier()
    if head.size > verifier.checkpoint.size:
        return "waiting"
    try:
        checkpoint = open_checkpoint(head.note, installation.vkey)
        root = tiles.right_edge(head.size, verifier.hashes).root()
    except MissingEvidence:
        return "missing"
    except LedgerError:
        return "wrong"
    return "same-root" if (checkpoint.size, checkpoint.root) == (head.size, root) else "wrong"
