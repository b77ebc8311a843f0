"""Fill in what a record needs beside its facts, and judge it before anybody signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from gateway.wiring import Installation
from ledger import author
from ledger.author import Draft, Hand, Place, described, new_id, salted_rows
from ledger.core.canonical import JsonValue
from ledger.core.envelope import print_at
from ledger.core.subjects import KINDS
from ledger.errors import InvalidRecord, MissingEvidence
from ledger.lots.judge import judge
from ledger.pending import Pending
from ledger.store import log
from ledger.store.log import Rows
from ledger.store.view import StoredView

_SALTED = frozenset({"n", "salt", "erased"})  # members of a row that its author does not choose


@dataclass(frozen=True, slots=True)
class Facts:
    """The rows behind one manifest, without salts. part: a child's id in a split, "" elsewhere."""

    part: str
    schema: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record as its author thinks of it. subjects: ids, or a bare kind for a new one.

    committed: field -> value. rows: their manifests are filled into ``data``.
    """

    type: str
    subjects: Sequence[str]
    signers: Sequence[Place]
    data: Mapping[str, Any]
    refs: Sequence[str] = ()
    committed: Mapping[str, JsonValue] = field(default_factory=dict)
    rows: Sequence[Facts] = ()
    performed_by: str | None = None
    offset: str = "+00:00"


def prepare(installation: Installation, connection: Connection, wanted: Wanted) -> Pending:
    """The bytes to sign: chain heads, fresh salts, manifests. Stores nothing.

    Raises what recording it would raise, except for the signatures that are missing.
    """
    return compose(installation, connection, drafted(wanted))


def drafted(wanted: Wanted) -> Draft:
    """With ids for what is new, fresh salts for its rows, and their manifests."""
    data = dict(wanted.data)
    rows = [_salted(facts, data) for facts in wanted.rows]
    return Draft(
        wanted.type,
        wanted.signers,
        data,
        [new_id(name) if name in KINDS else name for name in wanted.subjects],
        wanted.refs,
        wanted.committed,
        rows,
        wanted.performed_by,
        wanted.offset,
    )


def compose(installation: Installation, connection: Connection, draft: Draft) -> Pending:
    """The draft on the heads of now, judged as if it were recorded now; nobody has signed yet."""
    head = log.read_head(connection)
    if head is None:
        raise MissingEvidence("the log is not opened yet")
    view, now = StoredView(connection, head), installation.clock.now()
    _check_hands(draft.hands)
    contents = author.compose(draft, origin=installation.config.origin, at=now, view=view)
    pending = Pending.of(contents, [None] * len(draft.hands))
    opened = {name: opening.value for name, opening in contents.open.items()}
    recorded_at = max(print_at(now), head.last_rec)
    judge(pending.typed, index=head.size, recorded_at=recorded_at, view=view, opened=opened)
    return pending


def _check_hands(hands: Sequence[Hand | Place]) -> None:
    if not hands:
        raise InvalidRecord("somebody signs every record", pointer="/signers")


def _salted(facts: Facts, data: dict[str, Any]) -> Rows:
    """Salt the rows and put their manifest where its part belongs."""
    for n, row in enumerate(facts.rows):
        if _SALTED & row.keys():
            raise InvalidRecord("n, salt and erased are not an author's to choose", pointer=f"/rows/{n}")
    rows = salted_rows(facts.rows, part=facts.part)
    holder = _holder(facts.part, data)
    if "manifest" in holder:
        raise InvalidRecord("comes from its rows, not with the data", pointer="/data/manifest")
    holder["manifest"] = described(rows, facts.schema)
    return rows


def _holder(part: str, data: dict[str, Any]) -> dict[str, Any]:
    """The member of ``data`` that the manifest of ``part`` is a member of; a copy stands in ``data``."""
    if part == "" and "remaining" not in data:
        return data
    if part == "":
        data["remaining"] = _copy(data["remaining"], "/data/remaining")
        holder: dict[str, Any] = data["remaining"]
        return holder
    children = data.get("children")
    if isinstance(children, list):
        for position, child in enumerate(children):
            if isinstance(child, dict) and child.get("id") == part:
                copied = dict(child)
                data["children"] = [*children[:position], copied, *children[position + 1 :]]
                return copied
    whole = data.get("child")
    if isinstance(whole, dict) and whole.get("id") == part:
        data["child"] = dict(whole)
        made: dict[str, Any] = data["child"]
        return made
    raise InvalidRecord(f"no part {part} in data", pointer="/rows")


def _copy(value: Any, pointer: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidRecord("is no object", pointer=pointer)
    return dict(value)
