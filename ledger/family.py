"""A lot's own records and those of the lots that it came of, as the tables have them."""

from sqlalchemy import Connection

from ledger.lots import lineage
from ledger.lots.state import LotState
from ledger.store import log


def lots_of(connection: Connection) -> lineage.StateOf:
    """The working copies of lots, by id."""

    def state_of(name: str) -> LotState | None:
        subject = log.subject(connection, name)
        return subject.state if subject is not None and isinstance(subject.state, LotState) else None

    return state_of


def line_of(connection: Connection, lot: str) -> list[tuple[str, int]]:
    """(lot, last index of its chain that belongs to the history of ``lot``), eldest first, itself last.

    A lot without a record has -1, and so has what came of it alone; whoever verifies says so.
    """

    def born(name: str) -> int:
        chain = log.chain(connection, name)
        return chain[0][0] if chain else -1

    return lineage.until(lot, lots_of(connection), born)
