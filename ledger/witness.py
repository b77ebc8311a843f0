"""Cosign what only ever grew (C2SP tlog-witness): checkpoints that extend the one cosigned before.

A request, as ``POST <prefix>/add-checkpoint`` carries it:

    old <size>
    <base64 hash>                   0..63 lines: the consistency proof from <size>

    <signed checkpoint>

Checked in this order: form 400 · origin 404 · log signature 403 · old beyond the checkpoint 400 · old is
what we cosigned last 409 · consistency 422 · with a follower, every entry 422 · then 200. What was
cosigned last is compared, replaced and durable in one transaction, before anything is answered.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

from ledger.core import cosignature, merkle
from ledger.core.checkpoint import Checkpoint
from ledger.core.cosignature import COSIGNATURE_ED25519, CosignatureVerifier
from ledger.core.encoding import decode_base64, decode_decimal
from ledger.core.keys import VerifierKey
from ledger.core.note import Note, NoteVerifier, Signature
from ledger.core.policy import Policy
from ledger.errors import LyingLog, MissingEvidence, ProofError, Rollback, StorageError
from ledger.ports import Clock, Signer
from ledger.store.witnessed import Cosigned, Evidence, WitnessFile
from ledger.witness_keys import Handovers, WatchedKeys, check_in_force

BODY_BYTES_MAX = 128 * 1024  # the longest proof and sixteen post-quantum signatures
TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
RETRY_AFTER_S = 5
logger = logging.getLogger("lotproof.witness")


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A well-formed request; nothing in it is verified yet."""

    old: int
    path: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, body: bytes) -> "AddCheckpoint":
        """Raises ProofError, naming the first thing that is malformed."""
        head, separator, note_bytes = body.partition(b"\n\n")
        if not separator:
            raise ProofError("a request has an empty line before the checkpoint")
        try:
            old_line, *proof_lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise ProofError("the lines before the checkpoint are not ASCII") from error
        if not old_line.startswith("old "):
            raise ProofError("a request starts with: old <size>")
        old = decode_decimal(old_line.removeprefix("old "))
        if len(proof_lines) > merkle.PATH_MAX:
            raise ProofError(f"a consistency proof has at most {merkle.PATH_MAX} lines")
        path = tuple(decode_base64(line) for line in proof_lines)
        if any(len(hash_) != merkle.HASH_SIZE for hash_ in path):
            raise ProofError(f"every hash in a proof is {merkle.HASH_SIZE} bytes")
        note = Note.parse(note_bytes)
        return cls(old, path, note, Checkpoint.parse(note.text))


@dataclass(frozen=True, slots=True)
class Answer:
    """In the words of the protocol: an HTTP status, a body and its media type."""

    status: int
    body: str
    media_type: str = TEXT
    retry_after_s: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """kind: of the evidence that the request is (``store.witnessed.Evidence``), "" for none."""

    answer: Answer
    kind: str = ""
    reason: str = ""


class Followed(Protocol):
    """The replay of one log: ``ledger.follow``."""

    @property
    def log_keys(self) -> Sequence[tuple[int, bytes]]:
        """The keys that the entries reached so far name, behind the index of each entry."""

    def reach(self, checkpoint: Checkpoint) -> None:
        """Return when every entry of the tree holds; see ``Follower.reach`` for what it raises."""


