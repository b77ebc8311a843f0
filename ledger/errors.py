"""Everything the ledger may raise.

LedgerError
├── InvalidRecord           it breaks the profile, its model or a lot rule; nothing was written
│   └── NotYourLot          its author lacks the relation or key scope that the type demands
├── StaleSubject            another record came first; sign again on the new head
├── ProofError              a proof, signature, note or checkpoint does not verify
│   └── LyingLog            it verifies under the log's key, and what it signed does not hold
├── MissingEvidence         bytes or a policy needed to verify are absent; nothing is claimed
├── NotVisible              recorded and safe, but no public checkpoint covers it yet; ask again later
├── Rollback                this installation stands behind a head that was already shown
└── StorageError            the database or the tile store failed
    ├── StorageUnavailable  transient; the same call may be retried
    └── StorageConflict     an object exists with other bytes; stop and look
"""


class LedgerError(Exception):
    """Root of every error this package raises on purpose."""

    code = "ledger-error"  # stable, published: clients match on it, never on the text


class InvalidRecord(LedgerError):
    """A record that can never be accepted as it is.

    pointer: JSON pointer (RFC 6901) into the submission, "" for the whole.
    """

    code = "invalid-record"

    def __init__(self, message: str, *, pointer: str = "") -> None:
        super().__init__(f"{pointer}: {message}" if pointer else message)
        self.message = message
        self.pointer = pointer


class NotYourLot(InvalidRecord):
    code = "not-your-lot"


class StaleSubject(LedgerError):
    """The chain or a reference has moved since the author signed.

    head: hex event id that the author must sign on; seq: its position in the chain.
    """

    code = "stale-subject"

    def __init__(self, *, subject: str, head: str, seq: int) -> None:
        super().__init__(f"{subject} has moved on; its last record is {seq}:{head}")
        self.subject = subject
        self.head = head
        self.seq = seq


class ProofError(LedgerError):
    code = "proof-error"


class LyingLog(ProofError):
    code = "lying-log"


class MissingEvidence(LedgerError):
    code = "missing-evidence"


class NotVisible(LedgerError):
    code = "not-visible"


class Rollback(LedgerError):
    code = "rollback"


class StorageError(LedgerError):
    code = "storage-error"


class StorageUnavailable(StorageError):
    code = "storage-unavailable"


class StorageConflict(StorageError):
    code = "storage-conflict"
