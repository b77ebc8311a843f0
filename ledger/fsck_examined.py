"""What one look at a database found out, and what would put it right."""

from dataclasses import dataclass, field

from ledger.core.checkpoint import Checkpoint, open_checkpoint
from ledger.core.keys import VerifierKey
from ledger.core.note import LogVerifier, Note
from ledger.errors import ProofError


@dataclass(frozen=True, slots=True)
class EntryFix:
    """leaf: the bytes that belong at ``index``, None for those that are there; hash: what they hash to."""

    index: int
    hash: bytes
    leaf: bytes | None
    source: str


@dataclass(frozen=True, slots=True)
class CheckpointFix:
    size: int
    root: bytes
    note: bytes
    signed_at: str
    source: str


@dataclass(slots=True)
class Examined:
    """One look at a database.

    keys: every key that was the log's. right: leaf hashes of those entries whose bytes are not, by
    index. roots: of the sizes asked for. signed: (size, root) of the trees that the log signed and
    the entries give, ascending. sound: the entries up to the last of them are known by hash.
    """

    keys: list[VerifierKey]
    size: int = 0
    right: dict[int, bytes] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    signed: list[tuple[int, bytes]] = field(default_factory=list)
    sound: bool = False
    guards: list[str] = field(default_factory=list)
    entries: list[EntryFix] = field(default_factory=list)
    checkpoints: list[CheckpointFix] = field(default_factory=list)

    @property
    def fixes(self) -> int:
        return len(self.guards) + len(self.entries) + len(self.checkpoints)

    @property
    def signed_size(self) -> int:
        return self.signed[-1][0] if self.signed else 0

    def open(self, note: bytes) -> Checkpoint:
        """Raises ProofError when no key that was the log's signed it."""
        return open_checkpoint(note, self._signer(note))

    def as_signed(self, note: bytes, coming: VerifierKey | None) -> bytes:
        """The note with the log's own signatures alone, as it was before anyone cosigned it.

        coming: the key that the log changes to in this tree.
        """
        keys = [*self.keys, *([coming] if coming else [])]
        parsed = Note.parse(note)
        lines = {(one.name, one.id) for one in parsed.verified_by([LogVerifier(key) for key in keys])}
        own = tuple(s for s in parsed.signatures if (s.name, s.key_id) in lines)
        return str(Note(parsed.text, own)).encode()

    def _signer(self, note: bytes) -> VerifierKey:
        failed = ProofError("no key of the log is known")
        for key in reversed(self.keys):
            try:
                open_checkpoint(note, key)
            except ProofError as error:
                failed = error
            else:
                return key
        raise failed