class Witness:
    """Cosigns for the logs of a policy with one key. name: of the key.

    followers: by origin, whose logs are replayed before they are cosigned. handovers: by origin, what
    the log publishes when it changes its key.
    """

    def __init__(
        self,
        file: WitnessFile,
        policy: Policy,
        *,
        name: str,
        signer: Signer,
        clock: Clock,
        followers: Mapping[str, Followed] | None = None,
        handovers: Mapping[str, Handovers] | None = None,
    ) -> None:
        self.key = VerifierKey(name, signer.public_key, COSIGNATURE_ED25519)
        self._file = file
        self._signer = signer
        self._clock = clock
        self._followers = followers or {}
        self.keys = WatchedKeys(policy, handovers)
        self.origins = self.keys.origins
        self._by_hash = {sha256(origin.encode()).hexdigest(): origin for origin in self.origins}

    def add_checkpoint(self, body: bytes) -> Answer:
        """Judge one request and cosign, or say why not; what is cosigned is durable on return.

        Raises StorageError when the file fails: then nothing was cosigned and nothing may be claimed.
        """
        try:
            request = AddCheckpoint.parse(body)
        except ProofError as error:
            return _said(400, str(error))
        if request.checkpoint.origin not in self.origins:
            return _said(404, "this witness does not know the log")
        try:
            held = self.keys.held(request.note, request.checkpoint)
        except ProofError as error:
            return _said(403, str(error))
        if request.old > request.checkpoint.size:
            return _said(400, "old is larger than the checkpoint")
        follower = self._followers.get(request.checkpoint.origin)
        answer = self._answered(request, body, held, may_cosign=follower is None)
        if answer is None and follower is not None:
            answer = self._replayed(follower, request, body)
            # Another request may have been cosigned meanwhile: everything is compared anew.
            answer = answer or self._answered(request, body, held, may_cosign=True)
        assert answer is not None
        return answer

    def checkpoint(self, origin_hash: str) -> bytes | None:
        """The latest cosigned checkpoint. origin_hash: SHA-256 of the origin, 64 lower-case hex digits."""
        origin = self._by_hash.get(origin_hash)
        head = self._file.cosigned(origin) if origin is not None else None
        return head.note if head else None

    def cosigned(self) -> dict[str, Cosigned | None]:
        """What was cosigned last, by origin, in the order of the policy."""
        return {origin: self._file.cosigned(origin) for origin in self.origins}

    def check_published(self, note_bytes: bytes) -> None:
        """Raises Rollback when a log's published checkpoint carries a cosignature that we forgot.

        A checkpoint that is not this log's, or without our cosignature, says nothing about us.
        """
        try:
            note = Note.parse(note_bytes)
            checkpoint = Checkpoint.parse(note.text)
            note.verified_by([CosignatureVerifier(self.key)])
        except ProofError:
            return
        head = self._file.cosigned(checkpoint.origin)
        size, root = (head.size, head.root) if head else (0, merkle.EMPTY_ROOT)
        if checkpoint.size > size or (checkpoint.size == size and checkpoint.root != root):
            raise Rollback(
                f"{checkpoint.origin} shows our cosignature of a tree of {checkpoint.size} entries, and "
                f"{self._file.path} knows {size}: an old copy was put back. Never cosign with this key "
                "again; make a new witness in a new folder (docs/run-a-witness.md)"
            )

    def _answered(
        self, request: AddCheckpoint, body: bytes, held: Sequence[NoteVerifier], *, may_cosign: bool
    ) -> Answer | None:
        """Refuse or cosign in one transaction; None when only ``may_cosign`` is missing."""
        with self._file.writing():
            known = self._file.cosigned(request.checkpoint.origin)
            refusal = refused(request, known)
            if refusal is None and not may_cosign:
                return None
            if refusal is None:
                line = self._cosign(request, held, known)
            elif refusal.kind:
                self._keep(request, body, refusal, known)
        # From here on it is durable; a crash now costs the answer, and the same request gets it again.
        if refusal is not None:
            return refusal.answer
        if known is None or known.size < request.checkpoint.size:
            logger.info("%s: cosigned a tree of %d", request.checkpoint.origin, request.checkpoint.size)
        return _said(200, line)

    def _replayed(self, follower: Followed, request: AddCheckpoint, body: bytes) -> Answer | None:
        try:
            follower.reach(request.checkpoint)
            check_in_force(request.note, request.checkpoint, follower.log_keys)
        except ProofError as error:
            kind = "replay" if isinstance(error, LyingLog) else "unproven"
            refusal = Refusal(_said(422, f"refused on replaying the log: {error}"), kind, str(error))
            with self._file.writing():
                known = self._file.cosigned(request.checkpoint.origin)
                self._keep(request, body, refusal, known)
            return refusal.answer
        except (MissingEvidence, StorageError) as error:
            return replace(_said(503, f"not replayed yet: {error}"), retry_after_s=RETRY_AFTER_S)
        return None

    def _keep(self, request: AddCheckpoint, body: bytes, refusal: Refusal, known: Cosigned | None) -> None:
        checkpoint = request.checkpoint
        found = Evidence(
            kind=refusal.kind,
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=checkpoint.root,
            reason=refusal.reason,
            body=body,
            known=known.note if known else b"",
            seen_at=self._now(),
        )
        if self._file.keep(found):
            logger.warning(
                "%s: refused a tree of %d, kept as evidence (%s): %s",
                checkpoint.origin, checkpoint.size, refusal.kind, refusal.reason,
            )  # fmt: skip

    def _cosign(self, request: AddCheckpoint, held: Sequence[NoteVerifier], known: Cosigned | None) -> str:
        """The cosignature line; the file holds the new head when the transaction ends."""
        checkpoint, text, now = request.checkpoint, request.note.text, self._now()
        timestamp = max(now, known.timestamp) if known else now
        signature = self._signer.sign(cosignature.message(timestamp, text))
        ours = Signature(self.key.name, self.key.id, timestamp.to_bytes(8, "big") + signature)
        ids = {(verifier.name, verifier.id) for verifier in held}
        theirs = dict.fromkeys(s for s in request.note.signatures if (s.name, s.key_id) in ids)
        note = str(Note(text, (*theirs, ours))).encode()
        if known is not None and known.note == note:
            return ours.line  # asked twice within a second
        if timestamp > now:
            logger.warning(
                "%s: this clock is %d s behind our last cosignature, whose time is used again",
                checkpoint.origin, timestamp - now,
            )  # fmt: skip
        self._file.set_cosigned(
            Cosigned(checkpoint.origin, checkpoint.size, checkpoint.root, note, timestamp)
        )
        return ours.line

    def _now(self) -> int:
        return max(0, int(self._clock.now().timestamp()))


