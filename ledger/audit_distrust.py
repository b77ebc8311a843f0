"""What an audit says of records under a key that is distrusted since: they stay, and are named.

The log's own revocation says so, and it may reach back. Such a record breaks no rule, so it is a note and
no finding; what rests on it is for the gate and the pages to say.
"""

from collections.abc import Iterator

from ledger.audit_report import NOTES_MAX, Note, Report
from ledger.audit_source import Source
from ledger.core.envelope import Body
from ledger.core.leaf import Leaf
from ledger.lots.distrust import distrusted_records, first_distrusted
from ledger.replay import Replay

STAGE = "distrusted"


def note_distrusted(source: Source, replay: Replay, report: Report) -> None:
    """Note every distrusted record of the log, in the order of the log, as all revocations have it by now.

    Reads the entries again from the first that may be one; none when no key is distrusted.
    """
    keys = list(replay.state.keys.values())
    first = first_distrusted(keys)
    if first is None:
        return
    beyond = 0
    for one in distrusted_records(_bodies(source, first, replay.size), keys):
        if len(report.notes) < NOTES_MAX:
            report.notes.append(Note(STAGE, str(one), one.index, one.type, one.keys))
        else:
            beyond += 1
    if beyond:
        report.notes.append(Note(STAGE, f"{beyond} further records are signed by distrusted keys"))


def _bodies(source: Source, start: int, end: int) -> Iterator[tuple[int, Body]]:
    for index in range(start, end):
        yield index, Leaf.parse(source.leaf_at(index)).record.body
