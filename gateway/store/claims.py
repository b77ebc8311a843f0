"""Hidden codes: committed to when they are printed, claimed once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Final, Literal

from sqlalchemy import Connection, bindparam, select

from gateway.store import label_tables
from ledger.store.tables import table

HIDDEN = table(label_tables.HiddenCodeRow)
Outcome = Literal["claimed", "already", "wrong"]
_NOBODYS: Final = "0" * 64  # compared with where there is none, so that a miss takes as long


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody showed the hidden code. By whom is not known, and is not kept."""

    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class HiddenCode:
    """digest: 64 hex digits, see ``qrcodes.hidden``."""

    code: str
    run: str
    digest: str


def claim_of(connection: Connection, code: str) -> Claim | None:
    """The claim of this code; None while nobody claimed it, also when it has no hidden code."""
    claimed_at = connection.execute(select(HIDDEN.c.claimed_at).where(HIDDEN.c.code == code)).scalar()
    return None if claimed_at is None else Claim(_utc(claimed_at))


def is_claimable(connection: Connection, code: str) -> bool:
    """Whether the label of this code has a hidden code that nobody showed yet."""
    found = connection.execute(select(HIDDEN.c.claimed_at).where(HIDDEN.c.code == code)).one_or_none()
    return found is not None and found[0] is None


def add(connection: Connection, hidden: Sequence[HiddenCode]) -> None:
    """Note the hidden codes of new labels. An older one of the same code, unless claimed, ends here."""
    rows = [{"code": one.code, "run": one.run, "digest": one.digest} for one in hidden]
    if not rows:
        return
    ended = [{"of_code": one.code} for one in hidden]
    connection.execute(_END, ended)
    claimed = _claimed(connection, [one.code for one in hidden])
    new = [row for row in rows if row["code"] not in claimed]
    if new:
        connection.execute(HIDDEN.insert(), new)


def claim(connection: Connection, code: str, digest: str, now: datetime) -> Outcome:
    """Claim ``code`` with the digest of what was typed; one of two at the same time gets it.

    Every answer runs the same two statements, so that no clock tells a code that has a hidden
    one from a code that has none.
    """
    statement = (
        HIDDEN.update()
        .where(HIDDEN.c.code == code, HIDDEN.c.digest == digest, HIDDEN.c.claimed_at.is_(None))
        .values(claimed_at=now)
    )
    done = connection.execute(statement).rowcount == 1
    standing = connection.execute(select(HIDDEN.c.digest).where(HIDDEN.c.code == code)).scalar()
    fits = compare_digest(standing or _NOBODYS, digest)
    if done:
        return "claimed"
    return "already" if fits and standing else "wrong"


_END = HIDDEN.delete().where(HIDDEN.c.code == bindparam("of_code"), HIDDEN.c.claimed_at.is_(None))


def _claimed(connection: Connection, codes: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(codes), 500):  # below SQLite's limit of bound values
        statement = select(HIDDEN.c.code).where(HIDDEN.c.code.in_(codes[start : start + 500]))
        found.update(connection.execute(statement).scalars())
    return found


def _utc(moment: datetime) -> datetime:
    """SQLite forgets the zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
