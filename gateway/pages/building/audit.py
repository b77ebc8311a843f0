"""What an auditor is shown: the log's head, its entries, one entry in words and as it stands."""

import json
from collections.abc import Mapping, Sequence
from typing import Literal

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.pages.building.article import audit_command
from gateway.pages.building.explore import Distrust, TypeCounts, type_lines
from gateway.pages.building.heads_over_time import checkpoint_lines, growth, witness_lines
from gateway.pages.building.reading import author_time, checking, published_leaf
from gateway.pages.building.steps import People, all_facts
from gateway.pages.views import (
    AuditResult,
    Completeness,
    EntryView,
    Finding,
    LogView,
    SubjectLine,
)
from gateway.wiring import Installation
from gateway.workflows.audit_log import LAST_REPORT
from ledger.core.checkpoint import Checkpoint
from ledger.core.envelope import Ref, parse_at
from ledger.core.note import Note
from ledger.core.tiles import tiles_of
from ledger.errors import InvalidRecord, MissingEvidence
from ledger.store import checkpoints, log

NEWEST = 5  # checkpoints on the first page


def log_view(installation: Installation, connection: Connection, counts: TypeCounts) -> LogView:
    note_bytes = installation.log.get("checkpoint")
    checkpoint = installation.verifier().checkpoint
    note = Note.parse(note_bytes)
    signed = checkpoints.of_size(connection, checkpoint.size)
    head = log.read_head(connection)
    if signed is None or head is None:
        raise MissingEvidence("this database did not sign the visible checkpoint")
    types = counts.at(connection)
    return LogView(
        tree_size=checkpoint.size,
        root=checkpoint.root.hex(),
        origin=checkpoint.origin,
        vkey=str(installation.vkey),
        signed_at=parse_at(signed.signed_at),
        policy=_policy(installation),
        checkpoint=note_bytes.decode(),
        types=tuple(type_lines(types)),
        completeness=_completeness(head.heads_through, checkpoint),
        witnesses=tuple(one.name for one in note.signatures if one.name != checkpoint.origin),
        last_audit=_last_audit(installation),
        checkpoint_href="/log/checkpoint",
        tiles_href=f"/log/{next(iter(tiles_of(checkpoint.size))).path}",
        policy_href="/log/policy",
        archive_href="/auditor/log.zip",
        commands=(audit_command(installation), "lotproof audit log.zip --policy policy"),
        growth=growth(connection, checkpoint.size),
        newest=checkpoint_lines(installation, connection, None, NEWEST)[0],
        known_witnesses=tuple(witness_lines(installation, connection)),
        statements=types.get("evidence.stated", (0, 0))[0],
    )


# What ``ledger.audit`` checked, in the words that pages have for it; the rest belongs to these.
CHECKS = {
    "checkpoint": "checkpoint-signature",
    "tree": "root",
    "consistency": "consistency",
    "linear chain": "log-chain",
    "signatures": "signatures",
    "key scopes by index": "keys",
    "subject chains": "subject-chains",
    "heads": "heads",
    "rules and quantities": "quantities",
    "grades": "grades",
    "openings": "openings",
    "cosignatures": "cosignatures",
}
VERDICTS: Mapping[str, Literal["verified", "failed", "could-not-verify"]] = {
    "verified": "verified",
    "failed": "failed",
    "unverified": "could-not-verify",
}


def _last_audit(installation: Installation) -> AuditResult | None:
    """What the last ``lotproof audit`` of this home found; None when there was none, or it is unreadable."""
    try:
        report = json.loads((installation.policy_path.parent / LAST_REPORT).read_bytes())
        checked = [CHECKS[name] for name in report["checked"] if name in CHECKS]
        return AuditResult(
            verdict=VERDICTS[report["verdict"]],
            at=parse_at(report["at"]),
            tree_size=report["tree_size"],
            checked=tuple(checked),
            not_checked=tuple(slug for slug in CHECKS.values() if slug not in checked),
            findings=tuple(
                Finding(text=finding["message"], entry_index=finding["entry"])
                for finding in report["findings"]
            ),
        )
    except (OSError, ValueError, KeyError, TypeError, InvalidRecord):
        return None


def entry_view(installation: Installation, connection: Connection, index: int) -> EntryView:
    """Raises NotFound, ProofError when it is not the entry that was published."""
    leaf = published_leaf(installation, connection, index)
    if leaf.index != index:
        raise NotFound(str(index))
    head = log.read_head(connection)
    size = head.size if head else 0
    published = index < installation.verifier().checkpoint.size
    with checking(f"entry {index}"):
        body, people = leaf.record.body, People(connection)
        return EntryView(
            index=index,
            type=body.type,
            at=author_time(body),
            recorded_at=parse_at(leaf.recorded_at),
            event_id=leaf.record.event_id,
            leaf_hash=leaf.hash.hex(),
            previous_leaf_hash=leaf.previous,
            signers=people.signers(leaf),
            subjects=tuple(
                SubjectLine(id=link.id, href=_subject_href(link.id), seq=link.seq, prev=link.prev)
                for link in body.subjects
            ),
            refs=tuple(_refs(connection, body.refs)),
            facts=tuple(all_facts(body.data)),
            committed=tuple(body.commit),
            raw=json.dumps(json.loads(leaf.encoded), ensure_ascii=False, indent=2),
            raw_href=f"/v1/entries/{index}",
            proof_href=f"/v1/entries/{index}/proof" if published else "",
            distrusted=Distrust(connection).signed(leaf),
            previous_href=f"/auditor/entries/{index - 1}" if index else "",
            next_href=f"/auditor/entries/{index + 1}" if index + 1 < size else "",
        )


def _refs(connection: Connection, refs: Sequence[Ref]) -> list[SubjectLine]:
    lines = []
    for ref in refs:
        seqs = {event_id: seq for _, seq, event_id in log.chain(connection, ref.id)}
        href = _subject_href(ref.id)
        lines.append(SubjectLine(id=ref.id, href=href, seq=seqs.get(ref.event_id, 0), prev=ref.event_id))
    return lines


def _subject_href(subject: str) -> str:
    return f"/auditor/subjects/{subject}"


def _completeness(through: int, checkpoint: Checkpoint) -> Completeness | None:
    return Completeness(through=min(through, checkpoint.size - 1)) if through >= 0 else None


def _policy(installation: Installation) -> str:
    try:
        return installation.policy_path.read_text()
    except OSError as error:
        raise MissingEvidence("the auditor's policy is not there") from error
