"""Write a record: the body with its chain heads, fresh salts, signatures.

What an outsider does by hand or with ``lotproof sign``, for the parties whose keys are at hand.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ledger.core import canonical, manifest
from ledger.core.canonical import JsonValue
from ledger.core.commitments import SALT_SIZE, Opening, commitment
from ledger.core.envelope import print_at, signing_input
from ledger.core.keys import key_id
from ledger.core.subjects import START, subject_id
from ledger.errors import InvalidRecord
from ledger.lots.state import View
from ledger.ports import Signer
from ledger.record import Submission
from ledger.store.log import Rows


@dataclass(frozen=True, slots=True)
class Hand:
    """A party that signs: its id, its key, the role it signs in."""

    party: str
    signer: Signer
    role: str

    @property
    def key(self) -> str:
        return key_id(self.signer.public_key)


@dataclass(frozen=True, slots=True)
class Place:
    """A party that will sign elsewhere, with a key that never comes here. key: its id."""

    party: str
    key: str
    role: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A record about to be written. subjects: existing or new ids; refs: ids relied on.

    hands: who signs, the author first. committed: field -> value. rows: the rows behind each manifest
    in ``data``, by part.
    """

    type: str
    hands: Sequence[Hand | Place]
    data: Mapping[str, Any]
    subjects: Sequence[str] = ()
    refs: Sequence[str] = ()
    committed: Mapping[str, JsonValue] = field(default_factory=dict)
    rows: Sequence[Rows] = ()
    performed_by: str | None = None
    offset: str = "+08:00"


def write(draft: Draft, *, origin: str, at: datetime, view: View) -> Submission:
    """Fill in chain heads, draw salts, sign with every hand. Raises InvalidRecord for an unknown ref."""
    unsigned = compose(draft, origin=origin, at=at, view=view)
    message = signing_input(unsigned.body)
    signatures = []
    for hand in draft.hands:
        assert isinstance(hand, Hand), "who signs elsewhere cannot sign here"
        signatures.append(hand.signer.sign(message))
    return replace(unsigned, signatures=tuple(signatures))


def compose(draft: Draft, *, origin: str, at: datetime, view: View) -> Submission:
    """As ``write``, with no signature yet."""
    openings = {
        name: Opening(value, secrets.token_bytes(SALT_SIZE)) for name, value in draft.committed.items()
    }
    body: dict[str, Any] = {
        "v": 1,
        "type": draft.type,
        "origin": origin,
        "subjects": [_link(view, name) for name in sorted(draft.subjects)],
        "refs": [_ref(view, name) for name in sorted(draft.refs)],
        "signers": [{"party": hand.party, "key": hand.key, "role": hand.role} for hand in draft.hands],
        "at": print_at(at),
        "offset": draft.offset,
        "data": {name: value for name, value in draft.data.items() if value is not None},
        "commit": {name: commitment(name, opening) for name, opening in openings.items()},
    }
    if draft.performed_by:
        body["performed_by"] = draft.performed_by
    return Submission(canonical.dumps(body), (), openings, tuple(draft.rows))


def new_id(kind: str) -> str:
    """A fresh subject or worker id: 100 random bits."""
    return subject_id(kind, secrets.token_bytes(13))


def salted_rows(facts: Sequence[Mapping[str, Any]], *, part: str = "") -> Rows:
    """Rows with fresh salts, numbered in order."""
    rows = (manifest.row(n, secrets.token_bytes(SALT_SIZE), dict(row)) for n, row in enumerate(facts))
    return Rows(part, tuple(rows))


def described(rows: Rows, schema: str) -> dict[str, Any]:
    """The manifest member for ``rows``. schema: ``name/version``."""
    return {"schema": schema, "count": len(rows.rows), "rows_root": manifest.root(rows.rows)}


def _link(view: View, name: str) -> dict[str, Any]:
    subject = view.subject(name)
    if subject is None:
        return {"id": name, "seq": 0, "prev": START}
    return {"id": name, "seq": subject.head.seq + 1, "prev": subject.head.event_id}


def _ref(view: View, name: str) -> dict[str, Any]:
    subject = view.subject(name)
    if subject is None:
        raise InvalidRecord(f"{name} does not exist", pointer="/refs")
    return {"id": name, "event_id": subject.head.event_id}
