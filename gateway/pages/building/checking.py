"""What a browser is given to check a code itself: the keys it trusts, the pack, one article's rows."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection

from exporters import audit_pack
from gateway.pages.building.article import Subject, pack_href
from gateway.pages.building.erased import line_of
from gateway.pages.building.reading import checking, history_of
from gateway.pages.building.steps import merged
from gateway.pages.consumer_words import CHECK_WORDS
from gateway.pages.views.checking import CheckView, PinnedKey
from gateway.problems import CouldNotCheck
from gateway.wiring import Installation
from ledger import pack_evidence
from ledger.core import canonical, policy
from ledger.core.encoding import encode_base64
from ledger.core.keys import key_id
from ledger.lots.state import KeyState
from ledger.pack_evidence import Histories, ProvedRow
from ledger.store.log import KEYS
from qrcodes import clear_host
from qrcodes.serial import printed

LABEL_SCOPE: Final = "labels.printed:custodian"  # whoever holds it may sign labels (docs/labels.md)
# Members of a row that the page of a code shows in words, and what ties them together. A row with any
# other, a serial number say, is opened for nobody here: a row is proved as a whole or not at all.
OPEN_MEMBERS: Final = frozenset({"n", "salt", "src", "measured", "override"})


def check_view(installation: Installation, connection: Connection, subject: Subject | None) -> CheckView:
    """subject: of a code; None for the page that waits for a pack or a signed label."""
    text = _policy(installation)
    code = subject.code if subject else ""
    return CheckView(
        code=code,
        shown_code=printed(code) if code else "",
        page_href=f"/q/{code}" if code else "",
        pack_href=pack_href(subject.lot) if subject else "",
        proof_href=f"/v1/codes/{code}/proof" if code else "",
        host=clear_host(installation.public_url),
        policy=text,
        known=audit_pack.known(),
        keys=(*_of_policy(text), *_of_labels(connection)),
        words=tuple(CHECK_WORDS),
        made_at=datetime.now(UTC),  # wall time: when this page was handed out
    )


def code_proof(installation: Installation, connection: Connection, subject: Subject) -> dict[str, Any]:
    """``{code, lot, level, rows}``: what a lot pack does not hold. rows: as in ``rows.json`` of a pack.

    That an article owns this code is private and cannot be proved; that its lot issued it is.
    """
    rows: Iterator[dict[str, Any]] = iter(())
    if subject.level == "article" and subject.items:
        rows = _open_rows(installation, connection, subject)
    return {"code": subject.code, "lot": subject.lot, "level": subject.level, "rows": list(rows)}


def _open_rows(
    installation: Installation, connection: Connection, subject: Subject
) -> Iterator[dict[str, Any]]:
    history = history_of(installation, connection, subject.lot)
    with checking(subject.lot):
        leaves = tuple((one.leaf, ()) for one in merged(history.records) if one.leaf is not None)
        histories = Histories(subject.lot, tuple(line_of(connection, subject.lot)), leaves, {})
        place = (subject.items[0].source_event, subject.items[0].source_n)
        types = {leaf.record.event_id: leaf.record.body.type for leaf, _ in leaves}
        for row in pack_evidence.rows(connection, histories, [place]):
            if types[row.event_id] == "lot.inspected":
                yield from _opened(row)


def _opened(row: ProvedRow) -> Iterator[dict[str, Any]]:
    value = canonical.loads(row.encoded)
    if isinstance(value, dict) and value.keys() <= OPEN_MEMBERS:
        path = [encode_base64(hash_) for hash_ in row.path]
        yield {"event_id": row.event_id, "part": row.part, "path": path, "row": value}


def _policy(installation: Installation) -> str:
    try:
        return installation.policy_path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise CouldNotCheck("the policy of this installation cannot be read") from error


def _of_policy(text: str) -> Iterator[PinnedKey]:
    trusted = policy.parse(text.encode())
    for key in trusted.log_keys:
        yield PinnedKey(
            kind="log", name=key.name, fingerprint=key_id(key.public_key), public_key=key.public_key.hex()
        )
    for name, key in trusted.witnesses.items():
        yield PinnedKey(
            kind="witness", name=name, fingerprint=key_id(key.public_key), public_key=key.public_key.hex()
        )


def _of_labels(connection: Connection) -> Iterator[PinnedKey]:
    """Keys that may sign labels, those that ended too: labels outlive them."""
    named = KEYS.c.state.contains(f'"{LABEL_SCOPE}"')
    for row in connection.execute(KEYS.select().where(named).order_by(KEYS.c.key_id)):
        state = KeyState.model_validate_json(row.state)
        if LABEL_SCOPE in state.scopes:
            yield PinnedKey(
                kind="label",
                name=state.party.partition(":")[2],
                fingerprint=state.id,
                public_key=state.public_key,
                registered_at=state.registered_at,
                ended_at=state.ended_at,
                distrust_from=state.distrust_from,
            )
