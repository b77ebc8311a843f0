"""Which lots stand under an authorization, from the working copy."""

from collections.abc import Iterator

from sqlalchemy import Connection, bindparam, select

from ledger.core.subjects import kind_of
from ledger.lots.permission import dependents
from ledger.lots.state import LotState
from ledger.store.log import SUBJECTS
from ledger.store.statements import Statement

# An id stands in a state as it is: the text finds every candidate, and the state decides.
_NAMING = Statement(
    select(SUBJECTS.c.subject, SUBJECTS.c.state)
    .where(SUBJECTS.c.subject.like(bindparam("kind")), SUBJECTS.c.state.like(bindparam("text")))
    .order_by(SUBJECTS.c.idx, SUBJECTS.c.subject)
)


def lots_under(connection: Connection, authorization: str) -> Iterator[LotState]:
    """Every lot that stands under a grant, be it the last link of its chain or one above."""
    return (lot for _, lot in _candidates(connection, authorization) if authorization in lot.authorizations)


def names_under(connection: Connection, authorization: str) -> list[str]:
    """The ids of exactly those lots, by the log index of their last record."""
    return dependents(_candidates(connection, authorization), authorization)


def _candidates(connection: Connection, authorization: str) -> Iterator[tuple[str, LotState]]:
    assert kind_of(authorization) == "authorization"
    for name, state in _NAMING.rows(connection, kind="lot:%", text=f"%{authorization}%"):
        yield name, LotState.model_validate_json(state)