def refused(request: AddCheckpoint, known: Cosigned | None) -> Refusal | None:
    """Why a request whose log signature holds cannot be cosigned; None when it extends ``known``.

    known: what was cosigned last for its origin. At most 63 node hashes of work.
    """
    checkpoint = request.checkpoint
    size, root = (known.size, known.root) if known else (0, merkle.EMPTY_ROOT)
    forked = checkpoint.size == size and checkpoint.root != root
    kind, reason = ("fork", f"two roots for one tree size {size}") if forked else ("", "")
    if request.old != size:
        return Refusal(Answer(409, f"{size}\n", SIZE), kind, reason)
    try:
        _check_extends(request, size, root)
    except ProofError as error:
        same = known is not None and (checkpoint.size, checkpoint.root) == (size, root)
        if not kind and not same:
            kind, reason = "unproven", str(error)
        return Refusal(_said(422, f"consistency proof: {error}"), kind, reason)
    return None


def _check_extends(request: AddCheckpoint, size: int, root: bytes) -> None:
    """Raise ProofError unless the checkpoint extends the tree of ``size`` with ``root``."""
    checkpoint = request.checkpoint
    if size == 0 < checkpoint.size:
        if request.path:
            raise ProofError("from size 0 the proof is empty")
        return
    merkle.verify_consistency(
        old_size=size,
        old_root=root,
        tree_size=checkpoint.size,
        root=checkpoint.root,
        path=request.path,
    )


def _said(status: int, text: str) -> Answer:
    return Answer(status, text if text.endswith("\n") else f"{text}\n")
